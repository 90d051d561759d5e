"""A project put on a file of patients: the one it was made from, next year's, or another.

What doesn't fit is told with its place and left out; the rest is applied. A column that is gone takes its part of the
mapping along; a column that is new is typed by its values; a filter whose level is gone keeps its other levels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from necc.analysis.recorded import NumberComparison, Recorded, compare_numbers, record_numbers
from necc.core.cohort import Cohort
from necc.core.dictionary import Dictionary, normalise
from necc.core.edits import Edited, apply_edits
from necc.core.errors import AnalysisError, CohortError, DictionaryError, Finding, SelectionError
from necc.core.selection import PICKED, Condition, Group, Selection
from necc.core.text import joined, plural, quoted, rows_named, shorten
from necc.ingest import ColumnMap, EndpointMap, Inspection, Opened, ReadOptions, inspect, open_file
from necc.ingest import Mapping as FileMapping
from necc.ingest.build import Progress
from necc.ingest.naming import risks
from necc.ingest.raw import RawTable, listed
from necc.ingest.remedies import LEAVE_OUT, fingerprint
from necc.project.model import Exhibit, Project, Subcohort

Sameness = Literal["file", "columns", "other"]
MOVED = 20_000  # rows of a file, up to which a row that was left out is looked for where it may have moved


@dataclass(frozen=True, eq=False)
class FittedProject:
    """What of a project fits a cohort.

    loaded: the cohort, its sites read by the project's scheme; edited: after the project's edits, each a step that was
        made or skipped.
    selection: the filters that fit, and waiting the texts of those that don't.
    subcohorts: by name, those that fit. exhibits: each with the filters of it that fit.
    findings: on what doesn't fit.
    """

    loaded: Cohort
    edited: Edited
    selection: Selection
    waiting: tuple[str, ...]
    subcohorts: tuple[tuple[str, Selection], ...]
    exhibits: tuple[tuple[Exhibit, Selection], ...]
    findings: tuple[Finding, ...]


def fit_project(project: Project, cohort: Cohort) -> FittedProject:
    """A project's sites, edits, filters, sub-cohorts and exhibits on a cohort; what doesn't fit is told.

    cohort: all patients of a file, as it was read, before any edit.

    Example:
        >>> fit = fit_project(Project(filters=("site:lung=with",)), cohort)
        >>> len(fit.selection.apply(fit.edited.cohort)), fit.findings
        (34, ())
    """
    findings: list[Finding] = []
    loaded = _read_through(cohort, project.scheme, findings)
    edited = apply_edits(loaded, project.edits)
    findings += edited.findings
    selection, waiting = _selection(project.filters, edited.cohort, "filters", findings)
    subcohorts = _subcohorts(project.subcohorts, edited.cohort, findings)
    exhibits = tuple((one, _selection(one.filters, edited.cohort, f"exhibit '{shorten(one.title)}'", findings)[0])
                     for one in project.exhibits)  # fmt: skip
    return FittedProject(loaded, edited, selection, waiting, subcohorts, exhibits, tuple(findings))


@dataclass(frozen=True, eq=False)
class OpenedProject:
    """A project on a file of patients.

    same: whether it is the same "file", another with the same "columns", or an "other" one.
    inspection: how the file was read: its findings, and its questions where no cohort could be made.
    mapping: the project's as it fits this file; None where it has none.
    cohort: all patients, sites read by the project's scheme, after its edits; None where the file couldn't be read.
    edited: the edits, each as a step that was made or skipped; its findings are among `findings`.
    selection: the filters that fit, and waiting the texts of those that don't.
    subcohorts: by name, those that fit. exhibits: each with the filters of it that fit.
    findings: on what doesn't fit. They don't repeat the inspection's.
    """

    project: Project
    same: Sameness
    inspection: Inspection
    mapping: FileMapping | None
    cohort: Cohort | None
    edited: Edited | None = None
    selection: Selection = Selection()
    waiting: tuple[str, ...] = ()
    subcohorts: tuple[tuple[str, Selection], ...] = ()
    exhibits: tuple[tuple[Exhibit, Selection], ...] = ()
    findings: tuple[Finding, ...] = ()

    @cached_property
    def filtered(self) -> Cohort | None:
        """The patients who are shown."""
        return None if self.cohort is None else self.selection.apply(self.cohort)

    def numbers(self) -> tuple[Recorded, ...]:
        """The numbers of this file's patients that the project records; none where the file couldn't be read."""
        if self.filtered is None:
            return ()
        return record_numbers(
            self.filtered, by=self.project.recorded_by or None, subcohorts=dict(self.subcohorts),
            smallest=self.project.smallest_cell,
        )  # fmt: skip

    def compared(self) -> NumberComparison:
        """The project's recorded numbers beside those of this file's patients."""
        return compare_numbers(self.project.recorded, self.numbers(), self.project.smallest_cell)


def open_project(
    project: Project,
    data: bytes | Path | str | Opened,
    filename: str = "",
    *,
    dictionary: Dictionary | None = None,
    codebook: bytes = b"",
    progress: Progress | None = None,
) -> OpenedProject:
    """Puts a project on a file of patients; never raises for what is in either.

    Args:
        project: what was read of its file.
        data: the file's bytes, its path, or a file that was opened before.
        filename: its name; the suffix chooses the reader where the content doesn't.
        dictionary: the disease; that of the project's mapping by default.
        codebook: a REDCap data dictionary (CSV).
        progress: called with a share of the work done and a phrase.

    Raises:
        OSError: the path can't be read.

    Example:
        >>> text = Project("Lung", filters=("site:lung=with",)).to_toml()
        >>> project, findings = Project.from_toml(text)
        >>> len(open_project(project, "cohort.csv").filtered)
        34
    """
    findings: list[Finding] = []
    mapping = project.mapping
    try:
        opened = data if isinstance(data, Opened) else open_for(project, data, filename, codebook, findings)
    except CohortError as error:
        return OpenedProject(project, "other", Inspection(None, error.findings), mapping, None)
    same: Sameness = "other"
    if opened.digest == project.data.sha256:
        same = "file"
    elif opened.raw.signature == project.data.signature:
        same = "columns"
    findings += _told_of(project, opened, same)
    if mapping is not None:
        mapping, misfits = fitted(mapping, opened.raw, dictionary)
        findings += misfits
    inspection = inspect(opened, mapping=mapping, dictionary=dictionary, progress=progress)
    cohort = inspection.cohort
    if cohort is None:
        return OpenedProject(project, same, inspection, mapping, None, findings=tuple(findings))
    fit = fit_project(project, cohort)
    return OpenedProject(
        project, same, inspection, mapping, fit.edited.cohort, fit.edited, fit.selection, fit.waiting, fit.subcohorts,
        fit.exhibits, (*findings, *fit.findings),
    )  # fmt: skip


def belongs(project: Project, raw: RawTable) -> bool:
    """Whether a file may be next year's of a project's: it has at least half of the columns that the mapping reads.

    Example:
        >>> belongs(Project(mapping=FileMapping((ColumnMap("Alter"),))), open_file("cohort.csv").raw)
        False
    """
    if project.mapping is None or raw.signature == project.data.signature:
        return True
    read = [c.column for c in project.mapping.columns if c.role != "drop"]
    return 2 * sum(c in _headers(project.mapping, raw) for c in read) >= len(read)


def open_for(
    project: Project, data: bytes | Path | str, filename: str = "", codebook: bytes = b"",
    findings: list[Finding] | None = None,
) -> Opened:  # fmt: skip
    """The file as the project's mapping reads it; as its own signs say, where that is no table.

    findings: takes what is told of that.

    Raises:
        CohortError: it can't be read either way.
    """
    options = project.mapping.read_options if project.mapping is not None else ReadOptions()
    try:
        return open_file(data, filename, read_options=options, codebook=codebook)
    except CohortError as error:
        if options == ReadOptions():
            raise
        opened = open_file(data, filename, codebook=codebook)
        why = joined([f.message for f in error.findings][:2])
        message = f"the project's way of reading the file doesn't fit this one ({why}); it was read without it"
        if findings is not None:
            findings.append(Finding("warning", "project-reading", message, column="mapping.reading"))
        return opened


def _told_of(project: Project, opened: Opened, same: Sameness) -> list[Finding]:
    """Whether it is the file that the project was made from."""
    of = f"'{shorten(project.data.filename)}'" if project.data.filename else "another file"
    if same == "file" or not (project.data.sha256 or project.data.signature):
        return []
    if same == "columns":
        rows = f"{plural(len(opened.raw), 'row')} where there were {project.data.n_rows:,}"
        message = f"the project was made from {of}; this file has the same columns, and {rows}"
        return [Finding("info", "project-other-file", message)]
    message = f"the project was made from {of}, which had other columns than this file; what fits is applied"
    return [Finding("warning", "project-other-columns", message)]


# ---------------------------------------------------------------- the mapping
def fitted(
    mapping: FileMapping, raw: RawTable, dictionary: Dictionary | None = None
) -> tuple[FileMapping, tuple[Finding, ...]]:
    """A mapping as it fits a file: without what the file or the dictionary doesn't have, and findings on that.

    A column whose heading differs by case, blanks or punctuation only is the same; one that is new is typed by its
    values, or left out where it could name a patient. Rows that were left out stay so where their cells are what they
    were, wherever they stand now.

    Example:
        >>> from necc.ingest import ColumnMap, open_file
        >>> mapping = FileMapping((ColumnMap("patient_id"), ColumnMap("weight", "number")))
        >>> findings = fitted(mapping, open_file("cohort.csv").raw)[1]
        >>> findings[0].message
        "this file has no column 'weight': what the project says of it is left out"
    """
    findings: list[Finding] = []
    mapping = _known(mapping, dictionary, findings)
    now = _headers(mapping, raw)
    gone = [c.column for c in mapping.columns if c.column not in now]
    if told := [
        c for c in gone if mapping.column(c) != ColumnMap(c) and getattr(mapping.column(c), "role", "") != "drop"
    ]:
        message = f"this file has no column {listed(told)}: what the project says of it is left out"
        findings.append(Finding("warning", "project-column-gone", message, column="mapping.columns", n=len(told)))
    endpoints = []
    for endpoint in mapping.endpoints:
        lacking = [part for part in endpoint.parts if part in gone]
        if lacking:
            message = f"the endpoint '{shorten(endpoint.name)}' is left out: this file has no column {listed(lacking)}"
            findings.append(Finding("warning", "project-endpoint-gone", message, column="mapping.endpoints"))
        else:
            endpoints.append(_renamed(endpoint, now))
    columns = [replace(c, column=now[c.column]) for c in mapping.columns if c.column in now]
    columns += _new_columns(raw, {*now.values()}, findings)
    settled = [pair for pair in mapping.settled if not pair[0].startswith(LEAVE_OUT)]
    settled = [(_settled_key(key, now), name) for key, name in settled if key.partition(":")[2] not in gone]
    rows = _rows_left_out(mapping, raw, findings)
    mapping = replace(mapping, columns=tuple(columns), endpoints=tuple(endpoints), settled=(*settled, *rows))
    return mapping, tuple(findings)


def _new_columns(raw: RawTable, known: set[str], findings: list[Finding]) -> list[ColumnMap]:
    """Columns that the mapping doesn't know: typed by their values, but left out where they could name a patient."""
    new = [header for header in raw.headers if header not in known]
    naming = {risk.column: risk.reason for risk in risks(raw) if risk.direct} if new else {}
    if open_ones := [header for header in new if header not in naming]:
        message = f"{listed(open_ones)}: new in this file, and typed by the values"
        findings.append(Finding("warning", "project-column-new", message, column="mapping.columns", n=len(open_ones)))
    for header in (h for h in new if h in naming):
        message = f"'{shorten(header)}', new in this file, could name a patient ({naming[header]}); it was left out"
        findings.append(Finding("warning", "could-name-a-patient", message, column=shorten(header)))
    return [
        ColumnMap(h, "drop", reason=f"could name a patient: {naming[h]}") if h in naming else ColumnMap(h) for h in new
    ]


