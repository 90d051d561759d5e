"""FIGO stages of two editions: who moves from 2009 to 2018, and what size and nodes would imply.

The editions of 2009 and 2014 stage the cervix alike; the dictionary calls both `figo_2008`. In 2018 stage IB has three
sizes (up to 2 cm, 2 to 4 cm, above 4 cm) and nodes make the stage IIIC. [1] Bhatla N et al. Revised FIGO staging for
carcinoma of the cervix uteri. Int J Gynaecol Obstet 2019;145:129-135. doi:10.1002/ijgo.12749
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.frames import Names, tidied
from necc.core.result import Result, answers
from necc.core.text import plural

SIZED = ("IB", "IB1", "IB2")
UNKNOWN_SUBSTAGE = ("I",)


def implied_2018(stage: str, size_cm: float | None, pelvic_nodes: bool | None) -> str | None:
    """The 2018 stage that a stage of 2009 or 2014 becomes with this size and these pelvic nodes.

    Para-aortic nodes, which would make it IIIC2, are not asked. Stage IV stays. None where size or nodes are needed and
    missing, or contradict the stage.
    """
    if stage.startswith("IV"):
        return stage
    if pelvic_nodes is None:
        return None
    if pelvic_nodes:
        return "IIIC1"
    if stage not in SIZED:
        return None if stage in UNKNOWN_SUBSTAGE else stage
    if size_cm is None or not np.isfinite(size_cm):
        return "IB3" if stage == "IB2" else None
    if (stage == "IB1" and size_cm > 4) or (stage == "IB2" and size_cm <= 4):
        return None
    return "IB1" if size_cm <= 2 else "IB2" if size_cm <= 4 else "IB3"


@dataclass(frozen=True, kw_only=True)
class Restaging(Result):
    """Stages of 2009 or 2014 against those of 2018.

    counts: patients with each pair, by row of `before` and column of `after`; `unrecorded` of each row have no stage of
    2018. implied: the same for the 2018 stage that size and nodes imply; of `untold` in each row they don't tell it.
    n: patients with both editions; with `excluded` they are all patients. cannot_tell: the sum of `untold`.
    disagree: spreadsheet row, recorded and implied 2018 stage.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    unrecorded: tuple[int, ...]
    implied_levels: tuple[str, ...]
    implied: tuple[tuple[int, ...], ...]
    untold: tuple[int, ...]
    agree: int
    disagree: tuple[tuple[int, str, str], ...]
    cannot_tell: int
    n: int
    excluded: tuple[Exclusion, ...]
    notes: tuple[str, ...]

    @property
    def n_moved(self) -> int:
        """Patients whose main stage (I, II, III, IV) changed."""
        return sum(
            n
            for b, row in zip(self.before, self.counts, strict=True)
            for a, n in zip(self.after, row, strict=True)
            if main_stage(a) != main_stage(b)
        )

    def to_frame(self) -> pd.DataFrame:
        """The recorded pairs: stages of 2009 down, of 2018 across."""
        return pd.DataFrame(self.counts, index=pd.Index(self.before, name="before"), columns=list(self.after))

    def tidy(self, style: Names = "broom", *, exponentiate: bool = False) -> pd.DataFrame:
        """One row a pair of stages: before, after, n."""
        pairs = self.to_frame().reset_index().melt("before", var_name="after", value_name="n")
        return tidied(pairs, style, exponentiate)

    def _lines(self) -> list[str]:
        return [f"{plural(self.n_moved, 'patient')} in another main stage"]

    def to_dict(self) -> dict[str, object]:
        return {**super().to_dict(), "n_moved": self.n_moved}


def main_stage(stage: str) -> str:
    """I, II, III or IV of any substage."""
    return stage.rstrip("ABC123")


