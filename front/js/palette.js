// The command palette: one dialog, a field that asks the server, and a list that arrows walk through.
import { toggleTheme } from "./appearance.js";

const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input");
const options = () => [...dialog.querySelectorAll("[role=option]")];
const marked = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

function mark(index) {
  const all = options();
  all.forEach((option, i) => option.setAttribute("aria-selected", i === index));
  if (!all[index]) return field.removeAttribute("aria-activedescendant");
  all[index].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", all[index].id);
}

/** Opens the palette with an empty field and the list of commands. */
export function openPalette() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  field.value = "";
  field.focus();
  window.htmx.trigger(field, "search");
}

function onKey(event) {
  if (event.isComposing) return; // Enter and arrows belong to the input method while it composes Chinese.
  const last = options().length - 1;
  const moves = {
    ArrowDown: () => mark(Math.min(marked() + 1, last)),
    ArrowUp: () => mark(Math.max(marked() - 1, 0)),
    Enter: () => options()[marked()]?.click(),
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  moves[event.key]();
}

function onClick(event) {
  if (event.target === dialog) return dialog.close();
  const option = event.target.closest("[role=option]");
  if (option?.dataset.command !== "theme") return;
  event.preventDefault();
  toggleTheme();
  dialog.close();
}

if (dialog) {
  dialog.addEventListener("keydown", onKey);
  dialog.addEventListener("click", onClick);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "palette-list") mark(0);
  });
}
