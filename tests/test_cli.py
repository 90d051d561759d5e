"""The command line: the pages' results, unrounded, with the promised exit codes and never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from necc import kaplan_meier, read_cohort, response_rates, site_distribution
from necc.analysis.regression import cox, stepwise, univariate
from necc.analysis.survival import compare_survival
from necc.cli import main
from necc.core.edits import (
    CombineSites,
    Cut,
    Derive,
    FirstOf,
    LeaveOut,
    NewEndpoint,
    Order,
    Recode,
    apply_edits,
    edits_from_toml,
    edits_to_toml,
)
from necc.core.selection import Selection
from necc.ingest import Mapping, summarise

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
TABLE5 = ROOT / "sample_data" / "paper_table5_ici.csv"
NOTICE = {  # beside each result of the sample, with the warnings of reading it
    "notice": "Synthetic data, not real patients",
    "findings": [f.to_dict() for f in read_cohort(SAMPLE).findings if f.severity == "warning"],
}
OUTER = {"schema", "version", "source", "filters", "arguments", "accepted", "result"}  # of the envelope


def inner(result):
    """What JSON held until 0.1: the result's keys, and beside them notice and findings."""
    return {key: value for key, value in result.items() if key not in OUTER}


OWN = "id,days,status,arm,lung\nA,10,2,x,1\nB,20,1,y,0\nC,5,2.0,x,0\nD,7,1,y,1\nE,9,2,,1\n"


@pytest.fixture
def own_file(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OWN)
    return path


class TestCheck:
    def test_accepted(self, run):
        code, result, _ = run("check", SAMPLE, "--json")
        assert code == 0 and result["accepted"] is True and result["patients"] == 88
        assert result["summary"]["endpoints"]["PRS"]["events"] == 40
        assert result["summary"]["sites"]["lung"] == 34
        assert set(result["findings"][0]) == {"severity", "code", "message", "row", "column", "value", "n"}

    def test_refused(self, run, tmp_path):
        bad = tmp_path / "bad.csv"
        bad.write_text("patient_id,died\nP1,1\nP2,2\n")
        code, result, _ = run("check", bad, "--json")
        assert code == 1 and result["accepted"] is False and result["patients"] == 0
        assert result["findings"][0]["code"] == "event-coding" and result["findings"][0]["row"] == 3
        code, out, _ = run("check", bad)
        assert code == 1 and out.startswith("error: column 'died'") and "refused" in out

    @pytest.mark.parametrize(
        "where",
        ["ici=yes", "figo_stage=III", "age_years>50", "any(site:lung=with; figo_stage=III)",
         "none(site:lung=with; ici=yes)", "not all(ici=yes; died=yes)"],
    )  # fmt: skip
    def test_with_a_filter_all_of_it_is_of_those_patients(self, run, where):
        patients = Selection.parse([where]).apply(read_cohort(SAMPLE))
        code, result, _ = run("check", SAMPLE, "--where", where, "--json")
        assert code == 0 and 0 < len(patients) < 88 and result["patients"] == len(patients)
        assert result["filtered"] == {"where": [where], "n": len(patients), "of": 88}
        assert result["summary"] == summarise(patients)
        out = run("check", SAMPLE, "--where", where)[1]
        assert f"accepted: {len(patients)} patients" in out and f"{len(patients)} of 88 patients: {where}" in out


EDITS = """edits_version = 1
[[edits]]
kind = "recode"
column = "histology"
groups = { other = ["large cell", "NEC NOS"] }
[[edits]]
kind = "cut"
of = "age_years"
at = [40]
name = "age group"
[[edits]]
kind = "leave-out"
where = ["figo_stage=IVA"]
why = "palliative"
[[edits]]
kind = "order"
column = "grade"
levels = ["high"]
[[edits]]
kind = "blur"
"""


