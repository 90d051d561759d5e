// A figure drawn as SVG: its marks tell what they are, and what a click, a key or a drag on one means is sent to Python.
const SVG = "http://www.w3.org/2000/svg";
const VALUE = "\ue000"; // stands in a curve's text for what differs from point to point
const LEGIBLE = 10; // pixels of the smallest type
const DRAGGED = 6; // pixels from which on a press is no click
const views = new WeakMap();

// -------------------------------------------------------------- what marks tell
function tell(view, lines, x, y) {
  const { tip } = view;
  tip.replaceChildren(
    ...lines.map((line, i) => {
      const row = document.createElement(i ? "span" : "b");
      row.textContent = line;
      return row;
    }),
  );
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  const across = x + 14 + width > window.innerWidth - 8 ? x - 14 - width : x + 14;
  const down = y + 16 + height > window.innerHeight - 8 ? y - 12 - height : y + 16;
  tip.style.transform = `translate(${Math.max(8, across)}px, ${Math.max(8, down)}px)`;
}

function quiet(view) {
  view.tip.hidden = true;
  view.dot?.remove();
  view.dot = null;
}

function pointsOf(view, curve) {
  if (!view.points.has(curve)) {
    const rows = curve.dataset.points.split(";").map((row) => row.split("|"));
    view.points.set(curve, rows.map(([x, y, ...values]) => ({ x: Number(x), y: Number(y), values })));
  }
  return view.points.get(curve);
}

