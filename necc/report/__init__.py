"""From the screen to the paper: a project's exhibits as a document, slides, a workbook, figures and scripts."""

from necc.report.making import make_report
from necc.report.model import Computed, Item, Prose, Report
from necc.report.ready import ready

__all__ = ["Computed", "Item", "Prose", "Report", "make_report", "ready"]
