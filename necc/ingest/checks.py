"""What no single column can show: dates and times in an impossible order, sites and responses that contradict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from necc.cohort import DAYS_PER_MONTH, DAYS_PER_UNIT
from necc.dictionary import RESPONSES, Dictionary, Endpoint, Told, Variable
from necc.errors import Finding, Severity
from necc.text import format_number, plural, shorten

AGREEMENT_MONTHS = 1.0


Unread = Mapping[str, np.ndarray]


def cross_checks(
    table: pd.DataFrame, dictionary: Dictionary, organs: np.ndarray, unread: Unread | None = None
) -> list[Finding]:
    """All findings that need more than one column.

    unread: the cells of a column that hold something and couldn't be read: missing in `table`, but nothing follows from
        their absence; bool arrays, shape (n,).
    """
    unread = unread or {}
    found: list[Finding] = []
    for first, then in dictionary.order:
        if first in table and then in table:
            found += _order(table, dictionary, first, then)
    for better, worse in dictionary.ranked:
        if better in table and worse in table:
            found += _ranked(table, better, worse)
    for told, needed in dictionary.needs:
        if told.name in table and needed.name in table:
            found += _needs(table, dictionary, told, needed)
    for *parts, whole in dictionary.within:
        if all(c in table for c in (*parts, whole)):
            found += _within(table, dictionary, parts, whole)
    for variable in dictionary.variables.values():
        if len(variable.from_dates) == 2 and all(d in table for d in variable.from_dates):
            start, end = variable.from_dates
            found += _derived_range(table, dictionary, variable, start, end, table[end])
    for endpoint in dictionary.endpoints.values():
        found += _event_against_date(table, endpoint)
        found += _sum_against_whole(table, endpoint)
        found += _dates_of(table, dictionary, endpoint, unread)
    found += _organ_without_site(table, dictionary)
    found += _no_recurrence_with_site(table, organs)
    found += _recurrence_without_site(table, dictionary, organs, unread)
    return list(dict.fromkeys(found))  # two endpoints may share an event and its date


def _told(
    severity: Severity, code: str, rows: np.ndarray, column: str, message: str, value: str | None = None
) -> list[Finding]:
    """One finding for all `rows`; the first few are named."""
    if not len(rows):
        return []
    shown = ", ".join(map(str, rows[:8])) + (f" and {len(rows) - 8} more" if len(rows) > 8 else "")
    where = f"row {shown}" if len(rows) == 1 else f"rows {shown}"
    return [Finding(severity, code, f"column '{column}', {where}: {message}", int(rows[0]), column, value, len(rows))]


def _shown(value: pd.Timestamp | float | str) -> str:
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return shorten(value) if isinstance(value, str) else f"{float(value):.2f}".removesuffix(".00")


def _order(table: pd.DataFrame, dictionary: Dictionary, first: str, then: str) -> list[Finding]:
    """`then` before `first`: a death before its recurrence, a response after the end of follow-up."""
    wrong = (table[then] < table[first]).to_numpy()
    rows = table.index.to_numpy()[wrong]
    if not len(rows):
        return []
    values = _shown(table[then].loc[rows[0]]), _shown(table[first].loc[rows[0]])
    labels = dictionary.variables[then].label.lower(), dictionary.variables[first].label.lower()
    message = f"{labels[0]} ({values[0]}) lies before {labels[1]} ({values[1]}); one of the two is wrong"
    return _told("error", "impossible-order", rows, then, message, values[0])


def _ranked(table: pd.DataFrame, better: str, worse: str) -> list[Finding]:
    rank = {level: i for i, level in enumerate(RESPONSES[:4])}
    best = table[better].astype(object).map(rank).to_numpy(dtype=float)
    final = table[worse].astype(object).map(rank).to_numpy(dtype=float)
    rows = table.index.to_numpy()[final < best]
    if not len(rows):
        return []
    shown = shorten(f"{table[better].loc[rows[0]]}, then {table[worse].loc[rows[0]]}")
    message = f"the final response is better than the best ({shown}); best can't be worse than final"
    return _told("warning", "best-worse-than-final", rows, better, message, str(table[better].loc[rows[0]]))


def _counts(variable: Variable) -> bool:
    """Whether a number counts something, so that 0 is none of it: cycles, not months."""
    return variable.kind == "number" and variable.unit not in DAYS_PER_UNIT


def _needs(table: pd.DataFrame, dictionary: Dictionary, told: Told, needed: Told) -> list[Finding]:
    """A value that another column denies: an agent where no treatment was given."""
    values, others = table[told.name], table[needed.name]
    variable, other = dictionary.variables[told.name], dictionary.variables[needed.name]
    if told.levels:
        given = values.isin(told.levels)
    elif variable.kind in ("flag", "event"):
        given = values == "yes"
    else:
        given = values > 0 if _counts(variable) else values.notna()
    if needed.levels:
        denied = others.notna() & ~others.isin(needed.levels)
    else:
        denied = others == ("no" if other.kind in ("flag", "event") else 0 if _counts(other) else None)
    rows = table.index.to_numpy()[(given & denied).to_numpy()]
    if not len(rows):
        return []
    value, against = (_shown(v.loc[rows[0]]) for v in (values, others))
    message = f"says '{value}', but '{needed.name}' says '{against}'; one of the two is wrong"
    return _told("warning", "contradiction", rows, told.name, message, value)


def _within(table: pd.DataFrame, dictionary: Dictionary, parts: Sequence[str], whole: str) -> list[Finding]:
    """Durations one after the other that last longer than the one they lie in, by more than a month."""
    days = [table[c] * DAYS_PER_UNIT[dictionary.variables[c].unit] for c in (*parts, whole)]
    rows = table.index.to_numpy()[(sum(days[:-1]) - days[-1] > AGREEMENT_MONTHS * DAYS_PER_MONTH).to_numpy()]
    labels = [dictionary.variables[c].label.lower() for c in (*parts, whole)]
    message = f"{' and '.join(labels[:-1])} together last longer than {labels[-1]}; one of them is wrong"
    return _told("warning", "longer-than-followup", rows, parts[-1], message)


def _event_against_date(table: pd.DataFrame, endpoint: Endpoint) -> list[Finding]:
    if endpoint.event not in table or endpoint.event_date not in table:
        return []
    dated = table[endpoint.event_date].notna().to_numpy()
    denied = (table[endpoint.event] == "no").to_numpy()
    message = f"'{endpoint.event}' says no, but '{endpoint.event_date}' holds a date; one of the two is wrong"
    return _told("error", "event-against-date", table.index.to_numpy()[dated & denied], endpoint.event, message)


def _sum_against_whole(table: pd.DataFrame, endpoint: Endpoint) -> list[Finding]:
    """A whole that isn't the sum of its parts, where all are recorded (overall survival of those who relapsed)."""
    if not endpoint.sum_of or any(c not in table for c in (endpoint.time, *endpoint.sum_of)):
        return []
    gap = (table[endpoint.time] - sum(table[c] for c in endpoint.sum_of)).abs().to_numpy()
    rows = table.index.to_numpy()[gap > AGREEMENT_MONTHS]
    message = f"differs by more than a month from the sum of {' and '.join(endpoint.sum_of)}"
    return _told("warning", "sum-disagrees", rows, endpoint.time, message)


