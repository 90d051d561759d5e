// A presentation: all screens are here, so a key shows the next one at once; Python is told of a change and of leaving.
// Nothing of a screen goes into the address or is kept by the browser.
const AGAIN = 700; // ms: what is sent while a page is being built can get lost
const SEEN = 2600; // ms that the buttons stay after the pointer rests
const SWIPE = 50; // pixels
const places = new Map(); // of this page: where each presentation was left
const views = new WeakMap();

const KEYS = {
  ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", n: "next",
  ArrowLeft: "previous", ArrowUp: "previous", PageUp: "previous", Backspace: "previous", p: "previous",
  Home: "first", End: "last", f: "full", b: "black", ".": "black", s: "notes", o: "overview", t: "tools", "?": "keys",
  Escape: "escape", Enter: "enter",
};
const HELP = [
  ["→  Page Down  Space  N", "next screen"],
  ["←  Page Up  P", "previous screen"],
  ["Home, End", "first and last screen"],
  ["a number, then Enter", "that screen"],
  ["O", "all screens"],
  ["B  or  .", "black, and back"],
  ["T", "change a filter or the site"],
  ["S", "notes"],
  ["F", "full screen; where the browser refuses, F11"],
  ["Esc", "close what is open, then leave"],
];

// -------------------------------------------------------------- what is shown
const part = (view, name) => view.root.querySelector(`.${name}`);
const isOpen = (view, name) => !part(view, name).hidden;

function toggle(view, name, on = part(view, name).hidden) {
  for (const other of ["overview", "keys", "tools"]) if (other !== name && on) part(view, other).hidden = true;
  part(view, name).hidden = !on;
  for (const button of view.root.querySelectorAll(`[data-does=${name}]`)) button.setAttribute("aria-pressed", String(on));
  if (on && name === "overview") drawOverview(view);
  if (on && name === "tools") part(view, name).querySelector("select")?.focus();
  if (!on) view.root.focus({ preventScroll: true });
}

function say(view, words) {
  part(view, "said").textContent = words;
}

function show(view, at) {
  const { screens } = view.data;
  view.at = Math.min(Math.max(at, 0), screens.length - 1);
  places.set(view.data.mark, view.at);
  const one = screens[view.at];
  part(view, "stage").innerHTML = one.svg;
  part(view, "notes").querySelector("p").textContent = one.notes || "No notes on this screen.";
  part(view, "place").textContent = `${view.at + 1} of ${screens.length}`;
  for (const [does, end] of [["previous", 0], ["next", screens.length - 1]]) {
    view.root.querySelector(`.bar [data-does=${does}]`).toggleAttribute("aria-disabled", view.at === end);
  }
  say(view, `Screen ${view.at + 1} of ${screens.length}: ${one.title}`);
}

function drawOverview(view) {
  const list = part(view, "overview");
  list.replaceChildren(
    ...view.data.screens.map((one, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.innerHTML = one.svg;
      button.setAttribute("aria-label", `${i + 1}: ${one.title}`);
      if (i === view.at) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => {
        show(view, i);
        toggle(view, "overview", false);
      });
      return button;
    }),
  );
  list.children[view.at]?.focus();
}

function drawTools(view) {
  const box = part(view, "tools");
  const { choices } = view.data;
  box.replaceChildren(
    ...choices.map((one) => {
      const label = document.createElement("label");
      const select = document.createElement("select");
      label.append(document.createTextNode(one.label), select);
      const groups = new Map([["", select]]);
      for (const [group, text, value] of one.options) {
        if (!groups.has(group)) {
          const made = document.createElement("optgroup");
          made.label = group;
          select.append(made);
          groups.set(group, made);
        }
        groups.get(group).append(new Option(text, String(value), false, value === one.value));
      }
      select.addEventListener("change", () => change(view, one.name, Number(select.value)));
      return label;
    }),
  );
  view.root.querySelector(".bar [data-does=tools]").hidden = !choices.length;
}

// -------------------------------------------------------------- what is told to Python
function change(view, name, value) {
  view.root.classList.add("busy");
  say(view, "The screens are made again.");
  view.number += 1;
  view.send("changed", { name, value, number: view.number });
}

function leave(view) {
  view.left = true;
  view.root.hidden = true;
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  const tell = () => {
    if (!view.root.isConnected || !view.left) return;
    view.number += 1;
    view.send("left", view.number);
    setTimeout(tell, AGAIN);
  };
  tell();
}

// -------------------------------------------------------------- keys and buttons
function backOut(view) {
  const opened = ["overview", "keys", "tools", "black"].find((name) => isOpen(view, name));
  if (view.typed) type(view, "");
  else if (opened) toggle(view, opened, false);
  else leave(view);
}

function full() {
  const asked = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
  asked?.catch(() => {}); // F11 does it, too
}

function type(view, digits) {
  view.typed = digits.slice(0, 4);
  part(view, "typed").hidden = !view.typed;
  part(view, "typed").textContent = view.typed ? `Screen ${view.typed}, then Enter` : "";
}

