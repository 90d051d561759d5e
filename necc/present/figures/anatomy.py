"""A body in outline and the places of it that a disease comes back to, as data: shapes by the keys of sites and organs.

Drawn for this package; seen from the front, so that the patient's right is on the left. A place is no anatomy: it says
where, not how large. Keys that stand here in no shape are put in boxes beside the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from necc.present.svg import Point, ellipse, mirrored, smooth

WIDTH, HEIGHT = 180.0, 305.0
MIDDLE = WIDTH / 2


@dataclass(frozen=True)
class Place:
    """A part of the body: its closed shapes, where a leader line begins, and the sites and organs that lie there."""

    name: str
    keys: tuple[str, ...]
    shapes: tuple[tuple[Point, ...], ...]
    anchor: Point


def _both(points: Sequence[Point]) -> tuple[tuple[Point, ...], ...]:
    return tuple(points), tuple(mirrored(points, MIDDLE))


def _nodes(points: Sequence[Point], size: float) -> tuple[tuple[Point, ...], ...]:
    return tuple(tuple(ellipse(x, y, size, size)) for x, y in points)


_RIGHT_SIDE = [
    (90, 62), (78, 61), (76, 70), (60, 77), (42, 84), (33, 100), (29, 130), (24, 160), (20, 186), (27, 190), (33, 168),
    (39, 140), (46, 116), (49, 140), (52, 165), (49, 190), (43, 214), (42, 240), (45, 270), (48, 300), (82, 300),
    (86, 270), (89, 246),
]  # fmt: skip
OUTLINE: tuple[tuple[Point, ...], ...] = (
    tuple(ellipse(MIDDLE, 34, 22, 29)),
    tuple(smooth([*_RIGHT_SIDE, *mirrored(_RIGHT_SIDE, MIDDLE)])),
)

_LUNG = smooth([(83, 92), (74, 88), (64, 98), (57, 116), (56, 134), (66, 138), (78, 134), (83, 128), (84, 108)])
_KIDNEY = smooth([(70, 172), (65, 173), (62, 181), (65, 190), (70, 191), (72, 186), (70, 181), (72, 176)])
_ADRENAL = [(70, 162), (77, 168), (66, 168)]
_HIP = smooth([(82, 226), (72, 216), (58, 206), (51, 212), (53, 226), (60, 238), (68, 250), (76, 252), (80, 242)])
_SPINE = [(86, 72), (94, 72), (95, 226), (85, 226)]

# from the back to the front
PLACES = (
    Place("bone", ("bone",), (tuple(_SPINE), *_both(_HIP)), (55, 216)),
    Place("lung", ("lung", "pleura"), _both(_LUNG), (63, 112)),
    Place("abdomen", ("abdominal", "peritoneum", "bowel"),
          (tuple(smooth([(60, 148), (90, 143), (120, 148), (125, 172), (122, 204), (106, 218), (90, 221), (74, 218),
                         (58, 204), (55, 172)])),), (119, 204)),
    Place("kidney", ("kidney",), _both(_KIDNEY), (66, 184)),
    Place("adrenal", ("adrenal",), _both(_ADRENAL), (110, 166)),
    Place("liver", ("liver",),
          (tuple(smooth([(58, 152), (66, 145), (84, 144), (100, 147), (96, 154), (82, 160), (68, 167), (58, 166)])),),
          (64, 156)),
    Place("spleen", ("spleen",), (tuple(ellipse(118, 157, 6, 8.5)),), (121, 157)),
    Place("pancreas", ("pancreas",),
          (tuple(smooth([(76, 176), (82, 170), (96, 170), (110, 166), (110, 171), (98, 176), (84, 179), (77, 181)])),),
          (105, 170)),
    Place("abdominal nodes", ("abdominal_lymph_node",),
          _nodes([(84, 188), (96, 191), (84, 197), (96, 201), (85, 207), (95, 211)], 4.0), (97, 196)),
    Place("pelvis", ("pelvic",),
          (tuple(smooth([(70, 229), (80, 224), (90, 226), (100, 224), (110, 229), (106, 240), (98, 246), (90, 247),
                         (82, 246), (74, 240)])),), (104, 234)),
    Place("vault", ("vaginal_vault",), (tuple(ellipse(90, 252, 8, 5)),), (96, 253)),
    Place("upper nodes", ("cervicothoracic_lymph_node",),
          _nodes([(78, 69), (102, 69), (72, 80), (108, 80), (86, 101), (95, 108), (86, 116)], 4.2), (106, 79)),
    Place("brain", ("brain",),
          (tuple(smooth([(74, 32), (77, 20), (90, 14), (103, 20), (106, 32), (98, 38), (82, 38)])),), (101, 25)),
    Place("thyroid", ("thyroid",), _both(ellipse(86, 71, 3.6, 5)), (84, 72)),
    Place("breast", ("breast",), _both(ellipse(66, 122, 10, 9)), (60, 124)),
)  # fmt: skip
