"""Counting, of rows that stand for one patient each or for several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


def tally(cells: np.ndarray, patients: np.ndarray | None = None, minlength: int = 0) -> Counts:
    """Patients in each cell.

    Args:
        cells: int array, shape (n,), from 0 on.
        patients: how many patients each row stands for, int array, shape (n,); None where each is one.
        minlength: the least number of cells that come back.

    Returns:
        int64 array, shape (n_cells,).

    Example:
        >>> import numpy as np
        >>> from necc.core.tally import tally
        >>> tally(np.array([0, 2, 2]), np.array([5, 1, 1]), 4).tolist()
        [5, 0, 2, 0]
    """
    if patients is None:
        return np.asarray(np.bincount(cells, minlength=minlength), dtype=np.int64)
    return np.bincount(cells, patients, minlength).astype(np.int64)  # sums in floats: exact below 2^53


def n_of(mask: np.ndarray, patients: np.ndarray | None = None) -> int:
    """Patients of whom something holds; bool array, shape (n,).

    Example:
        >>> import numpy as np
        >>> from necc.core.tally import n_of
        >>> n_of(np.array([True, False]), np.array([5, 1]))
        5
    """
    return int(np.count_nonzero(mask) if patients is None else patients[mask].sum())


def quantiles(values: np.ndarray, shares: Sequence[float], patients: np.ndarray | None = None) -> tuple[float, ...]:
    """Quantiles of numbers, type 7 of R's `quantile` [1].

    Args:
        values: float array, shape (n,), without NaN; at least one patient has one.
        shares: between 0 and 1.
        patients: how many patients each value stands for, int array, shape (n,); None where each is one.

    References:
        1. Hyndman RJ, Fan Y. Am Stat 1996;50:361-5. doi:10.1080/00031305.1996.10473566

    Example:
        >>> import numpy as np
        >>> from necc.core.tally import quantiles
        >>> quantiles(np.array([1.0, 4.0]), (0.25, 0.5), np.array([3, 1]))
        (1.0, 1.0)
    """
    if patients is None:
        return tuple(np.quantile(values, tuple(shares)).tolist())
    order = np.argsort(values)
    ascending, ends = values[order], np.cumsum(patients[order])
    places = np.asarray(shares) * (ends[-1] - 1)
    below = np.floor(places)
    low, high = (ascending[np.searchsorted(ends, at, side="right")] for at in (below, np.ceil(places)))
    return tuple((low + (places - below) * (high - low)).tolist())
