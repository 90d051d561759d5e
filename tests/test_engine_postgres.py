"""A table in PostgreSQL: its counts answer as the same file read into memory, and nothing is written or repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest
from cohorts import SAMPLES
from counted import answer, close

from necc import (
    AnalysisError,
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
from necc.ingest import Mapping, inspect

psycopg = pytest.importorskip("psycopg")
pytest.importorskip("ibis")
from psycopg import sql  # noqa: E402  # where it is there

FILE = SAMPLES / "reconstructed_cohort.csv"
ODD = 'clinic "x"; drop table cohort; --`ü'
LEVELS = ("O'Brien", 'a "b"; drop table cohort; --', "a\\b", "😀 ü", "x' or '1'='1")


def table() -> pd.DataFrame:
    """The sample with a column and levels that would break a query made of text."""
    frame = pd.read_csv(FILE)
    return frame.assign(**{ODD: [LEVELS[i % len(LEVELS)] for i in range(len(frame))]})


def write(address: str, name: str, frame: pd.DataFrame) -> None:
    """A table of the server with a frame's rows: whole numbers, numbers and texts."""
    kinds = {"i": "bigint", "f": "double precision", "b": "boolean"}
    with psycopg.connect(address, password="hush-hush") as connection:
        columns = [sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(kinds.get(frame[c].dtype.kind, "text")))
                   for c in frame]  # fmt: skip
        connection.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(name), sql.SQL(", ").join(columns)))
        places = sql.SQL(", ").join([sql.Placeholder()] * len(frame.columns))
        rows: list[list[Any]] = [[None if pd.isna(v) else v for v in row] for row in frame.astype(object).to_numpy()]
        insert = sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(name), places)
        connection.cursor().executemany(insert, rows)


@pytest.fixture(scope="module")
def server(postgres: str) -> Iterator[str]:
    write(postgres, "cohort", table())
    with psycopg.connect(postgres, password="hush-hush") as connection:
        connection.execute("CREATE VIEW slow AS SELECT c.* FROM cohort c, LATERAL (SELECT pg_sleep(30), c.died) s")
        connection.execute("CREATE TABLE nobody AS SELECT * FROM cohort WHERE false")
    yield postgres


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NECC_PASSWORD", "hush-hush")


@pytest.fixture(scope="module")
def both(server: str) -> Iterator[tuple[Cohort, Cohort]]:
    """The sample in memory and in the database, read by one mapping."""
    frame = table()
    mapping: Mapping | None = inspect(frame, "cohort").mapping
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NECC_PASSWORD", "hush-hush")
        yield read_cohort(frame, "cohort", mapping=mapping), open_source(server, table="cohort", mapping=mapping)


ASKED: dict[str, Callable[[Cohort], Any]] = {
    "kaplan_meier": lambda c: kaplan_meier(c, "PRS", "site:abdominal"),
    "an odd column": lambda c: kaplan_meier(c, "OS", ODD),
    "survival_grid": lambda c: survival_grid(c, "PRS"),
    "compare_survival": lambda c: compare_survival(c, "PRS", "age_years>50", strata="site:lung"),
    "restricted_mean": lambda c: restricted_mean(c, "PRS", "site:lung", tau=24),
    "cumulative_incidence": lambda c: cumulative_incidence(c, "TTR", "site:lung"),
    "cox": lambda c: cox(c, "PRS", ["site:abdominal", "figo_stage"]),
    "site_distribution": lambda c: site_distribution(c, "ici"),
    "response_rates": lambda c: response_rates(c),
}
FILTERS = ("", "age_years=45..60", "any(site:lung=with;figo_stage=III)", "none(site:bone=with;age_years>60)")


LISTED = ("impossible", "doubtful")


def told(result: Any) -> Any:
    """An answer without the patients that rows list, and the note that counts list none."""
    notes = [note for note in result["notes"] if "aren't listed" not in note]
    return {**{key: value for key, value in result.items() if key not in LISTED}, "notes": notes}


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("name", ASKED)
def test_counts_answer_as_rows(both: tuple[Cohort, Cohort], name: str, filters: str) -> None:
    rows, source = (c.where(filters) if filters else c for c in both)
    assert source.n_patients == len(rows)
    close(told(answer(ASKED[name], rows)), told(answer(ASKED[name], source)), name)


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_of_any_text_is_only_a_level(both: tuple[Cohort, Cohort], level: str) -> None:
    rows, source = (c.where({ODD: level}) for c in both)
    assert source.n_patients == len(rows) > 10
    assert both[1].unnarrowed().n_patients == 88


def refusal(address: str, **options: Any) -> str:
    with pytest.raises(AnalysisError) as told:
        open_source(address, **options)
    assert "hush" not in str(told.value)
    return str(told.value)


def test_refusals_are_sentences(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "has no table 'chort'" in refusal(server, table="chort") and "cohort" in refusal(server, table="chort")
    assert "has 3 tables" in refusal(server)
    assert "no rows" in refusal(server, table="nobody")
    assert "took longer than 1 s" in refusal(server, table="slow", time_limit_s=1)
    monkeypatch.setenv("NECC_PASSWORD", "hush")
    assert "NECC_PASSWORD" in refusal(server, table="cohort")


def test_nothing_is_written_and_no_password_repeated(both: tuple[Cohort, Cohort], server: str) -> None:
    source: Any = both[1]
    with pytest.raises(Exception, match="read-only"):
        source.behind.connection.backend.raw_sql("DROP VIEW slow")
    told = [repr(source), repr(source.behind), source.source.filename, *map(repr, source.findings)]
    assert not any("hush" in text for text in told) and "owner" not in source.source.filename
