"""Parts of the literature page: published figures with the loaded cohort beside each, and where sources disagree."""

from __future__ import annotations

import streamlit as st

from necc.app.session.plain import esc
from necc.app.widgets.show import bullets, caption, explanation, heading, show
from necc.core.text import slug
from necc.paper.literature import ADVICE, Library, Literature, Standing
from necc.present.tables import Table
from necc.present.words import remarks
from necc.present.words.paper import of_question

ALL = "all topics"
VERDICTS = {
    "inside": "in the cohort's 95 % interval",
    "outside": "outside the cohort's 95 % interval",
    "contradicted": "contradicted by this cohort",
    "not confirmed": "not confirmed by this cohort",
    "not contradicted": "not contradicted",
    "cannot be compared": "cannot be compared",
    "": "",
}


def advice() -> None:
    st.info(ADVICE, icon=":material/info:")


def facts(result: Literature, wanted: str) -> None:
    """The facts of a topic, each with its source and the cohort's own figure."""
    for name in result.topics if wanted == ALL else (wanted,):
        with st.container(key=f"card-topic-{slug(name)}"):
            heading(name, explain="literature")
            _disagreements(result, name)
            _of_topic(result, name)


def behind(result: Literature, name: str) -> None:
    """The facts of a topic as a table, folded: what its pictures are made of, and what no number says."""
    _disagreements(result, name)
    with st.expander(f"The facts behind it ({len(result.of(name)):,})"):
        explanation("literature", "behind")
        _of_topic(result, name)


def _of_topic(result: Literature, name: str) -> None:
    warned: set[str] = set()
    rows = "".join(_row(s, warned) for s in result.of(name))
    head = "".join(f"<th scope='col'>{h}</th>" for h in ("What is reported", "Figure", "This cohort", "Source"))
    st.html(
        f'<div class="necc-paper necc-facts" tabindex="0" role="region" aria-label="{esc(name)}"><table><thead>'
        f"<tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _disagreements(result: Literature, name: str) -> None:
    disagreements = [d for d in result.disagreements if d.topic == name]
    words = {"contradict": "Sources contradict each other", "differ": "Sources give different figures"}
    bullets(f"<b>{words[d.kind]}</b>, {esc(d.measure)}: {esc(d.figure_text)}" for d in disagreements)


def _row(s: Standing, warned: set[str]) -> str:
    own = esc(s.own.figure_text) if s.own else "–"
    verdict = esc(VERDICTS[s.verdict])
    if verdict:
        css = ' class="contradicted"' if s.verdict == "contradicted" else ""
        more = f": {esc(_more(s))}" if _more(s) else ""
        own += f'<span class="was"><span{css}>{verdict}</span>{more}</span>'
    return (
        f'<tr><th scope="row">{esc(s.fact.statement)}<span class="was">{esc(s.fact.population)}</span></th>'
        f'<td>{esc(s.fact.figure_text) or "–"}</td><td class="wide">{own}</td>'
        f'<td class="wide">{_source(s, warned)}</td></tr>'
    )


def _more(s: Standing) -> str:
    """A reason that says more than its verdict."""
    if s.verdict in ("inside", "outside"):
        return "another population" if s.fact.other_population else ""
    return s.reason


def _source(s: Standing, warned: set[str]) -> str:
    """The citation and what it cites; what weakens the source where it comes first in a topic."""
    source = s.source
    cited = f'<span class="was">cited there: {esc(s.fact.cites)}</span>' if s.fact.cites else ""
    doi = f" doi:{esc(source.doi)}" if source.doi else ""
    caution = f'<span class="was">{esc(source.caution)}</span>' if source.caution and source.key not in warned else ""
    warned.add(source.key)
    return f"{esc(source.citation)}.{doi}{cited}<span class='was'>{esc(source.kind)}; {esc(s.read)}</span>{caution}"


def sources(library: Library) -> None:
    """Where each figure was read."""
    rows = tuple((s.title, s.citation, s.doi or "–", s.kind, s.read, s.caution) for s in library.sources.values())
    table = Table(
        "Sources", "sources", ("Title", "Citation", "DOI", "Kind", "Read", "Weakness"), rows,
        ("Read: the part of the source from which the figures were taken. An abstract doesn't tell everything.",),
        text_columns=(1, 2, 3, 4, 5),
    )  # fmt: skip
    with st.expander(f"Sources ({len(rows)})"):
        show(table, explain="literature", patients=False)


def as_table(result: Literature) -> Table:
    """One row a fact."""
    rows = tuple(
        (s.fact.topic, s.fact.statement, s.fact.population, s.fact.figure_text,
         "" if s.patients is None else f"{s.patients:,}", s.own.figure_text if s.own else "", VERDICTS[s.verdict],
         s.reason, s.source.citation, s.source.doi, s.read, s.fact.cites)
        for s in result.standings
    )  # fmt: skip
    return Table(
        "Published figures and this cohort", "literature",
        ("Topic", "Reported", "Population", "Figure", "n", "This cohort", "Verdict", "Reason", "Source", "DOI", "Read",
         "Cited there"),
        rows, (ADVICE,),
        text_columns=tuple(range(1, 12)),
    )  # fmt: skip


def take_away(result: Literature) -> None:
    with st.expander("All facts as a table"):
        show(as_table(result), explain="literature")


def summary(result: Literature, topic: str = ALL) -> None:
    """What the cohort contradicts of a question, in a sentence; of nobody, that there is no cohort beside it."""
    if not result.n:
        message = (
            "No patient meets all of these filters: the published figures stand alone. Remove one above, or reset."
        )
        st.info(message, icon=":material/person_off:")
        return
    caption(remarks.literature(result) if topic == ALL else of_question(result, topic))
