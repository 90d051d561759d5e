"""Cox regression against R and lifelines: 25 univariate fits (22 binary, 3 numbers), and a model of five categories.

    python benchmarks/bench_cox.py [N ...]        default: 88 10000 100000

"fit" is what coxph does: estimates, tests, concordance with its variance. "page" adds what a page shows: tests of
proportional hazards, influence, collinearity and guardrails; its ratios are to the peers' fits. Times are CPU seconds
on one thread, the best of several; the ratio is peer / ours. R is left out where it isn't installed, lifelines above
10,000 patients.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

import pandas as pd
from bench_survival import best
from cohorts import SITES, csv

from necc.analysis.regression import cox, univariate
from necc.analysis.regression.design import build_design
from necc.analysis.regression.model import concordance_of, fit_design, make_terms, overall_tests
from necc.core.cohort import Cohort
from necc.ingest import read_cohort

FIVE = ["age_gt_50", "figo_stage", "site:lung", "site:abdominal", "ici"]
CUTS = [f"age_years>{k}" for k in range(30, 75, 5)] + [f"primary_chemo_cycles>{k}" for k in (2, 4, 6)]
BINARY = [*(f"site:{s[5:]}" for s in SITES), "ici", "figo_iii_iv", "number_of_sites_gt_1", *CUTS]
NUMBERS = ["age_years", "primary_chemo_cycles", "n_sites"]
MOST_FOR_LIFELINES = 10_000
R_SCRIPT = """
suppressMessages(library(survival)); d <- read.csv("{path}"); y <- Surv(d$time, d$event); five <- c({five})
for (v in five) d[[v]] <- factor(d[[v]])
one <- function() for (v in setdiff(names(d), c("time", "event", five))) coxph(y ~ d[[v]])
all <- function() coxph(reformulate(sprintf("`%s`", five), "y"), d)
clock <- function(job) {{ job(); min(sapply(1:{repeats}, function(i) sum(system.time(job())[1:2]))) }}
cat(suppressWarnings(clock(one)), clock(all))
"""


def numbers(cohort: Cohort) -> pd.DataFrame:
    """The same covariates as plain numbers, for the peers; the five categories under names of their own."""
    outcome = cohort.endpoint("PRS")
    columns = {"time": outcome.time, "event": outcome.event.astype(int)}
    columns |= {f"u{i}": cohort.factor(name).codes for i, name in enumerate(BINARY)}
    columns |= {f"v{i}": cohort.number(name) for i, name in enumerate(NUMBERS)}
    columns |= {f"w{i}": cohort.factor(name).codes for i, name in enumerate(FIVE)}
    return pd.DataFrame(columns)


def r_survival(data: pd.DataFrame, repeats: int) -> tuple[float, float] | None:
    if not shutil.which("Rscript"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.csv"
        data.to_csv(path, index=False)
        five = ",".join(f'"w{i}"' for i in range(len(FIVE)))
        script = R_SCRIPT.format(path=path.as_posix(), five=five, repeats=repeats)
        out = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True).stdout.split()
    return float(out[0]), float(out[1])


def lifelines(data: pd.DataFrame) -> tuple[float, float]:
    from lifelines import CoxPHFitter

    warnings.simplefilter("ignore")
    alone = [c for c in data if c[0] in "uv"]
    five = pd.get_dummies(data[[c for c in data if c[0] == "w"]].astype("category"), drop_first=True, dtype=float)
    five = five.loc[:, five.sum() > 0].assign(time=data["time"], event=data["event"])

    def each() -> None:
        for name in alone:
            CoxPHFitter().fit(data[["time", "event", name]], "time", "event")

    return best(each, 1), best(lambda: CoxPHFitter().fit(five, "time", "event"), 1)


def fit(cohort: Cohort) -> object:
    fitted = fit_design(build_design(cohort, "PRS", FIVE), "efron", 0.95, "firth")
    return make_terms(fitted), overall_tests(fitted), concordance_of(fitted)


def main(sizes: list[int]) -> None:
    print("| patients | job | ours (ms) | R survival (ratio) | lifelines (ratio) |\n|---|---|---|---|---|")
    for n in sizes:
        cohort = read_cohort(csv(n), "c.csv")
        data = numbers(cohort)
        ours = (
            best(lambda c=cohort: univariate(c, "PRS", [*BINARY, *NUMBERS]), 3),
            best(lambda c=cohort: fit(c), 3),
            best(lambda c=cohort: cox(c, "PRS", FIVE), 3),
        )
        r = r_survival(data, 3 if n < 10_000 else 1)
        peer = lifelines(data) if n <= MOST_FOR_LIFELINES else None
        jobs = (f"{len(BINARY) + len(NUMBERS)} univariate", "five categories, fit", "five categories, page")
        for k, job in enumerate(jobs):
            shown = [f"{times[min(k, 1)] / ours[k]:.1f}" if times else "-" for times in (r, peer)]
            print(f"| {n:,} | {job} | {1000 * ours[k]:.1f} | {shown[0]} | {shown[1]} |", flush=True)


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [88, 10_000, 100_000])
