"""A project of a session: saved, opened, compared, kept; and views that are kept, on the pages and in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from page_helpers import choose, failures, look_at, open_page, press, words

from necc.app.session import project as projects
from necc.app.session.desk import desk
from necc.core.edits import Cut, LeaveOut, Recode, apply_edits, row_fingerprint
from necc.core.selection import Selection, picked
from necc.ingest import read_cohort
from necc.project import Project, open_project

SAMPLE = ROOT / "sample_data" / "reconstructed_cohort.csv"
MERGED = Recode("histology", (("not small cell", ("large cell", "NEC NOS")),))
AGED = Cut("age_years", (40.0, 60.0), "age_group", "Age group")


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(SAMPLE)


def in_session(app, call):
    """What a function gives of a session's state, with its session there."""
    state = app.session_state["necc"]
    return call(state)


def upload(app, name: str, data: bytes):
    app.get("file_uploader")[0].upload(name, data, "text/csv")
    return app.run()


def own(text: str = "") -> bytes:
    """The sample as a person's own file: without the word that makes it synthetic, its rows as they are."""
    return (text or SAMPLE.read_text(encoding="utf-8")).encode()
