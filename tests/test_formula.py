"""Formulas of new variables: what they give, beside numpy and a loop, and what they refuse, with its place."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
from cohorts import cohort_of, from_sample
from hypothesis import given
from hypothesis import strategies as st

from necc.core.cohort import Cohort
from necc.core.dictionary import Variable
from necc.core.edits import Derive, Recode, apply_edits
from necc.core.edits.formula import ARGUMENTS, Formula, FormulaError, parse

FLAG = ["no", "yes"]
ODD = "odd name >2"


@pytest.fixture(scope="module")
def sample() -> Cohort:
    return from_sample("reconstructed_cohort.csv")


def made() -> Cohort:
    """Six patients with a column of each kind."""
    return cohort_of(
        {"a": [1.0, 2.0, None, -4.0, 0.0, 2.5], "b": [2.0, 0.0, 3.0, 2.0, None, 0.0],
         "kind": ["x", "y", "z", None, "x", "y"], "other": ["y", "y", "w", "w", None, "x"],
         "yes": pd.Categorical(["yes", "no", None, "yes", "no", None], FLAG), ODD: [1, 2, 3, 4, 5, 6],
         "from": ["2020-01-01", None, "2020-01-01", "2020-02-01", "2020-01-01", "2020-01-01"],
         "to": ["2020-01-31", "2020-01-31", "2021-01-01", "2020-01-01", None, "2020-12-31"],
         "note": ["p", "q", "r", "s", "t", "u"], "time": [1, 2, 3, 4, 5, 6], "event": [0, 1, 0, 1, 1, None]},
        variables=[Variable("yes", "Yes", "flag"), Variable("from", "From", "date"), Variable("to", "To", "date"),
                   Variable("note", "Note", "text")],
        sites={"lung": [1, 0, -1, 1, 0, 1], "bone": [1, 1, 0, 0, 0, 0]},
    )  # fmt: skip


def value(text: str, cohort: Cohort | None = None) -> list:
    """Each patient's value; None where missing."""
    result = Formula(text, cohort or made()).value()
    if result.kind in ("number", "date"):
        return [None if math.isnan(v) else v for v in result.data.tolist()]
    levels = FLAG if result.kind == "yes/no" else result.levels
    return [levels[c] if c >= 0 else None for c in result.data.tolist()]


YES, NO = "yes", "no"
EXPECTED = {
    "a + b": [3, 2, None, -2, None, 2.5],
    "a - b - 1": [-2, 1, None, -7, None, 1.5],
    "2 * a ^ 2": [2, 8, None, 32, 0, 12.5],
    "-a ^ 2": [-1, -4, None, -16, 0, -6.25],
    "2 ^ 3 ^ 0 * a": [2, 4, None, -8, 0, 5],
    "(a + b) * 2": [6, 4, None, -4, None, 5],
    "a / b": [0.5, None, None, -2, None, None],
    "1 - - +a": [2, 3, None, -3, 1, 3.5],
    "1e1 * a + .5": [10.5, 20.5, None, -39.5, 0.5, 25.5],
    "a − b × 2 ÷ 2": [-1, 2, None, -6, None, 2.5],
    "abs(a)": [1, 2, None, 4, 0, 2.5],
    "sqrt(a)": [1, math.sqrt(2), None, None, 0, math.sqrt(2.5)],
    "log(a)": [0, math.log(2), None, None, None, math.log(2.5)],
    "LOG10(a * 10)": [1, math.log10(20), None, None, None, math.log10(25)],
    "exp(a * 1000)": [None, None, None, 0, 1, None],
    "round(a)": [1, 2, None, -4, 0, 3],
    "round(a - 5)": [-4, -3, None, -9, -5, -3],
    "round(a / 3, 2)": [0.33, 0.67, None, -1.33, 0, 0.83],
    "min(a, b)": [1, 0, None, -4, None, 0],
    "max(a, b, 1)": [2, 2, None, 2, None, 2.5],
    "coalesce(a, b)": [1, 2, 3, -4, 0, 2.5],
    "coalesce(a, missing, 7)": [1, 2, 7, -4, 0, 2.5],
    "a > 1": [NO, YES, None, NO, NO, YES],
    "a >= 2 and b = 0": [NO, YES, NO, NO, NO, YES],
    "a ≥ 2 or b ≠ 2": [NO, YES, YES, NO, None, YES],
    "not a > 1": [YES, NO, None, YES, YES, NO],
    "kind = 'x'": [YES, NO, NO, None, YES, NO],
    "kind != other": [YES, NO, YES, None, None, YES],
    "'x' == kind or kind = \"y\"": [YES, YES, NO, None, YES, YES],
    "yes": [YES, NO, None, YES, NO, None],
    "yes = 'no'": [NO, YES, None, NO, YES, None],
    "yes = site:lung": [YES, YES, None, YES, YES, None],
    "yes and is_missing(a)": [NO, NO, None, NO, NO, NO],
    "site:lung or site:bone": [YES, YES, None, YES, NO, YES],
    "organ:lung": [YES, NO, None, YES, NO, YES],
    "`site:lung|bone`": [YES, YES, None, YES, NO, YES],
    "n_sites + 1": [3, 2, None, 2, 1, 2],
    "is_missing(a) or is_missing(kind)": [NO, NO, YES, YES, NO, NO],
    "if(a > 1, 'big', 'small')": ["small", "big", None, "small", "small", "big"],
    "if(a > 1, kind, 'none')": ["none", "y", None, "none", "none", "y"],
    "if(a < 0, missing, a)": [1, 2, None, None, 0, 2.5],
    "if(yes, a, b)": [1, 0, None, -4, None, None],
    "if(b = 0, 0, a / b)": [0.5, 0, None, -2, None, 0],
    "coalesce(kind, other)": ["x", "y", "z", "w", "x", "y"],
    f"`{ODD}` * 2": [2, 4, 6, 8, 10, 12],
    "days_between(from, to)": [30, None, 366, -31, None, 365],
    "months_between(from, to)": [30 / 30.4375, None, 366 / 30.4375, -31 / 30.4375, None, 365 / 30.4375],
    "weeks_between(from, to)": [30 / 7, None, 366 / 7, -31 / 7, None, 365 / 7],
    "years_between(from, to)": [30 / 365.25, None, 366 / 365.25, -31 / 365.25, None, 365 / 365.25],
    "from < to": [YES, None, YES, NO, None, YES],
    "days_between(min(from, to), coalesce(to, from))": [30, None, 366, 0, None, 365],
}


