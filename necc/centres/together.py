"""What files of several centres say alike, and what they don't: before anything is added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from necc.centres.file import CentreFile
from necc.core.errors import Finding, Severity
from necc.core.text import first_few, joined, natural, plural, quoted

ENOUGH_TO_TELL = 5  # patients of a centre, from which on it is no chance that all have their like in another centre
Entry = Mapping[str, Any]
IN_WORDS = {
    "unit": "the unit of its times", "origin": "where its clock starts", "starts_at": "when its clock starts",
    "defined_as": "its definition", "time_grid": "how its times were coarsened",
}  # fmt: skip
"""By key of an endpoint in a file, what has to be the same in every file."""
MEND = {
    "time_grid": "make the files again with one --time-grid",
    "unit": "make the files again with times in one unit",
}


@dataclass(frozen=True)
class Agreed:
    """What can be added up of some files.

    endpoints: by name, as the files have them, and the centres that have it. factors: with the levels of all files.
    sites: the names of the sites, in order, or none; labels: by name. findings: what isn't added up, and why.
    """

    endpoints: Mapping[str, Entry]
    factors: tuple[Entry, ...]
    scheme: Entry
    findings: tuple[Finding, ...]

    @property
    def sites(self) -> tuple[str, ...]:
        return tuple(self.scheme.get("names", ()))


def agree(files: Sequence[CentreFile]) -> Agreed:
    """Compares the files; nothing is added up here.

    Returns:
        What all of them say alike. A finding of severity error with no column concerns the files as a whole, which
        can't be pooled then; with one, just the endpoint, factor or sites that it names.
    """
    found = [*_the_same_twice(files), *_code_books(files)]
    endpoints: dict[str, Entry] = {}
    for name in dict.fromkeys(n for file in files for n in file.endpoints):
        told = [*_endpoint(name, files)]
        found += told
        if not any(f.severity == "error" for f in told):
            endpoints[name] = next(file.endpoints[name] for file in files if name in file.endpoints)
    factors: list[Entry] = []
    for name in dict.fromkeys(f["name"] for file in files for f in file.factors):
        factor, told = _factor(name, files)
        found += told
        factors += [factor] if factor else []
    scheme, told = _sites(files)
    return Agreed(endpoints, tuple(factors), scheme, (*found, *told, *_rules(files)))


def _finding(severity: Severity, code: str, message: str, column: str | None = None) -> Finding:
    return Finding(severity, code, message, column=column)


def _by(files: Iterable[CentreFile], what: Callable[[CentreFile], object]) -> dict[object, list[str]]:
    """Centres by what their files say."""
    groups: dict[object, list[str]] = {}
    for file in files:
        groups.setdefault(what(file), []).append(file.centre)
    return groups


def _told(groups: Mapping[Any, Sequence[str]]) -> str:
    """'months' in A and B, 'days' in C."""
    return ", ".join(f"'{said}' in {joined(list(centres))}" for said, centres in groups.items())


# ---------------------------------------------------------------- the same patients twice
def _the_same_twice(files: Sequence[CentreFile]) -> Iterable[Finding]:
    """The same file, the same centre, the same counts, or a centre all of whose patients another one has, too."""
    told: set[frozenset[int]] = set()
    for i, j in combinations(range(len(files)), 2):
        one, two = files[i], files[j]
        if one.sha256 == two.sha256:
            message = f"the file of centre '{one.centre}' is given twice: its patients would count twice; leave one out"
        elif one.centre == two.centre:
            message = (f"two files are of a centre '{one.centre}': the same patients may be in both; take the later one"
                       ", or let each centre name itself with --centre")  # fmt: skip
        elif _counts(one) == _counts(two):
            message = (f"the files of '{one.centre}' and '{two.centre}' hold the same counts, so they are of the same "
                       "patients; leave one out")  # fmt: skip
        else:
            continue
        told.add(frozenset((i, j)))
        yield _finding("error", "same patients", message)
    for i, j in combinations(range(len(files)), 2):
        less, more = sorted((files[i], files[j]), key=lambda file: file.patients)
        if frozenset((i, j)) not in told and less.patients >= ENOUGH_TO_TELL and _within(less, more):
            message = (f"every patient of '{less.centre}' has one like it in '{more.centre}', time and all: perhaps an "
                       "earlier file of the same patients; ask both centres before you pool them")  # fmt: skip
            yield _finding("warning", "same patients", message)


def _counts(file: CentreFile) -> object:
    """All the counts of a file, whatever it is called."""
    return [(name, tuple(t["columns"]), sorted(map(repr, t["rows"]))) for name, t in sorted(file.tables.items())]


def _within(less: CentreFile, more: CentreFile) -> bool:
    """Whether a table with times of a centre is a part of another centre's."""
    shared = [n for n, t in less.tables.items() if "time" in t["columns"] and n in more.tables
              and more.tables[n]["columns"] == t["columns"]]  # fmt: skip
    for name in shared:
        one, two = (Counter({repr(row[:-1]): row[-1] for row in file.tables[name]["rows"]}) for file in (less, more))
        if one <= two:
            return True
    return False


# ---------------------------------------------------------------- what is meant
def _code_books(files: Sequence[CentreFile]) -> Iterable[Finding]:
    if len(names := _by(files, lambda file: file.code_book["name"])) > 1:
        yield _finding("error", "code book", f"the files were made with different code books ({_told(names)}), which "
                       "may mean other things by the same names; make them again with one --dictionary")  # fmt: skip
    elif len(marks := _by(files, lambda file: file.code_book["sha256"])) > 1:
        said = joined([joined(centres) for centres in marks.values()], "and of")
        yield _finding("warning", "code book", f"the code books of {said} have one name and differ: "
                       "what the files say of endpoints, factors and sites was compared one by one")  # fmt: skip


