"""What JSON holds beside the fields of result classes: classes that write it otherwise, and what each command adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from json_schemas import (
    BOOLEAN,
    DRAFT,
    INTEGER,
    LIMITS,
    MAJOR,
    MAYBE,
    NULL,
    NUMBER,
    STRING,
    Builder,
    Schema,
    array,
    described,
    mapping_to,
    maybe,
    row,
    was,
)

from necc.analysis.baseline import Characteristics
from necc.analysis.baseline.results import Level, Row, Summary
from necc.analysis.centres import ByCentre, LeftOut, OneCentre, ShareByCentre, SharesByCentre
from necc.analysis.changed import FileChanges
from necc.analysis.competing import CumulativeIncidence
from necc.analysis.competing.curves import IncidenceCurve, IncidenceStratum
from necc.analysis.competing.hazards import HazardRow, HazardsByCause, Term
from necc.analysis.flow import Flow
from necc.analysis.opinion.results import Compared, Opinion
from necc.analysis.patient.judged import JudgedAt, RuleJudgement
from necc.analysis.patient.results import Case
from necc.analysis.prediction.results import (
    Difference,
    ModelComparison,
    ModelPerformance,
    PatientPrediction,
    Score,
)
from necc.analysis.proportions import TestResult
from necc.analysis.recorded import KINDS, NumberComparison
from necc.analysis.recurrence.distribution import OrganDistribution, SiteCount, SiteDistribution, SiteTest
from necc.analysis.recurrence.each import EachSite, SiteEffect, SiteGroup
from necc.analysis.recurrence.timing import SiteTiming, Timing, TimingGroup
from necc.analysis.recurrence.together import CoOccurrence, SitePair
from necc.analysis.regression import CoxModel, HazardRatios, UnivariateTable
from necc.analysis.regression.imputed import ImputedModel
from necc.analysis.regression.results import (
    CoxTerm,
    Influence,
    InteractionTest,
    ModelTest,
    SubgroupTable,
    UnivariateRow,
)
from necc.analysis.regression.stepwise import StepwiseResult
from necc.analysis.response import TreatedPatients
from necc.analysis.response.rates import Rate, ResponseBySite, ResponseGroup, ResponseRates, TimeToResponse
from necc.analysis.response.swimmer import Lane
from necc.analysis.response.transitions import OddRow, Transition, Transitions
from necc.analysis.rounds import RoundModel
from necc.analysis.staging import Restaging
from necc.analysis.subcohorts import OverlapPair, SideBySide
from necc.analysis.survival import KaplanMeier
from necc.analysis.survival.compare import Pair, SurvivalComparison
from necc.analysis.survival.curve import Curve, LogRank, SurvivalAt
from necc.analysis.survival.kaplan_meier import SurvivalGrid
from necc.analysis.survival.parametric import FamilyFit, FittedAt, Parameter, Parametric
from necc.analysis.survival.times import FixedTimes, MeanContrast, RestrictedMean
from necc.analysis.treatment.timing import GROUPS, TimedComparison, TreatmentTiming
from necc.analysis.understood import Understood
from necc.core.edits.steps import Step
from necc.core.errors import Finding
from necc.core.estimate import Estimate
from necc.ingest.build import EndpointSummary, Inspection
from necc.ingest.build import Summary as FileSummary
from necc.ingest.questions import Question
from necc.paper.audit.outcomes import VERDICTS
from necc.paper.audit.report import AuditReport, Check
from necc.paper.reproduction.own import Comparison
from necc.paper.reproduction.replay import MARKS, Cell, Reproduction
from necc.project.model import DataMark, Exhibit, Subcohort
from necc.project.opening import Sameness

Keys = dict[str, Schema]
Shape = tuple[Keys, Iterable[str]]
OPEN: Schema = {"type": "object"}


# ---------------------------------------------------------------- classes that write their JSON otherwise
OWN: dict[type, Callable[[Builder], Shape]] = {}


def writes(kind: type) -> Callable[[Callable[[Builder], Keys | Shape]], Callable[[Builder], Keys | Shape]]:
    """Registers the keys of a class with a `to_dict` of its own; and with which may be absent, where some may."""

    def register(keys: Callable[[Builder], Keys | Shape]) -> Callable[[Builder], Keys | Shape]:
        def shape(b: Builder) -> Shape:
            made = keys(b)
            return made if isinstance(made, tuple) else (made, ())

        OWN[kind] = shape
        return keys

    return register


def median() -> Keys:
    pair = {"type": "array", "prefixItems": [MAYBE, MAYBE], "minItems": 2, "maxItems": 2}
    limits = ("median_ci_lower", "median_ci_upper")
    return {"median": MAYBE, **dict.fromkeys(limits, MAYBE), "median_ci": was(pair, *limits)}


def rows_of(*names: str, **known: Schema) -> Schema:
    """Arrays of one length as rows; counts are whole numbers, all else a number or null."""
    return array(row({name: INTEGER if name.startswith("n_") else MAYBE for name in names} | known))


def renamed(keys: Keys, **names: str) -> Keys:
    """Other names, at the end as `to_dict` writes them."""
    return {k: v for k, v in keys.items() if k not in names} | {new: keys[old] for old, new in names.items()}


def no_more_than(keys: Keys, *without: str) -> Keys:
    return {k: v for k, v in keys.items() if k not in without}


@writes(Estimate)
def _(b: Builder) -> Keys:
    return dict(LIMITS)


def whole_estimate(b: Builder) -> Schema:
    """An estimate with its level and method, as `Estimate.to_dict` writes it."""
    old = {"lower": was(MAYBE, "ci_lower"), "upper": was(MAYBE, "ci_upper")}
    keys = {**LIMITS, "level": NUMBER, "method": STRING, **old}
    return row(keys, description="an estimate with its limits, their level and how they are computed")


@writes(LogRank)
def _(b: Builder) -> Keys:
    return no_more_than(b.fields(LogRank), "observed", "expected", "note")


def noted(b: Builder) -> Schema:
    """A log-rank test with why there is none."""
    return row(b.told(LogRank, {**b.shapes[LogRank](b)[0], "note": STRING}))


@writes(Curve)
def _(b: Builder) -> Keys:
    curve = rows_of("time", "n_at_risk", "n_events", "n_censored", "survival", "ci_lower", "ci_upper", time=NUMBER)
    return {"name": STRING, "n": INTEGER, "n_events": INTEGER, **median(), "curve": curve}


@writes(SurvivalAt)
def _(b: Builder) -> Keys:
    return renamed(b.fields(SurvivalAt), stratum="name", estimate="survival")


@writes(KaplanMeier)
def _(b: Builder) -> Keys:
    keys = no_more_than(b.fields(KaplanMeier), "curves", "ci_lower", "ci_upper")
    return {**keys, "strata": array(b.ref(Curve)), "followup": row(median())}


@writes(SurvivalGrid)
def _(b: Builder) -> Keys:
    panel = with_keys(b, KaplanMeier, p_adjusted=MAYBE)
    return b.fields(SurvivalGrid, panels=array(panel))


@writes(OneCentre)
def _(b: Builder) -> Keys:
    return {**no_more_than(b.fields(OneCentre), "curves"), "strata": array(b.ref(Curve))}


@writes(ByCentre)
def _(b: Builder) -> Keys:
    test = row({**b.shapes[LogRank](b)[0], "note": STRING})
    return {**no_more_than(b.fields(ByCentre, test=test), "pooled", "model", "without"), "strata": array(b.ref(Curve)),
            "followup": row(median()), "terms": array(b.ref(CoxTerm)),
            "leave_one_out": array(b.ref(LeftOut))}  # fmt: skip


@writes(ShareByCentre)
def _(b: Builder) -> Keys:
    keys = b.fields(ShareByCentre)
    return {**no_more_than(keys, "without"), "leave_one_out": keys["without"], "typical": row(b.fields(Estimate)),
            "prediction_lower": dict(MAYBE), "prediction_upper": dict(MAYBE)}  # fmt: skip


@writes(Pair)
def _(b: Builder) -> Keys:
    return {"first": STRING, "second": STRING, **b.shapes[LogRank](b)[0], "note": STRING, "p_adjusted": MAYBE}


@writes(SurvivalComparison)
def _(b: Builder) -> Keys:
    group = row({"name": STRING, "n": INTEGER, "observed": NUMBER, "expected": NUMBER})
    return b.fields(SurvivalComparison, groups=array(group), tests=array(noted(b)))


@writes(MeanContrast)
def _(b: Builder) -> Keys:
    each = row({**LIMITS, "p": MAYBE})
    return {"name": STRING, "reference": STRING, "p_adjusted": MAYBE, "difference": each, "ratio": each}


@writes(Parameter)
def _(b: Builder) -> Keys:
    return {"name": STRING, **LIMITS, "se": MAYBE}


@writes(FittedAt)
def _(b: Builder) -> Keys:
    return {"time": NUMBER, "survival": MAYBE, "ci_lower": MAYBE, "ci_upper": MAYBE, "extrapolated": BOOLEAN}


@writes(FamilyFit)
def _(b: Builder) -> Keys:
    keys = no_more_than(b.fields(FamilyFit), "survival", "ci_lower", "ci_upper")
    return {**keys, **median(), "curve": rows_of("survival", "ci_lower", "ci_upper")}


@writes(OverlapPair)
def _(b: Builder) -> Keys:
    return b.fields(OverlapPair, test=maybe_row(noted(b)))


def maybe_row(schema: Schema) -> Schema:
    return {"anyOf": [schema, NULL]}


@writes(Restaging)
def _(b: Builder) -> Keys:
    return b.fields(Restaging, n_moved=INTEGER)


@writes(SitePair)
def _(b: Builder) -> Keys:
    return b.fields(SitePair, odds_ratio=whole_estimate(b), ci_lower=MAYBE, ci_upper=MAYBE)


@writes(SiteCount)
def _(b: Builder) -> Keys:
    return b.fields(SiteCount, percent=MAYBE)


@writes(SiteTest)
def _(b: Builder) -> Keys:
    return {"site": STRING, "label": STRING, **b.fields(TestResult), "p_adjusted": MAYBE}


def organs(b: Builder) -> Schema:
    return array(row({"site": STRING, **b.told(SiteCount, b.shapes[SiteCount](b)[0])}))


@writes(OrganDistribution)
def _(b: Builder) -> Keys:
    return b.fields(OrganDistribution, organs=organs(b))


@writes(SiteDistribution)
def _(b: Builder) -> Keys:
    return b.fields(SiteDistribution, n_sites=mapping_to(INTEGER), organs=organs(b))


@writes(TimingGroup)
def _(b: Builder) -> Keys:
    keys = {"name": STRING, "n": INTEGER, "n_events": INTEGER, **median()}
    return keys | dict.fromkeys(("q1", "q3", "min", "max"), MAYBE)


@writes(SiteTiming)
def _(b: Builder) -> Keys:
    return renamed(b.fields(SiteTiming), with_site="with") | {"test": noted(b)}


@writes(SiteGroup)
def _(b: Builder) -> Keys:
    return {"name": STRING, "n": INTEGER, "n_events": INTEGER, **median()}


@writes(SiteEffect)
def _(b: Builder) -> Keys:
    return renamed(b.fields(SiteEffect), with_site="with") | {"test": noted(b)}


@writes(Score)
def _(b: Builder) -> Keys:
    return renamed(b.fields(Score), estimate="value")


@writes(Difference)
def _(b: Builder) -> Keys:
    return renamed(b.fields(Difference), estimate="difference") | {"level": NUMBER, "better": BOOLEAN}


@writes(ModelPerformance)
def _(b: Builder) -> Keys:
    return renamed(b.fields(ModelPerformance), apparent="apparent_c") | {"kept": mapping_to(NUMBER)}


@writes(ModelComparison)
def _(b: Builder) -> Keys:
    return b.fields(ModelComparison, verdict=array(STRING))


@writes(PatientPrediction)
def _(b: Builder) -> Keys:
    return b.fields(PatientPrediction) | {"values": mapping_to(STRING), "ci_lower": array(MAYBE),
                                          "ci_upper": array(MAYBE), **median()}  # fmt: skip


@writes(Rate)
def _(b: Builder) -> Keys:
    return {"n": INTEGER, "of": INTEGER, "proportion": MAYBE, "ci_lower": MAYBE, "ci_upper": MAYBE}


@writes(TimeToResponse)
def _(b: Builder) -> Keys:
    return renamed(b.fields(TimeToResponse), minimum="min", maximum="max")


@writes(ResponseRates)
def _(b: Builder) -> Keys:
    keys = no_more_than(b.fields(ResponseRates), "overall")
    group = b.fields(ResponseGroup)
    changes = {"transitions": b.ref(Transition), "impossible": b.ref(OddRow), "doubtful": b.ref(OddRow)}
    return keys | {k: group[k] for k in ("counts", "orr", "dcr")} | {k: array(v) for k, v in changes.items()}


@writes(ResponseBySite)
def _(b: Builder) -> Keys:
    return b.fields(ResponseBySite, panels=array(with_keys(b, ResponseRates, p_adjusted=MAYBE)))


@writes(Transitions)
def _(b: Builder) -> Keys:
    return renamed(b.fields(Transitions, matrix=array(array(INTEGER))), cells="transitions")


@writes(TimedComparison)
def _(b: Builder) -> Keys:
    events = row(dict.fromkeys(GROUPS, INTEGER))
    return b.fields(TimedComparison, events=events, test=noted(b), medians=mapping_to(MAYBE))


@writes(TreatmentTiming)
def _(b: Builder) -> Keys:
    keys = b.fields(TreatmentTiming, comparisons=array(b.ref(TimedComparison)))
    return no_more_than(keys, "naive", "landmark", "time_dependent")


@writes(Level)
def _(b: Builder) -> Keys:
    return b.fields(Level, percent=array(MAYBE), total_percent=MAYBE)


@writes(Summary)
def _(b: Builder) -> Keys:
    return renamed(b.fields(Summary), minimum="min", maximum="max")


@writes(Row)
def _(b: Builder) -> Shape:
    keys = no_more_than(b.fields(Row, smd=MAYBE), "summaries", "conventions")
    conventions = row(dict.fromkeys(("paper", "r", "exact"), b.ref(TestResult)))
    own = {"summary": array(b.ref(Summary)), "all_conventions": maybe_row(conventions),
           "side_of_0_05_changes": maybe(BOOLEAN)}  # fmt: skip
    return keys | own, ("levels", "summary", "total_summary")  # a number has summaries, all else levels


@writes(Characteristics)
def _(b: Builder) -> Keys:
    return renamed(b.fields(Characteristics), rows="variables")


@writes(HazardRow)
def _(b: Builder) -> Keys:
    hazards = {f"{name}_{key}": MAYBE for name in ("subdistribution", "cause_specific")
               for key in ("hr", "ci_lower", "ci_upper", "p")}  # fmt: skip
    counted = {"n_with": maybe(INTEGER), "n_events_with": maybe(INTEGER)}
    return {"cause": STRING, **b.fields(Term), **counted, **hazards, "note": STRING}


@writes(IncidenceCurve)
def _(b: Builder) -> Keys:
    curve = rows_of("time", "n_at_risk", "n_events", "estimate", "se", "ci_lower", "ci_upper", time=NUMBER)
    naive = rows_of("time", "estimate", time=NUMBER)
    return {"name": STRING, "n_events": INTEGER, "curve": curve, "one_minus_km": naive}


@writes(IncidenceStratum)
def _(b: Builder) -> Keys:
    return {"name": STRING, "n": INTEGER, "causes": array(b.ref(IncidenceCurve))}


@writes(CumulativeIncidence)
def _(b: Builder) -> Keys:
    return b.fields(CumulativeIncidence, one_minus_km_is=STRING)


@writes(NumberComparison)
def _(b: Builder) -> Keys:
    return {"counts": row(dict.fromkeys(KINDS, INTEGER)), **b.fields(NumberComparison)}


@writes(Case)
def _(b: Builder) -> Keys:
    return b.fields(Case, retrospective=BOOLEAN)


@writes(JudgedAt)
def _(b: Builder) -> Keys:
    return b.fields(JudgedAt, better=BOOLEAN, worse=BOOLEAN)


@writes(ImputedModel)
def _(b: Builder) -> Keys:
    return b.fields(ImputedModel, imputed=mapping_to(INTEGER))


@writes(CoxModel)
def _(b: Builder) -> Keys:
    named = {name: array(row({key: STRING, **b.fields(ModelTest)}))
             for name, key in (("variable_tests", "variable"), ("interaction_tests", "interaction"))}  # fmt: skip
    return b.fields(CoxModel, interactions=array(STRING), concordance=MAYBE, concordance_se=MAYBE,
                    tests=row(dict.fromkeys(("likelihood_ratio", "wald", "score"), b.ref(ModelTest))),
                    variance_inflation=mapping_to(MAYBE), **named)  # fmt: skip


@writes(UnivariateRow)
def _(b: Builder) -> Keys:
    return b.fields(UnivariateRow, p=MAYBE)


BESIDE = ("hazard_ratio", "ci_lower", "ci_upper", "p", "method", "note")


@writes(UnivariateTable)
def _(b: Builder) -> Shape:
    term = b.told(CoxTerm, b.fields(CoxTerm)) | {
        "n": INTEGER, "n_events": INTEGER, "events": INTEGER, "p_adjusted": MAYBE, "n_level": maybe(INTEGER),
        "n_events_level": maybe(INTEGER),
    }  # fmt: skip
    keys = b.fields(CoxTerm)
    term |= {f"multivariable_{name}": maybe(keys[name]) for name in BESIDE}
    selection = no_more_than(b.told(StepwiseResult, b.shapes[StepwiseResult](b)[0]), "model")
    known = no_more_than(b.fields(UnivariateTable), "selection")
    shape = renamed(known, rows="univariate") | {
        "selection": NULL,
        "stepwise": row(selection),
        "terms": array(row(term)),
    }
    return shape, ("selection", "stepwise")


@writes(SubgroupTable)
def _(b: Builder) -> Keys:
    test = row({"variable": STRING, **b.fields(InteractionTest), "p_adjusted": MAYBE})
    return b.fields(SubgroupTable, interactions=array(test))


@writes(StepwiseResult)
def _(b: Builder) -> Keys:
    return b.fields(StepwiseResult, inclusion=mapping_to(NUMBER))


@writes(Compared)
def _(b: Builder) -> Keys:
    return b.fields(Compared, difference=MAYBE)


@writes(Opinion)
def _(b: Builder) -> Keys:
    pair = {"type": "array", "prefixItems": [STRING, STRING], "minItems": 2, "maxItems": 2}
    return {"n": INTEGER, "apart": INTEGER, **b.fields(Opinion), "left": array(pair)}


@writes(Step)
def _(b: Builder) -> Keys:
    return {"kind": STRING, "edit": STRING, "applied": BOOLEAN, "told": STRING, "finding": maybe_row(b.ref(Finding))}


@writes(Question)
def _(b: Builder) -> Keys:
    answers = array(row({"answer": STRING, "label": STRING}))
    return b.fields(Question, without=("sets_aside", "instead_of", "columns"), answers=answers)


@writes(EndpointSummary)
def _(b: Builder) -> Keys:
    return b.fields(EndpointSummary) | {"patients": was(INTEGER, "n"), "events": was(INTEGER, "n_events")}


@writes(Inspection)
def _(b: Builder) -> Keys:
    question = array(b.ref(Question))
    return {
        "accepted": BOOLEAN, "n": INTEGER, "patients": was(INTEGER, "n"), "findings": array(b.ref(Finding)),
        "questions": question, "remedies": question, "summary": b.ref(FileSummary),
    }  # fmt: skip


@writes(Cell)
def _(b: Builder) -> Keys:
    return b.fields(Cell, interval=maybe_row(whole_estimate(b)))


@writes(Comparison)
def _(b: Builder) -> Keys:
    return b.fields(Comparison, published=whole_estimate(b), own=maybe_row(whole_estimate(b)))


@writes(Reproduction)
def _(b: Builder) -> Keys:
    keys = b.fields(Reproduction, without=("recipe",))
    texts = dict.fromkeys(("title", "reference", "doi"), STRING)
    counts = dict.fromkeys(("n_exact", "n_within", "n_strict"), INTEGER)
    return texts | keys | counts | {"counts": row(dict.fromkeys(MARKS, INTEGER))}


@writes(Check)
def _(b: Builder) -> Keys:
    return b.fields(Check) | {"shown": maybe(OPEN)}


@writes(AuditReport)
def _(b: Builder) -> Keys:
    return b.fields(AuditReport, counts=row(dict.fromkeys(VERDICTS, INTEGER)))


def with_keys(b: Builder, kind: type, *optional: str, **more: Schema) -> Schema:
    """The object of a class with more keys beside its own."""
    keys, left = OWN[kind](b) if kind in OWN else (b.fields(kind), ())
    return row(b.told(kind, {**keys, **more}), (*left, *optional), described(kind)[0])


# ---------------------------------------------------------------- what commands print
def _km(b: Builder) -> Schema:
    rows = rows_of("time", "n_at_risk", "n_events", "n_censored", "value", "se", "ci_lower", "ci_upper", time=NUMBER)
    rows["items"]["required"].remove("se")
    curve = row({"name": STRING, "n": INTEGER, "n_events": INTEGER, "curve": rows})
    at = row({"name": STRING, "time": NUMBER, "n_at_risk": INTEGER, **LIMITS})
    scale = {"enum": ["risk", "cumulative hazard", "log-log"], "description": "what --show asks for"}
    return with_keys(
        b, KaplanMeier, "show", "shown", "shown_at_times", "hazard_ratios", show=scale,
        shown={**array(curve), "description": "the curves on that scale"},
        shown_at_times={**array(at), "description": "what they are at the times of --at"},
        hazard_ratios={**b.ref(HazardRatios), "description": "where a picture was asked to hold them"},
    )  # fmt: skip


def _parametric(b: Builder) -> Schema:
    return with_keys(b, Parametric, "hazard_ratios", hazard_ratios=b.ref(HazardRatios))


def _cif(b: Builder) -> Schema:
    at = row({"name": STRING, "cause": STRING, "time": NUMBER, "estimate": MAYBE, "ci_lower": MAYBE, "ci_upper": MAYBE})
    return with_keys(b, CumulativeIncidence, at_times=array(at))


def _compare(b: Builder) -> Schema:
    return {"anyOf": [b.ref(Characteristics), b.ref(SideBySide)]}


def _cox(b: Builder) -> Schema:
    """The model; each covariate alone beside it (--univariate); the selected one with its steps (--stepwise)."""
    none: Keys = {"concordance": NULL, "proportional_hazards": {"type": "array", "maxItems": 0},
                  "tests": row(dict.fromkeys(("likelihood_ratio", "wald", "score"), NULL))}  # fmt: skip
    steps = row(no_more_than(b.told(StepwiseResult, OWN[StepwiseResult](b)[0]), "model"))
    model = with_keys(b, CoxModel, "stepwise", stepwise={**steps, "description": "with --stepwise"})
    alone = with_keys(b, UnivariateTable, **none)
    header = {k: v for k, v in b.fields(StepwiseResult).items() if k in HEADER}
    keys = header | none | {"terms": {"type": "array", "maxItems": 0}, "stepwise": steps}
    nothing = row(b.told(StepwiseResult, keys), description="nothing was selected by --stepwise")
    return {"anyOf": [model, alone, nothing]}


HEADER = ("endpoint", "label", "unit", "origin", "n", "n_events", "excluded", "notes", "ties")


def _check(b: Builder) -> Schema:
    return with_keys(b, Inspection, understood={**maybe_row(b.ref(Understood)), "description": "null where refused"})


def _map(b: Builder) -> Schema:
    column = row({"column": STRING, "role": STRING, "variable": STRING, "confidence": NUMBER, "reason": STRING})
    return with_keys(b, Inspection, signature=STRING, columns=array(column))


def _patient(b: Builder) -> Schema:
    return with_keys(
        b, Case, smallest_cell={**INTEGER, "description": "groups of fewer patients aren't told of"},
        rule_judged={**maybe(b.ref(RuleJudgement)), "description": "the rule of who is like her"},
        files={**array(STRING), "description": "those that were written"},
    )  # fmt: skip


def _reproduce(b: Builder) -> Schema:
    return with_keys(b, Reproduction, hazard_ratios=array(b.ref(Comparison)))


def _just(kind: type) -> Callable[[Builder], Schema]:
    return lambda b: with_keys(b, kind)


def _project(b: Builder) -> Keys:
    """What `necc project show` tells of a project."""
    texts = dict.fromkeys(("title", "saved", "program", "scheme", "recorded_by"), STRING)
    counts = {"columns": "that are understood", "recorded": "numbers", "smallest_cell": "numbers of fewer patients "
              "aren't recorded", "unread": "parts that weren't understood"}  # fmt: skip
    lists = {"edits": "steps, in words", "filters": "of the patients who are shown"}
    told = texts | {k: {**INTEGER, "description": words} for k, words in counts.items()}
    told |= {k: {**array(STRING), "description": words} for k, words in lists.items()}
    return told | {
        "data": b.ref(DataMark), "subcohorts": array(b.ref(Subcohort)), "exhibits": array(b.ref(Exhibit)),
        "choices": OPEN, "settings": OPEN,
    }  # fmt: skip


def _project_show(b: Builder) -> Schema:
    return row(_project(b) | {"findings": array(b.ref(Finding))})


def _project_save(b: Builder) -> Schema:
    return row(_project(b) | {"written": {**STRING, "description": "the file"}})


def _project_check(b: Builder) -> Schema:
    return row({
        "accepted": BOOLEAN, "findings": array(b.ref(Finding)), "steps": array(b.ref(Step)),
        "same": {**maybe(b.of(Sameness)), "description": "whether it is the project's file, one with its columns, or "
                 "another; null without a file"},
        "patients": {**maybe(INTEGER), "description": "after the edits"},
        "shown": {**maybe(INTEGER), "description": "after the filters"},
    })  # fmt: skip


def _project_compare(b: Builder) -> Schema:
    return with_keys(b, NumberComparison, same=b.of(Sameness), files=b.ref(FileChanges))


def _report(b: Builder) -> Schema:
    one = row({"kind": STRING, "label": STRING, "title": STRING, "n": maybe(INTEGER)})
    return row({
        "out": {**STRING, "description": "the folder"}, "exhibits": array(one),
        "files": {**array(STRING), "description": "within it"},
        "problems": {**array(STRING), "description": "what isn't in them as it should be"},
    })  # fmt: skip


def _lesson_list(b: Builder) -> Schema:
    texts, counts = (
        dict.fromkeys(("id", "title", "cohort"), STRING),
        dict.fromkeys(("minutes", "place", "steps"), INTEGER),
    )
    lessons = array(row(texts | counts | {"needs": array(STRING)}))
    return row({"lessons": lessons, "findings": array(b.ref(Finding))})


def _lesson_check(b: Builder) -> Schema:
    lesson = row({"id": STRING, "steps": INTEGER, "minutes": INTEGER}, ("id", "steps", "minutes"))
    return row({"accepted": BOOLEAN, "lesson": lesson, "findings": array(b.ref(Finding))})


def _lesson_sheet(b: Builder) -> Schema:
    return row({"file": STRING, "lessons": array(STRING), "problems": array(STRING)})


def _proposal(b: Builder) -> Schema:
    return row({
        "file": STRING, "round": {**INTEGER, "description": "0 for the first"}, "endpoint": STRING,
        "terms": array(STRING), "ties": STRING, "centres": array(STRING), "coefficients": array(NUMBER),
        "sha256": {**STRING, "description": "by which replies name it"},
    })  # fmt: skip


def _reply(b: Builder) -> Schema:
    texts = dict.fromkeys(("file", "centre", "proposal", "sha256"), STRING)
    return row(texts | dict.fromkeys(("round", "n", "n_events", "left_out", "smallest_cell"), INTEGER))


def _summarise(b: Builder) -> Schema:
    texts = dict.fromkeys(("centre", "sha256"), STRING)
    sizes = row({"name": STRING} | dict.fromkeys(
        ("patients", "cells", "cells_of_one", "smallest", "in_small_cells"), INTEGER))  # fmt: skip
    rule = row(dict.fromkeys(("smallest_cell", "smallest_found", "cells_of_one", "patients_in_small_cells"), INTEGER)
               | dict.fromkeys(("time_grid", "says", "despite_ledger"), STRING)
               | dict.fromkeys(("separate", "person_level"), BOOLEAN))  # fmt: skip
    seen = row({
        "patients": INTEGER, "smallest_cell": INTEGER, "larger": array(STRING),
        "grids": array(row({"time_grid": STRING, "person_level": BOOLEAN, "says": STRING, "tables": array(sizes)})),
        "smallest_strata": array(row(dict.fromkeys(("factor", "label", "level"), STRING) | {"n": INTEGER})),
        "own_words": {"type": "object", "additionalProperties": array(STRING),
                      "description": "levels that are words of the patients' own file, by factor"},
    })  # fmt: skip
    grids = array(row({"time_grid": STRING, "median": MAYBE, "p": MAYBE, "note": STRING}))
    cost = row(dict.fromkeys(("endpoint", "label", "unit", "by", "by_label"), STRING) | {"grids": grids})
    return row(texts | {
        "file": {"anyOf": [STRING, NULL], "description": "null where nothing was written"},
        "signature": {"anyOf": [STRING, NULL]}, "patients": INTEGER, "rule": rule, "filters": array(STRING),
        "preview": seen, "precision": maybe_row(cost), "notes": array(STRING),
    })  # fmt: skip


def _pool(b: Builder) -> Schema:
    file = {"name": STRING, "patients": INTEGER, "period": STRING, "sha256": STRING, "person_level": BOOLEAN,
            "time_grid": STRING, "smallest_cell": INTEGER}  # fmt: skip
    centre = {**file, **OWN[OneCentre](b)[0]}
    survival = with_keys(b, ByCentre, centres=array(row(centre)))
    shares = with_keys(b, SharesByCentre, files=array(row(file)))
    return {"anyOf": [survival, shares]}


def _step(b: Builder) -> Schema:
    return row({
        "converged": BOOLEAN, "change": {**NUMBER, "description": "of the coefficients by the step"},
        "proposal": maybe_row(_proposal(b)), "model": maybe_row(b.ref(RoundModel)), "notes": array(STRING),
    })  # fmt: skip


def _noted(kind: type, **more: Callable[[Builder], Schema]) -> Callable[[Builder], Schema]:
    """A class with the page's cautions among its notes, and what else a command adds."""
    return lambda b: with_keys(b, kind, notes=array(STRING), **{name: made(b) for name, made in more.items()})


