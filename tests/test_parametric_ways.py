"""Parametric curves on the page and on the command line: what Python gives, and what is told where it gives nothing."""

from __future__ import annotations

import json

import pytest
from cohorts import SAMPLES
from page_helpers import charts, choose, failures, open_page, shown_figures, tables, unexplained, words
from test_links import asked, visit
from test_pages_competing_treatment import other, view  # noqa: F401 - a fixture

from necc.analysis.survival import FAMILIES, parametric
from necc.cli import main
from necc.core.text import format_number
from necc.ingest import read_cohort

SAMPLE = SAMPLES / "reconstructed_cohort.csv"
FEW = b"patient_id,prs_months,died\n" + b"".join(b"P%d,%d,%d\n" % (i, i + 3, i % 4 == 0) for i in range(12))


@pytest.fixture
def page(app_test):
    return view(open_page(app_test(), "survival"), "choice-survival-view", "Parametric")


class TestPage:
    def test_the_families_of_all_patients(self, page):
        assert not failures(page) and not unexplained(page)
        fits, parameters = tables(page)
        group = parametric(read_cohort(SAMPLE), "PRS", times=(12, 24, 36)).groups[0]
        assert [row[2] for row in fits[1:]] == [format_number(f.aic, 1) for f in group.fits]
        assert fits[0][-1] == "At 36 months, % (95 % CI)" and not any("*" in cell for row in fits for cell in row)
        assert {row[0] for row in parameters[1:]} >= {"Weibull", "Spline with 2 inner knots"}
        entries = [t["name"] for t in charts(page)[0]["data"] if t.get("showlegend")]
        assert entries[:2] == ["Kaplan-Meier (n = 88)", "Log-normal"] and "extrapolation" not in entries
        assert "extrapolated" not in words(page)

    def test_a_horizon_beyond_the_follow_up(self, page):
        app = choose(page, "horizon-PRS", 120.0)
        app = choose(app, "times-months", "12, 120")
        assert not failures(app)
        assert all(row[-1].endswith("*") for row in tables(app)[0][1:])
        assert "Dotted, beyond the end of follow-up at 65.5 months: extrapolation" in words(app)
        assert charts(app)[0]["layout"]["xaxis"]["range"][1] == 120

    def test_groups_with_one_family_and_the_shared_figure_settings(self, page):
        app = choose(page, "by", "site:lung")
        assert not failures(app) and "lowest sum of AIC" in shown_figures(app)[0].caption
        app = choose(app, "family-drawn", "weibull")
        app = choose(app, "curve-end-months", "36")
        names = {t["name"] for t in charts(app)[0]["data"] if t.get("name")}
        assert {"without: Weibull", "with: Weibull"} <= names
        assert charts(app)[0]["layout"]["xaxis"]["range"] == [0, 36]

    def test_fewer_families(self, page):
        app = choose(page, "families", ["weibull"])
        app = choose(app, "family-limits", True)
        assert [row[0] for row in tables(app)[0][1:]] == ["Weibull"]
        assert any(t.get("fill") == "tonexty" for t in charts(app)[0]["data"])
        app = choose(app, "families", [])
        assert not failures(app) and "Choose at least one family." in words(app)

    def test_too_few_events(self, other):  # noqa: F811 - the fixture
        app = view(other(FEW, "survival"), "choice-survival-view", "Parametric")
        assert not failures(app)
        assert "too few events: 3 events, and 5 are needed for 1 parameter" in words(app)
        assert [t for t in charts(app)[0]["data"] if t.get("showlegend")][0]["name"] == "Kaplan-Meier (n = 12)"

    def test_a_link_opens_it(self, app_test):
        link = {"survival-view": "parametric", "families": ["weibull", "spline"], "by": "site:lung"}
        app = visit(app_test(), "survival", **link, **{"horizon-PRS": "90"})
        assert asked(app) == {**{k: [v] if isinstance(v, str) else v for k, v in link.items()}, "horizon-PRS": ["90"]}
        assert not failures(app)
        assert [row[0] for row in tables(app)[0][1:]][1:3] == ["Weibull", "Spline"]


class TestCommandLine:
    @pytest.fixture
    def run(self, capsys):
        """A function: arguments -> (exit code, parsed JSON or text, standard error)."""

        def call(*arguments: object):
            code = main([str(a) for a in ("parametric", *arguments)])
            out, err = capsys.readouterr()
            assert "Traceback" not in out + err
            return code, json.loads(out) if "--json" in arguments else out, err

        return call

    def test_the_same_numbers(self, run):
        code, told, _ = run(
            SAMPLE, "--endpoint", "PRS", "--by", "site:lung", "--at", "12,90", "--horizon", "120", "--json"
        )
        result = parametric(read_cohort(SAMPLE), "PRS", "site:lung", times=(12, 90), horizon=120)
        ours = json.loads(json.dumps(result.to_dict()))
        assert code == 0 and {name: told[name] for name in ours if name != "notes"} == {
            name: value for name, value in ours.items() if name != "notes"
        }
        assert told["notes"][: len(ours["notes"])] == ours["notes"]

    def test_lines(self, run):
        code, told, _ = run(
            SAMPLE, "--endpoint", "PRS", "--families", "weibull,spline", "--at", "90", "--horizon", "100"
        )
        weibull = parametric(read_cohort(SAMPLE), "PRS", families=["weibull"]).groups[0].fits[0]
        assert code == 0 and f"Weibull: AIC {weibull.aic:.1f} (+0.8), median 25.1 months" in told
        assert "lambda 33.4856, rho 1.2782" in told and "(extrapolation)" in told and "exponential" not in told
        _, few, _ = run(SAMPLE, "--endpoint", "PRS", "--by", "site:lung", "--families", "spline")
        assert "spline: too few events: 14 events, and 20 are needed for 4 parameters" in few

    def test_a_picture(self, run, tmp_path):
        out = tmp_path / "curves.svg"
        words = (SAMPLE, "--endpoint", "PRS", "--horizon", "120", "--svg", out)
        assert run(*words, "--set", "title=Long run", "--show", "risk")[0] == 0
        text = out.read_text(encoding="utf-8")
        assert "Long run" in text and "end of follow-up" in text and "Risk of the event" in text
        assert run(*words)[0] == 1 and run(*words, "--force")[0] == 0

    @pytest.mark.parametrize(
        ("words", "code", "message"),
        [
            (["--families", "gompertz"], 1, "families 'gompertz' is not one of exponential"),
            (["--families", "weibull,weibull"], 1, "named twice"),
            (["--horizon", "0"], 1, "horizon must be positive"),
            (["--knots", "7"], 1, "1 to 5 knots"),
            (["--at", "x"], 2, "--at takes numbers"),
            (["--set", "end=3"], 2, "--svg OUT"),
        ],
    )
    def test_wrong_words(self, run, words, code, message):
        found, out, err = run(SAMPLE, "--endpoint", "PRS", *words)
        assert found == code and message in out + err

    def test_every_family_by_default(self, run):
        told = run(SAMPLE, "--endpoint", "PRS", "--json")[1]
        assert [f["family"] for f in told["groups"][0]["fits"]] == list(FAMILIES)