class TestEdits:
    """--edits: the steps of a file, made before --where and --levels."""

    @pytest.fixture
    def edits(self, tmp_path):
        path = tmp_path / "edits.toml"
        path.write_text(EDITS)
        return path

    def test_a_result_is_that_of_the_edited_cohort(self, run, edits):
        cohort = apply_edits(read_cohort(SAMPLE), edits_from_toml(EDITS)[0]).cohort
        late = Selection.parse(["age group=> 40"], cohort.columns).apply(cohort)
        expected = kaplan_meier(late, "OS", by="histology")
        code, result, err = run("km", SAMPLE, "--edits", edits, "--endpoint", "OS", "--by", "histology", "--where",
                                "age group=> 40", "--json")  # fmt: skip
        assert code == 0 and all(result[key] == value for key, value in expected.to_dict("survival").items())
        assert [step["applied"] for step in result["edits"]] == [True, True, True, False]
        codes = [f["code"] for f in result["findings"]]
        assert codes[-2:] == ["edits-value", "edit-skipped"] and "level_orders" not in result
        assert "warning: edits 5, key 'kind': 'blur' is no kind of edit" in err
        assert "warning: step 4 (grade: order of levels high" in err
        out = run("km", SAMPLE, "--edits", edits, "--endpoint", "OS")[1]
        assert "note: edits: 3 of 4 steps of edits.toml made" in out

    def test_check_says_what_each_step_did(self, run, edits):
        code, out, _ = run("check", SAMPLE, "--edits", edits)
        assert code == 0 and "  step 3: 2 patients left out (palliative), 86 of 88 stay" in out
        assert "step 4: grade: order of levels high; 'high' is the reference; skipped: no column with levels" in out
        assert "warning: step 4" in out and "accepted: 86 patients" in out
        assert "  step 1: Histology: 'large cell' and 'NEC NOS' become 'other' (17 patients of 88 with another" in out
        code, result, _ = run("check", SAMPLE, "--edits", edits, "--json")
        assert code == 0 and result["patients"] == 86 and len(result["edits"]) == 4
        assert {"edits-value", "edit-skipped"} <= {f["code"] for f in result["findings"]}

    def test_every_kind_gives_what_python_gives(self, run, tmp_path):
        edits = (
            Recode("histology", {"other": ["large cell", "NEC NOS"]}), Order("figo_stage", ["III"]),
            Cut("age_years", [40, 60], "age group"), CombineSites(["lung", "bone"], "lung or bone"),
            LeaveOut(where=["figo_stage=IVA"]), Derive("risk", "if(age_years > 50 and site:brain, 'high', 'low')"),
            NewEndpoint("E", time="os_months", event="died", unit="days"), FirstOf("DFS", ["TTR", "OS"]),
        )  # fmt: skip
        path = tmp_path / "every.toml"
        path.write_text(edits_to_toml(edits))
        edited = apply_edits(read_cohort(SAMPLE), edits)
        result = run("check", SAMPLE, "--edits", path, "--json")[1]
        assert result["summary"] == summarise(edited.cohort) and {"E", "DFS"} <= {*result["summary"]["endpoints"]}
        assert result["edits"] == [step.to_dict() for step in edited.steps] and all(
            s["applied"] for s in result["edits"]
        )
        sites = run("sites", SAMPLE, "--edits", path, "--by", "risk", "--json")[1]
        assert sites["sites"] == site_distribution(edited.cohort, "risk").to_dict()["sites"]

    @pytest.mark.parametrize(
        ("text", "words"), [("a = ", "bad.toml: the file is not valid TOML"), (None, "can't be opened")]
    )
    def test_a_file_that_cannot_be_read_is_refused(self, run, tmp_path, text, words):
        path = tmp_path / "bad.toml"
        if text is not None:
            path.write_text(text)
        for command in (["check"], ["km", "--endpoint", "OS"]):
            code, _, err = run(command[0], SAMPLE, "--edits", path, *command[1:])
            assert code == 1 and words in err


