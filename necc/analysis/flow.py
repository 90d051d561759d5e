"""How many patients there were at each step: before the file, in it, after each filter, in the analysis.

The steps of a flow diagram as STROBE [1] and CONSORT [2] ask for it: who was there, who was left out, and why. Numbers
from before the file are typed by a person. Where they and the file don't add up, both stand as they are, and the
difference is a note.

References:
    1. von Elm E, et al. Lancet 2007;370:1453-7. doi:10.1016/S0140-6736(07)61602-X (STROBE, item 13)
    2. Schulz KF, Altman DG, Moher D. BMJ 2010;340:c332. doi:10.1136/bmj.c332 (CONSORT, figure 1)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.complement import both, outside
from necc.core.counts import Wanted, asked_for, countable
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.result import Result, analysed, answers, leave_out
from necc.core.selection import Condition, Group, Selection
from necc.core.text import joined, plural, shorten

Kind = Literal["typed", "file", "filter", "analysis"]
MOST_LINES, LONGEST, LARGEST = 40, 200, 100_000_000
LINE = re.compile(r"(?P<sign>[-+\u2212\u2013\u2014])?\s*(?P<n>\d{1,3}(?:,\d{3})+|\d+)(?![.,]?\d)\s*(?P<words>.*)")
LEFT_OUT = re.compile(
    r"((patients?|cases?|people)\s+)?((were|was)\s+)?(excluded|left out|removed)\b[\s:,;(\u2013-]*(?P<why>.*)",
    re.IGNORECASE,
)
NO_REASON = "reason not given"
OTHER_VALUE, NOT_RECORDED = "another value", "not recorded"
HOW = "write '126 screened' for who was there and '-19 no follow-up' for who was left out, one a line"


# ---------------------------------------------------------------- results
@dataclass(frozen=True)
class TypedStep(Result):
    """A number from before the file: who was there, or who was left out, and what a person calls it."""

    n: int
    label: str
    is_left_out: bool = False


@dataclass(frozen=True)
class FlowStep(Result):
    """Patients at one step, and who was left out on the way to it.

    expected: what the step above leaves without those; another number than `n` contradicts it. None for the first.
    in_rows: whether the rows of a file are counted, which aren't all patients.
    selection, left: the filters that keep just those of the step, or who was left out on the way; None where none do.
    """

    kind: Kind
    label: str
    n: int
    excluded: tuple[Exclusion, ...] = ()
    expected: int | None = None
    in_rows: bool = False
    selection: Selection | None = field(default=None, repr=False)
    left: Selection | None = field(default=None, repr=False)

    @property
    def n_excluded(self) -> int:
        return sum(e.n for e in self.excluded)

    @property
    def surplus(self) -> int:
        """How many more there are than the step above leaves; negative for fewer, 0 where the numbers add up."""
        return 0 if self.expected is None else self.n - self.expected


@dataclass(frozen=True)
class FlowArm(Result):
    """The patients of one level at the end; events of the endpoint, where there is one.

    selection: the filters that keep just these; None where none do.
    """

    name: str
    n: int
    n_events: int | None = None
    selection: Selection | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Flow(Result):
    """The steps from the first number to the patients analysed.

    endpoint, label: of the analysis at the end; empty without one. by, by_label: what its patients are split by.
    n, n_events: of the last step; no events without an endpoint.
    """

    rows_in = "steps"

    steps: tuple[FlowStep, ...]
    endpoint: str
    label: str
    by: str
    by_label: str
    arms: tuple[FlowArm, ...]
    n: int
    n_events: int | None
    notes: tuple[str, ...] = ()

    @property
    def contradictions(self) -> tuple[FlowStep, ...]:
        """The steps whose number isn't what the step above leaves."""
        return tuple(s for s in self.steps if s.surplus)


