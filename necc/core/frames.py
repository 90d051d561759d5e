"""A result's numbers as a table: under the project's names, broom's or lifelines'.

References:
    1. Robinson D, Hayes A, Couch S. broom: Convert Statistical Objects into Tidy Tibbles. R package (names of columns).
    2. Davidson-Pilon C. J Open Source Softw 2019;4:1317. doi:10.21105/joss.01317 (lifelines)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from necc.core.errors import AnalysisError
from necc.core.estimate import Estimate
from necc.core.text import NOT_ESTIMABLE, NOT_REACHED, joined, p_phrase, plural, spreadsheet_safe

Names = Literal["broom", "lifelines"]
Row = Mapping[str, object]

BROOM: Mapping[str, str] = {
    "stratum": "strata", "coefficient": "estimate", "se": "std.error", "p": "p.value", "p_adjusted": "adj.p.value",
    "ci_lower": "conf.low", "ci_upper": "conf.high", "n_at_risk": "n.risk", "n_events": "n.event",
    "n_censored": "n.censor",
}  # fmt: skip
LIFELINES: Mapping[str, str] = {
    "stratum": "label", "time": "timeline", "n_at_risk": "at_risk", "n_events": "observed", "n_censored": "censored",
    "statistic": "test_statistic", "df": "degrees_of_freedom",
}  # fmt: skip
ESTIMATES = (
    "estimate", "survival", "hazard_ratio", "odds_ratio", "proportion", "orr_proportion", "mean", "median", "value",
    "percent", "share", "difference",
)  # fmt: skip
"""What a row estimates, where it has several of these: the first."""
TERMS = ("term", "sites", "name", "site", "variable", "covariate", "group", "model", "first", "what", "label")
"""What a row is about, likewise."""
BESIDE = ("cause", "family", "level", "group", "first", "second", "approach", "component", "metric", "time",
          "ahead", "at", "best", "final")  # fmt: skip
"""What else tells a row from the others."""
UNKNOWN = {"hazard ratio": NOT_ESTIMABLE, "odds ratio": NOT_ESTIMABLE, "median": NOT_REACHED,
           "survival": NOT_ESTIMABLE, "proportion": NOT_ESTIMABLE, "estimate": NOT_ESTIMABLE}  # fmt: skip
"""What is said of an estimate that every row has, where it isn't there."""
FIRST = ("strata", "term", "time", "estimate", "std.error", "statistic", "p.value", "adj.p.value", "conf.low",
         "conf.high")  # fmt: skip
MOST_LINES = 3


# ---------------------------------------------------------------- frames
def frame_of(rows: Iterable[Row], columns: Sequence[str] = ()) -> pd.DataFrame:
    """Rows as a frame; what isn't there is missing, and a column of nothing but numbers that aren't there is float.

    columns: those of the frame, in this order; by default those of the rows.
    """
    frame = pd.DataFrame([*rows], columns=list(columns) or None)
    for name in frame.columns[frame.isna().all().to_numpy()] if len(frame) else ():
        frame[name] = frame[name].astype(float)
    return frame


def cells_of(part: object) -> dict[str, object]:
    """The numbers and words of a part of a result, by name: an estimate with its limits, a test with its p.

    Fields that `repr` leaves out stay out, and lists of other things.
    """
    shown = {f.name: getattr(part, f.name) for f in fields(part) if f.repr}  # type: ignore[arg-type]  # a dataclass
    alone = sum(isinstance(v, Estimate) for v in shown.values()) == 1
    cells: dict[str, object] = {}
    for name, value in shown.items():
        if isinstance(value, Estimate):
            before = "" if alone else f"{name}_"
            cells |= {name: value.value, f"{before}ci_lower": value.lower, f"{before}ci_upper": value.upper}
        elif value is None or isinstance(value, str | int | float | np.generic):
            cells[name] = value
        elif isinstance(value, tuple) and value and all(isinstance(v, str) for v in value):
            cells[name] = ", ".join(value)
        elif is_dataclass(value):
            inner = cells_of(value)
            if "p" in inner and name in ("test", "term"):
                inner = {"method" if k == "name" else k: v for k, v in inner.items()}
                cells |= {k: v for k, v in inner.items() if k not in cells}
            else:
                cells |= {f"{name}_{k}": v for k, v in inner.items()}
        elif isinstance(value, Mapping) and all(isinstance(v, int | float) for v in value.values()):
            cells |= {f"{name}_{k}": v for k, v in value.items()}
    return cells


