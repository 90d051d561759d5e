"""A session as a project, and a project in a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from necc import __version__
from necc.analysis.recorded import Recorded, record_numbers
from necc.app.session.subcohorts import Saved
from necc.core.errors import Finding
from necc.core.guardrails import SMALLEST_CELL
from necc.present.words.project import does_not_fit
from necc.project import DataMark, Exhibit, Project, Subcohort, filter_texts, fit_project, without_patients
from necc.project.model import Choice, Plain

if TYPE_CHECKING:
    from necc.app.session.state import State
    from necc.report.changed import Changes

ASKED = "asked-"  # choices that say what was computed on demand, and for which patients
OPENED = "project opened"


# ---------------------------------------------------------------- a session as a project
def gather(state: State, recorded: bool = False) -> tuple[Project, tuple[Finding, ...]]:
    """All that was decided in a session, and findings on what a project can't hold.

    recorded: with the numbers of the patients shown, to be compared later; none of fewer than `smallest_cell`.
    """
    held, loaded = state.desk, state.as_loaded
    source, before = loaded.source, held.opened or Project()
    filters, findings = filter_texts(state.selection, state.whole.columns)
    subcohorts = []
    for one in state.shelf.saved:
        texts, lost = filter_texts(one.selection, state.whole.columns)
        if not lost:
            subcohorts.append(Subcohort(one.name, texts))
        findings += tuple(replace(f, message=f"sub-cohort '{one.name}': {f.message}") for f in lost)
    mark = DataMark(
        source.filename, source.file_sha256, state.mapping.signature if state.mapping else "", source.n_rows,
        len(loaded), before.data.cutoff,
    )  # fmt: skip
    filters += tuple(text for text in held.unmet if text not in filters)
    subcohorts += [one for one in held.unmet_subcohorts if state.shelf.get(one.name) is None]
    scheme = state.whole.scheme.name
    usual = scheme == state.whole.dictionary.default_scheme.name
    by, smallest = _grouped_by(state), smallest_cell(state)
    project = Project(
        held.title, date.today().isoformat(), __version__, mark, state.mapping, "" if usual else scheme,
        state.edits, filters, tuple(subcohorts), choices_of(state, state.chosen), _settings(state), held.exhibits,
        numbers_now(state, by, smallest) if recorded else (), by if recorded else "", smallest, before.unread,
        held.hide_below,
    )  # fmt: skip
    project, told = without_patients(project, state.whole)
    return project, (*findings, *told)


def smallest_cell(state: State) -> int:
    """Patients: numbers of fewer aren't kept. As it was chosen in this session, else as in the opened project.

    To keep all is chosen anew in every session: a file that was handed on doesn't decide it for the next.
    """
    held = state.desk
    opened = held.opened.smallest_cell if held.opened else 0
    return (opened or SMALLEST_CELL) if held.smallest is None else held.smallest


def _settings(state: State) -> dict[str, Mapping[str, Plain]]:
    """Of figures as they were shaped last, for the command line; those of an opened project that none took place of."""
    held = state.desk
    shaped = {name: settings.to_table() for name, settings in held.shaped.items()}
    before = held.opened.settings if held.opened else {}
    tables = {**before, **shaped}
    return {name: table for name, table in tables.items() if table}  # type: ignore[misc]  # as TOML has them


def choices_of(state: State, chosen: Mapping[str, object]) -> dict[str, Choice]:
    """Those that a file can hold, and that are about no patient."""
    kept: dict[str, Choice] = {}
    for name, value in chosen.items():
        value = tuple(value) if isinstance(value, list) else value
        texts = isinstance(value, tuple) and all(isinstance(v, str) for v in value)
        plain = texts or isinstance(value, str | bool | int | float)
        if plain and name not in state.private and not name.startswith(ASKED):
            kept[name] = value  # type: ignore[assignment]  # of a choice's types, as was looked at
    return dict(sorted(kept.items()))


def _as_chosen(choices: Mapping[str, Choice]) -> dict[str, object]:
    """Choices of a file as widgets keep them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in choices.items()}


