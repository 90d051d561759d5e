"""Checks of 2x2 tables: which counts and which test stand behind a printed p-value."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from necc.core.text import format_p, joined
from necc.paper.audit.arithmetic import TableP, fitting_denominators, table_p
from necc.paper.audit.counts import formats, percentage
from necc.paper.audit.printed import PrintedNumber
from necc.paper.audit.values import Context, Impossible, Outcome, Values

LARGEST_SEARCH = 3000


@dataclass(frozen=True)
class Reading:
    """One possible pair of denominators and the p-values of its table."""

    of: tuple[int, int]
    p: TableP

    def reproducing(self, printed: PrintedNumber, cut: bool = False) -> list[str]:
        interval = printed.cut if cut else printed.rounded
        return [name for name, p in self.p.named().items() if interval.holds(p)]


def two_by_two(v: Values, context: Context) -> list[Outcome]:
    """Percentages, the test that reproduces the printed p-value, and whether the test decides the side of alpha."""
    groups = v.get("groups", ("first group", "second group"))
    outcomes = _percentages(v, context, groups)
    readings = _readings(v)
    printed = v.get("p")
    outcomes += _denominator(v, readings)
    if printed is None:
        return [*outcomes, _unprinted(v, readings)]
    chosen = _choose(readings, printed)
    return [*outcomes, _p_value(v, readings, chosen, printed), *_sides(v, readings, chosen, printed)]


def _percentages(v: Values, context: Context, groups: tuple[str, str]) -> list[Outcome]:
    if "of" not in v and "of_at_most" not in v:
        raise Impossible("of", "two denominators are needed, 'of' or 'of_at_most'")
    outcomes = []
    for i, group in enumerate(groups):
        side = {"n": v["n"][i]} | {key: v[key][i] for key in ("of", "of_at_most", "pct") if key in v}
        largest = side.get("of", side.get("of_at_most"))
        if side["n"] > largest:
            raise Impossible("n", f"{side['n']} of {largest} patients is impossible")
        if "pct" in side:
            only = percentage(side, context)[0]
            outcomes.append(
                Outcome(
                    group,
                    only.kind,
                    only.verdict,
                    only.printed,
                    only.computed,
                    only.difference,
                    only.explanation,
                )
            )
    return outcomes


def _readings(v: Values) -> list[Reading]:
    sides = [_denominators(v, i) for i in (0, 1)]
    if len(sides[0]) * len(sides[1]) > LARGEST_SEARCH:
        raise Impossible("of_at_most", "too many denominators are possible; give 'of' or 'pct'")
    first, second = v["n"]
    return [Reading((m, n), table_p(first, m, second, n)) for m, n in itertools.product(*sides)]


def _denominators(v: Values, i: int) -> list[int]:
    """The denominator, or those that round to the percentage, or that are cut off to it, or any."""
    n = v["n"][i]
    if "of" in v:
        return [v["of"][i]]
    most = v["of_at_most"][i]
    if most > LARGEST_SEARCH:
        raise Impossible("of_at_most", f"denominators are searched up to {LARGEST_SEARCH:,}; give 'of'")
    if "pct" in v:
        pct = v["pct"][i]
        denominators = fitting_denominators(n, pct.rounded, most) or fitting_denominators(n, pct.cut, most)
        if denominators:
            return denominators
    return list(range(max(n, 1), most + 1))


def _denominator(v: Values, readings: list[Reading]) -> list[Outcome]:
    """The patients of both groups together, where the paper says elsewhere for how many the row is known."""
    if "known" not in v:
        return []
    where, value = v["known"]["where"], v["known"]["value"]
    if "p" in v:  # a reading that gives the printed p is likelier than one that doesn't
        readings = [r for r in readings if r.reproducing(v["p"])] or readings
    totals = {sum(r.of): r.of for r in readings}
    nearest = min(totals, key=lambda total: abs(total - value))
    m, n = totals[nearest]
    totals_text = (
        joined([str(t) for t in sorted(totals)], "or") if len(totals) <= 8 else f"{min(totals)} to {max(totals)}"
    )
    computed, printed = f"{totals_text} patients", f"{where}: {value} patients"
    if value in totals:
        why = f"The denominators of the two groups, {m} and {n}, are those patients."
        return [Outcome("denominators", "denominators", "consistent", printed, computed, 0.0, why)]
    few = f"{abs(value - nearest)} {'missing without a word' if nearest < value else 'too many'}"
    why = f"Counts, percentages and p go with {m} + {n} = {nearest} patients, not {value}: {few}."
    gap = float(nearest - value)
    return [Outcome("denominators", "denominators", "inconsistent", printed, computed, gap, why)]


def _choose(readings: list[Reading], printed: PrintedNumber) -> Reading | None:
    """The reading whose p-value by the rule is the printed one, else by any test; None where there is none."""
    by_rule = [r for r in readings if r.p.rule is not None and printed.rounded.holds(r.p.rule)]
    by_any = [r for r in readings if r.reproducing(printed)]
    return next(iter(by_rule or by_any), None)


def _told(v: Values, reading: Reading) -> str:
    (a, b), (m, n) = v["n"], reading.of
    ps = ", ".join(f"{name} {p:.4f}" for name, p in reading.p.named().items())
    return f"{a}/{m} against {b}/{n}: {ps or 'not testable'}"


def _p_value(v: Values, readings: list[Reading], chosen: Reading | None, printed: PrintedNumber) -> Outcome:
    label = f"p = {printed.text}" if not printed.below else f"p {printed.text}"
    if chosen is not None:
        tests = joined(chosen.reproducing(printed), "and")
        p = chosen.p.named()[chosen.reproducing(printed)[0]]
        why = f"Reproduced by {tests}; {_told(v, chosen)}."
        if len(readings) > 1:
            fitting = sum(bool(r.reproducing(printed)) for r in readings)
            why += f" The denominators aren't printed; {fitting} of {len(readings)} possible pairs fit."
        return Outcome("p", "p of a table", "consistent", label, format_p(p), p - printed.value, why)
    nearest = min(readings, key=lambda r: min((abs(p - printed.value) for p in r.p.named().values()), default=2.0))
    values = nearest.p.named()
    if not values:
        return Outcome("p", "p of a table", "cannot be checked", label, "", None, "The table can't be tested.")
    name = min(values, key=lambda test: abs(values[test] - printed.value))
    gap = values[name] - printed.value
    cut = [r for r in readings if r.reproducing(printed, cut=True)]
    if cut:
        tests = joined(cut[0].reproducing(printed, cut=True))
        why = f"{tests} cut off instead of rounded; {_told(v, cut[0])}."
        return Outcome("p", "p of a table", "doubtful", label, f"{values[name]:.4f}", gap, why)
    why = f"No test gives the printed p; the nearest is {name}. {_told(v, nearest)}."
    return Outcome("p", "p of a table", "inconsistent", label, format_p(values[name]), gap, why)


def _unprinted(v: Values, readings: list[Reading]) -> Outcome:
    if len(readings) > 1:
        why = f"No p-value is printed, and {len(readings)} pairs of denominators are possible."
        return Outcome("p", "p of a table", "cannot be checked", "no p", "", None, why)
    reading = readings[0]
    alpha = v.get("alpha", 0.05)
    low = sum(p < alpha for p in reading.p.named().values())
    why = f"No p-value is printed. {_told(v, reading)}; {low} of {len(reading.p.named())} below {alpha:g}."
    return Outcome("p", "p of a table", "cannot be checked", "no p", format_p(reading.p.rule), None, why)


def _sides(v: Values, readings: list[Reading], chosen: Reading | None, printed: PrintedNumber) -> list[Outcome]:
    reading = chosen or (readings[0] if len(readings) == 1 else None)
    if reading is None or not reading.p.named():
        return []
    alpha = v.get("alpha", 0.05)
    values = reading.p.named()
    below = [name for name, p in values.items() if p < alpha]
    if len(below) in (0, len(values)):
        verdict, why = "consistent", f"All three tests lie on the same side of {alpha:g}."
    else:
        above = [name for name in values if name not in below]
        verdict = "doubtful"
        why = f"Below {alpha:g} by {joined(below)}, not by {joined(above)}: the choice of the test decides."
    computed = ", ".join(f"{name} {p:.3f}" for name, p in values.items())
    gap = max(values.values()) - min(values.values())
    return [Outcome("choice of test", "choice of test", verdict, f"p = {printed.text}", computed, gap, why)]


def overall(rows: list[Values]) -> list[Outcome]:
    """What the rows of a table say together: the test behind their p-values, and odd decimals."""
    return [*convention_used(rows), *formats(rows)]


def convention_used(rows: list[Values]) -> list[Outcome]:
    """Which test, or rule to choose one, reproduces all p-values of a table of comparisons."""
    hits = {"the rule (Pearson, Yates, Fisher by expected counts)": 0, "Pearson": 0, "Yates": 0, "Fisher": 0}
    tested = 0
    for v in rows:
        printed = v.get("p")
        if printed is None:
            continue
        readings = _readings(v)
        reading = _choose(readings, printed) or readings[0]
        tested += 1
        for name in reading.reproducing(printed):
            hits[name] += 1
        rule = reading.p.rule
        hits["the rule (Pearson, Yates, Fisher by expected counts)"] += rule is not None and printed.rounded.holds(rule)
    if tested < 3:
        return []
    hits_text = "; ".join(f"{name} {k}" for name, k in hits.items())
    complete = [name for name, k in hits.items() if k == tested]
    best = max(hits, key=lambda name: hits[name])
    verdict = "consistent" if complete else "doubtful"
    why = f"Of {tested} p-values, reproduced by {hits_text}."
    printed_as = f"{tested} p-values"
    computed = f"{best}: {hits[best]}"
    return [Outcome("convention", "convention", verdict, printed_as, computed, float(hits[best] - tested), why)]
