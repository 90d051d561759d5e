"""What a cohort and a result can do that is written in later rooms: looked up by name when it is asked for.

Rooms import only rooms before them. People still write `cohort.km("OS").plot()`, and not three imports: the methods of
`Cohort` and the shows of `Result` are the only ones that look ahead, and all of them by this function.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def beyond(module: str, name: str) -> Any:
    """A public function or class of a later room.

    Example:
        >>> beyond("necc.analysis.survival", "kaplan_meier").__name__
        'kaplan_meier'
    """
    return getattr(import_module(module), name)
