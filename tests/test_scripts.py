"""The scripts of a report, run by R and Python: every number is the one that is shown, and a changed one is found.

Together they take about a minute and a half, most of it in Rscript.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from necc.core.edits import (
    CombineSites,
    Cut,
    Derive,
    Edit,
    FirstOf,
    LeaveOut,
    NewEndpoint,
    Order,
    Recode,
    apply_edits,
    row_fingerprint,
)
from necc.core.errors import AnalysisError
from necc.ingest import ColumnMap, Mapping, inspect, read_cohort
from necc.project import Exhibit, Project
from necc.report import Report, make_report, ready
from necc.report.scripts import MAPPED, mapped_csv, python_script, r_script
from necc.report.scripts.analyses import NOT_IN_R
from necc.report.scripts.text import comment, quoted

SAMPLE = Path(__file__).parent.parent / "sample_data" / "reconstructed_cohort.csv"


def report_of(
    path: Path,
    recipes: Iterable[str] = (),
    *,
    edits: Sequence[Edit] = (),
    filters: tuple[str, ...] = (),
    mapping: Mapping | None = None,
    smallest_cell: int = 0,
) -> Report:
    """A report of a file, by recipes or with the ready list."""
    read = inspect(path, mapping=mapping)
    assert read.cohort is not None, [f.message for f in read.findings]
    edited = apply_edits(read.cohort, edits)
    assert not [step.finding for step in edited.steps if not step.applied]
    exhibits = tuple(Exhibit(r, "", filters=filters, shows=(r,)) for r in recipes)
    exhibits = exhibits or ready(edited.cohort, filters=filters)
    project = Project(title="A paper", exhibits=exhibits, edits=tuple(edits), hide_below=smallest_cell)
    report = make_report(project, edited.cohort, loaded=read.cohort, inspection=read)
    assert not report.problems
    return report


def run_r(rscript: str, script: str, folder: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "script.R"
    path.write_text(script, encoding="utf-8")
    return subprocess.run(
        [rscript, path, *files], capture_output=True, text=True, cwd=folder, timeout=120, check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/local/bin"},
    )  # fmt: skip


def run_python(script: str, folder: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "script.py"
    path.write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, path, *files], capture_output=True, text=True, cwd=folder, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(SAMPLE.parent.parent), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def assert_same(done: subprocess.CompletedProcess[str], at_least: int) -> None:
    """R computed what is shown, and so many numbers of it."""
    wrong = [line for line in done.stdout.splitlines() if "DIFFERS" in line]
    assert not done.returncode and not wrong, f"{wrong[:10]}\n{done.stdout[-500:]}\n{done.stderr[-2000:]}"
    n, rest = done.stdout.splitlines()[-1].split(" ", 1)
    assert int(n) >= at_least and rest.endswith("0 above the tolerance.")


@pytest.fixture(scope="module")
def sample() -> Report:
    return report_of(SAMPLE)


def test_r_computes_the_ready_list(rscript: str, sample: Report, tmp_path: Path):
    assert_same(run_r(rscript, r_script(sample), tmp_path, SAMPLE), at_least=900)


def test_python_makes_the_ready_list(sample: Report, tmp_path: Path):
    script = python_script(sample)
    assert_same(run_python(script, tmp_path, SAMPLE), at_least=2_000)
    drawn = [item.name for item in sample.items if item.kind == "figure"]
    assert sorted(p.stem for p in (tmp_path / "figures").iterdir()) == sorted(drawn)


def test_python_finds_a_changed_number(sample: Report, tmp_path: Path):
    script = python_script(sample, only=[sample.items[2].name])
    changed = script.replace("'sites[0].n': 34.0", "'sites[0].n': 35.0")
    assert changed != script
    done = run_python(changed, tmp_path, SAMPLE)
    assert done.returncode == 1 and done.stdout.count("DIFFERS") == 1
    gone = run_python(script.replace("'sites[0].n': 34.0", "'sites[0].gone': 34.0"), tmp_path, SAMPLE)
    assert gone.returncode == 1 and "sites[0].gone is None now, and 34.0 in the report" in gone.stdout


def test_a_changed_number_ends_with_status_1(rscript: str, sample: Report, tmp_path: Path):
    script = r_script(sample, only=[sample.items[2].name])
    assert "c(34, 88, 0.38636363636363635" in script.replace("\n    ", "")
    changed = script.replace("34, 88, 0.38636363636363635", "34, 88, 0.38636373636363635")
    assert changed != script
    done = run_r(rscript, changed, tmp_path, SAMPLE)
    assert done.returncode == 1 and done.stdout.count("DIFFERS") == 1


def test_another_file_is_refused(rscript: str, sample: Report, tmp_path: Path):
    other = tmp_path / "other.csv"
    other.write_bytes(SAMPLE.read_bytes().replace(b"SYN-001,55", b"SYN-001,56"))
    for done in (run_r(rscript, r_script(sample), tmp_path, other), run_python(python_script(sample), tmp_path, other)):
        assert done.returncode == 1 and "checksum differs" in done.stderr and "compared" not in done.stdout


def test_without_the_file_itself_mapped_columns_are_read(rscript: str, sample: Report, tmp_path: Path):
    bare = replace(sample, inspection=None)
    (tmp_path / MAPPED).write_bytes(mapped_csv(bare))
    assert_same(run_r(rscript, r_script(bare), tmp_path), at_least=900)


def test_mapped_columns_run_no_formula_and_are_read_as_they_were(rscript: str, tmp_path: Path):
    wards = ("=HYPERLINK(1)", "'quoted", "+49", "plain")
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "wards.csv"
    rows = [f"{lines[0]},@ward", *(f"{line},{wards[i % 4]}" for i, line in enumerate(lines[1:]))]
    path.write_text("\n".join(rows), encoding="utf-8")
    name = next(n for n in report_of(path).cohort.columns if "ward" in n)
    shown = f"tables.characteristics_table(characteristics(cohort, names=({name!r},)))"
    bare = replace(report_of(path, [shown]), inspection=None)
    table = mapped_csv(bare)
    assert b"'=HYPERLINK(1)" in table and b",''quoted" in table and not re.search(rb"(^|,)[=@]", table, re.MULTILINE)
    (tmp_path / MAPPED).write_bytes(table)
    assert_same(run_r(rscript, r_script(bare), tmp_path), at_least=4)


def test_neither_identifiers_nor_texts_are_in_mapped_columns(tmp_path: Path):
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "remarks.csv"
    rows = [f"{lines[0]},remark", *(f"{line},Seen on ward {i} by all" for i, line in enumerate(lines[1:]))]
    path.write_text("\n".join(rows), encoding="utf-8")
    report = report_of(path, ["tables.site_table(site_distribution(cohort))"])
    assert {"patient_id", "remark"} <= set(report.cohort.columns)
    table = mapped_csv(report).decode()
    assert table.startswith("row in the file,") and table.count("\n") == 89
    assert not re.search("patient_id|SYN-|remark|ward", table)


@pytest.mark.parametrize(
    "text", ['"); quit("no"); cat("', "a\\", "line\nbreak\r\ttab", "\u2264 50 \U0001f9ec", "`'#$%{}"]
)
def test_texts_are_data_and_never_code(rscript: str, tmp_path: Path, text: str):
    told = f"cat(identical({quoted(text)}, intToUtf8(c({', '.join(str(ord(c)) for c in text)}))))"
    done = run_r(rscript, "\n".join([*comment(text), told]), tmp_path)
    assert done.stdout == "TRUE"


# --- every analysis ------------------------------------------------------------------------------------------------
RECIPES = (
    "tables.survival_summary(kaplan_meier(cohort, 'PRS', by='n_sites', ci='plain', level=0.9, times=[3.1, 12, 200]))",
    "figures.survival_grid(survival_grid(cohort, 'PRS', adjustment='bh', ci='log'))",
    "tables.survival_tests(compare_survival(cohort, 'PRS', 'histology'))",
    "tables.survival_tests(compare_survival(cohort, 'OS', 'site:abdominal', strata='histology'))",
    "tables.restricted_means(restricted_mean(cohort, 'PRS', 'site:lung'))",
    "tables.fixed_times(survival_at(cohort, 'PRS', 'site:abdominal', times=[6, 12, 24]))",
    "tables.model_table(cox(cohort, 'PRS', ['n_sites', 'site:lung', 'age_gt_50', 'age_years'], "
    "interactions=['site:lung * age_gt_50'], per={'age_years': 10}))",
    "tables.model_table(cox(cohort, 'OS', ['figo_stage', 'age_gt_50', 'site:abdominal'], ties='breslow', "
    "strata=['lvsi'], reference={'figo_stage': 'II'}))",
    "tables.subgroup_table(subgroups(cohort, 'PRS', 'site:abdominal', ['age_gt_50', 'histology']))",
    "tables.sites_table(by_sites(cohort, ['age_gt_50', 'age_years', 'histology', 'ici', 'n_sites']))",
    "tables.characteristics_table(characteristics(cohort, by='histology', names=['age_years', 'site:lung', "
    "'figo_stage', 'tumor_size_cm'], convention='r', test='mean', every_convention=True))",
    "tables.response_by_site_table(response_by_site(cohort, 'final', denominator='treated'))",
    "tables.transition_table(transitions(cohort))",
    "tables.response_table(response_rates(cohort, 'best', 'figo_stage'))",
    "figures.stacked_incidence(cumulative_incidence(cohort, 'TTR', by='histology'))",
    "tables.gray_tests(cumulative_incidence(cohort, 'TTR', by='age_gt_50', rule='hierarchy', hierarchy=['brain']))",
    "tables.gray_tests(cumulative_incidence(cohort, 'TTR', by='age_gt_50', rule='counted in each', ci='plain'))",
    "tables.gray_tests(cumulative_incidence(cohort, 'PRS', by='site:lung', strata='lvsi'))",
    "tables.hazards_table(hazards_by_cause(cohort, 'TTR', ['age_years', 'age_gt_50'], only=['lung', 'abdominal']))",
    "tables.hazards_table(hazards_of(cohort, competing_outcome(cohort, 'TTR', rule='counted in each'), "
    "['age_years', 'lvsi'], only=['lung', 'abdominal']))",
    "tables.timing_table(site_timing(cohort, 'TTR'))",
    "tables.side_by_side(side_by_side(cohort, {'Lung': select('site:lung=with'), "
    "'Not lung': select('site:lung=without', 'site:bone=with')}, 'PRS', times=[12]))",
    "figures.flow(flow(whole, selection=selection, endpoint='PRS', by='histology'))",
    "tables.organ_table(organ_distribution(cohort, 'abdominal'))",
    "tables.site_pairs(co_occurrence(cohort, convention='paper'))",
    "tables.site_table(site_distribution(cohort, by='age_years>50', convention='exact'))",
)


@pytest.mark.parametrize(
    "filters", [(), ("any(histology=small cell; age_years>50)", "site:brain=without", "not all(lvsi=yes; ici=yes)")]
)
def test_r_computes_every_analysis(rscript: str, tmp_path: Path, filters: tuple[str, ...]):
    script = r_script(report_of(SAMPLE, RECIPES, filters=filters))
    assert NOT_IN_R not in script
    assert_same(run_r(rscript, script, tmp_path, SAMPLE), at_least=2_500)


def test_counts_of_few_patients_are_not_in_a_script(rscript: str, tmp_path: Path):
    recipes = ("tables.site_table(site_distribution(cohort))", RECIPES[0], RECIPES[10])
    report = report_of(SAMPLE, recipes, smallest_cell=5)
    script = r_script(report)
    assert 'shown("Lung, patients' in script and not re.search(r"^same\(", script, re.MULTILINE)
    assert not re.search(r"\b[1-4] patients?\b", script)
    assert "0 numbers compared" in run_r(rscript, script, tmp_path, SAMPLE).stdout
    told = python_script(report)
    assert "the report hides counts of few patients" in told and "\nsame(" not in told


def test_what_r_cannot_compute_is_named(sample: Report):
    told = [item for item in sample.items if item.computed and item.computed[0].function == "treated_patients"]
    assert "single patients, whom a script doesn't name" in r_script(sample, only=[told[0].name])


def test_late_entry_is_not_compared_with_curves_without():
    recipe = "tables.survival_summary(kaplan_meier_with_entry(cohort, 'OS', entry='ttr_months'))"
    script = r_script(report_of(SAMPLE, [recipe]))
    assert "curves with late entry" in script and "\nsame(" not in script


def test_an_item_that_is_not_there_is_refused(sample: Report):
    for write in (r_script, python_script):
        with pytest.raises(AnalysisError, match="no item 'table-99'"):
            write(sample, only=["table-99"])


# --- a file of somebody's own ----------------------------------------------------------------------------------
HEADINGS = (
    "Pat-Nr;Alter (Jahre);Histologie;FIGO 2018;Tumorgröße (mm);LVSI;Status;Erstdiagnose;Rezidivdatum;Letzter Kontakt;"
    'Nachbeobachtung (Tage);Metastasen;Immuntherapie;Bestes Ansprechen;Zentrum "x"'
)
MAPPING = Mapping(
    (
        ColumnMap("Pat-Nr", "pseudonym", "patient_id"),
        ColumnMap("Alter (Jahre)", "number", "age_years", missing=("unbekannt",)),
        ColumnMap("Histologie", "category", "histology", missing=("unbekannt",), levels=(
            ("small cell", ("kleinzellig",)), ("large cell", ("großzellig",)), ("NEC NOS", ("gemischt",)))),
        ColumnMap("FIGO 2018", "category", "figo_2018"),
        ColumnMap("Tumorgröße (mm)", "number", "tumor_size_cm", unit="mm", missing=("n.b.",)),
        ColumnMap("LVSI", "flag", "lvsi", missing=("?",)),
        ColumnMap("Status", "event", "died", event=("2",), no_event=("1",)),
        ColumnMap("Erstdiagnose", "date", "diagnosis_date"), ColumnMap("Rezidivdatum", "date", "first_recurrence_date"),
        ColumnMap("Letzter Kontakt", "date", "last_followup_date"),
        ColumnMap("Nachbeobachtung (Tage)", "time", "prs_months", unit="days"), ColumnMap("Metastasen", "sites"),
        ColumnMap("Immuntherapie", "flag", "ici", missing=("k.A.",)),
        ColumnMap("Bestes Ansprechen", "response", "best_response"), ColumnMap('Zentrum "x"', "category"),
    ),
    site_words=(("lunge", "lung"), ("leber", "liver"), ("knochen", "bone"), ("gehirn", "brain"), ("becken", "pelvic")),
)  # fmt: skip


def messy(seed: int = 7, n: int = 90) -> str:
    """A German table: decimal commas, dates, codes 1 and 2, words for what is missing, several sites in a cell."""
    draw, lines = random.Random(seed), [HEADINGS]
    for i in range(n):
        start = date(2012, 1, 1) + timedelta(days=draw.randrange(2500))
        back = start + timedelta(days=20 + int(draw.expovariate(1 / 300)))
        after = 10 + int(draw.expovariate(1 / 600))
        ici = draw.choice(["ja", "nein", "nein", "k.A."])
        cells = [
            f"K-{i + 1:03d}",
            f"{draw.gauss(48, 10):.1f}".replace(".", ",") if draw.random() > 0.05 else "unbekannt",
            draw.choice(["kleinzellig"] * 5 + ["großzellig", "gemischt", "unbekannt"]),
            draw.choice(["I", "II", "III", "IVA", ""]),
            f"{draw.uniform(8, 70):.0f}" if draw.random() > 0.1 else "n.b.", draw.choice(["ja", "nein", "?"]),
            draw.choice(["2", "2", "1"]), *(day.strftime("%d.%m.%Y") for day in (start, back)),
            (back + timedelta(days=after)).strftime("%d.%m.%Y"), str(after) if draw.random() > 0.1 else "",
            ", ".join(draw.sample(["Lunge", "Leber", "Knochen", "Gehirn", "Becken"], draw.choice([1, 1, 2, 3])))
            if draw.random() > 0.04 else "",
            ici, draw.choice(["CR", "PR", "SD", "PD", "NE", ""]) if ici == "ja" else "",
            draw.choice(['"A; ""Nord"""', "B\\", "'C'"]),
        ]  # fmt: skip
        lines.append(";".join(cells))
    return "\r\n".join(lines) + "\r\n"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_r_reads_a_mapped_file(rscript: str, tmp_path: Path, encoding: str):
    path = tmp_path / "Patientinnen.csv"
    path.write_bytes(messy().encode(encoding))
    report = report_of(path, filters=("any(lvsi=yes,missing; age_years>50)",), mapping=MAPPING)
    script = r_script(report)
    assert "mapped_file" not in script and "K-001" not in script
    assert_same(run_r(rscript, script, tmp_path, path), at_least=1_000)
    if encoding == "cp1252":
        assert_same(run_python(python_script(report), tmp_path, path), at_least=1_000)


