"""A report as a Word document."""

from necc.report.word.document import document as document
