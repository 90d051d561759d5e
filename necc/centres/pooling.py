"""Files of several centres as one cohort: what can be added up is, and what can't is told.

A pooled cohort has the files behind it (`necc.core.counts`): whoever asks it gets the centres' tables as patterns, each
of one centre, and so everything that needs counts alone works on them as on patients in memory. With times in days
nothing was coarsened, and every answer is that of all the rows together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from necc.centres.file import (
    CAME_BACK,
    DIED,
    DIED_LATER,
    EVENT,
    FIRST,
    NOT_FOLLOWED,
    SEEN_LATER,
    TIME,
    CentreFile,
    N,
    read_centre,
)
from necc.centres.together import Agreed, Entry, agree
from necc.core.coarse import cell_width
from necc.core.cohort import FLAG_LEVELS, Cohort, Source
from necc.core.counts import Wanted, behind, columns_for, counted_cohort
from necc.core.dictionary import (
    Dictionary,
    Endpoint,
    Organ,
    SiteScheme,
    Variable,
    builtin_names,
)
from necc.core.errors import AnalysisError, CohortError, Finding
from necc.core.frozen import Frozen
from necc.core.selection import Selection
from necc.core.text import joined, plural, quoted

LATER = (SEEN_LATER, DIED_LATER)
"""Codes of those whose time isn't that of the endpoint, but of death or last contact."""
CENTRE = "centre"
"""The name of the factor that says of which centre a patient is."""


@dataclass(frozen=True, eq=False)
class Pooled(Frozen):
    """Several centres' files as one cohort.

    cohort: with the files behind it, and a factor `centre`. centres: the files, in the order in which they were given.
    findings: what was noticed; of severity error what isn't pooled, and why. notes: what a reader has to know.
    """

    cohort: Cohort
    centres: tuple[CentreFile, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]

    def time_width(self, endpoint: str) -> float:
        """How wide the cells are in which an endpoint's times were counted, in its unit; 0 where they are as recorded.

        Raises:
            AnalysisError: the files don't agree on such an endpoint.
        """
        name = self.cohort.endpoint_name(endpoint)
        known = {n: file.endpoints[n] for file in self.centres for n in file.endpoints}
        if name not in self.cohort.dictionary.endpoints:
            raise AnalysisError(self.why_not(name) or f"no file has an endpoint '{endpoint}'")
        return cell_width(known[name]["time_grid"], known[name]["unit"])

    def why_not(self, name: str) -> str:
        """Why an endpoint or a factor isn't pooled, in words; "" where it is, or no file has it."""
        there = (*self.cohort.dictionary.endpoints, *self.cohort.columns)
        told = [f.message for f in self.findings if f.column == name]
        return "; ".join(told) if told and name not in there else ""


def pool(files: Iterable[CentreFile | bytes | str | Path]) -> Pooled:
    """Several centres' files as one cohort, of which everything can be asked that needs counts alone.

    Args:
        files: as `read_centre` takes or gives them.

    Raises:
        CohortError: a file is damaged, or the files can't be added up at all: the same patients twice, or other code
            books; its text says which, and how to mend it.
        AnalysisError: there is no file.

    Example:
        >>> from necc.centres import pool, summarise
        >>> halves = [cohort.subset(cohort.column("age_years").to_numpy() > 50),
        ...           cohort.subset(cohort.column("age_years").to_numpy() <= 50)]
        >>> files = [summarise(half, centre=name, endpoints=["PRS"], factors=["figo_stage"], time_grid="days")
        ...          for half, name in zip(halves, ("North", "South"))]
        >>> pooled, whole = kaplan_meier(pool(files).cohort, "PRS"), kaplan_meier(cohort, "PRS")
        >>> pooled.curves[0].median.value == whole.curves[0].median.value
        True
    """
    read = tuple(file if isinstance(file, CentreFile) else read_centre(file) for file in files)
    if not read:
        raise AnalysisError("no centre's file is given: name at least two, as `necc summarise` writes them")
    agreed = agree(read)
    if any(f.severity == "error" and f.column is None for f in agreed.findings):
        raise CohortError(agreed.findings)
    outline = _outline(read, agreed)
    cohort = behind(outline, _Files(read, agreed, outline))
    notes = [f"{plural(sum(file.patients for file in read), 'patient')} of {plural(len(read), 'centre')}, pooled from "
             "tables of counts: no centre gave a patient's row"]  # fmt: skip
    notes += [f.message for f in agreed.findings if f.severity != "info" or f.code in ("person level", "few centres")]
    return Pooled(cohort, read, agreed.findings, tuple(notes))


