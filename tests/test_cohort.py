"""The cohort: factors with explicit levels, endpoints from what is there, sites as label sets, filters."""

from __future__ import annotations

import numpy as np
import pytest
from cohorts import necc_cohort, survival_cohort

from necc.core.errors import AnalysisError, SelectionError
from necc.core.selection import Condition, Selection
from necc.ingest import read_cohort

CSV = """patient_id,age_years,histology,mixed_component,figo_2018,primary_chemo_cycles,\
diagnosis_date,first_recurrence_date,last_followup_date,death_date,died,site_lung,site_abdominal,organ_liver,site_bone
P1,44,small cell,none,IB1,6,2015-01-01,2016-01-01,2018-01-01,2018-01-01,1,1,0,0,0
P2,51,large cell,small cell,IIIC1,3,2015-03-01,2015-09-01,2017-09-01,,0,0,0,1,0
P3,50,NEC NOS,adenocarcinoma,IVA,4,2016-01-01,2016-12-01,2017-06-01,2017-06-01,1,1,1,1,1
P4,,small cell,,,,2016-05-01,2017-05-01,2019-05-01,,0,0,,,1
P5,67,small cell,none,II,5,2016-05-01,,2019-05-01,,0,,,,
"""


@pytest.fixture
def cohort():
    return read_cohort(CSV.encode(), "c.csv")


class TestFactors:
    def test_levels_are_the_dictionary_s_in_its_order(self, cohort):
        factor = cohort.factor("histology")
        assert factor.levels == ("small cell", "large cell", "NEC NOS") and factor.counts() == (3, 1, 1)

    def test_groupings(self, cohort):
        stage = cohort.factor("figo_stage")
        assert stage.levels == ("I", "II", "III", "IVA") and stage.n_missing == 1
        advanced = cohort.factor("figo_iii_iv")
        assert advanced.levels == ("I + II", "III + IV") and advanced.counts() == (2, 2)
        # the large cell mixed with small cell counts as pure, as in the paper
        assert cohort.factor("histology_pure").counts() == (1, 3)

    @pytest.mark.parametrize(
        ("name", "levels", "counts"),
        [
            ("age_gt_50", ("≤ 50", "> 50"), (2, 2)),
            ("age_years>50", ("≤ 50", "> 50"), (2, 2)),
            ("age_years>=50", ("< 50", "≥ 50"), (1, 3)),
            ("chemo_cycles_ge_4", ("< 4", "≥ 4"), (1, 3)),
        ],
    )
    def test_cuts(self, cohort, name, levels, counts):
        factor = cohort.factor(name)
        assert factor.levels == levels and factor.counts() == counts

    def test_sites_are_label_sets(self, cohort):
        assert cohort.factor("site:lung").levels == ("without", "with")
        # P2 has a liver metastasis and so an abdominal one; P4's abdominal column is blank; P5 did not relapse
        assert cohort.factor("site:abdominal").codes.tolist() == [0, 1, 1, -1, -1]
        assert cohort.number("n_sites").tolist()[:3] == [1, 1, 3]
        assert np.isnan(cohort.number("n_sites")[3:]).all()
        assert cohort.factor("organ:liver").counts() == (1, 2)

    def test_a_filtered_cohort_keeps_levels_and_grid(self, cohort):
        part = Selection.parse(["histology=small cell"]).apply(cohort)
        assert part.factor("histology").levels == cohort.factor("histology").levels
        assert part.endpoint("PRS").grid is cohort.endpoint("PRS").grid
        assert part.ids == ("P1", "P4", "P5")

    @pytest.mark.parametrize("name", ["patient_id", "death_date", "age_years", "site:heart", "nothing", "site:"])
    def test_what_is_no_factor_is_refused_in_words(self, cohort, name):
        if name == "age_years":
            cohort = survival_cohort(range(1, 13), [1] * 12)
            name = "t"
        with pytest.raises(AnalysisError):
            cohort.factor(name)

    def test_schemes_are_a_lens(self, cohort):
        spread = cohort.with_scheme("spread")
        assert spread.site_names[0] == "hematogenous"
        assert spread.factor("site:hematogenous").counts()[1] == 4
        assert cohort.site_names[0] == "lung"


class TestEndpoints:
    def test_times_come_from_dates(self, cohort):
        prs = cohort.endpoint("PRS")
        assert prs.time[0] == pytest.approx(731 / (365.25 / 12))
        assert prs.event.tolist() == [True, False, True, False, False]
        assert [(e.reason, e.n) for e in prs.excluded] == [("time not recorded", 1)]

    def test_recurrence_is_told_by_date_or_site(self, cohort):
        ttr = cohort.endpoint("TTR")
        assert ttr.event.tolist() == [True, True, True, True, False]
        assert ttr.time[4] == pytest.approx(1095 / (365.25 / 12))
        assert any("no column 'recurred'" in note for note in ttr.notes)

    def test_a_lacking_column_is_named(self):
        cohort = read_cohort(b"patient_id,age_years\nA,40\nB,50\n", "c.csv")
        assert cohort.endpoint_names() == ()
        with pytest.raises(AnalysisError, match="'died' or 'death_date'"):
            cohort.endpoint("PRS")

    def test_overall_survival_is_the_sum_of_its_parts(self):
        cohort = read_cohort(b"patient_id,ttr_months,prs_months,died,site_lung\nA,10,5.5,1,1\nB,4,2,0,0\n", "c.csv")
        assert cohort.endpoint("OS").time.tolist() == [15.5, 6]