@pytest.mark.parametrize("text", EXPECTED)
def test_a_formula_gives(text):
    given_, expected = value(text), EXPECTED[text]
    for one, other in zip(given_, expected, strict=True):
        assert one == (pytest.approx(other) if isinstance(other, int | float) else other)


REFUSED = {
    "": (1, "blank"),
    "  ": (1, "blank"),
    "1 + 1": (1, "names no column"),
    "if(a > 0, missing, missing)": (1, "missing for everybody"),
    "a +": (4, "the formula ends where a value is expected"),
    "a b": (3, "a name with blanks stands between backticks"),
    "(a": (1, "the bracket that opens here is never closed"),
    "a)": (2, "nothing more is expected before ')'"),
    "a ; b": (3, "arguments have commas between them"),
    "a & b": (3, "write 'and'"),
    "a = 'x": (5, "a text begins here that doesn't end"),
    "`a": (1, "a name begins here that doesn't end"),
    "a = “x”": (5, "straight quotes"),
    "2,5 * a": (2, "numbers have a decimal point"),
    "if(yes, 1e999, a)": (9, "the number is too large"),
    "a @ b": (3, "'@' has no meaning"),
    "0 < a < 3": (7, "join two comparisons by 'and'"),
    "aa + 1": (1, "no variable 'aa'"),
    "1 + kindd": (5, "did you mean 'kind'"),
    "site:lnug": (1, "did you mean 'lung'"),
    "sqr(a)": (1, "no function 'sqr'; did you mean 'sqrt'?"),
    "__import__('os')": (1, "there is no function '__import__'"),
    "eval('1')": (1, "no function 'eval'"),
    "a.b": (2, "'.' has no meaning"),
    "a[0]": (2, "'[' has no meaning"),
    "and(a, b)": (1, "stands between two conditions"),
    "if(a > 1, 2)": (1, "if() takes 3 values, not 2"),
    "min(a)": (1, "min() takes 2 or more values, not 1"),
    "round(a, 1, 2)": (1, "round() takes 1 or 2 values, not 3"),
    "abs()": (1, "abs() takes 1 values, not 0"),
    "a + kind": (5, "'+' takes numbers, and this is a text"),
    "-yes": (2, "'-' takes numbers, and this is a condition"),
    "log(kind)": (5, "log() takes numbers, and this is a text"),
    "to - from": (1, "days_between(from, to) gives"),
    "days_between(a, to)": (14, "takes dates, and this is a number"),
    "min(a, to)": (5, "takes numbers or dates, not both"),
    "a and yes": (1, "'and' joins conditions, and this is a number"),
    "not a": (5, "'not' joins conditions, and this is a number"),
    "if(a, 1, 2)": (4, "if() begins with a condition, and this is a number"),
    "if(yes, 1, 'x')": (12, "this is a text beside a number"),
    "coalesce(a, kind)": (13, "are of one kind, and this is a text beside a number"),
    "a = 'x'": (3, "a number is compared with a text"),
    "kind = 'v'": (8, "there is no level 'v'; there are 'x', 'y' and 'z'"),
    "yes = 'maybe'": (7, "there is no level 'maybe'"),
    "kind < 'x'": (6, "compares numbers and dates"),
    "a = missing": (3, "write is_missing(x)"),
    "note = 'p'": (1, "'note' is a text, which no formula reads"),
    "or a": (1, "'or' stands where a value is expected"),
    "a * * b": (5, "'*' stands where a value is expected"),
    "min(a b)": (7, "a comma or ) is expected"),
    "1" * 2001: (2001, "at most 2,000 characters"),
    "(" * 40 + "a" + ")" * 40: (32, "more than 30 brackets"),
    "-" * 40 + "a": (32, "more than 30"),
    "not " * 40 + "yes": (None, "more than 30"),
    "a" + "+a" * 200: (None, "more than 150 operations"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_formula_is_refused_with_its_place(text):
    at, words = REFUSED[text]
    with pytest.raises(FormulaError) as told:
        Formula(text, made())
    assert words in str(told.value) and at in (told.value.at, None)
    assert str(told.value).startswith(f"character {told.value.at}: ")


def test_long_formulas_within_the_limits_are_read():
    assert value("a" + "+a" * 149)[0] == 150
    assert value("(" * 30 + "a" + ")" * 30)[0] == 1


def test_every_function_is_tried():
    assert {name for name in ARGUMENTS if any(f"{name}(" in text.lower() for text in EXPECTED)} == {*ARGUMENTS}


# ---------------------------------------------------------------- as a step
def test_a_comparison_is_a_flag_and_a_choice_a_category():
    size = Derive("size", "if(a > 1, 'z', if(a > 0, 'm', 'a'))", "Size")
    twice, end = Derive("twice", "2 * a", "Twice", "cm"), Derive("end", "coalesce(to, from)")
    edited = apply_edits(made(), [Derive("big", "a > 1"), size, twice, end])
    assert all(s.applied for s in edited.steps), edited.findings
    cohort, known = edited.cohort, edited.cohort.dictionary.variables
    assert [known[n].kind for n in ("big", "size", "twice", "end")] == ["flag", "category", "number", "date"]
    assert cohort.factor("big").levels == ("no", "yes") and cohort.factor("size").levels == ("z", "m", "a")
    assert (
        known["twice"].title() == "Twice (cm)" and known["size"].label == "Size" and not cohort.factor("size").ordered
    )
    assert edited.steps[0].told == "big: a > 1 (no 3, yes 2, not recorded 1)"
    assert cohort.column("end").dt.strftime("%Y-%m-%d").tolist()[4] == "2020-01-01"
    assert known["twice"].made_of == ("a",)


def test_what_is_not_defined_is_told_with_its_patients():
    edited = apply_edits(made(), [Derive("ratio", "a / b")])
    assert (
        edited.steps[0].applied and "2 patients without a value where it divides by zero" in edited.findings[0].message
    )
    assert not apply_edits(made(), [Derive("ratio", "if(b = 0, 0, a / b)")]).findings
    assert "3 patients" in apply_edits(made(), [Derive("l", "log(a - 1)")]).findings[0].message


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Derive("x", "a +"), "its formula, character 4: the formula ends"),
        (Derive("a", "b + 1"), "the name 'a' is taken"),
        (Derive("x", "a / 0"), "gives nobody a value"),
        (Derive("x", "if(a > 1, '', 'b')"), "a level without a name"),
    ],
)
def test_a_formula_that_does_not_fit_is_skipped(edit, words):
    edited = apply_edits(made(), [edit])
    assert not edited.steps[0].applied and words in edited.findings[0].message


