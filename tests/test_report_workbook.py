"""The workbook: numbers are numbers and show as the table does; the data of figures; nothing that runs."""

from __future__ import annotations

import copy
import io
import json
import math
import pickle
import re
import zipfile
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import openpyxl
import pytest
import reports
from cohorts import cohort_of, from_sample
from office import text_of, to_pdf

from necc.analysis.baseline import by_sites, characteristics
from necc.analysis.competing import cumulative_incidence, hazards_by_cause
from necc.analysis.recurrence import co_occurrence, organ_distribution, site_distribution
from necc.analysis.regression import cox, subgroups, univariate
from necc.analysis.response import response_by_site, response_rates, swimmer, transitions
from necc.analysis.subcohorts import side_by_side
from necc.analysis.survival import kaplan_meier, parametric, restricted_mean, survival_at
from necc.analysis.treatment import treatment_timing
from necc.core.cohort import Cohort
from necc.core.selection import Selection
from necc.core.text import MINUS, Numeral, format_estimate, format_p, format_ratio, written
from necc.present import figures, tables
from necc.present.tables import Table
from necc.project import Project
from necc.report import make_report, ready
from necc.report.data import Grid, figure_data, grids_of
from necc.report.model import Prose
from necc.report.numbers import NUMBER, P_FORMAT, SMALL_RATIO, Number, split_numbers
from necc.report.workbook import sheet_names, workbook

SYNTHETIC = "Synthetic data, not real patients"
EVIL = (
    '=HYPERLINK("http://x.example")', "+1", "-1+2", "@SUM(A1)", "http://x.example", "<b>", "\u6f22\u5b57", "\U0001f600",
    "x" * 40_000, "a\x0bb", "12", "{=1}",
)  # fmt: skip


@pytest.fixture(scope="module")
def sample():
    return from_sample("reconstructed_cohort.csv")


@pytest.fixture(scope="module")
def report(sample):
    return reports.usual(sample)


@pytest.fixture(scope="module")
def ready_report(sample):
    return make_report(Project(title="The paper", exhibits=ready(sample)), sample)


@pytest.fixture(scope="module")
def content(report):
    return workbook(report).content


@pytest.fixture(scope="module")
def book(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def shown(value: float, form: str) -> str:
    """What Excel shows of a number in one of the formats that are used here."""
    if form == P_FORMAT:
        form = '"<0.001"' if value < 0.0005 else '">0.999"' if value >= 0.9995 else "0.000"
    elif form == SMALL_RATIO:
        form = '"<0.01"' if value < 0.01 else "0.00"
    if form.startswith('"'):
        return form.strip('"')
    if "E" in form:
        return f"{value:.1e}".replace("-", MINUS)
    digits = len(form.partition(".")[2])
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP) + 0
    return (f"{rounded:,f}" if "," in form else f"{rounded:f}").replace("-", MINUS)


def numbers_in(text: str) -> list[str]:
    return re.findall(NUMBER, text)


# ---------------------------------------------------------------- numbers that were written know what they were
def test_a_written_number_knows_its_value_and_is_a_text_to_all_others():
    cell = written("{} %; {}", format_estimate(12.2134, 8.07, None), "88")
    assert isinstance(cell, Numeral) and cell == "12.2 (8.1\u2013not reached) %; 88"
    assert cell.numbers == ((0, 4, 12.2134), (6, 9, 8.07))
    assert written("{}", "a") == "a" and not isinstance(written("{}", "a"), Numeral)
    for again in (pickle.loads(pickle.dumps(cell)), copy.deepcopy(cell), copy.copy(cell)):
        assert again == cell and again.numbers == cell.numbers
    assert json.dumps(cell) == json.dumps(str(cell)) and hash(cell) == hash(str(cell))
    assert (format_p(0.00012), format_p(0.00012).numbers) == ("<0.001", ((0, 6, 0.00012),))
    assert format_ratio(0.004).numbers == ((0, 5, 0.004),) and not hasattr(format_p(None), "numbers")


