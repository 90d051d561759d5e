"""Time to the first of several kinds of event: what happened to each patient, and by which rule it was told.

A recurrence is one moment with a label set: a patient may recur at several sites at once. Three rules turn that into
competing causes, and none of them is neutral:

    own cause        several sites at once are a cause of their own, "several sites"
    counted in each  each site is analysed by itself, with the site counted in whatever else was found; curves overlap
    hierarchy        the first site of a stated order that the patient has

Death before any recurrence competes with all of them. A file that keeps the cause as a status column of several codes
needs no rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from necc.core.arguments import public
from necc.core.cohort import SITES, Cohort
from necc.core.counts import Wanted, countable
from necc.core.dictionary import N_SITES, Stage, normalise
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.frozen import Frozen
from necc.core.result import Viewable, answers
from necc.core.tally import n_of
from necc.core.text import joined, plural
from necc.core.time_to_event import TimeToEvent, merge_equal_times

Rule = Literal["own cause", "counted in each", "hierarchy"]
RULES: tuple[Rule, ...] = get_args(Rule)
RULE_MEANING: dict[str, str] = {
    "own cause": "several sites at once are a cause of their own",
    "counted in each": "a recurrence at several sites counts for each of them; the other sites compete",
    "hierarchy": "a recurrence at several sites counts for the first in a stated order",
}
SEVERAL = "several sites"
ANY_EVENT = "Any event"  # its share under the endpoint's own name, "overall survival", would say the contrary
UNKNOWN_SITE = "site not recorded"
DEATH = "death without recurrence"
CENSORED_WORDS = ("0", "censored", "censor", "none", "no event", "no", "alive", "event free")


@dataclass(frozen=True)
class Asked:
    """How an outcome was asked for, by which a source of counts is asked again together with a group.

    endpoint, rule, hierarchy, causes, death: as in `competing_outcome`. time, status, censored, unit: as in
    `competing_from_columns`, in place of an endpoint.
    """

    endpoint: str = ""
    rule: Rule = "own cause"
    hierarchy: tuple[str, ...] = ()
    causes: str | None = None
    death: str = ""
    time: str = ""
    status: str = ""
    censored: str | None = None
    unit: str = ""

    @classmethod
    def by_endpoint(
        cls, cohort: Cohort, endpoint: str, rule: Rule, hierarchy: str | Sequence[str], causes: str | None, death: str
    ) -> Asked:
        """With the dictionary's endpoints where none is named."""
        role = cohort.dictionary.role
        return cls(
            endpoint or role("recurrence_endpoint"), rule, tuple(hierarchy), causes, death or role("death_endpoint")
        )

    def wanted(self, cohort: Cohort) -> Wanted:
        """What of the patients tells the causes."""
        if self.status:
            return Wanted(names=(self.time, self.status))
        if self.causes:
            return Wanted((self.endpoint,), (self.causes,))
        if not self.by_site(cohort):
            return Wanted((self.endpoint,))
        dies = () if _no_deaths(cohort, self.endpoint, self.death) else (self.death,)
        return Wanted((self.endpoint, *dies), sites=True, competing=bool(dies))

    def by_site(self, cohort: Cohort) -> bool:
        """Whether the causes are the sites of first recurrence."""
        return bool(cohort.site_names) and _is_recurrence(cohort, self.endpoint, self.death)


def causes_wanted(cohort: Cohort, given: Mapping[str, Any]) -> Wanted:
    """What of the patients tells the causes of an endpoint; given: the arguments of `competing_outcome`."""
    asked = Asked.by_endpoint(
        cohort, given.get("endpoint", ""), "own cause", (), given.get("causes"), given.get("death", "")
    )
    cohort.endpoint(asked.endpoint)  # tells what it lacks
    return asked.wanted(cohort)


def outcome_wanted(cohort: Cohort, given: Mapping[str, Any]) -> Wanted:
    """What of the patients tells an outcome's causes again; given: arguments with an `outcome`."""
    outcome = given["outcome"]
    if not isinstance(outcome, CompetingOutcome) or outcome.asked is None:
        raise AnalysisError(
            "the data are counts: give an outcome that competing_outcome or competing_from_columns made"
        )
    return outcome.asked.wanted(cohort)


