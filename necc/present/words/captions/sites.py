"""What is said of the figures of recurrence sites: each function gives the alternative text and the caption."""

from __future__ import annotations

from collections.abc import Sequence

from necc.analysis.recurrence import (
    CoOccurrence,
    OrganDistribution,
    Pattern,
    SiteCount,
    SiteDistribution,
    SitePair,
    Timing,
    TimingGroup,
)
from necc.core.text import format_number, format_percent, joined, plural
from necc.present.words.phrases import (
    CONVENTIONS,
    EXACT,
    NO_TEST,
    adjusted_for,
    ghost_phrase,
    median_cell,
    most_frequent,
    not_analysed,
    nothing_of,
    overlap,
    p_with_adjusted,
    ratio_estimate,
    sentence,
    sentences,
)

WITH, WITHOUT = "with the site", "without it"


def nobody(result: SiteDistribution | CoOccurrence) -> str:
    return nothing_of("Recurrence sites", result, "no patients to show")


# ---------------------------------------------------------------- bars
def count_phrase(site: SiteCount) -> str:
    """`34 (38.6 %)`."""
    return f"{site.n:,} ({format_percent(site.n, site.of)} %)" if site.of else "none recorded"


def site_bars(distribution: SiteDistribution, whole: SiteDistribution | None = None) -> tuple[str, str]:
    """whole: the cohort whose bars stand behind."""
    shares = joined([f"{s.label} {s.n:,} ({format_percent(s.n, s.of)} %)" for s in distribution.sites])
    return f"Bars of recurrence sites in {plural(distribution.n, 'patient')}: {shares}.", sentences(
        f"Sites of first recurrence of {plural(distribution.n, 'patient')} (sites: {distribution.scheme_label})",
        not_analysed(distribution.excluded), EXACT, overlap(distribution.sites),
        f"pale bars: the whole cohort of {plural(whole.n, 'patient')}" if whole else "", *distribution.notes,
    )  # fmt: skip


def site_bars_by(distribution: SiteDistribution, whole: int = 0) -> tuple[str, str]:
    """whole: patients of the cohort whose bars stand behind; 0 for none."""
    behind = ghost_phrase(whole, "pale bars") if whole else ""
    n = plural(sum(s.n for s in distribution.strata), "patient")
    tested = adjusted_for(distribution.n_tests, distribution.adjustment)
    shares = "; ".join(
        f"{s.name}: " + joined([f"{c.label} {format_percent(c.n, c.of)} %" for c in s.sites])
        for s in distribution.strata
    )
    said = f"Bars of recurrence sites by {distribution.by_label} in {n}: {shares}."
    return f"{said} {sentence(behind)}".rstrip(), sentences(
        f"Sites of first recurrence by {distribution.by_label}; {n}",
        not_analysed((*distribution.excluded, *distribution.by_excluded)), EXACT, overlap(distribution.sites), behind,
        f"p {CONVENTIONS[distribution.convention]}; in brackets {tested}" if distribution.n_tests
        else sentence(NO_TEST) if len(distribution.strata) > 1 else "",
        *distribution.notes,
    )  # fmt: skip


def no_organs(organs: OrganDistribution) -> str:
    return sentences(f"{organs.label}: no patients with organs to show", *organs.notes)


def organ_bars(organs: OrganDistribution) -> tuple[str, str]:
    n, counts = plural(organs.n, "patient"), joined([f"{o.label} {o.n:,}" for o in organs.organs])
    return f"Bars of organs in {n} with {organs.label.lower()}: {counts}.", sentences(
        f"{n} with recurrence in: {organs.label}", EXACT, *organs.notes
    )


def number_of_sites(
    distribution: SiteDistribution, counts: Sequence[tuple[int, int]], whole: int = 0
) -> tuple[str, str]:
    """counts: patients by number of sites, with the numbers that nobody has. whole: patients of the bars behind."""
    behind = ghost_phrase(whole, "pale bars") if whole else ""
    each = joined([f"{plural(k, 'site')} {plural(n, 'patient')}" for k, n in counts])
    known = plural(sum(n for _, n in counts), "patient")
    return sentences(f"Bars of the number of recurrence sites: {each}", behind), sentences(
        f"{known} whose sites are all recorded", not_analysed(distribution.excluded), behind
    )


