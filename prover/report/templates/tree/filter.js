// Which attempts and states are shown: by outcome, by source, by the words searched for.
import { element } from "../dom.js";

export class Filter {
  constructor(search) {
    this.search = search;
    this.hidden = new Set(); // outcomes, and numbers of sources
    this.query = "";
    this.version = 0;
    this.hits = null; // per string: does it contain the query?
    this.shown = null; // per node: does anything below it, or itself, match? null: no filter at all
    this.found = 0;
    this.lowered = [];
  }

  get filtering() {
    return this.query !== "" || this.hidden.size > 0;
  }

  apply() {
    const { nodes, strings, deepestFirst } = this.search;
    this.version += 1;
    this.hits = null;
    if (this.query) {
      for (let at = this.lowered.length; at < strings.length; at += 1) this.lowered.push(strings[at].toLowerCase());
      const query = this.query.toLowerCase();
      this.hits = this.lowered.map((text) => text.includes(query));
    }
    this.shown = null;
    this.found = 0;
    if (!this.filtering) return;
    const shown = new Uint8Array(nodes.length);
    for (const id of deepestFirst) {
      const node = nodes[id];
      let some = this.nodeHit(node);
      if (some && this.query) this.found += 1;
      for (const attempt of node.attempts) {
        if (attempt.owns) {
          if (shown[attempt.child] || this.attemptShown(attempt)) some = true;
        } else if (this.attemptShown(attempt)) {
          some = true;
          if (this.query) this.found += 1;
        }
      }
      shown[id] = some ? 1 : 0;
    }
    this.shown = shown;
  }

  // Forgets texts of a search that was begun afresh.
  clear() {
    this.lowered = [];
    this.hidden.clear();
  }

  allowed(attempt) {
    return !this.hidden.has(attempt.status) && !this.hidden.has(attempt.source);
  }

  attemptShown(attempt) {
    return this.allowed(attempt) && (!this.hits || this.hits[attempt.tactic] || this.hits[attempt.message]);
  }

  // Does the state itself contain what is searched for: its goals, or the tactic that leads to it?
  nodeHit(node) {
    if (!this.hits || (node.via && !this.allowed(node.via))) return false;
    return node.goals.some((goal) => this.hits[goal]) || (node.tactic !== null && this.hits[node.tactic]);
  }

  // Writes `text` into `parent` with what is searched for marked.
  marked(parent, text) {
    const query = this.query.toLowerCase();
    if (!query) {
      parent.append(text);
      return parent;
    }
    const lower = text.toLowerCase();
    let at = 0;
    // Lower case may be longer than the text for a few letters; then nothing is marked.
    if (lower.length === text.length) {
      for (let hit = lower.indexOf(query); hit >= 0; hit = lower.indexOf(query, at)) {
        parent.append(text.slice(at, hit), element("mark", {}, text.slice(hit, hit + query.length)));
        at = hit + query.length;
      }
    }
    parent.append(text.slice(at));
    return parent;
  }
}
