"""By type of a result: its figure, its table, and both as HTML for a notebook or in a file.

One place says what each result is drawn and tabled by; `Viewable.plot`, `.save` and `._repr_html_` ask here.
"""

from __future__ import annotations

import html
import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeGuard

import pandas as pd

from necc.core.cohort import Cohort
from necc.core.errors import AnalysisError
from necc.core.estimate import Exclusion
from necc.core.files import PICTURES, suffix_of, write_new
from necc.core.frames import as_csv, to_write
from necc.core.result import Viewable, to_json
from necc.core.text import format_number, slug
from necc.present.figures.settings import CurveSettings
from necc.present.figures.style import NOTEBOOK, Figure, Style
from necc.present.tables.table import Table
from necc.present.words import shown as words
from necc.present.words.phrases import not_analysed

# By type: its figure in `necc.present.figures`. What a figure needs beside the result is an option of `plot`.
FIGURES: Mapping[str, str] = {
    "ByCentre": "centres.centre_forest",
    "Case": "patient.standing", "Check": "audit.audit_picture", "CoOccurrence": "sites.upset",
    "CoxModel": "regression.forest", "CumulativeIncidence": "incidence.incidence_curves",
    "EachSite": "regression.forest", "Flow": "flow.flow", "HazardRatios": "regression.forest",
    "HazardsByCause": "competing.hazards_forest", "ImputedModel": "regression.forest",
    "Influence": "regression.influence_plot",
    "Literature": "literature.literature_dots", "ModelComparison": "prediction.discrimination",
    "KaplanMeier": "survival.survival_curves", "OrganDistribution": "sites.organ_bars",
    "Parametric": "parametric.parametric_curves", "PatientPrediction": "prediction.patient_curve",
    "ResponseBySite": "response.response_by_site", "ResponseRates": "response.response_bars",
    "RestrictedMean": "survival.restricted_areas", "SchoenfeldResiduals": "regression.schoenfeld",
    "SharesByCentre": "centres.centre_shares",
    "SideBySide": "subcohorts.subcohort_curves", "SiteDistribution": "sites.site_bars",
    "StepwiseResult": "regression.inclusion_bars", "SubgroupTable": "regression.subgroup_forest",
    "SurvivalGrid": "grid.survival_grid", "Swimmer": "response.swimmer", "Timing": "sites.site_timing",
    "Transitions": "response.transitions", "TreatmentTiming": "treatment.timing_curves",
    "UnivariateTable": "regression.forest",
}  # fmt: skip
# Of these a part is drawn, and not the whole.
PARTS = {"EachSite": "models"}
COURSES = {
    "necc.analysis.patient.results": "patient.timeline",
    "necc.analysis.treatment.course": "treatment.treatment_starts",
}
# By type: its table in `necc.present.tables`; any other is tabled as its frame.
TABLES: Mapping[str, str] = {
    "Case": "patient.received_table", "Characteristics": "baseline.characteristics_table",
    "Checklist": "cohort.checklist_table", "CoOccurrence": "sites.co_occurrence", "CoxModel": "regression.model_table",
    "EachSite": "sites.each_site_table",
    "CumulativeIncidence": "competing.gray_tests", "FileChanges": "changed.changed_patients",
    "FixedTimes": "survival.fixed_times", "Flow": "flow.flow", "HazardsByCause": "competing.hazards_table",
    "KaplanMeier": "survival.survival_summary", "ModelComparison": "prediction.models_table",
    "NumberComparison": "recorded.compared", "Opinion": "opinion.second_opinion",
    "OrganDistribution": "sites.organ_table", "Parametric": "parametric.parametric_fits",
    "ResponseBySite": "response.response_by_site_table", "ResponseRates": "response.response_table",
    "Restaging": "cohort.restaging_table", "RestrictedMean": "survival.restricted_means",
    "RoundModel": "rounds.round_model_table", "SideBySide": "subcohorts.side_by_side",
    "Similar": "patient.rule_table", "SiteDistribution": "sites.site_table",
    "StepwiseResult": "regression.steps_table", "SubgroupTable": "regression.subgroup_table",
    "SurvivalComparison": "survival.survival_tests", "SurvivalGrid": "survival.grid_summary",
    "Swimmer": "response.treated_table", "Timing": "sites.timing_table", "Transitions": "response.transition_table",
    "TreatedPatients": "response.treated_table", "TreatmentTiming": "treatment.treatment_comparisons",
    "UnivariateTable": "regression.regression_table",
}  # fmt: skip
# Types of which a notebook shows the figure; of any other the table. Incidence by groups is drawn of one cause only, so
# the table of every cause stands under it.
DRAWN = ("CumulativeIncidence", "Flow", "KaplanMeier", "OrganDistribution", "ResponseBySite", "SideBySide",
         "SiteDistribution", "SubgroupTable", "SurvivalGrid", "TreatmentTiming", "UnivariateTable")  # fmt: skip
