"""One patient within a cohort: the case, its parts, and the judgement of the rule; times by the size of the cohort.

    python benchmarks/bench_patients.py [N ...]        default: 88 10000

CPU milliseconds, the least of several. `first` is the first case of a cohort, which counts its columns; the later ones
are what a person waits for who goes from patient to patient.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from bench_survival import best
from cohorts import csv

from necc.analysis.patient import case, course, courses, judge_rule, similar
from necc.analysis.survival import conditional_survival
from necc.core.cohort import Cohort
from necc.ingest import read_cohort

MOST_COURSES = 1_000  # a page shows some of them


def jobs(cohort: Cohort) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    some = cohort.subset([place < MOST_COURSES for place in range(len(cohort))])
    return {
        "case": lambda: case(cohort, 2),
        "course": lambda: course(cohort, 2),
        "similar": lambda: similar(cohort, 2),
        "conditional survival": lambda: conditional_survival(cohort, "PRS", 12),
        f"courses of {len(some):,}": lambda: courses(some),
        "judgement of the rule": lambda: judge_rule(cohort, "PRS"),
    }


def main(sizes: list[int]) -> None:
    print(f"{'n':>8} {'job':<22} {'ms':>10}")
    for n in sizes:
        cohort = read_cohort(csv(n), "c.csv")
        begin = time.process_time()
        case(cohort, 1)
        print(f"{n:>8,} {'first case':<22} {1000 * (time.process_time() - begin):>10.1f}")
        for name, job in jobs(cohort).items():
            print(f"{n:>8,} {name:<22} {1000 * best(job, 3):>10.1f}")


if __name__ == "__main__":
    main([int(n) for n in sys.argv[1:]] or [88, 10_000])