class TestLevels:
    """--levels: the order of a column's levels, the first of which is the reference."""

    @pytest.fixture
    def arms(self, tmp_path):
        path = tmp_path / "arms.csv"
        path.write_text("patient_id,prs_months,died,ici,smoker,arm,size,best_response\n" + "".join(
            f"P{i},{3 + i * 7 % 23},{int(i % 3 > 0)},{i % 2},{'ny'[i // 2 % 2]},{'AB'[i // 3 % 2]},"
            f"{('large', 'mid', 'small', '')[i % 4]},{('CR', 'PR', 'SD', 'PD')[i // 2 % 4]}\n"
            for i in range(60)
        ))  # fmt: skip
        return path

    @pytest.mark.parametrize(
        ("name", "order"), [("ici", "1"), ("ici", "yes,no"), ("smoker", "y"), ("arm", "B"), ("arm", "b,a")]
    )
    def test_another_reference_turns_the_hazard_ratio_round(self, run, arms, name, order):
        words = ("cox", arms, "--endpoint", "PRS", "--covariates", name, "--json")
        usual, (code, turned, _) = run(*words)[1], run(*words, "--levels", f"{name}={order}")
        assert code == 0 and (turned["n"], turned["events"]) == (usual["n"], usual["events"])
        (a,), (b,) = usual["terms"], turned["terms"]
        assert (b["reference"], b["level"]) == (a["level"], a["reference"])
        assert b["hazard_ratio"] == pytest.approx(1 / a["hazard_ratio"]) and b["p"] == pytest.approx(a["p"])

    def test_those_not_named_follow_and_that_is_told(self, run, arms):
        words = ("km", arms, "--endpoint", "PRS", "--by", "size")
        code, result, _ = run(*words, "--levels", "size=small", "--json")
        assert code == 0 and [s["name"] for s in result["strata"]] == ["small", "large", "mid"]
        order = {"name": "size", "levels": ["small", "large", "mid"], "not_named": ["large", "mid"]}
        assert result["level_orders"] == [order]
        assert "levels of size: small, large, mid; not named, and after the others: large, mid" in run(
            *words, "--levels", "size=small")[1]  # fmt: skip
        usual = run(*words, "--json")[1]
        assert "level_orders" not in usual and sorted(usual["strata"], key=str) == sorted(result["strata"], key=str)

    @pytest.mark.parametrize("command", [("response",), ("compare",), ("km", "--endpoint", "PRS"), ("sites",)])
    @pytest.mark.parametrize("name", ["ici", "died", "recurred", "figo_stage"])
    def test_the_groups_are_the_same(self, run, command, name):
        levels = read_cohort(SAMPLE).factor(name).levels
        words = (*command[:1], SAMPLE, *command[1:], "--by", name, "--json")
        usual, turned = run(*words), run(*words, "--levels", f"{name}={','.join(reversed(levels))}")
        assert usual[0] == turned[0]
        if usual[0] == 0:
            key = "groups" if command[0] == "compare" else "strata"
            assert turned[1]["n"] == usual[1]["n"] and turned[1].get("excluded") == usual[1].get("excluded")
            assert [(g["name"], g["n"]) for g in turned[1][key]] == [(g["name"], g["n"]) for g in usual[1][key]][::-1]

    def test_a_trend_follows_the_order(self, arms):
        cohort = read_cohort(arms)
        assert compare_survival(cohort, "PRS", "size").trend is None
        assert compare_survival(cohort.with_order("size", ["small"]), "PRS", "size").trend is None
        ordered = cohort.with_order("size", ["small", "mid", "large"])
        asked = compare_survival(cohort, "PRS", "size", scores=(3, 2, 1)).trend
        assert asked and compare_survival(ordered, "PRS", "size").trend.p == pytest.approx(asked.p)
        assert ordered.factor("size").counts() == cohort.factor("size").counts()[::-1]

    @pytest.mark.parametrize(
        ("order", "why"),
        [
            ("arms=B", "no column with levels 'arms' in this cohort; did you mean 'arm'?"),
            ("prs_months=3", "no column with levels 'prs_months'"), ("site:lung=with", "no column with levels"),
            ("arm=C", "'arm' has no level 'C'; its levels are A and B"), ("arm", "not of the form name=level,level"),
            ("arm=", "not of the form"), ("arm=B,B", "a level is ordered twice"), ("size=large-mid", "no level"),
        ],
    )  # fmt: skip
    def test_what_is_not_there_is_refused_with_what_is(self, run, arms, order, why):
        for words in (("check",), ("km", "--endpoint", "PRS")):
            code, _, err = run(words[0], arms, *words[1:], "--levels", order)
            assert code == 1 and why in err and order in err

    def test_a_column_is_ordered_once(self, run, arms):
        code, _, err = run("check", arms, "--levels", "arm=B", "--levels", "arm=A")
        assert code == 1 and "'arm' is ordered twice" in err

    def test_a_range_of_levels_is_no_level(self, run):
        code, _, err = run("km", SAMPLE, "--endpoint", "PRS", "--where", "figo_stage=I-II")
        assert code == 1 and "'I-II' is not a level of figo_stage" in err


