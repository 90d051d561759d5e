"""Edits of a cohort: each kind, what doesn't fit, as a file and back, undone, and in any order."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from cohorts import cohort_of, from_sample, necc_cohort
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.recurrence import any_site, site_distribution
from necc.core.cohort import Cohort
from necc.core.dictionary import Variable
from necc.core.edits import (
    EDITS,
    CombineSites,
    Cut,
    Derive,
    FirstOf,
    LeaveOut,
    NewEndpoint,
    Order,
    Recode,
    apply_edits,
    cut_levels,
    edits_from_toml,
    edits_to_toml,
    row_fingerprint,
)
from necc.core.edits.formula import ARGUMENTS
from necc.core.errors import AnalysisError
from necc.core.selection import picked

GRADE = Variable("grade", "Grade", "category", levels=("low", "mid", "high", "top"), ordered=True)
KIND = Variable("kind", "Kind", "category", levels=("a", "b", "c", "d"))


@pytest.fixture(scope="module")
def sample() -> Cohort:
    return from_sample("reconstructed_cohort.csv")


def small() -> Cohort:
    return cohort_of(
        {"grade": ["low", "mid", "high", "top", None, "mid"], "kind": ["a", "b", "c", "d", "a", None],
         "size": [1.0, 2.0, 3.0, 4.0, None, 2.0], "time": [1, 2, 3, 4, 5, 6], "event": [0, 1, 0, 1, 1, None]},
        variables=[GRADE, KIND],
    )  # fmt: skip


def held(cohort: Cohort, name: str) -> list[str | None]:
    """Each patient's level."""
    factor = cohort.factor(name)
    return [factor.levels[c] if c >= 0 else None for c in factor.codes.tolist()]


def skipped(cohort: Cohort, edit) -> str:
    """The message of an edit that doesn't fit, which leaves the very same cohort."""
    edited = apply_edits(cohort, [edit])
    assert edited.cohort is cohort and not edited.steps[0].applied
    (finding,) = edited.findings
    assert (finding.severity, finding.code) == ("warning", "edit-skipped")
    assert finding.message.startswith("step 1 (") and finding.message.endswith(
        ("; change the step or take it out", "?")
    )
    return finding.message


def same(one: Cohort, other: Cohort) -> None:
    """Two cohorts that hold the same in every part."""
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.dictionary == other.dictionary and one.scheme == other.scheme and one.orders == other.orders
    assert one.source == other.source and np.array_equal(one.organs, other.organs)
    assert one.factor_names() == other.factor_names() and one.endpoint_names() == other.endpoint_names()


# ---------------------------------------------------------------- in general
def test_nothing_applied_is_the_very_same_cohort(sample):
    assert apply_edits(sample, []).cohort is sample
    assert apply_edits(sample, [Recode("none", {"a": ["b"]}), Order("histology", ["x"])]).cohort is sample


def test_an_edit_leaves_the_cohort_as_it_was(sample):
    before, sha = sample.table.copy(), sample.source.sha256
    edits = [Recode("histology", {"other": ["large cell", "NEC NOS"]}), Cut("age_years", [50], "old")]
    edited = apply_edits(sample, edits).cohort
    pd.testing.assert_frame_equal(sample.table, before)
    assert sample.source.sha256 == sha != edited.source.sha256 and sample.unedited is None
    assert edited.unedited is sample and "old" not in sample.columns
    with pytest.raises(ValueError, match="read-only"):
        edited._table["old"].cat.codes.to_numpy()  # codes are a copy; the column's own array is not
        edited._table["old"].array._ndarray[0] = 0


def test_the_digest_is_of_the_edits_that_were_made(sample):
    one, two = Cut("age_years", [50], "old"), Order("histology", ["large cell"])
    gone = Order("none", ["x"])
    digest = apply_edits(sample, [one, two]).cohort.source.sha256
    assert apply_edits(sample, [one, gone, two]).cohort.source.sha256 == digest
    assert apply_edits(apply_edits(sample, [one]).cohort, [two]).cohort.source.sha256 == digest
    assert len({digest, sample.source.sha256, apply_edits(sample, [one]).cohort.source.sha256}) == 3


def test_a_filtered_cohort_is_refused(sample):
    with pytest.raises(AnalysisError, match="filter what they give"):
        apply_edits(sample.subset(np.arange(len(sample)) < 9), [])


def test_what_needs_a_step_that_was_skipped_is_skipped_in_turn():
    edited = apply_edits(small(), [Cut("sise", [2], "big"), Order("big", ["> 2"]), Order("kind", ["b"])])
    assert [s.applied for s in edited.steps] == [False, False, True]
    assert "did you mean 'size' or 'time'?" in edited.findings[0].message
    assert edited.findings[1].message.startswith("step 2 (big: order of levels > 2")


def test_lists_are_tuples_and_edits_are_values():
    listed, plain = Recode("kind", {"x": ["a", "b"]}), Recode("kind", (("x", ("a", "b")),))
    assert listed == plain and hash(listed) == hash(plain)
    assert Cut("size", [2], "big").at == (2.0,)


# ---------------------------------------------------------------- recode
def test_levels_are_merged_where_the_first_stood():
    edited = apply_edits(small(), [Recode("kind", {"both": ["b", "d"], "C": ["c"]})])
    assert held(edited.cohort, "kind") == ["a", "both", "C", "both", "a", None]
    assert edited.cohort.factor("kind").levels == ("a", "both", "C")
    assert edited.steps[0].told.endswith(
        f"({'3 patients of 6 with another level; now a 2, both 2, C 1, not recorded 1'})"
    )


def test_a_new_level_takes_in_one_that_has_its_name():
    assert held(apply_edits(small(), [Recode("kind", {"a": ["c"]})]).cohort, "kind") == ["a", "b", "a", "d", "a", None]


def test_names_can_be_swapped():
    edited = apply_edits(small(), [Recode("kind", {"a": ["b"], "b": ["a"]})])
    assert held(edited.cohort, "kind") == ["b", "a", "c", "d", "b", None]


@pytest.mark.parametrize(
    ("groups", "ordered"),
    [({"lower": ["low", "mid"]}, True), ({"ends": ["low", "top"]}, False), ({"LOW": ["low"]}, True)],
)
def test_an_order_stays_where_neighbours_are_merged(groups, ordered):
    assert small().factor("grade").ordered
    assert apply_edits(small(), [Recode("grade", groups)]).cohort.factor("grade").ordered is ordered


