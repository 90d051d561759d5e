"""The paper audit: arithmetic by hand, every kind of claim, the shipped paper, and broken files."""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from necc.core.errors import AnalysisError
from necc.paper.audit import (
    KINDS,
    VERDICTS,
    PrintedNumber,
    audit,
    centre_range,
    fewest_events,
    fitting_counts,
    fitting_denominators,
    implied_events,
    load_claims,
    one_digit_apart,
    p_from_ci,
    p_range,
    parse_claims,
    read_claims,
    render_text,
    se_from_ci,
    table_p,
)
from necc.paper.audit import __all__ as public


@pytest.fixture(scope="module")
def paper():
    claims, findings = load_claims()
    assert findings == ()
    return audit(claims, findings)


@pytest.fixture(scope="module")
def checks(paper):
    return {c.id: c for c in paper.checks}


def one(**claim):
    """The checks of a single claim that is sound."""
    claims, findings = read_claims({"claim": [{"id": "x", "where": "here", **claim}]})
    report = audit(claims, findings)
    assert report.findings == ()
    return report.checks


def found(**claim):
    """The findings of a single claim that is not."""
    claims, findings = read_claims({"claim": [{"id": "x", **claim}]})
    return audit(claims, findings).findings


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize(
    "text, value, decimals, low, high",
    [
        ("0.229", 0.229, 3, 0.2285, 0.2295),
        ("38,678.493", 38678.493, 3, 38678.4925, 38678.4935),
        ("45.50", 45.5, 2, 45.495, 45.505),
        ("80%", 80, 0, 79.5, 80.5),
        ("<0.001", 0.001, 3, 0, 0.001),
        ("< .05", 0.05, 2, 0, 0.05),
        ("\u22121.5", -1.5, 1, -1.55, -1.45),
        (12, 12, 0, 11.5, 12.5),
    ],
)
def test_figures_stand_for_what_prints_the_same(text, value, decimals, low, high):
    figure = PrintedNumber.parse(text)
    assert (figure.value, figure.decimals) == (value, decimals)
    assert math.isclose(figure.rounded.low, low, abs_tol=1e-12)
    assert math.isclose(figure.rounded.high, high, abs_tol=1e-12)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "1,23", "nan", "inf", "1e5", True, None, "0.1-0.2", "9" * 400])
def test_what_is_no_figure_is_refused(text):
    with pytest.raises(ValueError):
        PrintedNumber.parse(text)


@given(st.integers(0, 10**6), st.integers(0, 5))
def test_a_number_lies_in_the_interval_of_its_own_print(number, decimals):
    value = number / 7919
    figure = PrintedNumber.parse(f"{value:.{decimals}f}")
    assert figure.rounded.holds(value)
    cut = PrintedNumber.parse(f"{math.floor(value * 10**decimals) / 10**decimals:.{decimals}f}")
    assert cut.cut.holds(value)


def test_padding_and_slips():
    assert PrintedNumber.parse("95.50").unpadded.text == "95.5"
    assert PrintedNumber.parse("95.5").unpadded is None and PrintedNumber.parse("40").unpadded is None
    assert one_digit_apart("0.299", "0.229") and one_digit_apart("99.86", "98.86%")
    assert not one_digit_apart("0.29", "0.299") and not one_digit_apart("0.299", "0.299")
    assert not one_digit_apart("0.922", "0.299")


# ---------------------------------------------------------------- arithmetic


def test_p_from_interval_by_hand():
    # ln 2 with limits 1 and 4: half the width is ln 2, so z = 1.959964 exactly and p = 0.05
    assert math.isclose(p_from_ci(2, 1, 4), 0.05, rel_tol=1e-9)
    assert math.isclose(se_from_ci(1, 4), math.log(2) / 1.959963984540054, rel_tol=1e-12)
    assert math.isclose(p_from_ci(2, 1, 4, 0.9), 0.10, rel_tol=1e-9)
    # R 4.2: 2 * pnorm(-log(1.406) / (log(2.677 / 0.739) / (2 * qnorm(0.975))))
    assert math.isclose(p_from_ci(1.406, 0.739, 2.677), 0.299398567833, abs_tol=1e-11)


@given(st.floats(0.05, 20), st.floats(0.05, 2))
def test_ranges_hold_the_truth(ratio, se):
    low, high = ratio * math.exp(-1.959963984540054 * se), ratio * math.exp(1.959963984540054 * se)
    printed = [PrintedNumber.parse(f"{x:.3f}") for x in (ratio, low, high)]
    if printed[1].value == 0 or printed[1].value == printed[2].value:
        return
    assert p_range(*printed).holds(p_from_ci(ratio, low, high))
    assert centre_range(*printed[1:]).holds(ratio)


