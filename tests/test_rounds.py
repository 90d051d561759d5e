"""Cox models over centres by rounds: the pooled, stratified fit of the rows, with sums alone going back and forth."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cohorts import SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

import necc
from necc.analysis.regression import cox
from necc.analysis.rounds import Part, propose, read_proposal, read_reply, reply, step
from necc.core.canonical import sealed
from necc.core.errors import AnalysisError
from necc.ingest import read_cohort

SAMPLE = read_cohort(SAMPLES / "reconstructed_cohort.csv")
NAMES = ("A", "B", "C")
CLOSE = {"rel": 1e-9, "abs": 1e-9}


def thirds():
    """The sample's rows as three centres', and all of them with the centre as a column."""
    table = pd.read_csv(SAMPLES / "reconstructed_cohort.csv")
    table["centre"] = np.array(NAMES)[np.arange(len(table)) % 3]
    whole = read_cohort(table)
    return whole, {name: whole.where(f"centre={name}") for name in NAMES}


WHOLE, CENTRES = thirds()


def by_rounds(centres, endpoint, covariates, smallest_cell=1, like=None, **options):
    """The last step, and every proposal that was sent; each goes through its file."""
    asked = [propose(like or WHOLE, endpoint, covariates, centres=[*centres], **options)]
    while True:
        sent = read_proposal(asked[-1].to_bytes())
        answers = [
            read_reply(reply(rows, sent, as_centre=name, smallest_cell=smallest_cell).to_bytes())
            for name, rows in centres.items()
        ]
        made = step(sent, answers)
        if made.proposal is None:
            return made, asked
        asked.append(made.proposal)


def check_equal(model, pooled):
    assert (model.n, model.n_events) == (pooled.n, pooled.n_events)
    assert model.loglik == pytest.approx(pooled.loglik, **CLOSE)
    assert model.loglik_null == pytest.approx(pooled.loglik_null, **CLOSE)
    for name, test in pooled.tests.items():
        assert model.tests[name].df == test.df
        assert model.tests[name].statistic == pytest.approx(test.statistic, rel=1e-8, abs=1e-9), name
    compared = 0
    for term in pooled.terms:
        mine = model.term(term.term)
        assert mine.estimable == term.estimable, (term.term, mine.note, term.note)
        if term.estimable:
            compared += 1
            for field in ("coefficient", "se", "hazard_ratio", "ci_lower", "ci_upper", "p"):
                assert getattr(mine, field) == pytest.approx(getattr(term, field), **CLOSE), (term.term, field)
            assert (mine.label, mine.unit, mine.level, mine.reference) == (
                term.label, term.unit, term.level, term.reference,
            )  # fmt: skip
    return compared


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize(
    ("covariates", "options"),
    [
        (["age_years"], {}),
        (["age_years"], {"per": {"age_years": 10}}),
        (["age_years", "site:lung"], {"reference": {"site:lung": "with"}}),
        (["age_years", "n_sites", "histology"], {}),
    ],
)
def test_the_sample_in_three_gives_the_pooled_fit(covariates, options, ties):
    made, asked = by_rounds(CENTRES, "PRS", covariates, ties=ties, **options)
    assert made.findings == () and len(asked) <= 8
    assert check_equal(made.model, cox(WHOLE, "PRS", covariates, strata="centre", ties=ties, **options)) >= 1
    assert made.model.notice == SAMPLE.source.notice != ""


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(120, 200), ties=st.sampled_from(["efron", "breslow"]))
def test_random_cohorts_give_the_pooled_fit(seed, n, ties):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({
        "time": rng.integers(1, 30, n) / 2, "event": rng.integers(0, 2, n), "age": rng.normal(60, 9, n).round(2),
        "size": rng.lognormal(1, 0.4, n).round(1), "arm": rng.choice(["a", "b", "c"], n),
        "centre": rng.choice([*NAMES], n, p=[0.4, 0.3, 0.3]),
    })  # fmt: skip
    whole = read_cohort(table, own=necc.OwnColumns(time="time", event="event"))
    centres = {name: whole.where(f"centre={name}") for name in NAMES}
    endpoint = whole.endpoint_names()[0]
    made, _ = by_rounds(centres, endpoint, ["age", "size", "arm"], like=whole, ties=ties)
    pooled = cox(whole, endpoint, ["age", "size", "arm"], strata="centre", ties=ties, separation="report")
    if pooled.fit.status == "converged":
        assert made.findings == () and check_equal(made.model, pooled) >= 2


def test_a_level_that_a_centre_lacks_is_a_column_of_zeros_there():
    """Also where it is the reference, so that a centre's own model would have another one."""
    rng = np.random.default_rng(5)
    n = 150
    place, arm = np.arange(n) % 3, rng.choice(["a", "b", "c"], n)
    arm[(place == 0) & (arm == "a")] = "b"
    arm[(place == 1) & (arm == "c")] = "b"
    table = pd.DataFrame({"time": rng.integers(1, 40, n), "event": rng.integers(0, 2, n), "arm": arm,
                          "age": rng.normal(60, 9, n).round(1), "centre": np.array(NAMES)[place]})  # fmt: skip
    whole = read_cohort(table, own=necc.OwnColumns(time="time", event="event"))
    endpoint, centres = whole.endpoint_names()[0], {name: whole.where(f"centre={name}") for name in NAMES}
    made, _ = by_rounds(centres, endpoint, ["age", "arm"], like=whole)
    assert check_equal(made.model, cox(whole, endpoint, ["age", "arm"], strata="centre")) == 3