function act(view, does) {
  const { typed } = view;
  type(view, "");
  const moves = { next: view.at + 1, previous: view.at - 1, first: 0, last: view.data.screens.length - 1 };
  if (does === "enter" && typed) show(view, Number(typed) - 1);
  else if (does in moves && isOpen(view, "overview")) walk(view, moves[does]);
  else if (does in moves) {
    if (isOpen(view, "black")) toggle(view, "black", false);
    show(view, moves[does]);
  } else if (does === "full") full();
  else if (does === "leave") leave(view);
  else if (["black", "notes", "overview", "tools", "keys"].includes(does)) toggle(view, does);
}

// In the overview the arrows choose, and Enter shows what is chosen.
function walk(view, to) {
  const at = Math.min(Math.max(to, 0), view.data.screens.length - 1);
  show(view, at);
  for (const [i, button] of [...part(view, "overview").children].entries()) {
    if (i === at) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  part(view, "overview").children[at]?.focus();
}

function key(view, event) {
  if (!view.root.isConnected) {
    view.stop();
    return;
  }
  if (view.left || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.composedPath()[0];
  const typing = target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  if (typing && event.key !== "Escape") return;
  event.stopPropagation(); // a letter is no shortcut of the page below
  if (event.key === "Tab") {
    stay(view, event);
    return;
  }
  if (target.tagName === "BUTTON" && [" ", "Enter"].includes(event.key) && !view.typed) return;
  if (/^\d$/.test(event.key)) {
    type(view, view.typed + event.key);
    return;
  }
  const does = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!does) return; // a clicker sends what it likes
  event.preventDefault();
  if (does === "escape") backOut(view);
  else if (does === "enter" && !view.typed && isOpen(view, "overview")) toggle(view, "overview", false);
  else act(view, does);
}

// The Tab key stays among the buttons of the presentation.
function stay(view, event) {
  const stops = [...view.root.querySelectorAll("button, select")].filter((one) => one.checkVisibility?.() ?? true);
  const at = stops.indexOf(view.root.getRootNode().activeElement);
  const last = event.shiftKey ? 0 : stops.length - 1;
  if (at >= 0 && at !== last) return;
  event.preventDefault();
  stops[event.shiftKey ? stops.length - 1 : 0]?.focus();
}

function touch(view) {
  let from = null;
  const stage = part(view, "stage");
  stage.addEventListener("pointerdown", (event) => {
    from = event.clientX;
  });
  stage.addEventListener("pointerup", (event) => {
    const moved = from === null ? 0 : event.clientX - from;
    from = null;
    if (Math.abs(moved) > SWIPE) act(view, moved < 0 ? "next" : "previous");
    else if (event.pointerType === "mouse" && event.button === 0) act(view, "next");
  });
  part(view, "black").addEventListener("click", () => toggle(view, "black", false));
  part(view, "keys").addEventListener("click", () => toggle(view, "keys", false));
}

// The buttons are seen while the pointer moves.
function awake(view) {
  view.root.classList.add("awake");
  clearTimeout(view.resting);
  view.resting = setTimeout(() => view.root.classList.remove("awake"), SEEN);
}

function begin(root) {
  const view = { root, at: 0, typed: "", number: 0, left: false };
  const list = part(view, "keys").querySelector("dl");
  list.replaceChildren(
    ...HELP.flatMap(([keys, does]) => {
      const [term, meaning] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = keys;
      meaning.textContent = does;
      return [term, meaning];
    }),
  );
  for (const button of root.querySelectorAll(".bar [data-does]")) {
    button.addEventListener("click", (event) => {
      act(view, button.dataset.does);
      if (event.detail && !view.left && button.dataset.does !== "tools") root.focus({ preventScroll: true });
    });
  }
  root.addEventListener("pointermove", () => awake(view));
  root.addEventListener("pointerdown", () => awake(view));
  touch(view);
  return view;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".deck");
  const fresh = !views.has(root);
  if (fresh) views.set(root, begin(root));
  const view = views.get(root);
  const before = view.data;
  view.data = data;
  view.send = setTriggerValue;
  view.stop?.(); // this runs again on all new data, and a listener of the last time would move twice
  const listening = new AbortController();
  view.stop = () => listening.abort();
  window.addEventListener("keydown", (event) => key(view, event), { capture: true, signal: listening.signal });
  if (before?.version !== data.version) {
    root.classList.remove("busy");
    root.setAttribute("aria-label", data.title);
    const name = before?.mark === data.mark ? before.screens[view.at]?.name : undefined;
    const found = name ? data.screens.findIndex((one) => one.name === name) : -1;
    const kept = name && data.screens[view.at]?.name === name ? view.at : found;
    show(view, kept >= 0 ? kept : (places.get(data.mark) ?? 0));
    drawTools(view);
    if (isOpen(view, "overview")) drawOverview(view);
  }
  if (fresh) {
    root.focus({ preventScroll: true });
    awake(view);
  }
  return () => view.stop();
}
