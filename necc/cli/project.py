"""Projects on the command line: one put on a file by --project, and `necc project` show, check, compare and save."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from necc.cli.files import refuse_taken, write
from necc.cli.io import (
    Result,
    Usage,
    bytes_of,
    dictionary,
    given,
    narrowed,
    of,
    read_arguments,
    refuse,
    show,
    step_lines,
    warned,
)

if TYPE_CHECKING:
    from pathlib import Path

    from necc.core.cohort import Cohort
    from necc.core.edits import Edit
    from necc.core.errors import Finding
    from necc.core.selection import Selection
    from necc.ingest import Inspection
    from necc.present.tables import Table
    from necc.project import OpenedProject, Project


def run(options: argparse.Namespace) -> int:
    """`necc project ACTION`."""
    actions = {"show": show_project, "check": check, "compare": compare, "save": save}
    return actions[options.action](options)


# ---------------------------------------------------------------- --project
def project_cohort(options: argparse.Namespace) -> Cohort:
    """All patients of the file as --project reads and edits it; the project's filters come before those of --where.

    Raises:
        CohortError: the file can't be read so.
        Usage: another option says how it is to be read, too.
    """
    from necc.core.errors import CohortError

    opened, findings = put_on(options.project, options)
    if opened.cohort is None:
        raise CohortError(opened.inspection.findings)
    told = [f for f in (*findings, *opened.findings, *opened.inspection.findings) if f.severity != "info"]
    options.notes = [f.line() for f in (*findings, *opened.findings) if f.severity != "info"]
    options.notes += warned(opened.inspection.findings)
    options.findings = [f.to_dict() for f in told]
    take(opened, options)
    return opened.cohort


def take(opened: OpenedProject, options: argparse.Namespace) -> None:
    """Keeps what a project did, to be told beside the result; its filters come before those of --where."""
    options.where = [*map(str, opened.selection.parts()), *options.where]
    options.project_settings = opened.project.settings.get("curves", {})
    if opened.edited is not None and opened.edited.steps:
        options.steps = [step.to_dict() for step in opened.edited.steps]


def put_on(path: Path, options: argparse.Namespace) -> tuple[OpenedProject, tuple[Finding, ...]]:
    """A project on the file that the options name, and findings on the project's own file."""
    from necc.project import open_project

    project, findings = read_project(path)
    codebook = bytes_of(options.codebook) if options.codebook else b""
    opened = open_project(project, *given(options), dictionary=dictionary(options.dictionary), codebook=codebook)
    return opened, findings


def read_project(path: Path) -> tuple[Project, tuple[Finding, ...]]:
    """The project of a file, and findings on what couldn't be read.

    Raises:
        CohortError: there is no such file, or nothing in it is a project's.
    """
    from necc.core.errors import CohortError
    from necc.project import Project

    project, findings = Project.from_toml(bytes_of(path))
    if project == Project(unread=project.unread) and findings:
        raise CohortError(findings)
    return project, findings


# ---------------------------------------------------------------- show, check
def show_project(options: argparse.Namespace) -> int:
    project, findings = read_project(options.project_file)
    result = {**_told(project), "findings": [f.to_dict() for f in findings]}
    options.where, options.findings = list(project.filters), result["findings"]

    def lines(_: Result) -> list[str]:
        return [*_show_lines(result), *(f.line() for f in findings)]

    return show(options, result, lines, tail=False)


def _told(project: Project) -> Result:
    """What a project holds."""
    from dataclasses import asdict

    return {
        "title": project.title, "saved": project.saved, "program": project.program, "data": asdict(project.data),
        "columns": len(project.mapping.columns) if project.mapping else 0, "scheme": project.scheme,
        "edits": [edit.describe() for edit in project.edits], "filters": list(project.filters),
        "subcohorts": [{"name": s.name, "filters": list(s.filters)} for s in project.subcohorts],
        "choices": dict(project.choices), "settings": {name: dict(own) for name, own in project.settings.items()},
        "exhibits": [asdict(exhibit) for exhibit in project.exhibits], "recorded": len(project.recorded),
        "recorded_by": project.recorded_by, "smallest_cell": project.smallest_cell, "unread": len(project.unread),
    }  # fmt: skip


