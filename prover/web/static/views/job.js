// One job: how it stands, what came of it, and its search as a tree that grows while it runs.
import { element, plural, seconds } from "../shared/dom.js";
import { Search } from "../shared/tree/search.js";
import { TreeView } from "../shared/tree/view.js";
import { json } from "../api.js";
import { problemBox } from "../parts/problem.js";
import { resultOf } from "../parts/result.js";
import { streamSearch } from "../parts/search-stream.js";
import { ENDED, badge, standing, titleOf, took } from "../parts/words.js";
import { leanText } from "../editor/lean.js";
import { moreEffort } from "../parts/more-effort.js";
import { keepDraft } from "./home.js";

const ANNOUNCE_MS = 5000;
const SCRIPTED = "scripted:";

export async function jobView(main, { id }, signal) {
  const page = new JobPage(main, signal);
  page.draw(await json(`v1/proofs/${id}`, { signal }));
  json("page/about", { signal }).then(({ most }) => page.allow(most), () => {}); // without it one button is missing
  return () => page.run(id);
}

class JobPage {
  constructor(main, signal) {
    this.signal = signal;
    this.most = null; // the largest budget that the server allows, once it is known
    this.search = new Search();
    this.view = null;
    this.note = null; // what it is doing, where the state alone does not say it
    this.live = true;
    this.announced = 0;
    this.title = element("h1", { tabindex: "-1", class: "lean" });
    this.badge = element("span", {});
    this.figures = element("span", { class: "figures" });
    this.noteElement = element("span", { class: "muted" });
    this.said = element("p", { class: "outside", role: "status", id: "said" });
    this.actions = element("span", { class: "corner" });
    this.result = element("div", { id: "result" });
    this.treePlace = element("div", {});
    main.append(
      element("div", { class: "job-head" }, this.title, this.badge, this.noteElement, this.figures, this.actions),
      this.said, this.result, element("h2", { class: "outside" }, "The search"), this.treePlace);
    const timer = setInterval(() => this.#drawFigures(), 500);
    signal.addEventListener("abort", () => { clearInterval(timer); this.view?.destroy(); });
  }

  async run(id) {
    await streamSearch(id, {
      search: this.search, signal: this.signal,
      onJob: (name, data) => this.#heard(name, data),
      onDraw: (change) => this.#drawTree(change),
      onConnection: (live) => { this.live = live; this.#drawHead(); },
    });
    if (this.signal.aborted) return;
    this.view?.ended();
    if (!this.view) this.treePlace.replaceChildren(this.#noTree());
  }

  draw(job) {
    this.job = job;
    document.title = `${titleOf(job)} · prover`;
    this.title.textContent = titleOf(job);
    this.search.theorem = job.theorem;
    this.#drawHead();
    this.#drawActions();
    if (ENDED.has(job.status)) this.result.replaceChildren(resultOf(job));
    else this.#drawWaiting();
    if (!ENDED.has(job.status) && !this.result.children.length) this.result.append(leanText(element("pre", { class: "code", tabindex: "0", "aria-label": "Statement" }), job.theorem.trim()));
  }

  allow(most) {
    this.most = most;
    this.#drawActions();
  }

  #heard(name, data) {
    if (name === "finished") {
      this.note = null;
      this.draw(data);
      this.#announce(`${standing(data)[0]}`, true);
      return;
    }
    if (ENDED.has(this.job.status)) return; // its past is told again
    if (name === "queued") {
      this.job.status = "queued";
      this.note = data.reason ? `again, as ${data.reason}` : null;
      this.#drawHead();
    } else if (name === "started") {
      Object.assign(this.job, { status: "running", started: this.job.started ?? new Date().toISOString() });
      this.note = data.attempt > 1 ? `attempt ${data.attempt}` : "Lean reads the statement";
      this.#drawHead();
    } else if (name === "found") {
      this.note = "tactics found; the whole proof is being verified";
      this.#drawHead();
      this.#announce(this.note, true);
    } else if (name === "progress") {
      this.job.progress = data;
      this.note = null;
      this.#drawHead();
      this.#announce(`${plural(data.expansions, "state", "states")} expanded, ${plural(data.tactics, "tactic", "tactics")} tried`);
    } else if (name === "expansion" && this.note) {
      this.note = null;
      this.#drawHead();
    }
  }

  // For screen readers; not more often than one can listen.
  #announce(words, now = false) {
    if (!now && Date.now() - this.announced < ANNOUNCE_MS) return;
    this.announced = Date.now();
    this.said.textContent = words;
  }

  #drawHead() {
    this.badge.replaceChildren(badge(this.job));
    this.#drawWaiting();
    const lost = this.live || ENDED.has(this.job.status) ? null : "the connection is lost and will be taken up again";
    this.noteElement.textContent = lost || this.note || "";
    this.#drawFigures();
  }

