"""A project's exhibits made: each recipe on the patients of its filters, numbered, with what couldn't be made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from necc.core.cohort import Cohort
from necc.core.errors import NeccError
from necc.core.guardrails import tells_of_few
from necc.core.text import shorten, slug, without_rows
from necc.ingest import Inspection
from necc.present.figures import Figure
from necc.present.tables import Table
from necc.present.words import report as words
from necc.present.words.masking import text_left_out
from necc.project import Exhibit, Project, fitting_selection
from necc.report.changed import Changes
from necc.report.masking import Thing, masked_of, masked_text, tells_by_difference
from necc.report.model import KIND_LABELS, Computed, Item, Kind, Progress, Prose, Report
from necc.report.recipe import Kitchen
from necc.report.stable import epoch_day

OF_EACH = ("swimmer", "treated_patients")
LAST = ("methods(", "checklist(")
"""Recipes that tell of the others, and so are made after them."""


def make_report(
    project: Project,
    whole: Cohort,
    *,
    loaded: Cohort | None = None,
    inspection: Inspection | None = None,
    changes: Changes | None = None,
    problems: Iterable[str] = (),
    progress: Progress | None = None,
) -> Report:
    """Makes each exhibit of a project.

    Args:
        project: its exhibits, title and smallest cell.
        whole: all patients, after the project's edits. loaded: before them; `whole` where nothing was edited.
        inspection: how the file was read, for the scripts that read it again.
        changes: what changed since the project was saved; told at the end.
        problems: what of the project didn't fit the file, in words.
        progress: called with the share that is done and what comes next; may raise to stop.

    Returns:
        The report. What couldn't be made is an item of its own that says why; nothing is raised for it.

    Example:
        >>> from necc.report import ready
        >>> made = make_report(Project(exhibits=ready(cohort)), cohort)
        >>> [item.label for item in made.items][:3]
        ['Figure 1', 'Table 1', 'Figure 2']
    """
    loaded = loaded or whole.unedited or whole
    made: list[Item | None] = [None] * len(shown := list(_recipes(project.exhibits)))
    kitchens: dict[str, Kitchen] = {}
    later = [i for i, (_, recipe) in enumerate(shown) if recipe.startswith(LAST)]
    order = [*(i for i in range(len(shown)) if i not in later), *later]
    for done, place in enumerate(order):
        exhibit, recipe = shown[place]
        if progress:
            progress(done / len(order), shorten(exhibit.title or recipe))
        made[place] = _item(exhibit, recipe, whole, loaded, kitchens, made, project.hide_below)
    items = _numbered([*filter(None, made), *_changed(changes, project, whole)])
    day = _day(project)
    results = [c.result for item in items for c in item.computed]
    shared = words.conventions(
        whole, results, project.hide_below, day.isoformat() if day else "", _groups(items), _singles(items)
    )
    shared = tuple((name, text if name == words.SMALL_GROUPS else _convention(text, project.hide_below))
                   for name, text in shared)  # fmt: skip
    problems = (*problems, *(item.missing for item in items if item.missing))
    return Report(
        project.title or "Report", items, shared, whole, loaded, project.data.filename or whole.source.filename,
        loaded.source.file_sha256, whole.source.notice, day, project.hide_below, _handed_on(project).to_toml(),
        problems, inspection, project.edits,
    )  # fmt: skip


def _convention(text: str, smallest: int) -> str:
    """What all exhibits share, without few patients; where nothing of it may stay, why."""
    return masked_text(text, smallest) or (text_left_out(smallest) if text else "")


def _handed_on(project: Project) -> Project:
    """The project beside a report; without its recorded numbers where counts are hidden, as these would tell them."""
    return replace(project, recorded=(), recorded_by="") if project.hide_below > 1 else project


def _recipes(exhibits: Iterable[Exhibit]) -> Iterable[tuple[Exhibit, str]]:
    """Each exhibit with each of its recipes; one of several has its own thing's title after the first."""
    for one in exhibits:
        for place, recipe in enumerate(one.shows or ("",)):
            yield (one if not place else replace(one, title="", note="")), recipe


