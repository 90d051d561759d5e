"""Where a text has room on a chart of step curves: in a corner where no curve is, else above the plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from necc.present.figures.steps import StepFrame
from necc.present.figures.style import Json, note
from necc.present.svg import block_size, plain, wrap

PAD = 0.012  # share of the plot kept free around a text
WIDEST = 0.62  # share of the plot that a text in a corner takes at most
MOST_ROWS = 6  # of one line of text that is broken
SIDES = {"left": 0.015, "right": 0.99}
CORNERS = (("top", "right"), ("bottom", "left"), ("bottom", "right"), ("top", "left"))


@dataclass(frozen=True)
class Box:
    """A part of the plot, as shares of it from the lower left corner."""

    left: float
    low: float
    right: float
    high: float

    @property
    def inside(self) -> bool:
        return self.left >= 0 and self.right <= 1 and self.low >= 0 and self.high <= 1


@dataclass(frozen=True, eq=False)
class Room:
    """The plot with what is drawn on it.

    data: traces on the first axes. low, high: ends of the value axis.
    """

    frame: StepFrame
    data: Sequence[Json]
    low: float
    high: float

    def holds(self, item: Json, bands: bool = False) -> bool:
        """Whether a text lies on the plot and no curve, mark or line runs through it; `bands`: and no band below it."""
        box = self._box(item)
        if not box.inside:
            return False
        lower: np.ndarray | None = None
        for trace in self.data:
            x, y = self._across(trace["x"]), self._up(trace["y"])
            if trace["mode"] == "markers":
                if (_meets(x, x, box.left, box.right) & _meets(y, y, box.low, box.high)).any():
                    return False
            elif not trace["line"].get("width"):  # the limits of a band: the lower one, then the upper one
                if lower is not None and bands and _runs(x, lower, y, box):
                    return False
                lower = y if lower is None else None
            elif _runs(x, y, y, box) or _falls(x, y, box):
                return False
        return True

    def _box(self, item: Json) -> Box:
        width, height = block_size(item["text"], item["font"]["size"])
        across, down = width / self.frame.across, height / self.frame.plot
        left = item["x"] - across * (item["xanchor"] == "right")
        low = item["y"] - down * (item["yanchor"] == "top")
        return Box(left, low, left + across, low + down)

    def _across(self, values: Sequence[float]) -> np.ndarray:
        time, frame = np.array(values, dtype=float), self.frame
        if not frame.first:
            return time / frame.end
        first, last = np.log10([frame.first, frame.end])
        result: np.ndarray = (np.log10(np.maximum(time, 1e-12)) - first) / (last - first)
        return result

    def _up(self, values: Sequence[float]) -> np.ndarray:
        result: np.ndarray = (np.array(values, dtype=float) - self.low) / (self.high - self.low)
        return result


def _meets(a: np.ndarray, b: np.ndarray, low: float, high: float) -> np.ndarray:
    """Whether each stretch from `a` to `b` meets the one between two limits."""
    result: np.ndarray = (np.minimum(a, b) <= high + PAD) & (np.maximum(a, b) >= low - PAD)
    return result


def _runs(x: np.ndarray, low: np.ndarray, high: np.ndarray, box: Box) -> bool:
    """Whether something between two levels runs through the box: each holds until the next time."""
    along = _meets(x[:-1], x[1:], box.left, box.right)
    return bool((along & _meets(low[:-1], high[:-1], box.low, box.high)).any())


def _falls(x: np.ndarray, y: np.ndarray, box: Box) -> bool:
    """Whether a step up or down goes through the box."""
    there = _meets(x[1:], x[1:], box.left, box.right)
    return bool((there & _meets(y[:-1], y[1:], box.low, box.high)).any())


def beside(
    said: Sequence[str], room: Room, rising: bool, again: Callable[..., StepFrame]
) -> tuple[StepFrame, list[Json]]:  # fmt: skip
    """Lines of text beside the curves, best where no band is either; above the plot where there is no such corner.

    rising: the curves go up. again: makes the frame once more, with `above` pixels between legend and plot.
    """
    frame, style = room.frame, room.frame.style
    look = {"size": style.small, "color": style.ink("text")}

    def broken(width: float) -> str:
        rows = [row for line in said for row in wrap(line, style.small, width, lines=MOST_ROWS)]
        return "<br>".join(map(plain, rows))

    text = broken(WIDEST * frame.across)
    for bands in (True, False):
        for up, side in CORNERS[::-1] if rising else CORNERS:
            place = {
                "x": SIDES[side],
                "xanchor": side,
                "align": side,
                "y": 0.97 if up == "top" else 0.03,
                "yanchor": up,
            }
            item = {**note(style, 0, 0, text, "x domain", "y domain", font=look), **place}
            if room.holds(item, bands):
                return frame, [item]
    shift = round(-0.5 * frame.left, 1)
    text = broken(style.px + shift - frame.left / 2)
    gap = 3 * style.unit + 0.6 * style.font  # half of the axis' highest number stands there
    frame = again(above=block_size(text, style.small)[1] + gap + 3 * style.unit)
    item = note(style, 0, 1 + gap / frame.plot, text, "x domain", "y domain", yanchor="bottom",
                xshift=shift, align="left", font=look)  # fmt: skip
    return frame, [item]
