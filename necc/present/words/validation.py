"""What the validation sheet says around its tables."""

from __future__ import annotations

LEAD = (
    "Every estimator against something that is not this program: R (recorded, and replayed without it), calculation "
    "by hand, or another package. The largest difference is over all numbers compared: absolute for those below one, "
    "relative above; where one side has no number, the other must have none."
)
KNOWN = (
    "Uncorrected, Yates and Fisher tests differ; so do the log-log, log and plain limits of a curve. The sheet "
    "compares like with like, and every result names its convention.",
    "Where S(t) is exactly one half on a flat step, the median is the middle of the step (as in R), not its start.",
    "Times equal up to floating-point error are ties, as in R.",
    "The test of proportional hazards is the score test of R 3.0 and later, not the approximation of 1994.",
    "R stops a Cox fit while the coefficients still move in the eighth digit; recorded fits took one more step.",
)
ADDING = (
    "Record R's answers with a script `tests/recorded/<name>.R` into `tests/recorded/<name>.json` (data and answers, "
    "17 digits), and add a function to `tests/replays.py` that yields a name, our numbers and theirs for each case."
)


def written_by(command: str) -> str:
    return f"Written by `{command}`; a test compares this file with what the command writes."


def counted(n_checks: int, n_numbers: int) -> str:
    return f"{n_checks:,} checks, {n_numbers:,} numbers."