def _dates_of(table: pd.DataFrame, dictionary: Dictionary, endpoint: Endpoint, unread: Unread) -> list[Finding]:
    """The time between an endpoint's dates: against its limits, and against a recorded duration."""
    variable = dictionary.variables.get(endpoint.time)
    ends = [c for c in (endpoint.event_date, endpoint.censor_date) if c in table]
    if variable is None or variable.unit not in DAYS_PER_UNIT or endpoint.start not in table or not ends:
        return []
    end = table[ends[0]].fillna(table[ends[-1]])
    end = end.mask(unread.get(ends[0], np.zeros(len(table), dtype=bool)))
    found = _derived_range(table, dictionary, variable, endpoint.start, ends[-1], end)
    if variable.name in table and endpoint.censor_date in table:
        days = (end - table[endpoint.start]).dt.days
        recorded = table[variable.name] * DAYS_PER_UNIT[variable.unit]
        rows = table.index.to_numpy()[((days - recorded).abs() > AGREEMENT_MONTHS * DAYS_PER_MONTH).to_numpy()]
        message = (
            f"differs by more than a month from the time between the dates; the recorded {variable.name} is used"
        )
        found += _told("warning", "dates-disagree", rows, variable.name, message)
    return found


def _derived_range(
    table: pd.DataFrame, dictionary: Dictionary, variable: Variable, start: str, column: str, end: pd.Series
) -> list[Finding]:
    """Times between dates that are longer than a typed duration may be."""
    if variable.maximum is None or variable.unit not in DAYS_PER_UNIT:
        return []
    times = (end - table[start]).dt.days / DAYS_PER_UNIT[variable.unit]
    rows = table.index.to_numpy()[(times > variable.maximum).to_numpy()]
    if not len(rows):
        return []
    dates = _shown(table[start].loc[rows[0]]), _shown(end.loc[rows[0]])
    message = (
        f"{format_number(float(times.loc[rows[0]]), 0)} {variable.unit} lie between {dates[0]} ('{start}') and "
        f"{dates[1]}; {variable.label.lower()} allows at most {variable.maximum:g}. Correct one of the dates"
    )
    return _told("error", "out-of-range", rows, column, message, dates[1])


