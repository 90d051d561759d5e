"""A centre's own record of the files that it made: no two of them may differ by so few patients that these are told.

Who has two files has their difference. A file of today less the one of yesterday is the table of the patients who came
in between; of few patients that is their rows. The ledger knows earlier files' patients by salted hashes, and refuses
the second file. It stays at the centre: its salt is in it, and who has it can try out values.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from necc.centres.file import CentreFile
from necc.core.canonical import canonical, sealed, unsealed
from necc.core.coarse import coarse_times
from necc.core.cohort import Cohort
from necc.core.counts import raw_organs
from necc.core.errors import AnalysisError
from necc.core.files import write_whole
from necc.core.text import plural

FORMAT = "necc.ledger/1"
LENGTH = 24  # hexadecimal digits of a mark: two of 10 million patients share one with a chance of 1e-15
Marks = Mapping[str, int]


def default_ledger() -> Path:
    """Where a person's ledger is: `necc/centre-files.json` in the folder for data that the system names."""
    base = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".local" / "share") / "necc" / "centre-files.json"


@dataclass(frozen=True)
class Entry:
    """One file that was made.

    tables: a mark of what its tables count, and how. who: marks of its patients, each with how many have it. what: of
    who and what is counted of each. sha256: of the file.
    """

    tables: str
    n: int
    who: Marks
    what: Marks
    sha256: str


@dataclass(frozen=True)
class Ledger:
    """Earlier files, by salted hashes; see `read_ledger`."""

    salt: str
    entries: tuple[Entry, ...] = ()
    path: Path | None = field(default=None, compare=False)

    def entry(self, cohort: Cohort, file: CentreFile) -> Entry:
        """A file of these patients as the ledger keeps it."""
        who = _patients(cohort)
        if who is None:  # an engine's counts have no rows to be known by
            cells = Counter(self._marks(_cells(file)))
            return Entry(_definition(file), file.patients, cells, cells, file.sha256)
        told = [f"{one}|{of_one}" for one, of_one in zip(who, _rows_of(cohort, file), strict=True)]
        return Entry(_definition(file), file.patients, Counter(self._marks(who)), Counter(self._marks(told)),
                     file.sha256)  # fmt: skip

    def _marks(self, texts: Iterable[str]) -> list[str]:
        key = bytes.fromhex(self.salt)
        return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:LENGTH] for text in texts]

    def refusal(self, entry: Entry, smallest_cell: int) -> str:
        """Why a file isn't to be made, in words; "" where it may be."""
        if any((known.tables, known.what) == (entry.tables, entry.what) for known in self.entries):
            return ""  # the same tables were handed on before
        for earlier in self.entries:
            if told := _refused(earlier, entry, smallest_cell):
                return told
        return ""

    def with_entry(self, entry: Entry) -> Ledger:
        """The ledger with one more file; a file that is in it already isn't kept twice."""
        if any(known.sha256 == entry.sha256 for known in self.entries):
            return self
        return Ledger(self.salt, (*self.entries, entry), self.path)

    def to_bytes(self) -> bytes:
        return sealed({"format": FORMAT, "salt": self.salt, "files": [
            {"tables": e.tables, "n": e.n, "who": dict(e.who), "what": dict(e.what), "sha256": e.sha256}
            for e in self.entries]})  # fmt: skip

    def write(self) -> None:
        """Writes it where it was read from, for its owner alone.

        Raises:
            AnalysisError: it can't be written.
        """
        path = self.path or default_ledger()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.touch(mode=0o600)
            write_whole(path, self.to_bytes())
        except OSError as error:
            raise AnalysisError(f"the ledger '{path}' can't be written: {error.strerror or 'unknown reason'}; "
                                "name another with --ledger FILE") from None  # fmt: skip


def read_ledger(path: Path | None = None) -> Ledger:
    """The ledger of a file; a new one with a salt of its own where there is none yet.

    Raises:
        AnalysisError: it can't be read, is damaged, or was altered.
    """
    path = path or default_ledger()
    try:
        data = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise AnalysisError(f"the ledger '{path}' can't be read: {error.strerror or 'unknown reason'}") from None
    if not data:
        return Ledger(secrets.token_hex(32), (), path)
    content = unsealed(data, path.name)
    try:
        if content["format"] != FORMAT:
            raise ValueError
        entries = tuple(Entry(str(e["tables"]), int(e["n"]), dict(e["who"]), dict(e["what"]), str(e["sha256"]))
                        for e in content["files"])  # fmt: skip
        return Ledger(bytes.fromhex(content["salt"]).hex(), entries, path)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AnalysisError(f"'{path.name}' isn't a ledger of centres' files ({FORMAT}); name another with --ledger "
                            "FILE") from None  # fmt: skip


