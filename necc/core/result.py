"""What every result shares: its header, and how it is written: as a table of numbers, as JSON, in a few plain lines."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, Protocol, TypedDict, TypeVar

import numpy as np

from necc.core.beyond import beyond
from necc.core.estimate import Estimate, Exclusion
from necc.core.frames import (
    Names,
    Row,
    cells_of,
    columns_of,
    frame_of,
    glanced,
    heading,
    row_lines,
    tidied,
)
from necc.core.frozen import Frozen
from necc.core.tally import n_of

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from necc.present.figures import Figure

OLD_KEYS: Mapping[str, Mapping[str, str]] = {
    "CoxModel": {"n_events": "events", "log_likelihood": "loglik", "log_likelihood_null": "loglik_null"},
    "Curve": {"n_events": "events"},
    "EndpointChange": {"n_events_before": "events_before", "n_events_now": "events_now"},
    "EndpointHeld": {"n_events": "events"},
    "HazardRow": {
        "subdistribution_hazard_ratio": "subdistribution_hr", "cause_specific_hazard_ratio": "cause_specific_hr",
    },
    "ImputedModel": {"n_events": "events"},
    "JudgedAt": {"time": "at"},
    "ModelComparison": {"n_events": "events"},
    "PatientPrediction": {"n_events": "events"},
    "Step": {"log_likelihood": "loglik"},
    "StepwiseResult": {"n_events": "events"},
    "TimingGroup": {"n_events": "events"},
    "UnivariateRow": {"n_events": "events"},
    "UnivariateTable": {"n_events": "events"},
}  # fmt: skip
"""By class, keys of its JSON that have another name since 0.1: new -> old. Both are written until the next version.
Some fields still have the old one. `median_ci` is the old name of `median_ci_lower` and `median_ci_upper`."""


class Viewable(Frozen):
    """What can be looked at: as a table of numbers, in a few lines, as HTML, as a figure, and in a file.

    A class names the field whose parts are its rows (`rows_in`), or has a `to_frame` of its own; one about single
    patients says so (`single`), and its `repr`, which may end in a log, tells nothing of them.
    """

    rows_in: ClassVar[str] = ""
    single: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        """Keeps `dataclass` from writing a `repr` of every field."""
        super().__init_subclass__(**options)
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = Viewable.__repr__  # type: ignore[method-assign]  # what it would inherit

    def to_frame(self) -> pd.DataFrame:
        """The numbers as a table, unrounded, under the project's names; NaN or None where there is none.

        One row a part of the result; a frame of its own at every call.

        Example:
            >>> frame = cox(cohort, "PRS", ["n_sites"]).to_frame()
            >>> list(frame.columns[7:14])
            ['se', 'hazard_ratio', 'ci_lower', 'ci_upper', 'p', 'method', 'n']
        """
        parts = getattr(self, self.rows_in) if self.rows_in else (self,)
        return frame_of(map(cells_of, parts), () if parts else columns_of(type(self), self.rows_in))

    def tidy(self, style: Names = "broom", *, exponentiate: bool = False) -> pd.DataFrame:
        """The same table under other people's names.

        Args:
            style: "broom" (term, estimate, std.error, statistic, p.value, conf.low, conf.high; strata, time, n.risk,
                n.event, n.censor of curves) or "lifelines" (coef, exp(coef), se(coef), z, p; KM_estimate, at_risk).
                A column for which they have no name keeps ours.
            exponentiate: with broom's names, hazard ratios and their limits instead of their logarithms.

        Raises:
            AnalysisError: no such style.

        Example:
            >>> tidy = cox(cohort, "PRS", ["n_sites"]).tidy()
            >>> list(tidy.columns[:7])
            ['term', 'estimate', 'std.error', 'statistic', 'p.value', 'conf.low', 'conf.high']
        """
        return tidied(self._to_tidy(style), style, exponentiate, getattr(self, "level", 0.95))

    def _to_tidy(self, style: str) -> pd.DataFrame:
        """The frame with strata as R names them, `arm=a`; lifelines takes the level alone."""
        frame = self.to_frame()
        by = getattr(self, "by", None)
        if not by or style != "broom" or "stratum" not in frame:
            return frame
        return frame.assign(stratum=[f"{by}={name}" for name in frame["stratum"]])

    def glance(self) -> pd.DataFrame:
        """One row about the whole, under broom's names: nobs, nevent, statistic, df, p.value and what it has more.

        Example:
            >>> kaplan_meier(cohort, "PRS", by="site:lung").glance()["p.value"].round(3).tolist()
            [0.397]
        """
        return glanced(self, self._glance())

    def _glance(self) -> Row:
        """What `glance` tells beside patients, events and the test."""
        return {}

    def _lines(self) -> list[str]:
        """What `repr` tells below its heading; at most four lines."""
        return [] if self.single else self._row_lines()

    def _row_lines(self) -> list[str]:
        return row_lines(self.to_frame())

    def __repr__(self) -> str:
        if not self.rows_in and not self.single and type(self).to_frame is Viewable.to_frame:
            return f"{type(self).__name__}({'; '.join(self._row_lines())})"
        return "\n  ".join([heading(self), *self._lines()])

    @property
    def notice(self) -> str:
        """Where the patients come from, as every figure, table and file of theirs says it; empty for a person's own."""
        return str(vars(self).get("_notice", ""))

    def _repr_html_(self) -> str:
        """The figure or the table with n, who was left out, and the method, for a notebook in light or dark."""
        return str(beyond("necc.present.shown", "to_html")(self))

    def plot(self, **options: Any) -> Figure:
        """The result's figure, which shows itself in a notebook.

        options: those of its figure in `necc.present.figures`; of curves also those of `CurveSettings` (end, palette,
        legend ...); and of every figure theme, size and width.

        Raises:
            AnalysisError: the result has no figure, or the figure no such option.

        Example:
            >>> figure = kaplan_meier(cohort, "PRS", by="site:lung").plot(end=36, palette="greyscale")
            >>> figure.headline
            '...'
        """
        return beyond("necc.present.shown", "figure_of")(self, **options)  # type: ignore[no-any-return]  # a Figure

    def save(self, path: str | Path, *, force: bool = False, **options: Any) -> Path:
        """Writes the result to a file, by its suffix: a figure (svg, pdf, png, tiff), csv, json or html.

        Args:
            force: writes over a file that is there.
            options: those of `plot`; of a figure also width_mm, dpi and greyscale.

        Raises:
            AnalysisError: the suffix is none of these, the file is there, or the result has no figure.

        Example:
            >>> cox(cohort, "PRS", ["n_sites"]).save("cox.csv").name
            'cox.csv'
        """
        return beyond("necc.present.shown", "save")(self, path, force=force, **options)  # type: ignore[no-any-return]  # a path


