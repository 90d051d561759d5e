"""Pictures don't mislead: nothing beyond an axis, names that differ stay different, every patient in a bar."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from cohorts import from_sample, necc_cohort
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.survival import kaplan_meier
from necc.core.estimate import Estimate
from necc.present import figures, svg
from necc.present.figures import Style
from necc.present.figures.ratios import RatioRow, ratio_chart

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = from_sample("reconstructed_cohort.csv")
STYLES = [Style(), Style("dark", "presentation"), Style(size="print")]


def texts(picture: str) -> list[str]:
    return ["".join(t.itertext()) for t in ET.fromstring(picture).iter(f"{SVG}text")]


def numbers(picture: str) -> list[float]:
    """Every horizontal place that a path of the picture goes to."""
    paths = [p.get("d") for p in ET.fromstring(picture).iter(f"{SVG}path")]
    return [float(x) for d in paths for x in re.findall(r"[ML](-?[\d.e+]+) ", d)]


# ---------------------------------------------------------------- ratios beyond their axis
BEYOND = {
    "far above": Estimate(768, 266, 2216), "far below": Estimate(1e-5, 1e-7, 1e-3),
    "above all": Estimate(1e87, 1, 1e300),
    "nothing at all": Estimate(0.0, 0.0, 0.0), "a point above": Estimate(4e5, None, None),
    "open above": Estimate(250, 3, None), "endless": Estimate(math.inf, 2, math.inf),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", BEYOND)
def test_a_ratio_beyond_the_axis_is_an_arrow_at_its_edge_and_nothing_else_leaves_it(name, style):
    rows = [RatioRow("Age", Estimate(1.2, 0.8, 1.9), "1.20"), RatioRow("Size", BEYOND[name], "as it is")]
    spec, height = ratio_chart(rows, style, "Hazard ratio")
    low, high = (10**v for v in spec["layout"]["xaxis"]["range"])
    marks = [(s, x, y) for t in spec["data"] if t["mode"] == "markers"
             for s, x, y in zip(t["marker"]["symbol"], t["x"], t["y"], strict=True)]  # fmt: skip
    assert ("circle", 1.2, 0) in marks
    assert [s for s, _, y in marks if y == -1] == ["triangle-left" if BEYOND[name].value < 1 else "triangle-right"]
    for trace in spec["data"]:
        assert all(low * 0.999 <= x <= high * 1.001 for x in trace["x"] if x is not None)
    margin = spec["layout"]["margin"]
    picture = svg.render(spec, style.px, height)
    arrow = 8 * style.unit
    assert all(margin["l"] - arrow <= x <= style.px - margin["r"] + arrow for x in numbers(picture))


ANY = st.none() | st.floats(0, allow_infinity=True) | st.just(math.nan)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ANY, ANY, ANY), min_size=1, max_size=5))
def test_whatever_a_ratio_is_nothing_is_drawn_beyond_the_axis(limits):
    rows = [RatioRow(f"x{i}", Estimate(*values), "text") for i, values in enumerate(limits)]
    spec, _ = ratio_chart(rows, Style(), "Hazard ratio")
    low, high = (10**v for v in spec["layout"]["xaxis"]["range"])
    for trace in spec["data"]:
        assert all(low * 0.999 <= x <= high * 1.001 for x in trace["x"] if x is not None)
    circles = [y for t in spec["data"] if t.get("hovertext")
               for s, y in zip(t["marker"]["symbol"], t["y"], strict=True) if s == "circle"]  # fmt: skip
    for i, (value, *_) in enumerate(limits):
        assert (-i in circles) == (value is not None and low <= value <= high)


# ---------------------------------------------------------------- names that differ stay different
STAGES = [f"FIGO 2018 stage IIIC{k}{how}" for how in "rp" for k in (1, 2)]
AFTER = [f"Concurrent chemoradiation followed by {what}" for what in
         ("surgery", "adjuvant carboplatin and etoposide", "adjuvant cisplatin and etoposide", "brachytherapy",
          "adjuvant cisplatin and etoposide, two cycles", "nothing")]  # fmt: skip


@pytest.mark.parametrize("labels", [STAGES, AFTER])
@pytest.mark.parametrize("width", [40, 60, 90, 140, 250])
def test_names_that_are_shortened_stay_different_and_fit(labels, width):
    short = svg.fit_all(labels, 13, width)
    assert len(set(short)) == len(labels)
    assert all(svg.text_width(text, 13) <= width for text in short)
    lines = ["\n".join(rows) for rows in svg.wrap_all(labels, 13, width)]
    assert len(set(lines)) == len(labels)


@settings(max_examples=300, deadline=None)
@given(
    st.text("ab é中", max_size=40), st.lists(st.text("01 x", max_size=12), min_size=2, max_size=8, unique=True),
    st.text("yz ", max_size=40), st.integers(30, 300), st.booleans(),
)  # fmt: skip
def test_any_names_stay_different_after_shortening(prefix, middles, suffix, width, bold):
    labels = list(dict.fromkeys(" ".join(f"{prefix}{middle}{suffix}".split()) for middle in middles))
    short = svg.fit_all(labels, 12, width, bold)
    assert len(set(short)) == len(labels)
    for label, text in zip(labels, short, strict=True):
        if svg.text_width(label, 12, bold) <= width:
            assert text == label


def groups_of(labels):
    """Fifteen patients in each group, with sites, a response and times."""
    n = 15 * len(labels)
    rng = np.random.default_rng(7)
    return necc_cohort(
        {"prs_months": rng.integers(1, 60, n).tolist(), "died": rng.integers(0, 2, n).tolist(),
         "best_response": rng.choice(["CR", "PR", "SD", "PD"], n).tolist(), "recurred": [1] * n,
         "arm": [labels[i % len(labels)] for i in range(n)]},
        {"lung": rng.integers(0, 2, n).tolist(), "bone": rng.integers(0, 2, n).tolist()},
    )  # fmt: skip


def pictures_of(cohort):
    from necc.analysis.recurrence import site_distribution
    from necc.analysis.regression import univariate
    from necc.analysis.response import response_rates

    return {
        "survival": (figures.survival_curves, kaplan_meier(cohort, "PRS", "arm")),
        "forest": (figures.forest, univariate(cohort, "PRS", ["arm"])),
        "site_bars_by": (figures.site_bars_by, site_distribution(cohort, "arm")),
        "response_bars": (figures.response_bars, response_rates(cohort, by="arm")),
        "response_rates": (figures.response_rates, response_rates(cohort, by="arm")),
    }


@pytest.mark.parametrize("labels", [STAGES, AFTER])
@pytest.mark.parametrize("style", STYLES)
def test_groups_with_long_names_can_be_told_apart_in_every_picture(labels, style):
    for name, (draw, result) in pictures_of(groups_of(labels)).items():
        picture = draw(result, style)
        entries = [t["name"] for t in picture.spec["data"] if t.get("showlegend") and t.get("name")]
        if name in ("survival", "site_bars_by"):
            assert len(set(entries)) == len(labels), (name, entries)
        rows = [t for t in picture.spec["layout"]["yaxis"].get("ticktext", ()) if t.strip()]
        if name in ("forest", "response_bars", "response_rates"):
            assert len(set(rows)) == len(rows) >= len(labels) - 1, (name, rows)
        if name == "survival":
            below = [a["text"] for a in picture.spec["layout"]["annotations"] if a.get("yref") == "y2"]
            groups = [t for t in below if "…" in t or any(label in t for label in labels)]
            assert len(set(groups)) == len(labels), below


# ---------------------------------------------------------------- every patient is in a bar, every end is told
def sites_of(n, without, seed=3):
    """Patients with any of five sites, `without` of them with none."""
    rng = np.random.default_rng(seed)
    names = ("lung", "bone", "liver", "brain", "adrenal")
    marks = rng.integers(0, 2, (n, len(names)))
    marks[:without] = 0
    marks[without:, 0] |= marks[without:].sum(axis=1) == 0
    sites = {name: marks[:, j].tolist() for j, name in enumerate(names)}
    return necc_cohort({"prs_months": [1.0] * n, "died": [1] * n, "recurred": [1] * n}, sites)


@pytest.mark.parametrize(("n", "without"), [(9, 6), (9, 0), (150, 0), (150, 40), (2, 1)])
@pytest.mark.parametrize("most", [1, 3, 15])
def test_the_bars_of_an_upset_plot_add_up_to_its_patients(n, without, most):
    from necc.analysis.recurrence import co_occurrence

    together = co_occurrence(sites_of(n, without))
    figure = figures.upset(together, most=most)
    bars, counts = figure.spec["data"][0], figure.spec["data"][-1]
    assert sum(bars["y"]) == n and counts["text"] == [f"{k:,}" for k in bars["y"]]
    said = figure.caption + figure.alt
    assert (f"no site: {without}" in said) == (without > 0)
    known = [p for p in together.patterns if p.sites]
    if len(known) > most:
        lost = sum(p.n for p in known[most:])
        assert re.search(rf"{len(known) - most} further combinations?: {lost} patients?", said)
    above = figure.spec["layout"]["annotations"]
    assert len(above) == len(bars["y"]) - min(len(known), most) and all(note["text"] for note in above)


def lanes_of(**columns):
    from necc.analysis.response import swimmer

    n = len(columns["response_followup_months"])
    return swimmer(necc_cohort({"best_response": ["SD"] * n, **columns}))


def test_a_patient_who_died_is_not_drawn_as_still_followed():
    plot = lanes_of(response_followup_months=[9, 8, 7, 6, 5, 4], progressed=[1, 0, 0, 0, None, 0],
                    died=[1, 1, 0, None, 1, 0], final_response=["PD", "SD", "SD", "SD", "SD", "PD"])  # fmt: skip
    assert [lane.end for lane in plot.lanes] == ["progressed", "death", "ongoing", "unknown", "unknown", "unknown"]
    figure = figures.swimmer(plot)
    drawn = [t for t in figure.spec["data"] if t.get("mode") == "markers"]
    marks = {t["name"]: (t["marker"]["symbol"], len(t["x"])) for t in drawn}
    assert marks == {"progression": ("x", 1), "death": ("diamond", 1), "still followed": ("triangle-right", 1),
                     "end of follow-up": ("line-ns-open", 3)}  # fmt: skip
    assert len({symbol for symbol, _ in marks.values()}) == 4
    assert "death 1" in figure.caption and "still followed 1" in figure.alt


@pytest.mark.parametrize(("prs", "progressed", "end"), [
    (10.0, 0, "death"), (10.4, 0, "death"), (30.0, 0, "unknown"), (10.0, None, "death"), (30.0, None, "unknown"),
    (None, 0, "death"), (None, None, "unknown"), (30.0, 1, "progressed"),
])  # fmt: skip
def test_a_lane_ends_with_a_death_that_came_at_its_end(prs, progressed, end):
    plot = lanes_of(response_followup_months=[8], progressed=[progressed], died=[1], prs_months=[prs],
                    ici_start_months=[2.0])  # fmt: skip
    assert [lane.end for lane in plot.lanes] == [end]


@pytest.mark.parametrize("n", [30, 50, 80, 200])
def test_many_lanes_have_no_heading_over_nothing(n):
    plot = lanes_of(response_followup_months=list(range(1, n + 1)), progressed=[0] * n, died=[0] * n)
    notes = [note["text"] for note in figures.swimmer(plot).spec["layout"]["annotations"]]
    assert ("best → final, agent" in notes) == (len(notes) > 1)


# ---------------------------------------------------------------- few patients at risk
def contrast(a, b):
    """The contrast of two colours (0..255 each), by WCAG."""

    def luminance(color):
        parts = [v / 255 for v in color]
        r, g, b_ = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b_

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def rgb(color):
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def over(a, b, opacity):
    return tuple(x * opacity + y * (1 - opacity) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_pale_line_is_seen_on_its_band_and_told_from_a_solid_one(theme):
    from necc.present.figures.steps import PALE, PALE_WIDTH
    from necc.present.figures.style import INK, PALETTE

    page = rgb(INK[theme]["page"])
    for color in map(rgb, PALETTE[theme]):
        for opacity in (0.11, 0.14, 0.15, 0.16):
            band = over(color, page, opacity)
            pale = over(color, band, PALE[theme])
            assert contrast(pale, band) >= 1.7
            assert contrast(color, band) / contrast(pale, band) >= 1.3
        assert theme == "light" or contrast(over(color, page, PALE[theme]), page) >= 3
    assert PALE_WIDTH <= 0.6


def plateau():
    """The last event at 30 months; then 4, 3, 2 and 1 are censored one by one."""
    return necc_cohort({"prs_months": [2, 4, 6, 8, 10, 12, 30, 36, 40, 44, 48], "died": [1] * 5 + [0, 1, 0, 0, 0, 0]})


def late_entry(n=40, seed=2):
    """Curves of patients of whom few are under observation at first, and again at the end."""
    from necc.analysis.survival import kaplan_meier_with_entry

    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 30, n)
    cohort = necc_cohort(
        {
            "os_months": (entry + rng.integers(1, 30, n)).tolist(),
            "died": rng.integers(0, 2, n).tolist(),
            "ttr_months": entry.tolist(),
            "recurred": [1] * n,
        }
    )
    return kaplan_meier_with_entry(cohort, "OS", entry="ttr_months").curves


def lines_of(curve, value, start):
    from necc.present.figures.steps import StepLine

    return StepLine(name="", curve=curve, color="#000000", dash="solid", value=value, start=start)


def assert_pale_where_few(line, pixels):
    rows = line.rows(float(line.curve.time[-1]), pixels)
    if not len(rows):
        return
    x, held, parts = line.points(rows)
    assert [a for a, *_ in parts][1:] == [b - 1 for _, b, _ in parts][:-1]  # each part begins where the last ends
    for a, b, pale in parts:
        entries = getattr(line.curve, "entries", None)
        moments = np.unique(np.concatenate([line.curve.time, [] if entries is None else entries, [0.0]]))
        middles = (moments[:-1] + moments[1:]) / 2
        within = middles[(middles > x[a]) & (middles < x[b - 1])]
        assert ((line.curve.at_risk(within) < 5) == pale).all()
    drawn = line.held(line.value)[held]
    for t, y in zip(x, drawn, strict=True):
        row = int(np.searchsorted(line.curve.time, t, side="right")) - 1
        assert y == (line.start if row < 0 or not np.isfinite(line.value[row]) else line.value[row]) or t == 0


@pytest.mark.parametrize("show", ["survival", "risk", "cumulative hazard", "log-log"])
@pytest.mark.parametrize("pixels", [40, 600])
def test_every_scale_is_pale_exactly_where_fewer_than_five_are_at_risk(show, pixels):
    curves = [kaplan_meier(plateau(), "PRS").curves[0], *late_entry(), *late_entry(12, 5)]
    curves += [*kaplan_meier(SAMPLE, "PRS", "histology").curves, *kaplan_meier(SAMPLE, "OS", "figo_2018").curves]
    for curve in curves:
        shown = curve.shown(show)
        if np.isfinite(shown.value).any():
            assert_pale_where_few(lines_of(curve, shown.value, shown.start), pixels)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=30), st.sampled_from([20, 600]))
def test_curves_of_any_cohort_are_pale_where_few_are_at_risk(patients, pixels):
    cohort = necc_cohort({"prs_months": [t for t, _ in patients], "died": [int(e) for _, e in patients]})
    for curve in kaplan_meier(cohort, "PRS").curves:
        assert_pale_where_few(lines_of(curve, curve.survival, 1.0), pixels)


def test_incidence_and_its_panels_are_pale_where_few_are_at_risk():
    from necc.analysis.competing import cumulative_incidence

    for by in (None, "histology"):
        result = cumulative_incidence(SAMPLE, by=by)
        for stratum in result.strata:
            for curve in stratum.curves:
                assert_pale_where_few(lines_of(curve, curve.estimate, 0.0), 600)


def test_a_plateau_is_cut_where_the_fifth_patient_leaves_in_chart_and_panel():
    from necc.analysis.survival import restricted_mean
    from necc.present.figures.steps import Box, step_marks

    km = kaplan_meier(plateau(), "PRS")
    figure = figures.survival_curves(km)
    pale = [t for t in figure.spec["data"] if t.get("opacity") == 0.6 and "hovertemplate" in t]
    assert [t["x"] for t in pale] == [[30.0, 48.0]] and "fewer than 5" in figure.caption
    line = lines_of(km.curves[0], km.curves[0].survival, 1.0)
    marks = step_marks(line, Style(), Box(480, 100, 48.0))
    assert re.findall(r'd="M(\d+) \d+H(\d+)"[^>]*opacity="0.6"', marks) == [("3000", "4800")]
    means = restricted_mean(plateau(), "PRS", tau=40)
    assert 'opacity="0.6"' in figures.restricted_areas(means, km=km).to_svg()


# ---------------------------------------------------------------- numbers and words of axes
@pytest.mark.parametrize(("value", "text"), [
    (1340, "1,340"), (1e6, "1,000,000"), (-4.0, "−4"), (0.25, "0.25"), (0.0, "0"), (-0.0, "0"), (0.001, "0.001"),
    (12345.5, "12,345.5"), (1e-5, "0.00001"), (0.30000000000000004, "0.3"),
])  # fmt: skip
def test_a_tick_has_no_power_of_ten(value, text):
    from necc.present.figures.scales import tick_text

    assert tick_text(value) == text


def test_axes_of_a_cohort_in_days_have_no_powers_of_ten():
    from necc.analysis.regression import cox, schoenfeld

    rng = np.random.default_rng(4)
    n = 60
    days = {"prs_months": rng.integers(30, 700, n).tolist(), "died": rng.integers(0, 2, n).tolist(),
            "tumor_size_cm": rng.uniform(1, 9, n).round(1).tolist()}  # fmt: skip
    cohort = necc_cohort(days)
    residuals = schoenfeld(cox(cohort, "PRS", ["tumor_size_cm"]))
    many = Style(width=900)
    figure = figures.schoenfeld(residuals, many, term=residuals.terms[0], label="Size", unit="days")
    labels = [t for a in ("xaxis", "yaxis") for t in figure.spec["layout"][a]["ticktext"]]
    assert labels and not [t for t in labels if "e" in t]
    from necc.present.figures.regression import _time_text

    assert [_time_text(t) for t in (1341.27, 89.94, 3.14159, 12000.0)] == ["1,341", "89.9", "3.14", "12,000"]


def test_a_line_that_leaves_the_axis_goes_to_its_edge():
    from necc.present.figures.prediction import _above

    assert _above([(0.0, 0.4), (0.5, 0.0), (0.6, -0.2), (0.7, -0.4)], -0.1) == [
        (0.0, 0.4), (0.5, 0.0), (pytest.approx(0.55), -0.1), (pytest.approx(0.55), None),
    ]  # fmt: skip
    back = _above([(0.0, 0.1), (0.2, -0.3), (0.3, None), (0.4, 0.1)], -0.1)
    assert back == [(0.0, 0.1), (pytest.approx(0.1), -0.1), (pytest.approx(0.1), None), (pytest.approx(0.3), -0.1),
                    (0.4, 0.1)]  # fmt: skip
    assert _above([(0.1, -1.0), (0.2, -2.0)], -0.1) == []


def test_cumulative_incidence_without_events_says_so():
    from cohorts import cohort_of

    from necc.analysis.competing import cumulative_incidence_of_columns

    cohort = cohort_of({"time": [1, 2, 3, 4], "status": ["0", "0", "0", "0"]})
    try:
        result = cumulative_incidence_of_columns(cohort, "time", "status", censored="0")
    except Exception as error:
        pytest.skip(f"refused already: {error}")
    for draw in (figures.incidence_curves, figures.incidence_grid, figures.stacked_incidence):
        figure = draw(result)
        assert not figure.svg_text and figure.spec["data"] == [] and "no events" in figure.caption


# ---------------------------------------------------------------- without colour
def lightness(color):
    parts = [v / 255 for v in rgb(color)]
    r, g, b = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_responses_are_told_apart_in_grey(theme):
    from necc.present.figures.style import RESPONSE

    shades = sorted(lightness(c) + 0.05 for c in RESPONSE[theme].values())
    assert all(b / a >= 1.35 for a, b in zip(shades, shades[1:], strict=False))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_groups_have_a_dash_and_a_pattern_of_their_own(theme):
    style = Style(theme)
    levels = [f"level {i}" for i in range(8)]
    assert len({style.look(level, levels)[1] for level in levels}) == 8
    assert len({style.pattern(i)["shape"] for i in range(8)}) == 8
    assert len({style.look(level, ())[1] for level in ("with", "without")}) == 2


def test_bars_of_groups_have_patterns_on_the_page_and_in_the_file():
    from necc.analysis.recurrence import site_distribution

    figure = figures.site_bars_by(site_distribution(SAMPLE, "histology"))
    shapes = [t["marker"]["pattern"]["shape"] for t in figure.spec["data"] if t.get("showlegend")]
    assert len(set(shapes)) == len(shapes) == 3
    picture = figure.to_svg()
    for name in set(re.findall(r"url\(#([^)]+)\)", picture)):
        assert picture.count(f'id="{name}"') == 1
    assert len(set(re.findall(r'id="([^"]+)"', picture))) == 2  # the first group's bars are plain


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("rare", [1, 3])
def test_every_part_of_a_response_bar_has_a_number_or_is_listed(style, rare):
    from necc.analysis.response import response_rates

    best = ["CR"] * 20 + ["PR"] * 20 + ["SD"] * (30 - rare) + ["PD"] * 30 + ["NE"] * rare
    rates = response_rates(necc_cohort({"best_response": best, "ici": [1] * 100}), denominator="treated")
    figure = figures.response_bars(rates, style)
    inside = [t["text"][0] for t in figure.spec["data"] if t.get("mode") == "text"]
    for level, text in zip(("CR", "PR", "SD", "PD", "NE"), inside, strict=True):
        n = best.count(level)
        assert text in (f"{level} {n}", str(n)) or f"{level} {n}" in figure.caption.partition("Too narrow")[2]
    assert ("Too narrow for a number" in figure.caption) == ("" in inside)


# ---------------------------------------------------------------- what leaves the page stands alone
def exported_figures():
    import test_figures
    import test_figures_competing
    import test_figures_regression

    for name in test_figures.FIGURES:
        yield name, test_figures.made(name)
    for name in test_figures_competing.FIGURES:
        yield name, test_figures_competing.FIGURES[name](SAMPLE, Style())
    for name in test_figures_regression.FIGURES | test_figures_regression.FITTED:
        yield name, test_figures_regression.made(name)


def test_every_exported_figure_has_a_title_and_says_n_and_method():
    for name, figure in exported_figures():
        for style in (Style(), *([Style("dark", "presentation"), Style(size="print")] if name == "upset" else [])):
            picture = figure.exported(style)
            root = ET.fromstring(picture)
            words = " ".join(texts(picture)).replace("- ", "-")
            assert figure.headline and figure.headline in words, (name, words[:200])
            assert figure.with_style(style).caption in words, name
            assert figure.headline == root.find(f"{SVG}title").text
            inner = root.find(f"{SVG}svg")
            assert float(inner.get("y")) + float(inner.get("height")) < float(root.get("height"))
            assert re.search(r"\d", figure.caption), name


def test_panels_and_exported_bars_name_their_variable():
    from necc.analysis.response import response_rates
    from necc.analysis.survival import restricted_mean

    cohort = necc_cohort({"prs_months": list(range(1, 13)), "died": [1, 0] * 6, "ecog": ["1", "2", "3"] * 4,
                          "best_response": ["CR", "PD", "SD"] * 4, "ici": [1] * 12, "lvsi": [1, 0] * 6})  # fmt: skip
    means = restricted_mean(cohort, "PRS", "ecog", tau=5)
    words = texts(figures.restricted_areas(means, km=kaplan_meier(cohort, "PRS", "ecog")).to_svg())
    for level in ("1", "2", "3"):
        assert f"{means.by_label}: {level}" in words and level not in [w for w in words if w == f"ecog {level}"]
    rates = response_rates(cohort, by="lvsi")
    figure = figures.response_bars(rates)
    assert figure.headline == f"Best response by {rates.by_label}" and figure.headline in texts(figure.exported())


def test_a_png_is_the_exported_figure():
    import struct

    figure = figures.survival_curves(kaplan_meier(SAMPLE, "PRS"))
    height = float(ET.fromstring(figure.exported()).get("height"))
    assert height > figure.height + 30
    assert struct.unpack(">I", figure.to_png(dpi=96)[20:24])[0] == pytest.approx(height, abs=1)


# ---------------------------------------------------------------- letters that no font draws
CHINESE = {"prs_months": [3, 5, 8, 9, 12, 14], "died": [1, 0, 1, 1, 0, 1], "stage": ["早期", "晚期", "早期"] * 2}


@pytest.mark.parametrize(("text", "lacking"), [
    ("Lung — ≥ 3 µm, Ž, Ω, Ж, ‡", ""), ("早期 Lung", "早期"), ("생존", "생존"), ("ทดสอบ", "ทดสอบ"),
    ("a\u200bb\u00a0c\ufffd", ""),
])  # fmt: skip
def test_what_no_font_draws_is_known_before_the_picture_is_made(monkeypatch, text, lacking):
    from necc.present.svg import fonts

    monkeypatch.setattr(fonts, "machine_fonts", lambda: ())
    assert set(svg.undrawable(text)) == set(lacking)


def test_a_png_that_would_have_empty_boxes_is_refused_and_the_svg_is_not(monkeypatch):
    from necc.present.svg import fonts

    monkeypatch.setattr(fonts, "machine_fonts", lambda: ())
    figure = figures.survival_curves(kaplan_meier(necc_cohort(CHINESE), "PRS", "stage"))
    assert set(figure.undrawable) == set("早晚期") and "早期" in figure.exported()
    with pytest.raises(ValueError, match="take the SVG"):
        figure.to_png(dpi=48)
    assert not figures.survival_curves(kaplan_meier(SAMPLE, "PRS")).undrawable


def test_a_font_of_the_machine_is_taken_where_it_has_the_letters(monkeypatch, tmp_path):
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    from necc.present.svg import fonts

    pen = TTGlyphPen(None)
    for i, corner in enumerate(((100, 0), (100, 700), (800, 700), (800, 0))):
        (pen.lineTo if i else pen.moveTo)(corner)
    pen.closePath()
    glyph = pen.glyph()
    names = [".notdef", *(f"g{i}" for i in range(3))]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap({ord(c): f"g{i}" for i, c in enumerate("早晚期")})
    font.setupGlyf(dict.fromkeys(names, glyph))
    font.setupHorizontalMetrics(dict.fromkeys(names, (900, 0)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Three", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    path = tmp_path / "three.ttf"
    font.save(path)
    monkeypatch.setattr(fonts, "machine_fonts", lambda: (path,))
    figure = figures.survival_curves(kaplan_meier(necc_cohort(CHINESE), "PRS", "stage"))
    assert figure.undrawable == "" and figure.to_png(dpi=48)[:4] == b"\x89PNG"
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    assert fonts.characters_of(tmp_path / "broken.ttf") == frozenset()


# ---------------------------------------------------------------- a ratio per what
@pytest.mark.parametrize(("values", "unit", "per"), [
    (range(8000, 30000, 550), "days", 365.0), (range(0, 400, 10), "days", 30.0), (range(30, 80), "years", 1.0),
    ([i / 40 for i in range(80)], "", 1.0), ([i / 100 for i in range(40)], "", 0.1),
    (range(0, 40000, 1000), "", 10000.0),
    ([0.0] * 30 + [1.0], "", 1.0), ([7.0] * 5, "days", 1.0), ([1.2, 3.4, 5.6, 9.1] * 9, "cm", 1.0),
])  # fmt: skip
def test_a_ratio_counts_a_number_by_a_unit_that_patients_differ_by(values, unit, per):
    from cohorts import cohort_of

    from necc.analysis.regression import usual_unit
    from necc.core.dictionary import Variable

    values = [float(v) for v in values]
    n = len(values)
    cohort = cohort_of({"time": range(1, n + 1), "event": [1] * n, "x": values},
                       variables=[Variable("x", "X", "number", unit=unit)])  # fmt: skip
    assert usual_unit(cohort, "x") == per


def test_an_age_in_days_has_no_ratio_of_exactly_one():
    from cohorts import cohort_of

    from necc.analysis.regression import cox, usual_unit
    from necc.core.dictionary import Variable
    from necc.present.words.captions.regression import term_label, term_phrase

    rng = np.random.default_rng(1)
    n = 120
    age = rng.integers(9000, 30000, n)
    cohort = cohort_of({"time": (40000 - age + rng.integers(1, 9000, n)).tolist(), "event": [1] * n, "x": age.tolist()},
                       variables=[Variable("x", "Age", "number", unit="days")])  # fmt: skip
    term = cox(cohort, "T", ["x"], per={"x": usual_unit(cohort, "x")}).terms[0]
    assert term_label(term) == "Age (per 365 days)" and not term_phrase(term).startswith("1.00")
    assert term_phrase(cox(cohort, "T", ["x"]).terms[0]).startswith("1.00 (1.00–1.00)")


@pytest.mark.parametrize("scale", [1e-3, 1e-4, 1e-6])
def test_a_ratio_beyond_all_numbers_is_told_by_a_bound(scale):
    from necc.analysis.regression import univariate

    for order in (1, -1):
        cohort = necc_cohort({"prs_months": list(range(1, 21)), "died": [1] * 10 + [0] * 10,
                              "tumor_size_cm": [1 + scale * i for i in range(20)][::order]})  # fmt: skip
        figure = figures.forest(univariate(cohort, "PRS", ["tumor_size_cm"]))
        said = " ".join(texts(figure.to_svg())) + figure.alt
        assert "0.00 (" not in said and "e+" not in said and "–0.00)" not in said
        marks = [s for t in figure.spec["data"] if t.get("hovertext") for s in t["marker"]["symbol"]]
        if marks:
            assert marks == ["triangle-right" if order < 0 else "triangle-left"]


def test_short_names_of_sites_leave_room_for_the_axis_title():
    from dataclasses import replace

    from necc.analysis.recurrence import co_occurrence

    together = co_occurrence(sites_of(150, 40))
    for style in STYLES:
        figure = figures.upset(replace(together, labels=tuple("ABCDEFGHIJ"[: len(together.labels)])), style)
        root = ET.fromstring(figure.to_svg())
        title = next(t for t in root.iter(f"{SVG}text") if "".join(t.itertext()) == "Patients")
        assert float(title.get("x")) - 0.7 * style.font >= 0


def test_every_level_of_the_overview_has_its_number_in_the_picture_or_its_caption():
    n = 100
    cohort = necc_cohort({"arm": ["a"] * 98 + ["rare"] + ["a long name of a level"],
                          "prs_months": [1.0] * n, "died": [1] * n})  # fmt: skip
    figure = figures.overview(cohort, names=["arm"])
    said = " ".join(texts(figure.exported()))
    for level in ("a 98", "rare 1", "a long name of a level 1"):
        assert level in said