def columns_of(owner: type, name: str) -> list[str]:
    """The columns of the rows in a field, as far as its type says, for a result without rows."""
    told = next((c.__annotations__[name] for c in owner.__mro__ if name in getattr(c, "__annotations__", {})), "")
    found = re.fullmatch(r"tuple\[(\w+), \.\.\.\]", str(told))
    part = getattr(sys.modules[owner.__module__], found[1], None) if found else None
    return [f.name for f in fields(part) if f.repr] if part is not None and is_dataclass(part) else []


def from_zero(frame: pd.DataFrame, start: Row) -> pd.DataFrame:
    """A curve's frame that starts at time zero: with a row of its own there, unless it has one."""
    if not len(frame) or not float(frame["time"].iloc[0]) > 0:
        return frame
    first = {name: frame[name].iloc[0] for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])}
    counts = {name: 0 if name.startswith("n_") else np.nan for name in frame.columns}
    row = pd.DataFrame([{**counts, **first, "time": 0.0, **start}], columns=frame.columns).astype(frame.dtypes)
    return pd.concat([row, frame], ignore_index=True)


def to_write(frame: pd.DataFrame, notice: str) -> pd.DataFrame:
    """A frame for a file: an index that has a name as a column, and of made-up patients a column that says so."""
    frame = frame.reset_index() if frame.index.name else frame
    return frame.assign(synthetic="yes") if notice else frame


def as_csv(frame: pd.DataFrame) -> str:
    """A frame as CSV, unrounded; what a spreadsheet would run as a formula is text.

    Example:
        >>> import pandas as pd
        >>> from necc.core.frames import as_csv
        >>> as_csv(pd.DataFrame({"level": ["=1+1", "-2.5"], "p": [0.5, None]}))
        "level,p\\n'=1+1,0.5\\n-2.5,\\n"
    """
    safe = frame.copy()
    for name in frame.columns[[not _is_number(frame[n]) for n in frame.columns]]:
        safe[name] = [spreadsheet_safe(v) if isinstance(v, str) else v for v in frame[name]]
    return safe.rename(columns=lambda name: spreadsheet_safe(str(name))).to_csv(index=False, lineterminator="\n")


# ---------------------------------------------------------------- other people's names
def tidied(frame: pd.DataFrame, style: str = "broom", exponentiate: bool = False, level: float = 0.95) -> pd.DataFrame:
    """A result's frame under broom's names [1], or lifelines' [2]; columns for which they have none keep theirs.

    Ratios of hazards are on the log scale, limits too, unless `exponentiate`; lifelines has both beside each other.

    Raises:
        AnalysisError: no such style.
    """
    if style not in get_args(Names):
        allowed = joined([f'"{name}"' for name in get_args(Names)], "or")
        raise AnalysisError(f"there are no names of columns as '{style}' has them; style is {allowed}")
    if style == "lifelines":
        return (
            _lifelines_ratios(frame, level) if {"coefficient", "hazard_ratio"} <= {*frame} else _lifelines(frame, level)
        )
    return _broom(_on_one_scale(frame, exponentiate))


def _wald(frame: pd.DataFrame) -> pd.Series:
    """z of each coefficient whose p is Wald's; a profile likelihood has none."""
    z = frame["coefficient"].astype(float) / frame["se"].astype(float)
    return z.where(frame["method"] == "wald") if "method" in frame else z


