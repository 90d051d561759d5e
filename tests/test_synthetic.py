"""Whatever leaves the project of patients who are made up says so: downloads of every page, output of every command."""

from __future__ import annotations

import json
import struct

import pytest
from cohorts import SAMPLES
from page_helpers import NAMES, failures, open_page

from necc.cli import main
from necc.cli.options import COMMANDS
from necc.ingest import cohort_csv, privacy, read_cohort
from necc.ingest.build import SYNTHETIC
from necc.present import figures
from necc.present.figures import PRINT

FILE = SAMPLES / "reconstructed_cohort.csv"
SAMPLE = read_cohort(FILE)
OF_NO_PATIENTS = (
    "necc-template", "necc-dictionary", "validation", "claims.toml", "recipe.toml", "audit", "sources",
    "curve-settings",
)  # fmt: skip
NEEDS = {
    "km": ["--endpoint", "PRS", "--by", "ici"],
    "compare": ["--by", "site:lung"],
    "cox": ["--endpoint", "PRS", "--covariates", "age_years"],
    "parametric": ["--endpoint", "PRS"],
    "response": ["--by", "ici"],
    "patient": ["--place", "2"],
    "test": ["--endpoint", "PRS", "--by", "ici"],
    "fixed-times": ["--endpoint", "PRS", "--at", "12"],
    "subgroups": ["--endpoint", "PRS", "--exposure", "ici", "--within", "histology"],
    "predict-one": ["--endpoint", "PRS", "--covariates", "age_years", "--place", "2", "--bootstraps", "20"],
    "predict": ["--endpoint", "PRS", "--covariates", "age_years", "--folds", "2", "--repeats", "1"],
    "summarise": ["--preview"],
    "imputed": ["--endpoint", "PRS", "--covariates", "age_years,lvsi", "--imputations", "2"],
    "diagnostics": ["--endpoint", "PRS", "--covariates", "age_years"],
    "hazards": ["--covariates", "age_years", "--causes", "lung"],
    **{name: ["--endpoint", "PRS"] for name in ("rmst", "each-site", "timing", "methods", "readings", "checklist")},
}
OWN_COLUMNS = {
    "km": ["--time", "prs_months", "--event", "died"],
    "cif": ["--time", "prs_months", "--event", "died"],
    "sites": ["--sites", "site_lung,site_bone"],
}
READING = [
    c
    for c in COMMANDS
    if c not in ("app", "audit", "project", "report", "pool", "round", "lesson", "completion", "help", "schema")
]


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize("command", [*READING, *(f"{c} own" for c in OWN_COLUMNS)])
def test_every_command_says_so(command, options, capsys):
    name, _, own = command.partition(" ")
    arguments = OWN_COLUMNS[name] if own else NEEDS.get(name, [])
    assert main([name, str(FILE), *arguments, *options]) == 0
    out = capsys.readouterr().out
    if options:
        assert json.loads(out)["notice"] == SYNTHETIC
    else:
        assert SYNTHETIC in out


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_pooled_files_say_so(options, tmp_path, capsys):
    out = tmp_path / "a.json"
    assert main(["summarise", str(FILE), "--ledger", str(tmp_path / "ledger"), "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(["pool", str(out), "--endpoint", "PRS", *options]) == 0
    told = capsys.readouterr().out
    assert json.loads(told)["notice"] == SYNTHETIC if options else SYNTHETIC in told


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_a_report_says_so(options, tmp_path, capsys):
    arguments = ["--out", str(tmp_path / "out"), "--only", "project"]
    assert main(["report", str(FILE), *arguments, *options]) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["notice"] == SYNTHETIC if options else SYNTHETIC in out
    assert SYNTHETIC in (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("action", ["check", "compare"])
def test_what_a_project_shows_of_a_file_says_so(action, tmp_path, capsys):
    project = tmp_path / "p.toml"
    assert main(["project", "save", str(FILE), "-o", str(project)]) == 0
    capsys.readouterr()
    assert main(["project", action, str(project), str(FILE)]) == 0
    assert SYNTHETIC in capsys.readouterr().out
    assert main(["project", action, str(project), str(FILE), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["notice"] == SYNTHETIC


def test_a_mapping_that_is_printed_stays_a_mapping(tmp_path, capsys):
    main(["map", str(FILE)])
    mapping = tmp_path / "m.toml"
    mapping.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["check", str(FILE), "--mapping", str(mapping)]) == 0


def proportions(svg: str) -> float:
    """Height of a picture by its width."""
    width, height = svg.split('viewBox="0 0 ')[1].split('"')[0].split()
    return float(height) / float(width)


@pytest.mark.parametrize("page", NAMES)
def test_every_download_of_every_page_says_so(page, app_test, monkeypatch):
    import streamlit as st

    from necc.app.widgets import show

    taken, copied, button, copy = [], [], st.download_button, show._copy

    def download_button(label, data, file_name="", *args, **kwargs):
        taken.append((file_name, data))
        return button(label, data, file_name, *args, **kwargs)

    monkeypatch.setattr(st, "download_button", download_button)
    monkeypatch.setattr(show, "_copy", lambda **kwargs: copied.append(kwargs) or copy(**kwargs))
    app = open_page(app_test(), page)
    assert not failures(app)
    pictures = {}
    for name, data in taken:
        if name.startswith(OF_NO_PATIENTS):
            continue
        made = data() if callable(data) else data
        made = made.encode() if isinstance(made, str) else made
        stem, _, kind = name.rpartition(".")
        if kind == "png":  # as tall as the picture with its note
            width, height = struct.unpack(">II", made[16:24])
            assert height / width == pytest.approx(pictures[stem], rel=0.01), name
            continue
        assert "synthetic" in made.decode("utf-8-sig").lower(), name
        if kind == "svg":
            pictures[stem] = proportions(made.decode())
    for one in copied:
        if not one["key"].removeprefix("copy-table-").startswith(OF_NO_PATIENTS):
            assert SYNTHETIC in one["data"]["html"] and SYNTHETIC in one["data"]["tsv"], one["key"]


def test_a_picture_says_it_below():
    picture = figures.overview(SAMPLE)
    plain, noted = picture.exported(PRINT), picture.exported(PRINT, SYNTHETIC + " & <b>more</b>")
    assert SYNTHETIC not in plain and SYNTHETIC in noted
    assert "&lt;b&gt;more" in noted and noted.endswith("</svg>")


@pytest.mark.parametrize(
    "made", [cohort_csv, lambda c: cohort_csv(privacy.deidentified(c, b"secret"))], ids=["patients", "copy"]
)
def test_a_list_of_patients_says_so_and_reads_back(made):
    text = made(SAMPLE)
    again = read_cohort(text, "again.csv")
    assert b"synthetic" in text and again.source.notice == SYNTHETIC
    assert "synthetic" not in again.columns and cohort_csv(again) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("patient_id,age\nSYN-001,40\nSYN-002,50\n", True),
        ("patient_id,age,synthetic\nA,40,yes\nB,50,yes\n", True),
        ("patient_id,age,Synthetic\nA,40,1\nB,50,1\n", True),
        ("patient_id,age,synthetic\nA,40,yes\nB,50,no\n", False),
        ("patient_id,age\nSYN-001,40\nP-2,50\n", False),
        ("patient_id,age,marker\nA,40,SYN-positive\nB,50,SYN-negative\n", False),
    ],
)
def test_what_says_so(text, says):
    cohort = read_cohort(text.encode(), "c.csv")
    assert bool(cohort.source.notice) is says
    assert ("synthetic" in cohort.columns) is ("synthetic" in text and not says)
