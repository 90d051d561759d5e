"""One start of the command line for several files, endpoints and factors; where answers go, and in which formats."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from time import process_time
from typing import get_args

import pandas as pd
import pytest

from necc import kaplan_meier, read_cohort
from necc.analysis.multiplicity import Method
from necc.analysis.regression import cox, univariate
from necc.cli import main
from necc.cli.answers import PICTURES
from necc.cli.files import Unwritten, telling_name, write
from necc.cli.options.models import ADJUSTMENTS
from necc.core.frames import as_csv

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
ENVELOPE = {"schema", "version", "source", "filters", "arguments", "findings", "accepted", "result"}


def small(path: Path, n: int = 20) -> Path:
    """A file of the sample's first patients."""
    path.write_text("\n".join(SAMPLE.read_text(encoding="utf-8").splitlines()[: n + 1]) + "\n", encoding="utf-8")
    return path


def of_stdin(*arguments: object, given: bytes | None) -> subprocess.CompletedProcess[bytes]:
    """`necc` as a process of its own, with bytes on its standard input."""
    command = [sys.executable, "-m", "necc", *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, cwd=ROOT, check=False)


def test_what_is_read_is_never_written_over(run, tmp_path):
    own = small(tmp_path / "mine.csv")
    (tmp_path / "linked.csv").symlink_to(own)
    (tmp_path / "hard.csv").hardlink_to(own)
    (tmp_path / "curve.toml").write_text("end = 36\n", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ways = [
        *(["-o", tmp_path / name] for name in ("mine.csv", "linked.csv", "hard.csv")),
        ["--svg", own], ["--pdf", tmp_path / "linked.csv"],
        ["--settings", tmp_path / "curve.toml", "--svg", tmp_path / "curve.toml"],
    ]  # fmt: skip
    for way in ways:
        code, _, err = run("km", own, "-e", "PRS", *way, "--force")
        assert code == 1 and "is read by this command, and isn't written over" in err, way
    code, _, err = run("km", SAMPLE, own, "-e", "PRS", "-o", own, "--force")
    assert code == 1 and "is read by this command" in err
    assert run("map", own, "-o", own, "--force")[0] == 1
    assert run("project", "save", own, "-o", own, "--force")[0] == 1
    shelf = tmp_path / "out"
    shelf.mkdir()
    (shelf / "project.toml").symlink_to(own)
    assert run("report", own, "--out", shelf, "--only", "project", "--force")[0] == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before


# ---------------------------------------------------------------- questions
def test_every_file_endpoint_and_factor_is_asked_in_that_order(run, tmp_path):
    other = small(tmp_path / "other.csv")
    code, out, _ = run("km", SAMPLE, other, "-e", "OS,PRS", "--by", "none,ici", "--json")
    asked = [(a["source"]["filename"], a["arguments"]["endpoint"], a["arguments"]["by"]) for a in out["answers"]]
    assert code == 0 and out["schema"] == "necc.answers/1"
    assert asked == [(f, e, by) for f in (SAMPLE.name, other.name) for e in ("OS", "PRS") for by in (None, "ici")]
    for answer in out["answers"]:
        assert set(answer) == ENVELOPE
    whole = read_cohort(SAMPLE)
    assert out["answers"][1]["result"]["test"] == kaplan_meier(whole, "OS", "ici").to_dict()["test"]
    assert out["answers"][1]["source"]["n_patients"] == 88 and out["answers"][-1]["source"]["n_patients"] == 20


def test_every_site_is_a_factor_of_its_own(run):
    out = run("km", SAMPLE, "-e", "PRS", "--by", "site:each", "--json")[1]
    sites = read_cohort(SAMPLE).site_names
    assert [a["arguments"]["by"] for a in out["answers"]] == [f"site:{site}" for site in sites] and len(sites) > 3
    assert [a["result"]["by"] for a in out["answers"]] == [f"site:{site}" for site in sites]


def test_one_question_stays_one_answer(run):
    one = run("km", SAMPLE, "-e", "OS", "--json")[1]
    assert set(one) > ENVELOPE and one["schema"] == "necc.km/1"
    assert {key: one[key] for key in one["result"]} == one["result"], "today's keys stand beside the envelope's"
    assert run("km", SAMPLE, "-e", "OS,OS", "--by", "ici,ici", "--json")[1]["schema"] == "necc.km/1"


def test_a_name_with_a_comma_is_one_name(run, tmp_path):
    path = tmp_path / "own.csv"
    rows = [f"{t},{t % 2},{'ab'[t % 2]}" for t in range(1, 21)]
    path.write_text("\n".join(['months,event,"arm, planned"', *rows]) + "\n")
    own = ("--time", "months", "--event", "event")
    out = run("km", path, *own, "--endpoint", "Relapse, any", "--by", "arm, planned", "--json")[1]
    assert out["schema"] == "necc.km/1" and out["result"]["by"] == "arm, planned"
    assert out["arguments"]["endpoint"] == "Relapse, any"


def test_the_file_is_read_once(run, monkeypatch):
    from necc import ingest

    read, times = ingest.read_cohort, []
    monkeypatch.setattr(ingest, "read_cohort", lambda *a, **k: times.append(1) or read(*a, **k))
    assert run("km", SAMPLE, "-e", "OS,PRS,TTR", "--by", "ici,site:each")[0] == 0
    assert len(times) == 1


def test_what_fails_is_told_in_its_place_and_the_others_are_answered(run, tmp_path):
    gone = tmp_path / "gone.csv"
    code, out, err = run("km", gone, SAMPLE, "-e", "OS,XYZ", "--by", "ici")
    assert code == 1 and "== reconstructed_cohort.csv: OS by ici ==" in out
    assert err.count("error: gone.csv: ") == err.count("gone.csv: ") == 1  # whatever is asked of it
    assert "error: reconstructed_cohort.csv: XYZ by ici: " in err
    code, out, _ = run("km", gone, SAMPLE, "-e", "OS,XYZ", "--json")
    told = [(a["source"]["filename"], a.get("accepted", True)) for a in out["answers"]]
    assert code == 1 and told == [(gone.name, False), (SAMPLE.name, True), (SAMPLE.name, False)]
    refused = out["answers"][0]
    assert set(refused) == ENVELOPE | {"accepted", "error"} and refused["result"] is None
    assert refused["findings"][0]["code"] == "unreadable-file" and refused["schema"] == "necc.km/1"


def test_what_is_asked_wrongly_of_one_file_alone_is_one_refusal(run, tmp_path):
    """A file with one endpoint needs no -e, the other does."""
    one = tmp_path / "one.csv"
    one.write_text("patient_id,os_months,died\na,1,1\nb,2,0\nc,3,1\n")
    for files in ((one, SAMPLE), (SAMPLE, one)):
        code, out, err = run("km", *files)
        assert (
            code == 1 and "== one.csv ==" in out and err.count("--endpoint is needed; this file has TTR, PRS, OS") == 1
        )
    assert run("km", one)[0] == 0


@pytest.mark.parametrize(("fault", "said"), [
    (ValueError("a cell of a patient"), "this should not have happened (ValueError); please report it"),
    (MemoryError("a cell of a patient"), "there is not enough memory for this file"),
])  # fmt: skip
def test_a_fault_of_ours_is_told_without_a_cell(run, monkeypatch, fault, said):
    def fails(*_, **__):
        raise fault

    monkeypatch.setattr("necc.ingest.read_cohort", fails)
    code, out, err = run("km", SAMPLE, "-e", "OS")
    assert code == 1 and said in err and out == "" and "of a patient" not in err and "Traceback" not in err
    code, out, _ = run("km", SAMPLE, "-e", "OS", "--json")
    assert code == 1 and said in out["error"] and "of a patient" not in json.dumps(out)


def test_who_stops_it_finds_no_file_of_half_the_answers(run, tmp_path, monkeypatch):
    from necc import analysis

    asked, fit = [], analysis.survival.kaplan_meier

    def twice(*args, **options):
        asked.append(1)
        if len(asked) > 2:
            raise KeyboardInterrupt
        return fit(*args, **options)

    monkeypatch.setattr("necc.analysis.survival.kaplan_meier", twice)
    assert run("km", SAMPLE, "-e", "OS,PRS,TTR", "-o", tmp_path / "all.csv")[0] == 130
    assert len(asked) == 3 and not [*tmp_path.iterdir()]


def test_where_nothing_could_be_asked_it_is_usage(run):
    assert run("km", SAMPLE, SAMPLE)[0] == 2, "no endpoint is named"
    assert run("km", SAMPLE, "-e", "XYZ,ZYX")[0] == 1


def test_all_that_read_a_cohort_take_several_files(run, tmp_path):
    other = small(tmp_path / "other.csv")
    for command, *rest in (["check"], ["sites"], ["flow"], ["response"], ["cif"], ["compare", "--by", "ici"],
                           ["cox", "-e", "OS", "--covariates", "age_years"], ["parametric", "-e", "OS"]):  # fmt: skip
        code, out, _ = run(command, SAMPLE, other, *rest, "--json")
        assert (code, [a["source"]["filename"] for a in out["answers"]]) == (0, [SAMPLE.name, other.name]), command
        assert {a["schema"] for a in out["answers"]} == {f"necc.{command}/1"}


def test_fifty_cohorts_cost_their_computing_and_one_start(run, tmp_path):
    files = [small(tmp_path / f"cohort{i:02}.csv") for i in range(50)]
    ask = ("-e", "OS", "--by", "ici", "-q", "--csv")
    run("km", files[0], *ask)
    start = process_time()
    run("km", files[0], *ask)
    one = process_time() - start
    start = process_time()
    code, out, _ = run("km", *files, *ask)
    fifty = process_time() - start
    assert code == 0 and pd.read_csv(io.StringIO(out))["file"].nunique() == 50
    assert fifty < 65 * one, f"{fifty:.2f} s for fifty, {one:.3f} s for one that is warm"


# ---------------------------------------------------------------- the envelope
def test_the_envelope_says_of_what_and_what_was_asked(run):
    from hashlib import sha256

    where = ["--where", "age_years>40", "--where", "ici=yes,no"]
    out = run("km", SAMPLE, "-e", "OS", "--by", "ici", *where, "--level", "0.9", "--at", "12,24", "--json")[1]
    source = out["source"]
    assert source["sha256"] == sha256(SAMPLE.read_bytes()).hexdigest() and source["filename"] == SAMPLE.name
    assert (source["n_rows"], source["n_patients"]) == (88, 88) and source["n_kept"] == out["filtered"]["n"] < 88
    assert source["notice"] == out["notice"] and "Synthetic" in source["notice"]
    assert out["filters"] == ["age_years>40", "ici=yes,no"]
    asked = out["arguments"]
    assert (asked["endpoint"], asked["by"], asked["level"], asked["at"]) == ("OS", "ici", 0.9, [12, 24])
    assert asked["scheme"] is None and asked["header_row"] is None and asked["answer"] is None  # nobody gave them
    assert asked["ci"] == "log-log", "what nobody gave stands there, too"
    assert not {"json", "output", "format", "force", "where", "files", "svg"} & {*asked}


def test_paths_and_patients_are_not_repeated(run, tmp_path):
    edits = tmp_path / "private folder" / "edits.toml"
    edits.parent.mkdir()
    edits.write_text("edits_version = 1\n")
    out = run("km", SAMPLE, "-e", "OS", "--edits", edits, "--json")[1]
    assert out["arguments"]["edits"] == "edits.toml" and "private folder" not in json.dumps(out)
    who = read_cohort(SAMPLE).ids[4]
    asked = run("patient", SAMPLE, "--patient", who, "--json")[1]["arguments"]
    assert who not in json.dumps(asked) and not {"patient", "typed", "row", "place"} & {*asked}


def test_a_refusal_stands_in_the_same_envelope(run):
    code, out, _ = run("km", SAMPLE, "-e", "XYZ", "--json")
    assert code == 1 and set(out) == ENVELOPE | {"accepted", "error"} and out["accepted"] is False
    assert "XYZ" in out["error"] and out["source"]["sha256"] and out["arguments"]["endpoint"] == "XYZ"


# ---------------------------------------------------------------- formats and files
def test_a_table_has_file_endpoint_and_factor_in_front(run, tmp_path):
    other = small(tmp_path / "other.csv")
    code, out, _ = run("km", SAMPLE, other, "-e", "OS,PRS", "--by", "ici", "--csv")
    table = pd.read_csv(io.StringIO(out))
    assert code == 0 and [*table.columns[:3]] == ["file", "endpoint", "by"] and set(table["synthetic"]) == {"yes"}
    mine = table[(table["file"] == SAMPLE.name) & (table["endpoint"] == "PRS")].reset_index(drop=True)
    expected = kaplan_meier(read_cohort(SAMPLE), "PRS", "ici").to_frame().reset_index(drop=True)
    pd.testing.assert_frame_equal(mine[expected.columns], expected, check_dtype=False)


def test_a_table_of_one_answer_is_its_frame(run):
    table = pd.read_csv(io.StringIO(run("cox", SAMPLE, "-e", "OS", "--covariates", "age_years,ici", "--csv")[1]))
    expected = cox(read_cohort(SAMPLE), "OS", ["age_years", "ici"]).to_frame()
    assert [*table.columns] == [*expected.columns, "synthetic"] and len(table) == len(expected) == 2


def test_a_cell_that_a_spreadsheet_would_run_is_text():
    rows = [*csv.reader(io.StringIO(as_csv(pd.DataFrame({"=a": ["=1+1", "b"], "x": [-1.5, None]}))))]
    assert rows == [["'=a", "x"], ["'=1+1", "-1.5"], ["b", ""]]


def test_a_folder_gets_a_file_an_answer_in_every_format(run, tmp_path):
    folder = tmp_path / "new" / "out"
    ask = ("km", SAMPLE, "-e", "OS,PRS", "--by", "age_years>50,site:lung")
    code, out, _ = run(*ask, "-o", folder, "--format", "csv,json,svg,png,text")
    names = [f"reconstructed_cohort-km-{e}-{by}" for e in ("OS", "PRS") for by in ("age_years_50", "site_lung")]
    kinds = ("csv", "json", "svg", "png", "txt")
    assert code == 0 and {p.name for p in folder.iterdir()} == {f"{name}.{kind}" for name in names for kind in kinds}
    assert out.split() == [str(folder / f"{name}.{kind}") for name in names for kind in kinds]
    one = json.loads((folder / f"{names[3]}.json").read_text(encoding="utf-8"))
    assert set(one) == ENVELOPE and one["arguments"]["by"] == "site:lung"
    assert (folder / f"{names[0]}.png").read_bytes()[:4] == b"\x89PNG"
    assert "Synthetic data" in (folder / f"{names[0]}.svg").read_text(encoding="utf-8")
    assert "Synthetic data" in (folder / f"{names[0]}.txt").read_text(encoding="utf-8")


def test_nothing_that_is_there_is_written_over(run, tmp_path):
    ask = ("km", SAMPLE, "-e", "OS,PRS", "--format", "csv", "-o", tmp_path)
    mine = tmp_path / "reconstructed_cohort-km-PRS.csv"
    mine.write_text("mine")
    code, _, err = run(*ask)
    assert code == 1 and f"{mine} is there already; --force writes over it" in err and mine.read_text() == "mine"
    assert (tmp_path / "reconstructed_cohort-km-OS.csv").exists()
    assert run(*ask, "--force")[0] == 0 and mine.read_text().startswith("file,endpoint,by,stratum")
    single = tmp_path / "one.json"
    assert run("km", SAMPLE, "-e", "OS", "-o", single)[0] == 0
    assert json.loads(single.read_text(encoding="utf-8"))["schema"] == "necc.km/1"
    code, _, err = run("km", SAMPLE, "-e", "PRS", "-o", single)
    assert code == 1 and "--force" in err and json.loads(single.read_text(encoding="utf-8"))["endpoint"] == "OS"


def test_where_nothing_was_answered_what_is_there_stays(run, tmp_path):
    old = tmp_path / "old.txt"
    old.write_text("kept", encoding="utf-8")
    for out, force in ((old, ["--force"]), (tmp_path / "new.txt", [])):
        assert run("km", SAMPLE, "-e", "nothing", "-o", out, *force)[0] == 1
    assert old.read_text(encoding="utf-8") == "kept" and [*tmp_path.iterdir()] == [old]


def test_a_command_without_picture_options_draws_its_result(run, tmp_path):
    code = run("diagnostics", SAMPLE, "-e", "PRS", "--covariates", "n_sites", "--format", "svg", "-o", tmp_path)[0]
    assert code == 0 and [path.suffix for path in tmp_path.iterdir()] == [".svg"]


def test_one_file_takes_the_format_of_its_ending(run, tmp_path):
    for kind in (*PICTURES, "csv", "json", "txt"):
        path = tmp_path / f"curves.{kind}"
        assert run("km", SAMPLE, "-e", "OS", "-o", path)[0] == 0 and path.stat().st_size > 200, kind
    table = tmp_path / "all.csv"
    assert run("km", SAMPLE, "-e", "OS,PRS", "-o", table)[0] == 0
    assert set(pd.read_csv(table)["endpoint"]) == {"OS", "PRS"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "svg"), "say where the files go"),
        (("--format", "csv,json"), "say where the files go"),
        (("--json", "--csv"), "say where the files go"),
        (("--format", "xml"), "--format takes text, json, csv, svg"),
        (("-o", "OUT/x.xml"), "the ending isn't one of txt, json, csv, svg"),
        (("-o", "OUT/x.svg", "--format", "csv"), "is a file of svg"),
        (("-o", "OUT/x.svg", "-e", "OS,PRS"), "is one picture, and there are several answers"),
        (("--svg", "OUT/x.svg", "-e", "OS,PRS"), "--format svg -o DIR"),
        (("--level", "90"), "did you mean 0.9"),
        (("--set", "end=36"), "with --svg OUT"),
    ],
)
def test_what_can_not_leave_so_is_refused_in_words(run, tmp_path, arguments, said, capsys):
    words = [a.replace("OUT", str(tmp_path)) for a in arguments]
    try:
        code, _, err = main(["km", str(SAMPLE), *([] if "-e" in words else ["-e", "OS"]), *words]), *capsys.readouterr()
    except SystemExit as left:
        code, err = left.code, capsys.readouterr().err
    assert (code, said in err) == (2, True), err
    assert not [*tmp_path.iterdir()]


