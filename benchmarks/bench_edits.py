"""What edits of a cohort cost, as multiples of a filter and of reading the file.

    python benchmarks/bench_edits.py [88 100000 ...]

Each edit is made alone of a made-up cohort of so many patients, beside a filter on the same cohort (its levels and the
sites of who remains are asked for), and reading the file; then 50 edits one after the other. At last the view on
curves of the dashboard, run anew after a filter and after an edit that it hasn't seen yet. Medians of 7, in
milliseconds of one process.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cohorts import csv  # noqa: E402

from necc.core.cohort import Cohort  # noqa: E402
from necc.core.edits import (  # noqa: E402
    CombineSites,
    Cut,
    Derive,
    Edit,
    FirstOf,
    LeaveOut,
    NewEndpoint,
    Order,
    Recode,
    apply_edits,
    edits_from_toml,
    edits_to_toml,
)  # fmt: skip
from necc.core.selection import Selection  # noqa: E402
from necc.ingest import read_cohort  # noqa: E402

ROUNDS, STEPS = 7, 50
SINGLE: tuple[Edit, ...] = (
    Recode("histology", (("other", ("large cell", "NEC NOS")),)),
    Order("figo_stage", ("IVA",)),
    Cut("age_years", (40, 60), "age group"),
    CombineSites(("lung", "bone"), "lung or bone"),
    LeaveOut(where=("age_years>75",), why="too old"),
    Derive("risk", "if(age_years > 50 and histology = 'small cell', 'high', 'low')"),
    NewEndpoint("E", time="prs_months", event="died"),
    FirstOf("F", ("TTR", "OS")),
)


def fifty() -> tuple[Edit, ...]:
    """Fifty edits of five kinds."""
    several: list[Edit] = []
    for i in range(STEPS // 5):
        several += [
            Cut("age_years", (40 + i, 60 + i), f"age {i}"),
            Derive(f"risk {i}", f"if(age_years > {40 + i} and site:lung, 'high', 'low')"),
            Recode(f"age {i}", ((f"not old {i}", (f"≤ {40 + i}", f"> {40 + i} to {60 + i}")),)),
            Order(f"risk {i}", ("low", "high")),
            NewEndpoint(f"E{i}", time="prs_months", event="died", unit="days"),
        ]
    return tuple(several)


def measured(work: Callable[[], object]) -> float:
    """Milliseconds, median of several."""
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took)


def filtered(cohort: Cohort) -> None:
    """A filter, made on a cohort that remembers nothing yet, and what a page asks next."""
    few = Selection.parse(["age_years=40..60", "histology=small cell"]).apply(cohort.edited())
    few.factor("figo_stage").counts()
    few.site_matrix.sum()


def edited(cohort: Cohort, edits: tuple[Edit, ...]) -> Cohort:
    """The cohort after the edits.

    Raises:
        AssertionError: one of them was skipped.
    """
    result = apply_edits(cohort, edits)
    assert all(step.applied for step in result.steps), result.findings
    return result.cohort


VIEW = """
from necc.app.session.state import get_state
from necc.app.views import survival
survival.curves(get_state().cohort)
"""


def redrawn(data: bytes) -> tuple[float, float]:
    """Milliseconds of a page's run after a filter, and after an edit; each is one that wasn't there before."""
    from streamlit.testing.v1 import AppTest

    from necc.launch import DATA_VARIABLE

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.csv"
        path.write_bytes(data)
        os.environ[DATA_VARIABLE] = str(path)
        page = AppTest.from_string(VIEW, default_timeout=120).run().run()
        state, ages = page.session_state["necc"], iter(range(20, 80))

        def after(change: Callable[[int], object]) -> float:
            took = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                change(next(ages))
                page.run()
                took.append(1000 * (time.perf_counter() - start))
            return statistics.median(took)

        filtering = after(lambda age: state.select(Selection.parse([f"age_years>{age}"])))
        state.select(Selection())
        return filtering, after(lambda age: state.edit((Cut("age_years", (age,), f"age {age}"),), "edit"))


def main(sizes: list[int]) -> None:
    for n in sizes:
        data = csv(n)
        reading = measured(lambda data=data: read_cohort(data, "made.csv"))
        cohort = read_cohort(data, "made.csv")
        once = measured(lambda cohort=cohort: filtered(cohort))
        print(f"{n:,} patients: reading {reading:.1f} ms, a filter {once:.2f} ms")
        for edit in SINGLE:
            took = measured(lambda cohort=cohort, edit=edit: edited(cohort, (edit,)))
            print(f"  {edit.kind:14} {took:8.2f} ms   {took / once:5.1f} filters   {took / reading:7.4f} of reading")
        steps = fifty()
        took = measured(lambda cohort=cohort, steps=steps: edited(cohort, steps))
        print(f"  {STEPS} edits       {took:8.2f} ms   {took / once:5.1f} filters   {took / reading:7.4f} of reading")
        took = measured(lambda steps=steps: edits_from_toml(edits_to_toml(steps)))
        print(f"  {STEPS} written and read {took:8.2f} ms")
        filtering, editing = redrawn(data)
        print(f"  a page after a filter {filtering:.0f} ms, after an edit {editing:.0f} ms: {editing / filtering:.1f}")


if __name__ == "__main__":
    main([int(n) for n in sys.argv[1:]] or [88, 100_000])
