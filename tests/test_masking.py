"""Numbers of few patients in what leaves: none is told, and none follows from what is told."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from cohorts import from_sample, necc_cohort

from necc.analysis.baseline import characteristics, compare
from necc.analysis.recurrence import co_occurrence, site_distribution, site_timing
from necc.analysis.regression import cox, influence, univariate
from necc.analysis.response import response_rates, swimmer
from necc.analysis.survival import kaplan_meier, survival_grid
from necc.core.edits import LeaveOut, apply_edits
from necc.core.guardrails import tells_of_few
from necc.core.selection import Selection
from necc.present import figures, tables
from necc.present.figures import PRINT, CurveSettings
from necc.present.tables import Table
from necc.present.words.masking import kept_sentences, tells_few, without_few
from necc.present.words.reading import reading
from necc.project import Exhibit, Project
from necc.report import make_report, ready
from necc.report.masking import ONE_PATIENT_EACH, UnknownPart, counts, masked, masked_of, may_tell, told
from necc.report.model import Computed, Prose

SAMPLE = from_sample("reconstructed_cohort.csv")
SMALLEST = 5


def random_cohort(seed):
    """Patients with rare levels, rare sites, and what isn't recorded."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(25, 120))
    levels = ["small cell", "large cell", "NEC NOS", None]
    return necc_cohort(
        {
            "histology": rng.choice(levels, n, p=[0.75, 0.12, 0.08, 0.05]).tolist(),
            "age_years": rng.integers(25, 80, n).tolist(),
            "arm": rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1]).tolist(),
            "prs_months": np.round(rng.exponential(20, n), 1).tolist(),
            "died": rng.integers(0, 2, n).tolist(),
        },
        {
            site: np.where(rng.random(n) < 0.04, -1, rng.random(n) < share).astype(int).tolist()
            for site, share in (("lung", 0.4), ("bone", 0.1), ("brain", 0.04), ("liver", 0.93))
        },
    )


def is_few(n):
    return 0 < n < SMALLEST


def whole_numbers(text):
    """Whole numbers of a cell that are no part of another number."""
    return [int(n) for n in re.findall(r"(?<![\d.,–−])\d+(?![\d.,–]|\.\d)", text)]


def rows_by_label(table):
    return {row[0]: row[1:] for row in table.rows}


def computed(*results):
    return tuple(Computed("f", {}, "cohort", result) for result in results)


# ---------------------------------------------------------------- tables
@pytest.mark.parametrize("seed", range(12))
def test_no_small_number_of_a_site_is_told(seed):
    result = site_distribution(random_cohort(seed))
    table, _ = masked(tables.site_table(result), computed(result), SMALLEST)
    few = {s.label for s in result.sites if is_few(s.n) or is_few(s.of - s.n) or is_few(result.n - s.of)}
    shown = rows_by_label(table) if table else {}
    for site in result.sites:
        cells = shown.get(site.label, ("…",))
        assert (site.label in few) == (set(cells) <= {"<5", "…"}) or not table
        if site.label not in few:
            assert int(cells[0]) == site.n


@pytest.mark.parametrize("seed", range(12))
def test_no_small_number_of_table_1_is_told_nor_follows(seed):
    cohort = random_cohort(seed)
    result = characteristics(
        cohort, names=["histology", "age_years", "arm", "site:brain", "site:lung", "site:abdominal"]
    )
    plain = tables.characteristics_table(result)
    assert any(is_few(n) for row in plain.rows for cell in row[1:2] for n in whole_numbers(cell)), "nothing to hide"
    table, _ = masked(plain, computed(result), SMALLEST)
    for was, now in zip(plain.rows, table.rows if table else (), strict=bool(table)):
        count = whole_numbers(was[1].partition("(")[0])
        if any(is_few(n) or is_few(result.n - n) for n in count) and "." not in was[1].partition("(")[0]:
            assert now[1] in ("<5", "…"), was
    assert_not_solvable(plain, table, result.n)


