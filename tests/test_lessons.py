"""Lessons: every shipped one plays, its numbers are the core's, and a file with a fault is refused where it stands."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from cohorts import from_sample
from conftest import ROOT
from scipy.stats import norm

from necc.analysis.competing import cumulative_incidence
from necc.analysis.multiplicity import chance_of_any
from necc.analysis.proportions import odds_ratio, risk_ratio
from necc.analysis.regression import cox
from necc.analysis.response import response_rates
from necc.analysis.survival import conditional_survival, kaplan_meier, survival_grid
from necc.analysis.survival.crude import crude_survival
from necc.analysis.treatment import treatment_timing
from necc.core.errors import AnalysisError
from necc.ingest import OwnColumns, read_cohort
from necc.lessons import checking, in_folder, read_lesson, shipped
from necc.lessons.checking import check, check_class, clash, starts, unfit
from necc.lessons.model import Asked
from necc.lessons.playing import (
    UNKNOWN,
    Play,
    answer_of,
    answers_text,
    figure_of,
    judge,
    lacks,
    numbers_in,
    on,
    right_choice,
    say,
    start_of,
    value_of,
    wrongs,
)
from necc.lessons.values import MOST_KEPT, REGISTRY, Found, find, written

SAMPLE = from_sample("reconstructed_cohort.csv")
FOLDER = ROOT / "necc" / "lessons" / "shipped"
HALF = SAMPLE.subset(SAMPLE.index % 2 == 0)
BREAST = read_cohort(ROOT / "tests" / "files" / "breast.csv")
ABDOMINAL = {"by": "site:abdominal", "group": "with"}
MELANOMA = read_cohort(ROOT / "tests" / "files" / "melanoma.csv")


def value(of: str, cohort=SAMPLE, **arguments):
    return find(Asked("x", of, tuple(arguments.items())), on(cohort))


# ---------------------------------------------------------------- the class
def test_the_class_takes_45_minutes_and_starts_each_lesson_with_a_prediction():
    lessons = list(shipped().values())
    assert len(lessons) >= 10 and sum(one.minutes for one in lessons) == 45
    assert [one.place for one in lessons] == list(range(1, len(lessons) + 1)) and check_class(lessons) == ()
    for one in lessons:
        kinds = [step.kind for step in one.steps]
        assert kinds[0] == "predict" and kinds[-1] == "recall" and "question" in kinds
        assert kinds.index("predict") < kinds.index("figure") < kinds.index("question")
        assert any(step.control for step in one.steps), "a figure can be moved"
        assert not one.steps[-1].figure


@pytest.mark.parametrize("name", [p.name for p in sorted(FOLDER.glob("*.toml"))])
def test_a_shipped_file_has_no_finding(name):
    lesson, findings = read_lesson((FOLDER / name).read_bytes())
    assert lesson and findings == () and check(lesson, SAMPLE) == ()


@pytest.mark.parametrize("lesson", shipped().values(), ids=lambda one: one.id)
def test_every_lesson_plays_with_right_and_wrong_answers(lesson):
    source = on(SAMPLE)
    right, wrong = Play(lesson), Play(lesson)
    for place, step in enumerate(lesson.steps):
        here = source.moved(start_of(step.control))
        for text in (step.text, step.says, step.explain, *step.hints):
            assert "{" not in (said := say(text, lesson, here, step.control)) and UNKNOWN not in said
        if step.figure:
            assert figure_of(step, here).name
        if step.choices:
            best = right_choice(step, lesson, source)
            for i in range(len(step.choices)):
                verdict = judge(step, i, lesson, source)
                assert verdict.right is (i == best)
                (right if i == best else wrong).give(place, str(i), verdict)
                assert i == best or verdict.says, "a wrong choice is answered"
        elif step.asks:
            shown = value_of(step.answer, lesson, source).shown
            right.give(place, f"{shown:.4f}", judge(step, f"{shown:.4f}", lesson, source))
            assert judge(step, f"{shown:.4f}".replace(".", ","), lesson, source).right
            far = f"{shown + 10 * step.tolerance + 7:.3f}"
            assert not judge(step, far, lesson, source).right
            for _ in range(3):
                wrong.give(place, far, judge(step, far, lesson, source))
            for one in step.wrong:
                said = judge(step, f"{value_of(one.value, lesson, source).shown:.4f}", lesson, source)
                assert not said.right and said.says == say(one.says, lesson, source)
        right.next()
        wrong.next()
    assert right.is_done and right.at_first == len(right.counted) and wrong.at_first == 0
    text = answers_text(right, source)
    assert "synthetic" in text.lower() and f"{right.at_first} of {len(right.counted)}" in text.replace("questions", "")


def test_answers_to_take_away_tell_nothing_that_is_still_to_be_found():
    lesson = shipped()["why-a-percentage-is-not-survival"]
    source, play = on(SAMPLE), Play(lesson)
    play.next()
    play.next()
    play.give(2, "15.6", judge(lesson.steps[2], "15.6", lesson, source))
    text, answer = answers_text(play, source), answer_of(lesson.steps[2], lesson, source)
    assert "Your answer: 15.6" in text and "Computed:" not in text and answer not in text
    asked = [say(step.text, lesson, source) for step in lesson.steps if step.asks]
    assert [question in text for question in asked] == [True] * 2 + [False] * (len(asked) - 2)
    play.show(2)
    assert f"Computed: {answer}" in answers_text(play, source)


def test_a_browser_keeps_what_counts_and_was_right_at_first():
    lesson = shipped()["why-a-percentage-is-not-survival"]
    play = Play(lesson, right={0, 2, 4}, first={0, 2})
    assert 0 not in play.counted and 2 in play.counted
    assert play.kept()["first"] == [2] and play.at_first == 1
    assert Play.again(lesson, {"opened": 3, "first": [0, 2]}).first == {2}


def test_no_result_is_typed_into_a_lesson():
    """Whatever the core computes stands in braces: what is typed are times, levels of a test, and printed numbers."""
    typed = {t for one in shipped().values() for _, text in one.texts()
             for t in re.findall(r"\d+\.\d+|\d+ %", re.sub(r"\{[^}]*\}", "", text))}  # fmt: skip
    assert typed <= {"0.05", "0.03", "26.6", "66.5", "95 %", "5 %", "66.5 %", "100 %"}


# ---------------------------------------------------------------- numbers
def test_values_are_those_of_the_core():
    km = kaplan_meier(SAMPLE, "PRS", "site:abdominal")
    with_, without = km.curves[1], km.curves[0]
    assert (
        value("km.survival", endpoint="PRS", at=36.0, by="site:abdominal", group="with").value
        == with_.at(36).estimate.value
    )
    assert value("km.median", endpoint="PRS", by="site:abdominal", group="without").value == without.median.value
    assert value("logrank.p", endpoint="PRS", by="site:abdominal").value == km.test.p
    assert value("grid.smallest", endpoint="PRS", adjusted=True).value == min(survival_grid(SAMPLE, "PRS").p_adjusted)
    assert value("chance.of_any", tests=7.0).value == chance_of_any(7) == pytest.approx(1 - 0.95**7)
    term = cox(SAMPLE, "PRS", ("site:abdominal",)).terms[0]
    found = value("cox.hr", endpoint="PRS", covariates="site:abdominal")
    assert (found.value, found.lower, found.upper) == (term.hazard_ratio, term.ci_lower, term.ci_upper)
    curve = cumulative_incidence(SAMPLE, "TTR").strata[0].curve("abdominal")
    assert value("cif.at", endpoint="TTR", cause="abdominal", at=36.0).value == curve.at(36).value
    assert value("cif.naive", endpoint="TTR", cause="abdominal", at=36.0).value == curve.naive_at(36)
    assert value("response.rate", response="final").value == response_rates(SAMPLE, "final").orr.estimate.value
    total, naive = cumulative_incidence(SAMPLE, "TTR").strata[0].totals_at(36)
    assert value("cif.total", endpoint="TTR", at=36.0).value == total < naive
    assert value("cif.naive_total", endpoint="TTR", at=36.0).value == naive
    grid = survival_grid(SAMPLE, "PRS")
    for adjusted, every in ((True, grid.p_adjusted), (False, [panel.test.p for panel in grid.panels])):
        known = sorted(p for p in every if p is not None)
        below = value("grid.below", endpoint="PRS", alpha=known[2], adjusted=adjusted)
        assert below.value == sum(p < known[2] for p in known)
    assert value("km.censored", endpoint="PRS").value == 88 - value("km.events", endpoint="PRS").value == 48
    rates = response_rates(SAMPLE, "best")
    assert value("response.rate", rate="dcr").n == rates.dcr.n > rates.orr.n
    assert value("share", where="died = yes", among="ici = yes").of == value("response.treated").value
    timing = treatment_timing(SAMPLE, "PRS", "ici")
    assert value("timing.deaths_treated", endpoint="PRS").value == timing.naive.events[1] != timing.naive.events[0]
    three = treatment_timing(SAMPLE, "PRS", "", landmark=3.0).landmark
    assert value("timing.hr", endpoint="PRS", approach="landmark", landmark=3.0).n == three.n != timing.landmark.n
    assert value("timing.hr", endpoint="PRS", approach="naive").value == timing.naive.hazard_ratio.value
    assert value("timing.immortal_share", endpoint="PRS").value == timing.bias.share
    later = conditional_survival(SAMPLE, "PRS", 12, (12,)).rows[0].estimate.value
    assert value("conditional.survival", endpoint="PRS", since=12.0, ahead=12.0).value == later
    a, b, c, d = 17, 16, 23, 32
    assert (with_.n_events_total, with_.n, without.n_events_total, without.n) == (a, a + b, c, c + d)
    assert (
        value("table.odds_ratio", endpoint="PRS", by="site:abdominal").value == odds_ratio(a, b, c, d, "sample").value
    )
    assert value("table.risk_ratio", endpoint="PRS", by="site:abdominal").value == pytest.approx((17 / 33) / (23 / 55))
    both = SAMPLE.site_matrix[:, [SAMPLE.site_names.index(s) for s in ("abdominal", "lung")]]
    assert value("count", where="site:abdominal=with; site:lung=with").n == int((both == 1).all(axis=1).sum())


@pytest.mark.parametrize(
    ("of", "arguments", "shown", "interval"),
    [  # by R survival, cmprsk and coxph with (start, stop], on the same file
        ("km.survival", {"endpoint": "PRS", "at": 24.0}, "44.0 %", ""),
        ("crude.alive", {"endpoint": "PRS", "at": 24.0}, "62.5 %", ""),
        ("crude.left_out", {"endpoint": "PRS", "at": 24.0}, "34.0 %", ""),
        ("km.survival", {"endpoint": "PRS", "at": 36.0, **ABDOMINAL}, "10.6 %", "0.7–36.1 %"),
        ("grid.smallest", {"endpoint": "PRS"}, "0.009", ""),
        ("grid.smallest", {"endpoint": "PRS", "adjusted": True}, "0.071", ""),
        ("cox.hr", {"endpoint": "PRS", "covariates": "number_of_sites_gt_1"}, "2.66", "1.39–5.09"),
        ("cox.hr", {"endpoint": "PRS", "covariates": "n_sites"}, "2.24", "1.26–3.99"),
        ("response.rate", {"response": "best"}, "50.0 %", "24.7–75.3 %"),
        ("response.rate", {"response": "final"}, "43.8 %", "19.8–70.1 %"),
        ("response.rate", {"response": "final", "denominator": "treated"}, "31.8 %", "13.9–54.9 %"),
        ("timing.hr", {"endpoint": "PRS", "approach": "naive"}, "0.34", "0.10–1.13"),
        ("timing.hr", {"endpoint": "PRS", "approach": "time-dependent"}, "0.79", "0.24–2.60"),
        ("cif.at", {"endpoint": "TTR", "cause": "abdominal", "at": 36.0}, "15.9 %", ""),
        ("cif.naive", {"endpoint": "TTR", "cause": "abdominal", "at": 36.0}, "28.8 %", ""),
        ("cif.at", {"endpoint": "TTR", "cause": "several sites", "at": 36.0}, "42.0 %", ""),
        ("cif.naive", {"endpoint": "TTR", "cause": "several sites", "at": 36.0}, "77.5 %", ""),
        ("km.median", {"endpoint": "TTR", "by": "site:lung", "group": "with"}, "16.1 months", ""),
        ("chance.of_any", {"tests": 15.0}, "53.7 %", ""),
        ("audit.count", {}, "298", ""),
        ("audit.count", {"verdict": "inconsistent"}, "26", ""),
        ("conditional.survival", {"endpoint": "PRS", "since": 12.0, "ahead": 12.0}, "62.8 %", "43.4–77.1 %"),
        ("cox.hr", {"endpoint": "PRS", "covariates": "synaptophysin"}, "4.04", "0.57–513"),
    ],
)  # fmt: skip
def test_values_are_those_of_other_programs(of, arguments, shown, interval):
    found = value(of, **arguments)
    assert written(found) == shown and interval in ("", written(found, "interval"))


def test_crude_shares_bracket_the_curve():
    for months in (6, 12, 24, 36, 48):
        crude = crude_survival(SAMPLE, "PRS", months)
        curve = kaplan_meier(SAMPLE, "PRS").curves[0].at(months).estimate.value
        assert crude.as_events.value <= curve <= crude.as_survivors.value
        assert crude.n_events_by + crude.n_lost + crude.n_followed == crude.n == 88
    with pytest.raises(AnalysisError, match="zero or positive"):
        crude_survival(SAMPLE, "PRS", -1)


def test_a_risk_ratio_is_that_of_r():
    found = risk_ratio(17, 16, 23, 32)  # in R: exp(log(rr) + c(-1, 1) * qnorm(0.975) * se), the formula of Katz
    assert [round(v, 3) for v in (found.value, found.lower, found.upper)] == [1.232, 0.782, 1.941]
    assert risk_ratio(1, 1, 0, 4).value is None and risk_ratio(0, 4, 1, 1).lower is None


def test_a_p_of_the_audit_is_unrounded():
    ratio = value("printed.ratio", row="table3/PLNM")
    error = math.log(ratio.upper / ratio.lower) / (2 * norm.ppf(0.975))
    found = value("audit.p", row="table3/PLNM")
    assert found.value == pytest.approx(2 * norm.sf(abs(math.log(ratio.value)) / error), rel=1e-9)
    assert (written(found), written(value("printed.p", row="table3/PLNM"))) == ("0.299", "0.229")
    of_counts = value("audit.p", row="table4/ICI therapy")  # the paper prints the counts, and 0.911
    assert written(of_counts) == "0.911" and of_counts.value != 0.911


def test_every_value_of_the_list_can_be_had():
    usual = {
        "endpoint": "PRS", "at": 24.0, "by": "site:abdominal", "group": "with", "tests": 7.0, "covariates": "age_years",
        "cause": "lung", "approach": "naive", "where": "died=yes", "row": "table3/PLNM", "since": 6.0, "ahead": 6.0,
        "test": "log-rank", "kind": "percentage",
    }  # fmt: skip
    for name, entry in REGISTRY.items():
        needed = {k: usual[k] for k, (_, must) in entry.arguments.items() if must}
        needed |= {"endpoint": "TTR"} if name.startswith("cif.") else {}
        assert value(name, **needed).value is not None, name


# ---------------------------------------------------------------- answers
@pytest.mark.parametrize(
    ("typed", "share", "numbers"),
    [("44", True, (44.0,)), ("44,0 %", True, (44.0,)), ("0.44", True, (0.44, 44.0)), (".44", True, (0.44, 44.0)),
     ("0,44 %", True, (0.44,)), ("12.2 months", False, (12.2,)), ("about 12", False, (12.0,)), ("", False, ()),
     ("half", True, ()), ("1e5", False, ()), ("12 13", False, ()), ("nan", False, ()), ("9" * 50, False, ())],
)  # fmt: skip
def test_numbers_are_read_with_comma_point_percent_or_share(typed, share, numbers):
    assert numbers_in(typed, share) == pytest.approx(numbers)


def test_three_tries_and_a_count_of_those_right_at_first():
    lesson = shipped()["why-a-percentage-is-not-survival"]
    source, play = on(SAMPLE), Play(lesson)
    step = lesson.steps[2]
    assert play.state == "new" and not judge(step, "half", lesson, source).read
    play.give(2, "half", judge(step, "half", lesson, source))
    assert not play.answers, "what can't be read is no try"
    for typed in ("56.8", "15.6"):
        play.give(2, typed, judge(step, typed, lesson, source))
        assert not play.is_settled(2)
    assert "left before 36 months" in judge(step, "56.8", lesson, source).says
    play.give(2, "0.277", judge(step, "0.277", lesson, source))
    assert play.is_settled(2) and play.right == {2} and play.at_first == 0
    play.give(0, "80", judge(lesson.steps[0], "80", lesson, source))
    assert play.is_settled(0), "a prediction is made once"
    assert set(play.kept()) == {"id", "opened", "first"}, "a browser keeps no answer in words"


# ---------------------------------------------------------------- other cohorts
def test_a_lesson_on_another_cohort_computes_anew():
    changed = 0
    for lesson in shipped().values():
        if lesson.cohort == "loaded" and not lacks(lesson, HALF):
            there, here = on(HALF), on(SAMPLE)
            for step in (s for s in lesson.steps if s.answer):
                try:
                    changed += answer_of(step, lesson, there) != answer_of(step, lesson, here)
                except AnalysisError as error:
                    assert error.told
    assert changed >= 8


@pytest.mark.parametrize("other", [BREAST, MELANOMA], ids=["breast", "melanoma"])
def test_a_file_of_another_disease_has_the_lessons_it_can(other):
    able = [one for one in shipped().values() if not lacks(one, other)]
    assert {"what-censoring-does-to-a-curve", "why-a-percentage-is-not-survival"} == {one.id for one in able}
    for lesson in able:
        told = check(lesson, other)
        assert not [f for f in told if f.code in ("lesson-figure", "lesson-value")], told
        endpoint = other.dictionary.endpoints[other.endpoint_names()[0]].label
        assert endpoint in say(lesson.steps[1].text + lesson.steps[0].text, lesson, on(other))


def test_a_file_without_sites_greys_with_a_reason():
    rows = "".join(f"P{i},{i % 30 + 1.5},{i % 2}\n" for i in range(40))
    plain = read_cohort(
        f"id,months,dead\n{rows}".encode(), "a.csv", own=OwnColumns(id="id", time="months", event="dead")
    )
    why = lacks(shipped()["many-tests-and-one-false-positive"], plain)
    assert "recurrence sites" in why and "lacks" in why
    assert check(shipped()["immortal-time"], plain)[0].code == "lesson-lacks"
    assert not lacks(shipped()["what-censoring-does-to-a-curve"], plain)
    nobody = SAMPLE.subset(SAMPLE.index < 0)
    assert lacks(shipped()["what-censoring-does-to-a-curve"], nobody) == "no patient is shown"
    assert lacks(shipped()["what-censoring-does-to-a-curve"], SAMPLE.subset(SAMPLE.index == SAMPLE.index[0])) == ""


# ---------------------------------------------------------------- true on other cohorts
FRAME = pd.read_csv(ROOT / "sample_data" / "reconstructed_cohort.csv")


def with_(**columns):
    """The sample with columns changed."""
    return read_cohort(FRAME.assign(**columns).to_csv(index=False).encode(), "changed.csv")


ALL_DEAD = with_(died=1)
CHANGED = {"everybody dead": ALL_DEAD, "nobody dead": with_(died=0), "half": HALF,
           "deaths and survivors exchanged": with_(died=1 - FRAME["died"]),
           "one": SAMPLE.subset(SAMPLE.index == SAMPLE.index[0])}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_a_lesson_is_grey_or_has_one_right_answer_to_each_question(name):
    source = on(CHANGED[name])
    for lesson in shipped().values():
        if why := unfit(lesson, source):
            assert len(why) > 20 and "step" not in why
            continue
        for step in lesson.steps:
            if step.asks:
                right = answer_of(step, lesson, source)
                assert right and UNKNOWN not in right
            for one in wrongs(step, lesson, source):
                assert not judge(step, f"{value_of(one.value, lesson, source).shown:.6f}", lesson, source).right
    assert unfit(shipped()["why-a-percentage-is-not-survival"], on(SAMPLE)) == ""


def test_equal_as_printed_is_equal():
    lesson, _ = read_lesson(GOOD.replace("curve < 50", "crude < curve").replace("curve >= 50", "crude >= curve"))
    source = on(ALL_DEAD)
    curve, crude = (value_of(n, lesson, source).value for n in ("curve", "crude"))
    assert curve != crude and written(value_of("curve", lesson, source)) == written(value_of("crude", lesson, source))
    assert right_choice(lesson.steps[-1], lesson, source) == 1
    percent = shipped()["why-a-percentage-is-not-survival"]
    assert answer_of(percent.steps[-1], percent, source) == "the same or higher"
    assert "nobody is censored" in unfit(percent, source)


def test_a_wrong_number_that_is_the_right_one_is_not_spoken_of():
    lesson, _ = read_lesson(GOOD)
    assert [one.value for one in wrongs(lesson.steps[0], lesson, on(SAMPLE))] == ["crude"]
    assert wrongs(lesson.steps[0], lesson, on(ALL_DEAD)) == ()
    assert not [f for f in check(lesson, ALL_DEAD) if f.code == "lesson-tolerance"]


def test_farthest_from_1_looks_in_both_directions():
    table = """