class TestScheme:
    """--scheme: sites read as the page's "Sites read as"."""

    def test_is_the_cohort_through_that_scheme(self, run):
        cohort = read_cohort(SAMPLE).with_scheme("spread")
        _, result, _ = run("sites", SAMPLE, "--scheme", "spread", "--json")
        assert inner(result) == json.loads(json.dumps(site_distribution(cohort).to_dict())) | NOTICE
        _, result, _ = run("check", SAMPLE, "--scheme", "spread", "--json")
        assert set(result["summary"]["sites"]) == set(cohort.site_names)

    def test_holds_for_groups_and_filters(self, run):
        cohort = read_cohort(SAMPLE).with_scheme("spread")
        site = cohort.site_names[0]
        patients = Selection.parse([f"site:{site}=with"]).apply(cohort)
        usual = run("km", SAMPLE, "--endpoint", "PRS", "--by", f"site:{site}", "--json")
        code, result, _ = run(
            "km", SAMPLE, "--endpoint", "PRS", "--scheme", "spread", "--by", f"site:{site}", "--where",
            f"site:{site}=with", "--json",
        )  # fmt: skip
        assert usual[0] == 1 and code == 0
        assert result["n"] == kaplan_meier(patients, "PRS").n

    @pytest.mark.parametrize("command", ["km", "sites", "check", "response", "map"])
    def test_an_unknown_one_is_refused_with_the_near_name(self, run, command):
        code, _, err = run(command, SAMPLE, "--scheme", "spred")
        assert code == 1 and "no site scheme 'spred'" in err and "did you mean 'spread'?" in err

    def test_is_kept_in_a_mapping(self, run, tmp_path):
        mapping = tmp_path / "m.toml"
        code, _, _ = run("map", SAMPLE, "--scheme", "distance", "-o", mapping)
        assert code == 0 and Mapping.from_toml(mapping.read_bytes()).scheme == "distance"


