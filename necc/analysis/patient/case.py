"""One patient within a cohort: her course, those like her, how they fared, and survival from today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from necc.analysis.patient.course import Clock, alone, courses, timed_treatment
from necc.analysis.patient.few import without_few, without_few_at_risk, without_few_matches
from necc.analysis.patient.results import Case, Origin, Received
from necc.analysis.patient.similar import of_one_file, others_than, similar
from necc.analysis.proportions import exact_ci
from necc.analysis.response.population import BEST, response_column, response_of
from necc.analysis.survival import ConditionalSurvival, KaplanMeier, conditional_survival, kaplan_meier
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.dictionary import RESPONSES, Variable
from necc.core.errors import AnalysisError
from necc.core.guardrails import FEW_AT_RISK, LEAST_CURVE, LEAST_TEST, tells_of_few
from necc.core.names import numbers_in
from necc.core.result import answers
from necc.core.text import format_number, joined, plural
from necc.core.time_to_event import noise_of

NOT_RECORDED = "not recorded"
RESPONDED = RESPONSES[:2]
MOST_FACTS = 12
FACT_KINDS = ("category", "number", "flag")


@answers
@public
def case(
    cohort: Cohort,
    patient: Cohort | int,
    fields: str | Iterable[str] | None = None,
    endpoint: str | None = None,
    *,
    at_least: int = LEAST_TEST,
    ahead: float | Iterable[float] = (6, 12, 24),
    smallest_cell: int = 0,
) -> Case:
    """A patient within a cohort; see `Case`.

    Args:
        cohort: the patients she is compared with, herself left out if she is one of them.
        patient: a cohort of one, such as `necc.ingest.entered` makes, or her place in the whole cohort, from 1 on.
        fields, at_least: the rule of who is like her, as `similar` takes it.
        endpoint: of the curves; the dictionary's main one without, else that of death.
        ahead: times from `since` on, as `conditional_survival` takes them.
        smallest_cell: groups of fewer patients, or of all others but fewer, aren't described, nor their numbers told; 0
            describes all.

    Raises:
        AnalysisError: no such patient, field or endpoint, or a smallest cell below 0.

    Example:
        >>> one = case(cohort, 2)
        >>> one.since, one.similar.n, [r.n for r in one.received][:2]
        (7.96, 13, [8, 3])
    """
    if smallest_cell < 0:
        raise AnalysisError(f"the smallest cell must be 0 (nothing is hidden) or more, not {smallest_cell}")
    her = alone(cohort.whole if isinstance(patient, int) else patient, patient if isinstance(patient, int) else None)
    others = others_than(cohort, her)
    found = similar(cohort, her, fields, at_least)
    alike, name = found.patients, _endpoint(cohort, endpoint)
    since, notes, ahead = _since(her, name), [], numbers_in(ahead, "times ahead")
    described = not tells_of_few(len(alike), len(others), smallest_cell)
    told = described and len(alike) > 0
    apart = told and bool(found.used)  # else they are all others, whose curve is there already
    died, had = bool(Clock(her).died[0] == 1), bool(name) and _has_had(her, name)
    hers = courses(her)[0]
    if not name:
        notes.append("the file has no time to an event, so there is no curve")
    elif since is None:
        notes.append("this patient's time under observation isn't recorded, so nothing can be said from today on")
    if name and not any(_is_death(cohort, other) for other in {name, *cohort.endpoint_names()}):
        label = cohort.endpoint(name).label
        notes.append(f"the file has no time to death: the curves are of '{label}' and tell nothing of survival")
    if not described:
        notes.append(f"fewer than {smallest_cell:,} patients are similar, or all but so few: they aren't described")
    curve = _curve(alike, name) if apart else None
    fared = courses(alike, hers.origin) if apart and len(alike) < LEAST_CURVE else ()
    given = received(alike, name, since) if told else ()
    response = response_of_treated(alike) if told else None
    whole, then = (_conditional(who, name, since, ahead, smallest_cell) for who in (others, alike))
    if apart and then is not None and not (died or had or _has_rows(then)):
        notes.append(_too_few_then(then))
    shown = tuple(kept for row in given if (kept := without_few(row, smallest_cell)))
    if told and since is not None:
        names = {row.name for row in shown}
        notes += _of_her_time([row for row in given if row.name in names])
    if len(shown) < len(given):
        notes.append(f"treatments that fewer than {smallest_cell:,} patients received, or didn't, aren't told")
    return Case(
        her, others, not of_one_file(cohort, her), hers, facts(her, cohort),
        *_sites(her), without_few_matches(found, smallest_cell), name, since,
        _curve(others, name), curve, whole if whole and _has_rows(whole) else None,
        then if apart and then and _has_rows(then) else None, fared, shown,
        without_few(response, smallest_cell) if response else None, tuple(notes), died, had,
        bool(name) and _is_death(cohort, name), described, whole.n if whole else None,
    )  # fmt: skip


def _is_death(cohort: Cohort, endpoint: str) -> bool:
    """Whether an endpoint's event is death alone, by the dictionary: that of a composite isn't."""
    known = cohort.dictionary.endpoints[endpoint]
    return not known.first_of and bool(known.event) and known.event == cohort.dictionary.role("death")


def _has_had(patient: Cohort, endpoint: str) -> bool:
    """Whether she is recorded to have had the endpoint's event."""
    return endpoint in patient.endpoint_names() and bool(patient.observed(endpoint)[1][0] == 1)


