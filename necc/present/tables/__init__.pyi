"""The names of this package and their types; each is loaded when it is first used."""

from .baseline import characteristics_table as characteristics_table, sites_table as sites_table
from .centre_file import table_sizes as table_sizes
from .changed import (
    changed_columns as changed_columns, changed_endpoints as changed_endpoints, changed_patients as changed_patients,
)
from .cohort import (
    attrition as attrition, checklist_table as checklist_table, findings as findings, implied_table as implied_table,
    restaging_table as restaging_table,
)
from .competing import (
    gray_tests as gray_tests, hazards_table as hazards_table, incidence_at as incidence_at,
    naive_beside as naive_beside,
)
from .flow import flow as flow
from .opinion import second_opinion as second_opinion
from .parametric import parametric_fits as parametric_fits, parametric_parameters as parametric_parameters
from .patient import (
    conditional_table as conditional_table, course_table as course_table, received_table as received_table,
    rule_table as rule_table,
)
from .pooling import (
    centre_bounds as centre_bounds, centre_files as centre_files, centre_ratios_table as centre_ratios_table,
    centre_shares_table as centre_shares_table,
    grid_preview as grid_preview,
)
from .prediction import difference_table as difference_table, models_table as models_table
from .recorded import compared as compared
from .regression import (
    collinearity_table as collinearity_table, imputed_table as imputed_table, influence_table as influence_table,
    model_table as model_table, model_tests_table as model_tests_table,
    proportional_hazards_table as proportional_hazards_table, regression_table as regression_table,
    steps_table as steps_table, subgroup_table as subgroup_table,
)
from .reproduction import (
    cell_table as cell_table, own_table as own_table, ratio_table as ratio_table,
)
from .response import (
    response_by_site_table as response_by_site_table, response_table as response_table,
    transition_table as transition_table, treated_table as treated_table,
)
from .rounds import (
    round_centres_table as round_centres_table, round_model_table as round_model_table,
    round_tests_table as round_tests_table,
)
from .sites import (
    co_occurrence as co_occurrence, combinations as combinations, each_site_table as each_site_table,
    number_of_sites as number_of_sites,
    organ_table as organ_table, site_pairs as site_pairs, site_table as site_table, timing_table as timing_table,
)
from .subcohorts import overlap as overlap, overlap_pairs as overlap_pairs, side_by_side as side_by_side
from .survival import (
    entry_medians as entry_medians, fixed_times as fixed_times, grid_summary as grid_summary,
    median_conventions as median_conventions, restricted_means as restricted_means, survival_at as survival_at,
    survival_pairs as survival_pairs, survival_summary as survival_summary, survival_tests as survival_tests,
)
from .table import Table as Table
from .treatment import (
    immortal_time as immortal_time, treatment_comparisons as treatment_comparisons,
    treatment_landmarks as treatment_landmarks, treatment_sensitivity as treatment_sensitivity,
)
