"""Headings that hold the signs of the product's own language: a column's exact name comes before any other reading."""

from __future__ import annotations

import pytest
from page_helpers import NAMES, choose, failures, open_page

from necc.cli import main
from necc.core.dictionary import Dictionary
from necc.core.selection import Selection
from necc.ingest import open_file, read_cohort
from necc.ingest.mapping import ColumnMap
from necc.ingest.suggest import suggest_mapping

ODD = ("ECOG >0", "size>=4", "Age > 50", "LDH<250", "CA125 <= 35", "a=b", "x != 1", "T: stage", "site:", "p*q", "n | m",
       "50 %", "a.b,c", "it's", '"q"', "back\\slash", "<b>bold</b>", "{x}", "$y$", "`code`", "~z", "#1", "[k]", "(l)",
       "Δ ≥ 2", "a/b & c;d", "_under_", "x-1", "1")  # fmt: skip
NUMBERS = ("Ki67 > 50", "len>=3", "dose: Gy", "w%|h")


def text() -> str:
    """60 patients with an endpoint, a site, and a column of levels or numbers for each odd heading."""
    heads = ["patient_id", "os_months", "prs_months", "died", "site_lung", "ici", "best_response", *ODD, *NUMBERS]
    rows = []
    for i in range(60):
        levels = [("low", "high")[(i // (k % 5 + 1)) % 2] for k in range(len(ODD))]
        numbers = [f"{(i * (k + 7)) % 97 + 0.5:.1f}" for k in range(len(NUMBERS))]
        response = ("CR", "PR", "SD", "PD")[i % 4] if i % 3 else ""
        ici = "1" if i % 3 else "0"
        rows.append([f"P{i}", f"{i * 7 % 50 + 5}.5", f"{i * 7 % 50 + 1}.5", str(i % 2), str(i // 2 % 2), ici, response,
                     *levels, *numbers])  # fmt: skip
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in (heads, *rows)]
    return "\n".join(",".join(row) for row in quoted)


@pytest.fixture(scope="module")
def cohort():
    return read_cohort(text().encode(), "c.csv")


@pytest.mark.parametrize("name", ODD)
def test_a_column_is_found_by_its_exact_name(cohort, name):
    assert cohort.factor(name).levels == ("high", "low") and cohort.source_of(name) == name
    condition = Selection.parse([f"{name}=high"], cohort.table.columns).conditions[0]
    assert condition.name == name and condition.levels == ("high",)
    again = Selection.parse([str(condition)], cohort.table.columns)
    assert 0 < len(again.apply(cohort)) < 60


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_of_such_a_name_can_be_cut_and_filtered(cohort, name):
    assert cohort.factor(f"{name}>40").levels == ("≤ 40", "> 40")
    assert cohort.factor(f"{name}>=40.5").levels == ("< 40.5", "≥ 40.5")
    for condition in (f"{name}>40", f"{name}>=40", f"{name} < 40,missing", f"{name}=10..40"):
        spelled = Selection.parse([condition], cohort.table.columns)
        (one,) = spelled.conditions
        assert one.name == name and 0 < len(spelled.apply(cohort)) < 60
        assert Selection.parse([str(one)], cohort.table.columns) == spelled


def test_a_cut_of_a_column_whose_name_is_the_start_of_another():
    data = "patient_id,os_months,died,ECOG,ECOG >0\n" + "".join(f"P{i},{i + 1},1,{i % 4},{i % 2}\n" for i in range(12))
    opened = open_file(data.encode(), "c.csv")
    mapping = suggest_mapping(opened.raw, Dictionary.builtin()).with_column(ColumnMap("ECOG", "number"))
    cohort = read_cohort(opened, mapping=mapping)
    assert cohort.factor("ECOG >0").levels == ("0", "1") and cohort.factor("ECOG>0").levels == ("≤ 0", "> 0")
    names = cohort.table.columns
    assert len(Selection.parse(["ECOG >0=1"], names).apply(cohort)) == 6
    assert len(Selection.parse(["ECOG >0"], names).apply(cohort)) == 9


@pytest.mark.parametrize("name", NAMES)
def test_every_page_with_such_a_cohort(app_test, monkeypatch, tmp_path, name):
    path = tmp_path / "odd.csv"
    path.write_text(text())
    monkeypatch.setenv("NECC_DATA", str(path))
    page = open_page(app_test(), name)
    assert not failures(page), failures(page)


@pytest.mark.parametrize("name", [ODD[0], "a=b", "site:", "p*q", "n | m", "<b>bold</b>", '"q"', "Δ ≥ 2"])
def test_survival_and_groups_by_such_a_column(app_test, monkeypatch, tmp_path, name):
    path = tmp_path / "odd.csv"
    path.write_text(text())
    monkeypatch.setenv("NECC_DATA", str(path))
    page = choose(open_page(app_test(), "survival"), "by", name)
    assert not failures(page), failures(page)


@pytest.mark.parametrize("name", [*ODD[:8], "p*q", "n | m", "1"])
def test_commands_by_such_a_column(tmp_path, capsys, name):
    path = tmp_path / "odd.csv"
    path.write_text(text())
    for command in (
        ["km", "--endpoint", "OS", "--by", name], ["compare", "--by", name],
        ["km", "--endpoint", "OS", "--where", f"{name}=high"],
    ):  # fmt: skip
        assert main([command[0], str(path), *command[1:]]) == 0, (command, capsys.readouterr().err)
