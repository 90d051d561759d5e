// The filter panel. Python says what there is (data); a person's change is sent as the whole state of one facet with a
// running number. What Python says is shown only once it has seen the latest number, so that quick clicks don't flicker.
const memory = new WeakMap();

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
};

const signature = (data) =>
  JSON.stringify([
    data.sections.map((s) => [s.title, s.facets.map((f) => [f.name, f.kind, f.missing !== null, (f.levels || []).map((l) => l.label)])]),
    data.more,
  ]);

function optionRow(facet, label, place, send, long) {
  const box = element("input", { type: "checkbox" });
  box.dataset.place = place;
  box.setAttribute("aria-label", `${facet.label}: ${label}`);
  box.addEventListener("change", () => send(facet));
  const shown = element("span", { className: place === "missing" ? "label quiet" : "label" }, label);
  shown.title = label;
  const here = element("span", { className: "fill" });
  const bar = element("span", { className: "bar" }, element("span", { className: "all" }), here);
  return element("label", { className: "option" }, box, shown, element("span", { className: "count" }), long ? bar : null);
}

function levelsFacet(facet, send) {
  const box = element("fieldset", { className: "facet" });
  const title = element("legend", {}, facet.label);
  box.append(title);
  box.append(...facet.levels.map((level, i) => optionRow(facet, level.label, String(i), send, true)));
  if (facet.missing) box.append(optionRow(facet, "missing", "missing", send, true));
  return box;
}

function siteFacet(facet, send) {
  const box = element("div", { className: "facet site", role: "group" });
  box.setAttribute("aria-label", facet.label);
  const name = element("span", { className: "label" }, facet.label);
  name.title = facet.label;
  const choice = (place, word) => {
    const input = element("input", { type: "checkbox" });
    input.dataset.place = place;
    input.setAttribute("aria-label", `${word} ${facet.label}`);
    input.addEventListener("change", () => {
      if (input.checked) box.querySelectorAll("input").forEach((other) => { if (other !== input) other.checked = false; });
      send(facet);
    });
    return element("label", { className: "toggle", title: `${word} ${facet.label}` }, input, element("span", {}, word));
  };
  box.append(name, element("span", { className: "count" }), choice("1", "with"), choice("0", "without"));
  if (facet.missing) box.append(choice("missing", "missing"));
  return box;
}

function rangeFacet(facet, send) {
  const box = element("fieldset", { className: "facet range" });
  box.append(element("legend", {}, facet.unit ? `${facet.label} (${facet.unit})` : facet.label));
  const end = (which, word, hint) => {
    const input = element("input", { type: "number", step: "any", placeholder: hint });
    input.dataset.end = which;
    input.setAttribute("aria-label", `${facet.label}, ${word}`);
    input.addEventListener("change", () => send(facet));
    return input;
  };
  box.append(
    element("div", { className: "ends" }, end("low", "from", facet.least), element("span", {}, "to"), end("high", "to", facet.most)),
  );
  if (facet.missing) box.append(optionRow(facet, "keep missing", "missing", send, true));
  return box;
}

function read(box, facet) {
  const number = (which) => {
    const text = box.querySelector(`[data-end=${which}]`).value.trim();
    return text === "" || Number.isNaN(Number(text)) ? null : Number(text);
  };
  const on = [...box.querySelectorAll("input[type=checkbox]")].filter((input) => input.checked).map((input) => input.dataset.place);
  const change = { name: facet.name, kind: facet.kind, missing: on.includes("missing") };
  if (facet.kind === "range") return { ...change, low: number("low"), high: number("high") };
  return { ...change, levels: on.filter((place) => place !== "missing").map(Number) };
}

function build(root, data, state) {
  const open = new Set([...root.querySelectorAll("details[open]")].map((d) => d.dataset.title));
  const focused = root.getRootNode().activeElement?.dataset;
  root.replaceChildren();
  state.facets = new Map();
  data.sections.forEach((section, i) => {
    const details = element("details", { className: "section" });
    details.dataset.title = section.title;
    details.open = state.built ? open.has(section.title) || section.title === state.opened : i === 0;
    details.append(element("summary", {}, element("span", {}, section.title), element("span", { className: "active" })));
    for (const facet of section.facets) {
      const make = { levels: levelsFacet, site: siteFacet, range: rangeFacet }[facet.kind];
      const box = make(facet, (f) => state.send(read(box, f)));
      if (facet.removable) {
        const button = element("button", { type: "button", className: "remove", title: "Remove this filter" }, "×");
        button.setAttribute("aria-label", `Remove the filter ${facet.label}`);
        button.addEventListener("click", () => state.send({ remove: facet.name }));
        (box.querySelector("legend") || box).append(button);
      }
      state.facets.set(facet.name, box);
      details.append(box);
    }
    root.append(details);
  });
  if (data.more.length) {
    const select = element("select", {}, element("option", { value: "" }, "Add a filter…"));
    select.setAttribute("aria-label", "Add a filter");
    for (const group of data.more) {
      const options = group.options.map(([name, label]) => element("option", { value: name }, label));
      select.append(element("optgroup", { label: group.title }, ...options));
    }
    select.addEventListener("change", () => { if (select.value) { state.opened = "Own filters"; state.send({ add: select.value }); } });
    root.append(select);
  }
  state.built = true;
  if (focused?.place) root.querySelector(`[data-place="${CSS.escape(focused.place)}"]`)?.focus();
}

function fill(root, data, state) {
  const current = data.seen >= state.sent;
  data.sections.forEach((section) => {
    const details = [...root.querySelectorAll("details")].find((d) => d.dataset.title === section.title);
    details.querySelector(".active").textContent = section.active ? String(section.active) : "";
    for (const facet of section.facets) fillFacet(state.facets.get(facet.name), facet, data.n, current);
  });
}

function fillFacet(box, facet, n, current) {
  if (facet.kind === "site") {
    const there = facet.levels[1];
    box.querySelector(".count").textContent = there ? `${there.here} / ${there.all}` : "";
  }
  box.querySelectorAll("input[type=checkbox]").forEach((input) => {
    const option = input.dataset.place === "missing" ? facet.missing : facet.levels[Number(input.dataset.place)];
    if (current) input.checked = option.on;
    if (facet.kind === "site") return;
    const row = input.closest(".option");
    row.querySelector(".count").textContent = `${option.here} / ${option.all}`;
    row.classList.toggle("none", option.here === 0);
    row.querySelector(".all").style.width = `${(100 * option.all) / Math.max(n, 1)}%`;
    row.querySelector(".fill").style.width = `${(100 * option.here) / Math.max(n, 1)}%`;
  });
  if (facet.kind === "range" && current) {
    for (const which of ["low", "high"]) {
      const input = box.querySelector(`[data-end=${which}]`);
      const value = facet[which] === null ? "" : String(facet[which]);
      if (input.value !== value && input.getRootNode().activeElement !== input) input.value = value;
    }
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".panel");
  let state = memory.get(root);
  if (!state || state.session !== data.session) {
    state = { session: data.session, sent: data.seen, built: false, waiting: [] };
    memory.set(root, state);
  }
  state.waiting = state.waiting.filter((change) => change.number > data.seen);
  state.send = (change) => {
    state.sent = Math.max(state.sent, data.seen) + 1;
    state.waiting.push({ ...change, number: state.sent });
    setTriggerValue("changes", state.waiting); // a message can overtake the one before: all that Python hasn't seen
  };
  const now = signature(data);
  if (now !== state.signature) {
    build(root, data, state);
    state.signature = now;
  }
  fill(root, data, state);
}
