// The member's pages: the worker that keeps the last card, and what is said when there is no network.
const CARD = "member-card-1";
const inside = document.body.hasAttribute("data-inside");

function forget() {
  navigator.serviceWorker?.controller?.postMessage("forget");
  return "caches" in window ? caches.delete(CARD) : Promise.resolve(false);
}

function tell(gone) {
  for (const line of document.querySelectorAll("[data-offline]")) line.hidden = !gone;
  document.getElementById("code")?.classList.toggle("stale", gone);
}

if (inside) {
  if ("serviceWorker" in navigator && window.isSecureContext) {
    navigator.serviceWorker.register("/m/worker.js", { scope: "/m/" }).catch(() => {});
  }
  tell(!navigator.onLine);
  addEventListener("offline", () => tell(true));
  addEventListener("online", () => location.reload());
  document.addEventListener("htmx:sendError", () => tell(true));
  document.addEventListener("htmx:afterOnLoad", () => tell(false));
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]")) forget();
  });
} else {
  forget().catch(() => {});
}
