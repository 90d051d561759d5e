"""Tables where they live: their counts answer as the same file read into memory, whatever stands in them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cohorts import cohort_of
from counted import answer, close
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from necc import (
    AnalysisError,
    CohortError,
    characteristics,
    co_occurrence,
    compare_survival,
    cox,
    cumulative_incidence,
    kaplan_meier,
    open_source,
    read_cohort,
    response_rates,
    restricted_mean,
    site_distribution,
    survival_grid,
)
from necc.core.cohort import Cohort
from necc.core.selection import Selection
from necc.engine import Engine, keeping
from necc.ingest.mapping import ColumnMap, EndpointMap, Mapping

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("ibis")
pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

SEVERAL = settings(  # without shrinking: each table opened takes a second
    max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ODD = ("O'Brien", 'a "b"; drop table cohort; --', "a\\b", "%_", "😀 ü", "x' or '1'='1")
ODD_COLUMN = 'stage "x"; drop table cohort; --`ü\\'


# ---------------------------------------------------------------- patients at random
def some(rng: np.random.Generator, share: float, values: Any) -> list[Any]:
    """The values, a share of them not recorded."""
    kept = list(values)
    return [None if gap else value for gap, value in zip(rng.random(len(kept)) < share, kept, strict=True)]


@dataclass(frozen=True)
class Asked:
    """A table, how it is understood, and what is asked of it. nan: numbers have NaN where nothing is recorded."""

    table: pa.Table
    mapping: Mapping | None
    endpoint: str
    by: tuple[str, ...]
    filters: tuple[str, ...]


def as_table(columns: dict[str, list[Any]], nan: tuple[str, ...] = ()) -> pa.Table:
    """An Arrow table; `nan` names the columns that have NaN, not null, where nothing is recorded."""
    arrays = {}
    for name, values in columns.items():
        own = [float("nan") if v is None else float(v) for v in values] if name in nan else values
        arrays[name] = pa.array(own, from_pandas=False)
    return pa.table(arrays)


def known(rng: np.random.Generator, n: int, gaps: float, nan: bool) -> Asked:
    """Columns by the names that the dictionary knows, with tied times, sites one a column and levels of any text."""
    months = rng.integers(1, 12, n) + rng.choice([0.0, 0.5], n)
    columns = {
        "prs_months": some(rng, gaps, months.tolist()),
        "died": some(rng, gaps, rng.integers(0, 2, n).tolist()),
        "ttr_months": some(rng, gaps, (rng.integers(1, 30, n) / 2).tolist()),
        "histology": some(rng, gaps, rng.choice(["small cell", "large cell", "NEC NOS"], n).tolist()),
        "figo_stage": some(rng, gaps, rng.choice(["IB", "IIIC1", "IVA"], n).tolist()),
        "age_years": some(rng, gaps, rng.choice([41.0, 50.0, 58.0, 71.0], n).tolist()),
        "ici": some(rng, gaps, (rng.random(n) < 0.5).tolist()),
        "best_response": some(rng, gaps, rng.choice(["CR", "PR", "SD", "PD"], n).tolist()),
        "clinic": some(rng, gaps, rng.choice(ODD, n).tolist()),
        ODD_COLUMN: some(rng, gaps, rng.choice(["low", "high"], n).tolist()),
        **{f"site_{name}": some(rng, gaps / 2, rng.integers(0, 2, n).tolist()) for name in ("lung", "liver", "bone")},
    }
    missing = ("prs_months", "ttr_months", "age_years") if nan else ()
    return Asked(
        as_table(columns, missing), None, "PRS", ("histology", "site:lung", "n_sites", "age_years>50", "clinic"),
        ("", "histology=small cell,NEC NOS", "age_years=45..60", "age_years>50", "site:lung=with",
         "any(site:lung=with;ici=yes)", "none(site:lung=with;histology=small cell)",
         "not all(site:abdominal=with;age_years=41..50)", "clinic=O'Brien", "n_sites=2..3"),
    )  # fmt: skip


def german(rng: np.random.Generator, n: int, gaps: float, nan: bool) -> Asked:
    """A German table by a mapping: days, codes 1 and 2, 999 for nothing, and the sites in one column of words."""
    words = ["Lunge", "Leber; Lunge", "Knochen", "Leber;Knochen", "keine"]
    columns = {
        "Überleben (Tage)": some(rng, gaps, (rng.integers(1, 12, n) * 30.0).tolist()),
        'Tod "1=ja; 2=nein"': some(rng, gaps, rng.integers(1, 3, n).tolist()),
        "Histologie": some(rng, gaps, rng.choice(["kleinzellig", "großzellig"], n).tolist()),
        "Alter": some(rng, gaps, rng.choice([44, 52, 63, 999], n).tolist()),
        "Orte": some(rng, gaps, rng.choice(words, n).tolist()),
        "Immuntherapie": some(rng, gaps, (rng.random(n) < 0.5).tolist()),
    }
    mapping = Mapping(
        columns=(
            ColumnMap("Überleben (Tage)", "time", "prs_months", unit="days"),
            ColumnMap('Tod "1=ja; 2=nein"', "event", "died", event=("1",), no_event=("2",)),
            ColumnMap("Histologie", "category", "histology",
                      levels=(("small cell", ("kleinzellig",)), ("large cell", ("großzellig",)))),
            ColumnMap("Alter", "number", "age_years", missing=("999",)),
            ColumnMap("Orte", "sites"),
            ColumnMap("Immuntherapie", "flag", "ici"),
        ),
        site_words=(("Lunge", "lung"), ("Leber", "liver"), ("Knochen", "bone")),
    )  # fmt: skip
    return Asked(
        as_table(columns, ("Überleben (Tage)",) if nan else ()), mapping, "PRS",
        ("histology", "site:lung", "ici", "age_years>50", "n_sites"),
        ("", "histology=small cell", "site:abdominal=with", "age_years=44..60", "not all(ici=yes;site:bone=with)"),
    )  # fmt: skip


def dated(rng: np.random.Generator, n: int, gaps: float, nan: bool) -> Asked:
    """Dates in a column of dates and in one of text, and a coded event."""
    start = pd.Timestamp("2019-03-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D")
    last = start + pd.to_timedelta(rng.integers(1, 40, n) * 10, unit="D")
    columns = {
        "Beginn": some(rng, gaps, [day.date() for day in start]),
        "Kontakt": some(rng, gaps, last.strftime("%Y-%m-%d").tolist() if nan else [day.date() for day in last]),
        "Status": some(rng, gaps, rng.integers(1, 3, n).tolist()),
        "histology": some(rng, gaps, rng.choice(["small cell", "large cell"], n).tolist()),
        "site_lung": some(rng, gaps, (rng.random(n) < 0.5).tolist()),
        "site_bone": some(rng, gaps, (rng.random(n) < 0.5).tolist()),
    }
    mapping = Mapping(
        columns=(
            ColumnMap("Beginn", "date"), ColumnMap("Kontakt", "date", date_order="ymd" if nan else ""),
            ColumnMap("Status", "event", event=("2",), no_event=("1",)),
            ColumnMap("histology", "category", "histology"),
            ColumnMap("site_lung", "site", site="lung"), ColumnMap("site_bone", "site", site="bone"),
        ),
        endpoints=(EndpointMap("FU", label="Follow-up", start="Beginn", censor_date="Kontakt", event="Status"),),
    )  # fmt: skip
    return Asked(as_table(columns), mapping, "FU", ("histology", "site:lung", "site:bone"),
                 ("", "histology=small cell", "any(site:lung=with;site:bone=without)"))  # fmt: skip


# ---------------------------------------------------------------- where they live
def in_parquet(table: pa.Table, folder: Path) -> Path:
    path = folder / "registry.parquet"
    parquet.write_table(table, path)
    return path


def in_duckdb(table: pa.Table, folder: Path) -> Path:
    path = folder / f"registry{len(list(folder.glob('*.duckdb')))}.duckdb"  # an open one can't be written
    with duckdb.connect(str(path)) as connection:
        connection.register("given", table)
        connection.execute("create table cohort as select * from given")
    return path


def questions(asked: Asked, by: str) -> dict[str, Callable[[Cohort], Any]]:
    """What is asked of a cohort, by the name of the analysis."""
    return {
        "km": lambda c: kaplan_meier(c, asked.endpoint, by, times=(0, 3, 6)),
        "all": lambda c: kaplan_meier(c, asked.endpoint),
        "grid": lambda c: survival_grid(c, asked.endpoint),
        "test": lambda c: compare_survival(c, asked.endpoint, by),
        "rmst": lambda c: restricted_mean(c, asked.endpoint, by),
        "cox": lambda c: cox(c, asked.endpoint, [by]),
        "sites": lambda c: site_distribution(c, by),
        "pairs": lambda c: co_occurrence(c),
        "table1": lambda c: characteristics(c, by),
        "incidence": lambda c: cumulative_incidence(c, by=by),
        "response": lambda c: response_rates(c, by=by),
    }


def told(result: Any) -> Any:
    """What has to be equal: a note on dates counts the file's rows here, and the patients who are left there."""
    if isinstance(result, dict):
        return {key: told(value) for key, value in result.items()}
    if isinstance(result, list | tuple):
        return [told(value) for value in result if not (isinstance(value, str) and "taken from dates" in value)]
    return result


