"""A printed list of single patients against the patients of a cohort."""

from __future__ import annotations

import numpy as np

from necc.core.cohort import Cohort
from necc.core.dictionary import normalise
from necc.core.errors import AnalysisError
from necc.core.text import format_number
from necc.paper.reproduction.printed import Cells, Computed, Context, Values

LISTED = ("agent", "regimen", "best", "response", "followup", "site", "final", "biomarker")
TEXTS = {"agent": "ici_agent", "best": "best_response", "final": "final_response", "biomarker": "biomarker"}
NUMBERS = {"response": "time_to_response_months", "followup": "response_followup_months"}
NONE = "-"
MOST = 1000  # a printed list of patients comes from a small cohort


def listing(values: Values, cohort: Cohort, context: Context) -> Cells:
    """The patient that a printed row is about. Rows are matched to patients, whole rows first, then by most cells."""
    if "listing" not in context.fitted:
        context.fitted["listing"] = _matched([tuple(row["is"]) for row in context.rows], _patients(cohort))
    matched: dict[tuple[str, ...], tuple[str, ...] | None] = context.fitted["listing"]  # type: ignore[assignment]  # kept under this key by this function
    wanted = tuple(values["is"])
    patient = matched[wanted]
    if patient is None:
        why = "no patient like this: the rows are single patients of the paper, and this cohort holds others"
        return {column: Computed(why=why) for column in LISTED}
    return {
        column: Computed(words=wanted[i] if _same(column, wanted[i], patient[i]) else patient[i] or NONE, n=1)
        if wanted[i] or patient[i]
        else Computed(words=NONE, n=1)
        for i, column in enumerate(LISTED)
    }


def _patients(cohort: Cohort) -> list[tuple[str, ...]]:
    """The cells of each patient whose agent is recorded."""
    if not cohort.has("ici_agent"):
        raise AnalysisError("the file has no column 'ici_agent'")
    data = cohort.data
    rows = np.flatnonzero(data["ici_agent"].notna().to_numpy())
    if len(rows) > MOST:
        return []
    columns: dict[str, list[str]] = {}
    for column, name in TEXTS.items():
        there = data[name].iloc[rows] if cohort.has(name) else [None] * len(rows)
        columns[column] = ["" if v is None or v != v else str(v) for v in there]
    for column, name in NUMBERS.items():
        values = cohort.number(name)[rows] if cohort.has(name) else np.full(len(rows), np.nan)
        columns[column] = ["" if np.isnan(v) else format_number(v, 2).rstrip("0").rstrip(".") for v in values]
    partner = data["ici_partner"].iloc[rows] if cohort.has("ici_partner") else [""] * len(rows)
    surgery = cohort.flag("rec_surgery")[rows] == 1 if cohort.has("rec_surgery") else [False] * len(rows)
    columns["regimen"] = [f"{p} + surgery" if s else str(p) for p, s in zip(partner, surgery, strict=True)]
    columns["site"] = _sites(cohort, rows)
    return list(zip(*(columns[c] for c in LISTED), strict=True))


def _sites(cohort: Cohort, rows: np.ndarray) -> list[str]:
    """Sites with the organs behind them: `abdominal (liver) + lung`."""
    matrix, lines = cohort.site_matrix[rows], []
    for patient, seen in zip(matrix, cohort.organs[rows], strict=True):
        parts = []
        for site, there in zip(cohort.site_names, patient, strict=True):
            members = cohort.scheme.groups.get(site, (site,))
            inside = [o for o, v in zip(cohort.organ_names, seen, strict=True) if v == 1 and o in members and o != site]
            if there == 1:
                parts.append(f"{site} ({', '.join(inside)})" if inside else site)
        lines.append(" + ".join(parts))
    return lines


def _same(column: str, wanted: str, own: str) -> bool:
    if column != "site":
        return normalise(wanted) == normalise(own)
    parts = [p.strip() for p in wanted.split("+") if p.strip()]
    there = [p.strip() for p in own.split("+") if p.strip()]
    return len(parts) == len(there) and all(any(p in _names(t) for t in there) for p in parts)


def _names(part: str) -> list[str]:
    site, _, inside = part.partition(" (")
    return [site, *(o.strip() for o in inside.rstrip(")").split(","))]


def _matched(
    wanted: list[tuple[str, ...]], patients: list[tuple[str, ...]]
) -> dict[tuple[str, ...], tuple[str, ...] | None]:
    """A patient for each row; nobody where fewer than half of the rows have a patient of all their cells."""
    left = list(patients)
    matched: dict[tuple[str, ...], tuple[str, ...] | None] = dict.fromkeys(wanted)
    agree = {(w, p): sum(map(_same, LISTED, w, p)) for w in set(wanted) for p in set(patients)}
    for enough in range(len(LISTED), 0, -1):
        for row in [w for w, p in matched.items() if p is None]:
            if patient := next((p for p in left if agree[row, p] >= enough), None):
                matched[row] = patient
                left.remove(patient)
        if enough == len(LISTED) and 2 * sum(p is not None for p in matched.values()) < len(matched):
            return matched if not len(matched) else dict.fromkeys(wanted)
    return matched
