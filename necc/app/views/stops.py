"""The paper as a path of six stops: what was asked, of whom, what was found, what doesn't add up, and what others say.

Each stop begins with a picture; 'Next' and 'Back', or the keys N and B, lead through. The full tables are one click
away.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

import streamlit as st

from necc.analysis.recurrence import site_distribution
from necc.analysis.survival import survival_grid
from necc.app.session.cache import cached, draw, draw_half
from necc.app.session.plain import md
from necc.app.session.state import get_state
from necc.app.views import literature as facts
from necc.app.views import reproduction as printed
from necc.app.widgets import parts
from necc.app.widgets.choices import OWN_FILE, choose, chosen, controls
from necc.app.widgets.glossed import show_glossed
from necc.app.widgets.show import caption, need, notes, part, show, style_sheet
from necc.app.widgets.ways import way
from necc.core.cohort import Cohort
from necc.core.selection import Selection
from necc.paper.audit import Check, shipped_audit
from necc.paper.literature import Literature, of_the_literature, shipped_library
from necc.paper.reproduction import Reproduction, compare_ratios, printed_flow, printed_numbers, site_ratios
from necc.present import figures
from necc.present.figures import Figure
from necc.present.figures.literature import KINDS
from necc.present.words import paper as words

VIEW, TOPIC, LITERATURE = "paper-view", "literature-topic", "Literature"
MOST_PICTURES, MOST_MARKS = 9, 8  # of what doesn't add up: all of it is one click away


# ---------------------------------------------------------------- the path
def step(name: str, topic: str = "") -> None:
    """Where on the path a stop is, with the ways to its neighbours, which a presentation has, too.

    topic: of the literature, whose most telling questions are steps of their own.
    """
    order, asked = list(words.STOPS), words.TELLING
    place = order.index(name)
    text = f"**{place + 1} of {len(order)}.** {md(words.STOPS[name])}"
    steps = [(stop, question) for stop in order for question in (asked if stop == LITERATURE else ("",))]
    at = (name, topic)
    if topic in asked:
        text += f", question {asked.index(topic) + 1} of {len(asked)}"
    elif topic:  # one from the list, beside the path
        steps = [(stop, question) for stop, question in steps if stop != LITERATURE or question == asked[0]]
        at = (name, asked[0])
    here = steps.index(at)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="paper-path"):
        _to("Back", steps[here - 1] if here else ("", ""), "B", "arrow_back")
        st.markdown(text, width="stretch")
        _to("Next", steps[here + 1] if here + 1 < len(steps) else ("", ""), "N", "arrow_forward")


def _to(label: str, target: tuple[str, str], key: str, icon: str) -> None:
    stop, topic = target
    where = f"{words.STOPS[stop]}: {topic}" if topic else words.STOPS.get(stop, "")
    st.button(
        label, key=f"paper-{label.lower()}", icon=f":material/{icon}:", shortcut=key, disabled=not stop,
        type="primary" if label == "Next" and stop else "secondary", on_click=_go, args=target,
        help=f"{where} (key {key})" if stop else None,
    )  # fmt: skip


def _go(stop: str, topic: str) -> None:
    get_state().rechoose((), {VIEW: stop} | ({TOPIC: topic} if topic else {}), "stop of the paper")


def _filtered(cohort: Cohort) -> None:
    """That a filter is on, where the page compares with the paper, and the way to all patients."""
    state = get_state()
    if not state.selection or not cohort.n_patients:
        return
    used, _ = printed.recipe()
    flow = cached(printed_flow)(used)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="paper-filtered"):
        caption(words.filtered(cohort.n_patients, state.whole.n_patients, flow.n if flow else None, state.sample))
        if not state.presenting:
            st.button("Clear the filters", key="paper-unfilter", type="tertiary", icon=":material/filter_alt_off:",
                      on_click=_unfilter)  # fmt: skip


def _unfilter() -> None:
    get_state().select(Selection())


# ---------------------------------------------------------------- the stops
def question(cohort: Cohort) -> None:
    """What was asked, and the sites that the question is about."""
    step("Question")
    used, _ = printed.recipe()
    show_glossed(*words.asked(used))
    need(cohort, sites=True)
    show(draw(figures.site_bars, cached(site_distribution)(cohort)), title="The sites that it is about",
         explain="site-distribution exact-interval")  # fmt: skip


def patients(cohort: Cohort) -> None:
    """How the paper's patients were chosen, and who they were."""
    step("Patients")
    used, _ = printed.recipe()
    if chosen := cached(printed_flow)(used):
        show(draw(figures.flow, chosen), title="Whom the paper is about", explain="flow", patients=False)
        caption(words.chosen(chosen))
    need(cohort)
    _filtered(cohort)
    result = _result(cohort)
    _beside(result, ("Table 1",), ("pct",), words.WHO)
    _more("All cells", "Reproduction", "patients-")


