"""A report as files: document, slides, tables, figures, their data, scripts, project, versions, checksums, a README.

The same bytes for the same input: nothing in them is of the clock. An exhibit that can't be written is named in its
place, and the rest is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from necc.core.errors import NeccError
from necc.core.files import FileKind, write_whole
from necc.core.text import slug
from necc.present import svg
from necc.present.figures import Figure, Print
from necc.present.tables import Table
from necc.present.words import report as words
from necc.report.model import Item, Progress, Report, Written
from necc.report.stable import zipped

FILES: Mapping[str, str] = {
    "docx": "Word", "pptx": "PowerPoint", "xlsx": "Excel", "figures": "Figures", "data": "Tables and data",
    "scripts": "Scripts", "project": "Project",
}  # fmt: skip
"""What a bundle is made of, by the word that chooses it, as a person reads it."""
MIME: Mapping[str, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
SHARES: Mapping[str, float] = {"docx": 3, "pptx": 3, "xlsx": 1, "figures": 6, "data": 1, "scripts": 1, "project": 0.1}
"""How long each takes beside the others, for the bar."""
KINDS: tuple[FileKind, ...] = ("svg", "pdf", "png")
"""Kinds of files of a figure that are drawn; a TIFF has the pixels of the PNG."""
SUMS = "SHA256SUMS"
UNEXPECTED = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError)


@dataclass(frozen=True)
class Bundle:
    """Files by their paths, and what of the report isn't in them, in words."""

    files: Mapping[str, bytes]
    problems: tuple[str, ...] = ()

    def to_zip(self, report: Report) -> bytes:
        """All files as one archive: the same bytes for the same files."""
        return zipped(dict(self.files), report.day)

    def write(self, folder: Path) -> tuple[str, ...]:
        """Writes the files into a folder, which is made where there is none.

        Returns:
            What couldn't be written, in words: a full disk or a file that is open takes nothing from the others.
        """
        lost = []
        for path, content in self.files.items():
            place = folder / path
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                write_whole(place, content)
            except OSError as error:
                lost.append(f"{path} isn't written: {error.strerror or error}")
                with suppress(OSError):  # an older one would be taken for this report's
                    place.unlink()
        return tuple(lost)


def bundle(
    report: Report, only: Iterable[str] = (), *, patients: bool = False, how: Print | None = None,
    progress: Progress | None = None,
) -> Bundle:  # fmt: skip
    """Makes the files of a report.

    Args:
        only: which, of `FILES`; all by default. README, versions and checksums come with them.
        patients: also the patients' rows, as they were understood, without their identifiers; not where small counts
            are hidden, which rows would tell.
        how: width, resolution and greyscale of the figures' own files; 174 mm and 300 dpi by default.
        progress: called with the share that is done and what comes next; may raise to stop.

    Raises:
        ValueError: `only` names another kind of file.

    Example:
        >>> from necc import Project, make_report, ready
        >>> report = make_report(Project(exhibits=ready(cohort)[:2]), cohort)
        >>> sorted(bundle(report, ["project"]).files)
        ['README.txt', 'SHA256SUMS', 'project.toml', 'versions.txt']
    """
    wanted = [kind for kind in FILES if kind in (chosen := tuple(only) or tuple(FILES))]
    if wrong := [kind for kind in chosen if kind not in FILES]:
        raise ValueError(f"there is no {', '.join(wrong)}; a report is made as {', '.join(FILES)}")
    files: dict[str, bytes] = {}
    problems = list(report.problems)
    how = how or Print()
    whole, done = sum(SHARES[kind] for kind in wanted), 0.0
    for kind in wanted:
        said = _said(progress, done / whole, SHARES[kind] / whole, FILES[kind])
        try:
            for path, written in MAKERS[kind](report, how, said):
                if path:
                    files[path] = written.content
                problems += [p for p in written.problems if p not in problems]
        except (NeccError, OSError, MemoryError) as error:
            problems.append(words.not_made(FILES[kind], str(error)))
        except UNEXPECTED as error:  # of a library that writes: the other kinds are made
            problems.append(words.not_made(FILES[kind], words.unexpected(type(error).__name__)))
        done += SHARES[kind]
    if patients and report.smallest_cell > 1:
        problems.append(words.not_made("patients.csv", words.ROWS_TELL))
    elif patients:
        from necc.report.scripts import MAPPED, mapped_csv

        files[MAPPED] = mapped_csv(report)
    files["versions.txt"] = words.versions(report.conventions).encode()
    listed = [(item.label, item.title) for item in report.items]
    files["README.txt"] = words.readme(report.title, report.notice, files, listed, problems).encode()
    files[SUMS] = "".join(f"{hashlib.sha256(files[p]).hexdigest()}  {p}\n" for p in sorted(files)).encode()
    return Bundle(dict(sorted(files.items())), tuple(problems))


