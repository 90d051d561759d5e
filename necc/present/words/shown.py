"""What a result, a cohort and a figure say of themselves in a notebook, and why something isn't shown."""

from __future__ import annotations

from collections.abc import Sequence

from necc.core.cohort import Cohort
from necc.core.estimate import Exclusion
from necc.core.text import first_few, joined, plural, quoted
from necc.core.toml import meant

PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'
)
COHORT_COLUMNS = ("What", "In the file")


def no_figure(kind: str) -> str:
    return f'{kind} has no figure, but a table: to_frame(), save("x.csv") or, as it is read, save("x.html")'


def unknown_options(kind: str, unknown: Sequence[str], allowed: Sequence[str]) -> str:
    none = joined(quoted(list(unknown)))
    return f"the figure of {kind} has no option {none}; there are {joined(list(allowed))}{meant(unknown[0], allowed)}"


def needed_options(kind: str, needed: Sequence[str], asked: str = "", term: str = "") -> str:
    """asked: endpoint and factor of the result, as a function takes them; term: one that can be drawn."""
    values = {"km": f"kaplan_meier(cohort, {asked})", "term": f'"{term}"', "label": '"its name in words"'}
    told = ", ".join(f"{name}={values.get(name, '...')}" for name in needed)
    over = "is drawn over the curves" if "km" in needed else "needs more than the result"
    return f"the figure of {kind} {over}: plot({told})"


def refused(problem: str) -> str:
    return f"the figure can't be drawn so: {problem}"


def only_pictures(kind: str, options: Sequence[str]) -> str:
    named = joined(quoted(list(options)))
    many = len(options) > 1
    return f"{'options' if many else 'option'} {named} {'are' if many else 'is'} for a picture, and a .{kind} is none"


def left_rows(rows: int, columns: int) -> tuple[str, ...]:
    parts = [plural(n, what) for n, what in ((rows, "more row"), (columns, "more column")) if n > 0]
    return (f"{joined(parts)} in to_frame().",) if parts else ()


def left_out(exclusion: Exclusion) -> str:
    return f"Not read: {plural(exclusion.n, 'row')}, {exclusion.reason}."


def cohort(cohort: Cohort) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A title and what the file holds: patients, columns, endpoints, sites; nothing of a single patient."""
    whole, n = cohort.unnarrowed().n_patients, cohort.n_patients
    kept = f" of {whole:,}" if whole != n else ""
    rows = [("Patients", f"{n:,}{kept}"), ("Columns", f"{len(cohort.columns):,}")]
    rows += [("Endpoints", joined(list(cohort.endpoint_names())) or "none")]
    rows += [("Sites", first_few([cohort.site_label(site) for site in cohort.site_names]) or "none")]
    rows += [("Factors", first_few(list(cohort.factor_names())))]
    return "Cohort", tuple(rows)
