"""A question about a file, drawn: its answers to choose from, wherever a person gives the file."""

from __future__ import annotations

import streamlit as st

from necc.app.session.plain import md
from necc.core.text import own_slug
from necc.ingest.questions import Answer, Question


def ask(question: Question, turn: object, place: str = "") -> Answer | None:
    """One question; the answer that a person gave in this run.

    turn: changes with the mapping, so that the choice is shown anew. place: where it is drawn beside another place.
    """
    key = f"{place}{question.code}-{own_slug(question.column)}-{turn}"
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


def settle_buttons(remedy: Question, turn: object, place: str = "") -> list[Answer]:
    """A button for each way to settle a finding; those that were pressed in this run."""
    pressed = []
    for answer in remedy.answers:
        about = f"{remedy.column}: {answer.label}" if remedy.column else answer.label
        key = f"{place}settle-{remedy.code}-{own_slug(remedy.column)}-{answer.name}-{turn}"
        if st.button(md(about), key=key, icon=":material/build:"):
            pressed.append(answer)
    return pressed
