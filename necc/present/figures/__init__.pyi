"""The names of this package and their types; each is loaded when it is first used."""

from .audit import audit_picture as audit_picture
from .body import body_map as body_map, body_shares as body_shares
from .centres import (
    centre_curves as centre_curves, centre_forest as centre_forest, centre_funnel as centre_funnel,
    centre_shares as centre_shares,
    grid_cells as grid_cells,
)
from .cohort import attrition as attrition, overview as overview
from .competing import (
    hazards_forest as hazards_forest, incidence_grid as incidence_grid, naive_excess as naive_excess,
    stacked_incidence as stacked_incidence,
)
from .flow import flow as flow
from .grid import survival_grid as survival_grid
from .incidence import incidence_curves as incidence_curves
from .literature import (
    literature_dots as literature_dots, literature_forest as literature_forest,
    literature_ratios as literature_ratios,
)
from .parametric import parametric_curves as parametric_curves
from .patient import standing as standing, timeline as timeline, timelines as timelines
from .prediction import (
    calibration as calibration, discrimination as discrimination, importance as importance,
    net_benefit as net_benefit,
)
from .regression import (
    forest as forest, inclusion_bars as inclusion_bars, influence_plot as influence_plot, schoenfeld as schoenfeld,
    subgroup_forest as subgroup_forest,
)
from .reproduction import printed_beside as printed_beside, printed_forest as printed_forest
from .response import (
    response_bars as response_bars, response_by_site as response_by_site, response_ladder as response_ladder,
    response_rates as response_rates, swimmer as swimmer, transitions as transitions,
)
from .settings import CurveSettings as CurveSettings
from .sites import (
    number_of_sites as number_of_sites, organ_bars as organ_bars, site_bars as site_bars,
    site_bars_by as site_bars_by, site_matrix as site_matrix, site_timing as site_timing, upset as upset,
)
from .style import (
    PAGE as PAGE, PRINT as PRINT, Figure as Figure, Print as Print, Style as Style, empty as empty,
)
from .subcohorts import (
    overlap as overlap, subcohort_curves as subcohort_curves, subcohort_sites as subcohort_sites,
)
from .survival import restricted_areas as restricted_areas, survival_curves as survival_curves
from .treatment import (
    timing_curves as timing_curves, timing_ratios as timing_ratios, treatment_starts as treatment_starts,
)
