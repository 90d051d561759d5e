"""Columns in the order of bytes that this machine counts in; those of instruments may have the other."""

from __future__ import annotations

import numpy as np
import pandas as pd


def native(values: pd.Series) -> pd.Series:
    """The column with the machine's order of bytes, which pandas needs to count its values; mostly the same one.

    Example:
        >>> import numpy as np
        >>> import pandas as pd
        >>> from necc.core.native import native
        >>> native(pd.Series(np.array([1.5, 2.5], dtype=">f8"))).dtype.isnative
        True
    """
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and not dtype.isnative:
        return values.astype(dtype.newbyteorder("="))
    return values
