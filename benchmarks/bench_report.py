"""A report's whole folder, as a multiple of computing its results, in one run.

    python benchmarks/bench_report.py [--patients N] [--rounds R]        default: 88

The promise: all files of the ready list for 88 patients in under ten times the time of computing its results, and
under 15 s on two cores. "results" are the analyses alone, made anew; each kind of file is timed by itself. The peak of
memory is that of the whole process, libraries included.
"""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench_ingest import seconds  # noqa: E402
from bench_project import patients  # noqa: E402

from necc.ingest import inspect  # noqa: E402
from necc.present.figures import Print  # noqa: E402
from necc.project import Project  # noqa: E402
from necc.report import Report, make_report, ready  # noqa: E402
from necc.report.bundle import FILES, MAKERS, bundle  # noqa: E402

TIMES, MOST_SECONDS = 10.0, 15.0


def once(report: Report, work: Callable[[Report], object]) -> float:
    """Seconds of work on a report of which nothing was written yet."""
    return seconds(lambda: work(report), 1)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--patients", type=int, default=88)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    inspection = inspect(patients(asked.patients), "cohort.csv")
    cohort = inspection.cohort
    assert cohort is not None, "the benchmark's file is refused"
    project = Project(title="Benchmark", exhibits=ready(cohort))

    def anew() -> Report:
        """The report, of which no figure was drawn yet."""
        return make_report(project, cohort, inspection=inspection)

    report = anew()
    assert not report.problems, report.problems
    results = seconds(anew, asked.rounds)
    print(f"{asked.patients:,} patients, {len(report.items)} exhibits; results {results:.2f} s")
    for kind, name in FILES.items():
        taken = min(once(anew(), lambda one, kind=kind: list(MAKERS[kind](one, Print(), lambda share, what: None)))
                    for _ in range(asked.rounds))  # fmt: skip
        print(f"  {name:<16} {taken:6.2f} s")
    whole = min(once(anew(), lambda one: bundle(one).to_zip(one)) for _ in range(asked.rounds))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    good = whole < TIMES * results and whole < MOST_SECONDS
    print(
        f"whole folder {whole:.2f} s, {whole / results:.1f} times the results; peak {peak:,.0f} MB "
        f"({'within' if good else 'ABOVE'} {TIMES:g} times and {MOST_SECONDS:g} s)"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
