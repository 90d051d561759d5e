"""Parametric curves: all six families fitted to one group, against lifelines' own search.

    python benchmarks/bench_parametric.py [N ...]        default: 88 100000

Times are CPU seconds after the import, the best of several; the ratio is lifelines / ours, where lifelines fits
patient by patient (left out beyond 10,000). Its search may fail or end where the likelihood has no maximum.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np
from bench_survival import best
from cohorts import csv

from necc.analysis.survival import parametric
from necc.ingest import read_cohort


def lifelines(time: np.ndarray, event: np.ndarray, knots: tuple[float, ...]) -> float:
    import lifelines as peer

    fitters = (peer.ExponentialFitter, peer.WeibullFitter, peer.LogNormalFitter, peer.LogLogisticFitter,
               peer.GeneralizedGammaFitter)  # fmt: skip

    def job() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for fitter in (*(f() for f in fitters), peer.SplineFitter(np.array(knots))):
                fitter.fit(time, event)

    return best(job, 1)


def main(sizes: list[int]) -> None:
    print("| patients | distinct times | ours (ms) | lifelines (ratio) |\n|---|---|---|---|")
    for n in sizes:
        cohort = read_cohort(csv(n), "c.csv")
        outcome = cohort.endpoint("PRS")
        result = parametric(cohort, "PRS", horizon=120)
        mine = best(lambda c=cohort: parametric(c, "PRS", horizon=120), 3)
        shown = "not measured"
        if n <= 10_000:
            peer = lifelines(outcome.time[outcome.valid], outcome.event[outcome.valid], result.fit("spline").knots)
            shown = f"{peer / mine:.0f}"
        print(f"| {n:,} | {len(outcome.grid):,} | {1000 * mine:.0f} | {shown} |", flush=True)


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [88, 100_000])
