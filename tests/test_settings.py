"""Settings of curves: each changes the drawing as it says, bad ones are refused or told, and all pictures are sound."""

from __future__ import annotations

import json
import random
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape
from itertools import combinations, product

import numpy as np
import pytest
from cohorts import necc_cohort
from test_figures import NASTY, NOBODY, SAMPLE, SVG, TEN, many, shown, traces

from necc.analysis.regression import hazard_ratios
from necc.analysis.subcohorts import side_by_side
from necc.analysis.survival import kaplan_meier, parametric
from necc.core.guardrails import FEW_AT_RISK
from necc.core.selection import Selection
from necc.present import figures
from necc.present.figures import CurveSettings, Style
from necc.present.figures.settings import MOST_TICKS, fitted, read_settings
from necc.present.figures.style import DASH_ORDER, INK, PALETTES
from necc.present.svg import text_width

LUNG = kaplan_meier(SAMPLE, "PRS", "site:lung")
SITES = kaplan_meier(many(300), "PRS", "n_sites")
ONE_GROUP = kaplan_meier(SAMPLE, "PRS")
LAST = max(float(c.time[-1]) for c in LUNG.curves)
EVERY = CurveSettings(
    title="Lung", show="risk", scale="proportion", end=36, step=4.5, bands=False, medians=True, censoring=False,
    table=("at risk", "events"), ratio=True, legend={"with": "Lung", "without": "No lung"}, order=("with",),
    palette="greyscale", width=85, height=90.5,
)  # fmt: skip


def drawn(km=LUNG, style=figures.PAGE, **settings):
    return figures.survival_curves(km, style, settings=CurveSettings(**settings))


def curves(figure):
    return [t for t in figure.spec["data"] if "hovertemplate" in t and "legendgroup" in t]


def codes(figure):
    return [f.code for f in figure.noticed]


# ---------------------------------------------------------------- the object
def test_without_settings_a_figure_is_as_usual():
    assert figures.survival_curves(LUNG).to_svg() == drawn().to_svg() and not drawn().noticed
    assert CurveSettings().to_table() == {} and hash(CurveSettings()) == hash(CurveSettings(end=None))


def test_settings_go_to_toml_and_back():
    assert CurveSettings.from_toml(EVERY.to_toml()) == (EVERY, ())
    assert set(EVERY.to_table()) == set(CurveSettings.__dataclass_fields__)
    assert CurveSettings.from_toml(CurveSettings(table=()).to_toml())[0].table == ()
    nasty = CurveSettings(title=NASTY, legend={NASTY: 'a "quoted" = word', "b.c": "x"}, order=("]\n[",))
    assert CurveSettings.from_toml(nasty.to_toml()) == (nasty, ())


BAD = [
    ({"end": 0}, "above 0"), ({"end": float("nan")}, "above 0"), ({"end": "36"}, "not a number"),
    ({"step": 0}, "above 0"), ({"step": -6}, "above 0"), ({"step": float("inf")}, "above 0"),
    ({"width": 20}, "80 to 400 mm"), ({"height": 2000}, "40 to 400 mm"), ({"show": "hazard"}, "cumulative hazard"),
    ({"palette": "rainbow"}, "greyscale"), ({"table": ["at risk", "at risk"]}, "named twice"),
    ({"table": ["dead"]}, "at risk, censored or events"), ({"bands": 1}, "true or false"),
    ({"legend": {"with": "Same", "without": "Same"}}, "word of its own"), ({"title": "x" * 300}, "200 fit"),
    ({"order": ["with", "with"]}, "named twice"), ({"legend": {"with": "x" * 100}}, "80 fit"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "said"), BAD)
def test_a_value_that_no_figure_has_is_refused_with_what_is_allowed(values, said):
    ((name, value),) = values.items()
    with pytest.raises(ValueError, match=f"(?s)^{name}: .*{said}"):
        CurveSettings(**{name: tuple(value) if isinstance(value, list) else value})