def _has_rows(result: ConditionalSurvival) -> bool:
    return any(row.estimate.value is not None for row in result.rows)


def _too_few_then(then: ConditionalSurvival) -> str:
    """Why nothing is told of those like her from her own time on: how many were left then, and at the first time."""
    row = then.rows[0]
    ahead = f"{format_number(row.ahead, 0)} {then.unit} later"
    if row.n_at_risk is None:
        return (
            f"too few similar patients were followed beyond this patient's time and still {ahead} to tell what followed"
        )
    were = "was" if then.n == 1 else "were"
    followed = f"{plural(then.n, 'similar patient')} {were} followed beyond this patient's time"
    return f"{followed}, {row.n_at_risk:,} of them still {ahead}: too few to tell what followed"


def _of_her_time(given: Sequence[Received]) -> list[str]:
    """What can't be said of those like her by her own time under observation."""
    if not (untimed := [row.label for row in given if row.n and row.n_by is None]):
        return []
    return [
        f"{joined(untimed)}: when it was given isn't recorded, so similar patients may have received it later than "
        "this patient's time under observation"
    ]


def _endpoint(cohort: Cohort, name: str | None) -> str:
    """The endpoint asked for; the main one without, else that of death, else any that the file has."""
    if name is not None:
        return cohort.endpoint(name).name
    there, role = cohort.endpoint_names(), cohort.dictionary.role
    wanted = (role("main_endpoint"), role("death_endpoint"), *there)
    return next((n for n in wanted if n in there), "")


def _since(patient: Cohort, endpoint: str) -> float | None:
    if not endpoint or endpoint not in patient.endpoint_names():
        return None
    time = float(patient.observed(endpoint)[0][0])
    return time if np.isfinite(time) else None


def _curve(cohort: Cohort, endpoint: str) -> KaplanMeier | None:
    """None without an endpoint, or of too few patients."""
    if not endpoint or cohort.endpoint(endpoint).n < LEAST_CURVE:
        return None
    return kaplan_meier(cohort, endpoint)


def _conditional(
    cohort: Cohort, endpoint: str, since: float | None, ahead: tuple[float, ...], smallest: int
) -> ConditionalSurvival | None:
    """None without a time; no number of fewer at risk than `smallest`."""
    if not endpoint or since is None or not ahead:
        return None
    result = conditional_survival(cohort, endpoint, since, ahead, least=max(FEW_AT_RISK, smallest))
    return without_few_at_risk(result, smallest)


def facts(patient: Cohort, cohort: Cohort) -> tuple[tuple[str, str], ...]:
    """What was known at diagnosis, as label and value: what patients are chosen by, treatments aside.

    Only what the cohort's file records of anybody; "not recorded" where it isn't recorded of her.

    Example:
        >>> facts(alone(cohort, 2), cohort)[0]
        ('Histology', 'NEC NOS')
    """
    known = cohort.dictionary
    names = [name for part in known.panel for name in part.names] or list(cohort.columns)
    names = [known.groupings[name].of if name in known.groupings else name for name in names]
    variables = [known.variables[n] for n in dict.fromkeys(names) if n in known.variables and cohort.has(n)]
    shown = [v for v in variables if v.starts_at == "baseline" and not v.lane and v.kind in FACT_KINDS]
    return tuple((v.label, _value(patient, v)) for v in shown[:MOST_FACTS])