const placeOf = (view, event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(view.svg.getScreenCTM().inverse());

// A step holds until the next; a line is read at the nearest of its points.
function readCurve(view, curve, event) {
  const { x } = placeOf(view, event);
  const points = pointsOf(view, curve);
  const steps = /[HV]/.test(curve.querySelector("path").getAttribute("d"));
  const next = points.findIndex((point) => point.x > x);
  let i = Math.max(0, (next < 0 ? points.length : next) - 1);
  if (!steps && next > 0 && points[next].x - x < x - points[i].x) i = next;
  const parts = curve.dataset.text.split(VALUE);
  const text = parts.map((part, k) => part + (k < parts.length - 1 ? (points[i].values[k] ?? "") : "")).join("");
  quiet(view);
  view.dot = document.createElementNS(SVG, "circle");
  for (const [name, value] of Object.entries({ class: "dot", r: 4, cx: points[i].x, cy: points[i].y })) view.dot.setAttribute(name, value);
  view.svg.append(view.dot);
  tell(view, text.split("\n"), event.clientX, event.clientY);
}

function hover(view, event) {
  if (view.press) {
    drag(view, event);
    return;
  }
  const curve = event.target.closest("[data-points]");
  if (curve) {
    readCurve(view, curve, event);
    return;
  }
  const told = event.target.closest("[data-tip]");
  quiet(view);
  if (told) tell(view, told.dataset.tip.split("\n"), event.clientX, event.clientY);
}

// -------------------------------------------------------------- a range of a number

function rangeOf(view, area, from, to) {
  const box = area.getBBox();
  const [low, high] = area.dataset.ends.split(" ").map(Number);
  const digits = Math.max(0, Math.floor(-Math.log10((high - low) / 100)));
  const share = (x) => Math.min(Math.max((x - box.x) / box.width, 0), 1);
  const ends = [Math.min(share(from), share(to)), Math.max(share(from), share(to))];
  const values = ends.map((end) => Number((low + end * (high - low)).toFixed(digits)));
  if (!view.band) {
    view.band = document.createElementNS(SVG, "rect");
    view.band.setAttribute("class", "band");
    view.svg.append(view.band);
  }
  const corner = new DOMPoint(box.x, box.y).matrixTransform(view.svg.getScreenCTM().inverse().multiply(area.getScreenCTM()));
  const place = { x: corner.x + ends[0] * box.width, y: corner.y, width: (ends[1] - ends[0]) * box.width, height: box.height };
  for (const [name, value] of Object.entries(place)) view.band.setAttribute(name, value);
  const words = [area.dataset.label, `${values[0].toFixed(digits)} to ${values[1].toFixed(digits)}`];
  view.said.textContent = words.join(": ");
  return { words, pick: `${area.dataset.column}=${values[0]}..${values[1]}` };
}

function forget(view) {
  view.band?.remove();
  view.band = view.press = view.range = null;
  view.said.textContent = "";
}

const inside = (area, event) => {
  const box = area.getBoundingClientRect();
  return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
};

// The place of an event in the coordinates of a part of the picture.
const within = (area, event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(area.getScreenCTM().inverse()).x;

function press(view, event) {
  forget(view);
  view.dragged = false;
  if (!view.data.picks || event.button !== 0 || event.pointerType === "touch") return;
  const area = [...view.svg.querySelectorAll(".drag")].find((one) => inside(one, event));
  if (area) view.press = { area, at: event.clientX, from: within(area, event) };
}

function drag(view, event) {
  const { area, at, from } = view.press;
  if (!view.dragged && Math.abs(event.clientX - at) < DRAGGED) return;
  if (!view.dragged) view.frame.setPointerCapture(event.pointerId);
  view.dragged = true;
  view.range = rangeOf(view, area, from, within(area, event));
  tell(view, view.range.words, event.clientX, event.clientY);
}

function release(view) {
  const { range } = view;
  view.press = null;
  if (view.dragged && range) view.send("picked", range.pick);
  if (view.dragged) quiet(view);
  if (range) forget(view);
}

function stretch(view, mark, right) {
  const area = mark.matches(".drag") ? mark : view.svg.querySelector(".drag");
  if (!area || !view.data.picks) return false;
  const box = area.getBBox();
  if (view.stretched?.area !== area || !view.range) view.stretched = { area, from: box.x, to: box.x };
  view.stretched.to = Math.min(Math.max(view.stretched.to + (right ? 0.05 : -0.05) * box.width, box.x), box.x + box.width);
  view.range = rangeOf(view, area, view.stretched.from, view.stretched.to);
  const place = view.band.getBoundingClientRect();
  tell(view, view.range.words, place.right, place.top);
  return true;
}

// -------------------------------------------------------------- clicks and keys
function choose(view, target) {
  const mark = target.closest("[data-pick]");
  const panel = target.closest("[data-site]");
  if (mark && view.data.picks) view.send("picked", mark.dataset.pick);
  else if (panel && view.data.panels) view.send("panel", panel.dataset.site);
  else return false;
  return true;
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function key(view, event) {
  const mark = event.target.closest("[tabindex]");
  if (!mark) return;
  const at = view.marks.indexOf(mark);
  const jump = { Home: 0, End: view.marks.length - 1 }[event.key];
  let used = true;
  if (event.key === "Escape") {
    used = !view.tip.hidden || view.range !== null;
    forget(view);
    quiet(view);
  } else if (event.shiftKey && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
    used = stretch(view, mark, event.key === "ArrowRight");
  } else if (event.key === "Enter" || event.key === " ") {
    const { range } = view;
    if (range) {
      forget(view);
      view.send("picked", range.pick);
    } else used = choose(view, mark);
  } else if (event.key in STEPS || jump !== undefined) {
    const next = jump ?? Math.min(Math.max(at + STEPS[event.key], 0), view.marks.length - 1);
    view.marks[next].focus();
  } else used = false;
  if (!used) return;
  event.preventDefault();
  event.stopPropagation();
}

// One stop for the tab key: the mark that had the focus last.
function focused(view, event) {
  const mark = event.target.closest("[tabindex]");
  if (!mark) return;
  for (const other of view.marks) other.setAttribute("tabindex", other === mark ? "0" : "-1");
  const box = mark.getBoundingClientRect();
  if (mark.matches(":focus-visible")) tell(view, (mark.dataset.tip ?? mark.getAttribute("aria-label")).split("\n"), box.left + box.width / 2, box.top + box.height / 2);
}

// -------------------------------------------------------------- size
// The first figure of a page is whole within the window, as far as its type stays legible.
function fit(view) {
  const { svg, root } = view;
  if (!svg || !root.isConnected) return;
  const { width, height } = svg.viewBox.baseVal;
  const room = root.clientWidth;
  if (!room || !width) return;
  const host = root.getRootNode().host ?? root;
  const first = document.querySelector('[class*="st-key-figure-"]')?.contains(host);
  const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop ?? 0;
  const top = first ? root.getBoundingClientRect().top + scrolled : 0;
  const free = Math.max(window.innerHeight - top - 12, 0);
  const least = Math.min((width * LEGIBLE) / view.smallest, width);
  const fits = (least * height) / width <= free; // what can't be whole in the window has its own size
  const wide = Math.max(Math.min(room, fits ? (free * width) / height : width), least);
  svg.style.maxWidth = "none";
  svg.style.width = `${Math.round(wide)}px`;
}

// -------------------------------------------------------------- the picture
function show(view) {
  const active = view.root.getRootNode().activeElement?.dataset?.pick;
  forget(view);
  quiet(view);
  view.frame.innerHTML = view.data.svg;
  view.shown = view.data.svg;
  view.svg = view.frame.querySelector("svg");
  view.points = new WeakMap();
  const { svg } = view;
  const sizes = [...svg.querySelectorAll("text")].map((text) => Number(text.getAttribute("font-size"))).filter(Boolean);
  view.smallest = sizes.length ? Math.min(...sizes) : LEGIBLE;
  for (const panel of svg.querySelectorAll("[data-site]")) {
    const box = panel.getBBox();
    const target = document.createElementNS(SVG, "rect");
    for (const name of ["x", "y", "width", "height"]) target.setAttribute(name, box[name]);
    target.setAttribute("class", "target");
    panel.prepend(target); // below what tells more on hover
  }
  for (const curve of svg.querySelectorAll("[data-points]")) {
    for (const path of curve.querySelectorAll('path[fill="none"]')) {
      const hit = path.cloneNode();
      for (const name of ["stroke-dasharray", "opacity", "stroke"]) hit.removeAttribute(name);
      hit.setAttribute("class", "hit");
      curve.append(hit);
    }
  }
  name(view);
  if (active) svg.querySelector(`[role=button][data-pick="${CSS.escape(active)}"]`)?.focus();
}

function name(view) {
  const { svg, data } = view;
  for (const mark of svg.querySelectorAll("[data-tip]:not([data-pick])")) {
    if (mark.parentElement.closest("[data-site]")) continue;
    mark.setAttribute("role", mark.dataset.site && data.panels ? "button" : "img");
    mark.setAttribute("aria-label", mark.dataset.tip.replaceAll("\n", ", "));
    mark.setAttribute("tabindex", "-1");
  }
  for (const area of data.picks ? svg.querySelectorAll(".drag") : []) {
    area.setAttribute("role", "button");
    area.setAttribute("aria-label", `${area.dataset.label}: Shift and arrow keys choose a range, Enter shows only it`);
    area.setAttribute("tabindex", "-1");
  }
  view.marks = [...svg.querySelectorAll("[tabindex]")];
  for (const [i, mark] of view.marks.entries()) mark.setAttribute("tabindex", i ? "-1" : "0");
  const on = new Set(data.on);
  for (const mark of svg.querySelectorAll("[role=button][data-pick]")) {
    const pressed = on.has(mark.dataset.pick) || mark.dataset.pick.split("\n").every((one) => on.has(one));
    if (pressed) mark.setAttribute("aria-pressed", "true");
    else mark.removeAttribute("aria-pressed");
  }
}

function begin(root) {
  const frame = root.querySelector(".frame");
  const view = { root, frame, tip: root.querySelector(".tip"), said: root.querySelector(".said"), marks: [], range: null };
  frame.addEventListener("pointermove", (event) => hover(view, event));
  frame.addEventListener("pointerleave", () => view.press || quiet(view));
  frame.addEventListener("pointerdown", (event) => press(view, event));
  frame.addEventListener("pointerup", () => release(view));
  frame.addEventListener("pointercancel", () => forget(view));
  frame.addEventListener("click", (event) => {
    if (view.dragged) view.dragged = false;
    else choose(view, event.target);
  });
  frame.addEventListener("keydown", (event) => key(view, event));
  frame.addEventListener("focusin", (event) => focused(view, event));
  frame.addEventListener("focusout", () => quiet(view));
  frame.addEventListener("scroll", () => quiet(view));
  const resized = () => {
    if (root.isConnected) fit(view);
    else window.removeEventListener("resize", resized);
  };
  window.addEventListener("resize", resized);
  const observer = new ResizeObserver(() => (root.isConnected ? fit(view) : observer.disconnect()));
  observer.observe(root);
  const page = document.querySelector("[data-testid=stMainBlockContainer]");
  if (page) observer.observe(page);
  return view;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".picture");
  if (!views.has(root)) views.set(root, begin(root));
  const view = views.get(root);
  view.data = data;
  view.send = setTriggerValue;
  view.frame.classList.toggle("picks", data.picks);
  view.frame.classList.toggle("panels", data.panels);
  if (view.shown !== data.svg) show(view);
  else name(view);
  fit(view);
}
