"""What is understood without asking: columns by a dictionary's names, by their format, or as a person named them.

The result is always a `Mapping`; what needs a guess is in `suggest`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapping_
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from necc.core.dictionary import UNITS, Dictionary, Variable, normalise, plain, side_of, spelling
from necc.core.errors import Finding, Severity
from necc.core.text import joined, plural, shorten, with_article
from necc.ingest.agreement import STATE_HEADING, dates_of, state_codes, vital
from necc.ingest.codes import UNIT_WORDS, denies, headings, means_missing, one_word, variable_named, words_of
from necc.ingest.columns import Typer
from necc.ingest.conventions import CHECKBOX, CHOICE
from necc.ingest.dates import looks_like_dates, parse_dates
from necc.ingest.direction import direction
from necc.ingest.mapping import CHOSEN, ColumnMap, EndpointMap, Mapping, Role
from necc.ingest.privacy import Risk, risk_of
from necc.ingest.raw import MAX_COLUMNS, RawColumn, RawTable, listed
from necc.ingest.site_words import SiteText, SiteWords

BY_NAME, BY_ALIAS = 1.0, 0.9
CUT = 8  # letters of a name in a SAS transport file
CUT_REASON = "its name is cut to 8 letters"
IDENTIFYING = ("record number", "national or insurance number", "name")
A_LIFE = 20  # years from the middle date of birth to the middle of anything else
CHECKBOX_WORDS = {
    "site", "sites", "recurrence", "relapse", "metastasis", "metastases", "mets", "location", "部位", "转移",
}  # fmt: skip


def role_of(variable: Variable) -> Role:
    """The mapping's word for what a variable is."""
    if variable.kind == "flag" and variable.site:
        return "site"
    timed = variable.kind == "number" and variable.unit in UNITS and variable.name.endswith(f"_{variable.unit}")
    return "time" if timed and variable.starts_at != "baseline" else variable.kind  # an age isn't one


def risks(raw: RawTable) -> tuple[Risk, ...]:
    """The columns that could name a patient."""
    risky, middles = [], {}
    for column in raw.columns:
        some = [v for v in column.words[:500] if v]
        dates = looks_like_dates(some[:20])
        if dates and len(years := _years(some)):
            middles[column.header] = np.median(years)
        filled = len(raw) - (column.count(column.blank) if column.blank >= 0 else 0)
        if risk := risk_of(column.header, some, column.label, dates, filled):
            risky.append(risk)
    known = {risk.column for risk in risky}
    for header, middle in middles.items():
        others = [m for h, m in middles.items() if h != header and h not in known]
        if header not in known and others and middle + A_LIFE < min(others):
            reason = f"its dates are {A_LIFE} years or more before all others"
            risky.append(Risk(header, "birth date", reason))
    return tuple(risky)


def _years(texts: Sequence[str]) -> np.ndarray:
    """The years of the first dates that are read; int, shape (at most 100,)."""
    values = parse_dates(texts[:100]).values
    result: np.ndarray = values[~np.isnat(values)].astype("datetime64[Y]").astype(int) + 1970
    return result