# ---------------------------------------------------------------- two files
def _refused(earlier: Entry, entry: Entry, smallest_cell: int) -> str:
    """Why a file isn't made beside an earlier one. Who left and who came stand in their difference with other signs."""
    left, came = _less(earlier.who, entry.who), _less(entry.who, earlier.who)
    if earlier.tables != entry.tables:
        if max(left, came) >= smallest_cell:
            return ""
        whose = "the same patients" if not left + came else f"patients of whom {_but(left, came)}"
        return (f"an earlier file holds other tables of {whose}: both side by side tell more of each patient than one. "
                "Make the same tables again, or one file with all that is agreed on")  # fmt: skip
    gone, new = _less(earlier.what, entry.what), _less(entry.what, earlier.what)
    few = [n for n in (gone, new) if 0 < n < smallest_cell]
    if not few:
        return ""
    changed = max(gone - left, new - came, 0)
    told = _but(left, came) if left + came else ""
    if changed:
        told += f"{' and ' if told else ''}{plural(changed, 'patient')} {'have' if changed > 1 else 'has'} other values"
    fewer = f"fewer than {plural(smallest_cell, 'patient')}"
    return (f"beside an earlier file {told}: their difference tells of {fewer} by themselves. Wait until more have "
            "come, or hand on the earlier file")  # fmt: skip


def _but(left: int, came: int) -> str:
    parts = [f"{plural(n, 'patient')} {'were' if n > 1 else 'was'} {how}"
             for n, how in ((came, "added"), (left, "left out")) if n]  # fmt: skip
    return " and ".join(parts)


def _less(one: Marks, other: Marks) -> int:
    """Patients of one who aren't in the other."""
    return sum(max(0, n - other.get(mark, 0)) for mark, n in one.items())


def _definition(file: CentreFile) -> str:
    """What the tables count and how, as one mark; whose file it is and how many there are doesn't matter."""
    grids = {name: endpoint["time_grid"] for name, endpoint in file.endpoints.items()}
    levels = {f["name"]: f["source"] for f in file.factors}
    said = {"grids": grids, "factors": levels, "sites": file.sites["names"],
            "tables": {name: table["columns"] for name, table in file.tables.items()}}  # fmt: skip
    return hashlib.sha256(canonical(said)).hexdigest()


def _cells(file: CentreFile) -> list[str]:
    """Each patient of the largest table as its cell, in words."""
    name, table = max(file.tables.items(), key=lambda item: len(item[1]["rows"]))
    return [f"{name}:{json.dumps(row[:-1])}" for row in table["rows"] for _ in range(row[-1])]


def _patients(cohort: Cohort) -> list[str] | None:
    """By what each patient is known again: the identifier, or without one all that the file has; None without rows."""
    if cohort.behind is not None or cohort.patients is not None:
        return None
    if cohort.id_column:
        return [f"id:{one}" for one in cohort.ids]
    return _texts(cohort.table, raw_organs(cohort))


def _rows_of(cohort: Cohort, file: CentreFile) -> list[str]:
    """What a file counts of each patient, times by its grid, in words."""
    columns: dict[str, Any] = {}
    for name, endpoint in file.endpoints.items():
        time, event = cohort.observed(name)
        columns[f"{name} time"] = np.round(coarse_times(time, endpoint["time_grid"], endpoint["unit"]), 6)
        columns[f"{name} event"] = event
    for factor in file.factors:
        known = cohort.factor(factor["name"])
        columns[factor["name"]] = np.array([*known.levels, ""], dtype=object)[known.codes]
    sites = cohort.site_matrix if file.sites["names"] else np.zeros((len(cohort), 0), dtype=np.int8)
    return _texts(pd.DataFrame(columns, index=range(len(cohort))), sites)


def _texts(table: pd.DataFrame, organs: np.ndarray) -> list[str]:
    texts = [column.astype(str).tolist() for _, column in table.items()]
    texts += [column.tolist() for column in organs.T]
    return [json.dumps(row) for row in zip(*texts, strict=True)] if texts else ["[]"] * len(table)