@pytest.mark.parametrize(("values", "said"), [b for b in BAD if not isinstance(next(iter(b[0].values())), float)])
def test_in_a_file_it_is_a_finding_with_its_line_and_the_rest_is_read(values, said):
    import tomlkit

    text = f"# mine\npalette = 'tol'\n{tomlkit.dumps(values)}" if "palette" not in values else tomlkit.dumps(values)
    settings, (finding,) = CurveSettings.from_toml(text)
    ((name, _),) = values.items()
    assert said in finding.message and finding.column == name and finding.row == (1 if name == "palette" else 3)
    assert settings == CurveSettings(palette="house" if name == "palette" else "tol")


def test_an_unknown_key_and_a_file_that_is_no_toml_are_told():
    settings, (finding,) = CurveSettings.from_toml("palete = 'tol'\nend = 12")
    assert settings == CurveSettings(end=12) and "did you mean 'palette'?" in finding.message and finding.row == 1
    settings, (finding,) = CurveSettings.from_toml(b"\xff\xfe\x00")
    assert settings == CurveSettings() and finding.code == "settings-not-text"
    settings, (finding,) = CurveSettings.from_toml("end = ")
    assert settings == CurveSettings() and finding.code == "settings-not-toml"


def test_settings_are_written_as_pairs_over_others():
    settings, findings = read_settings(
        ["end=24", "table=events, at risk", "bands=off", "legend.with=Lung = here", "order=with,without",
         "title=A = b"], EVERY,
    )  # fmt: skip
    assert not findings and settings == replace(
        EVERY, end=24, table=("events", "at risk"), bands=False, order=("with", "without"), title="A = b",
        legend={"with": "Lung = here", "without": "No lung"},
    )  # fmt: skip
    assert read_settings(["table=none"])[0].table == ()
    settings, findings = read_settings(["end", "step=soon", "colour=red", "ratio=perhaps"])
    assert settings == CurveSettings() and [f.column for f in findings] == ["end", "step", "colour", "ratio"]


# ---------------------------------------------------------------- each setting
def test_the_end_of_the_axis_cuts_the_drawing_and_no_number():
    figure = drawn(end=12)
    assert figure.spec["layout"]["xaxis"]["range"] == [0, 12]
    for trace in figure.spec["data"]:
        assert max(trace["x"]) <= 12
    for curve in LUNG.curves:
        parts = [t for t in curves(figure) if t["legendgroup"] == curve.name]
        assert parts[-1]["x"][-1] == 12 and parts[-1]["y"][-1] == pytest.approx(curve.at(12).estimate.value, abs=1e-6)
        ends = [t["x"][-1] for t in traces(figure, legendgroup=curve.name, mode="lines") if t["line"]["width"] == 0]
        assert ends == [12, 12]  # of the band
    assert f"The axis ends at 12 months; follow-up goes on to {LAST:g}." in figure.caption
    whole = drawn().caption
    assert all(part in figure.caption for part in whole.replace("Ticks", "").split(". ")[:2])
    numbers = traces(figure, name="numbers")[0]
    at = [numbers["text"][i] for i, t in enumerate(numbers["x"]) if t == 12]
    assert at == [f"{n:,}" for c in LUNG.curves for n in (lambda r, e, z: (r, z, e))(*c.counts_at([12])[0])]


@pytest.mark.parametrize("show", ["survival", "risk", "cumulative hazard", "log-log"])
def test_nothing_is_drawn_beyond_the_end_whatever_is_shown(show):
    figure = drawn(show=show, end=9, bands=True)
    low, high = figure.spec["layout"]["yaxis"]["range"]
    for trace in figure.spec["data"]:
        assert max(trace["x"]) <= 9
    assert low < high and np.isfinite([low, high]).all()


