"""Checks of counts, percentages, statements that repeat each other, and lists of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from necc.analysis.multiplicity import adjust_p
from necc.core.text import format_p, joined, plural
from necc.paper.audit.arithmetic import fitting_counts, fitting_denominators
from necc.paper.audit.outcomes import Context, Impossible, Mark, Outcome, Shown, Values, Verdict
from necc.paper.printed import Interval, PrintedNumber, one_digit_apart

# Beyond this a search for denominators says nothing: almost every percentage fits.
LARGEST_SEARCH = 2000
# From this share on the decimals of a list are a habit, and others a slip.
MOST_ALIKE = 0.8


# ---------------------------------------------------------------- percentages


def percentage(v: Values, context: Context) -> list[Outcome]:
    """A percentage from its count and denominator, or the counts and denominators that can stand behind it."""
    n, of, most = v.get("n"), v.get("of"), v.get("of_at_most")
    largest = of if of is not None else most
    if largest is None:
        raise Impossible("of", "a percentage needs 'of', or 'of_at_most' where the denominator isn't printed")
    if largest == 0:
        raise Impossible("of", "nothing is a percentage of 0 patients")
    if n is not None and n > largest:
        raise Impossible("n", f"{n} of {plural(largest, 'patient')} is impossible")
    if of is None and largest > LARGEST_SEARCH:
        raise Impossible("of_at_most", f"denominators are searched up to {LARGEST_SEARCH:,}")
    return [_known(n, of, v["pct"]) if of is not None else _searched(n, largest, v["pct"])]


def formats(rows: Sequence[Values]) -> list[Outcome]:
    """Percentages of one list that are printed with other decimals than the rest, where most share theirs."""
    printed = [pct for v in rows for pct in (v["pct"] if isinstance(v.get("pct"), tuple) else (v.get("pct"),)) if pct]
    usual, n = Counter(pct.decimals for pct in printed).most_common(1)[0] if printed else (0, 0)
    odd = [pct for pct in printed if pct.decimals != usual]
    if not odd or n < MOST_ALIKE * len(printed):
        return []
    shown = joined([f"{pct.text} %" for pct in odd])
    why = f"{n} of {len(printed)} percentages have {plural(usual, 'decimal')}; {shown} "
    why += f"{'has' if len(odd) == 1 else 'have'} another number, as what was typed by hand or cut off would."
    gap = float(len(odd))
    return [Outcome("decimals", "decimals", "doubtful", shown, plural(usual, "decimal"), gap, why)]


def _known(n: int | None, of: int, pct: PrintedNumber) -> Outcome:
    printed = f"{n} ({pct.text} %) of {of}" if n is not None else f"{pct.text} % of {of}"

    def counts(interval: Interval) -> list[int]:
        return [k for k in fitting_counts(interval, of) if n is None or k == n]

    fits = counts(pct.rounded)
    if fits:
        computed = f"{fits[0]}/{of} = {100 * fits[0] / of:.2f} %"
        gap = 100 * fits[0] / of - pct.value
        return Outcome("", "percentage", "consistent", printed, computed, gap, "The percentage is that of the count.")
    nearest = n if n is not None else next(iter(_slips(of, pct)), round(pct.value * of / 100))
    exact = 100 * nearest / of
    computed = f"{nearest}/{of} = {exact:.2f} %"
    gap = exact - pct.value
    if counts(pct.cut):
        why = f"{exact:.2f} rounds to {pct.like(exact)}; the printed {pct.text} is cut off, not rounded."
        return Outcome("", "percentage", "doubtful", printed, computed, gap, why)
    if pct.unpadded is not None and counts(pct.unpadded.rounded):
        k = counts(pct.unpadded.rounded)[0]
        computed, gap = f"{k}/{of} = {100 * k / of:.2f} %", 100 * k / of - pct.value
        why = (
            f"No count out of {of} gives {pct.text} %; {k} gives {pct.like(100 * k / of)}. The figure fits with "
            f"fewer decimals ({pct.unpadded.text}), so a zero was appended to a rounded number."
        )
        return Outcome("", "percentage", "doubtful", printed, computed, gap, why, _share_shown(pct, k, of))
    shown = _share_shown(pct, nearest, of)
    return Outcome("", "percentage", "inconsistent", printed, computed, gap, _repairs(n, of, pct, exact), shown)


def _share_shown(pct: PrintedNumber, n: int, of: int) -> Shown:
    """The printed percentage, what the count gives, and the counts around both."""
    others = {n - 1, n + 1, round(pct.value * of / 100)} - {n}
    beside = [Mark(f"{k} of {of}", 100 * k / of, "beside") for k in sorted(others) if 0 <= k <= of]
    marks = (Mark("as printed", pct.value, "printed"), Mark(f"{n} of {of}", 100 * n / of, "follows"))
    return Shown("percent", (*marks, *beside))


def _repairs(n: int | None, of: int, pct: PrintedNumber, exact: float) -> str:
    """What would have to be misprinted."""
    if n is None:
        said = f"No count out of {of} gives {pct.text} %."
        slips = [f" {k}/{of} = {pct.like(100 * k / of)} %, one digit away." for k in _slips(of, pct)]
        return said + "".join(slips[:3])
    said = f"{n} of {of} are {pct.like(exact)} %, not {pct.text} %."
    if one_digit_apart(pct.text, pct.like(exact)):
        said += " One digit differs."
    other = fitting_counts(pct.rounded, of)
    if other:
        said += f" {pct.text} % of {of} would be {joined([str(k) for k in other[:3]], 'or')}."
    denominators = fitting_denominators(n, pct.rounded, min(3 * of, LARGEST_SEARCH)) if n else []
    if denominators:
        said += f" {n} would be {pct.text} % of {joined([str(m) for m in denominators[:3]], 'or')}."
    return said


def _slips(of: int, pct: PrintedNumber) -> list[int]:
    """Counts whose percentage differs from the printed one in a single digit."""
    return [k for k in range(min(of, LARGEST_SEARCH) + 1) if one_digit_apart(pct.text, pct.like(100 * k / of))]


def _searched(n: int | None, most: int, pct: PrintedNumber) -> Outcome:
    """The denominator isn't printed: which ones are possible?"""

    def pairs(interval: Interval) -> list[int]:
        if n is not None:
            return fitting_denominators(n, interval, most)
        return [m for m in range(1, most + 1) if fitting_counts(interval, m)]

    printed = f"{n} ({pct.text} %) of at most {most}" if n is not None else f"{pct.text} % of at most {most}"
    fits = pairs(pct.rounded)
    if fits and n is not None:
        why = f"{n} is {pct.text} % of {_few(fits)}; the denominator isn't printed."
        gap: float | None = 100 * n / fits[-1] - pct.value
        return Outcome("", "percentage", "consistent", printed, f"denominator {_few(fits)}", gap, why)
    if fits:
        few = len(fits) <= most // 4
        why = f"Neither count nor denominator is printed; {pct.text} % is possible with {len(fits)} of {most} "
        why += f"denominators{': ' + _few(fits) if few else ''}."
        return Outcome("", "percentage", "cannot be checked", printed, f"{len(fits)} denominators", None, why)
    cut = pairs(pct.cut)
    if cut:
        why = f"No denominator up to {most} rounds to {pct.text} %; with {_few(cut)} it is cut off instead of rounded."
        gap = 100 * n / cut[-1] - pct.value if n is not None else None
        return Outcome("", "percentage", "doubtful", printed, f"denominator {_few(cut)}, cut off", gap, why)
    why = f"No denominator up to {most} gives {pct.text} %."
    if n is None:
        return Outcome("", "percentage", "inconsistent", printed, "no denominator", None, why)
    nearest = min(range(max(n, 1), most + 1), key=lambda m: abs(100 * n / m - pct.value))
    exact = 100 * n / nearest
    why += f" The nearest is {n}/{nearest} = {pct.like(exact)} %"
    why += ", one digit away." if one_digit_apart(pct.text, pct.like(exact)) else "."
    computed, shown = f"{n}/{nearest} = {exact:.2f} %", _share_shown(pct, n, nearest)
    return Outcome("", "percentage", "inconsistent", printed, computed, exact - pct.value, why, shown)


