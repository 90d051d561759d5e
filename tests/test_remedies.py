"""What settles a finding: offered beside it, kept in the mapping, told in the sum, refused for another file."""

from __future__ import annotations

import pytest
from page_helpers import open_page, words

from necc.cli import main
from necc.ingest import Mapping, inspect
from necc.ingest.remedies import told_of

LOAD = "Load this cohort"
HEAD = "patient_id,prs_months,died,age,arm\n"
ROWS = "".join(f"P{i},{i + 3},{i % 2},{50 + i},{'ab'[i % 2]}\n" for i in range(6))
FAULTS = {
    "footer-row:patient_id": (f"{HEAD}{ROWS}Total,33,3,,\n", "leave-out", 6),
    "group-row:patient_id": (f"{HEAD}Arm A,,,,\n{ROWS}Arm B,,,,\nP8,33,1,50,a\n", "leave-out", 7),
    "duplicate-id:patient_id": (f"{HEAD}{ROWS}P5,8,1,55,b\n", "leave-out", 6),
    "not-a-number:prs_months": (f"{HEAD}{ROWS}P6,12 mo,1,60,a\nP7,24+,0,61,b\nP8,>24,0,61,b\n", "numbers", 9),
    "not-a-number:age": (f"{HEAD}{ROWS}P6,12,1,45岁,a\n", "numbers", 7),
    "near-duplicate-levels:arm": (f"{HEAD}{ROWS}P6,12,1,60,A\n", "merge", 7),
}


@pytest.mark.parametrize("key", FAULTS)
def test_a_finding_is_settled_and_the_mapping_keeps_it(key):
    text, name, n = FAULTS[key]
    before = inspect(text.encode(), "c.csv")
    remedy = next(r for r in before.remedies if r.key == key)
    assert [a.name for a in remedy.answers] == [name]
    result = inspect(text.encode(), "c.csv", answers=(f"{key}={name}",))
    assert len(result.cohort) == n and not result.remedies and told_of(result.mapping)[1]
    again = inspect(text.encode(), "c.csv", mapping=Mapping.from_toml(result.mapping.to_toml()))
    assert again.cohort.source.sha256 == result.cohort.source.sha256


def test_numbers_with_a_sign_are_read_and_their_bound_is_said():
    text = FAULTS["not-a-number:prs_months"][0]
    result = inspect(text.encode(), "c.csv", answers=("not-a-number:prs_months=numbers",))
    assert result.cohort.number("prs_months").tolist()[-3:] == [12, 24, 24]
    assert "lower bound" in " ".join(told_of(result.mapping)[1])


@pytest.mark.parametrize("cell", ["12 weeks", "12 d", "about a year", "5 to 7"])
def test_another_unit_or_a_text_is_no_number(cell):
    result = inspect(f"{HEAD}{ROWS}P6,{cell},1,60,a\n".encode(), "c.csv")
    assert not result.accepted and not result.remedies


def test_a_row_that_is_left_out_is_known_by_its_cells():
    text = FAULTS["footer-row:patient_id"][0]
    mapping = inspect(text.encode(), "c.csv", answers=("footer-row:patient_id=leave-out",)).mapping
    other = inspect(text.replace("Total,33,3,,", "P9,33,1,60,a").encode(), "c.csv", mapping=mapping)
    assert not other.accepted and [f.code for f in other.findings if f.severity == "error"] == ["left-out-row"]


def test_the_command_line_names_what_settles(tmp_path, capsys):
    path = tmp_path / "c.csv"
    path.write_text(FAULTS["footer-row:patient_id"][0])
    assert main(["check", str(path)]) == 1
    assert '--answer "footer-row:patient_id=leave-out"' in capsys.readouterr().out
    assert main(["check", str(path), "--answer", "footer-row:patient_id=leave-out"]) == 0
    assert "1 row left out by you (row 8)" in capsys.readouterr().out


MESSY = f"{HEAD}{ROWS}P6,12 mo,1,60,A\nTotal,33,3,,\n".encode()


def settled(app, start: str):
    """The page after every button that settles a finding was pressed."""
    while buttons := [b for b in app.button if (b.key or "").startswith(start)]:
        buttons[0].click().run()
        assert not app.exception
    return app


def test_an_upload_is_settled_in_the_sidebar_and_loads_by_itself(app_test):
    app = app_test().run()
    app.file_uploader(key="upload-0").upload("messy.csv", MESSY, "text/csv").run()
    app = settled(app, "sidebar-settle")
    assert len(app.session_state["necc"].whole) == 7
    assert "1 row left out by you (row 9); read '12 mo' as 12" in words(app)
    assert "No site of recurrence was understood" in words(app)  # amber, not green


def test_what_was_settled_on_the_page_is_listed_and_undone(app_test):
    app = app_test().run()
    open_page(app, "mapping")
    app.file_uploader(key="wizard-file").upload("messy.csv", MESSY, "text/csv").run()
    app = settled(app, "settle-")
    assert "What you settled: " in words(app) and not any(b.disabled for b in app.button if b.label == LOAD)
    app.button(key="undo-settled").click().run()
    assert [b.key for b in app.button if (b.key or "").startswith("settle-near-duplicate")]


def test_a_file_without_an_endpoint_arrives_in_the_mapping_by_itself(app_test):
    app = app_test().run()
    app.file_uploader(key="upload-0").upload("bare.csv", b"patient_id,marker\nP1,3\nP2,4\n", "text/csv").run()
    assert "No endpoint and no site of recurrence was understood" in words(app)
    open_page(app, "mapping")
    assert "It is loaded without an endpoint" in words(app) and "What the columns mean" in words(app)
