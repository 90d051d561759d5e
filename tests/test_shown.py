"""Results in a notebook and in files: every one as HTML, many as a figure, and what is refused, in words."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest
from shown_results import MAKERS, made, sample

import necc
from necc.core.errors import AnalysisError
from necc.core.files import write_new
from necc.core.result import Viewable
from necc.present.shown import FIGURES, TABLES, table_of, to_html

NOTICE = "Synthetic"
OF_NO_COHORT = ("audit", "checklist", "compare_numbers", "count_causes", "count_risk", "fit_fine_gray", "gray_test",
                "printed_flow")  # fmt: skip
"""What is asked of counts, claims or other results, and so knows no cohort."""


class Tags(HTMLParser):
    """Tags that are open, and those that were met."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.met: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.met.add(tag)
        if tag not in ("br", "meta", "hr", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", MAKERS)
def test_a_result_shows_itself_in_a_notebook(name):
    text = made(name)._repr_html_()
    tags = Tags()
    tags.feed(text)
    assert not tags.open and not {"script", "img", "link", "iframe"} & tags.met and {"svg", "table"} & tags.met
    assert len(text) < 300_000 and not re.search(r'(href|src)="', text)
    assert name in OF_NO_COHORT or NOTICE in text


@pytest.mark.parametrize("kind", [*FIGURES, *TABLES])
def test_what_is_named_is_there(kind):
    for room, names in (("figures", FIGURES), ("tables", TABLES)):
        if kind in names:
            module, _, function = names[kind].partition(".")
            assert callable(getattr(import_module(f"necc.present.{room}.{module}"), function))
    assert kind in {one.__name__ for one in _all(Viewable)}


def _all(of: type) -> set[type]:
    return {of}.union(*(_all(one) for one in of.__subclasses__()))


@pytest.mark.parametrize("name", MAKERS)
def test_a_figure_or_why_there_is_none(name):
    result = made(name)
    try:
        figure = result.plot()
    except AnalysisError as problem:
        assert re.search(r"has no figure|(needs more than the result|is drawn over the curves): plot\(", str(problem))
        return
    assert figure.alt and f"Figure({figure.name!r}" in repr(figure) and len(repr(figure)) < 400
    if name not in OF_NO_COHORT:
        assert NOTICE in figure.note and NOTICE in figure._repr_html_() and NOTICE in figure._repr_svg_()
        assert NOTICE in figure.with_style(replace(figure.style, theme="dark")).exported()


def test_settings_are_taken_by_their_names():
    km = made("kaplan_meier")
    figure = km.plot(end=36, palette="greyscale", legend={"with": "Lung"}, order=["with"], theme="dark")
    assert figure.style.theme == "dark" and "Lung" in figure.to_svg() and "D55E00" not in figure.to_svg()
    assert km.plot(show="risk").headline != km.plot().headline or km.plot(show="risk").caption != km.plot().caption
    assert made("univariate").plot(width=600).width == 600


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("kaplan_meier", {"colour": 1}, r"no option 'colour'; there are settings.*palette"),
        ("kaplan_meier", {"pallete": "tol"}, "did you mean 'palette'"),
        ("kaplan_meier", {"palette": "pink"}, "palette: "),
        (
            "compare_survival",
            {},
            r'^SurvivalComparison has no figure, but a table: to_frame\(\), save\("x.csv"\) or.*html"\)$',
        ),
        ("restricted_mean", {}, r'the curves: plot\(km=kaplan_meier\(cohort, "PRS", by="site:lung"\)\)$'),
        ("parametric", {}, r'the curves: plot\(km=kaplan_meier\(cohort, "PRS"\)\)$'),
        ("influence", {}, r'plot\(term="n_sites", label="'),
    ],
)
def test_what_cannot_be_drawn_is_told(name, options, told):
    with pytest.raises(AnalysisError, match=told):
        made(name).plot(**options)


def test_a_model_is_drawn_term_by_term():
    model, figure = made("cox"), made("cox").plot()
    drawn = [row.estimate.value for row in figure.shows.rows]
    assert drawn == [t.hazard_ratio for t in model.terms]
    assert "together in one model" not in figure.caption and "80 patients, 37 events" in figure.caption


