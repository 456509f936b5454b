"""Holds crates that `dormouse export STUDY --format ro-crate --to CRATE` wrote against the profiles they claim.

    ro_crate.py CRATE... [--context FILE]

Needs roc-validator (this was written with 0.13.0). Every REQUIRED check of RO-Crate 1.1 and of Process Run Crate 0.5
has to pass; what is only RECOMMENDED is counted and listed, once for each kind. The validator fetches the JSON-LD
context of RO-Crate 1.1 from the network; --context gives it the same file (docs/_specification/1.1/context.jsonld of
the repository ResearchObject/ro-crate) where there is none. Other addresses are not fetched then.

Prints a line for each crate and profile; the status is 0 when all of them conform.
"""

import argparse
import collections
import email.message
import io
import json
import sys
import types
import urllib.error
import urllib.response

import rdflib.parser
from rocrate_validator import models, services
from rocrate_validator.utils import http

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILES = ["ro-crate-1.1", "process-run-crate-0.5"]


def pin(path):
    """Lets the validator and rdflib find the context in a file, and nothing else anywhere."""
    data = open(path, "rb").read()

    def get(self, url, **_):
        if url != CONTEXT:
            raise RuntimeError(f"{url} is not fetched")
        return types.SimpleNamespace(
            status_code=200, headers={"Content-Type": "application/ld+json"}, content=data,
            text=data.decode(), json=lambda: json.loads(data))

    def urlopen(request):
        if request.full_url != CONTEXT:
            raise urllib.error.URLError(f"{request.full_url} is not fetched")
        headers = email.message.Message()
        headers["Content-Type"] = "application/ld+json"
        return urllib.response.addinfourl(io.BytesIO(data), headers, request.full_url, 200)

    http.HttpRequester.get = get
    http.HttpRequester.head = get
    rdflib.parser._urlopen = urlopen


def check(crate, profile):
    """Whether every REQUIRED check passes."""
    outcome = {}
    for severity in (models.Severity.REQUIRED, models.Severity.RECOMMENDED):
        result = services.validate(
            models.ValidationSettings(
                rocrate_uri=crate, profile_identifier=profile, requirement_severity=severity,
                abort_on_first=False))
        outcome[severity] = list(result.get_issues(min_severity=severity))
    required = outcome[models.Severity.REQUIRED]
    advice = [i for i in outcome[models.Severity.RECOMMENDED] if i.severity < models.Severity.REQUIRED]
    print(f"{crate} {profile}: {len(required)} REQUIRED issues, {len(advice)} of RECOMMENDED checks")
    for issue in required[:20]:
        print(f"  REQUIRED {issue.check.identifier}: {issue.message} ({issue.violatingEntity})")
    for (identifier, message), n in sorted(
        collections.Counter((i.check.identifier, " ".join(i.message.split())) for i in advice).items()):
        print(f"  recommended, {n} times: {identifier}: {message[:160]}")
    return not required


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("crates", nargs="+")
    parser.add_argument("--context")
    options = parser.parse_args()
    if options.context:
        pin(options.context)
    conform = [check(crate, profile) for crate in options.crates for profile in PROFILES]
    sys.exit(0 if all(conform) else 1)


if __name__ == "__main__":
    main()