def _influence(b: Builder) -> Schema:
    matrix = array(array(MAYBE))
    return with_keys(b, Influence, dfbeta=matrix, dfbetas=matrix, hazard_ratio=matrix)


def _treated(b: Builder) -> Schema:
    lane = row(b.told(Lane, b.fields(Lane, duration=dict(MAYBE))))
    return with_keys(b, TreatedPatients, lanes=array(lane), notes=array(STRING))


def _figure(b: Builder) -> Schema:
    listed = row({"figures": array(row({"name": STRING, "recipe": STRING}))}, description="without --name or --recipe")
    texts = dict.fromkeys(("name", "title", "recipe"), STRING)
    drawn = row({"kind": {"enum": ["figure"]}, **texts, "told": STRING, "caption": STRING, "notes": array(STRING)})
    table = row({"kind": {"enum": ["table"]}, **texts, "columns": array(STRING), "rows": array(array(STRING)),
                 "notes": array(STRING)})  # fmt: skip
    return {"anyOf": [listed, drawn, table]}


def _methods(b: Builder) -> Schema:
    return row({"text": STRING, "paragraphs": array(row({"heading": STRING, "text": STRING}))})


def _readings(b: Builder) -> Schema:
    return row({"readings": array(row({"about": STRING, "sentences": array(STRING)}))})