def _show_lines(told: Result) -> list[str]:
    from necc.core.text import plural

    data = told["data"]
    made_from = f"{data['filename']}, {plural(data['n_patients'], 'patient')}" if data["filename"] else "no file"
    saved = " ".join(filter(None, (told["saved"], f"by necc {told['program']}" if told["program"] else "")))
    lines = [told["title"] or "a project without a title", f"saved: {saved or 'not said'}", f"made from: {made_from}",
             f"columns understood: {told['columns']:,}"]  # fmt: skip
    lines += [f"sites read as: {told['scheme']}"] if told["scheme"] else []
    lines += [f"edit {number}: {said}" for number, said in enumerate(told["edits"], 1)]
    lines += [f"filter: {text}" for text in told["filters"]]
    lines += [f"sub-cohort {s['name']}: {'; '.join(s['filters']) or 'all patients'}" for s in told["subcohorts"]]
    lines += [f"choice {name}: {_shown(value)}" for name, value in told["choices"].items()]
    lines += [
        f"{figure}, {key}: {_shown(value)}" for figure, own in told["settings"].items() for key, value in own.items()
    ]
    for number, exhibit in enumerate(told["exhibits"], 1):
        place = " > ".join(filter(None, (exhibit["page"], exhibit["view"])))
        lines.append(f"exhibit {number}: {exhibit['title']} ({place})")
    by = f" by {told['recorded_by']}" if told["recorded_by"] else ""
    lines.append(f"recorded: {plural(told['recorded'], 'number')}{by}")
    return lines


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {_shown(v)}" for key, v in value.items())
    return ", ".join(map(_shown, value)) if isinstance(value, tuple | list) else str(value)


def check(options: argparse.Namespace) -> int:
    """What in a project's file is wrong; with a file of patients also what doesn't fit it."""
    findings: tuple[Finding, ...]
    result: Result = {"same": None, "patients": None, "shown": None, "steps": []}
    if options.file is None:
        _, findings = read_project(options.project_file)
    else:
        opened, findings = put_on(options.project_file, options)
        findings = (*findings, *opened.findings, *(f for f in opened.inspection.findings if f.severity == "error"))
        result["same"] = opened.same
        if opened.filtered is not None:
            result |= {"patients": len(opened.filtered.whole), "shown": len(opened.filtered)}
            of(options, opened.filtered.whole, opened.filtered)
        if opened.edited is not None:
            result["steps"] = [step.to_dict() for step in opened.edited.steps]
    refused = any(f.severity == "error" for f in findings)
    result |= {"accepted": not refused, "findings": [f.to_dict() for f in findings]}
    options.findings = result["findings"]

    def lines(_: Result) -> list[str]:
        return _check_lines(result, findings)

    return show(options, result, lines, code=int(refused), tail=False)


SAME = {"file": "the file that the project was made from", "columns": "another file with the same columns",
        "other": "a file with other columns"}  # fmt: skip


def _check_lines(result: Result, findings: tuple[Finding, ...]) -> list[str]:
    from necc.core.text import plural

    lines = [finding.line() for finding in findings]
    lines += [SAME[result["same"]]] if result["same"] else []
    lines += step_lines(result["steps"])
    if result["patients"] is not None:
        lines.append(f"{result['shown']:,} of {plural(result['patients'], 'patient')} shown")
    return [*lines, "nothing is wrong" if not findings else plural(len(findings), "finding")]


# ---------------------------------------------------------------- compare
def compare(options: argparse.Namespace) -> int:
    """The project's recorded numbers beside those of a file's patients; with the earlier file who came and went."""
    from necc.core.errors import CohortError
    from necc.project import open_project
    from necc.report.changed import changes

    project, findings = read_project(options.project_file)
    if not project.recorded and options.before is None:
        return refuse(
            options, f"the project {options.project_file.name} has no recorded numbers; necc project save records them"
        )
    opened = open_project(project, *given(options))
    if opened.cohort is None:
        raise CohortError(opened.inspection.findings)
    of(options, opened.cohort, opened.filtered)
    told = [f for f in (*findings, *opened.findings) if f.severity != "info"]
    options.notes, options.findings = [f.line() for f in told], [f.to_dict() for f in told]
    earlier = earlier_patients(project, options.before)
    found = changes(opened, earlier)

    def lines(_: Result) -> list[str]:
        from necc.present import tables
        from necc.present.words.reading import reading

        rows = tables.compared(found.numbers, options.all).rows
        told = found.sentences() if earlier is not None else reading(found.numbers)
        shown = [] if earlier is None else [t for t in found.tables() if t.name.startswith("changed-")]
        return [*told, *(line for table in shown for line in _table_lines(table)),
                *(f"  {name}: {before or 'none'} -> {now or 'none'}, {difference}"
                  for name, before, now, difference in rows)]  # fmt: skip

    return show(options, {"same": opened.same, **found.numbers.to_dict(), "files": found.files.to_dict()}, lines)


def earlier_patients(project: Project, path: Path | None) -> Cohort | None:
    """The patients of an earlier file as a project reads, edits and filters them; None without a file.

    Raises:
        CohortError: the file can't be read so.
    """
    from necc.core.errors import CohortError
    from necc.project import open_project

    if path is None:
        return None
    before = open_project(project, path)
    if before.filtered is None:
        raise CohortError(before.inspection.findings)
    return before.filtered


def _table_lines(table: Table) -> list[str]:
    """A table as lines: its title, then each row with the headers of what it holds."""
    headers = table.columns[1:]
    rows = [(row[0], [f"{h.lower()} {cell}" for h, cell in zip(headers, row[1:], strict=True) if cell])
            for row in table.rows]  # fmt: skip
    return [f"{table.title}:", *(f"  {name}: {', '.join(cells)}" for name, cells in rows)]


