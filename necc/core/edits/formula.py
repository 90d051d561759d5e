"""Formulas of new variables: parsed and checked by themselves, never run as code.

    numbers      12, 0.5, 1e-3; + - * / ^ and brackets; -x
    names        age_years; `odd name` between backticks; n_sites; site:lung and organ:liver, which are yes or no
    texts        'small cell', compared with the levels of a category
    conditions   = != < <= > >=, and, or, not
    choices      if(condition, a, b), coalesce(a, b, ...), is_missing(x), missing
    numbers of   min, max (of dates, too), abs, sqrt, log (natural), log10, exp, round(x) or round(x, digits)
    dates        days_between(from, to), weeks_between, months_between (30.4375 days), years_between (365.25 days)

Every part is a number, yes or no, a text or a date, which is checked before anything is computed. What isn't recorded
stays so: an operation with a missing value is missing; `and`, `or` and `not` follow Kleene's three values, as filters
do. Division by zero, the logarithm of what isn't above zero, a root of a negative number and what is too large to be a
number are missing. `round` goes away from zero at a half, as spreadsheets do.

Reference: Kleene SC. Introduction to metamathematics. Amsterdam: North-Holland; 1952, section 64.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from necc.core.cohort import FLAG_LEVELS, SITES, Cohort
from necc.core.dictionary import DAYS_PER_UNIT, N_SITES, is_site
from necc.core.errors import AnalysisError, NeccError
from necc.core.frozen import Frozen
from necc.core.text import first_few, joined, plural, quoted, shorten, with_article
from necc.core.toml import meant

Kind = Literal["number", "yes/no", "text", "date", "missing"]
LONGEST, DEEPEST, NESTED = 2_000, 150, 30
TOKEN = re.compile(
    r"(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|'(?P<single>(?:[^']|'')*)'|\"(?P<double>(?:[^\"]|\"\")*)\"|`(?P<quoted>[^`]+)`"
    r"|(?P<site>(?:site|organ):\w+)|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign><=|>=|!=|<>|==|[-+*/^()=<>,≤≥≠−×÷])"
)
SAME_SIGN = {"==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "−": "-", "×": "*", "÷": "/"}
CURLED = "‘’“”„«»"
COMPARED = ("=", "!=", "<", "<=", ">", ">=")
WORDS = ("and", "or", "not", "missing")
ARGUMENTS: Mapping[str, tuple[int, int]] = {
    "if": (3, 3), "min": (2, 99), "max": (2, 99), "abs": (1, 1), "sqrt": (1, 1), "log": (1, 1), "log10": (1, 1),
    "exp": (1, 1), "round": (1, 2), "is_missing": (1, 1), "coalesce": (2, 99), "days_between": (2, 2),
    "weeks_between": (2, 2), "months_between": (2, 2), "years_between": (2, 2),
}  # fmt: skip
"""The functions, each with how few and how many arguments it takes."""
Floats = npt.NDArray[np.float64]


class FormulaError(NeccError):
    """A formula that can't be read or that doesn't fit the cohort. at: the character that it is about, from 1 on."""

    def __init__(self, problem: str, at: int):
        self.at = at
        super().__init__(f"character {at}: {problem}")


# ---------------------------------------------------------------- parsed
@dataclass(frozen=True)
class Node:
    """A part of a formula: a number, a text, a name, or an operation or function of other parts.

    at: its first character, from 1 on.
    """

    what: Literal["number", "text", "name", "missing", "call"]
    word: str
    at: int
    parts: tuple[Node, ...] = ()
    number: float = 0.0

    @property
    def names(self) -> tuple[Node, ...]:
        """Every name in it, in their order."""
        return (self,) if self.what == "name" else tuple(name for part in self.parts for name in part.names)


@dataclass(frozen=True)
class _Token:
    what: str
    word: str
    at: int


def _tokens(text: str) -> list[_Token]:
    tokens, place = [], 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        match = TOKEN.match(text, place)
        if match is None:
            sign = text[place]
            hint = {
                "'": "a text begins here that doesn't end", '"': "a text begins here that doesn't end",
                "`": "a name begins here that doesn't end", ";": "arguments have commas between them",
                **dict.fromkeys(CURLED, "a text stands between straight quotes, as 'this'"),
                "&": "write 'and'", "|": "write 'or'", "!": "write 'not'", "%": "there is no sign %",
            }.get(sign, f"'{shorten(sign)}' has no meaning in a formula")  # fmt: skip
            raise FormulaError(hint, place + 1)
        what = str(match.lastgroup)
        word = match[what]
        if what in ("single", "double"):
            quote = "'" if what == "single" else '"'
            what, word = "text", word.replace(quote * 2, quote)
        tokens.append(_Token(what, SAME_SIGN.get(word, word) if what == "sign" else word, place + 1))
        place = match.end()
    return [*tokens, _Token("end", "", len(text) + 1)]


def parse(text: str) -> Node:
    """A formula as a tree.

    Raises:
        FormulaError: it has another form, is longer than 2,000 characters or too deeply nested.

    Example:
        >>> from necc.core.edits.formula import parse
        >>> tree = parse("1 + 2 * x")
        >>> tree.word, tree.parts[1].word
        ('+', '*')
    """
    if len(text) > LONGEST:
        raise FormulaError(f"a formula has at most {LONGEST:,} characters; this has {len(text):,}", LONGEST + 1)
    if not text.strip():
        raise FormulaError("the formula is blank", 1)
    return _Parser(text).whole()


class _Parser:
    """Recursive descent: each method reads one level of binding, from `or`, the loosest, to a single value."""

    def __init__(self, text: str) -> None:
        self.tokens, self.place, self.nested = _tokens(text), 0, 0
        self.depths: dict[int, int] = {}
        self.held: list[Node] = []  # so that no other node takes the identity of one whose depth is known

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        token = self.next
        self.place += 1
        return token

    def whole(self) -> Node:
        node = self.either()
        if self.next.what != "end":
            raise FormulaError(
                f"nothing more is expected before '{shorten(self.next.word)}'{self.hint()}", self.next.at
            )
        return node

    def hint(self) -> str:
        """What may have been meant where something follows a whole formula."""
        if self.next.word in COMPARED:
            return "; join two comparisons by 'and'"
        before = self.tokens[self.place - 1]
        if self.next.word == "," and before.what == "number":
            return "; numbers have a decimal point"
        if before.what == "word" and self.next.what in ("word", "number"):
            return "; a name with blanks stands between backticks"
        return "; is a sign missing?" if self.next.word not in (")", ",") else ""

    def node(self, word: str, at: int, *parts: Node) -> Node:
        node = Node("call", word, at, parts)
        self.depths[id(node)] = depth = 1 + max((self.depths.get(id(p), 0) for p in parts), default=0)
        if depth > DEEPEST:
            raise FormulaError(f"the formula has more than {DEEPEST} operations inside each other", at)
        self.held.append(node)
        return node

    def deeper(self, read: Callable[[], Node]) -> Node:
        self.nested += 1
        if self.nested > NESTED:
            raise FormulaError(f"more than {NESTED} brackets or signs stand inside each other", self.next.at)
        node = read()
        self.nested -= 1
        return node

    def is_word(self, *words: str) -> bool:
        return self.next.what == "word" and self.next.word.lower() in words

    def is_sign(self, *signs: str) -> bool:
        return self.next.what == "sign" and self.next.word in signs

    def either(self) -> Node:
        node = self.both()
        while self.is_word("or"):
            node = self.node("or", self.take().at, node, self.both())
        return node

    def both(self) -> Node:
        node = self.negated()
        while self.is_word("and"):
            node = self.node("and", self.take().at, node, self.negated())
        return node

    def negated(self) -> Node:
        if self.is_word("not"):
            at = self.take().at
            return self.node("not", at, self.deeper(self.negated))
        return self.compared()

    def compared(self) -> Node:
        node = self.summed()
        if self.is_sign(*COMPARED):
            sign = self.take()
            node = self.node(sign.word, sign.at, node, self.summed())
        return node

    def summed(self) -> Node:
        node = self.multiplied()
        while self.is_sign("+", "-"):
            sign = self.take()
            node = self.node(sign.word, sign.at, node, self.multiplied())
        return node

    def multiplied(self) -> Node:
        node = self.signed()
        while self.is_sign("*", "/"):
            sign = self.take()
            node = self.node(sign.word, sign.at, node, self.signed())
        return node

    def signed(self) -> Node:
        if self.is_sign("-", "+"):
            sign = self.take()
            node = self.deeper(self.signed)
            return self.node("negative", sign.at, node) if sign.word == "-" else self.node("positive", sign.at, node)
        return self.raised()

    def raised(self) -> Node:
        node = self.value()
        if self.is_sign("^"):
            at = self.take().at
            node = self.node("^", at, node, self.deeper(self.signed))
        return node

    def value(self) -> Node:
        token = self.take()
        if token.what == "number":
            if math.isinf(float(token.word)):
                raise FormulaError("the number is too large", token.at)
            return Node("number", token.word, token.at, number=float(token.word))
        if token.what == "text":
            return Node("text", token.word, token.at)
        if token.what in ("quoted", "site"):
            return Node("name", token.word.strip(), token.at)
        if token.what == "word":
            return self.named(token)
        if token.word == "(":
            node = self.deeper(self.either)
            self.close(token)
            return node
        found = f"'{token.word}' stands" if token.word else "the formula ends"
        raise FormulaError(f"{found} where a value is expected", token.at)

    def named(self, token: _Token) -> Node:
        """A function with its arguments, or the name of a column."""
        word = token.word.lower()
        if self.is_sign("("):
            if word in ("and", "or"):
                raise FormulaError(f"'{word}' stands between two conditions: a {word} b", token.at)
            if word not in ARGUMENTS:
                there = meant(word, ARGUMENTS) or f"; there are {joined([*ARGUMENTS])}"
                raise FormulaError(f"there is no function '{shorten(token.word)}'{there}", token.at)
            return self.function(word, token)
        if word == "missing":
            return Node("missing", word, token.at)
        if word in WORDS:
            raise FormulaError(f"'{token.word}' stands where a value is expected", token.at)
        return Node("name", token.word, token.at)

    def function(self, word: str, token: _Token) -> Node:
        opened = self.take()
        parts = [] if self.is_sign(")") else [self.deeper(self.either)]
        while self.is_sign(","):
            self.take()
            parts.append(self.deeper(self.either))
        self.close(opened)
        least, most = ARGUMENTS[word]
        if not least <= len(parts) <= most:
            few = str(least) if least == most else f"{least} or more" if most > 9 else f"{least} or {most}"
            raise FormulaError(f"{word}() takes {few} values, not {len(parts):,}", token.at)
        return self.node(word, token.at, *parts)

    def close(self, opened: _Token) -> None:
        if not self.is_sign(")"):
            if self.next.what == "end":
                raise FormulaError("the bracket that opens here is never closed", opened.at)
            raise FormulaError(
                f"a comma or ) is expected before '{shorten(self.next.word)}'{self.hint()}", self.next.at
            )
        self.take()


# ---------------------------------------------------------------- values
@dataclass(frozen=True, eq=False)
class Value(Frozen):
    """What a part of a formula is for every patient.

    data: shape (n,); of a number or date (in days since 1970) float, NaN where missing; of yes/no int8, 1, 0 or -1; of
        a text int32, the place in `levels` or -1.
    undefined: whose value is missing as an operation isn't defined for it: bool, shape (n,).
    """

    kind: Kind
    data: np.ndarray
    undefined: np.ndarray
    levels: tuple[str, ...] = ()

    @property
    def missing(self) -> np.ndarray:
        """bool, shape (n,)."""
        return np.isnan(self.data) if self.kind in ("number", "date") else np.asarray(self.data < 0)


@dataclass(frozen=True)
class _Typed:
    """The kind of a part, and the levels of a text: those that it can have."""

    kind: Kind
    levels: tuple[str, ...] = ()
    is_literal: bool = False


class Formula:
    """A formula beside the cohort that it is for; made only where all its parts fit.

    Raises:
        FormulaError: it can't be read, names what the cohort lacks, or puts kinds together that don't go together.

    Example:
        >>> from necc.core.edits.formula import Formula
        >>> double = Formula("2 * age_years", cohort)
        >>> double.kind, double.sources
        ('number', ('age_years',))
        >>> float(double.value().data[0]) == 2 * float(cohort.number("age_years")[0])
        True
    """

    def __init__(self, text: str, cohort: Cohort) -> None:
        self.tree, self._cohort = parse(text), cohort
        self._read: dict[str, Value] = {}
        self._typed: dict[int, _Typed] = {}
        sources: dict[str, None] = {}
        for name in self.tree.names:
            sources[self._source(name)] = None
        self.sources: tuple[str, ...] = tuple(sources)
        typed = self._check(self.tree)
        self.kind, self.levels = typed.kind, typed.levels
        if not sources:
            raise FormulaError("the formula names no column, so that everybody would have the same value", 1)
        if self.kind == "missing":
            raise FormulaError("the formula is missing for everybody", 1)

    # ------------------------------------------------------------ names
    def _source(self, name: Node) -> str:
        """The column behind a name; "sites" and "n_sites" for those."""
        try:
            return SITES if is_site(name.word) else self._cohort.source_of(name.word)
        except AnalysisError as problem:
            raise FormulaError(str(problem), name.at) from None

    def _column(self, name: Node) -> Value:
        """What a name stands for."""
        if name.word not in self._read:
            try:
                self._read[name.word] = self._value_of(name)
            except AnalysisError as problem:
                raise FormulaError(str(problem), name.at) from None
        return self._read[name.word]

    def _value_of(self, name: Node) -> Value:
        cohort, word = self._cohort, name.word
        fine = np.zeros(len(cohort), dtype=bool)
        if is_site(word):
            return Value("yes/no", cohort.factor(word).codes.astype(np.int8), fine)
        if word == N_SITES:
            return Value("number", cohort.number(word), fine)
        if word in cohort.factor_names() and word in cohort.dictionary.groupings:
            factor = cohort.factor(word)
            return Value("text", factor.codes.astype(np.int32), fine, factor.levels)
        variable = cohort.variable(word)
        if variable.kind == "number":
            return Value("number", cohort.number(variable.name), fine)
        if variable.kind in ("flag", "event"):
            return Value("yes/no", cohort.flag(variable.name).astype(np.int8), fine)
        if variable.kind in ("category", "response"):
            factor = cohort.factor(variable.name)
            absent = tuple(level for level in variable.levels if level not in factor.levels)
            return Value("text", factor.codes.astype(np.int32), fine, (*factor.levels, *absent))
        if variable.kind == "date":
            dates = cohort.column(variable.name).to_numpy(dtype="datetime64[D]")
            days = np.where(np.isnat(dates), np.nan, dates.astype(np.int64).astype(float))
            return Value("date", days, fine)
        raise FormulaError(f"'{variable.name}' is {with_article(variable.kind)}, which no formula reads", name.at)

    # ------------------------------------------------------------ checked
    def _check(self, node: Node) -> _Typed:
        """The kind of a part; every part of it fits."""
        if node.what == "number":
            typed = _Typed("number")
        elif node.what == "text":
            typed = _Typed("text", (node.word,), True)
        elif node.what == "missing":
            typed = _Typed("missing")
        elif node.what == "name":
            column = self._column(node)
            typed = _Typed(column.kind, column.levels)
        else:
            typed = self._check_call(node, [self._check(part) for part in node.parts])
        self._typed[id(node)] = typed
        return typed

    def _check_call(self, node: Node, parts: list[_Typed]) -> _Typed:
        word = node.word
        if word in COMPARED:
            return self._check_compared(node, parts[0], parts[1])
        if word in ("and", "or", "not"):
            self._need(node, parts, "yes/no", f"'{word}' joins conditions")
            return _Typed("yes/no")
        if word == "if":
            self._need(node, parts[:1], "yes/no", "if() begins with a condition")
            return self._alike(node, parts[1:], "the two values of if()", 1)
        if word == "coalesce":
            return self._alike(node, parts, "all values of coalesce()")
        if word == "is_missing":
            return _Typed("yes/no")
        if word.endswith("_between"):
            self._need(node, parts, "date", f"{word}() takes dates")
            return _Typed("number")
        if word in ("min", "max") and any(p.kind == "date" for p in parts):
            self._need(node, parts, "date", f"{word}() takes numbers or dates, not both")
            return _Typed("date")
        dates = word == "-" and all(p.kind == "date" for p in parts)
        hint = "; days_between(from, to) gives the days between two dates" if dates else ""
        named = word if word.isalnum() and word not in ("negative", "positive") else ""
        sign = {"negative": "-", "positive": "+"}.get(word, word)
        self._need(node, parts, "number", f"{named}() takes numbers" if named else f"'{sign}' takes numbers", hint)
        return _Typed("number")

    def _need(self, node: Node, parts: Sequence[_Typed], kind: Kind, rule: str, hint: str = "") -> None:
        for part, typed in zip(node.parts, parts, strict=False):
            if typed.kind not in (kind, "missing"):
                raise FormulaError(f"{rule}, and this is {_kind(typed.kind)}{hint}", part.at)

    def _alike(self, node: Node, parts: Sequence[_Typed], what: str, first: int = 0) -> _Typed:
        """The one kind of several parts."""
        known = [typed for typed in parts if typed.kind != "missing"]
        if not known:
            return _Typed("missing")
        for part, typed in zip(node.parts[first:], parts, strict=True):
            if typed.kind not in ("missing", known[0].kind):
                raise FormulaError(
                    f"{what} are of one kind, and this is {_kind(typed.kind)} beside {_kind(known[0].kind)}", part.at
                )
        levels = tuple(dict.fromkeys(level for typed in known for level in typed.levels))
        return _Typed(known[0].kind, levels)

    def _check_compared(self, node: Node, left: _Typed, right: _Typed) -> _Typed:
        kinds = {left.kind, right.kind} - {"missing"}
        if {left.kind, right.kind} & {"missing"}:
            raise FormulaError("nothing is equal to what is missing; write is_missing(x)", node.at)
        for one, other, part in ((left, right, node.parts[1]), (right, left, node.parts[0])):
            if other.is_literal and one.kind in ("text", "yes/no") and not one.is_literal:
                known = one.levels if one.kind == "text" else FLAG_LEVELS
                if other.levels[0] not in known:
                    there = meant(other.levels[0], known) or f"; there are {first_few(quoted(known))}"
                    raise FormulaError(f"there is no level '{shorten(other.levels[0])}'{there}", part.at)
                kinds -= {"text"} if one.kind == "yes/no" else set()
        if len(kinds) > 1:
            told = f"{_kind(left.kind)} is compared with {_kind(right.kind)}"
            raise FormulaError(told, node.at)
        if node.word not in ("=", "!=") and kinds & {"text", "yes/no"}:
            raise FormulaError(f"'{node.word}' compares numbers and dates; name the levels with = and or", node.at)
        return _Typed("yes/no")

    # ------------------------------------------------------------ computed
    def value(self) -> Value:
        """The formula's value for every patient of the cohort."""
        return self._value(self.tree)

    def _value(self, node: Node) -> Value:
        n = len(self._cohort)
        fine = np.zeros(n, dtype=bool)
        if node.what == "name":
            return self._column(node)
        if node.what == "number":
            return Value("number", np.full(n, node.number), fine)
        if node.what == "text":
            return Value("text", np.zeros(n, dtype=np.int32), fine, (node.word,))
        if node.what == "missing":
            return Value("missing", np.full(n, -1, dtype=np.int32), fine)
        parts = [self._value(part) for part in node.parts]
        undefined = np.any([part.undefined for part in parts], axis=0)
        if node.word in COMPARED:
            return Value("yes/no", _compared(node.word, parts[0], parts[1]), undefined)
        if node.word in ("and", "or", "not"):
            return Value("yes/no", _joined(node.word, [p.data for p in parts]), undefined)
        if node.word == "is_missing":
            return Value("yes/no", parts[0].missing.astype(np.int8), fine)
        typed = self._typed[id(node)]
        if node.word in ("if", "coalesce"):
            return _chosen(node.word, parts, typed)
        data, lost = _computed(node.word, [_floats(p) for p in parts])
        return Value(typed.kind, data, undefined | lost)


