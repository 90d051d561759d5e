"""The commands: each asks the core one question and prints its result, as JSON or as lines."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from necc.cli.drawing import curve_settings, draw, pictures
from necc.cli.files import write
from necc.cli.io import (
    Result,
    Usage,
    assumed,
    chosen_covariates,
    chosen_endpoint,
    given,
    listed,
    narrowed,
    of,
    percent,
    read,
    read_arguments,
    refuse,
    show,
    step_lines,
    times,
)
from necc.cli.options.models import terms

if TYPE_CHECKING:
    from necc.analysis.competing import CumulativeIncidence
    from necc.analysis.regression import HazardRatios
    from necc.analysis.regression.stepwise import SelectionMethod
    from necc.analysis.understood import Understood
    from necc.core.cohort import Cohort
    from necc.core.estimate import Estimate
    from necc.core.selection import Selection
    from necc.ingest import Inspection
    from necc.present.figures import CurveSettings, Figure


def app(options: argparse.Namespace) -> int:
    from necc import launch

    if options.data and not options.data.exists():
        print(f"error: there is no file {options.data}", file=sys.stderr)
        return 1
    return launch.start(options.data) or 0


def check(options: argparse.Namespace) -> int:
    inspection = _inspected(options)
    held = _held(inspection)
    result: Result = inspection.to_dict()
    result["findings"] += getattr(options, "edit_findings", [])
    options.findings, options.edit_findings, options.edit_notes = result["findings"], [], []  # they are the answer
    steps = getattr(options, "steps", None) or []

    def lines(result: Result) -> list[str]:
        return [*_check_lines(result, held), *step_lines(steps)]

    told = {**result, "understood": held.to_dict() if held else None}
    return show(options, told, lines, code=0 if inspection.accepted else 1, tail=False)


def _inspected(options: argparse.Namespace) -> Inspection:
    """The file, or what a source was understood to hold, with the patients that filters keep."""
    from dataclasses import replace

    from necc.cli.sources import is_source
    from necc.ingest import Inspection, inspect

    if is_source(options):
        cohort = read(options)
        return Inspection(cohort, cohort.findings)
    inspection = _by_project(options) if options.project else inspect(*given(options), **read_arguments(options))
    return replace(inspection, cohort=narrowed(options, inspection.cohort)) if inspection.cohort else inspection


def _by_project(options: argparse.Namespace) -> Inspection:
    """The file as a project reads and edits it, with what doesn't fit."""
    from dataclasses import replace

    from necc.cli.project import put_on, take

    opened, findings = put_on(options.project, options)
    take(opened, options)
    told = (*findings, *opened.findings, *opened.inspection.findings)
    return replace(opened.inspection, cohort=opened.cohort, findings=told)


