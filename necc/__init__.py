"""NECC cohort explorer: recurrence sites, survival and treatment response in small cancer cohorts.

    >>> from necc import read_cohort, kaplan_meier, Selection
    >>> cohort = read_cohort("cohort.csv")
    >>> late = Selection.parse(["figo_stage=III,IVA"]).apply(cohort)
    >>> kaplan_meier(late, "PRS", by="site:lung").to_dict()

The public names below are loaded when they are first used, so that `import necc` costs nothing.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from necc.lazy import lazily

try:
    __version__ = version("necc")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0.0.0"

__getattr__, _LATER = lazily(
    __name__,
    {
        "necc.cohort": (
            "Cohort",
            "Factor",
        ),
        "necc.dictionary": ("Dictionary",),
        "necc.errors": (
            "AnalysisError",
            "CohortError",
            "Finding",
            "NeccError",
        ),
        "necc.ingest": (
            "OwnColumns",
            "inspect",
            "read_cohort",
        ),
        "necc.recurrence": ("site_distribution",),
        "necc.response": ("response_rates",),
        "necc.selection": ("Selection",),
        "necc.survival": (
            "kaplan_meier",
            "survival_grid",
        ),
    },
)
__all__ = ["__version__", *_LATER]  # noqa: PLE0604