def test_an_end_past_the_followup_or_before_any_event_is_told():
    first = min(float(c.time[c.n_events > 0][0]) for c in LUNG.curves)
    past, before = drawn(end=120), drawn(end=first / 2)
    assert codes(past) == codes(before) == ["settings-axis"]
    assert past.spec["layout"]["xaxis"]["range"] == [0, 120] and f"already at {LAST:g}" in past.noticed[0].message
    assert max(max(t["x"]) for t in curves(past)) <= LAST  # a curve ends where its follow-up does
    assert "no event is drawn" in before.noticed[0].message
    assert "would end at 0.004 months" in drawn(end=0.004).noticed[0].message  # its digits, not 0
    log = drawn(end=first / 2, show="log-log")
    assert "ends as usual" in log.noticed[0].message
    assert log.to_svg() == figures.survival_curves(LUNG, show="log-log").to_svg()


def test_a_step_is_that_of_the_ticks_unless_they_are_too_many():
    figure = drawn(end=36, step=9)
    assert figure.spec["layout"]["xaxis"]["tickvals"] == [0, 9, 18, 27, 36]
    many_ticks = drawn(step=LAST / MOST_TICKS / 2)
    assert codes(many_ticks) == ["settings-step"] and f"up to {MOST_TICKS}" in many_ticks.noticed[0].message
    assert many_ticks.to_svg() == drawn().to_svg()
    assert "a step of 0.002 months makes" in drawn(step=0.002).noticed[0].message
    assert codes(drawn(step=500)) == ["settings-step"] and codes(drawn(step=5, show="log-log")) == ["settings-step"]


def test_ticks_too_close_for_their_numbers_stand_without_them():
    axis = drawn(end=36, step=1).spec["layout"]["xaxis"]
    labels = [text for text in axis["ticktext"] if text]
    assert len(axis["tickvals"]) == 37 > len(labels) > 5
    numbers = traces(drawn(end=36, step=1), name="numbers")[0]
    assert [f"{t:g}" for t in dict.fromkeys(numbers["x"])] == labels


def test_marks_are_drawn_or_not_as_asked():
    def has(figure):
        fills = any("fill" in t for t in figure.spec["data"])
        ticks = any(t.get("mode") == "markers" for t in figure.spec["data"])
        drops = any(t.get("y") == [0.5, 0.5, 0] for t in figure.spec["data"])
        return fills, ticks, drops

    assert has(drawn()) == (True, True, True)
    assert has(drawn(bands=False, censoring=False, medians=False)) == (False, False, False)
    bare = drawn(bands=False, censoring=False, medians=False).caption
    assert "bands" not in bare and "censor" not in bare
    several = has(drawn(SITES, bands=True, medians=True))
    assert has(drawn(SITES)) == (False, True, False) and several == (True, True, True)
    hazard = drawn(show="cumulative hazard", medians=True)
    assert codes(hazard) == ["settings-medians"] and not has(hazard)[2]


@pytest.mark.parametrize("km", [LUNG, SITES, ONE_GROUP], ids=["two", "many", "one"])
@pytest.mark.parametrize("table", [(), ("at risk",), ("events", "at risk"), ("at risk", "censored", "events")])
def test_rows_of_the_table_are_those_asked_for(km, table):
    figure = drawn(km, table=table)
    numbers = traces(figure, name="numbers")
    if not table:
        assert not numbers and figure.height < drawn(km).height
        return
    ticks = figure.spec["layout"]["xaxis"]["tickvals"]
    cells = [text.replace(",", " ").replace("(", " ").replace(")", " ").split() for text in numbers[0]["text"]]
    told = {"at risk": 0, "events": 1, "censored": 2}
    for curve in km.curves:
        at_0 = curve.counts_at([0])[0]
        assert [str(at_0[told[of]]) for of in table][0] in {cell[0] for cell in cells}
    flat = [int(n) for cell in cells for n in cell]
    expected = [c.counts_at([t])[0][told[of]] for c in km.curves for t in ticks for of in table]
    assert sorted(flat) == sorted(expected)
    text = shown(figure)
    assert all((word in text.lower()) == (word in table) for word in ("at risk", "censored"))


