"""Reading and mapping a file as multiples of pandas' own read_csv of it, in one run on one machine.

    python benchmarks/bench_ingest.py [ROWS] [--columns K] [--rounds R]        default: 100000 x 40, 5 rounds

"one pass" is the SHA-256 of the bytes. The promise: read and map in at most twice read_csv plus one pass. "apply" gives
the columns of a saved mapping their meanings; "suggest" is the first guess at a file nobody has seen.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from necc.core.dictionary import Dictionary  # noqa: E402
from necc.ingest import open_file, read_cohort  # noqa: E402
from necc.ingest.suggest import suggest_mapping  # noqa: E402

DAYS, SEED = 6_000, 7


def made(n: int, k: int) -> bytes:
    """A file as registries keep them: an identifier, times, dates, numbers, categories and 0/1 columns."""
    random = np.random.default_rng(SEED)
    columns: dict[str, object] = {
        "patient_id": [f"P{i:07d}" for i in range(n)],
        "prs_months": np.round(random.exponential(20, n), 2),
        "died": random.integers(0, 2, n),
        "histology": random.choice(["small cell", "large cell", "NEC NOS"], n),
        "site_lung": random.integers(0, 2, n),
    }
    makers: list[Callable[[], object]] = [
        lambda: np.round(random.normal(50, 10, n), 2),
        lambda: (np.datetime64("2005-01-01") + random.integers(0, DAYS, n)).astype(str),
        lambda: random.choice(["a", "b", "c d", "e"], n),
        lambda: random.integers(0, 2, n),
    ]
    while len(columns) < k:
        columns[f"extra_{len(columns)}"] = makers[len(columns) % len(makers)]()
    return pd.DataFrame(columns).to_csv(index=False).encode()


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The best of several, because other work on the machine only adds."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    data = made(options.rows, options.columns)
    mapping = suggest_mapping(open_file(data, "c.csv").raw, Dictionary.builtin())
    works: dict[str, Callable[[], object]] = {
        "pandas read_csv": lambda: pd.read_csv(io.BytesIO(data)),
        "one pass": lambda: hashlib.sha256(data).digest(),
        "read as text": lambda: open_file(data, "c.csv"),
        "read and map by names": lambda: read_cohort(data, "c.csv"),
        "read and apply a mapping": lambda: read_cohort(data, "c.csv", mapping=mapping),
        "read and suggest": lambda: suggest_mapping(open_file(data, "c.csv").raw, Dictionary.builtin()),
    }
    found = {name: seconds(work, options.rounds) for name, work in works.items()}
    unit = found["pandas read_csv"]
    print(f"{options.rows:,} rows x {options.columns} columns, {len(data) / 2**20:.1f} MB")
    for name, value in found.items():
        print(f"  {name:<26}{value / unit:6.2f}")
    print(f"  allowed                   {2 + found['one pass'] / unit:6.2f}")


if __name__ == "__main__":
    main()
