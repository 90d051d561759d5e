"""A model's data as numbers, for other libraries: times, events, and one column a term.

The columns are those that `cox` fits, under the names of its terms, so that coefficients stand beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from necc.analysis.regression.design import build_design
from necc.core.arguments import public
from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.text import joined, quoted

TIME, EVENT = "time", "event"


@public
def model_frame(
    cohort: Cohort,
    endpoint: str,
    covariates: str | Sequence[str] = (),
    *,
    reference: Mapping[str, str] | None = None,
    per: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Times, events and covariates as numbers, of the patients who have all of them.

    Args:
        cohort: the patients.
        endpoint: an endpoint's name, e.g. "PRS".
        covariates: numbers, or anything that `Cohort.factor` takes; a level is a column of 0 and 1 against the first.
        reference, per: the level against which the others stand, and the step of a number, as `cox` has them.

    Returns:
        One row a patient, by the row in the spreadsheet: `time`, in the endpoint's unit; `event`, bool; then a float
        column for each term of `cox`, under its name.

    Raises:
        AnalysisError: the cohort lacks the endpoint or a covariate, or a term is called time or event.

    Example:
        >>> frame = model_frame(cohort, "PRS", ["n_sites", "site:lung"])
        >>> list(frame.columns), len(frame), int(frame["event"].sum())
        (['time', 'event', 'n_sites', 'site:lung'], 88, 40)

    Source: dummy coding against the first level, as R's `model.matrix` with `contr.treatment`.
    """
    design = build_design(cohort, endpoint, covariates, reference=reference, per=per)
    terms = [column.term for column in design.columns]
    if taken := sorted({TIME, EVENT} & {*terms}):
        raise AnalysisError(f"the frame's own columns are called {joined(quoted(taken))}: rename the covariate")
    numbers = dict(zip(terms, design.x.T.astype(float), strict=True))
    frame = pd.DataFrame(
        {TIME: design.outcome.time[design.rows], EVENT: design.event, **numbers}, index=cohort.index[design.rows]
    )
    return frame.copy()