def _known(mapping: FileMapping, dictionary: Dictionary | None, findings: list[Finding]) -> FileMapping:
    """Without names that the dictionary doesn't have."""

    def tell(message: str, place: str) -> None:
        findings.append(Finding("warning", "project-unknown-name", message, column=place))

    if dictionary is None:
        try:
            dictionary = Dictionary.builtin(mapping.dictionary or "necc")
        except DictionaryError:
            shown = shorten(mapping.dictionary)
            tell(f"no dictionary '{shown}' ships with this version; the usual one is used", "mapping.dictionary")
            mapping, dictionary = replace(mapping, dictionary="necc"), Dictionary.builtin()
    if mapping.scheme and mapping.scheme not in dictionary.schemes:
        tell(f"there is no site scheme '{shorten(mapping.scheme)}'; sites are read in the usual way", "mapping.scheme")
        mapping = replace(mapping, scheme="")
    if strange := sorted({organ for _, organ in mapping.site_words if organ not in dictionary.organs}):
        tell(f"site words that mean {listed(strange)} are left out: there are no such organs", "mapping.site_words")
        words = tuple(pair for pair in mapping.site_words if pair[1] in dictionary.organs)
        mapping = replace(mapping, site_words=words)
    unknown = [c for c in mapping.columns if c.variable and c.variable not in dictionary.variables]
    for column in unknown if mapping.dictionary else ():
        tell(
            f"column '{shorten(column.column)}' is read as an extra variable: the dictionary has no "
            f"'{shorten(column.variable)}'", "mapping.columns",
        )  # fmt: skip
        mapping = mapping.with_column(replace(column, variable=""))
    return mapping


