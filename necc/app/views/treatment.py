"""Parts of the page on treatment timing: which treatment, where its start stands, and the landmark."""

from __future__ import annotations

import math

from necc.analysis.treatment import TreatmentTiming
from necc.app.widgets.choices import NOTHING, choose, slide
from necc.core.cohort import Cohort
from necc.core.dictionary import UNITS
from necc.core.errors import AnalysisError


def choose_treatment(cohort: Cohort) -> tuple[str, str | None]:
    """A yes/no column that may start after time zero, and the column with its start where the dictionary names none."""
    known = cohort.dictionary.variables
    flags = [n for n in cohort.factor_names() if n in known and known[n].kind == "flag"]
    flags = [n for n in flags if known[n].starts_at != "baseline" or known[n].section == "Other variables"]
    timed = [n for n in flags if known[n].start and cohort.has(known[n].start)]
    if not flags:
        raise AnalysisError("this cohort has no yes/no column for a treatment that starts after time zero")
    words = {n: known[n].title() for n in [*timed, *(n for n in flags if n not in timed)]}
    treatment = choose("treatment", "Treatment", tuple(words), words=words, wide=True, width=280)
    if treatment in timed:
        return treatment, None
    columns = {n: known[n].title() for n in cohort.number_names() if known[n].unit in UNITS or not known[n].unit}
    columns = {NOTHING: "not in the file", **columns}
    start = choose("treatment-start", "Its start is in", tuple(columns), words=columns, wide=True, of=treatment,
                   width=260, help="A time counted from where the endpoint starts")  # fmt: skip
    if not start:
        raise AnalysisError(
            f"the file doesn't say when '{known[treatment].title()}' started: treated and untreated can't be compared "
            "fairly without it. Name the column with its start, or choose a treatment that has one"
        )
    return treatment, start


def choose_landmark(first: TreatmentTiming) -> float | None:
    """A movable landmark; starts at the time by which half of the treated had begun. None where nobody is treated."""
    if first.landmark is None or first.landmark.landmark is None:
        return None
    begins = first.landmark.landmark
    ends = [float(c.time[-1]) for c in first.naive.curves if len(c.time)]
    last = max(float(math.floor(min(ends, default=1.0))), 1.0)
    return slide(
        "landmark", f"Landmark ({first.unit})", 0.0, max(last, begins), begins, of=(first.treatment, first.endpoint),
        help="Groups by treatment up to here, among those still under observation; time runs from here",
    )  # fmt: skip
