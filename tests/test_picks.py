"""What a click on a mark of a figure filters by: just the patients that the mark tells of, and nothing else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from random import Random

import numpy as np
import pytest
import test_figures
import test_figures_competing
import test_figures_regression
import test_patient_figures
from cohorts import necc_cohort
from test_figures import NASTY, SAMPLE

from necc.analysis.flow import flow
from necc.analysis.recurrence import co_occurrence, site_distribution
from necc.analysis.response import response_rates, swimmer
from necc.analysis.survival import kaplan_meier
from necc.app.session import state as states
from necc.app.widgets.show import on_marks
from necc.core.complement import both, outside
from necc.core.selection import Condition, Selection
from necc.present import figures
from necc.present.figures import Figure, Style
from necc.present.figures.picks import ONLY, of_level, only, only_sites, pick, span

MEANINGLESS = {  # figures whose marks are no patients of a filter
    "attrition", "survival_one_group", "survival_grid", "grid", "curves_of_one", "ratios", "inclusion_bars",
    "parametric", "timeline", "standing", "body", "shares",
    "centre_curves", "centre_forest", "centre_funnel", "centre_shares",  # centres hand on no patient to look at
    "grid_cells",
}  # fmt: skip
ALL = {name: lambda name=name: test_figures.made(name) for name in test_figures.FIGURES} | {
    f"competing {name}": lambda make=make: make(SAMPLE, Style())
    for name, make in test_figures_competing.FIGURES.items()
} | {f"patient {name}": lambda make=make: make(SAMPLE) for name, make in test_patient_figures.FIGURES.items()} | {
    f"regression {name}": lambda make=make: _drawn(*make(SAMPLE))
    for name, make in test_figures_regression.FIGURES.items()
}  # fmt: skip


def _drawn(draw, result, options):
    return draw(result, Style(), **options)


def marks(figure: Figure) -> list[tuple[str, str]]:
    """The picks of a figure's marks with what the pointer reads there."""
    root = ET.fromstring(figure.to_svg(interactive=True))
    return [(e.get("data-pick"), e.get("data-tip", "")) for e in root.iter() if e.get("data-pick")]


def chosen(text: str, cohort=SAMPLE):
    lines = text.split("\n")
    return Selection.parse(lines[lines[0] == ONLY :], cohort.columns).apply(cohort)


def told(tip: str) -> int:
    """How many patients a tip tells of: `34 of 88`, `n = 34`, `34 patients`, `34 (38.6 %)`; one lane is one patient."""
    if re.match(r"Patient \d+\n", tip):
        return 1
    found = re.search(r"\(n = ([\d,]+)\)|\b([\d,]+) of [\d,]+|\b([\d,]+) (?:patient|event)s?\b|\b([\d,]+) \([\d.]+ %\)"
                      r"|\(([\d,]+)\)$", tip)  # fmt: skip
    assert found, tip
    return int(next(filter(None, found.groups())).replace(",", ""))


@pytest.mark.parametrize("name", ALL)
def test_a_click_leaves_just_the_patients_that_the_mark_tells_of(name):
    found = marks(ALL[name]())
    assert bool(found) == (name.split()[-1] not in MEANINGLESS)
    for text, tip in found:
        assert len(chosen(text)) == told(tip), (text, tip)


def test_every_patient_of_the_overview_is_in_some_mark_of_each_variable():
    by_name: dict[str, int] = {}
    for text, tip in marks(figures.overview(SAMPLE)):
        condition = Selection.parse([text], SAMPLE.columns).conditions[0]
        by_name[condition.name] = by_name.get(condition.name, 0) + told(tip)
    assert len(by_name) > 20 and set(by_name.values()) == {len(SAMPLE)}


def test_each_choice_is_met_once_by_the_keyboard_and_one_mark_is_a_tab_stop():
    root = ET.fromstring(test_figures.made("survival_curves").to_svg(interactive=True))
    buttons = [e for e in root.iter() if e.get("role") == "button"]
    assert [b.get("tabindex") for b in buttons] == ["0", "-1"]
    assert len({b.get("data-pick") for b in buttons}) == 2
    assert buttons[0].get("aria-label") == "without (n = 54): show only these patients"
    assert root.get("role") == "group" and not list(root.iter("{http://www.w3.org/2000/svg}title"))


