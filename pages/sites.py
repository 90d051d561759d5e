"""Recurrence sites: where the disease came back, which sites come together, and when."""

from necc import app
from necc.analysis.recurrence import co_occurrence, site_distribution, site_timing
from necc.app.widgets import parts
from necc.present import figures, tables

cohort = app.cohort()
app.title("Recurrence sites", "Where the disease came back first, which sites come together, and after how long.")
app.need(cohort, sites=True)

with app.controls():
    view = app.choose("sites-view", "Show", ("Distribution", "Combinations", "Organs", "Timing"), fixed=True)
    app.choose_scheme(cohort)
    if view == "Distribution":
        by = app.choose_factor(cohort, "sites-by")
    if view == "Timing":
        endpoint = app.choose_endpoint(cohort, "sites-endpoint", "recurrence_endpoint")

if view == "Distribution":
    result = app.cached(site_distribution)(cohort, by)
    everybody = app.cached(site_distribution)(app.whole())
    bars = app.draw(figures.site_bars_by, result) if by else app.draw(figures.site_bars, result, whole=everybody)
    why = "sites-by-factor exact-interval" if by else "site-distribution exact-interval"
    app.show(bars, title="Sites of first recurrence", explain=why, picked=app.filter_site)
    app.show(tables.site_table(result), title="Patients with each site", explain="exact-interval adjusted-p")
    app.show(
        app.draw(figures.number_of_sites, result), title="Number of sites per patient",
        explain="number-of-sites", picked=app.filter_by("n_sites"),
    )  # fmt: skip

if view == "Combinations":
    together = app.cached(co_occurrence)(cohort)
    app.show(
        app.draw(figures.upset, together), title="Which sites come together", explain="upset", picked=app.filter_site
    )
    app.show(app.draw(figures.site_matrix, together), title="Pairs of sites", explain="co-occurrence")
    app.show(tables.site_pairs(together), explain="co-occurrence odds-ratio adjusted-p")
    app.show(tables.combinations(together), explain="upset")

if view == "Organs":
    result = app.cached(site_distribution)(cohort)
    for organs in result.organs:
        app.show(
            app.draw(figures.organ_bars, organs),
            title=f"{organs.label}: organs",
            explain="organs",
            name=f"organs-{organs.site}",
        )
        app.show(tables.organ_table(organs), explain="organs exact-interval", name=f"organs-{organs.site}")
    if not result.organs:
        app.caption("The file names no organs within its sites.")

if view == "Timing":
    parts.caution(cohort, endpoint, app.ALL_SITES)
    timing = app.cached(site_timing)(cohort, endpoint)
    app.show(app.draw(figures.site_timing, timing), title=f"{timing.label} by site", explain="site-timing")
    app.show(tables.timing_table(timing), explain="site-timing")