def found(cohort: Cohort) -> None:
    """What the paper found: each figure computed beside the printed one."""
    step("Findings")
    need(cohort)
    _filtered(cohort)
    result = _result(cohort)
    ratios = cached(site_ratios)(result)
    with part():
        grid = cached(survival_grid)(cohort, cohort.dictionary.role("main_endpoint"))
        show_glossed(words.answer(grid, ratios))
        show(draw(figures.survival_grid, grid), title=words.BY_SITE, explain="survival-grid adjusted-p")
    if any(c.own for c in ratios):
        show(draw(figures.printed_forest, ratios), title=words.RATIOS, explain="hazard-ratio forest-plot reproduction")
    left, right = st.columns(2)
    with left:
        _beside(result, ("Figure 2",), ("with", "without"), words.MEDIANS, draw_half)
        _beside(result, ("Figure 1",), ("with", "without"), words.WHEN, draw_half)
    with right:
        _beside(result, ("Text, survival",), ("all", "with", "without"), words.SURVIVAL, draw_half)
        _beside(result, ("Text, response",), ("pct",), words.RESPONSE, draw_half)
    notes(result)
    _more("All cells", "Reproduction", "found-")


def doubts(cohort: Cohort) -> None:
    """What doesn't add up, the gravest first, each as a picture."""
    step("Doubts")
    report = shipped_audit()
    caption(words.doubtful(report))
    pictured = [c for c in report.gravest() if c.shown is not None and len(c.shown.marks) <= MOST_MARKS]
    first = {c.kind: c for c in reversed(pictured)}  # of each kind the gravest
    gravest, *rest = sorted(first.values(), key=pictured.index)[:MOST_PICTURES]
    _check(gravest, 0, draw)
    for place, (check, column) in enumerate(zip(rest, cycle(st.columns(2)), strict=False), 1):
        with column:
            _check(check, place, draw_half)
    with st.container(horizontal=True, key="paper-more"):
        _more("All checks", "Audit", "doubts-")
        way("Check another paper", "paper", ":material/fact_check:", "doubts-", paper_view="Audit",
            audit_view="numbers of any paper")  # fmt: skip


def _check(check: Check, place: int, drawing: Callable[..., Figure]) -> None:
    show(drawing(figures.audit_picture, check), title=words.check_title(check), name=f"check-{place}",
         explain="audit", patients=False)  # fmt: skip


def others(cohort: Cohort) -> None:
    """What others found, question by question, with the loaded cohort in each picture, and the facts behind it."""
    library, findings = shipped_library()
    result = cached(of_the_literature)(cohort)
    options = (*result.topics, facts.ALL)
    step(LITERATURE, chosen(TOPIC, options, default=words.TELLING[0], fixed=True))
    with controls():
        topic = choose(TOPIC, "Question", options, default=words.TELLING[0], wide=True, fixed=True)
    _filtered(cohort)
    style_sheet("paper.css")
    parts.file_findings(findings, "file of facts")
    if notice := get_state().whole.source.notice:
        caption(words.no_replication(notice))
    if topic == facts.ALL:
        facts.summary(result)
        facts.facts(result, topic)
    else:
        _pictures(result, topic)
        facts.summary(result, topic)
        facts.behind(result, topic)
    notes(result)
    facts.advice()
    facts.take_away(result)
    facts.sources(library)


def yours(cohort: Cohort) -> None:
    """Whether the paper's hazard ratios hold in the loaded patients."""
    step("Yours")
    need(cohort)
    style_sheet("paper.css")
    _filtered(cohort)
    result = _result(cohort)
    if ratios := cached(compare_ratios)(result):
        show_glossed(words.holding(ratios))
    caption(words.no_replication(get_state().whole.source.notice))
    printed.holds(result)
    printed.cannot(result)
    with st.container(horizontal=True, key="paper-more"):
        _more("All cells", "Reproduction", "yours-")
        way("List of these patients", "patients", ":material/table_rows:", "yours-", patients_view="List")
    caption(words.ending(get_state().sample))
    with st.container(horizontal=True, key="paper-on"):
        way("Learn", "learn", ":material/school:", "yours-")
        if get_state().sample:
            way("Load your own file", "data", ":material/upload_file:", "yours-", data_view=OWN_FILE)


STOPS: dict[str, Callable[[Cohort], None]] = {
    "Question": question, "Patients": patients, "Findings": found, "Doubts": doubts, "Literature": others,
    "Yours": yours,
}  # fmt: skip


# ---------------------------------------------------------------- parts of a stop
def _result(cohort: Cohort) -> Reproduction:
    return printed.reproduced(cohort, True)


def _beside(
    result: Reproduction, tables: tuple[str, ...], columns: tuple[str, ...], what: str,
    drawing: Callable[..., Figure] = draw,
) -> None:  # fmt: skip
    """Printed numbers beside computed ones; nothing where the paper prints none of these."""
    cells = cached(printed_numbers)(result, tables, columns)
    if cells:
        show(drawing(figures.printed_beside, cells, what=what), title=what, name=what,
             explain="reproduction confidence-interval")  # fmt: skip


def _pictures(result: Literature, topic: str) -> None:
    """The pictures of a question: shares, ratios and times, as far as any is published."""
    drawn = 0
    for name, kind in KINDS.items():
        if any(kind(s.fact) for s in result.of(topic)):
            picture = draw(getattr(figures, name), result, topic=topic)
            show(picture, title="" if drawn else topic, explain="literature forest-plot")
            drawn += 1
    if not drawn:
        caption(words.NO_PICTURE)


def _more(label: str, view: str, where: str) -> None:
    way(label, "paper", ":material/table:", where, paper_view=view)