def assert_not_solvable(plain, table, total):
    """Who knows how many there are in all can't find a hidden small number: each could be another one, too.

    What is hidden below one heading adds up to all, less what is shown: all sets of numbers that do are tried.
    """
    if table is None:
        return
    for rows in below_headings(table):
        cells = [table.rows[i][1] for i in rows]
        hidden = [i for i, cell in zip(rows, cells, strict=True) if cell in ("<5", "…")]
        if not any(table.rows[i][1] == "<5" for i in hidden):
            continue
        shown = sum(whole_numbers(cell.partition("(")[0])[0] for cell in cells if cell not in ("<5", "…"))
        left = total - shown
        could = [range(1, 5) if table.rows[i][1] == "<5" else (0, *range(5, left + 1)) for i in hidden]
        fitting = [c for c in itertools.product(*could[:-1]) if left - sum(c) in could[-1]]
        possible = [{*own} for own in zip(*[(*c, left - sum(c)) for c in fitting], strict=True)]
        true = tuple(whole_numbers(plain.rows[i][1].partition("(")[0])[0] for i in hidden)
        assert (*true[:-1],) in fitting
        for i, own in zip(hidden, possible, strict=True):
            assert len(own) > 2 or table.rows[i][1] == "…", (table.rows, own)


def below_headings(table):
    """Rows of one indent that follow each other, where all of them have one number."""
    for _, group in itertools.groupby(range(len(table.rows)), key=lambda i: table.indents[i] if table.indents else 0):
        rows = [i for i in group if table.rows[i][1]]
        if len(rows) > 1 and not any("." in table.rows[i][1].partition("(")[0] for i in rows):
            yield rows


@pytest.mark.parametrize("counts", [(49, 38, 1), (20, 3), (6, 1), (5, 4, 30), (2, 2), (4, 4, 4), (9, 5, 1), (1, 80)])
def test_what_is_left_of_a_sum_gives_no_small_number_away(counts):
    total = sum(counts)
    rows = tuple((f"level {i}", str(n), f"{100 * n / total:.1f}") for i, n in enumerate(counts))
    plain = Table(f"Levels (n = {total})", "levels", ("Level", "Patients", "%"), rows)
    table, why = masked(plain, (), SMALLEST)
    assert table is not plain and why
    assert_not_solvable(plain, table, total)
    assert table is None or sum(row[1] in ("<5", "…") for row in table.rows) > 1  # one alone is what the others leave
    told_percent = {row[2] for row in table.rows} if table else set()
    assert not told_percent & {f"{100 * n / total:.1f}" for n in counts if is_few(n)}


def test_a_coarser_grouping_does_not_tell_of_a_hidden_level():
    """III + IV is 29, III alone 27: without the row of III nobody learns that IV is 2."""
    table, _ = masked(tables.characteristics_table(characteristics(SAMPLE)), (), SMALLEST)
    rows = [row[:2] for row in table.rows]
    start = next(i for i, row in enumerate(rows) if row[0] == "FIGO stage (2018)")
    assert rows[start + 1 : start + 6] == [("I", "…"), ("II", "…"), ("III", "…"), ("IVA", "<5"), ("N/A", "…")]
    assert ("III + IV", "29 (33.0)") in rows


def test_a_share_of_almost_all_tells_of_the_few_others():
    """84 are 95.5 %: 4 aren't, though neither they nor the total stand there."""
    plain = Table("Known", "known", ("What", "Yes"), (("a", "84 (95.5 %)"), ("b", "40 (45.5 %)"), ("c", "30 (34.1 %)")))
    table, _ = masked(plain, (), SMALLEST)
    assert rows_by_label(table)["a"] == ("…",) and "40 (45.5 %)" in dict(table.rows).values()


def test_the_number_of_a_heading_goes_with_its_levels():
    """Known of 43, 40 of them a: without the 43 nobody learns that 3 are b."""
    rows = (("Arm", "43"), ("a", "40"), ("b", "3"), ("Age", "88"))
    table, _ = masked(Table("Who (n = 88)", "who", ("Who", "Recorded"), rows, indents=(0, 1, 1, 0)), (), SMALLEST)
    assert [row[1] for row in table.rows][::3] == ["…", "88"]


