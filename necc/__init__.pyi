"""The names of this package and their types; each is loaded when it is first used."""

from .analysis.baseline import (
    Characteristics as Characteristics, by_sites as by_sites, characteristics as characteristics, compare as compare,
    table_names as table_names,
)
from .analysis.centres import (
    ByCentre as ByCentre, SharesByCentre as SharesByCentre, by_centre as by_centre,
    response_by_centre as response_by_centre, site_shares as site_shares,
)
from .analysis.competing import (
    CompetingOutcome as CompetingOutcome, CumulativeIncidence as CumulativeIncidence,
    HazardsByCause as HazardsByCause, competing_from_columns as competing_from_columns,
    competing_outcome as competing_outcome, count_causes as count_causes,
    cumulative_incidence as cumulative_incidence, cumulative_incidence_of_columns as cumulative_incidence_of_columns,
    fit_fine_gray as fit_fine_gray, gray_test as gray_test, hazards_by_cause as hazards_by_cause,
    hazards_of as hazards_of, incidence_of as incidence_of,
)
from .analysis.flow import (
    Flow as Flow, flow as flow,
)
from .analysis.patient import (
    Case as Case, Course as Course, RuleJudgement as RuleJudgement, Similar as Similar, beats_rule as beats_rule,
    case as case, course as course, courses as courses, judge_rule as judge_rule, like_fields as like_fields,
    predict_case as predict_case, similar as similar,
)
from .analysis.prediction import (
    ModelComparison as ModelComparison, ModelPerformance as ModelPerformance, PatientPrediction as PatientPrediction,
    compare_models as compare_models, predict_patient as predict_patient,
)
from .analysis.recurrence import (
    CoOccurrence as CoOccurrence, EachSite as EachSite, OrganDistribution as OrganDistribution,
    SiteDistribution as SiteDistribution, Timing as Timing, any_site as any_site, co_occurrence as co_occurrence,
    each_site as each_site, organ_distribution as organ_distribution, site_distribution as site_distribution,
    site_timing as site_timing,
)
from .analysis.regression import (
    CoxModel as CoxModel, CoxTerm as CoxTerm, HazardRatios as HazardRatios, ImputedModel as ImputedModel,
    Influence as Influence, StepwiseResult as StepwiseResult, SubgroupTable as SubgroupTable,
    UnivariateTable as UnivariateTable, cox as cox, cox_imputed as cox_imputed, hazard_ratios as hazard_ratios,
    influence as influence, model_frame as model_frame, proportional_hazards as proportional_hazards,
    schoenfeld as schoenfeld, stepwise as stepwise, subgroups as subgroups, univariate as univariate,
)
from .analysis.regression.diagnostics import (
    ProportionalHazards as ProportionalHazards, SchoenfeldResiduals as SchoenfeldResiduals,
)
from .analysis.recorded import (
    NumberComparison as NumberComparison, Recorded as Recorded, compare_numbers as compare_numbers,
    record_numbers as record_numbers,
)
from .analysis.response import (
    ResponseBySite as ResponseBySite, ResponseRates as ResponseRates, Swimmer as Swimmer, Transitions as Transitions,
    response_by_site as response_by_site, response_rates as response_rates, swimmer as swimmer,
    transitions as transitions, treated_patients as treated_patients,
)
from .analysis.selection_bias import outcome_selection as outcome_selection
from .analysis.staging import (
    Restaging as Restaging, restaging as restaging,
)
from .analysis.subcohorts import (
    SideBySide as SideBySide, side_by_side as side_by_side,
)
from .analysis.survival import (
    ConditionalSurvival as ConditionalSurvival, Curve as Curve, FixedTimes as FixedTimes, KaplanMeier as KaplanMeier,
    LogRank as LogRank, Parametric as Parametric, RestrictedMean as RestrictedMean, RiskTable as RiskTable,
    SurvivalComparison as SurvivalComparison, SurvivalGrid as SurvivalGrid, compare_survival as compare_survival,
    conditional_survival as conditional_survival, count_risk as count_risk, kaplan_meier as kaplan_meier,
    kaplan_meier_with_entry as kaplan_meier_with_entry, parametric as parametric, restricted_mean as restricted_mean,
    survival_at as survival_at, survival_grid as survival_grid,
)
from .analysis.treatment import (
    TreatmentTiming as TreatmentTiming, treatment_course as treatment_course, treatment_timing as treatment_timing,
)
from .analysis.understood import (
    Understood as Understood, understood as understood,
)
from .core.cohort import Cohort as Cohort, Factor as Factor
from .core.dictionary import Dictionary as Dictionary
from .core.edits import (
    CombineSites as CombineSites, Cut as Cut, Derive as Derive, Edited as Edited, FirstOf as FirstOf,
    LeaveOut as LeaveOut, NewEndpoint as NewEndpoint, Order as Order, Recode as Recode, apply_edits as apply_edits,
    edits_from_toml as edits_from_toml, edits_to_toml as edits_to_toml, row_fingerprint as row_fingerprint,
)
from .core.errors import (
    AnalysisError as AnalysisError, CohortError as CohortError, DictionaryError as DictionaryError,
    Finding as Finding, NeccError as NeccError, SelectionError as SelectionError,
)
from .core.estimate import Estimate as Estimate, Exclusion as Exclusion
from .core.selection import Selection as Selection
from .engine import open_source as open_source
from .ingest import (
    OwnColumns as OwnColumns, entered as entered, from_frame as from_frame, inspect as inspect, read_cohort as read_cohort,
    summarise as summarise,
)
from .paper.audit import audit as audit, load_claims as load_claims
from .paper.literature import load_library as load_library, stand_beside as stand_beside
from .paper.reproduction import (
    compare_ratios as compare_ratios, load_recipe as load_recipe, printed_flow as printed_flow,
    printed_numbers as printed_numbers, reproduce as reproduce, site_ratios as site_ratios,
)
from .present.words.checklists import checklist as checklist
from .present.words.methods import methods_paragraph as methods_paragraph
from .present.words.reading import reading as reading
from .report import make_report as make_report, ready as ready
from .report.changed import changes as changes
from .report.opinion import second_opinion as second_opinion
from .project import Exhibit as Exhibit, Project as Project, open_project as open_project

__version__: str