def test_what_has_no_table_or_picture_says_so(run, tmp_path):
    code, _, err = run("check", SAMPLE, "--csv")
    assert code == 1 and "necc check gives no table" in err
    for command, *rest in (["check"], ["compare", "--by", "ici"]):
        code, _, err = run(command, SAMPLE, *rest, "-o", tmp_path / "out.svg")
        assert code == 1 and f"necc {command} draws no picture of this" in err and not [*tmp_path.iterdir()]


@pytest.mark.parametrize("command", ["sites", "flow", "response", "cif", "cox"])
def test_a_result_is_drawn_by_the_figure_that_it_shows_itself_by(run, tmp_path, command):
    ask = ["-e", "OS", "--covariates", "age_years,ici"] if command == "cox" else []
    assert run(command, SAMPLE, *ask, "-o", tmp_path / "out.svg")[0] == 0
    picture = (tmp_path / "out.svg").read_text(encoding="utf-8")
    assert picture.startswith("<svg") and picture.count("Synthetic data") == 1


def test_quiet_leaves_errors_alone(run):
    assert "note:" in run("km", SAMPLE, "-e", "OS")[2] and run("km", SAMPLE, "-e", "OS", "-q")[2] == ""
    assert "XYZ" in run("km", SAMPLE, "-e", "XYZ", "-q")[2]


