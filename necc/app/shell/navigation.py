"""The pages, in their order: a new page is a file in pages/ and one line here.

They have no icons: the browser would fetch a page's icon from elsewhere, for its tab.
"""

from __future__ import annotations

import streamlit as st

from necc.launch import dashboard_path

# section (those without a name stand in the menu themselves): file, title
MENU: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("cohort", "Cohort"),
        ("mapping", "Your own file"),
        ("sites", "Recurrence sites"),
        ("survival", "Survival"),
        ("immunotherapy", "Immunotherapy"),
        ("groups", "Groups"),
        ("regression", "Cox regression"),
    ),
    "More analyses": (
        ("comparisons", "Survival, compared"),
        ("competing", "Competing risks"),
        ("treatment", "Treatment timing"),
        ("staging", "FIGO stages"),
        ("prediction", "Prediction"),
    ),
    "The paper": (
        ("reproduction", "Reproduction"),
        ("audit", "Paper audit"),
        ("literature", "Literature"),
    ),
    "About": (
        ("reporting", "Reporting"),
        ("methods", "Methods"),
        ("validation", "Validation"),
    ),
}
PAGES = tuple(page for section in MENU.values() for page in section)


def pages() -> dict[str, list[st.Page]]:
    """Streamlit's pages by section; the first is where a visit begins.

    Streamlit serves the first at the root alone, so a hidden page stands at the address that bears its name.
    """
    folder = dashboard_path().parent / "pages"
    first, title = PAGES[0]
    listed = {
        section: [
            st.Page(folder / f"{name}.py", title=title, url_path="" if name == first else name, default=name == first)
            for name, title in named
        ]
        for section, named in MENU.items()
    }
    listed[""].append(st.Page(_to_first, title=title, url_path=first, visibility="hidden"))
    return listed


def _to_first() -> None:
    """Stands for a page; `navigation` leaves it before it runs."""


def navigation() -> st.Page:
    """The menu above every page; gives the page that was asked for."""
    listed = pages()
    page = st.navigation(listed, position="top")
    if page.url_path == PAGES[0][0]:
        query = {name: st.query_params.get_all(name) for name in st.query_params}
        st.switch_page(listed[""][0], query_params=query)
    return page