def same(asked: Asked, source: Cohort, rows: Cohort, by: str, filters: str) -> None:
    """Every answer of the source is that of the rows, and so is every refusal."""
    chosen = Selection.parse([filters] if filters else [])
    here, there = chosen.apply(rows), chosen.apply(source)
    assert there.n_patients == here.n_patients
    for name, ask in questions(asked, by).items():
        close(told(answer(ask, here)), told(answer(ask, there)), f"{name} by {by} of {filters or 'all'}")


# ---------------------------------------------------------------- answers
@pytest.mark.parametrize("lives", [in_parquet, in_duckdb])
@pytest.mark.parametrize("made", [known, german, dated])
@SEVERAL
@given(data=st.data())
def test_a_table_answers_as_its_file(made, lives, tmp_path: Path, data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000), "seed"))
    gaps, nan = data.draw(st.sampled_from((0.0, 0.15)), "gaps"), data.draw(st.booleans(), "nan")
    asked = made(rng, data.draw(st.integers(30, 70), "n"), gaps, nan)
    rows = read_cohort(in_parquet(asked.table, tmp_path), mapping=asked.mapping)
    source = open_source(lives(asked.table, tmp_path), mapping=asked.mapping)
    assert (source.n_patients, source.site_names) == (len(rows), rows.site_names)
    assert [*source.columns] == [name for name in rows.columns if not name.startswith(("site_", "Orte"))]
    same(
        asked,
        source,
        rows,
        data.draw(st.sampled_from(asked.by), "by"),
        data.draw(st.sampled_from(asked.filters), "where"),
    )


