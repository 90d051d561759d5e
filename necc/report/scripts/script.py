"""An R script as it is put together: what its sections need of file, edits, groups and endpoints stands first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from necc.core.cohort import Cohort
from necc.core.estimate import Estimate
from necc.core.selection import Selection
from necc.report.scripts.patients import Patients
from necc.report.scripts.text import WIDTH, comment, number, numbers, part_of, quoted

EXACT, ITERATED = 1e-9, 1e-6
"""Relative differences that agree: of what is counted or added up, and of what is found by iteration."""
SECTION = re.compile(r"^# ---- (.+)$")
USED = re.compile(r"(?<![\w.$\"])(\w+)(?=[(,)])")
HELPER = re.compile(r"^(\w+) <- ", re.MULTILINE)


class Script:
    """What sections share: the columns, groups, numbers and endpoints that they use, in the order of their first use.

    cohort: all patients, after edits. needed: columns of the file and of edits.
    written: results that have a section, each with the title of that. chosen: filters that were used, by their key,
        each with the R name of its patients, the filters in words and as R.
    """

    def __init__(self, cohort: Cohort, needed: dict[str, None], smallest_cell: int = 0) -> None:
        self.patients = Patients(cohort, needed)
        self.smallest_cell = smallest_cell
        self.groups: dict[str, str] = {}
        self.endpoints: dict[str, list[str]] = {}
        self.chosen: dict[str, tuple[str, str, str]] = {}
        self.written: dict[tuple[int, str, str], str] = {}

    def choose(self, selection: Selection) -> str:
        """The R name of the patients whom filters choose."""
        if not selection:
            return "everybody"
        key = selection.key()
        if key not in self.chosen:
            said = selection.describe(self.patients.cohort)
            self.chosen[key] = (f"chosen_{len(self.chosen) + 1}", said, self.patients.selected(selection))
        return self.chosen[key][0]

    def group(self, name: str) -> str:
        """The R name of a factor."""
        if name not in self.groups:
            self.groups[name] = self.patients.factor(name)
        return part_of("groups", name)

    def endpoint(self, name: str) -> str:
        """The R name of an endpoint's table."""
        if name not in self.endpoints:
            self.endpoints[name] = []
            self.endpoints[name] = self.patients.endpoint(name)
        return part_of("endpoints", name)


class Section:
    """The part of a script that computes one exhibit's numbers.

    cohort: the exhibit's patients. hides: whether the report hides counts of few patients.
    """

    def __init__(self, script: Script, cohort: Cohort, selection: Selection) -> None:
        self.script, self.cohort, self.selection = script, cohort, selection
        self.lines: list[str] = []
        self.hides = script.smallest_cell > 1
        self._names: dict[str, int] = {}

    # ------------------------------------------------------------ written
    def line(self, *lines: str) -> None:
        self.lines += lines

    def told(self, text: str) -> None:
        """Something that the script prints: why a number isn't compared."""
        if self.hides:
            text = re.sub(r"\b\d+ (patients?|events?)\b", "few patients", text)
        self.lines.append(f"note({quoted(text)})")

    def heading(self, text: str) -> None:
        """What the next lines are about."""
        self.lines += ["", *comment(text)]

    def choose(self, selection: Selection | None = None) -> None:
        """Who the section is about."""
        chosen = self.selection if selection is None else selection
        self.lines.append(f"who <- {self.script.choose(chosen)}")

    def name(self, of: str) -> str:
        """A name of R that the section hasn't used yet."""
        self._names[of] = self._names.get(of, 0) + 1
        return of if self._names[of] == 1 else f"{of}_{self._names[of]}"

    # ------------------------------------------------------------ compared
    def same(
        self, what: str, found: str, expected: Sequence[float | None] | float | None, tolerance: float = EXACT
    ) -> None:
        """Compares what an expression of R gives with what the product shows; prints it alone where counts are hidden.

        Any number of a report that hides counts could give one back, so none stands in its scripts.
        """
        if self.hides:
            self.lines.append(f"shown({quoted(what)}, {found})")
            return
        values = list(expected) if isinstance(expected, Sequence) else [expected]
        option = "" if tolerance == EXACT else f", {number(tolerance)}"
        start, shown = f"same({quoted(what)}, {found},", numbers(values, 4)
        gap = " " if len(start) + len(shown) + len(option) < WIDTH else "\n  "
        self.lines.append(f"{start}{gap}{shown}{option})")

    def few(self, n: int) -> bool:
        """Whether numbers of so few patients aren't told."""
        return 0 < n < self.script.smallest_cell

    # ------------------------------------------------------------ used
    def group(self, name: str) -> str:
        return self.script.group(name)

    def endpoint(self, name: str) -> str:
        return self.script.endpoint(name)

    def number(self, name: str) -> str:
        return self.script.patients.number(name)

    def adjusted(self, what: str, found: Sequence[str], expected: Sequence[float | None], how: str) -> None:
        """Compares p adjusted for the number of tests. found: each p as R has it; "NA" where there is none."""
        if all(p is None for p in expected):
            return
        method = {"bh": "BH"}.get(how, how)
        self.same(what, f"p.adjust(c({', '.join(found)}), {quoted(method)})", expected, ITERATED)

    def panels(self, result: Any, write: Callable[[Section, Any], str]) -> None:
        """Writes each panel of a result under its heading, then p of all of them, adjusted.

        write: writes one panel, and gives its p as R has it.
        """
        found = []
        for panel in result.panels:
            self.heading(panel.by_label)
            found.append(write(self, panel))
        self.adjusted(f"p adjusted ({result.adjustment})", found, result.p_adjusted, result.adjustment)


def three(estimate: Estimate) -> list[float | None]:
    """A value with its limits, in the order in which R's functions of a script give them."""
    return [estimate.value, estimate.lower, estimate.upper]


# ---------------------------------------------------------------- helpers
@cache
def _helpers() -> tuple[tuple[str, str, str], ...]:
    """Each function of R that sections may use: the part that it stands in, its name, and its text with its comment."""
    text = files(__package__).joinpath("helpers.R").read_text(encoding="utf-8")
    found, part = [], ""
    for block in re.split(r"\n\n+", text.strip()):
        first, _, rest = block.partition("\n")
        if match := SECTION.match(first):
            part, block = match[1], rest
        names = HELPER.findall(block)
        if names:
            found.append((part, names[0], block))
    return tuple(found)


def helpers_for(lines: Iterable[str]) -> list[str]:
    """The functions that some lines use, and those that these use, each with its comment."""
    known = {name: block for _, name, block in _helpers()}
    wanted = {"n_compared", "same", "shown", "format_each", "note", "finished"}
    look = [*lines, *(known[name] for name in sorted(wanted))]
    while look:
        new = ({*USED.findall("\n".join(look))} & {*known}) - wanted
        look = [known[name] for name in sorted(new)]
        wanted |= new
    result, part = [], ""
    for of, name, block in _helpers():
        if name in wanted:
            if of != part:
                result += ["", f"# ---- {of}"]
                part = of
            result += [block, ""]
    return result
