"""Tables of prediction: every model's measures, and the differences that decide."""

from __future__ import annotations

from necc.analysis.prediction import ModelComparison, ModelPerformance, Score
from necc.core.text import format_number, slug
from necc.present.tables.table import Table, makes_table
from necc.present.words.notes import models as notes
from necc.present.words.phrases import estimate_cell


def _heading(score: Score, unit: str) -> str:
    return score.label if score.time is None else f"{score.label} at {score.time:.3g} {unit}"


@makes_table
def models_table(comparison: ModelComparison) -> Table:
    """Every model with its measures on left-out patients, and Harrell's C on those it was fitted to."""
    c = comparison
    heads = [_heading(s, c.unit) for s in c.models[0].scores] if c.models else []
    rows = tuple(_row(m) for m in c.models)
    return Table(
        f"Prediction of {c.label.lower()}", slug(f"{c.endpoint}-prediction"),
        ("Model", *heads, "Harrell's C, fitted patients"), rows,
        notes.prediction_table(c),
    )  # fmt: skip


def _row(model: ModelPerformance) -> tuple[str, ...]:
    scores = (estimate_cell(s.estimate, 3 if s.metric == "ibs" else 2) for s in model.scores)
    return (model.label, *scores, format_number(model.apparent, 2))


@makes_table
def difference_table(comparison: ModelComparison) -> Table:
    """Each model minus the single covariate's and minus no model's, in the measures that decide."""
    c = comparison
    labels = {m.name: m.label for m in c.models}
    measures = {"harrell": "Harrell's C", "ibs": "Integrated Brier score"}
    rows = tuple(
        (
            labels[d.model],
            labels[d.against],
            measures[d.metric],
            estimate_cell(d.estimate, 3),
            "yes" if d.better else "no",
        )
        for d in c.differences
    )
    return Table(
        "Differences within the same folds", slug(f"{c.endpoint}-prediction-differences"),
        ("Model", "Minus", "Measure", "Difference (interval)", "Shown to be better"), rows,
        notes.difference_table(c),
        text_columns=(1, 2),
    )  # fmt: skip