def test_an_order_of_a_person_is_kept_by_merged_levels():
    ordered = apply_edits(small(), [Order("kind", ["d", "c", "b", "a"]), Recode("kind", {"x": ["d", "c"]})]).cohort
    assert ordered.factor("kind").levels == ("x", "b", "a") and ordered.factor("kind").ordered
    apart = apply_edits(small(), [Order("kind", ["d", "c", "b", "a"]), Recode("kind", {"x": ["d", "b"]})]).cohort
    assert apart.factor("kind").levels == ("x", "c", "a") and not apart.factor("kind").ordered
    partly = apply_edits(small(), [Order("grade", ["top"]), Recode("grade", {"x": ["low", "mid", "high"]})]).cohort
    assert partly.factor("grade").levels == ("top", "x") and not partly.factor("grade").ordered


def test_an_unknown_by_another_name_does_not_become_a_rank():
    tumour = Variable("t", "T", "category", levels=("1", "2", "TX"), ordered=True)
    cohort = cohort_of({"t": ["1", "2", "TX"]}, variables=[tumour], endpoints=())
    assert not cohort.factor("t").ordered
    assert not apply_edits(cohort, [Recode("t", {"unknown": ["TX"]})]).cohort.factor("t").ordered


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Recode("kinde", {"x": ["a"]}), "did you mean 'kind'?"),
        (Recode("kind", {"x": ["e"]}), "has no level 'e'; its levels are 'a', 'b', 'c' and 'd'"),
        (Recode("grade", {"x": ["hihg"]}), "did you mean 'high'?"),
        (Recode("kind", {"x": ["a"], "y": ["a"]}), "named twice"),
        (Recode("kind", {" ": ["a"]}), "can't be the name of a level"),
        (Recode("kind", {"a": ["a"]}), "no level of 'kind' is named that would change"),
        (Recode("kind", {}), "no level of 'kind' is named that would change"),
        (Recode("event", {"x": ["no"]}), "an event keeps its meaning"),
        (Recode("size", {"x": ["1"]}), "cut it instead"),
        (Recode("kind", {"not recorded": ["a"]}), "can't be called 'not recorded'"),
        (Recode("grade", {"Missing": ["low"]}), "can't be called 'Missing'"),
    ],
)
def test_a_recode_that_does_not_fit_is_skipped(edit, words):
    assert words in skipped(small(), edit)


def test_flags_and_responses_keep_their_levels(sample):
    assert "derive a new variable" in skipped(sample, Recode("ici", {"given": ["yes"]}))
    assert "derive a new variable" in skipped(sample, Recode("best_response", {"OR": ["CR", "PR"]}))


@pytest.mark.parametrize("word", ["missing", "Not recorded", "n/a", "MISSING"])
def test_no_new_level_reads_as_no_value(word):
    edits = (
        Recode("kind", {word: ["a"]}), Cut("size", [2], "big", levels=("small", word)),
        Derive("new", f"if(size > 2, 'big', '{word}')"),
    )  # fmt: skip
    for edit in edits:
        assert f"a level can't be called '{word}'" in skipped(small(), edit)
    assert apply_edits(small(), [Recode("kind", {"unknown": ["a"]})]).steps[0].applied
    kept = cohort_of({"kind": ["missing", "b"]})  # a level that the cohort has already
    assert apply_edits(kept, [Recode("kind", {"missing": ["b", "missing"]})]).steps[0].applied


def test_no_variable_is_called_as_an_endpoint(sample):
    for name, label in (("OS", ""), ("mine", "OS"), ("mine", "Post-recurrence survival")):
        for edit in (Derive(name, "age_years / 10", label), Cut("age_years", [50], name, label)):
            assert "an endpoint is called" in skipped(sample, edit)
    first = NewEndpoint("E", time="time", event="event")
    steps = apply_edits(small(), [first, Derive("E", "size * 2"), Cut("size", [2], "e")]).steps
    assert [s.applied for s in steps] == [True, False, False]


@pytest.mark.parametrize("name", ["none", "Any", "with", "without", "missing", "not all", "yes"])
def test_no_site_is_called_as_a_word_of_the_filters(sample, name):
    assert f"can't be called '{name}'" in skipped(sample, CombineSites(["lung", "bone"], name))
    assert f"can't be called '{name}'" in skipped(sample, CombineSites(["lung", "bone"], "one", name))


def test_a_skipped_step_is_told_in_short():
    many = cohort_of({"kind": [f"level {n}" for n in range(40)], **{f"column {n}": ["a"] * 40 for n in range(30)}})
    formula = "if(zzz > 2, 'x', 'y') " * 20
    for edit in (Recode("kind", {"x": ["zzzzzz"]}), Recode("zzzzzz", {"x": ["a"]}), Order("kind", ["zzzzzz"]),
                 LeaveOut(where=["kind=zzzzzz"], why="w"), Derive("new", formula), Derive("new", "zzzzzz + 1"),
                 Derive("new", "kind = 'zzzzzz'")):  # fmt: skip
        told = skipped(many, edit)
        assert len(told) < 400 and len(re.findall(r"column \d|level \d", told)) <= 8, told
    assert "and 32 others" in skipped(many, Recode("kind", {"x": ["zzzzzz"]}))


def test_groupings_of_merged_levels_keep_every_patient(sample):
    before = {n: held(sample, n) for n in ("figo_stage", "figo_iii_iv")}
    merged = apply_edits(sample, [Recode("figo_2018", {"IB": ["IB1", "IB2", "IB3"], "III": ["IIIA", "IIIB"]})])
    assert {n: held(merged.cohort, n) for n in before} == before and not merged.findings


def test_a_grouping_that_merged_levels_cannot_tell_goes(sample):
    figo = sample.factor("figo_2018")
    ones, threes = (tuple(v for v in figo.levels if v.startswith(p)) for p in ("I", "III"))
    one = next(v for v in ones if not v.startswith(("II", "IV")))
    edited = apply_edits(sample, [Recode("figo_2018", {"odd": [one, threes[0]]})])
    assert "figo_stage" not in edited.cohort.factor_names() and "figo_stage" in sample.factor_names()
    assert edited.steps[0].applied and edited.findings[0].code == "edit-changed"
    assert "'figo_stage' and 'figo_iii_iv' can't be told" in edited.findings[0].message
    assert all("figo_stage" not in panel.names for panel in edited.cohort.dictionary.panel)


