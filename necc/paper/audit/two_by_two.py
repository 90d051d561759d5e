"""Checks of 2x2 tables: which counts and which test stand behind a printed p-value."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

from necc.core.text import format_p, joined
from necc.paper.audit.arithmetic import TableP, fitting_denominators, table_p
from necc.paper.audit.counts import formats, percentage
from necc.paper.audit.outcomes import Context, Impossible, Mark, Outcome, Shown, Values, Verdict
from necc.paper.printed import PrintedNumber

LARGEST_SEARCH = 3000
RULE = "the rule (Pearson, Yates, Fisher by expected counts)"


@dataclass(frozen=True)
class Candidate:
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
    candidates = _candidates(v)
    printed = v.get("p")
    outcomes += _denominator(v, candidates)
    if printed is None:
        return [*outcomes, _unprinted(v, candidates)]
    chosen = _choose(candidates, printed)
    return [*outcomes, _p_value(v, candidates, chosen, printed), *_sides(v, candidates, chosen, printed)]


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
            outcomes += [replace(outcome, part=group) for outcome in percentage(side, context)]
    return outcomes


def _candidates(v: Values) -> list[Candidate]:
    sides = [_denominators(v, i) for i in (0, 1)]
    if len(sides[0]) * len(sides[1]) > LARGEST_SEARCH:
        raise Impossible("of_at_most", "too many denominators are possible; give 'of' or 'pct'")
    first, second = v["n"]
    return [Candidate((m, n), table_p(first, m, second, n)) for m, n in itertools.product(*sides)]


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


def _denominator(v: Values, candidates: list[Candidate]) -> list[Outcome]:
    """The patients of both groups together, where the paper says elsewhere for how many the row is known."""
    if "known" not in v:
        return []
    where, value = v["known"]["where"], v["known"]["value"]
    if "p" in v:  # a candidate that gives the printed p is likelier than one that doesn't
        candidates = [r for r in candidates if r.reproducing(v["p"])] or candidates
    totals = {sum(r.of): r.of for r in candidates}
    nearest = min(totals, key=lambda total: abs(total - value))
    m, n = totals[nearest]
    named = joined([str(t) for t in sorted(totals)], "or") if len(totals) <= 8 else f"{min(totals)} to {max(totals)}"
    computed, printed = f"{named} patients", f"{where}: {value} patients"
    if value in totals:
        why = f"The denominators of the two groups, {m} and {n}, are those patients."
        return [Outcome("denominators", "denominators", "consistent", printed, computed, 0.0, why)]
    few = f"{abs(value - nearest)} {'missing without a word' if nearest < value else 'too many'}"
    why = f"Counts, percentages and p are consistent with {m} + {n} = {nearest} patients, not {value}: {few}."
    gap = float(nearest - value)
    shown = Shown("count", (Mark(where, value, "printed"), Mark("patients behind the row", nearest, "follows")))
    return [Outcome("denominators", "denominators", "inconsistent", printed, computed, gap, why, shown)]


def _choose(candidates: list[Candidate], printed: PrintedNumber) -> Candidate | None:
    """The candidate whose p-value by the rule is the printed one, else by any test; None where there is none."""
    by_rule = [r for r in candidates if r.p.rule is not None and printed.rounded.holds(r.p.rule)]
    by_any = [r for r in candidates if r.reproducing(printed)]
    return next(iter(by_rule or by_any), None)


def _tests_of(v: Values, candidate: Candidate) -> str:
    (a, b), (m, n) = v["n"], candidate.of
    ps = ", ".join(f"{name} {p:.4f}" for name, p in candidate.p.named().items())
    return f"{a}/{m} against {b}/{n}: {ps or 'not testable'}"


def _p_value(v: Values, candidates: list[Candidate], chosen: Candidate | None, printed: PrintedNumber) -> Outcome:
    label = f"p = {printed.text}" if not printed.below else f"p {printed.text}"
    if chosen is not None:
        tests = joined(chosen.reproducing(printed), "and")
        p = chosen.p.named()[chosen.reproducing(printed)[0]]
        why = f"Reproduced by {tests}; {_tests_of(v, chosen)}."
        if len(candidates) > 1:
            fitting = sum(bool(r.reproducing(printed)) for r in candidates)
            why += f" The denominators aren't printed; {fitting} of {len(candidates)} possible pairs fit."
        return Outcome("p", "p of a table", "consistent", label, format_p(p), p - printed.value, why, value=p)
    nearest = min(candidates, key=lambda r: min((abs(p - printed.value) for p in r.p.named().values()), default=2.0))
    values = nearest.p.named()
    if not values:
        return Outcome("p", "p of a table", "cannot be checked", label, "", None, "The table can't be tested.")
    name = min(values, key=lambda test: abs(values[test] - printed.value))
    gap = values[name] - printed.value
    cut = [r for r in candidates if r.reproducing(printed, cut=True)]
    if cut:
        tests = joined(cut[0].reproducing(printed, cut=True))
        why = f"{tests} cut off instead of rounded; {_tests_of(v, cut[0])}."
        return Outcome("p", "p of a table", "doubtful", label, f"{values[name]:.4f}", gap, why, value=values[name])
    why = f"No test gives the printed p; the nearest is {name}. {_tests_of(v, nearest)}."
    computed, shown = format_p(values[name]), _p_shown(printed, values, v.get("alpha", 0.05))
    return Outcome("p", "p of a table", "inconsistent", label, computed, gap, why, shown, values[name])


def _p_shown(printed: PrintedNumber, values: Mapping[str, float], alpha: float) -> Shown:
    """The printed p beside that of each test."""
    tests = [Mark(name, p, "follows") for name, p in values.items()]
    return Shown("p", (Mark("as printed", printed.value, "printed"), *tests), alpha)


def _unprinted(v: Values, candidates: list[Candidate]) -> Outcome:
    if len(candidates) > 1:
        why = f"No p-value is printed, and {len(candidates)} pairs of denominators are possible."
        return Outcome("p", "p of a table", "cannot be checked", "no p", "", None, why)
    candidate = candidates[0]
    alpha = v.get("alpha", 0.05)
    low = sum(p < alpha for p in candidate.p.named().values())
    why = f"No p-value is printed. {_tests_of(v, candidate)}; {low} of {len(candidate.p.named())} below {alpha:g}."
    p = candidate.p.rule
    return Outcome("p", "p of a table", "cannot be checked", "no p", format_p(p), None, why, value=p)


def _sides(v: Values, candidates: list[Candidate], chosen: Candidate | None, printed: PrintedNumber) -> list[Outcome]:
    candidate = chosen or (candidates[0] if len(candidates) == 1 else None)
    if candidate is None or not candidate.p.named():
        return []
    alpha = v.get("alpha", 0.05)
    values = candidate.p.named()
    below = [name for name, p in values.items() if p < alpha]
    verdict: Verdict = "consistent"
    why = f"All three tests lie on the same side of {alpha:g}."
    if 0 < len(below) < len(values):
        above = [name for name in values if name not in below]
        verdict = "doubtful"
        why = f"Below {alpha:g} by {joined(below)}, not by {joined(above)}: the choice of the test decides."
    computed = ", ".join(f"{name} {p:.3f}" for name, p in values.items())
    gap = max(values.values()) - min(values.values())
    shown = _p_shown(printed, values, alpha) if verdict == "doubtful" else None
    return [Outcome("choice of test", "choice of test", verdict, f"p = {printed.text}", computed, gap, why, shown)]


def overall(rows: list[Values]) -> list[Outcome]:
    """What the rows of a table say together: the test behind their p-values, and odd decimals."""
    return [*convention_used(rows), *formats(rows)]


def convention_used(rows: list[Values]) -> list[Outcome]:
    """Which test, or rule to choose one, reproduces all p-values of a table of comparisons."""
    hits = dict.fromkeys((RULE, "Pearson", "Yates", "Fisher"), 0)
    with_p = [v for v in rows if "p" in v]
    tested = len(with_p)
    for v in with_p:
        p, candidates = v["p"], _candidates(v)
        candidate = _choose(candidates, p) or candidates[0]
        for name in candidate.reproducing(p):
            hits[name] += 1
        hits[RULE] += candidate.p.rule is not None and p.rounded.holds(candidate.p.rule)
    if tested < 3:
        return []
    best = max(hits, key=lambda name: hits[name])
    verdict: Verdict = "consistent" if hits[best] == tested else "doubtful"
    why = f"Of {tested} p-values, reproduced by {'; '.join(f'{name} {k}' for name, k in hits.items())}."
    computed, gap = f"{best}: {hits[best]}", float(hits[best] - tested)
    return [Outcome("convention", "convention", verdict, f"{tested} p-values", computed, gap, why)]