def test_what_others_determine_is_left_out_as_in_the_pooled_fit():
    """A covariate twice in other units, and one that only tells the centres apart."""
    rng = np.random.default_rng(3)
    n = 120
    age, place = rng.normal(60, 9, n).round(1), np.arange(n) % 3
    table = pd.DataFrame({"time": rng.integers(1, 40, n), "event": rng.integers(0, 2, n), "age": age,
                          "height": place * 1.5, "months": 12 * age, "size": rng.lognormal(1, 0.4, n).round(1),
                          "centre": np.array(NAMES)[place]})  # fmt: skip
    whole = read_cohort(table, own=necc.OwnColumns(time="time", event="event"))
    names, endpoint = ["age", "height", "months", "size"], whole.endpoint_names()[0]
    made, _ = by_rounds({name: whole.where(f"centre={name}") for name in NAMES}, endpoint, names, like=whole)
    assert check_equal(made.model, cox(whole, endpoint, names, strata="centre")) == 2
    assert [t.term for t in made.model.terms if "left out" in t.note] == ["height", "months"]


def test_a_number_of_sites_and_its_cut_are_separated_as_in_the_pooled_fit():
    names = ["n_sites", "n_sites>1"]
    made, asked = by_rounds(CENTRES, "PRS", names)
    assert cox(WHOLE, "PRS", names, strata="centre").fit.status == "monotone"
    assert codes(made) == ["no-maximum"] and len(asked) < 15


def first_round(**options):
    asked = propose(WHOLE, "PRS", ["age_years"], centres=NAMES, **options)
    return asked, {name: reply(rows, asked, as_centre=name) for name, rows in CENTRES.items()}


def codes(made):
    assert made.findings and made.proposal is None and made.model is None
    return [f.code for f in made.findings]


class TestReplies:
    def test_nothing_is_summed_of_what_does_not_belong_together(self):
        asked, told = first_round()
        assert codes(step(asked, [told["A"], told["B"]])) == ["missing-reply"]
        assert codes(step(asked, [*told.values(), told["A"]])) == ["reply-twice"]
        assert codes(step(asked, [told["A"], told["B"], replace(told["C"], centre="D")])) == [
            "missing-reply", "strange-reply",
        ]  # fmt: skip
        other, _ = first_round(ties="breslow")
        assert codes(step(other, [*told.values()])) == ["other-proposal"] * 3

    def test_a_stale_reply_is_told(self):
        asked, told = first_round()
        second = step(asked, [*told.values()]).proposal
        answers = [reply(rows, second, as_centre=name) for name, rows in CENTRES.items()]
        made = step(second, [*answers[:2], told["C"]])
        assert codes(made) == ["other-proposal"] and "to round 0, and this is round 1" in made.findings[0].message

    def test_other_patients_in_a_later_round_are_told(self):
        asked, told = first_round()
        second = step(asked, [*told.values()]).proposal
        fewer = {**CENTRES, "C": CENTRES["C"].where("age_years>40")}
        assert len(fewer["C"]) < len(CENTRES["C"])
        assert codes(step(second, [reply(r, second, as_centre=n) for n, r in fewer.items()])) == ["other-patients"]

    def test_what_is_no_variance_is_told(self):
        asked, told = first_round()
        wrong = replace(told["A"], information=((-1.0,),))
        assert codes(step(asked, [wrong, told["B"], told["C"]])) == ["impossible-reply"]

    def test_the_order_of_replies_does_not_matter_to_the_last_digit(self):
        asked, told = first_round()
        one, other = (step(asked, [told[n] for n in order]).proposal for order in ("ABC", "CAB"))
        assert one.to_bytes() == other.to_bytes()

    def test_a_reply_holds_nothing_of_a_patient(self):
        _, told = first_round()
        content = json.loads(told["A"].to_bytes())
        assert set(content) == {
            "format", "kind", "proposal", "number", "centre", "n", "n_events", "excluded", "loglik", "score",
            "information", "sizes", "smallest_cell", "rule", "software", "notice", "sha256",
        }  # fmt: skip
        text = told["A"].to_bytes().decode()
        assert not [i for i in CENTRES["A"].ids if f'"{i}"' in text]