def by_name(raw: RawTable, dictionary: Dictionary) -> tuple[Mapping, list[Finding]]:
    """Columns by the headings that the dictionary knows, and by what their format defines.

    A name wins over an alias, the first alias over a later one; a column that could name a patient is left out.
    """
    known, findings = headings(dictionary), list[Finding]()
    cut = cut_names(raw.headers, dictionary)
    named = {
        header: (cut[header][0] if len(cut[header]) == 1 else None) if header in cut else variable_named(header, known)
        for header in raw.headers
    }
    hints = {h.column: h for h in raw.hints}
    columns = {c.header: hints.get(c.header, ColumnMap(c.header)) for c in raw.columns}
    taken: dict[str, str] = {}
    endpoints = _known_endpoints(raw, dictionary, columns, taken)
    for header in sorted(columns, key=lambda h: _rank(h, named[h])):
        variable = _by_values(raw, dictionary, header, named)
        if variable is None or columns[header].variable or columns[header].role == "drop":
            continue
        if variable.name in taken:
            message = (
                f"column '{shorten(header)}' and column '{shorten(taken[variable.name])}' both mean "
                f"'{variable.name}'; the second is used, the first kept as an extra variable"
            )
            findings.append(Finding("warning", "two-columns-one-meaning", message, 1, shorten(header)))
            continue
        taken[variable.name] = header
        exact = normalise(header) == normalise(variable.name)
        reason = CUT_REASON if header in cut else f"a known name for {variable.label.lower()}"
        columns[header] = replace(
            columns[header], role=role_of(variable), variable=variable.name, site=variable.site,
            confidence=BY_NAME if exact else BY_ALIAS,
            reason="its name is in the dictionary" if exact else reason,
        )  # fmt: skip
    _identifier_by_label(raw, known, columns, taken)
    _state_of_life(raw, dictionary, columns, taken)
    _numbered_sites(raw, known, columns, taken)
    findings += _checkboxes(raw, dictionary, columns)
    findings += _private(raw, dictionary, columns)
    if not any(c.role in ("identifier", "pseudonym") for c in columns.values()):
        identifier = next((v for v in dictionary.variables.values() if v.kind == "identifier"), None)
        if identifier:
            shown = joined([identifier.name, *identifier.aliases[:6]], "or")
            message = (
                f"no column identifies the patients; name one {shown} (a pseudonym, unique in the file), or load the "
                "file on 'Your own file' and choose the identifier there (--id on the command line)"
            )
            findings.append(Finding("error", "no-identifier", message, 1, identifier.name))
    return Mapping(tuple(columns[h] for h in raw.headers), endpoints, dictionary=dictionary.name), findings


def _by_values(
    raw: RawTable, dictionary: Dictionary, header: str, named: Mapping_[str, Variable | None]
) -> Variable | None:
    """What a heading means above other values: of an event (`death`) above dates its date, of a treatment its agent."""
    column, variable = raw.column(header), named[header]
    if variable is None or column is None or (variable.kind != "event" and not variable.given_if):
        return variable
    if variable.kind == "event":
        wanted = dates_of(dictionary, variable.name)
        values = [v for v in column.uniques if v and not means_missing(v) and not denies(v) and vital(v) != "alive"]
        fits = bool(values) and looks_like_dates(values)
    else:
        wanted = {variable.given_if}
        words = [
            v for v in column.uniques if not side_of(v) and any(spelling(w) in spelling(v) for w in _yes(variable))
        ]
        fits = bool(words) and variable.given_if not in {v.name for v in named.values() if v}
    return next((v for v in dictionary.variables.values() if fits and v.name in wanted), variable)


def _yes(variable: Variable) -> tuple[str, ...]:
    return variable.synonyms.get("yes", ())


def cut_names(headers: Iterable[str], dictionary: Dictionary) -> dict[str, tuple[Variable, ...]]:
    """What headings of exactly 8 letters may be the beginning of, in a file of which no heading is longer."""
    headers = tuple(headers)
    if any(len(h) > CUT for h in headers):
        return {}
    result, names = dict[str, tuple[Variable, ...]](), {n.casefold() for n in headings(dictionary)}
    for header in (h for h in headers if len(h) == CUT and h.isascii() and h.casefold() not in names):
        several = (v for v in dictionary.variables.values() if any(_begins(header, n) for n in (v.name, *v.aliases)))
        if variables := tuple(several):
            result[header] = variables
    return result


def _begins(start: str, name: str) -> bool:
    return len(name) > CUT and any(n[:CUT] == start.casefold() for n in (name.casefold(), one_word(normalise(name))))


def transposed(raw: RawTable, known: Mapping_[str, Variable]) -> list[Finding]:
    """A table whose columns are the patients: its first column holds the names of variables, not its header."""
    first, others = raw.columns[0], raw.headers[1:]
    if len(raw) > MAX_COLUMNS:
        return []
    named = [v for v in first.uniques if v and _asks(v, known)]
    of_rows = [h for h in others if _asks(h, known)]
    n_rows, n_columns = len(raw), len(others)
    shapes = {re.sub(r"\d+", "0", h) for h in others}
    alike = n_columns > 1 and len(shapes) == 1 and "0" in shapes.pop()
    if n_columns < 2 or len(named) <= len(of_rows) or len(named) < (1 if alike else 2) or 2 * len(named) < n_rows:
        return []
    message = (
        f"patients seem to stand in columns: column '{shorten(first.header)}' holds names of variables "
        f"({listed(named, 4)}). Read by rows there are {plural(n_rows, 'patient')}, read by columns "
        f"{plural(n_columns, 'patient')} ({listed(others, 3)}). Transpose the table: one row a patient, one column a "
        "variable"
    )
    return [Finding("error", "transposed", message, 1, first.header)]


