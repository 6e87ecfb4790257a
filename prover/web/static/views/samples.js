// What was proposed at each state of a theorem, one state after the other, with Lean's answers.
import { count, element, plural, seconds } from "../shared/dom.js";
import { nats, probability } from "../shared/tree/attempts.js";
import { STATUSES, WORDS, glyph, tallied } from "../shared/tree/outcomes.js";
import { brief, oneLine, Search } from "../shared/tree/search.js";
import { heading, sourceTable } from "../shared/tree/whole.js";
import { json, withQuery } from "../api.js";
import { leanText } from "../editor/lean.js";
import { JobsTable } from "../parts/jobs-table.js";
import { streamSearch } from "../parts/search-stream.js";
import { badge, sourceWords, titleOf } from "../parts/words.js";

let listed = []; // ids of the theorems that were listed last, for going from one to the next

export function samplesView(main, { query }, signal) {
  const batch = query.get("batch");
  const table = new JobsTable(signal, {
    batch, filter: query.get("show") || "", link: (job) => `#/samples/${job.id}`,
    onFilter: (name) => history.replaceState(null, "", withQuery("#/samples", { batch, show: name })),
    onPage: (jobs) => { listed = jobs.map((job) => job.id); },
  });
  main.append(
    element("h1", { tabindex: "-1" }, "Samples"),
    element("p", {}, "What the policy proposed at each state of each theorem, and what Lean said to it. Choose a theorem",
      batch ? [" of ", element("a", { href: `#/batches/${batch}` }, "this batch")] : "", ":"),
    table.element);
  return table.load();
}

export async function theoremSamplesView(main, { id, query }, signal) {
  const job = await json(`v1/proofs/${id}`, { signal });
  const page = new Samples(main, job, Number(query.get("state")) || 0);
  return async () => {
    await streamSearch(id, {
      search: page.search, signal,
      onJob: (name, data) => { if (name === "finished") page.job = data; },
      onDraw: () => page.refresh(),
    });
    page.ended();
  };
}

class Samples {
  constructor(main, job, chosen) {
    this.job = job;
    this.search = new Search();
    this.chosen = chosen;
    this.hidden = { status: "", source: "" };
    this.drawn = "";
    document.title = `samples of ${titleOf(job)} · prover`;
    this.head = element("div", { class: "job-head" });
    this.states = element("ol", { class: "states", "aria-label": "States, as they were expanded" });
    this.main = element("section", { class: "state", "aria-label": "The state" });
    this.outcome = this.#choice("outcome", "status");
    this.source = this.#choice("proposed by", "source");
    this.whole = element("details", { class: "whole" });
    main.append(this.head, this.whole,
      element("div", { class: "samples" }, element("nav", { "aria-label": "States" }, this.states), this.main));
    main.addEventListener("keydown", (event) => this.#key(event));
    this.#drawHead();
  }

  // Expanded states in the order of their first expansion.
  get expanded() {
    return this.search.nodes.filter((node) => node.expansions.length).sort((a, b) => a.expansions[0].order - b.expansions[0].order);
  }

  refresh() {
    this.search.settle();
    this.#drawHead();
    this.#fill(this.outcome, STATUSES, (status) => WORDS[status]);
    const sources = [...new Set(this.search.everyAttempt().map((attempt) => attempt.source))];
    this.#fill(this.source, sources.map(String), (source) => sourceWords(this.search.strings[Number(source)]));
    const attempts = this.search.everyAttempt();
    this.whole.replaceChildren(element("summary", {}, `The whole search: ${plural(attempts.length, "tactic", "tactics")} tried at ${plural(this.expanded.length, "state", "states")}`),
      sourceTable(this.search.strings, attempts));
    this.#drawStates();
    const shown = this.search.nodes[this.chosen];
    const state = shown && JSON.stringify([this.chosen, shown.attempts.length, this.hidden, this.search.proofAttempts.size]);
    if (shown && state !== this.drawn && !this.main.contains(document.activeElement)) {
      this.drawn = state;
      this.#drawState();
    }
  }

  ended() {
    if (!this.search.nodes.length) this.main.replaceChildren(element("p", { class: "muted" },
      this.job.cached ? "The answer came from the cache, so nothing was proposed." : "Nothing is recorded of this search.",
      " Its page can search the theorem afresh."));
  }

  #drawHead() {
    const { job } = this;
    const at = listed.indexOf(job.id);
    const step = (to, words) => (listed[to] ? element("a", { href: `#/samples/${listed[to]}` }, words) : null);
    this.head.replaceChildren(...[
      element("h1", { tabindex: "-1", class: "lean" }, titleOf(job)), badge(job),
      element("span", { class: "corner" }, at >= 0 ? step(at - 1, "← theorem") : null, at >= 0 ? step(at + 1, "theorem →") : null,
        element("a", { href: `#/jobs/${job.id}` }, "tree and proof"), element("a", { href: "#/samples" }, "all theorems"))]);
  }

