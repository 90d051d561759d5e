// Keeps in this browser how far lessons are: their ids, steps and which questions were right; no answer, no patient.
// Python says what to keep (data.lessons); before that it is told, once a session, what this browser kept.
const KEPT = "necc-lessons";
const AGAIN = 700; // ms: what is sent while a page is being built can get lost
const memory = new WeakMap();

const stored = () => {
  try {
    const kept = JSON.parse(window.localStorage.getItem(KEPT) || "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return []; // a browser that keeps nothing, by its settings, or what somebody wrote there by hand
  }
};

const tell = (root, view) => {
  const lessons = stored();
  view.telling = !view.data.seen && root.isConnected && lessons.length > 0;
  if (!view.telling) return;
  view.send("found", { lessons });
  setTimeout(() => tell(root, view), AGAIN);
};

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector("span");
  const view = memory.get(root) || { telling: false };
  view.data = data;
  view.send = setTriggerValue;
  memory.set(root, view);
  if (!data.seen && !view.telling) tell(root, view);
  if (!data.seen && stored().length) return; // what was kept comes first
  try {
    if (data.lessons.length) window.localStorage.setItem(KEPT, JSON.stringify(data.lessons));
    else if (data.forgotten) window.localStorage.removeItem(KEPT);
  } catch {
    // full, or not allowed: progress lasts as long as this page
  }
}
