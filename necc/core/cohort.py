"""A cohort, and the one door to stratify it by anything.

    bytes -> Cohort -> Selection -> result -> figure, table, sentence

A `Cohort` is immutable. It holds typed columns, the raw sites as a label matrix (a patient may have
several) and the scheme through which they are read. `Cohort.factor(name)` turns any variable, site or
grouping into levels in an explicit order; `Cohort.endpoint(name)` gives times and events on a shared grid
of distinct times, so that every analysis counts instead of sorting.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from necc.core.asked import Asked
from necc.core.beyond import beyond
from necc.core.dictionary import (
    N_SITES,
    ORGAN,
    RESPONSE_ORDER,
    SITE,
    UNRANKED,
    Dictionary,
    Grouping,
    SiteScheme,
    Stage,
    Variable,
    is_site,
    normalise,
)
from necc.core.errors import AnalysisError, Finding, NeedsRows
from necc.core.estimate import Exclusion
from necc.core.frozen import Frozen, freeze_frame, frozen_with, read_only, view_of
from necc.core.names import as_they_are, did_you_mean, name_meant
from necc.core.tally import n_of, quantiles, tally
from necc.core.text import first_few, format_number, joined, plural, with_article
from necc.core.time_to_event import EndpointColumns, TimeToEvent

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from necc.core.counts import Counts
    from necc.core.selection import Selection
    from necc.ingest.frame import Frame
    from necc.ingest.mapping import Mapping as FileMapping

FLAG_LEVELS = ("no", "yes")
SITE_LEVELS = ("without", "with")
CUT = re.compile(r"^(?P<name>.+?)\s*(?P<sign>>=|≥|>)\s*(?P<at>-?\d+(\.\d+)?)$")
MAX_NUMBER_LEVELS = 8
FACTOR_KINDS = ("category", "flag", "event", "response")
NO_MASK = "these are counts without rows: filter them by conditions, not by a mask"
SITES = "sites"  # the source of what is read from the sites
SITES_KNOWN: Stage = "recurrence"


@dataclass(frozen=True)
class Source:
    """Where a cohort came from: shown beside every result, never the data itself.

    sha256: of the file's bytes, their mapping and the edits, by which this reading of it is known.
    n_rows: rows that were read, one a patient. left_out: other rows of patients, by why they weren't read.
    no_patients: rows that hold no patient of their own, such as totals and repeated rows.
    file_sha256: of the file's bytes, and its code book's; blank for a cohort that was made otherwise.
    edits: what was changed after reading, a sentence for each step.
    """

    filename: str
    sha256: str
    n_rows: int
    notice: str = ""
    left_out: tuple[Exclusion, ...] = ()
    no_patients: tuple[Exclusion, ...] = ()
    file_sha256: str = ""
    edits: tuple[str, ...] = ()

    @property
    def file_mark(self) -> str:
        """What tells one file from another, however it is read: the SHA-256 of its bytes."""
        return self.file_sha256 or self.sha256


@dataclass(frozen=True)
class Spread:
    """A number's range, its median, and how many of the `n` patients fall in each of some equal parts of the range.

    ends: the least and the greatest value in each part that has patients; NaN in those without.
    censored: of the `n`, those whose time ended without the event, where the number is the time of an endpoint.
    """

    n: int
    low: float
    median: float
    high: float
    counts: tuple[int, ...]
    ends: tuple[tuple[float, float], ...] = ()
    censored: int = 0


@dataclass(frozen=True, eq=False)
class Factor(Frozen):
    """A stratification: explicit, ordered levels and one code per patient.

    codes: int16 array, shape (n,), -1 where the value is missing.
    starts_at: when the value becomes known; a factor known later than an endpoint's origin misleads.
    ordered: whether the order of the levels means something, so that a trend over them can be asked for.
    patients: of a cohort of counts, how many patients each code stands for, int64, shape (n,); None where each is one.
    """

    name: str
    label: str
    levels: tuple[str, ...]
    codes: np.ndarray
    starts_at: Stage = "baseline"
    source: str = ""
    ordered: bool = False
    patients: np.ndarray | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.codes)

    def __repr__(self) -> str:
        counts = [f"{level} {n:,}" for level, n in zip(self.levels, self.counts(), strict=True)]
        missing = [f"{self.n_missing:,} not recorded"] if self.n_missing else []
        return f"Factor({self.name}: {first_few([*counts, *missing])})"

    @property
    def n_missing(self) -> int:
        return n_of(self.codes < 0, self.patients)

    def counts(self) -> tuple[int, ...]:
        """Patients per level, in the order of `levels`."""
        return tuple(tally(self.codes + 1, self.patients, len(self.levels) + 1).tolist()[1:])

    def title(self, level: str) -> str:
        """A level with its factor's label, as a legend shows it."""
        return f"{self.label}: {level}"

    def take(self, rows: np.ndarray) -> Factor:
        return replace(self, codes=self.codes[rows], patients=None if self.patients is None else self.patients[rows])

    def merged(self, groups: Mapping[str, tuple[str, ...]], name: str, label: str) -> Factor:
        """A coarser factor whose levels put levels of this one together; a level in no group is missing."""
        lookup = np.full(len(self.levels) + 1, -1, dtype=np.int16)
        for code, members in enumerate(groups.values()):
            for level in members:
                if level in self.levels:
                    lookup[self.levels.index(level)] = code
        coarser = replace(self, name=name, label=label, levels=tuple(groups), codes=lookup[self.codes])
        return coarser.trimmed()

    def among(self, used: np.ndarray) -> Factor:
        """Of some patients (bool, shape (n,)): the others have no value, and levels that none of these has go."""
        there = used if self.patients is None else used & (self.patients > 0)
        return replace(self, codes=np.where(there, self.codes, np.int16(-1))).trimmed()

    def reordered(self, first: Sequence[str]) -> Factor:
        """With these levels first, then the others as they were; where `first` names all, their order means something.

        An order of which only a part is named means nothing, unless it is the one that there was.
        """
        named = tuple(dict.fromkeys(level for level in first if level in self.levels))
        levels = (*named, *(level for level in self.levels if level not in named))
        lookup = np.array([*(levels.index(level) for level in self.levels), -1], dtype=np.int16)
        ranked = (len(named) == len(levels) and not UNRANKED & set(levels)) or (self.ordered and levels == self.levels)
        return replace(self, levels=levels, codes=lookup[self.codes], ordered=ranked)

    def trimmed(self) -> Factor:
        """Without the levels that no patient has; of counts, without those that no row has."""
        present = np.flatnonzero(np.bincount(self.codes + 1, minlength=len(self.levels) + 1)[1:]).tolist()
        lookup = np.full(len(self.levels) + 1, -1, dtype=np.int16)
        lookup[present] = np.arange(len(present))
        return replace(self, levels=tuple(self.levels[i] for i in present), codes=lookup[self.codes])