def _few(numbers: Sequence[int]) -> str:
    shown = [str(x) for x in numbers[:8]]
    return joined(shown, "or") if len(numbers) <= 8 else ", ".join(shown) + f" … ({len(numbers)} in all)"


# ---------------------------------------------------------------- counts


def total(v: Values, context: Context) -> list[Outcome]:
    """Counts that must make up a total; with `overlap`, reach it at least."""
    parts, whole, overlap = v["parts"], v["total"], v.get("overlap", False)
    result = sum(parts)
    printed = f"{' + '.join(map(str, parts))}; total {whole}"
    if overlap:
        good = result >= whole and max(parts) <= whole
        why = (
            f"{plural(whole, 'patient')} hold {result} entries, so some have several."
            if good
            else f"{result} entries can't cover {plural(whole, 'patient')}, or one count is larger than the total."
        )
    else:
        good = result == whole
        gone = f"{abs(result - whole)} {'are missing without a word' if result < whole else 'are too many'}"
        why = "The counts make up the total." if good else f"The counts sum to {result}, not {whole}: {gone}."
    verdict: Verdict = "consistent" if good else "inconsistent"
    marks = (Mark("total as printed", whole, "printed"), Mark("sum of the counts", result, "follows"))
    shown = None if good else Shown("count", marks)
    return [Outcome("", "sum", verdict, printed, str(result), float(result - whole), why, shown)]


