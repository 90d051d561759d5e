"""NECC cohort explorer: recurrence sites, survival and treatment response in small cancer cohorts.

    >>> from necc import read_cohort, kaplan_meier, Selection
    >>> cohort = read_cohort("cohort.csv")
    >>> late = Selection.parse(["figo_stage=III,IVA"]).apply(cohort)
    >>> result = kaplan_meier(late, "PRS", by="site:lung")
    >>> round(result.test.p, 3)
    0.394

The public names stand in `__init__.pyi`, and are loaded when they are first used: `import necc` costs nothing.
"""

from __future__ import annotations

from typing import Any

import lazy_loader

__version__ = "0.1.0"
_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]

_ASKED = {
    "km": "kaplan_meier", "conditional": "conditional_survival", "rmst": "restricted_mean", "test": "compare_survival",
    "grid": "survival_grid", "cif": "cumulative_incidence", "sites": "site_distribution", "timing": "site_timing",
    "response": "response_rates", "treatment": "treatment_timing",
}  # fmt: skip
"""Methods of a cohort whose functions have longer names."""


def __getattr__(name: str) -> Any:
    if name in __all__ or name.startswith("__"):
        return _load(name)
    try:
        return _load(name)
    except AttributeError:
        raise AttributeError(f"necc has no attribute '{name}'{_hint(name)}", name=name) from None


def _hint(name: str) -> str:
    """What a name that isn't here is meant to be; nothing where none is near."""
    import difflib  # a slip is rare, and an import is to cost nothing

    if name.lower() in _ASKED:
        return f"; the function is {_ASKED[name.lower()]}, and cohort.{name.lower()}() asks it"
    if name.lower() == "where":
        return "; cohort.where() filters a cohort"
    plain = {known.lower().replace("_", ""): known for known in __all__}
    close = difflib.get_close_matches(name.lower().replace("_", ""), plain, n=1)
    return f"; did you mean '{plain[close[0]]}'?" if close else "; dir(necc) lists its names"
