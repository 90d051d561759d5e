// A picture drawn as SVG; where panels can be picked, a click or Enter on one picks it.
export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".grid");
  if (root.dataset.shown !== data.svg) {
    root.innerHTML = data.svg;
    root.dataset.shown = data.svg;
    if (data.pick) root.querySelectorAll("[data-site]").forEach((panel) => {
      const box = panel.getBBox();
      const target = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const name of ["x", "y", "width", "height"]) target.setAttribute(name, box[name]);
      target.setAttribute("class", "target");
      panel.prepend(target);  // below what tells more on hover
      panel.setAttribute("tabindex", "0");
      panel.setAttribute("role", "button");
    });
  }
  const pick = (event) => {
    const panel = data.pick && event.target.closest("[data-site]");
    if (!panel || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    setTriggerValue("picked", panel.dataset.site);
  };
  root.onclick = pick;
  root.onkeydown = pick;
}