def memberships(v: Values, context: Context) -> list[Outcome]:
    """Entries of a list in which patients with one and patients with several are counted."""
    result, one, several = sum(v["counts"]), v["one"], v["several"]
    least = one + 2 * several
    printed = f"{one} with one, {several} with several; {result} entries"
    gap = float(result - least)
    if result < least:
        why = f"{one} with one and {several} with two or more need at least {least} entries; the list has {result}."
        marks = (Mark("entries as printed", result, "printed"), Mark("entries needed, at least", least, "follows"))
        shown = Shown("count", marks)
        return [Outcome("", "memberships", "inconsistent", printed, f"at least {least}", gap, why, shown)]
    if several == 0 and result > one:
        why = f"Nobody has several, yet {result} entries stand for {plural(one, 'patient')}."
        return [Outcome("", "memberships", "inconsistent", printed, str(one), gap, why)]
    why = f"The entries suffice: {result - least} beyond two for each patient with several."
    return [Outcome("", "memberships", "consistent", printed, f"at least {least}", gap, why)]


def same(v: Values, context: Context) -> list[Outcome]:
    """One quantity that a publication states in several places."""
    if len(v["statements"]) < 2:
        raise Impossible("statements", "two or more are needed")
    figures = [_stated(s) for s in v["statements"]]
    statements = [_statement(s, f) for s, f in zip(v["statements"], figures, strict=True)]
    agree = all(a.agrees(b) for a in figures for b in figures)
    measures = sorted({s["measure"] for s in v["statements"] if "measure" in s})
    values = sorted({f.value for f in figures})
    spread: float | None = values[-1] - values[0]
    verdict: Verdict = "consistent" if agree else "inconsistent"
    why = "All statements agree." if agree else "The statements differ."
    if len(measures) > 1 and agree:
        verdict = "doubtful"
        why = f"The same number is called {joined(measures)}; both are possible only if they happen to be equal."
    elif len(measures) > 1:
        verdict, spread = "cannot be checked", None
        why = f"{joined(measures)} are different measures and can't be compared."
    computed = joined([f"{x:g}" for x in values])
    marks = [Mark(s["where"], f.value, "printed") for s, f in zip(v["statements"], figures, strict=True)]
    shown = Shown("count", tuple(marks)) if verdict == "inconsistent" else None
    return [Outcome("", "repeated statement", verdict, "; ".join(statements), computed, spread, why, shown)]


