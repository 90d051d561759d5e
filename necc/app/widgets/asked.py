"""A question about a file, drawn: its answers to choose from, wherever a person gives the file."""

from __future__ import annotations

import streamlit as st

from necc.app.session.plain import md
from necc.core.text import own_slug
from necc.ingest.questions import Answer, Question


def ask(question: Question, turn: object) -> Answer | None:
    """One question; the answer that a person gave in this run.

    turn: changes with the mapping, so that the choice is shown anew.
    """
    key = f"{question.code}-{own_slug(question.column)}-{turn}"
    names = [a.name for a in question.answers]
    about = f"{question.column}: " if question.column else ""
    label = md(f"{about}{question.text}")
    suggested = question.suggested if question.suggested in names else ""
    labels = {a.name: md(a.label) for a in question.answers}
    chosen = st.radio(
        label, names, index=names.index(suggested) if suggested else None, key=f"ask-{key}",
        format_func=lambda name: labels[name], horizontal=sum(map(len, labels.values())) < 90,
    )  # fmt: skip
    sure = bool(suggested) and st.button("That is right", key=f"sure-{key}")
    return question.answer(chosen) if chosen and (chosen != suggested or sure) else None
