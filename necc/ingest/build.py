"""A raw table and a dictionary to a `Cohort`; everything found on the way is told at once."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from necc.cohort import DAYS_PER_MONTH, Cohort, Source
from necc.dictionary import Dictionary, Endpoint, SiteScheme, Variable, normalise, plain
from necc.errors import CohortError, Finding
from necc.ingest.checks import cross_checks
from necc.ingest.columns import Typed, Typer, collapse, site_labels
from necc.ingest.reading import RawColumn, RawTable, fail, read_raw
from necc.text import joined, plural, shorten

Progress = Callable[[float, str], None]
SYNTHETIC = "Synthetic data, not real patients"


@dataclass(frozen=True)
class OwnColumns:
    """A file's own column names, for a cohort that follows no dictionary.

    Without `id` the row number identifies. `event_values` are the codes that mean the event happened; they
    compare as numbers where both are numbers. `sites` are 0/1 columns, or one text column naming the sites.
    """

    id: str = ""
    time: str = ""
    event: str = ""
    event_values: tuple[str, ...] = ()
    unit: str = "months"
    sites: tuple[str, ...] = ()
    endpoint: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the file is to be read without the disease's dictionary."""
        return bool(self.id or self.time or self.event or self.sites)


@dataclass(frozen=True)
class Inspection:
    """What reading a file gave: a cohort, or None where an error keeps it from loading; and all findings."""

    cohort: Cohort | None
    findings: tuple[Finding, ...]

    @property
    def accepted(self) -> bool:
        return self.cohort is not None

    def to_dict(self) -> dict[str, object]:
        """The form of `necc check --json`."""
        summary: dict[str, object] = {"endpoints": {}, "sites": {}}
        if self.cohort:
            summary = summarise(self.cohort)
        return {
            "accepted": self.accepted,
            "patients": len(self.cohort) if self.cohort else 0,
            "findings": [f.to_dict() for f in self.findings],
            "summary": summary,
        }


def summarise(cohort: Cohort) -> dict[str, object]:
    """Patients, events and total time of each endpoint, and patients with each site."""
    endpoints = {}
    for name in cohort.endpoint_names():
        endpoint = cohort.endpoint(name)
        endpoints[name] = {
            "patients": int(endpoint.valid.sum()),
            "events": int(endpoint.event.sum()),
            "total_time": float(np.nansum(endpoint.time)),
            "unit": endpoint.unit,
        }
    counts = (cohort.site_matrix == 1).sum(axis=0)
    return {"endpoints": endpoints, "sites": {s: int(n) for s, n in zip(cohort.site_names, counts, strict=True)}}


def inspect(
    data: bytes | Path | str,
    filename: str = "",
    *,
    dictionary: Dictionary | None = None,
    own: OwnColumns | None = None,
    progress: Progress | None = None,
) -> Inspection:
    """Reads a file and never raises for what is in it: errors are findings, and no cohort.

    Args:
        data: the file's bytes, or its path.
        filename: its name; the suffix chooses the reader.
        dictionary: the disease; NECC by default.
        own: the file's own column names.
        progress: called with a share of the work done and a phrase.
    """
    try:
        cohort = read_cohort(data, filename, dictionary=dictionary, own=own, progress=progress)
    except CohortError as error:
        return Inspection(None, error.findings)
    return Inspection(cohort, cohort.findings)


def read_cohort(
    data: bytes | Path | str,
    filename: str = "",
    *,
    dictionary: Dictionary | None = None,
    own: OwnColumns | None = None,
    progress: Progress | None = None,
) -> Cohort:
    """Reads a file into a cohort; see `inspect` for the arguments.

    Raises:
        CohortError: with all findings, where at least one is an error.
    """
    report = progress or (lambda share, phrase: None)
    if isinstance(data, (str, Path)):
        path = Path(data)
        filename = filename or path.name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise fail("unreadable-file", f"the file can't be opened: {error.strerror or 'unknown reason'}") from None
    report(0.0, "Reading the file")
    raw = read_raw(data, filename)
    report(0.4, "Understanding the columns")
    builder = _Builder(raw, dictionary or Dictionary.builtin(), own or OwnColumns(), report)
    digest = hashlib.sha256(data + repr(own).encode()).hexdigest()
    source = Source(filename, digest, len(raw.rows), SYNTHETIC if builder.synthetic() else "")
    return builder.cohort(source)


