"""Figures say what the results say: every number drawn is compared with the result it comes from."""

from __future__ import annotations

import json
import pickle
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from cohorts import from_sample, necc_cohort, table_5

from necc.analysis.centres import by_centre, site_shares
from necc.analysis.flow import flow
from necc.analysis.recurrence import co_occurrence, organ_distribution, site_distribution, site_timing
from necc.analysis.response import response_by_site, response_rates, swimmer, transitions
from necc.analysis.subcohorts import side_by_side
from necc.analysis.survival import kaplan_meier, parametric, restricted_mean, survival_grid
from necc.centres import preview
from necc.core.selection import Selection
from necc.present import figures
from necc.present.figures import Figure, Style
from necc.present.figures.scales import axis_end, last_per_pixel, time_ticks
from necc.present.words.explain import EXPLANATIONS, explain

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = from_sample("reconstructed_cohort.csv")
NOBODY = SAMPLE.subset(np.zeros(len(SAMPLE), dtype=bool))
ONE = SAMPLE.subset(np.arange(len(SAMPLE)) == 0)
ICI = table_5()
NASTY = "</text><script>alert(1)</script><img src=x onerror=alert(1)> < 1/3 & >= 1/3 %{x}"
# ten patients: lung 1-5, times and deaths chosen so that the curves can be checked by eye
TEN = necc_cohort(
    {"prs_months": [2, 4, 6, 8, 30, 3, 5, 7, 9, 24], "died": [1, 1, 0, 1, 0, 1, 0, 1, 1, 0],
     "ttr_months": [5, 9, 12, 3, 8, 20, 14, 7, 6, 30], "recurred": [1] * 10,
     "arm": ["a", "b"] * 5},
    {"lung": [1] * 5 + [0] * 5, "bone": [0, 1] * 5, "liver": [0, 0, 0, 1, 1, 0, 0, 1, 1, 1]},
)  # fmt: skip


def flow_of(patients):
    """The flow to these patients, as if the file held no others; the filters leave out nobody who is there."""
    typed = "126 screened\n-19 no follow-up"
    whole = replace(patients, root=None, rows=None, _table=patients.table, _organs=patients.organs, _cache={})
    return flow(whole, Selection.parse(["age_years>50"]), before=typed, endpoint="PRS", by="histology")


def subcohorts_of(patients):
    return side_by_side(
        patients, {"Lung": Selection.parse(["site:lung=with"]), "All of them": Selection()}, "PRS", times=[12]
    )  # fmt: skip


def shown_as(show):
    return partial(figures.survival_curves, show=show)


FIGURES = {
    "survival_curves": lambda c: (figures.survival_curves, kaplan_meier(c, "PRS", "site:lung")),
    "survival_one_group": lambda c: (figures.survival_curves, kaplan_meier(c, "OS")),
    "risk": lambda c: (shown_as("risk"), kaplan_meier(c, "PRS", "site:lung")),
    "hazard": lambda c: (shown_as("cumulative hazard"), kaplan_meier(c, "PRS", "site:lung")),
    "log_log": lambda c: (shown_as("log-log"), kaplan_meier(c, "PRS", "site:lung")),
    "parametric": lambda c: (
        partial(figures.parametric_curves, km=kaplan_meier(c, "PRS")),
        parametric(c, "PRS", horizon=120),
    ),
    "parametric_by": lambda c: (
        partial(figures.parametric_curves, km=kaplan_meier(c, "PRS", "site:lung"), families=["weibull", "spline"]),
        parametric(c, "PRS", "site:lung", horizon=120),
    ),
    "survival_grid": lambda c: (figures.survival_grid, survival_grid(c, "PRS")),
    "site_bars": lambda c: (figures.site_bars, site_distribution(c)),
    "site_bars_by": lambda c: (figures.site_bars_by, site_distribution(c, "histology")),
    "number_of_sites": lambda c: (figures.number_of_sites, site_distribution(c)),
    "organ_bars": lambda c: (figures.organ_bars, organ_distribution(c)),
    "upset": lambda c: (figures.upset, co_occurrence(c)),
    "site_matrix": lambda c: (figures.site_matrix, co_occurrence(c)),
    "site_timing": lambda c: (figures.site_timing, site_timing(c)),
    "response_bars": lambda c: (figures.response_bars, response_rates(c, by="ici_agent")),
    "response_rates": lambda c: (figures.response_rates, response_rates(c, "final", denominator="treated")),
    "response_by_site": lambda c: (figures.response_by_site, response_by_site(c)),
    "transitions": lambda c: (figures.transitions, transitions(c)),
    "swimmer": lambda c: (figures.swimmer, swimmer(c)),
    "response_ladder": lambda c: (figures.response_ladder, swimmer(c)),
    "attrition": lambda c: (figures.attrition, Selection.parse(["age_years>50", "lvsi=yes"]).attrition(c)),
    "flow": lambda c: (figures.flow, flow_of(c)),
    "subcohort_curves": lambda c: (figures.subcohort_curves, subcohorts_of(c)),
    "overlap": lambda c: (figures.overlap, subcohorts_of(c)),
    "subcohort_sites": lambda c: (figures.subcohort_sites, subcohorts_of(c)),
    "centre_curves": lambda c: (figures.centre_curves, by_centre(c, "PRS", "site:abdominal", centre="figo_stage")),
    "centre_forest": lambda c: (figures.centre_forest, by_centre(c, "PRS", "site:abdominal", centre="figo_stage")),
    "centre_funnel": lambda c: (figures.centre_funnel, by_centre(c, "PRS", "site:abdominal", centre="figo_stage")),
    "grid_cells": lambda c: (figures.grid_cells, preview(c, endpoints=["PRS"], factors=["figo_stage"], sites=False)),
    "centre_shares": lambda c: (figures.centre_shares, site_shares(c, centre="lvsi")),
    "overview": lambda c: (figures.overview, c),
}