@dataclass(frozen=True, eq=False)
class CompetingOutcome(Viewable):
    """Times and causes of a cohort's patients.

    time: float array, shape (n,), NaN where the patient can't be analysed. event: bool array, shape (n,): any cause.
    members: bool array, shape (n, n_causes): which causes the event counts for; several only where not `exclusive`.
    grid: float array, shape (n_times,); codes: int array, shape (n,), index into it, -1 where not analysed.
    made_of: the columns behind times and causes, "sites" and "n_sites" among them where the sites are the causes.
    patients: of a cohort of counts, how many each row stands for, int64, shape (n,); None where each is one.
    asked: how it was asked for.
    """

    single = True

    name: str
    label: str
    unit: str
    origin: str
    starts_at: Stage
    rule: str
    causes: tuple[str, ...]
    labels: tuple[str, ...]
    time: np.ndarray
    event: np.ndarray
    members: np.ndarray
    grid: np.ndarray
    codes: np.ndarray
    excluded: tuple[Exclusion, ...]
    notes: tuple[str, ...] = ()
    made_of: tuple[str, ...] = ()
    patients: np.ndarray | None = field(default=None, repr=False)
    asked: Asked | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.time)

    @property
    def valid(self) -> np.ndarray:
        return self.codes >= 0

    def n_of(self, mask: np.ndarray) -> int:
        """The patients of the rows where `mask` (bool, shape (n,)) holds."""
        return n_of(mask, self.patients)

    def of(self, cohort: Cohort) -> CompetingOutcome:
        """The outcome of a cohort's own rows, where these are the patterns of counts; else as it is."""
        asked = self.asked
        if cohort.patients is None or asked is None:
            return self
        if asked.status:
            return competing_from_columns(
                cohort, asked.time, asked.status, censored=asked.censored, unit=asked.unit
            )  # fmt: skip
        return competing_outcome(
            cohort, asked.endpoint, rule=asked.rule, hierarchy=asked.hierarchy, causes=asked.causes, death=asked.death
        )

    @property
    def exclusive(self) -> bool:
        """Whether every event has one cause."""
        return bool((self.members.sum(axis=1) <= 1).all())

    def to_frame(self) -> pd.DataFrame:
        """One row a patient: time, event, and a column for each cause; of counts, one a pattern, and its patients."""
        members = {cause: self.members[:, k] for k, cause in enumerate(self.causes)}
        counts = {} if self.patients is None else {"patients": self.patients}
        return pd.DataFrame({"time": self.time, "event": self.event, **members, **counts})

    def status(self, cause: str) -> np.ndarray:
        """int8 array, shape (n,): 1 this cause, 2 another, 0 censored; -1 where the patient isn't analysed."""
        mine = self.members[:, self.causes.index(cause)]
        return np.where(self.valid, np.where(mine, 1, np.where(self.event, 2, 0)), -1).astype(np.int8)


@answers
@public
@countable(also=causes_wanted)
def competing_outcome(
    cohort: Cohort,
    endpoint: str,
    *,
    rule: Rule = "own cause",
    hierarchy: str | Sequence[str] = (),
    causes: str | None = None,
    death: str = "",
) -> CompetingOutcome:
    """The causes of an endpoint's event.

    A column `causes` splits the event by its levels. Without it, the event of a recurrence endpoint is split by site,
    with death before recurrence from the endpoint `death` (by default the dictionary's). Any other has one cause.

    Args:
        rule: what to do with several sites at once; see the module.
        hierarchy: for the rule of this name, sites from first to last; sites it doesn't name follow in the scheme's
            order.

    Raises:
        AnalysisError: the endpoint, a column, a site or the rule doesn't exist.

    Example:
        >>> competing_outcome(cohort, "TTR").causes[-2:]
        ('other', 'several sites')
    """
    asked = Asked.by_endpoint(cohort, endpoint, rule, hierarchy, causes, death)
    return replace(_told(cohort, asked), asked=asked)


