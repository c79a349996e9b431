import Alpine from "@alpinejs/csp";
import { toggleTheme } from "./appearance.js";
import { openPalette } from "./palette.js";
import "./confirm.js";
import "./copying.js";
import "./dialogs.js";
import "./drawer.js";
import "./fields.js";
import "./guess.js";
import "./insert.js";
import "./keys.js";
import "./till.js";
import "./toasts.js";

Alpine.data("shell", () => ({ theme: toggleTheme, palette: openPalette }));

// Two views of the same figures, a picture and a table.
Alpine.data("views", () => ({
  table: false,
  flip() {
    this.table = !this.table;
  },
  get picture() {
    return !this.table;
  },
  get pressed() {
    return String(this.table);
  },
}));

// A password that can be shown while it is typed.
Alpine.data("secret", () => ({
  shown: false,
  flip() {
    this.shown = !this.shown;
  },
  get kind() {
    return this.shown ? "text" : "password";
  },
  get hidden() {
    return !this.shown;
  },
  get pressed() {
    return String(this.shown);
  },
}));

// A piece of text that one press copies.
Alpine.data("copy", () => ({
  done: false,
  async copy() {
    await navigator.clipboard.writeText(this.$refs.text.textContent.trim());
    this.done = true;
    setTimeout(() => (this.done = false), 2000);
  },
  get waiting() {
    return !this.done;
  },
}));

window.Alpine = Alpine;
Alpine.start();
