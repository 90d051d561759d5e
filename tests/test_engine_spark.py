"""A table in Spark, on this computer: its counts answer as the same file read into memory.

pyspark isn't installed with the tests, as it takes 400 MB: `pip install pyspark`, with Java, lets them run.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cohorts import SAMPLES
from counted import answer, close

from necc import cox, kaplan_meier, open_source, read_cohort, site_distribution, survival_grid
from necc.core.cohort import Cohort

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed"),
    pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed"),
    pytest.mark.filterwarnings("ignore"),  # pyspark's own, on pandas
]
ASKED: dict[str, Callable[[Cohort], Any]] = {
    "kaplan_meier": lambda c: kaplan_meier(c, "PRS", "site:abdominal"),
    "survival_grid": lambda c: survival_grid(c, "PRS"),
    "cox": lambda c: cox(c, "PRS", ["site:abdominal", "figo_stage"]),
    "site_distribution": lambda c: site_distribution(c, "ici"),
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cohort, Cohort]]:
    """The sample in memory and in Spark."""
    from pyspark.sql import SparkSession

    path: Path = tmp_path_factory.mktemp("spark") / "cohort.parquet"
    frame = pd.read_csv(SAMPLES / "reconstructed_cohort.csv")
    frame.to_parquet(path)
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    session.read.parquet(str(path)).createOrReplaceTempView("cohort")
    yield read_cohort(frame, "cohort"), open_source("pyspark://local", table="cohort")
    session.stop()


@pytest.mark.parametrize("filters", ["", "age_years=45..60", "none(site:lung=with;age_years>60)"])
def test_counts_answer_as_rows(both: tuple[Cohort, Cohort], filters: str) -> None:
    rows, source = (c.where(filters) if filters else c for c in both)
    assert source.n_patients == len(rows)
    for name, ask in ASKED.items():
        close(answer(ask, rows), answer(ask, source), name)