def _checklist(b: Builder) -> Schema:
    item = row(dict.fromkeys(("number", "section", "asks", "status", "known", "to_do"), STRING))
    return row({"name": STRING, "title": STRING, "reference": STRING, "items": array(item)})


COMMANDS: Mapping[str, Callable[[Builder], Schema]] = {
    "check": _check, "map": _map, "km": _km, "parametric": _parametric, "sites": _just(SiteDistribution),
    "flow": _just(Flow), "response": _just(ResponseRates), "compare": _compare, "cox": _cox, "cif": _cif,
    "patient": _patient, "verify": _just(Opinion), "reproduce": _reproduce, "audit": _just(AuditReport),
    "project-show": _project_show, "project-save": _project_save, "project-check": _project_check,
    "project-compare": _project_compare, "report": _report, "lesson-list": _lesson_list, "lesson-check": _lesson_check,
    "lesson-sheet": _lesson_sheet, "summarise": _summarise, "pool": _pool,
    "round-start": _proposal, "round-reply": _reply, "round-next": _step,
    "table1": _noted(Characteristics), "staging": _noted(Restaging),
    "together": _noted(CoOccurrence, matrix=lambda _: array(array(INTEGER))),
    "organs": _noted(OrganDistribution), "site-times": _noted(Timing),
    "response-sites": _noted(ResponseBySite), "transitions": _noted(Transitions), "treated": _treated,
    "rmst": _noted(RestrictedMean), "test": _noted(SurvivalComparison), "fixed-times": _noted(FixedTimes),
    "each-site": _noted(EachSite), "timing": _noted(TreatmentTiming), "hazards": _noted(HazardsByCause),
    "subgroups": _noted(SubgroupTable),
    "diagnostics": _noted(CoxModel, influence=_influence),
    "imputed": _noted(ImputedModel, complete=lambda b: b.ref(CoxModel)), "predict": _noted(ModelComparison),
    "predict-one": _noted(PatientPrediction), "methods": _methods, "readings": _readings, "checklist": _checklist,
    "figure": _figure,
}  # fmt: skip