@dataclass(frozen=True, repr=False)
class Result(Viewable):
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
    return leave_out(outcome.valid, outcome.excluded, missing, getattr(outcome, "patients", None))


def leave_out(
    used: np.ndarray,
    excluded: Iterable[Exclusion],
    reasons: Iterable[tuple[str, np.ndarray]],
    patients: np.ndarray | None = None,
) -> tuple[np.ndarray, tuple[Exclusion, ...]]:
    """Leaves out whom a reason holds for, each patient for the first that does; arrays are bool, shape (n,).

    patients: of a cohort of counts, how many each row stands for; int64, shape (n,).
    """
    result = [*excluded]
    for reason, mask in reasons:
        if lost := n_of(used & mask, patients):
            result.append(Exclusion(reason, lost))
            used = used & ~mask
    return used, tuple(result)


# ---------------------------------------------------------------- where the patients come from
P = ParamSpec("P")
T = TypeVar("T")


def answers(compute: Callable[P, T]) -> Callable[P, T]:
    """Makes a function's result know the notice of the cohort, or of the result, that it was asked of."""

    @functools.wraps(compute)
    def computed(*args: P.args, **kwargs: P.kwargs) -> T:
        result = compute(*args, **kwargs)
        asked: object = args[0] if args else next(iter(kwargs.values()), None)
        ours = type(asked).__module__.startswith("necc.")  # and no frame, whose columns may have any name
        if notice := getattr(getattr(asked, "source", asked), "notice", "") if ours else "":
            _note(result, str(notice))
        return result

    return computed


def _note(result: object, notice: str) -> None:
    if isinstance(result, tuple):
        for part in result:
            _note(part, notice)
    elif isinstance(result, Viewable) and "_notice" not in vars(result):
        object.__setattr__(result, "_notice", notice)
        for value in [*vars(result).values()]:
            if isinstance(value, _NOTED):
                _note(value, notice)


_NOTED = (Viewable, tuple)


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
    lower, upper = number(estimate.lower), number(estimate.upper)
    return {"median": number(estimate.value), "median_ci_lower": lower, "median_ci_upper": upper,
            "median_ci": [lower, upper]}  # fmt: skip


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
    both = result
    for name, was in OLD_KEYS.get(type(value).__name__, {}).items():
        if name in result or was in result:
            both = both | dict.fromkeys((name, was), result[name if name in result else was])
    return both