# ---------------------------------------------------------------- typed numbers
def typed_steps(text: str) -> tuple[TypedStep, ...]:
    """The numbers from before the file that a person typed, one a line: `126 screened`, `-19 no follow-up`.

    `19 excluded: no follow-up` says the same as `-19 no follow-up`. Empty lines are passed over.

    Raises:
        AnalysisError: lines of another form; the message says which, and how to write them.

    Example:
        >>> [(step.n, step.label, step.is_left_out) for step in typed_steps("126 screened\\n-19 no follow-up")]
        [(126, 'screened', False), (19, 'no follow-up', True)]
    """
    lines = [(i, line.strip()) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_LINES:
        raise AnalysisError(f"{len(lines)} lines of numbers from before the file; at most {MOST_LINES} are drawn")
    steps: list[TypedStep] = []
    wrong: list[str] = []
    for i, line in lines:
        step = _typed(line)
        if isinstance(step, str):
            wrong.append(f"line {i}, '{shorten(line, 40)}', {step}")
        elif step.is_left_out and not steps:
            wrong.append(f"line {i}, '{shorten(line, 40)}', leaves out of nobody: begin with how many there were")
        else:
            steps.append(step)
    if wrong:
        more = f", and {plural(len(wrong) - 3, 'more line')} like these" if len(wrong) > 3 else ""
        raise AnalysisError(f"{'; '.join(wrong[:3])}{more}; {HOW}")
    return tuple(steps)


def _typed(line: str) -> TypedStep | str:
    """A line's step, or what is wrong with it."""
    if len(line) > LONGEST:
        return f"has {len(line)} characters where {LONGEST} fit"
    match = LINE.fullmatch(line)
    if match is None:
        return "has no whole number in front"
    n, words = int(match["n"].replace(",", "")), match["words"].strip(" :;,.")
    if n > LARGEST:
        return f"is more than {LARGEST:,} patients"
    named = LEFT_OUT.fullmatch(words)
    sign = match["sign"] or ""
    if named or (sign and sign != "+"):
        why = named["why"].strip(" :;,.)") if named else words
        return TypedStep(n, why or NO_REASON, True) if why or named else "says no reason"
    return TypedStep(n, words) if words else "has a number and no words"


# ---------------------------------------------------------------- the flow
@answers
@public
@countable(by_part=True)
def flow(
    cohort: Cohort,
    selection: Selection | None = None,
    *,
    before: str | Sequence[str] = (),
    endpoint: str | None = None,
    by: str | None = None,
) -> Flow:
    """How many patients there were at each step, and who was left out and why.

    Args:
        cohort: the patients of a file; of a filtered cohort the whole one is taken.
        selection: the filters, one step each.
        before: numbers from before the file, as `typed_steps` reads them; a text, or its lines.
        endpoint: of the analysis at the end, which leaves out who has no time or event.
        by: anything that `Cohort.factor` takes: splits the patients at the end, and leaves out who has no value.

    Raises:
        AnalysisError: the cohort lacks the endpoint or the factor, or a typed line has another form.
        SelectionError: the cohort lacks what a filter names.

    Example:
        >>> result = flow(cohort, Selection.parse(["figo_stage=III"]), before="126 screened", endpoint="PRS")
        >>> [(step.label, step.n, step.surplus) for step in result.steps][:2]
        [('Screened', 126, 0), ('Patients in the file', 88, -38)]
    """
    whole, selection = cohort.unnarrowed(), selection or Selection()
    steps, waiting = _before(typed_steps(before if isinstance(before, str) else "\n".join(before)))
    notes = _add_file(steps, waiting, whole)
    parts = selection.parts()
    for i, s in enumerate(selection.attrition(whole)):
        kept, others = _of(parts[:i]), outside(_of(parts[i : i + 1]), whole)
        lost = s.n_before - s.n_after - s.n_missing_left_out
        excluded = ((OTHER_VALUE, lost), (NOT_RECORDED, s.n_missing_left_out))
        _add(steps, "filter", s.label, s.n_after, [Exclusion(reason, n) for reason, n in excluded if n],
             selection=_of(parts[: i + 1]), left=None if others is None else both((kept, others), whole))  # fmt: skip
    patients = selection.apply(whole)
    wanted = Wanted((endpoint,) if endpoint else (), (by,) if by else ())
    patients = asked_for(patients, wanted) if endpoint or by else patients
    factor = patients.factor(by) if by else None
    outcome = patients.endpoint(endpoint) if endpoint else None
    arms: list[FlowArm] = []
    if outcome is not None:
        used, left = analysed(outcome, factor)
    else:
        missing = [] if factor is None else [(f"'{factor.label}' not recorded", factor.codes < 0)]
        used, left = leave_out(np.ones(len(patients), dtype=bool), (), missing, patients.patients)
    everybody = selection if used.all() else None
    happened = None if outcome is None else outcome.event & used
    if outcome is not None:
        _add(steps, "analysis", f"Analysed: {outcome.label}", patients.n_of(used), left, selection=everybody)
    elif factor is not None:
        _add(steps, "analysis", f"By {factor.label}", patients.n_of(used), left, selection=everybody)
    if factor is not None:
        for code, level in enumerate(factor.levels):
            own = used & (factor.codes == code)
            if own.any():
                whose = by is not None and bool((own == (factor.codes == code)).all())
                filters = both((selection, Selection((Condition(by or "", (level,)),))), whole) if whose else None
                events = None if happened is None else patients.n_of(happened & own)
                arms.append(FlowArm(level, patients.n_of(own), events, filters))
    notes = (*(_contradiction(step) for step in steps if step.surplus), *notes)
    return Flow(
        tuple(steps), endpoint or "", outcome.label if outcome is not None else "", by or "",
        factor.label if factor is not None else "", tuple(arms), steps[-1].n,
        None if happened is None else patients.n_of(happened), notes,
    )  # fmt: skip


def _add(
    steps: list[FlowStep], kind: Kind, label: str, n: int, excluded: Sequence[Exclusion] = (), in_rows: bool = False,
    selection: Selection | None = None, left: Selection | None = None,
) -> None:  # fmt: skip
    expected = steps[-1].n - sum(e.n for e in excluded) if steps else None
    steps.append(FlowStep(kind, label, n, tuple(excluded), expected, in_rows, selection, left))


def _of(parts: Sequence[Condition | Group]) -> Selection:
    return Selection(
        tuple(p for p in parts if isinstance(p, Condition)), tuple(p for p in parts if isinstance(p, Group))
    )


def _before(typed: Sequence[TypedStep]) -> tuple[list[FlowStep], list[Exclusion]]:
    """The steps before the file, and who was left out after the last of them."""
    steps: list[FlowStep] = []
    waiting: list[Exclusion] = []
    for step in typed:
        if step.is_left_out:
            waiting.append(Exclusion(step.label, step.n))
        else:
            _add(steps, "typed", step.label[:1].upper() + step.label[1:], step.n, waiting)
            waiting = []
    return steps, waiting


def _add_file(steps: list[FlowStep], waiting: Sequence[Exclusion], whole: Cohort) -> tuple[str, ...]:
    """The file's rows and patients. After typed numbers, which count patients, rows without one are a note."""
    source, n = whole.source, whole.n_patients
    hidden, none = source.left_out, source.no_patients
    n_hidden, n_none = (sum(e.n for e in excluded) for excluded in (hidden, none))
    if steps:
        _add(steps, "file", "Patients in the file", n + n_hidden, waiting, selection=None if hidden else Selection())
        if hidden:
            _add(steps, "file", "Patients read from it", n, hidden, selection=Selection())
        if not none:
            return ()
        reasons = joined([f"{e.reason} ({e.n:,})" for e in none])
        return (f"{plural(n_none, 'further row')} of the file {'is' if n_none == 1 else 'are'} no patient: {reasons}",)
    if hidden or none:
        _add(steps, "file", "Rows in the file", n + n_hidden + n_none, in_rows=True)
    _add(steps, "file", "Patients in the file", n, [*none, *hidden], selection=Selection())
    return ()


def _contradiction(step: FlowStep) -> str:
    """What doesn't add up, with both numbers."""
    expected = step.expected or 0
    if expected < 0:
        return f"more patients are left out before '{step.label}' than there were: {-expected:,} too many"
    which = "more" if step.surplus > 0 else "fewer"
    left = f"the steps above leave {plural(expected, 'patient')}"
    return f"{left}, but '{step.label}' has {step.n:,}: {abs(step.surplus):,} {which}, which nothing here explains"