def test_survival_in_proportions_has_no_percent_sign():
    figure = drawn(scale="proportion")
    assert figure.spec["layout"]["yaxis"]["ticktext"] == ["0", "0.25", "0.5", "0.75", "1"]
    assert "%" not in shown(figure).replace("95 %", "")
    assert all("%{y:.3f}" in t["hovertemplate"] for t in curves(figure))
    assert all(" %" not in point[0] for t in curves(figure) for point in t["customdata"])


def test_words_of_the_legend_stand_wherever_a_level_is_named_and_clicks_mean_the_level():
    words = {"with": "Lung recurrence", "without": "No lung recurrence"}
    figure = drawn(legend=words)
    assert not figure.noticed
    for word in words.values():
        assert shown(figure).count(word) == 2 and word in figure.alt  # the legend and the table
    meant = {t["legendgroup"]: t["meta"]["pick"] for t in curves(figure)}
    assert meant == {word: f"site:lung={level}" for level, word in words.items()}
    usual = {t["legendgroup"]: t["line"] for t in curves(drawn())}
    assert {t["legendgroup"]: t["line"] for t in curves(figure)} == {words[n]: line for n, line in usual.items()}


def test_a_word_for_no_level_and_a_word_for_two_are_told():
    figure = drawn(legend={"wiht": "Lung", "without": "None"}, order=("lung",))
    assert (
        codes(figure) == ["settings-legend", "settings-order"] and "did you mean 'with'?" in figure.noticed[0].message
    )
    assert "None" in shown(figure)
    clash = drawn(legend={"with": "without"})  # the other level has that name already
    assert codes(clash) == ["settings-legend"] and clash.noticed[0].severity == "error"
    assert clash.to_svg() == drawn().to_svg()
    swapped = drawn(legend={"with": "without", "without": "with"})
    assert not swapped.noticed


def test_a_note_that_names_a_level_is_read_with_its_word():
    small = kaplan_meier(TEN, "PRS", "site:lung")
    assert any("'with'" in note for note in small.notes)
    assert "In the legend 'Lung' is 'with'." in drawn(small, legend={"with": "Lung"}).caption


def test_the_order_of_levels_is_that_of_legend_and_table_and_no_colour_changes():
    names = [c.name for c in SITES.curves]
    first, *rest = names[2], *names[:2], *names[3:]
    figure = drawn(SITES, order=(first,))
    listed = [t["legendgroup"] for t in curves(figure) if t["showlegend"]]
    assert listed == [first, *rest] != names
    usual = {t["legendgroup"]: t["line"] for t in curves(drawn(SITES)) if t["showlegend"]}
    assert {t["legendgroup"]: t["line"] for t in curves(figure) if t["showlegend"]} == usual


def test_the_grey_curves_of_everybody_follow_words_order_and_end():
    part = SAMPLE.subset(np.arange(len(SAMPLE)) % 2 == 0)
    settings = CurveSettings(legend={"with": "Lung"}, order=("with",), end=24)
    figure = figures.survival_curves(kaplan_meier(part, "PRS", "site:lung"), settings=settings, whole=LUNG)
    ghosts = traces(figure, legendgroup="ghost")
    assert ghosts and max(max(t["x"]) for t in ghosts) <= 24


def test_a_title_is_the_headline_of_what_leaves_the_page():
    figure = drawn(title=NASTY[:150])
    assert figure.headline == NASTY[:150]
    ET.fromstring(figure.exported())
    assert drawn(show="risk").headline == figures.survival_curves(LUNG, show="risk").headline


