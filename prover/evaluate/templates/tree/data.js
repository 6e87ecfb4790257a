// The recorded search as linked objects. Texts stay numbers that point into `strings` until they are shown.
const raw = JSON.parse(document.getElementById("data").textContent);
const strings = raw.strings;
const record = raw.record;
const GLYPHS = { advanced: "→", closed: "✓", rejected: "✕", gave_up: "∅", timed_out: "◔" };
const WORDS = {
  advanced: "advanced", closed: "closed", rejected: "rejected", gave_up: "gave up", timed_out: "timed out",
};

const nodes = raw.nodes.map((row, id) => ({
  id,
  parent: row.parent,
  tactic: row.tactic,
  goals: row.goals,
  logprob: row.logprob,
  depth: row.depth,
  expansions: row.expansions.map(([order, candidates, frontier]) => ({ order, candidates, frontier })),
  attempts: row.attempts.map(([tactic, source, logprob, status, message, elapsed, expansion, child, fresh], place) => ({
    node: id, place, tactic, source, logprob, status: raw.statuses[status], message, elapsed, expansion, child,
    fresh: fresh === 1, owns: false,
  })),
  children: [], // ids of states whose best path comes through here, in the order they were tried
  via: null, // the attempt that leads here
  below: 0,
}));
const root = nodes.length ? 0 : null;

for (const node of nodes) {
  for (const attempt of node.attempts) {
    if (attempt.child === null) continue;
    const child = nodes[attempt.child];
    if (child.parent === node.id && child.tactic === attempt.tactic && !child.via) {
      attempt.owns = true;
      child.via = attempt;
      node.children.push(child.id);
    }
  }
}
const deepestFirst = nodes.map((node) => node.id).sort((a, b) => nodes[b].depth - nodes[a].depth);
for (const id of deepestFirst) {
  const { parent, below } = nodes[id];
  if (parent !== null) nodes[parent].below += below + 1;
}

const proof = raw.found.find((found) => found.accepted) || raw.found[raw.found.length - 1] || null;
const proofNodes = new Set(proof ? proof.steps.map((step) => step.node) : []);
const proofAttempts = new Set(proof ? proof.steps.map((step) => nodes[step.node].attempts[step.attempt]) : []);

function everyAttempt() {
  return nodes.flatMap((node) => node.attempts);
}

function pathTo(id) {
  const path = [];
  for (let at = id; at !== null; at = nodes[at].parent) path.unshift(at);
  return path;
}

function oneLine(text) {
  return text.replace(/\s*\n\s*/g, "  ");
}

// A message without the goals that Lean prints under it, which are those of the state at hand.
function brief(message) {
  const lines = message.split("\n");
  const goals = lines.findIndex((line, at) => at > 0 && /^(case \S|⊢|[^\s:]+( [^\s:]+)* : )/.test(line));
  return oneLine((goals > 0 ? lines.slice(0, goals) : lines).join("\n")).trim();
}

// What is to be shown, which comes last in a goal: more telling than the first hypothesis.
function gist(node) {
  if (!node.goals.length) return "";
  const first = strings[node.goals[0]];
  const target = first.lastIndexOf("⊢");
  const many = node.goals.length > 1 ? `${node.goals.length} goals  ` : "";
  return many + oneLine(target >= 0 ? first.slice(target) : first);
}

// Expanded and nothing new came of it, or it led on, or it still waits.
function fate(node) {
  if (proofNodes.has(node.id)) return "proof";
  if (!node.expansions.length) return "waiting";
  return node.children.length ? "open" : "dead";
}
