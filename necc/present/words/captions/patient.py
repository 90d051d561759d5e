"""What is said of one patient's pictures: her course, her sites, and where she stands among the others."""

from __future__ import annotations

import re
from collections.abc import Sequence

from necc.analysis.patient import Case, ConditionalAt, ConditionalSurvival, Course, CourseEvent, Criterion
from necc.analysis.patient.results import Lane
from necc.analysis.survival import KaplanMeier
from necc.core.cohort import SITE_LEVELS
from necc.core.dictionary import ORGAN, SITE
from necc.core.text import format_ci, format_number, joined, plural
from necc.present.words.captions import PALE, bands_phrase
from necc.present.words.captions.survival import WITHOUT_EVENT
from necc.present.words.phrases import capitalised, counts, not_analysed, sentences, since, unit_since

LANE_NAMES: dict[Lane, str] = {
    "primary treatment": "Primary treatment", "recurrence": "Recurrence",
    "treatment after recurrence": "After recurrence", "timed treatment": "Treatment", "response": "Response",
    "follow-up": "Follow-up",
}  # fmt: skip
UNTIMED = "time not recorded"
OPEN = "end not recorded"
NOTHING_RECORDED = "Nothing is recorded of this patient's course."
NO_TIMES = "No time is recorded: the order within a row means nothing"
SHARES = (WITHOUT_EVENT, "Share")  # of an axis that has no room for the endpoint's label
OTHERS, LIKE = "all others", "similar patients"
NOBODY_APART = "no field sets anybody apart, so the comparison is with all others"
LAST_SEEN = "Followed until"
ENDS = {True: "has died", False: "alive at last contact", None: "alive or dead not recorded"}
KINDS = {
    "diagnosis": "diagnosis", "given": "treatment", "recurrence": "first recurrence", "drug": "timed treatment",
    "response": "response", "progression": "progression", "death": "has died", "alive": "alive at last contact",
    "last seen": "last contact, alive or dead not recorded",
}  # fmt: skip
NO_MODEL = (
    "No prediction is shown: of the models compared on the page Regression, none is shown to foretell better than this "
    "rule and everybody's curve."
)
NOT_PREDICTED = (
    "No prediction is shown: the model needs a value that isn't recorded of this patient, or one that no other has."
)
INVOLVED, FREE, UNKNOWN = "involved", "not involved", "not recorded"


# ---------------------------------------------------------------- a course
def lane_name(course: Course, lane: Lane) -> str:
    """What a lane is called; that of the timed treatment by the dictionary's treatment."""
    return (course.treatment if lane == "timed treatment" else "") or LANE_NAMES[lane]


def origin_name(course: Course) -> str:
    """`diagnosis`, `first recurrence`: from where the axis counts."""
    return "diagnosis" if course.origin == "diagnosis" else "first recurrence"


def time_title(course: Course) -> str:
    return since(course.unit, origin_name(course))


def second_title(course: Course) -> str:
    return since(course.unit, "first recurrence")


def at(time: float) -> str:
    """A time in the words of a timeline: one decimal."""
    return format_number(time, 1)


def when(event: CourseEvent, unit: str) -> str:
    """`13.9 months`, `3.0 to 8.5 months`, `time not recorded`, `from 3.0 months, end not recorded`."""
    if event.start is None:
        return UNTIMED
    if event.end is not None:
        return f"{at(event.start)} to {at(event.end)} {unit}"
    return f"from {at(event.start)} {unit}, {OPEN}" if event.kind in ("drug", "given") else f"{at(event.start)} {unit}"


def event_label(event: CourseEvent, lane: str = "") -> str:
    """What stands beside a mark in a lane of this name; what can't be is said there."""
    what = event.what.removeprefix(f"{lane}: ")
    if event.lane == "follow-up" and event.start is not None and event.kind != "diagnosis":
        what = f"{what}, {at(event.start)}"
    return f"{what}: {event.doubt}" if event.doubt else what


def event_tip(course: Course, event: CourseEvent) -> str:
    return "\n".join(filter(None, (event.what, when(event, course.unit), event.doubt)))


def untimed_label(events: Sequence[CourseEvent]) -> str:
    """`Radical surgery; chemotherapy (time not recorded)`."""
    return f"{'; '.join(map(event_label, events))} ({UNTIMED})"