class TestKm:
    def test_is_the_page_s_result(self, run):
        code, result, _ = run("km", SAMPLE, "--endpoint", "PRS", "--by", "site:lung", "--json")
        assert code == 0
        assert inner(result) == kaplan_meier(read_cohort(SAMPLE), "PRS", "site:lung").to_dict() | NOTICE
        assert {"endpoint", "by", "unit", "n", "excluded", "ci", "strata", "test", "notes"} <= set(result)
        stratum = result["strata"][0]
        assert set(stratum) == {
            "name",
            "n",
            "n_events",
            "events",
            "median",
            "median_ci",
            "median_ci_lower",
            "median_ci_upper",
            "curve",
        }
        assert set(stratum["curve"][0]) == {
            "time", "n_at_risk", "n_events", "n_censored", "survival", "ci_lower", "ci_upper",
        }  # fmt: skip
        assert set(result["test"]) == {"name", "statistic", "df", "p", "p_by"}

    def test_filters(self, run):
        code, result, _ = run(
            "km", SAMPLE, "--endpoint", "PRS", "--where", "figo_stage=III,IVA", "--where", "age_years>40", "--json"
        )
        cohort = Selection.parse(["figo_stage=III,IVA", "age_years>40"]).apply(read_cohort(SAMPLE))
        assert code == 0 and result["n"] == len(cohort)

    def test_own_columns(self, run, own_file):
        code, result, _ = run(
            "km", own_file, "--id", "id", "--time", "days", "--event", "status", "--event-value", "2", "--unit", "days",
            "--by", "arm", "--json",
        )  # fmt: skip
        assert code == 0 and result["unit"] == "days" and result["endpoint"] == "days"
        assert [(s["name"], s["n"], s["events"]) for s in result["strata"]] == [("x", 2, 2), ("y", 2, 0)]
        assert result["excluded"] == [{"reason": "'arm' not recorded", "n": 1}]
        assert result["strata"][1]["median"] is None and result["strata"][0]["median"] == 7.5

    def test_a_unit_that_nobody_named_is_told(self, run, tmp_path):
        path = tmp_path / "own.csv"
        path.write_text("t,os (days),e\n10,300,1\n20,900,0\n700,30,1\n")
        code, result, err = run("km", path, "--time", "t", "--event", "e", "--json")
        told = [f["message"] for f in result["findings"] if f["code"] == "unit-doubt"]
        assert code == 0 and result["unit"] == "months" and len(told) == 2
        assert "months were assumed" in told[0] and "--unit" in told[0] and "days rather than months" in told[1]
        assert err.count("warning: column 't'") == 2
        code, result, err = run("km", path, "--time", "os (days)", "--event", "e", "--json")
        assert result["unit"] == "days" and "its heading says days" in err
        code, result, err = run("km", path, "--time", "os (days)", "--event", "e", "--unit", "days", "--json")
        assert result["unit"] == "days" and result["findings"] == [] and err == ""
        code, result, err = run("cif", path, "--time", "t", "--event", "e", "--json")
        assert result["unit"] == "months" and [f["code"] for f in result["findings"]] == ["unit-doubt"]

    def test_codes_beside_the_event_s_are_told(self, run, tmp_path, own_file):
        arguments = ("--time", "days", "--event", "status", "--event-value", "2", "--unit", "days")
        code, result, err = run("km", own_file, *arguments, "--json")
        assert [(f["severity"], f["code"]) for f in result["findings"]] == [("info", "event-codes")]
        assert "'1' (2 patients) counts as censored" in err
        path = tmp_path / "three.csv"
        path.write_text(OWN + "F,3,0,y,1\n")
        code, result, err = run("km", path, *arguments, "--json")
        assert [f["code"] for f in result["findings"]] == ["competing-codes", "event-codes"]
        assert "may be a competing event" in err and "'0' (1 patient)" in err
        both = run("km", path, *arguments, "--event-value", "1", "--json")[1]
        assert [f["code"] for f in both["findings"]] == ["event-codes"]

    def test_what_the_file_left_open_is_told_beside_a_result(self, run, tmp_path):
        path = tmp_path / "c.csv"
        path.write_text("patient_id,recurrence_sites\nP1,lung?\nP2,lung\n")
        code, result, err = run("sites", path, "--json")
        assert code == 0 and [f["code"] for f in result["findings"]] == ["doubtful-site"]
        assert err.startswith("note: 1 warning about how the file was read")

    def test_several_event_values(self, run, own_file):
        code, result, _ = run(
            "km", own_file, "--time", "days", "--event", "status", "--event-value", "1", "--event-value", "2", "--json"
        )
        assert code == 0 and result["strata"][0]["events"] == 5

    def test_own_sites(self, run, own_file):
        code, result, _ = run(
            "km", own_file, "--time", "days", "--event", "status", "--event-value", "2", "--sites", "lung", "--by",
            "site:lung", "--json",
        )  # fmt: skip
        assert code == 0 and [s["name"] for s in result["strata"]] == ["without", "with"]

    @pytest.mark.parametrize("show", ["risk", "cumulative-hazard", "log-log"])
    def test_other_scales_of_a_curve(self, run, show):
        arguments = ("--endpoint", "PRS", "--by", "site:lung", "--at", "12,36", "--show", show)
        code, result, _ = run("km", SAMPLE, *arguments, "--json")
        km = kaplan_meier(read_cohort(SAMPLE), "PRS", "site:lung", times=(12, 36))
        assert code == 0 and inner(result) == json.loads(json.dumps(km.to_dict(result["show"]))) | NOTICE
        assert result["show"] == show.replace("cumulative-", "cumulative ")
        assert [s["n_events"] for s in result["shown"]] == [c.n_events_total for c in km.curves]
        code, out, _ = run("km", SAMPLE, *arguments)
        value = result["shown_at_times"][0]["value"]
        shown = f"{100 * value:.1f} %" if show == "risk" else f"{value:.3f}"
        assert code == 0 and f"without at 12: {shown}" in out.replace("−", "-") and result["show"] in out

    def test_text(self, run):
        code, out, _ = run("km", SAMPLE, "--endpoint", "PRS", "--at", "12,36")
        assert (
            code == 0 and "88 patients, 40 events" in out and "Log-log confidence intervals" in out and "at 36:" in out
        )
        assert "log-rank" not in out.casefold()  # one group: no test was made

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--endpoint", "XYZ"], "no endpoint 'XYZ'"),
            (["--endpoint", "PRS", "--by", "stag"], "no variable 'stag'"),
            (["--endpoint", "PRS", "--by", "age_years"], "say where to cut"),
            (["--endpoint", "PRS", "--where", "figo_stage=IX"], "'IX' is not a level"),
            (["--endpoint", "PRS", "--where", "any(figo_stage=IX; ici=yes)"], "'IX' is not a level"),
            (["--endpoint", "PRS", "--where", "or(ici=yes; died=yes)"], "not all(a=1; b=2)"),
            (["--time", "prs_month", "--event", "died"], "did you mean 'prs_months'"),
            (["--dictionary", "nope"], "no dictionary 'nope'"),
        ],
    )
    def test_refusals(self, run, arguments, words):
        code, _, err = run("km", SAMPLE, *arguments)
        assert code == 1 and err.startswith("error: ") and words in err
        code, result, _ = run("km", SAMPLE, *arguments, "--json")
        assert code == 1 and result["accepted"] is False and words in result["error"]

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["km"],
            ["nothing"],
            ["km", SAMPLE, "--time", "prs_months"],
            ["km", SAMPLE, "--event", "died"],
            ["km", SAMPLE, "--ci", "x"],
            ["km", SAMPLE],
            ["km", SAMPLE, "--bad"],
            ["check", SAMPLE, "--header-row", "0"],
            ["check", SAMPLE, "--header-row", "-1"],
            ["check", SAMPLE, "--header-row", "x"],
        ],
    )
    def test_usage(self, run, arguments):
        try:
            code = run(*arguments)[0]
        except SystemExit as stop:  # argparse's own
            code = stop.code
        assert code == 2

    def test_a_time_that_is_no_number(self, run):
        code, _, err = run("km", SAMPLE, "--endpoint", "PRS", "--at", "a year")
        assert code == 2 and "--at takes numbers" in err