def test_what_is_made_of_an_outcome_is_known_with_follow_up(sample):
    edits = [
        Derive("young", "age_years < 40"), Derive("later", "os_months > 12"), Derive("again", "if(later, 1, 2)"),
        Derive("lung late", "site:lung and age_years > 40"), Derive("ic", "ici and age_years > 40"),
        Derive("was dead", "died"), Derive("good", "best_response = 'CR'"), Derive("many", "n_sites > 1"),
    ]  # fmt: skip
    edited = apply_edits(sample, edits)
    assert all(s.applied for s in edited.steps), edited.findings
    stages = [edited.cohort.starts_at(e.name) for e in edits]
    assert stages == [
        "baseline",
        "followup",
        "followup",
        "recurrence",
        "treatment",
        "followup",
        "followup",
        "recurrence",
    ]


def test_what_is_derived_is_used_by_the_next_step():
    edits = [
        Derive("twice", "2 * a"),
        Derive("size", "if(twice > 2, 'big', 'small')"),
        Recode("size", {"large": ["big"]}),
    ]
    edited = apply_edits(made(), edits)
    assert edited.cohort.factor("size").levels == ("large", "small")
    assert [s.applied for s in apply_edits(made(), edits[1:]).steps] == [False, False]


# ---------------------------------------------------------------- beside numpy and a loop
SIGNS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
NUMBERS = st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3), st.integers(-5, 5)), min_size=1, max_size=8)


