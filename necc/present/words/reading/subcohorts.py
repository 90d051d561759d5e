"""Sub-cohorts beside each other."""

from __future__ import annotations

from necc.analysis.subcohorts import SideBySide
from necc.core.text import p_phrase, plural
from necc.present.words.phrases import NO_PATIENTS, median_phrase, test_p
from necc.present.words.reading.parts import ALPHA, NOT_BY_CHANCE, adjusted, caution, left_out, p_meaning, read


@read.register
def _(result: SideBySide) -> tuple[str, ...]:
    if not result.n:
        return (f"Sub-cohorts: {NO_PATIENTS}.",)
    several = sum(i.n for i in result.intersections if len(i.names) > 1)
    said = [
        f"{plural(len(result.columns), 'sub-cohort')} with {plural(result.n, 'patient')} in at least one of them, of "
        f"{result.of:,}: {', '.join(f'{c.name} {c.n:,}' for c in result.columns)}."
    ]
    if several:
        said.append(f"{plural(several, 'patient')} {'is' if several == 1 else 'are'} in more than one of them.")
    km = result.curves
    if km is None or not km.n:
        return tuple(said)
    medians = "; ".join(
        f"{c.name}: {c.n_events:,} of {c.n_analysed:,}, {median_phrase(c.median, result.unit)}"
        for c in result.columns if c.n_analysed
    )  # fmt: skip
    said.append(f"{result.label}, events and medians: {medians}.")
    if result.shared:
        said.append(
            f"{plural(len(result.shared), 'pair')} of {len(result.pairs):,} share patients: a log-rank test compares "
            "groups that share nobody, so none is made there."
        )
        low = [f"{p.first} and {p.second} ({p_phrase(p.p_adjusted)})" for p in result.pairs
               if p.p_adjusted is not None and p.p_adjusted < ALPHA]  # fmt: skip
        if result.n_tests:
            said.append(adjusted(low, result.n_tests, result.adjustment))
            said += [NOT_BY_CHANCE] if low else []
    elif km.test.p is not None:
        said += [f"Log-rank test: {test_p(km.test)}.", *p_meaning(km.test.p, "curves")]
    few = caution([(c.name, c.n_analysed, c.n_events) for c in result.columns if c.n_analysed])
    return (*said, *few, *left_out(km.excluded))