def _endpoint(name: str, files: Sequence[CentreFile]) -> Iterable[Finding]:
    having = [file for file in files if name in file.endpoints]
    for key, words in IN_WORDS.items():
        groups: dict[object, list[str]] = {}
        for file in having:
            groups.setdefault(file.endpoints[name][key], []).append(file.centre)
        if len(groups) > 1:
            how = MEND.get(key, "make the files again with one code book")
            yield _finding("error", "endpoint", f"{name} can't be pooled: the files differ in {words} "
                           f"({_told(groups)}); {how}", name)  # fmt: skip
    if absent := [file.centre for file in files if name not in file.endpoints]:
        yield _finding("warning", "endpoint", f"{name} isn't in the file of {joined(absent)}: its patients aren't in "
                       "what is said of it", name)  # fmt: skip


def _factor(name: str, files: Sequence[CentreFile]) -> tuple[Entry | None, list[Finding]]:
    """A factor with the levels of all files, in an order that is that of each; None where it can't be pooled."""
    entries = [(file, f) for file in files for f in file.factors if f["name"] == name]
    first, found = entries[0][1], []
    if absent := [file.centre for file in files if not any(file is own for own, _ in entries)]:
        message = f"{first['label']} ('{name}') isn't pooled: it isn't in the file of {joined(absent)}"
        return None, [_finding("warning", "factor", message, name)]
    for key, words in (("source", "the column that it is read from"), ("starts_at", "when it is known"),
                       ("ordered", "whether its levels have an order")):  # fmt: skip
        groups: dict[object, list[str]] = {}
        for file, entry in entries:
            groups.setdefault(entry.get(key), []).append(file.centre)
        if len(groups) > 1:
            message = (f"{first['label']} ('{name}') isn't pooled: the files differ in {words} ({_told(groups)}); make "
                       "them again with one code book")  # fmt: skip
            return None, [_finding("error", "factor", message, name)]
    orders = [tuple(entry["levels"]) for _, entry in entries]
    levels = in_one_order(orders)
    if not first.get("ordered") and all(list(order) == sorted(order, key=natural) for order in orders):
        levels = tuple(sorted({level for order in orders for level in order}, key=natural))  # as of all the rows
    if levels is None and first.get("ordered"):
        message = (f"{first['label']} ('{name}') isn't pooled: its levels have an order, and the files have them in "
                   "different ones; make them again with one order")  # fmt: skip
        return None, [_finding("error", "factor", message, name)]
    if levels is None:
        levels = tuple(dict.fromkeys(level for _, entry in entries for level in entry["levels"]))
        found.append(_finding("info", "factor", f"the files have the levels of {first['label']} in different orders; "
                              f"the one of '{entries[0][0].centre}' stands", name))  # fmt: skip
    for level in levels:
        if lacking := [file.centre for file, entry in entries if level not in entry["levels"]]:
            found.append(_finding("info", "factor", f"{first['label']}: no patient of {joined(lacking)} has "
                                  f"'{level}'", name))  # fmt: skip
    return {**first, "levels": levels}, found


def in_one_order(orders: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """All levels in an order that keeps each of some orders; None where they contradict each other.

    Of levels that no order puts before one another, the one that comes first in the earlier list is first.

    Example:
        >>> from necc.centres.together import in_one_order
        >>> in_one_order([("I", "III"), ("I", "II", "III")]), in_one_order([("a", "b"), ("b", "a")])
        (('I', 'II', 'III'), None)
    """
    left = list(dict.fromkeys(level for order in orders for level in order))
    before = {level: {o for order in orders if level in order for o in order[: order.index(level)]} for level in left}
    placed: list[str] = []
    while left:
        free = next((level for level in left if before[level] <= set(placed)), None)
        if free is None:
            return None
        placed.append(free)
        left.remove(free)
    return tuple(placed)


def _sites(files: Sequence[CentreFile]) -> tuple[Entry, list[Finding]]:
    if len({(file.sites.get("scheme", ""), tuple(file.sites.get("names", ()))) for file in files}) == 1:
        return dict(files[0].sites), []
    named = _by(files, _scheme)
    message = (f"sites aren't pooled: the files read them in different ways ({_told(named)}); make them again with one "
               "scheme of sites")  # fmt: skip
    return {}, [_finding("error", "sites", message, "sites")]


def _scheme(file: CentreFile) -> str:
    """A file's way to read sites, in words."""
    names = file.sites.get("names", ())
    return f"{file.sites.get('scheme', '')}: {first_few(names)}" if names else "no sites"


def _rules(files: Sequence[CentreFile]) -> Iterable[Finding]:
    """What a reader of the sum has to know of each file."""
    if len(filters := _by(files, lambda file: joined(list(file.filters)) or "all patients")) > 1:
        yield _finding("warning", "filters", f"the files hold other patients of their centres: {_told(filters)}")
    if persons := [file.centre for file in files if file.rule["person_level"]]:
        whose = f"the {'files' if len(persons) > 1 else 'file'} of {joined(quoted(persons))}"
        yield _finding("info", "person level", f"{whose} {'are' if len(persons) > 1 else 'is'} person-level "
                       "information, so the pooled tables are, too: for centres that have an agreement")  # fmt: skip
    if 1 < len(files) < 3:
        yield _finding("info", "few centres", "each of two centres can tell the other's numbers from the pooled ones")
    if len(files) == 1:
        yield _finding("warning", "few centres", f"one centre only, with {plural(files[0].patients, 'patient')}: "
                       "nothing is pooled")  # fmt: skip