def test_events_by_hand():
    # Schoenfeld: 36 events, half exposed, give a standard error of 1/3
    assert math.isclose(implied_events(1 / 3, 0.5), 36) and math.isclose(fewest_events(1 / 3), 36)
    assert math.isclose(implied_events(0.5, 0.1), 1 / (0.25 * 0.09))
    for broken in (lambda: implied_events(0.5, 1.0), lambda: se_from_ci(2, 1), lambda: p_from_ci(0, 1, 2)):
        with pytest.raises(AnalysisError):
            broken()
    with pytest.raises(AnalysisError):
        se_from_ci(1, 2, 1.5)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.integers(0, 2))
def test_a_correct_percentage_finds_its_count_and_denominator(pair, decimals):
    k, n = pair
    printed = PrintedNumber.parse(f"{100 * k / n:.{decimals}f}").rounded
    assert k in fitting_counts(printed, n)
    assert n in fitting_denominators(k, printed, 200)
    assert one(kind="percentage", n=k, of=n, pct=f"{100 * k / n:.{decimals}f}")[0].verdict == "consistent"


def test_a_table_without_variation_has_no_p():
    assert table_p(0, 5, 0, 7).named() == {}


# ---------------------------------------------------------------- the kinds


@pytest.mark.parametrize(
    "claim, verdict",
    [
        ({"n": 34, "of": 88, "pct": "38.6"}, "consistent"),
        ({"n": 11, "of": 88, "pct": "12"}, "consistent"),  # 12.5 may round to even
        ({"n": 2, "of": 88, "pct": "4.5"}, "inconsistent"),
        ({"n": 12, "of": 38, "pct": "31.5"}, "doubtful"),
        ({"of": 88, "pct": "95.50"}, "doubtful"),
        ({"of": 88, "pct": "99.86"}, "inconsistent"),
        ({"of": 43, "pct": "93.0"}, "consistent"),
        ({"n": 7, "of_at_most": 33, "pct": "31.8"}, "consistent"),
        ({"n": 12, "of_at_most": 55, "pct": "31.5"}, "doubtful"),
        ({"n": 27, "of_at_most": 33, "pct": "81.2"}, "inconsistent"),
        ({"of_at_most": 88, "pct": "94.0"}, "cannot be checked"),
        ({"of_at_most": 5, "pct": "94.0"}, "inconsistent"),
        ({"n": 0, "of": 7, "pct": 0}, "consistent"),
    ],
)
def test_percentages(claim, verdict):
    (check,) = one(kind="percentage", **claim)
    assert check.verdict == verdict


def test_percentage_tells_what_would_fit():
    other = one(kind="percentage", n=2, of=88, pct="4.5")[0]
    assert "4.5 % of 88 would be 4" in other.explanation and "of 44" in other.explanation
    assert other.difference == pytest.approx(100 * 2 / 88 - 4.5)
    assert "87/88 = 98.86 %, one digit away" in one(kind="percentage", of=88, pct="99.86")[0].explanation