def _grouped_by(state: State) -> str:
    by = state.chosen.get("by", "")
    return by if isinstance(by, str) and by in state.whole.factor_names() else ""


def numbers_now(state: State, by: str, smallest: int = 0) -> tuple[Recorded, ...]:
    """The numbers of the patients shown, and of the sub-cohorts."""
    there = {s.name: s.selection for s in state.shelf.saved if s.file == state.whole.source.sha256}
    return record_numbers(state.cohort, by=by or None, subcohorts=there, smallest=smallest)


def changes_now(state: State) -> Changes | None:
    """What changed since the open project was saved; None where it was saved of this file, or without numbers."""
    from necc.report.changed import changes_of

    opened = state.desk.opened
    if opened is None or not opened.recorded or opened.data.sha256 == state.as_loaded.source.file_sha256:
        return None
    return changes_of(opened, state.cohort, numbers_now(state, opened.recorded_by, opened.smallest_cell))


def mark(state: State) -> object:
    """What a project is made of, compared by value: where it is equal, so is the project."""
    held = state.desk
    saved = tuple((s.name, s.selection.key()) for s in state.shelf.saved)
    chosen = tuple(sorted((name, repr(value)) for name, value in state.chosen.items()))
    own = (held.exhibits, held.title, held.unmet, held.unmet_subcohorts, held.smallest, held.hide_below)
    return (state.fingerprint, state.edits, state.selection.key(), saved, chosen, own)


# ---------------------------------------------------------------- a project in a session
def open_text(state: State, text: str | bytes) -> tuple[Finding, ...]:
    """Reads a project and puts it in place, or has it wait for its file; findings on what can't be read."""
    project, findings = Project.from_toml(text)
    held = state.desk
    if any(f.severity == "error" for f in findings) and project == Project(unread=project.unread):
        held.findings = findings  # what is open stays, and is no longer what was offered last
        return findings
    held.waiting, held.findings = project, ()
    if fits(state, project):
        place(state)
    held.findings = (*findings, *held.findings)
    return findings


def fits(state: State, project: Project) -> bool:
    """Whether the loaded cohort is what the project was made from, its columns read in the same way."""
    if project.data.sha256 != state.as_loaded.source.file_sha256:
        return False
    return project.mapping is None or state.mapping is None or project.mapping.key() == state.mapping.key()


def place(state: State) -> None:
    """Puts the project that waits on the cohort that is loaded."""
    held = state.desk
    if held.waiting is None:
        return
    project, held.waiting = held.waiting, None
    state.remember(OPENED)
    fitted = fit_project(project, state.as_loaded)
    state.put(fitted.loaded, project.edits, fitted.selection, _as_chosen(project.choices))
    mark = state.whole.source.sha256
    before, brought = [*state.shelf.saved], [Saved(name, selection, mark) for name, selection in fitted.subcohorts]
    state.shelf.saved[:] = brought
    for one in before:  # what was saved in this session stays, under another name where the project has the same
        if one not in brought:
            state.shelf.saved.append(replace(one, name=state.shelf.free_name(one.name)))
    held.exhibits = (*project.exhibits, *(one for one in held.exhibits if one not in project.exhibits))
    held.title, held.opened, held.smallest = project.title, project, None
    held.hide_below = project.hide_below
    held.shaped, held.unshaped = {}, dict(project.settings)
    held.unmet, held.findings = fitted.waiting, (*held.findings, *fitted.findings)
    there = {name for name, _ in fitted.subcohorts}
    held.unmet_subcohorts = tuple(one for one in project.subcohorts if one.name not in there)
    if n := sum(f.severity != "info" for f in held.findings):
        state.messages.append(does_not_fit(n))


# ---------------------------------------------------------------- kept views
def show_view(state: State, exhibit: Exhibit) -> tuple[Finding, ...]:
    """Chooses and filters as a kept view does, with a way back."""
    from necc.project import fitting_selection

    selection, findings = fitting_selection(exhibit.filters, state.whole, f"'{exhibit.title}'")
    state.remember(f"view '{exhibit.title}'")
    state.selection = selection
    state.chosen |= _as_chosen(exhibit.choices)
    return findings
