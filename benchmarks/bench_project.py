"""Opening a project of 50 edits and 20 exhibits, as a multiple of reading its file of patients, in one run.

    python benchmarks/bench_project.py [--patients N] [--rounds R]        default: 88, and 10000

The promise: at most a second after the file is read. "open" is all that the project adds to reading the file by its
mapping: its own file parsed, the edits made, filters, sub-cohorts and exhibits fitted. "numbers" are recorded again to
be compared; "save" writes the project's file.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench_ingest import seconds  # noqa: E402

from necc.core.edits import Cut, Derive, Edit, Order, Recode, apply_edits  # noqa: E402
from necc.ingest import inspect, open_file  # noqa: E402
from necc.project import Exhibit, Project, Subcohort, mark_of, open_project  # noqa: E402

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
EDITS, EXHIBITS, ALLOWED = 50, 20, 1.0


def patients(n: int) -> bytes:
    """The sample's patients, as often as it takes, each row with an identifier of its own."""
    sample = pd.read_csv(SAMPLE, dtype=str, keep_default_na=False)
    frame = pd.concat([sample] * (n // len(sample) + 1), ignore_index=True).head(n)
    return frame.assign(patient_id=[f"SYN-{i:07}" for i in range(n)]).to_csv(index=False).encode()


def edits() -> tuple[Edit, ...]:
    """Fifty steps of five kinds, each making or changing something of its own."""
    steps: list[Edit] = [Recode("histology", (("other", ("large cell", "NEC NOS")),)), Order("hpv", ("yes", "no"))]
    for i in range((EDITS - len(steps)) // 3):
        steps += [
            Cut("age_years", (30.0 + i, 45.0 + i), f"age group {i}"),
            Derive(f"years {i}", f"os_months / 12 + {i}"),
            Cut("tumor_size_cm", (2.0 + i / 10,), f"size {i}"),
        ]
    return tuple(steps)


def project_of(data: bytes) -> Project:
    """A project of the file with edits, filters, sub-cohorts, choices and exhibits."""
    file = open_file(data, "c.csv")
    inspection = inspect(file)
    made = edits()
    assert inspection.cohort is not None and len(made) == EDITS
    assert all(step.applied for step in apply_edits(inspection.cohort, made).steps), (
        "a step of the benchmark is skipped"
    )
    exhibits = tuple(
        Exhibit(f"Exhibit {i}", "survival", "curves", {f"choice {j}": f"value {j}" for j in range(12)},
                (f"age_years>{30 + i}", "any(site:lung=with; site:bone=with)", f"age group {i % 16}=> {45 + i % 16}"))
        for i in range(EXHIBITS)
    )  # fmt: skip
    return Project(
        "Benchmark", "2026-11-30", "", mark_of(file, inspection.cohort), inspection.mapping, "", made,
        ("age_years>30",), tuple(Subcohort(f"Group {i}", (f"age_years>{30 + i}",)) for i in range(12)),
        {f"choice {i}": f"value {i}" for i in range(60)}, exhibits=exhibits, recorded_by="site:lung",
    )  # fmt: skip


def measure(n: int, rounds: int) -> bool:
    """Prints one cohort's figures; whether the promise holds."""
    data = patients(n)
    project = project_of(data)
    project = replace(project, recorded=open_project(project, data, "c.csv").numbers())
    text = project.to_toml()

    def opened() -> object:
        read, findings = Project.from_toml(text)
        assert not findings
        result = open_project(read, data, "c.csv")
        assert not result.findings and result.filtered is not None
        return result

    reading = seconds(lambda: inspect(open_file(data, "c.csv"), mapping=project.mapping), rounds)
    opening = seconds(opened, rounds) - reading
    ready = open_project(project, data, "c.csv")
    recording = seconds(lambda: ready.numbers(), rounds)
    saving = seconds(project.to_toml, rounds)
    print(
        f"{n:,} patients: {len(project.edits)} edits, {len(project.exhibits)} exhibits, "
        f"{len(project.recorded)} numbers, {len(text) / 1024:.0f} kB; reading the file takes {1000 * reading:.0f} ms"
    )
    for name, value in (("open", opening), ("numbers", recording), ("save", saving)):
        print(f"  {name:<9}{value / reading:6.2f} of reading, {1000 * value:.0f} ms")
    return opening < ALLOWED


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--patients", type=int, nargs="*", default=[88, 10_000])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    held = [measure(n, options.rounds) for n in options.patients]
    print(f"  allowed: open in {ALLOWED:g} s: {'kept' if all(held) else 'NOT kept'}")


if __name__ == "__main__":
    main()
