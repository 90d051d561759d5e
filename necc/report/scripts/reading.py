"""How a script comes to the typed columns and sites of a cohort: from the person's own file, or from mapped columns."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from necc.core.cohort import Cohort
from necc.core.counts import ROWS
from necc.core.dictionary import DAYS_PER_MONTH, ORGAN
from necc.core.errors import AnalysisError
from necc.core.text import spreadsheet_safe
from necc.ingest.raw import RawColumn
from necc.report.model import Report
from necc.report.scripts.layout import Layout, layout_of
from necc.report.scripts.rules import lists, marks, rule_of
from necc.report.scripts.text import comment, part_of, quoted, ranges, texts

MAPPED = "patients.csv"
"""The table of mapped columns, which stands beside a script that needs it."""
ROW = "row in the file"


def mapped_csv(report: Report) -> bytes:
    """The typed columns of every patient of the file, before edits, one row a patient, as UTF-8.

    It holds what the file says of single patients: it is for whoever may see these, and only where they ask for it.
    Identifiers and texts aren't in it. Sites are columns `organ:NAME`, 1, 0 or blank. A cell that a spreadsheet would
    run as a formula, or that begins with an apostrophe, has one more in front, which the script takes off.

    Raises:
        AnalysisError: the cohort is one of counts, which has no rows.
    """
    _check_rows(report.loaded)
    cohort, out = report.loaded.whole, io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    known = cohort.dictionary.variables
    names = [n for n in cohort.columns if known[n].kind not in ("identifier", "text", "sites")]
    columns = [[str(row) for row in cohort.index]]
    columns += [_cells(cohort.column(name), known[name].kind) for name in names]
    columns += [
        ["" if v < 0 else str(v) for v in cohort._organs[:, i].tolist()] for i in range(len(cohort.organ_names))
    ]
    head = [ROW, *names, *(f"{ORGAN}{organ}" for organ in cohort.organ_names)]
    writer.writerows(map(_marked, row) for row in (head, *zip(*columns, strict=True)))
    return out.getvalue().encode()


def _check_rows(cohort: Cohort) -> None:
    if cohort.patients is not None:
        raise AnalysisError(f"a script that computes the numbers again needs {ROWS}")


def _marked(cell: str) -> str:
    return f"'{cell}" if cell.startswith("'") else spreadsheet_safe(cell)


def _cells(column: pd.Series, kind: str) -> list[str]:
    if kind == "date":
        return ["" if pd.isna(v) else pd.Timestamp(v).date().isoformat() for v in column.tolist()]
    if kind == "number":
        return ["" if np.isnan(v) else repr(v) for v in column.to_numpy(dtype=float).tolist()]
    return ["" if pd.isna(v) else str(v) for v in column.tolist()]


def _checked(name: str, data: bytes) -> list[str]:
    """Lines that refuse a file other than the one of these bytes."""
    md5, sha256 = hashlib.md5(data, usedforsecurity=False).hexdigest(), hashlib.sha256(data).hexdigest()
    return [f"check_file({name}, bytes = {len(data)}, md5 = {quoted(md5)},", f"  sha256 = {quoted(sha256)})"]


class Reader:
    """Writes how the columns of a report's file are read."""

    def __init__(self, report: Report) -> None:
        _check_rows(report.loaded)
        self.report = report
        self.cohort: Cohort = report.loaded.whole
        opened = report.inspection.opened if report.inspection else None
        self.layout: Layout | None = layout_of(opened) if opened else None
        self.data = opened.data if opened else b""
        self.needs_mapped = False
        self.columns: dict[str, tuple[list[str], bool]] = {}
        self.raw: dict[str, RawColumn] = {}
        if self.layout and opened:
            places = {row: i for i, row in enumerate(opened.raw.rows.tolist())}
            if all(row in places for row in self.cohort.index.tolist()):
                at = np.array([places[row] for row in self.cohort.index.tolist()], dtype=np.int64)
                self.raw = {c.header: c.take(at) for c in opened.raw.columns if c.header in self.layout.columns}
        if not self.raw:
            self.layout = None
        mapping = report.inspection.mapping if report.inspection else None
        self.header = {c.variable or c.column: c.column for c in (mapping.columns if mapping else ())}
        self.decimal = opened.raw.decimal if opened else "."
        self.epoch = opened.raw.epoch if opened else None

    def written(self, needed: Iterable[str], organs: bool) -> list[str]:
        """Lines that make `data`, `recorded` and `rows`. needed: names of columns. organs: whether sites are needed."""
        self.needs_mapped = False
        columns = [line for name in needed for line in self._column(name)]
        recorded = self._organs() if organs else []
        return [*self._checks(), *self._opened(), *columns, *recorded]

    # ------------------------------------------------------------ files
    def _opened(self) -> list[str]:
        rows = ranges(self.cohort.index.tolist())
        lines = []
        if self.layout:
            way = self.layout
            lines += [
                f"cells <- read_cells(file, encoding = {quoted(way.encoding)}, delimiter = {quoted(way.delimiter)}, "
                f"above = {way.above}, width = {way.width})",
                f"rows <- {rows}  # of the file that hold the patients; its headings are above them",
                "cells <- cells[rows, ]",
            ]
        else:
            lines += [f"rows <- {rows}  # of the file"]
        if self.needs_mapped:
            lines += ["mapped <- read_mapped(mapped_file)", f"mapped <- mapped[match(rows, mapped[[{quoted(ROW)}]]), ]"]
        return [*lines, "data <- data.frame(row.names = seq_along(rows))",
                "recorded <- matrix(NA, length(rows), 0)"]  # fmt: skip

    def _checks(self) -> list[str]:
        """Lines that take the files' paths, and refuse other files."""
        lines = ["given <- commandArgs(trailingOnly = TRUE)"]
        if self.layout:
            lines.append(f"file <- if (length(given)) given[1] else beside({quoted(self.report.filename)})")
            lines += _checked("file", self.data)
        if self.needs_mapped:
            table = mapped_csv(self.report)
            place = 2 if self.layout else 1
            lines += [
                *comment(
                    "Some columns can't be read again by a short rule, or the file is no text table. They are taken "
                    f"from {MAPPED}, which a bundle holds where patients' rows were asked for (necc report --patients)."
                ),
                f"mapped_file <- if (length(given) >= {place}) given[{place}] else beside({quoted(MAPPED)})",
                *_checked("mapped_file", table),
            ]
        return lines

    # ------------------------------------------------------------ columns
    def _column(self, name: str) -> list[str]:
        if name not in self.columns:
            before, self.needs_mapped = self.needs_mapped, False
            self.columns[name] = (self._read_column(name), self.needs_mapped)
            self.needs_mapped = before
        lines, needs = self.columns[name]
        self.needs_mapped |= needs
        return lines

    def _read_column(self, name: str) -> list[str]:
        kind = self.cohort.dictionary.variables[name].kind
        column = self.raw.get(self.header.get(name, ""))
        held = part_of("data", name)
        if column is not None and self.layout and self.epoch:
            rule = rule_of(column, self.cohort.column(name), kind, self.decimal, self.epoch)
            if rule:
                return [f"{held} <- {rule.of(self._cell(column.header))}{self._heading(column.header)}"]
        dates = self.cohort.dictionary.variables[name].from_dates
        if dates and self._is_between(name, dates):
            lines = [line for d in dates for line in self._column(d)]
            start, end = (f"as.numeric({part_of('data', d)})" for d in dates)
            return [*lines, f"{held} <- ({end} - {start}) / {DAYS_PER_MONTH!r}"]
        self.needs_mapped = True
        cell = f"mapped[[{quoted(name)}]]"
        made = {"number": f"as.numeric({cell})", "date": f"as.Date({cell})"}.get(kind, cell)
        return [f"{held} <- {made}"]

    def _is_between(self, name: str, dates: Sequence[str]) -> bool:
        if not all(d in self.cohort.columns for d in dates) or name in self.header:
            return False
        start, end = (self.cohort.column(d) for d in dates)
        values = ((end - start).dt.days / DAYS_PER_MONTH).to_numpy(dtype=float)
        return bool(np.array_equal(values, self.cohort.column(name).to_numpy(dtype=float), equal_nan=True))

    def _cell(self, header: str) -> str:
        assert self.layout is not None
        return f"cells[[{self.layout.columns[header]}]]"

    def _heading(self, header: str) -> str:
        shown = " ".join(comment(header, "#")).replace(" # ", " ")
        return f"  {shown}" if len(shown) < 60 else ""

    # ------------------------------------------------------------ sites
    def _organs(self) -> list[str]:
        names = self.cohort.organ_names
        if not names:
            return []
        lines = ["", *comment("Sites as the file names them: TRUE, FALSE, or NA where nothing is recorded."),
                 f"organ_names <- {texts(names)}"]  # fmt: skip
        rules = self._rules_of_sites if self.layout else None
        if rules is None:
            self.needs_mapped = True
            return [*lines, "recorded <- sapply(organ_names, function(organ) "
                    f'as.numeric(mapped[[paste0({quoted(ORGAN)}, organ)]]) == 1)',
                    "recorded <- matrix(recorded, length(rows), dimnames = list(NULL, organ_names))"]  # fmt: skip
        flags, texts_of = rules
        lines.append("recorded <- matrix(NA, length(rows), length(organ_names), dimnames = list(NULL, organ_names))")
        for organ, header, code in flags:
            cell = f"recorded[, {quoted(organ)}]"
            lines.append(f"{cell} <- either({cell}, {code}){self._heading(header)}")
        for header, code in texts_of:
            lines.append(f"named <- {code}{self._heading(header)}")
            lines.append("for (organ in organ_names) recorded[, organ] <- either(recorded[, organ], named[, organ])")
        return lines

    @cached_property
    def _rules_of_sites(self) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]] | None:
        """Columns that mark a site each, and those that list several; None where they don't make the cohort's sites."""
        cohort, known = self.cohort, self.cohort.dictionary.variables
        names, made = cohort.organ_names, np.full(self.cohort._organs.shape, -1, dtype=np.int8)
        flags: list[tuple[str, str, str]] = []
        for variable, header in self.header.items():
            column = self.raw.get(header)
            site = known[variable].site if variable in known and variable in cohort.columns else ""
            if column is None or site not in names:
                continue
            values = cohort.column(variable).cat.codes.to_numpy().astype(np.int8)
            if (found := marks(column, values)) is None:
                return None
            flags.append((site, header, found.rule().of(self._cell(header))))
            place = names.index(site)
            made[:, place] = np.maximum(made[:, place], values)
        wanted = cohort._organs
        named = [h for v, h in self.header.items() if h in self.raw and self._lists_sites(h)]
        listed: list[tuple[str, str]] = []
        if len(named) == 1:  # what one list says is what is left, beside the columns of single sites
            only = np.where(wanted > made, wanted, np.where(self._untold(named[0])[:, None], -1, 0)).astype(np.int8)
            rule = lists(self.raw[named[0]], names, only)
            if rule is None:
                return None
            listed.append((named[0], rule.of(self._cell(named[0]))))
            made = np.maximum(made, only)
        return (flags, listed) if np.array_equal(made, wanted) else None

    def _lists_sites(self, header: str) -> bool:
        mapping = self.report.inspection.mapping if self.report.inspection else None
        how = mapping.column(header) if mapping else None
        if how is None:
            return False
        variable = self.cohort.dictionary.variables.get(how.variable or how.column)
        return how.role == "sites" or (variable is not None and variable.kind == "sites")

    def _untold(self, header: str) -> np.ndarray:
        """Whose list of sites says nothing; bool, shape (n,)."""
        result: np.ndarray = (self.cohort._organs < 0).all(axis=1) | (self.raw[header].cells() == "")
        return result
