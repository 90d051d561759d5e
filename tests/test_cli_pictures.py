"""Curves drawn by the command line: the same figure as Python's, with the size, the words and the title asked for."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from test_cli import OWN, SAMPLE

from necc import hazard_ratios, kaplan_meier, read_cohort
from necc.present import figures
from necc.present.figures import CurveSettings

KM = ("km", SAMPLE, "--endpoint", "PRS", "--by", "site:lung")


def text_of(path):
    return "\n".join("".join(t.itertext()) for t in ET.fromstring(path.read_text(encoding="utf-8")).iter())


def test_a_picture_is_the_figure_of_python_with_the_same_settings(run, tmp_path):
    out, file = tmp_path / "out.svg", tmp_path / "mine.toml"
    settings = CurveSettings(end=36, step=6, ratio=True, legend={"with": "Lung"}, palette="greyscale", width=120)
    file.write_text(settings.to_toml())
    code, result, err = run(*KM, "--svg", out, "--settings", file, "--json")
    cohort = read_cohort(SAMPLE)
    drawn = figures.survival_curves(
        kaplan_meier(cohort, "PRS", "site:lung"), figures.PRINT, settings=settings,
        ratios=hazard_ratios(cohort, "PRS", "site:lung"),
    )  # fmt: skip
    assert code == 0 and out.read_text(encoding="utf-8") == drawn.exported(note=cohort.source.notice)
    assert result["hazard_ratios"]["terms"][0]["hazard_ratio"] == pytest.approx(0.752300840268)
    assert "axis ends at 36 months" in text_of(out) and "Synthetic data" in text_of(out)
    assert ET.fromstring(out.read_text()).get("width") == str(round(120 / 25.4 * 96))


def test_single_settings_go_over_those_of_the_file_and_show_over_both(run, tmp_path):
    out, file = tmp_path / "out.svg", tmp_path / "mine.toml"
    file.write_text("end = 36\ntitle = 'Of the file'\nshow = 'risk'\n")
    code, _, _ = run(*KM, "--svg", out, "--settings", file, "--set", "title=My title", "--set", "legend.with=Lung mets",
                     "--set", "table=none")  # fmt: skip
    assert code == 0 and "My title" in text_of(out) and "Lung mets" in text_of(out)
    assert "Risk of the event" in text_of(out) and "At risk" not in text_of(out)
    code, _, _ = run(*KM, "--svg", out, "--settings", file, "--show", "cumulative-hazard", "--force")
    assert code == 0 and "Cumulative hazard" in text_of(out)


def test_a_png_and_a_text_with_the_ratio(run, tmp_path):
    out = tmp_path / "out.png"
    code, text, _ = run(*KM, "--png", out, "--set", "ratio=on", "--set", "width=85")
    assert code == 0 and out.read_bytes()[:4] == b"\x89PNG"
    assert "hazard ratio with vs without: 0.75 (0.39\u20131.46), p = 0.399" in text
    assert int.from_bytes(out.read_bytes()[16:20], "big") == pytest.approx(85 / 25.4 * 300, abs=4)


def test_what_does_not_fit_is_told_and_the_rest_is_drawn(run, tmp_path):
    out, file = tmp_path / "out.svg", tmp_path / "mine.toml"
    file.write_text("end = 12\nstep = 0\npalete = 'tol'\n")
    code, _, err = run(*KM, "--svg", out, "--settings", file, "--set", "legend.nowhere=X")
    assert (
        code == 0 and "key 'step': 0 can't be drawn" in err and "(line 2)" in err and "did you mean 'palette'?" in err
    )
    assert "legend word 'X' is for 'nowhere'" in err and "axis ends at 12 months" in text_of(out)
    code, result, _ = run(*KM, "--svg", out, "--settings", file, "--force", "--json")
    assert {"settings-value", "settings-key"} <= {f["code"] for f in result["findings"]}


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["--set", "end=36"], "with --svg OUT, --pdf, --png or --tiff", 2),
        (["--width-mm", "84"], "with --svg OUT", 2),
        (["--pdf", "OUT", "--width-mm", "20"], "84 to 400 mm", 2),
        (["--tiff", "OUT", "--dpi", "5000"], "100 to 1200", 2),
        (["--svg", "OUT", "--set", "end"], "write KEY=VALUE", 2),
        (["--svg", "OUT", "--set", "end=-3"], "above 0", 2),
        (["--svg", "OUT", "--set", "colour=red"], "unknown key", 2),
        (["--svg", "OUT", "--settings", "nowhere.toml"], "can't be opened", 1),
        (["--svg", "nowhere/out.svg"], "can't be written", 1),
    ],
)
def test_what_can_not_be_is_refused_in_words(run, tmp_path, arguments, said, code):
    arguments = [str(tmp_path / "out.svg") if a == "OUT" else a for a in arguments]
    got, _, err = run(*KM, *arguments)
    assert (got, said in err) == (code, True), err


def test_a_picture_that_is_there_stays_without_force(run, tmp_path):
    out = tmp_path / "out.svg"
    out.write_text("mine")
    code, _, err = run(*KM, "--svg", out)
    assert code == 1 and "--force" in err and out.read_text() == "mine"


def test_files_for_print_are_the_figure_of_python(run, tmp_path):
    files = {kind: tmp_path / f"out.{kind}" for kind in ("svg", "pdf", "png", "tiff")}
    asked = [word for kind, path in files.items() for word in (f"--{kind}", path)]
    code, _, _ = run(*KM, *asked, "--width-mm", "84", "--dpi", "600", "--greyscale", "--no-words")
    cohort, how = read_cohort(SAMPLE), figures.Print(84, 600, greyscale=True)
    figure = figures.survival_curves(kaplan_meier(cohort, "PRS", "site:lung"))
    assert code == 0
    for kind, path in files.items():
        assert path.read_bytes() == figure.printed(kind, how, cohort.source.notice)


def test_a_flow_is_drawn_to_every_kind_of_file(run, tmp_path):
    code, _, _ = run("flow", SAMPLE, "--where", "lvsi=yes", "--pdf", tmp_path / "flow.pdf", "--width-mm", "129")
    assert code == 0 and (tmp_path / "flow.pdf").read_bytes()[:5] == b"%PDF-"


def test_curves_of_own_columns_are_drawn(run, tmp_path):
    out, file = tmp_path / "out.svg", tmp_path / "own.csv"
    file.write_text(OWN)
    code, _, _ = run("km", file, "--time", "days", "--event", "status", "--event-value", "2", "--unit", "days",
                     "--by", "arm", "--svg", out, "--set", "ratio=on")  # fmt: skip
    assert code == 0 and "HR y vs x: " in text_of(out)
