"""Facts with their sources, the cohort beside each, disagreements, broken files, and the page."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from page_helpers import charts, open_page, words

from necc.analysis.regression import cox
from necc.core.selection import Selection, picked
from necc.ingest import read_cohort
from necc.paper.literature import ADVICE, disagreements, load_library, parse_library, stand_beside

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
DATA = pd.read_csv(SAMPLE)
ALWAYS = ("qa", "paper")  # what the series are set against


@pytest.fixture(scope="module")
def library():
    found, findings = load_library()
    assert not findings
    return found


@pytest.fixture(scope="module")
def beside(library):
    return stand_beside(read_cohort(SAMPLE), library)


def standing(result, source, measure):
    return next(s for s in result.standings if s.fact.source == source and s.fact.measure.startswith(measure))


# ---------------------------------------------------------------- the facts
def test_every_fact_names_a_source_that_was_read(library):
    for source in library.sources.values():
        assert source.citation and source.title and source.kind and source.read
        assert not source.doi or re.fullmatch(r"10\.\d{4,9}/\S+", source.doi), source.key
        assert source.doi or source.key == "qa" or "nor a DOI" in source.caution, source.key
        assert re.search(r"\S (19|20)\d\d$", source.short), source.key  # author or journal, and the year
    for key in ("li2022", "joh2023", "frumovitz2016", "frumovitz2022"):
        assert "not on the publisher's page" in library.sources[key].caution
    assert {f.source for f in library.facts} == set(library.sources)
    assert all(f.statement.endswith(".") and f.population for f in library.facts)


def test_every_figure_says_on_how_many_it_rests_and_how_it_was_read(library, beside):
    for s in beside.standings:
        fact = s.fact
        assert s.read in ("full text read", "abstract read") or (fact.cites and s.read.startswith("quoted by "))
        if fact.limits:
            assert fact.limits[0] <= fact.low == fact.high <= fact.limits[1] and fact.figure_text.endswith(")")
            assert fact.counted and fact.interval == fact.limits
            assert all(f"{limit:g}" in fact.statement for limit in fact.limits), fact.statement
        if fact.is_ratio:
            assert fact.limits and "hazard ratio" in fact.measure
    added = {"kawamura2021", "chen2021", "zhu2022", "panliver2021", "liliver2020", "serrano2024", "pci2001"}
    assert added <= set(library.sources) and all(library.sources[key].doi for key in added)


def test_a_ratio_has_the_cohort_s_own_beside_it(beside):
    ratio = standing(beside, "paper", "abdominal organs, hazard ratio")
    model = cox(read_cohort(SAMPLE), "PRS", ["site:abdominal"]).terms[0]
    assert ratio.own.estimate.value == model.hazard_ratio == pytest.approx(2.378, abs=5e-4)
    assert (ratio.own.estimate.lower, ratio.own.estimate.upper) == (model.ci_lower, model.ci_upper)
    assert ratio.verdict == "inside" and ratio.reason.startswith("its 95 % interval (1.23–4.59)")
    few = Selection((picked([1, 2, 3]),)).apply(read_cohort(SAMPLE))
    lost = standing(stand_beside(few, load_library()[0]), "paper", "brain, hazard ratio")
    assert lost.verdict == "cannot be compared" and (lost.own is None or lost.own.estimate is None)


def test_paper_and_page_stand_beside_more_than_three_published_series(library):
    series = {f.source for f in library.facts if f.source not in ALWAYS and library.sources[f.source].doi}
    assert len(series) >= 3 and set(ALWAYS) <= set(library.sources)
    kinds = " ".join(library.sources[key].kind for key in series)
    assert "systematic review" in kinds and "registry" in kinds
    assert "pending human review" in library.sources["qa"].caution


def test_what_a_page_only_cites_is_said_to_be_cited_there(library):
    """Its figures are those of sources it numbers; no series stands in their place that was not read with its DOI."""
    cited = {f.measure: f.cites for f in library.facts if f.source == "qa" and f.cites}
    for measure in ("median time to first relapse, months", "brain without lung", "hematogenous spread"):
        assert cited[measure] == "its reference 3, not named on the page"
    assert cited["median overall survival, months"].startswith("its reference 1")
    statements = " ".join(f.statement for f in library.facts)
    assert "comes from" not in statements and "where the" not in statements


def test_a_share_without_a_published_figure_says_what_it_is_of(library, beside):
    for s in beside.standings:
        if s.fact.compare and s.fact.compare.kind == "share" and not s.fact.figure_text:
            assert s.own.figure_text.startswith(f"{s.fact.compare.named}: ")
    watched = standing(beside, "qa", "surveillance by site")
    seen = DATA[["site_lung", "site_abdominal", "site_bone"]].max(axis=1)
    assert watched.own.figure_text.startswith("recurrence in the lung, an abdominal organ or bone: ")
    assert (watched.own.n, watched.own.of) == (int(seen.sum()), 88)


def test_counted_figures_are_outside_only_where_intervals_exclude_each_other(beside):
    alone = standing(beside, "relapse2004", "brain as the only first site")
    assert alone.fact.interval == pytest.approx((0, 23.164), abs=0.001)  # R: binom.test(0, 14)
    assert alone.verdict == "inside" and "overlap" in alone.reason
    for s in beside.standings:
        if s.own and s.own.estimate and s.fact.n is not None and s.verdict in ("inside", "outside"):
            low, high = s.fact.interval
            apart = low > s.own.estimate.upper or high < s.own.estimate.lower
            assert (s.verdict == "outside") is apart


SAID = {
    "HPV": ["HPV 18", "16", "85 % (95 % CI 71-94)"],
    "Brain": ["Prophylactic cranial irradiation", "0.45 (95 % CI 0.38-0.55)"],
    "Treatment": ["Radical surgery", "etoposide", "radiation", "bevacizumab", "antiangiogenic",
                  "0.21 (95 % CI 0.09-0.54)"],
    "Timing": ["More than 50 %", "20-40 %"],
    "Immune checkpoint inhibitors": ["pembrolizumab alone", "nivolumab", "combination", "later series",
                                     "three cycles",
                                     "Four of 16", "durable", "chosen for testing"],
    "The paper's definitions and limits": ["Time to recurrence", "60 days", "one centre"],
    "Imaging and surveillance": ["are not advocated"],
}  # fmt: skip


@pytest.mark.parametrize("topic", SAID)
def test_what_both_documents_say_is_there(topic, library):
    said = " ".join(f.statement for f in library.facts if f.topic == topic).casefold()
    assert [words for words in SAID[topic] if words.casefold() not in said] == []


def test_a_comparison_names_both_sides(library):
    """A figure of one treated group stands with its comparator, and with the interval of the difference."""
    for fact in (f for f in library.facts if f.source.startswith(("frumovitz2016", "frumovitz2022"))):
        assert "other chemotherapy" in fact.statement and "95 % CI" in fact.statement, fact.statement


def test_the_topics_of_the_page(library):
    assert library.topics == (
        "Share of cervical cancers", "Histology and markers", "HPV", "Sites", "Site and survival", "Spread", "Brain",
        "Timing", "Survival", "Survival after recurrence", "Treatment", "Immune checkpoint inhibitors",
        "Imaging and surveillance", "The paper's definitions and limits",
    )  # fmt: skip
    said = " ".join(f.statement for f in library.facts if f.source == "qa")
    for word in ("liver", "Liver, lung, bone and lymph nodes", "blood", "8.4", "21 to 22", "less than 2 %", "PET/CT",
                 "only together with lung"):  # fmt: skip
        assert word in said


# ---------------------------------------------------------------- the cohort beside them
def test_shares_medians_and_counts_of_the_sample(beside):
    lung = standing(beside, "paper", "lung, %")
    assert (lung.own.n, lung.own.of) == (int(DATA["site_lung"].sum()), 88)
    assert lung.own.figure_text == "34 of 88: 38.6 % (28.4–49.6)" and lung.verdict == "inside"
    brain = standing(beside, "qa", "brain without lung")
    alone = int(((DATA["site_brain"] == 1) & (DATA["site_lung"] == 0)).sum())
    assert brain.own.figure_text == f"brain without lung: n = {alone} of 7" and alone >= 2
    assert brain.verdict == "contradicted" and f"{alone} patients" in brain.reason
    first = standing(beside, "qa", "most frequent")
    assert first.verdict == "not confirmed" and "Lung comes first" in first.reason  # 28-50 % and 19-39 % overlap
    assert "overlap" in first.reason
    assert standing(beside, "paper", "most frequent").verdict == "not contradicted"
    relapse = standing(beside, "qa", "median time to first relapse")
    every = DATA["ttr_months"].sort_values().to_numpy()
    assert relapse.own.estimate.value == pytest.approx((every[43] + every[44]) / 2)  # 88 events, none censored
    assert relapse.verdict == "outside" and relapse.own.n == 88
    spread = standing(beside, "qa", "hematogenous")
    organs = [f"organ_{o}" for o in ("liver", "adrenal", "pancreas", "spleen", "kidney")]  # a lymph node is lymphatic
    anywhere = DATA[[*(f"site_{s}" for s in ("lung", "bone", "brain")), *organs]].max(axis=1)
    assert spread.own.n == int(anywhere.sum()) == 65 and spread.verdict == ""
    later = standing(beside, "paper", "5-year survival after recurrence")
    assert later.own.figure_text.startswith("PRS at 60 months 20.8 %") and "of 88 at risk" in later.own.figure_text
    assert any("every patient of this cohort had a recurrence" in note for note in beside.notes)


def test_another_population_is_named(beside):
    other = standing(beside, "pumch2020", "recurrences within 3 years")
    assert other.verdict == "outside" and "another population" in other.reason
    assert "another population" not in standing(beside, "paper", "brain, %").reason


def test_a_share_of_recurrences_is_one_of_recurrences(beside):
    mixed = [s for s in beside.standings if s.fact.measure.endswith("% of recurrences") and s.fact.other_population]
    assert mixed == []
    for key in ("joh2023", "nmc2021"):
        apart = [s for s in beside.standings if s.source.key == key and s.fact.unit == "%"]
        assert apart and all(s.own is None and s.verdict == "" for s in apart), key  # of others than recurrences
        measures = {s.fact.measure for s in apart}
        assert not any(s.fact.measure in measures for s in beside.standings if s.source.key == "paper")
    assert not any(d.measure.endswith("% of recurrences") for d in beside.disagreements)


def test_figures_of_another_population_are_not_set_against_those_of_this_one():
    one, other = fact("a", value=8.4, unit="months"), fact("b", value=10.5, unit="months")
    for flags, kinds in (((), ["differ"]), ((1,), []), ((0, 1), ["differ"])):
        told = [f + "other_population = true\n" * (i in flags) for i, f in enumerate((one, other))]
        library, findings = parse_library(SMALL + "".join(told))
        assert not findings
        assert [d.kind for d in disagreements(library.facts, library.sources) if d.measure == "m"] == kinds


def test_who_died_early_may_be_among_those_left_out(beside):
    [chosen] = [s.fact.statement for s in beside.standings if "88 of 126" in s.fact.statement]
    assert "may be among these 19" in chosen and "Who died" not in chosen


def test_without_a_patient_the_facts_stand_alone(library):
    cohort = read_cohort(SAMPLE)
    nobody = stand_beside(cohort.subset([False] * len(cohort)), library)
    assert nobody.n == 0 and [s.fact for s in nobody.standings] == list(library.facts)
    assert all(s.own is None and s.verdict == "" for s in nobody.standings)
    assert nobody.disagreements == stand_beside(cohort, library).disagreements


def test_a_statement_that_nobody_contradicts_says_how_much_that_allows():
    library, findings = parse_library(SMALL)
    assert not findings
    cohort = read_cohort(b"patient_id,site_lung,site_brain\nP1,1,1\nP2,1,1\nP3,1,0\n", "x.csv")
    result = stand_beside(cohort, library)
    never = result.standings[0]
    assert never.verdict == "not contradicted" and never.own.figure_text == "brain without lung: n = 0 of 2"
    assert "84 %" in never.reason  # 1 - 0.025 ** (1 / 2)
    assert result.standings[1].verdict == "cannot be compared" and "(TTR) needs" in result.standings[1].reason


def test_a_cohort_with_nothing_to_compare(library):
    result = stand_beside(read_cohort(b"patient_id,age_years\nP1,40\n", "x.csv"), library)
    assert all(s.verdict in ("cannot be compared", "") for s in result.standings)
    assert all(s.reason for s in result.standings if s.verdict == "cannot be compared")


SMALL = """
[source.a]
short = "A 2000"
title = "A"
citation = "J 2000;1:1"
doi = "10.1000/a"
kind = "cohort"
read = "abstract"
[source.b]
short = "B 2001"
title = "B"
citation = "J 2001;1:1"
doi = "10.1000/b"
kind = "cohort"
read = "abstract"
[[fact]]
topic = "Brain"
measure = "brain without lung"
source = "a"
statement = "Never."
population = "p"
[fact.compare]
kind = "never"
where = ["site:brain=with", "site:lung=without"]
among = ["site:brain=with"]
named = "brain without lung"
[[fact]]
topic = "Timing"
measure = "median"
source = "a"
value = 8.4
unit = "months"
statement = "8.4 months."
population = "p"
compare = { kind = "median", endpoint = "TTR" }
"""


# ---------------------------------------------------------------- sources against each other
def fact(source, measure="m", **keys):
    told = "\n".join(f"{k} = {v!r}".replace("'", '"') for k, v in keys.items())
    return (
        f'[[fact]]\ntopic = "T"\nmeasure = "{measure}"\nsource = "{source}"\nstatement = "x."\n'
        f"{told}\n{'' if 'population' in keys else chr(112) + 'opulation = ' + chr(34) + 'p' + chr(34)}\n"
    )


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ({"n": 2303, "of": 163470}, {"n": 64, "of": 9474}, "contradict"),  # exact intervals apart, one population
        ({"n": 2303, "of": 163470}, {"n": 64, "of": 9474, "population": "q"}, "differ"),
        ({"value": 2, "unit": "%", "bound": "below"}, {"n": 80, "of": 100}, "contradict"),
        ({"value": 8.4, "unit": "months"}, {"value": 10.5, "unit": "months"}, "differ"),
        ({"value": 21, "unit": "months"}, {"value": 21.5, "unit": "months"}, ""),
        ({"low": 21, "high": 22, "unit": "months"}, {"value": 21.5, "unit": "months"}, ""),
    ],
)
def test_disagreement_is_computed(one, other, kind):
    library, findings = parse_library(SMALL + fact("a", **one) + fact("b", **other))
    assert not findings
    found = [d.kind for d in disagreements(library.facts, library.sources) if d.measure == "m"]
    assert found == ([kind] if kind else [])


def test_where_paper_and_page_disagree(beside):
    found = {d.measure: d for d in beside.disagreements}
    for measure in ("brain without lung", "most frequent of liver, lung and bone"):
        assert found[measure].kind == "contradict"
        assert "(Dr.Oracle 2025: " in found[measure].figure_text and "(BMC Cancer 2022: " in found[measure].figure_text
    assert "(Jiang 2021: " in found["most frequent of liver, lung and bone"].figure_text
    assert found["share of cervical cancers, %"].kind == "differ"
    assert found["median time to first relapse, months"].kind == "differ"


# ---------------------------------------------------------------- broken files
@pytest.mark.parametrize(
    ("broken", "code", "said"),
    [
        ('[[fact]]\ntopic = "T"\n', "literature-missing", "needs the key 'measure'"),
        (fact("nobody"), "literature-source", "no [source.nobody]"),
        (fact("a", n=9, of=8), "literature-impossible", "9 of 8"),
        (fact("a", low=9, high=8), "literature-impossible", "not a range"),
        (fact("a", value=9, limits=[10, 12]), "literature-impossible", "no interval of its figure"),
        (fact("a", vlaue=9), "literature-key", "'vlaue'"),
        (fact("a") + 'compare = { kind = "share" }\n', "literature-value", "needs the key 'where'"),
        (fact("a") + 'compare = { kind = "share", where = ["site:lung=with"] }\n', "literature-named", "needs 'named'"),
        (fact("a") + 'compare = { kind = "odd" }\n', "literature-value", "'odd' is not one of"),
        (fact("a") + 'compare = { kind = "share", where = ["nonsense"] }\n', "literature-value", "nonsense"),
        ('[source.c]\ntitle = "C"\n', "literature-missing", "source 'c'"),
    ],
)
def test_a_broken_fact_is_a_finding_and_the_rest_is_read(broken, code, said):
    library, findings = parse_library(SMALL + broken)
    finding = next(f for f in findings if f.code == code)
    assert said in finding.message
    assert len(library.facts) == (3 if code == "literature-key" else 2)  # a key too many takes nothing away


def test_a_file_that_is_none(tmp_path):
    assert parse_library("a = [")[1][0].code == "literature-not-toml"
    assert parse_library("")[1][0].code == "literature-no-facts"
    path = tmp_path / "l.toml"
    path.write_bytes(b"\xff\xfe")
    assert load_library(path)[1][0].code == "literature-not-text"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text):
    library, findings = parse_library(text)
    assert findings or library.facts


# ---------------------------------------------------------------- the page
def test_page(app_test):
    app = open_page(app_test(), "literature")
    assert not app.exception
    assert ADVICE in words(app) and len(charts(app)) == 2  # ratios, and shares of others
    app.selectbox(key="choice-literature-topic").set_value("all topics").run()
    said = words(app)
    assert "brain without lung: n = " in said and "contradicted by this cohort" in said
    assert "doi:10.1186/s12885-018-4447-x" in said and "Sources contradict each other" in said
    app.selectbox(key="choice-literature-topic").set_value("Brain").run()
    headings = [m.value for m in app.main.markdown if m.value.startswith("## ")]
    assert not app.exception and headings == ["## Brain", "## Published figures and this cohort", "## Sources"]
    assert len(charts(app)) == 2


def test_page_with_nobody_still_shows_what_is_published(app_test):
    app = open_page(app_test(histology="large cell", mixed_component="adenocarcinoma"), "literature")
    assert not app.exception
    said = words(app)
    assert "No patient meets all of these filters" in said and "the published figures stand alone" in said
    app.selectbox(key="choice-literature-topic").set_value("all topics").run()
    said += words(app)
    assert "The median time to the first relapse is about 8.4 months." in said
    assert "cited there: its reference 3" in said
    assert "Sources contradict each other" in said and "This cohort contradicts" not in said
    assert "contradicted by this cohort" not in said and "cannot be compared" not in said