OF_STYLE = ("theme", "size")
OF_PRINT = {"width_mm": "mm", "dpi": "dpi", "greyscale": "greyscale", "words": "words"}
MOST_ROWS = 60
MOST_COLUMNS = 12


# ---------------------------------------------------------------- figures
def figure_of(result: object, **options: Any) -> Figure:
    """A result's figure, with settings and style by their names; see `Viewable.plot`.

    Raises:
        AnalysisError: it has none, or lacks what the figure needs, or an option is none of the figure's.

    Example:
        >>> from necc.present.shown import figure_of
        >>> figure_of(kaplan_meier(cohort, "PRS", "site:lung"), end=36).width
        820
    """
    return _figure(result, options)


def _figure(result: object, options: dict[str, Any], of_file: Iterable[str] = ()) -> Figure:
    """of_file: options that a file takes beside those of the figure, for what is said of one that nobody knows."""
    draw = _draw(result)
    own = {n: p for n, p in inspect.signature(draw).parameters.items() if p.kind is p.KEYWORD_ONLY}
    curves = {f.name for f in fields(CurveSettings)} - {*own} if "settings" in own else set()
    allowed = [*own, *sorted(curves), *OF_STYLE, *(() if "width" in curves else ("width",))]
    if unknown := [name for name in options if name not in allowed]:
        raise AnalysisError(words.unknown_options(type(result).__name__, unknown, [*allowed, *of_file]))
    needed = [n for n, p in own.items() if p.default is p.empty and n not in options]
    if needed:
        term = next(iter(getattr(result, "terms", ())), "")
        raise AnalysisError(words.needed_options(type(result).__name__, needed, _asked_of(result), str(term)))
    look = {n: options.pop(n) for n in OF_STYLE if n in options}
    if "width" not in curves and "width" in options:
        look["width"] = options.pop("width")
    try:
        style = Style(**look)
        if chosen := {n: options.pop(n) for n in curves & {*options}}:
            options["settings"] = replace(options.get("settings") or CurveSettings(), **_as_settings(chosen))
        drawn = getattr(result, PARTS.get(type(result).__name__, ""), result)
        figure: Figure = draw(drawn, style, **options)
    except (KeyError, ValueError) as problem:
        raise AnalysisError(words.refused(str(problem))) from None
    return replace(figure, note=getattr(result, "notice", ""))


def has_figure(result: object) -> TypeGuard[Viewable]:
    """Whether something is a result that has a figure.

    Example:
        >>> from necc.present.shown import has_figure
        >>> has_figure(kaplan_meier(cohort, "PRS")), has_figure({"n": 88})
        (True, False)
    """
    return isinstance(result, Viewable) and bool(_figure_name(result))


def _asked_of(result: object) -> str:
    """Of whom: endpoint and factor as a call of `kaplan_meier` takes them."""
    by = getattr(result, "by", None)
    return f'"{getattr(result, "endpoint", "")}"' + (f', by="{by}"' if by else "")


def _figure_name(result: object) -> str:
    kind = type(result).__name__
    if kind == "SiteDistribution" and getattr(result, "strata", None):
        return "sites.site_bars_by"
    return COURSES.get(type(result).__module__, "") if kind == "Course" else FIGURES.get(kind, "")


def _draw(result: object) -> Callable[..., Figure]:
    name = _figure_name(result)
    if not name:
        raise AnalysisError(words.no_figure(type(result).__name__))
    module, _, function = name.partition(".")
    draw: Callable[..., Figure] = getattr(import_module(f"necc.present.figures.{module}"), function)
    return draw