def test_a_column_without_a_short_rule_is_taken_from_the_mapped_table(rscript: str, tmp_path: Path):
    path = tmp_path / "Patientinnen.csv"
    path.write_text(messy().replace("Lunge, Leber", "Lunge?, Leber"), encoding="utf-8")
    report = report_of(path, ["tables.site_table(site_distribution(cohort))"], mapping=MAPPING)
    script = r_script(report)
    assert "mapped[[" in script and "read_cells(" in script
    assert "patients.csv" in run_r(rscript, script, tmp_path, path).stderr
    (tmp_path / MAPPED).write_bytes(mapped_csv(report))
    assert_same(run_r(rscript, script, tmp_path, path), at_least=20)


# --- edits -----------------------------------------------------------------------------------------------------
HOSTILE = 'not "small" \\ cell\');'


def every_edit() -> list[Edit]:
    whole = read_cohort(SAMPLE)
    rows = tuple((row, row_fingerprint(whole, row)) for row in (5, 9))
    return [
        Recode("histology", ((HOSTILE, ("large cell", "NEC NOS")),)),
        Order("histology", (HOSTILE,)),
        Recode("figo_stage", (("II or III", ("II", "III")),)),
        Cut("age_years", (40, 50.5, 60), "age group", closed="left"),
        Cut("n_sites", (1,), "several sites", levels=("one", "more")),
        CombineSites(("lung", "brain"), "chest or head"),
        CombineSites(("chest or head", "bone"), "above"),
        LeaveOut(rows=rows, why="seen elsewhere"),
        LeaveOut(where=("site:above=with", "age_years>62"), why="old"),
        Derive("score", "if(lvsi = 'yes' and age_years > 45, 'high', if(is_missing(lvsi), missing, 'low'))"),
        Derive("odd ratio", "round(sqrt(tumor_size_cm) * 10 / (n_sites - 1), 1) + max(age_years, 3)", unit="kg"),
        Derive("late", "os_months - prs_months > 12 or site:pelvic"),
        Derive("first known", "coalesce(figo_2018, figo_2008)"),
        Derive("log size", "log(tumor_size_cm - 2) ^ 2 + abs(-age_years) - exp(0.01 * age_years)"),
        Derive("same", "figo_stage = 'I' and not (late)"),
        NewEndpoint("bad", "High score", time="os_months", event="score", event_levels=("high",), unit="years"),
        FirstOf("first", ("TTR", "OS")),
    ]


@pytest.mark.parametrize("filters", [(), ("not all(score=high; site:above=with)", "any(age group=< 40; late=yes)")])
def test_r_makes_every_edit(rscript: str, tmp_path: Path, filters: tuple[str, ...]):
    names = "'score', 'odd ratio', 'late', 'first known', 'log size', 'same', 'figo_stage', 'age group', 'site:above'"
    recipes = (
        "tables.survival_summary(kaplan_meier(cohort, 'bad', by='age group'))",
        "tables.survival_summary(kaplan_meier(cohort, 'first', by='histology'))",
        "tables.model_table(cox(cohort, 'PRS', ['histology', 'age group', 'late', 'odd ratio', 'several sites']))",
        "tables.site_table(site_distribution(cohort, by='score'))",
        f"tables.characteristics_table(characteristics(cohort, by='several sites', names=[{names}]))",
        "figures.flow(flow(whole, selection=selection, endpoint='bad', by='histology'))",
    )
    report = report_of(SAMPLE, recipes, edits=every_edit(), filters=filters)
    assert_same(run_r(rscript, r_script(report), tmp_path, SAMPLE), at_least=350)
    assert_same(run_python(python_script(report), tmp_path, SAMPLE), at_least=350)