def _value(patient: Cohort, variable: Variable) -> str:
    if not patient.has(variable.name) or patient.column(variable.name).isna().iloc[0]:
        return NOT_RECORDED
    value = patient.column(variable.name).iloc[0]
    if variable.kind != "number":
        return str(value)
    shown = format_number(float(value), 0 if float(value).is_integer() else 1)
    return f"{shown} {variable.unit}".strip()


def _sites(patient: Cohort) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Her sites, and her raw organs; None where they aren't recorded."""
    return _marked(patient.site_names, patient.site_matrix), _marked(patient.organ_names, patient.organs)


def _marked(names: tuple[str, ...], matrix: np.ndarray) -> tuple[str, ...] | None:
    """Those of some names that are marked; None where none is and some aren't recorded. matrix: shape (1, n_names)."""
    if not names:
        return None
    marked = tuple(name for name, value in zip(names, matrix[0], strict=True) if value == 1)
    return marked if marked or not (matrix[0] < 0).any() else None


# ---------------------------------------------------------------- what they received
def received(cohort: Cohort, endpoint: str = "", since: float | None = None) -> tuple[Received, ...]:
    """How many received each treatment after the recurrence: the dictionary's lane of it, and its timed treatment.

    A treatment given late was given to those who lived to receive it, so what was received isn't what works.

    Args:
        endpoint, since: a time under observation by which the timed treatment is counted once more; see `Received`.

    Example:
        >>> [(r.label, r.n, r.of) for r in received(cohort)][-1]
        ('Immune checkpoint inhibitor', 22, 75)
    """
    known = cohort.dictionary
    names = [v.name for v in known.variables.values() if v.lane == "treatment after recurrence"]
    if known.treatment:
        names.append(known.treatment)
    rows = []
    for name in dict.fromkeys(names):
        variable = known.variables.get(name)
        if variable is None or not cohort.has(name) or variable.kind not in ("flag", "number"):
            continue
        values = cohort.flag(name).astype(float) if variable.kind == "flag" else cohort.number(name)
        n, of = int((values > 0).sum()), int((values >= 0).sum())
        by = _started(cohort, endpoint, since) if name == known.treatment else (None, None, None)
        rows.append(Received(name, variable.label, n, of, exact_ci(n, of), *by))
    return tuple(rows)


def _started(cohort: Cohort, endpoint: str, since: float | None) -> tuple[float | None, int | None, int | None]:
    """The time, how many had started the timed treatment by then, and of how many alive and followed beyond it."""
    clock = Clock(cohort)
    origins: dict[str, Origin] = {e.name: "diagnosis" for e in (clock.dies, clock.recurs) if e}
    origins |= {clock.dies_after.name: "recurrence"} if clock.dies_after else {}
    if since is None or endpoint not in origins:
        return None, None, None
    timed = timed_treatment(clock, origins[endpoint])
    if timed is None or not np.isfinite(timed.start).any():
        return None, None, None
    outcome = cohort.endpoint(endpoint)
    until = since + noise_of(outcome.time)
    on = outcome.valid & (outcome.time > until) & (timed.given >= 0)
    on &= (timed.given == 0) | np.isfinite(timed.start)
    began = on & (timed.given == 1) & (timed.start <= clock.in_unit(np.array([until]), outcome.unit))
    return since, int(began.sum()), int(on.sum())


def response_of_treated(cohort: Cohort) -> Received | None:
    """How many responded (CR or PR as best response) of those who received the timed treatment and have one recorded.

    None without any.

    Example:
        >>> found = response_of_treated(cohort)
        >>> found.n, found.of
        (8, 16)
    """
    known = cohort.dictionary
    treatment, column = known.variables.get(known.treatment), response_column(cohort, BEST)
    if treatment is None or not cohort.has(treatment.name) or not cohort.has(column) or treatment.kind != "flag":
        return None
    try:
        response = response_of(cohort, column)
    except AnalysisError:  # a column of this name that holds other words than responses
        return None
    judged = (cohort.flag(treatment.name) == 1) & (response.codes >= 0)
    of = int(judged.sum())
    if not of:
        return None
    responded = [response.levels.index(level) for level in RESPONDED]
    n = int((judged & np.isin(response.codes, responded)).sum())
    return Received(column, response.label, n, of, exact_ci(n, of))