def _headers(mapping: FileMapping, raw: RawTable) -> dict[str, str]:
    """The heading in this file of each column of the mapping that it has."""
    there = {*raw.headers}
    now = {c.column: c.column for c in mapping.columns if c.column in there}
    free: dict[str, list[str]] = {}
    for header in raw.headers:
        if header not in now:
            free.setdefault(normalise(header), []).append(header)
    for column in mapping.columns:
        if column.column not in now and len(near := free.pop(normalise(column.column), [])) == 1:
            now[column.column] = near[0]
    return now


def _renamed(endpoint: EndpointMap, now: dict[str, str]) -> EndpointMap:
    parts = ("time", "event_time", "event", "start", "event_date", "censor_date")
    return replace(endpoint, **{part: now.get(name := getattr(endpoint, part), name) for part in parts})


def _settled_key(key: str, now: dict[str, str]) -> str:
    code, colon, column = key.partition(":")
    return f"{code}{colon}{now.get(column, column)}"


def _rows_left_out(mapping: FileMapping, raw: RawTable, findings: list[Finding]) -> list[tuple[str, str]]:
    """The rows that a person left out, where they are now."""
    wanted = {k.removeprefix(LEAVE_OUT): v for k, v in mapping.settled if k.startswith(LEAVE_OUT)}
    if not wanted:
        return []
    places = {str(row): place for place, row in enumerate(raw.rows.tolist())}
    here = {row for row, mark in wanted.items() if row in places and fingerprint(raw, places[row]) == mark}
    moved: dict[str, list[str]] = {}
    if len(here) < len(wanted) and len(raw) <= MOVED:
        marks = {mark for row, mark in wanted.items() if row not in here}
        for row, place in places.items():
            if (mark := fingerprint(raw, place)) in marks:
                moved.setdefault(mark, []).append(row)
    result, lost = [], []
    for row, mark in wanted.items():
        if row in here:
            result.append((f"{LEAVE_OUT}{row}", mark))
        elif found := [r for r in moved.get(mark, []) if r not in here]:
            here.add(found[0])
            result.append((f"{LEAVE_OUT}{found[0]}", mark))
        else:
            lost.append(int(row) if row.isdecimal() else 0)
    if lost:
        message = (
            f"{rows_named(sorted(lost))}, left out by hand, can't be found in this file; nothing is left out for it"
        )
        findings.append(Finding("warning", "project-row-gone", message, column="mapping.settled", n=len(lost)))
    return result


