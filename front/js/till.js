// The till: a counter for stamps, and a queue for what is recorded while there is no network. The queue holds member
// numbers (or the code that a card showed), amounts and times, and never names or phones. Each step has a key of its own,
// so that whatever is sent twice is recorded once.
import Alpine from "@alpinejs/csp";

const RETRY_MS = 15000;
const SHOWN_MS = 6000;
const MEMBER = /^(M\d{6,}|R1-[0-9A-Z-]+)$/;

const read = (name) => {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? [];
  } catch {
    return [];
  }
};

const write = (name, steps) => localStorage.setItem(name, JSON.stringify(steps));

// What a form says, as the server takes it later; null if it uses what only the server can decide about.
const step = (form) => {
  const told = new FormData(form);
  const stamps = {};
  for (const [name, value] of told) {
    const times = Number(value);
    if (name.startsWith("stamps-") && times > 0) stamps[told.get(`event-${name.slice(7)}`)] = times;
  }
  const amount = (told.get("amount") ?? "").trim();
  const decided = told.has("coupon") || told.has("benefit") || told.has("reward") || told.get("pin");
  if (decided || (!amount && !Object.keys(stamps).length)) return null;
  return { key: told.get("key") || crypto.randomUUID(), who: told.get("number"), amount, stamps, at: new Date().toISOString() };
};

Alpine.data("till", () => ({
  steps: [],
  refused: [],
  kept: false,
  busy: false,

  init() {
    this.name = `till-steps-${this.$root.dataset.member}`;
    this.steps = read(this.name);
    this.refused = read(`${this.name}-refused`);
    this.$root.addEventListener("htmx:sendError", (event) => this.offline(event));
    this.$root.addEventListener("submit", (event) => this.keep(event));
    addEventListener("online", () => this.send());
    setInterval(() => this.send(), RETRY_MS);
    this.send();
  },

  offline(event) {
    const form = event.target.closest("form");
    if (form?.id === "till-serve") {
      const told = step(form);
      if (told) this.add(told);
    } else if (form?.id === "till-find") {
      this.without(form.elements.who.value.replace(/\s/g, "").toUpperCase());
    }
  },

  // Without network a guest can only be told by what says nothing about them: a member number or a card's code.
  without(who) {
    if (!MEMBER.test(who)) return;
    this.show("till-offline");
    const form = this.$root.querySelector("[data-keep]");
    form.elements.number.value = who;
    this.$root.querySelector("[data-who]").textContent = who.startsWith("M") ? who : "";
    form.elements.amount.focus();
  },

  keep(event) {
    if (!event.target.matches("[data-keep]")) return;
    event.preventDefault();
    const told = step(event.target);
    if (told) this.add(told);
  },

  add(told) {
    if (!this.steps.some((one) => one.key === told.key)) this.steps = [...this.steps, told];
    write(this.name, this.steps);
    this.show("till-again");
    this.kept = true;
    setTimeout(() => (this.kept = false), SHOWN_MS);
  },

  show(id) {
    const place = document.getElementById("till");
    place.replaceChildren(document.getElementById(id).content.cloneNode(true));
    const scan = place.querySelector("[name=scan]");
    if (scan) scan.value = crypto.randomUUID();
    window.htmx.process(place);
    place.querySelector("[autofocus]")?.focus();
  },

  async send() {
    if (this.busy || !this.steps.length) return;
    this.busy = true;
    const sent = this.steps.slice(0, 50);
    try {
      const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
      const response = await fetch(this.$root.dataset.late, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ steps: sent }),
        redirect: "error",
      });
      if (!response.ok) return;
      const { answers } = await response.json();
      const answered = new Map(answers.map((one) => [one.key, one]));
      this.refused = [...this.refused, ...answers.filter((one) => one.status === "refused").map((one) => one.said)];
      this.steps = this.steps.filter((one) => !answered.has(one.key));
      write(this.name, this.steps);
      write(`${this.name}-refused`, this.refused);
    } catch {
      // Still no network: the next try comes by itself.
    } finally {
      this.busy = false;
    }
  },

  forget() {
    this.refused = [];
    write(`${this.name}-refused`, []);
  },

  get waits() {
    return this.steps.length > 0;
  },
  get count() {
    return this.steps.length;
  },
  get refusals() {
    return this.refused.length > 0;
  },
  get refusedCount() {
    return this.refused.length;
  },
  get refusedWhy() {
    return this.refused.at(-1) ?? "";
  },
}));

// A number between two buttons.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-count]");
  const input = button?.parentElement.querySelector("input");
  if (!input) return;
  input.value = Math.min(20, Math.max(0, (Number(input.value) || 0) + Number(button.dataset.count)));
  input.dispatchEvent(new Event("input", { bubbles: true }));
});
