"""Checks of ratios with their intervals, of survival at a time, and of medians."""

from __future__ import annotations

import math
from functools import partial
from statistics import median

from necc.core.text import format_p
from necc.paper.audit.arithmetic import (
    centre_range,
    fewest_events,
    implied_events,
    p_from_ci,
    p_range,
    quantile,
    se_from_ci,
    se_range,
)
from necc.paper.audit.outcomes import Context, Impossible, Mark, Outcome, Shown, Values, Verdict
from necc.paper.printed import Interval, PrintedNumber, one_digit_apart

# With one event in each of two groups the variance of a log ratio is about 1/1 + 1/1; less information than
# that means a group without events, or next to it.
LEAST_INFORMATION = 0.5
# Implied events of one row against the middle of its table: beyond this factor the coding is in doubt, below the
# other the patients of the model are, or the events fell very unevenly.
MANY_EVENTS = 2.0
FEW_EVENTS = 0.6
ENOUGH_ROWS = 5
FINE = 3  # decimals from which on equal p-values of two tests are no matter of course


def ratio(v: Values, context: Context) -> list[Outcome]:
    """Hazard or odds ratio with its Wald interval: symmetry, p, separation, and the events behind its precision."""
    value, (low, high), level = v["ratio"], v["ci"], v.get("level", 0.95)
    if low.rounded.low > value.rounded.high or high.rounded.high < value.rounded.low:
        raise Impossible("ci", f"the interval {low.text} to {high.text} doesn't hold its estimate {value.text}")
    coarse = low.rounded.high <= 0 or high.rounded.low <= max(low.rounded.low, 0)
    if coarse or low.value >= high.value:
        raise Impossible("ci", f"{low.text} to {high.text} is too coarse to compute with")
    outcomes = [_symmetry(v)]
    if "p" in v:
        outcomes.append(_p_value(v, level))
    separated = _separation(v, level)
    outcomes.append(separated)
    if "of" in v and separated.verdict == "consistent":
        outcomes.append(_precision(v, context, level))
    return outcomes


def _floor(low: PrintedNumber, high: PrintedNumber) -> float:
    """The lower limit to compute with: a limit printed as 0.00 is small, but not nothing."""
    return low.value or min(low.rounded.high, high.value) / 2


def _text(v: Values) -> str:
    return f"{v['ratio'].text} ({v['ci'][0].text} to {v['ci'][1].text})"


def _symmetry(v: Values) -> Outcome:
    value, (low, high) = v["ratio"], v["ci"]
    centre = centre_range(low, high)
    middle = math.sqrt(max(low.value, low.rounded.low, 0.0) * high.value)
    computed = value.like(middle)
    gap = middle - value.value
    if centre.meets(value.rounded):
        why = "The estimate is the middle of its interval on the log scale."
        return Outcome("interval", "symmetry of the interval", "consistent", _text(v), computed, gap, why)
    why = f"The middle of the interval on the log scale is {computed}, the estimate {value.text}. " + _mend(v)
    shown = Shown("ratio", (_printed_ratio(v), Mark("middle of the interval", middle, "follows")), 1.0)
    return Outcome("interval", "symmetry of the interval", "inconsistent", _text(v), computed, gap, why, shown)


def _printed_ratio(v: Values) -> Mark:
    low, high = v["ci"]
    return Mark("as printed", v["ratio"].value, "printed", _floor(low, high), high.value)


def _mend(v: Values) -> str:
    """Which single figure, changed, makes the others agree; the p-value decides where it can."""
    value, (low, high), level = v["ratio"], v["ci"], v.get("level", 0.95)
    whole = (value, low, high)
    sought = (
        ("an estimate", 0, math.sqrt(low.value * high.value)),
        ("a lower limit", 1, value.value**2 / high.value),
        ("an upper limit", 2, value.value**2 / low.value if low.value > 0 else math.inf),
    )
    fits = []
    for name, i, number in sought:
        if not math.isfinite(number) or number <= 0:
            continue
        try:
            other = PrintedNumber.parse(whole[i].like(number))
        except ValueError:  # more digits than a publication prints
            continue
        ratio, lower, upper = (other if j == i else f for j, f in enumerate(whole))
        if upper.rounded.low <= 0 or not lower.value < upper.value:
            continue
        agrees = "p" in v and p_range(ratio, lower, upper, level).meets(v["p"].rounded)
        fits.append((agrees, f"{name} of {other.text} instead of {whole[i].text}"))
    good = [mend for agrees, mend in fits if agrees]
    if len(good) == 1:
        return f"With {good[0]} everything agrees, p = {v['p'].text} too."
    return "It would agree with " + ", or ".join(good or [mend for _, mend in fits]) + "." if fits else ""