def _as_settings(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Lists and tables of Python as settings keep them."""
    return {n: tuple(v.items()) if isinstance(v, Mapping) else tuple(v) if isinstance(v, list) else v
            for n, v in chosen.items()}  # fmt: skip


# ---------------------------------------------------------------- tables
def table_of(result: Viewable) -> Table:
    """A result's table as it is read: of its own, or else its frame.

    Example:
        >>> from necc.present.shown import table_of
        >>> table_of(cox(cohort, "PRS", ["n_sites"])).columns[0]
        'Covariate'
    """
    kind, name = type(result).__name__, ""
    if kind == "Course":
        name = "patient.course_table" if type(result).__module__.endswith("patient.results") else ""
    elif kind in TABLES:
        name = TABLES[kind]
    if not name:
        return _framed(result.to_frame(), kind).noted(result.notice)
    module, _, function = name.partition(".")
    made: Table = getattr(import_module(f"necc.present.tables.{module}"), function)(result)
    told = not_analysed(getattr(result, "excluded", None) or ())
    known = " ".join(made.notes)
    return made.noted("" if "Not analysed" in known else told).noted(result.notice)


def _framed(frame: pd.DataFrame, kind: str) -> Table:
    """The first rows and columns of a frame as text."""
    part = frame.iloc[:MOST_ROWS, :MOST_COLUMNS]
    rows = tuple(tuple(map(_cell, row)) for row in part.itertuples(index=False))
    notes = words.left_rows(len(frame) - len(part), frame.shape[1] - part.shape[1])
    kinds = tuple(i for i, n in enumerate(part.columns) if i and not pd.api.types.is_numeric_dtype(part[n]))
    return Table(kind, slug(kind), tuple(map(str, part.columns)), rows, notes, text_columns=kinds)


def _cell(value: object) -> str:
    if value is None or value != value:  # NaN
        return ""
    return format_number(value, 3) if isinstance(value, float) else f"{value:,}" if type(value) is int else str(value)


# ---------------------------------------------------------------- a notebook
def to_html(thing: object) -> str:
    """HTML that stands alone in a notebook's cell, in light and dark: a figure or a table, with what a reader needs.

    Everything in it is escaped; nothing is loaded.

    Example:
        >>> from necc.present.shown import to_html
        >>> "<script" in to_html(kaplan_meier(cohort, "PRS"))
        False
    """
    if isinstance(thing, Figure):
        return thing._repr_html_()
    if isinstance(thing, Viewable) and type(thing).__name__ in DRAWN:
        drawn = figure_of(thing)._repr_html_()
        one_of_many = type(thing).__name__ == "CumulativeIncidence" and bool(getattr(thing, "by", None))
        return drawn + (NOTEBOOK.format(body=table_of(thing).to_html()) if one_of_many else "")
    if isinstance(thing, Viewable):
        return NOTEBOOK.format(body=table_of(thing).to_html())
    if isinstance(thing, Cohort):
        return NOTEBOOK.format(body=_cohort_table(thing).to_html())
    return NOTEBOOK.format(body=f"<pre>{html.escape(str(thing))}</pre>")


def _cohort_table(cohort: Cohort) -> Table:
    """What a cohort holds, in counts: no row, no identifier, no level."""
    title, rows = words.cohort(cohort)
    left_out = tuple(words.left_out(e) for e in cohort.source.left_out if isinstance(e, Exclusion))
    notes = (*left_out, *filter(None, (cohort.source.notice,)))
    return Table(title, "cohort", words.COHORT_COLUMNS, rows, notes, text_columns=(1,))


# ---------------------------------------------------------------- files
def save(result: Viewable, path: str | Path, *, force: bool = False, **options: Any) -> Path:
    """Writes a result to a file by its suffix; see `Viewable.save`.

    A csv holds the frame, unrounded, and says in a column of its own that patients are made up; a json what
    `to_dict` gives; html and pictures what a reader sees.

    Example:
        >>> from necc.present.shown import save
        >>> save(kaplan_meier(cohort, "PRS"), "curve.svg", width_mm=84).name
        'curve.svg'
    """
    kind = suffix_of(path, (*PICTURES, "csv", "json", "html"))
    if kind in PICTURES:
        how = {name: options.pop(name) for name in OF_PRINT if name in options}
        return _figure(result, options, OF_PRINT).save(path, force=force, **how)
    if options:
        raise AnalysisError(words.only_pictures(kind, list(options)))
    if kind == "csv":
        return write_new(path, as_csv(to_write(result.to_frame(), result.notice)).encode("utf-8-sig"), force)
    if kind == "html":
        return write_new(path, words.PAGE.format(title=type(result).__name__, body=to_html(result)).encode(), force)
    told = result.to_dict() if hasattr(result, "to_dict") else result.to_frame().to_dict("records")
    noted = {"notice": result.notice} if result.notice else {}
    whole = {**noted, **told} if isinstance(told, dict) else {**noted, "rows": told}
    return write_new(path, json.dumps(to_json(whole), allow_nan=False, indent=2, ensure_ascii=False).encode(), force)