@pytest.mark.parametrize("name", ALL)
def test_an_exported_picture_has_nothing_of_a_page_s(name):
    text = ALL[name]().to_svg()
    assert not re.search(r'data-(pick|tip|points|text|ends)=|tabindex|class="(area|drag)"', text)


def test_a_curve_is_read_at_its_points():
    km = kaplan_meier(SAMPLE, "PRS", "site:lung")
    root = ET.fromstring(figures.survival_curves(km).to_svg(interactive=True))
    curves = [e for e in root.iter() if e.get("data-points")]
    rows = [row.split("|") for e in curves if e.get("data-pick") == "site:lung=with"
            for row in e.get("data-points").split(";")]  # fmt: skip
    curve = next(c for c in km.curves if c.name == "with")
    read = {row[2]: row[3] for row in rows}
    for time, value, events in zip(curve.time, curve.survival, curve.n_events, strict=True):
        if events:
            assert f"{value:.1%}" in {v for t, v in read.items() if t == f"{time:.1f}"}
    assert curves[0].get("data-text").count("\ue000") == 6


def test_a_range_along_the_time_axis_is_of_the_column_that_holds_it():
    for endpoint, column in (("PRS", "prs_months"), ("TTR", "ttr_months")):
        figure = figures.survival_curves(kaplan_meier(SAMPLE, endpoint))
        root = ET.fromstring(figure.to_svg(interactive=True))
        (area,) = (e for e in root.iter() if e.get("class") == "drag")
        assert area.get("data-column") == column and area.get("data-ends").startswith("0 ")
        assert float(area.get("data-ends").split()[1]) >= SAMPLE.endpoint(endpoint).grid[-1]
    made = necc_cohort({"ttr_months": [1, 2, 3], "prs_months": [4, 5, 6], "died": [1, 0, 1], "recurred": [1, 1, 1]})
    assert made.endpoint("PRS").column == "prs_months" and not made.endpoint("OS").column  # a sum of two columns


# ---------------------------------------------------------------- level names that look like something else
@pytest.mark.parametrize("level", [NASTY, 'a "b" & <c>', "a, b; c", "a\\b", "x=1", "first\nsecond", "ab any(c=d)"])
def test_level_names_are_text_and_filter_by_themselves(level):
    columns = {"prs_months": list(range(1, 11)), "died": [1, 0] * 5, "arm": [level, "b"] * 5,
               "best_response": ["CR", "PD"] * 5}  # fmt: skip
    cohort = necc_cohort(columns, {"lung": [1, 0] * 5})
    for figure in (
        figures.survival_curves(kaplan_meier(cohort, "PRS", "arm")),
        figures.site_bars_by(site_distribution(cohort, "arm")),
        figures.response_bars(response_rates(cohort, by="arm")),
        figures.overview(cohort),
    ):
        text = figure.to_svg(interactive=True)
        ET.fromstring(text)
        assert "<script" not in text and "<img" not in text
        for one, tip in marks(figure):
            if tip:
                assert len(chosen(one, cohort)) == told(tip), (one, tip)
    named = [one for one, _ in marks(figures.survival_curves(kaplan_meier(cohort, "PRS", "arm")))]
    assert len(set(named)) == 2


@pytest.mark.parametrize("level", ["missing", "1..2", "", " "])
def test_a_level_that_a_filter_would_read_as_something_else_means_nothing(level):
    assert pick(of_level("arm", level)) == "" and pick(of_level("arm", "b"), of_level("arm", level)) == ""


# ---------------------------------------------------------------- what a click does to the filters
@pytest.fixture
def state():
    return states.State(SAMPLE)


def test_a_second_click_takes_a_level_out_again_and_others_add_up(state):
    state.pick("figo_stage=III")
    state.pick("figo_stage=II")
    assert state.selection.get("figo_stage") == Condition("figo_stage", ("III", "II"))
    state.pick("figo_stage=missing")
    assert state.selection.get("figo_stage").keep_missing
    for text in ("figo_stage=III", "figo_stage=II", "figo_stage=missing"):
        state.pick(text)
    assert not state.selection
    state.undo()
    assert str(state.selection.conditions[0]) == "figo_stage=missing"


