"""`necc lesson`: the lessons there are, what is wrong with a file, and class sheets."""

from __future__ import annotations

import argparse
import os
from functools import cache
from typing import TYPE_CHECKING

from necc.cli.files import refuse_taken, write
from necc.cli.io import Result, Usage, bytes_of, how_far, read, refuse, show

if TYPE_CHECKING:
    from pathlib import Path

    from necc.core.cohort import Cohort
    from necc.core.errors import Finding
    from necc.lessons import Lesson


OTHER_FILES = {".doc", ".html", ".odt", ".pdf", ".pptx", ".rtf", ".txt"}  # which a sheet isn't written as


def run(options: argparse.Namespace) -> int:
    """`necc lesson ACTION`."""
    return {"list": list_lessons, "check": check, "sheet": sheet}[options.action](options)


def list_lessons(options: argparse.Namespace) -> int:
    """The lessons that ship, and those of the folder that NECC_LESSONS names."""
    lessons, findings = _known()
    rows = [{"id": one.id, "title": one.title, "minutes": one.minutes, "place": one.place, "cohort": one.cohort,
             "needs": list(one.needs), "steps": len(one.steps)} for one in lessons]  # fmt: skip
    options.findings = [f.to_dict() for f in findings]

    def lines(_: Result) -> list[str]:
        width = max(len(one.id) for one in lessons)
        named = [f"{one.place or '-':>3}  {one.id:<{width}}  {one.minutes:>2} min  {one.title}" for one in lessons]
        return [*named, *(f.line() for f in findings)]

    return show(options, {"lessons": rows, "findings": options.findings}, lines, tail=False)


def _known() -> tuple[list[Lesson], tuple[Finding, ...]]:
    from pathlib import Path

    from necc.lessons import FOLDER, in_folder, shipped

    folder = os.environ.get(FOLDER, "")
    own, findings = in_folder(Path(folder)) if folder else ((), ())
    return [*shipped().values(), *own], findings


def check(options: argparse.Namespace) -> int:
    """What is wrong with a lesson's file, by itself and on a cohort; exits with 1 where there is an error."""
    from necc.core.errors import in_order
    from necc.lessons import read_lesson
    from necc.lessons.checking import check as on_cohort
    from necc.lessons.checking import clash, with_lines

    content = bytes_of(options.lesson_file)
    lesson, findings = read_lesson(content)
    cohort = _cohort(options)
    if lesson is not None:
        taken = clash(lesson)
        findings = in_order(
            [
                *findings,
                *([taken] if taken else []),
                *with_lines(on_cohort(lesson, cohort), content.decode("utf-8-sig")),
            ]
        )
    refused = any(f.severity == "error" for f in findings)
    options.notes, options.findings = [], [f.to_dict() for f in findings]  # they are in the lines

    def lines(_: Result) -> list[str]:
        title = lesson.title if lesson else options.lesson_file.name
        said = "can be taught" if not findings else "can't be taught yet" if refused else "can be taught, with warnings"
        return [*(f.line() for f in findings), f"'{title}' {said}"]

    about: Result = {"id": lesson.id, "steps": len(lesson.steps), "minutes": lesson.minutes} if lesson else {}
    told = {"accepted": not refused, "lesson": about, "findings": options.findings}
    return show(options, told, lines, code=int(refused), tail=False)


def sheet(options: argparse.Namespace) -> int:
    """Class sheets as Word documents: questions, or with --answers the teacher's."""
    from necc.lessons.sheets import sheet as made
    from necc.report.word import document

    lessons, findings = _chosen(options)
    if not lessons:
        return refuse(options, findings=findings)
    cohort, answers = _cohort(options), options.answers
    name = f"{'class' if len(lessons) > 1 else lessons[0].id}-{'answers' if answers else 'questions'}.docx"
    path = options.out if options.out.suffix.lower() == ".docx" else options.out / name
    if options.out.suffix.lower() in OTHER_FILES and not options.out.is_dir():
        return refuse(options, f"--out is a folder, or the name of a Word document, .docx; not {options.out.name}")
    refuse_taken(options, [path])
    written = document(made(lessons, [_of(one, cohort) for one in lessons], answers=answers), how_far)
    how_far(1.0, "")
    write(options, {path: written.content}, folders=True)
    told = {"file": str(path), "lessons": [one.id for one in lessons], "problems": list(written.problems)}
    options.notes = []

    def lines(_: Result) -> list[str]:
        return [f"written to {path}", *(f"note: {p}" for p in written.problems)]

    return show(options, told, lines, tail=False)


def _chosen(options: argparse.Namespace) -> tuple[list[Lesson], tuple[Finding, ...]]:
    """The lessons of --all, or that of a file or of an id."""
    from necc.core.errors import Finding
    from necc.lessons import read_lesson

    if options.all == (options.lesson is not None):
        raise Usage("name one lesson, by its file or its id, or --all of those that ship")
    known, _ = _known()
    if options.all:
        return [one for one in known if one.place], ()
    if by_id := [one for one in known if one.id == str(options.lesson)]:
        return by_id, ()
    if not options.lesson.is_file():
        told = f"there is no lesson and no file '{options.lesson}'; necc lesson list names those that ship"
        return [], (Finding("error", "lesson-file", told),)
    lesson, findings = read_lesson(bytes_of(options.lesson))
    return [lesson] if lesson else [], findings


def _cohort(options: argparse.Namespace) -> Cohort:
    """The cohort of --cohort, else the shipped sample."""
    if options.file is None:
        options.file = sample_file()
    return read(options)


def _of(lesson: Lesson, cohort: Cohort) -> Cohort:
    """Whom a lesson is computed on: the sample, where it says so or it can't be had on the cohort."""
    from necc.lessons.checking import unfit
    from necc.lessons.playing import on

    if lesson.cohort == "sample" or unfit(lesson, on(cohort)):
        return _sample()
    return cohort


@cache
def _sample() -> Cohort:
    """The shipped sample, read once for all lessons."""
    from necc.ingest import read_cohort

    return read_cohort(sample_file())


def sample_file() -> Path:
    """The shipped sample's file.

    Raises:
        CohortError: it isn't there; --cohort names another.
    """
    from necc.launch import dashboard_path

    return dashboard_path().parent / "sample_data" / "reconstructed_cohort.csv"
