"""What every figure shares: colours, sizes, type, and the `Figure` itself.

Colours follow Okabe and Ito's palette for colour-blind readers, ordered so that the first ones have contrast 3:1 on
white and on the dark page; a dash pattern goes with every colour. A level of a factor keeps its colour whatever is
filtered, because colours go by the level's place among all levels, not among those that are left.
"""

from __future__ import annotations

import functools
import html
import inspect
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from necc.core.errors import AnalysisError, Finding
from necc.core.files import PICTURES, FileKind, suffix_of, write_new
from necc.present import svg
from necc.present.figures.scales import tick_text, time_ticks
from necc.present.words.phrases import FILTERS

Json = dict[str, Any]
Arm = tuple[float | None, float | None, float | None]  # value, lower, upper, as they are drawn
Margin = tuple[float, float, float, float]  # left, right, top, bottom in pixels
Theme = Literal["light", "dark"]
Size = Literal["page", "presentation", "screen", "print"]

PALETTE = {
    "light": ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#1F2430", "#A97400", "#5B4FCF", "#882255"),
    "dark": ("#3D9BDB", "#E8772E", "#1DB88C", "#D893B9", "#E8EAED", "#E0A526", "#9A90F5", "#F0E442"),
}
Palette = Literal["house", "okabe-ito", "tol", "greyscale"]
# Told apart with any colour vision; the first of each have a contrast of 3 to the page. Okabe M, Ito K. Color Universal
# Design, 2008 (jfly.uni-koeln.de/color); Tol P. Colour schemes, technical note SRON/EPS/TN/09-002, 2021.
PALETTES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "house": PALETTE,
    "okabe-ito": {
        "light": ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9", "#F0E442"),
        "dark": ("#56B4E9", "#D55E00", "#009E73", "#CC79A7", "#FFFFFF", "#E69F00", "#0072B2", "#F0E442"),
    },
    "tol": {
        "light": ("#4477AA", "#EE6677", "#228833", "#AA3377", "#CCBB44", "#66CCEE"),
        "dark": ("#66CCEE", "#EE6677", "#CCBB44", "#BBBBBB", "#4477AA", "#228833"),
    },
    "greyscale": {
        "light": ("#000000", "#5E5E5E", "#8C8C8C"),
        "dark": ("#FFFFFF", "#ABABAB", "#727272"),
    },
}
DASH_ORDER = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "dashdotdot", "sparse")
INK = {
    "light": {"text": "#1F2430", "muted": "#566070", "grid": "#E4E7EB", "axis": "#8A929C", "ghost": "#D3D8DE",
    "page": "#FFFFFF"},
    "dark": {"text": "#E8EAED", "muted": "#A9B1BB", "grid": "#29313B", "axis": "#707B88", "ghost": "#3A444F",
    "page": "#101418"},
}  # fmt: skip
# Levels whose place is known without their factor: the group with something is never drawn like the one without.
FIXED = {"without": 0, "with": 1, "no": 0, "yes": 1, "all patients": 0}
# Without colour they are told by how light they are: no two are near each other. "": not recorded.
RESPONSE = {
    "light": {"CR": "#004C80", "PR": "#4FA8DE", "SD": "#C3C9D0", "PD": "#D55E00", "NE": "#1F2430", "": "#EEF0F3"},
    "dark": {"CR": "#2B82C4", "PR": "#8CCBF2", "SD": "#4B545F", "PD": "#E8772E", "NE": "#F4F6F8", "": "#2C343D"},
}
# The same without any colour: steps of lightness (L* 25, 57, 79, 42, 6, 94) that a copy keeps.
GREY_RESPONSE = {"CR": "#3C3C3C", "PR": "#8A8A8A", "SD": "#C4C4C4", "PD": "#636363", "NE": "#141414", "": "#EEEEEE"}
PATTERNS = ("", "/", "x", ".", "-", "\\", "+", "|")  # of bars, by their place in a row
SIZES: dict[str, tuple[int, float, float]] = {
    "page": (820, 13, 2.0),
    "presentation": (1280, 22, 3.5),
    "screen": (1184, 22, 3.5),
    "print": (658, 11, 1.4),
}