@pytest.mark.parametrize("seed", range(8))
def test_groups_of_few_are_told_nowhere(seed):
    """By level: patients, events, those without the event, in the table of curves, models and comparisons."""
    cohort = random_cohort(seed)
    km = kaplan_meier(cohort, "PRS", "arm")
    few = {c.name for c in km.curves if is_few(c.n) or is_few(c.n_events_total) or is_few(c.n - c.n_events_total)}
    table, _ = masked(tables.survival_summary(km), computed(km), SMALLEST)
    if table is not None:
        for level, cells in rows_by_label(table).items():
            assert level not in few or set(cells) <= {"<5", "…"}
        assert not any(tells_few(note, SMALLEST) for note in table.notes)
    else:
        assert few
    model = univariate(cohort, "PRS", ["arm", "site:brain", "site:lung", "age_years"])
    shown, _ = masked(tables.regression_table(model), computed(model), SMALLEST)
    plain = tables.regression_table(model)
    for was, now in zip(plain.rows, shown.rows if shown else (), strict=bool(shown)):
        pair = re.match(r"(\d+)/(\d+)", was[1])
        if pair and any(map(is_few, (int(pair[1]), int(pair[2]), int(pair[2]) - int(pair[1])))):
            assert not re.search(r"\d", now[2]) and now[1] in ("<5", "…")
    by = compare(cohort, "site:brain")
    both, _ = masked(tables.characteristics_table(by), computed(by), SMALLEST)
    n_with = next((g.n for g in by.groups if g.name == "with"), 0)
    assert (both is None) or not is_few(n_with)


def test_what_a_yes_or_no_row_leaves_is_hidden_like_a_level():
    """40 of 43 were HPV-positive: 3 weren't."""
    plain = tables.characteristics_table(characteristics(SAMPLE))
    assert rows_by_label(plain)["High-risk HPV"] == ("40 (45.5)", "43")
    table, _ = masked(plain, (), SMALLEST)
    shown = rows_by_label(table)
    assert shown["High-risk HPV"] == ("…", "…")
    assert shown["Neuron-specific enolase"] == ("43 (48.9)", "52") and shown["Radical surgery"] == ("88 (100.0)", "88")
    assert dict((r[0], r[1:]) for r in masked(plain, (), 3)[0].rows)["High-risk HPV"] == ("40 (45.5)", "43")


def test_a_hidden_row_has_no_words_of_its_median_either():
    km = kaplan_meier(SAMPLE, "PRS", "n_sites")
    plain = rows_by_label(tables.survival_summary(km))
    assert plain["3"][-1] == "not reached"
    table, _ = masked(tables.survival_summary(km), computed(km), SMALLEST)
    assert set(rows_by_label(table)["3"]) <= {"<5", "…"} and "not reached" in rows_by_label(table)["1"][-1]
    assert any("at least 2 patients and 5 expected events" in note for note in table.notes)  # a rule, nobody's number


def test_a_table_of_patients_and_a_small_flow_are_left_out():
    lanes = swimmer(SAMPLE)
    per_patient = Table("Each", "each", ("Agent", "Best"), (("a", "CR"),))
    assert masked(per_patient, computed(lanes), SMALLEST)[0] is None
    steps = Selection.parse(["age_years>26"]).attrition(SAMPLE)
    n_left = [len(Selection.parse([f"age_years>{a}"]).apply(SAMPLE)) for a in range(20, 40)]
    age = next(a for a, n in zip(range(20, 40), n_left, strict=True) if is_few(88 - n))
    steps = Selection.parse([f"age_years>{age}"]).attrition(SAMPLE)
    assert masked(tables.attrition(steps, len(SAMPLE)), (), SMALLEST)[0] is None
    assert masked(figures.attrition(steps, n=len(SAMPLE)), (), SMALLEST)[0] is None