STAGES = ("IA1", "IB1", "IB2", "IIA1", "IIB", "IIIA", "IIIB", "IVA", "IVB")


@given(
    st.lists(st.sampled_from([*STAGES, None]), min_size=1, max_size=12),
    st.dictionaries(st.sampled_from(STAGES), st.sampled_from(["x", "y", "IB", "IIB"]), min_size=1, max_size=5),
)
def test_a_grouping_of_merged_levels_is_what_it_was_or_goes(values, to):
    cohort = necc_cohort({"figo_2018": values})
    groups: dict[str, list[str]] = {}
    for old, new in to.items():
        groups.setdefault(new, []).append(old)
    edited = apply_edits(cohort, [Recode("figo_2018", groups)])
    if not edited.steps[0].applied:
        return
    for name in ("figo_stage", "figo_iii_iv"):
        if name not in cohort.factor_names():
            continue
        before = held(cohort, name)
        mixed = [
            {b for v, b in zip(values, before, strict=True) if v and to.get(v, v) == new} for new in {*to.values()}
        ]
        there = name in edited.cohort.factor_names()
        assert there == all(len(among) < 2 for among in mixed)
        assert not there or held(edited.cohort, name) == before


def test_groups_of_a_grouping_are_merged(sample):
    edited = apply_edits(sample, [Recode("figo_stage", {"III + IVA": ["III", "IVA"], "early": ["I"]})])
    names = {"III": "III + IVA", "IVA": "III + IVA", "I": "early"}
    assert held(edited.cohort, "figo_stage") == [names.get(v, v) if v else None for v in held(sample, "figo_stage")]
    assert held(edited.cohort, "figo_2018") == held(sample, "figo_2018")
    assert "side by side" in skipped(sample, Recode("figo_stage", {"odd": ["I", "III"]}))
    assert "cut 'age_years' anew" in skipped(sample, Recode("age_gt_50", {"old": ["> 50"]}))


@given(st.data())
def test_a_recode_gives_everyone_what_a_loop_gives(data):
    levels = ("a", "b", "c", "d")
    values = data.draw(st.lists(st.sampled_from([*levels, None]), min_size=1, max_size=30))
    cohort = cohort_of({"kind": values}, variables=[KIND], endpoints=())
    to = data.draw(st.dictionaries(st.sampled_from(levels), st.sampled_from(["x", "y", "a", "b"]), min_size=1))
    groups: dict[str, list[str]] = {}
    for old, new in to.items():
        groups.setdefault(new, []).append(old)
    edited = apply_edits(cohort, [Recode("kind", groups)])
    assert held(edited.cohort, "kind") == [to.get(v, v) if v else None for v in values]


def test_levels_that_are_spelled_almost_alike_are_told():
    edited = apply_edits(small(), [Recode("kind", {"A": ["b"]})])
    assert edited.cohort.factor("kind").levels == ("a", "A", "c", "d")
    assert "'a' and 'A' are different levels, though spelled almost alike" in edited.findings[0].message


# ---------------------------------------------------------------- order
def test_an_order_is_that_of_the_cohort(sample):
    edited = apply_edits(sample, [Order("histology", ["NEC NOS"])]).cohort
    assert edited.factor("histology").levels == sample.with_order("histology", ["NEC NOS"]).factor("histology").levels
    assert apply_edits(sample, [Order("FIGO 2018", ["IVA"])]).steps[0].told.count("(levels now IVA")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Order("kind", ["a", "a"]), "named twice"),
        (Order("kind", []), "no level of 'kind' is named"),
        (Order("kind", ["z"]), "'kind' has no level 'z'; its levels are a, b, c and d"),
        (Order("size", ["1"]), "no column with levels 'size'"),
    ],
)
def test_an_order_that_does_not_fit_is_skipped(edit, words):
    assert words in skipped(small(), edit)


# ---------------------------------------------------------------- cut
def test_a_number_is_cut():
    edited = apply_edits(small(), [Cut("size", [2, 3], "big", "How big")])
    assert held(edited.cohort, "big") == ["≤ 2", "≤ 2", "> 2 to 3", "> 3", None, "≤ 2"]
    factor = edited.cohort.factor("big")
    assert factor.ordered and factor.label == "How big"
    assert edited.steps[0].told == "How big: size cut at 2 and 3 (≤ 2 3, > 2 to 3 1, > 3 1, not recorded 1)"
    left = apply_edits(small(), [Cut("size", [2, 3], "big", closed="left")]).cohort
    assert held(left, "big") == ["< 2", "2 to < 3", "≥ 3", "≥ 3", None, "2 to < 3"]
    named = apply_edits(small(), [Cut("size", [2], "big", levels=["s", "l"])]).cohort
    assert held(named, "big") == ["s", "s", "l", "l", None, "s"]


def test_a_cut_at_one_place_is_that_of_the_cohort(sample):
    edited = apply_edits(sample, [Cut("age_years", [50], "old"), Cut("n_sites", [1], "several")]).cohort
    assert held(edited, "old") == held(sample, "age_years>50") and held(edited, "several") == held(sample, "n_sites>1")
    assert edited.starts_at("several") == "recurrence" and edited.starts_at("old") == "baseline"


def test_a_cut_of_an_outcome_stays_an_outcome(sample):
    edited = apply_edits(sample, [Cut("ttr_months", [12], "early"), Cut("os_months", [24], "long")]).cohort
    assert edited.starts_at("early") == edited.starts_at("long") == "followup"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Cut("size", [], "big"), "given are nothing"),
        (Cut("size", [3, 2], "big"), "given are 3, 2"),
        (Cut("size", [2, 2], "big"), "each larger than the one before it"),
        (Cut("size", [float("nan")], "big"), "given are nan"),
        (Cut("kind", [2], "big"), "'kind' is a category, not a number"),
        (Cut("size", [2], "kind"), "the name 'kind' is taken"),
        (Cut("size", [2], "KIND"), "is taken, as another word for 'kind'"),
        (Cut("size", [2], "n_sites"), "the name 'n_sites' is taken"),
        (Cut("size", [2], "a>b"), "can't be the name of a variable"),
        (Cut("size", [2], "site:x"), "can't be the name of a variable"),
        (Cut("size", [2], ""), "can't be the name of a variable"),
        (Cut("size", [2], "x" * 61), "can't be the name of a variable"),
        (Cut("size", [2], "big", levels=["a"]), "has 2 levels"),
        (Cut("size", [2], "big", levels=["a", "a"]), "has 2 levels"),
    ],
)
def test_a_cut_that_does_not_fit_is_skipped(edit, words):
    assert words in skipped(small(), edit)


