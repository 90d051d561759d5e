"""Sections of responses to treatment."""

from __future__ import annotations

import numpy as np

from necc.analysis.response.population import UNTOLD, response_column
from necc.analysis.response.rates import ResponseBySite, ResponseGroup, ResponseRates
from necc.analysis.response.transitions import Transitions
from necc.core.dictionary import RESPONSES
from necc.core.responses import recist
from necc.report.scripts.script import Section
from necc.report.scripts.sites import contingency
from necc.report.scripts.text import quoted, texts


def _response(section: Section, response: str) -> str:
    """R for a column as CR, PR, SD, PD and NE."""
    variable = section.cohort.variable(response_column(section.cohort, response))
    column = section.script.patients.column(variable.name)
    words = [str(c) for c in section.cohort.whole.column(variable.name).cat.categories]
    moves = {word: meant for word in words if (meant := recist(word))}
    if any(word != meant for word, meant in moves.items()):
        pairs = ", ".join(f"{quoted(word)}, {quoted(meant)}" for word, meant in moves.items())
        column = f"translated({column}, {pairs})"
    return f"factor({column}, levels = {texts(RESPONSES)})"


def _treated(section: Section, given: str, both: bool) -> None:
    """Writes who received the treatment as `treated`. both: with and without it are compared."""
    if not given:
        section.line("treated <- who")
        return
    column = section.script.patients.column(given)
    section.line(f"treated <- who & !is.na({column})" if both else f'treated <- who & known({column} == "yes")')


def rates(section: Section, result: ResponseRates) -> str:
    """Writes the rates, and returns the p of their test as R has it."""
    _treated(section, "" if result.population == UNTOLD else section.cohort.dictionary.treatment, not result.given)
    section.line(f"response <- {_response(section, result.response)}[treated]")
    section.same("patients of the population", "sum(treated)", result.overall.n)
    _group(section, result.overall, "response", result.denominator)
    if result.by is not None:
        section.line(f"by <- {section.group(result.by)}[treated]")
        for stratum in result.strata:
            _group(section, stratum, f"response[known(by == {quoted(stratum.name)})]", result.denominator)
    _times(section, result)
    if result.test is None:
        return "NA"
    table = f"table(by, responding(response, {quoted(result.denominator)}))"
    return contingency(section, result.test, table, f"response by {result.by_label}", result.convention)


def _group(section: Section, group: ResponseGroup, column: str, denominator: str) -> None:
    counts = [int(group.counts[name]) for name in (*RESPONSES, "missing")]
    section.same(f"{group.name}, {', '.join(RESPONSES)} and not recorded", f"responses({column})", counts)
    for what, rate, levels in (("objective response", group.orr, ("CR", "PR")),
                               ("disease control", group.dcr, ("CR", "PR", "SD"))):  # fmt: skip
        section.same(f"{group.name}, {what}: patients, of how many, rate and its limits",
                       f"rate_of({column}, {texts(levels)}, {quoted(denominator)})",
                       [rate.n, rate.of, rate.estimate.value, rate.estimate.lower, rate.estimate.upper])  # fmt: skip


def _times(section: Section, result: ResponseRates) -> None:
    times = result.time_to_response
    if times is None or not times.n or section.few(times.n):
        return
    column = section.number(section.cohort.dictionary.role("time_to_response"))
    section.line(f'times <- {column}[treated][known(is_one_of(response, c("CR", "PR")))]')
    section.same("time to response: n", "sum(!is.na(times))", times.n)
    expected = [times.median, times.q1, times.q3]
    section.same("time to response: median, quartiles", "summed_up(times)[4:6]", expected)
    if not section.script.smallest_cell:  # the ends are those of single patients
        section.same("time to response: least, greatest", "summed_up(times)[7:8]", [times.minimum, times.maximum])


def by_site(section: Section, result: ResponseBySite) -> None:
    section.panels(result, rates)


def transitions(section: Section, result: Transitions) -> None:
    """Writes best against final response."""
    _treated(section, result.given, False)
    shown = texts(result.levels)
    for name in ("best", "final"):
        section.line(f"{name} <- factor({_response(section, name)}, levels = {shown})[treated]")
    matrix = np.asarray(result.matrix)
    for i, level in enumerate(result.levels):
        section.same(f"best {level}: final {', '.join(result.levels)}", f"table(best, final)[{i + 1}, ]",
                       [int(n) for n in matrix[i]])  # fmt: skip
    section.same("patients with both", "sum(table(best, final))", result.n)
