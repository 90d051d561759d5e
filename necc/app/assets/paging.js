// A page that is shown to a room is moved by a clicker: it scrolls by a screenful, and goes black and back.
const SHARE = 0.9; // of a screenful: the last lines stay in sight
const KEYS = {
  PageDown: 1, " ": 1, ArrowDown: 1, ArrowRight: 1, PageUp: -1, ArrowUp: -1, ArrowLeft: -1,
  Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY,
};
const CHOICES = "input, textarea, select, [contenteditable=true], [role=radio], [role=tab], [role=option], [role=slider]";

function key(event, black) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.composedPath()[0];
  if (target.closest?.(CHOICES)) return;
  if (event.key === "b" || event.key === ".") {
    black.hidden = !black.hidden;
    event.preventDefault();
    return;
  }
  if (!black.hidden && event.key === "Escape") {
    black.hidden = true; // first back from black, then out
    event.stopPropagation();
    return;
  }
  const way = KEYS[event.key];
  if (way === undefined || (event.key === " " && target.closest?.("button, a, summary"))) return;
  const main = document.querySelector('[data-testid="stMain"]');
  if (!main) return;
  event.preventDefault();
  black.hidden = true;
  if (Number.isFinite(way)) main.scrollBy({ top: way * SHARE * main.clientHeight });
  else main.scrollTo({ top: way < 0 ? 0 : main.scrollHeight });
}

export default function ({ parentElement }) {
  const black = parentElement.querySelector(".black");
  black.onclick = () => {
    black.hidden = true;
  };
  const listening = new AbortController();
  window.addEventListener("keydown", (event) => key(event, black), { capture: true, signal: listening.signal });
  return () => listening.abort();
}
