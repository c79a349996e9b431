// The sidebar is a popover on a narrow screen: the browser opens and closes it, Escape included.
const drawer = document.getElementById("sidebar");

if (drawer) {
  // Leaving the drawer with Tab closes it, so that the focus is never behind it.
  drawer.addEventListener("focusout", (event) => {
    const inside = event.relatedTarget && drawer.contains(event.relatedTarget);
    if (event.relatedTarget && !inside && drawer.matches(":popover-open")) drawer.hidePopover();
  });
  matchMedia("(min-width: 64rem)").addEventListener("change", () => {
    if (drawer.matches(":popover-open")) drawer.hidePopover();
  });
}
