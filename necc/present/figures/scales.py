"""Where ticks stand, and how many steps of a curve a screen can show."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from necc.core.text import MINUS

STEPS = {
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 480, 960),
    "days": (1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1095, 1825, 3650, 7300),
    "weeks": (1, 2, 4, 8, 13, 26, 52, 104, 156, 260, 520, 1040),
}


def tick_text(value: float) -> str:
    """A number under a tick: as many decimals as it has, commas, never a power of ten."""
    return (f"{value + 0.0:,.9f}".rstrip("0").rstrip(".") or "0").replace("-", MINUS)


def time_ticks(end: float, unit: str, most: int = 8) -> list[float]:
    """Ticks from 0 to `end` in steps a clinician counts in (0, 6, 12 ... months); at most `most` of them."""
    if end <= 0:
        return [0.0]
    for step in STEPS.get(unit, ()):
        if step <= end * 1.0001 and end / step < max(most, 2):
            return [float(step * i) for i in range(int(end / step * 1.0001) + 1)]
    return nice_ticks(end, most)


def ratio_at(place: float) -> float:
    """The ratio that stands at a place of a logarithmic axis."""
    return math.exp(place)


def place_of(ratio: float) -> float:
    """Where a ratio stands on a logarithmic axis."""
    return math.log(ratio)


def step_ticks(end: float, step: float) -> list[float]:
    """Ticks from 0 to `end` in steps that were asked for."""
    return [round(step * i, 10) for i in range(int(end / step * (1 + 1e-9)) + 1)]


def nice_ticks(end: float, most: int = 6) -> list[float]:
    """Ticks from 0 to `end` in steps of 1, 2 or 5 times a power of ten."""
    if end <= 0:
        return [0.0]
    power = 10.0 ** math.floor(math.log10(end / max(most, 2)))
    step = next(m * power for m in (1, 2, 5, 10, 20) if end / (m * power) < max(most, 2))
    return [round(step * i, 10) for i in range(int(end / step * 1.0001) + 1)]


def log_ticks(first: float, end: float, unit: str, most: int = 8) -> list[float]:
    """Ticks of a logarithmic time axis, those that a clinician counts in, at most some `most` of them."""
    decades = [m * 10.0**power for power in range(-3, 6) for m in (1, 2, 5)]
    ticks: list[float] = []
    for tick in STEPS.get(unit, decades):
        apart = not ticks or math.log(tick / ticks[-1]) >= math.log(end / first) / most
        if first <= tick <= end and apart:
            ticks.append(float(tick))
    return ticks or [end]


def spread_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Ticks that take in `low` and `high`, in steps of 1, 2 or 5 times a power of ten."""
    ticks = nice_ticks(max(high - low, 1e-9), most)
    step = ticks[1] if len(ticks) > 1 else high - low
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(step * i, 10) for i in range(first, last + 1)]


def along(ticks: Sequence[float], first: float, end: float) -> list[float]:
    """Where ticks stand on an axis, as shares of its length; it is logarithmic from `first`, linear from 0 without."""
    if not first:
        return [tick / end for tick in ticks]
    whole = max(math.log(end / first), 1e-9)
    return [math.log(tick / first) / whole for tick in ticks]


def axis_end(last: float, unit: str, most: int = 8) -> float:
    """Where a time axis ends: at the last observation, or at the next tick when that is near."""
    if not last > 0:
        return 1.0
    ticks = time_ticks(last, unit, most)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else last
    next_tick = math.ceil(last / step - 1e-9) * step
    return next_tick if next_tick - last <= 0.25 * step else last * 1.01


def last_per_pixel(time: np.ndarray, end: float, pixels: int) -> np.ndarray:
    """Rows of a step curve that a screen can tell apart: the last one in each column of pixels, and the last of all.

    time: ascending, shape (n,). A later step of the same column covers the earlier, so nothing visible is lost.
    """
    if len(time) <= pixels:
        return np.arange(len(time))
    column = np.floor(time / end * pixels).astype(np.int64)
    return np.flatnonzero(np.append(column[1:] != column[:-1], True))
