"""One patient before a board, as a report: facts, course, who is similar, from today on, what is published, limits.

Nothing in it names her: no identifier, no date, no row of a file. A question that a person typed is in it as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from necc.analysis.patient import Case
from necc.core.errors import AnalysisError, NeccError
from necc.core.selection import Selection
from necc.core.text import slug
from necc.paper.literature import Fact, shipped_library
from necc.present import figures, tables
from necc.present.figures import Figure
from necc.present.tables import Table
from necc.present.words import case as words
from necc.present.words import report as said
from necc.report.masking import masked_of
from necc.report.model import KIND_LABELS, Item, Kind, Prose, Report
from necc.report.stable import epoch_day

MOST_FACTS = 5  # of the literature
WITH = "with"  # the level of a site that a patient has
UNTELLING = {"other", "several"}  # first words of a site that stand for none
Thing = Figure | Table | Prose


def case_report(
    case: Case, question: str = "", *, day: date | None = None, smallest_cell: int = 0, chosen: str = "",
) -> Report:  # fmt: skip
    """A case as a report, for `document`, `slides` and `screens`.

    Args:
        case: of `necc.analysis.patient.case`; made with `smallest_cell`, too, where small groups aren't to be told.
        question: what the board is asked; the first thing it reads.
        day: of the report; without it that of SOURCE_DATE_EPOCH, never the clock.
        smallest_cell: counts of 1 to one less are hidden; 0 hides none.
        chosen: the filters that left these others, in words; named wherever the others are.

    Returns:
        Its items in the order of a board's questions. What can't be told is left out; why is in its problems, and in a
        line of the limits.

    Example:
        >>> made = case_report(case(cohort, 2), "Surgery for the spleen?")
        >>> [item.title for item in made.items][:2]
        ['The patient', 'Sites of first recurrence: Abdominal organs']
    """
    case = unnamed(case)
    items: list[Item] = []
    told = words.messages(case, smallest_cell)
    missing: dict[str, str] = {}
    problems: list[str] = []
    for part, n, make in _parts(case, missing, smallest_cell):
        title = _title(case, part)
        made, why = _item(case, title, n, make, smallest_cell, items, chosen)
        if made.missing:
            missing[title] = why
            problems.append(made.missing)
            continue
        message = told.get(part, "")
        items.append(replace(made, title=f"{title}: {message}") if message else made)
    source = case.others.source
    when = day or epoch_day()
    shared = words.conventions(case, when, chosen)
    title = " ".join(question.split()) or words.TITLE
    return Report(
        title, tuple(items), shared, case.others, case.others, "", source.file_mark, source.notice, when, smallest_cell,
        problems=tuple(problems), whom=words.among(case, chosen),
    )  # fmt: skip


def unnamed(case: Case) -> Case:
    """The same case, its patient called neither by identifier nor by place."""
    return replace(case, course=replace(case.course, label=words.WHO, patient_id="", row=0, place=0))


Part = tuple[str, int | None, Callable[[], Thing]]


def _parts(case: Case, missing: dict[str, str], smallest: int) -> Iterator[Part]:
    """Title, how many others it is about, and what makes it, in the order of a board's questions.

    missing: of those before the last, what can't be told, and why; read when the last is made.
    """
    found = len(case.similar.patients) or None
    yield words.FACTS, None, lambda: facts_table(case)
    if case.sites is not None:
        yield words.SITES, None, lambda: figures.body_map(case)
    if any(event.kind != "diagnosis" for event in case.course.events):
        yield words.COURSE, None, lambda: figures.timeline(case.course)
    if case.described and case.similar.of and (case.similar.used or len(case.similar.steps) > 1):
        yield words.RULE, found, lambda: tables.rule_table(case.similar)
    yield words.STANDING, len(case.others), lambda: _standing(case, smallest)
    if not case.retrospective:
        yield words.FROM_TODAY, len(case.others), lambda: _from_today(case)
    if case.fared:
        yield words.SIMILAR.capitalize(), found, lambda: Prose("similar-patients", (("", (words.singly(case),)),))
    yield words.RECEIVED, found, lambda: _received(case)
    yield words.LITERATURE, None, lambda: literature_table(case)
    yield words.LIMITS, None, lambda: Prose("limits", (("", words.limits(case, missing)),), bulleted=True)


def _item(
    case: Case, title: str, n: int | None, make: Callable[[], Thing], smallest: int, before: list[Item],
    chosen: str,
) -> tuple[Item, str]:  # fmt: skip
    """A part as it is shown, and why it isn't."""
    thing: Thing | None = None
    missing = reason = ""
    try:
        made = make()
        own = n is None and not isinstance(made, Prose)  # hers alone, or published: no group of the cohort
        if smallest <= 1 or own:
            thing, why = made, ""
        else:
            thing, why = masked_of(made, (), smallest, n or len(case.others), len(case.others))
        if thing is None:
            raise NeccError(why)
    except NeccError as error:
        thing, missing, reason = None, said.lacks(title, error), str(error)
    kind: Kind = "missing" if thing is None else _kind(thing)
    number = sum(item.kind == kind for item in before) + 1 if kind in KIND_LABELS else 0
    name = slug(f"case {len(before) + 1} {getattr(thing, 'name', 'missing')}")
    about = words.about(_who(case, title, n), chosen)
    return Item(kind, number, title, name, thing, about, n, Selection(), "", missing=missing), reason