def made(name, cohort=SAMPLE, style=figures.PAGE, **options) -> Figure:
    draw, result = FIGURES[name](cohort)
    return draw(result, style, **options)


def traces(figure, **wanted):
    return [t for t in figure.spec["data"] if all(t.get(k) == v for k, v in wanted.items())]


def shown(figure) -> str:
    """All text of a picture."""
    root = ET.fromstring(figure.to_svg())
    return "\n".join("".join(t.itertext()) for t in root.iter(f"{SVG}text"))


# ---------------------------------------------------------------- all figures
@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("style", [Style(), Style("dark", "presentation"), Style(size="print"), Style(width=380)])
def test_every_figure_is_a_well_formed_picture_inside_its_frame(name, style):
    figure = made(name, style=style)
    root = ET.fromstring(figure.to_svg(background=True))
    width, height = (float(v) for v in root.get("viewBox").split()[2:])
    assert (width, height) == (figure.width, figure.height) and figure.width == style.px
    assert figure.alt.endswith(".") and figure.caption.endswith((".", ")"))
    for mark in root.iter(f"{SVG}text"):
        assert np.isfinite(float(mark.get("x"))) and np.isfinite(float(mark.get("y")))
        if mark.get("transform") is None and style.width != 380 and figure.spec:
            assert -1 <= float(mark.get("x")) <= width + 1 and 0 <= float(mark.get("y")) <= height + 1
    back = root.find(f"{SVG}rect")
    assert back.get("fill") == style.ink("page")


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_json_pickles_and_gives_the_same_bytes_each_time(name):
    figure, again = made(name), made(name)
    assert figure.to_json() == again.to_json() and figure.to_svg() == again.to_svg()
    assert json.loads(figure.to_json()) == figure.spec
    kept = pickle.loads(pickle.dumps(figure))
    assert kept.to_svg() == figure.to_svg()
    dark = kept.with_style(Style("dark"))
    assert dark.to_svg() == made(name, style=Style("dark")).to_svg() != figure.to_svg()


@pytest.mark.parametrize(
    "name", [n for n in FIGURES if n not in ("survival_grid", "centre_curves", "overview", "flow")]
)
def test_plotly_takes_every_description(name):
    import plotly.graph_objects as go

    checked = json.loads(go.Figure(made(name).to_plotly()).to_json())  # raises on a name that Plotly doesn't know
    assert len(checked["data"]) == len(made(name).spec["data"])
    assert "layout" not in checked["layout"]["template"]  # the default template would be 6 kB a figure


