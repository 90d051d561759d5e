"""A paper's tables and figures computed again, on its own patients or on others.

    recipe, findings = load_recipe()
    result = reproduce(cohort, recipe, findings)

What is computed, and how, is data (see `necc.paper.reproduction.recipe`); every mark is computed.
"""

from necc.paper.reproduction.kinds import KINDS, CellKind
from necc.paper.reproduction.models import Term, hazard_ratio
from necc.paper.reproduction.names import unknown_names
from necc.paper.reproduction.own import Comparison, compare_ratios, site_ratios
from necc.paper.reproduction.printed import Computed, Limits, Names, Side
from necc.paper.reproduction.recipe import Layout, Line, Recipe, Step, load_recipe, parse_recipe
from necc.paper.reproduction.replay import (
    FLOW,
    MARKS,
    Cell,
    Mark,
    Passage,
    Reproduction,
    of_the_paper,
    of_this_paper,
    printed_flow,
    printed_numbers,
    reproduce,
    tolerance,
)

__all__ = [
    "FLOW",
    "KINDS",
    "MARKS",
    "Cell",
    "Comparison",
    "Computed",
    "CellKind",
    "Layout",
    "Limits",
    "Line",
    "Mark",
    "Names",
    "Passage",
    "Recipe",
    "Reproduction",
    "Side",
    "Step",
    "Term",
    "compare_ratios",
    "hazard_ratio",
    "load_recipe",
    "of_the_paper",
    "of_this_paper",
    "parse_recipe",
    "printed_flow",
    "printed_numbers",
    "reproduce",
    "site_ratios",
    "tolerance",
    "unknown_names",
]
