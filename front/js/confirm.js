// Asks before something that cannot be taken back: <form data-confirm="What will happen">, or hx-confirm.
const dialog = document.getElementById("confirm");

function ask(text, proceed) {
  dialog.querySelector("[data-text]").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && proceed(), { once: true });
}

if (dialog) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const text = form.dataset.confirm;
    if (!text || form.dataset.confirmed) return;
    event.preventDefault();
    ask(text, () => {
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter ?? undefined);
    });
  });
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, () => event.detail.issueRequest(true));
  });
}