@pytest.mark.parametrize(
    "claim, verdict",
    [
        ({"kind": "sum", "parts": [19, 8, 11, 88], "total": 126}, "consistent"),
        ({"kind": "sum", "parts": [50, 22, 0, 2], "total": 88}, "inconsistent"),
        ({"kind": "sum", "parts": [25, 5, 2, 2, 1, 1], "total": 33, "overlap": True}, "consistent"),
        ({"kind": "sum", "parts": [25, 5], "total": 33, "overlap": True}, "inconsistent"),
        ({"kind": "sum", "parts": [40, 5], "total": 33, "overlap": True}, "inconsistent"),
        ({"kind": "memberships", "counts": [126], "one": 49, "several": 39}, "inconsistent"),
        ({"kind": "memberships", "counts": [126, 2], "one": 49, "several": 39}, "consistent"),
        ({"kind": "memberships", "counts": [5], "one": 4, "several": 0}, "inconsistent"),
        ({"kind": "wording", "n": 20, "of": 88, "words": "a third", "fraction": [1, 3]}, "doubtful"),
        ({"kind": "wording", "n": 39, "of": 88, "words": "half", "fraction": [1, 2]}, "consistent"),
        ({"kind": "at_least", "value": "2.37", "factor": "30.4375", "minimum": 60}, "consistent"),
        ({"kind": "at_least", "value": "1.90", "factor": "30.4375", "minimum": 60}, "inconsistent"),
        ({"kind": "survival", "median": "26.6", "time": 36, "survival": "66.5"}, "inconsistent"),
        ({"kind": "survival", "median": "12.2", "time": 36, "survival": "10.4"}, "consistent"),
        ({"kind": "survival", "median": "26.6", "time": 36, "survival": "50.04"}, "inconsistent"),
        ({"kind": "survival", "median": "26.6", "time": 36, "survival": "50.0"}, "consistent"),
        ({"kind": "survival", "median": "26.6", "time": 12, "survival": "40.0"}, "inconsistent"),
        ({"kind": "survival", "median": "26.6", "time": 12, "survival": "70.0"}, "consistent"),
        ({"kind": "survival", "median": "36.0", "time": 36, "survival": "60.0"}, "cannot be checked"),
        ({"kind": "medians", "median": "18.0", "reference": "15.5", "ratio": "1.955"}, "doubtful"),
        (
            {"kind": "medians", "median": 18, "reference": 15, "ratio": "1.955", "ci": ["1.017", "3.760"]},
            "inconsistent",
        ),
        (
            {"kind": "medians", "median": 18, "reference": 15, "ratio": "1.9", "ci": ["0.9", "3.9"]},
            "doubtful",
        ),
        ({"kind": "medians", "median": "12.2", "reference": "26.6", "ratio": "2.375"}, "consistent"),
        ({"kind": "medians", "median": "12.2", "reference": "26.6", "ratio": "1.000"}, "cannot be checked"),
        ({"kind": "significant", "p": {"a": "0.01", "b": "0.2"}, "named": ["a"]}, "consistent"),
        ({"kind": "significant", "p": {"a": "0.01", "b": "0.2"}, "named": ["b"]}, "inconsistent"),
        ({"kind": "significant", "p": {"a": "<0.001", "b": "<0.05"}, "named": ["a", "b"]}, "consistent"),
        ({"kind": "multiplicity", "p": {"a": "0.01", "b": "0.2"}}, "consistent"),
        ({"kind": "multiplicity", "p": {"a": "0.03", "b": "0.2"}}, "doubtful"),
    ],
)
def test_small_kinds(claim, verdict):
    (check,) = one(**claim)
    assert check.verdict == verdict and check.explanation.endswith(".")


def test_statements_that_repeat_each_other():
    def verdict(*statements):
        return one(kind="same", statements=[{"where": "a", **s} for s in statements])[0].verdict

    assert verdict({"value": 29}, {"terms": [27, 2]}) == "consistent"
    assert verdict({"value": 14}, {"terms": [16, -4]}) == "inconsistent"
    assert verdict({"value": 7}, {"value": 8}) == "inconsistent"
    assert verdict({"value": "0.44"}, {"value": "0.438"}) == "consistent"
    assert verdict({"value": 46, "measure": "mean"}, {"value": 46, "measure": "median"}) == "doubtful"
    assert verdict({"value": 46, "measure": "mean"}, {"value": 48, "measure": "median"}) == "cannot be checked"
    lists = [{"where": "a", "items": ["x", "y"]}, {"where": "b", "items": ["y", "x"]}]
    assert one(kind="names", statements=lists)[0].verdict == "consistent"
    lists[1]["items"].append("z")
    assert one(kind="names", statements=lists)[0].difference == 1


def test_ratio_parts():
    parts = {c.id.removeprefix("x:"): c for c in one(kind="ratio", ratio="1.955", ci=["1.017", "3.760"], p="0.044")}
    assert {part: c.verdict for part, c in parts.items()} == dict.fromkeys(("interval", "p", "width"), "consistent")
    wrong = {c.id.removeprefix("x:"): c for c in one(kind="ratio", ratio="1.955", ci=["1.017", "3.760"], p="0.064")}
    assert wrong["p"].verdict == "inconsistent" and "side of 0.05 changes" in wrong["p"].explanation
    small = one(kind="ratio", ratio="4.0", ci=["2.9", "5.5"], p="<0.001")
    assert all(c.verdict == "consistent" for c in small)
    coarse = one(kind="ratio", ratio="0.1", ci=["0.0", "5.2"])
    assert {c.verdict for c in coarse} <= set(VERDICTS)


def test_events_need_no_other_rows_to_be_impossible():
    checks = one(kind="ratio", ratio="1.424", ci=["1.033", "1.963"], exposed=39, of=88)
    assert checks[-1].kind == "events from the precision" and checks[-1].verdict == "inconsistent"
    # 0.164 from the log of the limits; 4 / 0.164^2 = 149 events for a covariate of even halves
    assert checks[-1].computed == "at least 149"
    assert one(kind="ratio", ratio="1.424", ci=["1.033", "1.963"], exposed=390, of=880)[-1].verdict == "consistent"


