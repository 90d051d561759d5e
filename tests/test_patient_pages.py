"""One patient on one screen: whom it shows, how one goes on, and what never leaves the session."""

from __future__ import annotations

import json
import time
from functools import wraps
from pathlib import Path

import numpy as np
import pytest
from page_helpers import choose, failures, look_at, open_page, press, shown_figures, tables, words
from test_figures import SAMPLE

from necc.analysis.patient import case, predict_case
from necc.analysis.prediction import compare_models
from necc.app.views import one_patient
from necc.core.selection import Selection, picked, positions
from necc.ingest import cohort_csv, read_cohort

KEY = f"case-patient-{SAMPLE.source.sha256[:12]}"
FILES = Path(__file__).parent / "files"


@pytest.fixture
def one(app_test):
    """The view of one patient, with the sample."""
    return look_at(open_page(app_test(), "patients"), "patients-view", "one-patient")


def state(app):
    return app.session_state["necc"]


def present(app):
    state(app).presenting = state(app).touched = True
    return app.run()


def opened(app) -> str:
    return next(e.proto.body for e in app.get("html") if "Patient " in e.proto.body and "necc-who" in e.proto.body)


def everything(app) -> str:
    """All that reaches the browser: words, pictures with their alternative texts, labels of widgets."""
    parts = [str(p.proto) for p in app.get("bidi_component")] + [str(e.proto) for e in app.get("html")]
    widgets = [*app.button, *app.selectbox, *app.text_input, *app.button_group, *app.multiselect]
    return "\n".join([words(app), *parts, *(str(w.proto) for w in widgets)])


def own_file(app, text: str):
    app.file_uploader[0].upload("clinic.csv", text.encode(), "text/csv").run()
    return app


# ---------------------------------------------------------------- who is open
def test_previous_and_next_go_through_the_patients_shown(one):
    assert "<b>Patient 1</b> of 88" in opened(one) and one.button(key="case-previous").disabled
    one.button(key="case-next").click().run()
    assert "<b>Patient 2</b> of 88" in opened(one) and not failures(one)
    state(one).select(Selection.parse(["site:lung=with"]))
    one.run()
    lung = positions(state(one).cohort).tolist()
    assert 2 not in lung and any("leave out the patient" in i.value for i in one.info)
    press(one, "Open the first of those shown")
    assert f"of {len(lung)}" in opened(one) and state(one).chosen[KEY] in lung


def test_a_filter_that_leaves_the_patient_out_says_so_and_offers_the_way(one):
    without = next(p for p, ok in enumerate(SAMPLE.factor("site:lung").codes == 1, start=1) if not ok)
    state(one).choose(KEY, without, "patient")
    state(one).select(Selection.parse(["site:lung=with"]))
    one.run()
    assert any("The filters leave out the patient" in i.value for i in one.info) and not shown_figures(one)
    press(one, "Undo the last change")
    assert f"<b>Patient {without}</b> of 88" in opened(one)


def test_who_is_open_is_in_no_address_and_no_project(one):
    choose(one, KEY.removeprefix("choice-"), 7)
    assert state(one).chosen[KEY] == 7 and "<b>Patient 7</b>" in opened(one)
    asked = one.text_input(key=f"choice-case-question-{SAMPLE.source.sha256[:12]}-7")
    asked.set_value("Is a second line worth it?").run()
    held = state(one)
    assert not [n for n in held.written if "case" in n or "question" in n]
    assert "worth it" not in json.dumps(held.written) and KEY in held.private
    from necc.app.session.project import gather

    told = gather(held)[0].to_toml()
    assert "worth it" not in told and "case-patient" not in told
    assert not [n for n in held.chosen if n.startswith("case-") and n not in held.private]


def test_a_row_of_the_list_and_a_mark_open_the_patient(app_test):
    app = look_at(open_page(app_test(), "patients"), "patients-view", "list")
    assert not failures(app) and any(f.name == "patient-timelines" for f in shown_figures(app))
    assert not [b for b in app.button if b.key == "open-picked"]
    state(app).pick(str(picked([14])))
    app.run()
    app.button(key="open-picked").click().run()
    assert state(app).chosen["patients-view"] == "One patient" and state(app).chosen[KEY] == 14
    assert not state(app).selection, "the click's filter goes, so that there are others to go on to"
    app.run()
    assert "<b>Patient 14</b> of 88" in opened(app)


