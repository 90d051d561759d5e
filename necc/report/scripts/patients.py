"""A cohort's sites, groups, numbers, endpoints and filters as R, written from how the product itself reads them.

In the script `data` holds the typed columns, categories and yes/no as texts; `organs` and `sites` are logical, NA where
nothing is recorded. R's own logic of NA is Kleene's, by which filters are decided (`necc.core.selection`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from necc.core.cohort import SITE_LEVELS, Cohort
from necc.core.dictionary import DAYS_PER_UNIT, N_SITES, ORGAN, SITE, is_site
from necc.core.selection import PICKED, Condition, Group, Selection
from necc.core.time_to_event import EndpointColumns
from necc.report.scripts.text import number, numbers, part_of, quoted, ranges, texts


class Patients:
    """The whole of a cohort at one point of the script.

    needed: names of the file's columns that were used so far; what is used is added to it. organs: whether sites were.
    """

    def __init__(self, cohort: Cohort, needed: dict[str, None]) -> None:
        self.cohort = cohort.whole
        self.needed = needed
        self.organs = False

    def column(self, name: str) -> str:
        """A typed column."""
        self.needed[name] = None
        return part_of("data", name)

    # ------------------------------------------------------------ sites
    def sites(self) -> list[str]:
        """Lines that make `organs` as sites count them, and `sites`, of `recorded`."""
        cohort, lines = self.cohort, ["organs <- recorded"]
        names = cohort.organ_names
        for group, members in self._own_flags():
            others = [m for m in members if m in names and m != group]
            named = f"any_of(recorded[, {texts(others)}, drop = FALSE])"
            lines.append(f"organs[which(organs[, {quoted(group)}] & {named}), {quoted(group)}] <- FALSE"
                         "  # an organ of it is named")  # fmt: skip
        made = [f"  {quoted(site)}, {self._site(site)}" for site in cohort.site_names]
        return [*lines, "sites <- columns_of(", ",\n".join(made), ")"]

    def _own_flags(self) -> list[tuple[str, tuple[str, ...]]]:
        """Groups with a flag of their own, which counts where none of their organs is named."""
        known, names = self.cohort.dictionary, self.cohort.organ_names
        of_own = {known.variables[n].site for n in self.cohort.columns}
        return [(group, members) for group, members in known.default_scheme.own_groups.items()
                if group in of_own and group in names and not known.organs[group].named
                and any(m in names and m != group for m in members)]  # fmt: skip

    def _site(self, site: str) -> str:
        scheme = self.cohort.scheme
        parts = scheme.combined.get(site) or {site: scheme.groups.get(site, (site,))}
        each = [self._group(own, organs) for own, organs in parts.items()]
        return each[0] if len(each) == 1 else f"any_of(cbind({', '.join(each)}))"

    def _group(self, site: str, organs: Sequence[str]) -> str:
        members = [o for o in organs if o in self.cohort.organ_names]
        own = f"organs[, {quoted(site)}]"
        if members == [site]:
            return own
        found = f"any_of(organs[, {texts(members, 4)}, drop = FALSE])"
        return f"ifelse({found} %in% TRUE, TRUE, {own})" if site in members else found

    # ------------------------------------------------------------ groups and numbers
    def factor(self, name: str) -> str:
        """A factor of R with the levels that the product shows, in its order."""
        cohort, factor = self.cohort, self.cohort.factor(name)
        levels = texts(factor.levels)
        if is_site(name):
            return f"factor({self._with(name)}, levels = {levels})"
        grouping = cohort.dictionary.groupings.get(name)
        if cut := cohort.cut(name):
            sign = ">" if cut["sign"] == ">" else ">="
            of = cut["name"] if cut["name"] == N_SITES else cohort.variable(cut["name"]).name
            return self._in_two(self.number(of), sign, float(cut["at"]), factor.levels)
        if grouping and (name == factor.name != factor.source or name not in cohort.columns):
            if grouping.above is not None or grouping.at_least is not None:
                at, sign = (grouping.above, ">") if grouping.above is not None else (grouping.at_least, ">=")
                return self._in_two(self.number(grouping.of), sign, float(at or 0), factor.levels)
            of = cohort.factor(grouping.of)
            moves = {
                level: group for group, members in grouping.levels.items() for level in members if level in of.levels
            }
            if all(level == group for level, group in moves.items()) and {*moves} == {*of.levels}:
                if factor.levels == of.levels:
                    return self.factor(grouping.of)
                return f"factor({self.factor(grouping.of)}, levels = {levels})"
            pairs = [f"{quoted(level)}, {quoted(group)}" for level, group in moves.items()]
            return f"factor(translated({self.factor(grouping.of)}, {', '.join(pairs)}),\n  levels = {levels})"
        if name == N_SITES or cohort.variable(name).kind == "number":
            values = cohort.number(name)
            distinct = np.unique(values[~np.isnan(values)]).tolist()
            shown = [str(level) for level in factor.levels]
            if shown == [format(v, "g") for v in distinct]:
                return f"factor({self.number(name)}, levels = {numbers(distinct)}, labels = {levels})"
            places = {format(v, "g"): v for v in distinct}
            return f"factor({self.number(name)}, levels = {numbers(places[s] for s in shown)}, labels = {levels})"
        return f"factor({self.column(cohort.variable(name).name)}, levels = {levels})"

    def _in_two(self, values: str, sign: str, at: float, levels: Sequence[str]) -> str:
        low, high = sorted(levels, key=lambda level: level[0] in ">≥")
        said = f"ifelse({values} {sign} {number(at)}, {quoted(high)}, {quoted(low)})"
        return f"factor({said}, levels = {texts(levels)})"

    def _with(self, name: str) -> str:
        self.organs = True
        return f"ifelse({self.marked(name)}, {quoted(SITE_LEVELS[1])}, {quoted(SITE_LEVELS[0])})"

    def marked(self, name: str) -> str:
        """Who has a site or an organ: TRUE, FALSE or NA."""
        self.organs = True
        if name.startswith(ORGAN):
            return f"organs[, {quoted(name.removeprefix(ORGAN))}]"
        chosen = [self.cohort._site_named(site.strip()) for site in name.removeprefix(SITE).split("|")]
        if len(chosen) == 1:
            return f"sites[, {quoted(chosen[0])}]"
        return f"any_of(sites[, {texts(chosen)}])"

    def number(self, name: str) -> str:
        """A number a patient."""
        if name == N_SITES:
            self.organs = True
            return "rowSums(sites)"
        return self.column(self.cohort.variable(name).name)

    # ------------------------------------------------------------ filters
    def selected(self, selection: Selection) -> str:
        """Who stays: of whom everything is known to hold."""
        parts = [f"known({self.truth(part)})" for part in selection.parts()]
        return " &\n  ".join(parts) if parts else "rep(TRUE, nrow(data))"

    def truth(self, part: Condition | Group) -> str:
        """TRUE where a filter holds, FALSE where it doesn't, NA where that isn't known."""
        if isinstance(part, Condition):
            return self._condition(part.spelled(self.cohort))
        each = [self.truth(c) for c in part.conditions]
        inner = f"({(' & ' if part.how == 'not all' else ' | ').join(each)})"
        return inner if part.how == "any" else f"!{inner}"

    def _condition(self, one: Condition) -> str:
        if one.name == PICKED:
            return f"(seq_len(nrow(data)) %in% {ranges(sorted(map(int, one.levels)))})"
        if one.is_range:
            values = self.number(one.name)
            held = [f"{values} {'>' if one.open_low else '>='} {number(one.low)}"] if one.low is not None else []
            if one.high is not None:
                held.append(f"{values} {'<' if one.open_high else '<='} {number(one.high)}")
            text = " & ".join(held)
        elif not one.levels and one._is_number(self.cohort):
            values = self.number(one.name)
            text = f"ifelse(is.na({values}), NA, FALSE)"
        else:
            text, values = self._of_levels(one)
        return f"({text} | is.na({values}))" if one.keep_missing else f"({text})"

    def _of_levels(self, one: Condition) -> tuple[str, str]:
        """Whether a patient has one of some levels, and what is NA where that isn't recorded."""
        if is_site(one.name) and len(one.levels) == 1:
            marked = self.marked(one.name)
            return (marked if one.levels[0] == SITE_LEVELS[1] else f"!{marked}"), marked
        known = self.cohort.dictionary
        plain = one.name in self.cohort.columns and one.name not in known.groupings and not self.cohort.cut(one.name)
        values = (
            self.column(one.name) if plain and known.variables[one.name].kind != "number" else self.factor(one.name)
        )
        return f"is_one_of({values}, {texts(one.levels)})", values

    # ------------------------------------------------------------ endpoints
    def endpoint(self, name: str) -> list[str]:
        """Lines that make `endpoints[[name]]`, a table of time (NA where not analysed) and event."""
        made = _Endpoint(self, self.cohort._endpoint_columns(name))
        time, event = made.expressions("")
        holder = part_of("endpoints", name)
        return [*made.lines, f"{holder} <- endpoint(time = {time}, event = {event})"]