@dataclass(frozen=True, eq=False)
class Cohort(Frozen, Asked):
    """Patients of one file: typed columns, raw sites, and how they are read; nothing of it can be written to.

    It is made of a table of one row a patient (the index is the row in the spreadsheet, header = row 1) and of an int8
    array, shape (n, len(organ_names)): 1 present, 0 absent, -1 not recorded. A filtered cohort shares both with the
    whole one; `table` and `organs` are those of its own patients.

    orders: factors whose levels a person ordered, each with those that stand first; see `with_order`.
    unedited: the cohort as the file gives it, of which edits made this one; None where there are none.

    A cohort of counts has a row for each pattern instead, and says in `patients` of how many; see `necc.core.counts`.
    behind: the source that is asked for the patterns, where they aren't here; this cohort then has names and levels,
        and no patient. narrowed_by: its filters, which are the source's to apply.
    """

    _table: pd.DataFrame
    dictionary: Dictionary
    source: Source
    _organs: np.ndarray
    organ_names: tuple[str, ...]
    scheme: SiteScheme
    id_column: str = ""
    findings: tuple[Finding, ...] = ()
    root: Cohort | None = None
    rows: np.ndarray | None = None
    orders: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unedited: Cohort | None = field(default=None, repr=False)
    _patients: np.ndarray | None = field(default=None, repr=False)
    behind: Counts | None = field(default=None, repr=False)
    narrowed_by: tuple[Selection, ...] = ()
    _cache: dict[object, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rows is None:
            object.__setattr__(self, "_table", freeze_frame(self._table))

    def __len__(self) -> int:
        return len(self._table) if self.rows is None else len(self.rows)

    def __repr__(self) -> str:
        """Counts and names of endpoints; no row and no identifier, as it may end in a log."""
        of = f" of {self.whole.n_patients:,}" if self.rows is not None else ""
        told = [f"{plural(self.n_patients, 'patient')}{of}", plural(len(self.columns), "column"),
                f"endpoints {first_few(self.endpoint_names()) or 'none'}"]  # fmt: skip
        return f"Cohort({'; '.join(filter(None, (', '.join(told), self.source.notice)))})"

    def _repr_html_(self) -> str:
        """What the file holds, in counts, for a notebook."""
        return str(beyond("necc.present.shown", "to_html")(self))

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame | Frame,
        *,
        id: str = "",
        time: str = "",
        event: str = "",
        event_value: object = (),
        unit: str = "",
        sites: str | Sequence[str] = (),
        endpoint: str = "",
        status: str = "",
        dictionary: Dictionary | str | Path | None = None,
        mapping: FileMapping | str | Path | None = None,
        answers: str | Sequence[str] = (),
        codebook: bytes = b"",
        filename: str = "data frame",
        today: date | None = None,
    ) -> Cohort:
        """A data frame of pandas, polars or pyarrow as a cohort: `necc.from_frame`.

        Raises:
            CohortError: the frame can't be read as a cohort; its text says why and how to mend it.
            DictionaryError: there is no such dictionary, or it can't be used.
            AnalysisError: an argument that isn't what it has to be.

        Example:
            >>> import pandas as pd
            >>> frame = pd.DataFrame({"months": [5, 6, 7, 9], "dead": [1, 0, 1, 1], "arm": ["a", "b", "a", "b"]})
            >>> len(Cohort.from_frame(frame, time="months", event="dead"))
            4
        """
        cohort: Cohort = beyond("necc.ingest", "from_frame")(
            frame, id=id, time=time, event=event, event_value=event_value, unit=unit, sites=sites, endpoint=endpoint,
            status=status, dictionary=dictionary, mapping=mapping, answers=answers, codebook=codebook,
            filename=filename, today=today,
        )  # fmt: skip
        return cohort

    # ------------------------------------------------------------ counts
    @property
    def patients(self) -> np.ndarray | None:
        """Of a cohort of counts, how many patients each row stands for: int64, shape (n,); None where each is one."""
        return self._patients if self._patients is None or self.rows is None else self._patients[self.rows]

    @property
    def n_patients(self) -> int:
        """How many patients there are, whether or not they have rows."""
        if self.behind is not None:
            if "n_patients" not in self._cache:
                self._cache["n_patients"] = self.behind.n_patients(self.narrowed_by)
            n: int = self._cache["n_patients"]
            return n
        return len(self) if self.patients is None else int(self.patients.sum())

    def n_of(self, mask: np.ndarray) -> int:
        """The patients of the rows where `mask` (bool, shape (n,)) holds."""
        return n_of(mask, self.patients)

    def _asked_for(self, name: str) -> Cohort:
        """The patterns of one factor, number or column, and of the endpoint whose time it is, from the source."""
        endpoints = [n for n in self.endpoint_names() if self.dictionary.endpoints[n].time == name][:1]
        wanted = beyond("necc.core.counts", "Wanted")(tuple(endpoints), (name,))
        counts: Cohort = beyond("necc.core.counts", "asked_for")(self, wanted)
        return counts

    def narrowed(self, selection: Selection) -> Cohort:
        """A cohort with a source behind it, of whose patients a further selection holds; the source applies it.

        Raises:
            AnalysisError: it filters by sites that are read through another scheme than the source's.
        """
        conditions = (*selection.conditions, *(c for group in selection.groups for c in group.conditions))
        own = self.dictionary.default_scheme
        if self.scheme.name != own.name and any(self.source_of(c.name) in (SITES, N_SITES) for c in conditions):
            raise AnalysisError(f"the data are counts, which are filtered by sites as '{own.name}' has them; filter "
                                "first, then choose another scheme of sites")  # fmt: skip
        return replace(self, narrowed_by=(*self.narrowed_by, selection), _cache={})

    def unnarrowed(self) -> Cohort:
        """All patients of the source that stands behind the cohort; of any other cohort the whole one."""
        return self.whole if self.behind is None else replace(self, narrowed_by=(), _cache={})

    # ------------------------------------------------------------ views
    @property
    def whole(self) -> Cohort:
        """The cohort as loaded, before any filter."""
        return self.root or self

    @property
    def table(self) -> pd.DataFrame:
        """The typed rows of these patients, by their row in the spreadsheet.

        Categories and flags are pandas categoricals with explicit levels, numbers float64, dates datetime64, text str.
        What is written to it doesn't reach the cohort.
        """
        return view_of(self._table if self.rows is None else self._table.iloc[self.rows])

    data = table

    @property
    def columns(self) -> pd.Index:
        """The names of the table's columns."""
        return self._table.columns

    @property
    def index(self) -> pd.Index:
        """These patients' rows in the spreadsheet."""
        return self._table.index if self.rows is None else self._table.index[self.rows]

    def column(self, name: str) -> pd.Series:
        """One column of the table.

        Raises:
            AnalysisError: no such column; the message names one that is near.

        Example:
            >>> len(cohort.column("age_years"))
            88
        """
        if name not in self.columns:
            raise AnalysisError(self._unknown("column", str(name), self.columns))
        column = self._table[name] if self.rows is None else self._table[name].iloc[self.rows]
        return column.copy(deep=False)

    @property
    def organs(self) -> np.ndarray:
        """Raw sites of these patients: int8 array, shape (n, len(organ_names)): 1 present, 0 absent, -1 not recorded.

        A group's own flag, such as "abdominal", stands for an organ that isn't named: where one is, the flag is 0.
        """
        whole = self.whole
        if "organs" not in whole._cache:
            whole._cache["organs"] = read_only(whole.named_organs(whole._organs, whole.organ_names))
        organs: np.ndarray = whole._cache["organs"]
        return organs if self.rows is None else organs[self.rows]

    def named_organs(self, recorded: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
        """Sites as they were recorded, without the flags of groups that one of the group's organs explains.

        recorded: int8, shape (n, len(names)), as this cohort's file records them; of any patients.
        """
        organs, of_own = recorded.copy(), {self.dictionary.variables[n].site for n in self.columns}
        for group, members in self.dictionary.default_scheme.own_groups.items():
            others = [names.index(o) for o in members if o in names and o != group]
            if group in of_own and group in names and not self.dictionary.organs[group].named:
                own = names.index(group)
                organs[(organs[:, own] == 1) & (recorded[:, others] == 1).any(axis=1), own] = 0
        return organs

    def subset(self, mask: np.ndarray | pd.Series | Sequence[bool]) -> Cohort:
        """The patients where `mask` holds; levels and time grid stay those of the whole cohort.

        mask: bool, shape (n,), in the order of these patients; a pandas Series by its index, which is the one of
            `table`, of these patients or of the whole cohort, in any order.

        Raises:
            AnalysisError: a mask of another length, index or type, or one with missing values.
        """
        if self.behind is not None:
            raise NeedsRows(NO_MASK)
        kept = self.aligned(mask)
        rows = np.flatnonzero(kept) if self.rows is None else self.rows[kept]
        return replace(self, root=self.whole, rows=rows, _cache={})

    def aligned(self, mask: np.ndarray | pd.Series | Sequence[bool]) -> np.ndarray:
        """A mask in the order of these patients: bool array, shape (n,); as `subset` takes it.

        Raises:
            AnalysisError: a mask of another length, index or type, or one with missing values.
        """
        if isinstance(mask, pd.Series):
            own, mask = self.index, self._by_its_column(mask)
            if not mask.index.is_unique or set(mask.index) not in (set(own), set(self._table.index)):
                raise AnalysisError(
                    "the mask's index isn't the cohort's, each patient's row in the spreadsheet or whole number in a "
                    "frame's index; make the mask from `cohort.table`, or give an array in the order of the patients: "
                    "mask.to_numpy()"
                )
            mask = mask.reindex(own)
            if mask.isna().any():
                raise AnalysisError(f"the mask has no value for {plural(int(mask.isna().sum()), 'patient')}; fill them")
            mask = mask.to_numpy()
        values = np.asarray(mask)
        if values.shape != (len(self),):
            shape = " x ".join(f"{n:,}" for n in values.shape) or "1"
            what = "value" if shape == "1" else "values"
            raise AnalysisError(f"the mask has {shape} {what} where the cohort has {plural(len(self), 'patient')}")
        if values.size and values.dtype != bool and not all(isinstance(v, bool) for v in values.tolist()):
            raise AnalysisError("a mask holds True and False, one a patient; a list of row numbers isn't one")
        return values.astype(bool)

    def _by_its_column(self, mask: pd.Series) -> pd.Series:
        """A mask whose index is one of the table's columns, as of the frame that was read, by the patients' rows."""
        name = mask.index.name
        if not isinstance(name, str) or name not in self.columns or mask.index.equals(self.index):
            return mask
        column, labels = self._table[name], mask.index
        if not pd.api.types.is_datetime64_any_dtype(column.dtype):
            column, labels = column.astype(str), labels.astype(str)
        if not (column.is_unique and labels.is_unique and labels.isin(column).all()):
            return mask
        rows = pd.Series(column.index, index=pd.Index(column)).loc[labels]
        return pd.Series(mask.to_numpy(), index=pd.Index(rows.to_numpy()))

    def of_table(self, table: pd.DataFrame, dictionary: Dictionary, source: Source) -> Cohort:
        """The same patients, filtered as they are, with another table of the whole file."""
        root = replace(self.whole, _table=table, dictionary=dictionary, source=source, root=None, rows=None, _cache={})
        return root if self.rows is None else replace(root, root=root, rows=self.rows, _cache={})

    def edited(
        self,
        *,
        columns: Mapping[str, pd.Series] | None = None,
        dictionary: Dictionary | None = None,
        source: Source | None = None,
        scheme: SiteScheme | None = None,
        orders: tuple[tuple[str, tuple[str, ...]], ...] | None = None,
        keep: np.ndarray | None = None,
    ) -> Cohort:
        """The whole cohort with some of its parts in place of those that there were; nothing of this one changes.

        columns: by name, each of the length and index of the whole table. keep: the rows that stay, bool, shape (n,).
        """
        whole = self.whole
        if keep is not None:
            left = whole._patients if whole._patients is None else whole._patients[keep]
            whole = replace(whole, _table=whole._table[keep], _organs=whole._organs[keep], _patients=left, _cache={})
        table = frozen_with(whole._table, columns) if columns else whole._table
        given = {"dictionary": dictionary, "source": source, "scheme": scheme, "orders": orders}
        parts: dict[str, Any] = {name: part for name, part in given.items() if part is not None}
        parts["_cache"] = whole._still_known(columns or {}, dictionary, bool(scheme or orders))
        parts |= {"_table": table, "unedited": self.whole.unedited or self.whole}
        made = copy(whole)  # what it holds is frozen already; to look at each column again takes longer than an edit
        for name, part in parts.items():
            object.__setattr__(made, name, part)
        return made

    def _still_known(
        self, columns: Mapping[str, pd.Series], dictionary: Dictionary | None, otherwise: bool
    ) -> dict[object, Any]:
        """Of what was asked of the whole cohort, that which new parts don't change.

        otherwise: sites or levels are read in another way.
        """
        old, new = self.dictionary, dictionary or self.dictionary
        parts = ("endpoints", "groupings", "schemes", "organs")
        same = all(getattr(old, part) is getattr(new, part) for part in parts)
        same = same and all(new.variables.get(name) is variable for name, variable in old.variables.items())
        if otherwise or not same or any(name in self.columns for name in columns):
            return {key: held for key, held in self._cache.items()
                    if isinstance(key, tuple) and key[0] == "has" and key[1] in self.columns and key[1] not in columns
                    }  # fmt: skip
        asked = ("factor", "endpoint")  # of columns that stay as they were, and under their names
        asked_of_sites = ("organs", "site_matrix", "site_marks", "sites_unknown")
        return {key: held for key, held in self._cache.items() if key in asked_of_sites or (
            isinstance(key, tuple) and (key[0] in asked or (key[0] == "has" and key[1] in self.columns)))}  # fmt: skip

    def with_scheme(self, name: str) -> Cohort:
        """The same patients, their sites read through another scheme of the dictionary.

        Raises:
            AnalysisError: the dictionary has no such scheme.
        """
        known = self.dictionary.schemes
        found = name_meant("the site scheme", name, as_they_are(known))
        if found is None:
            raise AnalysisError(self._unknown("site scheme", name, known))
        root = replace(self.whole, scheme=known[found], root=None, rows=None, _cache={})
        return root if self.rows is None else replace(root, root=root, rows=self.rows, _cache={})

    def with_order(self, name: str, levels: Sequence[str]) -> Cohort:
        """The same patients, these levels of a factor first, the others after them as they were.

        The first level is the reference of models and comparisons. Where all are named, a trend over them can be asked
        for. Sites and cuts of a number keep their order.

        Raises:
            AnalysisError: no column or grouping of this name has levels, or it has no such level.
        """
        known = self.orderable()
        name = name if name in known else self.name_of(name)
        if name not in known:
            raise AnalysisError(self._unknown("column with levels", name, known))
        factor = self.whole.factor(name)
        if strange := [level for level in levels if level not in factor.levels]:
            raise AnalysisError(f"'{name}' has no level '{strange[0]}'; its levels are {first_few(factor.levels)}")
        orders = tuple({**dict(self.orders), factor.name: tuple(levels)}.items())
        root = replace(self.whole, orders=orders, root=None, rows=None, _cache={})
        return root if self.rows is None else replace(root, root=root, rows=self.rows, _cache={})

    def orderable(self) -> tuple[str, ...]:
        """Names of the factors whose levels `with_order` orders: columns and groupings of them."""
        return tuple(n for n in self.factor_names() if n != N_SITES and not is_site(n))

    def flag(self, name: str) -> np.ndarray:
        """A yes/no column as 1, 0 or -1 where it isn't recorded, in whatever order its levels are shown; shape (n,)."""
        codes: np.ndarray = self.column(self.variable(name).name).cat.codes.to_numpy().astype(np.int16)
        return codes

    @property
    def ids(self) -> tuple[str, ...]:
        """One identifier a patient; the spreadsheet row where the file has none."""
        if self.id_column:
            return tuple(self.column(self.id_column).astype(str))
        return tuple(f"row {row}" for row in self.index)

    def has(self, column: str) -> bool:
        """Whether the file gave this variable at least one value."""
        cache, key = self.whole._cache, ("has", column)
        if key not in cache:  # asked of every column in every run of the dashboard
            cache[key] = column in self.columns and bool(self._table[column].notna().any())
        held: bool = cache[key]
        return held

    # ------------------------------------------------------------ names
    def variable(self, name: str) -> Variable:
        """The variable of this name.

        Raises:
            AnalysisError: the cohort has no such column; the message names near ones.
        """
        if name in self.columns:
            return self.dictionary.variables[name]
        known = self.dictionary.variables.get(self.name_of(name))
        if known and known.name in self.columns:
            return known
        if known:
            raise AnalysisError(f"the file has no column '{known.name}' ({known.label})")
        columns = [n for n in self.columns if self._site_of(n) == n]
        raise AnalysisError(self._unknown("variable", name, [*columns, *self.factor_names()]))

    def factor_names(self) -> tuple[str, ...]:
        """Every name that `factor` takes for this cohort without a cut of its own."""
        whole = self.whole
        if "factor_names" not in whole._cache:
            names = [n for n in self.columns if self.dictionary.variables[n].kind in FACTOR_KINDS and self.has(n)]
            names = [n for n in names if not self.dictionary.variables[n].site]
            groupings = [g.name for g in self.dictionary.groupings.values() if self._has_origin(g.of)]
            sites = [f"{SITE}{s}" for s in whole.site_names]
            known, combined = self.dictionary.organs, whole.scheme.combined.values()
            flags = {s for parts in combined for s in parts if s in known and not known[s].named}
            site_groups = {*whole.site_names, *flags}  # a flag of a site's own stands for no organ
            seen = (whole.organs == 1).any(axis=0)
            organs = [
                f"{ORGAN}{o}" for o, there in zip(self.organ_names, seen, strict=True) if there and o not in site_groups
            ]
            derived = [N_SITES] if sites else []
            whole._cache["factor_names"] = tuple([*groupings, *names, *sites, *derived, *organs])
        result: tuple[str, ...] = whole._cache["factor_names"]
        return result

    def number_names(self) -> tuple[str, ...]:
        """Columns that hold numbers."""
        cache = self.whole._cache
        if "number_names" not in cache:
            known = self.dictionary.variables
            cache["number_names"] = tuple(n for n in self.columns if known[n].kind == "number" and self.has(n))
        result: tuple[str, ...] = cache["number_names"]
        return result

    def _has_origin(self, name: str) -> bool:
        return bool(self.organ_names) if name == N_SITES else self.has(name)

    def _unknown(self, what: str, name: str, known: Iterable[str]) -> str:
        return f"no {what} '{name}' in this cohort; {did_you_mean(name, known)}"

    def name_of(self, name: str) -> str:
        """The name of anything that `factor`, `number` or `column` takes, from one in any case, an alias or a label.

        What is meant by none of them comes back as it is, for who asks for it to tell.

        Raises:
            AnalysisError: several could be meant.

        Example:
            >>> cohort.name_of("Age_Years > 50"), cohort.name_of("Site:LUNG")
            ('age_years>50', 'site:lung')
        """
        if name in self.columns or name in self.dictionary.groupings or name == N_SITES:
            return name
        cache, key = self.whole._cache, ("name", name)
        if key not in cache:
            cache[key] = self.whole._name_of(name)
        found: str = cache[key]
        return found

    def _name_of(self, name: str) -> str:
        prefix, colon, places = name.partition(":")
        kind = f"{prefix.strip().casefold()}:"
        if colon and kind in (SITE, ORGAN) and places.strip():
            return kind + self._place_meant(kind, places)
        if cut := self.cut(name):
            sign = cut["sign"].replace("≥", ">=")
            return f"{self.name_of(cut['name'].strip())}{sign}{cut['at']}"
        own = dict.fromkeys([*self.columns, *self.factor_names(), *self.dictionary.groupings])
        if found := name_meant("the name", name, as_they_are(own)):
            return found
        if alias := self.dictionary.headers().get(normalise(name)):
            return self._site_of(alias.name)
        labels = [(g.label, g.name) for g in self.dictionary.groupings.values()]
        labels += [(self.dictionary.variables[n].label, n) for n in self.columns]
        return self._site_of(name_meant("the name", name, labels) or name)

    def _site_of(self, column: str) -> str:
        """The site that a column flags: "lung" means the site, of which the file's flag is a part; itself otherwise."""
        variable = self.dictionary.variables.get(column)
        site = f"{SITE}{variable.site}" if variable and variable.site else ""
        return site if site in self.factor_names() else column

    def _place_meant(self, kind: str, places: str) -> str:
        """Names of sites or organs, of the like or of their labels."""
        names = self.site_names if kind == SITE else self.organ_names
        labels = [(self.site_label(n) if kind == SITE else self.organ_label(n), n) for n in names]
        parts = [part.strip() for part in (places.split("|") if kind == SITE else [places])]
        what = f"the {kind.removesuffix(':')}"
        return "|".join(
            name_meant(what, part, as_they_are(names)) or name_meant(what, part, labels) or part for part in parts
        )

    def endpoint_name(self, name: str) -> str:
        """The name of an endpoint, from one in any case or its label; what is none comes back as it is.

        Raises:
            AnalysisError: several could be meant.

        Example:
            >>> cohort.endpoint_name("prs")
            'PRS'
        """
        known = self.dictionary.endpoints
        if name in known:
            return name
        labels = [(endpoint.label, n) for n, endpoint in known.items()]
        return name_meant("the endpoint", name, as_they_are(known)) or name_meant("the endpoint", name, labels) or name

    def cut(self, name: str) -> re.Match[str] | None:
        """The parts of a name that cuts a number (`age_years>50`); None for any other, and for a column's own name."""
        return None if name in self.columns else CUT.match(name)

    def source_of(self, name: str) -> str:
        """The column behind anything that `factor` or `number` takes; "sites" and "n_sites" for those.

        Raises:
            AnalysisError: nothing of this name.
        """
        name = self.name_of(name)
        if is_site(name):
            return self.factor(name).source
        if name == N_SITES:
            return name
        if cut := self.cut(name):
            return self.source_of(cut["name"])
        grouping = self.dictionary.groupings.get(name)
        if grouping and (self._has_origin(grouping.of) or name not in self.columns):
            return self.source_of(grouping.of)
        return self.variable(name).name

    def starts_at(self, name: str) -> Stage:
        """When the value of anything that `factor` or `number` takes becomes known.

        Raises:
            AnalysisError: nothing of this name.
        """
        source = self.source_of(name)
        return SITES_KNOWN if source in (SITES, N_SITES) else self.dictionary.variables[source].starts_at

    # ------------------------------------------------------------ factors and numbers
    def factor(self, name: str) -> Factor:
        """The cohort's patients by levels: the one door to stratify by anything.

        `name` is a category or flag (`histology`), a site (`site:lung`; `site:lung|brain` for any of several), an organ
        (`organ:liver`), the number of sites (`n_sites`), a grouping of the dictionary (`figo_stage`), or a number with
        a cut (`age_years>50`).

        Raises:
            AnalysisError: nothing of this name, or a number that needs a cut.
        """
        whole = self.whole
        key = ("factor", name)
        if key not in whole._cache:
            factor = whole._factor(whole.name_of(name))
            first = dict(whole.orders).get(factor.name)
            whole._cache[key] = replace(factor.reordered(first) if first else factor, patients=whole._patients)
        result: Factor = whole._cache[key]
        return result if self.rows is None else result.take(self.rows)

    def _factor(self, name: str) -> Factor:
        if name.startswith(SITE) and name != SITE:
            return self._site_factor(name, name.removeprefix(SITE))
        if name.startswith(ORGAN) and name != ORGAN:
            return self._organ_factor(name, name.removeprefix(ORGAN))
        if cut := self.cut(name):
            at_least = cut["sign"] != ">"
            of = cut["name"] if cut["name"] == N_SITES else self.variable(cut["name"]).name
            label = "" if of == N_SITES else f"{self.dictionary.variables[of].title()}"
            return self._cut(Grouping(name, label or "Number of sites", of), float(cut["at"]), at_least)
        grouping = self.dictionary.groupings.get(name)
        if grouping and (self._has_origin(grouping.of) or name not in self.columns):
            return self._grouping(grouping)
        if name == N_SITES:
            return self._levels_of_number(name, "Number of sites", self.number(name), SITES_KNOWN)
        return self._variable_factor(self.variable(name))

    def _variable_factor(self, variable: Variable) -> Factor:
        column = self._table[variable.name]
        if variable.kind == "number":
            return self._levels_of_number(variable.name, variable.label, column.to_numpy(), variable.starts_at)
        if variable.kind not in FACTOR_KINDS:
            raise AnalysisError(
                f"'{variable.name}' is {with_article(variable.kind)}; only categories, yes/no columns, sites and "
                "numbers with a cut make groups"
            )
        codes = column.cat.codes.to_numpy().astype(np.int16)
        levels = tuple(map(str, column.cat.categories))
        factor = Factor(variable.name, variable.label, levels, codes, variable.starts_at, variable.name)
        if variable.kind in ("flag", "event"):
            return factor
        factor = factor.trimmed()
        scale = set(factor.levels) <= set(RESPONSE_ORDER)
        ranked = variable.ordered and (scale or variable.kind != "response") and not UNRANKED & set(factor.levels)
        return replace(factor, ordered=ranked)

    def _levels_of_number(self, name: str, label: str, values: np.ndarray, starts_at: Stage) -> Factor:
        distinct = np.unique(values[~np.isnan(values)])
        if len(distinct) > MAX_NUMBER_LEVELS:
            middle = format_number(float(np.median(values[~np.isnan(values)])), 0)
            raise AnalysisError(
                f"'{name}' is a number with {len(distinct)} different values; say where to cut it, "
                f"e.g. '{name}>{middle}'"
            )
        codes = np.where(np.isnan(values), -1, np.searchsorted(distinct, values)).astype(np.int16)
        levels = tuple(format(v, "g") for v in distinct)
        return Factor(name, label, levels, codes, starts_at, name, ordered=True)

    def _grouping(self, grouping: Grouping) -> Factor:
        if not self._has_origin(grouping.of):
            needs = "recurrence sites" if grouping.of == N_SITES else f"the column '{grouping.of}'"
            what = f"needs {needs}, which the file doesn't have"
            raise AnalysisError(f"'{grouping.name}' {what}", f"'{grouping.label}' {what}")
        if grouping.above is not None or grouping.at_least is not None:
            at = grouping.above if grouping.above is not None else grouping.at_least
            return self._cut(grouping, float(at or 0), grouping.at_least is not None)
        return self.factor(grouping.of).merged(grouping.levels, grouping.name, grouping.label)

    def _cut(self, grouping: Grouping, at: float, at_least: bool) -> Factor:
        values = self.number(grouping.of)
        high = values >= at if at_least else values > at
        codes = np.where(np.isnan(values), -1, high).astype(np.int16)
        shown = format(at, "g")
        levels = (f"< {shown}", f"≥ {shown}") if at_least else (f"≤ {shown}", f"> {shown}")
        stage = self.starts_at(grouping.of)
        return Factor(grouping.name, grouping.label, levels, codes, stage, grouping.of, ordered=True)

    def number(self, name: str) -> np.ndarray:
        """A number per patient, NaN where it is missing; float array, shape (n,).

        Raises:
            AnalysisError: no such number.
        """
        name = self.name_of(name)
        if name == N_SITES:
            matrix = self.site_matrix
            if not matrix.shape[1]:
                raise AnalysisError("the file has no recurrence sites")
            return np.where((matrix < 0).any(axis=1), np.nan, (matrix == 1).sum(axis=1))
        variable = self.variable(name)
        if variable.kind != "number":
            raise AnalysisError(f"'{name}' is {with_article(variable.kind)}, not a number")
        return read_only(self.column(variable.name).to_numpy(dtype=float))

    def n_missing(self, name: str) -> int:
        """Patients without a value of a factor, a number or a column; 0 where there is nothing of this name."""
        if self.behind is not None:
            known = name in self.columns or self.name_of(name) in (*self.factor_names(), *self.number_names())
            return self._asked_for(name).n_missing(name) if known or self.cut(self.name_of(name)) else 0
        try:
            return self.factor(name).n_missing
        except AnalysisError:
            try:
                return self.n_of(np.isnan(self.number(name)))
            except AnalysisError:
                return self.n_of(self.column(name).isna().to_numpy()) if name in self.columns else 0

    def spread(self, name: str, bins: int, within: tuple[float, float] | None = None) -> Spread:
        """How a number is spread over the patients.

        within: the range that the parts divide, such as all patients'; that of these patients' values without.

        Raises:
            AnalysisError: no such number.
        """
        if self.behind is not None:
            return self._asked_for(name).spread(name, bins, within)
        values, patients = self.number(name), self.patients
        known = ~np.isnan(values)
        values, patients = values[known], None if patients is None else patients[known]
        if not len(values):
            return Spread(0, math.nan, math.nan, math.nan, (0,) * bins, ((math.nan, math.nan),) * bins)
        low, high = float(values.min()), float(values.max())
        first, last = within or (low, high)
        edges = np.linspace(first, last if last > first else first + 1, bins + 1)
        parts = np.minimum(np.searchsorted(edges, values, side="right") - 1, bins - 1)
        least, most = np.full(bins, np.inf), np.full(bins, -np.inf)
        np.minimum.at(least, parts, values)
        np.maximum.at(most, parts, values)
        counts = tally(parts, patients, bins)
        least[counts == 0] = most[counts == 0] = np.nan
        ends = tuple(zip(least.tolist(), most.tolist(), strict=True))
        censored = self._censored(name)
        return Spread(
            int(counts.sum()), low, quantiles(values, (0.5,), patients)[0], high, tuple(counts.tolist()), ends, censored
        )

    def _censored(self, time: str) -> int:
        """Patients whose time of this name ended without the event of its endpoint; 0 for any other number."""
        of = next((n for n in self.endpoint_names() if self.dictionary.endpoints[n].time == time), None)
        if of is None:
            return 0
        endpoint = self.endpoint(of)
        return endpoint.n_of(endpoint.valid & ~endpoint.event)

    # ------------------------------------------------------------ sites
    @property
    def site_names(self) -> tuple[str, ...]:
        """The sites of the scheme for which the file says anything."""
        if not self.scheme.groups:
            return self.organ_names
        return tuple(g for g, organs in self.scheme.groups.items() if any(o in self.organ_names for o in organs))

    def sites_or_error(self) -> tuple[str, ...]:
        """The sites, for a question that needs some.

        Raises:
            AnalysisError: the file says nothing of any.
        """
        if not self.site_names:
            raise AnalysisError("the file has no recurrence sites: a column for each site, or one with their names")
        return self.site_names

    def site_label(self, site: str) -> str:
        return self.scheme.labels.get(site) or self.organ_label(site)

    def organ_label(self, organ: str) -> str:
        known = self.dictionary.organs.get(organ)
        return known.label if known else organ

    @property
    def site_matrix(self) -> np.ndarray:
        """int8 array, shape (n, len(site_names)): 1 with the site, 0 without, -1 not recorded."""
        whole = self.whole
        if "site_matrix" not in whole._cache:
            columns = [whole._site_column(site) for site in whole.site_names]
            shape = (len(whole), 0)
            whole._cache["site_matrix"] = read_only(np.column_stack(columns) if columns else np.zeros(shape, np.int8))
        matrix: np.ndarray = whole._cache["site_matrix"]
        return matrix if self.rows is None else matrix[self.rows]

    def site_codes(self, place: int) -> np.ndarray:
        """One column of `site_matrix`, that of `site_names[place]`: int8 array, shape (n,)."""
        column: np.ndarray = self.whole.site_matrix[:, place]
        return column if self.rows is None else column[self.rows]

    @property
    def site_marks(self) -> np.ndarray:
        """With which sites a patient is, eight sites a byte: uint8 array, shape (n_bytes, n), bit i % 8 of byte i // 8.

        A site that isn't recorded has no bit; `sites_unknown` tells where there are such.
        """
        whole = self.whole
        if "site_marks" not in whole._cache:
            bits = np.packbits(whole.site_matrix == 1, axis=1, bitorder="little")
            whole._cache["site_marks"] = read_only(np.ascontiguousarray(bits.T))
        marks: np.ndarray = whole._cache["site_marks"]
        return marks if self.rows is None else marks[:, self.rows]

    @property
    def sites_unknown(self) -> np.ndarray:
        """Which sites aren't recorded of every patient of the whole cohort: bool array, shape (n_sites,)."""
        whole = self.whole
        if "sites_unknown" not in whole._cache:
            whole._cache["sites_unknown"] = read_only(np.asarray((whole.site_matrix < 0).any(axis=0)))
        unknown: np.ndarray = whole._cache["sites_unknown"]
        return unknown

    def _site_column(self, site: str) -> np.ndarray:
        """A site of several is present with any of them, and not known to be absent where one of them isn't."""
        parts = self.scheme.combined.get(site) or {site: self.scheme.groups.get(site, (site,))}
        each = np.column_stack([self._group_column(own, organs) for own, organs in parts.items()])
        found, unknown = (each == 1).any(axis=1), (each < 0).any(axis=1)
        return np.where(found, 1, np.where(unknown, -1, 0)).astype(np.int8)

    def _group_column(self, site: str, organs: Sequence[str]) -> np.ndarray:
        """A site is present with any of its organs; a column of the site's own name decides when organs are blank."""
        members = [o for o in organs if o in self.organ_names]
        values = self.organs[:, [self.organ_names.index(o) for o in members]]
        column = np.where((values < 0).any(axis=1), -1, 0).astype(np.int8)
        if site in members:
            column = self.organs[:, self.organ_names.index(site)].copy()
        column[(values == 1).any(axis=1)] = 1
        return column

    def _site_factor(self, name: str, sites: str) -> Factor:
        """With or without a site; `lung|brain` is with any of them."""
        chosen = [self._site_named(site.strip()) for site in sites.split("|")]
        values = self.site_matrix[:, [self.site_names.index(site) for site in chosen]]
        codes = np.where((values == 1).any(axis=1), 1, np.where((values < 0).any(axis=1), -1, 0)).astype(np.int16)
        label = joined([self.site_label(site) for site in chosen], "or")
        return Factor(name, label, SITE_LEVELS, codes, SITES_KNOWN, SITES)

    def _site_named(self, site: str) -> str:
        """A site's name, also from its label."""
        if site in self.site_names:
            return site
        by_label = {normalise(self.site_label(s)): s for s in self.site_names}
        if normalise(site) not in by_label:
            told = f"the file has no site '{self.dictionary.place_label(site)}'"
            raise AnalysisError(self._unknown("site", site, self.site_names), told)
        return by_label[normalise(site)]

    def _organ_factor(self, name: str, organ: str) -> Factor:
        if organ not in self.organ_names:
            told = f"the file has no organ '{self.dictionary.place_label(organ)}'"
            raise AnalysisError(self._unknown("organ", organ, self.organ_names), told)
        codes = self.organs[:, self.organ_names.index(organ)].astype(np.int16)
        return Factor(name, self.organ_label(organ), SITE_LEVELS, codes, SITES_KNOWN, SITES)

    # ------------------------------------------------------------ endpoints
    def endpoint_names(self) -> tuple[str, ...]:
        """The endpoints that this file's columns allow."""
        return tuple(n for n in self.dictionary.endpoints if not self.endpoint_lacks(n))

    def endpoint_lacks(self, name: str) -> str:
        """What the file lacks for an endpoint, in words; empty where nothing."""
        cache, key = self.whole._cache, ("endpoint_lacks", name)
        if key not in cache:
            cache[key] = self._endpoint_columns(name).lacks()
        lacks: str = cache[key]
        return lacks

    def _endpoint_columns(self, name: str) -> EndpointColumns:
        name = self.endpoint_name(name)
        if name not in self.dictionary.endpoints:
            raise AnalysisError(self._unknown("endpoint", name, self.dictionary.endpoints))
        return EndpointColumns(
            self.dictionary.endpoints[name], self._table, self._organs, self.dictionary.variables, self._patients
        )

    def ends_before_start(self, name: str) -> np.ndarray:
        """Who lacks a time of an endpoint only as it would end before it starts; bool, shape (n,).

        Raises:
            AnalysisError: no such endpoint.
        """
        early: np.ndarray = self.whole._endpoint_columns(name).ends_before_start()
        return early if self.rows is None else early[self.rows]

    def event_after_end(self, name: str) -> np.ndarray:
        """Whose event of an endpoint is dated after the last observation, and counts at its own date; bool, shape (n,).

        Raises:
            AnalysisError: no such endpoint.

        Example:
            >>> int(cohort.event_after_end("OS").sum())
            0
        """
        late: np.ndarray = self.whole._endpoint_columns(name).event_after_end()
        return late if self.rows is None else late[self.rows]

    def endpoint(self, name: str) -> TimeToEvent:
        """Times and events of an endpoint.

        Raises:
            AnalysisError: no such endpoint, or the file lacks a column for it; the message says which.
        """
        whole = self.whole
        key = ("endpoint", name)
        if key not in whole._cache:
            columns = whole._endpoint_columns(name)
            if lacks := columns.lacks():
                raise AnalysisError(lacks)
            whole._cache[key] = columns.read()
        endpoint: TimeToEvent = whole._cache[key]
        return endpoint if self.rows is None else endpoint.take(self.rows)

    def observed(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """What is recorded of an endpoint, also of those who can't be analysed: a time, or what happened at it.

        Returns:
            Times in its unit, float, shape (n,), NaN: not known; and events, int8: 1 happened, 0 not, -1 not recorded.

        Raises:
            AnalysisError: no such endpoint, or the file lacks a column for it; the message says which.
        """
        whole, key = self.whole, ("observed", name)
        if key not in whole._cache:
            self.endpoint(name)  # tells what it lacks
            time, event, _ = whole._endpoint_columns(name).observed()
            whole._cache[key] = read_only(time), read_only(event)
        time, event = whole._cache[key]
        return (time, event) if self.rows is None else (time[self.rows], event[self.rows])

    def happened(self, name: str) -> np.ndarray:
        """Who is known to have an endpoint's event, with or without a time; bool, shape (n,).

        Raises:
            AnalysisError: no such endpoint.
        """
        event: np.ndarray = self.whole._endpoint_columns(name).events()[0] == 1
        return event if self.rows is None else event[self.rows]