class TestSitesAndResponse:
    def test_sites(self, run):
        code, result, _ = run("sites", SAMPLE, "--by", "figo_stage", "--json")
        assert code == 0 and inner(result) == site_distribution(read_cohort(SAMPLE), "figo_stage").to_dict() | NOTICE
        lung = next(s for s in result["sites"] if s["name"] == "lung")
        assert (lung["n"], lung["of"]) == (34, 88)

    @pytest.mark.parametrize(
        ("options", "n", "of"),
        [([], 8, 16), (["--response", "final"], 7, 16), (["--response", "final_response"], 7, 16)],
    )
    def test_response_of_table_5(self, run, options, n, of):
        code, result, _ = run("response", TABLE5, *options, "--json")
        assert code == 0 and (result["orr"]["n"], result["orr"]["of"]) == (n, of)

    def test_treated_are_more_than_evaluable(self, run):
        code, result, _ = run("response", SAMPLE, "--denominator", "treated", "--response", "final", "--json")
        assert code == 0 and (result["orr"]["n"], result["orr"]["of"]) == (7, 22)
        assert inner(result) == response_rates(read_cohort(SAMPLE), "final", denominator="treated").to_dict() | NOTICE

    def test_text(self, run):
        assert "Lung: 34/88 (38.6 %), exact 95 % CI 28.4–49.6" in run("sites", SAMPLE)[1]
        told = run("sites", SAMPLE, "--by", "histology")[1]
        assert "    small cell: 28/71 (39.4 %), exact 95 % CI 28.0–51.7\n" in told
        assert "Fisher-Freeman-Halton exact test: p = 0.274, adjusted p > 0.999" in told
        assert "objective response rate: 8/16 (50.0 %), exact 95 % CI 24.7–75.3" in run("response", TABLE5)[1]

    @pytest.mark.parametrize(
        ("options", "lines"),
        [
            (
                ["--response", "final", "--by", "ici"],
                ["final response of 57 evaluable patients", "  yes: n 16 evaluable of 22",
                 "response rate: 7/16 (43.8 %)",
                 "  no: n 41 evaluable of 53", "response rate: 9/41 (22.0 %)"],
            ),
            (
                ["--by", "ici", "--denominator", "treated"],
                ["best response of 75 patients", "  yes: n 22\n", "response rate: 8/22 (36.4 %)"],
            ),
            (["--by", "site:lung"], ["  with: n 7 evaluable of 10", "response rate: 4/7 (57.1 %)"]),
        ],
    )  # fmt: skip
    def test_a_share_stands_with_what_it_is_of(self, run, options, lines):
        text = run("response", SAMPLE, *options)[1]
        assert [line for line in lines if line not in text] == []


