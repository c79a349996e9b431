// Dialogs and menus of a page: data-open="id of a dialog" opens it, data-close closes the one it is in, and a popover
// with data-drop opens under its button: its right edge below the button's, or its left one where that would leave the
// page.
const GAP_PX = 6;
const EDGE_PX = 8;

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) return document.getElementById(opener.dataset.open)?.showModal();
  const dialog = event.target.closest("dialog");
  if (event.target.closest("[data-close]") || (event.target === dialog && dialog?.id !== "palette")) dialog?.close();
});

document.addEventListener(
  "beforetoggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches?.("[data-drop]") || event.newState !== "open") return;
    const button = document.querySelector(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const needs = (parseFloat(getComputedStyle(menu).width) || 0) + 2 * EDGE_PX;
    const side =
      button.right >= needs
        ? { right: `${Math.max(EDGE_PX, wide - button.right)}px` }
        : { left: `${Math.max(EDGE_PX, Math.min(button.left, wide - needs + EDGE_PX))}px` };
    Object.assign(menu.style, { inset: "auto", top: `${button.bottom + GAP_PX}px`, ...side });
  },
  true,
);
