"""Tables: every cell is a field of a result, formatted; what is pasted keeps its headers and runs nothing."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from cohorts import from_sample, necc_cohort, table_5

from necc.analysis.flow import flow
from necc.analysis.recorded import Recorded, compare_numbers, record_numbers
from necc.analysis.recurrence import co_occurrence, organ_distribution, site_distribution, site_timing
from necc.analysis.response import response_by_site, response_rates, transitions
from necc.analysis.subcohorts import side_by_side
from necc.analysis.survival import kaplan_meier, parametric, survival_grid
from necc.core.errors import Finding
from necc.core.selection import Selection
from necc.core.text import format_number, format_p
from necc.present import tables
from necc.present.tables import Table
from necc.present.tables.cohort import patient_list
from necc.present.words.phrases import test_cell as cell_of

SAMPLE = from_sample("reconstructed_cohort.csv")
NOBODY = SAMPLE.subset(np.zeros(len(SAMPLE), dtype=bool))
ICI = table_5()
# deaths at 1, 2 and 3 of four patients: S = 0.75, 0.5, 0.25; the median is the midpoint of the flat step at 0.5
FOUR = necc_cohort({"prs_months": [1, 2, 3, 4], "died": [1, 1, 1, 0], "arm": ["a", "a", "b", "b"]})


def subcohorts_of(patients):
    return side_by_side(
        patients, {"Lung": Selection.parse(["site:lung=with"]), "Others": Selection.parse(["site:lung=without"])},
        "PRS", times=[12],
    )  # fmt: skip


TABLES = {
    "survival_summary": lambda c: tables.survival_summary(kaplan_meier(c, "PRS", "site:lung")),
    "survival_at": lambda c: tables.survival_at(kaplan_meier(c, "PRS", "site:lung", times=(12, 24))),
    "parametric_fits": lambda c: tables.parametric_fits(parametric(c, "PRS", "site:lung", times=(12, 120))),
    "parametric_parameters": lambda c: tables.parametric_parameters(parametric(c, "PRS")),
    "grid_summary": lambda c: tables.grid_summary(survival_grid(c, "PRS")),
    "site_table": lambda c: tables.site_table(site_distribution(c)),
    "site_table_by": lambda c: tables.site_table(site_distribution(c, "histology")),
    "number_of_sites": lambda c: tables.number_of_sites(site_distribution(c)),
    "organ_table": lambda c: tables.organ_table(organ_distribution(c)),
    "combinations": lambda c: tables.combinations(co_occurrence(c)),
    "site_pairs": lambda c: tables.site_pairs(co_occurrence(c)),
    "co_occurrence": lambda c: tables.co_occurrence(co_occurrence(c)),
    "timing_table": lambda c: tables.timing_table(site_timing(c)),
    "response_table": lambda c: tables.response_table(response_rates(c, by="ici_agent")),
    "response_by_site": lambda c: tables.response_by_site_table(response_by_site(c)),
    "transition_table": lambda c: tables.transition_table(transitions(c)),
    "attrition": lambda c: tables.attrition(Selection.parse(["age_years>50"]).attrition(c), len(c)),
    "flow": lambda c: tables.flow(flow(c, Selection.parse(["age_years>50"]), before="126 screened", endpoint="PRS")),
    "compared": lambda c: tables.compared(compare_numbers(record_numbers(SAMPLE), record_numbers(c)), all_numbers=True),
    "side_by_side": lambda c: tables.side_by_side(subcohorts_of(c)),
    "overlap": lambda c: tables.overlap(subcohorts_of(c)),
    "overlap_pairs": lambda c: tables.overlap_pairs(subcohorts_of(c)),
    "findings": lambda c: tables.findings(c.findings),
}


def cells(table):
    """Rows as dictionaries by the first column."""
    return {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}


def parsed(html):
    return ET.fromstring(f"<div>{html}</div>")


# ---------------------------------------------------------------- all tables
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("cohort", [SAMPLE, NOBODY], ids=["sample", "nobody"])
def test_every_table_is_well_formed_in_every_form(name, cohort):
    table = TABLES[name](cohort)
    root = parsed(table.to_html())
    assert [th.text for th in root.iter("th") if th.get("scope") == "col"] == [c or None for c in table.columns]
    assert len(root.findall(".//tbody/tr")) == len(table.rows)
    rows = list(csv.reader(io.StringIO(table.to_csv().decode("utf-8-sig"))))
    n = len(table.rows) + 1
    assert {len(r) for r in rows[:n]} == {len(table.columns)}
    lines = table.to_tsv().split("\n")
    assert lines[0].split("\t") == list(table.columns)
    if table.notes:  # they go along, below an empty line
        assert rows[n] == [] and [r[0].lstrip("'") for r in rows[n + 1 :]] == [note.lstrip("'") for note in table.notes]
        assert lines[n] == "" and len(lines) == len(rows)
        assert len(root.findall("p")) == len(table.notes)
    else:
        assert len(rows) == len(lines) == n
    assert "nan" not in table.to_csv().decode() and "None" not in table.to_csv().decode()


def test_what_is_pasted_carries_its_lines_and_headers():
    html = Table("Title", "t", ("Site", "n"), (("Lung", "1"), ("Bone", "2")), ("A note.",), (0, 1)).to_html("paste")
    root = parsed(html)
    head, (first, last) = root.findall(".//thead/tr/th"), root.findall(".//tbody/tr")
    assert all("border-top:1.5pt solid #000000;border-bottom:0.75pt solid #000000" in th.get("style") for th in head)
    assert all("border-bottom:1.5pt solid #000000" in cell.get("style") for cell in last)
    assert not any("border" in cell.get("style") for cell in first)
    assert [c.get("scope") for c in first] == ["row", None] and "padding-left:26px" in last[0].get("style")
    assert root.find(".//caption").text == "Title" and root.find("p").text == "A note."
    assert "currentColor" in Table("", "t", ("a",), (("b",),)).to_html()


NASTY = "</td><script>alert(1)</script>"


def test_cells_are_never_markup_nor_formulas():
    table = Table(NASTY, "t", (NASTY, "b"), (("=1+1", "@x"), (NASTY, "-2.5"), ("a\tb\nc", "−1")), (NASTY,))
    root = parsed(table.to_html())
    assert not list(root.iter("script")) and root.find(".//tbody/tr[2]/th").text == NASTY
    rows = list(csv.reader(io.StringIO(table.to_csv().decode("utf-8-sig"))))
    assert rows[1] == ["'=1+1", "'@x"] and rows[2][1] == "-2.5"
    assert table.to_tsv().split("\n")[1] == "'=1+1\t'@x" and table.to_tsv().split("\n")[3] == "a b c\t−1"
    assert rows[4] == [] and len(rows[5]) == 1  # the note, below an empty line, in one cell
    assert table.to_csv().startswith(b"\xef\xbb\xbf")


RUN = ('=HYPERLINK("http://x","y")', "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", "\u00a0=1", "a\n=1", "\uff1d1")


@pytest.mark.parametrize("text", RUN)
def test_what_is_pasted_runs_nowhere(text):
    """A spreadsheet evaluates cells of HTML as if they were typed, and each line of a caption or a note is a cell."""
    table = Table(text, "t", (text, "n"), ((text, "\u22122.5"), ("5/16", text)), (text,))
    root = parsed(table.to_html("paste"))
    told = [e for e in root.iter() if e.tag in ("caption", "th", "td", "p")]
    lines = [line for e in told for line in ["".join([e.text or ""]), *(br.tail or "" for br in e.iter("br"))]]
    assert not [line for line in lines if line.strip()[:1] in ("=", "+", "-", "@", "\uff1d")]
    sign = text.strip().split("\n")[-1]
    assert sum(line.startswith("'") and line.endswith(sign) for line in lines) == len(told) - 3
    # numbers stay numbers, and 5/16 isn't the 16th of May
    kept = {"".join(e.itertext()): "mso-number-format:'\\@'" in e.get("style") for e in told}
    assert not kept["\u22122.5"] and kept["5/16"] and all(v for k, v in kept.items() if k != "\u22122.5")
    assert "mso" not in table.to_html() and "'" not in "".join(parsed(table.to_html()).itertext())
    for row in csv.reader(io.StringIO(table.to_tsv()), delimiter="\t"):
        assert not [cell for cell in row if cell.strip()[:1] in ("=", "+", "-", "@", "\uff1d")]


def test_a_table_whose_rows_don_t_fit_is_refused():
    with pytest.raises(ValueError, match="has not 2 cells"):
        Table("", "t", ("a", "b"), (("1",),))
    with pytest.raises(ValueError, match="2 indents for 1 rows"):
        Table("", "t", ("a",), (("1",),), indents=(0, 1))


# ---------------------------------------------------------------- survival
def test_the_summary_tells_n_events_and_median():
    table = tables.survival_summary(kaplan_meier(FOUR, "PRS"))
    # lower limit by R: survfit(Surv(c(1,2,3,4), c(1,1,1,0)) ~ 1, conf.type = "log-log") gives 1 and NA
    assert table.rows == (("all patients", "4", "3 (75.0 %)", "2.5 (1.0–not reached)"),)
    assert any("log-log" in n for n in table.notes) and any(n.startswith("Median follow-up") for n in table.notes)


def test_a_test_between_groups_and_the_left_out_are_noted():
    km = kaplan_meier(
        necc_cohort({"prs_months": [1, 2, 3, None], "died": [1, 1, 0, 1], "arm": ["a", "b", "a", "b"]}), "PRS", "arm"
    )
    notes = " ".join(tables.survival_summary(km).notes)
    assert "Log-rank test, 1 df: too few to test." in notes  # two patients against one
    assert "Not analysed: 1 patient (time not recorded)." in notes


def test_other_scales_at_chosen_times():
    km = kaplan_meier(FOUR, "PRS", times=(2, 9))
    for show in ("risk", "cumulative hazard", "log-log"):
        table = tables.survival_at(km, show)
        estimate = km.at(show)[0].estimate
        value = format_number(100 * estimate.value, 1) if show == "risk" else format_number(estimate.value, 2)
        assert table.rows[0][3].startswith(value) and (", %" in table.columns[3]) == (show == "risk")
    assert "Nelson-Aalen, log confidence limits" in tables.survival_at(km, "cumulative hazard").notes[0]
    assert tables.survival_at(kaplan_meier(FOUR, "PRS", times=(0.5,)), "risk").rows[0][3] == "0.0 (no event yet)"


def test_survival_at_chosen_times():
    table = tables.survival_at(kaplan_meier(FOUR, "PRS", times=(2, 9)))
    first, late = table.rows
    before = tables.survival_at(kaplan_meier(FOUR, "PRS", times=(0.5,))).rows
    assert before[0][1:] == ("0.5", "4", "100.0 (no event yet)")
    assert first[1:3] == ("2", "3") and first[3].startswith("50.0 (") and late[1:] == ("9", "0", "not estimable")


def test_the_grid_s_table_has_both_p_values():
    grid = survival_grid(SAMPLE, "PRS")
    found = cells(tables.grid_summary(grid))
    for panel, adjusted in zip(grid.panels, grid.p_adjusted, strict=True):
        row = found[panel.by_label]
        curve = next(c for c in panel.curves if c.name == "with")
        assert row["With: events/n"] == f"{curve.n_events_total}/{curve.n}"
        assert (row["p"], row["Adjusted p"]) == (cell_of(panel.test), format_p(adjusted))


# ---------------------------------------------------------------- sites
def test_the_site_table_has_counts_shares_and_exact_limits():
    cohort = necc_cohort({}, {"lung": [1] * 4 + [0] * 5 + [-1], "bone": [0] * 10})
    row = cells(tables.site_table(site_distribution(cohort)))["Lung"]
    # R: binom.test(4, 9)$conf.int is 0.1369957 0.7879915
    assert list(row.values())[1:] == ["4", "9", "44.4", "13.7–78.8"]


def test_by_a_factor_each_level_has_its_column_and_the_test_is_named():
    result = site_distribution(SAMPLE, "histology")
    table = tables.site_table(result)
    assert table.columns[1 : 1 + len(result.strata)] == tuple(f"{s.name} (n = {s.n})" for s in result.strata)
    for test in result.tests:
        row = cells(table)[test.label]
        assert (row["p"], row["Adjusted p"], row["Test"]) == (
            format_p(test.test.p),
            format_p(test.p_adjusted),
            test.test.name,
        )
    assert "Tests, as in the paper: " in table.notes[0]


def test_pairs_and_combinations_count_patients():
    together = co_occurrence(SAMPLE)
    assert sum(int(row[2]) for row in tables.combinations(together).rows) == len(SAMPLE)
    matrix = tables.co_occurrence(together)
    assert [row[i + 1] for i, row in enumerate(matrix.rows)] == [str(n) for n in np.diag(together.matrix)]
    assert [row[2] for row in tables.site_pairs(together).rows] == [str(p.n) for p in together.pairs]


def test_times_are_indented_under_their_site():
    timing = site_timing(SAMPLE)
    table = tables.timing_table(timing)
    assert table.indents == (0, 1, 1) * len(timing.sites)
    assert table.rows[1][1] == str(timing.sites[0].with_site.n) and table.rows[0][5] == format_p(timing.sites[0].test.p)


# ---------------------------------------------------------------- response
def test_the_paper_s_responses():
    row = cells(tables.response_table(response_rates(ICI)))["all patients"]
    # R: binom.test(8, 16) gives 24.7 to 75.3
    assert (row["CR"], row["PR"], row["SD"], row["PD"]) == ("5", "3", "4", "4")
    assert row["ORR, n/N, % (95 % CI)"] == "8/16, 50.0 (24.7–75.3)"
    final = cells(tables.response_table(response_rates(ICI, "final")))["all patients"]
    # R: binom.test(7, 16) gives 19.8 to 70.1
    assert final["ORR, n/N, % (95 % CI)"] == "7/16, 43.8 (19.8–70.1)"


def test_impossible_transitions_are_marked_with_their_row():
    changes = transitions(ICI)
    table = tables.transition_table(changes)
    assert cells(table)["SD"]["PR"] == "1 †" and cells(table)["CR"]["CR"] == "4"
    assert any(n.startswith("† ") for n in table.notes)
    assert any(n.startswith(f"Row {changes.impossible[0].row}:") for n in table.notes)


# ---------------------------------------------------------------- cohort
def test_attrition_adds_up():
    steps = Selection.parse(["figo_stage=III", "age_years>40"]).attrition(SAMPLE)
    table = tables.attrition(steps, len(SAMPLE))
    left = [int(row[3]) for row in table.rows]
    gone = [sum(int(v) for v in row[1:3]) for row in table.rows[1:]]
    assert left[0] == len(SAMPLE) and [a - b for a, b in zip(left, left[1:], strict=False)] == gone


def test_findings_tell_where_and_what():
    found = [
        Finding("error", "level", "column 'x', row 3: no", 3, "x", "=cmd()"),
        Finding("warning", "range", "odd", n=4),
    ]
    table = tables.findings(found)
    assert table.rows[0] == ("error", "3", "x", "=cmd()", "column 'x', row 3: no", "1")
    assert table.rows[1][1:4] == ("", "", "") and table.notes[0].startswith("1 error, 1 warning.")
    assert b"'=cmd()" in table.to_csv()


def test_a_table_called_as_its_module_stays_a_table_whichever_is_asked_first():
    code = "from necc.present import tables; tables.survival_pairs; assert callable(tables.survival_tests)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent)


def test_the_list_of_patients_tells_no_site_from_sites_that_are_not_recorded():
    cohort = necc_cohort({"died": [1, 0, None]}, sites={"lung": [1, 0, -1]})
    listed = patient_list(cohort)
    assert listed["Sites"].tolist() == ["Lung", "", None]


def test_recorded_numbers_are_written_in_their_units():
    before = {"a": (30, "patients"), "b": (20.0, "months"), "c": (0.5, "share"), "d": (0.04, "p"), "e": (2.0, "ratio"),
              "f": (None, "months"), "g": (1, "events"), "h": (0, "events"), "i": (7, "events")}  # fmt: skip
    now = {"a": (33, "patients"), "b": (15.0, "months"), "c": (0.55, "share"), "d": (0.0001, "p"), "e": (1.5, "ratio"),
           "f": (9.0, "months"), "h": (2, "events"), "i": (7, "events"), "j": (5, "events")}  # fmt: skip
    old, new = ([Recorded(name, name.upper(), *held) for name, held in x.items()] for x in (before, now))
    shown = tables.compared(compare_numbers(old, new), all_numbers=True)
    assert {row[0]: row[1:] for row in shown.rows} == {
        "F, months": ("not estimable", "9.0", "can't be compared"), "H": ("0", "2", "+2"),
        "D": ("0.040", "<0.001", "changed"), "B, months": ("20.0", "15.0", "\u22125.0 (\u221225.0 %)"),
        "E": ("2.00", "1.50", "\u22120.50 (\u221225.0 %)"), "A": ("30", "33", "+3 (+10.0 %)"),
        "C": ("50.0 %", "55.0 %", "+5.0 points"), "G": ("1", "", "no longer there"), "J": ("", "5", "new"),
        "I": ("7", "7", "the same"),
    }  # fmt: skip
    assert len(tables.compared(compare_numbers(old, new)).rows) == len(shown.rows) - 1


def test_a_note_on_a_site_names_it_once():
    notes = tables.response_by_site_table(response_by_site(SAMPLE)).notes
    about = [note for note in notes if note.startswith("Abdominal organs: ")]
    assert about and not any("Abdominal organs: Abdominal organs" in note for note in about)