def _kind(kind: Kind) -> str:
    return {"yes/no": "a condition", "missing": "missing"}.get(kind, f"a {kind}")


def _floats(value: Value) -> Floats:
    return np.full(len(value.data), np.nan) if value.kind == "missing" else value.data


def _joined(word: str, parts: Sequence[np.ndarray]) -> np.ndarray:
    """Kleene's and, or and not of 1, 0 and -1 (not known)."""
    if word == "not":
        return np.where(parts[0] < 0, -1, 1 - parts[0]).astype(np.int8)
    left, right = parts
    decides = 0 if word == "and" else 1
    unknown = (left < 0) | (right < 0)
    result = np.where(unknown, -1, 1 - decides)
    return np.where((left == decides) | (right == decides), decides, result).astype(np.int8)


def _compared(sign: str, left: Value, right: Value) -> np.ndarray:
    """1, 0, or -1 where either isn't known."""
    if {left.kind, right.kind} == {"yes/no", "text"}:
        left, right = (
            v if v.kind == "text" else Value("text", v.data, v.undefined, FLAG_LEVELS) for v in (left, right)
        )
    one, other = left.data, right.data
    if left.kind == "text":
        places = {level: i for i, level in enumerate(dict.fromkeys((*left.levels, *right.levels)))}
        one, other = _placed(left, places), _placed(right, places)
    compare = {"=": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater,
               ">=": np.greater_equal}[sign]  # fmt: skip
    unknown = left.missing | right.missing
    return np.asarray(np.where(unknown, -1, compare(one, other)), dtype=np.int8)