def test_a_new_name_is_no_other_word_of_the_dictionary(sample):
    assert "as another word for 'age_years'" in skipped(sample, Cut("os_months", [5], "age"))
    both = apply_edits(sample, [Cut("age_years", [50], "old"), Cut("age_years", [60], "old")])
    assert [s.applied for s in both.steps] == [True, False]


@given(
    st.lists(st.one_of(st.none(), st.floats(-5, 5), st.integers(-5, 5)), min_size=1, max_size=20),
    st.sets(st.integers(-5, 5), min_size=1, max_size=4),
    st.sampled_from(["right", "left"]),
)
def test_a_cut_gives_everyone_what_a_loop_gives(values, places, closed):
    cohort = cohort_of({"time": values, "event": [1] * len(values)})
    at = sorted(places)
    edit = Cut("time", at, "part", closed=closed)
    levels = cut_levels(edit)
    expected = [
        None if v is None else levels[sum((v > a) if closed == "right" else (v >= a) for a in at)] for v in values
    ]
    edited = apply_edits(cohort, [edit]).cohort
    assert held(edited, "part") == expected


# ---------------------------------------------------------------- left out
def test_rows_are_left_out_with_their_reason(sample):
    rows = [(row, row_fingerprint(sample, row)) for row in (2, 9)]
    edited = apply_edits(sample, [LeaveOut(rows, why="not NECC")])
    assert len(edited.cohort) == 86 and not {2, 9} & {*edited.cohort.index}
    assert [(e.reason, e.n) for e in edited.cohort.source.left_out] == [("not NECC", 2)]
    assert edited.cohort.source.n_rows == 86 and len(edited.cohort.organs) == 86
    assert edited.steps[0].told == "2 patients left out (not NECC), 86 of 88 stay"
    assert edited.cohort.endpoint("OS").time.shape == (86,)
    more = apply_edits(edited.cohort, [LeaveOut(where=["age_years<30"], why="not NECC")]).cohort
    assert [(e.reason, e.n) for e in more.source.left_out] == [("not NECC", 88 - len(more))]


def test_a_row_that_holds_something_else_stays_and_is_told(sample):
    good = (2, row_fingerprint(sample, 2))
    edited = apply_edits(sample, [LeaveOut([good, (3, good[1]), (999, good[1])])])
    assert len(edited.cohort) == 87 and "rows 3, 999 of this file hold something else" in edited.findings[0].message
    assert "row 3 of this file holds something else or nothing, and stays" in skipped(sample, LeaveOut([(3, "0" * 12)]))
    with pytest.raises(AnalysisError, match="no patient in row 999; its patients are in rows 2 to 89"):
        row_fingerprint(sample, 999)


def test_edits_before_it_do_not_change_a_row(sample):
    row = (2, row_fingerprint(sample, 2))
    first = [Recode("histology", {"x": list(sample.factor("histology").levels)}), Cut("age_years", [50], "old")]
    edited = apply_edits(sample, first).cohort
    assert row_fingerprint(edited, 2) == row[1]
    assert len(apply_edits(sample, [*first, LeaveOut([row])]).cohort) == 87
    assert len({row_fingerprint(sample, int(r)) for r in sample.index}) == 88


def test_filters_leave_out_whom_they_are_known_to_hold_for():
    edited = apply_edits(small(), [LeaveOut(where=["size>1", "any(kind=b; kind=c; kind=d)"])])
    assert held(edited.cohort, "kind") == ["a", "a", None]
    assert edited.cohort.source.left_out[0].reason == "patients with size: > 1; Kind: b, Kind: c or Kind: d"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (LeaveOut(), "neither rows nor filters"),
        (LeaveOut(where=["size>9"]), "hold for nobody"),
        (LeaveOut(where=["size>0", "sizes>1"]), "no variable 'sizes'"),
        (LeaveOut(where=["size"]), "filter 'size'"),
        (LeaveOut(where=["size>0,missing"]), "every patient"),
        (LeaveOut(where=[str(picked([1, 2]))]), "are left out by their rows"),
    ],
)
def test_a_leaving_out_that_does_not_fit_is_skipped(edit, words):
    assert words in skipped(small(), edit)


def test_the_flow_counts_who_is_left_out(sample):
    from necc.analysis.flow import flow

    young = int((sample.number("age_years") < 40).sum())
    result = flow(apply_edits(sample, [LeaveOut(where=["age_years<40"], why="too young")]).cohort)
    first, second = result.steps[:2]
    assert (first.n, second.n) == (88, 88 - young) and young
    assert [(e.reason, e.n) for e in second.excluded] == [("too young", young)]


# ---------------------------------------------------------------- as a file
EVERY = (
    Recode("histology", {"other": ["large cell", "NEC NOS"], 'a "b" \\ é': ["small cell"]}),
    Order("figo_stage", ["IVA"]),
    Cut("age_years", [40.5, 60], "age group", "Age group", ["young", "mid", "old"], "left"),
    CombineSites(["lung", "bone"], "lung or bone", "Lung or bone"),
    LeaveOut([(2, "0123456789ab")], ["age_years>70"], "why"),
    Derive("x", "age_years / 10", "Decades", "10 years"),
    NewEndpoint("E", "An endpoint", "os_months", "died"),
    NewEndpoint("F", start="a", event_date="b", censor_date="c", unit="days", event="k", event_levels=["x", "y"]),
    FirstOf("G", ["TTR", "OS"], "The first"),
)


def test_every_kind_is_written_and_read():
    assert {e.kind for e in EVERY} == {*EDITS}
    assert edits_from_toml(edits_to_toml(EVERY)) == (EVERY, ())
    assert edits_from_toml(edits_to_toml(EVERY).encode()) == (EVERY, ())
    assert edits_from_toml(edits_to_toml(())) == ((), ())
    assert "age_years / 10" in edits_to_toml(EVERY) and "closed" not in edits_to_toml([Cut("a", [1], "b")])


@pytest.mark.parametrize("edit", EVERY, ids=lambda e: e.kind)
def test_every_kind_says_what_it_is(edit, sample):
    for said in (edit.describe(), edit.describe(sample)):
        assert said and "\n" not in said and len(said) < 200
    assert "Age at diagnosis" in EVERY[2].describe(sample) and "age_years" in EVERY[2].describe()