def _on_one_scale(frame: pd.DataFrame, exponentiate: bool) -> pd.DataFrame:
    """Hazard ratios, where a frame has them, as such or as their logarithms; with z where a standard error is there."""
    if "hazard_ratio" not in frame:
        return frame
    if {"coefficient", "se"} <= {*frame} and "df" not in frame:
        frame = frame.assign(statistic=_wald(frame))
    if exponentiate:
        return frame.drop(columns="coefficient", errors="ignore")
    logs = {"coefficient": _log(frame["hazard_ratio"])} if "coefficient" not in frame else {}
    limits = {name: _log(frame[name]) for name in ("ci_lower", "ci_upper")}
    return frame.assign(**logs, **limits).drop(columns="hazard_ratio")


def _log(values: pd.Series) -> pd.Series:
    numbers = values.astype(float)
    return pd.Series(np.log(numbers.where(numbers > 0)), index=values.index)


def _broom(frame: pd.DataFrame) -> pd.DataFrame:
    names = {ours: theirs for ours, theirs in BROOM.items() if ours in frame}
    for asked, there in (("estimate", ESTIMATES), ("term", TERMS)):
        fit = (n for n in there if n in frame and n not in names and (asked == "term" or _is_number(frame[n])))
        found = next(fit, "")
        if found and asked not in names.values() and not (asked == "term" and {"stratum", "time"} <= {*frame}):
            names[found] = asked
    named = frame.rename(columns={c: names.get(str(c), str(c)) for c in frame.columns})
    named.columns = [str(c) if str(c) in FIRST else str(c).replace("_", ".") for c in named.columns]
    return named[[c for c in FIRST if c in named] + [c for c in named.columns if c not in FIRST]]


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))