def _stated(statement: Values) -> PrintedNumber:
    if ("value" in statement) == ("terms" in statement):
        raise Impossible("statements", "each needs either 'value' or 'terms'")
    return statement["value"] if "value" in statement else PrintedNumber.parse(sum(statement["terms"]))


def _statement(statement: Values, figure: PrintedNumber) -> str:
    """`Table 1: 17 + 6 + 3 = 26`"""
    terms = statement.get("terms", ())
    sum_text = " ".join(f"{'-' if t < 0 else '+'} {abs(t)}" for t in terms).removeprefix("+ ")
    sum_text = f"{sum_text} = {figure.text}" if len(terms) > 1 else figure.text
    measure = statement.get("measure")
    return f"{statement['where']}: {measure + ' ' if measure else ''}{sum_text}"


def wording(v: Values, context: Context) -> list[Outcome]:
    """A share stated in words ("nearly one-third") against its count."""
    n, of, within = v["n"], v["of"], v.get("within", 0.1)
    if of == 0 or n > of:
        raise Impossible("n", f"{n} of {of} patients is impossible")
    top, bottom = v["fraction"]
    if bottom == 0:
        raise Impossible("fraction", "a fraction with 0 below the line")
    share, meant = n / of, top / bottom
    good = abs(share - meant) <= within
    why = f"{n} of {of} are {100 * share:.1f} %; the words stand for {100 * meant:.1f} %, "
    why += f"{'within' if good else 'beyond'} {100 * within:g} points."
    printed, computed = f'"{v["words"]}"', f"{n}/{of} = {100 * share:.1f} %"
    marks = (Mark(printed, 100 * meant, "printed"), Mark(f"{n} of {of}", 100 * share, "follows"))
    verdict: Verdict = "consistent" if good else "doubtful"
    shown = None if good else Shown("percent", marks)
    return [Outcome("", "wording", verdict, printed, computed, share - meant, why, shown)]


def at_least(v: Values, context: Context) -> list[Outcome]:
    """A smallest value against the limit below which nobody was admitted, in units of the limit."""
    value, minimum, factor = v["value"], v["minimum"], v.get("factor")
    scale = factor.value if factor is not None else 1.0
    scaled = value.value * scale
    good = value.rounded.high * scale >= minimum.value
    printed = f"smallest value {value.text}, limit {minimum.text}"
    why = f"The smallest value is {scaled:.4g} in units of the limit, {'not ' if good else ''}below {minimum.text}."
    verdict: Verdict = "consistent" if good else "inconsistent"
    return [Outcome("", "limit", verdict, printed, f"{scaled:.4g}", scaled - minimum.value, why)]


def extremes(v: Values, context: Context) -> list[Outcome]:
    """A printed range against the column of a printed table."""
    column = v["column"]
    numbers = []
    for row in context.table(v["table"]):
        if column not in row:
            raise Impossible("column", f"data.{v['table']} has no column '{column}'")
        try:
            numbers.append(PrintedNumber.parse(row[column]))
        except ValueError:
            continue
    low, high = v["range"]
    printed = f"{low.text} to {high.text}"
    if not numbers:
        why = "The column holds no number."
        return [Outcome("", "range", "cannot be checked", printed, "", None, why)]
    result = min(numbers, key=lambda f: f.value), max(numbers, key=lambda f: f.value)
    good = result[0].agrees(low) and result[1].agrees(high)
    gap = max(abs(result[0].value - low.value), abs(result[1].value - high.value))
    why = f"{len(numbers)} values run from {result[0].text} to {result[1].text}."
    computed = f"{result[0].text} to {result[1].text}"
    return [Outcome("", "range", "consistent" if good else "inconsistent", printed, computed, gap, why)]