BAD = {
    "[[edits]]\nkind = 'order'\ncolumn = 'a'\nlevels = ['b']": "needs the key 'edits_version', which is 1",
    "edits_version = 2\n[[edits]]\nkind = 'order'\ncolumn = 'a'\nlevels = ['b']":
        "key 'edits_version': edits of version 2 are read as those of version 1, the one known here",
    "edits_version = 1\n[[edits]]\nkind = 'order'\ncolumn = 'a'\nlevels = ['b']\n[[edits]]\nkind = 'recod'":
        "edits 2, key 'kind': 'recod' is no kind of edit; there are recode, order,",
    "edits_version = 1\n[[edits]]\ncolumn = 'x'\n[[edits]]\nkind = 'order'\ncolumn = 'a'\nlevels = ['b']":
        "edits 1: needs the key 'kind'",
    "edits_version = 1\n[[edits]]\nkind = 'order'\ncolumn = 'a'\nlevels = ['b']\nfoo = 1":
        "edits 1, key 'foo': not a key of kind 'order'",
    "edits_version = 1\nwhat = 1\n[[edits]]\nkind = 'order'\ncolumn = 'a'\nlevels = ['b']": "unknown key 'what'",
    "edits_version = 1\n[[edits]]\nkind = 'order'\ncolumn = 'a'\nlevels = ['b']\n[[edits]]\nkind = 'cut'\nname = 'n'":
        "edits 2: kind 'cut' needs the key 'of'",
    "edits_version = 1\n[[edits]]\nkind = 'order'\ncolumn = 'a'\nlevels = ['b']\n[[edits]]\nkind = 'leave-out'\n"
    "rows = { x = 'a' }": "edits 2, key 'rows': 'x' is not a row of a spreadsheet",
    "edits_version = 1\n[[edits]]\nkind = 'order'\ncolumn = 'a'\nlevels = ['b']\n[[edits]]\nkind = 'endpoint'\n"
    "name = 'E'\nunit = 'moons'": "edits 2, key 'unit': 'moons' is not one of days, weeks, months or years",
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), BAD.items())
def test_what_cannot_be_read_is_told_and_the_rest_is_read(text, words):
    edits, findings = edits_from_toml(text)
    assert edits == (Order("a", ["b"]),)
    assert any(words in f.message for f in findings), findings


@pytest.mark.parametrize(
    "text", ["a = ", b"\xff\xfe", "edits_version = 1\nedits = 3", "edits_version = 1\nedits = [1]"]
)
def test_a_text_that_is_no_file_of_edits_is_told(text):
    edits, findings = edits_from_toml(text)
    assert edits == () and findings


def test_the_edits_of_the_documentation_are_read():
    text = (ROOT / "docs" / "edits.md").read_text(encoding="utf-8")
    edits, findings = edits_from_toml(text.split("```toml\n")[1].split("```")[0])
    assert {e.kind for e in edits} == {*EDITS} and not findings
    assert all(f"`{name}" in text for name in ARGUMENTS if not name.startswith("i"))


def test_numbers_stay_numbers_of_a_file():
    text = "edits_version = 1\n[[edits]]\nkind='cut'\nof='a'\nname='b'\nat=[1, 2.5]"
    assert edits_from_toml(text) == ((Cut("a", [1.0, 2.5], "b"),), ())


def test_necc_columns_have_other_words(sample):
    cohort = necc_cohort({"age_years": [30, 50, 70], "histology": ["small cell", "large cell", None]})
    assert apply_edits(cohort, [Cut("age", [40], "old")]).steps[0].applied


# ---------------------------------------------------------------- sites
def sites_of(cohort: Cohort, *sites: str, name: str = "one") -> Cohort:
    edited = apply_edits(cohort, [CombineSites(sites, name)])
    assert edited.steps[0].applied, edited.findings
    return edited.cohort


@pytest.mark.parametrize("sites", [("lung", "bone"), ("abdominal", "lung"), ("other", "brain", "abdominal")])
def test_combined_sites_are_those_with_any_of_them(sample, sites):
    edited = sites_of(sample, *sites)
    expected = sample.factor(f"site:{'|'.join(sites)}")
    assert edited.factor("site:one").codes.tolist() == expected.codes.tolist()
    names = [s for s in sample.site_names if s not in sites]
    assert [s for s in edited.site_names if s != "one"] == names
    assert edited.site_names.index("one") == min(sample.site_names.index(s) for s in sites)
    assert np.array_equal(edited.organs, sample.organs) and edited.site_label("one") == "one"
    for name in names:
        assert held(edited, f"site:{name}") == held(sample, f"site:{name}")
    with pytest.raises(AnalysisError, match="no site"):
        edited.factor(f"site:{sites[0]}")


def test_a_patient_with_both_has_one_site_less(sample):
    step = apply_edits(sample, [CombineSites(["lung", "bone"], "one", "Lung or bone")]).steps[0]
    matrix = sample.site_matrix[:, [sample.site_names.index(s) for s in ("lung", "bone")]]
    both = (matrix == 1).all(axis=1)
    edited = sites_of(sample, "lung", "bone")
    assert np.array_equal(sample.number("n_sites") - edited.number("n_sites"), both.astype(float))
    assert both.any() and f"{int(both.sum())} patients with several of them have fewer sites" in step.told
    assert step.told.startswith("Lung or bone: one site of Lung and Bone (with 40, without 48; ")
    assert step.told.endswith("'Hematogenous, lymphatic, local' and 'Distant, regional, local' without such sites)")


def test_sites_are_combined_whichever_scheme_is_chosen_and_when(sample):
    edit = [CombineSites(["lung", "bone"], "one")]
    after = apply_edits(sample, edit).cohort.with_scheme("spread")
    before = apply_edits(sample.with_scheme("spread"), edit).cohort
    assert after.site_names == before.site_names
    assert np.array_equal(after.site_matrix, before.site_matrix)
    back = after.with_scheme("paper")
    assert held(back, "site:one") == held(sample, "site:lung|bone")


def test_combined_sites_can_be_combined_again(sample):
    twice = apply_edits(sample, [CombineSites(["abdominal", "lung"], "a"), CombineSites(["bone", "a"], "b")]).cohort
    assert held(twice, "site:b") == held(sample, "site:abdominal|lung|bone") and "a" not in twice.site_names
    assert np.array_equal(twice.organs, sample.organs)


