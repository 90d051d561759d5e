"""A project's file: TOML, written in the order in which a person reads it, read as far as it can be.

Of a file that was edited by hand, or comes from another version, every section stands for itself: what is wrong in one
takes nothing from another, and is written again where it stood. Even where the file is no TOML, only the tables that
can't be parsed are set aside.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from datetime import date
from typing import Any

from necc.analysis.recorded import Recorded, is_small
from necc.core.edits import edits_of, tables_of
from necc.core.errors import Finding
from necc.core.text import shorten
from necc.core.toml import Keys, Reader, anything, count, listed, mapped, number, string, to_toml, whole
from necc.ingest.mapping import mapping_of
from necc.project.model import VERSION, Choice, DataMark, Exhibit, Project, Subcohort, Unread
from necc.project.saving import PICKED_OUT, without_picked

MAX_FILE = 2**21
LARGEST = f"{MAX_FILE // 2**20} MB"
HEADING = """A project of the NECC cohort explorer: how a file of patients is read, edited, filtered and shown.
# It names columns and levels, and what was chosen. {numbers}
# Open it on the page Data, or on the command line: necc km FILE --project THIS"""
NOTHING = (
    "project file: nothing is in it, so it is no project; 'Save project' on the page Data and `necc project save` "
    "write one, which begins with project_version"
)
MEND = "what couldn't be read of this project: mend it, and put it back in its place"
NAMED = {"exhibits": "title", "subcohorts": "name", "columns": "column", "endpoints": "name"}
"""By list of tables, the key that tells them apart."""
MOST_AT_ODDS = 50
TEXTS = "texts"  # of [unread]: what is no TOML


# ---------------------------------------------------------------- what a file may hold
def _day(value: object) -> str:
    try:
        return value.isoformat() if type(value) is date else date.fromisoformat(string(value)).isoformat()
    except ValueError:
        raise ValueError("a day is needed, as 2026-11-30") from None


def _finite(value: object) -> float:
    if not abs(number(value)) < float("inf"):
        raise ValueError("a finite number is needed")
    return number(value)


def _choice(value: object) -> Choice:
    """A text, a number, true or false, or a list of texts."""
    if isinstance(value, str | bool):
        return value
    if isinstance(value, list):
        return listed(string, empty=True)(value)
    return _finite(value)


def _plain(value: object) -> Any:
    """A value of settings, which their own keys judge; lists can't be written to."""
    if isinstance(value, list):
        return tuple(map(_plain, value))
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, Mapping) else value


SECTIONS = ("data", "mapping", "edits", "subcohorts", "choices", "settings", "exhibits", "recorded", "unread")
FILTERS = listed(string, empty=True)
CHOICES = mapped(_choice, empty=True)
TOP = Keys({}, {
    **dict.fromkeys(("project_version", *SECTIONS, "filters"), anything),
    **dict.fromkeys(("title", "program", "scheme", "recorded_by"), string),
    "saved": _day, "smallest_cell": count, "hide_below": count,
})  # fmt: skip
DATA = Keys.of(DataMark, (), n_rows=count, n_patients=count)
SUBCOHORT = Keys.of(Subcohort, (), filters=FILTERS)
EXHIBIT = Keys.of(Exhibit, (), choices=CHOICES, filters=FILTERS, shows=FILTERS)
RECORDED = Keys.of(Recorded, filled=("value",), value=_finite, n=whole)


# ---------------------------------------------------------------- read
def read(text: str | bytes) -> tuple[Project, tuple[Finding, ...]]:
    """A project's file as far as it can be read, and findings for the rest; see `Project.from_toml`."""
    if len(text) > MAX_FILE:
        return Project(), (Finding("error", "project-too-large", f"a project file has at most {LARGEST}"),)
    try:
        content = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        return Project(), (Finding("error", "project-not-text", "project file: it is not UTF-8 text"),)
    content, broken = _parsable(content)
    if not broken and not tomllib.loads(content):
        return Project(), (Finding("error", "project-empty", NOTHING),)
    reader = Reader(content, "project-{}", message="project file: {}", by_place=True)
    for line, part, why in broken:
        reader.findings.append(Finding("error", "project-not-toml", _no_toml(line, part, why), line))
    project = _read(reader)
    if broken:
        project = replace(project, unread=(*(Unread((), part) for _, part, _ in broken), *project.unread))
    return project, tuple(reader.findings)


