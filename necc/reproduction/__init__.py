"""A paper's tables and figures computed again, on its own patients or on others.

    recipe, findings = load_recipe()
    result = reproduce(recipe, cohort, findings)

What is computed, and how, is data (see `necc.reproduction.recipe`); every mark is computed.
"""

from necc.reproduction.forest import forest
from necc.reproduction.kinds import KINDS, Kind
from necc.reproduction.models import Term, hazard_ratio
from necc.reproduction.names import unknown_names
from necc.reproduction.own import Comparison, compare_ratios
from necc.reproduction.printed import Computed, Limits, Names, Side
from necc.reproduction.recipe import Layout, Line, Recipe, Step, load_recipe, parse_recipe
from necc.reproduction.replay import FLOW, MARKS, Cell, Mark, Passage, Reproduction, reproduce, tolerance
from necc.reproduction.tables import HOLDS, cell_table, in_words, own_table, ratio_table, render_text, rows_of

__all__ = [
    "FLOW",
    "HOLDS",
    "KINDS",
    "MARKS",
    "Cell",
    "Comparison",
    "Computed",
    "Kind",
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
    "cell_table",
    "compare_ratios",
    "forest",
    "hazard_ratio",
    "in_words",
    "load_recipe",
    "own_table",
    "parse_recipe",
    "ratio_table",
    "render_text",
    "reproduce",
    "rows_of",
    "tolerance",
    "unknown_names",
]
