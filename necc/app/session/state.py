"""What one visitor has open: a cohort, its filters, and the way back.

All of it lives in the visitor's session, and ends with it. Nothing here draws.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from necc.app.session import links
from necc.app.session.desk import Desk
from necc.app.session.expiry import forget_in_time
from necc.app.session.sources import Configured, SourceFailed, Watched, opened
from necc.app.session.subcohorts import Shelf
from necc.core.cohort import Cohort
from necc.core.dictionary import Dictionary
from necc.core.edits import Edit, Step, apply_edits
from necc.core.errors import AnalysisError, CohortError, Finding, SelectionError
from necc.core.selection import PICKED, Condition, Group, Selection
from necc.core.text import joined, plural
from necc.ingest import Inspection, Opened, inspect, open_file, read_cohort
from necc.ingest import Mapping as FileMapping
from necc.launch import DATA_VARIABLE, dashboard_path
from necc.present.figures.picks import ONLY

SAMPLE = "reconstructed_cohort.csv"
KEY = "necc"
WIZARD, RESULTS = "necc-wizard", "necc-results"  # what else a session holds of its patients
UNDO_STEPS = 50
FILTERS = "filters"
NOT_HERE = (
    "Some filters of the link are of edits that this file doesn't have here: no link holds edits. Open the project "
    "that holds them, on the page Data, to see the same."
)
EDITED = (
    "What this address showed was after edits, which no address holds; what is shown here is without them. Open the "
    "project that holds them, on the page Data, to see the same."
)
BEFORE_THE_FILE = "flow-before"  # a choice that is about one file alone: the numbers typed for its flow diagram


@dataclass(frozen=True)
class Attempt:
    """The last file that was offered, and what reading it found."""

    filename: str
    accepted: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Choice:
    """A choice of the page that is shown, as it stands in the address: not at all where it is the usual one.

    name: in the address; blank for a person's own words, which never stand there.
    value: what is chosen, also where it is the usual one.
    """

    name: str
    words: tuple[str, ...] = ()
    value: object = None


@dataclass(frozen=True)
class Moment:
    """What was shown before a change: the filters, what was chosen, the edits. what: the change, in words."""

    selection: Selection
    chosen: Mapping[str, object]
    edits: tuple[Edit, ...]
    what: str


@dataclass
class State:
    """One visitor's session.

    whole: the cohort with its edits; `selection` narrows it. loaded: as the file gave it, before any edit; whole
        itself where there is none. edits: what is changed after reading; steps: what became of each.
    history: the ways back, the latest last. undone: what was undone, the latest last, until something else is changed.
    waiting: filters of the link that this cohort can't answer; another file may.
    private: the names of those that may be about one patient, which nothing keeps.
    chosen: what was chosen on the pages, by name. asked: what this run of the page asked for, by the same name; shown:
        what the last whole run did. linked: what the address chooses and no page could offer yet, by its name there.
    awaits: the mark of the file that the link was made for, until a file is loaded.
    link_place: where the link to copy is drawn, once the page has run.
    cards: figures and tables that the page shows, in its order, and recipes of its texts.
    touched: a person changed something in this run, so the address bar lags behind and isn't asked.
    written: the filters and choices last written to the address. seen: number of the panel's last change.
    mappings, dictionaries: how files with these columns are understood, by the columns' signature. edited: the edits
        that were made to such a file. earlier: those of the file before, whose columns were others.
    shelf: what was saved under names. desk: the project, and what this browser keeps.
    uploads: counts the uploaders; a fresh one has forgotten the bytes of the last file.
    unfinished: a file that was offered and needs a person's answers. mapping: how the loaded file was understood.
    file: its bytes, its name and its code book; None of the sample.
    source: the name of the table that is asked, where it isn't a file that is loaded. source_failed: one that couldn't
        be opened, and why.
    """

    whole: Cohort
    sample: bool = True
    selection: Selection = Selection()
    history: list[Moment] = field(default_factory=list)
    undone: list[Moment] = field(default_factory=list)
    waiting: tuple[tuple[str, str], ...] = ()
    attempt: Attempt | None = None
    added: tuple[str, ...] = ()
    chosen: dict[str, object] = field(default_factory=dict)
    asked: dict[str, Choice] = field(default_factory=dict)
    shown: dict[str, Choice] = field(default_factory=dict)
    linked: dict[str, list[str]] = field(default_factory=dict)
    awaits: str = ""
    link_place: DeltaGenerator | None = None
    messages: list[str] = field(default_factory=list)
    cards: list[object] = field(default_factory=list)
    touched: bool = False
    presenting: bool = False
    page: str = ""
    written: dict[str, list[str]] | None = None
    uploads: int = 0
    unfinished: Inspection | None = None
    file: tuple[bytes, str, bytes] | None = field(default=None, repr=False)
    mapping: FileMapping | None = None
    file_seen: str = ""
    seen: int = 0
    cohorts: dict[tuple[str, str], Cohort] = field(default_factory=dict)
    mappings: dict[str, FileMapping] = field(default_factory=dict)
    dictionaries: dict[str, Dictionary] = field(default_factory=dict)
    loaded: Cohort | None = None
    edits: tuple[Edit, ...] = ()
    steps: tuple[Step, ...] = ()
    edited: dict[str, tuple[Edit, ...]] = field(default_factory=dict)
    earlier: tuple[Edit, ...] = ()
    private: set[str] = field(default_factory=set)
    source: str = ""
    source_failed: tuple[str, str] | None = None
    shelf: Shelf = field(default_factory=Shelf)
    desk: Desk = field(default_factory=Desk)

    # ------------------------------------------------------------ the cohort
    @property
    def fingerprint(self) -> str:
        """What the cohort is: its bytes and their mapping (SHA-256), and how its sites are read."""
        return f"{self.whole.source.sha256}:{self.whole.scheme.name}"

    @property
    def cohort(self) -> Cohort:
        """The filtered cohort; the same object for the same filters, so that what hangs on it is found again."""
        key = (self.fingerprint, self.selection.key())
        if key not in self.cohorts:
            while len(self.cohorts) >= 8:
                self.cohorts.pop(next(iter(self.cohorts)))
            self.cohorts[key] = self.selection.apply(self.whole)
        return self.cohorts[key]

    def read_sites_through(self, scheme: str) -> None:
        """Swaps the site scheme; filters on sites that it doesn't have are left out and said."""
        self.touched = True
        if scheme != self.whole.scheme.name:
            self.adopt(self.as_loaded.with_scheme(scheme), self.sample)

    # ------------------------------------------------------------ edits
    @property
    def as_loaded(self) -> Cohort:
        """The cohort as the file gave it, before any edit; its sites are read as those of the edited one."""
        return self.loaded or self.whole

    def edit(self, edits: Iterable[Edit], what: str) -> None:
        """Takes other edits in place of those that there are, with a way back.

        what: the change, in words, for 'Undo'.
        """
        self.touched = True
        wanted = tuple(edits)
        if wanted != self.edits:
            self.remember(what)
            self._edit(wanted)

    def _edit(self, edits: tuple[Edit, ...]) -> None:
        """Applies edits to the cohort as loaded; filters that it can't answer any more are left out, and said."""
        before, loaded = self.whole, self.as_loaded
        made = apply_edits(loaded, edits)
        self.loaded, self.edits, self.steps, self.whole = loaded, edits, made.steps, made.cohort
        self.edited[self.columns] = edits
        self.selection, lost = self.selection.carried(before, self.whole)
        self.shelf.follow(before, self.whole)
        self.cohorts.clear()
        self.added = tuple(name for name in self.added if _answers(self.whole, name))
        if lost:
            names = joined([f"'{part.describe(before)}'" for part in lost])
            self.messages.append(f"The filter {names} was left out: the cohort has no such thing after the edit.")

    def put(self, loaded: Cohort, edits: tuple[Edit, ...], selection: Selection, chosen: Mapping[str, object]) -> None:
        """Puts a project's edits, filters and choices on the cohort as loaded, its sites read in the project's way."""
        self.touched = True
        if loaded.scheme.name != self.as_loaded.scheme.name:  # no way back to another scheme
            self.history.clear()
        self.selection = Selection()
        self.loaded = loaded
        self._edit(edits)
        self.selection, self.waiting = selection, ()
        self.chosen |= chosen

    @property
    def columns(self) -> str:
        """What files with the same columns have in common; the sample is known by its name."""
        if self.source:
            return f"source {self.source}"
        return SAMPLE if self.sample or self.mapping is None else self.mapping.signature

    # ------------------------------------------------------------ files
    def offer(self, data: bytes | Path, filename: str, progress=None) -> bool:
        """Reads a file. An error keeps the cohort that is loaded; the findings are kept either way.

        What is refused or has no endpoint is left `unfinished`, for a person to say what its columns mean.
        """
        inspection = self._inspected(data, filename, progress)
        self.attempt = Attempt(filename, inspection.accepted, inspection.findings)
        if inspection.cohort is not None:
            self._open(inspection.cohort, inspection.mapping)
            self._keep_file(inspection.opened)
        whole = inspection.cohort is not None and bool(inspection.cohort.endpoint_names())
        self.unfinished = None if whole else inspection
        return inspection.accepted

    def _inspected(self, data: bytes | Path, filename: str, progress) -> Inspection:
        """The file, by the mapping of the project that waits or of this session, where there is one for its columns."""
        if not self.mappings and self.desk.waiting is None and not self.desk.texts:
            return inspect(data, filename, progress=progress)
        try:
            opened, mapping = self._opened(data, filename)
        except CohortError as error:
            return Inspection(None, error.findings)
        known = self.dictionaries.get(opened.raw.signature)
        inspection = inspect(opened, mapping=mapping, dictionary=known, progress=progress)
        if mapping is not None:
            notice = Finding("info", "mapping-applied", "the mapping saved earlier for the same columns was applied")
            inspection = replace(inspection, findings=(*inspection.findings, notice))
        return inspection

    def _opened(self, data: bytes | Path, filename: str) -> tuple[Opened, FileMapping | None]:
        """A file, and the mapping for it: of the project that waits, where the file may be its, or of this session.

        Raises:
            CohortError: it can't be read as a table.
        """
        held = self.desk
        if held.waiting is not None:
            from necc.project import belongs, open_for

            opened = open_for(held.waiting, data, filename)
            held.meets = belongs(held.waiting, opened.raw)
        else:
            opened = open_file(data, filename)
        self._recall(opened.raw.signature)
        if held.waiting is not None and held.meets and held.waiting.mapping is not None:
            from necc.project import fitted

            mapping, held.findings = fitted(held.waiting.mapping, opened.raw)
            return opened, mapping
        return opened, self.mapping_for(opened)

    def _recall(self, columns: str) -> None:
        """Has the project wait that was put aside for files with these columns, where none waits for this file."""
        held = self.desk
        if columns not in held.texts or columns == self.columns or (held.waiting is not None and held.meets):
            return
        from necc.project import Project

        if held.waiting is not None:
            held.put_aside(held.waiting.data.signature, held.waiting.to_toml())
        held.waiting, held.meets = Project.from_toml(held.texts[columns])[0], True

    def mapping_for(self, opened: Opened) -> FileMapping | None:
        """The mapping of an earlier file with the same columns."""
        return self.mappings.get(opened.raw.signature)

    def load_mapped(
        self, cohort: Cohort, mapping: FileMapping, known: Dictionary, findings: tuple[Finding, ...],
        opened: Opened | None = None,
    ) -> None:  # fmt: skip
        """Puts a cohort of the wizard in place, and keeps its mapping for files with the same columns."""
        self.touched = True
        self.mappings[mapping.signature], self.dictionaries[mapping.signature] = mapping, known
        self.attempt = Attempt(cohort.source.filename, True, findings)
        self._open(cohort, mapping)
        self._keep_file(opened)

    def adopt(self, cohort: Cohort, sample: bool) -> None:
        """Puts a cohort in place, with the edits made to such a file; filters that it can't answer are left out, and
        said."""
        texts = links.to_pairs(self.selection, self.whole)
        before, mark = self.as_loaded.source.sha256, links.cohort_mark(cohort)
        expected = mark == self.awaits
        if expected and self.whole.scheme.name in cohort.dictionary.schemes:
            cohort = cohort.with_scheme(self.whole.scheme.name)  # the link's, which is shown already
        waited, another = set(self.waiting), cohort.source.sha256 != before
        if another:
            self.awaits = ""
            self.messages.clear()
            st.session_state.pop(RESULTS, None)
            self.desk.presented = self.desk.case = None
            self.chosen.pop(BEFORE_THE_FILE, None)
        self.sample, self.loaded = sample, cohort
        edits = self.edited.get(self.columns, ())
        if another and self.edits and not edits and not sample:
            self.earlier = self.edits
            n = plural(len(self.earlier), "edit")
            self.messages.append(f"{n} of the earlier file don't hold here; to make them here, too, see Data, 'Edit'.")
        made = apply_edits(cohort, edits)
        cohort = self.whole = made.cohort
        self.edits, self.steps = edits, made.steps
        if another and edits:
            n = plural(len(edits), "edit")
            self.messages.append(f"{n} made earlier to a file with these columns apply here, too: see Data, 'Edit'.")
        if another and links.unlinked(self.selection):
            self.messages.append("The patients picked by hand were of the earlier file; they are no filter any more.")
        held = None if another else self.selection
        self.selection, self.waiting = links.from_pairs((*texts, *self.waiting), cohort, held)
        self.history.clear()
        self.undone.clear()
        if another and self.selection and not expected:
            self.history.append(Moment(Selection(), dict(self.chosen), self.edits, FILTERS))
            self.messages.append("Your earlier filters apply to this file too; 'Undo' removes them.")
        self.cohorts.clear()
        self.added = tuple(name for name in self.added if _answers(cohort, name))
        if expected and self.waiting:  # it is the link's own file, so no other can answer them
            self.messages.append(NOT_HERE)
            self.waiting = ()
        if lost := [name for name, value in self.waiting if (name, value) not in waited]:
            names = joined(list(dict.fromkeys(links.choice_label(name, cohort) for name in lost)))
            self.messages.append(f"This cohort lacks the data for the filter on {names}; it was left out.")

    def _open(self, cohort: Cohort, mapping: FileMapping | None) -> None:
        """Opens a file, without a mapping the sample. The project of one with other columns is put aside; the project
        that waits for this one is put in place."""
        mine = SAMPLE if mapping is None else mapping.signature
        if mine != self.columns:
            self._put_aside()
        self.mapping, self.file, self.source = mapping, None, ""
        self.adopt(cohort, sample=mapping is None)
        if self.desk.waiting is not None and self.desk.meets:
            from necc.app.session import project  # brings in analyses, which the start doesn't need

            project.place(self)

    def open_source(self, name: str, cohort: Cohort) -> None:
        """Puts a table in place that is asked for counts; of a file nothing is kept.

        Args:
            name: how it is called.
            cohort: with the source behind it.
        """
        self.touched, self.attempt, self.unfinished, self.source_failed = True, None, None, None
        self.forget_upload()
        if WIZARD in st.session_state:
            st.session_state[WIZARD].forget()
        self._put_aside()
        self.mapping, self.file, self.source = None, None, name
        self.adopt(cohort, sample=False)

    def _keep_file(self, opened: Opened | None) -> None:
        """Keeps a file's bytes, from which scripts of a report read it again."""
        self.file = (opened.data, opened.filename, opened.codebook) if opened and opened.data else None

    def inspection(self) -> Inspection | None:
        """How the loaded file is read, the file itself with it; None where its bytes aren't at hand."""
        if self.sample:
            return inspect(sample_path())
        if self.file is None or self.mapping is None:
            return None
        data, filename, codebook = self.file
        opened = open_file(data, filename, read_options=self.mapping.read_options, codebook=codebook)
        known = self.dictionaries.get(opened.raw.signature)
        found = inspect(opened, mapping=self.mapping, dictionary=known)
        same = found.cohort is not None and found.cohort.source.sha256 == self.as_loaded.source.sha256
        return found if same else None

    def _put_aside(self) -> None:
        held = self.desk
        if self.source:  # no project is made of it
            held.begin_anew()
            return
        if self.edits or held.title or held.exhibits or (self.selection and not self.sample):
            from necc.app.session import project

            held.put_aside(self.columns, project.gather(self)[0].to_toml())
        held.begin_anew()

    def forget_upload(self, file_id: str = "") -> None:
        """A fresh uploader: of the file its bytes are kept, with the cohort, until another is loaded."""
        give_up(file_id or self.file_seen)
        self.uploads += 1

    def back_to_sample(self) -> None:
        """Nothing of the file is kept but how its columns are understood, and its project, which holds no patient."""
        self.touched, self.attempt, self.unfinished, self.source_failed = True, None, None, None
        self.forget_upload()
        if WIZARD in st.session_state:
            st.session_state[WIZARD].forget()
        self._open(sample(), None)

    # ------------------------------------------------------------ filters
    def select(self, selection: Selection) -> None:
        """Changes the filters, with a way back."""
        self.touched = True
        self._replace(selection)

    def _replace(self, selection: Selection) -> None:
        if selection.key() != self.selection.key():
            self.remember(FILTERS)
        self.selection = selection

    def remember(self, what: str) -> None:
        """Keeps what is shown, before something is changed, as a way back.

        what: the change, in words.
        """
        self.history = [*self.history[-UNDO_STEPS:], Moment(self.selection, dict(self.chosen), self.edits, what)]
        self.undone.clear()

    def set_condition(self, condition: Condition) -> None:
        """One filter; without a level and a range it is none."""
        empty = not (condition.levels or condition.is_range or condition.keep_missing)
        self.select(self.selection.without(condition.name) if empty else self.selection.replace(condition))

    def pick(self, texts: str) -> None:
        """A click on a mark of a figure: filters by its conditions, one a line; a second click takes them out again.

        One level adds up with the levels of the same name that are chosen; a range, and several conditions at once,
        take the place of those on the same names, so that just the patients of the mark are left. After a line `only`
        they take the place of all filters. What this cohort can't answer changes nothing.
        """
        names = (*self.whole.columns, *self.whole.factor_names())
        alone, lines = texts.split("\n")[0] == ONLY, texts.split("\n")
        try:
            found = Selection.parse(lines[alone:], names)
            found.mask(self.whole)
            conditions = [c.spelled(self.whole) for c in found.conditions]
        except (SelectionError, AnalysisError):
            return
        if alone:
            wanted = Selection(tuple(conditions), tuple(g.spelled(self.whole) for g in found.groups))
            self.select(Selection() if wanted.key() == self.selection.key() else wanted)
            return
        if len(conditions) == 1 and not conditions[0].is_range:
            self._toggle(conditions[0])
            return
        there = all(self.selection.get(c.name) == c for c in conditions)
        selection = self.selection
        for c in conditions:
            selection = selection.without(c.name) if there else selection.replace(c)
        self.select(selection)

    def _toggle(self, one: Condition) -> None:
        """Levels of a factor, and those without a value, in or out."""
        old = self.selection.get(one.name) or Condition(one.name)
        old = Condition(one.name) if old.is_range else old
        there = set(one.levels) <= set(old.levels) and (old.keep_missing or not one.keep_missing)
        if there:
            levels = tuple(x for x in old.levels if x not in one.levels)
            missing = old.keep_missing and not one.keep_missing
        else:
            levels = tuple(dict.fromkeys((*old.levels, *one.levels)))
            missing = old.keep_missing or one.keep_missing
        self.set_condition(Condition(one.name, levels, keep_missing=missing))

    def leave_out(self, chosen: Condition) -> None:
        """Leaves out patients picked by hand, beside those that were left out before."""
        rest, levels = self.selection, chosen.levels
        for group in rest.groups:
            if group.how == "none" and group.names == (PICKED,):
                rest, levels = rest.without_group(group), (*group.conditions[0].levels, *levels)
        self.select(replace(rest, groups=(*rest.groups, Group((replace(chosen, levels=levels),), "none"))))

    def choose(self, name: str, value: object, what: str) -> None:
        """Keeps a choice of a page, with a way back."""
        self.touched = True
        if self.chosen.get(name) != value:
            self.remember(what)
        self.chosen[name] = value

    def rechoose(self, gone: Iterable[str], new: Mapping[str, object], what: str) -> None:
        """Takes some choices back to the usual and makes others, in one step that can be undone."""
        self.touched, leaving = True, {*gone}
        chosen = {name: value for name, value in self.chosen.items() if name not in leaving} | dict(new)
        if chosen != self.chosen:
            self.remember(what)
        self.chosen = chosen

    def undo(self) -> None:
        """Takes back the last change of a filter, a choice or an edit."""
        self._go(self.history, self.undone)

    def redo(self) -> None:
        """Makes again what was undone last."""
        self._go(self.undone, self.history)

    def _go(self, source: list[Moment], other: list[Moment]) -> None:
        self.touched = True
        if source:
            moment = source.pop()
            other.append(Moment(self.selection, dict(self.chosen), self.edits, moment.what))
            if moment.edits != self.edits:
                self._edit(moment.edits)
                self.messages.clear()  # the filters of that moment come back with it
            self.selection, self.chosen = moment.selection, dict(moment.chosen)

    def follow_link(self, query: Mapping[str, list[str]]) -> None:
        """Takes the filters of the address, and has the page take its choices when it asks for them.

        Patients picked by hand stay: no address tells of them.
        """
        held = self.selection
        self.linked = links.choices_of(query)
        self._read_as(query.get(links.SCHEME, [""])[0])
        for name, choice in self.shown.items():
            if choice.name and choice.name not in self.linked:
                self.chosen.pop(name, None)
        selection, self.waiting = links.from_pairs(links.pairs_of(query), self.whole, held)
        self._replace(selection)
        self.touched = False

    def _read_as(self, scheme: str) -> None:
        """The site scheme of the address; the usual one where it names none."""
        schemes = self.whole.dictionary.schemes
        if scheme and scheme not in schemes:
            self.linked[links.SCHEME] = [scheme]
        elif self.whole.scheme.name != (scheme := scheme or self.whole.dictionary.default_scheme.name):
            self.selection, self.waiting = Selection(), ()
            self.adopt(self.as_loaded.with_scheme(scheme), self.sample)


