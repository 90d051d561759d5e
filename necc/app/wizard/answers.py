"""What one visitor's wizard holds between clicks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from necc.app.session.state import get_state, give_up
from necc.app.wizard.meanings import CHOSEN, Meanings
from necc.core.dictionary import Dictionary, builtin_names
from necc.core.errors import CohortError, Finding
from necc.ingest import Inspection, Mapping, Opened, ReadOptions, inspect, open_file
from necc.ingest.build import Progress
from necc.ingest.mapping import ColumnMap
from necc.ingest.raw import RawTable
from necc.ingest.suggest import best_dictionary, suggest_mapping

UNSURE = 0.6
MANY = 60


@dataclass
class Wizard:
    """What one visitor's wizard holds. `turn` changes with the mapping, so that widgets show it anew.

    file_seen, handed: the last file of the wizard's own uploader, and of the sidebar's, which refused it.
    """

    data: bytes = b""
    filename: str = ""
    file_seen: str = ""
    handed: str = ""
    opened: Opened | None = None
    dictionary: Dictionary = field(default_factory=Dictionary.builtin)
    mapping: Mapping | None = None
    read_options: ReadOptions = ReadOptions()
    codebook: bytes = b""
    problems: tuple[Finding, ...] = ()
    message: str = ""
    disease_chosen: bool = False
    turn: int = 0
    tried: tuple[str, Inspection] | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def take(self, data: bytes, filename: str, message: str = "") -> None:
        """Another file, from its first step on."""
        self.data, self.filename, self.message = data, filename, message
        self.read_options, self.codebook = ReadOptions(), b""
        self.open()

    def open(self) -> None:
        """Reads the bytes as text and guesses, or takes the mapping that this session knows for such columns."""
        self.opened, self.mapping, self.problems, self.tried = None, None, (), None
        try:
            self.opened = open_file(self.data, self.filename, read_options=self.read_options, codebook=self.codebook)
        except CohortError as error:
            self.problems = error.findings
            return
        known = get_state().mapping_for(self.opened)
        if known is not None:
            self.message = "The mapping from before was applied: this file has the same columns."
            self.dictionary = get_state().dictionaries.get(self.opened.raw.signature, self.dictionary)
        elif not self.disease_chosen:
            offered = [Dictionary.builtin(name) for name in builtin_names()]
            self.dictionary = best_dictionary(self.opened.raw, offered)
        self.set(known or suggest_mapping(self.opened.raw, self.dictionary, self.read_options))

    def forget(self) -> None:
        """Gives up the file and all that was read of it; the mapping stays."""
        give_up(self.file_seen)
        give_up(self.handed)
        self.data, self.codebook, self.opened, self.tried, self.problems = b"", b"", None, None, ()

    @property
    def raw(self) -> RawTable:
        """The opened file as text."""
        assert self.opened is not None
        return self.opened.raw

    @property
    def map(self) -> Mapping:
        """What its columns mean so far."""
        assert self.mapping is not None
        return self.mapping

    def set(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.turn += 1

    def change(self, column: ColumnMap) -> None:
        self.set(self.map.with_column(column))

    def decide(self, how: ColumnMap, **changes: Any) -> None:
        """A person's own answer about a column, shown at once."""
        self.change(replace(how, **{"confidence": 1.0, "reason": CHOSEN, **changes}))
        st.rerun()

    @property
    def counted(self) -> str:
        """What a row of the file is: no patient while identifiers repeat."""
        names = [c.column for c in self.map.columns if c.role in ("identifier", "pseudonym")]
        columns = map(self.raw.column, names)
        repeats = any(raw is not None and (raw.counts > 1).any() for raw in columns)
        return "row" if repeats else "patient"

    def meanings(self) -> Meanings:
        """What a column may mean in this disease."""
        return Meanings(self.dictionary, self.raw.decimal)

    def inspection(self, progress: Progress | None = None) -> Inspection:
        """The file as the mapping reads it, kept until the mapping changes."""
        assert self.opened is not None
        key = f"{self.opened.digest}{self.map.key()}{self.dictionary.name}"
        if self.tried is None or self.tried[0] != key:
            inspection = inspect(self.opened, mapping=self.map, dictionary=self.dictionary, progress=progress)
            self.tried = (key, inspection)
        return self.tried[1]