def _no_toml(line: int, part: str, why: str) -> str:
    last = line + part.rstrip("\n").count("\n")
    where = f"line {line}" if last == line else f"lines {line} to {last}"
    return f"project file: {where} can't be read as TOML ({why}); kept as they are, and not applied"


HEADER = re.compile(r"\[(\[?)([^\]]+)\]")


def _parsable(content: str) -> tuple[str, list[tuple[int, str, str]]]:
    """The text with blank lines in place of the tables that can't be parsed; those, each with its line and why."""
    if not _fault(content):
        return content, []
    parts = _parts(content)
    why = {place: fault for place, part in enumerate(parts) if (fault := _fault(part))}
    why |= _at_odds(parts, [place for place in range(len(parts)) if place not in why])
    kept: list[str] = []
    broken: list[tuple[int, str, str]] = []
    line = 1
    for place, part in enumerate(parts):
        n = part.count("\n")
        if place in why:
            broken.append((line, part, why[place]))
        kept.append("\n" * n if place in why else part)
        line += n
    return "".join(kept), broken


def _at_odds(parts: Sequence[str], sound: Sequence[int]) -> dict[int, str]:
    """Why tables that can be parsed alone can't be parsed after those before them, by their places.

    What can't be parsed isn't mended by what follows, so the first that is at odds is found by halving. After many
    such tables all that follow are set aside, too: it is another kind of file then.
    """

    def fault(n: int) -> str:
        return _fault("".join(parts[place] for place in (*kept, *rest[:n])))

    kept: list[int] = []
    rest, why = list(sound), dict[int, str]()
    while fault(len(rest)):
        if len(why) == MOST_AT_ODDS:
            return why | dict.fromkeys(rest, "after many tables at odds with each other")
        first = bisect_left(range(1, len(rest) + 1), True, key=lambda n: bool(fault(n)))
        why[rest[first]] = fault(first + 1)
        kept, rest = [*kept, *rest[:first]], rest[first + 1 :]
    return why


def _fault(text: str) -> str:
    """Why a text is no TOML; empty where it is."""
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError, or an integer of thousands of digits
        return shorten(re.sub(r" \(at .*\)$", "", str(error))) or "unknown reason"
    return ""


def _parts(content: str) -> list[str]:
    """The text by its tables; a table of a list has the tables within it."""
    parts, of = [""], ""
    for row in content.splitlines(keepends=True):
        header = HEADER.match(row)
        name = header[2].strip() if header else ""
        if header and not (of and name.startswith(of)):
            of = f"{name}." if header[1] else ""
            parts.append("")
        parts[-1] += row
    return [part for part in parts if part]


def _read(reader: Reader) -> Project:
    """What the sections hold."""
    top = reader.read(reader.root, TOP, partly=True) or {}
    version = reader.root.values.get("project_version")
    if reader.root.values and version != VERSION:
        told = f"of version {shorten(str(version))}" if version is not None else "without a project_version"
        reader.fail("version", f"it is {told}, where this program writes {VERSION}; what fits is read",
                    reader.root, "project_version", version, severity="warning")  # fmt: skip
    data = reader.read(reader.table("data"), DATA, partly=True) or {}
    mapping = mapping_of(reader, table) if (table := reader.table("mapping")).values else None
    subcohorts = [Subcohort(**v) for t in reader.tables("subcohorts") if (v := reader.read(t, SUBCOHORT)) is not None]
    exhibits = [Exhibit(**v) for t in reader.tables("exhibits") if (v := reader.read(t, EXHIBIT)) is not None]
    recorded = [Recorded(t.name, **{"value": None, **v}) for t in reader.named("recorded")
                if (v := reader.read(t, RECORDED)) is not None]  # fmt: skip
    project = Project(
        top.get("title", ""), top.get("saved", ""), top.get("program", ""), DataMark(**data), mapping,
        top.get("scheme", ""), edits_of(reader), _filters(reader), tuple(subcohorts), _choices(reader),
        _settings(reader), tuple(exhibits),
        tuple(recorded), top.get("recorded_by", ""), top.get("smallest_cell", 0), hide_below=top.get("hide_below", 0),
    )  # fmt: skip
    clean, picked = without_picked(replace(project, unread=_unread(reader)))
    for where in picked:
        reader.fail("picked", f"{where}: {PICKED_OUT}")
    return clean


