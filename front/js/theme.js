// Runs before the first paint, so that a dark page never flashes white.
const root = document.documentElement;
const saved = localStorage.getItem("theme");
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
root.dataset.theme = saved ?? (dark ? "jade-dark" : "jade");
