// A search as linked objects: a recorded one, or one that grows event by event. Texts stay numbers that point into
// `strings` until they are shown: most tactics and messages occur many times.
export class Search {
  constructor() {
    this.clear();
  }

  // Reads what prover/report/tree.py writes.
  static of(raw) {
    const search = new Search();
    search.theorem = raw.theorem;
    search.record = raw.record;
    search.policy = raw.policy;
    search.strings = raw.strings;
    search.found = raw.found;
    raw.nodes.forEach((row, id) => {
      const node = search.#node(id, row);
      node.expansions = row.expansions.map(([order, candidates, frontier]) => ({ order, candidates, frontier }));
      node.attempts = row.attempts.map(([tactic, source, logprob, status, message, elapsed, expansion, child, fresh], place) => ({
        node: id, place, tactic, source, logprob, status: raw.statuses[status], message, elapsed, expansion, child,
        fresh: fresh === 1, owns: false,
      }));
    });
    search.settle();
    return search;
  }

  clear() {
    this.theorem = "";
    this.record = null;
    this.policy = null; // in words; of a search that grows, not known
    this.strings = [];
    this.numbers = new Map(); // text -> its number, of a search that grows
    this.nodes = [];
    this.found = [];
    this.growing = false;
    this.settle();
  }

  // Takes in one event of a running search, as prover/search/live.py tells them. `settle` comes after the last.
  // Events may have been lost; what hangs in the air without them is left out.
  apply(event, data) {
    const needed = { node: [data.parent], expansion: [data.node], attempt: [data.node, data.child], found: (data.steps || []).map((step) => step.node) };
    if ((needed[event] || []).some((id) => id !== undefined && id !== null && !this.nodes[id])) return;
    if (event === "node" && data.id > this.nodes.length) return;
    this.growing = true;
    if (event === "node") {
      const known = this.nodes[data.id];
      const row = {
        parent: data.parent ?? null, tactic: data.tactic === undefined ? null : this.#number(data.tactic),
        goals: data.goals.map((goal) => this.#number(goal)), logprob: data.logprob ?? 0, depth: data.depth ?? 0,
      };
      if (known) Object.assign(known, row);
      else this.#node(data.id, row);
    } else if (event === "expansion") {
      this.nodes[data.node].expansions.push({ order: data.order, candidates: data.candidates, frontier: data.frontier });
    } else if (event === "attempt") {
      const { attempts } = this.nodes[data.node];
      attempts.push({
        node: data.node, place: attempts.length, tactic: this.#number(data.tactic), source: this.#number(data.source),
        logprob: data.logprob, status: data.status, message: this.#number(data.message ?? ""), elapsed: data.elapsed_s ?? 0,
        expansion: data.expansion, child: data.child ?? null, fresh: data.new ?? false, owns: false,
      });
    } else if (event === "found" && data.steps.every((step) => this.nodes[step.node].attempts[step.attempt])) {
      for (const before of this.found) before.accepted = false; // the search goes on after a refusal only
      this.found.push({ steps: data.steps, accepted: null });
    }
  }

  // Says what became of a search that grew.
  finish(record) {
    this.record = record;
    this.growing = false;
    const last = this.found[this.found.length - 1];
    if (last && record) last.accepted = record.proved ? true : record.verification || record.search.stop !== "found" ? false : null;
  }

  // Works out what follows from the rest: who leads where, depths, how much is below, the proof, and which state is
  // being expanded just now.
  settle() {
    const { nodes } = this;
    this.root = nodes.length ? 0 : null;
    const below = nodes.map(() => []);
    const order = [];
    for (const node of nodes) {
      node.children = [];
      node.via = null;
      node.below = 0;
      if (node.parent === null) order.push(node.id);
      else below[node.parent].push(node.id);
    }
    for (const id of order) {
      for (const child of below[id]) {
        nodes[child].depth = nodes[id].depth + 1;
        order.push(child);
      }
    }
    this.deepestFirst = order.reverse();
    for (const node of nodes) {
      for (const attempt of node.attempts) {
        attempt.owns = false;
        if (attempt.child === null) continue;
        const child = nodes[attempt.child];
        if (child.parent === node.id && child.tactic === attempt.tactic && !child.via) {
          attempt.owns = true;
          child.via = attempt;
          node.children.push(child.id);
        }
      }
    }
    for (const id of this.deepestFirst) {
      const { parent, below: many } = nodes[id];
      if (parent !== null) nodes[parent].below += many + 1;
    }
    let latest = 0;
    this.current = null;
    for (const { id, expansions } of nodes) {
      const { order: number } = expansions[expansions.length - 1] || { order: 0 };
      if (this.growing && number > latest) [this.current, latest] = [id, number];
    }
    this.proof = this.found.find((found) => found.accepted) || this.found[this.found.length - 1] || null;
    const steps = this.proof ? this.proof.steps : [];
    this.proofNodes = new Set(steps.map((step) => step.node));
    this.proofAttempts = new Set(steps.map((step) => nodes[step.node].attempts[step.attempt]));
  }

  everyAttempt() {
    return this.nodes.flatMap((node) => node.attempts);
  }

  pathTo(id) {
    const path = [];
    for (let at = id; at !== null; at = this.nodes[at].parent) path.unshift(at);
    return path;
  }

  // What is to be shown, which comes last in a goal: more telling than the first hypothesis.
  gist(node) {
    if (!node.goals.length) return "";
    const first = this.strings[node.goals[0]];
    const target = first.lastIndexOf("⊢");
    const many = node.goals.length > 1 ? `${node.goals.length} goals  ` : "";
    return many + oneLine(target >= 0 ? first.slice(target) : first);
  }

  // On the proof's path, waiting, led on, or expanded and nothing new came of it.
  fate(node) {
    if (this.proofNodes.has(node.id)) return "proof";
    if (node.children.length) return "open";
    return node.expansions.length && node.id !== this.current ? "dead" : "waiting";
  }

  #node(id, { parent, tactic, goals, logprob, depth }) {
    // children: states whose best path comes through here, in the order they were tried; via: the attempt that leads here
    const node = { id, parent, tactic, goals, logprob, depth, expansions: [], attempts: [], children: [], via: null, below: 0 };
    this.nodes[id] = node;
    return node;
  }

  #number(text) {
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.strings.push(text) - 1;
      this.numbers.set(text, number);
    }
    return number;
  }
}

export function oneLine(text) {
  return text.replace(/\s*\n\s*/g, "  ");
}

// A message without the goals that Lean prints under it, which are those of the state at hand.
export function brief(message) {
  const lines = message.split("\n");
  const goals = lines.findIndex((line, at) => at > 0 && /^(case \S|⊢|[^\s:]+( [^\s:]+)* : )/.test(line));
  return oneLine((goals > 0 ? lines.slice(0, goals) : lines).join("\n")).trim();
}
