"""Files to cohorts: readers, typing by a dictionary, findings, and the files that go out."""

from necc.ingest.build import Inspection, OwnColumns, inspect, own_columns, read_cohort, summarise
from necc.ingest.reading import READERS
from necc.ingest.templates import cohort_csv, dictionary_csv, template_csv

__all__ = [
    "READERS", "Inspection", "OwnColumns", "cohort_csv", "dictionary_csv", "inspect", "own_columns", "read_cohort",
    "summarise", "template_csv",
]  # fmt: skip
