// Keeps the project in this browser where a person said so: names of columns and levels, and choices, never a patient.
// Python says what to keep (data); before that it is told, once a session, what this browser kept.
const ANSWER = "necc-keep-project";
const PROJECTS = "necc-projects"; // by what the columns of their files are known by, the latest last
const MOST = 12;
const AGAIN = 700; // ms: what is sent while a page is being built can get lost
const memory = new WeakMap();

const read = () => {
  try {
    return new Map(Object.entries(JSON.parse(window.localStorage.getItem(PROJECTS) || "{}")));
  } catch {
    return new Map(); // a browser that keeps nothing, by its settings, or what somebody wrote there by hand
  }
};

const stored = () => {
  try {
    return { answer: window.localStorage.getItem(ANSWER) || "", texts: Object.fromEntries(read()) };
  } catch {
    return { answer: "", texts: {} };
  }
};

const store = ({ answer, name, text }) => {
  try {
    const kept = window.localStorage;
    if (answer) kept.setItem(ANSWER, answer);
    if (answer === "yes" && text) {
      const texts = read();
      texts.delete(name);
      texts.set(name, text);
      while (texts.size > MOST) texts.delete(texts.keys().next().value);
      kept.setItem(PROJECTS, JSON.stringify(Object.fromEntries(texts)));
    }
    if (answer === "no") kept.removeItem(PROJECTS);
    return true;
  } catch {
    return false; // full, or not allowed
  }
};

const tell = (root, view) => {
  const found = stored();
  view.telling = !view.data.seen && root.isConnected && Boolean(found.answer); // where nobody was asked, nothing is kept
  if (!view.telling) return;
  view.send("found", found);
  setTimeout(() => tell(root, view), AGAIN);
};

// A server that was started again knows nothing of this page, which shows what it showed: it is asked to run anew.
const watch = (root, view) => {
  const app = document.querySelector("[data-testid=stApp]");
  const state = () => app.getAttribute("data-test-connection-state");
  let lost = false;
  const observer = new MutationObserver(() => {
    if (!root.isConnected) observer.disconnect();
    else if (state() !== "CONNECTED") lost = true;
    else if (lost) {
      lost = false;
      view.send("back", true);
    }
  });
  if (app) observer.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
};

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector("span");
  const view = memory.get(root) || { telling: false };
  view.data = data;
  view.send = setTriggerValue;
  if (!memory.has(root)) watch(root, view);
  memory.set(root, view);
  if (!data.seen) {
    if (!view.telling) tell(root, view);
  } else if (!store(data) && !data.refused) {
    setTriggerValue("refused", true);
  }
}