def test_names_of_files_are_safe_and_once():
    taken: set[str] = set()
    names = [telling_name(["a b", "km", "../x", part], taken) for part in ("é/ü", "é:ü", "É/ü", "")]
    assert names == ["a_b-km-x-é_ü", "a_b-km-x-é_ü-2", "a_b-km-x-É_ü-3", "a_b-km-x"]


def test_files_are_written_all_or_none(tmp_path):
    from argparse import Namespace

    options, good, bad = Namespace(force=False), tmp_path / "a.txt", tmp_path / "no" / "b.txt"
    with pytest.raises(Unwritten, match="b.txt can't be written: No such file"):
        write(options, {good: b"a", bad: b"b"})
    assert not [*tmp_path.iterdir()], "nothing is left, not even half"
    write(options, {good: b"a", bad: b"b"}, folders=True)
    assert (good.read_bytes(), bad.read_bytes()) == (b"a", b"b")
    with pytest.raises(Unwritten, match="--force"):
        write(options, {tmp_path / "c.txt": b"", good: b"c"})
    assert not (tmp_path / "c.txt").exists() and good.read_bytes() == b"a"
    if os.name != "nt":
        link = tmp_path / "link.txt"
        link.symlink_to(good)
        write(Namespace(force=True), {link: b"by a link"})
        assert link.is_symlink() and good.read_bytes() == b"by a link"
        mask = os.umask(0o022)
        os.umask(mask)
        assert stat.S_IMODE(good.stat().st_mode) == 0o666 & ~mask, "readable as any new file of this person"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_device_is_written_to_and_never_replaced(run):
    code, _, err = run("km", SAMPLE, "-e", "OS", "--svg", "/dev/full")
    assert code == 1 and "No space left on device" in err and not Path("/dev/full").is_file()