def rarer_tables(c: Cohort) -> list[Table]:
    """Tables that no ready list has, of each kind of analysis."""
    incidence, curves = cumulative_incidence(c, "TTR", by="site:lung"), parametric(c, "PRS", "site:lung", times=[12])
    pairs, timing = co_occurrence(c), treatment_timing(c)
    chosen = {site: Selection.parse([f"site:{site}=with"]) for site in ("lung", "bone")}
    beside = side_by_side(c, chosen, endpoint="PRS", times=[12])
    model = cox(c, "PRS", ["age_years", "synaptophysin"])
    km = kaplan_meier(c, "PRS", "site:lung", times=[0, 12, 100])
    return [
        tables.incidence_at(incidence, [12, 24]), tables.gray_tests(incidence), tables.naive_beside(incidence, 12),
        tables.hazards_table(hazards_by_cause(c, "TTR", ["age_years"])), tables.parametric_fits(curves),
        tables.parametric_parameters(curves), tables.subgroup_table(subgroups(c, "PRS", "site:lung", ["age_gt_50"])),
        tables.restricted_means(restricted_mean(c, "PRS", "site:lung")), tables.sites_table(by_sites(c)),
        tables.fixed_times(survival_at(c, "PRS", "site:lung", times=[12, 24])), tables.site_pairs(pairs),
        tables.combinations(pairs), tables.co_occurrence(pairs), tables.number_of_sites(site_distribution(c)),
        tables.organ_table(organ_distribution(c, "abdominal")), tables.response_by_site_table(response_by_site(c)),
        tables.site_table(site_distribution(c, by="figo_stage")), tables.transition_table(transitions(c)),
        tables.immortal_time(timing), tables.treatment_landmarks(timing), tables.treatment_sensitivity(timing),
        tables.model_table(model), tables.model_tests_table(model), tables.proportional_hazards_table(model),
        tables.collinearity_table(model), tables.survival_at(km), tables.survival_at(km, "cumulative hazard"),
        tables.characteristics_table(characteristics(c, by="site:lung"), numbers="mean"), tables.side_by_side(beside),
        tables.overlap(beside), tables.overlap_pairs(beside),
        tables.median_conventions([kaplan_meier(c, "PRS", "site:lung", ci=ci) for ci in ("log-log", "plain")]),
    ]  # fmt: skip


def test_every_number_of_every_table_is_unrounded_and_shows_as_the_table_has_it(report, ready_report, sample):
    n = 0
    usual = [item.thing for item in (*report.items, *ready_report.items) if isinstance(item.thing, Table)]
    for table in (*usual, *rarer_tables(sample)):
        split = split_numbers(table)
        assert split.n_rounded == 0, table.title
        plain = [j for j in range(len(table.columns)) if j and j not in table.text_columns]
        for row, cells in zip(table.rows, split.rows, strict=True):
            wanted = sorted(token for j in plain for token in numbers_in(row[j]))
            made = [cell for cell in cells[1:] if isinstance(cell, Number)]
            assert sorted(shown(cell.value, cell.form) for cell in made) == wanted, (table.title, row)
            n += len(made)
        left = {c for cells in split.rows for k, c in enumerate(cells) if isinstance(c, str) and not split.words[k]}
        assert not any(numbers_in(c) for c in left), left  # nothing of numbers stayed a text
    assert n > 4000


def test_values_are_those_of_the_results(sample):
    km, sites = kaplan_meier(sample, "PRS", "site:lung"), site_distribution(sample)
    split = split_numbers(tables.survival_summary(km))
    for curve, row in zip(km.curves, split.rows, strict=True):
        cells = dict(zip(split.columns, row, strict=True))
        assert cells["n"].value == curve.n and cells["Events"].value == curve.n_events_total
        assert cells["Events: %"].value == 100 * curve.n_events_total / curve.n
        assert cells["Median, months"].value == curve.median.value
        upper = cells["Median, months: 95 % CI, upper"]
        assert (upper.value if isinstance(upper, Number) else upper) == (curve.median.upper or "not reached")
    split = split_numbers(tables.site_table(sites))
    assert [row[split.columns.index("95 % CI, lower")].value for row in split.rows] == [
        100 * s.proportion.lower for s in sites.sites
    ]
    model = cox(sample, "PRS", ["age_years", "site:lung"])
    split = split_numbers(tables.model_table(model))
    assert [row[split.columns.index("HR")].value for row in split.rows] == [t.hazard_ratio for t in model.terms]
    assert [row[split.columns.index("p")].value for row in split.rows] == [t.p for t in model.terms]


