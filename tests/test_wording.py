"""No text that a reader sees names a cause: pages, explanations, captions, guardrails, messages, tables."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_figures
import test_figures_competing
import test_figures_regression
import test_patient_figures
from checks import BANNED, CLAIM
from cohorts import from_sample
from conftest import ROOT

from necc.analysis.prediction import compare_models, predict_patient
from necc.analysis.regression import cox, univariate
from necc.analysis.selection_bias import outcome_selection
from necc.analysis.treatment import treatment_course, treatment_timing
from necc.app.shell.navigation import PAGES
from necc.paper.audit import audit, load_claims
from necc.paper.literature import load_library, of_the_literature
from necc.paper.reproduction import compare_ratios, load_recipe, of_the_paper, printed_numbers, reproduce
from necc.present import figures
from necc.present.figures import Style
from necc.present.figures import prediction as predictions
from necc.present.words.explain import EXPLANATIONS

# names of methods, and a locked workbook
NAMES = ("Net benefit", "net benefit", "protected by a password")
SOURCES = sorted([*(ROOT / "necc").rglob("*.py"), *(ROOT / "pages").glob("*.py")])


def claims(text: str) -> list[str]:
    """The words of a text that claim a cause, each with what stands around it."""
    for name in NAMES:
        text = text.replace(name, "")
    return [text[max(0, m.start() - 40) : m.end() + 40] for m in CLAIM.finditer(text)]


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a source that are more than a word, and a page's docstring; other docstrings nobody is shown."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.Module)) and n.body]
    told = {id(n.body[0].value) for n in documented if isinstance(n.body[0], ast.Expr)}
    for node in ast.walk(tree):
        shown = id(node) not in told or path.parent.name == "pages"
        if shown and isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


def test_the_words_are_found():
    for text in (
        "ICI improves survival",
        "a benefit from it",
        "died due to it",
        "the effect of age",
        "it was caused by",
    ):
        assert claims(text) and BANNED.search(text)
    for text in ("associated with a higher hazard", "several sites at once are a cause of their own", "Net benefit of"):
        assert not claims(text)
    assert BANNED.search("because of it") and BANNED.search("a significant difference")


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_text_of_the_program_claims_a_cause(path):
    assert {line: found for line, text in texts_of(path) if (found := claims(text))} == {}


def test_the_texts_of_the_program_are_seen():
    pages = {p.stem: " ".join(t for _, t in texts_of(p)) for p in SOURCES if p.parent.name == "pages"}
    assert "Where the disease came back first" in pages["sites"] and set(pages) == {name for name, _ in PAGES}
    explanations = {t for _, t in texts_of(ROOT / "necc" / "present" / "words" / "explain.py")}
    assert {p for e in EXPLANATIONS.values() for p in e.paragraphs} <= explanations


def strings(value: object) -> Iterator[str]:
    """Every text of what a TOML file holds; keys are names."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(inner)


# The words of others: titles of works that are cited, and a term of the STROBE statement.
CITED = (*(source.title for source in load_library()[0].sources.values()), "effect modifiers")


@pytest.mark.parametrize("path", sorted((ROOT / "necc").rglob("*.toml")), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_text_of_a_data_file_claims_a_cause(path):
    texts = list(strings(tomllib.loads(path.read_text("utf-8"))))
    assert texts
    for other in CITED:
        texts = [text.replace(other, "") for text in texts]
    assert [c for text in texts for c in claims(text)] == []


# ---------------------------------------------------------------- what is said of the sample
SAMPLE = from_sample("reconstructed_cohort.csv")
DRAWN = {
    **{n: lambda n=n: test_figures.made(n) for n in test_figures.FIGURES},
    **{f"patient {n}": lambda f=f: f(SAMPLE) for n, f in test_patient_figures.FIGURES.items()},
    **{f"competing {n}": lambda f=f: f(SAMPLE, Style()) for n, f in test_figures_competing.FIGURES.items()},
    **{f"cox {n}": lambda n=n: test_figures_regression.made(n)
       for n in (*test_figures_regression.FIGURES, *test_figures_regression.FITTED)},
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_no_figure_claims_a_cause(name):
    figure = DRAWN[name]()
    assert claims(" ".join((figure.alt, figure.caption, test_figures.shown(figure)))) == []


PREDICTED = ("discrimination", "importance", "calibration", "net_benefit")


OF_A_PAPER = ("printed_forest", "printed_beside", "audit_picture", "literature_forest", "literature_ratios",
              "literature_dots")  # fmt: skip


def test_the_pictures_of_a_paper_and_of_others_claim_no_cause():
    replayed, others, checks = of_the_paper(SAMPLE), of_the_literature(SAMPLE), audit(*load_claims()).checks
    drawn = [figures.audit_picture(c) for c in checks if c.shown]
    cells = [printed_numbers(replayed, [table], ["pct", "with", "without"]) for table in replayed.tables]
    drawn += [figures.printed_beside(found, what=found[0].table) for found in cells if found]
    drawn += [getattr(figures, name)(others, topic=topic) for name in OF_A_PAPER[3:] for topic in others.topics]
    assert len(drawn) > 70
    for figure in drawn:
        assert claims(" ".join((figure.headline, figure.alt, figure.caption, test_figures.shown(figure)))) == []


def test_the_figure_of_published_ratios_claims_no_cause():
    figure = figures.printed_forest(compare_ratios(reproduce(SAMPLE, load_recipe()[0])))
    assert claims(" ".join((figure.alt, figure.caption, test_figures.shown(figure)))) == []


def test_every_figure_is_among_them():
    made = [*test_figures.FIGURES.values(), *test_figures_competing.FIGURES.values(), test_figures_competing.areas,
            *test_figures_regression.FIGURES.values(), *test_figures_regression.FITTED.values(),
            *test_patient_figures.FIGURES.values()]  # fmt: skip
    drawn = {name for function in made for name in function.__code__.co_names} | {*PREDICTED, *OF_A_PAPER}
    assert drawn >= {name for name in figures.__all__ if name.islower() and name != "empty"}


def test_no_figure_of_predictions_claims_a_cause():
    found = compare_models(SAMPLE, "PRS", ["age_years", "n_sites"], models=["cox"], repeats=1)
    patient = predict_patient(SAMPLE, "PRS", ["age_years"], 0, bootstraps=20)
    drawn = [getattr(predictions, n)(found, Style()) for n in PREDICTED]
    for figure in (*drawn, predictions.patient_curve(patient, Style())):
        assert claims(" ".join((figure.alt, figure.caption))) == []


def test_no_guardrail_claims_a_cause():
    sites = [f"site:{s}" for s in SAMPLE.site_names]
    results = [
        cox(SAMPLE, "PRS", [*sites, "synaptophysin", "ici", "age_years", "n_sites"]),
        cox(SAMPLE, "PRS", ["synaptophysin", "ici"], separation="report"),
        cox(SAMPLE, "TTR", ["site:lung", "figo_stage"]),
        univariate(SAMPLE, "PRS", [*sites, "age_years"], multivariable=sites),
        treatment_course(SAMPLE, "PRS", "ici"),
        treatment_timing(SAMPLE),
    ]
    seen = [g for r in results for g in getattr(r, "guardrails", ())]
    notes = [note for r in results for note in getattr(r, "notes", ())]
    bias = outcome_selection(SAMPLE, "TTR", "site:lung")
    assert len({g.code for g in seen}) >= 5 and notes and bias
    assert [c for g in (*seen, *bias) for c in claims(g.sentence())] == []
    assert [c for note in notes for c in claims(note)] == []
    assert all(g.saw and g.why and g.did for g in seen)
