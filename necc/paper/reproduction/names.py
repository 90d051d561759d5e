"""Names in a recipe that nothing is called by: a slip of the pen, told with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from necc.core.cohort import Cohort
from necc.core.dictionary import N_SITES, ORGAN, SITE, Dictionary, normalise
from necc.core.errors import Finding
from necc.core.selection import Selection
from necc.core.text import shorten
from necc.core.toml import meant
from necc.paper.reproduction.models import Term
from necc.paper.reproduction.recipe import Line, Recipe

ENDPOINT, NAME = "endpoint", "variable, grouping, site or organ"


def unknown_names(recipe: Recipe, cohort: Cohort) -> tuple[Finding, ...]:
    """Endpoints, variables and sites of a recipe that neither the cohort nor the project's dictionary knows.

    A name that is known but that this file has no column for is no finding: its cells say so.
    """
    dictionaries = (cohort.dictionary, Dictionary.builtin())
    known = {ENDPOINT: {n for d in dictionaries for n in d.endpoints}, NAME: _known(cohort, dictionaries)}
    readable = {normalise(n) for n in known[NAME]} | {h for d in dictionaries for h in d.headers()}
    findings: dict[tuple[int | None, str, str], Finding] = {}
    for place, line, key, what, name in _named(recipe):
        bare = cut["name"] if (cut := cohort.cut(name)) else name
        parts = [f"{SITE}{s.strip()}" for s in bare.partition(":")[2].split("|")] if bare.startswith(SITE) else [bare]
        if what == ENDPOINT and name in known[ENDPOINT]:
            continue
        if what == NAME and all(normalise(part) in readable for part in parts):
            continue
        message = f"{place}, key '{key}': there is no {what} '{shorten(name)}'{meant(name, sorted(known[what]))}"
        findings.setdefault((line, key, name), Finding("error", "recipe-name", message, line, key, shorten(name)))
    schemes = {s for d in dictionaries for s in d.schemes}
    if recipe.scheme and recipe.scheme not in schemes:
        message = f"key 'scheme': there is no site scheme '{shorten(recipe.scheme)}'; there are {', '.join(schemes)}"
        findings[None, "scheme", recipe.scheme] = Finding("error", "recipe-name", message, None, "scheme")
    return tuple(findings.values())


def _known(cohort: Cohort, dictionaries: tuple[Dictionary, ...]) -> set[str]:
    names = {N_SITES, *cohort.columns, *cohort.factor_names()}
    names |= {f"{SITE}{s}" for s in cohort.site_names} | {f"{ORGAN}{o}" for o in cohort.organ_names}
    for d in dictionaries:
        names |= {*d.variables, *d.groupings} | {f"{prefix}{o}" for prefix in (SITE, ORGAN) for o in d.organs}
        for scheme in d.schemes.values():
            names |= {f"{SITE}{s}" for s in (*scheme.groups, *scheme.labels.values())}
    return names


def _named(recipe: Recipe) -> Iterator[tuple[str, int | None, str, str, str]]:
    """Place, line, key, what it names, and the name."""
    for number, step in enumerate(recipe.steps, 1):
        for name in step.where.names:
            yield f"step {number}", None, "where", NAME, name
    for layout in recipe.layouts.values():
        if layout.curves:
            yield f"table '{layout.name}'", None, "curves", ENDPOINT, layout.curves
    for line in recipe.lines:
        yield from _of_line(line)


def _of_line(line: Line) -> Iterator[tuple[str, int | None, str, str, str]]:
    for key, value in line.values.items():
        if key == "endpoint":
            yield line.place, line.line, key, ENDPOINT, str(value)
        elif key in ("factor", "by", "variable"):
            yield line.place, line.line, key, NAME, str(value)
        else:
            for name in _inside(value):
                yield line.place, line.line, key, NAME, name


def _inside(value: Any) -> list[str]:
    """Names in a filter, a covariate, or a list of covariates."""
    if isinstance(value, Selection):
        return list(value.names)
    terms = value if isinstance(value, tuple) else (value,)
    return [term.covariate for term in terms if isinstance(term, Term)]
