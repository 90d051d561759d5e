"""What clicks cost the server, of one person and of a class, as multiples of an empty Streamlit page's.

    python benchmarks/bench_load.py [--people 45] [--every 5] [--seconds 60] [--together] [--patients N]
                                    [--pages sites survival ...]

No browser: each person is a websocket that speaks Streamlit's protocol as its page does. A click sets a filter of the
panel; it is over when the script has finished. One person alone clicks 40 times on one level, in and out again, so that
results are at hand (`again`), and 40 times on filters not set before, so that all is computed (`new`): the processor
time of the server by click is read from /proc (Linux), and the messages and bytes by click are counted. Then a class:
everybody sets filters in an order of their own, or all in the same (`--together`), as where somebody teaches; a click
each `every` seconds, or as soon as the click before is over. The empty page has one checkbox and one text, its own
server, and the same clients; it is measured before and after, and once more with the dashboard's settings, without
Streamlit's collection of garbage after each run, which is most of what it costs.

`--patients` takes a made-up cohort of so many instead of the sample, `--people 0` leaves the class out.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import websockets
from bench_app import EMPTY, GRID, ROOT, served
from cohorts import csv
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from necc.app.shell.navigation import PAGES

ALONE, WARM = 40, 4  # clicks of one person that are measured, and before them
TRIGGER = "$$STREAMLIT_INTERNAL_KEY_{}__events"  # the widget by which a component says what was done
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
QUERIES = {GRID: "by=all-sites"}


@dataclass
class Person:
    """A page that is open: what its browser would know."""

    socket: websockets.ClientConnection
    page: str
    query: str = ""
    page_hash: str = ""
    widgets: dict[str, WidgetState] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)  # large messages that the browser keeps, by their hash
    panel: tuple[str, dict] | None = None
    checkbox: str = ""
    number: int = 0
    on: bool = False
    order: int = 0
    plan: Iterator[tuple[dict, list[int]]] | None = None
    messages: int = 0
    size: int = 0
    failed: str = ""

    async def run(self, trigger: WidgetState | None = None) -> float:
        """Asks for a run of the script; seconds until it has finished."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self.query, self.page_hash
        asked.page_name = "" if self.page_hash else self.page
        asked.widget_states.widgets.extend([*self.widgets.values(), *([trigger] if trigger else [])])
        asked.cached_message_hashes.extend(self.known)
        asked.context_info.timezone, asked.context_info.locale = "Europe/Berlin", "en-GB"
        begin = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while not self._finished(await self.socket.recv()):
            pass
        return time.perf_counter() - begin

    def _finished(self, data: str | bytes) -> bool:
        message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
        self.messages, self.size = self.messages + 1, self.size + len(data)
        kind = message.WhichOneof("type")
        if kind == "delta":
            self._drawn(message)
        elif kind == "navigation":
            self.page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        return kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY

    def _drawn(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if message.metadata.cacheable:
            self.known.add(message.hash)
        if element.bidi_component.component_name == "necc_filters":
            self.panel = element.bidi_component.id, json.loads(element.bidi_component.json)
        elif element.WhichOneof("type") == "checkbox":
            self.checkbox = element.checkbox.id
        elif element.WhichOneof("type") == "exception" or "could not be drawn" in element.alert.body:
            self.failed = element.exception.message or element.alert.body

    async def click(self, new: bool = False) -> float:
        """Seconds of a click on a level of the filter panel, in and out again, or on filters not set before."""
        self.on = not self.on
        if self.panel is None:  # an empty page has a checkbox alone
            self.widgets[self.checkbox] = WidgetState(id=self.checkbox, bool_value=self.on)
            return await self.run()
        panel, data = self.panel
        self.number = max(self.number, data["seen"]) + 1
        if new:
            self.plan = self.plan or planned(data, self.order)
            facet, levels = next(self.plan)
        else:
            facet = next(lists(data))
            levels = [len(facet["levels"]) - 1] if self.on else []
        change = {"name": facet["name"], "kind": facet["kind"], "levels": levels, "missing": False}
        told = [{"event": "changes", "value": [{**change, "number": self.number}]}]
        took = await self.run(WidgetState(id=TRIGGER.format(panel), json_trigger_value=json.dumps(told)))
        if self.failed or self.panel[1]["seen"] != self.number:
            raise RuntimeError(f"a click on the page '{self.page}' did nothing: {self.failed or 'not seen'}")
        return took


def lists(data: dict) -> Iterator[dict]:
    """The panel's lists of levels."""
    return (f for section in data["sections"] for f in section["facets"] if f["kind"] in ("levels", "site"))


def planned(data: dict, order: int) -> Iterator[tuple[dict, list[int]]]:
    """Filters in an order of chance: of one list at a time, each set of levels that a tenth of the patients meets."""
    facets = list(lists(data))
    random.Random(order).shuffle(facets)
    for facet in facets:
        places = range(len(facet["levels"]))
        sets = [list(c) for n in range(1, len(places)) for c in itertools.combinations(places, n)]
        sets = [c for c in sets if 10 * sum(facet["levels"][i]["all"] for i in c) >= data["n"]]
        yield from ((facet, levels) for levels in sets[:12])
        yield facet, []


async def visit(address: str, name: str, order: int = 0) -> Person:
    """Opens a page, as a browser does on the first visit; `order` chooses the order of the filters to come."""
    socket = await websockets.connect(
        address.replace("http", "ws") + "/_stcore/stream", subprotocols=["streamlit"], max_size=None,
    )  # fmt: skip
    person = Person(socket, name.partition(":")[0], QUERIES.get(name, ""), order=order)
    await person.run()
    return person


def spent(pid: int) -> float:
    """Seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@dataclass(frozen=True)
class Alone:
    """One person's click: milliseconds of the server's processor, and until it was over; messages and kilobytes."""

    again: float
    new: float
    took: float
    messages: float
    size: float


async def alone(address: str, pid: int, name: str) -> Alone:
    person = await visit(address, name)
    for _ in range(WARM):
        await person.click()
    messages, size = person.messages, person.size
    again, took = await repeated(person, pid, False)
    told = (person.messages - messages) / ALONE, (person.size - size) / ALONE / 1000
    new, _ = await repeated(person, pid, True)
    await person.socket.close()
    return Alone(again, new, took, *told)


async def repeated(person: Person, pid: int, new: bool) -> tuple[float, float]:
    """Milliseconds of the server's processor by click, and the median until it was over."""
    before, times = spent(pid), []
    for _ in range(ALONE):
        times.append(await person.click(new))
        await asyncio.sleep(0.05)
    return (spent(pid) - before) * 1000 / ALONE, statistics.median(times) * 1000


async def crowd(address: str, name: str, options: argparse.Namespace) -> tuple[int, float, float]:
    """Clicks, and the median and the 95th percentile of the milliseconds that they took."""
    every, chance, times = options.every, random.Random(655), []
    opened = [await visit(address, name, 0 if options.together else i) for i in range(options.people)]
    starts = [chance.random() * every for _ in opened]
    end = time.perf_counter() + options.seconds

    async def clicks(person: Person, start: float) -> None:
        await asyncio.sleep(start)
        while (now := time.perf_counter()) < end:
            times.append(await person.click(new=True))
            await asyncio.sleep(max(0.0, now + every - time.perf_counter()))

    await asyncio.gather(*(clicks(person, start) for person, start in zip(opened, starts, strict=True)))
    await asyncio.gather(*(person.socket.close() for person in opened))
    ms = sorted(1000 * t for t in times)
    return len(ms), statistics.median(ms), ms[int(0.95 * (len(ms) - 1))]


async def measure(script: Path, name: str, options: argparse.Namespace, data: str) -> tuple[Alone, tuple]:
    """A page, for one person and for a class, each on a fresh server: nothing of another visit is left in it."""
    environment, many = {"NECC_DATA": data} if data else {}, ()
    with served(script, **environment) as (address, pid):
        one = await alone(address, pid, name)
    if options.people:
        with served(script, **environment) as (address, _):
            many = await crowd(address, name, options)
    return one, many


def row(name: str, one: Alone, many: tuple, floor: tuple[Alone, tuple]) -> None:
    cells = [f"{one.again:.0f}", f"{one.again / floor[0].again:.1f}", f"{one.new:.0f}", f"{one.new / floor[0].new:.1f}"]
    cells += [f"{one.took:.0f}", f"{one.messages:.0f}", f"{one.size:.0f}"]
    if many:
        cells += [f"{many[0]}", f"{many[1]:.0f}", f"{many[2]:.0f}", f"{many[2] / floor[1][2]:.1f}"]
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=45)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between a person's clicks")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the class clicks on each page")
    parser.add_argument("--together", action="store_true", help="all set the same filters, in the same order")
    parser.add_argument("--patients", type=int, default=0, help="a made-up cohort of this size, not the sample")
    parser.add_argument("--pages", nargs="*", default=[name for name, _ in PAGES] + [GRID])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty, data = Path(folder) / "empty.py", ""
        empty.write_text(EMPTY)
        if options.patients:
            data = str(Path(folder) / "cohort.csv")
            Path(data).write_bytes(csv(options.patients))
        heads = ["page", "CPU again (ms)", "x empty", "CPU new (ms)", "x empty", "click (ms)", "messages", "kB"]
        heads += ["clicks", "p50 (ms)", "p95 (ms)", "p95 x empty"] if options.people else []
        print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
        floor = await measure(empty, "", options, "")
        row("empty", *floor, floor)
        for name in options.pages:
            first = name == PAGES[0][0]
            row(name, *await measure(ROOT / "dashboard.py", "" if first else name, options, data), floor)
        row("empty again", *await measure(empty, "", options, ""), floor)
        shutil.copytree(ROOT / ".streamlit", Path(folder) / ".streamlit")
        row("empty, our settings", *await measure(empty, "", options, ""), floor)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
