// Dialogs and menus of a page: data-open="id of a dialog" opens it, data-close closes the one it is in, and a popover
// with data-drop opens under its button.
const GAP_PX = 6;

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
    Object.assign(menu.style, {
      inset: "auto",
      top: `${button.bottom + GAP_PX}px`,
      right: `${Math.max(8, document.documentElement.clientWidth - button.right)}px`,
    });
  },
  true,
);