@answers
@public
def restaging(cohort: Cohort) -> Restaging:
    """Both editions side by side, and the 2018 stage that size and pelvic nodes imply.

    Raises:
        AnalysisError: the file has no stage of 2009 or 2014.

    Example:
        >>> restaging(cohort).n
        71
    """
    earlier, later, size, node = (
        cohort.dictionary.role(name) for name in ("stage_before", "stage_after", "tumour_size", "node_metastasis")
    )
    if not cohort.has(earlier):
        raise AnalysisError(f"restaging needs the column '{earlier}' (FIGO 2009 or 2014)")
    old = _texts(cohort, earlier)
    new = _texts(cohort, later)
    sizes = cohort.number(size) if cohort.has(size) else np.full(len(cohort), np.nan)
    nodes = _texts(cohort, node)
    known = {"yes": True, "no": False}
    recorded = np.array(
        [o and (implied_2018(o, s, known.get(p)) or "") for o, s, p in zip(old, sizes, nodes, strict=True)],
        dtype=object,
    )
    both = (old != "") & (new != "")
    can = (old != "") & (recorded != "")
    checked = both & can
    rows = cohort.index.to_numpy()
    differ = tuple(
        (int(rows[i]), str(new[i]), str(recorded[i])) for i in np.flatnonzero(checked & ~_same(new, recorded))
    )
    before = _ordered(cohort, earlier, old)
    after, implied_levels = _ordered(cohort, later, new[both]), _ordered(cohort, later, recorded[can])
    unstaged, unrecorded, untold = old == "", (old != "") & (new == ""), (old != "") & (recorded == "")
    missing = (
        Exclusion("no stage of 2009 or 2014", int(unstaged.sum())),
        Exclusion("no stage of 2018 in addition to that of 2009 or 2014", int(unrecorded.sum())),
    )
    return Restaging(
        before=before, after=after, counts=_crossed(old[both], new[both], before, after),
        unrecorded=tuple(int((old[unrecorded] == b).sum()) for b in before), implied_levels=implied_levels,
        implied=_crossed(old[can], recorded[can], before, implied_levels),
        untold=tuple(int((old[untold] == b).sum()) for b in before), agree=int(checked.sum()) - len(differ),
        disagree=differ, cannot_tell=int(untold.sum()), n=int(both.sum()),
        excluded=tuple(e for e in missing if e.n), notes=_notes(cohort, later, size, node),
    )  # fmt: skip


def _notes(cohort: Cohort, later: str, size: str, node: str) -> tuple[str, ...]:
    notes = [
        "para-aortic nodes are not recorded, so IIIC2 can't be implied; a stage without substage agrees with its own"
    ]
    lacking = [label for name, label in ((size, "tumour size"), (node, "pelvic nodes")) if not cohort.has(name)]
    if lacking:
        notes.append(f"without {' and '.join(lacking)} the 2018 stage can be implied for few")
    if not cohort.has(later):
        notes.append("the file has no stage of 2018: only what is implied is shown")
    return tuple(notes)


def _texts(cohort: Cohort, name: str) -> np.ndarray:
    if not cohort.has(name):
        return np.full(len(cohort), "", dtype=object)
    return cohort.column(name).astype(object).fillna("").to_numpy(dtype=object)


def _same(recorded: np.ndarray, implied: np.ndarray) -> np.ndarray:
    """Equal, or one a substage of the other: III and IIIC1 agree. IIIC2 agrees with IIIC1, which it may be."""
    pairs = zip(recorded, implied, strict=True)
    return np.array([_agrees(r, i) for r, i in pairs], dtype=bool)


def _agrees(recorded: str, implied: str) -> bool:
    recorded, implied = ("IIIC" if s.startswith("IIIC") else s for s in (recorded, implied))
    inside = recorded.startswith(implied) or implied.startswith(recorded)
    return inside and main_stage(recorded) == main_stage(implied)


def _ordered(cohort: Cohort, name: str, stages: np.ndarray) -> tuple[str, ...]:
    levels = cohort.dictionary.variables[name].levels
    return tuple(level for level in levels if level in set(stages))


def _crossed(
    old: np.ndarray, new: np.ndarray, before: tuple[str, ...], after: tuple[str, ...]
) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(((old == b) & (new == a)).sum()) for a in after) for b in before)