def _placed(value: Value, places: Mapping[str, int]) -> np.ndarray:
    """A text's codes as places among other levels."""
    return np.asarray(np.array([*(places[level] for level in value.levels), -1], dtype=np.int32)[value.data])


def _chosen(word: str, parts: Sequence[Value], typed: _Typed) -> Value:
    """What `if` and `coalesce` choose for each patient; only what is chosen can be undefined."""
    places = {level: i for i, level in enumerate(typed.levels)}
    blank = np.nan if typed.kind in ("number", "date") else -1
    datas = [np.full(len(p.data), blank) if p.kind == "missing" else _placed(p, places) if p.kind == "text" else p.data
             for p in parts]  # fmt: skip
    if word == "if":
        condition = parts[0]
        conditions = [condition.data == 1, condition.data == 0]
        data = np.select(conditions, datas[1:], blank)
        undefined = np.select(conditions, [p.undefined for p in parts[1:]], condition.undefined)
    else:
        conditions = [~p.missing for p in parts]
        data = np.select(conditions, datas, blank)
        undefined = np.any([p.undefined for p in parts], axis=0) & ~np.any(conditions, axis=0)
    kinds = {"yes/no": np.int8, "text": np.int32}
    return Value(typed.kind, data.astype(kinds.get(typed.kind, float)), undefined, typed.levels)


