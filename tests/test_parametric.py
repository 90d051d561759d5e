"""Parametric curves against R's survreg, lifelines, by hand, and by their properties."""

from __future__ import annotations

import json
import math
import sys
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from cohorts import SAMPLES, survival_cohort
from hypothesis import given, settings
from hypothesis import strategies as st

from necc.analysis.survival import FAMILIES, kaplan_meier, n_parameters, parametric
from necc.core.errors import AnalysisError
from necc.core.guardrails import EVENTS_PER_PARAMETER
from necc.core.selection import Selection
from necc.ingest import read_cohort
from necc.present import figures, tables
from necc.present.figures.settings import CurveSettings
from necc.present.words.captions.parametric import FAMILY_NAMES
from necc.present.words.methods import method, methods_paragraph

IN_R = {"exponential": "exponential", "weibull": "weibull", "log-normal": "lognormal", "log-logistic": "loglogistic"}
RECORDED = json.loads((Path(__file__).parent / "recorded" / "parametric.json").read_text())
Z = 1.959963984540054


def fitted(time, event, **how):
    return parametric(survival_cohort(list(time), list(event)), "T", **how)


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLES / "reconstructed_cohort.csv")


@pytest.fixture(scope="module")
def fits(cohort):
    """To 120 months, and the Kaplan-Meier curve of the same patients."""
    return parametric(cohort, "PRS", horizon=120), kaplan_meier(cohort, "PRS")


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda c: f"n={len(c['time'])}")
class TestAgainstR:
    """survreg where R has the family, else its likelihood in R; recorded by recorded/parametric.R."""

    @pytest.fixture
    def result(self, case):
        return fitted(case["time"], case["event"], times=RECORDED["at"], horizon=130)

    @pytest.mark.parametrize("family", IN_R)
    def test_survreg(self, case, result, family):
        fit, theirs = result.fit(family), case[IN_R[family]]
        assert fit.converged
        assert [p.value.value for p in fit.survreg] == pytest.approx(theirs["value"], rel=1e-9, abs=1e-9)
        assert [p.se for p in fit.survreg] == pytest.approx(theirs["se"], rel=1e-8)
        assert [fit.log_likelihood, fit.aic, fit.bic] == pytest.approx(
            [*theirs["loglik"], *theirs["aic"], *theirs["bic"]], rel=1e-12
        )
        median, se = theirs["log_median"]
        limits = [math.exp(median + x * Z * se) for x in (0, -1, 1)]
        assert [fit.median.value, fit.median.lower, fit.median.upper] == pytest.approx(limits, rel=1e-7)
        assert [a.survival.value for a in fit.at_times] == pytest.approx(theirs["survival"], abs=1e-10)

    @pytest.mark.parametrize("family", ["generalised-gamma", "spline"])
    def test_likelihood_in_r(self, case, result, family):
        fit, theirs = result.fit(family), case[family]
        assert fit.log_likelihood == pytest.approx(theirs["loglik"][0], abs=1e-9)
        assert [a.survival.value for a in fit.at_times] == pytest.approx(theirs["survival"], abs=1e-8)


