// Messages in the corner. The server puts them into the page, or sends a "toast" event after an htmx request.
const STAY_MS = 6000;
const area = document.getElementById("toasts");
const template = document.getElementById("toast-template");

function arm(toast) {
  toast.querySelector("button").addEventListener("click", () => toast.remove());
  if (toast.dataset.level === "error") return; // An error waits until it has been read.
  let timer = setTimeout(() => toast.remove(), STAY_MS);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => {
    timer = setTimeout(() => toast.remove(), STAY_MS);
  });
}

/** Shows one message; `level` is success, info, warning or error. */
export function toast(text, level = "info") {
  const node = template.content.firstElementChild.cloneNode(true);
  node.dataset.level = level;
  node.querySelector("p").textContent = text;
  area.append(node);
  arm(node);
}

if (area) {
  area.querySelectorAll("[data-toast]").forEach(arm);
  document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail.level));
  const failed = () => toast(area.dataset.failed, "error");
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);
}
