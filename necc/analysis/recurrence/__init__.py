"""Where the disease came back, which sites come together, and when."""

from __future__ import annotations

from necc.analysis.recurrence.distribution import (
    OrganDistribution,
    Pattern,
    SiteCount,
    SiteDistribution,
    any_site,
    organ_distribution,
    site_distribution,
)
from necc.analysis.recurrence.each import EachSite, SiteEffect, SiteGroup, each_site
from necc.analysis.recurrence.timing import Timing, TimingGroup, site_timing
from necc.analysis.recurrence.together import CoOccurrence, SitePair, co_occurrence

__all__ = [
    "CoOccurrence", "EachSite", "OrganDistribution", "Pattern", "SiteCount", "SiteDistribution", "SiteEffect",
    "SiteGroup", "SitePair", "Timing", "TimingGroup", "any_site", "co_occurrence", "each_site", "organ_distribution",
    "site_distribution", "site_timing",
]  # fmt: skip
