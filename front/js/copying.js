// One press copies a text: data-copies="id of the field" on a button, inside [data-copying]. Where the browser has no
// clipboard to offer, as on a plain http address, the field is selected and copied the old way.
import { toast } from "./toasts.js";

async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  if (!(await copied(document.getElementById(button.dataset.copies)))) return toast(button.dataset.failed, "warning");
  const card = button.closest("[data-copying]");
  delete card.dataset.copied; // so that a second press shows again
  requestAnimationFrame(() => (card.dataset.copied = "yes"));
});

// A field that is to be taken or replaced as a whole.
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-select]")) event.target.select();
});