@pytest.mark.parametrize(
    ("cells", "names", "values"),
    [
        (("12 (21.8)", "3 (5.0)"), ["A", "A: in brackets"], [[12, 21.8], [3, 5.0]]),
        (("8/16",), ["A: of"], [[8, 16]]),
        (("12 (21.8 %) [11.8\u201335.0]",), ["A: %"], [[12, 21.8, 11.8, 35.0]]),
        (("8/16, 50.0 (24.7\u201375.3)",), ["A: of", "A: %"], [[8, 16, 50.0, 24.7, 75.3]]),
        (("\u22122.1 (\u22124.0 to 1.2)",), ["A: lower"], [[-2.1, -4.0, 1.2]]),
        (("not reached (8.1\u2013not reached)", "\u2013"), ["A: upper"],
         [["not reached", 8.1, "not reached"], ["\u2013", None, None]]),
        (("0.397 (permutation)", "0.010 \u2021"), ["A: mark", "A: remark"],
         [[0.397, None, "permutation"], [0.01, "\u2021", None]]),
        (("<0.001", "1,234"), [], [["<0.001"], [1234]]),  # nobody knows what it is less than
        (("p = 0.5 or so", "2024-03-01"), [], [["p = 0.5 or so"], ["2024-03-01"]]),
        (("<5", "\u2026"), [], [["<5"], ["\u2026"]]),
    ],
)  # fmt: skip
def test_a_cell_is_parted_by_its_form_and_words_stay_words(cells, names, values):
    split = split_numbers(Table("T", "t", ("G", "A"), tuple((f"g{i}", cell) for i, cell in enumerate(cells))))
    assert set(names) <= set(split.columns), split.columns
    made = [[c.value if isinstance(c, Number) else c for c in row[1:]] for row in split.rows]
    assert made == values
    assert all(c.rounded == isinstance(c.value, float) for row in split.rows for c in row if isinstance(c, Number))


def test_rows_of_one_column_that_differ_in_kind_have_columns_of_their_own():
    rows = (
        ("Age, median (quartiles)", "46.0 (40.0\u201352.0)"),
        ("Size, mean (SD)", "3.2 (1.1)"),
        ("Yes", "34 (38.6)"),
    )
    split = split_numbers(Table("T", "t", ("n (%), unless named", "with (n = 34)"), rows))
    base = "with (n = 34)"
    assert split.columns[1:] == (
        base,
        f"{base}: %",
        f"{base}: SD",
        f"{base}: lower quartile",
        f"{base}: upper quartile",
    )


# ---------------------------------------------------------------- the file
def test_there_is_a_sheet_for_each_exhibit_and_one_of_conventions(report, book):
    assert book.sheetnames == ["Conventions", *sheet_names(report)]
    first = book["Conventions"]
    texts = [[cell.value for cell in row] for row in first.iter_rows()]
    assert texts[0][0] == report.title and texts[1][0] == f"{SYNTHETIC}."
    assert ["Patients", "88 patients of cohort.csv.", None] in texts
    links = {cell.value: cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink}
    assert links == {name: f"'{name}'!A1" for name in sheet_names(report)}
    for name, item in zip(sheet_names(report), report.items, strict=True):
        sheet = book[name]
        assert sheet["A1"].value.endswith(item.title) and SYNTHETIC in sheet["A2"].value
        assert SYNTHETIC in sheet.oddHeader.center.text and sheet.page_setup.paperSize == 9
    assert "figo_1988" in book["Not made 15"]["A4"].value


def test_a_sheet_has_the_numbers_of_its_table_and_its_notes(report, book):
    for name, item in zip(sheet_names(report), report.items, strict=True):
        if not isinstance(item.thing, Table):
            continue
        sheet, split = book[name], split_numbers(item.thing)
        assert sheet.freeze_panes == "B5" and sheet.print_title_rows == "$4:$4"
        assert [c.value for c in sheet[4][: len(split.columns)]] == [c or None for c in split.columns]
        for i, row in enumerate(split.rows, 5):
            for cell, made in zip(row, sheet[i], strict=False):
                if isinstance(cell, Number):
                    assert made.data_type == "n" and made.number_format == cell.form
                    assert made.value == pytest.approx(cell.value, rel=1e-14)  # Excel has 15 digits
                else:
                    assert made.value == cell and made.data_type in ("s", "n" if cell is None else "s")
        if item.thing.indents:
            levels = [int(sheet.cell(i, 1).alignment.indent) for i in range(5, 5 + len(split.rows))]
            assert levels == list(item.thing.indents)
            assert all(sheet.cell(i, 1).alignment.horizontal == "left" for i, indent in enumerate(levels, 5) if indent)
        notes = [sheet.cell(i, 1).value for i in range(5 + len(split.rows), sheet.max_row + 1)]
        assert set(item.thing.notes) <= set(notes) and notes[-1].startswith("Numbers are unrounded")


