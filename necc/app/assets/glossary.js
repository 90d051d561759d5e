// Whatever on the page names a term of the glossary leads there; an <a> would load the page anew and lose the session.
export default function ({ parentElement, setTriggerValue }) {
  parentElement.__listening?.abort(); // each run of the page comes here again, with nothing taken down before
  parentElement.__listening = new AbortController();
  document.addEventListener(
    "click",
    (event) => {
      const term = event.target.closest?.("[data-term]")?.dataset.term;
      if (term && parentElement.isConnected) setTriggerValue("asked", term);
    },
    { signal: parentElement.__listening.signal },
  );
}