class TestCox:
    COVARIATES = ("--endpoint", "PRS", "--covariates", "n_sites,histology,site:lung")

    def test_alone_and_together_stand_side_by_side(self, run):
        cohort = read_cohort(SAMPLE)
        names = ["n_sites", "histology", "site:lung"]
        model = cox(cohort, "PRS", names)
        code, result, _ = run("cox", SAMPLE, *self.COVARIATES, "--univariate", "--json")
        assert code == 0 and result["multivariable"] == json.loads(json.dumps(model.to_dict()))
        alone = {t.term: t for row in univariate(cohort, "PRS", names).rows for t in row.terms}
        assert [t["term"] for t in result["terms"]] == list(alone)
        for term in result["terms"]:
            assert term["hazard_ratio"] == alone[term["term"]].hazard_ratio
            assert term["multivariable_hazard_ratio"] == model.term(term["term"]).hazard_ratio
            assert term["multivariable_p"] == model.term(term["term"]).p
        code, out, _ = run("cox", SAMPLE, *self.COVARIATES, "--univariate")
        lines = out.splitlines()
        at = lines.index("  Lung")
        assert lines[at + 1].startswith("    alone: hazard ratio 0.75 (0.39–1.46), p = 0.399 (wald), adjusted p")
        assert lines[at + 2] == "    together: hazard ratio 0.45 (0.21–0.96), p = 0.039 (wald)"
        assert "together: one model of 88 patients, 40 events" in lines
        assert any(line.startswith("    alone") and "adjusted of all levels p" in line for line in lines)

    def test_with_a_selection_the_selected_model_stands_beside(self, run):
        code, result, _ = run("cox", SAMPLE, *self.COVARIATES, "--univariate", "--stepwise", "forward-lr", "--json")
        found = stepwise(read_cohort(SAMPLE), "PRS", ["n_sites", "histology", "site:lung"])
        assert code == 0 and result["multivariable"] == json.loads(json.dumps(found.model.to_dict()))
        assert result["stepwise"]["selected"] == list(found.selected) == ["n_sites", "site:lung"]
        beside = {t["term"]: t["multivariable_hazard_ratio"] for t in result["terms"]}
        assert beside["n_sites"] == found.model.term("n_sites").hazard_ratio
        assert beside["histology=large cell"] is None
        assert any("too small" in note for note in result["notes"] if note.startswith("selection: "))
        out = run("cox", SAMPLE, *self.COVARIATES, "--univariate", "--stepwise", "forward-lr")[1]
        assert out.count("together: not in the model") == 2 and "step: entered Number of sites" in out

    def test_nothing_selected(self, run):
        names = (
            "--endpoint",
            "PRS",
            "--covariates",
            "histology,site:brain",
            "--stepwise",
            "forward-lr",
            "--univariate",
        )
        code, result, _ = run("cox", SAMPLE, *names, "--json")
        assert code == 0 and result["multivariable"] is None and result["stepwise"]["selected"] == []
        assert run("cox", SAMPLE, *names)[0] == 0

    def test_a_term_without_a_number_says_why(self, run, tmp_path):
        file = tmp_path / "small.csv"
        rows = [f"{i},{i + 1},{int(i % 5 > 0)},{int(i % 5 == 0)},{i % 3},7" for i in range(30)]
        file.write_text("id,months,dead,rare,kind,same\n" + "\n".join(rows))
        own = ("--id", "id", "--time", "months", "--event", "dead", "--covariates", "rare,kind,same", "--univariate")
        code, out, _ = run("cox", file, *own)
        assert code == 0 and "alone: hazard ratio not estimable: constant" in out and "(firth profile)" in out


class TestCompare:
    def test_the_denominator_is_a_choice(self, run):
        asked = ("compare", SAMPLE, "--by", "site:abdominal", "--variables", "figo_stage")
        known, every = (run(*asked, "--denominator", d, "--json")[1] for d in ("known", "all"))
        first, whole = (r["variables"][0]["levels"][0] for r in (known, every))
        assert first["counts"] == whole["counts"] == [26, 16]
        assert first["of"] == [50, 30] and whole["of"] == [55, 33]
        assert run(*asked, "--json")[1] == known
        assert "I: 26 (47.3 %), 16 (48.5 %)" in run(*asked, "--denominator", "all")[1]
        with pytest.raises(SystemExit) as refused:
            run(*asked, "--denominator", "everybody")
        assert refused.value.code == 2