@pytest.mark.parametrize("name", [n for n in FIGURES if n not in ("attrition", "flow")])
def test_without_patients_a_figure_says_so_in_words(name):
    figure = made(name, NOBODY)
    text = shown(figure)
    assert figure.spec["data"] == [] and re.search(r"no patients|nobody|No patients", text), text
    assert figure.alt == figure.caption and figure.to_png(dpi=48)[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", FIGURES)
def test_one_patient_is_enough_to_draw(name):
    ET.fromstring(made(name, ONE).to_svg())


def test_an_empty_result_names_who_was_left_out():
    cohort = necc_cohort({"prs_months": [None, None, 5], "died": [1, 0, 1]})
    figure = figures.survival_curves(kaplan_meier(cohort.subset(np.array([True, True, False])), "PRS"))
    assert "2 patients (time not recorded)" in figure.caption and "2 patients" in shown(figure)


def test_a_picture_drawn_as_svg_is_not_given_to_plotly():
    grid = made("survival_grid")
    assert grid.svg_only and not made("upset").svg_only
    with pytest.raises(ValueError, match="post|prs-by-site"):
        grid.to_plotly()


# ---------------------------------------------------------------- labels of people's files
def test_a_level_s_name_is_text_in_curves_bars_and_response():
    arms = [NASTY, "b"] * 5
    columns = {"prs_months": list(range(1, 11)), "died": [1, 0] * 5, "arm": arms, "best_response": ["CR", "PD"] * 5}
    cohort = necc_cohort(columns, {"lung": [1, 0] * 5})
    drawn = [
        figures.survival_curves(kaplan_meier(cohort, "PRS", "arm")),
        figures.site_bars_by(site_distribution(cohort, "arm")),
        figures.response_bars(response_rates(cohort, by="arm")),
        figures.overview(cohort),
    ]
    for figure in drawn:
        text = figure.to_svg()
        assert "<script" not in text and "<img" not in text
        ET.fromstring(text)
        words = [t.get("name", "") for t in figure.spec.get("data", ())]
        words += [h for t in figure.spec.get("data", ()) for h in t.get("hovertext", ()) if isinstance(h, str)]
        words += [t.get("hovertemplate", "") for t in figure.spec.get("data", ())]
        words += [n["text"] for n in figure.spec.get("layout", {}).get("annotations", ())]
        for word in words:
            # Plotly reads <...> as tags and %{...} as a template: only our own may be there
            assert set(re.findall(r"<[^<>]*>", word)) <= {"<b>", "</b>", "<br>", "<extra>", "</extra>"}, word
            assert "%{x} " not in word.replace("%{x:", "")


# ---------------------------------------------------------------- Kaplan-Meier
def test_a_curve_has_the_steps_of_its_result():
    km = kaplan_meier(TEN, "PRS", "site:lung")
    figure = figures.survival_curves(km)
    for curve in km.curves:
        parts = [t for t in traces(figure, mode="lines", legendgroup=curve.name) if "hovertemplate" in t]
        drawn = dict(pair for t in parts for pair in zip(t["x"], t["y"], strict=True))
        steps = curve.n_events > 0
        expected = {0.0: 1.0, **dict(zip(curve.time[steps], np.round(curve.survival[steps], 6), strict=True))}
        expected[curve.time[-1]] = round(curve.survival[-1], 6)
        assert drawn == expected
        assert all(t["line"]["shape"] == "hv" for t in parts)
        hover = dict(pair for t in parts for pair in zip(t["x"], t["customdata"], strict=True))
        row = int(np.flatnonzero(steps)[1])
        assert hover[curve.time[row]][1:] == [
            curve.n_at_risk[row], curve.n_events[: row + 1].sum(), curve.n_censored[: row + 1].sum()
        ]  # fmt: skip
        ticks = traces(figure, mode="markers", legendgroup=curve.name)[0]
        assert ticks["x"] == curve.time[curve.n_censored > 0].tolist()


def test_bands_hold_the_limits_and_begin_at_one():
    km = kaplan_meier(TEN, "PRS", "site:lung")
    figure = figures.survival_curves(km)
    for curve in km.curves:
        low, high = (t for t in traces(figure, mode="lines", legendgroup=curve.name) if t["line"]["width"] == 0)
        assert high["fill"] == "tonexty" and low["x"] == high["x"] and (low["y"][0], high["y"][0]) == (1.0, 1.0)
        for t, a, b in zip(low["x"][1:], low["y"][1:], high["y"][1:], strict=True):
            row = int(np.flatnonzero(curve.time == t)[0])
            assert (a, b) == (round(curve.ci_lower[row], 3), round(curve.ci_upper[row], 3))


def test_the_table_under_the_axis_is_the_result_at_the_ticks_of_the_axis():
    km = kaplan_meier(SAMPLE, "PRS", "site:lung")
    figure = figures.survival_curves(km)
    ticks = figure.spec["layout"]["xaxis"]["tickvals"]
    table = traces(figure, name="numbers")[0]
    assert table["xaxis"] == "x" and table["yaxis"] == "y2"  # the curves' own time axis
    rows = [table["text"][i : i + len(ticks)] for i in range(0, len(table["text"]), len(ticks))]
    assert [table["x"][i : i + len(ticks)] for i in range(0, len(table["x"]), len(ticks))] == [ticks] * 6
    for k, curve in enumerate(km.curves):
        at_risk, events, censored = zip(*curve.counts_at(ticks), strict=True)
        assert rows[3 * k : 3 * k + 3] == [[f"{n:,}" for n in column] for column in (at_risk, censored, events)]


def test_numbers_at_risk_stand_exactly_under_the_ticks_in_pixels():
    figure = figures.survival_curves(kaplan_meier(SAMPLE, "PRS", "site:lung"))
    at: dict[str, list[float]] = {}
    for mark in ET.fromstring(figure.to_svg()).iter(f"{SVG}text"):
        if mark.get("text-anchor") == "middle" and mark.get("transform") is None:
            at.setdefault(mark.get("y"), []).append(float(mark.get("x")))
    rows = [xs for xs in at.values() if len(xs) > 3]
    assert len(rows) == 7 and all(xs == rows[0] for xs in rows)  # tick labels and six rows of numbers


def test_a_curve_turns_pale_for_good_when_fewer_than_five_are_at_risk():
    km = kaplan_meier(many(40), "PRS", "site:lung")
    figure = figures.survival_curves(km)
    for curve in km.curves:
        strong, pale = (
            [t for t in traces(figure, legendgroup=curve.name) if "hovertemplate" in t and ("opacity" in t) == faint]
            for faint in (False, True)
        )
        at_risk_after = np.append(curve.n_at_risk[1:], 0)
        for t in pale[0]["x"]:
            assert at_risk_after[np.abs(curve.time - t) < 1e-4] < 5  # times are drawn with four decimals
        for t in strong[0]["x"][1:-1]:
            assert at_risk_after[np.abs(curve.time - t) < 1e-4] >= 5
        assert pale[0]["x"][0] == strong[0]["x"][-1]
        assert [t["showlegend"] for t in strong + pale] == [True, False]


def test_medians_drop_where_the_result_has_them():
    km = kaplan_meier(TEN, "PRS", "site:lung")
    figure = figures.survival_curves(km)
    drops = {t["legendgroup"]: t["x"][1] for t in figure.spec["data"] if t.get("y") == [0.5, 0.5, 0]}
    assert drops == {c.name: c.median.value for c in km.curves if c.median.value is not None}
    assert not [t for t in figures.survival_curves(km, medians=False).spec["data"] if t.get("y") == [0.5, 0.5, 0]]


def test_p_conventions_and_exclusions_stand_beside_the_curves():
    cohort = necc_cohort({"prs_months": [1, 2, 3, None], "died": [1, 1, 0, 1], "arm": ["a", "b", "a", "b"]})
    km = kaplan_meier(cohort, "PRS", "arm", ci="log")
    figure = figures.survival_curves(km)
    for words in (
        "3 patients, 2 events",
        "1 patient (time not recorded)",
        "(log)",
        "Log-rank test, 1 df: too few to test",
    ):
        assert words in figure.caption
    assert "log-rank too few to test" in shown(figure)


def test_a_level_keeps_its_colour_and_dash_whatever_is_filtered():
    def looks(cohort):
        figure = figures.survival_curves(kaplan_meier(cohort, "OS", "histology"))
        return {
            t["legendgroup"]: (t["line"]["color"], t["line"]["dash"]) for t in figure.spec["data"] if t["showlegend"]
        }

    everybody = looks(SAMPLE)
    rest = looks(SAMPLE.subset(SAMPLE.factor("histology").codes != 0))
    assert len(everybody) == 3 and len(set(everybody.values())) == 3
    assert rest and rest.items() <= everybody.items()
    style = Style()
    assert style.look("with", ("with",)) == style.look("with", ("without", "with")) != style.look("without", ())


def test_a_level_has_the_same_colour_in_curves_and_in_bars():
    km = figures.survival_curves(kaplan_meier(SAMPLE, "OS", "histology"))
    curves = {t["legendgroup"]: t["line"]["color"] for t in km.spec["data"] if t["showlegend"]}
    by = figures.site_bars_by(site_distribution(SAMPLE, "histology"))
    assert {t["customdata"][0][1]: t["marker"]["color"][0] for t in by.spec["data"] if t.get("customdata")} == curves


def many(n, seed=7):
    """Daily times over some eleven years, eight sites."""
    random = np.random.default_rng(seed)
    days = random.exponential(1200, n).round().clip(1, 4000)
    sites = ("lung", "abdominal", "pelvic", "bone", "cervicothoracic_lymph_node", "brain", "vaginal_vault", "other")
    return necc_cohort(
        {"prs_months": (days / 30.4375).tolist(), "died": (random.random(n) < 0.6).astype(int).tolist()},
        {site: (random.random(n) < 0.3).astype(int).tolist() for site in sites},
    )


def test_a_hundred_thousand_patients_stay_a_light_picture():
    cohort = many(100_000)
    km = kaplan_meier(cohort, "PRS", "site:lung")
    assert sum(len(c.time) for c in km.curves) > 6_000
    assert len(figures.survival_curves(km).to_json()) < 90_000
    assert len(figures.survival_grid(survival_grid(cohort, "PRS")).to_svg()) < 150_000


def test_at_paper_size_figures_are_a_few_kilobytes():
    assert len(made("survival_curves").to_json()) < 15_000
    assert len(made("survival_grid").to_svg()) < 45_000


def test_reducing_a_curve_keeps_the_last_step_of_every_pixel():
    time = np.array([0.1, 0.2, 0.4, 1.1, 1.2, 5.0, 9.9])
    assert last_per_pixel(time, 10, 10).tolist() == list(range(7))  # fewer steps than pixels: all of them
    assert last_per_pixel(time, 10, 5).tolist() == [4, 5, 6]
    assert last_per_pixel(np.arange(1000) / 100, 10, 10).tolist() == list(range(99, 1000, 100))


@pytest.mark.parametrize(
    ("end", "unit", "expected"),
    [
        (40, "months", [0, 6, 12, 18, 24, 30, 36]),
        (66, "months", [0, 12, 24, 36, 48, 60]),
        (11, "months", [0, 2, 4, 6, 8, 10]),
        (900, "days", [0, 180, 360, 540, 720, 900]),
        (7.5, "years", [0, 1, 2, 3, 4, 5, 6, 7]),
        (0.3, "years", [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        (0, "months", [0]),
    ],
)
def test_ticks_are_those_that_a_clinician_counts_in(end, unit, expected):
    assert time_ticks(end, unit) == expected


def test_a_time_axis_ends_at_the_last_patient_or_a_near_tick():
    assert axis_end(58, "months") == 60 and axis_end(52, "months") == 52 * 1.01 and axis_end(0, "months") == 1


@pytest.mark.parametrize("show", ["risk", "cumulative hazard", "log-log"])
def test_each_scale_draws_what_the_result_shows(show):
    km = kaplan_meier(TEN, "PRS", "site:lung")
    figure = figures.survival_curves(km, show=show)
    for curve in km.curves:
        shown = curve.shown(show)
        parts = [t for t in traces(figure, mode="lines", legendgroup=curve.name) if "hovertemplate" in t]
        drawn = dict(pair for t in parts for pair in zip(t["x"], t["y"], strict=True))
        known = (curve.n_events > 0) & np.isfinite(shown.value)
        expected = dict(zip(curve.time[known], np.round(shown.value[known], 6), strict=True))
        if shown.start is not None:
            expected[0.0] = shown.start
        assert expected.items() <= drawn.items() and set(drawn) - set(expected) <= set(curve.time)
        low, high = (t for t in traces(figure, mode="lines", legendgroup=curve.name) if t["line"]["width"] == 0)
        for t, a, b in zip(low["x"], low["y"], high["y"], strict=True):
            row = np.flatnonzero(curve.time == t)
            if len(row) and np.isfinite(shown.lower[row[0]]):
                top = figure.spec["layout"]["yaxis"]["range"][1]  # a band may leave the axis
                limits = [round(min(v[row[0]], top), 3) for v in (shown.lower, shown.upper)]
                assert [a, b] == limits or t == low["x"][-1]
    drops = [t for t in figure.spec["data"] if t.get("y") == [0.5, 0.5, 0]]
    assert bool(drops) == (show == "risk")
    assert "bands: 95 % pointwise confidence limits" in figure.caption


def test_the_log_log_axis_is_logarithmic_and_its_numbers_stand_under_its_ticks():
    figure = figures.survival_curves(kaplan_meier(SAMPLE, "PRS", "site:lung"), show="log-log")
    axis = figure.spec["layout"]["xaxis"]
    assert axis["type"] == "log" and min(axis["tickvals"]) > 0
    assert set(traces(figure, name="numbers")[0]["x"]) == set(axis["tickvals"])
    numbers = {float(m.get("x")) for m in ET.fromstring(figure.to_svg()).iter(f"{SVG}text") if m.text == "24"}
    low, high = axis["range"]
    margin = figure.spec["layout"]["margin"]
    width = figure.width - margin["l"] - margin["r"]
    assert any(abs(x - margin["l"] - width * (np.log10(24) - low) / (high - low)) < 0.1 for x in numbers)


def test_the_cumulative_hazard_is_nelson_aalens_and_said_to_be():
    figure = figures.survival_curves(kaplan_meier(SAMPLE, "PRS", "site:lung"), show="cumulative hazard")
    assert "Nelson-Aalen" in figure.caption and "Nelson-Aalen" in figure.alt and "limits (log)" in figure.caption
    assert figure.name.endswith("-cumulative-hazard")
    assert figure.spec["layout"]["yaxis"]["title"]["text"] == "Cumulative hazard"


def test_without_events_a_log_log_figure_says_so():
    cohort = necc_cohort({"prs_months": [1, 2, 3], "died": [0, 0, 0]})
    assert "no events" in shown(figures.survival_curves(kaplan_meier(cohort, "PRS"), show="log-log"))
    for show in ("risk", "cumulative hazard"):
        ET.fromstring(figures.survival_curves(kaplan_meier(cohort, "PRS"), show=show).to_svg())


def test_ticks_can_be_asked_for():
    figure = made("survival_curves", at=(0, 24, 48))
    assert figure.spec["layout"]["xaxis"]["tickvals"] == [0, 24, 48]
    assert set(traces(figure, name="numbers")[0]["x"]) == {0, 24, 48}


# ---------------------------------------------------------------- the grid
def test_the_grid_tells_n_p_and_adjusted_p_of_each_site():
    grid = survival_grid(SAMPLE, "PRS")
    root = ET.fromstring(figures.survival_grid(grid).to_svg())
    panels = [g for g in root.iter(f"{SVG}g") if g.get("data-site")]
    assert [g.get("data-site") for g in panels] == list(SAMPLE.site_names)
    from necc.core.text import format_p, p_phrase

    for panel, km, adjusted in zip(panels, grid.panels, grid.p_adjusted, strict=True):
        n = next(c.n for c in km.curves if c.name == "with")
        words = ["".join(t.itertext()) for t in panel.iter(f"{SVG}text")]
        raw = p_phrase(km.test.p) + ("‡" if km.test.p_by == "permutation" else "")
        test = f"{raw}, adj. {format_p(adjusted)}"  # alone where the panel is too narrow for n, which the tip tells
        assert words[0] == km.by_label and words[1] in (f"{n} with, {test}", test)
        tip = panel.find(f"{SVG}title").text
        assert f"with: {n} patients" in tip


def test_the_grid_s_numbers_at_risk_are_those_of_its_curves():
    grid = survival_grid(TEN, "PRS")
    root = ET.fromstring(figures.survival_grid(grid).to_svg())
    panel = next(g for g in root.iter(f"{SVG}g") if g.get("data-site") == "lung")
    words = ["".join(t.itertext()) for t in panel.iter(f"{SVG}text")]
    ticks = [float(w) for w in words[2:] if w.isdigit()]
    curves = {c.name: c for c in grid.panels[0].curves}
    times = ticks[: len(ticks) // 3]
    expected = [n for level in ("without", "with") for n, _, _ in curves[level].counts_at(times)]
    assert ticks[len(times) :] == expected
    told = [rect.find(f"{SVG}title").text for rect in panel.iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]
    assert len(told) == len(times)
    for t, strip in zip(times, told, strict=True):
        for level, curve in curves.items():
            at_risk, events, censored = curve.counts_at([t])[0]
            line = next(x for x in strip.splitlines() if x.startswith(f"{level}: "))
            if curve.at(t).estimate.value is None:
                assert line == f"{level}: nobody is followed up so long"
            else:
                assert line.startswith(f"{level}: {100 * curve.at(t).estimate.value:.1f} ")
                assert line.endswith(f"at risk {at_risk}, events {events}, censored {censored} so far")


def test_the_grid_s_curves_are_the_results_in_tenths_of_a_pixel():
    grid = survival_grid(TEN, "PRS")
    root = ET.fromstring(figures.survival_grid(grid).to_svg())
    panel = next(g for g in root.iter(f"{SVG}g") if g.get("data-site") == "lung")
    axes = next(p.get("d") for p in panel.iter(f"{SVG}path") if p.get("d").startswith("M0 0V"))
    height, width = (int(v) for v in re.match(r"M0 0V(\d+)H(\d+)", axes).groups())
    km = grid.panels[0]
    end = axis_end(30, "months", 6)
    for curve, group in zip(
        km.curves, [g for g in panel.iter(f"{SVG}g") if g.get("transform") == "scale(.1)"], strict=True
    ):
        lines = [
            p.get("d") for p in group.iter(f"{SVG}path") if p.get("stroke") and p.get("d").startswith(("M0 0H", "M"))
        ]
        drawn = "".join(lines)
        for t, s in zip(curve.time[curve.n_events > 0], curve.survival[curve.n_events > 0], strict=True):
            assert f"H{round(t / end * width * 10)}V{round((1 - s) * height * 10)}" in drawn


# ---------------------------------------------------------------- sites
def test_site_bars_are_percentages_with_exact_limits_most_frequent_first():
    result = site_distribution(SAMPLE)
    bars = figures.site_bars(result).spec["data"][0]
    sites = sorted(result.sites, key=lambda s: -s.n)
    assert bars["customdata"] == [[s.name, ""] for s in sites]  # what a click means
    assert bars["x"] == [round(100 * s.n / s.of, 4) for s in sites]
    upper = [round(100 * (s.proportion.upper - s.proportion.value), 4) for s in sites]
    assert bars["error_x"]["array"] == upper
    assert f"{sites[0].n} ({100 * sites[0].n / sites[0].of:.1f} %)" in shown(figures.site_bars(result))


def test_pale_bars_show_the_whole_cohort_while_a_filter_is_on():
    whole = site_distribution(SAMPLE)
    part = site_distribution(SAMPLE.subset(np.arange(len(SAMPLE)) < 30))
    ghost = figures.site_bars(part, whole=whole).spec["data"][0]
    shares = {s.name: round(100 * s.proportion.value, 4) for s in whole.sites}
    assert ghost["x"] == [shares[s.name] for s in sorted(part.sites, key=lambda s: -s.n)]
    assert len(figures.site_bars(whole, whole=whole).spec["data"]) == 2  # bars and numbers: nothing behind


def test_sites_by_group_show_each_level_and_the_adjusted_p():
    result = site_distribution(SAMPLE, "histology")
    figure = figures.site_bars_by(result)
    drawn = [t for t in figure.spec["data"] if t.get("customdata")]
    for trace, stratum in zip(drawn, result.strata, strict=True):
        assert trace["customdata"] == [[s.name, stratum.name] for s in stratum.sites]
        assert trace["x"] == [round(100 * s.n / s.of, 4) for s in stratum.sites]
    from necc.core.text import format_p

    for test in result.tests:
        assert f"{format_p(test.test.p)} ({format_p(test.p_adjusted)})" in shown(figure)


def test_number_of_sites_counts_patients():
    result = site_distribution(SAMPLE)
    bars = made("number_of_sites").spec["data"][0]
    assert bars["y"] == [n for _, n in result.n_sites] and [int(k[0]) for k in bars["customdata"]] == [1, 2, 3]


def test_the_upset_plot_marks_the_sites_of_each_combination():
    together = co_occurrence(SAMPLE)
    figure = figures.upset(together, most=5)
    bars, _, lines, full, _ = figure.spec["data"]
    assert bars["y"][:5] == [p.n for p in together.patterns[:5]]
    labels = figure.spec["layout"]["yaxis2"]["ticktext"]
    by_label = {label: site for site, label in zip(together.sites, together.labels, strict=True)}
    order = [by_label[re.sub(r"\s+\d+$", "", text)] for text in labels]
    for x, pattern in enumerate(together.patterns[:5]):
        assert {order[-y] for column, y in zip(full["x"], full["y"], strict=True) if column == x} == set(pattern.sites)
        assert bars["customdata"][x] == ["|".join(pattern.sites)]
    rest = together.patterns[5:]
    assert f"{len(rest)} further combinations: {sum(p.n for p in rest)} patients" in figure.caption
    assert bars["y"][5:] == [sum(p.n for p in rest)] and bars["customdata"][5:] == [[""]]
    assert len(lines["x"]) == 3 * sum(len(p.sites) > 1 for p in together.patterns[:5])


def test_the_matrix_counts_pairs_below_the_diagonal():
    together = co_occurrence(SAMPLE)
    heat, words = made("site_matrix").spec["data"]
    k = len(together.sites)
    for i in range(k):
        assert heat["z"][i] == [int(together.matrix[i, j]) if j < i else None for j in range(k)]
    cells = {(x, -y): t for x, y, t in zip(words["x"], words["y"], words["text"], strict=True)}
    assert cells[(0, 1)] == str(together.matrix[1, 0]) and cells[(0, 0)] == f"<b>{together.matrix[0, 0]}</b>"
    assert len(cells) == k * (k + 1) // 2


def test_times_by_site_show_patients_quartiles_and_medians():
    timing = site_timing(TEN)
    figure = figures.site_timing(timing)
    dots, _, medians, *_ = figure.spec["data"]
    assert sorted(dots["x"]) == sorted(t for s in timing.sites for t in s.with_site.time)
    assert medians["x"] == [s.with_site.median.value for s in timing.sites]


# ---------------------------------------------------------------- response
def test_response_bars_are_stacked_shares_of_the_denominator():
    rates = response_rates(ICI)
    figure = figures.response_bars(rates)
    bars = [t for t in figure.spec["data"] if t["type"] == "bar"]
    assert [t["name"] for t in bars] == ["CR", "PR", "SD", "PD"]
    assert [t["x"][-1] for t in bars] == [
        round(100 * rates.counts[k] / rates.orr.of, 4) for k in ("CR", "PR", "SD", "PD")
    ]
    assert [t["base"][-1] for t in bars] == [0, 31.25, 50, 75]
    assert "8/16  (50.0 %)" in shown(figure) and "of evaluable patients" in figure.caption


def test_among_the_treated_who_was_not_assessed_has_a_part_of_the_bar():
    columns = {"best_response": ["CR", "PD", None, "NE"], "ici": [1, 1, 1, 1]}
    rates = response_rates(necc_cohort(columns), denominator="treated")
    bars = [t for t in figures.response_bars(rates).spec["data"] if t["type"] == "bar"]
    assert {t["name"]: t["x"][-1] for t in bars} == {"CR": 25, "PD": 25, "NE": 25, "missing": 25}


def test_rates_are_points_with_exact_limits():
    rates = response_rates(ICI)
    orr, dcr, _ = figures.response_rates(rates).spec["data"]
    assert (orr["name"], orr["x"], dcr["x"]) == ("ORR", [50.0], [75.0])
    e = rates.orr.estimate
    assert orr["error_x"]["array"] == [round(100 * (e.upper - e.value), 4)]


def test_impossible_transitions_are_marked_and_their_rows_named():
    changes = transitions(ICI)
    figure = figures.transitions(changes)
    words = figure.spec["data"][1]
    cells = {tuple(c): t for c, t in zip(words["customdata"], words["text"], strict=True)}
    assert cells[("SD", "PR")] == "<b>1 !</b>" and cells[("PD", "CR")] == "×" and cells[("CR", "CR")] == "4"
    assert f"Row {changes.impossible[0].row}:" in figure.caption
    boxes = [s for s in figure.spec["layout"]["shapes"] if s["line"]["width"] > 0]
    assert len(boxes) == 1 and (boxes[0]["x0"] + boxes[0]["x1"], boxes[0]["y0"] + boxes[0]["y1"]) == (2, -4)


def test_a_swimmer_s_lanes_have_lengths_marks_and_no_identifiers():
    plot = swimmer(ICI)
    figure = figures.swimmer(plot)
    lengths = {-y: x for t in figure.spec["data"] if t["type"] == "bar" for x, y in zip(t["x"], t["y"], strict=True)}
    assert [lengths[i] for i in range(len(plot.lanes))] == [lane.duration for lane in plot.lanes]
    seen = traces(figure, name="response")[0]
    assert seen["x"] == [lane.time_to_response for lane in plot.lanes if lane.time_to_response is not None]
    for word, end in (("progression", "progressed"), ("still followed", "ongoing")):
        marked = [x for t in traces(figure, name=word) for x in t["x"]]
        assert len(marked) == sum(lane.end == end for lane in plot.lanes)
    secret = necc_cohort(
        {"patient_id": ["secret-1", "secret-2"], "response_followup_months": [3, 5], "best_response": ["CR", "PD"],
         "progressed": [0, 1]}
    )  # fmt: skip
    for draw in (figures.swimmer, figures.response_ladder):
        figure = draw(swimmer(secret))
        assert "secret" not in figure.to_json() + figure.to_svg() + figure.alt + figure.caption


def test_the_ladder_joins_best_and_final_where_they_differ():
    plot = swimmer(ICI)
    lines, best, final = figures.response_ladder(plot).spec["data"]
    known = [lane for lane in plot.lanes if lane.best]
    assert sorted(best["y"]) == sorted(["PD", "SD", "PR", "CR"].index(lane.best) for lane in known)
    assert len(lines["x"]) == 3 * sum(lane.final is not None and lane.final != lane.best for lane in known)
    assert all(b >= f for b, f in zip(best["y"], final["y"], strict=True)) is False  # the impossible row goes up


# ---------------------------------------------------------------- cohort
def test_attrition_tells_who_is_left_and_who_was_not_recorded():
    steps = Selection.parse(["figo_stage=III", "age_years>40"]).attrition(SAMPLE)
    text = shown(figures.attrition(steps))
    assert f"{len(SAMPLE)}" in text
    for step in steps:
        assert step.label in text and f"left out {step.n_before - step.n_after}" in text
    assert f"of them {steps[0].n_missing_left_out} not recorded" in text
    assert "88 patients before, 88 after 0 filters" in figures.attrition((), n=88).caption


def test_the_overview_counts_every_level():
    figure = figures.overview(SAMPLE, names=["histology", "age_years"])
    factor = SAMPLE.factor("histology")
    for level, n in zip(factor.levels, factor.counts(), strict=True):
        assert f"Histology: {level}, {n} " in figure.to_svg()
    ages = SAMPLE.number("age_years")
    assert f"median {np.nanmedian(ages):.1f}, {np.nanmin(ages):.1f} to {np.nanmax(ages):.1f}" in shown(figure)


def test_the_overview_gives_no_median_of_times_that_are_censored():
    figure, times = figures.overview(SAMPLE, names=["prs_months"]), SAMPLE.number("prs_months")
    censored = len(SAMPLE) - SAMPLE.endpoint("PRS").n_events
    assert f"{times.min():.1f} to {times.max():.1f}, {censored} censored" in shown(figure)
    assert "median" not in shown(figure) and SAMPLE.spread("age_years", 16).censored == 0
    assert "median 13.6" in shown(figures.overview(SAMPLE, names=["ttr_months"]))  # everybody's recurrence was seen


def contrast(one, other):
    def light(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    a, b = sorted((light(one), light(other)))
    return (b + 0.05) / (a + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_and_type_are_readable_on_the_page(theme):
    style = Style(theme)
    page = style.ink("page")
    assert min(contrast(style.color(i), page) for i in range(8)) >= 3
    assert contrast(style.ink("text"), page) >= 7 and contrast(style.ink("muted"), page) >= 4.5


# ---------------------------------------------------------------- explanations
def test_explanations_are_short_and_claim_no_causes():
    for key, found in EXPLANATIONS.items():
        text = " ".join(found.paragraphs)
        assert explain(key) is found and re.fullmatch(r"[a-z][a-z0-9-]*", key)
        assert 2 <= len(re.findall(r"[.!?](?=\s|$)", text)) <= 8, key
        assert not re.search(r"\b(affects?|due to|improves?|benefits?|impacts?|causes|leads to)\b", text), key


def test_every_page_asks_for_explanations_that_exist():
    root = Path(__file__).parent.parent
    asked = {
        key
        for folder in ("pages", "necc/app")
        for file in (root / folder).rglob("*.py")
        for keys in re.findall(r"explain=\"([^\"]+)\"", file.read_text(encoding="utf-8"))
        for key in keys.split()
    }
    assert {"brier-score", "bootstrap-inclusion"} <= asked  # of views, not of pages alone
    assert asked <= set(EXPLANATIONS), asked - set(EXPLANATIONS)


def test_a_restricted_mean_without_limits_is_shown_without():
    """One patient at three sites, censored: a mean of 14.6 months that has no spread."""
    cohort = SAMPLE
    means = restricted_mean(cohort, "PRS", "n_sites", minimum=0)
    figure = figures.restricted_areas(means, km=kaplan_meier(cohort, "PRS", "n_sites"))
    assert means.groups[2].mean.lower is None
    assert "14.6 months" in figure.to_svg() and "not estimable" not in figure.to_svg()


# ---------------------------------------------------------------- before and after
FEW = Selection.parse(["histology=large cell,NEC NOS"]).apply(SAMPLE)


@pytest.mark.parametrize("by", [None, "site:lung"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_whole_cohort_s_curves_stand_grey_behind_those_of_the_filtered(by, theme):
    style, all_ = Style(theme), kaplan_meier(SAMPLE, "PRS", by)
    km = kaplan_meier(FEW, "PRS", by)
    figure, alone = figures.survival_curves(km, style, whole=all_), figures.survival_curves(km, style)
    grey = traces(figure, legendgroup="ghost")
    assert len(grey) == len(all_.curves) and figure.spec["data"][: len(grey)] == grey  # below all else
    for trace, curve in zip(grey, all_.curves, strict=True):
        known = dict(zip(trace["x"], trace["y"], strict=True))
        steps = curve.n_events > 0
        assert (
            dict(zip(np.round(curve.time[steps], 4), np.round(curve.survival[steps], 6), strict=True)).items()
            <= known.items()
        )
        assert trace["line"]["color"] == style.ink("axis") and trace["line"]["width"] < style.line
    assert [t["name"] for t in grey if t["showlegend"]] == ["all 88 patients"]
    for text in (figure.alt, figure.caption):
        assert "Grey: all 88 patients, before the filters." in text and "Grey" not in alone.alt + alone.caption
    numbers = [t["text"] for t in traces(figure, name="numbers")]
    assert numbers[0][0] == f"{km.curves[0].n}"  # the filtered ones
    assert figures.survival_curves(all_, style, whole=all_).spec == figures.survival_curves(all_, style).spec


def test_the_whole_cohort_s_bars_stand_behind_those_of_the_filtered():
    few, all_ = site_distribution(FEW), site_distribution(SAMPLE)
    figure = figures.number_of_sites(few, whole=all_)
    behind, bars = traces(figure, type="bar")
    counted = dict(all_.n_sites)
    assert behind["y"] == [counted[k] for k in sorted(counted)] and bars["y"] == [
        dict(few.n_sites).get(k, 0) for k in sorted(counted)
    ]
    assert "Pale bars: all 88 patients" in figure.caption and "Pale bars" in figure.alt
    assert figures.number_of_sites(all_, whole=all_).spec == figures.number_of_sites(all_).spec


@pytest.mark.parametrize("style", [Style(), Style("dark")])
def test_combinations_and_sites_by_a_factor_have_the_whole_cohort_behind(style):
    def pale(figure):
        return [t for t in figure.spec["data"] if t["type"] == "bar" and t["marker"]["color"] == style.ink("ghost")]

    few, all_ = co_occurrence(FEW), co_occurrence(SAMPLE)
    figure = figures.upset(few, style, most=4, whole=all_)
    (ghost,), counts = pale(figure), {p.sites: p.n for p in all_.patterns}
    shown = [p for p in few.patterns if p.sites][:4]
    assert ghost["y"][:4] == [counts[p.sites] for p in shown]
    assert sum(ghost["y"]) == len(SAMPLE) and len(ghost["y"]) == 4 + 1
    assert max(ghost["y"]) <= figure.spec["layout"]["yaxis"]["range"][1]
    assert f"all {len(SAMPLE)} patients, before the filters" in figure.caption and "before the filters" in figure.alt
    assert figures.upset(all_, style, whole=all_).spec == figures.upset(all_, style).spec
    few, all_ = site_distribution(FEW, "histology"), site_distribution(SAMPLE, "histology")
    figure = figures.site_bars_by(few, style, whole=all_)
    shares = {round(100 * c.proportion.value, 4) for s in all_.strata for c in s.sites}
    (ghost,) = pale(figure)
    assert set(ghost["x"]) <= shares and len(ghost["x"]) == len(few.strata) * len(few.sites)
    assert "pale bars: all 88 patients, before the filters" in figure.caption.lower() and "pale" in figure.alt.lower()
    assert figures.site_bars_by(all_, style, whole=all_).spec == figures.site_bars_by(all_, style).spec


def test_the_whole_cohort_s_responses_stand_beside_those_of_the_filtered():
    part = Selection.parse(["figo_stage=I,III"]).apply(SAMPLE)
    few, all_ = response_rates(part, by="figo_stage"), response_rates(SAMPLE, by="figo_stage")
    rates = figures.response_rates(few, whole=all_)
    known = {g.name: g for g in (*all_.strata, all_.overall)}
    shown = [g.name for g in (*few.strata, few.overall) if g.orr.of]
    expected = [round(100 * r.estimate.value, 4) for name in shown for r in (known[name].orr, known[name].dcr)]
    assert traces(rates, type="bar")[0]["x"] == expected
    bars = figures.response_bars(few, whole=all_)
    thin = [t for t in traces(bars, type="bar") if t.get("opacity")]
    totals = [sum(t["x"][i] for t in thin) for i in range(len(shown))]
    assert totals == pytest.approx([100] * len(shown), abs=1e-3)
    first = known[shown[0]]
    assert thin[0]["x"][0] == round(100 * first.counts["CR"] / first.orr.of, 4)
    for figure, word in ((rates, "Pale"), (bars, "Thin")):
        assert f"{word} bars: all {all_.n} patients, before the filters" in figure.alt + figure.caption
    assert figures.response_bars(all_, whole=all_).spec == figures.response_bars(all_).spec


def test_a_figure_asks_for_the_typeface_that_pixels_and_pdf_are_made_with():
    from necc.present.svg import FONTS, font_files

    assert FONTS.startswith("'DejaVu Sans', ") and font_files()[0].stem == "DejaVuSans"
    figure = made("site_bars")
    assert f'font-family="{FONTS}"' in figure.to_svg() and figure.spec["layout"]["font"]["family"] == FONTS
    page = figure.to_svg(interactive=True)
    assert "@font-face" not in page and figure.exported().count("@font-face") == 2


@pytest.mark.parametrize("name", ["survival_curves", "upset", "site_bars"])
def test_a_main_figure_is_drawn_lower_where_there_is_little_room(name):
    low = made(name, style=Style(height=470))
    assert low.height <= max(470, 0) and low.width == 820
    assert low.style.small >= 10


def test_the_whole_cohort_s_variables_stand_pale_behind_those_of_the_filtered():
    figure = figures.overview(FEW, whole=SAMPLE)
    assert "Pale: all 88 patients, before the filters." in figure.caption and "Pale: all 88" in figure.alt
    one = figures.overview(FEW, names=["age_years"], whole=SAMPLE)
    pale = [e for e in ET.fromstring(one.to_svg()).iter(f"{SVG}rect") if e.get("fill") == one.style.ink("ghost")]
    everybody, few = SAMPLE.spread("age_years", 16), FEW.spread("age_years", 16, (24, 67))
    assert len(pale) == sum(c > 0 for c in everybody.counts) and sum(few.counts) == few.n == len(FEW)
    tallest = max(float(e.get("height")) for e in pale)
    highest = max(c / everybody.n for c in everybody.counts) / max(c / few.n for c in few.counts)
    assert tallest == pytest.approx(22 * min(1, highest), abs=0.1)
    assert figures.overview(SAMPLE, whole=SAMPLE).to_svg() == figures.overview(SAMPLE).to_svg()
