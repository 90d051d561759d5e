"""Checks of a table of tumour responses, and of claims that hang on how a table is read.

References
----------
[1] Eisenhauer EA, et al. RECIST 1.1. Eur J Cancer 2009;45:228-247. doi:10.1016/j.ejca.2008.10.026
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from necc.core.text import joined
from necc.paper.audit.arithmetic import TableP, table_p
from necc.paper.audit.outcomes import Context, Impossible, Mark, Outcome, Shown, Values, Verdict, worst
from necc.paper.printed import PrintedNumber

ORDER = ("CR", "PR", "SD", "PD")  # best first
RESPONSES = ("CR", "PR")


def _column(rows: Sequence[Mapping[str, str]], name: str, table: str) -> list[str]:
    if not rows or name not in rows[0]:
        raise Impossible("table", f"data.{table} has no column '{name}'")
    return [row[name] for row in rows]


def _codes(rows: Sequence[Mapping[str, str]], name: str, table: str) -> list[str]:
    codes = _column(rows, name, table)
    for i, code in enumerate(codes, 1):
        if code not in ORDER:
            raise Impossible("table", f"data.{table}, row {i}: '{code}' is not one of {', '.join(ORDER)}")
    return codes


def response(v: Values, context: Context) -> list[Outcome]:
    """Response rate by best response and by final status, the printed counts, and each row against RECIST [1]."""
    name = v["table"]
    rows = context.table(name)
    best, final = (_codes(rows, column, name) for column in ("best", "final"))
    outcomes = [_rate(v, best, final)]
    if "best" in v:
        printed, counted = v["best"], Counter(best)
        good = all(counted[code] == printed.get(code, 0) for code in ORDER)
        text, computed = (", ".join(f"{c} {counts.get(c, 0)}" for c in ORDER) for counts in (printed, counted))
        why = "The table holds the printed counts." if good else "The table holds other counts than the text."
        gap = float(sum(abs(counted[code] - printed.get(code, 0)) for code in ORDER))
        verdict: Verdict = "consistent" if good else "inconsistent"
        outcomes.append(Outcome("best response", "repeated statement", verdict, text, computed, gap, why))
    return outcomes + [_row(i, row) for i, row in enumerate(rows, 1)]


def _rate(v: Values, best: list[str], final: list[str]) -> Outcome:
    n, of = v["n"], v["of"]
    if of == 0 or n > of:
        raise Impossible("n", f"{n} of {of} patients is impossible")
    by = {label: sum(code in RESPONSES for code in codes) for label, codes in (("best", best), ("final", final))}
    computed = ", ".join(f"{label} {k}/{len(best)} = {100 * k / len(best):.1f} %" for label, k in by.items())
    printed = f"{n}/{of} = {100 * n / of:.1f} %"
    gap = float(by["best"] - n)
    if of != len(best):
        why = f"The table has {len(best)} rows, the rate is of {of}."
        return Outcome("rate", "response rate", "inconsistent", printed, computed, gap, why)
    if n == by["best"]:
        why = "An objective response rate counts the best response, and so does the printed one."
        return Outcome("rate", "response rate", "consistent", printed, computed, gap, why)
    if n == by["final"]:
        why = (
            f"The printed rate counts the status at the last assessment. An objective response rate counts the best "
            f"response, {by['best']}/{of} = {100 * by['best'] / of:.1f} %."
        )
        marks = (
            Mark(f"{n} of {of}, by final status, as printed", 100 * n / of, "printed"),
            Mark(f"{by['best']} of {of}, by best response", 100 * by["best"] / of, "follows"),
        )
        return Outcome("rate", "response rate", "doubtful", printed, computed, gap, why, Shown("percent", marks))
    why = "The rows give neither by best nor by final response the printed count."
    return Outcome("rate", "response rate", "inconsistent", printed, computed, gap, why)


def _row(i: int, row: Mapping[str, str]) -> Outcome:
    best, final = row["best"], row["final"]
    said: list[tuple[Verdict, str]] = []
    gap = ORDER.index(best) - ORDER.index(final)
    if gap > 0:
        said.append(("inconsistent", f"the final status {final} is better than the best response {best}"))
    if (best, final) == ("CR", "PR"):
        said.append(("doubtful", "after a complete response anything left is progression, not partial response"))
    said += _times(best, _number(row.get("time_to_response")), _number(row.get("last")), "time_to_response" in row)
    verdict = worst([verdict for verdict, _ in said])
    reasons = "; ".join(text for _, text in said)
    why = reasons[:1].upper() + reasons[1:] + "." if said else "Best and final response agree with each other."
    printed = f"best {best}, final {final}"
    return Outcome(f"row {i}", "best and final response", verdict, printed, "", float(max(gap, 0)), why)


def _times(best: str, to_response: float | None, last: float | None, recorded: bool) -> list[tuple[Verdict, str]]:
    if not recorded:
        return []
    if best in RESPONSES and to_response is None:
        return [("doubtful", f"best response {best} without a time to response")]
    if best not in RESPONSES and to_response is not None:
        return [("inconsistent", f"a time to response, but the best response is {best}")]
    if to_response is None or last is None or to_response < last:
        return []
    if to_response == last:
        return [("doubtful", "the response was seen at the last assessment, so nothing could confirm it")]
    return [("inconsistent", "the response comes after the end of follow-up")]


def _number(text: str | None) -> float | None:
    try:
        return PrintedNumber.parse(text).value
    except ValueError:
        return None


# ---------------------------------------------------------------- candidates


def candidates(v: Values, context: Context) -> list[Outcome]:
    """A p-value under several ways to count the same patients, e.g. best and final response; printed or not."""
    printed: PrintedNumber | None = v.get("p")
    alpha = v.get("alpha", 0.05)
    results = []
    for candidate in v["readings"]:
        a, m, b, n = _cells(candidate, context)
        if a > m or b > n or m == 0 or n == 0:
            raise Impossible("readings", f"{a} of {m} against {b} of {n} is impossible")
        results.append((candidate["label"], (a, m, b, n), table_p(a, m, b, n)))
    sentences, fits, sides = [], [], set()
    for label, (a, m, b, n), p in results:
        hits = [name for name, value in p.named().items() if printed and printed.rounded.holds(value)]
        values = ", ".join(f"{name} {x:.4f}" for name, x in p.named().items())
        sentences.append(f"{label} {a}/{m} against {b}/{n}: {values}")
        sides |= {value < alpha for value in p.named().values()}
        if hits:
            fits.append(f"{label} ({joined(hits)})")
    if printed is None:
        return [_without_p(sentences, sides, alpha, results)]
    smallest = min((abs(x - printed.value) for *_, p in results for x in p.named().values()), default=None)
    printed_as = f"p = {printed.text}"
    why = "; ".join(sentences) + "."
    if not fits:
        why = "No reading gives the printed p. " + why
        return [Outcome("", "reading", "inconsistent", printed_as, "no reading", smallest, why)]
    if len(fits) == len(results):
        return [Outcome("", "reading", "consistent", printed_as, "every reading", smallest, why)]
    why = f"Only {joined(fits)} gives the printed p, so the claim depends on the reading. " + why
    if len(sides) > 1:
        why += f" Reading and test decide the side of {alpha:g}."
    marks = (Mark("as printed", printed.value, "printed"), *_by_reading(results))
    return [Outcome("", "reading", "doubtful", printed_as, joined(fits), smallest, why, Shown("p", marks, alpha))]


def _by_reading(results: Sequence[tuple[str, object, TableP]]) -> list[Mark]:
    """p of each reading by Fisher's test, which holds for few patients."""
    return [Mark(f"{label}, Fisher", p.fisher, "follows") for label, _, p in results if p.fisher is not None]


