"""What can be changed before a room: nothing that points at few, nothing twice under one name."""

from __future__ import annotations

from types import SimpleNamespace

from conftest import ROOT

from necc.app.session.desk import Presented
from necc.app.shell import presenting
from necc.core.guardrails import SMALLEST_CELL
from necc.core.selection import Selection
from necc.ingest import read_cohort

OWN = "patient_id,histology,figo_2018,prs_months,died,remark\n" + "".join(
    f"P{i},{('small cell', 'large cell')[i % 2]},{('IB1', 'IB2', 'IIA', 'IIIC')[i % 4]},{i % 40 + 1}.5,"
    f"{int(i % 3 == 0)},"
    f"{('asked for a second opinion' if i < 3 else 'none')}\n"
    for i in range(60)
)


def state_of(cohort, hide_below=0):
    return SimpleNamespace(whole=cohort, cohort=cohort, added=(), selection=Selection(),
                           desk=SimpleNamespace(hide_below=hide_below))  # fmt: skip


def sample():
    return read_cohort(ROOT / "sample_data" / "reconstructed_cohort.csv")


def test_only_levels_of_enough_patients_can_be_chosen():
    cohort = sample()
    for hide_below in (0, 12):
        state, least = state_of(cohort, hide_below), max(SMALLEST_CELL, hide_below)
        filters = list(presenting._filters(state))
        assert filters
        for _, _, text in filters:
            assert len(Selection.parse([text], cohort.columns).apply(cohort)) >= least, text
        for name in presenting._comparisons(state):
            assert min(n for n in cohort.factor(name).counts() if n) >= least, name
    assert not any(level == "IVA" for _, level, _ in presenting._filters(state_of(cohort)))  # 2 patients


def test_free_text_is_no_choice_and_no_two_have_one_name(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(OWN, encoding="utf-8")
    cohort = read_cohort(path)
    assert "remark" in cohort.factor_names()
    filters = list(presenting._filters(state_of(cohort)))
    groups = list(dict.fromkeys((label, text.partition("=")[0]) for label, _, text in filters))
    assert "second opinion" not in str(filters) and "remark" not in str(filters)
    assert len({label for label, _ in groups}) == len(groups) and len(groups) > 1, groups
    names = list(presenting._comparisons(state_of(cohort)).values())
    assert len(set(names)) == len(names)


def test_the_filters_of_the_page_and_of_the_screen_are_both_told():
    cohort = sample()
    state = state_of(cohort)
    state.selection = Selection.parse(["histology=small cell"], cohort.columns)
    told = presenting._chosen(state, Presented("case", only="lvsi=yes"))
    assert "small cell" in told and "yes" in told and "; " in told


def test_a_recipe_is_compared_by_another_factor_and_nothing_else_in_it_changes():
    curves = "figures.survival_curves(kaplan_meier(cohort, 'lvsi', by='lvsi', ci='log-log'))"
    assert presenting._compared(curves, "it's") == (
        "figures.survival_curves(kaplan_meier(cohort, 'lvsi', by=\"it's\", ci='log-log'))"
    )
    table = "tables.x(characteristics(cohort, by='site:lung', names=table_names(cohort, leave_out=('site:lung',))))"
    assert presenting._compared(table, "ici") == table.replace("'site:lung'", "'ici'")
    for other in ("figures.site_bars(site_distribution(cohort))", "by='x", "f(cohort, by=None)"):
        assert presenting._compared(other, "ici") == other