[value.a]
of = "cox.hr"
endpoint = "PRS"
covariates = "site:lung"
[value.b]
of = "table.risk_ratio"
endpoint = "PRS"
by = "site:abdominal"
"""
    choices = '[[step.choice]]\ntext = "A"\nvalue = "a"\n[[step.choice]]\ntext = "B"\nvalue = "b"\n'
    told = GOOD[: GOOD.index('[[step.choice]]\ntext = "Low"')].replace("\n[[step]]", f"{table}\n[[step]]", 1)
    source, right = on(SAMPLE), {}
    for pick in ("largest", "farthest from 1"):
        lesson, findings = read_lesson(told + f'pick = "{pick}"\n' + choices)
        assert lesson, findings
        right[pick] = right_choice(lesson.steps[-1], lesson, source)
    low, high = (value_of(n, lesson, source).value for n in "ab")
    assert low < 1 < high and 1 / low > high and right == {"largest": 1, "farthest from 1": 0}


@pytest.mark.parametrize(("pick", "right"), [("smallest", "the curve"), ("largest", "the share")])
def test_the_smallest_or_the_largest_is_right_wherever_it_stands(pick, right):
    choices = ['[[step.choice]]\ntext = "the curve"\nvalue = "curve"\n',
               '[[step.choice]]\ntext = "the share"\nvalue = "crude"\n']  # fmt: skip
    head = GOOD[: GOOD.index('[[step.choice]]\ntext = "Low"')] + f'pick = "{pick}"\n'
    for order in (choices, choices[::-1]):
        lesson, findings = read_lesson(head + "".join(order))
        assert lesson, findings
        assert answer_of(lesson.steps[-1], lesson, on(SAMPLE)) == right
        with pytest.raises(AnalysisError, match="more than one of the choices is right"):
            right_choice(lesson.steps[-1], lesson, on(ALL_DEAD))


def test_what_must_hold_greys_with_its_reason():
    only = '[[only]]\nwhen = "curve > 90 or crude < 5"\nwhy = "too ill"\n[[step]]'
    lesson, findings = read_lesson(GOOD.replace("[[step]]", only, 1))
    assert lesson and findings == () and unfit(lesson, on(SAMPLE)) == "too ill"
    assert [f.message for f in check(lesson, SAMPLE)] == ["too ill; play it on the sample"]
    for bad in ('when = "curv > 1"\nwhy = "x"', 'when = "curve > 1"', 'when = "curve"\nwhy = "x"'):
        assert read_lesson(GOOD.replace("[[step]]", f"[[only]]\n{bad}\n[[step]]", 1))[0] is None


def test_the_same_patients_with_one_factor_and_with_eight():
    lesson, source = shipped()["events-per-variable"], on(SAMPLE)
    alone, n = value_of("alone_there", lesson, source), value_of("eight_n", lesson, source)
    known = SAMPLE.subset(np.all([SAMPLE.factor(name).codes >= 0 for name in EIGHT], axis=0))
    assert n.n == len(known) == alone.n == 53
    assert alone.value == cox(known, "PRS", ("site:abdominal",)).terms[0].hazard_ratio == pytest.approx(5.90, abs=5e-3)


EIGHT = ("site:abdominal", "number_of_sites_gt_1", "site:pelvic", "histology_pure", "figo_iii_iv", "age_gt_50",
         "tumor_size_gt_4", "invasion_deep")  # fmt: skip


def test_kinds_of_what_is_inconsistent_add_up():
    lesson, source = shipped()["reading-table-3-with-the-audit"], on(SAMPLE)
    kinds = [n for n, v in lesson.values.items() if v.of == "audit.kind"]
    assert sum(value_of(n, lesson, source).n for n in kinds) == value_of("inconsistent", lesson, source).n == 26
    with pytest.raises(AnalysisError, match="no kind 'percentag'; did you mean 'percentage'"):
        value("audit.kind", kind="percentag")


def test_too_few_are_told_where_a_ratio_would_stand():
    few = value("timing.hr", endpoint="PRS", approach="landmark", landmark=3.0)
    assert written(few) == "too few to say: 1 death among those treated by then"
    lesson = shipped()["immortal-time"]
    assert {s.control.start for s in lesson.steps if s.control} == {4.0}


def test_words_of_an_interval_and_of_one_patient():
    assert written(Found("time", 20.0, 19.1, None, unit="months"), "interval") == "19.1 to not reached"
    lesson, _ = read_lesson(GOOD)
    alone = on(SAMPLE.subset(SAMPLE.index == SAMPLE.index[0]))
    assert say("Of {n} patients were {n} patients have", lesson, alone) == "Of 1 patient was 1 patient has"
    assert say("{n}1 patients", lesson, alone) == "11 patients"


def test_an_own_lesson_with_a_shipped_id_is_named():
    lesson, _ = read_lesson(GOOD.replace('id = "one"', 'id = "immortal-time"'))
    assert "'Immortal time' ships with it" in clash(lesson).message and clash(shipped()["immortal-time"]) is None


# ---------------------------------------------------------------- files with faults
GOOD = """
id = "one"
title = "One"
minutes = 2
cohort = "loaded"