# ---------------------------------------------------------------- combinations
NO_SITE = "no site"


def further(rest: Sequence[object]) -> tuple[str, str]:
    """What the bar of the rarer combinations is called, in full and in short."""
    return f"{len(rest):,} further combination{'s' * (len(rest) > 1)}", f"{len(rest):,} more"


def upset(
    together: CoOccurrence, shown: Sequence[Pattern], rest: Sequence[Pattern], none: int, whole: int = 0
) -> tuple[str, str]:
    """shown, rest: the combinations with a bar each, and those in one bar; none: patients without any site.

    whole: patients of the cohort whose bars stand behind; 0 for none.
    """
    behind = ghost_phrase(whole, "pale bars") if whole else ""
    labels = dict(zip(together.sites, together.labels, strict=True))
    counts = joined([f"{' with '.join(labels[s] for s in p.sites) or 'no site'} {p.n:,}" for p in shown])
    n, lost = sum(p.n for p in together.patterns), sum(p.n for p in rest)
    grey = [f"{NO_SITE}: {none:,}"] if none else []
    grey += [f"{further(rest)[0]}: {plural(lost, 'patient')}"] if rest else []
    more = "".join(f"; {part}" for part in grey)
    return f"Combinations of recurrence sites: {counts}{more}. {sentence(behind)}".rstrip(), sentences(
        f"Exact combinations of sites in {plural(n, 'patient')}; each patient is in one column. Beside a site: "
        "patients with it, alone or with others",
        f"grey: {'; '.join(grey)}" if grey else "", behind,
        not_analysed(together.excluded), *together.notes,
    )  # fmt: skip


def site_matrix(together: CoOccurrence) -> tuple[str, str]:
    labels = dict(zip(together.sites, together.labels, strict=True))
    pairs = joined([f"{labels[p.sites[0]]} with {labels[p.sites[1]]} {p.n:,}" for p in most_frequent(together.pairs)])
    most = f"; the most frequent pairs: {pairs}" if pairs else ""
    return f"Matrix of patients with two sites{most}.", sentences(
        f"Patients with both sites, of {plural(together.n, 'patient')}; on the diagonal all with the site",
        not_analysed(together.excluded), *together.notes,
    )  # fmt: skip


def pair_lines(n: int, pair: SitePair | None) -> list[str]:
    """What a cell of the matrix tells: patients with both sites, and the test; patients with one on the diagonal."""
    if pair is None:
        return [plural(n, "patient")]
    return [
        f"{plural(n, 'patient')}, expected by chance {format_number(pair.expected)}",
        f"odds ratio {ratio_estimate(pair.odds_ratio)}, {p_with_adjusted(pair.test.p, pair.p_adjusted)}",
    ]


# ---------------------------------------------------------------- when
def median_phrase(group: TimingGroup) -> str:
    """`12.2 (8.1–20.4), 34`: median and n."""
    return f"{median_cell(group.median)}, {group.n:,}" if group.n else "nobody"


def median_lines(group: TimingGroup, unit: str) -> str:
    """Patients, and below them their median with its limits."""
    return f"{plural(group.n, 'patient')}\nmedian {median_cell(group.median)} {unit}"


def no_times(timing: Timing) -> str:
    return nothing_of(f"{timing.label} by site", timing, "no patients to show")


def site_timing(timing: Timing) -> tuple[str, str]:
    sites = "; ".join(
        f"{s.label}: with {median_phrase(s.with_site)}, without {median_phrase(s.without)}" for s in timing.sites
    )
    return f"{timing.label} by recurrence site. {sites}.", sentences(
        f"{timing.label}; {plural(timing.n, 'patient')}", not_analysed(timing.excluded),
        "thick line: quartiles, dot: median (Kaplan-Meier), points: patients, open where censored", *timing.notes,
    )  # fmt: skip