  // What the place of the tree says until there is one.
  #drawWaiting() {
    if (this.view || ENDED.has(this.job.status)) return;
    const words = this.job.status === "queued"
      ? "The job waits for a worker; its search will be shown here."
      : "Lean reads the statement, and what it imports. The search will be shown here, from its first step on.";
    if (this.treePlace.textContent !== words) this.treePlace.replaceChildren(element("p", { class: "waits" }, words));
  }

  #drawFigures() {
    if (!this.job) return;
    const { progress } = this.job;
    const time = took(this.job);
    const figures = [
      plural(progress.expansions, "expansion", "expansions"), plural(progress.tactics, "tactic", "tactics"),
      ENDED.has(this.job.status) ? null : `${progress.frontier} waiting`, `depth ${progress.depth}`, time === null ? null : seconds(time),
    ].filter(Boolean);
    this.figures.replaceChildren(...figures.map((figure) => element("span", {}, figure)));
  }

  #drawActions() {
    const { job } = this;
    const button = (words, action, kind) => element("button", { type: "button", class: kind, onclick: action }, words);
    const actions = ENDED.has(job.status)
      ? [button("Edit", () => this.#edit()), button("Search afresh", () => this.#again())]
      : [button(job.cancelling ? "Cancelling…" : "Cancel", () => this.#cancel(), "danger")];
    const more = this.most && moreEffort(job, this.most);
    if (more) actions.push(button(more.words, () => this.#again({ cache: "use", budget: more.budget }), "primary"));
    if (job.batch) actions.unshift(element("a", { href: `#/batches/${job.batch}` }, "its batch"));
    if (this.search.nodes.length) actions.unshift(element("a", { href: `#/samples/${job.id}` }, "samples"));
    const focused = this.actions.contains(document.activeElement);
    this.actions.replaceChildren(...actions);
    if (focused) this.title.focus(); // the button is gone; what it did is said in the heading
    for (const action of this.actions.children) if (action.tagName === "BUTTON") action.disabled = job.cancelling && !ENDED.has(job.status);
  }

  async #cancel() {
    await this.#try(async () => {
      const job = await json(`v1/proofs/${this.job.id}`, { method: "DELETE", signal: this.signal });
      if (!ENDED.has(this.job.status)) this.draw({ ...job, record: job.record ?? this.job.record });
    });
  }

  #edit() {
    const { record, theorem, policy } = this.job;
    const scripted = policy?.startsWith(SCRIPTED);
    keepDraft({
      theorem: record?.statement ?? theorem, header: record?.header ?? "", seed: record?.seed || "", open: Boolean(policy),
      policy: scripted ? "scripted" : policy ?? "", tactics: scripted ? policy.slice(SCRIPTED.length) : "",
    });
    location.hash = "#/";
  }

  async #again(changed = { cache: "ignore" }) {
    await this.#try(async () => {
      const { record, theorem, name, policy } = this.job;
      const job = await json("v1/proofs", {
        method: "POST", signal: this.signal,
        body: { theorem, name, policy, ...(record && { budget: record.budget, seed: record.seed }), ...changed },
      });
      location.hash = `#/jobs/${job.id}`;
    });
  }

  async #try(act) {
    try {
      await act();
    } catch (error) {
      if (error.name !== "AbortError") this.result.prepend(problemBox(error));
    }
  }

  #drawTree(change) {
    if (!this.search.nodes.length) return;
    if (!this.view) {
      this.treePlace.replaceChildren();
      this.search.settle();
      this.view = new TreeView(this.treePlace, this.search, { embedded: true });
      if (!ENDED.has(this.job.status)) this.view.follow(true);
      this.view.refresh();
      this.#drawActions();
    } else this.view.refresh(change);
  }

  #noTree() {
    const why = this.job.cached
      ? "The answer came from the cache, so nothing was searched."
      : this.job.batch && this.job.record
        ? "Searches of a batch are not recorded unless the batch asks for it."
        : this.job.record ? "The steps of this search are not kept any more." : null;
    return why ? element("p", { class: "muted" }, why, " “Search afresh” shows a search of this theorem.") : "";
  }
}