def _item(
    exhibit: Exhibit, recipe: str, whole: Cohort, loaded: Cohort, kitchens: dict[str, Kitchen],
    made: Sequence[Item | None], smallest: int,
) -> Item:  # fmt: skip
    selection, unfit = fitting_selection(exhibit.filters, whole, f"'{exhibit.title}'")
    key = selection.key()
    who = words.about(selection, whole)
    if key not in kitchens:
        kitchens[key] = Kitchen(selection.apply(whole) if selection else whole, whole, loaded, selection)
    kitchen = kitchens[key]
    n = _told_n(kitchen.cohort.n_patients, whole, smallest)
    kind: Kind = "missing"
    thing: Thing | None = None
    computed: tuple[Computed, ...] = ()
    missing, title = "", exhibit.title
    try:
        if unfit:
            raise NeccError("; ".join(f.message for f in unfit))
        if not recipe:
            thing = Prose("note", ()) if exhibit.note else None
            if thing is None:
                raise NeccError(words.NEITHER)
        elif not kitchen.cohort.n_patients and "cohort" in recipe:
            raise NeccError("no patient meets its filters")
        else:
            kitchen.results = tuple(c.result for item in made if item and item.selection.key() == key
                                    for c in item.computed)  # fmt: skip
            thing, computed = kitchen.make(recipe)
        kind = _kind(thing)
        title = title or _usual_title(thing)
        thing, why = masked_of(_without_rows(thing), computed, smallest, kitchen.cohort.n_patients, whole.n_patients)
        if thing is None:
            raise NeccError(why)
        if why := tells_by_difference(computed, selection, [item for item in made if item], whole, smallest):
            n = None
            raise NeccError(why)
    except NeccError as error:
        thing, computed = None, ()  # Methods and checklists tell of what is shown
        kind, missing = "missing", words.lacks(title or shorten(recipe), error)
    title = title or _usual_title(thing)
    return Item(kind, 0, title, "", thing, who, n, selection, recipe, exhibit.note, missing, computed)


def _told_n(n: int, whole: Cohort, smallest: int) -> int | None:
    return None if tells_of_few(n, whole.n_patients, smallest) else n


def _changed(changes: Changes | None, project: Project, whole: Cohort) -> Iterator[Item]:
    """What changed since the project was saved: in words, then each table."""
    if changes is None:
        return
    selection = fitting_selection(project.filters, whole, "filters")[0]
    n = selection.apply(whole).n_patients
    who, smallest = words.about(selection, whole), project.hide_below
    told = Prose("changes", (("", changes.sentences()),), bulleted=True)
    things: list[Prose | Table] = [told, *changes.tables()]
    for thing in things:
        title = thing.title if isinstance(thing, Table) and thing.title else words.CHANGED
        shown, why = masked_of(_without_rows(thing), (), smallest, n, whole.n_patients)
        missing = words.lacks(title, NeccError(why)) if shown is None else ""
        kind: Kind = "missing" if shown is None else _kind(shown)
        yield Item(kind, 0, title, "", shown, who, _told_n(n, whole, smallest), selection, "", missing=missing)


def _without_rows(thing: Thing) -> Thing:
    """Notes and texts without rows of the file, which point at a person; for a figure's caption see `Item.caption`."""
    if isinstance(thing, Table):
        return replace(thing, notes=tuple(filter(None, map(without_rows, thing.notes))))
    if isinstance(thing, Prose):
        parts = ((heading, tuple(filter(None, map(without_rows, texts)))) for heading, texts in thing.parts)
        return replace(thing, parts=tuple(parts))
    return thing


def _kind(thing: object) -> Kind:
    if isinstance(thing, Figure):
        return "figure"
    if isinstance(thing, Table):
        return "table"
    if isinstance(thing, Prose):
        return "text"
    raise NeccError("its recipe makes neither a figure nor a table nor a text")


def _usual_title(thing: Thing | None) -> str:
    if isinstance(thing, Figure):
        return thing.headline or thing.name.replace("-", " ")
    if isinstance(thing, Table):
        return thing.title
    return thing.name.capitalize() if thing else ""


def _numbered(items: Sequence[Item]) -> tuple[Item, ...]:
    """Numbers by kind, and a name of its own for each: of a file, so that it tells no column of a person's own."""
    numbers: Counter[str] = Counter()
    names: Counter[str] = Counter()
    result = []
    for item in items:
        numbers[item.kind] += item.kind in KIND_LABELS
        number = numbers[item.kind] if item.kind in KIND_LABELS else 0
        what = item.recipe.partition("(")[0].rpartition(".")[2] or getattr(item.thing, "name", item.kind)
        name = slug(f"{item.kind} {number} {what}" if number else what)
        names[name] += 1
        name = name if names[name] == 1 else f"{name}-{names[name]}"
        result.append(replace(item, number=number, name=name))
    return tuple(result)


def _groups(items: Iterable[Item]) -> list[tuple[str, int, list[str]]]:
    """Whom exhibits are about: by their filters, with the exhibits of each."""
    by: dict[str, tuple[str, int, list[str]]] = {}
    for item in items:
        if item.label and item.n is not None:
            by.setdefault(item.selection.key(), (item.patients, item.n, []))[2].append(item.label)
    return list(by.values())


def _singles(items: Iterable[Item]) -> list[str]:
    """The exhibits that tell of each patient by itself."""
    return [item.label for item in items if item.label and any(c.function in OF_EACH for c in item.computed)]


def _day(project: Project) -> date | None:
    """The day of a report: SOURCE_DATE_EPOCH, else when the data were closed, else when the project was saved."""
    if day := epoch_day():
        return day
    for text in (project.data.cutoff, project.saved):
        try:
            return date.fromisoformat(text)
        except ValueError:
            continue
    return None
