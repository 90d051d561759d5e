// Copies a table as HTML (Word, Excel) and as text with tabs, headers included.
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  const status = parentElement.querySelector("span");
  button.textContent = "Copy";
  button.title = "Copy the table with its headers and notes, for Word or Excel";
  const said = (words) => {
    status.textContent = words;
    setTimeout(() => { status.textContent = ""; }, 2500);
  };
  button.onclick = async () => {
    const rich = `<meta charset="utf-8">${data.html}`;
    try {
      const item = { "text/html": new Blob([rich], { type: "text/html" }), "text/plain": new Blob([data.tsv], { type: "text/plain" }) };
      await navigator.clipboard.write([new ClipboardItem(item)]);
      said("copied");
    } catch {
      // without https or localhost browsers have no clipboard of that kind
      const take = (event) => {
        event.clipboardData.setData("text/html", rich);
        event.clipboardData.setData("text/plain", data.tsv);
        event.preventDefault();
      };
      document.addEventListener("copy", take, { once: true });
      said(document.execCommand("copy") ? "copied" : "not allowed here");
      document.removeEventListener("copy", take);
    }
  };
}