def begin_asking(state: State) -> None:
    """A run of the page, or of a part of it, begins: what failed in the last one may be asked again."""
    if isinstance(state.whole.behind, Watched):
        state.whole.behind.begin()


def kept() -> str:
    """How long a file is remembered, as the server is set."""
    minutes = round(int(st.get_option("server.disconnectedSessionTTL") or 0) / 60)
    if forget_in_time():
        return f"It is removed from memory by 'Back to the sample', or {minutes} minutes after the page is closed."
    return (
        f"It is removed from memory by 'Back to the sample', or when somebody opens the dashboard {minutes} minutes or "
        "more after the page was closed."
    )


def give_up(file_id: str) -> None:
    """Streamlit holds an uploaded file until its session ends, also when no uploader shows it any more."""
    context = get_script_run_ctx()
    if context and file_id and hasattr(context.uploaded_file_mgr, "remove_file"):
        context.uploaded_file_mgr.remove_file(context.session_id, file_id)


def _answers(cohort: Cohort, name: str) -> bool:
    return name in cohort.factor_names() or name in cohort.number_names()


def started() -> bool:
    """Whether this session has its state."""
    return KEY in st.session_state


def get_state() -> State:
    """This session's state; at its first call the sample, or the file the dashboard was started with."""
    if not started():
        st.session_state[KEY] = _first_state()
    return st.session_state[KEY]


