"""Sources of counts for tests: the same patients as rows, as patterns, and behind a cohort that asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from necc.core.cohort import Cohort
from necc.core.counts import Counts, Wanted, behind, counted_cohort, raw_organs, summed
from necc.core.errors import AnalysisError
from necc.core.selection import Selection


class InMemory(Counts):
    """A source of counts that has the rows: it filters them and counts what is wanted, and nothing else."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self.asked_for: list[Wanted] = []

    def _kept(self, selections: tuple[Selection, ...]) -> Cohort:
        kept = self.cohort
        for selection in selections:
            kept = selection.apply(kept)
        return kept

    def counted(self, wanted: Wanted, selections: tuple[Selection, ...]) -> Cohort:
        self.asked_for.append(wanted)
        return summed(self._kept(selections), wanted)

    def n_patients(self, selections: tuple[Selection, ...]) -> int:
        return self._kept(selections).n_patients


def asked(cohort: Cohort) -> Cohort:
    """The cohort's names and levels, with a source of its patients' counts behind them."""
    return behind(cohort, InMemory(cohort))


def everything(cohort: Cohort) -> Wanted:
    """Every column and site of a cohort."""
    return Wanted(names=tuple(cohort.columns), sites=bool(cohort.site_names))


def split(counts: Cohort) -> Cohort:
    """The same patients, each pattern's in two rows of unequal numbers; some of them of nobody."""
    whole = counts.whole
    assert whole.patients is not None
    some = whole.patients // 3
    rows = np.concatenate([np.arange(len(whole))] * 2).astype(int)
    patients = np.concatenate([some, whole.patients - some])
    return counted_cohort(whole, whole.table.iloc[rows], raw_organs(whole)[rows], whole.organ_names, patients)


def ways(cohort: Cohort, filters: str = "") -> Iterator[tuple[str, Cohort]]:
    """The same patients by other sources, after a filter such as "site:lung=with"."""
    chosen = Selection.parse([filters] if filters else [])
    counts = summed(cohort, everything(cohort))
    yield "summed", chosen.apply(counts)
    yield "filtered, then summed", summed(chosen.apply(cohort), everything(cohort))
    yield "in several rows", chosen.apply(split(counts))
    yield "behind", chosen.apply(asked(cohort))


def close(here: object, there: object, where: str = "") -> None:
    """Floats to 1e-9, everything else exactly."""
    if isinstance(here, dict):
        assert isinstance(there, dict), where
        assert here.keys() == there.keys(), where
        for key in here:
            close(here[key], there[key], f"{where}.{key}")
    elif isinstance(here, list | tuple):
        assert isinstance(there, list | tuple), where
        assert len(here) == len(there), (where, here, there)
        for i, (a, b) in enumerate(zip(here, there, strict=True)):
            close(a, b, f"{where}[{i}]")
    elif isinstance(here, float) and isinstance(there, float):
        assert there == pytest.approx(here, rel=1e-9, abs=1e-12, nan_ok=True), where
    else:
        assert here == there, where


def answer(ask: Callable[[Cohort], Any], patients: Cohort) -> object:
    """What a function answers, JSON-ready; where it refuses, why."""
    try:
        result = ask(patients)
    except AnalysisError as error:
        return str(error)
    return [r.to_dict() for r in result] if isinstance(result, tuple) else result.to_dict()


def same_everywhere(
    ask: Callable[[Cohort], Any], cohort: Cohort, filters: str = "", told: Callable[[object], object] = lambda r: r
) -> object:
    """A function's answer is that of the rows, of every source; where rows give none, the same words.

    told: makes of an answer what has to be equal, where rows tell more than counts.
    """
    expected = told(answer(ask, Selection.parse([filters] if filters else []).apply(cohort)))
    for name, counts in ways(cohort, filters):
        close(expected, answer(ask, counts), name)
    return expected