# ---------------------------------------------------------------- lists


def names(v: Values, context: Context) -> list[Outcome]:
    """A list of names that is told in several places."""
    lists = v["statements"]
    if len(lists) < 2:
        raise Impossible("statements", "two or more are needed")
    everywhere = set.intersection(*(set(s["items"]) for s in lists))
    apart = {s["where"]: sorted(set(s["items"]) - everywhere) for s in lists}
    printed = "; ".join(f"{s['where']}: {joined(list(s['items']))}" for s in lists)
    odd = sum(len(items) for items in apart.values())
    if not odd:
        return [Outcome("", "list", "consistent", printed, "the same names", 0.0, "All lists agree.")]
    why = "Not in every list: " + "; ".join(f"{joined(x)} ({where})" for where, x in apart.items() if x) + "."
    return [Outcome("", "list", "inconsistent", printed, plural(odd, "name") + " apart", float(odd), why)]


def significant(v: Values, context: Context) -> list[Outcome]:
    """The factors that a text calls significant against those whose printed p is."""
    alpha = v.get("alpha", 0.05)
    small = {name for name, p in v["p"].items() if p.value < alpha or (p.below and p.value <= alpha)}
    named = set(v["named"])
    unknown = sorted(named - set(v["p"]))
    if unknown:
        raise Impossible("named", f"{joined(unknown)} has no p-value among {joined(sorted(v['p']))}")
    printed, computed = joined(sorted(named)), joined(sorted(small)) or "none"
    left_out, too_many = sorted(small - named), sorted(named - small)
    if not left_out and not too_many:
        why = f"Exactly these have p < {alpha:g}."
        return [Outcome("", "named as significant", "consistent", printed, computed, 0.0, why)]
    parts = [f"{joined(left_out)} has p < {alpha:g} and isn't named"] if left_out else []
    parts += [f"{joined(too_many)} is named without p < {alpha:g}"] if too_many else []
    gap = float(len(left_out) + len(too_many))
    return [Outcome("", "named as significant", "inconsistent", printed, computed, gap, "; ".join(parts) + ".")]


def multiplicity(v: Values, context: Context) -> list[Outcome]:
    """Whether significant findings survive the adjustment for the number of tests."""
    alpha = v.get("alpha", 0.05)
    tests = {name: p.value for name, p in v["p"].items()}
    raw = [name for name, p in tests.items() if p < alpha]
    holm = dict(zip(tests, adjust_p(list(tests.values()), "holm"), strict=True))
    kept = [name for name in raw if (holm[name] or 0.0) < alpha]
    smallest = min(holm, key=lambda name: holm[name] or 0.0)
    printed = f"{len(raw)} of {len(tests)} with p < {alpha:g}"
    computed = f"{len(kept)} after Holm, smallest {format_p(holm[smallest])}"
    gap = float(len(kept) - len(raw))
    if len(kept) == len(raw):
        why = "The adjustment for the number of tests changes nothing."
        return [Outcome("", "multiplicity", "consistent", printed, computed, gap, why)]
    lost = [name for name in raw if name not in kept]
    why = f"Adjusted for {len(tests)} tests by Holm's method, p < {alpha:g} is lost for {joined(lost)}."
    pairs = (
        (Mark(f"{name}, as printed", tests[name], "printed"), Mark(f"{name}, of {len(tests)} tests", holm[name] or 0.0,
         "follows")) for name in lost
    )  # fmt: skip
    shown = Shown("p", tuple(mark for pair in pairs for mark in pair), alpha)
    return [Outcome("", "multiplicity", "doubtful", printed, computed, gap, why, shown)]
