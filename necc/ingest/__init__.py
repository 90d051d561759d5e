"""Files to cohorts: readers, mappings, typing by a dictionary, findings, and the files that go out."""

from necc.ingest.build import Inspection, Opened, inspect, open_file, open_frame, read_cohort, summarise
from necc.ingest.entered import Entered, entered
from necc.ingest.handed import from_frame
from necc.ingest.mapping import ColumnMap, EndpointMap, Mapping, ReadOptions
from necc.ingest.naming import OwnColumns, own_columns
from necc.ingest.readers import FORMATS, SUFFIXES, formats_in_words
from necc.ingest.templates import cohort_csv, dictionary_csv, template_csv

__all__ = [
    "FORMATS", "SUFFIXES", "ColumnMap", "EndpointMap", "Entered", "Inspection", "Mapping", "Opened", "OwnColumns",
    "ReadOptions", "cohort_csv", "dictionary_csv", "entered", "formats_in_words", "from_frame", "inspect", "open_file",
    "open_frame", "own_columns", "read_cohort", "summarise", "template_csv",
]  # fmt: skip