def test_two_by_two_finds_test_and_denominators():
    known = {c.id.removeprefix("x:"): c for c in one(kind="two_by_two", n=[25, 30], of=[27, 40], p="0.129")}
    assert known["p"].verdict == "consistent" and "Reproduced by Yates;" in known["p"].explanation
    assert known["p"].difference == pytest.approx(0.00019, abs=5e-6)
    for p, verdict in (
        ("0.065", "consistent"),
        ("0.104", "consistent"),
        ("0.103", "doubtful"),
        ("0.2", "inconsistent"),
    ):
        checks = {c.id: c for c in one(kind="two_by_two", n=[25, 30], of=[27, 40], p=p)}
        assert checks["x:p"].verdict == verdict, p
    # nothing but the group sizes is known: some denominators give the p, and it says how many
    searched = one(kind="two_by_two", n=[8, 26], of_at_most=[33, 55], p="0.032")
    assert searched[0].verdict == "consistent" and "possible pairs fit" in searched[0].explanation
    assert one(kind="two_by_two", n=[0, 0], of=[5, 7], p="0.5")[0].verdict == "cannot be checked"


@pytest.mark.parametrize(
    ("known", "verdict", "computed"),
    [(88, "inconsistent", "83 patients"), (83, "consistent", "83 patients"), (80, "inconsistent", "83 patients")],
)
def test_denominators_against_another_place(known, verdict, computed):
    """22 of 32 are 68.75 %, 31 of 51 are 60.78 %: no other denominators up to 33 and 55 round to 68.8 and 60.8."""
    claim = {"n": [22, 31], "of_at_most": [33, 55], "pct": ["68.8", "60.8"], "p": "0.462"}
    found_ = {c.id: c for c in one(kind="two_by_two", known={"where": "Table 1", "value": known}, **claim)}
    assert (found_["x:denominators"].verdict, found_["x:denominators"].computed) == (verdict, computed)
    assert found_["x:denominators"].difference == 83 - known


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({"p": "0.044", "other": "0.044", "ratio": "1.955", "ci": ["1.017", "3.760"]}, "doubtful"),
        ({"p": "0.044", "other": "0.044"}, "doubtful"),
        ({"p": "0.041", "other": "0.044", "ratio": "1.955", "ci": ["1.017", "3.760"]}, "consistent"),
        ({"p": "0.04", "other": "0.04", "ratio": "1.955", "ci": ["1.017", "3.760"]}, "cannot be checked"),
        ({"p": "<0.001", "other": "<0.001"}, "cannot be checked"),
    ],
)
def test_two_tests_with_one_p(claim, verdict):
    (check,) = one(kind="two_tests", **claim)
    assert check.verdict == verdict and check.explanation.endswith(".")


def test_decimals_that_differ_from_the_rest():
    rows = [{"item": str(i), "n": i, "of": 40, "pct": f"{100 * i / 40:.1f}"} for i in range(1, 10)]
    checks = {c.id: c for c in one(kind="percentage", rows=[*rows, {"item": "x", "n": 30, "of": 40, "pct": "75"}])}
    assert checks["x:decimals"].verdict == "doubtful" and "75 %" in checks["x:decimals"].printed
    half = [{**r, "pct": r["pct"] if i % 2 else str(round(float(r["pct"])))} for i, r in enumerate(rows)]
    for sound in (rows, half):
        assert "x:decimals" not in {c.id for c in one(kind="percentage", rows=sound)}


def test_readings_without_a_printed_p():
    """7/16 against 9/41 is above 0.05 by each test; 8/16 is below by Pearson (0.0375) and above by Fisher (0.0545)."""
    final, best = ({"label": "x", "counts": [n, 16, 9, 41]} for n in (7, 8))
    assert one(kind="readings", readings=[final])[0].verdict == "consistent"
    (both,) = one(kind="readings", readings=[final, best])
    assert both.verdict == "doubtful" and "Pearson 0.0375" in both.explanation and "Fisher 0.0545" in both.explanation


