"""What counting in DuckDB over Parquet costs, against the engine's own scan of the same columns, in one run.

    python benchmarks/bench_engine.py [--patients 10000000] [--json FILE]

Made-up patients are written to a folder of Parquet parts. Times are wall-clock seconds, the best of three, each of a
question that wasn't asked before (a filter of its own); the ratio is against a scan that sums the same columns. DuckDB
has 1 GB. Memory is the peak of the process that asks, which reads nothing else.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from necc.core.cohort import Cohort

ROOT = Path(__file__).parent.parent
SITES = ("lung", "liver", "bone", "brain", "pelvic", "kidney", "pleura")
SCAN = ["os_days", "died", *(f"site_{s}" for s in SITES)]
PART = 2_000_000
ANSWERS = ("edition:figo_stage=2018",)


def make(folder: Path, patients: int) -> None:
    """Parts of Parquet with made-up patients: a time in days, an event, four factors and seven sites."""
    import duckdb

    sites = ", ".join(f"(hash(i, {k}) % 100 < {30 - 4 * k})::TINYINT AS site_{s}" for k, s in enumerate(SITES))
    stages = "['I', 'II', 'III', 'IV'][(1 + hash(i, 21) % 4)::INT] AS figo_stage"
    histology = "['small cell', 'large cell', 'NEC NOS'][(1 + hash(i, 22) % 3)::INT] AS histology"
    for part, start in enumerate(range(0, patients, PART)):
        end = min(start + PART, patients)
        duckdb.sql(f"""COPY (SELECT least(2000, (-600 * ln(1 - (hash(i, 1) % 100000) / 100000.0)))::INT AS os_days,
            (hash(i, 2) % 10 < 6)::TINYINT AS died, (30 + hash(i, 3) % 50)::TINYINT AS age_years, {stages}, {histology},
            {sites} FROM range({start}, {end}) r(i)) TO '{folder / f"part{part:03}.parquet"}' (FORMAT parquet)""")


def best(job: Callable[[int], object], runs: int = 3) -> float:
    times = []
    for run in range(runs):
        begin = time.perf_counter()
        job(run)
        times.append(time.perf_counter() - begin)
    return min(times)


def measure(folder: Path) -> dict[str, float]:
    """Seconds of the scan and of each question, in this process."""
    import duckdb

    from necc import compare_survival, cox, kaplan_meier, open_source, site_distribution, survival_grid

    con = duckdb.connect(config={"memory_limit": "1GB"})
    sums = ", ".join(f"sum({c})" for c in SCAN)
    found = {"scan": best(lambda run: con.sql(f"SELECT {sums} FROM '{folder}/*.parquet' WHERE age_years > {40 + run}")
                          .fetchall())}  # fmt: skip
    con.close()
    begin = time.perf_counter()
    registry = open_source(folder, answers=ANSWERS, memory_limit="1GB")
    found["open"] = time.perf_counter() - begin

    def older(run: int, than: int) -> object:
        return registry.where(f"age_years > {than + run}")

    found["survival by every site, filtered"] = best(lambda run: survival_grid(older(run, 40), "OS"))
    found["survival by stage, filtered"] = best(lambda run: kaplan_meier(older(run, 44), "OS", "figo_2018"))
    found["tests between stages, filtered"] = best(lambda run: compare_survival(older(run, 48), "OS", "figo_2018"))
    found["sites, filtered"] = best(lambda run: site_distribution(older(run, 52)))
    found["Cox model of stage and histology"] = best(lambda run: cox(older(run, 56), "OS", ["figo_2018", "histology"]))
    found["patients, filtered"] = best(lambda run: older(run, 60).n_patients)
    found["a click: survival by every site, filtered"] = click(registry)
    found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def click(registry: Cohort) -> float:
    """Seconds of a run of the page on survival, its view of every site, after a filter that wasn't set before."""
    import streamlit.testing.v1.app_test as app_test
    from streamlit.runtime.pages_manager import PagesManager

    from necc.app.session.state import State
    from necc.core.selection import Selection

    class Navigated(PagesManager):  # with a folder pages/ the test would run a page without the dashboard around it
        def __init__(self, *given: Any, **named: Any) -> None:
            PagesManager.uses_pages_directory = False
            super().__init__(*given, **named)

    app_test.PagesManager = Navigated  # type: ignore[misc]  # a test's own way in, by a private name
    app = app_test.AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=300)
    app.session_state["necc"] = State(registry, sample=False)
    app.run()
    app.switch_page("pages/survival.py").run()
    view = next(b for b in app.button_group if b.key == "choice-survival-view")
    view.set_value("Every site").run()

    def clicked(run: int) -> None:
        app.session_state["necc"].select(Selection.parse([f"age_years>{64 + run}"], registry.columns))
        app.run()
        if app.exception or app.error:
            raise RuntimeError("the page failed")

    return best(clicked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=10_000_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        print(json.dumps(measure(options.folder)))
        return
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), options.patients)
        asked = [sys.executable, __file__, "--folder", folder]
        found = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
        size = sum(p.stat().st_size for p in Path(folder).iterdir()) / 1e6
    told = {"patients": options.patients, "file MB": size, **found}
    scan = found["scan"]
    print(f"{options.patients:,} patients, {size:.0f} MB; peak {found['peak MB']:.0f} MB")
    print("\n| | s | of the scan |\n|---|---|---|")
    for name, seconds in found.items():
        if name != "peak MB":
            print(f"| {name} | {seconds:.2f} | {seconds / scan:.1f} |")
    if options.json:
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