def _asks(text: str, known: Mapping_[str, Variable]) -> bool:
    """Whether a text is the heading of a variable: one that is known, or that names a time or an event."""
    if variable_named(text, known) is not None:
        return True
    return bool(words_of(text) & {"time", "event", "status", "months", "days", "sex", "gender", "survival"})


def _rank(header: str, variable: Variable | None) -> int:
    """Where a heading stands among a variable's names: its name first, then the aliases in their order."""
    names = [normalise(n) for n in (variable.name, *variable.aliases)] if variable else []
    plain = normalise(header)
    if plain not in names:
        names, plain = [one_word(n) for n in names], one_word(plain)
    return names.index(plain) if plain in names else len(names)


def _identifier_by_label(
    raw: RawTable, known: dict[str, Variable], columns: dict[str, ColumnMap], taken: dict[str, str]
) -> None:
    """Where no heading identifies the patients, the only column that the file itself labels as their identifier."""
    labelled = {c.header: v for c in raw.columns if c.label and (v := known.get(normalise(c.label)))}
    named = [h for h, v in labelled.items() if v.kind == "identifier" and columns[h].role == "auto"]
    if len(named) != 1 or labelled[named[0]].name in taken:
        return
    variable = labelled[named[0]]
    taken[variable.name] = named[0]
    reason = f"its label is a known name for {variable.label.lower()}"
    columns[named[0]] = replace(
        columns[named[0]], role="identifier", variable=variable.name, confidence=BY_ALIAS, reason=reason
    )


def _state_of_life(raw: RawTable, dictionary: Dictionary, columns: dict[str, ColumnMap], taken: dict[str, str]) -> None:
    """Who died, where no heading asks for it: the column whose words say so (dead, alive), the fullest of several."""
    death, typer = dictionary.role("death"), Typer(dictionary, raw.decimal)
    if death not in dictionary.variables:
        return
    read = {}
    for column in raw.columns:
        how = columns[column.header]
        is_open = how.role == "auto" or (how.variable == death and not how.event and _asks_state(column.header))
        if is_open and how.variable in ("", death) and (coded := state_codes(column, typer, how)):
            read[column.header] = coded
    named = {taken[death]} if death in taken else {*read}
    for header in sorted(read, key=lambda h: (column := raw.column(h)) is not None and max(column.blank, -1) >= 0):
        if header in named:
            columns[header], taken[death] = replace(read[header], variable=death), header
            return


def _asks_state(header: str) -> bool:
    """Whether a heading asks for a state, which words answer; one that asks yes or no has other codes."""
    return bool(STATE_HEADING.search(normalise(header)))


def _numbered_sites(
    raw: RawTable, known: dict[str, Variable], columns: dict[str, ColumnMap], taken: dict[str, str]
) -> None:
    """`recurrence_site_1`, `recurrence_site_2`: columns of a list of sites that was spread, all read as sites."""
    for header, how in columns.items():
        base = re.sub(r"[\s_.-]*\d{1,2}$", "", header)
        variable = known.get(normalise(base)) if base != header else None
        if variable is None or variable.kind != "sites" or how.variable or how.role != "auto":
            continue
        if CHECKBOX.match(header) or _is_flag(raw, header):
            continue
        name = "" if variable.name in taken else variable.name
        taken.setdefault(variable.name, header)
        reason = f"one of several columns of {variable.label.lower()}"
        columns[header] = replace(how, role="sites", variable=name, confidence=BY_ALIAS, reason=reason)