class _Endpoint:
    """One endpoint as R; `lines` hold what doesn't fit one expression."""

    def __init__(self, patients: Patients, columns: EndpointColumns) -> None:
        self.patients, self.of, self.lines = patients, columns, list[str]()

    def expressions(self, mark: str) -> tuple[str, str]:
        """R for its time and its event. mark: what the names of its variables end with."""
        endpoint = self.of.endpoint
        if endpoint.first_of:
            parts = []
            for i, part in enumerate(self.of._parts(), 1):
                one = _Endpoint(self.patients, part)
                time, event = one.expressions(f"{mark}_{i}")
                self.lines += [*one.lines, f"part{mark}_{i} <- data.frame(time = {time}, event = {event})"]
                parts.append(f"part{mark}_{i}")
            self.lines.append(f"first{mark} <- first_of(list({', '.join(parts)}))")
            return f"first{mark}$time", f"first{mark}$event"
        event = self._event(mark)
        if self._needs_event():
            if event != f"event{mark}":
                self.lines.append(f"event{mark} <- {event}")
            event = f"event{mark}"
        return self._time(event), event

    def _needs_event(self) -> bool:
        return "dates" in self.of._time_sources() or bool(self.of.endpoint.event_time)

    def _event(self, mark: str) -> str:
        endpoint, sources = self.of.endpoint, self.of._event_sources()
        column = self.patients.column
        if sources == ["flag"]:
            return f'{column(endpoint.event)} == "yes"'
        name = f"event{mark}"
        flag = "flag" in sources
        start = f'{column(endpoint.event)} == "yes"' if flag else "rep(NA, nrow(data))"
        self.lines.append(f"{name} <- {start}")
        dates = [d for d in endpoint.event_dates if d in self.of._fitting] if flag else []
        if dates:
            dated = " | ".join(f"!is.na({column(d)})" for d in dates)
            self.lines.append(f"denied <- {name} %in% FALSE & ({dated})  # said not to have what has a date")
        for source in (s for s in sources if s != "flag"):
            if source == "sites":
                self.patients.organs = True
            there = "any_of(recorded) %in% TRUE" if source == "sites" else f"!is.na({column(source)})"
            self.lines.append(f"{name}[is.na({name}) & {there}] <- TRUE")
        if not flag:
            self.lines.append(f"{name}[is.na({name})] <- FALSE")
        if dates:
            self.lines.append(f"{name}[denied] <- NA")
        return name

    def _time(self, event: str) -> str:
        endpoint, ways = self.of.endpoint, list[str]()
        for source in self.of._time_sources():
            ways.append(self._way(source, event))
        known = ways[0] if len(ways) == 1 else f"filled({', '.join(ways)})"
        if not endpoint.only_if:
            return known
        counted = f'{self.patients.column(endpoint.only_if)} %in% "yes"'
        return f"ifelse({counted}, {known}, NA)"

    def _way(self, source: str, event: str) -> str:
        if source == "time":
            return self._recorded(event)
        if source == "dates":
            return self._from_dates(event)
        return self._sum() if source == "sum" else self._difference()

    def _in_unit(self, column: str) -> str:
        own, unit = self.of.variables[column].unit, self.of.endpoint.unit
        text = self.patients.column(column)
        if own not in DAYS_PER_UNIT or own == unit:
            return text
        return f"{text} * ({number(DAYS_PER_UNIT[own])} / {number(DAYS_PER_UNIT[unit])})"

    def _recorded(self, event: str) -> str:
        endpoint, time = self.of.endpoint, self._in_unit(self.of.endpoint.time)
        if not endpoint.event_time or not self.of._has(endpoint.event_time):
            return time
        own = self._in_unit(endpoint.event_time)
        return f"ifelse({event} %in% TRUE & !is.na({own}), {own}, {time})"

    def _from_dates(self, event: str) -> str:
        endpoint, column = self.of.endpoint, self.patients.column
        censor = column(endpoint.censor_date) if endpoint.censor_date in self.of._fitting else "NA"
        dates = [column(d) for d in endpoint.event_dates if d in self.of._fitting]
        happened = "NA" if not dates else dates[0] if len(dates) == 1 else f"pmin({', '.join(dates)}, na.rm = TRUE)"
        ends = endpoint.event_ends_followup or not endpoint.event_date
        options = ["ends_followup = TRUE"] if ends else []
        per = number(DAYS_PER_UNIT[endpoint.unit])
        given = ", ".join([column(endpoint.start), happened, censor, event, f"days = {per}", *options])
        return f"between_dates({given})"

    def _sum(self) -> str:
        return " + ".join(map(self._in_unit, self.of.endpoint.sum_of))

    def _difference(self) -> str:
        first, *rest = map(self._in_unit, self.of.endpoint.difference_of)
        return f"time_left({first} - ({' + '.join(rest)}))"