FITTERS = {
    "exponential": "ExponentialFitter", "weibull": "WeibullFitter", "log-normal": "LogNormalFitter",
    "log-logistic": "LogLogisticFitter", "generalised-gamma": "GeneralizedGammaFitter", "spline": "SplineFitter",
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("endpoint", ["PRS", "TTR"])
class TestAgainstLifelines:
    """lifelines' own search stops at a gradient of about 1e-3, so that its estimates are right to about 1e-4."""

    @pytest.fixture
    def both(self, cohort, endpoint, family):
        import lifelines

        outcome = cohort.endpoint(endpoint)
        time, event = outcome.time[outcome.valid], outcome.event[outcome.valid]
        fit = parametric(cohort, endpoint, families=[family], times=[12, 30], horizon=120).groups[0].fits[0]
        of_family = getattr(lifelines, FITTERS[family])
        theirs = of_family(np.array(fit.knots)) if family == "spline" else of_family()
        return fit, theirs, time, event

    def test_same_likelihood_and_curve_at_the_same_parameters(self, both):
        """lifelines' own functions, at our estimates."""
        fit, theirs, time, event = both
        u = np.array([p.value.value for p in fit.parameters])
        weights, entry = np.ones(len(time)), np.zeros(len(time))
        mean = theirs._negative_log_likelihood_right_censoring(u, (time, None), event, entry, weights)
        assert -mean * len(time) == pytest.approx(fit.log_likelihood, abs=1e-8)
        survival = np.exp(-theirs._cumulative_hazard(u, np.array([12.0, 30.0])))
        assert [a.survival.value for a in fit.at_times] == pytest.approx(survival.tolist(), abs=1e-8)
        assert np.exp(-theirs._cumulative_hazard(u, np.array([fit.median.value])))[0] == pytest.approx(0.5, abs=1e-8)

    def test_its_own_fit(self, both):
        fit, theirs, time, event = both
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs.fit(time, event)
        assert 0 <= fit.log_likelihood - theirs.log_likelihood_ + 1e-9 < 1e-6
        assert fit.aic == pytest.approx(theirs.AIC_, abs=1e-5)
        assert fit.bic == pytest.approx(theirs.BIC_, abs=1e-5)
        assert [p.value.value for p in fit.parameters] == pytest.approx(
            theirs._fitted_parameters_.tolist(), rel=2e-3, abs=5e-4
        )
        assert [p.se for p in fit.parameters] == pytest.approx(
            np.sqrt(np.diag(theirs.variance_matrix_)).tolist(), rel=2e-3
        )

    def test_limits_are_those_of_its_covariance(self, both):
        """The delta method on log H, with derivatives by autograd and lifelines' own covariance."""
        from autograd import jacobian

        fit, theirs, time, event = both
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs.fit(time, event)
        at, u = np.array([12.0, 30.0]), theirs._fitted_parameters_
        h = theirs._cumulative_hazard(u, at)
        slopes = jacobian(lambda p: theirs._cumulative_hazard(p, at))(u) / h[:, np.newaxis]
        half = Z * np.sqrt(np.einsum("np,pq,nq->n", slopes, theirs.variance_matrix_.to_numpy(), slopes))
        for a, value, width in zip(fit.at_times, np.log(h), half, strict=True):
            limits = np.exp(-np.exp([value, value + width, value - width]))
            assert [a.survival.value, a.survival.lower, a.survival.upper] == pytest.approx(limits.tolist(), abs=2e-4)


class TestByHand:
    time, event = [2.0, 4, 6, 8, 10, 3, 5, 7, 9, 11], [1] * 5 + [0] * 5

    def test_exponential(self):
        """lambda is time at risk over events, its log has the variance 1 / d, and S(t) = exp(-t / lambda)."""
        fit = fitted(self.time, self.event, families=["exponential"], times=[0, 13], horizon=20).groups[0].fits[0]
        total, d = sum(self.time), 5
        (parameter,) = fit.parameters
        assert parameter.value.value == pytest.approx(total / d) and parameter.se == pytest.approx(total / d**1.5)
        assert fit.log_likelihood == pytest.approx(-d * math.log(total / d) - d)
        assert fit.aic == pytest.approx(2 + 2 * (d * math.log(total / d) + d))
        wide = math.exp(Z / math.sqrt(d))
        assert fit.median.value == pytest.approx(math.log(2) * total / d)
        assert (fit.median.lower, fit.median.upper) == pytest.approx((fit.median.value / wide, fit.median.value * wide))
        start, late = fit.at_times
        assert (start.survival.value, start.survival.lower, start.extrapolated) == (1, None, False)
        hazard = 13 * d / total
        assert late.survival.value == pytest.approx(math.exp(-hazard)) and late.extrapolated
        assert late.survival.lower == pytest.approx(math.exp(-hazard * wide))

    def test_log_normal_without_censoring_has_the_moments_of_log_times(self):
        time = np.exp(np.linspace(1, 3, 30) ** 1.3)
        parameters = fitted(time, [1] * 30, families=["log-normal"]).groups[0].fits[0].parameters
        logs = np.log(time)
        assert [p.value.value for p in parameters] == pytest.approx([logs.mean(), logs.std()])
        assert [p.se for p in parameters] == pytest.approx([logs.std() / 30**0.5, logs.std() / 60**0.5])

    def test_differences_of_aic(self):
        group = fitted(np.exp(np.linspace(1, 3, 40)), [1] * 40).groups[0]
        assert group.best.aic_difference == 0 and group.best in group.alike
        assert group.best.aic == min(f.aic for f in group.fits)
        assert all(f.aic_difference == f.aic - group.best.aic for f in group.fits)


class TestGroups:
    def test_each_level_alone(self, cohort):
        result = parametric(cohort, "PRS", "site:lung", times=[12])
        for group in result.groups:
            part = Selection.parse([f"site:lung={group.name}"]).apply(cohort)
            alone = parametric(part, "PRS", times=[12], horizon=result.horizon).groups[0]
            assert (group.n, group.n_events, group.follow_up) == (alone.n, alone.n_events, alone.follow_up)
            for a, b in zip(group.fits, alone.fits, strict=True):
                assert a.log_likelihood == pytest.approx(b.log_likelihood)
        assert sum(g.n for g in result.groups) == result.n == 88

    def test_curves_end_at_the_horizon_and_hold_the_end_of_follow_up(self, cohort):
        result = parametric(cohort, "PRS", "site:lung", horizon=120)
        assert result.time[0] == 0 and result.time[-1] == result.horizon == 120
        assert {g.follow_up for g in result.groups} <= set(result.time.tolist())
        assert any("extrapolated" in note for note in result.notes)
        assert parametric(cohort, "PRS").horizon == kaplan_meier(cohort, "PRS").curves[0].time[-1]

    def test_unit_changes_nothing_but_the_unit(self):
        rng = np.random.default_rng(3)
        time, event = rng.weibull(1.4, 70) * 20 + 0.1, rng.random(70) < 0.7
        months, days = fitted(time, event, times=[12]), fitted(time * 30.4375, event, times=[12 * 30.4375])
        for a, b in zip(months.groups[0].fits, days.groups[0].fits, strict=True):
            assert b.median.value == pytest.approx(30.4375 * a.median.value, rel=1e-7)
            assert b.at_times[0].survival.value == pytest.approx(a.at_times[0].survival.value, abs=1e-8)
            assert b.log_likelihood == pytest.approx(a.log_likelihood - event.sum() * math.log(30.4375))
            assert b.aic_difference == pytest.approx(a.aic_difference, abs=1e-7)

    def test_arrays_are_frozen_and_json_is_complete(self, cohort):
        result = parametric(cohort, "PRS", times=[12], horizon=80)
        for array in (result.time, *(f.survival for f in result.groups[0].fits)):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
        told = json.loads(json.dumps(result.to_dict()))
        assert [f["family"] for f in told["groups"][0]["fits"]] == list(FAMILIES)
        first = told["groups"][0]["fits"][0]
        assert len(first["curve"]) == len(told["time"]) and first["at_times"][0]["extrapolated"] is False
        assert len(result.to_frame()) == len(FAMILIES)

    def test_a_maximum_takes_few_steps(self, cohort, monkeypatch):
        """What holds the speed without a clock: lifelines' own search asks some 400 times for each family."""
        module = sys.modules["necc.analysis.survival.parametric"]
        asked, derivatives = [], module._derivatives
        monkeypatch.setattr(module, "_derivatives", lambda loss, u: asked.append(len(u)) or derivatives(loss, u))
        for endpoint in ("PRS", "OS", "TTR"):
            asked.clear()
            parametric(cohort, endpoint)
            assert 6 < len(asked) <= 60, (endpoint, asked)

    def test_progress(self, cohort):
        seen = []
        parametric(cohort, "PRS", "site:lung", progress=seen.append)
        assert seen == pytest.approx([i / 12 for i in range(12)])


class TestRefusals:
    @pytest.mark.parametrize(
        ("how", "words"),
        [
            ({"families": ["gompertz"]}, "families 'gompertz' is not one of exponential"),
            ({"families": []}, "at least one family"),
            ({"families": ["weibull", "weibull"]}, "named twice"),
            ({"times": [-1]}, "zero or positive"),
            ({"times": [math.nan]}, "zero or positive"),
            ({"horizon": 0}, "horizon must be positive"),
            ({"horizon": math.inf}, "horizon must be positive"),
            ({"level": 1}, "between 0.5 and 1"),
            ({"n_knots": 9}, "1 to 5 knots"),
        ],
    )
    def test_what_cannot_be_asked(self, how, words):
        with pytest.raises(AnalysisError, match=words):
            fitted([1, 2, 3], [1, 1, 1], **how)

    def test_what_a_result_lacks(self):
        with pytest.raises(AnalysisError, match="no fit of spline in 'all patients'"):
            fitted([1, 2, 3], [1, 1, 1], families=["weibull"]).fit("spline")


class TestDegenerate:
    @pytest.mark.parametrize("family", FAMILIES)
    def test_too_few_events(self, family):
        least = EVENTS_PER_PARAMETER * n_parameters(family)
        rng = np.random.default_rng(5)
        time = np.round(rng.lognormal(3, 0.6, 60), 2)
        for events in (0, 1, least - 1):
            fit = fitted(time, [1] * events + [0] * (60 - events), families=[family]).groups[0].fits[0]
            assert not fit.converged and fit.aic is None and not len(fit.survival)
            assert f"{least} are needed" in fit.note
        fit = fitted(time, [1] * least + [0] * (60 - least), families=[family]).groups[0].fits[0]
        assert fit.converged or "too few" not in fit.note

    def test_no_patients(self):
        result = fitted([4.0, None], [None, 1])
        assert not result.groups and not result.n and "no patients to analyse" in result.notes
        assert json.dumps(result.to_dict())

    def test_events_at_one_time_have_no_shape(self):
        group = fitted([7.0] * 25 + [3.0] * 5, [1] * 25 + [0] * 5).groups[0]
        assert [f.family for f in group.fits if f.converged] == ["exponential"]
        assert all(f.note for f in group.fits if not f.converged)

    def test_a_likelihood_without_a_maximum_gives_nothing(self):
        """Events at the first of two times only, censored before: the narrower the curve the better it fits."""
        time, event = [5.0] * 15 + [5.0000001] * 15 + [1.0] * 5, [1] * 30 + [0] * 5
        group = fitted(time, event).groups[0]
        assert group.fits[0].converged
        for fit in group.fits[1:4]:
            assert not fit.converged and fit.aic is None and fit.median.value is None and not len(fit.survival)

    def test_generalised_gamma_that_runs_away(self):
        """Times that end where most of them lie: the gamma's lambda grows without end."""
        rng = np.random.default_rng(11)
        fit = fitted(rng.integers(1, 4, 60), [1] * 60, families=["generalised-gamma"]).groups[0].fits[0]
        assert not fit.converged and "no maximum" in fit.note

    def test_huge_and_tiny_times(self):
        rng = np.random.default_rng(8)
        time = rng.lognormal(0, 1, 60)
        for scale in (1e-4, 1e9):  # smaller ones differ by rounding alone, and are ties
            assert all(f.converged for f in fitted(time * scale, [1] * 60).groups[0].fits)

    def test_times_of_zero_are_left_out_and_told(self):
        rng = np.random.default_rng(2)
        time, event = rng.exponential(10, 50).round(1) + 0.1, [1] * 40 + [0] * 10
        without, result = fitted(time, event), fitted([0.0, 0, 0, *time], [1, 0, 0, *event])
        assert (result.n, result.at_zero, result.events_at_zero) == (50, 3, 1)
        assert any(e.reason.startswith("time of zero") and e.n == 3 for e in result.excluded)
        assert any("1 event at time zero left out" in note for note in result.notes)
        for a, b in zip(result.groups[0].fits, without.groups[0].fits, strict=True):
            assert a.log_likelihood == b.log_likelihood

    def test_times_of_zero_are_no_note_on_curves_that_are_not_there(self):
        result = fitted([0.0] * 30, [1] * 20 + [0] * 10)
        assert (result.n, result.at_zero, result.events_at_zero) == (0, 30, 20)
        assert [note for note in result.notes if "curves start" in note] == []
        assert any(e.reason.startswith("time of zero") and e.n == 30 for e in result.excluded)

    def test_a_spline_whose_survival_rises_is_not_shown(self):
        """Two clusters of events with nothing between them: the spline bends down, where no survival can go."""
        time = [*np.linspace(1, 1.05, 20), *np.linspace(50, 52.5, 20)]
        result = fitted(time, [1] * 40, families=["weibull", "spline"])
        assert result.fit("weibull").converged
        assert not result.fit("spline").converged and "survival rises" in result.fit("spline").note
        assert fitted(time, [1] * 40, families=["spline"], n_knots=1).groups[0].fits[0].converged


class TestFigure:
    @staticmethod
    def lines(figure, name):
        """The drawn parts of a smooth curve: followed, and extrapolated."""
        named = [t for t in figure.spec["data"] if t.get("name") == name and t["x"] != [None]]
        return [t for t in named if t["line"]["dash"] != "dot"], [t for t in named if t["line"]["dash"] == "dot"]

    @pytest.mark.parametrize("show", ["survival", "risk", "cumulative hazard", "log-log"])
    def test_every_point_is_the_results_and_extrapolation_is_apart(self, fits, show):
        result, km = fits
        figure = figures.parametric_curves(result, km=km, settings=CurveSettings(show=show))
        end = result.groups[0].follow_up
        scale = {"survival": lambda s: s, "risk": lambda s: 1 - s, "cumulative hazard": lambda s: -np.log(s),
                 "log-log": lambda s: np.log(-np.log(s))}[show]  # fmt: skip
        for fit in result.groups[0].fits:
            (followed,), (beyond,) = self.lines(
                figure, FAMILY_NAMES[fit.family][:1].upper() + FAMILY_NAMES[fit.family][1:]
            )
            assert max(followed["x"]) == min(beyond["x"]) == pytest.approx(end, abs=1e-4) and max(beyond["x"]) == 120
            for part in (followed, beyond):
                at = np.searchsorted(result.time.round(4), part["x"])
                assert part["y"] == pytest.approx(scale(fit.survival[at]).tolist(), abs=1e-5)
            assert "extrapolation" in beyond["hovertemplate"] and "extrapolation" not in followed["hovertemplate"]
        axis = figure.spec["layout"]["yaxis"]["range"]
        drawn = [y for t in figure.spec["data"] if t.get("hovertemplate") for y in t["y"] if y is not None]
        assert axis[0] - 1e-9 <= min(drawn) and max(drawn) <= axis[1] + 1e-9

    def test_the_legend_names_each_curve_once(self, fits):
        figure = figures.parametric_curves(fits[0], km=fits[1])
        entries = [t["name"] for t in figure.spec["data"] if t.get("showlegend")]
        ranked = ["Log-normal", "Log-logistic", "Generalised gamma", "Spline", "Weibull", "Exponential"]
        assert entries == ["Kaplan-Meier (n = 88)", *ranked, "extrapolation"]
        shown = "".join(ET.fromstring(figure.to_svg()).itertext())
        assert all(entry in shown for entry in entries) and "end of follow-up" in shown
        assert (
            "Extrapolation" not in figure.caption and "extrapolation, where no patient was observed" in figure.caption
        )

    def test_nothing_is_extrapolated_within_the_follow_up(self, cohort, fits):
        figure = figures.parametric_curves(parametric(cohort, "PRS"), km=fits[1])
        assert "extrapolation" not in figure.caption + json.dumps(figure.spec)
        cut = figures.parametric_curves(*fits[:1], km=fits[1], settings=CurveSettings(end=36))
        assert cut.spec["layout"]["xaxis"]["range"] == [0, 36]
        assert "extrapolation" not in cut.caption + json.dumps(cut.spec)
        assert not self.lines(cut, "Weibull")[1] and max(self.lines(cut, "Weibull")[0][0]["x"]) <= 36

    def test_what_does_not_converge_is_told_and_not_drawn(self, cohort):
        result, km = parametric(cohort, "PRS", "site:lung", horizon=90), kaplan_meier(cohort, "PRS", "site:lung")
        figure = figures.parametric_curves(result, km=km, families=["spline"])
        assert self.lines(figure, "without: Spline")[0] and not any(self.lines(figure, "with: Spline"))
        assert "Spline in 'with': too few events: 14 events, and 20 are needed for 4 parameters" in figure.caption

    def test_of_several_groups_the_best_of_all_is_drawn_in_the_groups_colours(self, cohort):
        result, km = parametric(cohort, "PRS", "site:lung"), kaplan_meier(cohort, "PRS", "site:lung")
        sums = {f: sum(g.fits[i].aic for g in result.groups) for i, f in enumerate(FAMILIES[:4])}
        assert result.in_all == tuple(sorted(sums, key=sums.get))
        figure = figures.parametric_curves(result, km=km)
        best = FAMILY_NAMES[result.in_all[0]].capitalize()
        for group in ("without", "with"):
            (smooth,), _ = self.lines(figure, f"{group}: {best}")
            steps = next(t for t in figure.spec["data"] if t.get("name", "").startswith(f"{group} (n"))
            assert smooth["line"]["color"] == steps["line"]["color"]
        assert "lowest sum of AIC" in figure.caption

    def test_a_group_too_small_for_any_family_leaves_the_others_theirs(self):
        rng = np.random.default_rng(6)
        arms = ["a"] * 20 + ["b"] * 20 + ["c"] * 4
        time, event = rng.exponential(10, 44).round(2).tolist(), [1] * 42 + [0] * 2
        cohort = survival_cohort(time, event, factors={"arm": arms})
        result, km = parametric(cohort, "T", "arm"), kaplan_meier(cohort, "T", "arm")
        assert not result.in_all and set(result.ranked) == set(FAMILIES)
        figure = figures.parametric_curves(result, km=km)
        smooth = {t["name"].split(":")[0] for t in figure.spec["data"] if ": " in t.get("name", "")}
        assert smooth == {"a", "b"}
        assert "of those fitted in most groups" in figure.caption and "too few events" not in figure.caption

    def test_limits(self, fits):
        result, km = fits
        figure = figures.parametric_curves(result, km=km, families=["weibull"], limits=True)
        bands = [t for t in figure.spec["data"] if t.get("fill") == "tonexty"]
        assert len(bands) == 2  # followed and extrapolated; Kaplan-Meier's own gives way
        fit = result.fit("weibull")
        at = np.searchsorted(result.time.round(4), bands[0]["x"])
        assert bands[0]["y"] == pytest.approx(fit.ci_upper[at].tolist(), abs=1e-4)
        assert "delta method" in figure.caption and "bands" not in figure.caption

    def test_a_family_that_was_not_fitted_is_refused(self, cohort, fits):
        with pytest.raises(ValueError, match="spline can't be drawn; the result has weibull"):
            figures.parametric_curves(parametric(cohort, "PRS", families=["weibull"]), km=fits[1], families=["spline"])


class TestTables:
    def test_cells(self, cohort):
        result = parametric(cohort, "PRS", "site:lung", times=[12, 120], horizon=120)
        table = tables.parametric_fits(result)
        assert table.columns[-1] == "At 120 months, % (95 % CI)"
        row = table.rows[1 + FAMILIES.index("weibull")]
        fit = result.fit("weibull", "without")
        assert row[2] == f"{fit.aic:.1f}" and row[3] == f"{fit.aic_difference:.1f}"
        assert row[6].startswith(f"{100 * fit.at_times[0].survival.value:.1f} (") and not row[6].endswith("*")
        assert row[7].startswith(f"{100 * fit.at_times[1].survival.value:.1f} (") and row[7].endswith("*")
        assert any(note.startswith("* extrapolated: beyond the end of follow-up") for note in table.notes)
        assert table.rows[-1][:3] == ("Spline", "4", "–")
        assert any("too few events: 14 events" in note for note in table.notes)
        parameters = tables.parametric_parameters(result).rows
        assert [r[2] for r in parameters if r[:2] == ("Weibull", "survreg")] == ["(Intercept)", "Log(scale)"] * 2

    def test_methods(self, cohort):
        said = " ".join(method(parametric(cohort, "PRS", horizon=120)))
        assert "fitted by maximum likelihood and compared by Akaike's" in said and "2 inner knots" in said
        assert "extrapolated to 120 months; the follow-up ended at 65.5 months" in said
        assert "extrapolated" not in " ".join(method(parametric(cohort, "PRS")))
        assert "lifelines 0." in methods_paragraph([parametric(cohort, "PRS")], cohort).text


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.0, 1e4, allow_subnormal=False), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([None, 50.0, 1e5]),
)
def test_whatever_the_cohort(patients, horizon):
    """Nested families fit no better, curves fall from 1 within their limits, and no warning leaks."""
    time, event = zip(*patients, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = fitted(time, event, horizon=horizon, times=[0, 1, 1e6])
    for group in result.groups:
        for fit in group.fits:
            assert fit.converged == (not fit.note) == (fit.aic is not None) == bool(len(fit.survival))
            if fit.converged:
                assert len(fit.survival) == len(result.time) and fit.survival[0] == 1
                assert (np.diff(fit.survival) <= 1e-12).all() and (fit.survival >= 0).all()
                assert (fit.ci_lower <= fit.survival + 1e-9).all() and (fit.survival <= fit.ci_upper + 1e-9).all()
                assert all(math.isfinite(p.value.value) and p.se >= 0 for p in fit.parameters)
        found = {f.family: f.log_likelihood for f in group.fits if f.converged}
        for small, large in (("exponential", "weibull"), ("weibull", "generalised-gamma"), ("weibull", "spline"),
                             ("log-normal", "generalised-gamma")):  # fmt: skip
            if small in found and large in found:
                assert found[large] >= found[small] - 1e-6
