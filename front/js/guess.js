// The first page of a new instance asks for the time zone; the browser knows it, so nobody has to look for it in a list.
const fold = document.querySelector("[data-guess-zone]");
const zone = fold?.querySelector("[name=time_zone]");

if (zone && !zone.value) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  fold.open = [...fold.querySelectorAll("select")].some((field) => !field.value);
}