def test_analyses_read_combined_sites(sample):
    from necc.analysis.recurrence import co_occurrence, organ_distribution, site_distribution

    edited = sites_of(sample, "abdominal", "lung", name="trunk")
    rows = {row.name: row.n for row in site_distribution(edited).sites}
    assert rows["trunk"] == int((edited.site_matrix[:, edited.site_names.index("trunk")] == 1).sum())
    assert "lung" not in rows and "trunk" in {c for c in co_occurrence(edited).sites}
    organs = organ_distribution(edited, "trunk")
    assert organs.n == rows["trunk"] and {o.name for o in organs.organs} >= {"liver", "adrenal"}


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (CombineSites(["lung"], "one"), "two or more"),
        (CombineSites(["lung", "lung"], "one"), "two or more"),
        (CombineSites(["lung", "bonne"], "one"), "has no site 'bonne'; did you mean 'bone'?"),
        (CombineSites(["lung", "liver"], "one"), "no site scheme has all"),
        (CombineSites(["lung", "bone"], "lung"), "the name 'lung' is taken"),
        (CombineSites(["lung", "bone"], "liver"), "the name 'liver' is taken"),
        (CombineSites(["lung", "bone"], "a|b"), "can't be the name of a site"),
        (CombineSites(["lung", "bone"], "one", "Brain"), "is called 'Brain'"),
    ],
)
def test_a_combination_that_does_not_fit_is_skipped(sample, edit, words):
    assert words in skipped(sample, edit)


@given(st.data())
def test_combined_sites_equal_any_of_them_with_blanks(data):
    n = data.draw(st.integers(1, 12))
    organs = ("lung", "pleura", "abdominal", "liver", "bone", "brain")
    sites = {o: data.draw(st.lists(st.sampled_from([1, 0, -1]), min_size=n, max_size=n)) for o in organs}
    cohort = necc_cohort({"age_years": [50.0] * n}, sites=sites)
    chosen = data.draw(st.lists(st.sampled_from(["lung", "abdominal", "bone", "brain"]), min_size=2, unique=True))
    edited = sites_of(cohort, *chosen)
    assert held(edited, "site:one") == held(cohort, f"site:{'|'.join(chosen)}")


def test_sites_of_a_file_of_its_own_are_combined():
    cohort = cohort_of({"time": [1, 2], "event": [1, 0]}, sites={"a": [1, 0], "b": [0, -1], "c": [0, 1]})
    edited = sites_of(cohort, "a", "c")
    assert edited.site_names == ("one", "b") and held(edited, "site:one") == held(cohort, "site:a|c")


def test_sites_say_what_was_combined_and_another_scheme_stays_as_it_was(sample):
    combine = CombineSites(["lung", "bone"], "lb", "Lung or bone")
    edited = apply_edits(sample, [combine]).cohort
    both = int((sample.factor("site:lung").codes.astype(int) * sample.factor("site:bone").codes == 1).sum())
    one = site_distribution(edited)
    (note,) = [n for n in one.notes if "one site, in place of" in n]
    assert both > 1 and note == (
        f"Lung or bone: one site, in place of Lung and Bone; {both} patients with more than one of these count once"
    )
    lone = {s.name: s.n for s in one.sites}
    assert {"lung", "bone"} & {*lone} == set() and lone["lb"] == any_site(sample, ["lung", "bone"]).counts()[1]
    before, after = (site_distribution(c.with_scheme("spread")) for c in (sample, edited))
    assert [(s.name, s.n) for s in before.sites] == [(s.name, s.n) for s in after.sites]
    assert before.notes == after.notes


# ---------------------------------------------------------------- endpoints
STATUS = Variable("status", "Status", "category", levels=("alive", "dead", "lost"))
DATES = [Variable(n, n, "date") for n in ("begin", "relapse", "last")]


def followed() -> Cohort:
    """Five patients with times, dates and a status."""
    return cohort_of(
        {"months": [1.0, 2.0, None, 4.0, 5.0], "status": ["dead", "alive", "dead", None, "alive"],
         "relapsed": pd.Categorical(["yes", "no", None, "yes", "no"], ["no", "yes"]), "event": [1, 0, 1, None, 0],
         "time": [1, 2, 3, 4, 5], "begin": ["2020-01-01"] * 5,
         "relapse": ["2020-01-31", None, None, "2019-12-01", None],
         "last": ["2020-03-01", "2020-03-01", "2020-05-01", "2020-03-01", "2019-06-01"]},
        variables=[STATUS, *DATES, Variable("relapsed", "Relapsed", "flag"),
                   Variable("months", "Months", "number", unit="months")],
    )  # fmt: skip


def read(cohort: Cohort, *edits) -> tuple[list[float], list[bool], list[str]]:
    """The last endpoint's times in its unit, its events, and what was told."""
    edited = apply_edits(cohort, edits)
    assert all(s.applied for s in edited.steps), edited.findings
    endpoint = edited.cohort.endpoint(edits[-1].name)
    times = [None if np.isnan(t) else round(float(t), 6) for t in endpoint.time]
    return times, endpoint.event.tolist(), [f.message for f in edited.findings]


def test_an_endpoint_from_a_time_and_a_flag_is_read():
    times, events, _ = read(followed(), NewEndpoint("E", "Relapse", time="months", event="relapsed"))
    assert times == [1, 2, None, 4, 5] and events == [True, False, False, True, False]


def test_the_same_columns_give_the_same_endpoint(sample):
    edited = apply_edits(sample, [NewEndpoint("E", time="os_months", event="died")])
    own, known = edited.cohort.endpoint("E"), sample.endpoint("OS")
    assert np.array_equal(own.time, known.time, equal_nan=True) and np.array_equal(own.event, known.event)
    assert (own.origin, own.starts_at, own.unit) == (known.origin, known.starts_at, known.unit)
    assert "E" in edited.cohort.endpoint_names() and "E" not in sample.endpoint_names()
    assert edited.steps[0].told.endswith(f" ({known.n} patients, {known.n_events} with the event)")


def test_a_time_is_shown_in_another_unit():
    times, _, _ = read(followed(), NewEndpoint("E", time="months", event="relapsed", unit="days"))
    assert times[0] == 30.4375


