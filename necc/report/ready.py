"""The ready list of exhibits: the paper for a cohort, as far as its file has the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from necc.analysis.baseline import table_names
from necc.analysis.response import treated_patients
from necc.core.cohort import Cohort
from necc.core.counts import Wanted, asked_for
from necc.core.dictionary import Stage
from necc.core.errors import AnalysisError
from necc.project import Exhibit

MOST_COVARIATES = 12
EVENTS_PER_TERM = 10
MOST_ROWS = 100  # patients of a table that has a row for each
STAGES: tuple[Stage, ...] = ("baseline", "recurrence", "treatment")
MAIN = ("OS", "PRS")  # the paper's two grids


def ready(
    cohort: Cohort,
    *,
    endpoint: str | None = None,
    by: str | None = None,
    covariates: Iterable[str] | None = None,
    filters: tuple[str, ...] = (),
    ci: str = "log-log",
) -> tuple[Exhibit, ...]:
    """The exhibits of a paper on a cohort: who there was, sites, survival, Cox models, groups, response, texts.

    Args:
        cohort: the patients shown. What the file has no data for has no exhibit.
        endpoint: of survival and Cox models; the dictionary's main one by default, else the first that there is.
        by: what groups are made by; the most frequent site by default, else nothing.
        covariates: of the Cox models, alone and together; by default the dictionary's own, of which as many stand
            together as there are ten events for each.
        filters: of the exhibits, as texts that `Selection.parse` reads.
        ci: the method of the limits of survival curves.

    Example:
        >>> [one.title for one in ready(cohort)][:3]
        ['Flow of patients', 'Characteristics of the patients', 'Sites of first recurrence']
    """
    endpoints = cohort.endpoint_names()
    main = endpoint or _main(cohort, endpoints)
    group = by or _most_frequent(cohort)
    alone = tuple(covariates if covariates is not None else _covariates(cohort, group))
    together = alone if covariates is not None else _together(cohort, main, alone)
    shown = [*_patients(cohort, main), *_sites(cohort), *_survival(cohort, main, group, endpoints, ci),
             *_models(main, alone, together), *_groups(cohort, group), *_response(cohort)]  # fmt: skip
    shown += [("Methods", "methods()"), ("REMARK", "checklist('remark')"), ("STROBE", "checklist('strobe')")]
    return tuple(Exhibit(title, filters=filters, shows=(recipe,)) for title, recipe in shown)


Shown = Iterator[tuple[str, str]]


def _main(cohort: Cohort, endpoints: tuple[str, ...]) -> str:
    usual = cohort.dictionary.role("main_endpoint")
    return usual if usual in endpoints else endpoints[0] if endpoints else ""


def _most_frequent(cohort: Cohort) -> str:
    """The site that most patients have, where some have it and some don't."""
    cohort = asked_for(cohort, Wanted(sites=True))
    sites = [(cohort.n_of(cohort.site_codes(i) == 1), f"site:{name}") for i, name in enumerate(cohort.site_names)]
    there = [(n, name) for n, name in sites if 0 < n < cohort.n_patients]
    return max(there, key=lambda pair: pair[0])[1] if there else ""


def _covariates(cohort: Cohort, group: str) -> list[str]:
    """The group's and the dictionary's own, of what the cohort has with more than one value."""
    names = dict.fromkeys(filter(None, (group, *cohort.dictionary.default_covariates)))
    return [name for name in names if _varies(cohort, name)][:MOST_COVARIATES]


def _together(cohort: Cohort, endpoint: str, names: Iterable[str]) -> tuple[str, ...]:
    """Of covariates, in their order, those whose terms have ten events each; none where fewer than two have."""
    if not endpoint:
        return ()
    left = asked_for(cohort, Wanted((endpoint,))).endpoint(endpoint).n_events // EVENTS_PER_TERM
    kept = []
    for name in names:
        number = name in cohort.number_names()
        terms = 1 if number else sum(n > 0 for n in asked_for(cohort, Wanted(names=(name,))).factor(name).counts()) - 1
        if 0 < terms <= left:
            kept.append(name)
            left -= terms
    return tuple(kept) if len(kept) > 1 else ()


def _varies(cohort: Cohort, name: str) -> bool:
    try:
        cohort = asked_for(cohort, Wanted(names=(name,)))
        if name in cohort.number_names():
            values = cohort.number(name)
            return len(set(values[values == values].tolist())) > 1
        return sum(n > 0 for n in cohort.factor(name).counts()) > 1
    except AnalysisError:
        return False


def _patients(cohort: Cohort, endpoint: str) -> Shown:
    last = f", endpoint={endpoint!r}" if endpoint else ""
    yield "Flow of patients", f"figures.flow(flow(whole, selection=selection{last}))"
    if table_names(cohort):
        yield "Characteristics of the patients", "tables.characteristics_table(characteristics(cohort))"


def _sites(cohort: Cohort) -> Shown:
    if cohort.site_names:
        yield "Sites of first recurrence", "figures.site_bars(site_distribution(cohort))"
        yield "Patients with each site", "tables.site_table(site_distribution(cohort))"
        if len(cohort.site_names) > 1:
            yield "Which sites come together", "figures.upset(co_occurrence(cohort))"


def _survival(cohort: Cohort, main: str, group: str, endpoints: tuple[str, ...], ci: str) -> Shown:
    if not main:
        return
    how = f", ci={ci!r}" if ci != "log-log" else ""
    label = cohort.endpoint(main).label
    if cohort.site_names:
        grids = dict.fromkeys((*(e for e in MAIN if e in endpoints), main))
        for name in grids:
            yield (
                f"{cohort.endpoint(name).label} by site",
                f"figures.survival_grid(survival_grid(cohort, {name!r}{how}))",
            )
        yield f"{label} by site in numbers", f"tables.grid_summary(survival_grid(cohort, {main!r}{how}))"
    curves = f"kaplan_meier(cohort, {main!r}{f', by={group!r}' if group else ''}{how})"
    yield label if not group else f"{label} by {cohort.factor(group).label}", f"figures.survival_curves({curves})"
    yield f"{label}: events and medians", f"tables.survival_summary({curves})"


def _models(main: str, alone: tuple[str, ...], together: tuple[str, ...]) -> Shown:
    if main and alone:
        several = f", multivariable={together!r}" if together else ""
        table = f"univariate(cohort, {main!r}, covariates={alone!r}{several})"
        what = "each covariate alone" + (f", and {len(together):,} together" if together else "")
        yield f"Cox regression: {what}", f"tables.regression_table({table})"
        yield "Hazard ratios", f"figures.forest({table})"


def _groups(cohort: Cohort, group: str) -> Shown:
    if group and table_names(cohort, STAGES, leave_out=(group,)):
        label = cohort.factor(group).label
        names = f"table_names(cohort, {STAGES!r}, leave_out=({group!r},))"  # next year's file may have others
        table = f"characteristics(cohort, by={group!r}, names={names}, denominator='known')"
        title = f"Patients with and without: {label}" if group.startswith("site:") else f"Patients by {label}"
        yield title, f"tables.characteristics_table({table})"


def _response(cohort: Cohort) -> Shown:
    role = cohort.dictionary.role
    there = [kind for kind in ("best", "final") if cohort.has(role(f"response_{kind}"))]
    for kind in there[:1]:
        yield "Response to ICI", f"tables.response_table(response_rates(cohort, {kind!r}))"
        yield "Response rates", f"figures.response_rates(response_rates(cohort, {kind!r}))"
    if there and treated_patients(cohort).n <= MOST_ROWS:
        yield "Each patient on an ICI", "tables.treated_table(treated_patients(cohort))"
