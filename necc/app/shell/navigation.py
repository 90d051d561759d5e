"""The pages, in their order: a new page is a file in pages/ and one line here.

They have no icons: the browser would fetch a page's icon from elsewhere, for its tab.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from necc.app.session import links
from necc.launch import dashboard_path

# file and address: title
PAGES: tuple[tuple[str, str], ...] = (
    ("data", "Data"),
    ("patients", "Patients"),
    ("sites", "Sites"),
    ("survival", "Survival"),
    ("regression", "Regression"),
    ("treatment", "Treatment"),
    ("report", "Report"),
    ("paper", "The paper"),
    ("learn", "Learn"),
    ("about", "About"),
)
# an address of earlier versions: the page where it is now, and its view there, as an address says it
MOVED: dict[str, tuple[str, dict[str, str]]] = {
    "data": ("data", {}),  # Streamlit serves the first page at the root alone
    "cohort": ("patients", {}),
    "mapping": ("data", {"data-view": "your-own-file"}),
    "groups": ("patients", {"patients-view": "table-1"}),
    "staging": ("patients", {"patients-view": "figo-stages"}),
    "comparisons": ("survival", {"survival-view": "tests"}),
    "competing": ("survival", {"survival-view": "competing-risks"}),
    "prediction": ("regression", {"regression-view": "prediction"}),
    "immunotherapy": ("treatment", {}),
    "reporting": ("report", {}),
    "reproduction": ("paper", {"paper-view": "reproduction"}),
    "audit": ("paper", {"paper-view": "audit"}),
    "literature": ("paper", {"paper-view": "literature"}),
    "methods": ("about", {}),
    "validation": ("about", {"about-view": "validation"}),
}
LISTED = "necc-pages"


def pages() -> dict[str, st.Page]:
    """Streamlit's pages by their names, made once a session; those that moved are hidden."""
    if LISTED not in st.session_state:
        folder, first = dashboard_path().parent / "pages", PAGES[0][0]
        listed = {
            name: st.Page(
                folder / f"{name}.py", title=title, url_path="" if name == first else name, default=name == first
            )
            for name, title in PAGES
        }
        titles = dict(PAGES)
        for old, (new, _) in MOVED.items():
            listed[f"moved {old}"] = st.Page(_stands_for(old), title=titles[new], url_path=old, visibility="hidden")
        st.session_state[LISTED] = listed
    return dict(st.session_state[LISTED])


def _stands_for(old: str) -> Callable[[], None]:
    """A page at an old address; `navigation` leaves it before it runs."""

    def nothing() -> None:
        pass

    nothing.__name__ = f"moved_{old}"
    return nothing


def navigation() -> st.Page:
    """The menu above every page; gives the page that was asked for."""
    listed = pages()
    page = st.navigation(list(listed.values()), position="top")
    if page.url_path in MOVED:
        new, view = MOVED[page.url_path]
        query = links.renamed({name: st.query_params.get_all(name) for name in st.query_params})
        st.switch_page(listed[new], query_params={**{n: [v] for n, v in view.items()}, **query})
    return page
