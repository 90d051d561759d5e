"""Writes cohort.ods by odfpy: a title, a comment, a date, a percentage, a truth value, repeated and merged cells."""

import sys

from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import LineBreak, P, S


def cell(value=None, kind="", shown="", **more):
    named = {"string": {}, "date": {"datevalue": value}, "boolean": {"booleanvalue": value}}.get(kind, {"value": value})
    made = TableCell(**({"valuetype": kind, **named} if kind else {}), **more)
    if shown or kind == "string":
        made.addElement(P(text=shown or value))
    return made


def row(*cells, **more):
    made = TableRow(**more)
    for part in cells:
        made.addElement(part)
    return made


book = OpenDocumentSpreadsheet()
notes = Table(name="Notes")
notes.addElement(row(cell("read me", "string")))
book.spreadsheet.addElement(notes)
data = Table(name="Data")
data.addElement(row(cell("Recurrent NECC", "string"), cell(numbercolumnsrepeated=1023)))
data.addElement(row(cell(numbercolumnsrepeated=1024), numberrowsrepeated=2))
heads = ("patient_id", "histology", "diagnosis_date", "died", "prs_months", "share", "remark")
data.addElement(row(*(cell(h, "string") for h in heads)))
spaced = TableCell(valuetype="string")
paragraph = P(text="two")
for part in (S(c=2), LineBreak()):
    paragraph.addElement(part)
    paragraph.addText("more")
spaced.addElement(paragraph)
commented = cell("A1", "string")
comment = Annotation()
comment.addElement(P(text="a comment"))
commented.addElement(comment)
data.addElement(
    row(commented, cell("small cell", "string"), cell("2015-01-31", "date", "31/01/15"),
        cell("true", "boolean", "TRUE"), cell(12.5, "float", "12.5"), cell(0.385, "percentage", "38.50%"), spaced)
)  # fmt: skip
data.addElement(
    row(cell("A2", "string"), cell("large cell", "string"), cell("2016-02-29T00:00:00", "date"),
        cell("false", "boolean"), cell(3, "float"), cell(0.4, "percentage", numbercolumnsrepeated=1),
        cell("x", "string", numberrowsspanned=2, numbercolumnsspanned=1))
)  # fmt: skip
data.addElement(
    row(cell("A3", "string"), cell("small cell", "string"), cell("2017-12-01", "date"), cell("true", "boolean"), cell(),
        cell(0.4, "percentage"), CoveredTableCell())
)  # fmt: skip
data.addElement(row(cell(numbercolumnsrepeated=1024), numberrowsrepeated=1048569))
book.spreadsheet.addElement(data)
book.save(sys.argv[1])