def _known_endpoints(
    raw: RawTable, dictionary: Dictionary, columns: dict[str, ColumnMap], taken: dict[str, str]
) -> tuple[EndpointMap, ...]:
    """Endpoints that the format defines: those of the dictionary's names take its variables, the others stay own."""
    own = []
    for endpoint in raw.endpoints:
        known = dictionary.endpoints.get(endpoint.name)
        if known is None or not known.time or not known.event or known.time in taken or known.event in taken:
            own.append(endpoint)
            continue
        for header, variable in ((endpoint.time, known.time), (endpoint.event, known.event)):
            columns[header] = replace(columns[header], variable=variable)
            taken[variable] = header
    return tuple(own)


def _checkboxes(raw: RawTable, dictionary: Dictionary, columns: dict[str, ColumnMap]) -> list[Finding]:
    """REDCap's checkbox columns of one field are sites where most of its choices name an organ."""
    findings: list[Finding] = []
    words = SiteWords(dictionary.organ_words())
    for members in _choices_of_fields(raw).values():
        site_texts = {c.header: words.read(c.label) if c.label else SiteText() for c in members}
        if sum(bool(t.present) for t in site_texts.values()) * 2 < len(members) or len(members) < 2:
            continue
        for column in members:
            reason = f"REDCap checkbox: {shorten(column.label, 40)}" if column.label else "a choice of a field of sites"
            one = site_texts[column.header]
            if one.none or one.missing or one.unclear or (one.absent and not one.present) or one.doubtful:
                columns[column.header] = ColumnMap(column.header, "auto", reason=f"{reason}: marks no site")
                continue
            organ = next(iter(one.present), "other")
            columns[column.header] = ColumnMap(column.header, "site", site=organ, confidence=BY_ALIAS, reason=reason)
            if not one.present:
                message = (
                    f"column '{shorten(column.header)}': '{shorten(column.label)}' names no site in the dictionary; "
                    "it is counted under 'Other'"
                )
                findings.append(Finding("warning", "unknown-site", message, 1, shorten(column.header)))
    return findings


def _choices_of_fields(raw: RawTable) -> dict[str, list[RawColumn]]:
    """REDCap's checkbox columns by the field whose choices they are."""
    groups: dict[str, list[RawColumn]] = {}
    for column in raw.columns:
        if match := (CHECKBOX.match(column.header) or CHOICE.match(column.header)):
            groups.setdefault(match["field"], []).append(column)
    return groups


def unlabelled_checkboxes(raw: RawTable) -> tuple[tuple[RawColumn, ...], ...]:
    """Checkbox columns of each field that may be sites of recurrence, but hold codes without their labels."""
    return tuple(
        tuple(members)
        for field, members in _choices_of_fields(raw).items()
        if words_of(field) & CHECKBOX_WORDS and not any(c.label for c in members)
    )


def checkbox_doubts(raw: RawTable, mapping: Mapping) -> list[Finding]:
    """A warning for each field of checkboxes that may be sites, as long as nobody has said what its columns are."""
    findings = []
    for members in unlabelled_checkboxes(raw):
        open_ones = [c.header for c in members if (how := mapping.column(c.header)) is None or how.role == "auto"]
        if len(open_ones) == len(members):
            message = (
                f"columns {listed(open_ones, 4)} may be sites of recurrence, but hold codes without their labels, so "
                "no sites are read from them; add the data dictionary of the REDCap project (codebook), or export "
                "with labels"
            )
            findings.append(Finding("warning", "checkbox-codes", message, 1, members[0].header, n=len(members)))
    return findings


def _private(raw: RawTable, dictionary: Dictionary, columns: dict[str, ColumnMap]) -> list[Finding]:
    """Leaves out what could name a patient; what identifies the patients is replaced by pseudonyms."""
    findings = []
    risky = risks(raw)
    sole = _sole_identifier(raw, dictionary, columns, risky)
    if sole:
        columns[sole.column] = sole
    for risk in risky:
        how = columns[risk.column]
        if how.role == "drop" or (how.variable and how.role != "identifier"):
            continue
        shown = shorten(risk.column)
        if how.role == "identifier" and risk.kind in ("web address", "free text"):
            continue
        if how.role == "identifier" and risk.direct:
            columns[risk.column] = replace(how, role="pseudonym", reason=f"{risk.reason}: replaced by pseudonyms")
            message = f"column '{shown}' could name a patient ({risk.reason}); its values were replaced by pseudonyms"
        elif risk.direct:
            columns[risk.column] = replace(how, role="drop", reason=f"could name a patient: {risk.reason}")
            message = f"column '{shown}' could name a patient ({risk.reason}); it was left out"
        else:
            message = f"column '{shown}': {risk.reason}; leave it out if it isn't needed"
        severity: Severity = "warning" if risk.direct else "info"
        findings.append(Finding(severity, "could-name-a-patient", message, 1, shown))
    return findings