def _said(progress: Progress | None, start: float, share: float, what: str) -> Progress:
    """The bar of one kind of file within that of all."""

    def said(part: float, phrase: str) -> None:
        if progress:
            progress(min(start + share * part, 1.0), f"{what}: {phrase}" if phrase else what)

    said(0.0, "")
    return said


# ---------------------------------------------------------------- the kinds of files
Files = Iterator[tuple[str, Written]]
Maker = Callable[[Report, Print, Progress], Files]


def _docx(report: Report, how: Print, said: Progress) -> Files:
    from necc.report.word import document

    yield "report.docx", document(report, progress=said)


def _pptx(report: Report, how: Print, said: Progress) -> Files:
    from necc.report.slides import slides

    yield "slides.pptx", slides(report, progress=said)


def _xlsx(report: Report, how: Print, said: Progress) -> Files:
    from necc.report.workbook import workbook

    yield "tables.xlsx", workbook(report, progress=said)


def _figures(report: Report, how: Print, said: Progress) -> Files:
    """Each figure as vectors and in pixels, 174 mm wide unless its settings say otherwise."""
    drawn = [item for item in report.items if isinstance(item.thing, Figure)]
    for place, item in enumerate(drawn):
        said(place / len(drawn), item.label)
        yield from _figure(item, how, report.notice)


def _figure(item: Item, how: Print, notice: str) -> Files:
    """One figure in every kind of file, without headline and caption, which journals want apart."""
    for kind in KINDS:
        try:
            content = item.printed(kind, how, notice)
        except ValueError as error:  # a character that no font of this computer draws
            yield "", Written(b"", (words.not_made(f"{item.label} as {kind.upper()}", str(error)),))
            continue
        yield f"figures/{item.name}.{kind}", Written(content)
        if kind == "png":
            yield f"figures/{item.name}.tiff", Written(svg.tiff_of(content, how.dpi))


def _data(report: Report, how: Print, said: Progress) -> Files:
    """Each table as it is shown, and the numbers behind each figure."""
    from necc.report.data import figure_data

    for place, item in enumerate(report.items):
        said(place / len(report.items), item.label)
        if isinstance(item.thing, Table):
            yield f"tables/{item.name}.csv", Written(item.thing.noted(report.notice).to_csv())
        elif isinstance(item.thing, Figure):
            for number, grid in enumerate(figure_data(item, report.smallest_cell), 1):
                yield f"data/{item.name}-{number}-{slug(grid.name)[:40]}.csv", Written(grid.to_csv())


def _scripts(report: Report, how: Print, said: Progress) -> Files:
    """One script of the whole report, and one of each exhibit that has numbers."""
    from necc.report.scripts import PythonScripts, RScripts

    scripts, own = RScripts(report), PythonScripts(report)
    yield "scripts/report.R", Written(scripts.written().encode())
    yield "scripts/report.py", Written(own.written().encode())
    computed = [item for item in report.items if item.computed]
    for place, item in enumerate(computed):
        said(place / len(computed), item.label)
        yield f"scripts/{item.name}.R", Written(scripts.written([item.name]).encode())
        yield f"scripts/{item.name}.py", Written(own.written([item.name]).encode())


def _project(report: Report, how: Print, said: Progress) -> Files:
    yield "project.toml", Written(report.project.encode())


MAKERS: Mapping[str, Maker] = {
    "docx": _docx, "pptx": _pptx, "xlsx": _xlsx, "figures": _figures, "data": _data, "scripts": _scripts,
    "project": _project,
}  # fmt: skip
