"""Reports made by hand, for the tests of those who write files of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from necc.analysis.baseline import characteristics
from necc.analysis.flow import flow
from necc.analysis.recurrence import site_distribution, site_timing
from necc.analysis.regression import cox, univariate
from necc.analysis.response import response_rates
from necc.analysis.survival import compare_survival, kaplan_meier, survival_grid
from necc.analysis.treatment import treatment_timing
from necc.core.cohort import Cohort
from necc.core.selection import Selection
from necc.present import figures, tables
from necc.present.figures import Figure
from necc.present.tables import Table
from necc.present.words.checklists import checklist
from necc.present.words.methods import methods_paragraph
from necc.report.model import Computed, Item, Prose, Report

DAY = date(2026, 3, 1)
Thing = Figure | Table | Prose | str


def computed(function: str, result: object, **arguments: object) -> Computed:
    return Computed(function, arguments, "cohort", result)


def report_of(
    cohort: Cohort, things: Iterable[tuple[str, Thing, tuple[Computed, ...]]], title: str = "Report", **more: object
) -> Report:
    """A report of titled things; a text instead of a thing says why it is missing."""
    counts = {"figure": 0, "table": 0}
    items = []
    for i, (name, thing, results) in enumerate(things, 1):
        kind = {Figure: "figure", Table: "table", Prose: "text"}.get(type(thing), "missing")
        counts[kind] = counts.get(kind, 0) + 1
        number = counts[kind] if kind in ("figure", "table") else 0
        shown, missing = (None, thing) if isinstance(thing, str) else (thing, "")
        whom = ("all patients", len(cohort), Selection())
        item = Item(kind, number, name, f"exhibit-{i}", shown, *whom, "", missing=missing, computed=results)
        items.append(item)
    conventions = (("Patients", f"{len(cohort):,} patients of cohort.csv"), ("Confidence limits", "at 95 %"))
    report = Report(title, tuple(items), conventions, cohort, cohort, "cohort.csv", "0" * 64, cohort.source.notice, DAY)
    return replace(report, **more)


def usual(cohort: Cohort, **more: object) -> Report:
    """What a paper has: flow, characteristics, sites, curves, grids, models, response, Methods, a checklist."""
    km = kaplan_meier(cohort, "PRS", "site:lung", times=[12, 24])
    grid = survival_grid(cohort, "PRS")
    compared = compare_survival(cohort, "PRS", "site:bone", draws=200)
    baseline, by_lung = characteristics(cohort), characteristics(cohort, by="site:lung")
    sites, times = site_distribution(cohort), site_timing(cohort, "PRS")
    alone = univariate(cohort, "PRS", ["age_gt_50", "site:lung", "n_sites"], multivariable=["age_years", "site:lung"])
    together = cox(cohort, "PRS", ["age_years", "site:lung"])
    rates, treated, diagram = response_rates(cohort), treatment_timing(cohort), flow(cohort)
    results = [km, grid, compared, baseline, by_lung, sites, alone, together, rates, treated]
    methods = methods_paragraph(results, cohort)
    things: list[tuple[str, Thing, tuple[Computed, ...]]] = [
        ("Flow of patients", figures.flow(diagram), (computed("flow", diagram),)),
        ("Characteristics", tables.characteristics_table(baseline), (computed("characteristics", baseline),)),
        ("Characteristics by lung", tables.characteristics_table(by_lung),
         (computed("characteristics", by_lung, by="site:lung"),)),
        ("Sites", tables.site_table(sites), (computed("site_distribution", sites),)),
        ("Sites drawn", figures.site_bars(sites), (computed("site_distribution", sites),)),
        ("Survival after recurrence", figures.survival_curves(km),
         (computed("kaplan_meier", km, endpoint="PRS", by="site:lung"),)),
        ("Medians", tables.survival_summary(km), (computed("kaplan_meier", km, endpoint="PRS", by="site:lung"),)),
        ("At chosen times", tables.survival_at(km), (computed("kaplan_meier", km, endpoint="PRS", by="site:lung"),)),
        ("Every site", figures.survival_grid(grid), (computed("survival_grid", grid, endpoint="PRS"),)),
        ("Every site in numbers", tables.grid_summary(grid), (computed("survival_grid", grid, endpoint="PRS"),)),
        ("Tests", tables.survival_tests(compared), (computed("compare_survival", compared),)),
        ("Times", tables.timing_table(times), (computed("site_timing", times),)),
        ("Cox alone and together", tables.regression_table(alone),
         (computed("univariate", alone),)),
        ("Hazard ratios", figures.forest(alone), (computed("univariate", alone),)),
        ("Every test that couldn't be made", "the cohort has no column 'figo_1988'", ()),
        ("Responses", tables.response_table(rates), (computed("response_rates", rates),)),
        ("Response drawn", figures.response_rates(rates), (computed("response_rates", rates),)),
        ("Treatment", tables.treatment_comparisons(treated), (computed("treatment_timing", treated),)),
        ("Methods", Prose("methods", tuple((h, (t,)) for h, t in methods.paragraphs)), ()),
        ("REMARK", tables.checklist_table(checklist("remark", results, cohort)), ()),
    ]  # fmt: skip
    return report_of(cohort, things, "Recurrent neuroendocrine carcinoma of the cervix", **more)
