"""What several tests share: comparisons, and the words that no text may say."""

from __future__ import annotations

import math
import re


def close(a: float | None, b: float | str | None, tolerance: float = 1e-8) -> bool:
    """Equal to this relative tolerance; None (not estimable) equals none and R's "inf"."""
    if a is None or b in (None, "inf"):
        return a is None and b in (None, "inf")
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-12)


def no_nan(value: object) -> bool:
    """Whether a JSON-ready value holds neither NaN nor infinities nor anything JSON can't say."""
    if isinstance(value, dict):
        return all(isinstance(k, str) and no_nan(v) for k, v in value.items())
    if isinstance(value, list):
        return all(map(no_nan, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (str, int, bool))


# Words that claim a cause, which no text of ours may say. The second list is banned where numbers are told in
# sentences; elsewhere they are needed: a reason why a number is missing, the causes of competing risks, the influence
# of a patient on a model, a file to be saved.
CLAIMS = (
    r"affect\w*|effect\w*|due to|owing to|improv\w*|worsen\w*|benefit\w*|impact\w*|caused|causal\w*|causing|"
    r"lead(?:s|ing)? to|led to|result(?:s|ed|ing)? in|reduc\w*|increas\w*|decreas\w*|prolong\w*|shorten\w*|protect\w*|"
    r"prevent\w*|thanks to|consequence\w*|contribut\w*|driv(?:e|es|en|ing)|risk factor\w*|responsible|determines|"
    r"harm\w*|cure[ds]?|superior\w*|inferior\w*|effica\w*"
)
REASONS = (
    r"because|therefore|thus|hence|causes?|extend\w*|influenc\w*|help\w*|work(?:s|ed)?|save[ds]?|proves?|proven|"
    r"confirm\w*|significan\w*"
)
CLAIM = re.compile(rf"\b({CLAIMS})\b", re.IGNORECASE)
BANNED = re.compile(rf"\b({CLAIMS}|{REASONS})\b", re.IGNORECASE)