# ---------------------------------------------------------------- standard input
def test_standard_input_is_read_by_its_content():
    done = of_stdin("km", "-", "-e", "OS,PRS", "--csv", "-q", given=SAMPLE.read_bytes())
    table = pd.read_csv(io.BytesIO(done.stdout))
    assert done.returncode == 0 and set(table["file"]) == {"standard input"} and done.stderr == b""
    expected = kaplan_meier(read_cohort(SAMPLE), "OS").to_frame()
    assert len(table[table["endpoint"] == "OS"]) == len(expected)
    named = of_stdin("km", "-", "--stdin-name", "x.csv", "-e", "OS", "--json", given=SAMPLE.read_bytes())
    assert json.loads(named.stdout)["source"]["filename"] == "x.csv"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", b"standard input is empty"),
        (SAMPLE.read_bytes()[:3000], b"1 cell where the header has"),
        (bytes(range(256)) * 20, b"not a text table"),
        (SAMPLE.read_bytes().splitlines()[0], b"a header and no rows"),
    ],
    ids=["empty", "ends early", "garbage", "no rows"],
)
def test_bad_standard_input_is_told_in_a_sentence(given, said):
    done = of_stdin("km", "-", "-e", "OS", given=given)
    assert done.returncode == 1 and said in done.stderr and done.stdout == b"" and b"Traceback" not in done.stderr


