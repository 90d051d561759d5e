"""The cohort: factors with explicit levels, endpoints from what is there, sites as label sets, filters."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import numpy as np
import pandas as pd
import pytest
from cohorts import SAMPLES, necc_cohort, survival_cohort

import necc.analysis
import necc.core
from necc.analysis.competing import cumulative_incidence
from necc.analysis.recurrence import site_distribution, site_timing
from necc.analysis.regression import cox
from necc.analysis.survival import kaplan_meier
from necc.core.errors import AnalysisError, SelectionError
from necc.core.frozen import Frozen
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


SAMPLE = read_cohort((SAMPLES / "reconstructed_cohort.csv").read_bytes(), "reconstructed_cohort.csv")


class TestAFilteredCohort:
    PART = Selection.parse(["figo_2018=III"]).apply(SAMPLE)

    def test_has_its_own_rows_everywhere(self):
        part, n = self.PART, 27
        assert len(part) == len(part.table) == len(part.data) == len(part.organs) == len(part.ids) == n
        assert part.table["patient_id"].tolist() == list(part.ids) == part.column("patient_id").tolist()
        assert part.table.index.tolist() == part.index.tolist()
        assert kaplan_meier(part, "PRS").n == n and len(part.whole.table) == 88
        rest = part.subset(part.number("age_years") > 50)
        assert rest.table["age_years"].min() > 50 and rest.whole is SAMPLE

    @pytest.mark.parametrize("cohort", [SAMPLE, PART], ids=["whole", "filtered"])
    def test_a_series_picks_the_same_patients_in_any_order(self, cohort):
        condition = cohort.table["age_years"] > 50
        expected = cohort.subset(condition.to_numpy()).ids
        orders = [condition.sort_index(ascending=False), condition.sample(frac=1, random_state=1)]
        by_age = cohort.table.sort_values("age_years")["age_years"] > 50
        for mask in (condition, *orders, by_age, by_age.astype("boolean"), condition.astype(object)):
            assert cohort.subset(mask).ids == expected
        of_all = (SAMPLE.table["age_years"] > 50).sample(frac=1, random_state=2)
        assert cohort.subset(of_all).ids == expected

    @pytest.mark.parametrize(
        ("mask", "words"),
        [
            (pd.Series([True] * 88), "index"),
            (pd.Series([True] * 88, index=[f"SYN-{i:03d}" for i in range(1, 89)]), "index"),
            (pd.Series([True] * 89, index=[*range(2, 90), 2]), "index"),
            (pd.Series([True] * 87, index=range(2, 89)), "index"),
            (pd.Series([pd.NA] + [True] * 87, index=range(2, 90), dtype="boolean"), "1 patient"),
            (np.ones(50, dtype=bool), "50 values"),
            (np.ones((88, 2), dtype=bool), "88 x 2"),
            ([0, 3, 5], "3 values"),
            (list(range(88)), "True and False"),
            (np.ones(88), "True and False"),
        ],
    )
    def test_what_is_no_mask_of_these_patients_is_refused(self, mask, words):
        with pytest.raises(AnalysisError, match=words):
            SAMPLE.subset(mask)


class TestNothingCanBeWrittenTo:
    RESULTS = (
        kaplan_meier(SAMPLE, "PRS", by="ici"),
        cumulative_incidence(SAMPLE, "PRS", by="ici"),
        cox(SAMPLE, "PRS", ["age_years", "site:lung"]),
        site_distribution(SAMPLE),
        site_timing(SAMPLE),
        SAMPLE.endpoint("PRS"),
        SAMPLE.endpoint("PRS").take(np.arange(5)),
        SAMPLE.factor("histology"),
        TestAFilteredCohort.PART.factor("histology"),
    )

    @pytest.mark.parametrize("cohort", [SAMPLE, TestAFilteredCohort.PART], ids=["whole", "filtered"])
    @pytest.mark.parametrize("name", ["age_years", "histology", "patient_id", "died", "ttr_months"])
    def test_a_table(self, cohort, name):
        before = cohort.table
        for write in (
            lambda t: t.__setitem__(name, t[name].iloc[::-1].to_numpy()),
            lambda t: t.isetitem(0, 1),
            lambda t: t.drop(columns=name, inplace=True),
            lambda t: t.loc.__setitem__((t.index[0], name), t[name].iloc[-1]),
            lambda t: t[name].array.__setitem__(0, t[name].array[-1]),
            lambda t: t.sort_values(name, inplace=True),
            lambda t: t.index.to_numpy().__setitem__(0, 999),
        ):
            for table in (cohort.table, cohort.data):
                try:
                    write(table)
                except ValueError as error:
                    assert "read-only" in str(error)
        pd.testing.assert_frame_equal(cohort.table, before)
        column = cohort.column(name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(column, "name", "another")
        assert cohort.column(name).equals(before[name])

    def test_arrays_of_a_cohort(self):
        for cohort in (SAMPLE, SAMPLE.with_scheme("spread")):
            for array in (cohort.organs, cohort.site_matrix, cohort.number("age_years")):
                with pytest.raises(ValueError, match="read-only"):
                    array[0] = 1
        assert SAMPLE.rows is None and not TestAFilteredCohort.PART.rows.flags.writeable

    @pytest.mark.parametrize("result", RESULTS, ids=lambda r: type(r).__name__)
    def test_arrays_of_results(self, result):
        arrays = list(_arrays(result))
        assert [a.flags.writeable for a in arrays] == [False] * len(arrays)

    def test_every_public_class_that_holds_arrays(self):
        open_to_all = []
        for package in (necc.core, necc.analysis):
            for info in _modules(package):
                for item in vars(importlib.import_module(info.name)).values():
                    if isinstance(item, type) and dataclasses.is_dataclass(item) and not item.__name__.startswith("_"):
                        frozen = item.__dataclass_params__.frozen  # type: ignore[attr-defined]
                        held = [
                            f for f in dataclasses.fields(item) if str(f.type).startswith(("np.ndarray", "tuple[np."))
                        ]
                        if held and frozen and not issubclass(item, Frozen):
                            open_to_all.append(item.__name__)
        assert open_to_all == []


def _modules(package):
    """Modules below a package; those of prediction, which take long to import, hold results of the shared base only."""
    modules = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return (m for m in modules if not m.name.startswith("necc.analysis.prediction."))


def _arrays(value: object):
    """Every array of a result and of its parts."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _arrays(part)
    elif dataclasses.is_dataclass(value):
        names = [f.name for f in dataclasses.fields(value)]
        names += [
            n for n in ("valid", "cells", "counts") if hasattr(type(value), n) and not callable(getattr(value, n))
        ]
        for name in names:
            yield from _arrays(getattr(value, name))