[value.curve]
of = "km.survival"
endpoint = "PRS"
at = 24

[value.crude]
of = "crude.alive"
endpoint = "PRS"
at = 24

[[step]]
kind = "predict"
text = "How many?"
answer = "curve"
tolerance = 2
explain = "{curve} ({curve.interval}), not {crude}"
[[step.wrong]]
value = "crude"
says = "That is {crude}."

[[step]]
kind = "figure"
figure = "figures.survival_curves(kaplan_meier(cohort, {endpoint}), at=[{at}])"
says = "At {at}"
[step.control]
name = "at"
kind = "slider"
label = "Months"
from = 1
to = 30
start = 12

[[step]]
kind = "recall"
text = "Which?"
explain = "So."
[[step.choice]]
text = "Low"
when = "curve < 50"
[[step.choice]]
text = "High"
when = "curve >= 50"
"""
FAULTS = [
    ('title = "One"', 'titel = "One"', "lesson-key", "did you mean 'title'"),
    ('title = "One"', 'title = "Of {n}"', "lesson-placeholder", "isn't filled in"),
    ("minutes = 2", "minutes = 0", "lesson-value", "1 to 60"),
    ('answer = "curve"', "answer = 44.0", "lesson-value", "computed, never typed"),
    ('answer = "curve"', 'answer = "curv"', "lesson-name", "did you mean 'curve'"),
    ("tolerance = 2\n", "", "lesson-missing", "tolerance"),
    ('of = "crude.alive"', 'of = "crude.aliv"', "lesson-value", "did you mean 'crude.alive'"),
    ("at = 24\n\n[[step]]", "when = 24\n\n[[step]]", "lesson-value", "no argument 'when'"),
    ("at = 24\n\n[[step]]", "\n[[step]]", "lesson-value", "needs at"),
    ("at = 24\n\n[[step]]", 'at = "soon"\n\n[[step]]', "lesson-value", "a number"),
    ("{curve.interval}", "{curv.interval}", "lesson-placeholder", "did you mean 'curve'"),
    ("{curve.interval}", "{curve.intervall}", "lesson-placeholder", "did you mean 'interval'"),
    ("{curve.interval}", "{curve!r}", "lesson-placeholder", "there is no"),
    ("survival_curves(kaplan", "survival_curve(kaplan", "lesson-recipe", "survival_curves"),
    ("kaplan_meier(cohort, {endpoint})", "open('/etc/passwd')", "lesson-recipe", "open"),
    ("kaplan_meier(cohort, {endpoint})", "cohort.__class__.__base__()", "lesson-recipe", "knows no"),
    ("at=[{at}]", "at=[{time}]", "lesson-recipe", "no {time}"),
    ("figures.survival_curves(kaplan_meier(cohort, {endpoint}), at=[{at}])", "kaplan_meier(cohort, 'PRS')",
     "lesson-recipe", "figures. or tables."),
    ('kind = "slider"', 'kind = "slidr"', "lesson-control", "did you mean 'slider'"),
    ("start = 12", "start = 40", "lesson-control", "between"),
    ('kind = "recall"', 'kind = "recal"', "lesson-kind", "did you mean 'recall'"),
    ('when = "curve < 50"', 'when = "curve < 50 or 1"', "lesson-condition", "can't be read"),
    ('when = "curve < 50"', 'when = "__import__(\'os\')"', "lesson-condition", "can't be read"),
    ('when = "curve < 50"', 'when = "curve < 5.0.0"', "lesson-condition", "can't be read"),
    ('when = "curve < 50"', 'when = "cure < 50"', "lesson-name", "cure"),
    ("at = 24\n\n[[step]]", "at = nan\n\n[[step]]", "lesson-value", "lies between"),
    ("to = 30", "to = 1e300", "lesson-value", "lies between"),
    ('when = "curve < 50"', 'value = "curve"', "lesson-question",
     "pick = 'largest', 'smallest' or 'farthest from 1'"),
    ('explain = "So."\n', "", "lesson-missing", "explain"),
    ('id = "one"', 'id = "One!"', "lesson-value", "is no id"),
    ('id = "one"', 'id = one', "lesson-not-toml", "TOML"),
    ("at = 24", "at = -12", "lesson-value", "zero or more, not -12"),
    ("tolerance = 2", "tolerance = 500", "lesson-tolerance", "nearly every answer"),
    ('text = "How many?"', 'text = "Of {n how many?"', "lesson-placeholder", "no other beside it"),
    ('text = "How many?"', 'text = "Is it {curve}?"', "lesson-spoilt", "tells the answer"),
    ('of = "crude.alive"', 'of = "crude.aliv"', "lesson-value", "'crude.aliv'; did you mean"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "becomes", "line"), [
    ("minutes = 2", "minutes = 2 minutes", 4), ('of = "crude.alive"', 'of = "crude.aliv"', 12),
    ('text = "How many?"', 'text = "Is it {curv}?"', 17), ("at = 24", "at = -1", 7),
])  # fmt: skip
def test_a_fault_has_its_line(was, becomes, line):
    (first, *_) = read_lesson(GOOD.replace(was, becomes, 1))[1]
    assert first.row == line and "…" not in first.message, first


def test_a_fault_beside_a_row_that_is_refused_has_its_own_line():
    file = GOOD.replace('text = "Low"', 'txt = "Low"').replace("curve >= 50", "curv >= 50")
    lines = [f.row for f in read_lesson(file)[1] if f.code == "lesson-name"]
    assert lines == [46] and file.splitlines()[45:48] == ["[[step.choice]]", 'text = "High"', 'when = "curv >= 50"']
    file = GOOD.replace("[[step.wrong]]\n", "[[step.wrong]]\nworth = 1\n[[step.wrong]]\n").replace(
        'value = "crude"', 'value = "crud"')  # fmt: skip
    (line,) = [f.row for f in read_lesson(file)[1] if f.code == "lesson-name"]
    assert file.splitlines()[line - 1 : line + 1] == ["[[step.wrong]]", 'value = "crud"']


def test_what_is_odd_is_warned_of_and_a_deep_file_is_told_plainly():
    lesson, (told,) = read_lesson(GOOD.replace("tolerance = 2", "tolerance = 0"))
    assert lesson and told.severity == "warning" and "exact number only" in told.message and told.row
    deep = read_lesson("a=" + "[" * 20_000)[1][0].message
    assert "nested too deeply" in deep and "recursion" not in deep
    lesson, _ = read_lesson(GOOD.replace("minutes = 2", 'minutes = 2\nterms = ["Number of risk"]'))
    assert ["did you mean 'Number at risk'" in f.message for f in check(lesson, SAMPLE)] == [True]


def test_the_good_file_is_good():
    lesson, findings = read_lesson(GOOD)
    assert lesson and findings == () and check(lesson, SAMPLE) == ()


@pytest.mark.parametrize(("was", "becomes", "code", "says"), FAULTS, ids=[f"{c}: {b[:24]}" for _, b, c, _ in FAULTS])
def test_a_fault_is_found_in_its_place(was, becomes, code, says):
    assert was in GOOD
    lesson, findings = read_lesson(GOOD.replace(was, becomes, 1))
    told = [f for f in findings if f.code == code and says in f.message]
    assert lesson is None and told and told[0].severity == "error", findings


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"x" * 300_000, "id = 'a'\n[[step]]\nkind = 3", "step = 3", "value = 3"]
)
def test_what_is_no_lesson_is_told(content):
    lesson, findings = read_lesson(content)
    assert lesson is None and findings and all(f.message for f in findings)


@pytest.mark.parametrize(
    ("was", "becomes", "code", "says"),
    [
        ('text = "High"', 'text = "Low"', "lesson-same", "read the same"),
        ('when = "curve >= 50"', 'when = "curve >= 40"', "lesson-answer", "more than one"),
        ('when = "curve < 50"', 'when = "curve < 4"', "lesson-answer", "none of the choices"),
        ("tolerance = 2", "tolerance = 20", "lesson-tolerance", "within the tolerance"),
        ("at = 24", "at = 2400", "lesson-answer", "no value"),
        ('endpoint = "PRS"', 'endpoint = "XYZ"', "lesson-value", "can't be computed"),
        ("at = 24", 'at = "{endpoint}"', "lesson-value", "is a number, not 'PRS'"),
        ('endpoint = "PRS"', 'endpoint = "{n}"', "lesson-value", "is a text, not '88.0'"),
        ('of = "crude.alive"\nendpoint = "PRS"\nat = 24', 'of = "count"\nwhere = "moon=1"', "lesson-value", "moon"),
        ('of = "crude.alive"\nendpoint = "PRS"\nat = 24', 'of = "response.rate"\nrate = "or"', "lesson-value", "rate"),
        ("meier(cohort, {endpoint})", "meier(cohort, {endpoint}, by='site:moon')", "lesson-figure", "moon"),
        ("minutes = 2", 'minutes = 2\nterms = ["Medain survival"]', "lesson-term", "glossary"),
        ('text = "Which?"', f'text = "{"word " * 400}"', "lesson-length", "too many"),
    ],
)  # fmt: skip
def test_what_only_a_cohort_shows_is_found(was, becomes, code, says):
    lesson, findings = read_lesson(GOOD.replace(was, becomes, 1))
    assert lesson, findings
    assert [f for f in check(lesson, SAMPLE) if f.code == code and says in f.message]


@pytest.mark.parametrize("fails_at", [1, 12, 30])
def test_a_control_is_tried_at_its_start_and_its_ends(fails_at, monkeypatch):
    def made(step, source):
        if source.names["at"] == fails_at:
            raise AnalysisError("no figure there")

    monkeypatch.setattr(checking, "figure_of", made)
    told = [f.message for f in check(read_lesson(GOOD)[0], SAMPLE) if f.code == "lesson-figure"]
    assert len(told) == 1 and f"with at = {fails_at:.1f}" in told[0]


def test_a_lesson_without_a_prediction_is_warned_of():
    _, findings = read_lesson(
        GOOD.replace('kind = "predict"', 'kind = "question"').replace('kind = "recall"', 'kind = "question"')
    )
    assert {f.code for f in findings} == {"lesson-no-prediction"}


def test_a_folder_of_lessons(tmp_path):
    (tmp_path / "good.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.toml").write_text(GOOD.replace("minutes = 2", "minuts = 2"), encoding="utf-8")
    lessons, findings = in_folder(tmp_path)
    assert [one.id for one in lessons] == ["one"] and all(f.message.startswith("bad.toml: ") for f in findings)
    assert in_folder(tmp_path / "nowhere")[1][0].code == "lesson-folder"
    (tmp_path / "bad.toml").write_text(GOOD, encoding="utf-8")
    assert [f.code for f in in_folder(tmp_path)[1]] == ["lesson-id"], "two files with one id"


def test_what_was_computed_is_not_kept_for_ever():
    source = on(SAMPLE)
    for at in range(MOST_KEPT + 20):
        find(Asked("crude", "crude.events", (("endpoint", "PRS"), ("at", float(at)))), source)
    assert len(source.memory) <= MOST_KEPT


def test_controls_start_where_the_file_says():
    lesson, _ = read_lesson(GOOD)
    assert starts(lesson) == {"at": 12.0}