def test_standard_input_is_read_once_and_never_waited_for(run, monkeypatch):
    code, _, err = run("km", "-", "-", "-e", "OS")
    assert code == 2 and "is named twice" in err
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    code, _, err = run("km", "-", "-e", "OS")
    assert code == 2 and "nothing is sent to it" in err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no broken pipes")
def test_who_stops_reading_is_not_told_of_it():
    command = f"'{sys.executable}' -m necc km '{SAMPLE}' -e OS,PRS,TTR --by none,site:each --json | head -c 10"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert done.stdout == b'{"schema":' and b"roken" not in done.stderr and b"Traceback" not in done.stderr


# ---------------------------------------------------------------- options of models
def test_terms_and_level_are_those_of_python(run):
    ask = ("cox", SAMPLE, "-e", "PRS", "--covariates", "age_years,ici", "--reference", "ici=yes", "--per",
           "age_years=10", "--interactions", "ici*site:lung", "--level", "0.9")  # fmt: skip
    model = cox(read_cohort(SAMPLE), "PRS", ["age_years", "ici"], reference={"ici": "yes"}, per={"age_years": 10},
                interactions=["ici*site:lung"], level=0.9)  # fmt: skip
    out = run(*ask, "--json")[1]
    assert out["result"] == json.loads(json.dumps(model.to_dict()))
    assert "90 % CI" in run(*ask)[1]


