"""What is handed over in Python in place of a file: a data frame, and in words what its columns are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from necc.core.cohort import Cohort
from necc.core.dictionary import UNITS, Dictionary
from necc.core.errors import AnalysisError
from necc.core.text import joined, quoted, shorten
from necc.core.toml import meant
from necc.ingest.build import open_frame, read_cohort
from necc.ingest.frame import KIND, Frame
from necc.ingest.mapping import Mapping
from necc.ingest.naming import OwnColumns
from necc.ingest.raw import cell_text, fail


def from_frame(
    frame: pd.DataFrame | Frame,
    *,
    id: str = "",
    time: str = "",
    event: str = "",
    event_value: object = (),
    unit: str = "",
    sites: str | Sequence[str] = (),
    endpoint: str = "",
    status: str = "",
    dictionary: Dictionary | str | Path | None = None,
    mapping: Mapping | str | Path | None = None,
    answers: str | Sequence[str] = (),
    codebook: bytes = b"",
    filename: str = KIND,
    today: date | None = None,
) -> Cohort:
    """A data frame as a cohort, by the door that a file comes through: the same questions, findings and answers.

    With `time` and `event` the frame's own columns are an endpoint; without, its columns are understood as a file's
    are, by their names, types and values. Categories keep their order. A row is told by its label where the index holds
    whole numbers, so that masks of the frame select patients: `cohort.subset(df["age"] > 50)`. A named index is a
    column.

    Args:
        frame: one row a patient: of pandas, polars or pyarrow, or a dict of columns.
        id: the column, or the named index, that identifies the patients.
        time: the column of the time; durations (timedelta) are read in `unit`, else in days.
        event: the column that says whether the event happened at that time.
        event_value: the value of `event`, or several, that mean that it happened; without it 1, True and yes do.
        unit: of `time`: days, weeks, months or years; without it the column's name says it.
        sites: columns of 0 and 1, one a site; or one column with the names of sites, as a text or a list.
        endpoint: what the endpoint is called; the name of `time` by default.
        status: in place of `event`, a column of several codes that stay what they are, for competing risks.
        dictionary: the disease, by its name or as a file; the one whose words the frame uses by default.
        mapping: how its columns are understood, or the file that says so.
        answers: to what the frame leaves open, as `event:died=2`; the error that asks says which there are.
        codebook: a REDCap data dictionary (CSV).
        filename: what the frame is called beside results.
        today: the day after which nothing can have happened; the computer's by default.

    Raises:
        CohortError: the frame can't be read as a cohort; its text says why and how to mend it, `findings` holds all.
        DictionaryError: there is no such dictionary, or it can't be used.
        AnalysisError: an argument that isn't what it has to be.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"months": [5, 6, 7, 9], "dead": [True, False, True, True], "arm": list("abab")})
        >>> own = from_frame(frame, time="months", event="dead", endpoint="OS")
        >>> own.endpoint("OS").event.sum(), own.factor("arm").levels
        (np.int64(3), ('a', 'b'))
    """
    own = OwnColumns(
        _name("id", id), _name("time", time), _name("event", event), _values(event_value), _unit(unit),
        tuple(_name("sites", s) for s in _several(sites)), _name("endpoint", endpoint), _name("status", status),
    )  # fmt: skip
    known, read_by = known_dictionary(dictionary), known_mapping(mapping)
    options = read_by.read_options if read_by else None
    opened = open_frame(frame, filename, own=own, read_options=options, codebook=codebook)
    return read_cohort(opened, own=own, dictionary=known, mapping=read_by, answers=_several(answers), today=today)


def _name(argument: str, value: object) -> str:
    """A column's name as a heading; names may be numbers, but neither a column itself nor several."""
    if value is None:
        return ""
    if isinstance(value, str | int | np.integer) and not isinstance(value, bool):
        return " ".join(str(value).split())
    raise AnalysisError(f"{argument}= takes the name of a column; a {type(value).__name__} was found")


def _several(names: object) -> tuple[str, ...]:
    """A bare text is one name."""
    if names is None:
        return ()
    if isinstance(names, str | int):
        return (str(names),) if names != "" else ()
    return tuple(names) if isinstance(names, Iterable) else (str(names),)


def _values(values: object) -> tuple[str, ...]:
    """Codes as a cell holds them: 1, 1.0 and "1" are the same; a bare one is one code."""
    if isinstance(values, Iterable) and not isinstance(values, str | bytes):
        return tuple(cell_text(v) for v in values)
    return (cell_text(values),) if values not in ("", None) else ()


def _unit(unit: object) -> str:
    if unit and unit not in UNITS:
        near = meant(unit, UNITS)
        raise AnalysisError(f"unit='{shorten(str(unit), 30)}': a unit is {joined(quoted(UNITS), 'or')}{near}")
    return str(unit or "")


def known_dictionary(dictionary: Dictionary | str | Path | None) -> Dictionary | None:
    """The dictionary, of its name or its file.

    Raises:
        DictionaryError: it doesn't ship, or its file is faulty. CohortError: its file can't be opened.
    """
    if dictionary is None or isinstance(dictionary, Dictionary):
        return dictionary
    if isinstance(dictionary, str | Path) and Path(dictionary).suffix != ".toml":
        return Dictionary.builtin(str(dictionary))
    return Dictionary.from_toml(_text(dictionary, "dictionary"))


def known_mapping(mapping: Mapping | str | Path | None) -> Mapping | None:
    return Mapping.from_toml(_text(mapping, "mapping")) if isinstance(mapping, str | Path) else mapping


def _text(path: str | Path, what: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, TypeError) as error:
        why = getattr(error, "strerror", "") or "it is no UTF-8 text"
        raise fail("unreadable-file", f"the {what} file '{shorten(str(path))}' can't be read: {why}") from None