def _p_value(v: Values, level: float) -> Outcome:
    value, (low, high), printed = v["ratio"], v["ci"], v["p"]
    possible = p_range(value, low, high, level)
    result = p_from_ci(value.value, _floor(low, high), high.value, level)
    label = f"p {printed.text}" if printed.below else f"p = {printed.text}"
    computed, gap = format_p(result), result - printed.value
    if possible.meets(printed.rounded):
        why = f"The estimate and its interval give p between {possible.low:.4f} and {possible.high:.4f}."
        return Outcome("p", "p from the interval", "consistent", label, computed, gap, why, value=result)
    why = f"The estimate and its interval give p = {computed}, not {printed.text}"
    if not centre_range(low, high).meets(value.rounded):
        why += "; the interval is not symmetric either, so the slip may be in it"
    elif one_digit_apart(printed.text, computed):
        why += "; one digit differs and the interval is symmetric, so the slip is in p"
    side = "; the side of 0.05 changes" if (result < 0.05) != (printed.value < 0.05) else ""
    shown = Shown("ratio", (_printed_ratio(v), *_interval_of_p(value.value, printed, level)), 1.0)
    return Outcome("p", "p from the interval", "inconsistent", label, computed, gap, why + side + ".", shown, result)


def _interval_of_p(ratio: float, printed: PrintedNumber, level: float) -> tuple[Mark, ...]:
    """The interval that goes with a ratio and its printed p; none for a ratio of 1, or a p of 0 or 1."""
    if ratio <= 0 or ratio == 1 or not 0 < printed.value < 1:
        return ()
    width = abs(math.log(ratio)) / quantile(1 - printed.value) * quantile(level)
    label = f"what p {'' if printed.below else '= '}{printed.text} asks for"
    return (Mark(label, ratio, "follows", ratio * math.exp(-width), ratio * math.exp(width)),)


def _separation(v: Values, level: float) -> Outcome:
    low, high = v["ci"]
    se = se_from_ci(_floor(low, high), high.value, level)
    information = 1 / (se * se)
    printed = f"{low.text} to {high.text}"
    computed = f"standard error {se:.3f} on the log scale"
    if information >= LEAST_INFORMATION:
        why = "The interval is no wider than a few events in each group make it."
        return Outcome("width", "separation", "consistent", printed, computed, se, why)
    why = (
        f"The interval spans a factor of {high.value / _floor(low, high):,.0f}; its information "
        f"({information:.2f}) is less than one event in each group gives. One level has no or almost no events "
        f"(separation): the estimate has no finite maximum and shouldn't be reported as a number."
    )
    shown = Shown("ratio", (_printed_ratio(v),), 1.0)
    return Outcome("width", "separation", "doubtful", printed, computed, se, why, shown)