# ---------------------------------------------------------------- palettes
def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("palette", "theme"), list(product(PALETTES, ("light", "dark"))))
def test_no_two_levels_look_the_same_and_the_first_are_seen_on_their_page(palette, theme):
    levels = tuple(f"level {i}" for i in range(16))
    style = Style(theme)
    assert len({style.look(level, levels, palette) for level in levels}) == len(levels)
    colours = PALETTES[palette][theme]
    assert len(set(colours)) == len(colours)
    assert all(contrast(colour, INK[theme]["page"]) >= 3 for colour in colours[:3])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_greys_differ_in_luminance_and_dash(theme):
    levels = tuple(f"level {i}" for i in range(len(DASH_ORDER)))
    style = Style(theme)
    assert len({style.look(level, levels, "greyscale")[1] for level in levels}) == len(levels)
    for a, b in combinations(PALETTES["greyscale"][theme], 2):
        assert contrast(a, b) > 1.6
        assert a[1:3] == a[3:5] == a[5:7]


def test_a_palette_changes_every_colour_and_too_many_levels_are_told():
    grey = drawn(palette="greyscale")
    assert {t["line"]["color"] for t in curves(grey)} <= set(PALETTES["greyscale"]["light"])
    assert not grey.noticed
    several = drawn(SITES, palette="greyscale")
    assert len(SITES.curves) > 3 and codes(several) == ["settings-palette"]
    (told,) = several.noticed
    assert told.severity == "warning" and "3 can be told apart by colour" in told.message


# ---------------------------------------------------------------- size
@pytest.mark.parametrize(("width", "height"), [(85, 80), (174, 120), (120, 200)])
def test_a_figure_is_printed_in_the_size_asked_for(width, height):
    figure = drawn(width=width, height=height).with_style(figures.PRINT)
    assert figure.width / 96 * 25.4 == pytest.approx(width, abs=0.2)
    assert figure.height / 96 * 25.4 == pytest.approx(height, abs=0.3) and not figure.noticed
    root = ET.fromstring(figure.exported())
    assert float(root.get("width")) / 96 * 25.4 == pytest.approx(width, abs=0.2)
    page = drawn(width=width, height=height)
    assert (page.width, page.height) == (drawn().width, drawn().height)  # on a page it is as wide as the page


def test_a_height_too_low_for_what_is_asked_is_told():
    figure = drawn(SITES, height=40).with_style(figures.PRINT)
    assert codes(figure) == ["settings-height"] and f"{figure.height / 96 * 25.4:.0f} mm" in figure.noticed[0].message


# ---------------------------------------------------------------- anything that can be asked for
def random_settings(seed, km):
    pick = random.Random(seed)
    levels = [c.name for c in km.curves]
    words = pick.sample(["Short", "A rather long word for a level of some factor", "Ü<&>%{x}", "1", NASTY[:70]], 5)
    chance = lambda values: pick.choice([None, *values])  # noqa: E731
    asked = {
        "title": chance(["A title", NASTY[:120]]),
        "show": pick.choice(["survival", "risk", "cumulative hazard", "log-log"]),
        "scale": pick.choice(["percent", "proportion"]), "end": chance([0.5, 7, 36, 400, 12345.6]),
        "step": chance([0.1, 1, 2.5, 12, 5000]), "bands": chance([True, False]), "medians": chance([True, False]),
        "censoring": chance([True, False]), "ratio": chance([True]), "palette": pick.choice(list(PALETTES)),
        "table": chance([(), ("events",), ("censored", "at risk"), ("at risk", "censored", "events")]),
        "legend": chance([dict(zip(pick.sample(levels, len(levels)), words, strict=False)), {"nobody": "Nothing"}]),
        "order": chance([tuple(pick.sample(levels, pick.randint(0, len(levels)))), ("nobody",)]),
        "width": chance([80, 85, 174, 250]), "height": chance([40, 90, 250]),
    }  # fmt: skip
    return CurveSettings(**{name: value for name, value in asked.items() if value is not None})


GROUPED = [(SAMPLE, "PRS", "site:lung"), (many(300), "PRS", "n_sites"), (SAMPLE, "PRS", None), (TEN, "PRS", "arm"),
           (SAMPLE, "TTR", "histology"), (many(3_000), "PRS", "site:bone"), (NOBODY, "PRS", "site:lung")]  # fmt: skip
KMS = [(kaplan_meier(*of), hazard_ratios(*of) if of[2] else None) for of in GROUPED]