def test_an_unforeseen_error_is_a_sentence(run, monkeypatch):
    import necc.ingest

    def broken(*args, **kwargs):
        raise RuntimeError("secret value 4711")

    monkeypatch.setattr(necc.ingest, "read_cohort", broken)
    code, _, err = run("km", SAMPLE, "--endpoint", "PRS")
    assert code == 1 and "RuntimeError" in err and "4711" not in err


def test_app_needs_a_file_that_is_there(run, tmp_path):
    code, _, err = run("app", "--data", tmp_path / "none.csv")
    assert code == 1 and "there is no file" in err


class TestGuards:
    """What a hostile reader tried."""

    @pytest.mark.parametrize("at", ["inf", "nan", "-5", "12,x"])
    def test_times_that_are_none(self, run, at):
        for form in ([], ["--json"]):
            assert main(["km", str(SAMPLE), "--endpoint", "PRS", f"--at={at}", *form]) == 2

    def test_a_range_that_runs_backwards(self, run):
        code, _, err = run("km", SAMPLE, "--endpoint", "PRS", "--where", "age_years=60..50")
        assert code == 1 and "age_years=50..60" in err

    def test_the_page_s_cautions_are_the_command_s_notes(self, run):
        by_ici = run("km", SAMPLE, "--endpoint", "PRS", "--by", "ici", "--json")[1]["notes"]
        assert any("immortal time" in note for note in by_ici)
        by_lung = run("km", SAMPLE, "--endpoint", "TTR", "--by", "site:lung", "--json")[1]["notes"]
        assert any("post-recurrence survival" in note for note in by_lung)
        own = run("km", SAMPLE, "--endpoint", "PRS", "--by", "prs_months>12", "--json")[1]["notes"]
        assert any("known only" in note for note in own)

    def test_no_covariates(self, run):
        assert run("cox", SAMPLE, "--endpoint", "PRS", "--covariates", " , ")[0] == 2

    def test_incidence_is_printed(self, run):
        out = run("cif", SAMPLE, "--at", "12")[1]
        assert "all patients, Lung at 12: 3.4 % (95 % CI 0.9–8.8)" in out


class TestOptions:
    """What is written is what is run: nothing is abbreviated, lost or written over."""

    @pytest.mark.parametrize("words", [("--endp", "PRS"), ("--js",)])
    def test_options_are_written_whole(self, run, words):
        with pytest.raises(SystemExit) as stopped:
            run("km", SAMPLE, *words)
        assert stopped.value.code == 2

    @pytest.mark.parametrize("twice", [("--endpoint", "PRS", "--endpoint", "OS"), ("--by", "ici", "--by", "lvsi")])
    def test_an_option_with_one_value_is_given_once(self, run, capsys, twice):
        with pytest.raises(SystemExit):
            run("km", SAMPLE, *twice)
        assert "it was given more than once" in capsys.readouterr().err

    def test_a_mapping_is_not_written_over(self, run, tmp_path):
        saved = tmp_path / "m.toml"
        assert run("map", SAMPLE, "-o", saved)[0] == 0
        saved.write_text("edited")
        code, _, err = run("map", SAMPLE, "-o", saved)
        assert code == 1 and "--force" in err and saved.read_text() == "edited"
        assert run("map", SAMPLE, "-o", saved, "--force")[0] == 0 and saved.read_text() != "edited"

    def test_a_filtered_result_says_so(self, run):
        code, result, _ = run("km", SAMPLE, "--endpoint", "PRS", "--where", "ici=yes", "--json")
        assert code == 0 and result["filtered"] == {"where": ["ici=yes"], "n": result["filtered"]["n"], "of": 88}
        assert 0 < result["filtered"]["n"] < 88
        assert " of 88 patients: ici=yes" in run("km", SAMPLE, "--endpoint", "PRS", "--where", "ici=yes")[1]
        assert "filtered" not in run("km", SAMPLE, "--endpoint", "PRS", "--json")[1]

    def test_warnings_of_reading_stand_in_the_json(self, run, tmp_path):
        path = tmp_path / "c.csv"
        path.write_text("patient_id,prs_months,died,arm\nP1,3,1,a b\nP2,4,0,A B\n")
        result = run("km", path, "--endpoint", "PRS", "--json")[1]
        assert [f["code"] for f in result["findings"]] == ["near-duplicate-levels"]
