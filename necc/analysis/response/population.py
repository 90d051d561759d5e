"""Whose response counts, and how a column becomes one: shared by rates, transitions and swimmer plot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from necc.core.cohort import Cohort, Factor
from necc.core.counts import Wanted
from necc.core.dictionary import RESPONSES
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.frozen import Frozen
from necc.core.responses import recist
from necc.core.text import joined, with_article

BEST, FINAL = "best", "final"
MISSING = "missing"
UNTOLD = "patients (the file doesn't say who received an ICI)"
# from best to worst; NE is none of them
ORDER = ("CR", "PR", "SD", "PD")


@dataclass(frozen=True, eq=False)
class Population(Frozen):
    """The patients a response is told of.

    mask: bool array over the cohort given. excluded: who isn't among them, and why. n_treated: how many of them
    received an ICI. noun: what they are called as a denominator. given: the flag that all of them have, if one is.
    """

    name: str
    mask: np.ndarray
    excluded: tuple[Exclusion, ...]
    n_treated: int
    noun: str = "treated patients"
    given: str = ""


def of_response(cohort: Cohort, given: Mapping[str, Any]) -> Wanted:
    """The columns that rates of response look at beside their arguments: responses, the treatment, the time to one.

    Raises:
        AnalysisError: no such column, or one that holds something else than responses.
    """
    asked = response_of(cohort, given.get("response") or BEST).name
    roles = [cohort.dictionary.role(name) for name in ("response_best", "response_final", "time_to_response")]
    return Wanted(names=tuple(n for n in (asked, cohort.dictionary.treatment, *roles) if n in cohort.columns))


def treated(cohort: Cohort, by: Factor | None = None) -> Population:
    """Who received an ICI; everybody where the file doesn't say; with and without where ICI itself makes the groups."""
    ici = cohort.dictionary.treatment
    if not cohort.has(ici) or cohort.dictionary.variables[ici].kind != "flag":
        return Population(UNTOLD, np.ones(len(cohort), dtype=bool), (), cohort.n_patients)
    codes = cohort.flag(ici)
    n_treated = cohort.n_of(codes == 1)
    without = Exclusion("no ICI", cohort.n_of(codes == 0))
    unknown = Exclusion("ICI not recorded", cohort.n_of(codes < 0))
    if by is not None and ici in (by.name, by.source):
        unrecorded = (unknown,) if unknown.n else ()
        return Population("patients with and without an ICI", codes >= 0, unrecorded, n_treated, "patients")
    left_out = tuple(e for e in (without, unknown) if e.n)
    return Population("patients who received an ICI", codes == 1, left_out, n_treated, given=ici)


def response_column(cohort: Cohort, name: str) -> str:
    """The column of the "best" or the "final" response; any other name is a column's own."""
    return cohort.dictionary.role(f"response_{name}") if name in (BEST, FINAL) else name


def plain_column(cohort: Cohort, name: str) -> str:
    """The column of a response whose levels are CR, PR, SD, PD and NE as they stand; "" where they are spelled else."""
    column = response_column(cohort, name)
    return column if set(cohort.factor(column).levels) <= set(RESPONSES) else ""


def response_of(cohort: Cohort, name: str) -> Factor:
    """A column as responses: levels CR, PR, SD, PD, NE, whatever of them occurs; missing is -1.

    Raises:
        AnalysisError: no such column, or one that holds something else than responses.
    """
    variable = cohort.variable(response_column(cohort, name))
    if variable.kind not in ("response", "category"):
        kind = with_article(variable.kind)
        raise AnalysisError(f"'{variable.name}' is {kind}, not a response ({', '.join(RESPONSES)})")
    column = cohort.whole.column(variable.name)
    levels = [str(level) for level in column.cat.categories]
    meant = [_response(level) for level in levels]
    used = np.bincount(column.cat.codes.to_numpy() + 1, minlength=len(levels) + 1)[1:] > 0
    if strange := [f"'{v}'" for v, code, there in zip(levels, meant, used, strict=True) if there and code < 0]:
        what = joined(strange[:5]) + (f" and {len(strange) - 5} more" if len(strange) > 5 else "")
        known = joined(list(RESPONSES), "or")
        raise AnalysisError(
            f"column '{variable.name}': {what} can't be read as a response; allowed are {known}. "
            "Say which is meant where the file was loaded, or with --answer on the command line"
        )
    lookup = np.array([*meant, -1], dtype=np.int16)
    codes = lookup[cohort.column(variable.name).cat.codes.to_numpy()]
    return Factor(variable.name, variable.label, RESPONSES, codes, variable.starts_at, variable.name,
                  patients=cohort.patients)  # fmt: skip


def _response(level: str) -> int:
    known = recist(level)
    return RESPONSES.index(known) if known else -1