# ---------------------------------------------------------------- the cohort that asks the files
def _outline(files: Sequence[CentreFile], agreed: Agreed) -> Cohort:
    """A cohort with the names, levels and endpoints that are agreed; its rows hold every level, and nobody."""
    dictionary = _dictionary(files, agreed)
    levels = {CENTRE: tuple(file.centre for file in files), **{f["name"]: tuple(f["levels"]) for f in agreed.factors}}
    n_sites = len(agreed.sites)
    n = max(n_sites + 1, *(len(known) for known in levels.values()))
    rows = np.arange(n)
    columns: dict[str, object] = {name: _levels(rows % len(known) if known else rows * 0 - 1, known)
                                  for name, known in levels.items()}  # fmt: skip
    for endpoint in dictionary.endpoints.values():
        columns[endpoint.time] = np.ones(n)
        columns[endpoint.event] = _levels(rows % 2, FLAG_LEVELS)
    organs = (rows[:, None] % (n_sites + 1) > np.arange(n_sites)[None, :]).astype(np.int8)
    marks = hashlib.sha256("".join(sorted(file.sha256 for file in files)).encode()).hexdigest()
    notice = next(filter(None, (file.notice for file in files)), "")
    source = Source(f"{plural(len(files), 'centre')}", marks, sum(file.patients for file in files), notice)
    return Cohort(pd.DataFrame(columns), dictionary, source, organs, agreed.sites, dictionary.default_scheme)


def _dictionary(files: Sequence[CentreFile], agreed: Agreed) -> Dictionary:
    """What the files say of endpoints, factors and sites; roles are those of the code book that ships by its name."""
    name = files[0].code_book["name"]
    book = Dictionary.builtin(name if name in builtin_names() else builtin_names()[0])
    variables = {CENTRE: Variable(CENTRE, "Centre", "category", levels=tuple(file.centre for file in files))}
    told = [book.role(f"response_{which}") for which in ("best", "final")]  # so that their lack is told by their names
    variables |= {meant: book.variables[meant] for meant in told if meant in book.variables}
    variables |= {entry["name"]: _variable(entry, book) for entry in agreed.factors}
    endpoints = {}
    for name, said in agreed.endpoints.items():
        time, event = f"{name}: time", f"{name}: event"
        variables[time] = Variable(time, f"Time to {said['label']}", "number", unit=said["unit"], starts_at="followup")
        variables[event] = Variable(event, said["label"], "event", starts_at="followup")
        endpoints[name] = Endpoint(name, said["label"], said["origin"], said["unit"], said.get("defined_as", ""),
                                   time=time, event=event, starts_at=said.get("starts_at", "baseline"))  # fmt: skip
    labels = dict(agreed.scheme.get("labels", {}))
    scheme = SiteScheme(agreed.scheme.get("scheme", "sites") or "sites", agreed.scheme.get("label", "Sites"),
                        {site: (site,) for site in agreed.sites}, labels, default=True)  # fmt: skip
    organs = {site: Organ(site, labels.get(site, site)) for site in agreed.sites}
    known = {**variables, **endpoints}
    roles = {role: meant for role, meant in book.roles.items() if meant in known}
    treatment = book.treatment if book.treatment in variables else ""
    return Dictionary(book.name, book.title, variables, endpoints, {}, {scheme.name: scheme}, organs, roles=roles,
                      treatment=treatment, version=book.version)  # fmt: skip


def _variable(entry: Entry, book: Dictionary) -> Variable:
    """A factor of the files as a variable of its own: a flag, a response, or a category."""
    name, levels = entry["name"], tuple(entry["levels"])
    known = book.variables.get(name)
    kind = known.kind if known and known.kind in ("response", "flag", "event") else "category"
    if levels == FLAG_LEVELS and kind == "category":
        kind = "flag"
    made = Variable(name, entry["label"], kind, levels=levels, ordered=bool(entry.get("ordered")),
                    starts_at=entry.get("starts_at", "baseline"))  # fmt: skip
    meant = book.variables.get(entry.get("source", ""))
    return replace(made, section=meant.section, lane=meant.lane) if meant else made