@st.composite
def trees(draw, depth=3):
    """A formula on `a` and `b`, fully in brackets, and the same for numpy."""
    if depth == 0 or draw(st.booleans()):
        leaf = draw(st.sampled_from(["a", "b", "2", "0.5"]))
        return leaf, leaf
    kind = draw(st.sampled_from(["+", "-", "*", "/", "abs", "sqrt", "log", "min", "max", "exp"]))
    (one, numpy_one), (other, numpy_other) = draw(trees(depth - 1)), draw(trees(depth - 1))
    if kind in SIGNS:
        return f"({one} {kind} {other})", f"np.{SIGNS[kind]}({numpy_one}, {numpy_other})"
    if kind in ("min", "max"):
        return f"{kind}({one}, {other})", f"np.{kind}imum({numpy_one}, {numpy_other})"
    return f"{kind}({one})", f"bad(np.{kind}({numpy_one}))"


def bad(values):
    return np.where(np.isfinite(values), values, np.nan)


@given(trees(), NUMBERS, st.data())
def test_a_formula_gives_what_numpy_gives(tree, a, data):
    b = data.draw(st.lists(st.one_of(st.none(), st.floats(-1e3, 1e3)), min_size=len(a), max_size=len(a)))
    text, code = tree
    if "a" not in text.replace("abs", "").replace("max", "") and "b" not in text.replace("abs", ""):
        text, code = f"{text} + 0 * a", f"{code} + 0 * a"
    cohort = cohort_of({"a": [*a, None], "b": [*b, 1.0], "time": [1] * (len(a) + 1), "event": [1] * (len(a) + 1)},
                       variables=[Variable("a", "a", "number"), Variable("b", "b", "number")])  # fmt: skip
    columns = {n: cohort.number(n) for n in ("a", "b")}
    with np.errstate(all="ignore"):
        # numpy itself goes on with infinities, a formula with missing: dividing is made to do the same
        divide = lambda x, y: bad(np.divide(x, y))  # noqa: E731
        expected = eval(code.replace("np.divide", "divide"), {"np": np, "bad": bad, "divide": divide, **columns})
    got = Formula(text, cohort).value().data
    np.testing.assert_allclose(got, bad(np.broadcast_to(expected, got.shape)), rtol=1e-12)


def test_and_or_not_are_those_of_kleene():
    values = ["yes", "no", None]
    pairs = list(product(values, values))
    cohort = cohort_of(
        {"p": pd.Categorical([a for a, _ in pairs], FLAG), "q": pd.Categorical([b for _, b in pairs], FLAG),
         "time": [1] * 9, "event": [1] * 9},
        variables=[Variable("p", "p", "flag"), Variable("q", "q", "flag")],
    )  # fmt: skip

    def both(a, b):
        return "no" if "no" in (a, b) else None if None in (a, b) else "yes"

    def negated(a):
        return {"yes": "no", "no": "yes", None: None}[a]

    assert value("p and q", cohort) == [both(a, b) for a, b in pairs]
    assert value("p or q", cohort) == [negated(both(negated(a), negated(b))) for a, b in pairs]
    assert value("not p", cohort) == [negated(a) for a, _ in pairs]


@given(st.text(alphabet="ab01+-*/^()<>=,' `.&ifnotandor_", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        Formula(text, made())
    except FormulaError as problem:
        assert 1 <= problem.at <= len(text) + 1


def test_a_parsed_formula_holds_no_code():
    tree = parse("a + max(b, 2)")
    assert [n.word for n in tree.names] == ["a", "b"] and [n.at for n in tree.names] == [1, 9]