def test_several_conditions_take_the_place_of_others_and_are_taken_out_together(state):
    state.pick("figo_stage=II")
    both = pick(of_level("figo_stage", "III"), of_level("site:lung", "with"))
    state.pick(both)
    assert state.cohort.index.equals(chosen(both).index)
    state.pick("histology=small cell")
    state.pick(both)
    assert [c.name for c in state.selection.conditions] == ["histology"]


def test_a_range_replaces_and_its_second_click_removes(state):
    state.pick(pick(span("age_years", 40, 50)))
    state.pick("age_years=45..55")
    assert str(state.selection.conditions[0]) == "age_years=45..55"
    state.pick("age_years=45..55")
    assert not state.selection


def test_an_exact_combination_and_a_lane(state):
    together = co_occurrence(SAMPLE)
    state.pick(only_sites(together.patterns[0].sites, together.sites))
    assert len(state.cohort) == together.patterns[0].n
    state.select(Selection())
    lane = swimmer(SAMPLE).lanes[3]
    state.pick(f"patients  picked={lane.place}")
    assert list(state.cohort.ids) == [lane.patient_id]


def test_a_box_or_a_combination_takes_the_place_of_all_filters(state):
    state.pick("histology=small cell")
    chosen_by = only(Selection.parse(["figo_stage=III", "none(site:lung=with; age_years>60)"]))
    state.pick(chosen_by)
    assert state.selection.get("histology") is None and len(state.selection.groups) == 1
    assert state.cohort.index.equals(chosen(chosen_by).index) and chosen_by in on_marks(state.selection)
    state.pick(chosen_by)
    assert not state.selection
    state.pick("figo_stage=III")
    state.pick(only(Selection()))
    assert not state.selection and only(None) == ""


@pytest.mark.parametrize(
    "before", [["figo_stage=III", "age_years=40..60"], ["any(lvsi=yes; age_years>50)", "not all(ici=yes; lvsi=no)"], []]
)
def test_who_was_left_out_of_a_flow_is_shown_and_who_is_in_a_box(before):
    selection = Selection.parse(before)
    found = flow(SAMPLE, selection, by="histology")
    steps = [s for s in found.steps if s.kind == "filter"]
    assert len(steps) == len(before)
    for step in found.steps:
        assert step.selection is None or len(step.selection.apply(SAMPLE)) == step.n
        assert step.left is None or len(step.left.apply(SAMPLE)) == step.n_excluded
    assert all(s.left is not None and s.selection is not None for s in steps)
    assert [len(a.selection.apply(SAMPLE)) for a in found.arms] == [a.n for a in found.arms]


LITERALS = ("site:lung=with", "site:bone=without", "figo_stage=III,missing", "figo_stage=II,III", "age_years>50",
            "age_years=40..60,missing", "age_years=missing", "histology=missing", "age_years<45", "lvsi=yes",
            "ici=yes")  # fmt: skip


def test_everybody_is_in_a_selection_or_outside_of_it_and_both_hold_for_who_is_in_both():
    random = Random(1)

    def some():
        parts = [f"{how}({'; '.join(random.sample(LITERALS, 2))})" if how else random.choice(LITERALS)
                 for how in random.sample(["", "any", "none", "not all"], random.choice([1, 2]))]  # fmt: skip
        return Selection.parse(parts, SAMPLE.columns)

    told = 0
    for _ in range(300):
        one, other = some(), some()
        rest, shared = outside(one, SAMPLE), both((one, other), SAMPLE)
        inside = one.mask(SAMPLE)
        told += rest is not None
        assert rest is None or np.array_equal(rest.mask(SAMPLE), ~inside), one
        expected = inside & other.mask(SAMPLE)
        assert np.array_equal(shared.mask(SAMPLE), expected) if shared is not None else not expected.any()
        assert not only(rest) or np.array_equal(chosen(only(rest)).index, SAMPLE.subset(~inside).index)
    assert told > 250
    assert outside(Selection(), SAMPLE) is None and both((), SAMPLE) == Selection()
    assert len(outside(Selection.parse(["patients  picked=1,5"]), SAMPLE).apply(SAMPLE)) == len(SAMPLE) - 2


@pytest.mark.parametrize(
    "text", ["", "nothing", "figo_stage=XX", "no_such=1", "patients  picked=0", "figo_stage=III\n\n"]
)
def test_what_the_cohort_cannot_answer_changes_nothing(state, text):
    state.pick(text)
    assert not state.selection and not state.history