@pytest.mark.parametrize(
    ("path", "options", "told"),
    [
        ("nodir/x.svg", {}, r"'x.svg' can't be written: there is no folder '.*nodir'$"),
        ("nodir/x.csv", {}, r"there is no folder '.*nodir'$"),
        ("x.csv", {"end": 36}, r"^option 'end' is for a picture, and a .csv is none$"),
        ("x.csv", {"end": 36, "dpi": 300}, r"^options 'end' and 'dpi' are for a picture, and a .csv is none$"),
        ("x.svg", {"width_mn": 84}, r"there are .*width_mm.*did you mean 'width_mm'"),
        ("x.svg", {"width_mm": 1}, r"^width_mm: 1 mm can't be printed"),
    ],
)
def test_what_cannot_be_saved_is_told(path, options, told, tmp_path):
    with pytest.raises(AnalysisError, match=told):
        made("kaplan_meier").save(tmp_path / path, **options)


@pytest.mark.parametrize("path", [None, io.BytesIO(), 7])
def test_a_file_has_a_path(path):
    for thing in (made("kaplan_meier"), made("kaplan_meier").plot()):
        with pytest.raises(AnalysisError, match='such as "curves.svg"; found (NoneType|BytesIO|int)$'):
            thing.save(path)


def test_incidence_by_groups_shows_every_cause():
    result = made("cumulative_incidence")
    html = result._repr_html_()
    assert "<svg" in html and all(f">{c.label}</th>" in html for c in result.causes)
    drawn = max(result.causes, key=lambda c: c.n_events)
    assert result.plot().headline.startswith(f"{result.label}: Cumulative incidence of {drawn.label} by")


@pytest.mark.parametrize("name", ["hazard_ratios", "cox_imputed", "each_site"])
def test_ratios_are_drawn_as_a_forest(name, tmp_path):
    result = made(name)
    frame, figure = result.to_frame(), result.plot()
    assert [row.estimate.value for row in figure.shows.rows] == frame["hazard_ratio"].tolist()
    assert "together" not in figure.caption and "88 patients" in figure.caption
    assert ("Rubin's rules. 88 patients, 40 events. 2 imputations" in figure.caption) == (name == "cox_imputed")
    assert NOTICE in result.save(tmp_path / "x.svg").read_text(encoding="utf-8")


def test_an_imputed_number_is_drawn_with_its_unit():
    ten = necc.cox_imputed(sample(), "PRS", ["age_years", "tumor_size_cm"], imputations=2, per={"age_years": 10})
    assert "per 10" in ten.plot().alt and "unit" not in ten.to_frame()


def test_every_site_is_tabled_as_it_is_read():
    """No raw column, and hazard ratio, p and adjusted p of every site."""
    result = made("each_site")
    table = table_of(result)
    assert [row[0] for row in table.rows] == [site.label for site in result.sites]
    heads = [c.partition(" (95 % CI)")[0] for c in table.columns]
    assert heads == ["Site", "With: events/n", "Without: events/n", "With: median", "Without: median", "Hazard ratio",
                     "p", "Adjusted p"]  # fmt: skip
    abdominal = dict(zip(heads, table.rows[1], strict=True))
    assert abdominal["With: events/n"] == "17/33" and abdominal["Hazard ratio"] == "2.38 (1.22\u20134.63)"
    assert (abdominal["p"], abdominal["Adjusted p"]) == ("0.011", "0.087") and "adjusted p = 0.087" in repr(result)
    assert "adjusted for 8 sites (Holm)" in " ".join(table.notes) and "EachSite" not in result._repr_html_()


def test_a_site_of_too_few_says_so():
    one = replace(made("each_site").sites[0], term_p_adjusted=None)
    none = dict.fromkeys(("coefficient", "se", "hazard_ratio", "ci_lower", "ci_upper", "p"))
    few = replace(one, term=replace(one.term, **none, note="too few to test: 3 patients in 'with'"))
    table = table_of(replace(made("each_site"), sites=(few,)))
    assert table.rows[0][5:] == ("not estimable", "too few to test", "\u2013") and "3 patients in" in table.notes[2]


def test_a_figure_that_needs_more_takes_it():
    means, km = made("restricted_mean"), made("kaplan_meier")
    assert NOTICE in means.plot(km=km).note


@pytest.mark.parametrize("kind", ["svg", "png", "pdf", "tiff", "tif", "csv", "json", "html"])
def test_a_result_is_saved_by_its_suffix(kind, tmp_path):
    path = made("kaplan_meier").save(tmp_path / f"curve.{kind}")
    data = path.read_bytes()
    starts = {"png": b"\x89PNG", "pdf": b"%PDF", "tiff": b"II", "tif": b"II", "svg": b"<svg", "html": b"<!doctype"}
    assert data.startswith(starts.get(kind, b"")) and len(data) > 500
    if kind in ("svg", "json", "html"):
        assert NOTICE.encode() in data
    with pytest.raises(AnalysisError, match="is there already; force=True"):
        made("kaplan_meier").save(path)
    assert made("kaplan_meier").save(path, force=True) == path


