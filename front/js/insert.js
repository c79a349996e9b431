// Words that a press puts into a text at its cursor: <button data-insert="name" data-into="id of a textarea">.
// The e-mail's subject takes them too, if the cursor was there last.
let last = null;

document.addEventListener("focusin", (event) => {
  if (event.target.matches("textarea, input[id^=subject_]")) last = event.target;
});

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-insert]");
  if (!chip) return;
  const usual = document.getElementById(chip.dataset.into);
  const beside = last?.isConnected && chip.closest("[role=group]")?.contains(last) ? last : usual;
  beside.setRangeText(`{{ ${chip.dataset.insert} }}`, beside.selectionStart, beside.selectionEnd, "end");
  beside.focus();
  beside.dispatchEvent(new Event("input", { bubbles: true }));
});
