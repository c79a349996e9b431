// Keyboard shortcuts: Ctrl/⌘+K opens the palette, / goes to the page's search, T switches the theme; a page's own button
// with data-key="c" is pressed by C.
import { toggleTheme } from "./appearance.js";
import { openPalette } from "./palette.js";

function onKey(event) {
  const key = event.key?.toLowerCase();
  if ((event.metaKey || event.ctrlKey) && key === "k") {
    event.preventDefault();
    return openPalette();
  }
  const typing = event.target.closest?.("input, textarea:not([readonly]), select, [contenteditable]");
  if (typing || event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.isComposing || event.repeat) return;
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (button) return button.click();
  if (key === "t") toggleTheme();
  if (key === "/") {
    const search = document.querySelector("[data-search]");
    if (!search) return openPalette();
    event.preventDefault();
    search.focus();
  }
}

addEventListener("keydown", onKey);
