"""The view of several centres: their files pooled, and a file made of this centre's patients."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from necc.app.session.plain import esc
from necc.app.session.state import get_state
from necc.app.widgets.choices import choose, controls
from necc.app.widgets.show import bullets, caption, findings, show
from necc.core.cohort import Cohort
from necc.core.errors import CohortError, Finding, in_order
from necc.core.text import plural
from necc.present import tables
from necc.present.words.phrases import sentence

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from necc.centres import CentreFile, Pooled

POOL, MAKE = "Pool centres' files", "Make this centre's file"
HELD = "necc-centres"
STAYS = (
    "A centre's file holds counts and no patient's row. Files that are dropped here stay in the memory of this "
    "session, and end with it."
)


@dataclass
class Held:
    """The centres' files of a session. uploads: counts the uploaders; a fresh one has forgotten the last files."""

    files: dict[str, CentreFile] = field(default_factory=dict)
    problems: tuple[Finding, ...] = ()
    uploads: int = 0
    pooled: tuple[tuple[str, ...], Pooled | None, tuple[Finding, ...]] = ((), None, ())

    def take(self, given: Iterable[UploadedFile]) -> None:
        """Reads files; one that is there already is told by the pool, and isn't taken twice."""
        from necc.centres import read_centre

        found: list[Finding] = []
        for file in given:
            try:
                read = read_centre(file.getvalue(), file.name)
            except CohortError as error:
                found += error.findings
                continue
            if read.sha256 in self.files:
                found.append(Finding("warning", "same-file", f"'{file.name}' is here already: it holds the same as the "
                                     f"file of '{read.centre}', and is counted once"))  # fmt: skip
            self.files[read.sha256] = read
        self.problems = in_order(found)

    def together(self) -> tuple[Pooled | None, tuple[Finding, ...]]:
        """The files as one cohort, and why not."""
        from necc.centres import pool

        key = tuple(self.files)
        if self.pooled[0] != key:
            try:
                made = pool(self.files.values())
                self.pooled = key, made, made.findings
            except CohortError as error:
                self.pooled = key, None, error.findings
        return self.pooled[1], self.pooled[2]


def held() -> Held:
    result: Held = st.session_state.setdefault(HELD, Held())
    return result


def page(cohort: Cohort) -> None:
    """Centres' files, or a centre's own file."""
    with controls():
        part = choose("centres-part", "What to do", (POOL, MAKE), fixed=True, label_visibility="collapsed")
    if part == MAKE:
        from necc.app.views.centre_file import page as make

        make(cohort)
        return
    _pool()


# ---------------------------------------------------------------- files
def _pool() -> None:
    kept = held()
    if not get_state().presenting:
        _upload(kept)
    if kept.problems:
        findings(kept.problems, "centres", 10, card="centre-problems")
    if not kept.files:
        caption("Without a file there is nothing to show. Each centre makes its own: here, or by 'necc summarise'.")
        return
    pooled, told = kept.together()
    if any(f.severity != "info" for f in told):
        findings(told, "pooled", 10, card="pooled-findings")
    if pooled is None:
        show(tables.centre_files([*kept.files.values()]), title="Files", explain="centre-files", recipe=None)
        st.error(
            "These files can't be pooled; the findings above say why, and how to mend it.", icon=":material/error:"
        )
        return
    if len(pooled.centres) > 1:
        from necc.app.views.pooled import answers  # brings in analyses, for which the first page doesn't wait

        answers(pooled)
    else:
        caption("One file alone is shown in no picture: drop another centre's beside it.")
    show(tables.centre_files(pooled.centres), title="Files", explain="centre-files", recipe=None,
         note=pooled.cohort.source.notice)  # fmt: skip
    infos = [f.message for f in told if f.severity == "info"]
    bullets(esc(sentence(note)) for note in dict.fromkeys((*pooled.notes, *infos)))


def _upload(kept: Held) -> None:
    folded = st.container() if not kept.files else st.expander(
        f"{plural(len(kept.files), 'file')} here: add more, or begin anew", icon=":material/upload_file:"
    )  # fmt: skip
    with folded:
        given = st.file_uploader("Centres' files", type=["json"], accept_multiple_files=True,
                                 key=f"centre-files-{kept.uploads}", help=STAYS)  # fmt: skip
        if kept.files:
            st.button("Forget these files", key="forget-centres", type="tertiary", icon=":material/delete:",
                      on_click=_forget)  # fmt: skip
        else:
            caption(STAYS)
    if given:
        kept.uploads += 1
        kept.take(given)
        st.rerun()


def _forget() -> None:
    st.session_state[HELD] = Held(uploads=held().uploads + 1)