def _lifelines_ratios(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    share, z = f"{100 * level:g}%", _wald(frame)
    numbers = {name: frame[name].astype(float) for name in ("coefficient", "se", "hazard_ratio", "p")}
    low, high = (frame[name].astype(float) for name in ("ci_lower", "ci_upper"))
    return pd.DataFrame({
        "coef": numbers["coefficient"], "exp(coef)": numbers["hazard_ratio"], "se(coef)": numbers["se"],
        f"coef lower {share}": _log(low), f"coef upper {share}": _log(high), f"exp(coef) lower {share}": low,
        f"exp(coef) upper {share}": high, "cmp to": 0.0, "z": z, "p": numbers["p"], "-log2(p)": _surprise(numbers["p"]),
    }).set_index(pd.Index(frame.get("term", frame.index), name="covariate"))  # fmt: skip


def _lifelines(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    names = {ours: theirs for ours, theirs in LIFELINES.items() if theirs not in frame}
    if "survival" in frame and "time" in frame:
        names |= {"survival": "KM_estimate", "ci_lower": f"KM_estimate_lower_{level:g}",
                  "ci_upper": f"KM_estimate_upper_{level:g}"}  # fmt: skip
    named = frame.rename(columns={c: names.get(str(c), str(c)) for c in frame.columns})
    if "test_statistic" in named and "p" in named:
        named.insert(int(named.columns.get_loc("p")) + 1, "-log2(p)", _surprise(named["p"].astype(float)))  # type: ignore[arg-type]  # one column of the name
    return named


def _surprise(p: pd.Series) -> pd.Series:
    return pd.Series(-np.log2(p.where(p > 0)), index=p.index)


def glanced(result: object, more: Row | None = None) -> pd.DataFrame:
    """One row about a whole result, under broom's names: patients, events, and its test where it has one."""
    row: dict[str, Any] = {}
    for ours, name in (
        ("n", "nobs"),
        ("n_events", "nevent"),
        ("level", "conf.level"),
        ("adjustment", "p.adjust.method"),
    ):
        value = getattr(result, ours, None)
        if isinstance(value, int | float | str):
            row[name] = value
    if left_out := getattr(result, "excluded", ()):
        row["n.excluded"] = sum(e.n for e in left_out)
    test: Any = getattr(result, "test", None)
    if hasattr(test, "p"):
        row |= {"statistic": test.statistic, "df": test.df, "p.value": test.p}
    return frame_of([{**row, **(more or {})}])


# ---------------------------------------------------------------- a few plain lines
def heading(result: object) -> str:
    """What a result is, of whom: its class, endpoint, factor, patients and events.

    Nothing of a single patient, nor a level: such a line may end in a log.
    """
    about = " ".join(
        str(v) for v in (getattr(result, "endpoint", ""), "by" if getattr(result, "by", None) else "",
                         getattr(result, "by", "")) if v
    )  # fmt: skip
    n, events = getattr(result, "n", None), getattr(result, "n_events", None)
    counts = [plural(int(n), "patient")] if isinstance(n, int | np.integer) else []
    counts += [plural(int(events), "event")] if isinstance(events, int | np.integer) else []
    told = ": ".join(filter(None, (about, ", ".join(counts))))
    return f"{type(result).__name__}({told})"


def row_lines(frame: pd.DataFrame, most: int = MOST_LINES, *, adjusted: bool = False) -> list[str]:
    """The first rows of a frame in words: what each is about, its estimate with limits, and p.

    adjusted: the adjusted p of each row, too; for frames in which it is that of the very p beside it.
    """
    named = _broom(_on_one_scale(frame, exponentiate=True))
    what = next((c for c in ESTIMATES if c in frame and _is_number(frame[c])), "")
    lines = [_row_line(row, what.removeprefix("orr_").replace("_", " "), adjusted) for row in _rows(named.head(most))]
    left = len(named) - most
    lines = [line for line in lines if line]
    return lines + ([f"and {plural(left, 'more row')}"] if left > 0 else [])


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _row_line(row: Row, what: str, adjusted: bool = False) -> str:
    about: list[str] = []
    for name in ("strata", "term", *BESIDE):
        value = row.get(name)
        told = short(value) if _known(value) else value if isinstance(value, str) else ""
        if told and told not in about and not any(before.endswith(f"={told}") for before in about):
            about.append(told)
    about = about or [str(row.get("label") or "")]
    numbers = estimate_line(what, row.get("estimate"), row.get("conf.low"), row.get("conf.high"), row.get("p.value"))
    if adjusted and numbers and _known(row.get("adj.p.value")):
        numbers += f", adjusted {p_phrase(float(row['adj.p.value']))}"  # type: ignore[arg-type]  # a number
    if what in UNKNOWN and not _known(row.get("estimate")):
        why = re.split("[:;,(]", str(row.get("note") or ""))[0].strip()
        unknown = f"{what} {UNKNOWN[what]}" + (f" ({why})" if why and "'" not in why else "")
        numbers = ", ".join(filter(None, (unknown, numbers)))
    elif not numbers and _known(row.get("n")):
        numbers = f"n = {row['n']:,.0f}"
    return ": ".join(filter(None, (", ".join(about[:3]), numbers)))


def estimate_line(what: str, value: object, lower: object = None, upper: object = None, p: object = None) -> str:
    """`median 22.3 (17.5 to 34.1), p = 0.394`; what isn't there is left out, of two limits one is said to be open."""
    parts = [f"{what} {_digits(value)}".strip() if _known(value) else ""]
    if _known(value) and (_known(lower) or _known(upper)):
        parts[0] += f" ({_digits(lower)} to {_digits(upper)})"
    parts += [p_phrase(float(p))] if _known(p) else []  # type: ignore[arg-type]  # a number
    return ", ".join(filter(None, parts))


def _known(value: object) -> bool:
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))


def _digits(value: object) -> str:
    """As `short`, always with three digits: 1.00 beside 3.79."""
    known = short(value)
    exact = isinstance(value, int | float | np.number) and np.isfinite(value) and abs(float(value)) < 1000
    return format(float(value), "#.3g").rstrip(".") if exact else known  # type: ignore[arg-type]  # a number


def short(value: object) -> str:
    """A number in three digits, with commas where it is large; "open" where there is none."""
    if not isinstance(value, int | float | np.number) or not np.isfinite(value):
        return "open"
    known = float(value)
    return f"{known:,.0f}" if abs(known) >= 1000 else f"{known:.3g}"