@pytest.mark.parametrize("seed", range(0, 120, 9))
def test_plotly_takes_whatever_is_asked_for(seed):
    import plotly.graph_objects as go

    km, ratios = KMS[seed % len(KMS)]
    figure = figures.survival_curves(km, settings=random_settings(seed, km), ratios=ratios)
    checked = json.loads(go.Figure(figure.to_plotly()).to_json())  # raises on a name that Plotly doesn't know
    assert len(checked["data"]) == len(figure.spec["data"])


@pytest.mark.parametrize("seed", range(120))
def test_whatever_is_asked_for_is_a_sound_picture_and_goes_to_toml_and_back(seed):
    km, ratios = KMS[seed % len(KMS)]
    settings = random_settings(seed, km)
    assert CurveSettings.from_toml(settings.to_toml()) == (settings, ())
    for style in (Style(), Style("dark", "presentation"), Style(size="print"), Style(height=470)):
        figure = figures.survival_curves(km, style, settings=settings, ratios=ratios)
        root = ET.fromstring(figure.to_svg())
        ET.fromstring(figure.exported())
        if not figure.spec["data"]:
            continue
        inside(figure, root)
        apart(figure, root)
        assert fitted(fitted(settings, km).settings, km).settings == fitted(settings, km).settings
        end = figure.spec["layout"]["xaxis"]["range"][1]
        if figure.spec["layout"]["xaxis"].get("type") != "log":
            assert all(max(t["x"]) <= end for t in figure.spec["data"])


def inside(figure, root):
    """No text begins outside the picture."""
    for mark in root.iter(f"{SVG}text"):
        x, y = float(mark.get("x")), float(mark.get("y"))
        assert np.isfinite([x, y]).all()
        if mark.get("transform") is None:
            assert -1 <= x <= figure.width + 1 and 0 <= y <= figure.height + 1, "".join(mark.itertext())
    for text, (left, _, right, _) in boxes(root):
        assert left >= -1 and right <= figure.width + 1, (text, left, right, figure.width)


def boxes(root):
    """Each line of text with its left, top, right and bottom."""
    for mark in root.iter(f"{SVG}text"):
        size, x, y = (float(mark.get(name)) for name in ("font-size", "x", "y"))
        text = "".join(mark.itertext())
        left = x - {"middle": 0.5, "end": 1}.get(mark.get("text-anchor"), 0) * text_width(text, size)
        if text and mark.get("transform") is None:
            yield text, (left, y - 0.75 * size, left + text_width(text, size), y + 0.2 * size)


def apart(figure, root):
    """What stands on the plot touches no other text."""
    notes = [n for n in figure.spec["layout"]["annotations"] if n["xref"] == "x domain"]
    assert len(notes) <= 1
    rows = [unescape(row) for n in notes for row in n["text"].split("<br>")]
    every = list(boxes(root))
    mine = [(text, box) for text, box in every if text in rows]
    assert len(mine) >= len(rows)
    for text, (left, top, right, bottom) in mine:
        for other, (a, b, c, d) in every:
            assert other == text or a >= right or c <= left or b >= bottom or d <= top, (text, other)


# ---------------------------------------------------------------- hazard ratios on the plot
def with_ratio(by="site:lung", endpoint="PRS", cohort=SAMPLE, style=figures.PAGE, order=(), **settings):
    settings = CurveSettings(ratio=True, order=order, **settings)
    ratios = hazard_ratios(cohort, endpoint, by, order=order)
    return figures.survival_curves(kaplan_meier(cohort, endpoint, by), style, settings=settings, ratios=ratios)


