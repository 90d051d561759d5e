"""What stands under a figure, and what is read out instead of it: functions of the result, a module a figure module."""

from __future__ import annotations

from collections.abc import Iterable

from necc.core.guardrails import FEW_AT_RISK

PALE = f"pale: fewer than {FEW_AT_RISK} patients at risk"


def bands_phrase(level: float, ci: str) -> str:
    """`bands: 95 % pointwise confidence limits (log-log)`."""
    return f"bands: {100 * level:g} % pointwise confidence limits ({ci})"


def arrows(interval: bool, ratio: bool) -> str:
    """What an arrow at the end of an axis of ratios says; empty where there is none.

    interval, ratio: whether one goes on beyond the axis, with its circle on the axis or without.
    """
    beyond = "an arrow without a circle: the ratio itself lies beyond the axis" if ratio else ""
    return "; ".join(filter(None, ["arrows: the interval goes on beyond the axis" if interval else "", beyond]))


def each(rows: Iterable[tuple[str, str]], mark: str = ": ") -> str:
    """`Lung: 2.38 (1.22–4.63); Bone: 1.02 (0.61–1.70)`: what the rows of a figure say, for those who can't see them."""
    return "; ".join(f"{label}{mark}{text}" for label, text in rows)