class TestFiles:
    def test_files_are_the_same_bytes_and_read_back(self):
        asked, told = first_round(per={"age_years": 10})
        assert read_proposal(asked.to_bytes()) == asked and read_reply(told["A"].to_bytes()) == told["A"]
        assert read_proposal(asked.to_bytes()).to_bytes() == asked.to_bytes()

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda data: data.replace(b'"number":0', b'"number":1'), "was altered"),
            (lambda data: data[:-20], "damaged"),
            (lambda data: b"\xff\xfe\x00", "damaged"),
            (lambda data: b"[1]", "no JSON object"),
            (lambda data: b'{"format":"necc.round/1"}', "no checksum"),
            (lambda data: changed(data, format="necc.round/2"), "version 2"),
            (lambda data: changed(data, format="necc.centre/1"), "no reply of a round"),
            (lambda data: changed(data, kind="proposal"), "is a proposal"),
            (lambda data: changed(data, n=-3), "lacks what a reply holds"),
            (lambda data: changed(data, n=2.5), "lacks what a reply holds"),
            (lambda data: changed(data, score=[1, 2]), "lacks what a reply holds"),
            (lambda data: changed(data, loglik="low"), "lacks what a reply holds"),
            (lambda data: data.replace(b'"loglik":', b'"loglik":NaN,"x":'), "damaged"),
        ],
    )
    def test_what_is_wrong_with_a_file_is_said(self, change, says):
        _, told = first_round()
        with pytest.raises(AnalysisError, match=says):
            read_reply(change(told["A"].to_bytes()), "a.json")


def changed(data, **values):
    """A file with other content and a checksum that fits it."""
    return sealed({**json.loads(data), **values})


class TestRule:
    def test_a_centre_of_few_events_does_not_answer(self):
        asked = propose(WHOLE, "PRS", ["age_years", "n_sites", "site:lung"], centres=NAMES)
        with pytest.raises(AnalysisError, match=r"events for 3 terms, and at least 5 a term"):
            reply(CENTRES["A"], asked, as_centre="A")

    def test_a_small_level_is_not_told(self):
        asked = propose(WHOLE, "PRS", ["histology"], centres=NAMES)
        rows = CENTRES["A"]
        smallest = min(n for n in rows.factor("histology").counts() if n)
        assert smallest < 13
        with pytest.raises(AnalysisError, match=f"and at least {smallest + 1} are needed"):
            reply(rows, asked, as_centre="A", smallest_cell=smallest + 1)

    def test_more_terms_than_a_third_of_the_patients_are_refused(self):
        table = pd.DataFrame({"time": [1, 2, 3, 4, 5], "event": 1, "a": [1, 5, 2, 4, 3], "b": [2, 1, 5, 4, 3]})
        rows = read_cohort(table, own=necc.OwnColumns(time="time", event="event"))
        asked = propose(rows, rows.endpoint_names()[0], ["a", "b"], centres=["A", "B"])
        with pytest.raises(AnalysisError, match="at most one for three patients"):
            reply(rows, asked, as_centre="A", smallest_cell=1)

    def test_coefficients_that_single_a_patient_out_are_not_answered(self):
        asked = propose(WHOLE, "PRS", ["age_years"], centres=NAMES)
        probe = replace(asked, coefficients=(5.0,))
        with pytest.raises(AnalysisError, match="nearly all the weight"):
            reply(CENTRES["A"], probe, as_centre="A")

    def test_rounds_without_end_are_not_answered(self):
        asked = replace(propose(WHOLE, "PRS", ["age_years"], centres=NAMES), number=31)
        with pytest.raises(AnalysisError, match="round 31 isn't answered"):
            reply(CENTRES["A"], asked, as_centre="A")

    def test_the_rows_must_be_those_of_the_file(self):
        parts = [Part(name, "0" * 64, len(rows) + (name == "B")) for name, rows in CENTRES.items()]
        asked = propose(WHOLE, "PRS", ["age_years"], centres=parts)
        assert reply(CENTRES["A"], asked, as_centre="A").n
        with pytest.raises(AnalysisError, match="was made of 30 patients"):
            reply(CENTRES["B"], asked, as_centre="B")


