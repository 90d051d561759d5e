"""What a session keeps of a project beside what its pages show: its title, its exhibits, and the one that waits.

A browser may keep the project where a person said so: a reload or a restarted server then brings back all but the file.
Light on purpose: the bar of every page asks for it; what puts a project in place is `session.project`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from necc.analysis.patient import Case
    from necc.analysis.prediction import ModelComparison
    from necc.core.errors import Finding
    from necc.present.figures.settings import CurveSettings
    from necc.project import Exhibit, Project, Subcohort
    from necc.project.model import Plain

Answer = Literal["", "yes", "no"]
MOST = 12  # files whose projects are held, and kept by a browser


@dataclass(frozen=True)
class Made:
    """Files of a report, to be taken.

    of: what they were made of. downloads: name, what it is called, content and media type of each. problems: what
    isn't in them, in words.
    """

    of: object
    downloads: tuple[tuple[str, str, bytes, str], ...] = field(repr=False)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Presented:
    """What is shown to a room instead of the page, and what was changed while it was.

    what: the report, or the case of a patient. question: what a board is asked about her; in memory alone.
    by: what curves are compared by there; blank is as the exhibits say. only: a filter as a text, beside theirs.
    """

    what: Literal["report", "case"]
    case: Case | None = field(default=None, repr=False)
    question: str = field(default="", repr=False)
    by: str = ""
    only: str = ""


@dataclass
class Desk:
    """One visitor's.

    title: the person's own. exhibits: those of the report, in order; deleted: those that were taken away, together as
        they were, each with its place, the latest last.
    hide_below: counts of fewer patients are hidden in the files of the report; 0 hides none.
    made: the files of the report that were made last.
    presented: what is shown to a room; None for the page. presentations: how often one was begun.
    case: the one that is open on a page, with what a board is asked about it.
    compared: the prediction models that were compared last, of which file and filters.
    waiting: a project that waits for its file; meets: whether the file that was offered last may be that.
    findings: what didn't fit when the last one was put in place.
    opened: that project itself, for what isn't shown of it, and its numbers, to be compared.
    unmet, unmet_subcohorts: filters (as texts) and sub-cohorts of it that this file can't answer, for one that can.
    smallest: patients of which the project keeps numbers at least, where a person said so.
    shaped: the settings of figures that were drawn last, by the figure. unshaped: those of a project that was opened,
        until such a figure is drawn.
    answer: whether this browser may keep the project; blank where nobody said. seen: what it held was told in this
        session. refused: it keeps nothing, by its settings or as it is full.
    text: what it is given to keep; made_of: what that was made from. names_somebody: a text in it may name a patient,
        so that it isn't given.
    texts: projects of other files, by what their columns are known by, the latest last.
    """

    title: str = ""
    exhibits: tuple[Exhibit, ...] = ()
    deleted: tuple[tuple[tuple[int, Exhibit], ...], ...] = ()
    hide_below: int = 0
    made: Made | None = None
    presented: Presented | None = None
    presentations: int = 0
    case: tuple[Case, str] | None = field(default=None, repr=False)
    compared: tuple[tuple[str, str], ModelComparison] | None = field(default=None, repr=False)
    waiting: Project | None = None
    meets: bool = False
    opened: Project | None = None
    findings: tuple[Finding, ...] = ()
    smallest: int | None = None
    shaped: dict[str, CurveSettings] = field(default_factory=dict)
    unshaped: dict[str, Mapping[str, Plain]] = field(default_factory=dict)
    answer: Answer = ""
    seen: bool = False
    refused: bool = False
    text: str = ""
    names_somebody: bool = False
    made_of: object = None
    texts: dict[str, str] = field(default_factory=dict)
    unmet: tuple[str, ...] = ()
    unmet_subcohorts: tuple[Subcohort, ...] = ()

    def begin_anew(self) -> None:
        """Another file's project begins; what this browser may keep stays as it was said."""
        self.title, self.exhibits, self.deleted, self.opened, self.findings = "", (), (), None, ()
        self.shaped, self.unshaped, self.unmet, self.unmet_subcohorts = {}, {}, (), ()
        self.text, self.made_of = "", None
        self.made, self.presented, self.case, self.compared, self.hide_below = None, None, None, None, 0

    def put_aside(self, key: str, text: str) -> None:
        """Keeps a file's project while another file is open."""
        self.texts.pop(key, None)
        self.texts[key] = text
        while len(self.texts) > MOST:
            self.texts.pop(next(iter(self.texts)))