def _told(cohort: Cohort, asked: Asked) -> CompetingOutcome:
    endpoint = asked.endpoint
    outcome = cohort.endpoint(endpoint)
    if asked.causes:
        return _split(cohort, outcome, asked.causes)
    if asked.by_site(cohort):
        return _first_recurrence(cohort, outcome, asked.rule, asked.hierarchy, asked.death)
    notes = (*outcome.notes, "one cause of the event: the cumulative incidence is 1 − Kaplan-Meier")
    event = cohort.dictionary.endpoints[endpoint].event
    if _codes_lost(cohort, event):
        notes = (*notes, f"several codes of '{event}' count as censored; if one of them competes, this share is too "
                         f"high: {_with_codes(event)}")  # fmt: skip
    single = outcome.event[:, None] & outcome.valid[:, None]
    return _outcome(outcome, "", (outcome.name,), (ANY_EVENT,), outcome.time, outcome.event, single,
                    outcome.excluded, notes, cohort.dictionary.endpoints[endpoint].columns)  # fmt: skip


def _codes_lost(cohort: Cohort, column: str) -> bool:
    """Whether a file's several codes were read as the one event and as no event."""
    return any(f.code == "competing-codes" and f.column == column for f in cohort.findings)


def _with_codes(column: str) -> str:
    return f"read the file with status='{column}' in place of event=, which keeps the codes as causes"


def _is_recurrence(cohort: Cohort, endpoint: str, death: str) -> bool:
    known = cohort.dictionary.endpoints
    definition = known[endpoint]
    dies = known.get(death)
    if definition.first_of or endpoint == death or (dies and definition.event and definition.event == dies.event):
        return False
    return "sites" in definition.event_if or (not definition.event_if and definition.starts_at == "baseline")


# ---------------------------------------------------------------- first recurrence by site
def _first_recurrence(
    cohort: Cohort, outcome: TimeToEvent, rule: Rule, hierarchy: tuple[str, ...], death: str
) -> CompetingOutcome:
    sites = cohort.site_names
    outcome, dead, notes = _with_deaths(cohort, outcome, death)
    recurred = outcome.event & ~dead
    has = (cohort.site_matrix == 1) & recurred[:, None]
    n_sites = has.sum(axis=1)
    several = n_sites > 1
    names: list[str] = list(sites)
    labels = [cohort.site_label(s) for s in sites]
    members = has
    if rule == "own cause":
        members = np.column_stack([has & ~several[:, None], several])
        names, labels = [*names, SEVERAL], [*labels, "Several sites"]
    elif rule == "hierarchy":
        order = _order(sites, hierarchy)
        first = np.argmax(has[:, order], axis=1)
        members = np.zeros_like(has)
        rows = np.flatnonzero(n_sites)
        members[rows, np.array(order)[first[rows]]] = True
        members, names, labels = members[:, order], [names[i] for i in order], [labels[i] for i in order]
        notes.append(f"order of sites: {', '.join(labels)}")
    if several.any():
        notes.append(
            f"{plural(cohort.n_of(several), 'patient')} recurred at several sites at once: {RULE_MEANING[rule]}"
        )
    for cause, label, mine in (
        (UNKNOWN_SITE, "Site not recorded", recurred & (n_sites == 0)),
        (DEATH, "Death without recurrence", dead),
    ):
        if mine.any():
            members = np.column_stack([members, mine])
            names, labels = [*names, cause], [*labels, label]
    shown = members.any(axis=0)
    if empty := [label for label, there in zip(labels, shown, strict=True) if not there]:
        notes.append(f"no first recurrence at {joined(empty, 'or')}" if len(empty) < len(labels) else "no events")
    if outcome.valid.any() and recurred[outcome.valid].all():
        notes.append(
            "every patient recurred: these are shares of the patients who recurred, not risks of everyone diagnosed"
        )
    known = cohort.dictionary.endpoints
    columns = (*known[outcome.name].columns, *(known[death].columns if DEATH in names else ()), SITES, N_SITES)
    return _outcome(outcome, rule, tuple(names), tuple(labels), outcome.time, outcome.event, members,
                    outcome.excluded, tuple(notes), columns)  # fmt: skip


def _order(sites: tuple[str, ...], hierarchy: tuple[str, ...]) -> list[int]:
    if unknown := [s for s in hierarchy if s not in sites]:
        raise AnalysisError(f"the order of sites names {joined(unknown)}; there are {joined(sites)}")
    if len(set(hierarchy)) < len(hierarchy):
        raise AnalysisError("the order of sites names a site twice")
    return [sites.index(s) for s in (*hierarchy, *(s for s in sites if s not in hierarchy))]