def opened(folder: Path, columns: dict[str, list[Any]], **options: Any) -> Cohort:
    return open_source(in_duckdb(as_table(columns), folder), **options)


def refusal(where: str | Path, **options: Any) -> str:
    with pytest.raises((AnalysisError, CohortError)) as error:
        open_source(where, **options)
    return str(error.value)


FEW = {"prs_months": [1.0, 2.0, 2.0, 5.0], "died": [1, 0, 1, 1], "histology": ["small cell", "large cell"] * 2}


# ---------------------------------------------------------------- what can't be asked
def test_what_can_not_be_opened_is_told(tmp_path: Path) -> None:
    assert "there is no file 'nowhere.parquet'" in refusal(tmp_path / "nowhere.parquet")
    empty = in_parquet(pa.table({"prs_months": pa.array([], pa.float64()), "died": pa.array([], pa.int64())}), tmp_path)
    assert "has no rows" in refusal(empty)
    path = in_duckdb(as_table(FEW), tmp_path)
    assert "has no table 'patients'" in refusal(path, table="patients")
    two = tmp_path / "two.duckdb"
    with duckdb.connect(str(two)) as connection:
        connection.execute("create table one as select 1 as a")
        connection.execute("create table two as select 1 as a")
    assert "has 2 tables; name one by --table: " in refusal(two)


