"""Reporting: a Methods text, and the checklists that journals ask for.

>>> from necc.present.documents import checklist, methods_paragraph
>>> results = [kaplan_meier(cohort, "PRS", "site:abdominal"), cox(cohort, "PRS", ["site:abdominal", "age_years"])]
>>> methods_paragraph(results, cohort).text
>>> checklist("remark", results, cohort).open
"""

from __future__ import annotations

from necc.present.documents.checklists import Answer, Checklist, Item, checklist, guideline
from necc.present.documents.methods import MethodsText, method, methods_paragraph

__all__ = [
    "Answer",
    "Checklist",
    "Item",
    "MethodsText",
    "checklist",
    "guideline",
    "method",
    "methods_paragraph",
]