def test_nothing_small_stays_as_it_is_and_none_is_hidden_without_a_limit():
    km = kaplan_meier(SAMPLE, "PRS", "site:lung")
    table = tables.survival_summary(km)
    assert masked(table, computed(km), SMALLEST) == (table, "")
    rare = tables.site_table(site_distribution(SAMPLE))
    assert masked(rare, (), 0) == (rare, "") == masked(rare, (), 1)


# ---------------------------------------------------------------- figures
def may_end_at(km, end):
    """Whether enough are at risk there, and whether the totals tell of few when what is drawn is taken off."""
    for c in km.curves:
        told_events, told_censored = (int(n[c.time <= end].sum()) for n in (c.n_events, c.n_censored))
        left = (c.n_events_total - told_events, c.n - c.n_events_total - told_censored)
        if any(map(is_few, left)) or any(c.n_at_risk[c.time <= end] < SMALLEST) or c.at_risk([end])[0] < SMALLEST:
            return False
    return True


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("own", [None, 20.0])
def test_what_comes_after_a_cut_curve_is_of_nobody_or_of_enough(seed, own):
    """Two of the last four at risk had the event: 26 in the table less 24 in the data told so."""
    km = kaplan_meier(SAMPLE if seed == 0 else random_cohort(seed), "PRS", "site:lung")
    cut = told(km, SMALLEST)
    for was, now in zip(km.curves, cut.curves if cut else (), strict=bool(cut)):
        assert not is_few(was.n_events_total - int(now.n_events.sum()))
        assert not is_few(was.n - was.n_events_total - int(now.n_censored.sum()))
        assert not len(now.time) or now.n_at_risk.min() >= SMALLEST
    figure, _ = masked(figures.survival_curves(km, settings=CurveSettings(end=own)), computed(km), SMALLEST)
    if figure is not None:
        end = figure.spec["layout"]["xaxis"]["range"][1]
        assert may_end_at(km, end) and (own is None or end <= own)
    assert (figure is None) <= (cut is None or min(len(c.time) for c in cut.curves) < 12)


def test_a_curve_ends_before_the_last_few_even_where_all_of_them_leave_at_once():
    time, died = [*range(1, 21), 30, 30, 30, 30], [1, 0] * 10 + [1] * 4
    km = kaplan_meier(necc_cohort({"prs_months": [float(t) for t in time], "died": died}), "PRS")
    assert km.curves[0].n_at_risk[-1] == 4
    assert told(km, SMALLEST).curves[0].n_at_risk.min() >= SMALLEST
    assert told(km, 4).curves[0].time[-1] == 30


def numbers_below(figure):
    """The numbers at risk that are drawn."""
    return [int(n) for n in re.findall(r">(\d+)</text>", figure.to_svg())]


@pytest.mark.parametrize("style", [figures.PAGE, PRINT], ids=["page", "print"])
def test_curves_end_where_few_are_at_risk(style):
    km = kaplan_meier(SAMPLE, "PRS", "site:lung")
    drawn = figures.survival_curves(km, style, settings=CurveSettings(step=10))
    figure, why = masked(drawn, computed(km), SMALLEST)
    end = figure.spec["layout"]["xaxis"]["range"][1]
    least = min(int(curve.at_risk([t])[0]) for curve in km.curves for t in np.linspace(0, end, 200))
    assert least >= SMALLEST and why in figure.caption and "follow-up goes on to 65.5" in figure.caption
    later = [t for c in km.curves for t in c.time if t > end]
    assert later and not any(may_end_at(km, t) for t in later)  # and no earlier than that
    again = figure.with_style(PRINT)
    for one in (figure, again):
        at_risk = [n for n in numbers_below(one) if n not in (0, 10, 20, 30)]
        assert at_risk and min(at_risk) >= SMALLEST
    assert min(n for n in numbers_below(drawn) if n) < SMALLEST  # it does tell of few without