# ---------------------------------------------------------------- sites, filters
def _read_through(cohort: Cohort, scheme: str, findings: list[Finding]) -> Cohort:
    if not scheme or scheme == cohort.scheme.name:
        return cohort
    try:
        return cohort.with_scheme(scheme)
    except AnalysisError as error:
        message = f"{error}; sites are read in the usual way"
        findings.append(Finding("warning", "project-unknown-name", message, column="scheme"))
        return cohort


def _subcohorts(
    saved: Iterable[Subcohort], cohort: Cohort, findings: list[Finding]
) -> tuple[tuple[str, Selection], ...]:
    """Those all of whose filters fit: one that lacks a filter would be other patients under the same name."""
    result: dict[str, Selection] = {}
    for one in saved:
        where = f"sub-cohort '{shorten(one.name)}'"
        if one.name in result:
            findings.append(Finding("warning", "project-filter", f"{where} is there twice; the first is kept"))
            continue
        selection, waiting = _selection(one.filters, cohort, where, findings)
        if waiting:
            findings.append(Finding("warning", "project-filter", f"{where} is left out: not all of its filters fit"))
        else:
            result[one.name] = selection
    return tuple(result.items())


def fitting_selection(
    texts: Iterable[str], cohort: Cohort, where: str
) -> tuple[Selection, tuple[Finding, ...]]:  # fmt: skip
    """The filters of some texts that a cohort can answer, and findings on the others.

    where: what they are the filters of.

    Example:
        >>> fitting_selection(["site:lung=with", "grade=9"], cohort, "filters")[0].describe(cohort)
        'Lung: with'
    """
    findings: list[Finding] = []
    return _selection(texts, cohort, where, findings)[0], tuple(findings)