def without_names(raw: RawTable, mapping: Mapping) -> tuple[Mapping, list[Finding]]:
    """A person's own columns without those that nobody named and that could name a patient, each of them told."""
    findings = []
    for risk in risks(raw):
        if risk.direct and mapping.column(risk.column) == ColumnMap(risk.column):
            shown = shorten(risk.column)
            mapping = mapping.with_column(ColumnMap(risk.column, "drop", reason=f"could name a patient: {risk.reason}"))
            message = f"column '{shown}' could name a patient ({risk.reason}); it was left out"
            findings.append(Finding("warning", "could-name-a-patient", message, 1, shown))
    return mapping, findings


def _sole_identifier(
    raw: RawTable, dictionary: Dictionary, columns: dict[str, ColumnMap], risky: Iterable[Risk]
) -> ColumnMap | None:
    """Where nothing else identifies the patients, the only private column with a value of its own in each row."""
    variable = next((v for v in dictionary.variables.values() if v.kind == "identifier"), None)
    if variable is None or any(c.role in ("identifier", "pseudonym") for c in columns.values()) or len(raw) < 2:
        return None
    alone = [
        r for r in risky
        if r.direct and r.kind in IDENTIFYING and columns[r.column].role == "auto" and not columns[r.column].variable
        and (column := raw.column(r.column)) and len(column.words) == len(raw) and column.blank < 0
    ]  # fmt: skip
    if len(alone) != 1:
        return None
    return replace(columns[alone[0].column], role="identifier", variable=variable.name, confidence=BY_ALIAS)