def test_levels_of_a_category_are_the_event():
    edit = NewEndpoint("E", time="months", event="status", event_levels=["dead"])
    times, events, _ = read(followed(), edit)
    assert times == [1, 2, None, None, 5] and events == [True, False, False, False, False]
    step = apply_edits(followed(), [edit]).steps[0]
    assert step.told == (
        "endpoint E: Months; event: Status is dead (3 patients, 1 with the event, 1 with time not recorded, 1 with "
        "event not recorded; 'dead' is the event; 'alive' is without it)"
    )
    assert held(apply_edits(followed(), [edit]).cohort, "E event") == ["yes", "no", "yes", None, "no"]


def test_the_no_of_a_flag_can_be_the_event():
    _, events, _ = read(followed(), NewEndpoint("E", time="time", event="relapsed", event_levels=["no"]))
    assert events == [False, True, False, False, True]


def test_a_level_that_nobody_said_is_without_the_event_is_not():
    cohort = cohort_of({"time": [1, 2, 3], "event": [1, 1, 1], "status": ["dead", "alive", "lost"]}, variables=[STATUS])
    message = skipped(cohort, NewEndpoint("E", time="time", event="status", event_levels=["dead"]))
    assert "'alive' and 'lost' of 'status' aren't the event" in message and "derive a yes/no variable" in message
    first = Recode("status", {"not dead": ["alive", "lost"]})
    _, events, _ = read(cohort, first, NewEndpoint("E", time="time", event="status", event_levels=["dead"]))
    assert events == [True, False, False]


def test_an_endpoint_from_dates_has_no_time_before_its_start():
    edit = NewEndpoint("E", start="begin", event_date="relapse", censor_date="last", unit="days")
    times, events, told = read(followed(), edit)
    assert times == [30, 60, 121, None, None] and events == [True, False, False, False, False]
    assert any("rows 5, 6: the time would end before it starts" in t for t in told)
    assert not any("dated after" in t for t in told)
    by_flag = NewEndpoint("E", start="begin", censor_date="last", event="relapsed", unit="days")
    assert read(followed(), by_flag)[:2] == ([60, 60, None, 60, None], [True, False, False, True, False])


def test_an_event_after_the_last_observation_is_told_with_its_rows():
    dates = {"begin": ["2020-01-01"] * 4, "relapse": ["2020-03-02", "2020-02-01", None, "2020-05-01"],
             "last": ["2020-02-01", "2020-02-01", "2020-02-01", None]}  # fmt: skip
    cohort = cohort_of(dates, variables=DATES)
    edit = NewEndpoint("E", start="begin", event_date="relapse", censor_date="last", unit="days")
    times, events, told = read(cohort, edit)
    assert times == [61, 31, 31, 121] and events == [True, True, False, True], "told, and never dropped in silence"
    (message,) = told
    assert "row 2: the event is dated after 'last'" in message and "row 3" not in message


@pytest.mark.parametrize("n", [1, 3])
def test_times_taken_from_dates_are_counted_as_they_are_analysed(n):
    """Neither who has no event recorded nor whose time would end before it starts is among them."""
    relapsed = ["yes"] * n + [None, "yes"]
    cohort = cohort_of(
        {"begin": ["2020-01-01"] * (n + 2), "last": ["2020-02-01"] * (n + 1) + ["2019-01-01"],
         "relapsed": pd.Categorical(relapsed, ["no", "yes"])},
        variables=[*DATES[::2], Variable("relapsed", "Relapsed", "flag")],
    )  # fmt: skip
    edit = NewEndpoint("E", start="begin", censor_date="last", event="relapsed", unit="days")
    endpoint = apply_edits(cohort, [edit]).cohort.endpoint("E")
    assert endpoint.n == n
    said = {1: "1 time of E was taken from dates", 3: "3 times of E were taken from dates"}[n]
    assert any(said in note for note in endpoint.notes)
    assert "1 time of E would end before it starts, and isn't known" in endpoint.notes


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (NewEndpoint("E", time="months"), "nothing says who has the event"),
        (NewEndpoint("E", event="event"), "either a time, or dates"),
        (NewEndpoint("E", time="months", event="event", start="begin"), "either a time, or dates"),
        (NewEndpoint("E", start="begin", event_date="relapse"), "needs 'start' and 'censor_date'"),
        (NewEndpoint("E", start="begin", censor_date="last"), "nothing says who has the event"),
        (NewEndpoint("E", time="month", event="event"), "did you mean 'months'?"),
        (NewEndpoint("E", time="status", event="event"), "'status' is a category, not a number"),
        (NewEndpoint("E", start="months", event_date="relapse", censor_date="last"), "is a number, not a date"),
        (NewEndpoint("E", time="months", event="months"), "an event is a yes/no column or a category"),
        (NewEndpoint("E", time="months", event="status"), "its levels are 'alive' and 'dead'"),
        (NewEndpoint("E", time="months", event="status", event_levels=["dad"]), "did you mean 'dead'?"),
        (NewEndpoint("T", time="months", event="event"), "there is an endpoint 'T' already"),
        (NewEndpoint("", time="months", event="event"), "can't be the name of an endpoint"),
        (NewEndpoint("E", time="months", event="event", unit="moons"), "is not one of days"),
        (FirstOf("E", ["T"]), "two or more"),
        (FirstOf("E", ["T", "T"]), "two or more"),
        (FirstOf("E", ["T", "X"]), "there is no endpoint 'X'; there are T"),
    ],
)
def test_an_endpoint_that_does_not_fit_is_skipped(edit, words):
    assert words in skipped(followed(), edit)


def test_the_first_of_several_is_the_earliest_event(sample):
    edited = apply_edits(sample, [FirstOf("DFS", ["TTR", "OS"], "Disease-free survival")])
    endpoint, parts = edited.cohort.endpoint("DFS"), [sample.endpoint(n) for n in ("TTR", "OS")]
    for i in range(len(sample)):
        happened = [float(p.time[i]) for p in parts if p.event[i]]
        if endpoint.codes[i] >= 0:
            assert endpoint.event[i] == bool(happened)
            assert endpoint.time[i] == pytest.approx(min(happened or [float(p.time[i]) for p in parts]))
    assert endpoint.n and "DFS" in edited.cohort.endpoint_names() and not edited.findings


def test_the_first_of_parts_that_start_elsewhere_is_refused(sample):
    assert "must have the same start" in skipped(sample, FirstOf("E", ["TTR", "PRS"]))
    made = apply_edits(
        sample, [NewEndpoint("D", time="os_months", event="died", unit="days"), FirstOf("E", ["TTR", "D"])]
    )
    assert "must have the same unit; there are 'months' and 'days'" in made.findings[0].message


