"""The dashboard's side of the core: the only package that knows Streamlit."""

from necc.app.about import CONVENTIONS, PRIVACY, facts, fold, prose
from necc.app.cache import cached, draw, style
from necc.app.choices import (
    ALL_SITES,
    choose,
    choose_endpoint,
    choose_factor,
    choose_scheme,
    choose_some,
    controls,
    enter,
    switch,
)
from necc.app.data import files, last_file, overview, own_columns
from necc.app.demand import on_demand, progress
from necc.app.frame import cohort, configure, frame
from necc.app.guards import guardrails
from necc.app.navigation import navigation
from necc.app.parts import caution, choose_times, choose_times_in, headline, odd_rows, site_grid
from necc.app.questions import (
    choose_causes,
    choose_comparison,
    choose_entry,
    choose_landmark,
    choose_tau,
    choose_treatment,
    incidence_panels,
    model_terms,
)
from necc.app.show import (
    caption,
    download,
    filter_by,
    filter_site,
    heading,
    need,
    nobody,
    notes,
    numbers,
    part,
    show,
    title,
)
from necc.app.state import state, whole
from necc.app.words import esc, md

__all__ = [
    "ALL_SITES", "CONVENTIONS", "PRIVACY", "cached", "caption", "caution", "choose", "choose_causes",
    "choose_comparison", "choose_endpoint", "choose_entry", "choose_factor", "choose_landmark", "choose_scheme",
    "choose_some", "choose_tau", "choose_times", "choose_times_in", "choose_treatment", "cohort", "configure",
    "controls", "download", "draw", "enter", "esc", "facts", "files", "filter_by", "filter_site", "fold", "frame",
    "guardrails", "heading", "headline", "incidence_panels", "last_file", "md", "model_terms", "navigation", "need",
    "nobody", "notes", "numbers", "odd_rows", "on_demand", "overview", "own_columns", "part", "progress", "prose",
    "show", "site_grid", "state", "style", "switch", "title", "whole",
]  # fmt: skip
