"""Pictures and tables of one patient: what is drawn is what is recorded, and nothing is drawn that isn't."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from cohorts import from_sample, necc_cohort

from necc.analysis.patient import Course, CourseEvent, case, course, courses, similar
from necc.analysis.recurrence import site_distribution
from necc.core.dictionary import Dictionary
from necc.present import figures, tables
from necc.present.figures import Style
from necc.present.figures.anatomy import HEIGHT, OUTLINE, PLACES, WIDTH
from necc.present.figures.patient import END_SYMBOLS, MARKS, _free_place
from necc.present.svg import blend, ellipse, hatch_path, text_width, to_pdf
from necc.present.words.captions import patient as words

SVG = "{http://www.w3.org/2000/svg}"
SAMPLE = from_sample("reconstructed_cohort.csv")
NASTY = "</text><script>alert(1)</script> < 1/3 & %{x}"
FIGURES = {
    "timeline": lambda c: figures.timeline(course(c, 2)),
    "timelines": lambda c: figures.timelines(courses(c)),
    "standing": lambda c: figures.standing(case(c, 2)),
    "body": lambda c: figures.body_map(case(c, 2)),
    "shares": lambda c: figures.body_shares(site_distribution(c)),
}
E = CourseEvent


def a_course(*events, label="Patient 3", recurrence=None, last=None, dead=None, **more):
    return Course(label, "diagnosis", "months", events, recurrence, last, dead, "ICI", **more)


FULL = a_course(
    E("primary treatment", "given", "Radical surgery", None), E("primary treatment", "given", "Radiation", 1.0, 3.0),
    *(E("recurrence", "recurrence", site, 12.0) for site in ("Lung", "Liver", "Bone", "Brain")),
    E("timed treatment", "drug", "ICI: nivolumab", 15.0),
    E("response", "response", "PR, best response", 17.0, level="PR"),
    E("response", "progression", "Progression", 20.0),
    E("response", "response", "PD, final response", 20.0, level="PD"),
    E("follow-up", "death", "Death", 24.0), recurrence=12.0, last=24.0, dead=True,
)  # fmt: skip
ODD = a_course(
    E("recurrence", "recurrence", "Lung", 9.0, doubt="after the last contact"),
    E("follow-up", "alive", "Alive when last seen", 8.0), recurrence=9.0, last=8.0, dead=False,
    doubts=("last contact before the first recurrence",), patient_id="SECRET-7", row=987_654, place=7,
)  # fmt: skip
EARLY = a_course(E("primary treatment", "given", "Surgery", -30.0), E("follow-up", "last seen", "Last seen", 200.0),
                 last=200.0)  # fmt: skip
UNTIMED = a_course(E("primary treatment", "given", "Surgery", None), E("response", "response", "SD, best response",
                                                                       None, level="SD"))  # fmt: skip
COURSES = {"full": FULL, "odd": ODD, "early": EARLY, "untimed": UNTIMED}


def texts(figure) -> list[ET.Element]:
    return list(ET.fromstring(figure.to_svg()).iter(f"{SVG}text"))


def shown(figure) -> list[str]:
    return ["".join(t.itertext()) for t in texts(figure)]


def tips(figure) -> list[str]:
    root = ET.fromstring(figure.to_svg(interactive=True))
    return [e.get("data-tip") for e in root.iter() if e.get("data-tip")]


# ---------------------------------------------------------------- all of them
@pytest.mark.parametrize("style", [Style(), Style("dark", "presentation"), Style(size="print"), Style(width=348)])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_whole_and_inside_its_frame(name, style):
    figure = FIGURES[name](SAMPLE).with_style(style)
    root = ET.fromstring(figure.to_svg(background=True))
    assert [float(v) for v in root.get("viewBox").split()[2:]] == [figure.width, figure.height]
    assert figure.alt.endswith(".") and figure.caption.endswith(".")
    for mark in root.iter(f"{SVG}text"):
        assert -1 <= float(mark.get("x")) <= figure.width + 1 and -1 <= float(mark.get("y")) <= figure.height + 1
        assert float(mark.get("font-size")) >= 0.85 * style.small


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_the_same_each_time_and_goes_into_a_file(name):
    figure = FIGURES[name](SAMPLE)
    assert figure.to_svg() == FIGURES[name](SAMPLE).to_svg()
    assert to_pdf(figure.exported())[:5] == b"%PDF-" and figure.to_png(48)[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", COURSES)
def test_words_of_a_course_stay_inside_and_apart(name):
    from necc.present.svg import text_width

    for width in (420, 820):
        figure = figures.timeline(COURSES[name], Style(width=width))
        boxes = []
        for mark in texts(figure):
            text, size, x = "".join(mark.itertext()), float(mark.get("font-size")), float(mark.get("x"))
            wide = text_width(text, size, mark.find(f"{SVG}tspan") is not None)
            left = x - {"end": 1.0, "middle": 0.5}.get(mark.get("text-anchor"), 0.0) * wide
            assert left >= -1 and left + wide <= width + 1, text
            boxes.append((left, left + wide, float(mark.get("y")), text))
        meet = [(a[3], b[3]) for i, a in enumerate(boxes) for b in boxes[i + 1 :]
                if abs(a[2] - b[2]) < 8 and a[0] < b[1] - 1 and b[0] < a[1] - 1]  # fmt: skip
        assert not meet


# ---------------------------------------------------------------- a course
def test_what_has_no_time_is_hatched_and_never_a_bar():
    figure = figures.timeline(UNTIMED)
    root = ET.fromstring(figure.to_svg())
    bars = [r for r in root.iter(f"{SVG}rect") if r.get("fill") == figure.style.color(0)]
    assert not bars and any(words.UNTIMED in text for text in shown(figure))
    assert not [t for t in shown(figure) if re.fullmatch(r"[\d.]+", t)], "no axis without a time"
    timed = ET.fromstring(figures.timeline(FULL).to_svg())
    assert [r for r in timed.iter(f"{SVG}rect") if r.get("fill") == figure.style.color(0)]


def test_a_hatched_band_ends_at_the_recurrence_or_begins_there_and_ends_with_her():
    one = a_course(
        E("primary treatment", "given", "Surgery", None), E("treatment after recurrence", "given", "Radiation", None),
        E("follow-up", "death", "Death", 24.0), E("follow-up", "diagnosis", "Diagnosis", 0.0), recurrence=12.0,
        last=24.0, dead=True,
    )  # fmt: skip
    figure = figures.timeline(replace(one, last=20.0))
    turn = next(x0 for x0, x1, _, dashed in straight(figure) if dashed and x0 == x1)
    zero = next(x0 for x0, x1, _, dashed in straight(figure) if not dashed and x0 == x1)
    month = (turn - zero) / 12
    first, second = ([float(x) for x in re.findall(r"[ML](-?[\d.]+)", path)] for path in hatched(figure))
    ends = (min(first), max(first), min(second), max(second))
    assert ends == pytest.approx((zero, turn, turn, zero + 20 * month), abs=0.6 * month)


def test_what_has_a_start_and_no_end_goes_on_dotted():
    def dotted(one):
        return [x for x, _, across, dashed in straight(figures.timeline(one)) if across and dashed]

    drug = E("timed treatment", "drug", "ICI", 15.0)
    assert len(dotted(a_course(drug, last=24.0))) == 1 and not dotted(a_course(replace(drug, end=20.0), last=24.0))


def straight(figure) -> list[tuple[float, float, bool, bool]]:
    """Lines of a picture: from and to across, whether they lie flat, and whether they are broken."""
    found = [(re.fullmatch(r"M(\S+) (\S+)L(\S+) (\S+)", e.get("d")), e) for e in _paths(figure)]
    return [(float(m[1]), float(m[3]), m[2] == m[4], bool(e.get("stroke-dasharray"))) for m, e in found if m]


def hatched(figure) -> list[str]:
    return [e.get("d") for e in _paths(figure) if e.get("fill") == "none" and e.get("d").count("M") > 2]


def _paths(figure):
    return ET.fromstring(figure.to_svg()).iter(f"{SVG}path")


def test_the_dead_have_one_mark_in_every_picture():
    assert (END_SYMBOLS[True], END_SYMBOLS[False], END_SYMBOLS[None]) == (MARKS["death"], MARKS["alive"],
                                                                          MARKS["last seen"])  # fmt: skip
    assert len({*END_SYMBOLS.values()}) == 3


def test_every_site_has_a_mark_of_its_own_with_its_name_beside_it():
    figure = figures.timeline(FULL)
    marks = {t.get("y") for t in texts(figure) if "".join(t.itertext()) in ("Lung", "Liver", "Bone", "Brain")}
    assert len(marks) == 4
    assert {"nivolumab", "Death, 24.0"} <= set(shown(figure)), "the lane says of which treatment a drug is"


def test_two_scales_where_time_counts_from_diagnosis():
    assert _joined(FULL) == {"Months since diagnosis", "Months since first recurrence"}
    assert _joined(EARLY) == {"Months since diagnosis"}
    assert _joined(replace(FULL, origin="recurrence", recurrence=0.0)) == {"Months since first recurrence"}
    assert (
        " ".join(shown(figures.timeline(replace(FULL, origin="recurrence", recurrence=0.0)))).count("Months since") == 1
    )


def test_the_upper_scale_counts_from_the_recurrence():
    below, above = ([t for t in shown(figures.timeline(one)) if re.fullmatch(r"\W?[\d.]+", t)]
                    for one in (replace(FULL, recurrence=None), FULL))  # fmt: skip
    more = [*above]
    for tick in below:
        more.remove(tick)
    assert "0" in more and any(t[0] == "\u2212" for t in more) and not any(t[0] == "\u2212" for t in below)


def test_marks_of_a_row_have_the_colours_of_the_key():
    figure = figures.timelines([FULL])
    for color in (figure.style.color(1), figure.style.color(2), figure.style.response("PR")):
        assert figure.to_svg().count(color) >= 2, color


def squares(figure, color: str) -> list[tuple[float, float, float]]:
    """The rectangles of a colour: left, top, width; those of the key stand first."""
    found = [e for e in ET.fromstring(figure.to_svg()).iter(f"{SVG}rect") if e.get("fill") == color]
    return [tuple(float(e.get(name)) for name in ("x", "y", "width")) for e in found]


def test_two_responses_at_one_time_stand_above_each_other_and_twice_the_same_is_one_mark():
    best, final = E("response", "response", "PR, best response", 17.0, level="PR"), "PD, final response"
    ends = {"recurrence": 12.0, "last": 24.0, "dead": True}
    figure = figures.timelines([a_course(best, E("response", "response", final, 17.0, level="PD"), **ends)])
    (_, above), (_, below) = (squares(figure, figure.style.response(level)) for level in ("PR", "PD"))
    assert above[0] == below[0] and above[1] + above[2] <= below[1] + 0.1
    same = figures.timelines([a_course(best, replace(best, what="PR, final response"), **ends)])
    assert len(squares(same, same.style.response("PR"))) == 2


def test_a_treatment_that_lasted_no_time_is_seen_and_does_not_go_on():
    one = a_course(E("timed treatment", "drug", "ICI", 15.0, 15.0), last=24.0)
    figure = figures.timeline(one)
    ((_, _, wide),) = squares(figure, figure.style.color(2))
    assert wide == 2 and not any(across and dashed for _, _, across, dashed in straight(figure))
    several = figures.timelines([one])
    assert [width for _, _, width in squares(several, several.style.color(2))][1:] == [2]


def _joined(one: Course) -> set[str]:
    said = " ".join(shown(figures.timeline(one)))
    return {part for part in ("Months since diagnosis", "Months since first recurrence") if part in said}


def test_what_cannot_be_is_marked_with_words():
    figure = figures.timeline(ODD)
    assert any(t.startswith("! Lung: after the last contact") for t in shown(figure))
    assert "last contact before the first recurrence" in figure.caption.lower()
    assert any("after the last contact" in t for t in tips(figure))
    several = figures.timelines([ODD, FULL])
    assert "! Patient 3" in shown(several) and "an order that can't be, in 1 patient" in several.caption


def test_time_before_the_origin_is_negative():
    ticks = [t for t in shown(figures.timeline(EARLY)) if t.startswith("−")]  # noqa: RUF001 - a minus sign
    assert ticks


def test_the_end_says_dead_alive_or_not_recorded():
    for dead, word in ((True, "died"), (False, "alive"), (None, "alive or dead not recorded")):
        one = replace(EARLY, dead=dead)
        assert word in figures.timeline(one).alt.lower() and word in figures.timeline(one).caption.lower()


def test_nothing_recorded_is_said():
    assert shown(figures.timeline(a_course()))[0].startswith("Nothing is recorded")
    assert words.NO_TIMES.split(":")[0] in " ".join(shown(figures.timelines([UNTIMED])))


def test_no_identifier_and_no_row_is_in_a_picture_or_a_table():
    made = (figures.timeline(ODD), figures.timelines([ODD]))
    for figure in made:
        told = figure.to_svg(interactive=True) + figure.alt + figure.caption + figure.headline + figure.name
        assert "SECRET" not in told and "987654" not in told and "987,654" not in told
    table = tables.course_table(ODD)
    assert "SECRET" not in f"{table.to_html()}{table.name}"
    one = SAMPLE.ids[1]
    whole = [f(SAMPLE) for f in FIGURES.values()]
    assert not [f.name for f in whole if one in f.to_svg(interactive=True) + f.alt + f.caption]


def test_labels_of_files_stay_text():
    bad = a_course(E("recurrence", "recurrence", NASTY, 5.0), E("follow-up", "alive", NASTY, 9.0), recurrence=5.0,
                   last=9.0, dead=False, lacks=(NASTY,), label=NASTY)  # fmt: skip
    for figure in (figures.timeline(bad), figures.timelines([bad])):
        ET.fromstring(figure.to_svg(interactive=True))
        assert "<script" not in figure.to_svg(interactive=True)


# ---------------------------------------------------------------- several
def test_at_most_forty_rows_then_how_many_more():
    figure = figures.timelines(courses(SAMPLE))
    assert sum(t.startswith("Patient ") for t in shown(figure)) == 40
    assert "first 40 patients of 88: 48 more" in figure.caption


def test_a_row_picks_its_patient():
    from test_picks import chosen, marks

    found = marks(figures.timelines(courses(SAMPLE)))
    assert len(found) == 40
    for place, (text, tip) in enumerate(found, start=1):
        assert chosen(text).ids == (SAMPLE.ids[place - 1],) and tip.startswith(f"Patient {place}\n")
    last = SAMPLE.subset(np.arange(len(SAMPLE)) > 84)
    assert [chosen(text).ids[0] for text, _ in marks(figures.timelines(courses(last)))] == [*last.ids]


# ---------------------------------------------------------------- standing
def test_the_line_stands_at_her_time_with_the_number_at_risk_there():
    one = case(SAMPLE, 2)
    figure = figures.standing(one)
    line = next(t for t in figure.spec["data"] if t["x"] == [one.since, one.since])
    assert line["y"][0] <= 0 and line["y"][1] >= 1
    beyond = int((SAMPLE.endpoint("PRS").time > one.since).sum())
    assert one.beyond == one.conditional.n == beyond  # the same number stands in the table
    assert f"{beyond:,} others followed beyond" in "\n".join(shown(figure))
    names = {t["name"] for t in figure.spec["data"] if t.get("showlegend")}
    assert any("n = 87" in n for n in names) and any(f"n = {one.similar.n}" in n for n in names)


def test_standing_says_where_too_few_are_there():
    few = SAMPLE.subset(np.arange(len(SAMPLE)) < 4)
    assert "too few" in " ".join(shown(figures.standing(case(few, 2))))
    one = case(SAMPLE, 2)
    assert "too few for a curve" in figures.standing(replace(one, similar_curve=None, fared=(FULL,))).caption
    assert "13" not in figures.standing(case(SAMPLE, 2, smallest_cell=20)).caption.replace("13.", "")
    assert "Died" in "\n".join(shown(figures.standing(replace(case(SAMPLE, 2), had_event=True))))


def test_where_no_field_is_shared_there_is_one_curve_and_the_caption_says_why():
    nobody = case(SAMPLE, 2, [])
    figure = figures.standing(nobody)
    assert "No field sets anybody apart" in figure.caption and "No field sets anybody apart" in figure.alt
    assert not any("similar" in t["name"] for t in figure.spec["data"] if t.get("showlegend"))


def test_a_diagnosis_alone_makes_no_axis():
    only = a_course(E("follow-up", "diagnosis", "Diagnosis", 0.0))
    assert shown(figures.timeline(only))[0].startswith("Nothing is recorded")


# ---------------------------------------------------------------- the body
def test_every_site_and_organ_of_the_dictionary_has_a_place_or_a_box():
    known = Dictionary.builtin("necc")
    there = {key for place in PLACES for key in place.keys}
    assert {k for k in known.default_scheme.groups if k not in there} == {"other"}
    assert {k for k in known.organs if k not in there} == {"other", "skin", "abdominal_wall", "lymph_node_nos"}
    for place in PLACES:
        for shape in place.shapes:
            assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in shape), place.name
    assert all(0 <= x <= WIDTH and -1 <= y <= HEIGHT + 1 for shape in OUTLINE for x, y in shape)


def with_sites(**sites):
    return necc_cohort({"prs_months": [5, 6], "died": [1, 0]}, {k: [v, 0] for k, v in sites.items()})


def test_three_states_by_word_and_by_hatching():
    one = case(with_sites(lung=1, brain=0, bone=1), 1)
    figure = figures.body_map(one)
    assert "Involved: Lung and Bone." in figure.alt and "Not involved: Brain." in figure.alt
    assert {"Lung", "Bone", "involved", "not involved"} <= set(shown(figure)) and "Brain" not in shown(figure)
    unknown = figures.body_map(case(with_sites(lung=-1, brain=-1), 1))
    assert "not recorded" in shown(unknown) and "involved" not in shown(unknown)
    assert "Not recorded: Lung and Brain." in unknown.alt and "not recorded" in unknown.caption


def test_an_involved_site_is_named_by_its_organ_and_its_place_is_filled():
    figure = figures.body_map(case(with_sites(liver=1, lung=0), 1))
    assert "Liver" in shown(figure) and not any("bdominal" in text for text in shown(figure))
    both = figures.body_map(case(with_sites(pleura=1, lung=0), 1))  # they lie in one place
    filled = {e.get("data-tip"): [p.get("fill") for p in e.iter(f"{SVG}path")] for e in
              ET.fromstring(both.to_svg(interactive=True)).iter() if e.get("data-tip")}  # fmt: skip
    assert any(both.style.color(1) in fills for tip, fills in filled.items() if "Pleura: involved" in tip), filled


def test_a_name_stands_on_the_side_of_its_place():
    figure = figures.body_map(case(with_sites(liver=1, spleen=1, lung=1, kidney=1), 1))
    anchors = {"Liver": "liver", "Spleen": "spleen", "Lung": "lung", "Kidney": "kidney"}
    sides = set()
    for text in texts(figure):
        if name := anchors.get("".join(text.itertext())):
            place = next(p for p in PLACES if name in p.keys)
            left = place.anchor[0] < WIDTH / 2
            assert (float(text.get("x")) < figure.width / 2) == left, name
            sides.add(left)
    assert sides == {True, False}


def test_the_most_frequent_site_has_the_full_colour():
    figure = figures.body_shares(site_distribution(SAMPLE))
    assert blend([[0.0, figure.style.ink("page")], [1.0, figure.style.color(1)]], 1.0) in figure.to_svg()


def test_a_site_without_a_place_stands_in_a_box():
    figure = figures.body_map(case(with_sites(lung=0, other=1), 1))
    assert "Other" in shown(figure) and figure.height > figures.body_map(case(with_sites(lung=1), 1)).height


def test_shares_on_the_body_are_those_of_the_result():
    result = site_distribution(SAMPLE)
    said = " ".join(shown(figures.body_shares(result)))
    for site in result.sites:
        assert f"{100 * site.n / site.of:.1f} %" in said
    assert f"Share of {result.n} patients" in figures.body_shares(result).caption


def test_hatching_stays_within_its_shape():
    shape = ellipse(50, 40, 30, 20)
    for rising in (True, False):
        ends = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", hatch_path(shape, 4, rising))
        assert len(ends) > 10
        for x, y in ends:
            assert ((float(x) - 50) / 30) ** 2 + ((float(y) - 40) / 20) ** 2 <= 1.03


# ---------------------------------------------------------------- tables
def test_the_table_of_events_has_what_the_picture_has():
    for one in COURSES.values():
        rows = tables.course_table(one).rows
        assert len(rows) == len(one.events)
        assert {r[1] for r in rows} == {e.what for e in one.events}
    assert words.UNTIMED in {r[2] for r in tables.course_table(UNTIMED).rows}


def test_tables_of_the_rule_and_of_what_followed():
    found, one = similar(SAMPLE, 2), case(SAMPLE, 2)
    rows = tables.rule_table(found).rows
    assert [int(r[1]) for r in rows] == [s.n for s in found.steps] and int(rows[-1][1]) == found.n
    assert [int(r[2]) for r in rows] == [s.n_unknown for s in found.steps]
    lacking = case(necc_cohort({"histology": ["small cell", "small cell", None], "died": [1, 1, 1]}), 1, ["histology"])
    assert [r[1:] for r in tables.rule_table(lacking.similar).rows] == [("1", "1"), ("2", "0")]
    table = tables.conditional_table(one)
    assert table.columns[1:] == (
        f"all others (n = {one.conditional.n})",
        *([f"similar patients (n = {one.similar_conditional.n})"] if one.similar_conditional else []),
    )
    for row, at in zip(table.rows, one.conditional.rows, strict=True):
        assert row[1].startswith(f"{100 * at.estimate.value:.0f} %")
    received = tables.received_table(one)
    assert [r[1] for r in received.rows][0] == f"{one.received[0].n} of {one.received[0].of}"


def told_in(figure):
    """Each text of a picture: what it says, from where to where, and the lines it has."""
    for mark in ET.fromstring(figure.to_svg()).iter(f"{SVG}text"):
        said = "".join(mark.itertext())
        bold = mark.find(f"{SVG}tspan[@font-weight='bold']") is not None
        wide = text_width(said, float(mark.get("font-size")), bold)
        x = float(mark.get("x")) - {"middle": wide / 2, "end": wide}.get(mark.get("text-anchor"), 0)
        yield said, x, x + wide


@pytest.mark.parametrize(("width", "height"), [(620, 258), (348, 0), (1184, 500)])
def test_a_doubt_is_told_whole_and_covers_no_name_of_a_lane(width, height):
    why = "first recurrence to start of ICI and time to progression or end of follow-up together last longer"
    doubtful = a_course(
        E("recurrence", "recurrence", "Lung", 14.0), E("timed treatment", "drug", "ICI", 16.0, 516.0),
        E("follow-up", "death", "Death", 47.8, doubt=why), recurrence=14.0, last=47.8, dead=True, doubts=(why,),
    )  # fmt: skip
    texts = list(told_in(figures.timeline(doubtful, Style(width=width, height=height))))
    lane = next(right for said, _, right in texts if said == "Follow-up")
    doubt = [(said, left) for said, left, _ in texts if said.startswith("! Death")]
    assert doubt and all(left > lane for _, left in doubt)
    assert "Death, 47.8" in " ".join(said for said, _ in doubt)
    everything = " ".join(said for said, *_ in texts)
    if width >= 620:
        assert "…" not in everything and why.rpartition(" ")[2] in everything


def test_words_stand_on_their_own_ground_where_the_recurrence_s_line_goes():
    untimed = [
        E("treatment after recurrence", "given", f"Treatment number {i} with a long name", None) for i in range(3)
    ]
    svg = figures.timeline(a_course(*untimed, E("recurrence", "recurrence", "Lung", 12.0), recurrence=12.0, last=24.0),
                           Style(width=620)).to_svg()  # fmt: skip
    before = svg.rpartition("Treatment number 0")[0]
    assert re.search(r"<rect[^>]*/><text[^>]*>[^<]*(<tspan[^>]*>)?$", before), before[-300:]


@pytest.mark.parametrize("place", [1, 2, 5, 9])
def test_the_words_at_this_patient_s_time_are_off_the_curves(place):
    one = case(SAMPLE, place)
    curves = [one.whole_curve.curves[0], *([one.similar_curve.curves[0]] if one.similar_curve else [])]
    right, low = _free_place(replace(one.whole_curve, curves=tuple(curves)), one.since, 12.0, 0.0, 66.0)
    ends = (one.since, one.since + 12.0) if right else (one.since - 12.0, one.since)
    heights = [c.at(t).estimate.value for c in curves for t in ends]
    room = min(v for v in heights if v is not None) if low else 1 - max(v for v in heights if v is not None)
    assert room > 0.25