def test_hazard_ratios_on_the_plot_are_those_of_the_model():
    text = shown(with_ratio())
    assert "HR with vs without: 0.75 (95 % CI 0.39\u20131.46)" in text and "p for proportional hazards 0.108" in text
    caption = with_ratio().caption
    assert "Cox regression of 88 patients with Efron's method for ties" in caption and "p = 0.108" in caption
    turned = shown(with_ratio(order=("with",), legend={"with": "Lung", "without": "No lung"}))
    assert "HR No lung vs Lung: 1.33 (95 % CI 0.69\u20132.57)" in turned
    assert "HR" not in shown(figures.survival_curves(LUNG, ratios=hazard_ratios(SAMPLE, "PRS", "site:lung")))


def test_a_ratio_that_is_not_estimable_says_so_and_why():
    figure = with_ratio("n_sites")
    assert "HR 3 vs 1: not estimable" in shown(figure) and "3 vs 1 not estimable: too few to test" in figure.caption
    assert "\u2020" in shown(figure) and "Firth" in figure.caption
    assert "proportional hazards can't be tested under separation" in figure.caption.lower()


def crossing(n=200, seed=3):
    """Two arms whose curves cross: one dies early, the other late."""
    random = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    time = np.where(arm == 1, random.exponential(20, n), random.uniform(8, 30, n)).round(2) + 0.1
    return necc_cohort({"prs_months": time.tolist(), "died": [1] * n, "arm": [("a", "b")[i] for i in arm]})


def test_hazards_that_do_not_look_proportional_are_warned_of_on_the_plot():
    figure = with_ratio("arm", cohort=crossing())
    assert re.search(r"hazards don't look proportional \(p [=<]", shown(figure))
    assert "the hazard ratio changes over time" in figure.caption


def test_with_few_events_nobody_can_tell_whether_hazards_are_proportional():
    few = necc_cohort(
        {"prs_months": list(range(1, 21)), "died": [1, 1, 1, 1, 0] * 2 + [0] * 10, "arm": ["a", "b"] * 10}
    )
    assert "too few events to tell whether hazards are proportional" in shown(with_ratio("arm", cohort=few))


def test_more_ratios_than_the_plot_has_room_for_are_told():
    figure = with_ratio("n_sites", cohort=many(300))
    assert codes(figure) == ["settings-ratio"] and "HR" not in shown(figure)
    alone = figures.survival_curves(ONE_GROUP, settings=CurveSettings(ratio=True))
    assert "here is one" in alone.noticed[0].message


