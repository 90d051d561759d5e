"""What no single column can show: dates and times in an impossible order, sites and responses that contradict."""

from __future__ import annotations

import numpy as np
import pandas as pd

from necc.cohort import DAYS_PER_MONTH, DAYS_PER_UNIT
from necc.dictionary import RESPONSES, Dictionary, Endpoint
from necc.errors import Finding, Severity
from necc.text import format_number, plural, shorten

AGREEMENT_MONTHS = 1.0


def cross_checks(
    table: pd.DataFrame, dictionary: Dictionary, organs: np.ndarray, organ_names: tuple[str, ...]
) -> list[Finding]:
    """All findings that need more than one column."""
    found: list[Finding] = []
    for first, then in dictionary.order:
        if first in table and then in table:
            found += _order(table, dictionary, first, then)
    for better, worse in dictionary.ranked:
        if better in table and worse in table:
            found += _ranked(table, better, worse)
    for endpoint in dictionary.endpoints.values():
        found += _event_against_date(table, endpoint)
        found += _sum_against_whole(table, endpoint)
        found += _dates_against_time(table, dictionary, endpoint)
    found += _organ_without_site(table, dictionary)
    found += _no_recurrence_with_site(table, organs)
    found += _recurrence_without_site(table, dictionary, organs)
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


def _shown(value: object) -> str:
    return str(value.date()) if isinstance(value, pd.Timestamp) else format_number(float(value), 2)


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


def _dates_against_time(table: pd.DataFrame, dictionary: Dictionary, endpoint: Endpoint) -> list[Finding]:
    """A recorded duration against the one between its dates."""
    columns = (endpoint.time, endpoint.start, endpoint.censor_date)
    if any(not c or c not in table for c in columns):
        return []
    unit = dictionary.variables[endpoint.time].unit
    if unit not in DAYS_PER_UNIT:
        return []
    end = table[endpoint.censor_date]
    if endpoint.event_date in table:
        end = table[endpoint.event_date].fillna(end)
    days = (end - table[endpoint.start]).dt.days
    recorded = table[endpoint.time] * DAYS_PER_UNIT[unit]
    rows = table.index.to_numpy()[((days - recorded).abs() > AGREEMENT_MONTHS * DAYS_PER_MONTH).to_numpy()]
    message = f"differs by more than a month from the time between the dates; the recorded {endpoint.time} is used"
    return _told("warning", "dates-disagree", rows, endpoint.time, message)


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


def _recurrence_without_site(table: pd.DataFrame, dictionary: Dictionary, organs: np.ndarray) -> list[Finding]:
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
    rows = table.index.to_numpy()[happened & ~(organs == 1).any(axis=1)]
    verb = "has" if len(rows) == 1 else "have"
    message = (
        f"{plural(len(rows), 'patient')} {verb} a recurrence and no site marked, so no site "
        "counts them; mark where the disease came back, or 'other'"
    )
    return _told("warning", "recurrence-without-site", rows, said, message)