class TestAgreement:
    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"endpoint": {"unit": "days"}}, "its unit is 'months', and 'days'"),
            ({"endpoint": {"defined_as": "otherwise"}}, "its defined as is"),
            ({"covariates": {"unit": "10 years"}}, "agree on one unit"),
        ],
    )
    def test_another_meaning_is_refused(self, change, says):
        asked = propose(WHOLE, "PRS", ["age_years"], centres=NAMES)
        other = replace(
            asked, endpoint={**asked.endpoint, **change.get("endpoint", {})},
            covariates=tuple(replace(c, **change.get("covariates", {})) for c in asked.covariates),
        )  # fmt: skip
        with pytest.raises(AnalysisError, match=says):
            reply(CENTRES["A"], other, as_centre="A")

    def test_a_level_that_the_proposal_does_not_know_is_refused(self):
        asked = propose(WHOLE, "PRS", ["figo_stage"], centres=NAMES)
        (coded,) = asked.covariates
        fewer = replace(asked, covariates=(replace(coded, levels=coded.levels[:2]),), coefficients=(0.0,))
        with pytest.raises(AnalysisError, match="which the proposal doesn't know"):
            reply(CENTRES["A"], fewer, as_centre="A", smallest_cell=1)

    def test_other_site_schemes_are_refused(self):
        asked = propose(WHOLE, "PRS", ["site:lung"], centres=NAMES)
        with pytest.raises(AnalysisError, match="--scheme paper"):
            reply(CENTRES["A"].with_scheme("spread"), asked, as_centre="A")

    def test_an_unknown_centre_is_refused(self):
        asked = propose(WHOLE, "PRS", ["age_years"], centres=["Beijing", "Oslo"])
        with pytest.raises(AnalysisError, match="did you mean 'Oslo'"):
            reply(CENTRES["A"], asked, as_centre="Olso")

    @pytest.mark.parametrize(("centres", "says"), [(["A"], "at least two"), (["A", "A"], "named twice")])
    def test_centres_are_two_or_more_different_ones(self, centres, says):
        with pytest.raises(AnalysisError, match=says):
            propose(WHOLE, "PRS", ["age_years"], centres=centres)


class TestNoMaximum:
    def test_separation_ends_in_a_sentence(self):
        """The event is always that of the oldest at risk, so the likelihood rises without end."""
        n = 90
        table = pd.DataFrame({"time": np.arange(1, n + 1), "event": 1, "age": np.linspace(80, 40, n),
                              "centre": np.array(NAMES)[np.arange(n) % 3]})  # fmt: skip
        whole = read_cohort(table, own=necc.OwnColumns(time="time", event="event"))
        centres = {name: whole.where(f"centre={name}") for name in NAMES}
        made, _ = by_rounds(centres, whole.endpoint_names()[0], ["age"], like=whole, smallest_cell=0)
        assert codes(made) == ["no-maximum"] and "pool the centres' files" in made.findings[0].message

    def test_a_step_that_lowers_the_likelihood_is_halved(self):
        asked, told = first_round()
        second = step(asked, [*told.values()]).proposal
        far = replace(second, coefficients=tuple(40 * b for b in second.coefficients))
        answers = [reply(rows, far, as_centre=name, smallest_cell=1) for name, rows in CENTRES.items()]
        made = step(far, answers)
        assert made.proposal.best == second.best
        assert made.proposal.coefficients[0] == pytest.approx(far.coefficients[0] / 2)

    def test_without_events_there_is_nothing_to_fit(self):
        none = {name: rows.where("died=no") for name, rows in CENTRES.items()}
        asked = propose(WHOLE, "PRS", ["age_years"], centres=NAMES)
        answers = [reply(rows, asked, as_centre=name, smallest_cell=0) for name, rows in none.items()]
        assert codes(step(asked, answers)) == ["no-events"]