def test_a_note_that_finds_no_room_on_the_plot_stands_above_it():
    """Levels that lie all over the plot, from its top to its bottom."""
    n = 400
    arm = np.arange(n) % 5
    time = np.random.default_rng(1).exponential((2, 8, 20, 60, 400), (n // 5, 5)).ravel().round(2) + 0.1
    died = (time < 60).astype(int)
    columns = {"prs_months": np.minimum(time, 60).tolist(), "died": died.tolist(), "arm": [f"arm {i}" for i in arm]}
    cohort = necc_cohort(columns)
    figure = with_ratio("arm", cohort=cohort)
    (note,) = (n for n in figure.spec["layout"]["annotations"] if n["xref"] == "x domain")
    assert note["y"] > 1
    root = ET.fromstring(figure.to_svg())
    inside(figure, root)
    apart(figure, root)


def test_few_at_risk_stay_pale_when_the_axis_is_cut():
    km = kaplan_meier(many(40), "PRS", "site:lung")
    curve = km.curves[0]
    turn = float(curve.time[np.flatnonzero(np.append(curve.n_at_risk[1:], 0) < FEW_AT_RISK)[0]])
    pale = [t for t in curves(drawn(km, end=turn * 0.9)) if "opacity" in t and t["legendgroup"] == curve.name]
    assert not pale
    assert [t for t in curves(drawn(km, end=turn * 1.1)) if "opacity" in t and t["legendgroup"] == curve.name]


# ---------------------------------------------------------------- the same settings elsewhere
def test_sub_cohorts_are_drawn_by_the_same_settings():
    groups = {"Lung": Selection.parse(["site:lung=with"]), "All of them": Selection()}
    result = side_by_side(SAMPLE, groups, "PRS")
    settings = CurveSettings(end=24, palette="greyscale", title="Mine", ratio=True, show="risk")
    figure = figures.subcohort_curves(result, settings=settings)
    assert figure.headline == "Mine" and figure.spec["layout"]["xaxis"]["range"] == [0, 24]
    assert {t["line"]["color"] for t in curves(figure)} <= set(PALETTES["greyscale"]["light"])
    assert "HR" not in shown(figure) and not figure.noticed
    assert figures.subcohort_curves(result).to_svg() == figures.subcohort_curves(result, show="survival").to_svg()


def test_parametric_curves_take_the_same_settings():
    fits = parametric(SAMPLE, "PRS", "site:lung")
    settings = CurveSettings(end=24, legend={"with": "Lung mets"}, palette="tol", table=())
    figure = figures.parametric_curves(fits, km=LUNG, settings=settings)
    assert "Lung mets" in shown(figure)
    assert max(x for t in figure.spec["data"] for x in t["x"] if x is not None) <= 24
    apart(figure, ET.fromstring(figure.to_svg()))


# ---------------------------------------------------------------- labels and numbers below
def below(figure) -> tuple[list[float], dict[float, float]]:
    """Ticks that have numbers, and half the pixels of each one's widest text."""
    style, axis, numbers = figure.style, figure.spec["layout"]["xaxis"], traces(figure, name="numbers")[0]
    half = {t: text_width(text, style.font) / 2 for t, text in zip(axis["tickvals"], axis["ticktext"], strict=True)}
    for t, text in zip(numbers["x"], numbers["text"], strict=True):
        half[t] = max(half[t], text_width(text, style.small) / 2)
    return sorted(set(numbers["x"])), half


MANY = many(20_000)


@pytest.mark.parametrize("by", ["", "site:lung", "n_sites"])
@pytest.mark.parametrize("show", ["survival", "log-log"])
@pytest.mark.parametrize("more", [{"width": 80}, {"width": 84, "table": ("at risk", "censored", "events")}, {}, "at"])
def test_no_number_under_the_axis_touches_the_next(by, show, more):
    asked = {} if more == "at" else more
    km = kaplan_meier(MANY, "PRS", by)
    at = (1, 2, 3, 4, 5, 6, 12, 13, 14, 24, 48) if more == "at" else ()
    for style in (Style(size="print"), Style(width=300), figures.PAGE):
        figure = figures.survival_curves(km, style, settings=CurveSettings(show=show, **asked), at=at)
        layout = figure.spec["layout"]
        ticks, half = below(figure)
        low, high = layout["xaxis"]["range"]
        across = figure.width - layout["margin"]["l"] - layout["margin"]["r"]
        places = [(np.log10(t) if show == "log-log" else t) - low for t in ticks]
        places = [p / (high - low) * across for p in places]
        gaps = [b - a - half[s] - half[t] for a, b, s, t in zip(places, places[1:], ticks, ticks[1:], strict=False)]
        assert len(ticks) and min(gaps, default=1) > 0, (ticks, gaps)
        steps = {round(b - a, 6) for a, b in zip(ticks, ticks[1:], strict=False)}
        assert show == "log-log" or more == "at" or len(steps) <= 1, "every second, third ... tick"


def test_the_log_log_scale_is_spelled_alike_in_title_and_axis():
    figure = drawn(show="log-log")
    title = figure.spec["layout"]["yaxis"]["title"]["text"]
    assert title == "log(−log S)" and title in figure.headline and "Log(" not in figure.caption


@pytest.mark.parametrize("width", [None, 84])
def test_a_legend_of_many_levels_stays_clear_of_the_plot(width):
    figure = drawn(SITES, width=width).with_style(figures.PRINT)
    body = ET.fromstring(figure.to_svg())
    last = max(float(t.get("y")) for t in body.iter(f"{SVG}text") if "(n = " in "".join(t.itertext()))
    assert figure.spec["layout"]["margin"]["t"] - last > 9, "from its middle to the plot, of a type of 11 pixels"
