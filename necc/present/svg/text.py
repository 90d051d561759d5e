"""Text of a description: escaping, width, fitting. Nothing in a label is markup."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable, Sequence

from necc.core.text import for_xml

FAMILY = "DejaVu Sans"
# One typeface on page, SVG, PNG and PDF; what stands behind it is for a reader who drops embedded fonts
FONTS = f"'{FAMILY}', Arial, 'Helvetica Neue', Helvetica, sans-serif"
LINE_HEIGHT = 1.3
TAG = re.compile(r"(<br>|</?b>|</?i>)")

# Advance widths of U+0020-U+007E in hundredths of an em (DejaVu Sans: wider than the fonts behind it, so that
# what is laid out for it never overlaps in them).
_WIDTHS = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61,
    69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59,
    82, 59, 59, 52, 64, 34, 64, 84,
)  # fmt: skip
_BOLD_WIDTHS = (
    35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84,
    84, 84, 58, 100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85, 73, 85, 77, 72, 68, 81, 77, 110, 77,
    72, 73, 46, 37, 46, 84, 50, 50, 67, 72, 59, 72, 68, 44, 72, 71, 34, 34, 67, 34, 104, 71, 69, 72, 72, 49, 60, 48, 71,
    65, 92, 65, 65, 58, 71, 37, 71, 84,
)  # fmt: skip


def plain(text: object) -> str:
    """Any label as text of a description: nothing in it is markup, a template or a link."""
    return for_xml(html.escape(str(text), quote=False)).replace("%{", "&#37;{").replace("\n", " ")


def escape(text: object) -> str:
    """Any text as XML content or attribute value."""
    return html.escape(for_xml(str(text)))


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width in pixels of one line, an upper bound for the fonts in use."""
    widths, other = (_BOLD_WIDTHS, 72) if bold else (_WIDTHS, 65)
    wide = (100 if c >= "\u2190" or c in "…±×" else other for c in text if not " " <= c <= "~")
    return (sum(widths[ord(c) - 32] for c in text if " " <= c <= "~") + sum(wide)) * size / 100


def block_size(text: str, size: float) -> tuple[float, float]:
    """Width and height in pixels of a text of a description."""
    lines = [[(r, b) for r, b, _ in runs] for runs in text_lines(text)]
    return max(sum(text_width(r, size, b) for r, b in line) for line in lines), len(lines) * LINE_HEIGHT * size


def fit(label: str, size: float, width: float, bold: bool = False) -> str:
    """`label`, cut with an ellipsis where it is wider than `width` pixels."""
    if text_width(label, size, bold) <= width:
        return label
    kept = label
    while kept and text_width(kept + "…", size, bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def fit_all(labels: Iterable[str], size: float, width: float | Sequence[float], bold: bool = False) -> list[str]:
    """Each label within `width` pixels (one for all, or one each) where that can be; labels that differ stay different.

    A label is cut at its end. Those that would then read the same are cut where they are the same, so that what tells
    them apart is seen: `FIGO 2018 stage IIIC1r` and `FIGO 2018 stage IIIC2p` become `FIGO…IIIC1r` and `FIGO…IIIC2p`.
    Where nothing of that fits they are numbered.
    """
    labels = list(labels)
    room: dict[str, float] = {}
    for label, own in zip(labels, [width] * len(labels) if isinstance(width, (int, float)) else width, strict=True):
        room[label] = min(own, room.get(label, own))
    shown = {label: fit(label, size, own, bold) for label, own in room.items()}
    for _ in range(len(shown)):
        same = _same(shown)
        if not same:
            break
        for group in same:
            for label in group:
                shown[label] = _fit_from(label, len(os.path.commonprefix(group)), size, room[label], bold)
    for group in _same(shown):
        for label in group:
            taken, k = set(shown.values()), 1
            while (text := _numbered(label, k, size, room[label], bold)) in taken:
                k += 1
            shown[label] = text
    return [shown[label] for label in labels]


def _numbered(label: str, k: int, size: float, width: float, bold: bool) -> str:
    end = f"…{k}"
    return fit(label, size, width - text_width(end, size, bold), bold).rstrip("…") + end


def _same(shown: dict[str, str]) -> list[list[str]]:
    """The labels that read the same, in groups."""
    groups: dict[str, list[str]] = {}
    for label, text in shown.items():
        groups.setdefault(" ".join(text.split()), []).append(label)  # blanks in a row are drawn as one
    return [group for group in groups.values() if len(group) > 1]


def _fit_from(label: str, start: int, size: float, width: float, bold: bool) -> str:
    """`label` cut in its middle, so that what stands at `start` is seen: its beginning, an ellipsis, the rest.

    Of what stands before `start` as many whole words are kept as fit; a label that ends at `start` keeps its end.
    """
    head = fit(label, size, max(0.25 * width, text_width(label[:1] + "…", size, bold)), bold).rstrip("…") or label[:1]
    room = width - text_width(head + "…", size, bold)
    words = [i for i in range(len(label)) if i == 0 or label[i - 1] == " "]
    fitting = [i for i in words if len(head) < i <= start and text_width(label[i:], size, bold) <= room]
    if fitting and fitting[0] < len(label):
        return f"{head.rstrip()}…{label[fitting[0] :]}"
    if start >= len(label):
        end = next(i for i in range(len(label) + 1) if text_width(label[i:], size, bold) <= room)
        return f"{head.rstrip()}…{label[end:]}"
    head = label[:1]
    room = width - text_width(head + "…", size, bold)
    word = max(i for i in words if i <= start)
    cut = fit(label[word:], size, room, bold)
    if cut == label[word:] or len(cut) - 1 > start - word:
        return f"{head}…{cut}" if word else cut
    cut = fit(label[start:], size, room, bold)
    return f"{head}…{cut}" if start else cut


def wrap_all(labels: Iterable[str], size: float, width: float, lines: int = 2, bold: bool = False) -> list[list[str]]:
    """Each label as `wrap` breaks it; labels that differ stay different."""
    labels = list(labels)
    wrapped = {label: wrap(label, size, width, lines, bold) for label in labels}
    for room in (0.85 * lines * width, width):
        if not _same({label: " ".join(rows) for label, rows in wrapped.items()}):
            break
        texts = dict(zip(labels, fit_all(labels, size, room, bold), strict=True))
        wrapped = {label: [text] if room == width else wrap(text, size, width, lines, bold)
                   for label, text in texts.items()}  # fmt: skip
    return [wrapped[label] for label in labels]


def wrap(label: str, size: float, width: float, lines: int = 2, bold: bool = False) -> list[str]:
    """`label` in at most `lines` lines of at most `width` pixels; what doesn't fit ends in an ellipsis."""
    words, rows = label.split(), [""]
    for word in words:
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and text_width(longer, size, bold) > width and len(rows) < lines:
            rows.append(word)
        else:
            rows[-1] = longer
    return [fit(row, size, width, bold) for row in rows]


def text_lines(text: str) -> list[list[tuple[str, bool, bool]]]:
    """Lines of (text, bold, italic) runs of Plotly's pseudo-HTML; other tags stay text."""
    lines: list[list[tuple[str, bool, bool]]] = [[]]
    bold = italic = False
    for part in TAG.split(text):
        if part == "<br>":
            lines.append([])
        elif part in ("<b>", "</b>"):
            bold = part == "<b>"
        elif part in ("<i>", "</i>"):
            italic = part == "<i>"
        elif part:
            lines[-1].append((html.unescape(part), bold, italic))
    return lines