def test_settings_of_a_person_stay_but_for_the_end():
    km = kaplan_meier(SAMPLE, "PRS", "site:lung")
    own = CurveSettings(end=12, title="Mine", palette="greyscale", table=())
    figure, _ = masked(figures.survival_curves(km, settings=own), computed(km), SMALLEST)
    assert figure.spec["layout"]["xaxis"]["range"][1] == 12 and figure.headline == "Mine"
    longer, _ = masked(figures.survival_curves(km, settings=CurveSettings(end=60)), computed(km), SMALLEST)
    assert longer.spec["layout"]["xaxis"]["range"][1] < 60


def test_figures_of_few_are_left_out():
    for figure in (
        figures.survival_curves(kaplan_meier(SAMPLE, "PRS", "site:brain")),
        figures.site_bars(site_distribution(SAMPLE)),
        figures.site_matrix(co_occurrence(SAMPLE)),
        figures.upset(co_occurrence(SAMPLE)),
        figures.survival_grid(survival_grid(SAMPLE, "PRS")),
        figures.site_timing(site_timing(SAMPLE)),
        figures.response_bars(response_rates(SAMPLE)),
        figures.overview(SAMPLE),
        figures.swimmer(swimmer(SAMPLE)),
        figures.influence_plot(influence(cox(SAMPLE, "PRS", ["age_years"])), term="age_years", label="Age"),
    ):
        thing, why = masked(figure, (), SMALLEST)
        assert thing is None and why, figure.name
        assert masked(figure, (), 0) == (figure, "")


@pytest.mark.parametrize("seed", range(12))
def test_no_figure_draws_a_small_number(seed):
    cohort = random_cohort(seed)
    result, km = site_distribution(cohort), kaplan_meier(cohort, "PRS", "arm")
    rare = any(is_few(s.n) or is_few(s.of - s.n) for s in result.sites) or any(
        map(is_few, dict(result.n_sites).values())
    )
    assert (masked(figures.site_bars(result), computed(result), SMALLEST)[0] is None) == rare
    few = any(is_few(n) for c in km.curves for n in (c.n, c.n_events_total, c.n - c.n_events_total))
    figure, _ = masked(figures.survival_curves(km), computed(km), SMALLEST)
    assert not few or figure is None
    if figure is not None:
        end = figure.spec["layout"]["xaxis"]["range"][1]
        assert min(int(c.at_risk([end])[0]) for c in km.curves) >= SMALLEST
        assert not tells_few(figure.alt + figure.caption, SMALLEST)


def sites_of(n_bone):
    """Forty patients, twenty with lung and so many others with bone."""
    time, died = [float(i + 1) for i in range(40)], [i % 2 for i in range(40)]
    bone = [0] * (40 - n_bone) + [1] * n_bone
    sites = {"lung": [1] * 20 + [0] * 20, "bone": bone}
    return site_distribution(necc_cohort({"prs_months": time, "died": died}, sites))


@pytest.mark.parametrize("n, enough", [(4, False), (5, True)])
def test_the_smallest_number_itself_is_told_and_one_less_is_not(n, enough):
    assert may_tell(sites_of(n), SMALLEST) == enough
    assert (masked(figures.site_bars(sites_of(n)), (), SMALLEST)[0] is not None) == enough
    assert (masked(tables.site_table(sites_of(n)), (), SMALLEST)[1] == "") == enough
    assert tells_of_few(n, 88, SMALLEST) != enough and tells_of_few(88 - n, 88, SMALLEST) != enough
    assert not tells_of_few(0, 88, SMALLEST) and not tells_of_few(88, 88, SMALLEST)


def test_all_patients_drawn_behind_a_part_of_them_are_looked_at_too():
    figure = figures.site_bars(sites_of(6), whole=sites_of(4))
    assert masked(figure, (), SMALLEST)[0] is None and masked(figure, (), 4)[0] is not None


