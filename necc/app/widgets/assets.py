"""Style sheets and scripts that ship beside the app's modules."""

from __future__ import annotations

from importlib import resources

import streamlit as st


def asset(name: str) -> str:
    """The text of a file of the folder `assets`."""
    return (resources.files("necc.app") / "assets" / name).read_text(encoding="utf-8")


def style_sheet(name: str) -> None:
    """Styles of one kind of page, beside those of every page."""
    st.html(f"<style>{asset(name)}</style>")
