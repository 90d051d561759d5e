"""Arrays and frames that can't be written to: what a cohort or a result holds stays what was computed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

MANY = 100  # columns, from which on pandas warns of each that is put into a frame


def read_only(array: np.ndarray) -> np.ndarray:
    """The same numbers, which raise where they are written to; no copy is made."""
    if not array.flags.writeable:
        return array
    view = array.view()
    view.flags.writeable = False
    return view


class Frozen:
    """A dataclass whose arrays, also those in a tuple, can't be written to."""

    def __post_init__(self) -> None:
        held = vars(self)
        for name in [*held]:
            value = held[name]
            if isinstance(value, np.ndarray):
                held[name] = read_only(value)
            elif type(value) is tuple:
                for part in value:  # most tuples hold none, and a table of models makes hundreds
                    if isinstance(part, np.ndarray):
                        held[name] = tuple(read_only(p) if isinstance(p, np.ndarray) else p for p in value)
                        break


def freeze_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame, on the same values, which raise where they are written to; `view_of` it takes further columns."""
    arrays = {place: column.array for place, (_, column) in enumerate(frame.items())}
    for array in (frame.index.array, *arrays.values()):
        _freeze(array)
    frozen = pd.DataFrame(arrays, index=frame.index, copy=False)
    frozen.columns = frame.columns
    return frozen


def frozen_with(frame: pd.DataFrame, columns: Mapping[str, pd.Series]) -> pd.DataFrame:
    """A frozen frame with more columns, or others in place of some; the rest is shared, not copied.

    columns: by name, each of the frame's length and index; they are frozen, too.
    """
    if len(frame.columns) + len(columns) < MANY:
        wider = frame.copy(deep=False)
        for name, column in columns.items():
            wider[name] = column
    else:
        arrays = {str(name): column.array for name, column in frame.items()}
        wider = pd.DataFrame(arrays | {n: c.array for n, c in columns.items()}, index=frame.index, copy=False)
    for name in columns:
        _freeze(wider[name].array)
    return wider


def _freeze(array: object) -> None:
    values = getattr(array, "_ndarray", None)  # none: of Arrow, whose values never change
    if values is not None:
        values.flags.writeable = False


def view_of(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of its own on the values of a frozen one: a column that is added or replaced doesn't reach `frame`."""
    view = frame.copy(deep=False)
    for place in range(frame.shape[1]):
        array = frame.iloc[:, place].array
        if not hasattr(array, "_ndarray"):
            view.isetitem(place, array.copy())  # takes another Arrow table in place of its own where it is written to
    return view
