"""The glossary: every term of the program with what it means, and the explanations that belong to it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import streamlit as st

from necc.app.session.cache import cached
from necc.app.session.plain import esc
from necc.app.session.state import get_state
from necc.app.widgets.choices import chosen
from necc.app.widgets.glossed import TERM, glossed_html, to_term
from necc.app.widgets.show import caption, heading
from necc.core.cohort import Cohort
from necc.present.words.explain import explain
from necc.present.words.glossary import counted, find, glossary, named
from necc.present.words.terms import Term

FEW = 5  # found terms that are opened at once


def words(cohort: Cohort) -> None:
    """The term that was asked for, and all others to look through or to search."""
    known = glossary()
    at = chosen(TERM, ("", *known), fixed=True)
    wanted = st.text_input("Look up", key="glossary-search", placeholder="such as: HR, censored, immortal", width=420,
                           on_change=_search)  # fmt: skip
    if at and not wanted:
        _one(known[at])
    found = find(wanted)
    if wanted:
        caption(counted(len(found), len(known)))
    elif at:
        heading("All terms")
    st.html(cached(_found if wanted else _all)(tuple(term.key for term in found)))
    if not found:
        caption("No term is called so, nor nearly so; another word may find it.")


def _search() -> None:
    """Whoever looks something up is done with the term that was asked for."""
    state = get_state()
    state.chosen.pop(TERM, None)
    state.touched = True


def _one(term: Term) -> None:
    with st.container(key="card-term"):
        heading(term.title)
        st.html(glossed_html((term.definition,)) + _more(term))
        for key in term.explains:
            about = explain(key)
            st.html(f"<h3>{esc(about.title)}</h3>" + glossed_html(about.paragraphs))


def _all(keys: Iterable[str]) -> str:
    """Terms by their first letters."""
    listed = [glossary()[key] for key in keys]
    parts = ""
    for letter, terms in groupby(listed, key=lambda term: term.name[0].upper()):
        parts += f'<div class="letter">{esc(letter)}</div>' + "".join(_fold(term, False) for term in terms)
    return f'<div class="necc-terms">{parts}</div>'


def _found(keys: tuple[str, ...]) -> str:
    folds = "".join(_fold(glossary()[key], len(keys) <= FEW) for key in keys)
    return f'<div class="necc-found">{folds}</div>'


def _fold(term: Term, opened: bool) -> str:
    body = f"<p>{esc(term.definition)}</p>{_more(term)}"
    for key in term.explains:
        about = explain(key)
        paragraphs = "".join(f"<p>{esc(paragraph)}</p>" for paragraph in about.paragraphs)
        body += f'<details class="necc-fold"><summary>Explained: {esc(about.title)}</summary>{paragraphs}</details>'
    state = " open" if opened else ""
    return f'<details class="necc-fold"{state}><summary>{esc(term.title)}</summary>{body}</details>'


def _more(term: Term) -> str:
    """What else it is called, what of it is told here, and where to look on."""
    also = f'<p class="necc-caption">Also: {esc(", ".join(term.also))}</p>' if term.also else ""
    also += f'<p class="necc-caption">Told here, too: {esc(", ".join(term.covers))}</p>' if term.covers else ""
    see = " ".join(to_term(other, other.name) for other in map(named, term.see))
    return also + (f'<p class="necc-caption">See {see}</p>' if see else "")
