"""A file whose columns are being understood: what one visitor has said about it between clicks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from necc.app.session.state import WIZARD, Attempt, State, get_state, give_up
from necc.core.cohort import Cohort
from necc.core.dictionary import Dictionary
from necc.core.errors import CohortError, Finding
from necc.ingest import Inspection, Mapping, Opened, ReadOptions, inspect, open_file
from necc.ingest.build import Progress
from necc.ingest.mapping import CHOSEN, ColumnMap
from necc.ingest.questions import Answer, Asking, Question
from necc.ingest.raw import RawTable
from necc.ingest.understand import understand

MANY = 60


@dataclass
class Draft:
    """A file before it is a cohort. `turn` changes with the mapping, so that widgets show it anew.

    file_seen: the last file of its own page's uploader. steps: what was settled, with the mapping before it.
    """

    data: bytes = b""
    filename: str = ""
    file_seen: str = ""
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
    steps: list[tuple[str, Mapping]] = field(default_factory=list)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def take(self, data: bytes, filename: str, message: str = "") -> None:
        """Another file, from its first step on."""
        self.data, self.filename, self.message = data, filename, message
        self.read_options, self.codebook, self.steps = ReadOptions(), b"", []
        self.open()

    def receive(self, app: State) -> None:
        """The file that was offered elsewhere and couldn't be used as it is; nobody should have to choose it again."""
        inspection, app.unfinished = app.unfinished, None
        if inspection is None or inspection.opened is None or inspection.mapping is None:
            return
        self.message = "It could not be loaded as it is: say here what its columns mean."
        if inspection.accepted:
            self.message = "It is loaded without an endpoint: say here what its columns mean."
        opened = inspection.opened
        self.data, self.filename, self.codebook = opened.data, opened.filename, opened.codebook
        self.opened, self.problems, self.steps = opened, (), []
        self.read_options, self.dictionary = opened.read_options, inspection.dictionary or self.dictionary
        self.set(inspection.mapping)
        self.tried = (self._key, inspection)

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
            self.set(known)
        else:
            self.guess()

    def guess(self) -> None:
        """Understands the file anew, in the words of the disease that a person chose or that fits best."""
        chosen = self.dictionary if self.disease_chosen else None
        understanding = understand(self.raw, chosen, read_options=self.read_options)
        self.dictionary = understanding.dictionary
        self.set(understanding.mapping)

    def forget(self) -> None:
        """Gives up the file and all that was read of it; the mapping stays."""
        give_up(self.file_seen)
        self.data, self.codebook, self.opened, self.tried, self.problems = b"", b"", None, None, ()
        self.steps = []

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

    def settle(self, answer: Answer, what: str = "") -> None:
        """A person's answer to a question, shown at once; the file is read again where it changes how.

        what: the question or the fault that it settles, for the list of what was settled.
        """
        self.answer(answer, what)
        st.rerun()

    def answer(self, answer: Answer, what: str = "") -> None:
        """Takes an answer, without showing anything."""
        self.steps.append((f"{what}: {answer.label}" if what else answer.label, self.map))
        if answer.mapping.read_options != self.map.read_options:
            self.read_options = answer.mapping.read_options
            self.open(answer.mapping)
        else:
            self.set(answer.mapping)
        app = get_state()
        if app.attempt is not None and not app.attempt.accepted and app.attempt.filename == self.filename:
            inspection = self.inspection()
            app.attempt = Attempt(self.filename, False, inspection.findings)

    def undo(self) -> None:
        """Takes back what was settled last."""
        if self.steps:
            self.set(self.steps.pop()[1])

    def load(self, cohort: Cohort, findings: tuple[Finding, ...]) -> None:
        """Puts the cohort in place; of the file its mapping and its bytes are kept, for scripts that read it again."""
        app = get_state()
        app.load_mapped(cohort, self.map, self.dictionary, findings, self.opened)
        app.forget_upload()
        self.forget()

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

    @property
    def _key(self) -> tuple[str, Mapping, str]:
        """What an inspection depends on, with how sure each guess is: that is asked."""
        return (self.opened.digest if self.opened else "", self.map, self.dictionary.name)

    def inspection(self, progress: Progress | None = None) -> Inspection:
        """The file as the mapping reads it, kept until the mapping changes."""
        assert self.opened is not None
        key = self._key
        if self.tried is None or self.tried[0] != key:
            inspection = inspect(self.opened, mapping=self.map, dictionary=self.dictionary, progress=progress)
            self.tried = (key, inspection)
        return self.tried[1]


def draft() -> Draft:
    """This session's draft."""
    result: Draft = st.session_state.setdefault(WIZARD, Draft())
    return result