# ---------------------------------------------------------------- a file's own columns
@dataclass(frozen=True)
class OwnColumns:
    """A file's own column names, for a cohort that follows no dictionary: a short way to write a `Mapping`.

    Without `id` the row number identifies. `event_values` are the codes that mean the event happened; they
    compare as numbers where both are numbers. `sites` are 0/1 columns, or one text column naming the sites. Without
    `unit` the time's heading says it, else months are assumed, with a warning. `status`, in place of `event`, is a
    column of several codes that all stay what they are: which of them means what is said later.
    """

    id: str = ""
    time: str = ""
    event: str = ""
    event_values: tuple[str, ...] = ()
    unit: str = ""
    sites: tuple[str, ...] = ()
    endpoint: str = ""
    status: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the file is to be read without the disease's dictionary."""
        return bool(self.id or self.time or self.event or self.status or self.sites)

    def mapping(self, raw: RawTable, dictionary: Dictionary) -> tuple[Mapping, list[Finding]]:
        """These names as a mapping of the file; the words of text sites are the dictionary's."""
        findings: list[Finding] = []
        columns = {h: ColumnMap(h) for h in raw.headers}
        headers = {
            n: own_header(n, raw.headers, findings)
            for n in (self.id, self.time, self.event, self.status, *self.sites)
            if n
        }
        findings = _of_left_out(raw, findings)
        chosen = {n: h for n, h in headers.items() if h}
        findings += self._named_twice()
        sites = [chosen[s] for s in self.sites if s in chosen]
        in_words = {h: not _is_flag(raw, h) for h in sites}
        words = SiteWords(dictionary.organ_words()) if any(in_words.values()) else None
        for header in sites:
            organ = next(iter(words.read(header).present), "other") if words else header
            columns[header] = ColumnMap(header, "sites") if in_words[header] else ColumnMap(header, "site", site=organ)
        unit = self.unit
        dates = self._dates(raw.column(chosen.get(self.time, "")))
        findings += dates
        if self.time in chosen and not unit and not dates:
            column = raw.column(chosen[self.time])
            unit, doubt = unit_of(chosen[self.time], column.label if column else "")
            findings.append(doubt)
        if not self.id and (own_id := _file_s_identifier(raw, dictionary, columns)):
            columns[own_id.column] = own_id
        named: tuple[tuple[str, Role], ...] = ((self.id, "identifier"), (self.time, "time"), (self.event, "event"))
        for name, role in named:
            if name in chosen and not (role == "time" and dates):
                columns[chosen[name]] = ColumnMap(chosen[name], role, unit=unit if role == "time" else "")
        if event_column := raw.column(chosen.get(self.event, "")):
            columns[event_column.header], codes_read = self._event(event_column)
            findings += codes_read
        if status := raw.column(chosen.get(self.status, "")):
            typer = Typer(plain(), raw.decimal)
            numbers = all(typer.parse_number(v) is not None for v in status.uniques if v)
            columns[status.header] = ColumnMap(status.header, "number" if numbers else "category")
            columns.update({h: ColumnMap(h, "number") for n, h in chosen.items() if n == self.time})
        if bool(self.time) != bool(self.event or self.status):
            lacks = "event" if self.time else "time"
            findings.append(
                Finding(
                    "error",
                    "half-an-endpoint",
                    f"{with_article(lacks)} column is needed too",
                )
            )
        endpoints: tuple[EndpointMap, ...] = ()
        if self.time in chosen and self.event in chosen:
            time, event = chosen[self.time], chosen[self.event]
            name = self.endpoint or time
            endpoints = (EndpointMap(name, name, time, event, unit=unit, origin="the file's own origin"),)
        settled = tuple((f"pair:{h}", "none") for h in raw.headers) if self.status else ()  # its codes are the events
        return Mapping(tuple(columns[h] for h in raw.headers), endpoints, dictionary="", settled=settled), findings

    @staticmethod
    def _dates(column: RawColumn | None) -> list[Finding]:
        """That the column of the time holds dates, where it does."""
        if column is None or not looks_like_dates([v for v in column.uniques if v]):
            return []
        message = (
            f"column '{shorten(column.header)}' holds dates, and a time is a length; make a column of the time from "
            "the start to this date, as by end - start in days, and name it"
        )
        return [Finding("error", "dates-as-time", message, None, shorten(column.header))]

    def _named_twice(self) -> list[Finding]:
        """A column that is named for two things of which it can be one."""
        findings, taken = list[Finding](), dict[str, str]()
        named = (("id", self.id), ("time", self.time), ("event", self.event), ("status", self.status))
        for what, name in (*named, *(("site", site) for site in self.sites)):
            if name and name in taken and {what, taken[name]}:
                message = (
                    f"column '{shorten(name)}' is named as {taken[name]} and as {what}; name another one for {what}"
                )
                findings.append(Finding("error", "named-twice", message, 1, shorten(name)))
            if name:
                taken.setdefault(name, what)
        return findings

    def _event(self, column: RawColumn) -> tuple[ColumnMap, list[Finding]]:
        """The codes that were given, else those that the heading and the values tell; a finding where it isn't 1."""
        how = ColumnMap(column.header, "event", event=self.event_values)
        values = [v for v in column.uniques if v]
        side = direction(values, column.header, column.blank >= 0, column.label, self.time)
        if self.event_values:
            return replace(how, reason=CHOSEN), []
        if not side.is_sure:
            return how, []
        how = replace(how, event=side.event, no_event=tuple(v for v in side.no_event if v), missing=side.missing)
        if all(side_of(v) == "yes" for v in side.event):
            return how, []
        message = f"{side.reason}. If that is wrong, name the codes of the event: --event-value on the command line"
        return how, [column.about("info", "event-codes", message)]


def _file_s_identifier(raw: RawTable, dictionary: Dictionary, columns: dict[str, ColumnMap]) -> ColumnMap | None:
    """The column that identifies the patients by its name, where nobody named one; a mere count of rows is none."""
    known = headings(dictionary)
    named = {c.header: v for c in raw.columns if (v := variable_named(c.header, known)) and v.kind == "identifier"}
    for header in sorted(named, key=lambda h: _rank(h, named[h])):
        column = raw.column(header)
        counted = column is not None and column.cells().tolist() == [str(i + 1) for i in range(len(raw))]
        if columns[header].role == "auto" and not counted:
            risky = any(risk.column == header and risk.direct for risk in risks(raw))
            return ColumnMap(header, "pseudonym" if risky else "identifier", confidence=BY_ALIAS)
    return None