# ---------------------------------------------------------------- the whole of each
def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each command's JSON, by the name that its file has; and of what holds several answers."""
    return {**{name: schema(name, result) for name, result in COMMANDS.items()}, "answers": several()}


def schema(name: str, result: Callable[[Builder], Schema]) -> Schema:
    """A command's answer or refusal. `Answer` and `Refusal` hold the same but for the result and why there is none."""
    b = Builder(OWN)
    b.defs["Result"] = result(b)
    around = envelope(b, name)
    accepted = {**BOOLEAN, "description": "whether the question was answered; of a check, whether the file can be used"}
    answer = row(
        around | {"accepted": accepted, "result": {"$ref": "#/$defs/Result"}}, description="the question was answered"
    )
    refused = {"accepted": {"const": False}, "error": {**STRING, "description": "why, in words"}, "result": NULL}
    b.defs["Refusal"] = row(around | refused, description="the question can't be answered, or the file read")
    b.defs["Answer"] = answer
    made = {"anyOf": [{"$ref": "#/$defs/Answer"}, {"$ref": "#/$defs/Refusal"}]}
    return {**head(name, f"necc {name.replace('-', ' ', 1)} --json"), **made, "$defs": b.used_by(made)}


def head(name: str, title: str) -> Schema:
    return {"$schema": DRAFT, "$id": f"urn:necc:{name}:{MAJOR}", "title": title, "description": PROMISE}


