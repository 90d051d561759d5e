"""A table's cells as numbers, unrounded: `12 (21.8)` is two of them, `26.6 (22.9–56.9)` three."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from necc.core.text import DASH, MINUS, NOT_ESTIMABLE, NOT_REACHED
from necc.present.tables import Table

NUMBER = rf"(?<![\w.])[<>]?[{MINUS}-]?\d+(?:,\d{{3}})*(?:\.\d+)?(?:e[+{MINUS}-]\d+)?(?![\w.])"
WORD = f"{NOT_REACHED}|{NOT_ESTIMABLE}|too few to test|\u221e|\u2026"
MARKS = re.compile(r"\s*((?:\*\*|[*\u2020\u2021\u00a7\u00b6])(?:\s*[*\u2020\u2021\u00a7\u00b6])*)$")
REMARK = re.compile(r" \(([A-Za-z][^()#]*)\)")

# What each number of a cell is, by the cell's shape, its numbers written `#`.
SHAPES: dict[str, tuple[str, ...]] = {
    "#": ("value",),
    "# %": ("value",),
    f"#{DASH}#": ("lower", "upper"),
    "# to #": ("lower", "upper"),
    "# (#)": ("value", "bracket"),
    "# (# %)": ("value", "%"),
    f"# (#{DASH}#)": ("value", "lower", "upper"),
    "# (# to #)": ("value", "lower", "upper"),
    "#/#": ("value", "of"),
    "#/# (#)": ("value", "of", "%"),
    "#/# (# %)": ("value", "of", "%"),
    "#/#, #": ("value", "of", "last"),
    f"#/#, # (#{DASH}#)": ("value", "of", "%", "lower", "upper"),
    f"# (# %) [#{DASH}#]": ("value", "%", "lower", "upper"),
    f"# (#{DASH}#); #": ("value", "lower", "upper", "last"),
    "# (# to #); #": ("value", "lower", "upper", "last"),
    "#; #": ("value", "last"),
}
ROLES = ("value", "of", "%", "bracket", "SD", "lower quartile", "upper quartile", "lower", "upper", "last", "mark",
         "remark")  # fmt: skip
P_FORMAT = '[<0.0005]"<0.001";[>=0.9995]">0.999";0.000'
SMALL_RATIO = '[<0.01]"<0.01";0.00'


@dataclass(frozen=True)
class Number:
    """A number of a table: its value, the format in which it looks as the table shows it, and whether it is rounded."""

    value: float
    form: str
    rounded: bool


Cell = str | Number | None


@dataclass(frozen=True)
class Split:
    """A table with a number in a cell. words: columns that hold none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: tuple[bool, ...]

    @property
    def n_rounded(self) -> int:
        """How many numbers are as the table shows them, as nobody knows them better."""
        return sum(isinstance(cell, Number) and cell.rounded for row in self.rows for cell in row)


def split_numbers(table: Table, unrounded: bool = True) -> Split:
    """The columns of a table, each as many as its cells have numbers.

    Words stay words, and a cell of another form is whole in the column's first. What is written beside a number, such
    as `permutation` or a mark, has a column of its own.

    Args:
        unrounded: numbers as they were computed, where the cell knows them; else all as they are shown.

    Example:
        >>> from necc.present.tables import Table
        >>> shown = split_numbers(Table("A", "a", ("Group", "Events (%)"), (("all", "12 (21.8 %)"),)))
        >>> shown.columns, [cell.value for cell in shown.rows[0][1:]]
        (('Group', 'Events', 'Events: %'), [12, 21.8])
    """
    columns: list[str] = []
    words: list[bool] = []
    parts: list[list[tuple[Cell, ...]]] = []
    for j, header in enumerate(table.columns):
        cells = [row[j] for row in table.rows]
        if j in table.text_columns or (j == 0 and not all(re.fullmatch(NUMBER, c) for c in cells)) or not cells:
            columns.append(header)
            words.append(True)
            parts.append([(cell or None,) for cell in cells])
            continue
        found = [_roles(row[j], row[0], header, table.columns[0], unrounded) for row in table.rows]
        used = [role for role in ROLES if any(role in cell for cell in found)] or ["value"]
        columns += _names(header, used, any("at risk" in row[0] for row in table.rows))
        words += [role in ("mark", "remark") for role in used]
        parts.append([tuple(cell.get(role) for role in used) for cell in found])
    rows = tuple(tuple(cell for part in row for cell in part) for row in zip(*parts, strict=True))
    return Split(tuple(columns), rows, tuple(words))