def unit_of(header: str, label: str = "") -> tuple[str, Finding]:
    """The unit of a time that nobody named: what its heading or else its label says, else months; and a finding."""
    said = unit_said(header, label)
    unit = said or "months"
    why = f"its {'heading' if unit_said(header) else 'label'} says {said}" if said else "months were assumed"
    severity: Severity = "info" if said else "warning"
    code = "unit" if said else "unit-doubt"
    shown = shorten(header)
    message = (
        f"column '{shown}': no unit of the time was given; {why}, so every time and median is in {unit}. If that is "
        "wrong, give the unit (days, weeks, months or years): --unit on the command line, 'Unit of the "
        "time' on the page"
    )
    return unit, Finding(severity, code, message, None, shown)


def unit_said(header: str, label: str = "") -> str:
    """The one unit of time that a heading names, or else its label; blank where neither names one."""
    for text in (header, label):
        tokens = words_of(text)
        said = [u for u, words in UNIT_WORDS.items() if tokens & {w for w in words if len(w) > 1 or not w.isascii()}]
        if said:
            return said[0] if len(said) == 1 else ""
    return ""


def time_unit(column: RawColumn, typer: Typer) -> tuple[str, bool, str]:
    """The unit of a time, whether the heading or the label says it, and why; unsaid, the size of the values tells."""
    tokens = words_of(column.header)
    if unit := next((unit for unit, words in UNIT_WORDS.items() if tokens & words), ""):
        return unit, True, f"its name says {unit}"
    if unit := unit_said("", column.label):
        return unit, True, f"its label says {unit}"
    values, _ = typer.parse_numbers(column.words)
    values = values[~np.isnan(values)]
    if not len(values):
        return "months", False, "the unit isn't stated, and the column holds no number"
    middle = float(np.median(values))
    unit = "days" if middle > 120 or (middle > 40 and not (values % 1).any()) else "months"
    return unit, False, f"the unit isn't stated; the median is {middle:g}, so {unit}"


def own_columns(**options: str | Iterable[str]) -> OwnColumns:
    """`OwnColumns` from loosely typed options, as the command line and the page give them."""
    values: dict[str, Any] = {
        key: value.strip() if isinstance(value, str) else tuple(x.strip() for x in value if x.strip())
        for key, value in options.items()
    }
    return OwnColumns(**values)


def own_header(name: str, headers: tuple[str, ...], findings: list[Finding]) -> str:
    """The file's heading that a person meant; a finding with near ones where there is none."""
    if name in headers:
        return name
    alike = [h for h in headers if normalise(h) == normalise(name)]
    if len(alike) == 1:
        return alike[0]
    near = difflib.get_close_matches(name, headers, n=3, cutoff=0.5)
    hint = f"; did you mean {joined([repr(n) for n in near], 'or')}?" if near else "."
    shown = joined([shorten(h, 30) for h in headers[:20]])
    message = f"the file has no column '{shorten(name)}'{hint} Its columns are {shown}"
    findings.append(Finding("error", "no-such-column", message, 1, shorten(name)))
    return ""


def _of_left_out(raw: RawTable, findings: Sequence[Finding]) -> list[Finding]:
    """Findings on columns that aren't there, of those that a frame has but that were left out with the reason."""
    why = {f.column: f.message for f in raw.findings if f.code == "nested-column"}
    return [
        replace(f, message=f"{why[f.column]}; it is needed") if f.column in why and f.code == "no-such-column" else f
        for f in findings
    ]


def _is_flag(raw: RawTable, header: str) -> bool:
    """Whether a column marks patients, rather than naming sites in words."""
    column = raw.column(header)
    variable = Variable(header, header, "flag", site=header)
    return column is not None and not Typer(plain(), raw.decimal).flag(column, variable, ColumnMap(header)).failed