@dataclass(frozen=True)
class Style:
    """How a figure looks: for a light or dark page; on a page, projected, one screen, or printed (174 mm, 8 pt).

    `width` overrides the size's own width in pixels. `height`: a figure that can be drawn lower is, down to this many
    pixels where its type allows; 0 for its own height. `palette`: the colours of everything drawn; the curves' own
    setting goes before it, except in greyscale, where nothing has a colour.
    """

    theme: Theme = "light"
    size: Size = "page"
    width: int = 0
    height: int = 0
    palette: Palette = "house"

    @property
    def grey(self) -> bool:
        return self.palette == "greyscale"

    @property
    def px(self) -> int:
        return self.width or SIZES[self.size][0]

    @property
    def font(self) -> float:
        return SIZES[self.size][1]

    @property
    def small(self) -> float:
        """Type for notes and counts; never below 8 points in print, nor below a 36th of a screen's height."""
        return self.font if self.size == "print" else round(self.font * (0.95 if self.size == "screen" else 0.9), 1)

    @property
    def projected(self) -> bool:
        """Whether a room reads it: as a page, or as one screen that is whole."""
        return self.size in ("presentation", "screen")

    @property
    def line(self) -> float:
        return SIZES[self.size][2]

    @property
    def unit(self) -> float:
        """Scale of distances: 1 on a page."""
        return self.font / 13

    def ink(self, name: str) -> str:
        """text, muted, grid, axis, ghost or page."""
        return greyed(INK[self.theme][name]) if self.grey else INK[self.theme][name]

    def on(self, color: str, light: str = "#14181F") -> str:
        """The colour of text on a filled area; `light`: what it is on a light one."""
        return "#FFFFFF" if is_dark(color) else greyed(light) if self.grey else light

    def colours(self, own: Palette) -> Palette:
        """Whose colours are drawn, where a figure has an own setting."""
        return self.palette if self.grey or own == "house" else own

    def look(self, level: str, levels: Sequence[str], palette: Palette = "house") -> tuple[str, str]:
        """Colour and dash (in pixels) of a level: by its place among all levels of its factor."""
        place = FIXED.get(level, levels.index(level) if level in levels else 0)
        colors = PALETTES[self.colours(palette)][self.theme]
        again = place // math.lcm(len(colors), len(DASH_ORDER))  # times that each colour has met each dash it can
        return colors[place % len(colors)], self.dash(DASH_ORDER[(place + again) % len(DASH_ORDER)])

    def dash(self, name: str) -> str:
        """A dash of `svg.DASHES` in pixels of this size."""
        return ",".join(f"{svg.number(d * max(self.line, 1))}px" for d in svg.DASHES[name]) or "solid"

    def color(self, place: int) -> str:
        colors = PALETTES[self.palette][self.theme]
        return colors[place % len(colors)]

    def response(self, level: str) -> str:
        colors = GREY_RESPONSE if self.grey else RESPONSE[self.theme]
        return colors.get(level, colors[""])

    def response_edge(self, level: str) -> Json:
        """The outline of a response: what isn't recorded is nearly as light as the page."""
        return {"color": self.ink("page" if level in RESPONSE[self.theme] and level else "axis"), "width": 1.5}

    def pattern(self, place: int) -> Json:
        """What tells the bars of a group from those of another without colour."""
        shape = PATTERNS[place % len(PATTERNS)]
        return {"shape": shape, "fillmode": "overlay", "fgcolor": self.ink("page"), "fgopacity": 0.75,
                "size": round(7 * self.unit), "solidity": 0.25}  # fmt: skip

    def line_at(self, x: float, ink: str = "muted") -> Json:
        """A dashed line from the bottom of the plot to its top: no difference, chance."""
        line = {"color": self.ink(ink), "width": 1, "dash": "dash"}
        return {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}

    def error_bars(
        self, arms: Iterable[Arm], color: str, thickness: float = 0, width: float | None = None, digits: int = 5
    ) -> Json:
        """Error bars of values with their limits, without length where a limit is missing."""
        known = [(value or 0.0, low, high) for value, low, high in arms]
        return {
            "type": "data", "symmetric": False, "thickness": thickness or max(1.2, self.line * 0.7),
            "width": round(3 * self.unit) if width is None else width, "color": color,
            "array": [0 if high is None else round(high - v, digits) for v, _, high in known],
            "arrayminus": [0 if low is None else round(v - low, digits) for v, low, _ in known],
        }  # fmt: skip


