"""Text whose terms say what they mean, at a point of the mouse or the Tab key, and lead to the glossary."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from necc.app.session.plain import esc
from necc.app.widgets.show import asset
from necc.app.widgets.ways import go
from necc.present.words.glossary import glossary, marked, term_of
from necc.present.words.terms import Term

TERM = "glossary-term"
VIEW = "Glossary"  # of the page Learn

_way = st.components.v2.component("necc_glossary", html="<span hidden></span>", js=asset("glossary.js"))


def glossed(text: str) -> str:
    """A plain text as HTML, in which each term of the glossary says what it means, where it comes first.

    Example:
        >>> glossed("p < 0.05 in the log-rank test")[:9]
        'p &lt; 0.'
    """
    return "".join(esc(piece) if term is None else _term(piece, term) for piece, term in marked(text))


def glossed_html(paragraphs: Iterable[str]) -> str:
    """Paragraphs of plain text as HTML, their terms as for `glossed`."""
    return '<div class="necc-glossed">' + "".join(f"<p>{glossed(text)}</p>" for text in paragraphs) + "</div>"


def show_glossed(*paragraphs: str) -> None:
    """Draws paragraphs of plain text whose terms say what they mean."""
    st.html(glossed_html(paragraphs))


def to_term(term: Term, label: str = VIEW) -> str:
    """A button, as HTML, that leads to a term of the glossary."""
    told = f"{term.title}, in the glossary"
    return (
        f'<button type="button" class="necc-to-term" data-term="{term.key}" title="{esc(told)}">{esc(label)}</button>'
    )


def told(keys: str) -> str:
    """Explanations by their keys, with blanks between, as HTML: titles, paragraphs, and the ways to their terms."""
    from necc.present.words.explain import explain

    parts = ""
    for key in keys.split():
        about = explain(key)
        parts += f'<div class="head"><b>{esc(about.title)}</b>{to_term(term_of(key))}</div>'
        parts += "".join(f"<p>{glossed(text)}</p>" for text in about.paragraphs)
    return f'<div class="necc-glossed">{parts}</div>'


def lead_to_glossary() -> None:
    """What hears a click on a term, wherever it is on the page; once a page."""
    asked = _way(key="necc-glossary", on_asked_change=_nothing).asked
    if asked in glossary():
        go("learn", learn_view=VIEW, glossary_term=asked)


def _nothing() -> None:
    """A value that is sent is only told where something is called with it."""


def _term(piece: str, term: Term) -> str:
    return (
        f'<span class="necc-term"><span class="word" tabindex="0">{esc(piece)}</span>'
        f'<span class="says" role="note"><b>{esc(term.title)}.</b> {esc(term.definition)} {to_term(term)}</span></span>'
    )
