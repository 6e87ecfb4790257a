// Which attempts and states are shown: by outcome, by source, by the words searched for.
const filter = {
  outcomes: new Set(raw.statuses),
  sources: new Set(everyAttempt().map((attempt) => attempt.source)),
  query: "",
  version: 0,
  hits: null, // per string: does it contain the query?
  shown: null, // per node: does anything below it, or itself, match? null: no filter at all
  found: 0,
};
const allSources = [...filter.sources];
let lowered = null;

function filtering() {
  return filter.query !== "" || filter.outcomes.size < raw.statuses.length || filter.sources.size < allSources.length;
}

function applyFilter() {
  filter.version += 1;
  filter.hits = null;
  if (filter.query) {
    lowered = lowered || strings.map((text) => text.toLowerCase());
    const query = filter.query.toLowerCase();
    filter.hits = lowered.map((text) => text.includes(query));
  }
  filter.shown = null;
  filter.found = 0;
  if (!filtering()) return;
  const shown = new Uint8Array(nodes.length);
  for (const id of deepestFirst) {
    const node = nodes[id];
    let some = nodeHit(node);
    if (some && filter.query) filter.found += 1;
    for (const attempt of node.attempts) {
      if (attempt.owns) {
        if (shown[attempt.child] || attemptShown(attempt)) some = true;
      } else if (attemptShown(attempt)) {
        some = true;
        if (filter.query) filter.found += 1;
      }
    }
    shown[id] = some ? 1 : 0;
  }
  filter.shown = shown;
}

function allowed(attempt) {
  return filter.outcomes.has(attempt.status) && filter.sources.has(attempt.source);
}

function attemptShown(attempt) {
  return allowed(attempt) && (!filter.hits || filter.hits[attempt.tactic] || filter.hits[attempt.message]);
}

// Does the state itself contain what is searched for: its goals, or the tactic that leads to it?
function nodeHit(node) {
  if (!filter.hits || (node.via && !allowed(node.via))) return false;
  return node.goals.some((goal) => filter.hits[goal]) || (node.tactic !== null && filter.hits[node.tactic]);
}

// Writes `text` into `parent` with what is searched for marked.
function marked(parent, text) {
  const query = filter.query.toLowerCase();
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
