"""Formulas of derived variables as R (`necc.core.edits.formula` says what they mean)."""

from __future__ import annotations

from necc.core.cohort import FLAG_LEVELS
from necc.core.dictionary import DAYS_PER_UNIT, N_SITES, is_site
from necc.core.edits.formula import COMPARED, Formula, Node
from necc.report.scripts.patients import Patients
from necc.report.scripts.text import number, quoted

FUNCTIONS = {"abs": "abs", "sqrt": "sqrt", "log": "log", "log10": "log10", "exp": "exp", "round": "round_half_up",
             "coalesce": "first_known"}  # fmt: skip


def in_r(formula: Formula, patients: Patients) -> str:
    """A formula as an expression of R: a number, TRUE or FALSE, a text or a date a patient, NA where missing."""
    return _Writer(formula, patients).node(formula.tree)


class _Writer:
    def __init__(self, formula: Formula, patients: Patients) -> None:
        self.formula, self.patients = formula, patients

    def kind(self, node: Node) -> str:
        return self.formula._typed[id(node)].kind

    def node(self, node: Node) -> str:
        if node.what == "number":
            return number(node.number)
        if node.what == "text":
            return quoted(node.word)
        if node.what == "missing":
            return "NA"
        if node.what == "name":
            return self._name(node.word)
        return self._call(node)

    def _name(self, word: str) -> str:
        cohort = self.patients.cohort
        if is_site(word):
            return self.patients.marked(word)
        if word == N_SITES:
            return self.patients.number(word)
        if word in cohort.factor_names() and word in cohort.dictionary.groupings:
            return f"as.character({self.patients.factor(word)})"
        variable = cohort.variable(word)
        column = self.patients.column(variable.name)
        return f'({column} == "yes")' if variable.kind in ("flag", "event") else column

    def _call(self, node: Node) -> str:
        word, parts = node.word, [self.node(part) for part in node.parts]
        if word in COMPARED:
            return self._compared(node, *parts)
        if word in ("and", "or"):
            return f"({parts[0]} {'&' if word == 'and' else '|'} {parts[1]})"
        if word == "not":
            return f"!({parts[0]})"
        if word == "is_missing":
            return f"is.na({parts[0]})"
        if word == "if":
            return f"chosen({', '.join(parts)})"
        if word.endswith("_between"):
            return f"(days_between({parts[0]}, {parts[1]}) / {number(DAYS_PER_UNIT[word.removesuffix('_between')])})"
        if word in ("min", "max"):
            return f"p{word}({', '.join(parts)})"
        if word in ("negative", "positive"):
            return f"({'-' if word == 'negative' else '+'}{parts[0]})"
        if word in FUNCTIONS:
            inner = f"{FUNCTIONS[word]}({', '.join(parts)})"
            return inner if word in ("round", "coalesce", "abs") else f"defined({inner})"
        inner = f"({parts[0]} {word} {parts[1]})"
        return inner if word in ("+", "-") else f"defined{inner}"

    def _compared(self, node: Node, left: str, right: str) -> str:
        sign = {"=": "==", "!=": "!="}.get(node.word, node.word)
        kinds = [self.kind(part) for part in node.parts]
        if {"yes/no", "text"} == {*kinds}:
            sides = [f"yes_no({text})" if kind == "yes/no" else text
                     for text, kind in zip((left, right), kinds, strict=True)]  # fmt: skip
            assert FLAG_LEVELS == ("no", "yes")
            left, right = sides
        return f"({left} {sign} {right})"