PROMISE = (
    f"Within version {MAJOR} keys may be added; none goes, and none changes its type. Beside `schema` and the others "
    "that are described here, an answer repeats the keys of its `result` until the next version of necc."
)


def envelope(b: Builder, name: str) -> Keys:
    """What stands around every result: which it is, of which file and patients, and what was asked."""
    order = row({"name": STRING, "levels": array(STRING), "not_named": array(STRING)})
    source = row(
        {
            "filename": {**STRING, "description": "without its folder"},
            "sha256": {**STRING, "description": "of the file's bytes"},
            "n_rows": {**INTEGER, "description": "of the file"},
            "n_patients": {**INTEGER, "description": "after the edits"},
            "n_kept": {**INTEGER, "description": "by the filters"},
            "notice": {"type": ["string", "null"], "description": "what has to be said of these patients, such as that "
                       "they are made up"},
            "edits": {**array(b.ref(Step)), "description": "what each step did"},
            "level_orders": {**array(order), "description": "of factors whose levels were put into an order"},
        },
        ("sha256", "n_rows", "n_patients", "n_kept", "notice", "edits", "level_orders"),
        "the file of patients; where it couldn't be read, its name alone",
    )  # fmt: skip
    return {
        "schema": {"const": f"necc.{name}/{MAJOR}", "description": "which answer it is, and its major version"},
        "version": {**STRING, "description": "of necc"},
        "source": maybe_row(source),
        "filters": {**array(STRING), "description": "all of which hold, as --where takes them"},
        "arguments": {**OPEN, "description": "what was asked, by the options' long names with _ for -"},
        "findings": {**array(b.ref(Finding)), "description": "on the file and how it was read"},
    }


def several() -> Schema:
    """Several answers of one start."""
    one = row({"schema": {**STRING, "description": "which of the other schemas it is as, as necc.km/1"},
               "version": STRING, "result": {}}, description="an answer or a refusal, whole")  # fmt: skip
    name = {"const": f"necc.answers/{MAJOR}"}
    answers = {**array(one), "description": "a file's follow each other, within it an endpoint's"}
    made = row({"schema": name, "version": {**STRING, "description": "of necc"}, "answers": answers})
    return {**head("answers", "necc ... --json, with several files, endpoints or factors"), **made, "$defs": {}}
