"""Tables of Cox models that centres fitted by rounds."""

from __future__ import annotations

from necc.analysis.regression import CoxTerm
from necc.analysis.rounds import RoundModel
from necc.core.text import format_number, format_p, slug
from necc.present.tables.regression import TESTS, p_text, ratio
from necc.present.tables.table import Table, makes_table
from necc.present.words.captions.regression import term_label
from necc.present.words.notes import models as notes
from necc.present.words.phrases import NOTHING, ci_name


@makes_table
def round_model_table(model: RoundModel) -> Table:
    """A row a term."""
    rows = tuple((term_label(t), _patients(t), ratio(t), p_text(t)) for t in model.terms)
    return Table(
        f"Cox model of {model.label.lower()} within centres", slug(f"cox-{model.endpoint}-rounds"),
        ("Covariate", "Patients", f"HR ({ci_name(model.level)})", "p"), rows, notes.round_model_table(model),
    )  # fmt: skip


@makes_table
def round_tests_table(model: RoundModel) -> Table:
    """Tests of all terms together."""
    rows = tuple(
        (TESTS[name], format_number(t.statistic, 2, NOTHING), str(t.df) if t.df else NOTHING, format_p(t.p))
        for name, t in model.tests.items()
    )
    name = slug(f"cox-{model.endpoint}-rounds-tests")
    return Table("Tests of the model", name, ("Test", "Chi-square", "df", "p"), rows)


@makes_table
def round_centres_table(model: RoundModel) -> Table:
    """A row a centre."""
    rows = tuple((c.name, f"{c.n:,}", f"{c.n_events:,}", f"{c.excluded:,}", f"{c.smallest_cell:,}")
                 for c in model.centres)  # fmt: skip
    return Table("Centres", slug(f"cox-{model.endpoint}-rounds-centres"),
                 ("Centre", "Patients", "Events", "Left out", "Smallest cell"), rows)  # fmt: skip


def _patients(term: CoxTerm) -> str:
    if term.n is None:
        return ""
    return f"{term.n:,}" if term.n_reference is None else f"{term.n:,} against {term.n_reference:,}"
