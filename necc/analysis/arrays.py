"""Plain arrays of times, events and groups as a small cohort, for who needs no other.

What is computed of it is computed as of any cohort: the same guardrails, notes and exclusions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, NoReturn, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from necc.core.cohort import FLAG_LEVELS, MAX_NUMBER_LEVELS, Cohort, Source
from necc.core.dictionary import DAYS_PER_UNIT, N_SITES, UNITS, Endpoint, Variable, plain
from necc.core.errors import AnalysisError
from necc.core.native import native
from necc.core.text import joined, natural, plural, quoted, shorten
from necc.core.time_to_event import UNSTATED

Values: TypeAlias = np.ndarray | pd.Series | pd.Categorical | pd.Index | list[Any] | tuple[Any, ...]
Table: TypeAlias = pd.DataFrame | Mapping[str, Values]

R = TypeVar("R")
ENDPOINT = "time"
BOOLEAN = ("FALSE", "TRUE")
BESIDE_A_COHORT = (
    "beside a cohort, endpoints, groups and covariates are named, and each endpoint has its own unit; arrays and unit= "
    "are for times and events without a cohort"
)
NO_UNIT = "no unit of the time was given: it is taken for months; unit= says another"
IN_DAYS = "durations are in days; unit= says another unit"
NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal", "empty")
HOLDS = {
    "string": "texts", "boolean": "True and False", "datetime64": "dates", "datetime": "dates", "date": "dates",
    "timedelta64": "durations", "timedelta": "durations", "complex": "complex numbers", "bytes": "bytes",
    "categorical": "categories", "period": "periods", "interval": "intervals",
}  # fmt: skip
"""What an array holds in words, by pandas' name for it; any other is mixed."""