def ended(course: Course) -> str:
    """`died at 14.2 months`, `alive at 30.1 months`."""
    if course.last is None:
        return f"{ENDS[course.dead]}; last contact not recorded"
    time = f"{at(course.last)} {course.unit}"
    if course.dead:
        return f"died at {time}"
    return f"alive at {time}" if course.dead is False else f"{ENDS[None]}, last contact at {time}"


def timeline_alt(course: Course) -> str:
    """Every event, lane by lane."""
    parts = []
    for lane in LANE_NAMES:
        events = [e for e in course.events if e.lane == lane]
        if events:
            told = "; ".join(f"{event_label(e)} ({when(e, course.unit)})" for e in events)
            parts.append(f"{lane_name(course, lane)}: {told}")
    head = f"Course of {course.label}, {unit_since(course.unit, origin_name(course))}"
    return ". ".join([head, *parts, capitalised(ended(course))]) + "."


def timeline_caption(course: Course) -> str:
    """How to read it, what isn't recorded, and what can't be."""
    untimed = [e for e in course.events if e.start is None]
    return sentences(
        f"{course.label}: {ended(course)}",
        "hatched: given, but not recorded when, so the band says nothing of how long" if untimed else "",
        *course.lacks,
        f"doubtful (marked with !): {'; '.join(course.doubts)}" if course.doubts else "",
    )


def timelines_alt(courses: Sequence[Course], shown: Sequence[Course]) -> str:
    lines = "; ".join(f"{c.label}: {ended(c)}" for c in shown)
    first = shown[0]
    return f"Courses of {plural(len(courses), 'patient')}, {unit_since(first.unit, origin_name(first))}. {lines}."


def timelines_caption(courses: Sequence[Course], shown: Sequence[Course], doubtful: int) -> str:
    """How many are drawn, how many aren't, and whose times can't be."""
    without = [c for c in shown if c.last is None]
    more = len(courses) - len(shown)
    return sentences(
        f"{plural(len(shown), 'patient')}, a row each" if not more else
        f"The first {plural(len(shown), 'patient')} of {len(courses):,}: {more:,} more aren't drawn; filter, or sort "
        "the list in another way, to see others",
        f"without a time of last contact: {plural(len(without), 'patient')}" if without else "",
        f"marked with !: an order that can't be, in {plural(doubtful, 'patient')}" if doubtful else "",
        "what has no time isn't drawn here; it stands on the patient's own page",
    )  # fmt: skip


def row_tip(course: Course) -> str:
    """What the pointer reads at a row of several."""
    timed = [
        f"{e.what}: {when(e, course.unit)}" for e in course.events if e.start is not None and e.lane != "follow-up"
    ]
    return "\n".join([course.label, ended(course), *timed[:6], *course.doubts])


# ---------------------------------------------------------------- where she stands
def no_curve(case: Case) -> str:
    """Why there is no curve to stand on."""
    return sentences(f"{case.course.label}: too few others with times for a curve")


def today(case: Case, unit: str) -> tuple[str, ...]:
    """The words at the line of this patient's time: when it is, and how many of the others were followed beyond it."""
    what = ("Died" if case.of_death else "Event") if case.had_event else LAST_SEEN if case.died else "Today"
    beyond = () if case.beyond is None else (f"{plural(case.beyond, 'other')} followed beyond",)
    return (f"{what}: {at(case.since or 0.0)} {unit}", *beyond)


def past(case: Case) -> str:
    """Why nothing is said from today on."""
    what = "has died" if case.died else "has had the event"
    return f"{case.course.label} {what}: what followed for others is told looking back."


def free_of(of_death: bool) -> str:
    """`live`, or in words that hold of any event."""
    return "live" if of_death else "stay free of the event"


def compared(case: Case, *, one: bool = False) -> str:
    """Whom a patient is compared with: `similar patients`, or `others` where no field tells them apart."""
    return ("similar patient" if one else LIKE) if case.similar.used else "other" if one else "others"


def others_name(case: Case) -> str:
    """What the others are called: not all of them where a filter leaves some out."""
    filtered = len(case.others) < len(case.others.whole) - (not case.entered)
    return "the others shown" if filtered else OTHERS