MM = 96 / 25.4  # pixels of a printed millimetre
JOURNAL_WIDTHS = (84, 129, 174)  # mm of one column, of one and a half, of two
PRINT_WIDTHS = (84, 400)  # mm that a figure in print may have
PRINT_DPI = (300, 600, 1200)


def pixels(mm: float) -> int:
    """Pixels of a length in print."""
    return round(mm * MM)


@dataclass(frozen=True)
class Print:
    """How a figure is printed: laid out anew for its width, so that its type (8 pt) and lines keep their size.

    mm: its width; None for the figure's own, which is 174 unless its settings say otherwise. dpi: of pixels. greyscale:
    every colour is a grey. words: with headline and caption inside, which a journal wants apart.

    Raises:
        ValueError: a width or a resolution that no print has; the message says which are allowed.

    Example:
        >>> how = Print(mm=84, greyscale=True)
        >>> how.style.width, how.style.palette
        (317, 'greyscale')

    Source: widths of one and two columns and the least type and lines as BMC, Elsevier and Springer ask for them.
    """

    mm: float | None = None
    dpi: int = 300
    greyscale: bool = False
    words: bool = False

    def __post_init__(self) -> None:
        low, high = PRINT_WIDTHS
        if self.mm is not None and not low <= self.mm <= high:
            usual = ", ".join(map(str, JOURNAL_WIDTHS))
            raise ValueError(
                f"a width of {self.mm:g} mm can't be printed; allowed are {low} to {high} mm, and journals take {usual}"
            )
        if not PRINT_DPI[0] // 3 <= self.dpi <= PRINT_DPI[-1]:
            usual = ", ".join(map(str, PRINT_DPI))
            raise ValueError(
                f"{self.dpi:g} dpi can't be printed; allowed are {PRINT_DPI[0] // 3} to {PRINT_DPI[-1]}, "
                f"and journals take {usual}"
            )

    @property
    def style(self) -> Style:
        width = pixels(self.mm) if self.mm is not None else 0
        return Style(size="print", width=width, palette="greyscale" if self.greyscale else "house")


# What a notebook shows: in the colours of its own theme where it names one, else of the reader's system.
NOTEBOOK = (
    "<div class='necc'><style>.necc figure{{margin:0;max-width:52em}}.necc svg{{max-width:100%;height:auto}}"
    ".necc p{{font-size:85%;opacity:.8;max-width:60em;margin:.3em 0}}.necc table{{margin:0}}"
    ".necc .necc-dark{{display:none}}"
    "@media (prefers-color-scheme:dark){{.necc .necc-light{{display:none}}.necc .necc-dark{{display:block}}}}"
    "[data-jp-theme-light=true] .necc .necc-light,.vscode-light .necc .necc-light{{display:block}}"
    "[data-jp-theme-light=true] .necc .necc-dark,.vscode-light .necc .necc-dark{{display:none}}"
    "[data-jp-theme-light=false] .necc .necc-dark,.vscode-dark .necc .necc-dark{{display:block}}"
    "[data-jp-theme-light=false] .necc .necc-light,.vscode-dark .necc .necc-light{{display:none}}"
    "</style>{body}</div>"
)
LEAST_TYPE = 9.4  # pixels: 7 points, which journals ask for
NARROW = 380  # pixels of a column of a journal and less, where a legend may have no room for its title
PAGE = Style()
PRINT = Style(size="print")


def is_dark(color: str) -> bool:
    """Whether white reads better on it than black."""
    r, g, b = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * r + 0.587 * g + 0.114 * b < 125


def greyed(color: str) -> str:
    """The grey that is as light as a colour: its luma (ITU-R BT.601-7)."""
    r, g, b = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + 3 * f"{round(0.299 * r + 0.587 * g + 0.114 * b):02X}"


def fade(color: str, share: float) -> str:
    """A colour with opacity, as Plotly and SVG both read it."""
    r, g, b = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},{share:g})"


