"""What is said of a second opinion: which programs computed, how far they are apart, and why they may be."""

from __future__ import annotations

import math
from collections.abc import Mapping

from necc.analysis.opinion import TOLERANCE, Asked, Compared, Opinion, Reason
from necc.core.text import format_difference, format_number, joined, plural

LEAD = (
    "Numbers of the exhibits, computed again from the patients' data by other programs. The difference is absolute for "
    "numbers below one, relative above."
)
REASONS: Mapping[Reason, str] = {
    "median": "where a curve stands at exactly one half, the median is the middle of that step here, as in R; "
    "lifelines takes its start",
    "end": "where a curve falls to zero, it has no limits there, as in R; lifelines takes them as zero",
    "limits": "other limits were asked for than the log-log ones that the program has",
    "search": "lifelines stops its search earlier, at a gradient of about 0.001",
    "concordance": "which pairs of equal times count differs",
}  # fmt: skip
LEFT: Mapping[str, str] = {
    "no-judge": "none of the programs computes them",
    "firth": "Firth's likelihood, which none of the programs has; only other numbers of it are compared",
}  # fmt: skip
OF_READY = (
    "The numbers of a usual paper on the patients shown are computed again by lifelines, scikit-survival and R, as far "
    "as these are installed where the dashboard runs, and the largest difference is told."
)
NOT_ASKED = "No program was there to ask."


def of_report(n: int) -> str:
    """Which numbers are computed again."""
    return (
        f"The numbers of the report's {plural(n, 'exhibit')} are computed again by lifelines, scikit-survival and R, "
        "as far as these are installed where the dashboard runs, and the largest difference is told."
    )


def gap(difference: float) -> str:
    """`4.9e-07`, `none`; in words where only one program has a number."""
    if not math.isfinite(difference):
        return "only one has a number"
    return format_difference(difference)


def value(number: float | None) -> str:
    """A number with ten figures: what programs differ in may stand far behind the point."""
    return "none" if number is None else f"{number:.10g}"


def asked(programs: tuple[Asked, ...]) -> str:
    """`Computed again by lifelines 0.30.3 and R 4.2.2.`"""
    there = [f"{one.program} {one.version}" for one in programs if not one.lacks]
    lack = [f"{one.program}: {one.lacks}." for one in programs if one.lacks]
    return " ".join([f"Computed again by {joined(there)}." if there else NOT_ASKED, *lack])


def summary(opinion: Opinion) -> tuple[str, ...]:
    """How many numbers were compared, and how far the programs are apart."""
    lines = [asked(opinion.asked)]
    if not opinion.rows:
        return (*lines, "Nothing was compared.")
    compared = f"{plural(opinion.n, 'number')} compared"
    worst = opinion.largest
    if worst and not worst.difference:
        return (*lines, f"{compared}; none differs.")
    if worst:
        compared += f"; the largest difference is {gap(worst.difference)}, {where(worst)}"
    lines.append(f"{compared}.")
    if opinion.apart:
        kinds = f"{plural(len(opinion.apart), 'kind')} of numbers"
        lines.append(f"{kinds} {'differs' if len(opinion.apart) == 1 else 'differ'} by more than {bound()}, and no "
                     "known convention tells why.")  # fmt: skip
    else:
        lines.append(f"All agree to within {bound()}, but for known conventions.")
    return tuple(lines)


def bound() -> str:
    """`0.000001`, what iterations may leave."""
    return format_number(TOLERANCE, 6)


def where(row: Compared) -> str:
    """`in the hazard ratio of Table 5 by lifelines`."""
    label = row.exhibit.partition(". ")[0]
    return f"in {label} ({': '.join(filter(None, (row.what, row.place)))}) by {row.program}"


def left(pairs: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """What wasn't compared, by its reason."""
    by: dict[str, list[str]] = {}
    for exhibit, why in pairs:
        by.setdefault(LEFT.get(why, why), []).append(exhibit.partition(". ")[0])
    return tuple(f"Not compared, {why}: {joined(list(dict.fromkeys(names)))}." for why, names in by.items())
