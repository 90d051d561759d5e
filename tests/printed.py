"""What stands on a printed figure: each text with its box in pixels, as its font draws it, and each line's width."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import cache, partial
from itertools import combinations

import numpy as np
from cohorts import from_sample
from test_figures import FIGURES as FIRST
from test_figures_competing import FIGURES as COMPETING
from test_figures_regression import FIGURES as REGRESSION
from test_figures_regression import FITTED
from test_patient_figures import FIGURES as PATIENT

from necc import compare_models, compare_ratios, load_recipe, predict_patient, printed_numbers, reproduce
from necc.paper.audit import audit, load_claims
from necc.paper.literature import of_the_literature
from necc.present import figures
from necc.present.figures import prediction
from necc.present.svg import font_files

SVG = "{http://www.w3.org/2000/svg}"
IDENTITY = np.eye(3)
SAMPLE = from_sample("reconstructed_cohort.csv")


@cache
def compared():
    return compare_models(SAMPLE, "PRS", ["age_years", "site:lung"], models=["cox", "coxnet"], repeats=1, seed=1)


def _first(name, style):
    draw, result = FIRST[name](SAMPLE)
    return draw(result, style)


def _regression(name, style):
    draw, result, options = (REGRESSION | FITTED)[name](SAMPLE)
    return draw(result, style, **options)


def _patient(style):
    return prediction.patient_curve(predict_patient(SAMPLE, "PRS", ["age_years"], 0, bootstraps=20), style)


CHECKS = ("survival and median", "events from the precision", "separation", "percentage", "reading")
OTHERS = {"literature_forest": "Immune checkpoint inhibitors", "literature_ratios": "Treatment",
          "literature_dots": "Timing"}  # fmt: skip


def _check(kind, style):
    checks = audit(*load_claims()).gravest()
    return figures.audit_picture(next(c for c in checks if c.kind == kind and c.shown), style)


def _literature(name, topic, style):
    return getattr(figures, name)(of_the_literature(SAMPLE), style, topic=topic)


DRAWN = {
    **{name: partial(_first, name) for name in FIRST},
    **{name: partial(_regression, name) for name in REGRESSION | FITTED},
    **{f"competing_{name}": partial(draw, SAMPLE) for name, draw in COMPETING.items()},
    **{f"patient_{name}": lambda s, draw=draw: draw(SAMPLE).with_style(s) for name, draw in PATIENT.items()},
    "discrimination": lambda s: prediction.discrimination(compared(), s),
    "importance": lambda s: prediction.importance(compared(), s),
    "calibration": lambda s: prediction.calibration(compared(), s),
    "net_benefit": lambda s: prediction.net_benefit(compared(), s),
    "patient_curve": _patient,
    **{f"audit_{kind}": partial(_check, kind) for kind in CHECKS},
    **{f"{name} {topic}": partial(_literature, name, topic) for name, topic in OTHERS.items()},
    "printed_beside": lambda s: figures.printed_beside(
        printed_numbers(reproduce(SAMPLE, load_recipe()[0]), ["Figure 2"], ["with", "without"]), s, what="Medians"
    ),
    "printed_forest": lambda s: figures.printed_forest(compare_ratios(reproduce(SAMPLE, load_recipe()[0])), s),
}


@cache
def drawn(name, style):
    return DRAWN[name](style)


@cache
def _advances(bold):
    from fontTools.ttLib import TTFont

    font = TTFont(font_files()[1 if bold else 0])
    return font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm


def width_of(text, size, bold=False):
    cmap, advances, em = _advances(bold)
    return sum(advances[cmap.get(ord(c), ".notdef")][0] for c in text) * size / em


def _walk(parent, matrix=IDENTITY):
    for mark in parent:
        about = matrix
        if mark.tag == f"{SVG}svg":
            about = about @ _shift(float(mark.get("x", 0)), float(mark.get("y", 0)))
        for kind, values in re.findall(r"(\w+)\(([^)]*)\)", mark.get("transform", "")):
            parts = [float(v) for v in values.replace(",", " ").split()]
            if kind == "translate":
                about = about @ _shift(*parts, *([0] if len(parts) == 1 else []))
            elif kind == "scale":
                about = about @ np.diag([parts[0], parts[0], 1])
            else:
                turn, at = np.deg2rad(parts[0]), parts[1:]
                c, s = np.cos(turn), np.sin(turn)
                about = about @ _shift(*at) @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ _shift(-at[0], -at[1])
        if mark.tag not in (f"{SVG}defs", f"{SVG}title", f"{SVG}desc"):
            yield mark, about
            if mark.tag != f"{SVG}text":
                yield from _walk(mark, about)


def _shift(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=float)


def texts(svg):
    """Each text: (words, size in pixels, (left, top, right, bottom) of its ink, nearly)."""
    for mark, matrix in _walk(ET.fromstring(svg)):
        if mark.tag != f"{SVG}text":
            continue
        size, words = float(mark.get("font-size")), "".join(mark.itertext())
        wide = width_of(mark.text or "", size) + sum(
            width_of(s.text or "", size, s.get("font-weight") == "bold") + width_of(s.tail or "", size) for s in mark
        )
        x, y = float(mark.get("x")), float(mark.get("y"))
        x -= {"middle": wide / 2, "end": wide}.get(mark.get("text-anchor", ""), 0)
        corners = np.array([[x, y - 0.72 * size, 1], [x + wide, y, 1], [x, y, 1], [x + wide, y - 0.72 * size, 1]])
        placed = (matrix @ corners.T)[:2]
        yield words, size * matrix[0, :2].dot(matrix[0, :2]) ** 0.5, (*placed.min(1), *placed.max(1))


def lines(svg):
    """The width of each line that is seen, in pixels."""
    for mark, matrix in _walk(ET.fromstring(svg)):
        if mark.get("stroke", "none") != "none" and mark.get("stroke-opacity") != "0":
            yield float(mark.get("stroke-width", 1)) * matrix[:2, 0].dot(matrix[:2, 0]) ** 0.5


def overlapping(found, most=1.0):
    """Pairs of texts whose ink meets by more than `most` pixels both ways."""
    for (a, _, (l1, t1, r1, b1)), (b, _, (l2, t2, r2, b2)) in combinations(found, 2):
        if a.strip() and b.strip() and min(r1, r2) - max(l1, l2) > most and min(b1, b2) - max(t1, t2) > most:
            yield a, b


def colours(svg):
    """Every colour of a picture, as hexadecimal."""
    return set(re.findall(r'(?:fill|stroke)="(#[0-9a-fA-F]+)"', svg))
