"""Commands on a source: the same answers as of the file, filters that go down, and refusals in words."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from cohorts import SAMPLES
from counted import close

from necc.cli.sources import Address, cohort_place

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("ibis")
FILE = SAMPLES / "reconstructed_cohort.csv"
ASKED = [
    "km --endpoint PRS --by site:lung --at 12 --where age_years>40",
    "km --endpoint OS --by figo_stage --where any(site:lung=with;ici=yes)",
    "sites --by ici",
    "response --by ici",
    "table1 --by site:lung --variables figo_stage,histology",
    "test --endpoint PRS --by n_sites",
    "rmst --endpoint PRS --by ici",
    "check --where figo_stage=III,IVA",
]
OF_ROWS = ("doubtful", "impossible", "notes", "findings", "questions", "remedies")  # what tells of single rows


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """The sample as Parquet, in parts, and as a table of two in a DuckDB file."""
    folder = tmp_path_factory.mktemp("sources")
    frame = pd.read_csv(FILE)
    frame.to_parquet(folder / "registry.parquet")
    (folder / "parts").mkdir()
    for place, part in enumerate((frame[:40], frame[40:])):
        part.to_parquet(folder / "parts" / f"{place}.parquet")
    with duckdb.connect(str(folder / "registry.duckdb")) as connection:
        connection.register("frame", frame)
        connection.execute("create table cohort as select * from frame")
        connection.execute("create table other as select 1 as a")
    return folder


def told(text: str) -> dict:
    """What an answer holds, without what tells of single rows."""
    return {key: value for key, value in json.loads(text)["result"].items() if key not in OF_ROWS}


@pytest.mark.parametrize("line", ASKED)
def test_a_source_answers_as_the_file_does(places, call, line):
    command, *options = line.split(" ")
    of_file = call(command, FILE, *options, "--json")
    of_source = call(command, places / "registry.parquet", "--engine", *options, "--json")
    assert (of_file[0], of_source[0]) == (0, 0), of_source
    close(told(of_file[1]), told(of_source[1]))
    source = json.loads(of_source[1])["source"]
    assert (source["filename"], source["n_patients"]) == ("registry.parquet", 88)
    assert source["n_kept"] == json.loads(of_file[1])["source"]["n_kept"]


@pytest.mark.parametrize("name", ["parts", "parts/*.parquet", "registry.duckdb"])
def test_what_only_an_engine_reads_is_asked_without_being_told_to(places, call, name):
    table = ["--table", "cohort"] if name.endswith("duckdb") else []
    code, out, err = call("km", places / name, *table, "-e", "PRS", "--by", "ici")
    assert code == 0, err
    assert out.splitlines()[0] == call("km", FILE, "-e", "PRS", "--by", "ici")[1].splitlines()[0]


def test_a_mapping_beside_the_file_is_used(places, call, tmp_path):
    other = tmp_path / "other.parquet"
    pd.read_csv(FILE).rename(columns={"figo_stage": "Stadium"}).to_parquet(other)
    named = pd.read_csv(FILE).rename(columns={"figo_stage": "Stadium"})
    named.to_csv(tmp_path / "other.csv", index=False)
    assert call("map", tmp_path / "other.csv", "-o", f"{other}.mapping.toml")[0] == 0
    code, out, err = call("km", other, "--engine", "-e", "PRS", "--by", "figo_stage")
    assert code == 0, err
    assert "mapping" in err
    assert out.splitlines()[1] == call("km", FILE, "-e", "PRS", "--by", "figo_stage")[1].splitlines()[1]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["treated", "registry.parquet", "--engine"], "needs each patient's row"),
        (["patient", "registry.parquet", "--engine", "--place", "2"], "needs each patient's row"),
        (["reproduce", "registry.parquet", "--engine"], "needs each patient's row"),
        (["map", "registry.parquet", "--engine"], "needs each patient's row"),
        (["km", "registry.duckdb", "-e", "PRS"], "table"),
        (["km", "registry.duckdb", "--table", "chort", "-e", "PRS"], "cohort"),
        (["km", "registry.duckdb", "--table", "cohort; drop table cohort", "-e", "PRS"], "no table"),
        (["km", "registry.parquet", "--engine", "-e", "PRS", "--where", "figo_stage=XII"], "not a level"),
        (["km", "no.duckdb", "-e", "PRS"], "no.duckdb"),
        (["km", "postgres://ann:hush@localhost/db", "--table", "t", "-e", "PRS"], "password"),
        (["km", "host=localhost password=hush dbname=db", "--table", "t", "-e", "PRS"], "holds a password"),
        (["km", "sqlite:///x.db?key=hush", "--table", "t", "-e", "PRS"], "holds a password"),
        (["km", "postgres://ann@localhost:1/db", "--table", "t", "-e", "PRS"], "localhost:1/db"),
    ],
)
def test_refusals_are_sentences(places, call, words, why):
    given = [places / word if word.startswith(("registry", "no.")) else word for word in words]
    code, out, err = call(*given)
    assert (code, out) == (1, "")
    assert why in err
    assert "Traceback" not in err and "hush" not in err
    assert "hush" not in err
    assert "should not have happened" not in err


@pytest.mark.parametrize("option", [["--edits", "x.toml"], ["--time", "a", "--event", "b"], ["--sheet", "A"]])
def test_options_on_reading_a_file_are_usage(places, call, option):
    code, _, err = call("km", places / "registry.parquet", "--engine", "-e", "PRS", *option)
    assert code == 2
    assert option[0] in err


@pytest.mark.parametrize("option", [["--time-limit", "0"], ["--time-limit", "soon"], ["--memory-limit", "much"]])
def test_limits_are_numbers(places, call, option):
    code, _, err = call("km", places / "registry.parquet", "--engine", "-e", "PRS", *option)
    assert code == 2
    assert option[0] in err


def test_an_address_is_named_without_who_asks():
    address = cohort_place("postgres://ann:hush@db.example.org:5432/registry?password=hush")
    assert isinstance(address, Address)
    assert address.name == "postgres://db.example.org:5432/registry"
    assert cohort_place("a/b.csv") == Path("a/b.csv")


WAITS = """
import sys, threading
import necc.engine
from necc.core.counts import behind
from necc.ingest import read_cohort

class Slow:
    ended = threading.Event()
    def n_patients(self, selections):
        print("counting", flush=True)
        self.ended.wait(60)
        raise RuntimeError("ended")
    counted = n_patients
    def cancel(self):
        print("cancelled", flush=True)
        self.ended.set()

cohort = read_cohort(sys.argv[1])
necc.engine.open_source = lambda *args, **how: behind(cohort, Slow())
from necc.cli import main
sys.exit(main(["sites", sys.argv[1], "--engine"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to one process alone")
def test_ctrl_c_ends_the_query():
    process = subprocess.Popen([sys.executable, "-c", WAITS, str(FILE)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "counting\n"
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert time.monotonic() - began < 10
        assert process.stdout.read() == "cancelled\n"
    finally:
        process.kill()
        process.stdout.close()
