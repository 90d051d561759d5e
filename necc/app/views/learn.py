"""The page to learn from: every explanation of the program in one place, to be read or looked up."""

from __future__ import annotations

import streamlit as st

from necc.app.session.plain import esc
from necc.app.views import glossary, lessons
from necc.app.widgets.show import caption
from necc.core.cohort import Cohort
from necc.present.words.explain import EXPLANATIONS, Explanation


def explanations(cohort: Cohort) -> None:
    """What each kind of result says and how it misleads; those that a person looks for are opened."""
    wanted = st.text_input("Look up", key="learn-search", placeholder="such as: median, immortal, adjusted", width=420)
    words = wanted.casefold().split()
    found = [about for about in EXPLANATIONS.values() if all(word in _text(about) for word in words)]
    st.html("".join(_fold(about, bool(words) and len(found) <= 5) for about in found))
    if not found:
        caption("No explanation has these words; fewer words find more.")


def _text(about: Explanation) -> str:
    return " ".join((about.title, *about.paragraphs)).casefold()


def _fold(about: Explanation, opened: bool) -> str:
    paragraphs = "".join(f"<p>{esc(paragraph)}</p>" for paragraph in about.paragraphs)
    state = " open" if opened else ""
    return f'<details class="necc-fold"{state}><summary>{esc(about.title)}</summary>{paragraphs}</details>'


VIEWS = {"Lessons": lessons.page, "Glossary": glossary.words, "Explanations": explanations}