def counted(name: str, km: KaplanMeier) -> str:
    """`all others: 87 patients, 39 events`."""
    return f"{name}: {counts(km.n, km.n_events)}"


def hidden(case: Case) -> bool:
    """Whether similar patients are fewer than a project describes: then not even their number is told."""
    return not case.described


def like_curve(case: Case) -> KaplanMeier | None:
    """The curve of similar patients; none where no field tells them from all others."""
    return case.similar_curve if case.similar.used else None


def _no_like(case: Case) -> str:
    """Why similar patients have no curve."""
    if not case.similar.used:
        return NOBODY_APART
    if hidden(case):
        return f"{LIKE}: too few to be described"
    return f"{LIKE}: {plural(case.similar.n or 0, 'patient')}, too few for a curve"


def standing_alt(case: Case, whole: KaplanMeier) -> str:
    like = like_curve(case)
    return sentences(
        f"{whole.label}, Kaplan-Meier: {counted(others_name(case), whole)}",
        counted(LIKE, like) if like else _no_like(case),
        ", ".join(today(case, whole.unit)) if case.since is not None else
        f"the time of {case.course.label} isn't recorded",
    )  # fmt: skip


def standing_caption(case: Case, whole: KaplanMeier) -> str:
    """Who is counted, and how."""
    like = like_curve(case)
    return sentences(
        f"{counted(others_name(case), whole)}; {case.course.label} "
        f"{'was typed in' if case.entered else 'is left out'}",
        f"{counted(LIKE, like)}; no test: they are part of the others" if like else _no_like(case),
        bands_phrase(whole.level, whole.ci), PALE, not_analysed(whole.excluded),
    )  # fmt: skip


# ---------------------------------------------------------------- the rule, and from today on
WITH = dict(zip(SITE_LEVELS, (FREE, INVOLVED), strict=True))
COMPARED = re.compile(r"\s*[<>≤≥]\s*[\d.]+$")


def likeness(criterion: Criterion) -> str:
    """`Lung not involved`, `Number of sites ≤ 1` or `Histology small cell`: a field with the patient's level.

    A number cut in two is called by its cut: its level says on which side.
    """
    value = criterion.value or UNKNOWN
    if criterion.name.startswith((SITE, ORGAN)) and value in WITH:
        return f"{criterion.label} {WITH[value]}"
    return f"{COMPARED.sub('', criterion.label) if COMPARED.match(value) else criterion.label} {value}"


def conditional_row(result: ConditionalSurvival, row: ConditionalAt) -> str:
    """`70 % (56–81)`; in words where there is none."""
    e = row.estimate
    if e.value is None:
        return "too few to say"
    share = e.in_percent()
    limits = "no interval" if e.lower is None or e.upper is None else format_ci(share.lower, share.upper, 0)
    return f"{format_number(share.value, 0)} % ({limits})"


# ---------------------------------------------------------------- sites
def body_alt(states: Sequence[tuple[str, str]], label: str) -> str:
    """The same as the picture: which are involved, which aren't, and of which nothing is recorded."""
    parts = []
    for state in (INVOLVED, FREE, UNKNOWN):
        names = [name for name, found in states if found == state]
        if names:
            parts.append(f"{capitalised(state)}: {joined(names)}")
    return f"Sites of first recurrence of {label}. {'. '.join(parts) or 'Not recorded'}."


def body_caption(states: Sequence[tuple[str, str]], label: str) -> str:
    there = [name for name, found in states if found == INVOLVED]
    if all(found == UNKNOWN for _, found in states):
        return f"{label}: sites of first recurrence not recorded."
    told = f"{label}: {joined(there)}" if there else f"{label}: no site recorded as involved"
    return sentences(told)


def shares_alt(rows: Sequence[tuple[str, str]], n: int) -> str:
    told = "; ".join(f"{label}: {share}" for label, share in rows)
    return f"Sites of first recurrence on a body, {plural(n, 'patient')}. {told}."


def shares_caption(n: int) -> str:
    return sentences(
        f"Share of {plural(n, 'patient')} with each site; a patient with several sites is counted at each",
        "the stronger the colour, the more; a schematic drawing: places, not sizes",
    )