def test_columns_of_the_list_are_chosen_and_timelines_sorted(app_test):
    app = look_at(open_page(app_test(), "patients"), "patients-view", "list")
    choose(app, "list-columns", ["histology", "lvsi"])
    assert list(app.dataframe[0].value.columns) == ["Patient", "Histology", "Lymphovascular space invasion"]
    choose(app, "timelines-by", "length of follow-up")
    assert not failures(app)
    first = next(f for f in shown_figures(app) if f.name == "patient-timelines")
    times = SAMPLE.endpoint("OS").time
    longest = int(np.nanargmax(np.where(SAMPLE.endpoint("OS").valid, times, np.nan))) + 1
    assert first.alt.split(". ")[1].startswith(f"Patient {longest}:")
    choose(app, "list-timelines", False)
    assert not any(f.name == "patient-timelines" for f in shown_figures(app))


# ---------------------------------------------------------------- what is shown
def test_the_screen_says_what_the_core_says(one):
    choose(one, KEY, 2)
    core = case(SAMPLE, 2)
    names = {f.name for f in shown_figures(one)}
    assert {"patient-timeline", "patient-standing", "patient-body"} <= names
    said = words(one)
    assert f"{core.similar.n} similar patients of 87 others" in said
    rows = [row for table in tables(one) for row in table]
    first = core.conditional.rows[0].estimate
    assert any(f"{100 * first.value:.0f} %" in cell for row in rows for cell in row)
    assert any(row[1] == f"{core.received[0].n} of {core.received[0].of}" for row in rows if len(row) == 3)
    assert "isn't shown to foretell better than the curve of everybody" in said


def test_the_fields_of_the_rule_are_chosen_and_their_order_counts(one):
    choose(one, "like-fields", ["histology"])
    assert "who share: Histology small cell" in words(one) and not failures(one)
    choose(one, "like-fields", ["histology", "site:brain"])
    assert "Histology small cell; Brain " in words(one)


def test_a_group_below_the_smallest_cell_is_not_described(one):
    choose(one, KEY, 2)
    assert "similar patients received" in str(tables(one)).lower()
    state(one).desk.hide_below = 20
    one.run()
    assert "similar patients received" not in str(tables(one)).lower() and not failures(one)
    told = words(one)
    assert "fewer than 20" in told.lower() and "13 similar" not in told and "Who is similar" not in str(tables(one))
    assert not any("13 patients" in f.caption for f in shown_figures(one))


def test_presented_without_identifier_date_or_row(one):
    choose(one, KEY, 12)
    present(one)
    told = everything(one)
    assert not failures(one) and "<b>Patient 12</b> of 88" in opened(one)
    assert "SYN-" not in told and "row 13" not in told
    assert {"Previous", "Next"} <= {b.label for b in one.button}
    one.button(key="case-next").click().run()
    assert "<b>Patient 13</b> of 88" in opened(one) and "SYN-" not in everything(one)


def test_the_list_presented_has_courses_but_no_rows(app_test):
    app = look_at(open_page(app_test(), "patients"), "patients-view", "list")
    present(app)
    assert not app.dataframe and "SYN-" not in everything(app)
    assert any(f.name == "patient-timelines" for f in shown_figures(app))


def test_files_to_take_away_name_no_patient(one):
    choose(one, KEY, 12)
    assert all("SYN" not in f.name and "12" not in f.name for f in shown_figures(one))


def test_the_next_patient_is_there_in_half_a_second(one):
    one.button(key="case-next").click().run()
    taken = []
    for _ in range(3):
        begun = time.process_time()
        one.button(key="case-next").click().run()
        taken.append(time.process_time() - begun)
    assert min(taken) < 0.5


