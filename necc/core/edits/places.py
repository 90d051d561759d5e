"""Sites combined into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from necc.core.cohort import SITE_LEVELS, Cohort
from necc.core.dictionary import SITE, Dictionary, SiteScheme, normalise
from necc.core.edits.making import NO_VALUE, Made, Misfit, Names, patients
from necc.core.edits.steps import CombineSites
from necc.core.selection import HOWS
from necc.core.text import first_few, joined, quoted, shorten
from necc.core.toml import meant

OF_FILTERS = {*map(normalise, (*HOWS, *SITE_LEVELS, *NO_VALUE)), "all", "no", "yes"}
"""Words that join filters, or say of a site what is known of it."""


def combine_sites(cohort: Cohort, edit: CombineSites, names: Names) -> Made:
    """Makes one site of several, as "site:a|b" reads them, in every scheme that has them all.

    So the step does the same whichever scheme is chosen before it or after it.
    """
    if len(set(edit.sites)) < 2 or len(set(edit.sites)) < len(edit.sites):
        raise Misfit("a site is combined of two or more different ones; name each once")
    schemes = {s.name: s for s in (*cohort.dictionary.schemes.values(), cohort.scheme)}
    schemes = {n: s for n, s in schemes.items() if {*edit.sites} <= {*_sites(s, cohort)}}
    if not schemes:
        there = cohort.site_names
        strange = next((s for s in edit.sites if s not in there), edit.sites[0])
        hint = meant(strange, there) or f"; its sites are {first_few(quoted(there)) or 'none'}"
        raise Misfit(f"no site scheme has all of these sites: {joined(quoted(edit.sites))}; the file, read as "
                     f"'{cohort.scheme.label}', has no site '{shorten(strange)}'{hint}")  # fmt: skip
    name = names.free(edit.name, "site")
    label = edit.label.strip() or name
    if word := next((w for w in (name, label) if normalise(w) in OF_FILTERS), ""):
        raise Misfit(f"a site can't be called '{word}', which says something else in a filter; give it another name")
    for scheme in schemes.values():
        labels = {normalise(scheme.labels.get(s, s)) for s in _sites(scheme, cohort) if s not in edit.sites}
        if normalise(label) in labels:
            raise Misfit(f"another site of '{scheme.label}' is called '{label}'; give the new one another label")
    made = {n: _combined(s, cohort, edit.sites, name, label) for n, s in schemes.items()}
    known = _renamed(cohort.dictionary, edit.sites, name)
    known = replace(known, schemes={n: made.get(n, s) for n, s in known.schemes.items()})
    names.take(name)
    edited = cohort.edited(dictionary=known, scheme=made.get(cohort.scheme.name, cohort.scheme))
    told = _told(cohort, edited, edit.sites, name)
    lacking = [s.label for n, s in known.schemes.items() if n not in made and _sites(s, cohort)]
    elsewhere = f"; {joined(quoted(lacking))} without such sites" if lacking else ""
    return Made(edited, f"{told}{elsewhere}")


def _sites(scheme: SiteScheme, cohort: Cohort) -> tuple[str, ...]:
    """The sites of a scheme for which the file says anything."""
    return cohort.edited(scheme=scheme).site_names


def _combined(scheme: SiteScheme, cohort: Cohort, sites: Sequence[str], name: str, label: str) -> SiteScheme:
    """A scheme with one site in the place of the first of several; the others go."""
    groups = dict(scheme.groups) or {organ: (organ,) for organ in cohort.organ_names}
    parts = {s: organs for site in sites for s, organs in scheme.combined.get(site, {site: groups[site]}).items()}
    first = next(site for site in groups if site in sites)
    organs = tuple(dict.fromkeys(organ for members in parts.values() for organ in members))
    kept = {name if s == first else s: organs if s == first else g for s, g in groups.items()
            if s == first or s not in sites}  # fmt: skip
    combined = {s: p for s, p in scheme.combined.items() if s not in sites}
    return replace(scheme, groups=kept, labels={**scheme.labels, name: label}, combined={**combined, name: parts})


def _renamed(known: Dictionary, sites: Iterable[str], name: str) -> Dictionary:
    """A dictionary that offers the new site where it offered one of those that it is made of."""
    to = {f"{SITE}{site}": f"{SITE}{name}" for site in sites}

    def offered(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(to.get(n, n) for n in names))

    panel = tuple(replace(part, names=offered(part.names)) for part in known.panel)
    return replace(known, panel=panel, default_covariates=offered(known.default_covariates), like=offered(known.like))


def _told(before: Cohort, after: Cohort, sites: Sequence[str], name: str) -> str:
    """Who has the new site, and who counts fewer sites than before; where the scheme that is chosen has it."""
    if name not in after.site_names:
        return f"combined in another site scheme than '{before.scheme.label}', which is chosen"
    column = after.site_matrix[:, after.site_names.index(name)]
    old = before.site_matrix[:, [before.site_names.index(s) for s in sites]]
    several = int(((old == 1).sum(axis=1) > 1).sum())
    counts = {word: int((column == code).sum()) for word, code in (("with", 1), ("without", 0), ("not recorded", -1))}
    said = ", ".join(f"{word} {n:,}" for word, n in counts.items() if n or word != "not recorded")
    fewer = (
        f"; {patients(several)} with several of them {'has' if several == 1 else 'have'} fewer sites" if several else ""
    )
    return f"{said}{fewer}"