def test_an_endpoint_makes_outcomes_of_what_was_made_of_its_columns():
    edits = [Cut("months", [3], "late"), Cut("months", [4], "later")]
    before = apply_edits(followed(), edits).cohort
    assert before.starts_at("late") == "baseline"
    after = apply_edits(before, [NewEndpoint("E", time="months", event="event")]).cohort
    assert after.starts_at("late") == after.starts_at("later") == "followup"


# ---------------------------------------------------------------- all of them, at random
LEVELS = ("a", "b", "c", "d")
PLACES = ("lung", "bone", "brain")


@st.composite
def cohorts(draw) -> Cohort:
    """A few patients with categories, numbers, flags and sites, any of which may be missing."""
    n = draw(st.integers(2, 10))

    def some(values):
        return draw(st.lists(st.sampled_from([*values, None]), min_size=n, max_size=n))

    sites = {o: draw(st.lists(st.sampled_from([1, 0, -1]), min_size=n, max_size=n)) for o in PLACES}
    return cohort_of(
        {"kind": some(LEVELS), "grade": some(GRADE.levels), "size": some([1.0, 2.5, 4.0]),
         "time": some([1.0, 2.0, 3.0]), "event": some([0, 1])},
        variables=[KIND, GRADE], sites=sites,
    )  # fmt: skip


@st.composite
def lists_of_edits(draw):
    """Edits that fit, and some that don't, each on what those before it may have made."""
    name = st.sampled_from(["n one", "n two", "n three", "kind", "size"])
    column = st.sampled_from(["kind", "grade", "n one", "n two", "size", "none"])
    level = st.sampled_from([*LEVELS, "low", "top", "x", "≤ 2", "> 2", "yes"])
    groups = st.dictionaries(
        st.sampled_from(["x", "y", "a"]), st.lists(level, min_size=1, max_size=2, unique=True), min_size=1
    )
    number = st.sampled_from(["size", "time", "n_sites", "n two"])
    formula = st.sampled_from(
        ["size * 2", "if(size > 2, 'big', 'small')", "site:lung or kind = 'a'", "1 / (size - 1)", "size +", "time > 1"]
    )
    place = st.sampled_from([*PLACES, "n one", "liver"])
    where = st.lists(st.sampled_from(["size>3", "kind=a", "n one=yes", "site:lung=with"]), max_size=2)
    times, events = st.sampled_from(["time", "size", "n two"]), st.sampled_from(["event", "n one", "kind"])
    meant, ends = st.sampled_from([(), ("a",), ("yes",)]), st.sampled_from(["T", "E", "F"])
    edit = st.one_of(
        st.builds(Recode, column, groups),
        st.builds(Order, column, st.lists(level, min_size=1, max_size=3)),
        st.builds(Cut, number, st.lists(st.sampled_from([1.0, 2.0, 3.0]), min_size=1, max_size=2), name),
        st.builds(CombineSites, st.lists(place, min_size=2, max_size=3), name),
        st.builds(LeaveOut, where=where, why=st.sampled_from(["", "why"])),
        st.builds(Derive, name, formula),
        st.builds(NewEndpoint, st.sampled_from(["E", "F"]), time=times, event=events, event_levels=meant),
        st.builds(FirstOf, st.sampled_from(["F", "G"]), st.lists(ends, min_size=2, max_size=2)),
    )  # fmt: skip
    return draw(st.lists(edit, max_size=8))


def everything(cohort: Cohort) -> dict:
    """All that is asked of a cohort: levels, numbers, sites and endpoints of every patient."""
    endpoints = {n: cohort.endpoint(n) for n in cohort.endpoint_names()}
    factors = [cohort.factor(n) for n in cohort.factor_names() if n != "n_sites"]
    return {
        **{f.name: (held(cohort, f.name), f.levels, f.ordered, cohort.starts_at(f.name)) for f in factors},
        **{n: cohort.number(n).tolist().__repr__() for n in cohort.number_names()},
        **{n: (repr(e.time.tolist()), e.event.tolist(), e.origin) for n, e in endpoints.items()},
        "sites": (cohort.site_names, cohort.site_matrix.tolist()), "rows": cohort.index.tolist(),
    }  # fmt: skip


@settings(max_examples=40)
@given(cohorts(), lists_of_edits())
def test_edits_from_a_file_give_the_same_cohort_as_by_hand(cohort, edits):
    before = everything(cohort)
    by_hand = apply_edits(cohort, edits)
    from_file, findings = edits_from_toml(edits_to_toml(edits))
    again = apply_edits(cohort, from_file)
    assert not findings and again.steps == by_hand.steps and from_file == tuple(edits)
    same(again.cohort, by_hand.cohort)
    assert everything(again.cohort) == everything(by_hand.cohort)
    assert everything(cohort) == before and apply_edits(cohort, []).cohort is cohort
    one_by_one = cohort
    for edit in edits:
        one_by_one = apply_edits(one_by_one, [edit]).cohort
    same(one_by_one, by_hand.cohort)
    assert (by_hand.cohort is cohort) == (not any(s.applied for s in by_hand.steps))


@settings(max_examples=40)
@given(cohorts(), lists_of_edits())
def test_skipped_edits_change_nothing(cohort, edits):
    edited = apply_edits(cohort, edits)
    made_ = [s.edit for s in edited.steps if s.applied]
    alone = apply_edits(cohort, made_)
    assert all(s.applied for s in alone.steps)
    same(alone.cohort, edited.cohort)


@settings(max_examples=40)
@given(cohorts(), st.permutations([
    Recode("kind", {"x": ["a", "b"]}), Order("grade", ["top"]), Cut("size", [2], "n one"), Derive("n two", "time * 2"),
    CombineSites(["lung", "bone"], "place"), NewEndpoint("E", time="time", event="event"),
]))  # fmt: skip
def test_the_order_of_edits_on_different_things_changes_no_value(cohort, edits):
    given_ = apply_edits(cohort, edits)
    usual = apply_edits(cohort, sorted(edits, key=lambda e: e.kind))
    if all(s.applied for s in (*given_.steps, *usual.steps)):
        one, other = everything(given_.cohort), everything(usual.cohort)
        assert {**one, "sites": None} == {**other, "sites": None}
        assert one["sites"] == other["sites"]
