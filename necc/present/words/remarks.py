"""What a page says beside a result: what follows from it, and what a reader should look at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from necc.core.text import format_number, format_p, p_phrase, plural
from necc.present.words.phrases import capitalised

if TYPE_CHECKING:  # every page needs this module, and none all of these
    from necc.analysis.prediction import ModelComparison
    from necc.analysis.regression import CoxModel
    from necc.analysis.response.transitions import OddRow
    from necc.paper.audit.arithmetic import TableP
    from necc.paper.literature import Literature


def loaded(name: str, n: int) -> str:
    return f"{name} is loaded: {plural(n, 'patient')}."


def stay_unknown(n: int) -> str:
    """What becomes of patients without a value where levels are renamed."""
    return f"Not recorded: {plural(n, 'patient')}; that stays as it is."


# ---------------------------------------------------------------- models
def nothing_to_impute(model: CoxModel) -> str:
    return (
        f"Every covariate of the model is recorded in all {plural(model.n, 'patient')} with the endpoint: there is "
        "nothing to impute. Choose a covariate with missing values to compare."
    )


def incomplete(n: int) -> str:
    return (
        f"The model leaves out {plural(n, 'patient')} because a covariate is not recorded. Multiple imputation keeps "
        "them, by scikit-learn's chained equations and Rubin's rules."
    )


def penalty_kept(result: ModelComparison, model: str) -> str:
    labels = dict(zip(result.covariates, result.covariate_labels, strict=True))
    kept = sorted(result.model(model).kept, key=lambda k: -k[1])
    shares = ", ".join(f"{labels[name]} {format_number(100 * share, 0)} %" for name, share in kept)
    return f"Share of fits in which the penalty kept it: {shares}."


# ---------------------------------------------------------------- response
def odd_rows(rows: Sequence[OddRow], what: str) -> str:
    """Rows of a file that can't be, or are hard to believe; the first of them by number."""
    listed = "; ".join(
        f"row {r.row}: {r.reason} ({r.best or 'not recorded'}, then {r.final or 'not recorded'})" for r in rows[:20]
    )
    n = len({r.row for r in rows})  # a row may have two faults
    return f"{plural(n, 'row')} that {what}. {capitalised(listed)}."


# ---------------------------------------------------------------- papers
def some_unread(n: int, what: str) -> str:
    """A recipe or a claim file with findings."""
    return f"{plural(n, 'finding')} in the {what}; the rest was checked."


def audited(n: int, of: int) -> str:
    return f"{n:,} of {plural(of, 'check')}. Arithmetic shows what is impossible, not why."


def ratio_implies(se: float, p: float, fewest_events: float) -> list[str]:
    """What a printed ratio with its interval implies."""
    return [
        f"The interval implies a standard error of {format_number(se, 3)} of the log ratio and {p_phrase(p)}.",
        f"A 0/1 covariate with so small a standard error needs at least {math.ceil(fewest_events)} events.",
    ]


def table_implies(n1: int, of1: int, n2: int, of2: int, p: TableP) -> list[str]:
    """What two printed proportions imply."""
    share = [f"{n:,} of {of:,}, {format_number(100 * n / of, 1)} %" for n, of in ((n1, of1), (n2, of2)) if of]
    return [
        f"The groups: {'; '.join(share)}.",
        f"p: uncorrected chi-square {format_p(p.pearson)}, Yates' correction {format_p(p.yates)}, Fisher's exact test "
        f"{format_p(p.fisher)}.",
    ]


def literature(result: Literature) -> str:
    """How many statements a cohort contradicts, and how many published figures lie outside its intervals."""
    named = sum(s.verdict == "contradicted" for s in result.standings)
    outside = sum(s.verdict == "outside" for s in result.standings)
    against = plural(named, "statement") if named else "no statement"
    beyond = plural(outside, "published figure") if outside else "no published figure"
    lie = "lie" if outside > 1 else "lies"
    return f"This cohort contradicts {against}, and {beyond} {lie} outside its 95 % interval."
