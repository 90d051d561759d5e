"""What a filter click and a first visit cost in a real browser, as multiples of an empty Streamlit page's.

    python benchmarks/bench_app.py [N ...] [--rounds R]        default: 88 100000, 7 rounds

A click is timed from the event to the last change of the page (a mutation of the DOM or a canvas), the median of the
rounds; the empty page has one checkbox and one text and Streamlit's own settings, on the same machine in the same run,
before and after. A first visit is timed from
the request to the text of the page, on a server that was just started, its files warm; the start itself, from the
command to the server's first answer, is told beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from cohorts import csv
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from necc.app.shell.navigation import PAGES  # noqa: E402
from run import find_browser  # noqa: E402

GRID = "survival:grid"
EMPTY = "import streamlit as st\nst.write('on' if st.checkbox('switch') else 'off')\n"
FLAGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
WATCH = """() => { window.last = 0; new MutationObserver(() => { window.last = performance.now(); }).observe(
  document.body, {subtree: true, childList: true, attributes: true, characterData: true}); }"""
CLICK = """async ([selector, deep]) => {
  const all = (root) => [...root.querySelectorAll('*')].flatMap((e) => e.shadowRoot ? [e, ...all(e.shadowRoot)] : [e]);
  const box = deep ? all(document).find((e) => e.matches && e.matches(selector)) : document.querySelector(selector);
  window.last = 0; const begin = performance.now(); box.click();
  while (performance.now() - begin < 20000 && (!window.last || performance.now() - window.last < 700 ||
         document.querySelector('[data-testid="stStatusWidget"]'))) await new Promise((r) => setTimeout(r, 20));
  return window.last - begin; }"""


@contextlib.contextmanager
def serve(script: Path, **environment: str) -> Iterator[str]:
    """A fresh server; yields its address."""
    with served(script, **environment) as (address, _):
        yield address


@contextlib.contextmanager
def served(script: Path, **environment: str) -> Iterator[tuple[str, int]]:
    """A fresh server; yields its address and the number of its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"PORT": str(port), "HEADLESS": "true"}
    settings = {f"STREAMLIT_SERVER_{k}": v for k, v in settings.items()} | {
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"
    }
    words = ["necc", "app"] if script.name == "dashboard.py" else ["streamlit", "run", str(script)]
    process = subprocess.Popen(
        [sys.executable, "-m", *words], env={**os.environ, "PYTHONPATH": str(ROOT), **settings, **environment},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=script.parent,
    )  # fmt: skip
    address = f"http://localhost:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address + "/_stcore/health", timeout=1)
                break
            time.sleep(0.1)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


def settle(page: Page) -> None:
    page.wait_for_timeout(1500)
    page.wait_for_function("!document.querySelector('[data-testid=\"stStatusWidget\"]')", timeout=60_000)
    page.wait_for_timeout(500)


def clicks(page: Page, selector: str, deep: bool, rounds: int) -> float:
    """Median milliseconds from a click to the last change."""
    page.evaluate(WATCH)
    times = [page.evaluate(CLICK, [selector, deep]) for _ in range(rounds + 2)]
    return statistics.median(times[2:])  # the first two warm both sides


def of_empty(browser: Browser, script: Path, rounds: int) -> float:
    """Median milliseconds of a click on an empty page."""
    with serve(script) as address:
        page = browser.new_page()
        page.goto(address)
        page.get_by_text("switch").wait_for()
        settle(page)
        took = clicks(page, "input[type=checkbox]", False, rounds)
        page.close()
        return took


def open_page(page: Page, address: str, name: str) -> None:
    path, _, view = name.partition(":")
    page.goto(f"{address}/{'' if path == PAGES[0][0] else path}")
    page.get_by_text("patients").first.wait_for(timeout=60_000)
    settle(page)
    if view == "grid":
        page.get_by_label("By", exact=True).click()
        page.get_by_role("option", name="every site").first.click()
        settle(page)


def first_visit(browser: Browser, script: Path, words: str) -> tuple[float, float]:
    """Seconds from command to first answer and from request to the page's words, on fresh servers; medians of five."""
    starts, visits = [], []
    for _ in range(5):
        begin = time.perf_counter()
        with serve(script) as address:
            starts.append(time.perf_counter() - begin)
            page = browser.new_page()
            begin = time.perf_counter()
            page.goto(address)
            page.get_by_text(words).first.wait_for(timeout=60_000)
            visits.append(time.perf_counter() - begin)
            page.close()
    return statistics.median(starts), statistics.median(visits)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int, default=[88, 100_000])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    flags = FLAGS + (["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=flags)
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY)
        floor = of_empty(browser, empty, options.rounds)
        print(f"an empty page's rerun: {floor:.0f} ms\n\n| patients | page | click (ms) | x empty |\n|---|---|---|---|")
        for n in options.sizes:
            path = Path(folder) / f"cohort_{n}.csv"
            path.write_bytes(csv(n))
            with serve(ROOT / "dashboard.py", NECC_DATA=str(path)) as address:
                for name in [name for name, _ in PAGES] + [GRID]:
                    page = browser.new_page(viewport={"width": 1400, "height": 1000})
                    open_page(page, address, name)
                    page.locator("input[type=checkbox][data-place='0']").first.wait_for(
                        state="attached", timeout=60_000
                    )
                    took = clicks(page, "input[type=checkbox][data-place='0']", True, options.rounds)
                    print(f"| {n:,} | {name} | {took:.0f} | {took / floor:.1f} |", flush=True)
                    page.close()
        print(f"\nan empty page's rerun again: {of_empty(browser, empty, options.rounds):.0f} ms")
        bare_start, bare = first_visit(browser, empty, "switch")
        start, ours = first_visit(browser, ROOT / "dashboard.py", "88 patients")
        print(f"\nfirst visit after a cold start: {ours:.2f} s, an empty page's {bare:.2f} s, ratio {ours / bare:.2f}")
        print(f"the start before it: {start:.2f} s, an empty page's {bare_start:.2f} s")
        browser.close()


if __name__ == "__main__":
    main()