def test_adjustment_is_that_of_python(run):
    names = ["age_years", "ici", "site:lung"]
    ask = ("cox", SAMPLE, "-e", "PRS", "--covariates", ",".join(names), "--univariate")
    for how in ADJUSTMENTS:
        table = univariate(read_cohort(SAMPLE), "PRS", names, multivariable=names, adjustment=how)
        out = run(*ask, "--adjustment", how, "--json")[1]
        assert out["result"]["terms"] == json.loads(json.dumps(table.to_dict()))["terms"]
    assert get_args(Method) == ADJUSTMENTS


def test_every_interval_is_told_with_its_level(run):
    told = run("km", SAMPLE, "-e", "OS", "--by", "ici", "--at", "12", "--level", "0.9")[1]
    assert "90 % CI" in told and "95 %" not in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--reference", "ici"), "--reference takes NAME=VALUE"),
        (("--per", "age_years=ten"), "--per takes NAME=NUMBER"),
        (("--per", "age_years=1", "--per", "age_years=2"), "--per names 'age_years' twice"),
        (("--adjustment", "bh"), "--adjustment belongs to --univariate"),
        (("--stepwise", "forward-lr", "--interactions", "ici*age_years"), "don't go with --stepwise"),
    ],
)
def test_options_of_models_are_refused_in_words(run, arguments, said):
    code, _, err = run("cox", SAMPLE, "-e", "PRS", "--covariates", "age_years,ici", *arguments)
    assert code == 2 and said in err


def test_order_is_another_word_for_levels(run):
    both = [run("km", SAMPLE, "-e", "OS", "--by", "ici", option, "ici=yes,no", "--json")[1]["result"]
            for option in ("--levels", "--order")]  # fmt: skip
    assert both[0] == both[1] and both[0]["levels"] == ["yes", "no"]


def test_two_files_of_one_name_are_told_apart_in_their_tables(run, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        small(tmp_path / folder / "one.csv")
    small(tmp_path / "two.csv")
    out = tmp_path / "out"
    files = (tmp_path / "a" / "one.csv", tmp_path / "b" / "one.csv", tmp_path / "two.csv")
    assert run("km", *files, "-e", "OS", "--format", "csv", "-o", out)[0] == 0
    tables = {path.name: pd.read_csv(path) for path in out.iterdir()}
    assert set(tables) == {"one-km-OS.csv", "one-km-OS-2.csv", "two-km-OS.csv"}
    assert {*tables["two-km-OS.csv"]["file"]} == {"two.csv"} and {*tables["one-km-OS.csv"]["endpoint"]} == {"OS"}
