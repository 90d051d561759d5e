"""What every result shares: the header of an answer about an endpoint, and how a result is written as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Protocol, TypedDict

import numpy as np

from necc.core.estimate import Estimate, Exclusion
from necc.core.frozen import Frozen

OLD_KEYS: Mapping[str, Mapping[str, str]] = {
    "CoxModel": {"n_events": "events"},
    "Curve": {"n_events": "events"},
    "ImputedModel": {"n_events": "events"},
    "ModelComparison": {"n_events": "events"},
    "PatientPrediction": {"n_events": "events"},
    "StepwiseResult": {"n_events": "events"},
    "TimingGroup": {"n_events": "events"},
    "UnivariateRow": {"n_events": "events"},
    "UnivariateTable": {"n_events": "events"},
}
"""By class, keys of its JSON that have another name since 0.1: new -> old. Both are written until the next version."""


@dataclass(frozen=True)
class Result(Frozen):
    """A result or a part of one, as JSON under the names of its fields.

    An estimate stands under its field's name, with `ci_lower` and `ci_upper` beside it; where there are several in one
    object, each is an object of its own. A class whose JSON differs says so in a `to_dict` of its own. Fields that
    `repr` leaves out are not part of it; `n_tests` is, where a result knows how many tests it adjusts for.
    """

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, unrounded; None for what isn't reached or estimable."""
        return with_old_keys(self, fields_of(self))


@dataclass(frozen=True, kw_only=True)
class EndpointResult(Result):
    """An answer about an endpoint: which, of whom, and what a reader needs to judge it.

    endpoint: its name; label: in words; unit: of its times; origin: where its clock starts.
    n, n_events: patients analysed and events among them. excluded: who was left out, and why; of a table of several
        analyses, each row has its own.
    column: the column that holds the times as they are, so that a range of them is a filter; "" where none does.
    """

    endpoint: str
    label: str
    unit: str
    origin: str
    n: int
    n_events: int
    excluded: tuple[Exclusion, ...] = ()
    notes: tuple[str, ...] = ()
    column: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class GroupedResult(EndpointResult):
    """An answer by the levels of a factor, `by`; None and no levels for all patients as one group.

    levels: all levels of the factor, also those that no analysed patient has: a figure colours by them.
    """

    by: str | None
    by_label: str
    levels: tuple[str, ...] = ()


class Header(TypedDict):
    """The fields of an `EndpointResult` that say which endpoint it is about."""

    endpoint: str
    label: str
    unit: str
    origin: str
    column: str


class Grouping(TypedDict):
    """The fields of a `GroupedResult` that say by what it is grouped."""

    by: str | None
    by_label: str
    levels: tuple[str, ...]


class Factor(Protocol):
    """What groups are made by."""

    @property
    def label(self) -> str: ...
    @property
    def levels(self) -> tuple[str, ...]: ...
    @property
    def codes(self) -> np.ndarray: ...


class Outcome(Protocol):
    """A time to an event, of one cause or of several."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def valid(self) -> np.ndarray: ...
    @property
    def excluded(self) -> tuple[Exclusion, ...]: ...


def header(outcome: Outcome) -> Header:
    """Which endpoint a result is about."""
    return {"endpoint": outcome.name, "label": outcome.label, "unit": outcome.unit, "origin": outcome.origin,
            "column": getattr(outcome, "column", "")}  # fmt: skip


def grouping(by: str | None, factor: Factor | None) -> Grouping:
    """By what a result is grouped."""
    if factor is None:
        return {"by": by, "by_label": "", "levels": ()}
    return {"by": by, "by_label": factor.label, "levels": factor.levels}


# ---------------------------------------------------------------- who is analysed
def analysed(outcome: Outcome, *factors: Factor | None) -> tuple[np.ndarray, tuple[Exclusion, ...]]:
    """Who has a time, an event and a value of each factor (bool, shape (n,)); and who was left out, and why."""
    missing = [(f"'{factor.label}' not recorded", factor.codes < 0) for factor in factors if factor is not None]
    return leave_out(outcome.valid, outcome.excluded, missing)


def leave_out(
    used: np.ndarray, excluded: Iterable[Exclusion], reasons: Iterable[tuple[str, np.ndarray]]
) -> tuple[np.ndarray, tuple[Exclusion, ...]]:
    """Leaves out whom a reason holds for, each patient for the first that does; arrays are bool, shape (n,)."""
    result = [*excluded]
    for reason, mask in reasons:
        if lost := int(np.count_nonzero(used & mask)):
            result.append(Exclusion(reason, lost))
            used = used & ~mask
    return used, tuple(result)


# ---------------------------------------------------------------- JSON
def fields_of(value: object) -> dict[str, object]:
    """The fields of a dataclass instance as JSON values."""
    shown = {f.name: getattr(value, f.name) for f in fields(value) if f.repr}  # type: ignore[arg-type]  # a dataclass
    alone = sum(isinstance(v, Estimate) for v in shown.values()) == 1
    result: dict[str, object] = {}
    for name, v in shown.items():
        if isinstance(v, Estimate) and alone:
            limits = limits_of(v)
            result |= {name: limits.pop("value"), **limits}
        else:
            result[name] = to_json(v)
    if hasattr(value, "n_tests"):
        result["n_tests"] = value.n_tests
    return result


def rows_of(value: object, names: Iterable[str]) -> list[dict[str, object]]:
    """Arrays of one length as rows."""
    columns = {name: [to_json(v) for v in getattr(value, name).tolist()] for name in names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def limits_of(estimate: Estimate) -> dict[str, float | None]:
    return {"value": number(estimate.value), "ci_lower": number(estimate.lower), "ci_upper": number(estimate.upper)}


def median_of(estimate: Estimate) -> dict[str, object]:
    return {"median": number(estimate.value), "median_ci": [number(estimate.lower), number(estimate.upper)]}


def to_json(value: object) -> object:
    """A value as JSON holds it: arrays and tuples as lists, NaN and infinity as null, results as objects."""
    if isinstance(value, Estimate):
        return limits_of(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if is_dataclass(value):
        return fields_of(value)
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return to_json(value.tolist())
    if isinstance(value, tuple | list):
        return [to_json(v) for v in value]
    return number(value) if isinstance(value, float) else value


def number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def with_old_keys(value: object, result: dict[str, object]) -> dict[str, object]:
    """The object with the old names of its keys beside the new ones."""
    old = OLD_KEYS.get(type(value).__name__, {})
    return result | {was: result[name] for name, was in old.items() if name in result}
