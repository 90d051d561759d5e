"""Counting, of rows that stand for one patient each or for several."""

from __future__ import annotations

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