def _who(case: Case, title: str, n: int | None) -> str:
    """Whom a part is about."""
    if n is None:
        return words.OF_PAPERS if title == words.LITERATURE else words.ONE
    return "other patients" if n == len(case.others) else words.SIMILAR


def _kind(thing: Thing) -> Kind:
    return "figure" if isinstance(thing, Figure) else "table" if isinstance(thing, Table) else "text"


# ---------------------------------------------------------------- what is shown
def facts_table(case: Case) -> Table:
    """What doesn't change of her, with her sites of first recurrence."""
    names = dict(zip(case.patient.site_names, (case.patient.factor(f"site:{s}").label for s in case.patient.site_names),
                     strict=True))  # fmt: skip
    sites = ", ".join(names.get(s, s) for s in case.sites) if case.sites else words.NOT_RECORDED
    rows = (*case.facts, (words.SITES, sites))
    return Table(words.FACTS, "case-facts", words.FACTS_COLUMNS, rows, text_columns=(1,))


def _title(case: Case, part: str) -> str:
    """What a part is called in this case."""
    if part in (words.FROM_TODAY, words.RECEIVED):
        return (words.from_today_title if part == words.FROM_TODAY else words.received_title)(case)
    if part != words.STANDING:
        return part
    figure = case.whole_curve
    return f"{figure.label} {words.STANDING.lower()}" if figure is not None else words.STANDING


def _standing(case: Case, smallest: int) -> Figure:
    """The curves with her place on them; that of all others alone where small groups are hidden."""
    if case.whole_curve is None:
        raise AnalysisError(
            words.NO_OTHERS if not case.similar.of else words.NO_CURVE if case.endpoint else words.NO_ENDPOINT
        )
    return figures.standing(case) if smallest <= 1 else figures.survival_curves(case.whole_curve)


def _from_today(case: Case) -> Table:
    if case.conditional is None and case.similar_conditional is None:
        raise AnalysisError(words.NO_OTHERS if not case.similar.of else words.TOO_FEW if case.since is not None else
                            words.NO_TIME if case.endpoint else words.NO_ENDPOINT)  # fmt: skip
    return tables.conditional_table(case)


def _received(case: Case) -> Table:
    if not any(row.of for row in case.received):
        many = case.described and case.similar.n and not case.similar.hidden_below
        raise AnalysisError(words.NO_TREATMENT if many else words.NOBODY if case.similar.of else words.NO_OTHERS)
    return tables.received_table(case)


def literature_table(case: Case) -> Table:
    """What is published about her sites, a figure a row, those of her disease first.

    Raises:
        AnalysisError: her sites aren't recorded, or no published figure is about them.
    """
    if case.sites is None:
        raise AnalysisError(words.NO_SITES)
    library = shipped_library()[0]
    labels = {s: case.patient.factor(f"site:{s}").label for s in case.sites if s in case.patient.site_names}
    labels |= {o: case.patient.factor(f"organ:{o}").label for o in case.organs or () if o in case.patient.organ_names}
    about = [fact for fact in library.facts if fact.figure_text and _is_about(fact, labels)]
    about.sort(key=lambda fact: fact.other_population)
    if not about:
        raise AnalysisError(words.NO_FIGURE)
    rows = tuple((fact.statement, fact.figure_text, library.sources[fact.source].short) for fact in about[:MOST_FACTS])
    return Table(words.LITERATURE, "case-literature", words.LITERATURE_COLUMNS, rows, text_columns=(1, 2))


def _is_about(fact: Fact, sites: dict[str, str]) -> bool:
    """Whether a fact is compared with patients who have one of the sites, or names one."""
    for c in fact.compare.where.conditions if fact.compare else ():
        if c.name in {f"site:{s}" for s in sites} and WITH in c.levels:
            return True
    told = set(f"{fact.topic} {fact.statement}".lower().replace(",", " ").replace(".", " ").replace(";", " ").split())
    return bool(({label.lower().split(" ")[0] for label in sites.values()} - UNTELLING) & told)
