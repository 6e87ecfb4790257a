// A page of jobs with filters and paging; it keeps itself up to date while something on it can change.
import { element, plural, seconds } from "../shared/dom.js";
import { every, json, withQuery } from "../api.js";
import { ENDED, badge, firstLine, titleOf, took, when } from "./words.js";
import { problemBox } from "./problem.js";

const FILTERS = [
  ["", "all", {}], ["proved", "proved", { verdict: "proved" }], ["refuted", "refuted", { verdict: "refuted" }],
  ["unproved", "not proved", { status: "completed", verdict: "unknown" }],
  ["running", "running", { status: "running" }], ["queued", "waiting", { status: "queued" }],
  ["failed", "failed", { status: "failed" }], ["cancelled", "cancelled", { status: "cancelled" }],
];

export class JobsTable {
  // `link`: where a job's name leads; `onFilter(name)`: the choice, for the page's address.
  constructor(signal, { batch = null, filter = "", link = (job) => `#/jobs/${job.id}`, onFilter = null, onPage = null, limit = 25 } = {}) {
    Object.assign(this, { signal, batch, link, onPage, limit, cursors: [null], next: null, items: [] });
    this.filter = FILTERS.some(([name]) => name === filter) ? filter : "";
    this.select = element("select", {
      onchange: () => { this.filter = this.select.value; this.cursors = [null]; onFilter?.(this.filter); this.load(); },
    }, FILTERS.map(([name, words]) => element("option", { value: name, selected: name === this.filter }, words)));
    this.body = element("tbody");
    this.said = element("p", { class: "muted", role: "status" });
    this.newer = element("button", { type: "button", onclick: () => { this.cursors.pop(); this.load(); } }, "← newer");
    this.older = element("button", { type: "button", onclick: () => { this.cursors.push(this.next); this.load(); } }, "older →");
    this.trouble = element("div");
    this.element = element("div", { class: "jobs" },
      element("div", { class: "bar-of-tools" }, element("label", {}, "Show ", this.select), this.said),
      this.trouble,
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Jobs" }, element("table", { class: "list-table" },
        element("caption", { class: "outside" }, "Jobs, the newest first"),
        element("thead", {}, element("tr", {}, ["theorem", "outcome", "time", "expansions", "tactics", "submitted"].map((name, at) =>
          element("th", { scope: "col", class: at > 1 && at < 5 ? "number" : null }, name)))),
        this.body)),
      this.pages = element("div", { class: "pages", hidden: true }, this.newer, this.older));
    every(2500, signal, () => (this.changing ? this.load({ quiet: true }) : true));
  }

  // May what is shown change? The first page also grows.
  get changing() {
    return this.cursors.length === 1 || this.items.some((job) => !ENDED.has(job.status));
  }

  async load({ quiet = false } = {}) {
    const wanted = FILTERS.find(([name]) => name === this.filter)[2];
    const cursor = this.cursors[this.cursors.length - 1];
    try {
      const page = await json(withQuery("v1/proofs", { ...wanted, batch: this.batch, limit: this.limit, cursor }), { signal: this.signal });
      this.trouble.replaceChildren();
      this.next = page.next;
      this.items = page.items;
      this.onPage?.(page.items);
      this.#draw(quiet);
    } catch (error) {
      if (error.name !== "AbortError") this.trouble.replaceChildren(problemBox(error));
    }
  }

  #draw(quiet) {
    const focused = this.body.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    this.body.replaceChildren(...this.items.map((job) => this.#row(job)));
    if (focused) [...this.body.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
    this.newer.disabled = this.cursors.length === 1;
    this.older.disabled = !this.next;
    this.pages.hidden = this.newer.disabled && this.older.disabled;
    const page = this.cursors.length > 1 ? `, page ${this.cursors.length}` : "";
    const words = this.items.length ? `${plural(this.items.length, "job", "jobs")} shown${page}` : "nothing here yet";
    if (!quiet || this.said.textContent !== words) this.said.textContent = words;
  }

  #row(job) {
    const time = took(job);
    const title = titleOf(job);
    return element("tr", {},
      element("th", { scope: "row" },
        element("a", { href: this.link(job) }, title),
        element("div", { class: "lean muted clip" }, firstLine(job.theorem))),
      element("td", {}, badge(job)),
      element("td", { class: "number" }, job.cached ? "cached" : time !== null ? seconds(time) : ""),
      element("td", { class: "number", "data-unit": job.progress.expansions === 1 ? "expansion" : "expansions" }, String(job.progress.expansions)),
      element("td", { class: "number", "data-unit": job.progress.tactics === 1 ? "tactic" : "tactics" }, String(job.progress.tactics)),
      element("td", { class: "muted" }, when(job.created)));
  }
}