class TestAGroupsOwnFlag:
    """A site column of a group stands for an organ that isn't named; where one is, it adds nothing."""

    @staticmethod
    def sites(scheme: str, **organs: int) -> dict[str, int]:
        """What a scheme reads of one patient whose file has a column for each of these."""
        columns = {
            f"site_{o}": ["yes" if v else "no"] for o, v in organs.items() if o in ("abdominal", "other", "lung")
        }
        names = (*organs, "liver", "breast", "abdominal_lymph_node", "peritoneum")
        cohort = necc_cohort({"patient_id": ["A"], **columns}, sites={o: [organs.get(o, 0)] for o in names})
        cohort = cohort.with_scheme(scheme)
        return dict(zip(cohort.site_names, cohort.site_matrix[0].tolist(), strict=True))

    @pytest.mark.parametrize(
        ("scheme", "columns", "expected"),
        [
            ("spread", {"abdominal": 1, "abdominal_lymph_node": 1}, {"hematogenous": 0, "lymphatic": 1}),
            ("spread", {"abdominal": 1, "liver": 1}, {"hematogenous": 1}),
            ("spread", {"abdominal": 1, "abdominal_lymph_node": 1, "liver": 1}, {"hematogenous": 1}),
            ("spread", {"abdominal": 1, "abdominal_lymph_node": 0, "liver": 0}, {"hematogenous": 1}),
            ("spread", {"abdominal": 1}, {"hematogenous": 1}),
            ("spread", {"abdominal": 1, "peritoneum": 1}, {"hematogenous": 0, "other": 1}),
            ("distance", {"abdominal": 1, "abdominal_lymph_node": 1}, {"distant": 0, "regional": 1}),
            ("spread", {"other": 1, "breast": 1}, {"other": 0, "hematogenous": 1}),
            ("spread", {"other": 1, "lymph_node_nos": 1}, {"other": 0, "lymphatic": 1}),
            ("paper", {"abdominal": 1, "abdominal_lymph_node": 1}, {"abdominal": 1}),
            ("paper", {"lung": 1, "pleura": 1}, {"lung": 1}),
            ("paper", {"other": 1, "breast": 1}, {"other": 1}),
        ],
    )
    def test_counts_where_no_organ_is_named(self, scheme, columns, expected):
        sites = self.sites(scheme, **columns)
        assert {site: sites[site] for site in expected} == expected

    def test_organs_in_words_say_what_they_say(self):
        text = b"patient_id,recurred,recurrence_sites\nA,1,abdominal; para-aortic\nB,1,breast; somewhere else\n"
        spread = read_cohort(text, "c.csv").with_scheme("spread")
        assert spread.factor("site:hematogenous").codes.tolist() == [1, 1]
        assert spread.factor("site:lymphatic").codes.tolist() == [1, 0]
        assert spread.factor("site:other").codes.tolist() == [0, 1]

    def test_in_the_sample(self):
        spread = SAMPLE.with_scheme("spread")
        assert spread.factor("site:hematogenous").counts() == (23, 65)
        assert SAMPLE.with_scheme("distance").factor("site:distant").counts()[1] == 70
        assert SAMPLE.factor("site:abdominal").counts() == (55, 33)  # the paper's own scheme is as printed
        assert SAMPLE.factor("organ:abdominal").counts() == (88, 0)
        assert not any(n == "organ:abdominal" for n in spread.factor_names())

    def test_lung_is_an_organ_beside_the_pleura(self):
        assert SAMPLE.dictionary.organs["lung"].named and not SAMPLE.dictionary.organs["abdominal"].named


def test_a_site_is_meant_by_its_name_and_label_and_not_its_flag(cohort):
    assert cohort.name_of("lung") == cohort.name_of("Lung") == "site:lung"
    assert cohort.name_of("site_lung") == "site_lung"  # the column itself, by its own name
    with pytest.raises(AnalysisError, match="did you mean 'site:lung'"):
        cohort.factor("lun")
