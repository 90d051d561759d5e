"""A lesson's file (TOML) read: every fault is a finding with its line, and a lesson comes of a file without any.

A file holds no code: a figure is a recipe, which is parsed and never run; an answer is the name of a value, which the
core computes; a number in a text stands in {braces}.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from necc.core.errors import Finding, in_order
from necc.core.text import joined, shorten
from necc.core.toml import Keys, Reader, Table, anything, flag, listed, meant, number, one_of, text, whole
from necc.lessons.model import Asked, Choice, Control, ControlKind, Lesson, Only, Option, Pick, Plain, Step, Wrong
from necc.lessons.values import PARTS, REGISTRY, problems_of

NAME = re.compile(r"[a-z][a-z0-9_]*")
HOLE = re.compile(r"\{([^{}]*)\}")
BUILT_IN = ("endpoint", "recurrence", "treatment", "n")
"""Names of a text or a recipe that each cohort has: its main endpoint, that of recurrence, its treatment, patients."""
LARGEST, MOST_STEPS, MOST_VALUES = 200_000, 40, 60
LARGEST_NUMBER = 1_000_000  # of an argument or a slider
CONDITION = re.compile(r"(\w+) *(<=|>=|!=|=|<|>) *(-?\d+(?:\.\d+)?|[a-z]\w*)|(\w+) is (not )?(reached|estimable)")
WIDEST = {"share": 25.0, "p": 0.5}  # tolerances from which on nearly every answer is right
LESS = {"share": "of a share in percent it is below 25", "p": "of a p it is below 0.5"}
OWN_CALLS = ("select", "CurveSettings")


# ---------------------------------------------------------------- converters
def _value_name(value: object) -> str:
    """The name of a value; a number is refused, as an answer is computed."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(
            f"an answer is computed, never typed: not {shorten(str(value))}, but the name of a value, "
            "such as answer = 'curve', with a table [value.curve] that says what it is"
        )
    return _name(value)


def _name(value: object) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError(f"'{shorten(str(value))}' is no name: small letters, digits and _, a letter first")
    return value