def map_columns(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from necc.ingest import inspect, open_file
    from necc.ingest.understand import understand

    if options.project:
        raise Usage("--project says already how the columns are understood; necc map guesses it of the file alone")
    how = read_arguments(options)
    opened = open_file(*given(options), read_options=how["read_options"], codebook=how["codebook"])
    understanding = understand(opened.raw, how["dictionary"], read_options=how["read_options"])
    mapping = replace(understanding.mapping, scheme=options.scheme or understanding.mapping.scheme)
    inspection = inspect(opened, mapping=mapping, dictionary=understanding.dictionary, answers=how["answers"])
    mapping = inspection.mapping or mapping
    if inspection.cohort:
        of(options, inspection.cohort)
    if unknown := [f for f in inspection.findings if f.code == "unknown-scheme"]:
        return refuse(options, findings=unknown)
    if options.output:
        write(options, {options.output: mapping.to_toml().encode()}, "the mapping", ", perhaps edited by hand")
    columns = [{"column": c.column, "role": c.role, "variable": c.variable, "confidence": c.confidence,
                "reason": c.reason} for c in mapping.columns]  # fmt: skip
    told = {"signature": mapping.signature, "columns": columns, **inspection.to_dict()}
    options.findings = told["findings"]

    def lines(_: Result) -> list[str]:
        if not options.output:
            return mapping.to_toml().rstrip("\n").split("\n")
        guessed = [
            f"{c.column}: {c.variable or c.role} ({100 * c.confidence:.0f} %) {c.reason}" for c in mapping.columns
        ]
        return [*guessed, *(f"{finding.severity}: {finding.message}" for finding in inspection.findings)]

    return show(options, told, lines, mark="note:" if options.output else "#", tail=False)


def _held(inspection: Inspection) -> Understood | None:
    """What the file was understood to hold, where it was read."""
    from necc.analysis.understood import understood
    from necc.ingest.remedies import told_of

    return understood(inspection.cohort, *told_of(inspection.mapping)) if inspection.cohort else None


def _check_lines(result: Result, held: Understood | None) -> list[str]:
    from necc.core.text import plural
    from necc.present.words import understood as words

    lines = [f"{finding['severity']}: {finding['message']}" for finding in result["findings"]]
    lines += [
        f'to settle it: --answer "{a["answer"]}" ({a["label"]})' for q in result["remedies"] for a in q["answers"]
    ]
    lines.append(f"accepted: {plural(result['patients'], 'patient')}" if result["accepted"] else "refused")
    if held is not None:
        lines += filter(None, [words.understood(held), words.lacking(held)])
    for name, facts in result["summary"]["endpoints"].items():
        lines.append(f"  {name}: {plural(facts['patients'], 'patient')}, {plural(facts['events'], 'event')}, "
                     f"{facts['total_time']:.1f} {facts['unit']} in total")  # fmt: skip
    return [*lines, *(f"  site {name}: {n:,}" for name, n in result["summary"]["sites"].items())]


def km(options: argparse.Namespace) -> int:
    from necc.analysis.selection_bias import outcome_selection
    from necc.analysis.survival import kaplan_meier, kaplan_meier_with_entry

    cohort = read(options)
    endpoint, entry = chosen_endpoint(options, cohort), options.entry
    how: dict[str, Any] = {"ci": options.ci, "level": options.level, "times": tuple(times(options))}
    curves = (kaplan_meier_with_entry(cohort, endpoint, options.by, entry=entry, **how) if entry
              else kaplan_meier(cohort, endpoint, options.by, **how))  # fmt: skip
    result: Result = curves.to_dict("cumulative hazard" if options.show == "cumulative-hazard" else options.show)
    result["notes"] += [guard.sentence() for guard in outcome_selection(cohort, endpoint, options.by)]
    if not pictures(options):
        return show(options, (curves, result), _km_lines)
    settings = curve_settings(options)
    ratios = _ratios_asked(options, cohort, endpoint, settings, result)
    from necc.present import figures

    picture = figures.survival_curves(curves, figures.PRINT, settings=settings, ratios=ratios, counts=not entry)
    draw(options, picture)
    return show(options, (curves, result), _km_lines, picture=lambda: picture)


def _ratios_asked(
    options: argparse.Namespace, cohort: Cohort, endpoint: str, settings: CurveSettings, result: Result
) -> HazardRatios | None:
    """The hazard ratios that a picture asks for, which stand in the result, too."""
    if not (settings.ratio and options.by):
        return None
    from necc.analysis.regression import hazard_ratios

    ratios = hazard_ratios(cohort, endpoint, options.by, order=settings.order, level=options.level)
    result["hazard_ratios"] = ratios.to_dict()
    return ratios


def _km_lines(result: Result) -> list[str]:
    from necc.core.guardrails import TOO_FEW
    from necc.present.words.phrases import capitalised, counts, follow_up, median_phrase, sentence, test_or_why

    lines = [f"{result['label']} in {result['unit']}: {counts(result['n'], result['n_events'])}"]
    for stratum in result["strata"]:
        median = median_phrase(_median(stratum, result["level"]), result["unit"])
        lines.append(f"  {stratum['name']}: n {stratum['n']:,}, events {stratum['events']:,}, {median}")
    rows: list[Result] = result["shown_at_times" if "show" in result else "at_times"]
    for row in rows:
        lines.append(f"  {row['name']} at {row['time']:g}: {_at_time(row, result)}, {row['n_at_risk']:,} at risk")
    lines.append(f"{capitalised(result['ci'])} confidence intervals")
    if len(result["strata"]) > 1:
        test = result["test"]
        by = " (permutation)" if test["p_by"] == "permutation" else ""
        why = TOO_FEW if any(n.startswith(TOO_FEW) for n in result["notes"]) else ""  # the notes say of whom
        lines.append(f"{capitalised(test['name'])} test: {test_or_why(test['p'], why)}{by}")
    if "show" in result:
        lines += [f"  {c['name']}: {result['show']} {_last(c['curve'])}" for c in result["shown"]]
    if "hazard_ratios" in result:
        lines += [f"hazard ratio {_one_ratio(t)}" for t in result["hazard_ratios"]["terms"]]
    follow = result["followup"]
    followed = _median(follow, result["level"])
    lines += filter(None, [sentence(follow_up(followed, result["unit"]))])
    return lines


def _median(row: Result, level: float) -> Estimate:
    """A median with its limits."""
    from necc.core.estimate import Estimate

    low, high = row["median_ci"]
    return Estimate(row["median"], low, high, level)


def _one_ratio(term: Result) -> str:
    """`with vs without: 0.75 (0.39–1.46), p = 0.399`."""
    from necc.core.estimate import Estimate
    from necc.present.words.phrases import ratio_with_p, versus

    ratio = Estimate(term["hazard_ratio"], term["ci_lower"], term["ci_upper"])
    return f"{versus(term['level'], term['reference'])}: {ratio_with_p(ratio, term['p'])}"


def _at_time(row: Result, result: Result) -> str:
    """What a curve shows at a time: a share in percent with its interval, any other scale as a number."""
    from necc.core.estimate import Estimate
    from necc.core.text import format_number
    from necc.present.words.phrases import percent_with_ci

    value = row["value"] if "show" in result else row["survival"]
    if result.get("show", "risk") != "risk":
        return format_number(value, 3)
    return percent_with_ci(Estimate(value, row["ci_lower"], row["ci_upper"], result["level"]))


def _last(curve: list[Result]) -> str:
    """`0.812 at 41.3`: the last value of a curve."""
    from necc.core.text import NOT_ESTIMABLE, format_number

    known = [row for row in curve if row["value"] is not None]
    return f"{format_number(known[-1]['value'], 3)} at {known[-1]['time']:g}" if known else NOT_ESTIMABLE


def parametric(options: argparse.Namespace) -> int:
    from typing import cast

    from necc.analysis.selection_bias import outcome_selection
    from necc.analysis.survival import FAMILIES, FamilyName, kaplan_meier, parametric

    cohort = read(options)
    endpoint = chosen_endpoint(options, cohort)
    families = cast("tuple[FamilyName, ...]", tuple(listed(options.families))) or FAMILIES
    fits = parametric(
        cohort, endpoint, options.by, families, times=times(options), horizon=options.horizon, level=options.level,
        n_knots=options.knots,
    )  # fmt: skip
    result: Result = fits.to_dict()
    result["notes"] += [guard.sentence() for guard in outcome_selection(cohort, endpoint, options.by)]
    picture = None
    if pictures(options):
        from necc.present import figures

        km, settings = kaplan_meier(cohort, endpoint, options.by, level=options.level), curve_settings(options)
        ratios = _ratios_asked(options, cohort, endpoint, settings, result)
        picture = figures.parametric_curves(fits, figures.PRINT, km=km, settings=settings, ratios=ratios)
        draw(options, picture)
    return show(options, (fits, result), _parametric_lines, picture=(lambda: picture) if picture else None)


def _parametric_lines(result: Result) -> list[str]:
    from necc.core.estimate import Estimate
    from necc.core.text import format_number
    from necc.present.words.captions.parametric import EXTRAPOLATION, FAMILY_NAMES
    from necc.present.words.phrases import counts, median_phrase, percent_with_ci

    def marked(text: str, beyond: bool) -> str:
        return f"{text} ({EXTRAPOLATION})" if beyond else text

    lines = [f"{result['label']} in {result['unit']}: {counts(result['n'], result['n_events'])}"]
    for group in result["groups"]:
        followed = f"followed up to {format_number(group['follow_up'])} {result['unit']}"
        lines.append(f"  {group['name']}: {counts(group['n'], group['n_events'])}, {followed}")
        for fit in group["fits"]:
            name = FAMILY_NAMES[fit["family"]]
            if not fit["converged"]:
                lines.append(f"    {name}: {fit['note']}")
                continue
            low, high = fit["median_ci"]
            median = median_phrase(Estimate(fit["median"], low, high, result["level"]), result["unit"])
            aic = f"AIC {format_number(fit['aic'], 1)} (+{format_number(fit['aic_difference'], 1)})"
            lines.append(f"    {name}: {aic}, {marked(median, fit['median_extrapolated'])}")
            values = ", ".join(f"{p['name']} {format_number(p['value'], 4)}" for p in fit["parameters"])
            lines.append(f"      {values}")
            for at in fit["at_times"]:
                share = Estimate(at["survival"], at["ci_lower"], at["ci_upper"], result["level"])
                lines.append(f"      at {at['time']:g}: {marked(percent_with_ci(share), at['extrapolated'])}")
    return lines


def sites(options: argparse.Namespace) -> int:
    from necc.analysis.recurrence import site_distribution

    result = site_distribution(read(options), options.by, convention=options.convention, adjustment=options.adjustment)
    return show(options, result, _site_lines)


def _site_lines(result: Result) -> list[str]:
    from necc.core.text import plural
    from necc.present.words.phrases import p_with_adjusted

    lines = [f"{plural(result['n'], 'patient')}, sites by {result['scheme']}"]
    tests = {test["site"]: test for test in result["tests"]}
    for place, site in enumerate(result["sites"]):
        lines.append(_share_line("  ", site["label"], site))
        lines += [_share_line("    ", stratum["name"], stratum["sites"][place]) for stratum in result["strata"]]
        if test := tests.get(site["name"]):
            lines.append(f"    {test['name']}: {p_with_adjusted(test['p'], test['p_adjusted'], test['note'])}")
    return lines


def _share_line(indent: str, name: str, share: Result) -> str:
    """`Lung: 34/88 (38.6 %), exact 95 % CI 28.4–49.6`."""
    from necc.core.text import format_ci, format_percent

    limits = format_ci(percent(share["ci_lower"]), percent(share["ci_upper"]))
    per_cent = f" ({format_percent(share['n'], share['of'])} %)" if share["of"] else ""
    return f"{indent}{name}: {share['n']:,}/{share['of']:,}{per_cent}, exact 95 % CI {limits}"


def flow(options: argparse.Namespace) -> int:
    from necc.analysis.flow import flow
    from necc.core.selection import Selection

    cohort = read(options).whole
    selection = Selection.parse(options.where, cohort.columns)
    result = flow(cohort, selection, before=options.before, endpoint=options.endpoint or None, by=options.by)

    def picture() -> Figure:
        from necc.present import figures

        return figures.flow(result, figures.PRINT)

    if pictures(options):
        draw(options, picture())
    return show(options, result, _flow_lines, picture=picture)


def _flow_lines(result: Result) -> list[str]:
    from necc.core.text import plural

    lines = []
    for step in result["steps"]:
        lines += [f"  left out: {e['n']:,} ({e['reason']})" for e in step["excluded"]]
        lines.append(f"{step['label']}: {plural(step['n'], 'row' if step['in_rows'] else 'patient')}")
    for arm in result["arms"]:
        events = "" if arm["n_events"] is None else f", {plural(arm['n_events'], 'event')}"
        lines.append(f"  {result['by_label']}: {arm['name']}: {plural(arm['n'], 'patient')}{events}")
    return lines


def response(options: argparse.Namespace) -> int:
    from necc.analysis.response import response_rates

    result = response_rates(
        read(options), options.response, options.by, denominator=options.denominator, convention=options.convention
    )
    return show(options, result, _response_lines)


def _response_lines(result: Result) -> list[str]:
    from necc.present.words.phrases import test_or_why

    def rates(row: Result, indent: str) -> list[str]:
        names = {"orr": "objective response rate", "dcr": "disease control rate"}
        return [_share_line(indent, name, row[key]) for key, name in names.items()]

    evaluable = result["denominator"] == "evaluable"
    lines = [f"{result['response']} response of {result['n']:,} {result['counted']}; {result['population']}"]
    lines += rates(result, "  ")
    for stratum in result["strata"]:
        counted = f"{stratum['n_evaluable']:,} evaluable of {stratum['n']:,}" if evaluable else f"{stratum['n']:,}"
        lines += [f"  {stratum['name']}: n {counted}", *rates(stratum, "    ")]
    if result.get("test"):
        test = result["test"]
        lines.append(f"{test['name']}: {test_or_why(test['p'], test['note'])}")
    return lines


# ---------------------------------------------------------------- groups and models
def compare(options: argparse.Namespace) -> int:
    from necc.analysis.baseline import compare

    if options.group:
        return _side_by_side(options)
    if options.at or (options.endpoint and not options.time):
        raise Usage("--endpoint and --at belong to --group; curves of groups made by --by are those of necc km")
    names = listed(options.variables) or None
    if "level" in getattr(options, "given_options", ()):
        raise Usage("--level belongs to the curves of --group")
    how = {"convention": options.convention, "denominator": options.denominator, "adjustment": options.adjustment}
    result = compare(read(options), options.by, names, **how)
    return show(options, result, _compare_lines)


def _side_by_side(options: argparse.Namespace) -> int:
    from necc.analysis.subcohorts import side_by_side

    if options.variables:
        raise Usage("--variables are compared by --by; a --group is set beside others as a whole")
    cohort = read(options)
    selections = _groups(options.group, cohort)
    result = side_by_side(
        cohort, selections, options.endpoint or None, level=options.level, times=times(options),
        adjustment=options.adjustment,
    )  # fmt: skip
    shown: Result = result.to_dict()
    shown["notes"] += [guard.sentence() for guard in result.guardrails]
    return show(options, (result, shown), _side_by_side_lines)


def _groups(texts: list[str], cohort: Cohort) -> dict[str, Selection]:
    """The sub-cohorts of --group, by name.

    Raises:
        Usage: one without a name, or two of the same.
        SelectionError: filters of another form.
    """
    from necc.core.selection import Selection

    result: dict[str, Selection] = {}
    for text in texts:
        name, colon, filters = text.partition(":")
        if not colon or not name.strip():
            raise Usage(f"--group '{text}' has no name in front: write 'NAME: WHERE; WHERE', as 'late: figo_stage=III'")
        if name.strip() in result:
            raise Usage(f"--group '{name.strip()}' is there twice; each needs a name of its own")
        result[name.strip()] = Selection.parse(_filters(filters), cohort.columns)
    return result


def _filters(text: str) -> list[str]:
    """What stands between semicolons; those inside `any(...)`, `none(...)` and `not all(...)` belong to the group."""
    from necc.core.selection import HOWS

    filters: list[str] = []
    for part in text.split(";"):
        within = filters and filters[-1].startswith(tuple(f"{how}(" for how in HOWS)) and filters[-1][-1:] != ")"
        if within:
            filters[-1] += f";{part.rstrip()}"
        elif part.strip():
            filters.append(part.strip())
    return filters


def _side_by_side_lines(result: Result) -> list[str]:
    from necc.core.estimate import Estimate
    from necc.core.text import plural
    from necc.present.words.phrases import counts, median_phrase, test_or_why

    lines = [f"{plural(result['n'], 'patient')} of {result['of']:,} in at least one sub-cohort"]
    for c in result["columns"]:
        lines.append(f"{c['name']} ({c['filters']}): {plural(c['n'], 'patient')}")
        if result["endpoint"]:
            limits = c["median"]
            median = median_phrase(
                Estimate(limits["value"], limits["ci_lower"], limits["ci_upper"], result["level"]), result["unit"]
            )
            lines.append(f"  {result['label']}: {counts(c['n_analysed'], c['n_events'])}, {median}")
        for at in c["at_times"]:
            lines.append(f"  at {at['time']:g}: {_at_time(at, result)}, {at['n_at_risk']:,} at risk")
        lines += [_share_line("  ", site["label"], site) for site in c["sites"]]
    only = [f"{' + '.join(i['names'])}{' only' * (len(i['names']) == 1)}: {i['n']:,}" for i in result["intersections"]]
    lines += ["whom they share:", *(f"  {line}" for line in only)]
    for pair in result["pairs"]:
        test = pair["test"]  # None where they share patients
        by = " (permutation)" if test and test["p_by"] == "permutation" else ""
        tested = f"; log-rank test: {test_or_why(test['p'], test['note'])}{by}" if test else ""
        lines.append(f"  {pair['first']} and {pair['second']}: {pair['n_both']:,} in both{tested}")
    return lines


def _compare_lines(result: Result) -> list[str]:
    from necc.core.text import format_count
    from necc.present.words.phrases import test_or_why

    lines = ["by " + result["by_label"] + ": " + ", ".join(f"{g['name']} (n {g['n']:,})" for g in result["groups"])]
    for row in result["variables"]:
        test = row["test"]
        shown = f"{test['name']}, {test_or_why(test['p'], test['note'])}" if test else "no test"
        lines.append(f"  {row['label']} (n {row['n']:,}): {shown}")
        for level in row.get("levels") or []:
            counts = (format_count(n, of) for n, of in zip(level["counts"], level["of"], strict=True))
            lines.append(f"    {level['level']}: {', '.join(counts)}")
    return lines


def cox(options: argparse.Namespace) -> int:
    cohort = read(options)
    endpoint, covariates = chosen_endpoint(options, cohort), chosen_covariates(options)
    shared = {"ties": options.ties, "strata": listed(options.strata), "level": options.level, **terms(options, cohort)}
    if "adjustment" in getattr(options, "given_options", ()) and not options.univariate:
        raise Usage("--adjustment belongs to --univariate, which makes several tests")
    if options.univariate:
        shared["adjustment"] = options.adjustment
        table, result = _univariate(cohort, endpoint, covariates, options.stepwise, shared)
    elif options.stepwise:
        if shared.pop("interactions"):
            raise Usage("--interactions don't go with --stepwise, which chooses among covariates alone")
        table, result = _stepwise(cohort, endpoint, covariates, options.stepwise, shared)
    else:
        from necc.analysis.regression import cox

        table = cox(cohort, endpoint, covariates, **shared)
        result = table.to_dict()
    return show(options, (table, result), partial(_cox_lines, level=options.level))


NO_MODEL: Result = {
    "concordance": None,
    "tests": dict.fromkeys(("likelihood_ratio", "wald", "score")),
    "proportional_hazards": [],
}
STEPWISE_HEADER = ("endpoint", "label", "unit", "origin", "n", "n_events", "events", "excluded")  # without a model
BESIDE = ("hazard_ratio", "ci_lower", "ci_upper", "p", "method", "note")


def _univariate(
    cohort: Cohort, endpoint: str, covariates: list[str], method: SelectionMethod | None, shared: Result
) -> tuple[object, Result]:
    """Every covariate alone beside the model of all, or of those that a stepwise `method` selects."""
    from necc.analysis.regression import univariate

    table = univariate(cohort, endpoint, covariates, multivariable=covariates, selection=method, **shared)
    model = table.multivariable.notes if table.multivariable else ()
    notes = [*table.notes, *(f"together: {note}" for note in model if note not in table.notes)]
    notes += [f"selection: {note}" for note in (table.selection.notes if table.selection else ())]
    return table, {**table.to_dict(), **NO_MODEL, "notes": notes}


def _stepwise(
    cohort: Cohort, endpoint: str, covariates: list[str], method: SelectionMethod, shared: Result
) -> tuple[object, Result]:
    """The selected model, with the selection's steps beside it."""
    from necc.analysis.regression import stepwise

    selected = stepwise(cohort, endpoint, covariates, method=method, **shared)
    result: Result = selected.to_dict()
    header = {key: result[key] for key in STEPWISE_HEADER}
    model = result.pop("model") or {**header, "ties": shared["ties"], "terms": [], "notes": [], **NO_MODEL}
    return selected.model, {**model, "stepwise": result, "notes": [*model["notes"], *result["notes"]]}


USUAL_LEVEL = 0.95  # of intervals that are shown without a word about it


def _cox_lines(result: Result, level: float = USUAL_LEVEL) -> list[str]:
    from necc.core.text import p_phrase
    from necc.present.words.phrases import ci_name, contrast, counts, ties

    named = "" if level == USUAL_LEVEL else f", {ci_name(level)}"
    counted = f"{counts(result['n'], result['events'])}, {ties(result['ties'])}{named}"
    lines = [f"{result.get('label', '')}: {counted}"]
    labels = {term["variable"]: term["label"] for term in result["terms"]}
    for step in result.get("stepwise", {}).get("steps", []):
        name = labels.get(step["variable"], step["variable"])
        lines.append(f"  step: {step['action']} {name}, {p_phrase(step['p'])}")
    model = result.get("multivariable")
    if model:
        lines.append(f"together: one model of {counts(model['n'], model['events'])}")
    for term in result["terms"]:
        what = contrast(term["label"], term["level"], term["reference"], term["unit"])
        if "univariate" not in result:
            lines.append(f"  {what}: {_ratio_line(term, term['note'])}")
            continue
        over = "" if term["term"] == term["variable"] else " of all levels"
        adjusted = f", adjusted{over} {p_phrase(term['p_adjusted'])}" if term["p_adjusted"] is not None else ""
        lines += [f"  {what}", f"    alone: {_ratio_line(term, term['note'])}{adjusted}"]
        beside = {key: term[f"multivariable_{key}"] for key in BESIDE}
        there = beside["method"] is not None
        lines.append(f"    together: {_ratio_line(beside, beside['note']) if there else 'not in the model'}")
    return lines


def _ratio_line(term: Result, note: str) -> str:
    """`hazard ratio 2.38 (1.22–4.63), p = 0.011 (wald)`, or why there is none."""
    from necc.core.text import NOT_ESTIMABLE, p_phrase
    from necc.present.words.phrases import format_ratio_ci

    if term["hazard_ratio"] is None:
        return f"hazard ratio {NOT_ESTIMABLE}: {note}"
    ratio = format_ratio_ci(term["hazard_ratio"], term["ci_lower"], term["ci_upper"])
    return f"hazard ratio {ratio}, {p_phrase(term['p'])} ({term['method']}){f'; {note}' if note else ''}"


def cif(options: argparse.Namespace) -> int:
    from necc.analysis.competing import cumulative_incidence

    if options.time and options.event and not options.sites:
        result = _cif_of_codes(options)
    else:
        cohort = read(options)
        usual = cohort.dictionary.role("recurrence_endpoint")
        usual = usual if usual in cohort.endpoint_names() else ""
        endpoint = options.endpoint or usual or chosen_endpoint(options, cohort)
        hierarchy = listed(options.hierarchy)
        result = cumulative_incidence(
            cohort, endpoint, options.by, rule=options.rule, hierarchy=hierarchy, level=options.level,
            adjustment=options.adjustment,
        )  # fmt: skip
    at = times(options) or _quarters(result)
    at_times = [
        {"name": stratum.name, "cause": curve.cause, "time": time, **_incidence(curve.at(time, result.level))}
        for stratum in result.strata
        for curve in stratum.curves
        for time in at
    ]
    return show(options, (result, {**result.to_dict(), "at_times": at_times}), _cif_lines)


def _quarters(result: CumulativeIncidence) -> list[float]:
    """Three times within the follow-up, where nobody named any."""
    last = max((curve.time[-1] for stratum in result.strata for curve in stratum.curves if len(curve.time)), default=0)
    return [float(f"{last * part:.2g}") for part in (0.25, 0.5, 0.75)] if last else []


def _incidence(estimate: Estimate) -> Result:
    return {"estimate": estimate.value, "ci_lower": estimate.lower, "ci_upper": estimate.upper}


def _cif_of_codes(options: argparse.Namespace) -> CumulativeIncidence:
    """The causes are the codes of --event; all but --censored, or but one that --event-value doesn't name."""
    from dataclasses import replace

    from necc.analysis.competing import cumulative_incidence_of_columns
    from necc.core.dictionary import plain
    from necc.ingest import OwnColumns, read_cohort
    from necc.ingest.naming import unit_of

    own = OwnColumns(options.id, options.time, status=options.event, unit=options.unit)
    memory = vars(options).setdefault("memory", {})
    if "codes" not in memory:
        memory["codes"] = read_cohort(*given(options), dictionary=plain(), own=own)
    cohort = narrowed(options, memory["codes"])
    censored = options.censored
    if censored is None and options.event_value:
        others = [x for x in cohort.factor(options.event).levels if x not in options.event_value]
        censored = others[0] if len(others) == 1 else None
    unit = options.unit
    if not unit:
        unit, doubt = unit_of(cohort.variable(options.time).name)
        assumed(options, [doubt])
    result = cumulative_incidence_of_columns(
        cohort, options.time, options.event, options.by, censored=censored, unit=unit, level=options.level,
        adjustment=options.adjustment,
    )  # fmt: skip
    return replace(result, endpoint=options.endpoint or result.endpoint)


def _cif_lines(result: Result) -> list[str]:
    from necc.core.estimate import Estimate
    from necc.core.text import plural
    from necc.present.words.phrases import p_with_adjusted, percent_with_ci

    labels = {c["name"]: c["label"] for c in result["causes"]}
    causes = ", ".join(f"{c['label']} ({c['n_events']:,})" for c in result["causes"])
    rule = f"several sites at once: {result['rule']}" if result["rule"] else ""
    heading = "; ".join(filter(None, (plural(result["n"], "patient"), rule, causes or "no causes")))
    lines = [f"{result['label']} in {result['unit']}: {heading}"]
    for row in result["at_times"]:
        share = Estimate(row["estimate"], row["ci_lower"], row["ci_upper"], result["level"])
        lines.append(f"  {row['name']}, {labels[row['cause']]} at {row['time']:g}: {percent_with_ci(share)}")
    for t in result["tests"]:
        shown = p_with_adjusted(t["p"], t["p_adjusted"], t["note"])
        lines.append(f"  Gray's test, {labels[t['cause']]}: {shown}")
    return lines


# ---------------------------------------------------------------- papers
def audit(options: argparse.Namespace) -> int:
    from necc.paper.audit import audit, load_claims, render_text

    try:
        report = audit(*load_claims(options.file))
    except OSError:
        return refuse(options, f"there is no file {options.file} that can be read")
    if not report.checks:
        return refuse(options, findings=report.findings)

    def lines(_: Result) -> list[str]:
        return render_text(report, everything=options.all).rstrip("\n").split("\n")

    told, code = report.to_dict(), int(any(f.severity == "error" for f in report.findings))
    options.findings = told["findings"]
    return show(options, told, lines, code=code, tail=False)


def reproduce(options: argparse.Namespace) -> int:
    from necc.paper.reproduction import compare_ratios, load_recipe, reproduce
    from necc.present.words.reproduction import render_text

    try:
        recipe, findings = load_recipe(options.recipe)
    except OSError:
        return refuse(options, f"there is no file {options.recipe} that can be read")
    if not recipe.lines:
        return refuse(options, findings=findings)
    result = reproduce(read(options), recipe, findings, admit=not options.everybody)

    def lines(_: Result) -> list[str]:
        return render_text(result, everything=options.all).rstrip("\n").split("\n")

    told = {**result.to_dict(), "hazard_ratios": [c.to_dict() for c in compare_ratios(result)]}
    options.notes, options.findings = [], told["findings"]  # they are in the lines
    code = int(any(f.severity == "error" for f in result.findings))
    return show(options, (result, told), lines, code=code, tail=False)