class TestSelection:
    @pytest.mark.parametrize(
        ("texts", "ids"),
        [
            (["figo_stage=III,IVA"], "P2 P3"),
            (["figo_stage=III,IVA,missing"], "P2 P3 P4"),
            (["figo_stage=IVB"], ""),
            (["age_years=50..60"], "P2 P3"),
            (["age_years>50"], "P2 P5"),
            (["age_years<=50,missing"], "P1 P3 P4"),
            (["age_years=..50"], "P1 P3"),
            (["site:lung=with", "histology=small cell"], "P1"),
            (["n_sites=2..9"], "P3"),
            (["site:lung=1", "histology=Small-Cell"], "P1"),
            (["died=0", "site:lung=no"], "P2 P4"),
            (["age_years=50"], "P3"),
            (["age_years=50,missing"], "P3 P4"),
            (["age_years=missing"], "P4"),
            (["primary_chemo_cycles=3,4"], "P2 P3"),
        ],
    )
    def test_conditions(self, cohort, texts, ids):
        assert " ".join(Selection.parse(texts).apply(cohort).ids) == ids

    @pytest.mark.parametrize(
        "text", ["figo_stage", "=III", "figo_stage=", "figo_stage=IX", "nothing=1", "histology>3", "age_years=old"]
    )
    def test_what_can_t_be_filtered_is_refused(self, cohort, text):
        with pytest.raises(SelectionError):
            Selection.parse([text]).apply(cohort)

    def test_words_become_the_cohort_s(self, cohort):
        spelled = [str(Selection.parse([t]).conditions[0].spelled(cohort)) for t in ("died=TRUE", "age_years=50")]
        assert spelled == ["died=yes", "age_years=50..50"]

    def test_levels_that_differ_in_a_hyphen_alone_are_kept_apart(self):
        cohort = read_cohort(b"patient_id,arm\nP1,a-b\nP2,a b\nP3,c\n", "c.csv")
        assert Selection.parse(["arm=a b"]).apply(cohort).ids == ("P2",)
        with pytest.raises(SelectionError, match="'ab' is not a level"):
            Selection.parse(["arm=ab"]).apply(cohort)

    def test_order_does_not_matter(self, cohort):
        texts = ["figo_stage=I,III", "age_years>40"]
        one, other = Selection.parse(texts), Selection.parse(texts[::-1])
        assert one.apply(cohort).ids == other.apply(cohort).ids and one.key() == other.key()

    @pytest.mark.parametrize(
        "condition",
        [
            Condition("histology", ("small cell", "a,b\\c"), keep_missing=True),
            Condition("age_years", low=40.0, high=60.5),
            Condition("age_years", low=50.0, open_low=True, keep_missing=True),
            Condition("histology", keep_missing=True),
            Condition("age_years", high=50.0),
        ],
    )
    def test_written_and_read_again(self, condition):
        assert Selection.parse([str(condition)]).conditions == (condition,)

    def test_attrition_adds_up_and_tells_the_missing(self, cohort):
        steps = Selection.parse(["figo_stage=I,III", "site:lung=with"]).attrition(cohort)
        assert [(s.n_before, s.n_after, s.n_missing_left_out) for s in steps] == [(5, 2, 1), (2, 1, 0)]

    def test_words(self, cohort):
        selection = Selection.parse(["figo_stage=III,IVA", "age_years>50"])
        assert selection.describe(cohort) == "FIGO stage (2018), main: III or IVA; Age at diagnosis: > 50"
        assert Selection().describe(cohort) == "all patients"

    def test_replace_and_without(self):
        one = Selection.parse(["a=1", "b=2"])
        assert str(one.replace(Condition("a", ("3",))).conditions[0]) == "a=3"
        assert [c.name for c in one.without("a").conditions] == ["b"]


def test_the_stage_of_any_name():
    cohort = necc_cohort(
        {"figo_2018": ["IB1", "IVB"], "age_years": [40, 60], "prs_months": [1, 2], "ici": ["no", "yes"]},
        {"lung": [1, 0], "liver": [1, 1]},
    )
    stages = {
        "figo_2018": "baseline", "figo_stage": "baseline", "age_years": "baseline", "age_years>50": "baseline",
        "age_gt_50": "baseline", "site:lung": "recurrence", "site:lung|abdominal": "recurrence",
        "organ:liver": "recurrence", "n_sites": "recurrence", "n_sites>1": "recurrence",
        "number_of_sites_gt_1": "recurrence", "ici": "treatment", "prs_months": "followup", "prs_months>1": "followup",
    }  # fmt: skip
    assert {name: cohort.starts_at(name) for name in stages} == stages
    for name in cohort.factor_names():
        assert cohort.starts_at(name) == cohort.factor(name).starts_at
        assert cohort.source_of(name) == cohort.factor(name).source
    assert cohort.source_of("age_gt_50") == cohort.source_of("age_years>50") == "age_years"
    assert cohort.source_of("number_of_sites_gt_1") == "n_sites" and cohort.source_of("site:lung") == "sites"
    for name in ("hpv", "site:toe", "tail_length"):
        with pytest.raises(AnalysisError):
            cohort.starts_at(name)
