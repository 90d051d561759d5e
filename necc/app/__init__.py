"""The dashboard's side of the core: the only package that knows Streamlit."""

from __future__ import annotations

from necc.app.session.cache import cached, draw
from necc.app.session.state import get_state, whole
from necc.app.shell.frame import cohort, configure, frame
from necc.app.shell.navigation import navigation
from necc.app.widgets.choices import ALL_SITES, choose, choose_endpoint, choose_factor, choose_scheme, controls, switch
from necc.app.widgets.show import (
    caption,
    download,
    filter_by,
    filter_site,
    heading,
    left_out,
    need,
    notes,
    numbers,
    part,
    show,
    style_sheet,
    title,
)

__all__ = [
    "ALL_SITES",
    "cached",
    "caption",
    "choose",
    "choose_endpoint",
    "choose_factor",
    "choose_scheme",
    "cohort",
    "configure",
    "controls",
    "download",
    "draw",
    "filter_by",
    "filter_site",
    "frame",
    "heading",
    "left_out",
    "navigation",
    "need",
    "notes",
    "numbers",
    "part",
    "show",
    "get_state",
    "style_sheet",
    "switch",
    "title",
    "whole",
]