@dataclass(frozen=True, eq=False)
class _Files:
    """The files as a source of counts."""

    files: tuple[CentreFile, ...]
    agreed: Agreed
    outline: Cohort

    def counted(self, wanted: Wanted, selections: tuple[Selection, ...]) -> Cohort:
        """The centres' patterns of what is wanted.

        Raises:
            AnalysisError: no table holds together what is wanted.
        """
        by = tuple(name for selection in selections for name in selection.names)
        wanted = wanted | Wanted(names=by)
        columns, organs = columns_for(self.outline, wanted)
        endpoints = [self.outline.endpoint_name(name) for name in wanted.endpoints]
        both = wanted.competing and len(endpoints) == 2
        if len(endpoints) > 1 and not both:
            raise AnalysisError(f"{joined(endpoints)} aren't counted together: a centre's file has a table for each "
                                "endpoint, so that nobody can put them side by side; ask for one")  # fmt: skip
        endpoint = endpoints[0] if endpoints else ""
        having = [file for file in self.files if not endpoint or endpoint in file.endpoints]
        death = endpoints[1] if both else ""
        parts = [self._part(file, endpoint, columns, organs, death) for file in having]
        table = pd.DataFrame({name: _column(self.outline, name, [part[0][name] for part in parts]) for name in columns})
        matrix = np.concatenate([part[1] for part in parts])
        patients = np.concatenate([part[2] for part in parts])
        if not columns:
            table = pd.DataFrame(index=range(len(patients)))
        cohort = counted_cohort(self.outline, table, matrix, organs, patients)
        for selection in selections:
            patients = np.where(selection.mask(cohort), patients, 0)
        return replace(cohort, _patients=patients, _cache={}) if selections else cohort

    def n_patients(self, selections: tuple[Selection, ...]) -> int:
        """The patients of all centres for whom all selections hold."""
        return self.counted(Wanted(), selections).n_patients

    def _part(
        self, file: CentreFile, endpoint: str, columns: Sequence[str], organs: Sequence[str], death: str
    ) -> tuple[Mapping[str, np.ndarray], np.ndarray, np.ndarray]:
        """A centre's columns, sites and patients of the first of its tables that has all that is asked for."""
        known, dies = (self.outline.dictionary.endpoints.get(name) for name in (endpoint, death))
        own = {known.time: TIME, known.event: FIRST if dies else EVENT} if known else {}
        own |= {dies.time: TIME, dies.event: FIRST} if dies else {}
        needed = [own.get(name, name) for name in columns if name != CENTRE] + (["sites"] if organs else [])
        tables = file.tables_of(endpoint)
        table = next((t for t in tables if set(needed) <= set(t["columns"])), None)
        if table is None:
            if dies and not any(FIRST in t["columns"] for t in tables):
                raise AnalysisError(f"the file of '{file.centre}' doesn't count which came first, {endpoint} or "
                                    f"{death}; let it be made again with both endpoints and with sites")  # fmt: skip
            raise AnalysisError(self._apart(file, endpoint, [n for n in needed if n not in (TIME, EVENT, FIRST)]))
        by_name = dict(zip(table["columns"], zip(*table["rows"], strict=True), strict=False))
        by_name = by_name or {name: () for name in table["columns"]}
        n = len(table["rows"])
        values: dict[str, np.ndarray] = {}
        for name in columns:
            if name == CENTRE:
                values[name] = np.full(n, self.files.index(file))
            elif own.get(name) == FIRST:
                came = np.array(by_name[FIRST], dtype=np.int64)
                values[name] = _happened(came) if known and name == known.event else _died(came)
            elif own.get(name) == TIME:
                values[name] = np.array(by_name[TIME], dtype=float)
                if dies:
                    came = np.array(by_name[FIRST], dtype=np.int64)
                    apart = LATER if known and name == known.time else (NOT_FOLLOWED,)
                    values[name][np.isin(came, apart)] = np.nan
            elif own.get(name) == EVENT:
                values[name] = np.array(by_name[EVENT], dtype=np.int64)
            else:
                values[name] = self._codes(file, name)[np.array(by_name[name], dtype=np.int64)]
        matrix = np.zeros((n, 0), dtype=np.int8)
        if organs:
            places = [self.agreed.sites.index(organ) for organ in organs]
            signs = {"0": 0, "1": 1, "?": -1}
            matrix = np.array([[signs[text[k]] for k in places] for text in by_name["sites"]], dtype=np.int8)
        return values, matrix.reshape(n, len(organs)), np.array(by_name["n"], dtype=np.int64)

    def _codes(self, file: CentreFile, name: str) -> np.ndarray:
        """By a file's code of a level, and last that of a missing one, the code that it has among all levels."""
        pooled = next(f for f in self.agreed.factors if f["name"] == name)["levels"]
        own = next(f for f in file.factors if f["name"] == name)["levels"]
        return np.array([*(pooled.index(level) for level in own), -1], dtype=np.int64)

    def _apart(self, file: CentreFile, endpoint: str, needed: Sequence[str]) -> str:
        """That no table holds all this together, in words."""
        labels = {f["name"]: f["label"] for f in self.agreed.factors} | {"sites": "the sites"}
        what = joined([labels.get(name, name) for name in needed])
        of = f" of {endpoint}" if endpoint else ""
        tables = [[c for c in t["columns"] if c not in (TIME, EVENT, FIRST, N)] for t in file.tables_of(endpoint)]
        there = joined([joined(quoted(names)) for names in tables if names], "or") or "none of these"
        return (f"no table{of} in the file of '{file.centre}' counts {what} together: it has {there}; ask for fewer, "
                "or let the centres make their files again with all of them in one table")  # fmt: skip


def _happened(came: np.ndarray) -> np.ndarray:
    """Whether an endpoint's event happened, of what came first: 1, 0 or -1."""
    return np.where(came < 0, -1, came == CAME_BACK).astype(np.int64)


def _died(came: np.ndarray) -> np.ndarray:
    """Who died without the event: 1, 0 or -1; with it, a patient lived until then, and no more is told."""
    return np.where(came == NOT_FOLLOWED, -1, np.isin(came, (DIED, DIED_LATER))).astype(np.int64)


def _levels(codes: np.ndarray, levels: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes.tolist(), pd.Index(levels))


def _column(outline: Cohort, name: str, parts: Sequence[np.ndarray]) -> np.ndarray | pd.Categorical:
    """A column of all centres, typed as the outline's."""
    values = np.concatenate(parts)
    typed = outline.column(name).dtype
    return _levels(values, typed.categories.tolist()) if isinstance(typed, pd.CategoricalDtype) else values