def _roles(cell: str, label: str, header: str, first: str, unrounded: bool) -> dict[str, Cell]:
    """The numbers of a cell by what they are; the cell itself as its value where its form isn't known."""
    if not cell:
        return {}
    tokens = list(re.finditer(f"{NUMBER}|{WORD}", cell))
    shape = re.sub(f"{NUMBER}|{WORD}", "#", cell)
    beside: dict[str, Cell] = {}
    if found := MARKS.search(shape):
        beside["mark"], shape = found[1], shape[: found.start()]
    if shape not in SHAPES and (found := REMARK.search(shape)):
        beside["remark"], shape = found[1], shape[: found.start()] + shape[found.end() :]
    if shape not in SHAPES:
        return {"value": cell}
    roles = SHAPES[shape]
    if roles == ("value", "bracket"):
        roles = ("value", "SD" if "(SD)" in label else "%" if "%" in f"{first}{header}{label}" else "bracket")
    elif "(quartiles)" in label or "quartiles" in header.lower():
        roles = tuple(f"{role} quartile" if role in ("lower", "upper") else role for role in roles)
    known = {(start, end): value for start, end, value in getattr(cell, "numbers", ())} if unrounded else {}
    numbers = (_number(token[0], known.get(token.span())) for token in tokens)
    return dict(zip(roles, numbers, strict=True)) | beside


def _number(shown: str, value: float | None) -> Cell:
    """A number with its unrounded value, if that is known; words, and what is only known to be less, stay words."""
    if not re.search(r"\d", shown):
        return shown
    beyond = shown[0] in "<>"
    if beyond and value is None:
        return shown
    digits = len(shown.partition(".")[2])
    form = ("#,##0" if "," in shown else "0") + ("." + "0" * digits if digits else "")
    if "e" in shown:
        form = "0.0E+00"
    if beyond:
        form = {"<0.001": P_FORMAT, ">0.999": P_FORMAT, "<0.01": SMALL_RATIO}.get(shown, f'"{shown}"')
    if value is not None:
        return Number(value, form, False)
    read = float(shown.replace(",", "").replace(MINUS, "-"))
    return Number(int(read) if not digits and "e" not in shown else read, form, bool(digits))


# ---------------------------------------------------------------- what the columns are called
def _names(header: str, roles: Sequence[str], at_risk: bool) -> list[str]:
    """Heads of the columns that a column is parted into."""
    if list(roles) == ["value"]:
        return [header]
    base, interval = header, ""
    if found := re.fullmatch(r"(.*?),? \((\d[\d.]* % CI)\)", header):
        base, interval = found[1], found[2]
    elif re.fullmatch(r"\d[\d.]* % CI", header):
        base, interval = "", header
    elif header.endswith(" (%)"):
        base = header.removesuffix(" (%)")
    known: dict[str, str] = {}
    if found := re.fullmatch(r"(.*?)(?:, |: )?(\w+)/(\w+)( at .+)?(?:, (.+))?", base):
        base, where = found[1], found[4] or ""
        known = {"value": found[2] + where, "of": found[3] + where}
        if found[5] and found[5] != "%":
            known["last"] = found[5]
    names = []
    for role in roles:
        name = known.get(role) or _name(role, interval, at_risk)
        names.append(": ".join(filter(None, (base, name))) or header)
    return names


def _name(role: str, interval: str, at_risk: bool) -> str:
    if role in ("lower", "upper"):
        return f"{interval}, {role}" if interval else role
    return {"value": "", "bracket": "in brackets", "last": "at risk" if at_risk else "second number"}.get(role, role)