def _with_deaths(cohort: Cohort, outcome: TimeToEvent, death: str) -> tuple[TimeToEvent, np.ndarray, list[str]]:
    """The outcome with deaths before recurrence as events, who they are, and what was assumed.

    A patient who is known not to have recurred is followed to death or last follow-up, also where the recurrence time
    is blank.
    """
    notes = [*outcome.notes]
    if _no_deaths(cohort, outcome.name, death):
        censored = bool((outcome.valid & ~outcome.event).any())
        what = "they count as censored, which overstates every risk" if censored else "nobody is censored"
        notes.append(f"deaths without recurrence aren't in the file: {what}")
        return outcome, np.zeros(len(outcome), dtype=bool), notes
    followed = followed_to_death(cohort, outcome, death)
    lives, dead, late = followed.lives, followed.dead, followed.late
    if late.any():
        notes.append(
            f"{plural(cohort.n_of(late), 'patient')} without recurrence and without its time: followed by {death}"
        )
    time = np.where(dead | late, lives.time, outcome.time)
    reasons = np.where(late, 0, outcome.reasons).astype(np.int8)
    if unknown := cohort.n_of(followed.unknown):
        notes.append(
            f"{plural(unknown, 'patient')} without recurrence and without a known {death}: counted as censored"
        )
    return replace(outcome, time=time, event=outcome.event | dead, codes=np.where(reasons == 0, 0, -1),
                   reasons=reasons), dead, notes  # fmt: skip


@dataclass(frozen=True, eq=False)
class Followed(Frozen):
    """Patients without recurrence, followed to death: bool arrays of shape (n,).

    lives: time to death. dead: died without recurrence. late: their time to recurrence isn't known, so that of death or
    of last contact stands. unknown: it isn't known whether they live.
    """

    lives: TimeToEvent
    dead: np.ndarray
    late: np.ndarray
    unknown: np.ndarray


def followed_to_death(cohort: Cohort, outcome: TimeToEvent, death: str) -> Followed:
    """Who of those without recurrence died, of a file that tells of deaths."""
    lives = cohort.endpoint(death)
    told_no = _told_no(cohort, outcome)
    free = (outcome.valid & ~outcome.event) | (~outcome.valid & told_no & lives.valid)
    late = free & ~outcome.valid
    return Followed(lives, free & lives.valid & lives.event, late, free & ~late & ~lives.valid)


def death_competes(cohort: Cohort, endpoint: str, death: str) -> bool:
    """Whether an endpoint is the recurrence at sites, with which the endpoint `death` of the file competes."""
    return Asked(endpoint, death=death).wanted(cohort).competing


def _no_deaths(cohort: Cohort, endpoint: str, death: str) -> bool:
    """Whether the file doesn't tell of deaths from the endpoint's start on."""
    known = cohort.dictionary.endpoints
    same_origin = death in known and known[death].starts_at == known[endpoint].starts_at
    return not same_origin or bool(cohort.endpoint_lacks(death))


def _told_no(cohort: Cohort, outcome: TimeToEvent) -> np.ndarray:
    """Who is recorded as not having the event."""
    column = cohort.dictionary.endpoints[outcome.name].event
    if not column or not cohort.has(column):
        return np.zeros(len(outcome), dtype=bool)
    factor = cohort.factor(column)
    return factor.codes == factor.levels.index("no") if "no" in factor.levels else np.zeros(len(outcome), dtype=bool)


# ---------------------------------------------------------------- a column of causes
def _split(cohort: Cohort, outcome: TimeToEvent, causes: str) -> CompetingOutcome:
    """An endpoint's event by the levels of a column; a cause that isn't recorded is a cause of its own."""
    factor = cohort.factor(causes)
    happened = outcome.event & outcome.valid
    members = [happened & (factor.codes == code) for code in range(len(factor.levels))]
    names = list(factor.levels)
    notes = [*outcome.notes]
    if (blank := happened & (factor.codes < 0)).any():
        members.append(blank)
        names.append("cause not recorded")
    if stray := cohort.n_of(outcome.valid & ~outcome.event & (factor.codes >= 0)):
        notes.append(f"{plural(stray, 'patient')} without the event, whose '{factor.label}' isn't looked at")
    matrix = np.column_stack(members) if members else np.zeros((len(outcome), 0), dtype=bool)
    kept = np.asarray(matrix.any(axis=0))
    names = [name for name, keep in zip(names, kept, strict=True) if keep]
    return _outcome(outcome, "", tuple(names), tuple(names), outcome.time, outcome.event, matrix[:, kept],
                    outcome.excluded, tuple(notes),
                    (*cohort.dictionary.endpoints[outcome.name].columns, factor.source))  # fmt: skip


