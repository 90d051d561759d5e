"""The dashboard's side of the core: the only package that knows Streamlit.

A page chooses one of its views; what a view chooses, computes and shows is a function in `necc.app.views`.
"""

from __future__ import annotations

from necc.app.shell.frame import cohort, configure, frame
from necc.app.shell.navigation import navigation
from necc.app.shell.room import room
from necc.app.widgets.show import need

__all__ = ["cohort", "configure", "frame", "navigation", "need", "room"]
