// Choosing a field in the condition builder: data-pick="id of an input" opens a list that typing narrows and arrows walk
// through; what is chosen goes into that input.
const dialog = document.getElementById("field-picker");

if (dialog) {
  const search = dialog.querySelector("input");
  const all = [...dialog.querySelectorAll("[role=option]")];
  let target = null;
  const shown = () => all.filter((option) => !option.hidden);
  const marked = () => shown().findIndex((option) => option.getAttribute("aria-selected") === "true");

  const mark = (index) => {
    all.forEach((option) => option.setAttribute("aria-selected", "false"));
    const option = shown()[index];
    if (!option) return search.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    search.setAttribute("aria-activedescendant", option.id);
  };

  const narrow = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    all.forEach((option) => (option.hidden = !words.every((word) => option.dataset.words.includes(word))));
    dialog.querySelectorAll("[role=group]").forEach((group) => {
      group.hidden = !group.querySelector("[role=option]:not([hidden])");
    });
    dialog.querySelector("[data-nothing]").classList.toggle("hidden", shown().length > 0);
    mark(0);
  };

  const choose = (option) => {
    const input = document.getElementById(target);
    dialog.close();
    if (!option || !input) return;
    input.value = option.dataset.field;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-pick]");
    if (!opener) return;
    target = opener.dataset.pick;
    search.value = "";
    dialog.showModal();
    search.focus();
    narrow();
    const now = all.findIndex((option) => option.dataset.field === document.getElementById(target)?.value);
    if (now > 0) mark(now);
  });
  search.addEventListener("input", narrow);
  dialog.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter and arrows belong to the input method while it composes Chinese.
    const last = shown().length - 1;
    const moves = {
      ArrowDown: () => mark(Math.min(marked() + 1, last)),
      ArrowUp: () => mark(Math.max(marked() - 1, 0)),
      Enter: () => choose(shown()[marked()]),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  });
}