def test_responses_row_by_row():
    text = """
[data.t]
columns = ["best", "final", "time_to_response", "last"]
rows = [
  ["CR", "CR", "3", "6"],
  ["SD", "PR", "-", "4"],
  ["SD", "SD", "2", "4"],
  ["PR", "PD", "5", "4"],
  ["PR", "PR", "4", "4"],
  ["PR", "PR", "-", "4"],
  ["CR", "PR", "1", "4"],
]
[[claim]]
id = "r"
kind = "response"
table = "t"
n = 5
of = 7
[[claim]]
id = "q"
kind = "response"
table = "t"
n = 4
of = 7
best = { CR = 2, PR = 2, SD = 3 }
"""
    claims, findings = parse_claims(text)
    checks = {c.id: c.verdict for c in audit(claims, findings).checks}
    assert [checks[f"r:row {i}"] for i in range(1, 8)] == [
        "consistent",
        "inconsistent",
        "inconsistent",
        "inconsistent",
        "doubtful",
        "doubtful",
        "doubtful",
    ]
    # best response: CR, PR, PR, PR, CR; final: CR, PR, PR, PR, PR
    assert checks["r:rate"] == "consistent" and checks["q:rate"] == "inconsistent"
    assert checks["q:best response"] == "inconsistent"


# ---------------------------------------------------------------- the shipped paper


REQUIRED = {
    # what the audit must find on the paper, and a figure its computation shows
    "table2/other": "2.27",
    "recurrence-within-5-years": "98.86",
    "progression-within-3-years": "95.45",
    "table4/chemotherapy 4 cycles and more:abdominal +": "81.82",
    "table4/size > 4 cm:abdominal -": "38, cut off",
    "figo-2008": "74",
    "mixed-histology": "23, 26 and 28",
    "age": "46",
    "table3/PLNM:p": "0.299",
    "table3/cycles of chemotherapy:interval": "0.828",
    "three-year-prs/without": "50 %",
    "medians/pelvic": "0.86",
    "table3/synaptophysin:width": "3.784",
    "table3/number of sites:events": "149",
    "table3/invasion:events": "177",
    "response:rate": "best 8/16 = 50.0 %, final 7/16 = 43.8 %",
    "response:row 5": "",
    "biomarkers": "12, 14 and 18",
    "table4/adjuvant radiation:denominators": "83 patients",
    "table4/chemotherapy 4 cycles and more:denominators": "87 patients",
    "table4/antiangiogenic therapy:denominators": "75 patients",
    "table4:decimals": "1 decimal",
    "table3/antiangiogenic therapy:events": "about 18",
    "figure2-tests/abdominal": "Wald p 0.0099",
    "figure2-tests/pelvic": "Wald p 0.0443",
    "endpoint-named": "3 names apart",
    "time-to-recurrence-from": "2 names apart",
    "response-readings": "both sides of 0.05",
    "sites-per-patient/seven sites": "at least 127",
    "table4-margins/pure histology": "60 and 62",
    "table4-margins/antiangiogenic therapy": "14 and 16",
    "one-third-adenocarcinoma": "22.7 %",
    "univariate-factors": "pelvic",
    "independent-factors": "3 names apart",
    "response:row 1": "",
    "response:row 14": "",
    "table4/lung:choice of test": "Yates 0.055",
    "table4-tests": "0 after Holm",
    "number-of-categories": "7 and 8",
    "sites-and-response": "final status (Fisher)",
}


@pytest.mark.parametrize("id", REQUIRED)
def test_paper_findings(checks, id):
    assert checks[id].verdict in ("inconsistent", "doubtful")
    assert REQUIRED[id] in checks[id].computed


def test_which_rows_imply_too_few_events(checks):
    """ln(1.601 / 0.146) / 3.92 = 0.611, and 1 / (0.611^2 x 14/75 x 61/75) = 17.6 events, beside 34 of the other rows.

    The variance of a log ratio is near 1/d + 1/(34 - d): 0.611^2 = 1/3 + 1/31, so three events would explain it.
    """
    few = {id for id, c in checks.items() if id.endswith(":events") and "which imply" in c.explanation}
    assert few == {f"table3/{row}:events" for row in ("LVSI", "antiangiogenic therapy", "ICI therapy")}
    told = checks["table3/antiangiogenic therapy:events"].explanation
    assert "which imply 34" in told and "only about 3 of them fell in one of the two groups" in told
    assert checks["table3/vaginal vault:events"].verdict == "consistent"


