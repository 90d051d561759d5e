"""One patient among the others: who is similar and by what rule, what followed for them, and from today on."""

from __future__ import annotations

from necc.analysis.patient import Case, ConditionalSurvival, RuleJudgement, Similar
from necc.core.estimate import Estimate
from necc.core.text import NOT_ESTIMABLE, format_ci, format_number, joined, plural
from necc.present.words.captions.patient import compared, free_of, hidden, likeness, past
from necc.present.words.phrases import ci_name
from necc.present.words.reading.parts import read

TOO_FEW_TO_SAY = "Too few to say"
NO_OTHERS = "There are no others to compare with."
NOTHING_COMPARES = "Nothing is recorded by which to compare"


@read.register
def _(case: Case) -> tuple[str, ...]:
    said = [] if hidden(case) else [*rule(case.similar)]
    if case.retrospective:
        said.append(past(case))
    elif case.conditional is None and case.since is not None and case.similar.of:
        said.append(f"{TOO_FEW_TO_SAY} what follows from today on.")
    said += [*_ahead(case), *_responded(case)]
    if case.received:
        said.append(not_what_works(case))
    return tuple(said)


def tabled(case: Case) -> tuple[str, ...]:
    """What a reading of a case says that the tables of it say, too: survival from today on, and responses."""
    return (*_ahead(case), *(_responded(case) if case.received else ()))


def _ahead(case: Case) -> list[str]:
    if case.retrospective or case.conditional is None:
        return []
    like = case.similar_conditional
    return [
        *from_today(case.conditional, "other patients", case.of_death),
        *(from_today(like, "similar patients", case.of_death) if like is not None else ()),
    ]


def _responded(case: Case) -> list[str]:
    if (found := case.response) is None:
        return []
    treated = f"{plural(found.of, compared(case, one=True), compared(case))} treated and with a response recorded"
    return [f"Of {treated}, {found.n:,} responded ({_percent(found.share)})."]


@read.register
def _(result: RuleJudgement) -> tuple[str, ...]:
    known = [row for row in result.rows if row.difference.value is not None]
    if not known:
        return (f"{TOO_FEW_TO_SAY} whether such a rule foretells better than the curve of everybody.",)
    said = []
    for told, rows in (
        ("foretells better than", [r for r in known if r.better]),
        ("isn't shown to foretell better than", [r for r in known if not r.better and not r.worse]),
        ("foretells worse than", [r for r in known if r.worse]),
    ):
        if rows:
            when = joined([format_number(r.at, 0) for r in rows])
            scores = "; ".join(f"{format_number(r.like_her, 3)} v {format_number(r.everybody, 3)}" for r in rows)
            said.append(f"At {when} {result.unit} this rule {told} the curve of everybody (Brier score {scores}, "
                        f"{plural(result.n_judged, 'patient')} left out one by one).")  # fmt: skip
    return tuple(said)


def rule(similar: Similar) -> list[str]:
    """Who is similar, and what was dropped to find enough of them."""
    shared = "; ".join(map(likeness, similar.used))
    if not similar.of:
        return [NO_OTHERS]
    unknown = [c.label for c in similar.dropped if c.value is None]
    gone = [c.label for c in similar.dropped if c.value is not None]
    if not shared:
        others = plural(similar.of, "other")
        why = NOTHING_COMPARES if not gone else f"Too few share any of: {joined(gone)}"
        return [f"{why}: the comparison is with all {others}." if similar.of > 1 else f"{why}."]
    n = similar.n or 0
    said = [f"{plural(n, 'similar patient')} of {similar.of:,} others, who share: {shared}."]
    if gone:
        said.append(f"Dropped to reach {n:,}: {joined(gone)}.")
    if unknown:
        said.append(f"Not asked, as it isn't recorded of this patient: {joined(unknown)}.")
    return said


def not_what_works(case: Case) -> str:
    """Why what was received is no advice."""
    return f"What {compared(case)} received isn't what works: whoever was treated later had lived until then."


def from_today(result: ConditionalSurvival, who: str, of_death: bool) -> list[str]:
    """Survival from today on, at each time that has an estimate; then from when on there are too few.

    of_death: the event is death; else nothing is said of living.
    """
    told = [
        f"{_percent(row.estimate)} {free_of(of_death)} {format_number(row.ahead, 0)} {result.unit} more"
        for row in result.rows if row.estimate.value is not None
    ]  # fmt: skip
    few = [row for row in result.rows if row.estimate.value is None]
    since = f"{format_number(result.since)} {result.unit} after {result.origin}"
    state = "alive" if of_death else "without the event so far,"
    said = [f"Of {who} {state} {since}, {joined(told)}; n = {result.n:,}."] if told else []
    if few:
        said.append(f"{TOO_FEW_TO_SAY} of {who} {format_number(few[0].ahead, 0)} {result.unit} ahead.")
    return said


def _percent(e: Estimate) -> str:
    """`70 % (95 % CI 56–81)`."""
    if e.value is None:
        return NOT_ESTIMABLE
    if e.lower is None or e.upper is None:
        return f"{format_number(100 * e.value, 0)} % (no interval)"
    share = e.in_percent()
    return f"{format_number(share.value, 0)} % ({ci_name(e.level)} {format_ci(share.lower, share.upper, 0)})"
