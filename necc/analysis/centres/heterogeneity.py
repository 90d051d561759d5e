"""How much centres differ: Cochran's Q, I2, the variance between centres, and what a new centre would give.

References:
    1. DerSimonian R, Laird N. Control Clin Trials 1986;7:177-88. doi:10.1016/0197-2456(86)90046-2
    2. Higgins JPT, Thompson SG, Spiegelhalter DJ. J R Stat Soc A 2009;172:137-59.
       doi:10.1111/j.1467-985X.2008.00552.x (prediction interval)
    3. Higgins JPT, Thompson SG. Stat Med 2002;21:1539-58. doi:10.1002/sim.1186 (I2)
    4. Hardy RJ, Thompson SG. Stat Med 1998;17:841-56.
       doi:10.1002/(SICI)1097-0258(19980430)17:8<841::AID-SIM781>3.0.CO;2-D (Q has little power with few studies)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtri, stdtrit

from necc.core.result import Result
from necc.core.text import plural

LEAST_CENTRES = 3
"""Centres: of fewer, a prediction interval has no degree of freedom, and to leave one out shows the other."""
LITTLE_POWER = 10
"""Centres: with fewer, Q seldom finds differences that there are [4], so that a large p doesn't say they are alike."""


@dataclass(frozen=True, kw_only=True)
class Heterogeneity(Result):
    """How much the centres' estimates of one quantity differ, on the scale of `measure`, a logarithm.

    of: what is estimated. n_centres: those with an estimate. q, df, p: Cochran's test that all are alike. i2: the share
    of the scatter that is beyond chance, 0 to 1. tau2: the variance between centres [1].
    estimate, se: the mean over centres, and its standard error; ci_lower, ci_upper: its limits.
    prediction_lower, prediction_upper: where a further centre's own value would lie [2]; None with fewer than three.
    note: why there are no numbers, or what they don't tell.
    """

    of: str
    measure: str
    n_centres: int
    q: float | None = None
    df: int = 0
    p: float | None = None
    i2: float | None = None
    tau2: float | None = None
    estimate: float | None = None
    se: float | None = None
    ci_lower: float | None = None
    ci_upper: float | None = None
    prediction_lower: float | None = None
    prediction_upper: float | None = None
    level: float = 0.95
    note: str = ""


def heterogeneity(
    values: Sequence[float], errors: Sequence[float], *, of: str, measure: str, level: float = 0.95, note: str = ""
) -> Heterogeneity:
    """Random-effects summary [1-3] of one estimate a centre.

    Args:
        values: the estimates, such as log hazard ratios, shape (n_centres,). errors: their standard errors, above 0.
        of, measure: what is estimated, and on which scale.
        note: what else a reader has to know.

    Example:
        >>> found = heterogeneity([0.1, 0.6, 0.35], [0.2, 0.25, 0.3], of="arm", measure="log hazard ratio")
        >>> round(found.q, 3), found.df, round(found.i2, 3), round(found.tau2, 4)
        (2.465, 2, 0.189, 0.0142)
    """
    y, v = np.asarray(values, dtype=float), np.asarray(errors, dtype=float) ** 2
    k = len(y)
    if k < 2:
        why = f"{plural(k, 'centre')} with an estimate: nothing to compare"
        return Heterogeneity(
            of=of, measure=measure, n_centres=k, level=level, note="; ".join(filter(None, (why, note)))
        )
    w = 1 / v
    q = float((w * (y - (w * y).sum() / w.sum()) ** 2).sum())
    tau2 = max(0.0, (q - (k - 1)) / float(w.sum() - (w**2).sum() / w.sum()))
    shares = 1 / (v + tau2)
    mean, se = float((shares * y).sum() / shares.sum()), float(shares.sum() ** -0.5)
    z = float(ndtri(0.5 + level / 2))
    wide = float(stdtrit(k - 2, 0.5 + level / 2)) * (tau2 + se**2) ** 0.5 if k >= LEAST_CENTRES else None
    told = [f"with {plural(k, 'centre')} Q has little power: a large p doesn't say that they are alike"] * (
        k < LITTLE_POWER
    )
    if wide is None:
        told.append("no prediction interval: it needs three centres")
    return Heterogeneity(
        of=of, measure=measure, n_centres=k, q=q, df=k - 1, p=float(chdtrc(k - 1, q)),
        i2=max(0.0, (q - (k - 1)) / q) if q > 0 else 0.0, tau2=tau2, estimate=mean, se=se,
        ci_lower=mean - z * se, ci_upper=mean + z * se,
        prediction_lower=None if wide is None else mean - wide,
        prediction_upper=None if wide is None else mean + wide, level=level,
        note="; ".join(filter(None, (*told, note))),
    )  # fmt: skip
