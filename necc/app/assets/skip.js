// The way past the filters by keyboard: to the menu, which stands behind some thirty of them.
export default function ({ parentElement }) {
  const root = parentElement.querySelector("button");
  root.onclick = () => document.querySelector('[data-testid="stTopNavLink"]')?.focus();
}
