"""The views of the page on survival: curves, every site, tests, restricted means, times, fitted and competing risks."""

from __future__ import annotations

from dataclasses import dataclass

from necc.analysis.survival import (
    CiMethod,
    KaplanMeier,
    compare_survival,
    kaplan_meier,
    kaplan_meier_with_entry,
    restricted_mean,
    survival_at,
)
from necc.app.session.cache import cached, draw
from necc.app.session.state import whole
from necc.app.views import comparisons, competing, parametric
from necc.app.views.conventions import choose_limits
from necc.app.widgets import parts, shape
from necc.app.widgets.choices import ALL_SITES, choose_endpoint, choose_factor, controls, options
from necc.app.widgets.show import caption, numbers, show
from necc.core.cohort import Cohort
from necc.present import figures, tables
from necc.present.figures import CurveSettings

MANY_GROUPS = "n_sites"  # what is compared before anybody chose


@dataclass(frozen=True)
class _Asked:
    """What every view asks: an endpoint, groups, and the limits."""

    endpoint: str
    by: str | None
    ci: CiMethod

    def curves(self, cohort: Cohort, times: tuple[float, ...] = ()) -> KaplanMeier:
        return cached(kaplan_meier)(cohort, self.endpoint, self.by, ci=self.ci, times=times)


def _drawn(cohort: Cohort, km: KaplanMeier, settings: CurveSettings, **more: object) -> None:
    figure = shape.draw_shaped(cohort, km, settings, **more)
    explain = "kaplan-meier curve-scales number-at-risk confidence-interval" + " proportional-hazards" * settings.ratio
    show(figure, title=settings.title or km.label, explain=explain)
    shape.told(figure, settings)


def curves(cohort: Cohort) -> None:
    """Kaplan-Meier curves by anything."""
    with controls():
        endpoint = choose_endpoint(cohort)
        by = choose_factor(cohort, all_sites=True)
        with options():
            asked = _Asked(endpoint, by, choose_limits())
            scale = parts.choose_show() if by != ALL_SITES else "survival"
            times = parts.choose_times(cohort, endpoint)
        if by != ALL_SITES:
            km = asked.curves(cohort, times)
            settings = shape.curve_settings(cohort, km, scale)
    if by == ALL_SITES:
        parts.site_grid(cohort, endpoint, asked.ci, times)
        parts.caution(cohort, endpoint, by)
        return
    _drawn(cohort, km, settings, whole=asked.curves(whole()))
    numbers(*parts.headline(km), explain="endpoints median-survival followup log-rank")
    parts.caution(cohort, endpoint, by)
    show(tables.survival_summary(km), title="Events and medians", explain="median-survival")
    show(tables.survival_at(km, scale), title="Survival at chosen times", explain="survival-at")


def every_site(cohort: Cohort) -> None:
    """Each site with against without, in one picture."""
    with controls():
        endpoint = choose_endpoint(cohort)
        with options():
            ci = choose_limits()
            times = parts.choose_times(cohort, endpoint)
    cohort.sites_or_error()
    parts.site_grid(cohort, endpoint, ci, times)
    parts.caution(cohort, endpoint, ALL_SITES)


def tests(cohort: Cohort) -> None:
    """Whether groups differ, by several tests."""
    with controls():
        endpoint = choose_endpoint(cohort)
        by = choose_factor(cohort, default=MANY_GROUPS)
        with options():
            asked = _Asked(endpoint, by, choose_limits())
            how = comparisons.choose_tests(cohort, by) if by else {}
        if by:
            km = asked.curves(cohort)
            settings = shape.curve_settings(cohort, km)
    if not by:
        parts.caution(cohort, endpoint, by)
        caption("Choose groups to compare.")
        return
    result = cached(compare_survival)(cohort, endpoint, by, **how)
    _drawn(cohort, km, settings)
    parts.caution(cohort, endpoint, by)
    show(tables.survival_tests(result), explain="weighted-log-rank trend-test permutation-test")
    if result.pairs:
        show(tables.survival_pairs(result), explain="log-rank adjusted-p")


def restricted(cohort: Cohort) -> None:
    """Mean time up to a horizon, and its differences between groups."""
    with controls():
        endpoint = choose_endpoint(cohort)
        by = choose_factor(cohort, default=MANY_GROUPS)
        tau = comparisons.choose_tau(cohort, endpoint, by)
        with options():
            asked = _Asked(endpoint, by, choose_limits())
            adjustment = comparisons.choose_adjustment() if by else "holm"
    km = asked.curves(cohort)
    means = cached(restricted_mean)(cohort, endpoint, by, tau=tau, adjustment=adjustment)
    show(draw(figures.restricted_areas, means, km=km), title=km.label, explain="restricted-mean")
    parts.caution(cohort, endpoint, by)
    show(tables.restricted_means(means), explain="restricted-mean")


def fixed_times(cohort: Cohort) -> None:
    """Survival at chosen times, compared there."""
    with controls():
        endpoint = choose_endpoint(cohort)
        by = choose_factor(cohort, default=MANY_GROUPS)
        times = parts.choose_times(cohort, endpoint)
        with options():
            asked = _Asked(endpoint, by, choose_limits())
        km = asked.curves(cohort)
        settings = shape.curve_settings(cohort, km)
    _drawn(cohort, km, settings)
    parts.caution(cohort, endpoint, by)
    show(tables.fixed_times(cached(survival_at)(cohort, endpoint, by, times=times)), explain="survival-at")


def medians(cohort: Cohort) -> None:
    """The same medians with the limits of three conventions."""
    with controls():
        endpoint = choose_endpoint(cohort)
        by = choose_factor(cohort, default=MANY_GROUPS)
    every = [cached(kaplan_meier)(cohort, endpoint, by, ci=ci) for ci in ("log-log", "log", "plain")]
    show(tables.median_conventions(every), explain="median-survival confidence-interval")
    parts.caution(cohort, endpoint, by)


def delayed_entry(cohort: Cohort) -> None:
    """Patients who came under observation late, counted from then on."""
    with controls():
        endpoint = choose_endpoint(cohort)
        by = choose_factor(cohort, default=MANY_GROUPS)
        entry = comparisons.choose_entry(cohort, endpoint)
    if not entry:
        caption("Choose the column that says when each patient came under observation.")
        parts.caution(cohort, endpoint, by)
        return
    km = cached(kaplan_meier)(cohort, endpoint, by)
    late = cached(kaplan_meier_with_entry)(cohort, endpoint, by, entry=entry)
    show(
        draw(figures.survival_curves, late, counts=False), title=km.label, explain="left-truncation", name="entry"
    )  # fmt: skip
    parts.caution(cohort, endpoint, by)
    show(tables.entry_medians(km, late), explain="left-truncation")


VIEWS = {
    "Curves": curves,
    "Every site": every_site,
    "Tests": tests,
    "Restricted mean": restricted,
    "Fixed times": fixed_times,
    "Medians": medians,
    "Delayed entry": delayed_entry,
    "Parametric": parametric.curves,
    "Competing risks": competing.page,
}