def test_the_data_of_a_curve_are_those_of_the_result(report, book):
    (item,) = [i for i in report.items if i.title == "Survival after recurrence"]
    km = item.computed[0].result
    rows = [[cell.value for cell in row] for row in book[item.label].iter_rows()]
    start = rows.index(["strata, curve", *[None] * (len(rows[0]) - 1)]) + 1
    heads = rows[start][:8]
    assert heads == ["strata", "time", "n_at_risk", "n_events", "n_censored", "survival", "ci_lower", "ci_upper"]
    points = rows[start + 1 : start + 1 + sum(len(c.time) for c in km.curves)]
    place = 0
    for curve in km.curves:
        for k in range(len(curve.time)):
            group, time, at_risk, events, censored, survival, *_ = points[place]
            assert (group, time, at_risk, events) == (curve.name, curve.time[k], curve.n_at_risk[k], curve.n_events[k])
            assert survival == pytest.approx(curve.survival[k], rel=1e-15) and censored == curve.n_censored[k]
            place += 1
    assert rows[start + 1 + place][0] is None


def test_every_figure_of_the_ready_list_has_data(ready_report):
    for item in ready_report.items:
        if item.kind == "figure":
            grids = figure_data(item)
            assert grids and grids[-1].name.endswith("about"), item.title
            assert len({grid.name for grid in grids}) == len(grids)
            for grid in grids:
                assert grid.rows and len(set(grid.columns)) == len(grid.columns)
                assert all(v is None or isinstance(v, str | int | float) for row in grid.rows for v in row)
                assert not any(isinstance(v, float) and math.isnan(v) for row in grid.rows for v in row)


def test_single_patients_and_few_of_them_are_in_no_data(sample):
    lanes = swimmer(sample)
    item = reports.report_of(
        sample, [("S", figures.swimmer(lanes), (reports.computed("swimmer", lanes),))], smallest_cell=0
    ).items[0]  # fmt: skip
    assert figure_data(item) == ()
    rates = response_rates(sample)
    of_rates = replace(item, computed=(reports.computed("response_rates", rates),))
    told = " ".join(f"{grid.name} {grid.columns} {grid.rows}" for grid in figure_data(of_rates))
    assert "orr" in told and not re.search(r"impossible|doubtful|\brow\b", told)
    assert figure_data(of_rates, smallest=10) == ()
    km = kaplan_meier(sample, "PRS")
    twice = figure_data(replace(item, computed=(reports.computed("kaplan_meier", km),) * 2))
    assert len({grid.name for grid in twice}) == len(twice) == 2 * len(figure_data(replace(item, computed=(
        reports.computed("kaplan_meier", km),))))  # fmt: skip
    curve = figure_data(replace(item, computed=(reports.computed("kaplan_meier", km),)), smallest=10)[0]
    assert min(row[curve.columns.index("n_at_risk")] for row in curve.rows) >= 10


def test_numbers_are_as_shown_where_few_patients_are_hidden(sample):
    masked = make_report(Project(exhibits=ready(sample), hide_below=5), sample)
    book = openpyxl.load_workbook(io.BytesIO(workbook(masked).content))
    for name, item in zip(sheet_names(masked), masked.items, strict=True):
        if isinstance(item.thing, Table):
            values = [c.value for row in book[name].iter_rows(min_row=5) for c in row if c.data_type == "n" and c.value]
            assert all(float(v).is_integer() or v == round(v, 4) for v in values), name
            assert any("since numbers of few patients" in str(c.value) for c in book[name]["A"])
    (few,) = [i for i in masked.items if i.title == "Patients with each site"]
    assert "<5" in {c.value for c in book[few.label]["B"]}


def test_nothing_in_it_runs_or_leads_outside(sample):
    table = Table("=1+1", "evil", ("=1", *EVIL[:3]), tuple((text, text, text, text) for text in EVIL), EVIL, (), (2,))
    prose = Prose("text", (("=1", EVIL),))
    what = [("=1+1 & co", table, ()), ("@x", prose, ()), ("=y", "=because", ())]
    report = reports.report_of(sample, what, "=T&A", conventions=(("=c", "@d"),))
    made = workbook(report)
    assert made.problems == ()
    book = openpyxl.load_workbook(io.BytesIO(made.content))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n"), cell.value
                assert cell.hyperlink is None or cell.hyperlink.target is None
    with zipfile.ZipFile(io.BytesIO(made.content)) as file:
        parts = {name: file.read(name).decode("utf-8", "replace") for name in file.namelist()}
    assert not any("<f>" in text or 'TargetMode="External"' in text for text in parts.values())
    assert not any("externalLink" in name or "vba" in name.lower() for name in parts)
    column = [cell.value for cell in book["Table 1"]["A"]][4 : 4 + len(EVIL)]
    assert column[:8] == list(EVIL[:8]) and column[8].endswith("(40,000 characters)") and column[10] == "12"