def _settings(reader: Reader) -> Mapping[str, Mapping[str, Any]]:
    """The settings of each figure; those of curves as far as curves take them."""
    from necc.present.figures.settings import CURVES

    known = {"curves": CURVES}
    found = {}
    for table in reader.named("settings"):
        sound = reader.read(table, known[table.name], partly=True) if table.name in known else table.values
        found[table.name] = {key: _plain(table.values[key]) for key in sound or {}}
    return found


def _filters(reader: Reader) -> tuple[str, ...]:
    """The filters that are texts; another one takes only itself away."""
    raw = reader.root.values.get("filters", [])
    if not isinstance(raw, list):
        reader.fail("value", "a list of texts is needed", reader.root, "filters")
        reader.unread.append((("filters",), raw))
        return ()
    for place, one in enumerate(raw, 1):
        if not isinstance(one, str):
            reader.fail("value", f"filter {place}: a text is needed", reader.root, "filters", one)
            reader.unread.append((("filters", str(place)), one))
    return tuple(one for one in raw if isinstance(one, str))


def _choices(reader: Reader) -> Mapping[str, Choice]:
    table = reader.table("choices")
    return reader.read(table, Keys({}, dict.fromkeys(table.values, _choice)), partly=True) or {}


def _unread(reader: Reader) -> tuple[Unread, ...]:
    """What was set aside: by an earlier reader, which [unread] tells, and by this one."""
    earlier = []
    for key, value in reader.table("unread").values.items():
        if key == TEXTS and isinstance(value, list):
            earlier += [Unread((), text) for text in value]
        else:
            earlier.append(Unread(("unread", key), value))
    return (*earlier, *(_placed(reader.root.values, path, value) for path, value in reader.unread))


def _placed(document: Mapping[str, object], path: tuple[str, ...], value: object) -> Unread:
    """What stood at a path, with numbers for the places in lists, and the name of the list's table that it is in."""
    steps: list[str | int] = []
    place: object = document
    of = ""
    for step in path:
        if isinstance(place, list):
            row = place[int(step) - 1]
            of = str(row.get(NAMED.get(str(steps[-1]), ""), "")) if isinstance(row, Mapping) else ""
            steps.append(int(step))
            place = row
        else:
            steps.append(step)
            place = place.get(step) if isinstance(place, Mapping) else None
    return Unread(tuple(steps), value, "" if isinstance(steps[-1], int) else of)


# ---------------------------------------------------------------- written
def written(project: Project) -> str:
    """The project's file; see `Project.to_toml`."""
    document: dict[str, Any] = {"project_version": VERSION}
    names = ("title", "saved", "program", "scheme", "filters", "recorded_by", "smallest_cell", "hide_below")
    document |= {name: _listed(value) for name in names if (value := getattr(project, name))}
    document["data"] = _filled(project.data)
    document["mapping"] = project.mapping.to_table() if project.mapping is not None else {}
    document["edits"] = tables_of(project.edits)
    document["subcohorts"] = [_filled(one) for one in project.subcohorts]
    document["choices"] = _listed(project.choices)
    document["settings"] = _listed(project.settings)
    document["exhibits"] = [_filled(one) for one in project.exhibits]
    document["recorded"] = {one.name: _filled(one, but="name") for one in project.recorded}
    document = _with_unread({k: v for k, v in document.items() if v not in ({}, [])}, project.unread)
    if isinstance(rows := document.get("recorded"), dict):  # a line each
        document["recorded"] = {k: _on_one_line(v) for k, v in rows.items()}
    aside = _scalars_first(document.pop("unread", {}))
    text = to_toml(_scalars_first(document), HEADING.format(numbers=_told_of_numbers(project)))
    return text + (f"\n# {MEND}\n{to_toml({'unread': aside})}" if aside else "")


