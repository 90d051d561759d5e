"""What one visitor's wizard holds between clicks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from necc.app.session.state import get_state, give_up
from necc.app.wizard.meanings import Meanings
from necc.core.dictionary import Dictionary, builtin_names
from necc.core.errors import CohortError, Finding
from necc.ingest import Inspection, Mapping, Opened, ReadOptions, inspect, open_file
from necc.ingest.build import Progress
from necc.ingest.mapping import ColumnMap
from necc.ingest.questions import CHOSEN, Answer, Asking, Question
from necc.ingest.raw import RawTable
from necc.ingest.suggest import best_dictionary, suggest_mapping

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
    tried: tuple[tuple[str, Mapping, str], Inspection] | None = None
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def take(self, data: bytes, filename: str, message: str = "") -> None:
        """Another file, from its first step on."""
        self.data, self.filename, self.message = data, filename, message
        self.read_options, self.codebook = ReadOptions(), b""
        self.open()

    def open(self, answered: Mapping | None = None) -> None:
        """Reads the bytes as text and guesses, or takes the mapping that this session knows for such columns.

        answered: the mapping with the answer that has the file read again; it is kept where the columns are the same.
        """
        self.opened, self.mapping, self.problems, self.tried = None, None, (), None
        try:
            self.opened = open_file(self.data, self.filename, read_options=self.read_options, codebook=self.codebook)
        except CohortError as error:
            self.problems = error.findings
            return
        if answered is not None and answered.signature == self.opened.raw.signature:
            self.set(answered)
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

    def settle(self, answer: Answer) -> None:
        """A person's answer to a question, shown at once; the file is read again where it changes how."""
        if answer.mapping.read_options != self.map.read_options:
            self.read_options = answer.mapping.read_options
            self.open(answer.mapping)
        else:
            self.set(answer.mapping)
        st.rerun()

    @property
    def asking(self) -> Asking:
        """The file as questions look at it."""
        return Asking(self.raw, self.dictionary, self.map)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is open."""
        return self.inspection().questions

    @property
    def counted(self) -> str:
        """What a row of the file is: no patient while identifiers repeat."""
        return self.asking.who

    def meanings(self) -> Meanings:
        """What a column may mean in this disease."""
        return Meanings(self.dictionary, self.raw.decimal)

    def inspection(self, progress: Progress | None = None) -> Inspection:
        """The file as the mapping reads it, kept until the mapping changes."""
        assert self.opened is not None
        key = (self.opened.digest, self.map, self.dictionary.name)  # with how sure each guess is: that is asked
        if self.tried is None or self.tried[0] != key:
            inspection = inspect(self.opened, mapping=self.map, dictionary=self.dictionary, progress=progress)
            self.tried = (key, inspection)
        return self.tried[1]
