"""The views of the page on sites: how often each occurs, together, in organs, when, and which comes first."""

from __future__ import annotations

from necc.analysis.competing import incidence_of
from necc.analysis.recurrence import co_occurrence, site_distribution, site_timing
from necc.app.session.cache import cached, draw
from necc.app.session.state import whole
from necc.app.views import competing
from necc.app.widgets import parts
from necc.app.widgets.choices import ALL_SITES, choose_endpoint, choose_factor, choose_scheme, controls, options
from necc.app.widgets.show import caption, show
from necc.core.cohort import Cohort
from necc.present import figures, tables


def distribution(cohort: Cohort) -> None:
    """How often each site occurs, alone or by a variable."""
    with controls():
        by = choose_factor(cohort)
        choose_scheme(cohort)
    result = cached(site_distribution)(cohort, by)
    everybody = cached(site_distribution)(whole(), by)
    bars = draw(figures.site_bars_by if by else figures.site_bars, result, whole=everybody)
    why = "sites-by-factor exact-interval" if by else "site-distribution exact-interval"
    show(bars, title="Sites of first recurrence", explain=why)
    show(tables.site_table(result), title="Patients with each site", explain="exact-interval adjusted-p")
    if not by:
        show(draw(figures.body_shares, result), title="On the body", explain="patient-sites site-distribution")
    show(
        draw(figures.number_of_sites, result, whole=everybody), title="Number of sites per patient",
        explain="number-of-sites",
    )  # fmt: skip


def combinations(cohort: Cohort) -> None:
    """Which sites come together."""
    with controls():
        choose_scheme(cohort)
    together = cached(co_occurrence)(cohort)
    everybody = cached(co_occurrence)(whole())
    show(draw(figures.upset, together, whole=everybody), title="Which sites come together", explain="upset")
    show(draw(figures.site_matrix, together), title="Pairs of sites", explain="co-occurrence")
    show(tables.site_pairs(together), explain="co-occurrence odds-ratio adjusted-p")
    show(tables.combinations(together), explain="upset")


def organs(cohort: Cohort) -> None:
    """The organs within each site."""
    with controls():
        choose_scheme(cohort)
    result = cached(site_distribution)(cohort)
    for found in result.organs:
        show(
            draw(figures.organ_bars, found), title=f"{found.label}: organs", explain="organs",
            name=f"organs-{found.site}",
        )  # fmt: skip
        show(tables.organ_table(found), explain="organs exact-interval", name=f"organs-{found.site}")
    if not result.organs:
        caption("The file names no organs within its sites.")


def timing(cohort: Cohort) -> None:
    """After how long the disease came back, by site."""
    with controls():
        endpoint = choose_endpoint(cohort, "recurrence_endpoint")
        choose_scheme(cohort)
    result = cached(site_timing)(cohort, endpoint)
    show(draw(figures.site_timing, result), title=f"{result.label} by site", explain="site-timing")
    parts.caution(cohort, endpoint, ALL_SITES)
    show(tables.timing_table(result), explain="site-timing")


def first(cohort: Cohort) -> None:
    """Which site comes first, with the others and death competing."""
    with controls():
        by = choose_factor(cohort)
        with options():
            outcome = competing.choose_causes(cohort)
            times = parts.choose_times_in(outcome.unit, "Incidence")
    competing.all_causes(cohort, outcome, cached(incidence_of)(cohort, outcome, by), by, times)


VIEWS = {
    "Distribution": distribution,
    "Combinations": combinations,
    "Organs": organs,
    "Timing": timing,
    "Which comes first": first,
}
