"""The pages, in their order: a new page is a file in pages/ and one line here.

They have no icons: the browser would fetch a page's icon from elsewhere, for its tab.
"""

from __future__ import annotations

import streamlit as st

from necc.launch import dashboard_path

PAGES: tuple[tuple[str, str], ...] = (
    # file, title
    ("cohort", "Cohort"),
    ("sites", "Recurrence sites"),
    ("survival", "Survival"),
    ("comparisons", "Survival, compared"),
    ("competing", "Competing risks"),
    ("treatment", "Treatment timing"),
    ("immunotherapy", "Immunotherapy"),
    ("reproduction", "Reproduction"),
    ("audit", "Paper audit"),
    ("literature", "Literature"),
    ("methods", "Methods"),
)


def pages() -> list[st.Page]:
    """Streamlit's pages; the first is where a visit begins."""
    folder = dashboard_path().parent / "pages"
    return [
        st.Page(folder / f"{name}.py", title=title, url_path=name, default=place == 0)
        for place, (name, title) in enumerate(PAGES)
    ]


def navigation() -> st.Page:
    """The menu above every page; gives the page that was asked for."""
    return st.navigation(pages(), position="top")


def page_files() -> list[str]:
    """The files in pages/ that the menu lists."""
    return [f"{name}.py" for name, _ in PAGES]
