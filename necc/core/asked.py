"""What a cohort is asked, as methods: each is the public function of the same meaning, with the cohort in front.

They are here for who types `cohort.` and looks at what comes; nothing is computed here. Arguments are those of the
function that a method names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, Unpack

from necc.core.beyond import beyond
from necc.core.names import strange_arguments

if TYPE_CHECKING:
    from necc.analysis.baseline import Characteristics
    from necc.analysis.baseline.results import Denominator
    from necc.analysis.baseline.table import Options
    from necc.analysis.competing import CumulativeIncidence, HazardsByCause
    from necc.analysis.competing.outcome import Rule
    from necc.analysis.flow import Flow
    from necc.analysis.multiplicity import Method as Adjustment
    from necc.analysis.patient import Case, Course, Similar
    from necc.analysis.patient.results import Origin
    from necc.analysis.proportions import Convention
    from necc.analysis.recurrence import CoOccurrence, EachSite, SiteDistribution, Timing
    from necc.analysis.regression import (
        CoxModel,
        HazardRatios,
        ImputedModel,
        StepwiseResult,
        SubgroupTable,
        UnivariateTable,
    )
    from necc.analysis.regression.diagnostics import Transform
    from necc.analysis.regression.model import Separation
    from necc.analysis.regression.stepwise import SelectionMethod
    from necc.analysis.regression.ties import Ties
    from necc.analysis.response import ResponseBySite, ResponseRates
    from necc.analysis.response.rates import OutOf
    from necc.analysis.survival import (
        CiMethod,
        ConditionalSurvival,
        FamilyName,
        FixedTimes,
        KaplanMeier,
        Parametric,
        RestrictedMean,
        SurvivalComparison,
        SurvivalGrid,
    )
    from necc.analysis.survival.weights import Weighting
    from necc.analysis.treatment import TreatmentTiming
    from necc.core.cohort import Cohort, Factor
    from necc.core.selection import Selection
    from necc.core.where import Chosen, Level


class Asked:
    """The questions of a cohort."""

    # ------------------------------------------------------------ whom
    def where(self, /, *conditions: Chosen, **levels: Level | Iterable[Level]) -> Cohort:
        """The patients of whom all conditions are known to hold: `necc.core.where`.

        Example:
            >>> len(cohort.where("age_years > 50", figo_stage=["III", "IVA"]))
            9
        """
        result: Cohort = beyond("necc.core.where", "where")(self, *conditions, **levels)
        return result

    # ------------------------------------------------------------ survival
    def km(
        self,
        endpoint: str,
        by: str | None = None,
        *,
        ci: CiMethod = "log-log",
        level: float = 0.95,
        times: float | Iterable[float] = (),
    ) -> KaplanMeier:
        """Kaplan-Meier curves of an endpoint, one for each level of `by`: `necc.kaplan_meier`.

        Example:
            >>> [curve.n for curve in cohort.km("PRS", by="site:lung").curves]
            [54, 34]
        """
        result: KaplanMeier = beyond("necc.analysis.survival", "kaplan_meier")(
            self, endpoint, by, ci=ci, level=level, times=times
        )
        return result

    def survival_at(
        self,
        endpoint: str,
        by: str | None = None,
        *,
        times: float | Iterable[float],
        ci: CiMethod = "log-log",
        level: float = 0.95,
        minimum: float = 5,
    ) -> FixedTimes:
        """Survival at chosen times, with differences between the levels of `by`: `necc.survival_at`.

        Example:
            >>> [at.time for at in cohort.survival_at("PRS", times=12).times]
            [12.0]
        """
        result: FixedTimes = beyond("necc.analysis.survival", "survival_at")(
            self, endpoint, by, times=times, ci=ci, level=level, minimum=minimum
        )
        return result

    def conditional(
        self,
        endpoint: str,
        since: float,
        ahead: float | Iterable[float] = (6, 12, 24),
        *,
        level: float = 0.95,
        least: int = 5,
    ) -> ConditionalSurvival:
        """Survival ahead of a time that was reached: `necc.conditional_survival`.

        Example:
            >>> cohort.conditional("PRS", 12, ahead=12).n
            40
        """
        result: ConditionalSurvival = beyond("necc.analysis.survival", "conditional_survival")(
            self, endpoint, since, ahead, level=level, least=least
        )
        return result

    def rmst(
        self,
        endpoint: str,
        by: str | None = None,
        *,
        tau: float | None = None,
        level: float = 0.95,
        adjustment: Adjustment = "holm",
        minimum: float = 5,
    ) -> RestrictedMean:
        """Restricted mean survival times, with their differences and ratios: `necc.restricted_mean`.

        Example:
            >>> [group.n for group in cohort.rmst("PRS", "site:lung").groups]
            [54, 34]
        """
        result: RestrictedMean = beyond("necc.analysis.survival", "restricted_mean")(
            self, endpoint, by, tau=tau, level=level, adjustment=adjustment, minimum=minimum
        )
        return result

    def parametric(
        self,
        endpoint: str,
        by: str | None = None,
        families: FamilyName | Iterable[FamilyName] = (
            "exponential",
            "weibull",
            "log-normal",
            "log-logistic",
            "generalised-gamma",
            "spline",
        ),
        *,
        times: float | Iterable[float] = (),
        horizon: float | None = None,
        level: float = 0.95,
        n_knots: int = 2,
        progress: Callable[[float], object] | None = None,
    ) -> Parametric:
        """Parametric curves over those of Kaplan and Meier: `necc.parametric`.

        Example:
            >>> cohort.parametric("PRS").groups[0].best.family
            'log-normal'
        """
        result: Parametric = beyond("necc.analysis.survival", "parametric")(
            self, endpoint, by, families, times=times, horizon=horizon, level=level, n_knots=n_knots, progress=progress
        )
        return result

    def test(
        self,
        endpoint: str,
        by: str,
        *,
        strata: str | Iterable[str] = (),
        rho: float = 0.0,
        gamma: float = 1.0,
        scores: Sequence[float] | None = None,
        pairs_weighting: Weighting = "log-rank",
        adjustment: Adjustment = "holm",
        permutation: bool | Literal["auto"] = "auto",
        draws: int = 19999,
        seed: int = 1,
    ) -> SurvivalComparison:
        """Every test that compares an endpoint between the levels of `by`: `necc.compare_survival`.

        Example:
            >>> round(cohort.test("PRS", "site:abdominal").test().p, 3)
            0.009
        """
        result: SurvivalComparison = beyond("necc.analysis.survival", "compare_survival")(
            self,
            endpoint,
            by,
            strata=strata,
            rho=rho,
            gamma=gamma,
            scores=scores,
            pairs_weighting=pairs_weighting,
            adjustment=adjustment,
            permutation=permutation,
            draws=draws,
            seed=seed,
        )
        return result

    def grid(
        self, endpoint: str, *, ci: CiMethod = "log-log", level: float = 0.95, adjustment: Adjustment = "holm"
    ) -> SurvivalGrid:
        """Curves with and without each site, with adjusted p: `necc.survival_grid`.

        Example:
            >>> len(cohort.grid("PRS").panels)
            8
        """
        result: SurvivalGrid = beyond("necc.analysis.survival", "survival_grid")(
            self, endpoint, ci=ci, level=level, adjustment=adjustment
        )
        return result

    def each_site(
        self,
        endpoint: str,
        *,
        adjustment: Adjustment = "holm",
        ties: Ties = "efron",
        ci: CiMethod = "log-log",
        level: float = 0.95,
    ) -> EachSite:
        """Every site with against without: medians, log-rank test and hazard ratio, with adjusted p: `necc.each_site`.

        Example:
            >>> frame = cohort.each_site("PRS").to_frame()
            >>> frame[frame["p"] < 0.05]["label"].tolist()
            ['Abdominal organs', 'Pelvic organs']
        """
        result: EachSite = beyond("necc.analysis.recurrence", "each_site")(
            self, endpoint, adjustment=adjustment, ties=ties, ci=ci, level=level
        )
        return result

    # ------------------------------------------------------------ models
    def cox(
        self,
        endpoint: str,
        covariates: str | Sequence[str],
        *,
        ties: Ties = "efron",
        strata: str | Sequence[str] = (),
        interactions: str | Sequence[str | tuple[str, str]] = (),
        level: float = 0.95,
        reference: Mapping[str, str] | None = None,
        per: Mapping[str, float] | None = None,
        separation: Separation = "firth",
        transform: Transform = "km",
    ) -> CoxModel:
        """Cox's proportional hazards model: `necc.cox`.

        Example:
            >>> round(cohort.cox("PRS", "age_years", per={"age_years": 10}).terms[0].hazard_ratio, 2)
            0.85
        """
        result: CoxModel = beyond("necc.analysis.regression", "cox")(
            self,
            endpoint,
            covariates,
            ties=ties,
            strata=strata,
            interactions=interactions,
            level=level,
            reference=reference,
            per=per,
            separation=separation,
            transform=transform,
        )
        return result

    def univariate(
        self,
        endpoint: str,
        covariates: str | Sequence[str],
        *,
        adjustment: Adjustment = "holm",
        multivariable: str | Sequence[str] | None = None,
        interactions: str | Sequence[str | tuple[str, str]] = (),
        selection: SelectionMethod | None = None,
        ties: Ties = "efron",
        strata: str | Sequence[str] = (),
        level: float = 0.95,
        reference: Mapping[str, str] | None = None,
        per: Mapping[str, float] | None = None,
        separation: Separation = "firth",
    ) -> UnivariateTable:
        """Each covariate alone, beside the model of several: `necc.univariate`.

        Example:
            >>> [row.n for row in cohort.univariate("PRS", ["n_sites", "site:lung"]).rows]
            [88, 88]
        """
        result: UnivariateTable = beyond("necc.analysis.regression", "univariate")(
            self,
            endpoint,
            covariates,
            adjustment=adjustment,
            multivariable=multivariable,
            interactions=interactions,
            selection=selection,
            ties=ties,
            strata=strata,
            level=level,
            reference=reference,
            per=per,
            separation=separation,
        )
        return result

    def stepwise(
        self,
        endpoint: str,
        covariates: str | Sequence[str],
        *,
        method: SelectionMethod = "forward-lr",
        entry_p: float = 0.05,
        removal_p: float = 0.1,
        ties: Ties = "efron",
        strata: str | Sequence[str] = (),
        level: float = 0.95,
        reference: Mapping[str, str] | None = None,
        per: Mapping[str, float] | None = None,
        separation: Separation = "firth",
        bootstrap: int = 0,
        seed: int = 20220,
        progress: Callable[[float], None] | None = None,
    ) -> StepwiseResult:
        """A model whose covariates are selected step by step: `necc.stepwise`.

        Example:
            >>> cohort.stepwise("PRS", ["n_sites", "age_years"]).model.covariates
            ('n_sites',)
        """
        result: StepwiseResult = beyond("necc.analysis.regression", "stepwise")(
            self,
            endpoint,
            covariates,
            method=method,
            entry_p=entry_p,
            removal_p=removal_p,
            ties=ties,
            strata=strata,
            level=level,
            reference=reference,
            per=per,
            separation=separation,
            bootstrap=bootstrap,
            seed=seed,
            progress=progress,
        )
        return result

    def cox_imputed(
        self,
        endpoint: str,
        covariates: str | Sequence[str],
        *,
        imputations: int = 20,
        ties: Ties = "efron",
        level: float = 0.95,
        reference: Mapping[str, str] | None = None,
        per: Mapping[str, float] | None = None,
        seed: int = 20220,
        progress: Callable[[float], None] | None = None,
    ) -> ImputedModel:
        """Cox's model over imputations of what isn't recorded: `necc.cox_imputed`.

        Example:
            >>> cohort.cox_imputed("PRS", "age_years", imputations=2).n
            88
        """
        result: ImputedModel = beyond("necc.analysis.regression", "cox_imputed")(
            self,
            endpoint,
            covariates,
            imputations=imputations,
            ties=ties,
            level=level,
            reference=reference,
            per=per,
            seed=seed,
            progress=progress,
        )
        return result

    def hazard_ratios(
        self,
        endpoint: str,
        by: str,
        *,
        reference: str | Mapping[str, str] | None = None,
        order: str | Sequence[str] = (),
        ties: Ties = "efron",
        level: float = 0.95,
    ) -> HazardRatios:
        """Hazard ratios of the levels of one factor: `necc.hazard_ratios`.

        Example:
            >>> [term.level for term in cohort.hazard_ratios("PRS", "figo_stage").terms]
            ['II', 'III', 'IVA']
        """
        result: HazardRatios = beyond("necc.analysis.regression", "hazard_ratios")(
            self, endpoint, by, reference=reference, order=order, ties=ties, level=level
        )
        return result

    def subgroups(
        self,
        endpoint: str,
        exposure: str,
        by: str | Sequence[str],
        *,
        adjusted_for: str | Sequence[str] = (),
        adjustment: Adjustment = "holm",
        ties: Ties = "efron",
        level: float = 0.95,
        reference: Mapping[str, str] | None = None,
        per: Mapping[str, float] | None = None,
        separation: Separation = "firth",
    ) -> SubgroupTable:
        """An exposure's hazard ratio within the levels of some factors: `necc.subgroups`.

        Example:
            >>> len(cohort.subgroups("PRS", "site:abdominal", "age_gt_50").rows)
            3
        """
        result: SubgroupTable = beyond("necc.analysis.regression", "subgroups")(
            self,
            endpoint,
            exposure,
            by,
            adjusted_for=adjusted_for,
            adjustment=adjustment,
            ties=ties,
            level=level,
            reference=reference,
            per=per,
            separation=separation,
        )
        return result

    # ------------------------------------------------------------ several causes
    def cif(
        self,
        endpoint: str = "",
        by: str | None = None,
        *,
        rule: Rule = "own cause",
        hierarchy: str | Sequence[str] = (),
        causes: str | None = None,
        death: str = "",
        strata: str | None = None,
        ci: CiMethod = "log-log",
        level: float = 0.95,
        adjustment: Adjustment = "holm",
    ) -> CumulativeIncidence:
        """Cumulative incidence of each cause, with Gray's test: `necc.cumulative_incidence`.

        Example:
            >>> [cause.n_events for cause in cohort.cif("TTR").causes[:3]]
            [11, 14, 10]
        """
        result: CumulativeIncidence = beyond("necc.analysis.competing", "cumulative_incidence")(
            self,
            endpoint,
            by,
            rule=rule,
            hierarchy=hierarchy,
            causes=causes,
            death=death,
            strata=strata,
            ci=ci,
            level=level,
            adjustment=adjustment,
        )
        return result

    def hazards_by_cause(
        self,
        endpoint: str = "",
        covariates: str | Sequence[str] = (),
        *,
        rule: Rule = "own cause",
        hierarchy: str | Sequence[str] = (),
        causes: str | None = None,
        death: str = "",
        only: str | Sequence[str] = (),
        level: float = 0.95,
    ) -> HazardsByCause:
        """Cause-specific and subdistribution hazards of each cause: `necc.hazards_by_cause`.

        Example:
            >>> cohort.hazards_by_cause("TTR", "age_years", only="lung").rows[0].cause
            'lung'
        """
        result: HazardsByCause = beyond("necc.analysis.competing", "hazards_by_cause")(
            self,
            endpoint,
            covariates,
            rule=rule,
            hierarchy=hierarchy,
            causes=causes,
            death=death,
            only=only,
            level=level,
        )
        return result

    # ------------------------------------------------------------ groups and sites
    def characteristics(
        self,
        by: str | Factor | None = None,
        names: str | Sequence[str] | None = None,
        *,
        convention: Convention = "paper",
        denominator: Denominator = "all",
        adjustment: Adjustment = "holm",
        test: Literal["rank", "mean"] = "rank",
        every_convention: bool = False,
    ) -> Characteristics:
        """A table of characteristics, by the levels of `by` where one is given: `necc.characteristics`.

        Example:
            >>> cohort.characteristics("figo_stage", names="age_years").rows[0].label
            'Age at diagnosis'
        """
        result: Characteristics = beyond("necc.analysis.baseline", "characteristics")(
            self,
            by,
            names,
            convention=convention,
            denominator=denominator,
            adjustment=adjustment,
            test=test,
            every_convention=every_convention,
        )
        return result

    def compare(
        self, by: str | Factor, names: str | Sequence[str] | None = None, **options: Unpack[Options]
    ) -> Characteristics:
        """Characteristics of groups side by side, with tests: `necc.compare`.

        Example:
            >>> cohort.compare("site:lung", "age_years").rows[0].name
            'age_years'
        """
        result: Characteristics = beyond("necc.analysis.baseline", "compare")(self, by, names, **options)
        return result

    def sites(
        self, by: str | Factor | None = None, *, convention: Convention = "paper", adjustment: Adjustment = "holm"
    ) -> SiteDistribution:
        """Sites of recurrence, with intervals and tests: `necc.site_distribution`.

        Example:
            >>> [(site.name, site.n) for site in cohort.sites().sites[:2]]
            [('lung', 34), ('abdominal', 33)]
        """
        result: SiteDistribution = beyond("necc.analysis.recurrence", "site_distribution")(
            self, by, convention=convention, adjustment=adjustment
        )
        return result

    def co_occurrence(
        self,
        *,
        convention: Convention = "exact",
        adjustment: Adjustment = "holm",
        odds: Literal["sample", "conditional"] = "sample",
    ) -> CoOccurrence:
        """Which sites occur together: `necc.co_occurrence`.

        Example:
            >>> len(cohort.co_occurrence().sites)
            8
        """
        result: CoOccurrence = beyond("necc.analysis.recurrence", "co_occurrence")(
            self, convention=convention, adjustment=adjustment, odds=odds
        )
        return result

    def timing(self, endpoint: str = "", *, ci: CiMethod = "log-log", adjustment: Adjustment = "holm") -> Timing:
        """Times to recurrence by each site: `necc.site_timing`.

        Example:
            >>> cohort.timing("TTR").sites[0].with_site.n
            34
        """
        result: Timing = beyond("necc.analysis.recurrence", "site_timing")(self, endpoint, ci=ci, adjustment=adjustment)
        return result

    def response(
        self,
        response: str = "best",
        by: str | Factor | None = None,
        *,
        denominator: OutOf = "evaluable",
        convention: Convention = "paper",
    ) -> ResponseRates:
        """Response rates of who was treated with an immune checkpoint inhibitor: `necc.response_rates`.

        Example:
            >>> cohort.response("best", "figo_stage").orr.n
            8
        """
        result: ResponseRates = beyond("necc.analysis.response", "response_rates")(
            self, response, by, denominator=denominator, convention=convention
        )
        return result

    def response_by_site(
        self,
        response: str = "best",
        *,
        denominator: OutOf = "evaluable",
        convention: Convention = "paper",
        adjustment: Adjustment = "holm",
    ) -> ResponseBySite:
        """Response rates with and without each site: `necc.response_by_site`.

        Example:
            >>> len(cohort.response_by_site().panels)
            8
        """
        result: ResponseBySite = beyond("necc.analysis.response", "response_by_site")(
            self, response, denominator=denominator, convention=convention, adjustment=adjustment
        )
        return result

    def treatment(
        self,
        endpoint: str = "",
        treatment: str = "",
        *,
        landmark: float | None = None,
        landmarks: float | Iterable[float] = (),
        start: str | None = None,
        cycles: str | None = None,
        min_followup_days: float = 60,
        min_cycles: int = 3,
        ci: CiMethod = "log-log",
        level: float = 0.95,
    ) -> TreatmentTiming:
        """Treated against untreated patients, where treatment starts late: `necc.treatment_timing`.

        Example:
            >>> cohort.treatment("PRS", "ici").n_treated
            22
        """
        result: TreatmentTiming = beyond("necc.analysis.treatment", "treatment_timing")(
            self,
            endpoint,
            treatment,
            landmark=landmark,
            landmarks=landmarks,
            start=start,
            cycles=cycles,
            min_followup_days=min_followup_days,
            min_cycles=min_cycles,
            ci=ci,
            level=level,
        )
        return result

    # ------------------------------------------------------------ patients
    def flow(
        self,
        selection: Selection | None = None,
        *,
        before: str | Sequence[str] = (),
        endpoint: str | None = None,
        by: str | None = None,
    ) -> Flow:
        """How many patients there were at each step: `necc.flow`.

        Example:
            >>> [step.n for step in cohort.flow(endpoint="PRS").steps][-1]
            88
        """
        result: Flow = beyond("necc.analysis.flow", "flow")(self, selection, before=before, endpoint=endpoint, by=by)
        return result

    def course(self, place: int | None = None, origin: Origin | None = None) -> Course:
        """One patient's course: `necc.course`.

        Example:
            >>> [event.what for event in cohort.course(2).events if event.lane == "recurrence"]
            ['Abdominal organs']
        """
        result: Course = beyond("necc.analysis.patient", "course")(self, place, origin)
        return result

    def similar(self, patient: Cohort | int, fields: str | Iterable[str] | None = None, at_least: int = 10) -> Similar:
        """Who is like a patient: `necc.similar`.

        Example:
            >>> cohort.similar(2).n
            13
        """
        result: Similar = beyond("necc.analysis.patient", "similar")(self, patient, fields, at_least)
        return result

    def case(
        self,
        patient: Cohort | int,
        fields: str | Iterable[str] | None = None,
        endpoint: str | None = None,
        *,
        at_least: int = 10,
        ahead: float | Iterable[float] = (6, 12, 24),
        smallest_cell: int = 0,
    ) -> Case:
        """A patient within the cohort: `necc.case`.

        Example:
            >>> cohort.case(2).similar.n
            13
        """
        result: Case = beyond("necc.analysis.patient", "case")(
            self, patient, fields, endpoint, at_least=at_least, ahead=ahead, smallest_cell=smallest_cell
        )
        return result


def _telling(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that tells of an argument that it doesn't have as its function does."""
    code = method.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]

    @wraps(method)
    def asked(*args: Any, **kwargs: Any) -> Any:
        strange_arguments(method.__name__, names, kwargs, also=("self",))
        return method(*args, **kwargs)

    return asked


for _name, _method in [*vars(Asked).items()]:
    if not _name.startswith("_") and not _method.__code__.co_flags & 0x08:  # takes no further arguments by name
        setattr(Asked, _name, _telling(_method))
