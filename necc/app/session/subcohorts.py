"""Filters that a visitor saved under a name: kept for the session, in no link, and gone with it.

Another file keeps those that it can answer; of the others it is said why not, and they wait for a file that can. What
is deleted can be brought back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError, NeccError, SelectionError
from necc.core.selection import PICKED, Selection
from necc.core.text import shorten

MOST, LONGEST = 24, 60


class NotSaved(NeccError):
    """A name that can't be given, or no room for another sub-cohort."""


@dataclass(frozen=True)
class Saved:
    """Filters under a name. file: what the file that they were saved from is known by."""

    name: str
    selection: Selection
    file: str


@dataclass
class Shelf:
    """What is saved, in its order; and what was deleted, each with the place where it stood, the latest last."""

    saved: list[Saved] = field(default_factory=list)
    deleted: list[tuple[int, Saved]] = field(default_factory=list)

    def names(self) -> tuple[str, ...]:
        return tuple(s.name for s in self.saved)

    def get(self, name: str) -> Saved | None:
        """The one of this name, whatever its case."""
        return next((s for s in self.saved if s.name.casefold() == name.strip().casefold()), None)

    def save(self, name: str, selection: Selection, file: str) -> Saved:
        """Keeps filters under a name.

        Raises:
            NotSaved: the name is blank, too long or taken, or there is no room.
        """
        if len(self.saved) >= MOST:
            raise NotSaved(f"there are {MOST} sub-cohorts already; delete one that you no longer need")
        made = Saved(self._name(name), selection, file)
        self.saved.append(made)
        return made

    def rename(self, old: str, name: str) -> None:
        """Gives another name.

        Raises:
            NotSaved: the name is blank, too long or taken, or there is none of the old one.
        """
        one = self._there(old)
        self.saved[self.saved.index(one)] = replace(one, name=self._name(name, but=one))

    def delete(self, name: str) -> None:
        """Takes one away, with a way back.

        Raises:
            NotSaved: there is none of this name.
        """
        one = self._there(name)
        self.deleted = [*self.deleted[-MOST:], (self.saved.index(one), one)]
        self.saved.remove(one)

    def bring_back(self) -> Saved | None:
        """The last one that was deleted, where it stood; under another name where its own was taken since.

        Raises:
            NotSaved: there is no room.
        """
        if not self.deleted:
            return None
        if len(self.saved) >= MOST:
            raise NotSaved(f"there are {MOST} sub-cohorts already; delete one that you no longer need")
        place, one = self.deleted.pop()
        one = replace(one, name=self.free_name(one.name))
        self.saved.insert(place, one)
        return one

    def follow(self, before: Cohort, after: Cohort) -> None:
        """Patients picked by hand are followed where the same file is edited, as long as all are still there."""
        for place, one in enumerate(self.saved):
            if one.file == before.source.sha256:
                selection, lost = one.selection.carried(before, after)
                if not lost and selection.describe(after) == one.selection.describe(before):
                    self.saved[place] = replace(one, selection=selection, file=after.source.sha256)

    def free_name(self, name: str) -> str:
        """The name itself, or with a number that nobody has yet."""
        name = name.strip()[:LONGEST].rstrip()
        k, free = 1, name
        while self.get(free) is not None:
            k += 1
            free = f"{name[: LONGEST - len(f' ({k})')].rstrip()} ({k})"
        return free

    def _there(self, name: str) -> Saved:
        one = self.get(name)
        if one is None:
            raise NotSaved(f"no sub-cohort is called '{shorten(name, LONGEST)}'")
        return one

    def _name(self, name: str, but: Saved | None = None) -> str:
        name = " ".join(name.split())
        if not name:
            raise NotSaved("a sub-cohort needs a name; write one, such as 'Lung, stage III'")
        if len(name) > LONGEST:
            raise NotSaved(f"the name has {len(name)} characters; at most {LONGEST} fit into a figure's legend")
        if not name.isprintable():
            raise NotSaved("the name holds a character that can't be shown; write it anew")
        if (other := self.get(name)) is not None and other is not but:
            raise NotSaved(f"another sub-cohort is called '{other.name}'; choose a name that differs in more than case")
        return name


def suggested(selection: Selection, whole: Cohort, kept: Shelf) -> str:
    """A name made of the filters that nobody has yet: `Lung: with; Age at diagnosis: > 50`."""
    words = selection.describe(whole) if selection else "Everybody in the file"
    return kept.free_name(words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…")


@dataclass(frozen=True)
class Answer:
    """A saved sub-cohort in a cohort that can answer it: its filters, and how many patients they keep."""

    selection: Selection
    n: int


def answered(kept: Shelf, whole: Cohort) -> tuple[dict[str, Answer], Mapping[str, str]]:
    """By name, those that a cohort can answer, and of the others what it lacks, in words."""
    there: dict[str, Answer] = {}
    lacking: dict[str, str] = {}
    for one in kept.saved:
        try:
            if PICKED in one.selection.names and one.file != whole.source.sha256:
                raise SelectionError("its patients were picked by hand in another file, or in this one read otherwise")
            n = one.selection.apply(whole).n_patients
        except (SelectionError, AnalysisError) as error:
            lacking[one.name] = error.told
        else:
            there[one.name] = Answer(one.selection, n)
    return there, lacking
