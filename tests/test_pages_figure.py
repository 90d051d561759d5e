"""The controls of a figure on the page: each reaches the curves, is undone, and stays in the presentation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cohorts import from_sample
from page_helpers import choose, failures, look_at, open_page, press, shown_figures, view_alone, words

from necc.analysis.regression import hazard_ratios
from necc.analysis.survival import kaplan_meier
from necc.core.selection import Selection
from necc.core.text import format_ratio
from necc.present import figures
from necc.present.figures import CurveSettings

SAMPLE = from_sample("reconstructed_cohort.csv")

PAGE = """
from necc.app.session.state import get_state
from necc.app.views import survival
survival.curves(get_state().cohort)
"""


@pytest.fixture
def page(app_test):
    return choose(open_page(app_test(), "survival"), "by", "site:lung")


def curves(app):
    return shown_figures(app)[0]


def state(app):
    return app.session_state["necc"]


def axis(app):
    return curves(app).spec["layout"]["xaxis"]


def test_axes_marks_and_palette_reach_the_figure(page):
    page = choose(page, "curve-end-months", "36")
    page = choose(page, "curve-step-months", "4,5")
    assert axis(page)["range"] == [0, 36] and axis(page)["tickvals"][1] == 4.5
    page = choose(page, "curve-palette", "greyscale")
    assert "#000000" in {t["line"]["color"] for t in curves(page).spec["data"] if "line" in t}
    page = choose(page, "curve-bands", "off")
    assert not any("fill" in t for t in curves(page).spec["data"])
    page = choose(page, "curve-table", "none")
    assert not [t for t in curves(page).spec["data"] if t.get("name") == "numbers"]
    page = choose(page, "curve-scale", "Proportion")
    assert curves(page).spec["layout"]["yaxis"]["ticktext"][1] == "0.25"
    assert not failures(page) and "follow-up goes on to" in words(page)


def test_words_reach_the_figure_and_no_link(page):
    page = choose(page, "curve-title", "My title")
    page = choose(page, "curve-word-site:lung-with", "Lung at first recurrence")
    page = choose(page, "curve-order-site:lung", ["with"])
    figure = curves(page)
    assert figure.headline == "My title" and "Lung at first recurrence" in figure.alt
    first = next(t["legendgroup"] for t in figure.spec["data"] if t.get("showlegend"))
    assert first == "Lung at first recurrence"
    assert any(h.value == "## My title" for h in page.markdown)
    told = [v for values in state(page).written.values() for v in values]
    assert not any("title" in v or "Lung at" in v for v in told), told


def test_the_hazard_ratio_is_that_of_the_patients_left_by_the_filters(page):
    page = choose(page, "curve-ratio", True)
    (note,) = (n for n in curves(page).spec["layout"]["annotations"] if n["xref"] == "x domain")
    assert "HR with vs without: 0.75" in note["text"] and "p for proportional hazards 0.108" in note["text"]
    late = Selection.parse(["figo_stage=III"])
    state(page).select(late)
    page = page.run()
    (note,) = (n for n in curves(page).spec["layout"]["annotations"] if n["xref"] == "x domain")
    (term,) = hazard_ratios(late.apply(SAMPLE), "PRS", "site:lung").terms
    assert f"HR with vs without: {format_ratio(term.hazard_ratio)} (" in note["text"]
    assert format_ratio(term.hazard_ratio) != "0.75"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("curve-end-months", "soon", "Axis ends at: 'soon' is not a number"),
        ("curve-step-months", "0", "Ticks every: 0 can't be drawn"),
        ("curve-width", "5", "Print width: 5 mm can't be drawn; allowed are 80 to 400 mm"),
        ("curve-end-months", "500", "the follow-up already at"),
        ("curve-height", "41", "too low"),
        ("curve-word-site:lung-with", "without", "each needs a word of its own"),
    ],
)
def test_what_can_not_be_is_told_and_the_figure_stays(page, name, value, said):
    page = choose(page, name, value)
    assert said in words(page) and not failures(page) and curves(page).spec["data"]


def test_undo_takes_back_one_setting_and_back_to_usual_all_of_them_in_one_step(page):
    usual = curves(page).to_svg()
    page = choose(page, "curve-end-months", "12")
    page = choose(page, "curve-title", "Mine")
    changed = curves(page)
    page = press(page, "Back to usual")
    assert curves(page).to_svg() == usual and not [n for n in state(page).chosen if n.startswith("curve-")]
    state(page).undo()
    page = page.run()
    assert curves(page).to_svg() == changed.to_svg() and curves(page).headline == "Mine"
    state(page).undo()
    page = page.run()
    assert axis(page)["range"] == [0, 12] and curves(page).headline != "Mine"


def test_settings_stay_in_the_presentation_where_no_control_is_drawn():
    page = choose(view_alone(PAGE, by="site:lung"), "curve-end-months", "24")
    state(page).presenting = True
    page = page.run()
    assert axis(page)["range"] == [0, 24] and not [w for w in page.text_input if "curve" in w.key]


def test_settings_of_a_link_are_taken():
    page = view_alone(PAGE, **{"by": "site:lung", "curve-end-months": "18", "curve-palette": "tol"})
    assert axis(page)["range"] == [0, 18]
    assert "#4477AA" in {t["line"]["color"] for t in curves(page).spec["data"] if "line" in t}


def test_other_views_draw_their_curves_by_the_same_settings(page):
    page = choose(page, "curve-end-months", "24")
    for view in ("tests", "fixed-times"):
        page = look_at(page, "survival-view", view)
        assert axis(page)["range"] == [0, 24] and not failures(page)


def test_the_settings_file_is_read_again_as_what_is_shown(page, monkeypatch):
    from necc.app.widgets import shape

    kept = []
    monkeypatch.setattr(shape, "download", lambda label, make, *_, **__: kept.append(make()))
    page = choose(page, "curve-end-months", "30")
    page = choose(page, "curve-word-site:lung-with", "Lung")
    assert CurveSettings.from_toml(kept[-1]) == (CurveSettings(end=30, legend={"with": "Lung"}), ())


def upload(app, text):
    key = next(u.key for u in app.get("file_uploader") if u.key.startswith("curve-settings-upload"))
    return app.file_uploader(key=key).upload("mine.toml", text.encode(), "application/toml").run()


def test_a_settings_file_is_taken_in_one_step_that_can_be_undone(page):
    settings = CurveSettings(
        title="Mine", show="risk", scale="proportion", end=24, step=4.5, bands=False, medians=True, censoring=False,
        table=("events", "at risk"), ratio=True, legend={"with": "Lung"}, order=("with",), palette="tol", width=85,
        height=90,
    )  # fmt: skip
    page = choose(page, "curve-end-months", "36")
    before = curves(page).to_svg()
    page = upload(page, settings.to_toml())
    figure = curves(page)
    assert not failures(page) and figure.headline == "Mine" and axis(page)["tickvals"][1] == 4.5
    km, ratios = kaplan_meier(SAMPLE, "PRS", "site:lung"), hazard_ratios(SAMPLE, "PRS", "site:lung", order=("with",))
    drawn = figures.survival_curves(
        km, figure.style, settings=replace(settings, table=("at risk", "events")), ratios=ratios
    )  # fmt: skip
    assert figure.to_svg() == drawn.to_svg()
    state(page).undo()
    assert curves(page.run()).to_svg() == before


def test_a_settings_file_that_is_wrong_is_told_and_the_rest_taken(page):
    page = upload(page, "end = 24\nstep = -1\npalete = 'tol'\n")
    assert axis(page)["range"] == [0, 24] and "key 'step'" in words(page) and "did you mean 'palette'?" in words(page)
    page = upload(page, "end =")
    assert axis(page)["range"] == [0, 24] and "not valid TOML" in words(page)


def test_levels_of_a_person_s_own_file_stand_in_no_link_and_no_file_name(monkeypatch, tmp_path, app_test):
    path = tmp_path / "own.csv"
    rows = [f"P{i},{i % 17 + 1},{i % 2},{('Zebra', 'Okapi')[i % 3 > 0]}" for i in range(40)]
    path.write_text("patient_id,os_months,died,enclosure\n" + "\n".join(rows) + "\n")
    monkeypatch.setenv("NECC_DATA", str(path))
    page = choose(open_page(app_test(), "survival"), "by", "enclosure")
    page = choose(page, "curve-order-enclosure", ["Okapi"])
    page = choose(page, "curve-word-enclosure-Zebra", "Striped")
    page = choose(page, "curve-palette", "tol")
    figure = curves(page)
    listed = [t["legendgroup"] for t in figure.spec["data"] if t.get("showlegend")]
    assert listed == ["Okapi", "Striped"] and not failures(page)
    address = f"{state(page).written}"
    assert "curve-palette" in address and not any(w in address for w in ("Okapi", "Zebra", "Striped", "enclosure"))
    assert not any(w.lower() in figure.name for w in ("Okapi", "Zebra", "Striped"))