def _organ_without_site(table: pd.DataFrame, dictionary: Dictionary) -> list[Finding]:
    """An organ marked in a patient whose site column says no; the organ counts."""
    by_site = {v.site: v.name for v in dictionary.variables.values() if v.site and v.name in table}
    found = []
    for group, members in dictionary.default_scheme.groups.items():
        if group not in by_site:
            continue
        denied = (table[by_site[group]] == "no").to_numpy()
        for organ in members:
            if organ in by_site and organ != group:
                rows = table.index.to_numpy()[denied & (table[by_site[organ]] == "yes").to_numpy()]
                message = f"says no, but '{by_site[organ]}' says yes; the patient counts as having this site"
                found += _told("warning", "organ-without-site", rows, by_site[group], message)
    return found


def _no_recurrence_with_site(table: pd.DataFrame, organs: np.ndarray) -> list[Finding]:
    if "recurred" not in table or not organs.shape[1]:
        return []
    wrong = (table["recurred"] == "no").to_numpy() & (organs == 1).any(axis=1)
    rows = table.index.to_numpy()[wrong]
    noun = plural(len(rows), "patient")
    return _told("warning", "site-without-recurrence", rows, "recurred", f"says no, but a site is marked ({noun})")


def _recurrence_without_site(
    table: pd.DataFrame, dictionary: Dictionary, organs: np.ndarray, unread: Unread
) -> list[Finding]:
    """A recurrence by its event or date in a patient without any site, where the file records sites."""
    if not organs.shape[1]:
        return []
    happened = np.zeros(len(table), dtype=bool)
    said = ""
    for endpoint in dictionary.endpoints.values():
        if "sites" not in endpoint.event_if:
            continue
        if endpoint.event in table:
            happened |= (table[endpoint.event] == "yes").to_numpy()
            said = said or endpoint.event
        for name in endpoint.event_if:
            if name != "sites" and name in table:
                happened |= table[name].notna().to_numpy()
                said = said or name
    for variable in dictionary.variables.values():
        if variable.site and variable.name in unread:
            happened &= ~unread[variable.name]
    rows = table.index.to_numpy()[happened & ~(organs == 1).any(axis=1)]
    verb = "has" if len(rows) == 1 else "have"
    message = (
        f"{plural(len(rows), 'patient')} {verb} a recurrence and no site marked, so no site "
        "counts them; mark where the disease came back, or 'other'"
    )
    return _told("warning", "recurrence-without-site", rows, said, message)