class Described(dict[str, Any]):
    """A description that knows what it shows, unrounded, for those who draw it in another way: `of`."""

    def __init__(self, description: Json, of: object) -> None:
        super().__init__(description)
        self.of = of


# ---------------------------------------------------------------- the figure
@dataclass(frozen=True, eq=False)
class Figure:
    """One figure for screen, print and slide.

    spec: Plotly's JSON as plain dicts; empty where the figure is an SVG from the start (`svg_only`).
    headline: what it is called when it leaves the page. name: slug for file names. alt: one sentence for those who
        can't see it. caption: n, exclusions, convention. noticed: what could not be drawn as the settings ask.
    note: what else stands below it, such as where its patients come from.
    """

    spec: Json
    name: str
    alt: str
    caption: str
    width: int
    height: int
    style: Style = PAGE
    svg_text: str = ""
    headline: str = ""
    noticed: tuple[Finding, ...] = ()
    again: Callable[[Style], Figure] | None = field(default=None, repr=False)
    note: str = ""

    def __repr__(self) -> str:
        return f"Figure({self.name!r}, {self.width:,} x {self.height:,} pixels: {self.headline or self.alt!r})"

    @property
    def svg_only(self) -> bool:
        """Whether this is shown as SVG instead of a Plotly chart."""
        return bool(self.svg_text)

    @property
    def shows(self) -> object:
        """What is drawn, unrounded: a `CurveChart`, `RatioChart` or `BarChart`; None where a figure is none of these.

        Example:
            >>> from necc.present import figures
            >>> chart = figures.site_bars(site_distribution(cohort)).shows
            >>> [row.bars[0].value == 34 / 88 for row in chart.rows][:1]
            [True]
        """
        return getattr(self.spec, "of", None)

    def with_style(self, style: Style) -> Figure:
        """The same figure drawn for another theme or size."""
        return self if style == self.style or not self.again else replace(self.again(style), note=self.note)

    def to_svg(self, style: Style | None = None, background: bool = False, interactive: bool = False) -> str:
        """SVG text, transparent unless `background`; the same bytes for the same figure.

        interactive: marks say what they are (`data-tip`, a curve at its points) and which filters a click on them sets
            (`data-pick`, one condition a line, see `necc.core.selection.Condition`); for a page that reads these.

        Example:
            >>> from necc.present import figures
            >>> bars = figures.site_bars(site_distribution(cohort))
            >>> "data-pick" in bars.to_svg(), 'role="button"' in bars.to_svg(interactive=True)
            (False, True)
        """
        figure = self.with_style(style) if style else self
        back = figure.style.ink("page") if background else ""
        if figure.svg_text:
            paper = f'</desc><rect width="100%" height="100%" fill="{back}"/>' if back else "</desc>"
            text = figure.svg_text.replace("</desc>", paper, 1)
            return svg.picked_marks(text, FILTERS) if interactive else svg.plain_picture(text)
        title = figure.name.replace("-", " ")
        text = svg.render(figure.spec, figure.width, figure.height, title, figure.alt, back, interactive)
        return svg.picked_marks(text, FILTERS) if interactive else text

    def exported(self, style: Style | None = None, note: str = "", words: bool = True) -> str:
        """SVG text that stands alone: the headline above the figure, and below it n, exclusions and method.

        note: what else stands below it, such as where its patients come from. words: False for a figure whose headline
        and caption stand apart from it; the note stays.
        """
        figure = self.with_style(style) if style else self
        style, width = figure.style, figure.width
        size, small, pad = style.font * 1.15, style.small, 6 * style.unit
        headline = figure.headline if words else ""
        above = svg.wrap(headline, size, width - 2 * pad, lines=3, bold=True) if headline else []
        told = " ".join(dict.fromkeys(filter(None, (figure.caption if words else "", self.note, note))))
        below = svg.wrap(told, small, width - 2 * pad, lines=99) if told else []
        top = len(above) * svg.LINE_HEIGHT * size + (2 * pad if above else 0)
        foot = len(below) * svg.LINE_HEIGHT * small + (2 * pad if below else 0)
        title = "<br>".join(f"<b>{svg.plain(line)}</b>" for line in above)
        inner = figure.to_svg().replace("<svg ", f'<svg y="{svg.number(top)}" ', 1)
        body = [
            svg.draw_text(pad, pad, title, size, style.ink("text"), "start", up=0) if above else "",
            inner.replace(svg.ON_PAGE, "", 1),
            svg.draw_text(pad, top + figure.height + pad, "<br>".join(map(svg.plain, below)), small,
                          style.ink("muted"), "start", up=0) if below else "",
        ]  # fmt: skip
        height = round(top + figure.height + foot)
        title = figure.headline or figure.name
        text = svg.document("".join(body), width, height, title, figure.alt, style.ink("page"))
        fonts = f"</desc><style>{svg.font_faces('' if text.isascii() else text)}</style>"
        return text.replace(svg.ON_PAGE, "", 1).replace("</desc>", fonts, 1)  # a file has its own size and typeface

    @property
    def undrawable(self) -> str:
        """Characters that no font of this computer draws: `to_png` refuses them, an SVG leaves them to its reader."""
        return svg.undrawable(f"{self.spec}{svg.plain_picture(self.svg_text)}{self.headline}{self.caption}")

    def to_png(self, dpi: int = 300, style: Style | None = None, note: str = "") -> bytes:
        """PNG of what `exported` gives, on the theme's background; 96 pixels of the figure are an inch.

        Raises:
            ValueError: no font of this computer draws some characters (`undrawable`).
        """
        return svg.to_png(self.exported(style, note), dpi)

    def printed(self, kind: FileKind, how: Print | None = None, note: str = "") -> bytes:
        """The figure as a file for a journal, on white: vectors, or pixels without transparency.

        kind: "svg", "pdf", "png" or "tiff". how: width, resolution, greyscale. note: what stands below it.

        Raises:
            ValueError: no font of this computer draws some characters; an SVG leaves them to its reader.

        Example:
            >>> from necc.present import figures
            >>> curves = figures.survival_curves(kaplan_meier(cohort, "PRS"))
            >>> curves.printed("pdf", Print(mm=84))[:5], curves.printed("tiff", Print(mm=84, dpi=300))[:2]
            (b'%PDF-', b'II')
        """
        how = how or Print()
        text = self.exported(how.style, note, how.words)
        if kind == "svg":
            return text.encode()
        return svg.to_pdf(text) if kind == "pdf" else svg.to_print(text, kind, how.dpi)

    def save(
        self,
        path: str | Path,
        *,
        force: bool = False,
        width_mm: float | None = None,
        dpi: int = 300,
        greyscale: bool = False,
        words: bool = True,
    ) -> Path:
        """Writes the figure to a file, by its suffix: svg, pdf, png or tiff.

        Args:
            force: writes over a file that is there.
            width_mm, dpi, greyscale: as `Print` has them. words: with headline and caption.

        Raises:
            AnalysisError: another suffix, a file that is there, or a width or resolution that no print has.

        Example:
            >>> figure = kaplan_meier(cohort, "PRS").plot()
            >>> figure.save("curve.pdf", width_mm=84).name
            'curve.pdf'
        """
        kind: FileKind = suffix_of(path, PICTURES)  # type: ignore[assignment]  # one of these
        try:
            data = self.printed(kind, Print(width_mm, dpi, greyscale, words))
        except ValueError as problem:
            raise AnalysisError(str(problem).replace("a width of", "width_mm:")) from None
        return write_new(path, data, force)

    def _repr_html_(self) -> str:
        """The figure in light and dark with its headline and caption, as a notebook shows it."""
        drawn = "".join(
            f'<div class="necc-{theme}">{self.with_style(replace(self.style, theme=theme)).to_svg()}</div>'
            for theme in (("light", "dark") if self.again else (self.style.theme,))
        )
        told = " ".join(filter(None, (self.caption, self.note)))
        head = f"<figcaption><b>{html.escape(self.headline)}</b></figcaption>" if self.headline else ""
        foot = f"<p>{html.escape(told)}</p>" if told else ""
        return NOTEBOOK.format(body=f"<figure>{head}{drawn}{foot}</figure>")

    def _repr_svg_(self) -> str:
        return self.exported()

    def to_plotly(self) -> Json:
        """The description for Plotly, without what clicks mean.

        Raises:
            ValueError: the figure is an SVG from the start (`svg_only`).
        """
        if self.svg_only:
            raise ValueError(f"the figure '{self.name}' is drawn as SVG, not by Plotly")
        data, shown = self.spec["data"], self.spec["layout"]
        return {"data": [_bare(trace) for trace in data], "layout": _bare(shown)}

    def to_json(self) -> str:
        return json.dumps(self.spec, separators=(",", ":"), allow_nan=False)


