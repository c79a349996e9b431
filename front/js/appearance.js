const root = document.documentElement;

/** Switches between light and dark, remembers the choice, and tells the charts. */
export function toggleTheme() {
  root.dataset.theme = root.dataset.theme === "jade-dark" ? "jade" : "jade-dark";
  localStorage.setItem("theme", root.dataset.theme);
  dispatchEvent(new Event("themechange"));
}