def test_a_saved_table_is_the_frame(tmp_path):
    text = made("cox").save(tmp_path / "cox.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    frame = made("cox").to_frame()
    assert [float(row["hazard_ratio"]) for row in rows] == frame["hazard_ratio"].tolist()
    assert {row["synthetic"] for row in rows} == {"yes"}  # as in a file of the command line
    whole = json.loads(made("cox").save(tmp_path / "cox.json").read_text(encoding="utf-8"))
    assert whole["terms"][0]["hazard_ratio"] == frame["hazard_ratio"][0] and NOTICE in whole["notice"]


def test_a_formula_in_a_name_is_not_run(tmp_path):
    model = made("cox")
    evil = replace(model, terms=(replace(model.terms[0], label='=HYPERLINK("x")'),))
    text = evil.save(tmp_path / "cox.csv").read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "<b>" not in replace(model, label="<b>x</b>")._repr_html_().replace("<b></b>", "")


EVIL = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.km(EVIL, EVIL),
        lambda c: c.cox(EVIL, EVIL),
        lambda c: c.test(EVIL, EVIL),
        lambda c: c.characteristics(EVIL),
        lambda c: c.cox(EVIL, EVIL).plot(),
        lambda c: replace(c.km(EVIL, EVIL).plot(), headline=EVIL, caption=EVIL, note=EVIL),
        lambda c: c.factor(EVIL),
        lambda c: c,
    ],
    ids=("curves", "model", "tests", "characteristics", "a figure", "words of a figure", "factor", "cohort"),
)
def test_a_file_s_own_words_are_never_html(ask):
    n = 24
    rows = {"t": [*range(1, n + 1)], "e": [1, 1, 0] * (n // 3), EVIL: [f"{EVIL}{i % 2}" for i in range(n)]}
    thing = ask(necc.from_frame(rows, time="t", event="e", endpoint=EVIL, unit="months", filename=EVIL))
    text, tags = to_html(thing), Tags()
    tags.feed(text)
    assert "&lt;img" in text and "img" not in tags.met and "<img" not in text


def test_print_options_shape_a_picture(tmp_path):
    km = made("kaplan_meier")
    grey = km.save(tmp_path / "grey.svg", greyscale=True, width_mm=84).read_text(encoding="utf-8")
    assert "0072B2" not in grey and 'width="317"' in grey
    with pytest.raises(AnalysisError, match="10 mm can't be printed"):
        km.save(tmp_path / "a.svg", width_mm=10)
    with pytest.raises(AnalysisError, match=r"'end' is for a picture, and a \.csv is none"):
        km.save(tmp_path / "a.csv", end=3)
    with pytest.raises(AnalysisError, match=r"no file of the kind '\.doc' is written; there are \.svg"):
        km.save(tmp_path / "a.doc")
    with pytest.raises(AnalysisError, match="can't be written"):
        km.save(tmp_path / "missing" / "a.svg")
    with pytest.raises(AnalysisError, match="has no suffix"):
        km.plot().save(tmp_path / "curve")
    assert not list(tmp_path.glob("a.*"))


# ---------------------------------------------------------------- cohorts and questions
def test_a_cohort_tells_no_patient():
    cohort = sample()
    shown = repr(cohort) + cohort._repr_html_()
    ids = [str(v) for v in cohort.ids]
    assert "88 patients" in repr(cohort) and NOTICE in repr(cohort) and len(repr(cohort)) < 300
    assert not [v for v in ids if re.search(rf"\b{re.escape(v)}\b", shown)]
    late = necc.Selection.parse(["figo_stage=III"])
    assert "27 patients of 88" in repr(late.apply(cohort)) and "27 of 88" in late.apply(cohort)._repr_html_()


def test_questions_and_factors_are_short():
    selection = necc.Selection.parse(["figo_stage=III,IVA", "any(site:lung=with; age_years>50)"])
    assert eval(repr(selection), {"Selection": necc.Selection}) == selection
    assert repr(sample().factor("site:lung")) == "Factor(site:lung: without 54 and with 34)"


def test_a_reading_is_short():
    reading = necc.inspect(b"id,time\n1,2\n", "a.csv")
    assert repr(reading).startswith("Inspection(") and len(repr(reading)) < 400
    assert "<pre>" in to_html(reading)


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "curves.csv"
    path.write_text("old")

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(AnalysisError, match="'curves.csv' can't be written: No space left on device"):
        write_new(path, b"new", force=True)
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    link.symlink_to(real)
    with pytest.raises(AnalysisError, match="is there already"):
        write_new(link, b"new")
    assert write_new(link, b"new", force=True) == link and link.is_symlink() and real.read_text() == "new"