def test_the_same_report_gives_the_same_bytes(report, content):
    assert workbook(report).content == content
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        core = file.read("docProps/core.xml").decode()
    assert core.count("2026-03-01T00:00:00Z") == 2 and "XlsxWriter" not in core


def test_nobody_one_patient_an_empty_table_and_400_columns(sample):
    one = cohort_of({"time": [3.0], "event": [1], "age": [50.0]})
    for cohort in (one, one.subset([False])):
        km = kaplan_meier(cohort, "T")
        things = [("C", figures.survival_curves(km), (reports.computed("kaplan_meier", km),)),
                  ("M", tables.survival_summary(km), ()), ("E", Table("E", "e", ("", "n"), ()), ())]  # fmt: skip
        made = workbook(reports.report_of(cohort, things))
        book = openpyxl.load_workbook(io.BytesIO(made.content))
        assert made.problems == () and book.sheetnames == ["Conventions", "Figure 1", "Table 1", "Table 2"]
        assert not any("Synthetic" in str(c.value) for sheet in book for row in sheet.iter_rows() for c in row)
    wide = Table("W", "w", ("", *(f"level {j}" for j in range(400))), (("a", *["12 (21.8)"] * 400),))
    book = openpyxl.load_workbook(io.BytesIO(workbook(reports.report_of(sample, [("W", wide, ())])).content))
    assert book["Table 1"].max_column == 801 and book["Table 1"].cell(5, 801).value == 21.8


def test_progress_is_told_and_may_stop_it(report):
    told: list[tuple[float, str]] = []
    workbook(report, lambda share, what: told.append((share, what)))
    assert len(told) == len(report.items) + 1 and [s for s, _ in told] == sorted(s for s, _ in told)

    class Stopped(Exception):
        pass

    def stop(share: float, what: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        workbook(report, stop)


# ---------------------------------------------------------------- lists of a result
def test_lists_below_lists_know_whose_they_are():
    result = {
        "n": 5, "level": 0.95, "notes": ["a"], "orr": {"n": 2, "of": 4}, "same": True, "nothing": None,
        "panels": [
            {"label": "T", "by_label": "Lung", "strata": [{"name": "with", "curve": [{"time": 1.0}, {"time": 2.0}]}]},
            {"label": "T", "by_label": "Bone", "strata": [{"name": "with", "median_ci": [1.5, None], "curve": []}]},
        ],
        "times": list(range(20)), "disagree": [[row, "II", "III"] for row in range(20)],
    }  # fmt: skip
    grids = {grid.name: grid for grid in grids_of(result)}
    assert grids["panels, strata, curve"] == Grid(
        "panels, strata, curve", ("panels", "strata", "time"), (("Lung", "with", 1.0), ("Lung", "with", 2.0))
    )
    assert grids["panels, strata"].columns == ("panels", "name", "median_ci_lower", "median_ci_upper")
    assert grids["panels, strata"].rows[1] == ("Bone", "with", 1.5, None)
    assert dict(grids["about"].rows) == {"n": 5, "level": 0.95, "orr n": 2, "orr of": 4, "same": "yes"}
    assert len(grids["times"].rows) == 20 and "disagree" not in grids  # rows of the file
    assert grids_of({}) == ()


def test_numbers_that_a_model_of_several_shares_stay_apart(sample):
    alone = univariate(sample, "PRS", ["age_gt_50", "site:lung"], multivariable=["age_years", "site:lung"])
    grids = {grid.name: grid for grid in grids_of(alone.to_dict())}
    assert len({grid.columns for grid in grids.values()}) == len(grids)
    names = [name for name in grids if name.endswith("terms")]
    assert names and all({"hazard_ratio", "p"} <= set(grids[name].columns) for name in names)


# ---------------------------------------------------------------- another program
def test_libreoffice_shows_numbers_as_the_table_has_them(soffice, report, content, tmp_path):
    (tmp_path / "book.xlsx").write_bytes(content)
    text = text_of(to_pdf(soffice, tmp_path, [tmp_path / "book.xlsx"])["book"])
    for item in report.items:
        if item.title in ("Medians", "Cox alone and together", "Sites", "Every site in numbers"):
            for row in item.thing.rows:
                tokens = [token for cell in row[1:] for token in numbers_in(cell)]
                line = " ".join(tokens)
                found = [
                    re.findall(NUMBER, shown_line) for shown_line in text.splitlines() if row[0][:12] in shown_line
                ]
                assert any(sorted(t for t in tokens) == sorted(f[-len(tokens) :]) for f in found), line
    assert SYNTHETIC in text and "Err:" not in text and "#NAME" not in text and "###" not in text