class _Builder:
    """Assembles the cohort step by step, keeping every finding until the end."""

    def __init__(self, raw: RawTable, dictionary: Dictionary, own: OwnColumns, report: Progress):
        self.raw = raw
        self.own = own
        self.known = dictionary
        self.report = report
        self.findings: list[Finding] = list(raw.findings)
        self.roles = self._own_roles() if own.is_plain else self._dictionary_roles()
        self.dictionary = self._plain_dictionary() if own.is_plain else dictionary
        self.typer = Typer(self.dictionary, raw.decimal, own.event_values)

    # ------------------------------------------------------------ which column is which variable
    def _dictionary_roles(self) -> dict[str, Variable]:
        """Columns by header that the dictionary knows; a name wins over an alias, the first alias over a later one."""
        headers = self.known.headers()
        roles: dict[str, Variable] = {}
        taken: dict[str, str] = {}
        by_name = {normalise(name): v for name, v in self.known.variables.items()}
        exact = [c.header for c in self.raw.columns if normalise(c.header) in by_name]
        for header in [*exact, *(c.header for c in self.raw.columns if c.header not in exact)]:
            variable = headers.get(normalise(header))
            if variable is None:
                continue
            if variable.name in taken:
                message = (
                    f"column '{shorten(header)}' and column '{shorten(taken[variable.name])}' both mean "
                    f"'{variable.name}'; the second is used, the first kept as an extra variable"
                )
                self.findings.append(Finding("warning", "two-columns-one-meaning", message, 1, shorten(header)))
                continue
            roles[header], taken[variable.name] = variable, header
        if not any(v.kind == "identifier" for v in roles.values()):
            names = next((v for v in self.known.variables.values() if v.kind == "identifier"), None)
            if names:
                shown = joined([names.name, *names.aliases[:6]], "or")
                message = f"no column identifies the patients; name one {shown} (a pseudonym, unique in the file)"
                self.findings.append(Finding("error", "no-identifier", message, 1, names.name))
        return roles

    def _own_roles(self) -> dict[str, Variable]:
        own, roles = self.own, {}
        wanted = [
            (own.id, Variable("", "", "identifier")),
            (own.time, Variable("", "", "number", unit=own.unit, minimum=0, starts_at="followup")),
            (own.event, Variable("", "", "event", starts_at="followup")),
            *((name, Variable("", "", "sites", starts_at="recurrence")) for name in own.sites),
        ]
        for name, variable in wanted:
            if name and (header := self._own_header(name)):
                roles[header] = replace(variable, name=header, label=header)
        if bool(own.time) != bool(own.event):
            lacks = "event" if own.time else "time"
            self.findings.append(Finding("error", "half-an-endpoint", f"an endpoint needs its {lacks} column too (--{lacks})"))
        return roles

    def _own_header(self, name: str) -> str:
        headers = [c.header for c in self.raw.columns]
        if name in headers:
            return name
        alike = [h for h in headers if normalise(h) == normalise(name)]
        if len(alike) == 1:
            return alike[0]
        near = difflib.get_close_matches(name, headers, n=3, cutoff=0.5)
        hint = f"; did you mean {joined([repr(n) for n in near], 'or')}?" if near else ""
        shown = joined([shorten(h, 30) for h in headers[:20]])
        message = f"the file has no column '{shorten(name)}'{hint or '.'} Its columns are {shown}"
        self.findings.append(Finding("error", "no-such-column", message, 1, shorten(name)))
        return ""

    def _plain_dictionary(self) -> Dictionary:
        """A dictionary of this file's own endpoint and sites; organ words come from the disease's dictionary."""
        own, base = self.own, plain()
        endpoints = {}
        time, event = (next((h for h, v in self.roles.items() if v.kind == k), "") for k in ("number", "event"))
        if time and event:
            name = own.endpoint or time
            endpoints[name] = Endpoint(name, name, "the file's own origin", own.unit, "", time, event)
        words = self._site_words()
        schemes: Mapping[str, SiteScheme] = self.known.schemes if words else base.schemes
        organs = self.known.organs if words else {}
        return replace(base, variables=dict(self.roles.items()), endpoints=endpoints, schemes=schemes, organs=organs)

    def _site_words(self) -> bool:
        """Whether an own site column names sites in words instead of marking one."""
        columns = [c for c in self.raw.columns if self.roles.get(c.header) and self.roles[c.header].kind == "sites"]
        typer = Typer(self.known)
        return any(typer.flag(c, Variable(c.header, c.header, "flag")).failed for c in columns)

    # ------------------------------------------------------------ typing
    def cohort(self, source: Source) -> Cohort:
        """The cohort, or a refusal.

        Raises:
            CohortError: at least one finding is an error.
        """
        typed = self._typed_columns()
        table = pd.DataFrame(
            {t.variable.name: t.values for t in typed if t.values is not None},
            index=pd.Index(self.raw.rows, name="row"),
        )
        variables = {t.variable.name: t.variable for t in typed}
        organs, organ_names = self._sites(typed, variables)
        self.report(0.9, "Checking dates, times and sites")
        self._derive(table, variables)
        dictionary = self.dictionary.with_variables(variables)
        if not any(f.severity == "error" for f in self.findings):
            self.findings += cross_checks(table, dictionary, organs, organ_names)
        ordered = tuple(sorted(self.findings, key=lambda f: ("error", "warning", "info").index(f.severity)))
        if any(f.severity == "error" for f in ordered):
            raise CohortError(ordered)
        id_column = next((t.variable.name for t in typed if t.variable.kind == "identifier"), "")
        self.report(1.0, "Ready")
        scheme = dictionary.default_scheme
        return Cohort(table, dictionary, source, organs, organ_names, scheme, id_column, ordered)

    def _typed_columns(self) -> list[Typed]:
        typed = []
        for place, column in enumerate(self.raw.columns):
            self.report(0.4 + 0.5 * place / len(self.raw.columns), "Understanding the columns")
            variable = self.roles.get(column.header)
            one = self.typer.typed(column, variable)
            if variable and one.failed and self._alias_misfits(column, variable, one):
                one = self.typer.typed(column, None)
                message = (
                    f"column '{shorten(column.header)}' is a name of '{variable.name}', but most of its values don't "
                    f"fit ({variable.label.lower()}, {variable.kind}); it is kept as an extra variable"
                )
                one.findings.append(Finding("warning", "alias-misfit", message, 1, shorten(column.header)))
            self.findings += collapse(one.findings)
            typed.append(one)
        return typed

    def _alias_misfits(self, column: RawColumn, variable: Variable, typed: Typed) -> bool:
        """A column known only by an alias, most of whose values don't fit, is another variable of that name."""
        if self.own.is_plain or normalise(column.header) == normalise(variable.name):
            return False
        if variable.kind in ("identifier", "event") or (variable.kind == "number" and variable.minimum is None):
            return False
        misfits = sum(f.n for f in typed.findings if f.severity == "error" and f.code != "negative")
        present = sum(column.count(i) for i, v in enumerate(column.uniques) if not self.typer.is_missing(v, variable))
        return misfits > present / 2

    # ------------------------------------------------------------ sites
    def _sites(self, typed: list[Typed], variables: dict[str, Variable]) -> tuple[np.ndarray, tuple[str, ...]]:
        """All site information as one label matrix of raw organs."""
        parts: dict[str, np.ndarray] = {}
        for one in typed:
            if one.variable.site and one.values is not None:
                self._merge(parts, one.variable.site, one.values.cat.codes.to_numpy().astype(np.int8))
        for column in self.raw.columns:
            variable = self.roles.get(column.header)
            if variable is None or variable.kind != "sites":
                continue
            if self.own.is_plain and not self.dictionary.organs:
                self._own_site_flag(column, parts, variables)
                continue
            labels, names, findings = site_labels(
                column, self.dictionary, lambda text, v=variable: self.typer.is_missing(text, v)
            )
            self.findings += findings
            for k, name in enumerate(names):
                self._merge(parts, name, labels[:, k])
        shape = (len(self.raw.rows), len(parts))
        return (np.column_stack(list(parts.values())) if parts else np.zeros(shape, np.int8)), tuple(parts)

    @staticmethod
    def _merge(parts: dict[str, np.ndarray], organ: str, values: np.ndarray) -> None:
        """Two columns on the same organ: either one's yes counts, a blank yields to the other."""
        parts[organ] = np.maximum(parts[organ], values) if organ in parts else values

    def _own_site_flag(self, column: RawColumn, parts: dict[str, np.ndarray], variables: dict[str, Variable]) -> None:
        variable = Variable(column.header, column.header, "flag", site=column.header, starts_at="recurrence")
        one = self.typer.flag(column, variable)
        self.findings += one.findings
        variables[column.header] = replace(variables[column.header], kind="text")
        parts[column.header] = one.values.cat.codes.to_numpy().astype(np.int8)

    # ------------------------------------------------------------ derived columns
    def _derive(self, table: pd.DataFrame, variables: dict[str, Variable]) -> None:
        """Columns that others imply: a treatment given because its agent is named, a time between two dates."""
        for variable in self.dictionary.variables.values():
            if variable.given_if and variable.name not in table and variable.given_if in table:
                named = table[variable.given_if].notna().to_numpy()
                codes = np.where(named, 1, 0)
                table[variable.name] = pd.Categorical.from_codes(codes, categories=("no", "yes"))
                variables[variable.name] = variable
                message = f"no column '{variable.name}': the {plural(int(named.sum()), 'patient')} with a value in "
                self._info("derived", f"{message}'{variable.given_if}' count as treated", variable.name)
            if variable.from_dates and all(d in table for d in variable.from_dates) and variable.name not in table:
                start, end = (table[d] for d in variable.from_dates)
                table[variable.name] = (end - start).dt.days / DAYS_PER_MONTH
                variables[variable.name] = variable
                self._info("derived", f"'{variable.name}' comes from {joined(variable.from_dates)}", variable.name)

    def _info(self, code: str, message: str, column: str) -> None:
        self.findings.append(Finding("info", code, message, None, column))

    def synthetic(self) -> bool:
        """Whether the identifiers say that the patients are made up (`SYN-001`), as those of the sample do."""
        for column in self.raw.columns:
            role = self.roles.get(column.header)
            if role and role.kind == "identifier":
                return bool(column.uniques) and all(value.startswith("SYN-") for value in column.uniques)
        return False


def own_columns(**options: str | Iterable[str]) -> OwnColumns:
    """`OwnColumns` from loosely typed options, as the command line and the page give them."""
    texts = {k: v.strip() for k, v in options.items() if isinstance(v, str)}
    lists = {k: tuple(x.strip() for x in v if x.strip()) for k, v in options.items() if not isinstance(v, str)}
    return OwnColumns(**texts, **lists)
