"""A figure as a Plotly chart to zoom into, handed to the browser without being checked a second time."""

from __future__ import annotations

import copy
from typing import Any

from plotly.basedatatypes import BaseFigure  # type: ignore[import-untyped]  # Plotly ships no types


class Chart(BaseFigure):
    """A description that Streamlit passes on as it is.

    Streamlit has Plotly check whatever is no `BaseFigure`, which costs more than all else on a page. The tests let
    Plotly check every figure once (tests/test_figures.py).
    """

    def __init__(self, spec: dict[str, Any]) -> None:  # the base class checks and copies; this doesn't
        self._spec = copy.deepcopy(spec)
        layout = self._spec["layout"]
        layout["dragmode"] = "zoom"
        for name, axis in layout.items():
            if name.startswith(("xaxis", "yaxis")):
                axis["fixedrange"] = False

    def to_dict(self) -> dict[str, Any]:
        return self._spec
