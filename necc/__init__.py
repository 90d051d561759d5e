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

import lazy_loader

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]