def _bare(part: Json) -> Json:
    return {name: value for name, value in part.items() if name != "meta"}


def figure(headline: Callable[..., str]) -> Callable[[Callable[..., Figure]], Callable[..., Figure]]:
    """Makes `draw(result, style, ...)` return a figure that has its headline and can draw itself again.

    headline: what the figure is called when it leaves the page, of the result and the options.
    """

    def decorate(draw: Callable[..., Figure]) -> Callable[..., Figure]:
        @functools.wraps(draw)
        def drawn(result: Any, style: Style = PAGE, **options: Any) -> Figure:
            made = draw(result, style, **options)
            again = functools.partial(drawn, result, **options)
            return replace(made, style=style, headline=headline(result, **options), again=again)

        told = inspect.signature(draw)
        usual = [p.replace(default=PAGE) if p.name == "style" else p for p in told.parameters.values()]
        drawn.__signature__ = told.replace(parameters=usual)  # type: ignore[attr-defined]  # a style isn't needed
        return drawn

    return decorate


# ---------------------------------------------------------------- parts of a description
def layout(style: Style, height: float, margin: Margin, **more: Any) -> Json:
    """A layout with the house's type and colours."""
    left, right, top, bottom = (round(m) for m in margin)
    return {
        "template": {},
        "height": round(height),
        "margin": {"l": left, "r": right, "t": top, "b": bottom},
        "font": {"family": svg.FONTS, "size": style.font, "color": style.ink("text")},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": svg.FONTS, "size": max(style.font, 13)}, "align": "left"},
        "dragmode": False,
        "barmode": "overlay",
        **more,
    }


