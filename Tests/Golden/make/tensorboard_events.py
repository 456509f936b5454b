"""Event files by the real writers, and what TensorBoard's own reader says is in them.

    python Tests/Golden/make/tensorboard_events.py

Made with torch 2.15.0 (torch.utils.tensorboard), tensorboardX 2.6.5 and tensorboard 2.21.0 (TF2's form of a
scalar, and the reader). Writes Tests/InterchangeTests/Golden/tensorboard/: a log folder and expected.json,
values as the hexadecimal patterns of the doubles that the float32 are.
"""

import json
import math
import pathlib
import shutil
import struct

import numpy as np
import tensorboardX
from tensorboard.backend.event_processing import event_file_loader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins.scalar import summary_v2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util
from torch.utils.tensorboard import SummaryWriter

OUT = pathlib.Path(__file__).resolve().parents[2] / "InterchangeTests" / "Golden" / "tensorboard"
LOGS = OUT / "logs"
HOST = "host"


def pattern(value):
    return struct.pack(">d", value).hex()


def torch_run():
    """Scalars as simple_value, nested names, inf and nan, and a PR curve."""
    writer = SummaryWriter(str(LOGS / "torch"))
    for step in range(40):
        writer.add_scalar("loss/train", 1 / (step + 6), step * 10, walltime=1_700_000_000.25 + step)
    for step, value in enumerate([math.nan, math.inf, -math.inf, -0.0, 1e-42, 3.5]):
        writer.add_scalar("odd", value, step, walltime=1_700_000_100 + step)
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 2, 200)
    # Eighths, so that scores tie with each other; no count depends on rounding.
    scores = np.clip(np.round((labels * 0.25 + rng.random(200) * 0.75) * 8) / 8, 0, 1)
    writer.add_pr_curve("probe", labels, scores, 3, num_thresholds=33, walltime=1_700_000_200)
    writer.add_text("note", "a text", 0, walltime=1_700_000_300)
    writer.add_histogram("weights", rng.random(50), 0, walltime=1_700_000_300)
    writer.close()
    return labels, scores


def tf2_run():
    """Scalars as tensors of the plugin `scalars`, as TensorFlow 2 and JAX write them; a second file after a restart."""
    folder = LOGS / "tf2" / "train"
    for first, last in [(0, 12), (10, 20)]:
        writer = EventFileWriter(str(folder), filename_suffix=f".{first}")
        for step in range(first, last):
            event = event_pb2.Event(wall_time=1_700_001_000.5 + first * 100 + step, step=step)
            event.summary.CopyFrom(summary_v2.scalar_pb("accuracy", step / 3 + first))
            writer.add_event(event)
        writer.close()


def hparams_run():
    """hparams as tensorboardX writes them: a session start and end, a metric."""
    writer = tensorboardX.SummaryWriter(str(LOGS / "sweep"))
    writer.add_hparams(
        {"lr": 0.1, "layers": 4, "optimiser": "adam", "amsgrad": True},
        {"hparam/accuracy": 0.75, "hparam/loss": 1 / 3},
        name="trial-1", global_step=100)
    writer.close()


def shorten(folder):
    """Names without host, process and time, in the order they were written in."""
    for path in sorted(folder.rglob("events.out.tfevents.*")):
        parts = path.name.split(".")
        parts[3] = "1700000000"
        order = len(list(path.parent.glob("events.out.tfevents.1700000000.*")))
        path.rename(path.with_name(f"events.out.tfevents.1700000000.{HOST}.{order}"))


def expected():
    runs = {}
    for folder in sorted({path.parent for path in LOGS.rglob("events.out.tfevents.*")}):
        name = str(folder.relative_to(LOGS))
        points, tensors, records = {}, {}, 0
        for file in sorted(folder.glob("events.out.tfevents.*")):
            for event in event_file_loader.LegacyEventFileLoader(str(file)).Load():
                records += 1
                for value in event.summary.value:
                    plugin = value.metadata.plugin_data.plugin_name
                    if value.WhichOneof("value") == "simple_value":
                        number = value.simple_value
                    elif plugin == "scalars":
                        number = float(tensor_util.make_ndarray(value.tensor))
                    elif plugin == "pr_curves":
                        tensors[value.tag] = {
                            "step": event.step,
                            "rows": [[pattern(float(x)) for x in row] for row in tensor_util.make_ndarray(value.tensor)],
                        }
                        continue
                    else:
                        continue
                    points.setdefault(value.tag, []).append(
                        {"step": event.step, "value": pattern(number), "time": pattern(event.wall_time)})
        accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
        accumulator.Reload()
        for tag in accumulator.Tags()["scalars"]:  # the two readers of TensorBoard agree
            assert sorted((p.step, pattern(p.value)) for p in accumulator.Scalars(tag)) == sorted(
                (p["step"], p["value"]) for p in points[tag]), tag
        runs[name] = {"records": records, "points": points, "pr_curves": tensors}
    return runs


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    LOGS.mkdir(parents=True)
    labels, scores = torch_run()
    tf2_run()
    hparams_run()
    shorten(LOGS)
    document = {
        "runs": expected(),
        "probe": {"labels": [int(x) for x in labels], "scores": [pattern(float(x)) for x in scores]},
    }
    (OUT / "expected.json").write_text(json.dumps(document, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