def test_a_password_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    in_text = refusal("postgres://reader:hush-hush@127.0.0.1:9/registry")
    assert "holds a password" in in_text and "hush" not in in_text
    monkeypatch.setenv("NECC_PASSWORD", "hush-hush")
    far = refusal("postgres://reader@127.0.0.1:9/registry")
    assert "postgres://127.0.0.1:9/registry can't be reached" in far and "hush" not in far


def test_no_other_source_s_password_goes_to_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    import ibis

    given: list[dict[str, Any]] = []

    def connect(**options: Any) -> None:
        given.append(options)
        raise RuntimeError("nobody is there")

    monkeypatch.setattr(ibis.postgres, "connect", connect)
    for name in ("NECC_PASSWORD", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FIRST_PASSWORD", "hush-hush")
    refusal("postgres://reader@one/registry", table="t", password_env="FIRST_PASSWORD")
    refusal("postgres://reader@two/registry", table="t")
    monkeypatch.setenv("NECC_PASSWORD", "other")
    refusal("postgres://reader@three/registry", table="t", password_env="NONE_SUCH")
    refusal("postgres://reader@four/registry", table="t")
    assert [options.get("password") for options in given] == ["hush-hush", None, None, "other"]


def slow_engine(folder: Path, seconds: float) -> tuple[Engine, Callable[[], object]]:
    """A source, and a question that would take it minutes."""
    engine: Any = opened(folder, FEW, time_limit_s=seconds).behind
    connection = engine.connection.backend.con
    text = "select count(*) from range(1000000) a, range(1000000) b where a.range * b.range % 7 = 3"
    return engine, lambda: connection.execute(text).fetchall()


def test_a_question_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    engine, question = slow_engine(tmp_path, 0.3)
    with pytest.raises(AnalysisError, match=r"took longer than 0\.3 s to count"):
        engine._answer("slow", question)
    assert engine.n_patients(()) == 4


def test_a_question_is_ended_by_another_thread(tmp_path: Path) -> None:
    engine, question = slow_engine(tmp_path, 60)
    ending = threading.Timer(0.3, engine.cancel)
    ending.start()
    with pytest.raises(AnalysisError, match="stopped before it was counted"):
        engine._answer("slow", question)
    ending.join()
    assert engine.n_patients(()) == 4


def test_levels_of_a_number_stay_where_a_filter_leaves_nobody(tmp_path: Path) -> None:
    columns = {"prs_months": [float(i) for i in range(1, 13)], "died": [1, 0] * 6, "visits": [0, 1, 2] * 4,
               "histology": (["small cell"] * 2 + ["large cell"]) * 4}  # fmt: skip
    rows = read_cohort(in_parquet(as_table(columns), tmp_path)).where("histology=small cell")
    source = opened(tmp_path, columns).where("histology=small cell")
    close(kaplan_meier(rows, "PRS", "visits").to_dict(), kaplan_meier(source, "PRS", "visits").to_dict())
    assert source.factor("visits").levels == rows.factor("visits").levels == ("0", "1", "2")


def test_a_code_for_nothing_is_one_in_the_table_s_unit(tmp_path: Path) -> None:
    days = [30, 90, 999, 240, 60, 999, 150, 210]
    columns = {"days": days, "dead": [1, 0] * 4, "arm": ["a", "b"] * 4}
    how = Mapping((ColumnMap("days", "number", "os_months", unit="days", missing=("999",)),
                   ColumnMap("dead", "event", "died", event=("1",), no_event=("0",)),
                   ColumnMap("arm", "category")))  # fmt: skip
    rows = read_cohort(in_parquet(as_table(columns), tmp_path), mapping=how)
    source = open_source(in_duckdb(as_table(columns), tmp_path), mapping=how)
    assert rows.endpoint("OS").n == 6
    for filters in ((), ("os_months>3",), ("none(os_months>3)",)):
        close(kaplan_meier(rows.where(*filters), "OS", "arm").to_dict(),
              kaplan_meier(source.where(*filters), "OS", "arm").to_dict())  # fmt: skip
        close(kaplan_meier(rows.where(*filters), "OS", "os_months>4").to_dict(),
              kaplan_meier(source.where(*filters), "OS", "os_months>4").to_dict())  # fmt: skip


def test_a_table_that_changed_is_told(tmp_path: Path) -> None:
    path = in_parquet(as_table(FEW), tmp_path)
    source = open_source(path)
    in_parquet(as_table(FEW | {"histology": ["adenocarcinoma"] * 4}), tmp_path)
    with pytest.raises(AnalysisError, match="values that it didn't have when it was opened"):
        kaplan_meier(source, "PRS", "histology")


def test_texts_read_as_missing_are_counted(tmp_path: Path) -> None:
    source = opened(tmp_path, FEW | {"arm": ["a", "--", "b", "--"]})
    told = [f for f in source.findings if f.code == "missing"]
    assert [(f.column, f.value, f.n) for f in told] == [("arm", "--", 2)]
    assert any(f.code == "not-compared" for f in source.findings)


def test_more_texts_than_levels_are_not_read(tmp_path: Path) -> None:
    texts = [f"text {i}" for i in range(300)]
    source = opened(tmp_path, {name: values * 75 for name, values in FEW.items()} | {"remark": texts})
    assert "remark" not in source.columns
    assert any("not read" in f.message and "remark" in f.message for f in source.findings)


def test_a_number_that_is_nan_in_parquet_is_not_recorded(tmp_path: Path) -> None:
    ages = [41.0, 50.0, 71.0, None]
    path = in_parquet(as_table(FEW | {"age_years": ages}, ("age_years",)), tmp_path)
    source, rows = open_source(path), read_cohort(path)
    for filters, n in (("age_years>50", 1), ("none(age_years>50)", 2), ("age_years=0..100", 3)):
        chosen = Selection.parse([filters])
        assert chosen.apply(source).n_patients == chosen.apply(rows).n_patients == n
    assert answer(lambda c: kaplan_meier(c, "PRS", "age_years>50"), source) == answer(
        lambda c: kaplan_meier(c, "PRS", "age_years>50"), rows
    )


@pytest.mark.parametrize("header", ["patient_id", "Name"])
def test_who_the_patients_are_is_never_asked(header: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from necc.engine import meaning

    asked, levels = [], meaning._levels

    def look(table: Any, column: Any, most: int) -> Any:
        asked.append(column.get_name())
        return levels(table, column, most)

    monkeypatch.setattr(meaning, "_levels", look)
    mapping = None if header == "patient_id" else Mapping((
        ColumnMap("Name", "identifier"), ColumnMap("prs_months", "time", "prs_months", unit="months"),
        ColumnMap("died", "event", "died", event=("1",), no_event=("0",)),
        ColumnMap("histology", "category", "histology")))  # fmt: skip
    ids = [f"SYN-{i:03}" for i in range(4)]
    source = opened(tmp_path, {header: ids, **FEW}, mapping=mapping)
    assert header not in asked and "histology" in asked and header not in source.columns
    assert source.source.notice == "Synthetic data, not real patients"
    other = opened(tmp_path, {header: ["Ann", *ids[1:]], **FEW}, mapping=mapping)
    assert other.source.notice == "" and "Ann" not in repr(other.findings)


def test_what_is_kept_is_bounded_by_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(name: str, n: int) -> Callable[[], Cohort]:
        def answer() -> Cohort:
            asked.append(name)
            return cohort_of({"age_years": [50.0] * n})

        return answer

    monkeypatch.setattr(keeping, "MOST_ROWS", 100)
    kept = keeping.Kept()
    for name in ("a", "b", "a", "c", "a", "b"):
        kept.get(name, ask(name, 40))
    assert asked == ["a", "b", "c", "b"] and "c" not in kept  # the last that was asked for goes last
    assert len(kept.get("large", ask("large", 200))) == 200 and "large" not in kept