@answers
@public
@countable()
def competing_from_columns(
    cohort: Cohort, time: str, status: str, *, censored: str | None = None, unit: str = ""
) -> CompetingOutcome:
    """Times and a status of several codes, for files that keep the cause so (0 censored, 1, 2 ... causes).

    Args:
        time: a number column. status: a category, yes/no or number column of at most eight values.
        censored: the level that means censored; by default "0" or a word for it ("censored", "alive" ...). Given as
            such a word it may be absent: then nobody is censored.

    Raises:
        AnalysisError: a column doesn't exist, or its codes were read as one event; or no level means censored: the
            message lists the levels.

    Example:
        >>> competing_from_columns(cohort, "ttr_months", "recurred", censored="no").causes
        ('yes',)
    """
    times, factor = cohort.number(time), cohort.whole.factor(status)
    if _codes_lost(cohort, factor.source):
        raise AnalysisError(
            f"the codes of '{factor.source}' were read as an event, yes or no, so no cause can be told from another; "
            f"{_with_codes(factor.source)}"
        )
    codes = cohort.factor(status).codes
    level = censored
    if level is None:
        level = next((x for x in factor.levels if normalise(x) in CENSORED_WORDS), None)
    nobody = censored is not None and level not in factor.levels and normalise(censored) in CENSORED_WORDS
    if not nobody and (level is None or level not in factor.levels):
        raise AnalysisError(
            f"which level of '{status}' means censored? it has {joined(factor.levels) or 'none'}"
            + (f", not '{censored}'" if censored else "")
        )
    variable = cohort.variable(time)
    causes = tuple(x for x in factor.levels if x != level)
    usable = ~np.isnan(times) & (times >= 0) & (codes >= 0)
    event = usable & (codes != (-1 if nobody else factor.levels.index(level)))
    members = (
        np.column_stack([event & (codes == factor.levels.index(c)) for c in causes])
        if causes
        else np.zeros((len(times), 0), dtype=bool)
    )
    excluded = _lost(times, codes, cohort.patients)
    base = TimeToEvent(
        variable.name, variable.label, unit or variable.unit or "months", "", "baseline",
        np.where(usable, times, np.nan), event, np.array([]), np.where(usable, 0, -1), np.zeros(len(times), np.int8),
        patients=cohort.patients,
    )  # fmt: skip
    notes = (
        (f"no '{level}' in {factor.label}: nobody is censored",)
        if nobody
        else (f"'{level}' of {factor.label} is read as censored",)
    )
    columns = (variable.name, factor.source)
    made = _outcome(base, "", causes, causes, base.time, event, members, excluded, notes, columns)
    return replace(made, asked=Asked(time=time, status=status, censored=censored, unit=unit))


def _lost(times: np.ndarray, codes: np.ndarray, patients: np.ndarray | None) -> tuple[Exclusion, ...]:
    below = times < 0
    blank = np.isnan(times)
    counts = (
        ("time not recorded", blank),
        ("time below zero", below),
        ("event not recorded", ~blank & ~below & (codes < 0)),
    )
    return tuple(Exclusion(reason, n_of(mask, patients)) for reason, mask in counts if mask.any())


def _outcome(
    base: TimeToEvent, rule: str, causes: tuple[str, ...], labels: tuple[str, ...], time: np.ndarray,
    event: np.ndarray, members: np.ndarray, excluded: tuple[Exclusion, ...], notes: tuple[str, ...],
    made_of: tuple[str, ...],
) -> CompetingOutcome:  # fmt: skip
    valid = (base.codes >= 0) & ~np.isnan(time)
    time = np.where(valid, time, np.nan)
    time[valid] = merge_equal_times(time[valid])
    grid, at = np.unique(time[valid], return_inverse=True)
    codes = np.full(len(time), -1, dtype=np.int64)
    codes[valid] = at
    event = event & valid
    return CompetingOutcome(
        base.name, base.label, base.unit, base.origin, base.starts_at, rule, causes, labels, time, event,
        members & event[:, None], grid, codes, excluded, notes, made_of, base.patients,
    )  # fmt: skip