# ---------------------------------------------------------------- odd cohorts
ODD = {
    "one patient": cohort_csv(SAMPLE.subset(np.arange(88) == 3)).decode(),
    "four patients": cohort_csv(SAMPLE.subset(np.arange(88) < 4)).decode(),
    "identifier and time": "patient_id,prs_months,died\nA1,3,1\nA2,8,0\nA3,12,1\nA4,4,1\nA5,9,0\nA6,20,1\n",
    "a patient with nothing else": "patient_id,prs_months,died,site_lung\nA1,,,\nA2,8,0,1\nA3,12,1,0\nA4,4,1,1\n",
    "no sites": "patient_id,prs_months,died,histology\n"
    + "".join(f"B{i},{i},{i % 2},small cell\n" for i in range(2, 16)),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_cohorts_have_their_state(app_test, name):
    app = own_file(open_page(app_test(), "data"), ODD[name])
    app = look_at(open_page(app, "patients"), "patients-view", "one-patient")
    for presenting in (False, True):
        app = present(app) if presenting else app
        assert not failures(app), name
        assert "Patient 1" in opened(app)
    if name == "one patient":
        assert "too few" in words(app).lower()


def test_nobody_shown_is_said(one):
    state(one).select(Selection.parse(["age_years=1..2"]))
    one.run()
    assert any("No patient meets" in i.value for i in one.info) and not failures(one)


# ---------------------------------------------------------------- typed in
def test_a_patient_is_typed_in_shown_and_forgotten(one):
    press(one, "Type a patient in")
    one.selectbox(key="typed-histology").set_value("small cell")
    one.text_input(key="typed-age_years").set_value("44")
    one.text_input(key="typed-prs_months").set_value("7")
    one.multiselect(key="typed-sites").set_value(["lung", "liver"])
    press(one, "Show this patient")
    assert not failures(one)
    said = words(one)
    assert "Typed in" in everything(one) and "similar patients of 88 others" in said
    body = next(f for f in shown_figures(one) if f.name == "patient-body")
    assert "Involved: Lung and Liver." in body.alt
    held = state(one)
    assert len(held.whole) == 88 and not [n for n in held.chosen if "typed" in n] and "typed" not in str(held.written)
    present(one)
    assert "Typed in" in everything(one) and not failures(one)
    press(one, "Back to the patients of the file")
    assert "<b>Patient 1</b> of 88" in opened(one)


def test_what_cannot_be_understood_is_told_and_can_be_mended(one):
    press(one, "Type a patient in")
    one.text_input(key="typed-age_years").set_value("forty")
    press(one, "Show this patient")
    assert any("can't be shown yet" in e.value for e in one.error) and "forty" in words(one)
    one.text_input(key="typed-age_years").set_value("40")
    press(one, "Show this patient")
    assert not failures(one) and shown_figures(one)


def test_another_file_forgets_who_was_typed(one):
    press(one, "Type a patient in")
    one.selectbox(key="typed-histology").set_value("large cell")
    press(one, "Show this patient")
    assert "Typed in" in everything(one)
    state(one).adopt(read_cohort(cohort_csv(SAMPLE.subset(np.arange(88) < 40)), filename="clinic.csv"), sample=False)
    one.run()
    assert "Typed in" not in everything(one) and "necc-typed" not in one.session_state
    assert "<b>Patient 1</b> of 40" in opened(one)


# ---------------------------------------------------------------- a prediction beside the rule
def predicted(app) -> bool:
    return any(figure.name == "prs-patient" for figure in shown_figures(app))


def test_a_prediction_stands_there_only_if_it_beats_the_rule(app_test, monkeypatch):
    """Of a cohort whose times follow age a model does; of the sample, by the number of sites, none."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=120)
    time = np.round(np.minimum(rng.exponential(10 * np.exp(-1.5 * x)), 60), 2)
    rows = [f"P{i},{50 + 8 * a:.2f},{t},{int(t < 60)}" for i, (a, t) in enumerate(zip(x, time, strict=True))]
    app = own_file(open_page(app_test(), "patients"), "patient_id,age_years,prs_months,died\n" + "\n".join(rows))
    app = look_at(app, "patients-view", "one-patient")
    assert "Predicted" not in words(app) and "No prediction is shown" not in words(app)
    cohort, desk = state(app).cohort, state(app).desk
    of = (state(app).fingerprint, state(app).selection.key())
    desk.compared = (of, compare_models(cohort, "PRS", ["age_years"], models=["cox"], folds=3, repeats=2))
    made = []
    monkeypatch.setattr(one_patient, "predict_case", wraps(predict_case)(lambda *a: made.append(a) or predict_case(*a)))
    app.run()
    assert not failures(app) and predicted(app)
    app.run()
    assert predicted(app) and len(made) == 1  # seconds of work are done once
    state(app).select(Selection.parse(["age_years=20..60"]))
    app.run()
    assert not predicted(app)  # the models were compared of other patients


def test_no_prediction_where_no_model_beats_the_rule(one):
    of = (state(one).fingerprint, state(one).selection.key())
    weak = compare_models(SAMPLE, "PRS", ["n_sites"], models=["cox"], folds=3, repeats=1, importance=False)
    state(one).desk.compared = (of, weak)
    one.run()
    assert words(one).count("No prediction is shown: of the models compared") == 1 and not failures(one)


def test_courses_of_very_many_are_drawn_when_asked_for(app_test):
    rows = "\n".join(f"P{i},{i % 50 + 1},{i % 2}" for i in range(2_001))
    app = look_at(
        own_file(open_page(app_test(), "patients"), f"patient_id,prs_months,died\n{rows}\n"), "patients-view", "list"
    )
    assert not failures(app) and not any(f.name == "patient-timelines" for f in shown_figures(app))
    app.toggle(key="choice-list-timelines").set_value(True).run()
    assert any(f.name == "patient-timelines" for f in shown_figures(app)) and not failures(app)