# ---------------------------------------------------------------- save
@dataclass(frozen=True)
class Gathered:
    """A project as the options make it, and what it is of.

    inspection: how the file was read; opened: the earlier project on it. shown: the filtered patients; loaded: all,
    before any edit. subcohorts: those of an earlier project that fit. findings: on what isn't in it.
    """

    project: Project
    inspection: Inspection
    opened: OpenedProject | None
    shown: Cohort
    loaded: Cohort
    subcohorts: Mapping[str, Selection]
    findings: tuple[Finding, ...]


def gather(options: argparse.Namespace) -> Gathered:
    """The file as the options read, edit and filter it, as a project; --project takes an earlier one along.

    Raises:
        CohortError: the file can't be read so.
    """
    from necc.core.errors import CohortError
    from necc.core.selection import Selection
    from necc.ingest import inspect, open_file
    from necc.project import Project, filter_texts, mark_of, open_project

    codebook = bytes_of(options.codebook) if options.codebook else b""
    findings: tuple[Finding, ...] = ()
    opened: OpenedProject | None = None
    if options.project:
        project, findings = read_project(options.project)
        reading = project.mapping.read_options if project.mapping else None
        file = open_file(*given(options), read_options=reading, codebook=codebook)
        opened = open_project(project, file, dictionary=dictionary(options.dictionary))
        inspection, cohort = opened.inspection, opened.cohort
        findings = (*findings, *opened.findings)
        project, kept = replace(project, mapping=opened.mapping), dict(opened.subcohorts)
        take(opened, options)
    else:
        how = read_arguments(options)
        file = open_file(*given(options), read_options=how.pop("read_options"), codebook=codebook)
        inspection = inspect(file, **{key: value for key, value in how.items() if key != "codebook"})
        cohort, kept = inspection.cohort, {}
        project = Project(mapping=inspection.mapping, scheme=options.scheme, edits=_edits(options))
    if cohort is None or inspection.cohort is None:
        raise CohortError(inspection.findings)
    shown = narrowed(options, cohort)
    filters, unkept = filter_texts(Selection.parse(options.where, shown.columns), shown.columns)
    project = replace(
        project, title=options.title or project.title, data=mark_of(file, inspection.cohort, project.data.cutoff),
        filters=filters,
    )  # fmt: skip
    return Gathered(project, inspection, opened, shown, inspection.cohort, kept, (*findings, *unkept))


EDITED = ", perhaps edited by hand"


def save(options: argparse.Namespace) -> int:
    """Writes a project of a file as the options read, edit and filter it; --project takes an earlier one along."""
    from datetime import date

    from necc import __version__
    from necc.analysis.recorded import record_numbers
    from necc.core.guardrails import SMALLEST_CELL
    from necc.project import without_patients

    refuse_taken(options, [options.output], EDITED)
    made = gather(options)
    shown, by = made.shown, options.by or made.project.recorded_by
    if by:
        shown.factor(by)  # refuses what isn't there
    smallest = options.smallest_cell
    smallest = (made.project.smallest_cell or SMALLEST_CELL) if smallest is None else smallest
    project = replace(
        made.project, smallest_cell=smallest, saved=date.today().isoformat(), program=__version__, recorded_by=by,
        recorded=record_numbers(shown, by=by or None, subcohorts=made.subcohorts, smallest=smallest),
    )  # fmt: skip
    project, left = without_patients(project, shown.whole)
    findings = (*made.findings, *left)
    write(options, {options.output: project.to_toml().encode()}, "the project", EDITED)
    options.notes = [f.line() for f in findings]
    options.findings = [f.to_dict() for f in findings]
    return show(options, {**_told(project), "written": str(options.output)}, _show_lines)


def _edits(options: argparse.Namespace) -> tuple[Edit, ...]:
    """The steps of --edits; those that can't be read are refused, as the project wouldn't hold them.

    Raises:
        CohortError: with a finding for each.
    """
    from necc.core.edits import edits_from_toml
    from necc.core.errors import CohortError

    path = getattr(options, "edits", None)
    if path is None:
        return ()
    edits, findings = edits_from_toml(bytes_of(path))
    if findings:
        raise CohortError(findings)
    return edits


BESIDE = {
    "mapping": "--mapping", "edits": "--edits", "scheme": "--scheme", "answer": "--answer", "sheet": "--sheet",
    "header_row": "--header-row", "id": "--id", "time": "--time", "event": "--event", "event_value": "--event-value",
    "unit": "--unit", "sites": "--sites",
}  # fmt: skip


def alone(options: argparse.Namespace) -> None:
    """Refuses options that say the same as the project.

    Raises:
        Usage: one of them is given beside --project.
    """
    given = [words for name, words in BESIDE.items() if getattr(options, name, None)]
    if getattr(options, "project", None) and given:
        what = "--project says already how the file is read and edited"
        raise Usage(f"{what}; leave {given[0]} out, or change the project")
