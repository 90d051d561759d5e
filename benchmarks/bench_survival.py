"""The survival grid's computing against lifelines and R: 14 curves with limits and 14 log-rank tests, one run.

    python benchmarks/bench_survival.py [N ...]        default: 88 100000

Two endpoints by seven sites: 28 curves, of which each peer draws with and without. Times are CPU seconds, the best of
several; the ratio is peer / ours. R is left out where it isn't installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from cohorts import SITES, csv, frame

from necc.analysis.survival import survival_grid
from necc.ingest import read_cohort

ENDPOINTS = {"PRS": ("prs_months", "died"), "TTR": ("ttr_months", "recurred")}
R_SCRIPT = """
suppressMessages(library(survival)); d <- read.csv("{path}")
job <- function() for (e in list(c("prs_months","died"), c("ttr_months","recurred"))) for (s in c({sites})) {{
  y <- Surv(d[[e[1]]], d[[e[2]]]); f <- survfit(y ~ d[[s]], conf.type = "log-log"); x <- survdiff(y ~ d[[s]]) }}
job(); cat(min(sapply(1:{repeats}, function(i) sum(system.time(job())[1:2]))))
"""


def best(job: Callable[[], object], repeats: int) -> float:
    """The least CPU time of several runs, in seconds; short jobs are repeated within a run."""
    job()
    times = []
    for _ in range(repeats):
        begin, loops = time.process_time(), 0
        while time.process_time() - begin < 0.1:
            job()
            loops += 1
        times.append((time.process_time() - begin) / loops)
    return min(times)


def ours(data: bytes) -> float:
    cohort = read_cohort(data, "c.csv")
    return best(lambda: [survival_grid(cohort.subset(cohort.factor("ici").codes >= 0), e) for e in ENDPOINTS], 3)


def lifelines(data: pd.DataFrame) -> float:
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import logrank_test

    def job() -> None:
        for t, e in ENDPOINTS.values():
            time_, event = data[t].to_numpy(), data[e].to_numpy()
            for site in SITES:
                there = data[site].to_numpy() == 1
                for part in (there, ~there):
                    KaplanMeierFitter().fit(time_[part], event[part])
                logrank_test(time_[there], time_[~there], event[there], event[~there])

    return best(job, 2)


def r_survival(data: bytes, repeats: int) -> float | None:
    if not shutil.which("Rscript"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.csv"
        path.write_bytes(data)
        sites = ",".join(f'"{s}"' for s in SITES)
        script = R_SCRIPT.format(path=path.as_posix(), sites=sites, repeats=repeats)
        return float(subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True).stdout)


def main(sizes: list[int]) -> None:
    print("| patients | ours (ms) | lifelines (ratio) | R survival (ratio) |\n|---|---|---|---|")
    for n in sizes:
        data = csv(n)
        mine, theirs, r = ours(data), lifelines(frame(n)), r_survival(data, 3 if n < 10_000 else 1)
        shown = f"{r / mine:.0f}" if r else "not installed"
        print(f"| {n:,} | {1000 * mine:.2f} | {theirs / mine:.0f} | {shown} |", flush=True)


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [88, 100_000])