def test_paper_details(checks):
    assert "lower limit of 0.367 instead of 0.356" in checks["table3/cycles of chemotherapy:interval"].explanation
    assert "one digit differs" in checks["table3/PLNM:p"].explanation
    assert "Fisher 0.0601" in checks["sites-and-response"].explanation
    assert "Fisher 0.3147" in checks["sites-and-response"].explanation
    # the two standard errors fit a count or a grade with a standard deviation near 1
    for row in ("number of sites", "invasion"):
        deviation = float(
            re.search(r"standard deviation of about (\d\.\d+)", checks[f"table3/{row}:events"].explanation)[1]
        )
        assert 0.9 < deviation < 1.2
    assert checks["table4:convention"].computed.startswith("the rule") and checks["table4:convention"].difference == 0
    assert "not by Yates" in checks["table4/lung:choice of test"].explanation
    assert "27/33 against 45/54" in checks["table4/chemotherapy 4 cycles and more:p"].explanation


def test_paper_consistent_rows(paper, checks):
    """What does hold: the inconsistent stand out from a table that is otherwise sound."""
    ratios = [c for c in paper.checks if c.kind == "p from the interval"]
    assert len(ratios) == 25
    assert {c.id for c in ratios if c.verdict != "consistent"} == {
        "table3/PLNM:p",
        "table3/cycles of chemotherapy:p",
    }
    symmetric = [c for c in paper.checks if c.kind == "symmetry of the interval"]
    assert len(symmetric) == 25 and sum(c.verdict == "consistent" for c in symmetric) == 24
    tables = [c for c in paper.checks if c.kind == "p of a table" and c.id.startswith("table4/")]
    assert len(tables) == 15 and all(c.verdict == "consistent" for c in tables)
    first = [c for c in paper.checks if c.id.startswith("table1/")]
    assert len(first) == 30 and all(c.verdict == "consistent" for c in first)
    assert sum(c.verdict == "consistent" for c in paper.checks if c.id.startswith("table2/")) == 7
    fourth = [c for c in paper.checks if re.match(r"table4/.*:abdominal", c.id)]
    assert len(fourth) == 30 and sum(c.verdict == "consistent" for c in fourth) == 28
    assert checks["flow"].verdict == "consistent" and checks["follow-up-minimum"].verdict == "consistent"
    assert all(c.verdict == "consistent" for c in paper.checks if c.id.startswith("table1-sums/"))
    assert paper.counts["consistent"] > 200 and sum(paper.counts.values()) == len(paper.checks)


def test_report_is_complete(paper):
    assert len({c.id for c in paper.checks}) == len(paper.checks)
    assert all(c.where and c.kind and c.verdict in VERDICTS and c.printed and c.explanation for c in paper.checks)
    document = json.loads(json.dumps(paper.to_dict(), allow_nan=False))
    assert set(document) == {"title", "reference", "counts", "checks", "findings"}
    assert len(document["checks"]) == len(paper.checks)
    short, long = render_text(paper), render_text(paper, everything=True)
    assert "table3/PLNM:p" in short and "table1/lung" not in short and "table2/lung" in long
    assert max(map(len, short.splitlines())) <= 105
    assert "FIGO 2008" in short and f"{paper.counts['inconsistent']} inconsistent" in short


def test_verdicts_are_computed_from_the_figures(paper):
    """Mending a figure in the file mends the verdict."""
    from importlib import resources

    text = resources.files("necc").joinpath("paper", "data", "necc2022_audit.toml").read_text("utf-8")
    for key in ("verdict", "inconsistent", "doubtful"):
        assert f"{key} =" not in text
    for wrong, right, id in (
        ('{ item = "other", n = 2, pct = 4.5 }', '{ item = "other", n = 4, pct = 4.5 }', "table2/other"),
        ("parts = [50, 22, 0, 2]\ntotal = 88", "parts = [50, 22, 0, 2]\ntotal = 74", "figo-2008"),
        ("ci = [0.739, 2.677], p = 0.229", "ci = [0.739, 2.677], p = 0.299", "table3/PLNM:p"),
        ("ci = [0.356, 1.928]", "ci = [0.367, 1.928]", "table3/cycles of chemotherapy:interval"),
        ("median = 26.6, survival = 66.5", "median = 26.6, survival = 46.5", "three-year-prs/without"),
        ('["SD", "PR", "-", "4", "lung"]', '["SD", "SD", "-", "4", "lung"]', "response:row 5"),
    ):
        assert text.count(wrong) == 1
        claims, findings = parse_claims(text.replace(wrong, right))
        mended = {c.id: c for c in audit(claims, findings).checks}
        assert mended[id].verdict == "consistent", id


# ---------------------------------------------------------------- broken files


