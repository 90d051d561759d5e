"""What is known about sites and timing, and the loaded cohort beside it.

    library, findings = load_library()
    result = stand_beside(cohort, library)

Facts are data with their source (necc/paper/data/literature.toml). For each the cohort's own figure is computed where
it has the columns, and whether the published figure lies in its 95 % interval; facts about one measure are set beside
each other. None of it is medical advice.
"""

from necc.paper.literature.beside import (
    ADVICE,
    Disagreement,
    Literature,
    Own,
    Standing,
    disagreements,
    of_the_literature,
    stand_beside,
)
from necc.paper.literature.library import (
    Comparison,
    Fact,
    Library,
    Source,
    load_library,
    parse_library,
    shipped_library,
)

__all__ = [
    "ADVICE",
    "Comparison",
    "Disagreement",
    "Fact",
    "Library",
    "Literature",
    "Own",
    "Source",
    "Standing",
    "disagreements",
    "load_library",
    "of_the_literature",
    "parse_library",
    "shipped_library",
    "stand_beside",
]
