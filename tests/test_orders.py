"""The order of levels that a file, a frame or a mapping states is kept: for levels, for the reference, for scores."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from necc.core.cohort import Cohort
from necc.ingest import ColumnMap, Mapping, inspect

AGES = ("young", "mid", "old")
N = 60


def frame() -> pd.DataFrame:
    generator = np.random.default_rng(7)
    codes = np.arange(N) % 3
    return pd.DataFrame({
        "patient_id": [f"P{i}" for i in range(N)], "group": codes + 1.0,
        "os_months": generator.exponential(20 - 5 * codes).round(2), "died": (generator.random(N) < 0.7).astype(float),
    })  # fmt: skip


def of_labels(tmp_path: Path, kind: str, **more) -> bytes:
    path = tmp_path / f"c.{kind}"
    write = pyreadstat.write_dta if kind == "dta" else pyreadstat.write_sav
    write(frame(), str(path), variable_value_labels={"group": {1.0: "young", 2.0: "mid", 3.0: "old"}}, **more)
    return path.read_bytes()


def of_parquet(ordered: bool) -> bytes:
    data = frame()
    data["group"] = pd.Categorical.from_codes((data["group"] - 1).astype(int), list(AGES), ordered=ordered)
    stream = BytesIO()
    data.to_parquet(stream, index=False)
    return stream.getvalue()


def read(data: bytes, name: str, mapping: Mapping | None = None) -> Cohort:
    result = inspect(data, name, mapping=mapping)
    assert result.cohort, result.findings
    return result.cohort


@pytest.mark.parametrize("kind", ["dta", "sav", "parquet"])
def test_the_order_of_the_file_is_that_of_the_levels(kind, tmp_path):
    """Was mid, old, young."""
    data = of_parquet(True) if kind == "parquet" else of_labels(tmp_path, kind)
    cohort = read(data, f"c.{kind}")
    assert cohort.factor("group").levels == AGES
    assert cohort.dictionary.variables["group"].ordered
    subset = cohort.subset(np.arange(len(cohort)) < 30)
    assert subset.factor("group").levels == AGES


def test_a_list_without_a_scale_keeps_its_order_alone(tmp_path):
    for data, name in (
        (of_parquet(False), "c.parquet"),
        (of_labels(tmp_path, "sav", variable_measure={"group": "nominal"}), "c.sav"),
    ):
        cohort = read(data, name)
        assert cohort.factor("group").levels == AGES and not cohort.dictionary.variables["group"].ordered


def test_texts_of_parquet_state_no_order():
    data = frame()
    data["group"] = data["group"].map({1.0: "young", 2.0: "mid", 3.0: "old"})
    stream = BytesIO()
    data.to_parquet(stream, index=False)
    cohort = read(stream.getvalue(), "c.parquet")
    assert cohort.factor("group").levels == ("mid", "old", "young")
    assert not cohort.dictionary.variables["group"].ordered


def test_a_mapping_has_the_last_word(tmp_path):
    data = of_labels(tmp_path, "dta")
    columns = (
        ColumnMap("patient_id", "identifier", "patient_id"),
        ColumnMap("group", "category", levels=(("old", ()), ("mid", ()), ("young", ()))),
        ColumnMap("os_months", "time", "os_months", unit="months"), ColumnMap("died", "event", "died", event=("1",)),
    )  # fmt: skip
    assert read(data, "c.dta", Mapping(columns)).factor("group").levels == AGES[::-1]


def test_the_reference_and_the_scores_follow(tmp_path):
    from necc.analysis.regression import cox

    cohort = read(of_labels(tmp_path, "dta"), "c.dta")
    model = cox(cohort, "OS", ["group"])
    assert [t.level for t in model.terms] == ["mid", "old"] and {t.reference for t in model.terms} == {"young"}


def test_a_filter_on_renamed_levels_keeps_the_order(tmp_path):
    raw_levels = ColumnMap("group", "category", levels=())
    columns = (
        ColumnMap("patient_id", "identifier", "patient_id"), raw_levels,
        ColumnMap("os_months", "number"), ColumnMap("died", "flag"),
    )  # fmt: skip
    assert read(of_labels(tmp_path, "sav"), "c.sav", Mapping(columns)).factor("group").levels == AGES