def _computed(word: str, parts: Sequence[Floats]) -> tuple[Floats, np.ndarray]:
    """A number or date, and where its operation isn't defined although all that it is of is known."""
    with np.errstate(all="ignore"):
        data = np.asarray(_of_numbers(word, parts), dtype=float)
    known = ~np.any([np.isnan(part) for part in parts], axis=0)
    lost = known & ~np.isfinite(data)
    return np.where(known & ~lost, data, np.nan), lost


def _of_numbers(word: str, parts: Sequence[Floats]) -> Floats:
    first, *rest = parts
    if word.endswith("_between"):
        return (rest[0] - first) / DAYS_PER_UNIT[word.removesuffix("_between")]
    if word in ("min", "max"):
        return np.asarray((np.minimum if word == "min" else np.maximum).reduce(list(parts)))
    if word == "round":
        return _rounded(first, rest[0] if rest else np.zeros(len(first)))
    if rest:
        return {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}[word](first, rest[0])
    unary: dict[str, Callable[[Floats], Floats]] = {
        "negative": np.negative, "positive": np.positive, "abs": np.abs, "sqrt": np.sqrt, "log": np.log,
        "log10": np.log10, "exp": np.exp,
    }  # fmt: skip
    return unary[word](first)


def _rounded(numbers: Floats, digits: Floats) -> Floats:
    """Away from zero at a half; to the tens and hundreds with fewer digits than none."""
    scale = np.power(10.0, np.trunc(digits))
    scaled = np.abs(numbers) * scale
    nearest = np.round(scaled, 9)  # 1.005 * 100 is 100.49999999999999
    return np.where(np.isfinite(scaled), np.sign(numbers) * np.floor(nearest + 0.5) / scale + 0.0, numbers)


def undefined_told(n: int) -> str:
    """What has to be known of patients whose value isn't defined."""
    return f"{plural(n, 'patient')} without a value where it divides by zero or isn't defined otherwise" if n else ""