# ---------------------------------------------------------------- numbers of results
def test_results_are_told_as_far_as_enough_are_at_risk():
    km = kaplan_meier(SAMPLE, "PRS", "site:lung", times=(12, 60))
    cut = told(km, SMALLEST)
    assert [int(c.n_at_risk.min()) >= SMALLEST for c in cut.curves] == [True, True]
    assert [(s.stratum, s.time) for s in cut.at_times] == [("without", 12), ("with", 12)]  # the curve ends before 60
    assert km.at_times[2].n_at_risk in range(1, SMALLEST) and cut.test is km.test
    assert all((a.survival == b.survival[: len(a.time)]).all() for a, b in zip(cut.curves, km.curves, strict=True))
    assert told(km, 0) is km
    assert not may_tell(kaplan_meier(SAMPLE, "PRS", "site:brain"), SMALLEST)
    assert not may_tell(swimmer(SAMPLE), SMALLEST) and not may_tell(SAMPLE, SMALLEST)


def test_every_result_of_the_ready_list_is_known():
    """Each counts somebody, and no part of it is strange but where each part is one patient."""
    made = make_report(Project(exhibits=ready(SAMPLE)), SAMPLE)
    strange = set()
    for result in (c.result for item in made.items for c in item.computed if c.function != "table_names"):
        try:
            assert max(counts(result)) > 1
        except UnknownPart as part:
            strange.add(str(part))
    assert strange <= {*ONE_PATIENT_EACH}


# ---------------------------------------------------------------- texts
FEW = (
    "Response in 1 of 16 patients.", "3/34 had it.", "It was seen in 2 (12.5 %).", "In n = 3 there was none.",
    "Row 47: the final response is better.", "Of 2 patients, 50.0 % responded.", "Recorded for 7 of 8 responders.",
    "It is known of 85/88.", "84 (95.5 %) had it.", "85 of the 88 patients were treated.",
    "Brain changed the most, from 7 to 6 (−14.3 %).",
)  # fmt: skip
KEPT = (
    "Log-rank test, 1 df: p = 0.397.", "At 3 months, 34 patients were at risk.", "95 % CI: exact (Clopper-Pearson).",
    "88 patients, 40 events.", "Median 3.2 (1.1–4.4) months.", "Kaplan-Meier, version 0.1.0.", "≥ 1/3",
    "14 of 34 patients", "23 of 24 characteristics could be tested.", "At least 2 patients in each group are needed.",
    "88 (100.0 %) had it.", "Stage ≥ 5/6", "p adjusted for 4 tests.", "FIGO stage 3 or 4",
    "Lung changed the most, from 34 to 40 (+17.6 %).",
)  # fmt: skip


@pytest.mark.parametrize("text", FEW)
def test_sentences_on_few_are_left_out(text):
    assert without_few(text, SMALLEST) == ""


@pytest.mark.parametrize("text", KEPT)
def test_other_sentences_stay(text):
    assert without_few(text, SMALLEST) == text == kept_sentences(text, SMALLEST)


def test_a_number_alone_becomes_fewer_than():
    text = "Not analysed: 53 patients (no ICI), 3 patients (ICI not recorded) and 1 patient (age)."
    assert without_few(text, SMALLEST) == (
        "Not analysed: 53 patients (no ICI), fewer than 5 patients (ICI not recorded) and fewer than 5 patients (age)."
    )
    assert without_few("4 patients left.", SMALLEST) == "Fewer than 5 patients left."
    assert without_few("Fewer than 2 patients left.", SMALLEST) == "Fewer than 5 patients left."
    assert without_few("p: fewer than 3 patients in it.", SMALLEST) == "p: fewer than 5 patients in it."


def test_a_reading_keeps_what_tells_of_enough():
    rare = response_rates(SAMPLE, by="ici_agent")
    prose = Prose("reading", (("Response", ("In 88 patients. 1 of 2 responded (50.0 %).", "Nothing of 50.0 %.")),))
    text, why = masked(prose, computed(rare), SMALLEST)
    assert text.parts == (("Response", ("In 88 patients.",)),) and why
    gone, why = masked(Prose("reading", (("", ("3 of 34 did.",)),)), (), SMALLEST)
    assert gone is None and why


