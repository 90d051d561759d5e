"""Characteristics of a cohort and of its groups: the paper's Tables 1 and 4."""

from necc.analysis.baseline.results import Characteristics, Comparison, Denominator, Group, Level, Row, Summary
from necc.analysis.baseline.table import by_sites, characteristics, compare, table_names

__all__ = [
    "Characteristics",
    "Comparison",
    "Denominator",
    "Group",
    "Level",
    "Row",
    "Summary",
    "by_sites",
    "characteristics",
    "compare",
    "table_names",
]
