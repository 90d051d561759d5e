"""Endpoints made from a time and an event, from dates, and of the first of several.

Nobody's event is inferred: a blank stays missing, and where a category tells of the event, one other level at most may
be without it, so that nothing that was never said, such as "lost", counts as having been seen without the event.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from necc.core.cohort import FLAG_LEVELS, Cohort
from necc.core.dictionary import UNITS, Endpoint, Variable, VariableKind
from necc.core.edits.making import Made, Misfit, Names, categorical, patients, proper, with_column, with_outcomes_marked
from necc.core.edits.steps import FirstOf, NewEndpoint
from necc.core.text import first_few, joined, quoted, rows_named, shorten, with_article
from necc.core.toml import meant

OWN_ORIGIN = "the file's own origin"
KINDS = ("event", "flag", "category", "response")


def new_endpoint(cohort: Cohort, edit: NewEndpoint, names: Names) -> Made:
    """Adds an endpoint that is read from columns."""
    _free(cohort, edit.name)
    if edit.unit not in UNITS:
        raise Misfit(f"'{shorten(edit.unit)}' is not one of {joined(UNITS, 'or')}")
    dates = {key: getattr(edit, key) for key in ("start", "event_date", "censor_date")}
    given = [key for key, column in dates.items() if column]
    if bool(edit.time) == bool(given):
        raise Misfit("an endpoint has either a time, or dates: start, event_date and censor_date")
    if given and not (edit.start and edit.censor_date):
        raise Misfit("an endpoint from dates needs 'start' and 'censor_date', the day when a patient was "
                     "last seen without the event")  # fmt: skip
    if not edit.event and not edit.event_date:
        raise Misfit("nothing says who has the event; name its column, or the date when it happened")
    time = _column(cohort, edit.time, "number") if edit.time else ""
    columns = {key: _column(cohort, column, "date") for key, column in dates.items() if column}
    edited, event, said = _event(cohort, edit, names) if edit.event else (cohort, "", "")
    like = next((e for e in cohort.dictionary.endpoints.values()
                 if (time and e.time == time) or (edit.start and e.start == columns["start"])), None)  # fmt: skip
    starts = cohort.dictionary.variables[columns["start"]] if columns else None
    origin = like.origin if like else starts.label if starts else OWN_ORIGIN
    endpoint = Endpoint(
        edit.name, edit.label.strip() or edit.name, origin, edit.unit, time=time, event=event,
        start=columns.get("start", ""), event_date=columns.get("event_date", ""),
        censor_date=columns.get("censor_date", ""),
        starts_at=like.starts_at if like else starts.starts_at if starts else "baseline",
    )  # fmt: skip
    return _made(edited, endpoint, said)


def first_of(cohort: Cohort, edit: FirstOf, names: Names) -> Made:
    """Adds a composite endpoint; see `necc.core.dictionary` for how it is decided."""
    _free(cohort, edit.name)
    known = cohort.dictionary.endpoints
    if len(edit.of) < 2 or len(set(edit.of)) < len(edit.of):
        raise Misfit("an endpoint is the first of two or more different ones; name each once")
    for name in edit.of:
        if name not in known:
            there = cohort.endpoint_names()
            raise Misfit(
                f"there is no endpoint '{shorten(name)}'{meant(name, there) or f'; there are {first_few(there)}'}"
            )
        if lacks := cohort.endpoint_lacks(name):
            raise Misfit(lacks)
    parts = tuple(known[name] for name in edit.of)
    for what, of in (("unit", [p.unit for p in parts]), ("start", [p.origin for p in parts if p.origin != OWN_ORIGIN])):
        if len(set(of)) > 1:
            raise Misfit(f"its parts must have the same {what}; there are {joined(quoted(list(dict.fromkeys(of))))}")
    origins = [p.origin for p in parts]
    origin = next((o for o in origins if o != OWN_ORIGIN), OWN_ORIGIN)
    defined_as = f"{origin} to the first of {joined([p.label for p in parts])}"
    late = next(p.starts_at for p in parts if p.origin == origin)
    endpoint = Endpoint(
        edit.name, edit.label.strip() or edit.name, origin, parts[0].unit, defined_as, starts_at=late, first_of=parts
    )
    unsure = (
        ""
        if len(set(origins)) == 1 and origin != OWN_ORIGIN
        else "the file doesn't say whether all parts start on the same day"
    )
    return _made(cohort, endpoint, "", unsure)


def _free(cohort: Cohort, name: str) -> None:
    proper(name, "endpoint")
    if name in cohort.dictionary.endpoints:
        raise Misfit(f"there is an endpoint '{name}' already; give the new one another name")


def _column(cohort: Cohort, name: str, kind: VariableKind) -> str:
    """A column of this kind, by its name.

    Raises:
        Misfit: it is of another kind.
        AnalysisError: there is none.
    """
    variable = cohort.variable(name)
    if variable.kind != kind:
        raise Misfit(f"'{variable.name}' is {with_article(variable.kind)}, not {with_article(kind)}")
    return variable.name


def _event(cohort: Cohort, edit: NewEndpoint, names: Names) -> tuple[Cohort, str, str]:
    """The cohort with the column that tells of the event, its name, and what its levels mean."""
    variable = cohort.variable(edit.event)
    if variable.kind not in KINDS:
        raise Misfit(f"'{variable.name}' is {with_article(variable.kind)}; an event is a yes/no column or a category")
    flag = variable.kind in ("event", "flag")
    if flag and edit.event_levels in ((), FLAG_LEVELS[1:]):
        return cohort, variable.name, ""
    factor = cohort.factor(variable.name)
    shown = first_few(quoted(factor.levels)) or "none"
    if not edit.event_levels:
        raise Misfit(f"which levels of '{variable.name}' are the event isn't said; its levels are {shown}")
    known = {*factor.levels, *variable.levels, *map(str, cohort.column(variable.name).cat.categories)}
    if strange := [level for level in edit.event_levels if level not in known]:
        hint = meant(strange[0], known) or f"; its levels are {shown}"
        raise Misfit(f"'{variable.name}' has no level '{shorten(strange[0])}'{hint}")
    others = [level for level in factor.levels if level not in edit.event_levels]
    if len(others) > 1:
        raise Misfit(
            f"{joined(quoted(others))} of '{variable.name}' aren't the event, and it isn't said which of them mean "
            f"that it didn't happen; merge those into one level, or derive a yes/no variable from '{variable.name}'"
        )
    held = np.array([*(level in edit.event_levels for level in factor.levels), -1], dtype=np.int8)[factor.codes]
    name = names.free(f"{edit.name} event", "variable")
    label = f"{edit.label.strip() or edit.name}: event"
    made = Variable(name, label, "event", starts_at="followup", made_of=(variable.name,))
    names.take(name)
    without = f"; '{others[0]}' is without it" if others else "; everybody recorded has it"
    said = (
        f"{joined(quoted(list(edit.event_levels)))} {'are' if len(edit.event_levels) > 1 else 'is'} the event{without}"
    )
    return with_column(cohort, made, categorical(held, FLAG_LEVELS, cohort.index)), name, said


def _made(cohort: Cohort, endpoint: Endpoint, said: str, unsure: str = "") -> Made:
    """The cohort with one more endpoint, and what it holds."""
    known = replace(cohort.dictionary, endpoints={**cohort.dictionary.endpoints, endpoint.name: endpoint})
    edited = cohort.edited(dictionary=with_outcomes_marked(known))
    if lacks := edited.endpoint_lacks(endpoint.name):
        raise Misfit(lacks)
    read, early = edited.endpoint(endpoint.name), edited.ends_before_start(endpoint.name)
    lost = [f"{e.n:,} with {e.reason}" for e in read.excluded]
    told = f"{patients(read.n)}, {read.n_events:,} with the event{''.join(f', {lack}' for lack in lost)}"
    warnings = [unsure] if unsure else []
    if early.any():
        rows = edited.index[early].tolist()
        warnings.append(f"{rows_named(rows)}: the time would end before it starts, and isn't known")
    late = edited.event_after_end(endpoint.name)
    if late.any():
        rows = edited.index[late].tolist()
        until = "the last observation" if endpoint.first_of else f"'{endpoint.censor_date}'"
        warnings.append(f"{rows_named(rows)}: the event is dated after {until}; it counts at its own date. "
                        "If that isn't meant, correct one of the two dates")  # fmt: skip
    if not read.n:
        warnings.append("nobody has both a time and an event that is recorded")
    return Made(edited, "; ".join(filter(None, (told, said))), "; ".join(warnings))
