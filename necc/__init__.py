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
        "necc.baseline": (
            "characteristics",
            "compare",
        ),
        "necc.cohort": (
            "Cohort",
            "Factor",
        ),
        "necc.competing": ("cumulative_incidence",),
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
        "necc.prediction": ("compare_models",),
        "necc.recurrence": ("site_distribution",),
        "necc.regression": (
            "cox",
            "stepwise",
            "univariate",
        ),
        "necc.response": ("response_rates",),
        "necc.selection": ("Selection",),
        "necc.survival": (
            "kaplan_meier",
            "survival_grid",
        ),
        "necc.survival_tests": ("compare_survival",),
        "necc.survival_times": ("restricted_mean",),
        "necc.treatment": ("treatment_timing",),
    },
)
__all__ = ["__version__", *_LATER]  # noqa: PLE0604