  #drawStates() {
    const { search, chosen } = this;
    const focused = this.states.contains(document.activeElement);
    this.states.replaceChildren(...this.expanded.map((node) => element("li", {},
      element("button", { type: "button", "aria-current": node.id === chosen ? "true" : null, onclick: () => this.choose(node.id) },
        element("span", { class: `dot ${search.fate(node)}`, "aria-hidden": "true" }),
        element("span", { class: "number" }, `#${node.expansions[0].order}`),
        element("span", { class: "lean clip" }, node.tactic === null ? "the theorem" : oneLine(search.strings[node.tactic]))))));
    if (focused) this.states.querySelector("[aria-current]")?.focus();
  }

  choose(id) {
    this.chosen = id;
    history.replaceState(null, "", `#/samples/${this.job.id}${id ? `?state=${id}` : ""}`);
    this.#drawStates();
    this.#drawState();
    this.states.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #step(by) {
    const order = this.expanded;
    const next = order[order.findIndex((node) => node.id === this.chosen) + by];
    if (next) this.choose(next.id);
  }

  #drawState() {
    const { search } = this;
    const node = search.nodes[this.chosen];
    if (!node) return;
    const shown = node.attempts.filter((attempt) => (!this.hidden.status || attempt.status === this.hidden.status) &&
      (!this.hidden.source || attempt.source === Number(this.hidden.source)));
    const proposed = node.expansions.reduce((sum, expansion) => sum + expansion.candidates, 0);
    const untried = proposed - node.attempts.length;
    const path = search.pathTo(node.id).slice(1).map((id) => oneLine(search.strings[search.nodes[id].tactic]));
    this.main.replaceChildren(
      element("div", { class: "pages" },
        element("button", { type: "button", onclick: () => this.#step(-1) }, "← state"),
        element("button", { type: "button", onclick: () => this.#step(1) }, "state →"),
        element("span", { class: "muted" }, path.length ? "after " : "the theorem", path.length ? element("code", { class: "lean" }, path.join("; ")) : "")),
      ...node.goals.map((goal) => leanText(element("pre", { class: "code" }), search.strings[goal])),
      heading(`${plural(proposed, "tactic", "tactics")} proposed`, untried > 0 ? `${count.format(untried)} not tried; ${tallied(node.attempts)}` : tallied(node.attempts)),
      element("div", { class: "bar-of-tools" }, element("label", {}, "Outcome ", this.outcome), element("label", {}, "Proposed by ", this.source)),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Tactics" }, element("table", { class: "list-table samples-table" },
        element("thead", {}, element("tr", {}, ["outcome", "tactic", "Lean's answer", "proposed by", "probability", "time"].map((name, at) =>
          element("th", { scope: "col", class: at > 3 ? "number" : null }, at ? name : element("span", { class: "outside" }, name))))),
        element("tbody", {}, shown.map((attempt) => this.#row(attempt))))));
  }

  #row(attempt) {
    const { strings, proofAttempts } = this.search;
    const message = strings[attempt.message];
    const answer = attempt.status === "closed" ? "no goals left" : attempt.status === "advanced"
      ? element("button", { type: "button", class: "link", onclick: () => this.choose(attempt.child), disabled: !this.search.nodes[attempt.child].expansions.length },
        attempt.child === attempt.node ? "changes nothing" : attempt.owns ? this.search.gist(this.search.nodes[attempt.child]) : "leads to a known state")
      : message.length > 120 || message.includes("\n") ? element("details", {}, element("summary", {}, brief(message).slice(0, 120)), element("pre", {}, message)) : message;
    return element("tr", { class: proofAttempts.has(attempt) ? "proof" : null },
      element("td", {}, glyph(attempt.status), element("span", { class: "outside" }, ` ${WORDS[attempt.status]}`)),
      element("td", {}, leanText(element("code", {}), strings[attempt.tactic])),
      element("td", { class: "lean answer" }, answer),
      element("td", { title: strings[attempt.source] }, sourceWords(strings[attempt.source])),
      element("td", { class: "number", title: nats(attempt.logprob) }, probability(attempt.logprob)),
      element("td", { class: "number" }, seconds(attempt.elapsed)));
  }

  #choice(name, kind) {
    return element("select", { "aria-label": name, onchange: (event) => { this.hidden[kind] = event.target.value; this.#drawState(); event.target.focus(); } },
      element("option", { value: "" }, "all"));
  }

  #fill(select, values, words) {
    for (const value of values) {
      if (![...select.options].some((option) => option.value === value)) select.append(element("option", { value }, words(value)));
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "ArrowDown" && event.target.closest(".states")) this.#step(1);
    else if (event.key === "ArrowUp" && event.target.closest(".states")) this.#step(-1);
    else return;
    event.preventDefault();
  }
}