def test_nothing_refers_to_a_sentence_that_is_gone():
    assert kept_sentences("1 of 2 responded. All of them were treated. The end.", SMALLEST) == "The end."
    assert kept_sentences("34 responded. All of them were treated.", SMALLEST).endswith("were treated.")
    rare = response_rates(SAMPLE, "best")
    said = reading(rare)
    assert any(s.startswith("All of them") for s in said) and any("7 of 8 responders" in s for s in said)
    gone, why = masked(Prose("reading", (("", said),)), computed(rare), SMALLEST)
    assert gone is None and "first sentence" in why


def test_a_sentence_on_all_but_few_is_left_out():
    """87 of 88 lack a value: 1 has it, though no small number is written."""
    prose = Prose(
        "methods", (("", ("88 patients. Missing at the most in 87 patients. The end.", "40 patients died.")),)
    )
    text, why = masked_of(prose, (), SMALLEST, 88, 88)
    assert text.parts == (("", ("88 patients. The end.", "40 patients died.")),) and why
    table = Table(
        "A", "a", ("Item", "From this"), (("1", "Missing in 85 patients. Known in 80 patients."),), text_columns=(1,)
    )
    assert masked_of(table, (), SMALLEST, 88, 88)[0].rows[0][1] == "Known in 80 patients."


# ---------------------------------------------------------------- two exhibits
SITES, CURVES = "tables.site_table(site_distribution(cohort))", "figures.survival_curves(kaplan_meier(cohort, 'PRS'))"
SUMMARY = "tables.survival_summary(kaplan_meier(cohort, 'PRS'))"


def two(shows, others, *filters, smallest=SMALLEST):
    """An exhibit of all and one of some, made in one report."""
    exhibits = (Exhibit("All", shows=(shows,)), Exhibit("Some", shows=(others,), filters=filters))
    return make_report(Project(exhibits=exhibits, hide_below=smallest), SAMPLE).items


@pytest.mark.parametrize("shows, others", [(SITES, SITES), (SUMMARY, SUMMARY), (CURVES, SUMMARY), (SUMMARY, CURVES)])
def test_what_two_exhibits_tell_by_difference_leaves_the_later_out(shows, others):
    """Without stage IVA 31 of 78 have lung, of all 34 of 88: so 3 with IVA have; 4 of the 10 died."""
    first, later = two(shows, others, "none(figo_2018=IVA)")
    assert first.kind != "missing" and later.kind == "missing" and "together with 'All'" in later.missing
    assert later.computed == () and later.thing is None and later.n is None
    assert two(shows, others, "none(figo_2018=IVA)", smallest=0)[1].kind != "missing"


def test_exhibits_of_the_same_patients_or_of_far_fewer_stay():
    assert all(item.kind != "missing" for item in two(SITES, SUMMARY, "none(figo_2018=IVA)"))  # no number in common
    assert all(item.kind != "missing" for item in two(SUMMARY, SUMMARY, "site:lung=with"))
    assert all(item.kind != "missing" for item in two(SITES, SITES))


def later_of(shows, others, first=(), second=(), **columns):
    """Of a cohort with an arm q between p and r: the second of two exhibits of some."""
    sites = columns.pop("sites")
    cohort = necc_cohort({"prs_months": [float(i + 1) for i in range(len(sites["lung"]))], **columns}, sites)
    exhibits = (Exhibit("First", shows=(shows,), filters=first), Exhibit("Second", shows=(others,), filters=second))
    before, later = make_report(Project(exhibits=exhibits, hide_below=SMALLEST), cohort).items
    assert before.kind != "missing"
    return later


