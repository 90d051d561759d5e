"""What is said of a case before a board, in its report and on its sheet, beside what figures and tables say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from necc import __version__
from necc.analysis.patient import Case, ConditionalSurvival
from necc.analysis.survival import KaplanMeier
from necc.core.text import format_number, joined, plural
from necc.present.words.captions.patient import compared, ended, free_of, hidden, like_curve, others_name, past
from necc.present.words.phrases import sentence
from necc.present.words.reading.patient import not_what_works, rule

TITLE = "A case for the board"
WHO = "This patient"
ONE = "one patient"
SIMILAR = "similar patients"
FACTS, SITES, COURSE = "The patient", "Sites of first recurrence", "The course so far"
STANDING = "Among the others"
RULE, RECEIVED, FROM_TODAY = "Who is similar", "What similar patients received", "Survival from today on"
LITERATURE, LIMITS = "Published about these sites", "Limits"
NOT_RECORDED = "not recorded"
NO_FIGURE = "no published figure in the program's library is about these sites"
NO_SITES = "the sites of first recurrence aren't recorded of this patient"
NO_OTHERS = "there are no others"
NOBODY = "nobody is similar by this rule, or too few to be described"
TOO_FEW_TO_DESCRIBE = "too few patients to be described"
TOO_FEW = "too few are left for an estimate from today on"
NO_TIME = "this patient's time under observation isn't recorded"
NO_ENDPOINT = "the file has no time to an event"
NO_CURVE = "too few others have a time for a curve"
OF_PAPERS = "the patients of each publication"
NO_TREATMENT = "the file records no treatment after recurrence"
FACTS_COLUMNS = ("Known", WHO)
LITERATURE_COLUMNS = ("Published", "Figure", "Source")
NO_PREDICTION = (
    "Being similar is no prediction: the patient's page says whether the rule tells more than the whole cohort does."
)
ON = "from today on"
LACKS = "not recorded: "
YEAR = 12  # months ahead that a title tells of, where they can be told
RETROSPECTIVE = (
    "The patients were looked at in retrospect. What is counted from a recurrence says nothing of patients who never "
    "had one."
)


def among(case: Case, chosen: str = "") -> str:
    """Whom a case stands beside: `One patient beside 87 others`, and how these were chosen where a filter did it."""
    return f"One patient beside {chosen_others(case, chosen) if chosen else plural(len(case.others), 'other')}"


def chosen_others(case: Case, chosen: str) -> str:
    """Those whom a filter leaves, with the filter: `8 of the cohort's 87 others (Histology: large cell)`."""
    everybody = len(case.others.whole) - (not case.entered)
    return f"{len(case.others):,} of the cohort's {plural(everybody, 'other')} ({chosen})"


def about(who: str, chosen: str) -> str:
    """Whom a part of a case is about, with the filter of the others; `other patients, Histology: large cell`."""
    if not chosen:
        return who
    return f"{who}, others: {chosen}" if who in (ONE, OF_PAPERS) else f"{who}, {chosen}"


def singly(case: Case) -> str:
    """That those who are similar are too few for a curve, and where their courses are."""
    who = plural(case.similar.n or 0, "similar patient")
    return f"{who}: too few for a curve. Courses of single patients stand on the patient's page, not in a presentation."


def messages(case: Case, smallest_cell: int = 0) -> dict[str, str]:
    """What each part of a case says in a few words, by the part's title; no count of few where these are hidden.

    Example:
        >>> from necc.analysis.patient import case
        >>> messages(case(cohort, 2))["Who is similar"]
        '13 of 87 others'
    """
    said = {COURSE: ended(case.course)}
    if case.sites:
        names = [case.patient.factor(f"site:{site}").label for site in case.sites]
        said[SITES] = joined(names)
    similar, everybody = (_median(curve) for curve in (like_curve(case), case.whole_curve))
    if case.whole_curve is not None:
        unit = case.whole_curve.unit
        both = f"{similar} in similar patients and " if similar and smallest_cell <= 1 else ""
        said[STANDING] = f"median {both}{everybody} {unit} in {others_name(case)}"
    if case.conditional is not None and not case.retrospective:
        rows = [row for row in case.conditional.rows if row.estimate.value is not None]
        row = next((row for row in rows if row.ahead == YEAR), rows[0])
        share = format_number(100 * (row.estimate.value or 0), 0)
        ahead = f"{format_number(row.ahead, 0)} {case.conditional.unit} more"
        said[FROM_TODAY] = f"{share} % of others {free_of(case.of_death)} {ahead}, {given(case.conditional)}"
    if smallest_cell <= 1:
        if case.similar.n and case.similar.used:
            said[RULE] = f"{case.similar.n:,} of {plural(case.similar.of, 'other')}"
        most = max(case.received, key=lambda r: r.n / r.of if r.of else 0, default=None)
        if most is not None and most.n:
            said[RECEIVED] = f"{most.label}, {most.n:,} of {most.of:,}"
    return said


def given(result: ConditionalSurvival) -> str:
    """`given 8.0 months`: the time that was reached."""
    return f"given {format_number(result.since)} {result.unit}"


def from_today_title(case: Case) -> str:
    """`Post-recurrence survival from today on`; of an event that isn't death, which one its absence is told of."""
    label = case.conditional.label if case.conditional is not None else ""
    return f"{label} {ON}" if case.of_death and label else f"{label}: without the event {ON}" if label else FROM_TODAY


