"""What a cohort in memory costs: every site's curves, and 25 univariate Cox models, as ratios of one run.

    python benchmarks/bench_memory.py [--out FILE]        the file: benchmarks/memory.json

The grid (curves with limits, medians and log-rank tests with and without seven sites, daily times, PRS) beside each
site by itself, as `kaplan_meier` answers it, beside one `np.bincount` of as many patients, and beside R. "filtered": of
three quarters of the patients, who are picked in the measured time. The models are the 25 of `bench_cox.py`, and the
same with one level of which nobody has the event, in place of a number; R fits each by `coxph`. Processor time of one
thread, the least of several runs; where R isn't installed its ratios are missing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

import numpy as np
import pandas as pd
from bench_cox import BINARY, NUMBERS, numbers
from bench_survival import best
from cohorts import SITES, csv, frame

from necc.analysis.regression import univariate
from necc.analysis.survival import kaplan_meier, survival_grid
from necc.core.cohort import Cohort
from necc.ingest import read_cohort

OUT = Path(__file__).parent / "memory.json"
GRID, MODELS = (88, 100_000, 1_000_000), (88, 10_000, 100_000)
R_GRID = """
suppressMessages(library(survival)); d <- read.csv("{path}")
job <- function() for (s in c({names})) {{
  y <- Surv(d$prs_months, d$died); f <- survfit(y ~ d[[s]], conf.type = "log-log"); x <- survdiff(y ~ d[[s]]) }}
"""
R_MODELS = """
suppressMessages(library(survival)); d <- read.csv("{path}"); y <- Surv(d$time, d$event)
job <- function() for (v in c({names})) suppressWarnings(coxph(y ~ d[[v]]))
"""
R_CLOCK = """
job(); cat(min(sapply(1:{repeats}, function(i) {{ n <- 0; begin <- sum(proc.time()[1:2])
  repeat {{ job(); n <- n + 1; spent <- sum(proc.time()[1:2]) - begin; if (spent > 0.1) break }}; spent / n }})))
"""


def r_seconds(script: str, data: pd.DataFrame, names: list[str], repeats: int) -> float | None:
    """Processor time of one `job` in R; None where it isn't installed."""
    if not shutil.which("Rscript"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.csv"
        data.to_csv(path, index=False)
        quoted = ",".join(f'"{name}"' for name in names)
        whole = script.format(path=path.as_posix(), names=quoted) + R_CLOCK.format(repeats=repeats)
        return float(subprocess.run(["Rscript", "-e", whole], capture_output=True, text=True, check=True).stdout)


def ratio(theirs: float | None, ours: float) -> float | None:
    return None if theirs is None else round(theirs / ours, 2)


def grids(n: int) -> list[dict[str, object]]:
    data = frame(n)
    cohort, rows = read_cohort(csv(n), "c.csv"), []
    kept = cohort.factor("ici").codes == 0
    for who, of, mask in (
        ("all", lambda: cohort, np.ones(n, dtype=bool)),
        ("filtered", lambda: cohort.subset(kept), kept),
    ):
        cells = cohort.endpoint("PRS").cells[mask]
        ours = best(lambda of=of: survival_grid(of(), "PRS"), 3)
        each = best(lambda of=of: _one_by_one(of()), 3)
        scatter = best(lambda cells=cells: np.bincount(cells), 3)
        r = r_seconds(R_GRID, data[mask], list(SITES), 3 if n < 10_000 else 1)
        rows.append({"patients": n, "who": who, "ms": round(1000 * ours, 2), "r": ratio(r, ours),
                     "site_by_site": ratio(each, ours), "scatters": ratio(ours, scatter)})  # fmt: skip
        print(rows[-1], flush=True)
    return rows


def _one_by_one(cohort: Cohort) -> None:
    for site in cohort.site_names:
        kaplan_meier(cohort, "PRS", f"site:{site}")


def models(n: int) -> list[dict[str, object]]:
    data, rows = frame(n), []
    data["spared"] = ((data["died"] == 0) & (np.arange(n) % 3 == 0)).astype(int)  # nobody with it has the event
    cohort = read_cohort(data.to_csv(index=False).encode(), "c.csv")
    peers = numbers(cohort).assign(spared=data["spared"])
    alone = [c for c in peers if c[0] in "uv"]
    sets = {"25 with a maximum": ([*BINARY, *NUMBERS], alone),
            "24 with, one without": ([*BINARY, *NUMBERS[:-1], "spared"], [*alone[:-1], "spared"])}  # fmt: skip
    for which, (names, theirs) in sets.items():
        ours = best(lambda names=names: univariate(cohort, "PRS", names), 5)
        r = r_seconds(R_MODELS, peers, theirs, 5 if n < 10_000 else 2)
        rows.append({"patients": n, "models": which, "ms": round(1000 * ours, 2), "r": ratio(r, ours)})
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    out = parser.parse_args().out
    told = {"grid": [row for n in GRID for row in grids(n)], "models": [row for n in MODELS for row in models(n)]}
    out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
