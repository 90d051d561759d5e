"""What an argument takes, read from its type: whether a value is of it, and in words what is taken and what was found.

A value is told by what it is and never by what it holds: it may be a column of patients.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin

import numpy as np
import pandas as pd

from necc.core.errors import AnalysisError
from necc.core.text import joined, shorten, with_article

SEVERAL = (Iterable, Sequence, Collection)
SHAPED = {pd.DataFrame: "a data frame", pd.Series: "a column of a data frame", pd.Index: "an index",
          np.ndarray: "an array", pd.Categorical: "an array"}  # fmt: skip
ONE = {str: "a text", int: "a whole number", float: "a number", bool: "True or False"}
MANY = {str: "texts", float: "numbers, such as 12 or [6, 12]"}


def parts_of(hint: object) -> tuple[object, ...]:
    """The types of which a value may be one.

    Example:
        >>> parts_of(str | None)
        (<class 'str'>, <class 'NoneType'>)
    """
    union = get_origin(hint) in (Union, UnionType)
    return tuple(part for of in get_args(hint) for part in parts_of(of)) if union else (hint,)


def words_of(hint: object) -> tuple[str, ...]:
    """The words of a `Literal` in a type, also of one for several."""
    if get_origin(hint) is Literal:
        return tuple(word for word in get_args(hint) if isinstance(word, str))
    return tuple(word for part in get_args(hint) if part is not Ellipsis for word in words_of(part))


def holds(hint: object, *kinds: type) -> bool:
    """Whether a type, or one of those it may be, is one of these kinds."""
    return get_origin(hint) in kinds or hint in kinds or any(holds(part, *kinds) for part in get_args(hint))


def is_number(value: object) -> bool:
    """Whether a value is a number that is known, True and False aside."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and not math.isnan(float(value))


def is_several(value: object) -> bool:
    """Whether a value is several others in a row."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | pd.DataFrame)


def takes(hint: object, value: object) -> bool:
    """Whether a value is of a type; the values of several are looked at, too, where that doesn't use them up.

    Example:
        >>> takes(float | None, 3), takes(float | None, "3")
        (True, False)
    """
    return any(_is(part, value) for part in parts_of(hint))


def _is(part: object, value: object) -> bool:
    kind = get_origin(part) or part
    if kind is NoneType:
        return value is None
    if kind is Literal:
        return isinstance(value, str)  # which word it is, is told by who knows the words
    if kind is bool:
        return isinstance(value, bool | np.bool_)
    if kind is float:
        return is_number(value)
    if kind is int:
        return is_number(value) and float(value).is_integer()  # type: ignore[arg-type]  # it is a number
    if kind is Callable:
        return callable(value)
    if kind in SEVERAL:
        again: Collection[object] = value if isinstance(value, Collection) else ()  # any other can be read only once
        return is_several(value) and all(takes(of, v) for of in get_args(part)[:1] for v in again)
    if kind is Mapping:
        return isinstance(value, Mapping) and all(takes(of, v) for of in get_args(part)[1:] for v in value.values())
    if getattr(kind, "_is_protocol", False):
        return callable(value)
    return not isinstance(kind, type) or isinstance(value, kind)


def taken(hint: object) -> str:
    """What a type takes, in words.

    Example:
        >>> taken(float | None), taken(str | Sequence[str])
        ('a number or None', 'a text or several')
    """
    parts, words = parts_of(hint), [f"'{word}'" for word in dict.fromkeys(words_of(hint))]
    several = next((get_args(part)[0] for part in parts if get_origin(part) in SEVERAL), None)
    told = [ONE[part] for part in parts if isinstance(part, type) and part in ONE and (several is not float)]
    told += words
    if several is not None and not told:
        told.append(MANY.get(several, f"several of {getattr(several, '__name__', 'these')}"))
    elif several is not None:
        told = [f"{joined(told, 'or')} or several"] if len(told) == 1 else [f"one or several of {joined(told)}"]
    told += [_of_class(part) for part in parts if not (isinstance(part, type) and part in (*ONE, NoneType))]
    told = [part for part in told if part]
    return joined([*told, *(["None"] if NoneType in parts else [])], "or")


def _of_class(part: object) -> str:
    kind = get_origin(part) or part
    if kind is Mapping:
        of = [getattr(inner, "__name__", "value") for inner in get_args(part)[1:]]
        return f"a dict of each name with its {of[0]}" if of and of[0] != "value" else "a dict"
    if kind is Callable:
        return "a function"
    return with_article(kind.__name__) if isinstance(kind, type) and kind not in SEVERAL else ""


def found(value: object) -> str:
    """What was found, in words; of several values only how many.

    Example:
        >>> found(["a", "b"]), found(5), found("x")
        ('a list of 2', '5', "the text 'x'")
    """
    for kind, name in SHAPED.items():
        if isinstance(value, kind):
            return name
    if isinstance(value, str):
        return f"the text '{shorten(value, 30)}'"
    if value is None or isinstance(value, bool | int | float | np.number | np.bool_):
        return str(value)
    if isinstance(value, Mapping):
        return f"a dict of {joined(sorted({type(v).__name__ for v in value.values()})) or 'nothing'}"
    if isinstance(value, list | tuple | set | frozenset):
        strange = [found(v) for v in value if not isinstance(v, str)]
        return f"{with_article(type(value).__name__)} of {len(value):,}" + (f" with {strange[0]}" if strange else "")
    return with_article(type(value).__name__)


def refuse(name: str, what: str, value: object, how: str = "") -> AnalysisError:
    """The error of an argument: its name, what it takes, what was found, how to mend it."""
    return AnalysisError(f"{name} takes {what}, not {found(value)}" + (f"; {how}" if how else ""))


def unquoted(name: str, value: object) -> str:
    """How to write a number that was given as a text; nothing for any other."""
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return ""
    return "" if math.isnan(number) else f"write {name}={value.strip()} without quotes"  # type: ignore[attr-defined]  # a text


def no_cohort(function: str, value: object) -> AnalysisError:
    """The error of something else where a cohort belongs."""
    make = "make one: cohort = Cohort.from_frame(df, time='...', event='...')"
    if isinstance(value, str):
        make = "read the file first: cohort = read_cohort('...')"
    elif not isinstance(value, pd.DataFrame):
        make += ", of a data frame df with a row for each patient"
    return AnalysisError(f"{function}() takes a cohort first, not {found(value)}; {make}")
