"""One result, asked of one program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from necc.analysis.competing import CumulativeIncidence
from necc.analysis.opinion import lifelines, scikit
from necc.analysis.opinion.results import Number
from necc.analysis.recurrence.timing import Timing
from necc.analysis.regression import CoxModel, UnivariateTable
from necc.analysis.regression.groups import HazardRatios
from necc.analysis.survival import KaplanMeier, Parametric, RestrictedMean, SurvivalGrid
from necc.analysis.survival.compare import SurvivalComparison
from necc.core.cohort import Cohort
from necc.core.extras import need

Package = Literal["lifelines", "scikit-survival"]
Asking = Callable[[Any, Cohort, Mapping[str, object]], Iterator[Number]]
ANSWERS: Mapping[Package, Mapping[type, Asking]] = {
    "lifelines": {
        KaplanMeier: lifelines.survival, SurvivalGrid: lifelines.grid, Timing: lifelines.timing,
        SurvivalComparison: lifelines.comparison, RestrictedMean: lifelines.restricted_means,
        CoxModel: lifelines.model, UnivariateTable: lifelines.table, HazardRatios: lifelines.ratios,
        Parametric: lifelines.fitted_families,
    },
    "scikit-survival": {
        KaplanMeier: scikit.survival, SurvivalGrid: scikit.grid, CoxModel: scikit.model,
        UnivariateTable: scikit.table, HazardRatios: scikit.ratios, CumulativeIncidence: scikit.incidence,
    },
}  # fmt: skip


def version_of(program: Package) -> str:
    """The version that is installed; "" where none is.

    Example:
        >>> version_of("lifelines").startswith("0.")
        True
    """
    try:
        return version(program)
    except PackageNotFoundError:
        return ""


def ask(
    program: Package, result: object, cohort: Cohort, arguments: Mapping[str, object] | None = None
) -> tuple[Number, ...]:
    """The numbers of a result beside those of a program, which computes them from the cohort's patients.

    Args:
        program: which.
        result: what is shown.
        cohort: the patients that it is of.
        arguments: with which it was computed, as the units of a model's numbers.

    Returns:
        One pair a number; none where the program doesn't compute such results.

    Raises:
        MissingExtra: it isn't installed.
        Exception: whatever the program raises where it can't.

    Example:
        >>> numbers = ask("lifelines", kaplan_meier(cohort, "PRS"), cohort)
        >>> len(numbers) > 100, max(abs(n.ours - n.theirs) for n in numbers if n.what == "survival") < 1e-9
        (True, True)
    """
    module = {"lifelines": "lifelines", "scikit-survival": "sksurv"}[program]
    need(module, "prediction", "a second opinion")
    asking = ANSWERS[program].get(type(result))
    return tuple(asking(result, cohort, arguments or {})) if asking else ()
