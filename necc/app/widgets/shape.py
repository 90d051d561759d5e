"""The figure of curves as a person wants it: its controls behind one button, and what is chosen as one object.

Each control is an ordinary choice: undone, kept by a project, and taken as chosen where no controls are shown. Words
that a person writes never stand in a link, nor are they part of what sessions share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import Any

import streamlit as st

from necc.analysis.regression import hazard_ratios
from necc.analysis.survival import KaplanMeier, Show
from necc.app.session.cache import cached, draw
from necc.app.session.plain import esc, md
from necc.app.session.state import get_state
from necc.app.widgets.choices import choose, choose_some, enter, options, switch
from necc.app.widgets.show import bullets, download
from necc.core.cohort import Cohort
from necc.core.errors import Finding
from necc.present import figures
from necc.present.figures import CurveSettings, Figure
from necc.present.figures.settings import CURVES, HEIGHTS, USUAL, WIDTHS
from necc.present.words.captions.settings import LABELS, PALETTE_NAMES, ROW_NAMES

PREFIX = "curve-"
UPLOADS = "necc-curve-uploads"
USUALLY = {"usual": None, "on": True, "off": False}
SWITCHED = {"usual": "As usual", "on": "On", "off": "Off"}
ROWS: dict[str, tuple[str, ...] | None] = {
    "usual": None, "none": (),
    **{", ".join(of): of for n in (1, 2, 3) for of in combinations(ROW_NAMES, n)},
}  # fmt: skip
ROW_WORDS = {"usual": "As usual", "none": "None"} | {
    name: ", ".join(ROW_NAMES[of] for of in rows) for name, rows in ROWS.items() if rows
}
UPLOADED = "curve-settings-upload"
LARGEST = 100_000  # bytes of a settings file


def curve_settings(cohort: Cohort, km: KaplanMeier, show: Show = "survival") -> CurveSettings:
    """What is chosen for figures of these curves; draws the button with the controls where controls are shown.

    Args:
        cohort: whose levels have words and an order, whatever is filtered.
        km: the curves. show: what they show, which is asked elsewhere.
    """
    _take_opened(km)
    levels = cohort.whole.factor(km.by).levels if km.by else ()
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "Axes": partial(_axes, km.unit), "Marks": partial(_marks, bool(km.by)),
        "Words": partial(_words, km.by or "", levels), "Colours, size": _look,
    }  # fmt: skip
    presenting, asked = get_state().presenting, {"show": show}
    with options("Figure", ":material/palette:"):
        tabs: Iterable[AbstractContextManager] = [nullcontext()] * len(parts) if presenting else st.tabs(list(parts))
        for tab, draw_part in zip(tabs, parts.values(), strict=True):
            with tab:
                asked |= draw_part()
        settings, wrong = _settings(asked)
        if not presenting:
            bullets(map(esc, wrong))
            _beside_all(settings, km, changed=bool(wrong) or settings != replace(USUAL, show=show))
    get_state().desk.shaped["curves"] = settings
    return settings


def _take_opened(km: KaplanMeier) -> None:
    """Chooses as an opened project says that has settings alone: the command line or a person wrote them."""
    state = get_state()
    table = state.desk.unshaped.pop("curves", None)
    if table and not _ours():
        state.chosen |= as_choices(CurveSettings(**dict[str, Any](table)), km.unit, km.by or "")


def _beside_all(settings: CurveSettings, km: KaplanMeier, changed: bool) -> None:
    """The way back, and the settings as a file, to take away and to read."""
    with st.container(horizontal=True, key="curve-settings-file"):
        st.button("Back to usual", key="curve-usual", icon=":material/restart_alt:", on_click=_back,
                  disabled=not changed, help="The figure without settings; 'Undo' brings them back")  # fmt: skip
        download("Settings", lambda: settings.to_toml().encode(), "curve-settings.toml", "application/toml",
                 help="A file for the command line: necc km FILE --svg OUT --settings THIS")  # fmt: skip
    taken = st.session_state.setdefault(UPLOADS, Taken())
    key = f"{UPLOADED}-{taken.count}"  # another one has forgotten the last file
    st.file_uploader("Settings from a file", type=["toml"], key=key, on_change=_take, args=(key, km.unit, km.by or ""))
    bullets(esc(f.line()) for f in taken.findings)


@dataclass
class Taken:
    """How many settings files were read, and what was wrong with the last one."""

    count: int = 0
    findings: tuple[Finding, ...] = ()


def _take(key: str, unit: str, by: str) -> None:
    """Takes the settings of a file instead of those that were chosen, in one step."""
    file, taken = st.session_state.get(key), st.session_state[UPLOADS]
    if file is None:
        return
    text = file.getvalue()[: LARGEST + 1]
    settings, findings = CurveSettings.from_toml(text if len(text) <= LARGEST else b"\xff")
    taken.count, taken.findings = taken.count + 1, findings
    if not any(f.code in ("settings-not-text", "settings-not-toml") for f in findings):
        get_state().rechoose(_ours(), as_choices(settings, unit, by), "figure")


def as_choices(settings: CurveSettings, unit: str, by: str) -> dict[str, object]:
    """What would be chosen to have these settings."""
    table = settings.to_table()
    numbers = {"end": f"end-{unit}", "step": f"step-{unit}", "width": "width", "height": "height"}
    chosen: dict[str, object] = {numbers[name]: f"{table[name]:.10g}" for name in numbers if name in table}
    chosen |= {name: table[name] for name in ("title", "scale", "palette", "ratio", "censoring") if name in table}
    chosen |= {name: "on" if table[name] else "off" for name in ("bands", "medians") if name in table}
    if settings.table is not None:
        chosen["table"] = next(name for name, rows in ROWS.items() if rows is not None and {*rows} == {*settings.table})
    if by and settings.order:
        chosen[f"order-{by}"] = list(settings.order)
    chosen |= {f"word-{by}-{level}": word for level, word in settings.legend if by}
    return {"show": settings.show, **{f"{PREFIX}{name}": value for name, value in chosen.items()}}


def draw_shaped(cohort: Cohort, km: KaplanMeier, settings: CurveSettings, **more: Any) -> Figure:
    """The curves drawn by these settings, with the hazard ratios that they ask for."""
    return draw(figures.survival_curves, km, **shaped(cohort, km, settings), **more)


def shaped(cohort: Cohort, km: KaplanMeier, settings: CurveSettings) -> dict[str, Any]:
    """Options of a figure of these curves: the settings, and the hazard ratios that they ask for."""
    own: dict[str, Any] = {}
    if settings.ratio and km.by:
        own["ratios"] = cached(hazard_ratios)(cohort, km.endpoint, km.by, order=settings.order)
    if settings != USUAL:  # what nobody changed is drawn once for all sessions
        own["settings"] = settings
    return own


def told(figure: Figure, settings: CurveSettings) -> None:
    """Below the figure, what of the settings could not be as asked; on the page and in its downloads."""
    if get_state().presenting:
        return
    found: Iterable[Finding] = figure.noticed
    if settings.height or settings.width:
        found = (*found, *cached(Figure.with_style)(figure, figures.PRINT).noticed)
    bullets(dict.fromkeys(esc(f.message) for f in found))


def _settings(asked: dict[str, Any]) -> tuple[CurveSettings, list[str]]:
    """The settings, and what is wrong with values that no figure has, which are left out."""
    values, wrong = {}, []
    for name, value in asked.items():
        if value is None:
            continue
        try:
            values[name] = CURVES.optional[name](list(value) if isinstance(value, tuple) else value)
        except ValueError as problem:
            wrong.append(f"{LABELS[name]}: {problem}")
    return CurveSettings(**values), wrong


def _number(text: str) -> float | str | None:
    """A number with a decimal point or comma; the text where it is none."""
    try:
        return float(text.strip().replace(",", ".")) if text.strip() else None
    except ValueError:
        return text


def _row() -> Any:
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def _axes(unit: str) -> dict[str, Any]:
    with _row():
        help_text = "The drawing ends there; the numbers stay as they are"
        end = enter(f"{PREFIX}end-{unit}", f"Ends at ({unit})", width=150, help=help_text)
        step = enter(f"{PREFIX}step-{unit}", f"Tick every ({unit})", width=150)
    scale = choose(f"{PREFIX}scale", LABELS["scale"], ("percent", "proportion"), fixed=True,
                   words={"percent": "Percent", "proportion": "Proportion"})  # fmt: skip
    return {"end": _number(end), "step": _number(step), "scale": scale}


def _marks(grouped: bool) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    with _row():
        for name in ("bands", "medians"):
            picked = choose(f"{PREFIX}{name}", LABELS[name], tuple(USUALLY), words=SWITCHED, fixed=True, wide=True,
                            width=150)  # fmt: skip
            asked[name] = USUALLY[picked]
    table = choose(f"{PREFIX}table", LABELS["table"], tuple(ROWS), words=ROW_WORDS, fixed=True, wide=True, width=310)
    asked["table"] = ROWS[table]
    with _row():
        asked["censoring"] = None if switch(f"{PREFIX}censoring", LABELS["censoring"], default=True) else False
        if grouped:
            asked["ratio"] = switch(f"{PREFIX}ratio", LABELS["ratio"], help="Each level against the first, by Cox's "
                                    "model, and whether hazards look proportional")  # fmt: skip
    return asked


def _look() -> dict[str, Any]:
    help_text = "Each with dashes, so that no curve is told by colour alone"
    palette = choose(f"{PREFIX}palette", LABELS["palette"], tuple(PALETTE_NAMES), words=PALETTE_NAMES, fixed=True,
                     wide=True, width=310, help=help_text)  # fmt: skip
    with _row():
        width = enter(f"{PREFIX}width", f"{LABELS['width']} (mm)", width=150,
                      help=f"Of SVG and PNG, {WIDTHS[0]} to {WIDTHS[1]}; 174 without")  # fmt: skip
        height = enter(f"{PREFIX}height", f"{LABELS['height']} (mm)", width=150,
                       help=f"{HEIGHTS[0]} to {HEIGHTS[1]}, without title and caption")  # fmt: skip
    return {"palette": palette, "width": _number(width), "height": _number(height)}


def _words(by: str, levels: tuple[str, ...]) -> dict[str, Any]:
    """Title, words of the levels, and their order."""
    asked: dict[str, Any] = {"title": enter(f"{PREFIX}title", LABELS["title"], width=310, written=True)}
    if len(levels) > 1:
        asked["order"] = choose_some(f"{PREFIX}order", LABELS["order"], levels, of=by, width=310)
        words = {
            level: enter(f"{PREFIX}word", f"Legend: {md(level)}", of=(by, level), written=True, width=310,
                         told=f"Legend: {level}")
            for level in levels
        }  # fmt: skip
        asked["legend"] = {level: word for level, word in words.items() if word.strip()}
    return asked


def _ours() -> list[str]:
    """The names of what is chosen here."""
    return [name for name in get_state().chosen if name.startswith(PREFIX)]


def _back() -> None:
    get_state().rechoose(_ours(), {}, "figure")