@pytest.mark.parametrize("n_q", [3, 8])
def test_of_two_exhibits_that_overlap_neither_has_only_few_of_its_own(n_q):
    """Both show p: who is q is in the first alone."""
    arm = ["p"] * 30 + ["q"] * n_q + ["r"] * 30 + ["t"] * 10
    died, lung = ([i // k % 2 for i in range(len(arm))] for k in (1, 2))
    filters = (("any(arm=p; arm=q)",), ("any(arm=p; arm=r)",))
    later = later_of(SUMMARY, SITES, *filters, arm=arm, died=died, sites={"lung": lung})
    assert (later.kind == "missing") == (n_q < SMALLEST)


@pytest.mark.parametrize("events", [2, 5, 8])
def test_two_analyses_of_an_endpoint_tell_of_the_events_in_between(events):
    """All of 40 and 30 of them: of the other ten, so many died."""
    mean = "tables.restricted_means(restricted_mean(cohort, 'PRS'))"
    arm, died = ["p"] * 30 + ["q"] * 10, [i % 2 for i in range(30)] + [1] * events + [0] * (10 - events)
    later = later_of(SUMMARY, mean, (), ("arm=p",), arm=arm, died=died, sites={"lung": [1] * 40})
    assert (later.kind == "missing") == (events != 5)


# ---------------------------------------------------------------- the report
def test_methods_and_checklists_tell_nothing_of_what_is_left_out():
    pairs = Exhibit("Pairs", shows=("figures.site_matrix(co_occurrence(cohort))",))
    methods = Exhibit("Methods", shows=("methods()", "checklist('remark')"))

    def said(smallest):
        made = make_report(Project(exhibits=(pairs, methods), hide_below=smallest), SAMPLE)
        assert (made.items[0].kind == "missing") == (smallest > 0) and (made.items[0].computed == ()) == (smallest > 0)
        return " ".join(t for item in made.items[1:] for t in texts(item))

    assert "Fisher" in said(0) and "Fisher" not in said(SMALLEST)


@pytest.fixture(scope="module")
def report():
    exhibits = (*ready(SAMPLE), Exhibit("Few", "survival", filters=("site:other=with",), shows=(
        "tables.survival_summary(kaplan_meier(cohort, 'PRS'))",)))  # fmt: skip
    return make_report(Project(exhibits=exhibits, hide_below=SMALLEST), SAMPLE)


def texts(item):
    thing = item.thing
    if isinstance(thing, Table):
        return [thing.title, *thing.columns, *thing.notes, *(c for row in thing.rows for c in row)]
    if isinstance(thing, Prose):
        return [p for _, paragraphs in thing.parts for p in paragraphs]
    return [] if thing is None else [thing.alt, thing.caption, thing.headline]


def test_no_item_of_a_report_tells_of_few(report):
    told_few = [t for item in report.items for t in [item.title, item.patients, *texts(item)] if tells_few(t, SMALLEST)]
    conventions = dict(report.conventions)
    rule = conventions.pop("Small groups")
    assert rule == "counts of 1 to 4 patients, and what rests on them, are hidden"
    assert not told_few and not any(tells_few(text, SMALLEST) for text in conventions.values())
    open_report = make_report(Project(exhibits=ready(SAMPLE)), SAMPLE)
    assert any(tells_few(t, SMALLEST) for item in open_report.items for t in texts(item))  # there is something to hide


def test_an_edit_of_few_patients_is_told_without_their_number():
    edits = (LeaveOut(where=("age_years>66",), why="old"),)
    whole = apply_edits(SAMPLE, edits).cohort

    def said(smallest):
        return dict(make_report(Project(edits=edits, hide_below=smallest), whole).conventions)["Edits after reading"]

    assert said(0) == "1 patient left out (old), 87 of 88 stay"
    assert said(SMALLEST) == "all of it is about groups of fewer than 5 patients"


def test_what_is_left_out_says_why(report):
    gone = {item.title: item.missing for item in report.items if item.kind == "missing"}
    assert "fewer than 5 patients" in gone["Few"] and "one patient" in gone["Each patient on an ICI"]
    assert {item.kind for item in report.items} == {"figure", "table", "text", "missing"}
    assert set(report.problems) == set(gone.values())


def test_an_exhibit_of_all_but_few_is_left_out():
    prose = Prose("note", (("", ("Text.",)),))
    assert masked_of(prose, (), SMALLEST, 85, 88)[0] is None and masked_of(prose, (), SMALLEST, 3, 88)[0] is None
    assert masked_of(prose, (), SMALLEST, 88, 88) == (prose, "")
