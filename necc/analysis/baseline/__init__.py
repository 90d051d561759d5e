"""Characteristics of a cohort and of its groups: the paper's Tables 1 and 4."""

from __future__ import annotations

from necc.analysis.baseline.results import Characteristics, Level, Row, Summary
from necc.analysis.baseline.table import by_sites, characteristics, compare, table_names

__all__ = [
    "Characteristics", "Level", "Row", "Summary", "by_sites", "characteristics", "compare", "table_names",
]  # fmt: skip
