"""Tables of parametric curves: which family fits how well, and its parameters."""

from __future__ import annotations

from collections.abc import Iterable

from necc.analysis.survival import FamilyFit, FittedAt, Parametric
from necc.core.text import format_number, slug, written
from necc.present.tables.table import Line, Table, makes_table
from necc.present.words.captions.parametric import EXTRAPOLATED, FAMILY_NAMES, family_name
from necc.present.words.notes import survival as notes
from necc.present.words.phrases import NOTHING, capitalised, ci_name, counts, estimate_cell, percent_estimate

PARAMETERS = {"lifelines": "parameters", "survreg": "survreg"}


def _title(result: Parametric) -> str:
    return f"{result.label} by {result.by_label}" if result.by else result.label


def _name(result: Parametric, what: str) -> str:
    return slug(f"{result.endpoint}-{what}" + (f"-by-{result.by}" if result.by else ""))


@makes_table
def parametric_fits(result: Parametric) -> Table:
    """Each family's AIC, its difference from the lowest, BIC, median, and survival at the chosen times."""
    level, times = ci_name(result.level), [at.time for at in _first_times(result)]
    lines: list[Line] = []
    for group in result.groups:
        if result.by:
            lines.append((0, (f"{group.name}: {counts(group.n, group.n_events)}",)))
        for fit in group.fits:
            lines.append((1 if result.by else 0, (capitalised(FAMILY_NAMES[fit.family]), *_fit_cells(fit, len(times)))))
    return Table.of_lines(
        f"{_title(result)}: parametric curves", _name(result, "parametric"),
        ("Family", "Parameters", "AIC", "Difference", "BIC", f"Median, {result.unit} ({level})",
         *(f"At {t:g} {result.unit}, % ({level})" for t in times)),
        lines, notes.parametric_fits(result),
    )  # fmt: skip


def _first_times(result: Parametric) -> Iterable[FittedAt]:
    """The chosen times, of a fit that has them."""
    return next((f.at_times for g in result.groups for f in g.fits if f.at_times), ())


def _fit_cells(fit: FamilyFit, n_times: int) -> tuple[str, ...]:
    if not fit.converged:
        return (f"{fit.n_parameters:,}", *[NOTHING] * (4 + n_times))
    median = _marked("not reached" if fit.median.value is None else estimate_cell(fit.median), fit.median_extrapolated)
    at = [_marked(percent_estimate(a.survival), a.extrapolated) for a in fit.at_times]
    numbers = (format_number(v, 1) for v in (fit.aic, fit.aic_difference, fit.bic))
    return (f"{fit.n_parameters:,}", *numbers, median, *at)


def _marked(cell: str, extrapolated: bool) -> str:
    return written("{}{}", cell, EXTRAPOLATED) if extrapolated else cell


@makes_table
def parametric_parameters(result: Parametric) -> Table:
    """Each family's parameters with their limits and standard errors, as lifelines and as R's survreg name them."""
    lines: list[Line] = []
    for group in result.groups:
        if result.by:
            lines.append((0, (group.name,)))
        for fit in group.fits:
            family = capitalised(family_name(fit.family, result.n_knots))
            for software, field in PARAMETERS.items():
                for parameter in getattr(fit, field):
                    cells = (parameter.name, estimate_cell(parameter.value, 4), format_number(parameter.se, 4))
                    lines.append((1 if result.by else 0, (family, software, *cells)))
    return Table.of_lines(
        f"{_title(result)}: parameters of the curves", _name(result, "parameters"),
        ("Family", "As in", "Parameter", f"Estimate ({ci_name(result.level)})", "Standard error"), lines,
        notes.parametric_parameters(result), text_columns=(1, 2),
    )  # fmt: skip