def _slug(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 60:
        raise ValueError(f"'{shorten(str(value))}' is no id: small letters and digits, with - between words, up to 60")
    return value


def _minutes(value: object) -> int:
    if not 1 <= (found := whole(value)) <= 60:
        raise ValueError(f"a lesson takes 1 to 60 minutes, not {found:,}")
    return found


def _finite(value: object) -> float:
    if not abs(found := float(number(value))) <= LARGEST_NUMBER:
        raise ValueError(f"a number lies between -{LARGEST_NUMBER:,} and {LARGEST_NUMBER:,}; {found:g} doesn't")
    return found


def _plain(value: object) -> Plain:
    if isinstance(value, bool | str):
        return value
    return listed(text)(value) if isinstance(value, list) else _finite(value)


def _tolerance(value: object) -> float:
    if not 0 <= (found := float(number(value))) < 1e6:
        raise ValueError(f"a tolerance is zero or more, not {found:g}")
    return found


LESSON = Keys(
    {"id": _slug, "title": text, "minutes": _minutes, "step": anything},
    {"about": text, "place": whole, "cohort": one_of(("sample", "loaded")), "needs": listed(text),
     "terms": listed(text), "value": anything, "only": anything},
)  # fmt: skip
ASK = {"text": text, "explain": text}
MAY_ASK = {
    "answer": _value_name, "tolerance": _tolerance, "choice": anything, "pick": one_of(get_args(Pick)),
    "wrong": anything, "hints": listed(text),
}  # fmt: skip
STEPS = {
    "text": Keys({"kind": text, "text": text}, {}, "text"),
    "figure": Keys({"kind": text, "figure": text}, {"text": text, "says": text, "control": anything}, "figure"),
    "predict": Keys({"kind": text, **ASK}, MAY_ASK, "predict"),
    "question": Keys({"kind": text, **ASK}, MAY_ASK, "question"),
    "recall": Keys({"kind": text, **ASK}, MAY_ASK, "recall"),
}
CONTROLS = {
    "slider": Keys({"name": _name, "kind": text, "label": text, "from": _finite, "to": _finite, "start": _finite},
                   {"step": _finite}, "slider"),
    "select": Keys({"name": _name, "kind": text, "label": text, "option": anything}, {}, "select"),
    "switch": Keys({"name": _name, "kind": text, "label": text}, {"start": flag}, "switch"),
}  # fmt: skip
CHOICE = Keys({"text": text}, {"when": text, "right": flag, "value": _value_name, "says": text})
WRONG = Keys({"value": _value_name, "says": text})
ONLY = Keys({"when": text, "why": text})
OPTION = Keys({"value": _plain, "text": text})


def read_lesson(source: str | bytes) -> tuple[Lesson | None, tuple[Finding, ...]]:
    """A lesson of a TOML file, and what is wrong with it; see docs/lessons.md for what it may hold.

    Args:
        source: the file's text or bytes, UTF-8, at most 200,000 characters.

    Returns:
        The lesson, None where a finding is an error; findings with their lines, errors first. Nothing is raised.

    Example:
        >>> lesson, findings = read_lesson('id = "a"\\ntitle = "A"\\nminutes = 3\\nstepp = 1')
        >>> lesson, [f.row for f in findings if f.code == "lesson-key"]
        (None, [4])
    """
    if len(source) > LARGEST:
        told = f"the file has {len(source):,} characters; a lesson has at most {LARGEST:,}"
        return None, (Finding("error", "lesson-size", told),)
    reader = _Lesson(source)
    lesson = reader.lesson()
    findings = in_order(reader.file.findings)
    return (None if any(f.severity == "error" for f in findings) else lesson), findings


class _Lesson:
    def __init__(self, source: str | bytes) -> None:
        self.file = Reader(source, "lesson-{}")
        self.values: dict[str, Asked] = {}
        self.used: set[str] = set()

    def fail(self, code: str, problem: str, table: Table | None = None, key: str = "", value: object = None) -> None:
        self.file.fail(code, problem, table, key, value)

    def lesson(self) -> Lesson | None:
        file = self.file
        if any(f.code in ("lesson-not-text", "lesson-not-toml") for f in file.findings):
            return None
        head = file.read(file.root, LESSON, partly=True)
        self._values()
        only = self._only()
        tables = file.tables("step") if "step" in file.root.values else []
        if len(tables) > MOST_STEPS:
            self.fail("steps", f"a lesson has at most {MOST_STEPS} steps, not {len(tables):,}")
        steps = [step for table in tables[:MOST_STEPS] if (step := self._step(table))]
        if not tables and "step" in file.root.values:
            self.fail("steps", "a lesson has at least one [[step]]")
        self._order(tables, steps)
        if head is None:
            return None
        rest = {k: v for k, v in head.items() if k not in ("step", "value", "only")}
        lesson = Lesson(steps=tuple(steps), values=self.values, only=only, **rest)
        self._texts(lesson, file.root)
        for name in [n for n in self.values if n not in self.used]:
            told = f"the value '{name}' is never used"
            file.fail("unused", told, Table({}, f"value.{name}", ("value", name)), severity="warning")
        return lesson

    # ------------------------------------------------------------ values
    def _values(self) -> None:
        tables = self.file.named("value") if "value" in self.file.root.values else []
        if len(tables) > MOST_VALUES:
            self.fail("values", f"a lesson has at most {MOST_VALUES} values, not {len(tables):,}")
        for table in tables[:MOST_VALUES]:
            try:
                name = _name(table.name)
                if name in BUILT_IN:
                    raise ValueError(f"'{name}' is the name of something that every cohort has; choose another")
                of, digits = text(table.values.get("of", "")), table.values.get("digits")
                if digits is not None and not 0 <= whole(digits) <= 4:
                    raise ValueError("'digits' is 0 to 4")
                given = tuple((k, _plain(v)) for k, v in table.values.items() if k not in ("of", "digits"))
            except ValueError as problem:
                told = str(problem) if "of" in table.values else "it needs the key 'of', such as of = 'km.survival'"
                self.fail("value", told, table)
                continue
            self.values[name] = Asked(name, of, given, digits if isinstance(digits, int) else None)

    def _only(self) -> tuple[Only, ...]:
        found = []
        for table in self.file.tables("only") if "only" in self.file.root.values else []:
            if row := self.file.read(table, ONLY):
                self._condition(row["when"], table)
                found.append(Only(**row))
        return tuple(found)

    def _check_values(self, holes: tuple[str, ...], only: Iterable[str]) -> None:
        for name in only:
            table = Table({}, f"value.{name}", ("value", name))
            for problem in problems_of(self.values[name], holes):
                self.fail("value", problem, table)

    # ------------------------------------------------------------ steps
    def _step(self, table: Table) -> Step | None:
        kind = table.values.get("kind")
        if kind not in STEPS:
            told = f"'kind' is one of {joined(list(STEPS), 'or')}, not '{shorten(str(kind))}'{meant(kind, STEPS)}"
            self.fail("kind", told, table, "kind", kind)
            return None
        found = self.file.read(table, STEPS[str(kind)])
        if found is None:
            return None
        control = self._control(table) if "control" in found else None
        plain = {k: v for k, v in found.items() if k not in ("control", "choice", "wrong", "pick")}
        step = Step(control=control, choices=self._choices(table), wrong=self._wrongs(table),
                    pick=found.get("pick", ""), **plain)  # fmt: skip
        if step.figure:
            self._recipe(step, table)
        if step.asks:
            self._asked(step, table)
        return step

    def _control(self, table: Table) -> Control | None:
        of = self.file.table("control", table)
        kind = of.values.get("kind")
        if kind not in CONTROLS:
            told = f"'kind' of a control is one of {joined(list(CONTROLS), 'or')}, not '{shorten(str(kind))}'"
            self.fail("control", told + meant(kind, CONTROLS), of)
            return None
        found = self.file.read(of, CONTROLS[str(kind)])
        if found is None:
            return None
        options = tuple(
            Option(**o) for t in (self.file.tables("option", of) if "option" in of.values else [])
            if (o := self.file.read(t, OPTION))
        )  # fmt: skip
        name = found["name"]
        if name in self.values or name in BUILT_IN:
            self.fail("control", f"the name '{name}' is taken already", of)
        if kind == "slider" and not found["from"] <= found["start"] <= found["to"] > found["from"]:
            self.fail("control", "a slider starts between 'from' and 'to', and 'to' is the larger", of)
        if kind == "slider" and not found.get("step", 1) > 0:
            self.fail("control", "the step of a slider is more than zero", of)
        if kind == "select" and len(options) < 2:
            self.fail("control", "a select has two or more [[step.control.option]], each with value and text", of)
            return None
        if len({option.text for option in options}) < len(options):
            self.fail("control", "two options of a select read the same", of)
        start = options[0].value if kind == "select" else found.get("start", False)
        low, high, step = (found.get(k, d) for k, d in (("from", 0.0), ("to", 0.0), ("step", 1.0)))
        return Control(name, cast(ControlKind, kind), found["label"], start, low, high, step, options)

    def _choices(self, table: Table) -> tuple[Choice, ...]:
        rows = self.file.tables("choice", table) if "choice" in table.values else []
        choices = [(row, Choice(**c)) for row in rows if (c := self.file.read(row, CHOICE))]
        for row, choice in choices:
            self._names(filter(None, [choice.value]), row)
            if choice.when:
                self._condition(choice.when, row)
            if choice.when and choice.right:
                self.fail("choice", "a choice has 'when' or 'right', not both", row)
        return tuple(choice for _, choice in choices)

    def _wrongs(self, table: Table) -> tuple[Wrong, ...]:
        rows = self.file.tables("wrong", table) if "wrong" in table.values else []
        wrongs = [(row, Wrong(**w)) for row in rows if (w := self.file.read(row, WRONG))]
        for row, one in wrongs:
            self._names([one.value], row)
        return tuple(one for _, one in wrongs)

    def _names(self, names: Iterable[str], table: Table) -> None:
        for name in names:
            self.used.add(name)
            if name not in self.values:
                known = ", ".join(self.values) or "none"
                self.fail("name", f"there is no value '{name}'; there are {known}{meant(name, self.values)}", table)

    def _condition(self, when: str, table: Table) -> None:
        for part in re.split(" and | or ", when):
            if not (found := CONDITION.fullmatch(part.strip())):
                told = f"'{shorten(when)}' can't be read; such as 'p < 0.05', 'a > b' or 'median is not reached'"
                self.fail("condition", told, table, "when")
                continue
            names = [found[1] or found[4], *([found[3]] if found[3] and found[3][0].isalpha() else [])]
            self._names(names, table)

    def _asked(self, step: Step, table: Table) -> None:
        if bool(step.answer) == bool(step.choices):
            self.fail(
                "question", "a question has 'answer', the name of a number, or two or more [[step.choice]]", table
            )
            return
        if step.answer:
            self._names([step.answer], table)
            if "tolerance" not in table.values:
                told = "a number needs 'tolerance': how far off still counts, in the unit shown"
                self.fail("missing", told, table)
            self._tolerance(step, table)
            if step.pick:
                self.fail("question", "'pick' chooses among choices", table, "pick")
            return
        if step.wrong:
            self.fail("question", "[[step.wrong]] belongs to a number; a choice has 'says' of its own", table)
        if len(step.choices) < 2:
            self.fail("question", "a question has two or more choices", table)
        valued = [bool(c.value) for c in step.choices]
        if step.pick and not all(valued):
            self.fail("question", f"with pick = '{step.pick}' every choice has a 'value'", table, "pick")
        if not step.pick and any(valued):
            known = joined([f"'{pick}'" for pick in get_args(Pick)], "or")
            self.fail("question", f"choices with a 'value' need pick = {known}", table)
        if not step.pick and not any(c.when or c.right for c in step.choices):
            self.fail("question", "no choice is right: give one 'when' or right = true", table)
        if sum(c.right for c in step.choices) > 1:
            self.fail("question", "several choices have right = true", table)

    def _tolerance(self, step: Step, table: Table) -> None:
        """A tolerance that lets nearly everything in, or nothing that is read off a figure; and a text that tells."""
        entry = REGISTRY.get(self.values[step.answer].of) if step.answer in self.values else None
        if entry and entry.kind in WIDEST and step.tolerance >= WIDEST[entry.kind]:
            told = f"a tolerance of {step.tolerance:g} lets nearly every answer in; {LESS[entry.kind]}"
            self.fail("tolerance", told, table, "tolerance", step.tolerance)
        elif entry and entry.kind != "count" and step.tolerance == 0 and "tolerance" in table.values:
            told = "a tolerance of 0 takes the exact number only, which nobody types; half of what the figure lets read"
            self.file.fail("tolerance", told, table, "tolerance", 0, severity="warning")
        if {hole.partition(".")[::2] for hole in HOLE.findall(step.text)} & {
            (step.answer, ""),
            (step.answer, "number"),
        }:
            self.fail("spoilt", f"the text tells the answer, {{{step.answer}}}", table, "text")

    # ------------------------------------------------------------ recipes
    def _recipe(self, step: Step, table: Table) -> None:
        from necc.report.recipe import RecipeError, known_function, read

        holes = (*BUILT_IN, *([step.control.name] if step.control else []))
        strange = [h for h in HOLE.findall(step.figure) if NAME.fullmatch(h) and h not in holes]
        if strange:
            told = f"there is no {{{shorten(strange[0])}}} here; there are {', '.join(holes)}{meant(strange[0], holes)}"
            self.fail("recipe", told, table, "figure")
            return
        try:
            tree = read(recipe_of(step.figure, dict.fromkeys(holes, "x")))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) not in OWN_CALLS:
                    known_function(name)
        except RecipeError as problem:
            self.fail("recipe", str(problem), table, "figure")
            return
        called = ast.unparse(tree.func) if isinstance(tree, ast.Call) else ""
        if not called.startswith(("figures.", "tables.")):
            self.fail("recipe", "a figure begins with figures. or tables.", table, "figure")

    # ------------------------------------------------------------ the whole
    def _order(self, tables: list[Table], steps: list[Step]) -> None:
        """A prediction before the first figure, and a question without one at the end."""
        if len(tables) != len(steps) or not steps:
            return
        shown = next((i for i, s in enumerate(steps) if s.figure), len(steps))
        if not any(s.kind == "predict" for s in steps[:shown]):
            told = "no prediction is asked before the first figure; who guesses first remembers more"
            self.file.fail("no-prediction", told, tables[min(shown, len(tables) - 1)], severity="warning")
        if not steps[-1].asks:
            told = "the last step asks nothing; a question without the figure at the end helps to keep it"
            self.file.fail("no-recall", told, tables[-1], severity="warning")

    def _texts(self, lesson: Lesson, root: Table) -> None:
        """Placeholders of every text, and the arguments of values in the place where they are used."""
        moved: dict[str, set[str]] = {name: set() for name in self.values}
        for number_, step in enumerate(lesson.steps, 1):
            control = (step.control.name,) if step.control else ()
            table = Table({}, f"step {number_}", ("step", str(number_)))
            for place, said in _said(step):
                if set("{}") & set(HOLE.sub("", said)):
                    self.fail("placeholder", f"a brace has no other beside it in '{shorten(said)}'", table)
                allowed = control if place == "says" else ()
                for hole in HOLE.findall(said):
                    name = hole.partition(".")[0]
                    if name in self.values and place == "says":
                        moved[name] |= {*control}
                    self._hole(hole, (*BUILT_IN, *allowed), table)
        for hole in HOLE.findall(lesson.title + lesson.about):
            told = f"a title and 'about' stand as they are written; {{{shorten(hole)}}} isn't filled in there"
            self.fail("placeholder", told, root)
        for name, controls in moved.items():
            holes = (*BUILT_IN, *controls)
            self._check_values(holes, [name])
            for _, value in self.values[name].arguments:
                for hole in HOLE.findall(value) if isinstance(value, str) else ():
                    if hole not in holes:
                        told = f"there is no {{{shorten(hole)}}} where it is used; there are {', '.join(holes)}"
                        self.fail("value", told, Table({}, f"value.{name}", ("value", name)))

    def _hole(self, hole: str, more: tuple[str, ...], table: Table) -> None:
        name, _, part = hole.partition(".")
        known = (*self.values, *more)
        if name not in known:
            told = f"the text has {{{shorten(hole)}}}, and there is no '{shorten(name)}'; there are {', '.join(known)}"
            self.fail("placeholder", told + meant(name, known), table)
        elif part and (name not in self.values or part not in PARTS):
            told = f"the text has {{{shorten(hole)}}}; a value has the parts {', '.join(PARTS)}{meant(part, PARTS)}"
            self.fail("placeholder", told, table)
        self.used.add(name)


def _said(step: Step) -> list[tuple[str, str]]:
    said = [("text", step.text), ("says", step.says), ("explain", step.explain)]
    said += [("hint", h) for h in step.hints]
    said += [("wrong", w.says) for w in step.wrong]
    return said + [("choice", t) for c in step.choices for t in (c.text, c.says)]


def recipe_of(figure: str, names: Mapping[str, Any]) -> str:
    """A figure's recipe with {names} as literals: texts in quotation marks, numbers and true or false as they are."""

    def literal(hole: re.Match[str]) -> str:
        return repr(names[hole[1]]) if hole[1] in names else hole[0]  # a tuple reads as one

    return HOLE.sub(literal, figure)
