"""Who is like a patient, by a rule that is stated: the same level of some fields, the last dropped until enough match.

The fields and their order are the dictionary's, chosen before any outcome is looked at, or a person's. No distance and
no weight is taken from the cohort itself: of 22 studies of similar patients only 2 compared them with models of the
whole population [1].

References:
    1. Sharafoddini A, Dubin JA, Lee J. JMIR Med Inform 2017;5:e7. doi:10.2196/medinform.6730
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from necc.analysis.patient.course import alone
from necc.analysis.patient.results import Criterion, Similar, Step
from necc.core.arguments import public
from necc.core.cohort import Cohort, Factor
from necc.core.errors import AnalysisError
from necc.core.guardrails import LEAST_TEST
from necc.core.result import answers
from necc.core.text import joined, plural


@public
def like_fields(cohort: Cohort) -> tuple[str, ...]:
    """The fields of the dictionary's rule that this cohort can be asked for, the most important first.

    Of two editions of a staging the other one where the file has only that. Not those that are the same in all
    patients, as they separate nobody. None where the dictionary has no rule.

    Example:
        >>> like_fields(cohort)[:2]
        ('site:abdominal', 'number_of_sites_gt_1')
    """
    return tuple(name for name, factor in _known_fields(cohort).items() if not _separates_nobody(factor))


def _known_fields(cohort: Cohort) -> dict[str, Factor]:
    """The fields of the dictionary's rule that the file records of anybody."""
    fields: dict[str, Factor] = {}
    for name in cohort.dictionary.like:
        for way in (name, *_other_edition(cohort, name)):
            try:
                factor = cohort.factor(way)
            except AnalysisError:
                continue
            if factor.n_missing < len(factor):
                fields.setdefault(way, factor)
                break
    return fields


def _separates_nobody(factor: Factor) -> bool:
    """Whether all of several patients of whom it is recorded have one level, as the number of sites of one column."""
    return len(factor) > 1 and factor.n_missing == 0 and int((np.asarray(factor.counts()) > 0).sum()) <= 1


def _of_one_level(cohort: Cohort) -> tuple[str, ...]:
    """The labels of the rule's fields that are left out, as they separate nobody."""
    return tuple(factor.label for factor in _known_fields(cohort).values() if _separates_nobody(factor))


def _other_edition(cohort: Cohort, name: str) -> tuple[str, ...]:
    """The groupings of the other edition of a stage, and that edition itself."""
    known = cohort.dictionary
    editions = [known.role("stage_before"), known.role("stage_after")]
    of = known.groupings[name].of if name in known.groupings else name
    if of not in editions or not all(editions):
        return ()
    other = editions[1 - editions.index(of)]
    return (*(g.name for g in known.groupings.values() if g.of == other), other)


def others_than(cohort: Cohort, patient: Cohort) -> Cohort:
    """The cohort without a patient who is in it, by her row in the same file; all of it for one typed in.

    Example:
        >>> len(others_than(cohort, alone(cohort, 1)))
        87
    """
    return cohort.subset(~np.isin(cohort.index, patient.index)) if of_one_file(cohort, patient) else cohort


def of_one_file(cohort: Cohort, patient: Cohort) -> bool:
    """Whether both are of the same file, however it is read or filtered."""
    mark = cohort.source.file_mark
    return patient.whole is cohort.whole or (bool(mark) and patient.source.file_mark == mark)


@answers
@public
def similar(
    cohort: Cohort, patient: Cohort | int, fields: str | Iterable[str] | None = None, at_least: int = LEAST_TEST
) -> Similar:
    """Those who have the patient's level of every field; fields are dropped from the end until enough have.

    Who lacks a value of a field doesn't match, and is counted apart where all that is recorded matches. The patient
    herself is left out.

    Args:
        cohort: where to look.
        patient: a cohort of one, or her place in the whole cohort, from 1 on.
        fields: anything that `Cohort.factor` takes, the most important first; the dictionary's rule without.
        at_least: how many are to be found, 1 or more.

    Raises:
        AnalysisError: no such patient, a field that the cohort doesn't have, or `at_least` below 1.

    Example:
        >>> found = similar(cohort, 2)
        >>> found.n, [c.label for c in found.dropped]
        (13, ['FIGO stage (2018), main', 'Histology'])
    """
    if at_least < 1:
        raise AnalysisError(f"at least 1 patient must be looked for, not {at_least}")
    her = alone(cohort.whole if isinstance(patient, int) else patient, patient if isinstance(patient, int) else None)
    others = others_than(cohort, her)
    usual = like_fields(cohort)
    names = usual if fields is None else tuple(dict.fromkeys(fields))
    same = _of_one_level(cohort) if names == usual else ()
    factors = {name: others.factor(name) for name in names}
    asked = tuple(Criterion(name, factor.label, recorded_level(her, name)) for name, factor in factors.items())
    used = [c for c in asked if c.value is not None]
    dropped = [c for c in asked if c.value is None]
    match, unknown = _matches(used, factors, len(others))
    steps, mask, n_used = [], np.ones(len(others), dtype=bool), 0
    for n_used in range(len(used), -1, -1):
        mask = np.asarray(match[:n_used].all(axis=0))
        would = (match | unknown)[:n_used].all(axis=0) & ~mask
        steps.append(Step(tuple(used[:n_used]), int(mask.sum()), int(would.sum())))
        if mask.sum() >= at_least or not n_used:
            break
    dropped += reversed(used[n_used:])
    n = int(mask.sum())
    notes = _notes(asked, used, n_used, n, at_least)
    if same:
        notes = (*notes, f"{joined(list(same))}: the same in all patients, so nobody is compared by it")
    return Similar(
        asked, tuple(used[:n_used]), tuple(dropped), tuple(steps), n, steps[-1].n_unknown, at_least,
        len(others), others.subset(mask), notes,
    )  # fmt: skip


def recorded_level(patient: Cohort, name: str) -> str | None:
    """Her level of a field; None where it isn't recorded."""
    try:
        factor = patient.factor(name)
    except AnalysisError:
        return None
    code = int(factor.codes[0])
    return factor.levels[code] if code >= 0 else None


def _matches(used: Sequence[Criterion], factors: Mapping[str, Factor], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Who has her level of each field, and who has none; two bool arrays, shape (n_used, n)."""
    match, unknown = np.zeros((len(used), n), dtype=bool), np.zeros((len(used), n), dtype=bool)
    for row, criterion in enumerate(used):
        factor = factors[criterion.name]
        unknown[row] = factor.codes < 0
        if criterion.value in factor.levels:
            match[row] = factor.codes == factor.levels.index(criterion.value)
    return match, unknown


def _notes(asked: tuple[Criterion, ...], used: list[Criterion], n_used: int, n: int, at_least: int) -> tuple[str, ...]:
    notes = []
    if lacking := [c.label for c in asked if c.value is None]:
        notes.append(f"{joined(lacking)}: not recorded of the patient, so nobody is compared by it")
    if not asked:
        notes.append("no field to compare by, so the comparison is with all others")
    elif used and not n_used:
        notes.append("too few match in any field, so the comparison is with all others")
    if n < at_least:
        notes.append(f"{plural(n, 'patient')} found where {at_least:,} were looked for")
    return tuple(notes)