def axis(
    style: Style, low: float, high: float, ticks: Iterable[float] = (), labels: Iterable[str] | None = None,
    title: str = "",
    *, grid: bool = False, line: bool = True, marks: bool = True, small: bool = False, **more: Any,
) -> Json:  # fmt: skip
    """An axis with an explicit range and ticks; `labels` and `title` are text of a description (see `svg.plain`)."""
    values = [float(t) for t in ticks]
    color, size = style.ink("axis"), style.small if small else style.font
    axis: Json = {
        "range": [float(low), float(high)],
        "tickmode": "array",
        "tickvals": values,
        "ticktext": list(labels) if labels is not None else [tick_text(v) for v in values],
        "tickfont": {"size": size, "color": style.ink("text")},
        "showgrid": grid,
        "gridcolor": style.ink("grid"),
        "zeroline": False,
        "showline": line,
        "linecolor": color,
        "linewidth": max(1, style.line / 2),
        "ticks": "outside" if line and marks else "",
        "ticklen": round(4 * style.unit),
        "ticklabelstandoff": 0 if line and marks else round(4 * style.unit),
        "tickcolor": color,
        "automargin": False,
        "tickangle": 0,
        "fixedrange": True,
    }
    if title:
        axis["title"] = {"text": title, "standoff": round(8 * style.unit), "font": {"size": style.font}}
    return {**axis, **more}


def row_axis(style: Style, labels: Sequence[str], **more: Any) -> Json:
    """The axis of rows, the first on top; row i stands at -i."""
    return axis(style, -len(labels) + 0.5, 0.5, [-i for i in range(len(labels))], labels, line=False, **more)


def time_axis(style: Style, end: float, unit: str, title: str, most: int = 8, **more: Any) -> Json:
    """A time axis from 0, with ticks that a clinician counts in."""
    ticks = time_ticks(end, unit, most)
    return axis(style, 0, end, ticks, list(map(tick_text, ticks)), svg.plain(title), **more)


QUARTERS = (0, 0.25, 0.5, 0.75, 1)