def _first_state() -> State:
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    new = State(sample())
    path = os.environ.get(DATA_VARIABLE)
    if path:
        _open_first(new, Path(path))
    new.presenting = query.get("view") == ["presentation"]
    new.follow_link(query)
    new.history.clear()
    new.undone.clear()
    if query.get(links.EDITS):
        new.messages.append(EDITED)
    wanted = query.get("cohort", [""])[0]
    if wanted and wanted != links.cohort_mark(new.whole):
        new.awaits = wanted
        new.messages.append(
            "This link, or the previous session, showed the filters on another file. Patient data are never part of a "
            "link and never outlast a session: load that file again to see the same."
        )
    elif new.waiting:
        names = joined(list(dict.fromkeys(links.choice_label(name, new.whole) for name, _ in new.waiting)))
        new.messages.append(
            f"The link filters by {names}, for which this cohort lacks the data; load the file it was made for."
        )
    return new


def _open_first(new: State, path: Path) -> None:
    """Opens the file that the dashboard was started with: it is loaded, or asked for counts where it is too large."""
    from necc.engine import is_large

    if not is_large(path):
        new.offer(path, path.name)
        return
    beside = path.with_name(f"{path.name}.mapping.toml")
    one = Configured(path.name, str(path), mapping=str(beside) if beside.is_file() else "")
    try:
        new.open_source(one.name, opened(one))
    except SourceFailed as error:
        new.source_failed = one.name, error.told


@cache
def sample() -> Cohort:
    """The shipped cohort; nobody's data, so all sessions share it."""
    return read_cohort(sample_path())


def sample_path() -> Path:
    return dashboard_path().parent / "sample_data" / SAMPLE


def whole() -> Cohort:
    """The cohort as loaded, before any filter."""
    return get_state().whole
