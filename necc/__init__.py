"""NECC cohort explorer: recurrence sites, survival and treatment response in small cancer cohorts.

    >>> from necc import read_cohort, kaplan_meier, Selection
    >>> cohort = read_cohort("cohort.csv")
    >>> late = Selection.parse(["figo_stage=III,IVA"]).apply(cohort)
    >>> kaplan_meier(late, "PRS", by="site:lung").to_dict()

The public names below are loaded when they are first used, so that `import necc` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("necc")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0.0.0"

_HOME = {
    "AnalysisError": "necc.errors",
    "Cohort": "necc.cohort",
    "CohortError": "necc.errors",
    "Dictionary": "necc.dictionary",
    "Factor": "necc.cohort",
    "Finding": "necc.errors",
    "NeccError": "necc.errors",
    "OwnColumns": "necc.ingest",
    "Selection": "necc.selection",
    "inspect": "necc.ingest",
    "kaplan_meier": "necc.survival",
    "read_cohort": "necc.ingest",
    "response_rates": "necc.response",
    "site_distribution": "necc.recurrence",
    "survival_grid": "necc.survival",
}

__all__ = ["__version__", *_HOME]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'necc' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
