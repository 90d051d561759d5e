"""What no single column can show: dates and times in an impossible order, sites and responses that contradict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from necc.core.dictionary import (
    DAYS_PER_MONTH,
    DAYS_PER_UNIT,
    RESPONSES,
    Dictionary,
    Endpoint,
    Told,
    Variable,
    VariableKind,
)
from necc.core.errors import Finding, Severity
from necc.core.text import format_number, joined, plural, rows_named, shorten
from necc.core.time_to_event import NOISE
from necc.ingest.codes import denies

AGREEMENT_MONTHS = 1.0


@dataclass(frozen=True)
class CrossChecks:
    """The columns of a file that has been read, as its variables.

    table: a row a patient, indexed by the row of the file; a column a variable.
    organs: what is known of each raw organ: 1, 0 or -1 (not recorded); int8, shape (n, n_organs).
    headers: the file's name of a variable, where it is another.
    unread: the cells of a column that hold something and couldn't be read: missing in `table`, but nothing follows from
        their absence; bool arrays, shape (n,).
    derived: variables that no column holds: what they are inferred from can't contradict them.
    """

    table: pd.DataFrame
    dictionary: Dictionary
    organs: np.ndarray
    headers: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, np.ndarray] = field(default_factory=dict)
    derived: Collection[str] = ()

    def findings(self) -> list[Finding]:
        """All findings that need more than one column."""
        table, dictionary = self.table, self.dictionary
        messages: list[Finding] = []
        for first, then in dictionary.order:
            if self._are("date", first, then) or self._are("number", first, then):
                messages += self._order(first, then)
        for better, worse in dictionary.ranked:
            if self._are("response", better, worse):
                messages += self._ranked(better, worse)
        messages += self._denials()
        for *parts, whole in dictionary.within:
            if self._durations(*parts, whole):
                messages += self._within(parts, whole)
        for variable in dictionary.variables.values():
            if len(variable.from_dates) == 2 and self._are("date", *variable.from_dates):
                start, end = variable.from_dates
                messages += self._derived_range(variable, start, end, table[end])
        for endpoint in (part for whole in dictionary.endpoints.values() for part in whole.parts):
            messages += self._sum_against_whole(endpoint)
            messages += self._negative_difference(endpoint)
            messages += self._dates_of(endpoint)
        messages += self._organ_without_site()
        messages += self._recurrence_without_site()
        return list(dict.fromkeys(messages))  # two endpoints may share an event and its date

    def _are(self, kind: VariableKind, *names: str) -> bool:
        """Whether the file has all of these, as this kind: a mapping may take a column for something else."""
        known = self.dictionary.variables
        return all(name in self.table and name in known and known[name].kind == kind for name in names)

    def _durations(self, *names: str) -> bool:
        """Whether the file has all of these, as times of a known unit."""
        return self._are("number", *names) and all(self.dictionary.variables[n].unit in DAYS_PER_UNIT for n in names)

    def _in_unit(self, name: str, unit: str) -> pd.Series:
        """Times of a column in this unit; one without a unit is read as in it, as the endpoint does."""
        own = self.dictionary.variables[name].unit
        both = own != unit and own in DAYS_PER_UNIT and unit in DAYS_PER_UNIT
        return self.table[name] * (DAYS_PER_UNIT[own] / DAYS_PER_UNIT[unit]) if both else self.table[name]

    def _of(self, *variables: str) -> str:
        """The file's names of variables, quoted."""
        return joined([f"'{shorten(self.headers.get(v, v))}'" for v in variables])

    def _told(
        self, severity: Severity, code: str, wrong: np.ndarray, variable: str, message: str, value: str | None = None
    ) -> list[Finding]:
        """One finding for all rows of a mask; the first few are named."""
        rows = self.table.index.to_numpy()[wrong]
        if not len(rows):
            return []
        column = shorten(self.headers.get(variable, variable))
        where = f"column '{column}', {rows_named(rows)}: {message}"
        return [Finding(severity, code, where, int(rows[0]), column, value, len(rows))]

    def _order(self, first: str, then: str) -> list[Finding]:
        """`then` before `first`: a death before its recurrence, a response after the end of follow-up."""
        earlier = self._in_unit(first, self.dictionary.variables[then].unit)
        wrong = (self.table[then] < earlier).to_numpy()
        if not wrong.any():
            return []
        values = self._first(then, wrong), self._first(first, wrong)
        labels = [self.dictionary.variables[v].label.lower() for v in (then, first)]
        message = f"{labels[0]} ({values[0]}) is before {labels[1]} ({values[1]}); one of the two is wrong"
        return self._told("error", "impossible-order", wrong, then, message, values[0])

    def _first(self, variable: str, wrong: np.ndarray) -> str:
        """The value in the first row of a mask."""
        return _shown(self.table[variable].iloc[int(np.argmax(wrong))])

    def _ranked(self, better: str, worse: str) -> list[Finding]:
        rank = {level: i for i, level in enumerate(RESPONSES[:4])}
        best, final = (self.table[c].astype(object).map(rank).to_numpy(dtype=float) for c in (better, worse))
        wrong = final < best
        if not wrong.any():
            return []
        before, after = self._first(better, wrong), self._first(worse, wrong)
        message = f"the final response is better than the best ({before}, then {after}); best can't be worse than final"
        return self._told("warning", "best-worse-than-final", wrong, better, message, before)

    def _denials(self) -> list[Finding]:
        """What one column says and another denies."""
        recorded = {*map(str, self.table.columns)} - {*self.derived}
        messages = []
        for told_, needed in self.dictionary.needs:
            if told_.name in self.table and needed.name in recorded:
                messages += self._needs(told_, needed)
        for variable in self.dictionary.variables.values():
            if variable.name in recorded and variable.given_if in recorded:
                messages += self._denied_agent(variable)
        return messages

    def _needs(self, text: Told, needed: Told) -> list[Finding]:
        """A value that another column denies: an agent where no treatment was given."""
        values, others = self.table[text.name], self.table[needed.name]
        variable, other = self.dictionary.variables[text.name], self.dictionary.variables[needed.name]
        if text.levels:
            given = values.isin(text.levels)
        elif variable.kind in ("flag", "event"):
            given = values == "yes"
        else:
            given = values > 0 if _counts(variable) else values.notna() & ~_denied(values)
        if needed.levels:
            denied = others.notna() & ~others.isin(needed.levels)
        else:
            denied = others == ("no" if other.kind in ("flag", "event") else 0 if _counts(other) else None)
        wrong = (given & denied).to_numpy()
        if not wrong.any():
            return []
        value, against = self._first(text.name, wrong), self._first(needed.name, wrong)
        message = f"says '{value}', but {self._of(needed.name)} says '{against}'; one of the two is wrong"
        return self._told("warning", "contradiction", wrong, text.name, message, value)

    def _denied_agent(self, variable: Variable) -> list[Finding]:
        """A treatment that was given, beside a word that says it wasn't in the column of its agent."""
        wrong = ((self.table[variable.name] == "yes") & _denied(self.table[variable.given_if])).to_numpy()
        if not wrong.any():
            return []
        against = self._first(variable.given_if, wrong)
        message = f"says 'yes', but {self._of(variable.given_if)} says '{against}'; one of the two is wrong"
        return self._told("warning", "contradiction", wrong, variable.name, message, "yes")

    def _within(self, parts: Sequence[str], whole: str) -> list[Finding]:
        """Durations one after the other that last longer than the one they lie in, by more than a month."""
        variables = [self.dictionary.variables[c] for c in (*parts, whole)]
        days = [self.table[v.name] * DAYS_PER_UNIT[v.unit] for v in variables]
        wrong = (sum(days[:-1]) - days[-1] > AGREEMENT_MONTHS * DAYS_PER_MONTH).to_numpy()
        labels = [v.label.lower() for v in variables]
        message = f"{joined(labels[:-1])} together last longer than {labels[-1]}; one of them is wrong"
        return self._told("warning", "longer-than-followup", wrong, parts[-1], message)

    def _negative_difference(self, endpoint: Endpoint) -> list[Finding]:
        """A whole duration that is shorter than the others, which are taken from it."""
        if not endpoint.difference_of or not self._are("number", *endpoint.difference_of):
            return []
        whole, *others = endpoint.difference_of
        first, *rest = (self._in_unit(c, endpoint.unit) for c in endpoint.difference_of)
        wrong = (first - sum(rest) < -NOISE).to_numpy()
        message = f"is shorter than {self._of(*others)}, so {endpoint.name} has no time; one of them is wrong"
        return self._told("error", "negative-difference", wrong, whole, message)

    def _sum_against_whole(self, endpoint: Endpoint) -> list[Finding]:
        """A whole that isn't the sum of its parts, where all are recorded (overall survival of those who relapsed)."""
        if not endpoint.sum_of or not self._are("number", endpoint.time, *endpoint.sum_of):
            return []
        whole, *parts = (self._in_unit(c, endpoint.unit) for c in (endpoint.time, *endpoint.sum_of))
        gap = (whole - sum(parts)).abs().to_numpy() * DAYS_PER_UNIT[endpoint.unit] / DAYS_PER_MONTH
        message = f"differs by more than a month from the sum of {self._of(*endpoint.sum_of)}"
        return self._told("warning", "sum-disagrees", gap > AGREEMENT_MONTHS, endpoint.time, message)

    def _dates_of(self, endpoint: Endpoint) -> list[Finding]:
        """The time between an endpoint's dates: against its limits, and against a recorded duration."""
        table, variable = self.table, self.dictionary.variables.get(endpoint.time)
        ends = [c for c in (endpoint.event_date, endpoint.censor_date) if self._are("date", c)]
        if variable is None or variable.unit not in DAYS_PER_UNIT or not ends or not self._are("date", endpoint.start):
            return []
        if endpoint.or_dates:  # which of several dates came first is seen by the endpoint alone
            return []
        end = table[ends[0]].fillna(table[ends[-1]])
        end = end.mask(self.unread.get(ends[0], np.zeros(len(table), dtype=bool)))
        if endpoint.event_date and not endpoint.event_ends_followup:
            dated = table[endpoint.event_date].notna() if endpoint.event_date in ends else False
            end = end.mask(self._happened(endpoint) & ~np.asarray(dated))
        result = self._derived_range(variable, endpoint.start, ends[-1], end)
        if self._are("number", variable.name) and endpoint.censor_date in ends:
            days = (end - table[endpoint.start]).dt.days
            recorded = table[variable.name] * DAYS_PER_UNIT[variable.unit]
            wrong = ((days - recorded).abs() > AGREEMENT_MONTHS * DAYS_PER_MONTH).to_numpy()
            message = "differs by more than a month from the time between the dates; the recorded time is used"
            result += self._told("warning", "dates-disagree", wrong, variable.name, message)
        return result

    def _happened(self, endpoint: Endpoint) -> np.ndarray:
        """Who has the event by the column that says so; bool, shape (n,)."""
        if endpoint.event not in self.table:
            return np.zeros(len(self.table), dtype=bool)
        return (self.table[endpoint.event] == "yes").to_numpy()

    def _derived_range(self, variable: Variable, start: str, column: str, end: pd.Series) -> list[Finding]:
        """Times between dates that are longer than a typed duration may be."""
        if variable.maximum is None or variable.unit not in DAYS_PER_UNIT:
            return []
        times = (end - self.table[start]).dt.days / DAYS_PER_UNIT[variable.unit]
        wrong = (times > variable.maximum).to_numpy()
        if not wrong.any():
            return []
        row = int(np.argmax(wrong))
        began, ended = self._first(start, wrong), _shown(end.iloc[row])
        message = (
            f"{format_number(float(times.iloc[row]), 0)} {variable.unit} lie between {began} ({self._of(start)}) and "
            f"{ended}; {variable.label.lower()} allows at most {variable.maximum:g}. Correct one of the dates"
        )
        return self._told("error", "out-of-range", wrong, column, message, ended)

    def _organ_without_site(self) -> list[Finding]:
        """An organ marked in a patient whose site column says no; the organ counts."""
        table = self.table
        by_site = {v.site: v.name for v in self.dictionary.variables.values() if v.site and v.name in table}
        results = []
        for group, members in self.dictionary.default_scheme.groups.items():
            for organ in members if group in by_site else ():
                if organ in by_site and organ != group:
                    whole, part = by_site[group], by_site[organ]
                    wrong = ((table[whole] == "no") & (table[part] == "yes")).to_numpy()
                    message = f"says no, but {self._of(part)} says yes; the patient counts as having this site"
                    results += self._told("warning", "organ-without-site", wrong, whole, message)
        return results

    def _recurrence_without_site(self) -> list[Finding]:
        """A recurrence by its event or date in a patient without any site, where the file records sites."""
        table = self.table
        if not self.organs.shape[1]:
            return []
        happened = np.zeros(len(table), dtype=bool)
        said = ""
        for endpoint in (part for whole in self.dictionary.endpoints.values() for part in whole.parts):
            if "sites" not in endpoint.event_if:
                continue
            if endpoint.event in table:
                happened |= self._happened(endpoint)
                said = said or endpoint.event
            for name in endpoint.event_if:
                if name != "sites" and name in table:
                    happened |= table[name].notna().to_numpy()
                    said = said or name
        for variable in self.dictionary.variables.values():
            if variable.site and variable.name in self.unread:
                happened &= ~self.unread[variable.name]
        wrong = happened & ~(self.organs == 1).any(axis=1)
        verb = "has" if wrong.sum() == 1 else "have"
        message = (
            f"{plural(int(wrong.sum()), 'patient')} {verb} a recurrence and no site marked, so they are counted at no "
            "site; mark where the disease came back, or 'other'"
        )
        return self._told("warning", "recurrence-without-site", wrong, said, message)


def _shown(value: pd.Timestamp | float | str) -> str:
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return shorten(value) if isinstance(value, str) else f"{float(value):.2f}".removesuffix(".00")


def _denied(values: pd.Series) -> pd.Series:
    """Whose text says that nothing was given: `none`, `declined`."""
    distinct = [v for v in values.unique() if isinstance(v, str) and denies(v)]
    return values.isin(distinct)


def _counts(variable: Variable) -> bool:
    """Whether a number counts something, so that 0 is none of it: cycles, not months."""
    return variable.kind == "number" and variable.unit not in DAYS_PER_UNIT
