"""NECC cohort explorer: recurrence sites, survival and treatment response in small cancer cohorts.

    >>> from necc import read_cohort, kaplan_meier, Selection
    >>> cohort = read_cohort("cohort.csv")
    >>> late = Selection.parse(["figo_stage=III,IVA"]).apply(cohort)
    >>> kaplan_meier(late, "PRS", by="site:lung").to_dict()

The public names below are loaded when they are first used, so that `import necc` costs nothing.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from necc.core.lazy import lazily

try:
    __version__ = version("necc")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0.0.0"

__getattr__, _LATER = lazily(
    __name__,
    {
        "necc.analysis.baseline": (
            "characteristics",
            "compare",
        ),
        "necc.core.cohort": (
            "Cohort",
            "Factor",
        ),
        "necc.analysis.competing": ("cumulative_incidence",),
        "necc.core.dictionary": ("Dictionary",),
        "necc.core.errors": (
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
        "necc.analysis.prediction": ("compare_models",),
        "necc.analysis.recurrence": ("site_distribution",),
        "necc.analysis.regression": (
            "cox",
            "stepwise",
            "univariate",
        ),
        "necc.analysis.response": ("response_rates",),
        "necc.core.selection": ("Selection",),
        "necc.analysis.survival.curve": (
            "kaplan_meier",
            "survival_grid",
        ),
        "necc.analysis.survival": ("compare_survival",),
        "necc.analysis.survival.times": ("restricted_mean",),
        "necc.analysis.treatment": ("treatment_timing",),
    },
)
__all__ = ["__version__", *_LATER]  # noqa: PLE0604