def or_arrays(
    read: Callable[..., tuple[Cohort, str, Any]], third: str
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """A function of a cohort, an endpoint and a third thing that takes arrays in their place.

    read: makes of time, event and the third array a cohort, its endpoint and the name or names of the third; it is told
        the unit and the strata. third: the name of that parameter.
    """

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        @wraps(function)
        def asked(*args: Any, **kwargs: Any) -> R:
            if not (kwargs.keys() & {"time", "event"}) and (not args or _is_asked(*args)):
                named = {**dict(zip(("cohort", "endpoint", third), args, strict=False)), **kwargs}
                n = len(args[0]) if third == "by" and args and isinstance(args[0], Cohort) else 0
                if arrays := [name for name in ("endpoint", third) if _is_array(named.get(name), n)]:
                    _refuse(f"{arrays[0]} is an array: {BESIDE_A_COHORT}")
                if "unit" in named:
                    _refuse(BESIDE_A_COHORT)
                return function(*args, **kwargs)
            given = dict(zip(("time", "event", third), args, strict=False))
            if len(args) > len(given) or given.keys() & kwargs.keys():
                raise TypeError(
                    f"{function.__name__}() takes time, event and {third}, each once; options by their names"
                )
            given |= {name: kwargs.pop(name) for name in ("time", "event", third) if name in kwargs}
            if lacks := next((name for name in ("time", "event") if name not in given), ""):
                _refuse(f"{lacks} is needed too: an array, one value a patient")
            unit = kwargs.pop("unit", "")
            cohort, endpoint, names = read(*map(given.get, ("time", "event", third)), unit, kwargs.get("strata", ()))
            result: Any = function(cohort, endpoint, names, **kwargs)
            made: R = result if unit else replace(result, notes=(*result.notes, _note_of(given["time"])))
            return made

        return asked

    return decorate


def _is_asked(first: object, second: object = None, *others: object) -> bool:
    """Whether what stands first is a cohort, or a data frame beside a name, where a cohort belongs."""
    return isinstance(first, Cohort) or (isinstance(first, pd.DataFrame) and isinstance(second, str))


def _is_array(value: object, n: int) -> bool:
    """Whether what stands beside a cohort is an array, and no names: of texts, a list of n."""
    if isinstance(value, list | tuple):
        return bool(value) and (len(value) == n or not all(isinstance(v, str | tuple | list) for v in value))
    return isinstance(value, pd.DataFrame | pd.Series | pd.Index | np.ndarray | Mapping)


def _note_of(time: object) -> str:
    """What is to be told of times that came without a unit: those of durations are in days."""
    return IN_DAYS if _kind(_flat("time", time)).startswith("timedelta") else NO_UNIT


def of_time(time: object, event: object, by: object, unit: str, strata: object = ()) -> tuple[Cohort, str, str | None]:
    """A cohort of times and events and, where there are any, of groups; its endpoint, and the name of the groups.

    Raises:
        AnalysisError: an array isn't what it has to be; the message says which, where and how to mend it.
    """
    if by is None:
        return _cohort(time, event, {}, unit), ENDPOINT, None
    if isinstance(by, str):
        _refuse(f"by='{shorten(by, 30)}': beside arrays, by is an array too, the group of each patient")
    name = _named(by, "group")
    values = _flat("by", by)
    groups = by
    if _kind(values) in NUMBERS:  # codes of groups, not an amount
        codes = sorted(values.dropna().unique())
        if len(codes) > MAX_NUMBER_LEVELS:
            cut = f"as by={shorten(name, 30)} > {codes[len(codes) // 2]:g}"
            told = f"'{shorten(name, 30)}' is a number with {len(codes):,} different values; say where to cut it, {cut}"
            _refuse(f"{told}; if its numbers are codes of groups, make texts of them: .astype(str)")
        made = pd.Categorical(values, codes)
        groups = pd.Series(made, index=values.index) if isinstance(by, pd.Series) else made
    return _cohort(time, event, {name: groups}, unit), ENDPOINT, name


def of_covariates(
    time: object, event: object, covariates: object, unit: str, strata: str | Iterable[str] = ()
) -> tuple[Cohort, str, tuple[str, ...]]:
    """A cohort of times, events and covariates; its endpoint, and the names of the covariates that aren't strata.

    Raises:
        AnalysisError: an array isn't what it has to be; the message says which, where and how to mend it.
    """
    if covariates is None:
        _refuse("covariates are needed too: arrays by their names, as a dict or a data frame")
    if isinstance(covariates, pd.DataFrame):
        if not covariates.columns.is_unique or isinstance(covariates.columns, pd.MultiIndex):
            _refuse("the covariates' names are not one text each, or one occurs twice; rename them")
        table: dict[str, object] = {str(name): covariates[name] for name in covariates.columns}
    elif isinstance(covariates, Mapping):
        table = {str(name): values for name, values in covariates.items()}
    elif isinstance(covariates, str) or (
        isinstance(covariates, list | tuple) and any(isinstance(v, str) for v in covariates)
    ):
        _refuse(
            'beside arrays, the covariates are arrays by their names, as {"age": ages, "arm": arms}, or a data frame; '
            "names alone need a cohort in front"
        )
    else:
        if getattr(covariates, "ndim", 1) > 1:
            example = "pd.DataFrame(x, columns=[...])"
            _refuse(f"the covariates have two dimensions and no names; name them, as by {example}")
        table = {_named(covariates, "x"): covariates}
    apart = (strata,) if isinstance(strata, str) else tuple(strata)
    return _cohort(time, event, table, unit), ENDPOINT, tuple(name for name in table if name not in apart)


# ---------------------------------------------------------------- the cohort
def _cohort(time: object, event: object, columns: Mapping[str, object], unit: str) -> Cohort:
    if unit and unit not in UNITS:
        _refuse(f"unit='{shorten(str(unit), 30)}': a unit is {joined(quoted(UNITS), 'or')}")
    if N_SITES in columns:
        _refuse(f"'{N_SITES}' is what the number of a cohort's sites is called; rename this array, as by 'sites_found'")
    handed = {"time": time, "event": event, **{f"'{shorten(name, 30)}'": column for name, column in columns.items()}}
    arrays = _paired({name: _flat(name, values) for name, values in handed.items()},
                     [name for name, values in handed.items() if isinstance(values, pd.Series)])  # fmt: skip
    times, events = _values(arrays["time"]), _values(arrays["event"])
    given = {name: arrays[f"'{shorten(name, 30)}'"] for name in columns}
    n = len(times)
    if not n:
        _refuse("time holds no values: there are no patients to analyse")
    time_name, event_name = _free("time", given), _free("event", given)
    when, length = _times(times, unit)
    table: dict[str, Any] = {time_name: when, event_name: _events(events)}
    variables = {
        time_name: Variable(time_name, "Time", "number", unit=length, minimum=0, starts_at="followup"),
        event_name: Variable(event_name, "Event", "event", starts_at="followup"),
    }
    for name, column in given.items():
        variables[name], table[name] = _variable(name, column)
    frame = pd.DataFrame(table, index=pd.RangeIndex(n, name="row"))
    endpoint = Endpoint(ENDPOINT, "Time", UNSTATED, length, "", time_name, event_name)
    book = replace(plain("Arrays"), variables=variables, endpoints={ENDPOINT: endpoint})
    digest = hashlib.sha256(repr([(v.name, v.levels) for v in variables.values()]).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    source = Source("arrays", digest.hexdigest(), n)
    return Cohort(frame, book, source, np.zeros((n, 0), dtype=np.int8), (), book.default_scheme)


def _free(name: str, taken: Collection[str]) -> str:
    """A name that no covariate has."""
    while name in taken:
        name += "_"
    return name


def _times(values: pd.Series, unit: str) -> tuple[np.ndarray, str]:
    """Times as numbers, NaN where there is none; float array, shape (n,); and their unit."""
    kind = _kind(values)
    if kind.startswith("timedelta"):
        unit = unit or "days"
        times = pd.to_timedelta(values).dt.total_seconds().to_numpy(dtype=float) / 86_400 / DAYS_PER_UNIT[unit]
    else:
        ways = {
            "string": "make numbers of them: pd.to_numeric(time)",
            "datetime64": "a duration is needed: end - start",
        }
        times = _numbers("time", values, ways.get(kind, "numbers are needed, one a patient"))
    for what, wrong in (("is infinite", np.isinf(times)), ("is negative", times < 0)):
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            n = plural(int(wrong.sum()), "such value")
            way = "a time is a number from 0 on, and NaN where it isn't known"
            _refuse(f"time {what} at place {place:,}, counted from 0 ({n}); {way}")
    if np.isnan(times).all():
        _refuse("time holds no known value, so there is nothing to analyse")
    return times, unit or "months"


def _events(values: pd.Series) -> pd.Categorical:
    """Events as no and yes, missing where they aren't recorded."""
    kind, way = _kind(values), "True or 1 where it happened, False or 0 where not; event == code makes such an array"
    if kind == "boolean":
        codes = _codes(values)
    else:
        numbers = _numbers("event", values, f"an event is {way}")
        strange = ~np.isnan(numbers) & (numbers != 0) & (numbers != 1)
        if strange.any():
            place = int(np.flatnonzero(strange)[0])
            _refuse(f"event holds {numbers[place]:g} at place {place:,}, counted from 0; an event is {way}")
        codes = np.where(np.isnan(numbers), -1, numbers).astype(np.int8)
    if (codes < 0).all():
        _refuse("event holds no known value, so there is nothing to analyse")
    return _levels(codes, FLAG_LEVELS)


def _codes(values: pd.Series) -> np.ndarray:
    """True and False as 1 and 0, -1 where neither is recorded; int8 array, shape (n,)."""
    there = values.notna().to_numpy()
    codes = np.full(len(values), -1, dtype=np.int8)
    codes[there] = values[there].astype(bool).to_numpy()
    return codes


def _variable(name: str, values: pd.Series) -> tuple[Variable, np.ndarray | pd.Categorical]:
    """A covariate by its type: a number, yes or no, or a category with its levels in their own or natural order."""
    kind = _kind(values)
    if kind == "boolean":
        return Variable(name, name, "flag", levels=BOOLEAN), _levels(_codes(values), BOOLEAN)
    if kind in NUMBERS:
        numbers = _numbers(f"'{shorten(name, 30)}'", values, "")
        if np.isinf(numbers).any():
            place = int(np.flatnonzero(np.isinf(numbers))[0])
            _refuse(
                f"'{shorten(name, 30)}' is infinite at place {place:,}, counted from 0; write NaN if it isn't known"
            )
        return Variable(name, name, "number"), numbers
    if kind not in ("string", "categorical", *NUMBERS) and not kind.startswith("mixed"):
        way = "give a number, as that of days between two dates" if kind != "complex" else "give real numbers"
        _refuse(f"'{shorten(name, 30)}' holds {HOLDS.get(kind, 'mixed values')}; {way}, or texts for groups")
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        levels, ranked = tuple(map(_word, dtype.categories)), bool(dtype.ordered)
        codes = values.cat.codes.to_numpy()
    else:
        cells = values.astype(str).where(values.notna()) if kind.startswith("mixed") else values  # True is equal to 1
        found, uniques = pd.factorize(cells, use_na_sentinel=True)
        words = [_word(v) for v in uniques]
        levels, ranked = tuple(sorted({*words}, key=natural)), False
        at = np.asarray([*(levels.index(w) for w in words), -1], dtype=np.int16)
        codes = at[found]
    if len({*levels}) < len(levels):
        _refuse(f"'{shorten(name, 30)}' has two categories that are written alike; rename one")
    return Variable(name, name, "category", levels=levels, ordered=ranked), _levels(codes, levels)


def _word(value: object) -> str:
    """A group as a level: whole numbers without decimals, and truth values as a file has them."""
    if isinstance(value, bool | np.bool_):
        return BOOLEAN[int(value)]
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _levels(codes: np.ndarray, levels: Sequence[str]) -> pd.Categorical:
    kinds = pd.CategoricalDtype(list(levels))
    return pd.Categorical.from_codes(codes, dtype=kinds)  # type: ignore[arg-type]  # the stubs want a list of codes


# ---------------------------------------------------------------- arrays
def _flat(what: str, values: object) -> pd.Series:
    """An array of one dimension, with its labels where it has some; its numbers as this machine and pandas count."""
    series = native(_series(what, values))
    return series.astype(float) if series.dtype == np.float16 else series


def _series(what: str, values: object) -> pd.Series:
    """An array of one dimension as a Series."""
    if isinstance(values, pd.Series):
        return values
    if isinstance(values, str | bytes | Mapping | set | frozenset) or not _is_several(values):
        _refuse(f"{what} is of the type {type(values).__name__}; an array or a list is needed, one value a patient")
    if isinstance(values, pd.DataFrame) or getattr(values, "ndim", 1) != 1:
        shape = " x ".join(f"{n:,}" for n in getattr(values, "shape", ()))
        _refuse(f"{what} has {shape} values in more than one dimension; one value a patient is needed: a column of it")
    if isinstance(values, pd.Index):
        return values.to_series().reset_index(drop=True)
    if isinstance(values, np.ma.MaskedArray):
        values = values.tolist()  # None where it is masked
    if isinstance(values, np.ndarray | pd.api.extensions.ExtensionArray):
        return pd.Series(values)
    if hasattr(values, "to_numpy"):
        return pd.Series(values.to_numpy())
    made = pd.Series([*values] if isinstance(values, Iterable) else [])
    nested = (list, tuple, np.ndarray, Mapping, set)
    if _kind(made).startswith("mixed") and any(isinstance(v, nested) for v in made):
        _refuse(f"{what} holds lists, not one value a patient; give an array of one dimension")
    return made


def _values(values: pd.Series) -> pd.Series:
    """Numbers or truth values that pandas holds as categories, as `map` of a category makes them, as what they are."""
    kind = values.dtype
    if isinstance(kind, pd.CategoricalDtype) and pd.api.types.infer_dtype(kind.categories) in ("boolean", *NUMBERS):
        return values.astype(object)
    return values


def _is_several(values: object) -> bool:
    return isinstance(values, Iterable) or hasattr(values, "to_numpy")


def _kind(values: pd.Series) -> str:
    """What an array holds, by pandas' name for it; one of missing values alone is empty."""
    kind: str = pd.api.types.infer_dtype(values, skipna=True)
    return kind


def _numbers(what: str, values: pd.Series, way: str) -> np.ndarray:
    """Numbers, NaN where there is none; float array, shape (n,)."""
    kind = _kind(values)
    if kind not in NUMBERS:
        _refuse(f"{what} holds {HOLDS.get(kind, 'values of several types')}; {way}")
    if values.dtype == object:
        return np.asarray([np.nan if pd.isna(v) else float(v) for v in values], dtype=float)
    result: np.ndarray = values.to_numpy(dtype=float, na_value=np.nan)
    return result


def _named(values: object, otherwise: str) -> str:
    """The name that a Series has, or another."""
    name = getattr(values, "name", None)
    return otherwise if name is None or not str(name).strip() else str(name)


def _paired(arrays: Mapping[str, pd.Series], labelled: Sequence[str]) -> dict[str, pd.Series]:
    """The arrays row by row: Series by the labels of their rows, any others by place.

    labelled: those that were handed over as Series; the labels of others are only places.
    """
    sizes = {name: len(values) for name, values in arrays.items()}
    first, n = next(iter(sizes.items()))
    if other := next((name for name, size in sizes.items() if size != n), ""):
        _refuse(f"{first} has {plural(n, 'value')} and {other} has {sizes[other]:,}; give one of each a patient")
    result = dict(arrays)
    differ = [name for name in labelled[1:] if not arrays[name].index.equals(arrays[labelled[0]].index)]
    if not differ:
        return result
    first, index = labelled[0], arrays[labelled[0]].index
    for name in differ:
        its = arrays[name].index
        if not (its.is_unique and index.is_unique and len(its.difference(index, sort=False)) == 0):
            told = f"the rows of {first} and {name} have different labels, so which belong together isn't clear"
            _refuse(f"{told}; take both from one data frame, or give .to_numpy() of each")
        result[name] = arrays[name].reindex(index)
    if bare := next((name for name in arrays if name not in labelled), ""):
        told = f"the rows of {first} and {differ[0]} are in different orders, so whose are the values of {bare}"
        _refuse(f"{told}, which has no labels, isn't clear; bring them in one order, as by {differ[0]}.loc[...]")
    return result


def _refuse(message: str) -> NoReturn:
    raise AnalysisError(message)