def test_findings_name_the_place_and_the_rest_is_checked(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_text(
        """title = "A paper"
[[claim]]
id = "good"
kind = "percentage"
n = 7
of = 16
pct = 43.8
[[claim]]
id = "typo"
kind = "percentage"
n = 7
of = 16
pcct = 43.8
[[claim]]
id = "too many"
kind = "percentage"
n = 17
of = 16
pct = 43.8
[[claim]]
id = "hazards"
kind = "ratio"
rows = [
  { item = "outside", ratio = 2.5, ci = [0.3, 1.2], p = 0.5 },
  { item = "fine", ratio = 2.0, ci = [1.0, 4.0], p = 0.05 },
  { item = "no p", ratio = 2.0, ci = [1.0, 4.0], p = 1.5 },
]
[[claim]]
kind = "percentagee"
[[claim]]
id = "missing"
kind = "sum"
parts = [1, -2]
""",
        encoding="utf-8",
    )
    claims, findings = load_claims(path)
    report = audit(claims, findings)
    assert {c.id for c in report.checks} == {
        "good",
        "hazards/fine:interval",
        "hazards/fine:p",
        "hazards/fine:width",
    }
    assert all(c.verdict == "consistent" for c in report.checks)
    told = [(f.row, f.column, f.message) for f in report.findings]
    for line, key, said in (
        (8, "pcct", "claim 2 ('typo'), key 'pcct': not a key of kind 'percentage'"),
        (8, "pct", "claim 2 ('typo'): kind 'percentage' needs the key 'pct'"),
        (14, "n", "claim 3 ('too many'), key 'n': 17 of 16 patients is impossible"),
        (
            20,
            "ci",
            "claim 4 ('hazards'), row 1, key 'ci': the interval 0.3 to 1.2 doesn't hold its estimate 2.5",
        ),
        (20, "p", "claim 4 ('hazards'), row 3, key 'p': a p-value of 1.5 is impossible"),
        (28, "kind", "claim 5, key 'kind': 'percentagee' is not one of"),
        (30, "parts", "claim 6 ('missing'), key 'parts': a count of -2 is impossible"),
        (30, "total", "claim 6 ('missing'): kind 'sum' needs the key 'total'"),
    ):
        assert any(row == line and column == key and said in text for row, column, text in told), said
    assert len(told) == 8 and all(f.severity == "error" for f in report.findings)
    assert "did you mean 'pct'?" in told[0][2]
    assert "8 findings" in render_text(report)


@pytest.mark.parametrize(
    "text, said",
    [
        ("not toml [", "not valid TOML"),
        ("x = " + "9" * 5000, "not valid TOML"),
        ("", "no [[claim]]"),
        ("claim = 3", "no [[claim]]"),
        ("claim = [3]", "not a table of keys"),
        ("claims = []\n[[claim]]\nkind='sum'\nparts=[1]\ntotal=1", "did you mean 'claim'?"),
        ("data.t = 3\n[[claim]]\nkind='sum'\nparts=[1]\ntotal=1", "needs columns and rows"),
        (
            "[data.t]\ncolumns=['a']\nrows=[[1,2]]\n[[claim]]\nkind='sum'\nparts=[1]\ntotal=1",
            "row 1: not a list of 1",
        ),
        ("[[claim]]\nkind='sum'\nrows=3", "a list of tables is needed"),
        ("[[claim]]\nid='a'\nkind='sum'\nparts=[1]\ntotal=1\n" * 2, "occurs twice"),
        ("[[claim]]\nkind='response'\ntable='t'\nn=1\nof=2", "no [data.t] in the file"),
    ],
)
def test_broken_files_are_findings(text, said):
    claims, findings = parse_claims(text)
    report = audit(claims, findings)
    assert any(said in f.message for f in report.findings)


def test_a_file_that_is_not_text(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_bytes(b"\xff\xfe\x00claim")
    claims, findings = load_claims(path)
    assert len(claims) == 0 and findings[0].code == "audit-not-text"
    with pytest.raises(OSError):
        load_claims(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    "claim, key",
    [
        ({"kind": "percentage", "pct": "5.0"}, "of"),
        ({"kind": "percentage", "pct": "5.0", "of": 0}, "of"),
        ({"kind": "percentage", "pct": "101", "of": 4}, "pct"),
        ({"kind": "percentage", "pct": "5.0", "of_at_most": 10**6}, "of_at_most"),
        ({"kind": "percentage", "pct": "5.0", "of": 10**9}, "of"),
        ({"kind": "percentage", "pct": "5.0", "of": True}, "of"),
        ({"kind": "ratio", "ratio": "1.2", "ci": ["1.5", "0.9"]}, "ci"),
        ({"kind": "ratio", "ratio": "1.2", "ci": ["0.9"]}, "ci"),
        ({"kind": "ratio", "ratio": "-1.2", "ci": ["0.9", "1.4"]}, "ratio"),
        ({"kind": "ratio", "ratio": 1, "ci": [1, 1]}, "ci"),
        ({"kind": "ratio", "ratio": "1.0", "ci": ["1.0", "1.00"]}, "ci"),
        ({"kind": "ratio", "ratio": "1.2", "ci": ["0.9", "1.6"], "exposed": 9, "of": 9}, "exposed"),
        ({"kind": "medians", "median": 3, "reference": 4, "ratio": "2.0", "ci": ["0.1", "0.9"]}, "ci"),
        ({"kind": "two_by_two", "n": [3, 4]}, "of"),
        ({"kind": "two_by_two", "n": [3, 4], "of": [2, 9]}, "n"),
        ({"kind": "two_by_two", "n": [3, 4], "of_at_most": [900, 900], "p": "0.5"}, "of_at_most"),
        ({"kind": "two_by_two", "n": [3, 4], "of_at_most": [90000, 9], "p": "0.5"}, "of_at_most"),
        ({"kind": "same", "statements": [{"where": "a", "value": 1}]}, "statements"),
        ({"kind": "same", "statements": [{"where": "a"}, {"where": "b", "value": 1}]}, "statements"),
        ({"kind": "same", "statements": [{"place": "a", "value": 1}]}, "statements"),
        ({"kind": "same", "statements": [{"where": "a", "terms": [10**20]}] * 2}, "statements"),
        ({"kind": "names", "statements": [{"where": "a", "items": ["x"]}]}, "statements"),
        ({"kind": "significant", "p": {"a": "0.1"}, "named": ["b"]}, "named"),
        ({"kind": "two_tests", "p": "0.044", "other": "0.044", "ratio": "2.0"}, "ci"),
        ({"kind": "two_tests", "p": "0.044", "other": "0.044", "ratio": "2.0", "ci": ["0", "3"]}, "ci"),
        ({"kind": "wording", "n": 3, "of": 2, "words": "all", "fraction": [1, 1]}, "n"),
        ({"kind": "wording", "n": 1, "of": 2, "words": "all", "fraction": [1, 0]}, "fraction"),
        ({"kind": "readings", "p": "0.1", "readings": [{"label": "a"}]}, "readings"),
        ({"kind": "readings", "p": "0.1", "readings": [{"label": "a", "counts": [3, 2, 1, 5]}]}, "readings"),
    ],
)
def test_impossible_figures_are_findings(claim, key):
    findings = found(**claim)
    assert len(findings) == 1 and findings[0].column == key, findings
    assert "claim 1 ('x')" in findings[0].message


scalars = st.one_of(
    st.integers(-2, 200),
    st.sampled_from(["0.05", "1.424", "<0.001", "45.50", "0", "0.0", "100", "99.99", "a", "", "CR", "t", "best"]),
    st.booleans(),
    st.none(),
)
shapes = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["where", "value", "items", "a"]), inner, max_size=3),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_anything_in_a_claim_ends_in_checks_or_findings(data):
    kind = KINDS[data.draw(st.sampled_from(sorted(KINDS)))]
    keys = {**kind.required, **kind.optional}
    claim = {"kind": kind.name, **{key: data.draw(shapes) for key in keys if data.draw(st.booleans())}}
    document = {
        "claim": [claim],
        "data": {"t": {"columns": ["best", "final"], "rows": [["CR", "PD"], ["XX", "CR"]]}},
    }
    claims, findings = read_claims(document)
    report = audit(claims, findings)
    assert report.checks or report.findings
    json.dumps(report.to_dict(), allow_nan=False)
    render_text(report, everything=True)


figures = st.sampled_from(["0", "0.0", "0.00", "0.01", "0.2", "1", "1.0", "1.05", "2.375", "15", "400", "38,678.493"])


@settings(max_examples=200, deadline=None)
@given(
    figures,
    figures,
    figures,
    st.sampled_from(["0", "0.5", "<0.001", "1.000"]),
    st.integers(0, 40),
    st.integers(0, 90),
)
def test_ratios_of_every_coarseness(ratio, low, high, p, exposed, of):
    row = {"ratio": ratio, "ci": [low, high], "p": p, "exposed": exposed, "of": of}
    claims, findings = read_claims({"claim": [{"kind": "ratio", "rows": [row] * 2}]})
    report = audit(claims, findings)
    assert report.checks or report.findings
    json.dumps(report.to_dict(), allow_nan=False)


def test_public_names_are_there():
    import necc.paper.audit

    assert all(hasattr(necc.paper.audit, name) for name in public)