def share_axis(
    style: Style, title: str, end: float = 1.02, ticks: Sequence[float] = QUARTERS, grid: bool = True
) -> Json:
    """An axis of shares, in percent."""
    return axis(style, 0, end, ticks, [f"{tick_text(100 * t)} %" for t in ticks], svg.plain(title), grid=grid)


def hovered(texts: Iterable[str]) -> Json:
    """What the pointer reads at each mark of a trace."""
    return {"hovertext": list(texts), "hovertemplate": "%{hovertext}<extra></extra>"}


def hints(style: Style, texts: Iterable[str], shift: float = 14, heading: str = "") -> list[Json]:
    """A column of texts right of the plot, one beside each row, `shift` units away; above them what they are."""
    shift = round(shift * style.unit)
    column = [note(style, 1, -i, svg.plain(t), yref="y", xshift=shift) for i, t in enumerate(texts) if t]
    if heading:
        muted = {"size": style.small, "color": style.ink("muted")}
        column.append(note(style, 1, 1, svg.plain(heading), xshift=shift, yanchor="bottom", font=muted))
    return column


def below_axis(style: Style, gap: float = 22) -> float:
    """Pixels of the labels and the title under a horizontal axis, and `gap` units."""
    return style.font * 2.6 + gap * style.unit


def drawn(body: str, height: int, style: Style, name: str, title: str, alt: str, caption: str) -> Figure:
    """A figure that is SVG from the start."""
    text = svg.document(body, style.px, height, title, alt)
    return Figure({}, name, alt, caption, style.px, height, style, text)


def note(style: Style, x: float, y: float, text: str, xref: str = "paper", yref: str = "paper", **more: Any) -> Json:
    """A text on the figure."""
    return {
        "x": x, "y": y, "xref": xref, "yref": yref, "text": text, "showarrow": False, "xanchor": "left",
        "yanchor": "middle", "font": {"size": style.small, "color": style.ink("text")}, **more,
    }  # fmt: skip


def legend(style: Style, names: Sequence[str], margins: float, title: str = "") -> tuple[Json, float]:
    """A legend above the plot, and the pixels that it needs there. `margins`: left + right in pixels."""
    free = style.px - margins - (svg.block_size(title, style.font)[0] + 1.2 * style.font if title else 0)
    columns, column = svg.legend_columns(names, style.font, free)
    if title and style.px < NARROW and column > free:  # the headline has it
        return legend(style, names, margins)
    rows = -(-len(names) // columns)
    described = {
        "orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom", "font": {"size": style.font},
        "itemsizing": "trace", "itemwidth": svg.sample_width(style.font), "bgcolor": "rgba(0,0,0,0)",
        "title": {"text": title, "font": {"size": style.font}},
    }  # fmt: skip
    return described, rows * (svg.LINE_HEIGHT * style.font + 4) + 8


def entry_names(names: Sequence[str], style: Style) -> list[str]:
    """Names for the legend: beside each other where they are short, else below; different ones stay different."""
    widest = max((svg.text_width(name, style.font) for name in names), default=0.0) / style.px
    room = style.px * next((r for r in (0.15, 0.34) if widest <= r), 0.5)
    if style.px < NARROW:  # beside the axis, the sample of the line and the number of patients
        room = min(room, style.px - 84 * style.unit - 1.8 * style.font - svg.sample_width(style.font)
                   - svg.text_width(" (n = 10,000)", style.font))  # fmt: skip
    return svg.fit_all(names, style.font, room)


def empty(style: Style, name: str, why: str) -> Figure:
    """A figure that says in words why there is nothing to draw."""
    size = style.font * 1.1
    text = "<br>".join(svg.plain(line) for line in svg.wrap(why, size, style.px * 0.85, lines=4))
    height = round(max(120 * style.unit, svg.block_size(text, size)[1] + 40))
    spec = {
        "data": [],
        "layout": layout(
            style, height, (0, 0, 0, 0),
            xaxis={"visible": False, "range": [0, 1], "fixedrange": True},
            yaxis={"visible": False, "range": [0, 1], "fixedrange": True},
            annotations=[note(style, 0.5, 0.5, text, xanchor="center",
            font={"size": size, "color": style.ink("muted")})],
        ),
    }  # fmt: skip
    return Figure(spec, name, why, why, style.px, height, style)
