"""What a figure is called when it leaves the page: one function a figure, of its result and its options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from necc.core.text import format_number
from necc.present.words.captions.survival import SCALES, restricted_title
from necc.present.words.phrases import capitalised

if TYPE_CHECKING:  # named in signatures only
    from necc.analysis.centres import ByCentre, SharesByCentre
    from necc.analysis.competing import CumulativeIncidence, HazardsByCause
    from necc.analysis.patient import Case
    from necc.analysis.patient import Course as PatientCourse
    from necc.analysis.prediction import ModelComparison, PatientPrediction
    from necc.analysis.recurrence import CoOccurrence, OrganDistribution, SiteDistribution, Timing
    from necc.analysis.regression import (
        CoxModel,
        HazardRatios,
        ImputedModel,
        StepwiseResult,
        SubgroupTable,
        UnivariateTable,
    )
    from necc.analysis.response import ResponseBySite, ResponseRates
    from necc.analysis.subcohorts import SideBySide
    from necc.analysis.survival import KaplanMeier, Parametric, RestrictedMean, Show, SurvivalGrid
    from necc.analysis.treatment import Course, TreatmentTiming
    from necc.paper.audit import Check
    from necc.present.figures.settings import CurveSettings


def by(label: str, group: str | None) -> str:
    """`Best response by PD-L1`; the label alone where nothing groups the patients."""
    return f"{label} by {group}" if group else label


def always(text: str) -> Any:
    """A headline that is the same for every result."""
    return lambda *_, **__: text


# ---------------------------------------------------------------- survival, incidence, treatment
def survival(
    km: KaplanMeier, show: Show | None = None, settings: CurveSettings | None = None, **_: Any
) -> str:  # fmt: skip
    if settings and settings.title:
        return settings.title
    title = SCALES[show or (settings.show if settings else "survival")].title
    return by(f"{km.label}: {title[0].lower()}{title[1:]}" if title else km.label, km.by_label if km.by else "")


def survival_grid(grid: SurvivalGrid, **_: Any) -> str:
    return f"{grid.label} by recurrence site"


def restricted(means: RestrictedMean, **_: Any) -> str:
    return by(restricted_title(means), means.by_label if means.by else "")


def parametric(result: Parametric, settings: CurveSettings | None = None, **_: Any) -> str:
    named = settings.title if settings else ""
    return named or by(f"{result.label}: parametric curves", result.by_label if result.by else "")


def incidence(result: CumulativeIncidence, cause: str = "", **_: Any) -> str:
    if result.by and not cause and result.causes:  # the one that is drawn
        cause = max(result.causes, key=lambda c: c.n_events).name
    named = next((c.label for c in result.causes if c.name == cause), "")
    what = f"Cumulative incidence of {named}" if named else "Cumulative incidence of each cause"
    return by(f"{result.label}: {what.lower() if not named else what}", result.by_label if result.by else "")


def of_stratum(result: CumulativeIncidence, stratum: str = "", **_: Any) -> str:
    name = stratum or (result.strata[0].name if result.by and result.strata else "")
    where = f" ({result.by_label}: {name})" if result.by and name else ""
    return f"{result.label} by cause{where}"


def excess(result: CumulativeIncidence, at: float, stratum: str = "", **_: Any) -> str:
    return f"{of_stratum(result, stratum)}: incidence by {at:g} {result.unit}, beside 1 − Kaplan-Meier"


def hazards(result: HazardsByCause, **_: Any) -> str:
    return f"{result.label}: hazard ratios by cause"


def timing(result: TreatmentTiming, **_: Any) -> str:
    return f"{result.endpoint_label} by {result.label}"


def timing_ratios(result: TreatmentTiming, **_: Any) -> str:
    return f"{timing(result)}: hazard ratios"


def starts(course: Course, **_: Any) -> str:
    return f"When treatment began: {course.label}"


# ---------------------------------------------------------------- several centres
def centre_curves(result: ByCentre, **_: Any) -> str:
    return f"{by(result.label, result.by_label if result.by else '')}, each centre by itself"


def centre_ratios(result: ByCentre, **_: Any) -> str:
    return f"{by(result.label, result.by_label if result.by else '')}: hazard ratios of each centre"


def centre_funnel(result: ByCentre, **_: Any) -> str:
    return f"{centre_ratios(result)} by their precision"


def centre_shares(result: SharesByCentre, **_: Any) -> str:
    return {"sites": "Sites of first recurrence by centre", "response": "Response by centre"}[result.of]


def grid_cells(result: object, **_: Any) -> str:
    return "Patients in small cells, by how times are told"


# ---------------------------------------------------------------- sites and response
def sites(distribution: SiteDistribution, **_: Any) -> str:
    return by("Sites of first recurrence", distribution.by_label if distribution.by else "")


def organs(result: OrganDistribution, **_: Any) -> str:
    return f"Organs of recurrence: {result.label}"


def together(result: CoOccurrence, **_: Any) -> str:
    return f"Which of {len(result.sites)} recurrence sites come together"


def pairs(result: CoOccurrence, **_: Any) -> str:
    return f"Pairs of {len(result.sites)} recurrence sites"


def site_times(result: Timing, **_: Any) -> str:
    return f"{result.label} by recurrence site"


def response(rates: ResponseRates, **_: Any) -> str:
    return by(rates.response_label, rates.by_label if rates.by else "")


def response_rates(rates: ResponseRates, **_: Any) -> str:
    return by(f"{rates.response_label}: ORR and DCR", rates.by_label if rates.by else "")


def response_by_site(result: ResponseBySite, **_: Any) -> str:
    label = result.panels[0].response_label if result.panels else "Response"
    return f"{label}: objective response by recurrence site"


# ---------------------------------------------------------------- regression and prediction
def forest(table: UnivariateTable | CoxModel | HazardRatios | ImputedModel, **_: Any) -> str:
    return f"Hazard ratios of {table.label.lower()}"


def subgroups(result: SubgroupTable, **_: Any) -> str:
    return f"{result.label}: hazard ratio of {result.exposure_label} in subgroups"


def residuals(result: object, *, label: str, **_: Any) -> str:
    return f"Scaled Schoenfeld residuals: {label}"


def influence(result: object, *, label: str, **_: Any) -> str:
    return f"Influence of each patient: {label}"


def inclusion(result: StepwiseResult, **_: Any) -> str:
    return f"{result.label}: how often each covariate was selected"


def discrimination(comparison: ModelComparison, metric: str = "harrell", **_: Any) -> str:
    first = comparison.models[0].score(metric).label if comparison.models else "models"
    return f"{comparison.label}: {first} of each model"


def importance(comparison: ModelComparison, **_: Any) -> str:
    return f"{comparison.label}: importance of each covariate"


def _at(comparison: ModelComparison) -> str:
    time = comparison.time
    return f" at {format_number(time, 1).removesuffix('.0')} {comparison.unit}" if time is not None else ""


def calibration(comparison: ModelComparison, **_: Any) -> str:
    return f"{comparison.label}: predicted and observed{_at(comparison)}"


def net_benefit(comparison: ModelComparison, **_: Any) -> str:
    return f"{comparison.label}: net benefit{_at(comparison)}"


def patient(prediction: PatientPrediction, **_: Any) -> str:
    return f"{prediction.label}: predicted curve of one patient"


def subcohort_curves(
    result: SideBySide, show: Show | None = None, settings: CurveSettings | None = None, **_: Any
) -> str:  # fmt: skip
    if settings and settings.title:
        return settings.title
    title = SCALES[show or (settings.show if settings else "survival")].title
    return by(f"{result.label}: {title[0].lower()}{title[1:]}" if title else result.label or "Curves", "sub-cohort")


def attrition(steps: Sequence[object], start: str = "All patients", **_: Any) -> str:
    return f"{capitalised(start)}, and who is left after each filter"


# ---------------------------------------------------------------- one patient
def course(course: PatientCourse, **_: Any) -> str:
    return f"Course of {course.label}"


def courses(courses: Sequence[PatientCourse], **_: Any) -> str:
    n = len(courses)
    return f"Courses of {n:,} patients" if n != 1 else "Course of one patient"


def standing(case: Case, **_: Any) -> str:
    label = case.whole_curve.label if case.whole_curve else "Survival"
    return f"{label}: {case.course.label} among the others"


def body(case: Case, **_: Any) -> str:
    return f"Sites of first recurrence: {case.course.label}"


# ---------------------------------------------------------------- papers
def check(result: Check, **_: Any) -> str:
    return f"{result.where}: {result.kind}"


def topic(result: object, *, topic: str, **_: Any) -> str:
    return f"{topic}: published and in this cohort"


def beside(result: object, *, what: str = "", **_: Any) -> str:
    return f"{what}: printed and computed" if what else "Printed and computed"
