"""Lessons: files with questions whose answers are computed from a cohort. Reading, checking and playing them.

`shipped()` are those of the 45-minute class; a teacher's own are read by `read_lesson` or from a folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from necc.core.errors import Finding
from necc.lessons.model import Lesson
from necc.lessons.reading import read_lesson

FOLDER = "NECC_LESSONS"
"""The environment's name for a folder of a teacher's own lessons."""


@cache
def shipped() -> Mapping[str, Lesson]:
    """The lessons that ship, by id, in the order of the class.

    Example:
        >>> from necc.lessons import shipped
        >>> len(shipped()) >= 10, sum(lesson.minutes for lesson in shipped().values())
        (True, 45)
    """
    folder = resources.files("necc.lessons") / "shipped"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    lessons = []
    for file in files:
        lesson, findings = read_lesson(file.read_bytes())
        if lesson is None:
            raise ValueError(f"{file.name}: {findings[0].message}")
        lessons.append(lesson)
    return MappingProxyType({one.id: one for one in sorted(lessons, key=lambda one: one.place)})


def in_folder(folder: Path) -> tuple[tuple[Lesson, ...], tuple[Finding, ...]]:
    """The lessons of a folder's TOML files, and what is wrong: in a file, which is named, or between two lessons.

    A file that can't be read, or a folder that isn't there, is a finding, too.
    """
    from dataclasses import replace

    from necc.lessons.checking import check_class

    lessons: list[Lesson] = []
    told: list[Finding] = []
    try:
        files = sorted(folder.glob("*.toml"))
        if not folder.is_dir():
            raise OSError("no folder")
    except OSError:
        return (), (Finding("error", "lesson-folder", f"there is no folder '{folder}'"),)
    for file in files:
        try:
            lesson, findings = read_lesson(file.read_bytes())
        except OSError:
            told.append(Finding("error", "lesson-file", f"{file.name} can't be opened"))
            continue
        told += [replace(f, message=f"{file.name}: {f.message}") for f in findings]
        lessons += [lesson] if lesson else []
    return tuple(lessons), (*told, *check_class(lessons))


__all__ = ["FOLDER", "Lesson", "in_folder", "read_lesson", "shipped"]
