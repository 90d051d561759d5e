"""What the tests of the pages, without a browser, ask of a page."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from importlib import import_module

from streamlit.testing.v1 import AppTest

from necc.app.session.cache import cached
from necc.app.shell.navigation import MOVED, PAGES
from necc.app.views import about, data, models, paper, survival
from necc.core.text import slug
from necc.present.figures import Figure

NAMES = [name for name, _ in PAGES]
VIEWS = {**MOVED, "timing": ("treatment", {"treatment-view": "timing"})}
KINDS = ("markdown", "caption", "info", "warning", "error", "success", "code")


def open_page(app, name: str):
    """The page of this name, run; of a name of earlier versions the view that it has become."""
    page, views = (name, {}) if name in NAMES else VIEWS[name]
    app.run()
    app = app if page == NAMES[0] else app.switch_page(f"pages/{page}.py").run()
    for choice, view in views.items():
        app = look_at(app, choice, view)
    return app


def view_alone(script: str, **query):
    """A script that draws a view without the frame of a page, run at an address."""
    app = AppTest.from_string(script, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def look_at(app, choice: str, view: str):
    """A view of the page by its word in an address."""
    for buttons in app.button_group:
        if buttons.key == f"choice-{choice}":
            label = next(o for o in map(plain, buttons.options) if slug(o) == view)
            return buttons.set_value(label).run()
    known = [v for room in (about, data, models, paper, survival) for v in room.VIEWS] + ["Timing", "Table 1"]
    app.session_state["necc"].chosen[choice] = next(v for v in known if slug(v) == view)  # projected: no control
    return app.run()


def plain(option) -> str:
    """The words on a button, without Markdown's backslashes."""
    return str(getattr(option, "content", option)).replace("\\", "")


def failures(app) -> list[str]:
    return [str(e.value) for e in (*app.exception, *app.error)]


def words(app) -> str:
    """Everything that a page says, as one text; Markdown's backslashes are left out, and bold is told by stars."""
    said = [str(e.value) for kind in KINDS for e in getattr(app, kind)]
    said += [re.sub("</?b>", "**", e.proto.body) for e in app.get("html")]
    return html.unescape("\n".join(said)).replace("\\", "")


SHOWN: dict[str, Figure] = {}  # by the text of its picture
_shows = import_module("necc.app.widgets.show")  # the package may have a function of that name
_draw = _shows._figure


def _noted(figure: Figure, *args) -> None:
    SHOWN[cached(Figure.to_svg)(figure, interactive=True)] = figure
    _draw(figure, *args)


_shows._figure = _noted  # a page is handed the picture alone; the tests read the description that it was drawn from


def shown_figures(app) -> list[Figure]:
    """The figures of a page, in their order."""
    parts = [e.proto for e in app.get("bidi_component") if e.proto.component_name == "necc_picture"]
    return [SHOWN[json.loads(part.json)["svg"]] for part in parts]


def charts(app) -> list[dict]:
    """The descriptions of a page's charts, without figures that are words alone."""
    return [f.spec for f in shown_figures(app) if not f.svg_only and f.spec["data"]]


def pictures(app) -> int:
    """How many figures have no description: SVG from the start, or words alone."""
    return len(shown_figures(app)) - len(charts(app))


def tables(app) -> list[list[list[str]]]:
    """The tables of a page: rows of cells, headings first."""
    found = []
    for body in (e.proto.body for e in app.get("html")):
        if "<table" in body:
            rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
            found.append([[html.unescape(c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", r)] for r in rows])
    return found


def choose(app, name: str, value):
    """Sets the choice of this name, by its value or, on a button, by its words."""
    key = f"choice-{name}"
    for kind in ("multiselect", "selectbox", "button_group", "text_input", "slider", "toggle"):
        for widget in getattr(app, kind):
            if widget.key == key:
                return widget.set_value(value).run()
    raise AssertionError(f"no choice '{name}'")


def press(app, label: str):
    return next(b for b in app.button if b.label == label).click().run()


def unexplained(app) -> list[str]:
    """Figures, tables and rows of headline numbers that have no "Explain" beside them."""

    def look(block) -> tuple[bool, list[str]]:
        """Whether there is an explanation in a block, and what in it still lacks one."""
        explained, lacking = False, []
        for child in block.children.values():
            if child.type == "popover":
                explained |= child.proto.popover.label == "Explain"
            elif hasattr(child, "children"):
                below, left = look(child)
                explained, lacking = explained or below, lacking + left
            elif getattr(child.proto, "component_name", "") == "necc_picture":
                lacking.append(child.type)
            elif child.type == "html" and re.search("<table|necc-numbers", child.proto.body):
                lacking.append(re.sub("<[^>]+>", " ", child.proto.body)[:200])
        return explained, [] if explained else lacking

    found: list[str] = []
    for child in app.main.children.values():  # an explanation elsewhere on the page doesn't count
        found += look(child)[1] if hasattr(child, "children") else look(_Alone({0: child}))[1]
    return found


@dataclass(frozen=True)
class _Alone:
    children: dict
