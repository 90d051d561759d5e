"""Comparisons that several tests share."""

from __future__ import annotations

import math


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