def _without_p(
    sentences: list[str], sides: set[bool], alpha: float, results: Sequence[tuple[str, object, TableP]]
) -> Outcome:
    """Whether the claim depends on the reading and the test, where the paper prints no p-value at all."""
    why = "No p-value is printed. " + "; ".join(sentences) + "."
    if len(sides) > 1:
        why += f" Reading and test decide the side of {alpha:g}."
        tests = [(label, p) for label, _, p in results]
        marks = [Mark(f"{label}, {name}", x, "follows") for label, p in tests for name, x in p.named().items()]
        shown = Shown("p", tuple(marks), alpha)
        return Outcome("", "reading", "doubtful", "no p", f"both sides of {alpha:g}", None, why, shown)
    side = "below" if True in sides else "not below"
    return Outcome("", "reading", "consistent", "no p", f"{side} {alpha:g} by every reading and test", None, why)


def _cells(candidate: Values, context: Context) -> tuple[int, int, int, int]:
    """Responders and patients in two groups: as given, or counted in a printed table."""
    if "table" not in candidate:
        if "counts" not in candidate:
            raise Impossible("readings", "each needs 'counts', or 'table', 'outcome', 'is', 'column' and 'any_of'")
        counts: tuple[int, int, int, int] = candidate["counts"]
        return counts
    for key in ("outcome", "is", "column", "any_of"):
        if key not in candidate:
            raise Impossible("readings", f"a reading of a table needs '{key}'")
    name = candidate["table"]
    rows = context.table(name)
    good = [code in candidate["is"] for code in _column(rows, candidate["outcome"], name)]
    parts = [{x.strip() for x in cell.split("+")} for cell in _column(rows, candidate["column"], name)]
    inside = [bool(cell & set(candidate["any_of"])) for cell in parts]
    a = sum(g and i for g, i in zip(good, inside, strict=True))
    return a, sum(inside), sum(good) - a, len(inside) - sum(inside)
