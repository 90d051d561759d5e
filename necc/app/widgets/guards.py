"""What an analysis noticed about its own data, on a page: seen, why it matters, what was done, how to overrule it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import streamlit as st

from necc.app.session.plain import esc
from necc.app.session.state import get_state
from necc.app.widgets.show import style_sheet
from necc.core.guardrails import Guardrail
from necc.core.text import plural, without_rows
from necc.present.words.phrases import sentence

SHOWN = 4
LISTED = 6


def guardrails(
    cautions: Iterable[Guardrail],
    overrule: Mapping[str, Callable[[], object]] | None = None,
    *,
    title: str = "Before you rely on these numbers",
    key: str = "",
) -> None:
    """The guardrails of a result, the gravest first as the result lists them; nothing where there are none.

    Args:
        cautions: the result's guardrails. Several of one kind are told together.
        overrule: by code, what draws the control that overrules it in place of the words. It isn't drawn in the
            presentation view.
        title: the heading above them; empty for none.
        key: a name of its own where a page shows several lists.
    """
    groups = _together(cautions)
    if not groups:
        return
    style_sheet("guards.css")
    controls = {} if get_state().presenting else dict(overrule or {})
    # what a person can act on here isn't folded away
    groups.sort(key=lambda group: group[0].code not in controls)
    with st.container(key=f"guardrails{key and '-'}{key}", gap="small"):
        if title:
            st.markdown(f"## {title}")
        for group in groups[:SHOWN]:
            _one(group, controls.get(group[0].code))
        if rest := groups[SHOWN:]:
            with st.expander(f"{plural(len(rest), 'more thing')} to know"):
                for group in rest:
                    _one(group, controls.get(group[0].code))


def _together(guardrails: Iterable[Guardrail]) -> list[list[Guardrail]]:
    """Guardrails of one kind that say the same of several things, together; others by themselves."""
    groups: dict[Guardrail, list[Guardrail]] = {}
    for guardrail in guardrails:
        shown = _hidden(guardrail) if get_state().presenting else guardrail
        groups.setdefault(replace(shown, saw=""), []).append(shown)
    return list(groups.values())


def _hidden(guardrail: Guardrail) -> Guardrail:
    return replace(guardrail, saw=without_rows(guardrail.saw))


def _one(group: list[Guardrail], control: Callable[[], object] | None) -> None:
    first = group[0]
    saws = list(dict.fromkeys(sentence(g.saw) for g in group))
    message = "".join(f'<p class="saw">{esc(saw)}</p>' for saw in saws)
    if len(saws) > 1:
        more = f"<li>and {len(saws) - LISTED} more</li>" if len(saws) > LISTED else ""
        message = "<ul>" + "".join(f'<li class="saw">{esc(saw)}</li>' for saw in saws[:LISTED]) + more + "</ul>"
    parts = [("Why it matters", first.why), ("What was done", first.did)]
    if first.overrule and not control and not get_state().presenting:
        parts.append(("Instead", first.overrule))
    body = " ".join(f'<span class="part">{name}:</span> {esc(sentence(text))}' for name, text in parts if text)
    st.html(f'<div class="necc-guard">{message}<p>{body}</p></div>')
    if control:
        control()