def _precision(v: Values, context: Context, level: float) -> Outcome:
    """Events that the standard error of a 0/1 covariate asks for, against patients and the other rows."""
    of, exposed = v["of"], v.get("exposed")
    if exposed is not None and not 0 < exposed < of:
        raise Impossible("exposed", f"{exposed} of {of} patients can't be compared with the rest")
    lower, upper = v["ci"]
    se = se_range(lower, upper, level)
    middle = se_from_ci(_floor(lower, upper), upper.value, level)
    least = fewest_events(se.high)
    shares = [_event_share(other) for other in context.siblings if other is not v]
    rows = [s for s in shares if s is not None]
    usual = median(rows) if len(rows) >= ENOUGH_ROWS else None
    outcome = partial(Outcome, "events", "events from the precision")
    printed = f"standard error {middle:.3f} from {_text(v)}, {of} patients"
    spread = ""
    if usual is not None:
        needed = 1 / (middle * math.sqrt(usual * of))
        spread = (
            f" With the {usual * of:.0f} events the other rows imply, the covariate must have a standard deviation "
            f"of about {needed:.2f}; 0/1 codes reach 0.5 at most, a recorded count or a graded code would fit."
        )
    patients = Mark("patients in the model", of, "printed")
    others = (Mark("events that the other rows imply", usual * of, "beside"),) if usual is not None else ()
    if least > of:
        shown = Shown("count", (patients, Mark("events that the interval needs, at least", least, "follows"), *others))
        why = f"A 0/1 covariate needs at least {least:.0f} events for this precision; there are {of} patients."
        return outcome("inconsistent", printed, f"at least {least:.0f}", least - of, why + spread, shown)
    if exposed is None:
        why = f"At least {least:.0f} events, which {of} patients can have."
        return outcome("consistent", printed, f"at least {least:.0f}", least - of, why)
    events = implied_events(middle, exposed / of)
    computed, gap = f"about {events:.0f} events", (events - usual * of if usual is not None else None)
    shown = Shown("count", (patients, Mark("events that the interval implies", events, "follows"), *others))
    why = f"{exposed} of {of} patients and this standard error imply about {events:.0f} events"
    if usual is not None and events / of > MANY_EVENTS * usual:
        why += f", {events / of / usual:.1f} times as many as the other rows."
        return outcome("doubtful", printed, computed, gap, why + spread, shown)
    if usual is not None and events / of < FEW_EVENTS * usual:
        why += f", {events / of / usual:.1f} times as many as the other rows, which imply {usual * of:.0f}. "
        why += _uneven(middle, usual * of)
        return outcome("doubtful", printed, computed, gap, why, shown)
    why += f"; the other rows imply {usual * of:.0f}." if usual is not None else "."
    return outcome("consistent", printed, computed, gap, why)


def _uneven(se: float, events: float) -> str:
    """What would explain few implied events: the variance of a log ratio is about 1/d + 1/(events - d)."""
    apart = 1 - 4 / (events * se * se)
    least = events * (1 - math.sqrt(apart)) / 2 if apart > 0 else events / 2
    return (
        f"Either fewer patients were in this model than the {events:.0f} events are from, or only about {least:.0f} of "
        "them fell in one of the two groups; the table doesn't say which."
    )


def _event_share(v: Values) -> float | None:
    """Implied events per patient of a row with a known prevalence."""
    of, exposed, (low, high) = v.get("of"), v.get("exposed"), v["ci"]
    if not of or not exposed or exposed >= of or not 0 < low.value < high.value:
        return None
    se = se_from_ci(low.value, high.value, v.get("level", 0.95))
    return implied_events(se, exposed / of) / of if 1 / (se * se) >= LEAST_INFORMATION else None


def two_tests(v: Values, context: Context) -> list[Outcome]:
    """A p-value that is called after one test, e.g. log-rank, against that of another, e.g. Wald's of a hazard ratio.

    Two tests of one hypothesis agree in the long run, seldom in the third decimal: where the printed p-values are equal
    and follow from the ratio with its interval, they may be one test's.
    """
    first, second = v["p"], v["other"]
    printed = f"p = {first.text} and p = {second.text}"
    gap = second.value - first.value
    if ("ratio" in v) != ("ci" in v):
        raise Impossible("ci", "'ratio' and 'ci' go together")
    wald = None
    if "ci" in v:
        value, (low, high), level = v["ratio"], v["ci"], v.get("level", 0.95)
        if not 0 < low.value < high.value:
            raise Impossible("ci", f"{low.text} to {high.text} is too coarse to compute with")
        wald = p_range(value, low, high, level)
    computed = f"Wald p {wald.low:.4f} to {wald.high:.4f}" if wald else ""
    if first.below or second.below or min(first.decimals, second.decimals) < FINE:
        why = f"With fewer than {FINE} decimals two tests often print the same."
        return [Outcome("", "two tests", "cannot be checked", printed, computed, gap, why)]
    if first.value != second.value:
        why = "The two p-values differ, as those of two tests do."
        return [Outcome("", "two tests", "consistent", printed, computed, gap, why)]
    if wald is not None and not wald.meets(first.rounded):
        why = "The p-values are equal, and that of the ratio with its interval is another."
    else:
        why = "Two tests seldom agree in every decimal"
        why += ", and the ratio with its interval gives this p" if wald is not None else ""
        why += ": both may be one test's."
    return [Outcome("", "two tests", "doubtful", printed, computed, gap, why)]