def received_title(case: Case) -> str:
    """Whose treatments are told: of similar patients, or of all others where no field tells them apart."""
    return f"What {compared(case)} received"


def _median(curves: KaplanMeier | None) -> str:
    if curves is None:
        return ""
    median = curves.curves[0].median.value
    return "not reached" if median is None else format_number(median)


def limits(case: Case, missing: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What a board should know before it takes the numbers for an answer.

    missing: what can't be told at all, with its reason.
    """
    doubts = [f"To be checked: {doubt}" for doubt in case.course.doubts]
    said = [*([past(case)] if case.retrospective else []), *case.notes, *doubts]
    warnings = [not_what_works(case)] if any(row.of for row in case.received) else []
    warnings += [NO_PREDICTION] if case.similar.used else []
    lacks = [lack.removeprefix(LACKS) for lack in case.course.lacks if lack.startswith(LACKS)]
    said += [lack for lack in case.course.lacks if not lack.startswith(LACKS)]
    said += [f"{LACKS}{'; '.join(lacks)}"] if lacks else []
    reasons = dict.fromkeys((missing or {}).values())
    said += [
        f"not told: {joined([part.lower() for part, of in (missing or {}).items() if of == why])} ({why})"
        for why in reasons
    ]
    return (*warnings, RETROSPECTIVE, *map(sentence, said))


def conventions(case: Case, day: date | None, chosen: str = "") -> tuple[tuple[str, str], ...]:
    """What stands below a case: n, the rule, the estimate, the day, the data."""
    source, curve = case.others.source, case.whole_curve
    apart = "this one was typed in" if case.entered else "this one left out"
    said = [
        (
            "Compared with",
            chosen_others(case, chosen)
            if chosen
            else f"{plural(len(case.others), 'other patient')} of the cohort, {apart}",
        ),
        ("Similar", TOO_FEW_TO_DESCRIBE if hidden(case) else " ".join(rule(case.similar))),
    ]
    if curve is not None:
        then = "alive then" if case.of_death else "without the event then"
        limits_of = f"{100 * curve.level:g} % limits {curve.ci}"
        said.append(("Curves", f"{curve.label}; Kaplan-Meier, {limits_of}; from today on: of those {then}"))
    said.append(("Data", f"one file, SHA-256 {source.file_mark}"))
    if source.edits:
        said.append(("Edits after reading", "; ".join(source.edits)))
    if source.notice:
        said.append(("Origin", source.notice))
    return (*said, ("Day", day.isoformat() if day else NOT_RECORDED), ("Program", f"necc {__version__}"))