def _told_of_numbers(project: Project) -> str:
    """What the heading says of the numbers; of a file that was edited by hand what is true of it, too."""
    if not project.recorded:
        return "It holds no patient's values."
    smallest = project.smallest_cell
    if smallest < 2:
        return "It holds counts and estimates, also of\n# few patients: a count of one can tell of somebody."
    few = sum(is_small(one, smallest) for one in project.recorded)
    if few:
        return f"It holds counts and estimates,\n# {few:,} of them of fewer than {smallest:,} patients."
    return (
        f"It holds no patient's values:\n# its counts and estimates are of {smallest:,} patients or more, or of nobody."
    )


def _filled(thing: Any, but: str = "") -> dict[str, Any]:
    """The fields that differ from their defaults; 0 differs from nothing."""
    values = {}
    for field in fields(thing):
        usual = field.default if field.default_factory is MISSING else field.default_factory()
        value = getattr(thing, field.name)
        if field.name != but and value is not None and value != usual:
            values[field.name] = _listed(value)
    return values


def _listed(value: Any) -> Any:
    """Tuples as the lists that TOML has."""
    if isinstance(value, Mapping):
        return {k: _listed(v) for k, v in value.items()}
    return [_listed(v) for v in value] if isinstance(value, tuple | list) else value


def _on_one_line(value: Any) -> Any:
    import tomlkit

    if not isinstance(value, dict):
        return value
    line = tomlkit.inline_table()
    line.update(value)
    return line


def _with_unread(document: dict[str, Any], unread: Iterable[Unread]) -> dict[str, Any]:
    """With what wasn't read where it stood; in [unread] where something else stands there now."""
    aside: dict[str, Any] = {}
    # parts of tables first, then those of lists by their places, which count from 1
    parts = [one for one in unread if one.path]
    for one in sorted(parts, key=lambda one: last if isinstance(last := one.path[-1], int) else 0):
        if one.path[0] == "unread" or not _put(document, one):
            _set_aside(aside, ".".join(map(str, one.path)).removeprefix("unread."), one.value)
    if texts := [_as_it_stood(one.value) for one in unread if not one.path]:
        _set_aside(aside, TEXTS, texts)
    return {**document, "unread": aside} if aside else document


def _as_it_stood(value: object) -> object:
    """A text with its lines below each other."""
    import tomlkit

    lines = isinstance(value, str) and "\r" not in value and not value.startswith("\n")
    return tomlkit.string(str(value), multiline=True) if lines else value


def _set_aside(aside: dict[str, Any], key: str, value: object) -> None:
    while key in aside:
        key += "'"
    aside[key] = value


def _put(document: dict[str, Any], one: Unread) -> bool:
    """Puts a part where it stood; whether it could."""
    *parents, last = one.path
    place: Any = document
    for step, following in zip(parents, one.path[1:], strict=True):
        if isinstance(step, int):
            rows = [row for row in place if isinstance(row, dict) and one.of in map(row.get, NAMED.values())]
            place = rows[0] if rows and one.of else None
        elif isinstance(place, dict):
            place = place.setdefault(step, [] if isinstance(following, int) else {})
        if not isinstance(place, dict | list):
            return False
    if isinstance(place, list) and isinstance(last, int):
        place.insert(last - 1, one.value)
    elif isinstance(place, dict) and last not in place:
        place[str(last)] = one.value
    else:
        return False
    return True


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and all(map(_is_table, value)))


def _scalars_first(value: Any) -> Any:
    """What isn't a table before the tables, as TOML wants it."""
    if type(value) is list:
        return [_scalars_first(v) for v in value]
    if type(value) is not dict:
        return value
    return {k: _scalars_first(v) for k, v in sorted(value.items(), key=lambda pair: _is_table(pair[1]))}