# ---------------------------------------------------------------- survival


def survival(v: Values, context: Context) -> list[Outcome]:
    """Survival at a time against the median: at or below 50 % from the median on, above it before."""
    middle, time, share = v["median"], v["time"], v["survival"]
    unit = v.get("unit", "months")
    printed = f"median {middle.text}, {share.text} % at {time.text} {unit}"
    after = time.rounded.low >= middle.rounded.high
    before = time.rounded.high < middle.rounded.low
    if after:
        bound, good = "at most 50 %", share.rounded.low <= 50
        gap = share.value - 50 if not good else 0.0
        why = f"From the median ({middle.text}) on survival is at or below 50 % and never rises again; "
    elif before:
        bound, good = "above 50 %", share.rounded.high >= 50
        gap = share.value - 50 if not good else 0.0
        why = f"Before the median ({middle.text}) survival is above 50 %; "
    else:
        why = "The time can't be told from the median as printed."
        return [Outcome("", "survival and median", "cannot be checked", printed, "", None, why)]
    verdict: Verdict = "consistent" if good else "inconsistent"
    why += f"{share.text} % at {time.text} {unit} is {'possible' if good else 'impossible'}."
    marks = (
        Mark(f"median {middle.text}", 50.0, "printed", at=middle.value),
        Mark(f"{share.text} % at {time.text} {unit}", share.value, "printed", at=time.value),
    )
    shown = None if good else Shown("curve", marks, 50.0, unit)
    return [Outcome("", "survival and median", verdict, printed, bound, gap, why, shown)]


def medians(v: Values, context: Context) -> list[Outcome]:
    """Order of two medians against the direction of the hazard ratio."""
    first, second, value = v["median"], v["reference"], v["ratio"]
    low, high = v.get("ci", (None, None))
    if low is not None and (low.rounded.low > value.rounded.high or high.rounded.high < value.rounded.low):
        raise Impossible("ci", f"the interval {low.text} to {high.text} doesn't hold its estimate {value.text}")
    printed = f"medians {first.text} and {second.text}, hazard ratio {value.text}"
    ratio = second.value / first.value
    computed, gap = f"ratio of medians {ratio:.2f}", ratio - value.value
    if first.agrees(second) or value.rounded.holds(1.0):
        why = "Medians or hazards are equal as printed, there is no direction to compare."
        return [Outcome("", "medians and hazard", "cannot be checked", printed, computed, gap, why)]
    if (ratio > 1) == (value.value > 1):
        why = "The group with the higher hazard has the shorter median."
        return [Outcome("", "medians and hazard", "consistent", printed, computed, gap, why)]
    certain = low is not None and not Interval(low.rounded.low, high.rounded.high).holds(1.0)
    why = (
        f"A hazard ratio of {value.text} belongs to the shorter median in the first group (about "
        f"{second.value / value.value:.1f} beside {second.text}), but {first.text} is printed: the medians are "
        "exchanged, or the curves cross and a single hazard ratio doesn't describe them."
    )
    verdict: Verdict = "inconsistent" if certain else "doubtful"
    marks = (
        Mark("median of the first group", first.value, "printed"),
        Mark("median of the other group", second.value, "printed"),
        Mark(f"first group, by a ratio of {value.text}", second.value / value.value, "follows"),
    )
    return [Outcome("", "medians and hazard", verdict, printed, computed, gap, why, Shown("time", marks))]