def _selection(
    texts: Iterable[str], cohort: Cohort, where: str, findings: list[Finding]
) -> tuple[Selection, tuple[str, ...]]:
    """The filters that a cohort can answer, in its words, and the texts of the others."""
    names = (*cohort.columns, *cohort.factor_names())
    conditions: list[Condition] = []
    groups: list[Group] = []
    waiting = []
    for text in texts:
        try:
            parsed = Selection.parse([text], names)
            if PICKED in parsed.names:
                raise SelectionError("patients picked by hand are never part of a project")
            for part in parsed.parts():
                part, gone = _fitting(part, cohort)
                if isinstance(part, Condition):
                    conditions.append(part)
                else:
                    groups.append(part)
                if gone:
                    message = (
                        f"{where}: nobody in this file is {joined(quoted(gone), 'or')}; '{shorten(text)}' is the rest"
                    )
                    findings.append(Finding("warning", "project-level-gone", message, column=where))
        except (SelectionError, AnalysisError) as error:
            message = f"{where}: left out, as this file can't answer it: {error}"
            findings.append(Finding("warning", "project-filter", message, column=where))
            waiting.append(text)
    return Selection(tuple(conditions), tuple(groups)), tuple(waiting)


def _fitting(part: Condition | Group, cohort: Cohort) -> tuple[Condition | Group, list[str]]:
    """A filter in the cohort's words, without levels that nobody has, and those levels.

    Raises:
        SelectionError: nothing of it, or of a filter in a group, is left.
    """
    if isinstance(part, Group):
        both = [_fitting(condition, cohort) for condition in part.conditions]
        conditions = tuple(one for one, _ in both if isinstance(one, Condition))
        return replace(part, conditions=conditions), [level for _, gone in both for level in gone]
    try:
        return part.spelled(cohort), []
    except SelectionError:
        there: list[str] = []
        gone = []
        for level in part.levels if len(part.levels) > 1 else ():
            try:
                there += replace(part, levels=(level,)).spelled(cohort).levels
            except SelectionError:
                gone.append(level)
        if not there:
            raise
        return replace(part, levels=tuple(dict.fromkeys(there))), gone
