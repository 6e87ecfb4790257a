// What the panel says of the whole search: the proof, outcomes, sources, why tactics failed, what took long.
import { count, element, plural, seconds } from "../dom.js";
import { keyOf, link } from "./attempts.js";
import { STATUSES, WORDS, glyph } from "./outcomes.js";
import { brief, oneLine } from "./search.js";

export function heading(text, more) {
  return element("h2", {}, text, more ? element("span", { class: "muted" }, ` ${more}`) : null);
}

export function facts(...pairs) {
  return element("dl", { class: "facts-list" }, pairs.filter(Boolean).flatMap(([name, value]) =>
    [element("dt", {}, name), element("dd", {}, value)]));
}

export function wholeSearch(view) {
  const { search } = view;
  const { record, strings } = search;
  const attempts = search.everyAttempt();
  const there = (attempt, words) => link(words, "go there", () => view.select(keyOf(attempt)));
  const parts = [];
  const text = (record && record.verification && record.verification.accepted && record.verification.source) || search.theorem;
  if (text) parts.push(heading(record && record.proved ? "Proof" : "Statement"), element("pre", { class: "goal lean" }, text.trim()));
  if (search.proof) parts.push(...steps(search, there));
  for (const refused of (record && record.refused) || []) parts.push(element("pre", { class: "message lean" }, `refused by verification: ${refused}`));
  parts.push(...howFar(record));
  parts.push(heading("Outcomes", plural(attempts.length, "tactic", "tactics")), outcomeTable(attempts));
  parts.push(heading("By source"), sourceTable(strings, attempts));
  const failures = commonest(strings, attempts);
  if (failures.length) {
    parts.push(heading("Why tactics failed"), element("ul", { class: "list" }, failures.map(([message, many, status]) =>
      element("li", {}, element("span", { class: "number" }, count.format(many)), glyph(status),
        link(brief(strings[message]).slice(0, 160), "search for this message", () => view.find(strings[message].split("\n")[0].slice(0, 80)))))));
  }
  const slow = [...attempts].sort((a, b) => b.elapsed - a.elapsed).slice(0, 6).filter((attempt) => attempt.elapsed > 0);
  if (slow.length) {
    parts.push(heading("Took longest"), element("ul", { class: "list" }, slow.map((attempt) =>
      element("li", {}, element("span", { class: "number" }, seconds(attempt.elapsed)), glyph(attempt.status),
        element("span", { class: "lean" }, there(attempt, oneLine(strings[attempt.tactic])))))));
  }
  parts.push(heading("About"), about(search, attempts));
  return parts;
}

// The most promising unfinished proof, and what would help. Records of older versions have neither.
function howFar(record) {
  const { closest: [first] = [], advice } = record || {};
  return [
    ...(first ? [heading("How far it got", `${plural(first.goals.length, "goal is", "goals are")} open`), element("pre", { class: "goal lean" }, first.source.trim())] : []),
    advice ? element("p", {}, `What would help is ${advice.words}.`) : null,
  ].filter(Boolean);
}

function steps({ proof, nodes, strings, record }, there) {
  const title = { true: "Its steps", false: "Found, but refused by verification" }[proof.accepted]
    ?? (record ? "Found, but not verified" : "Found, not verified yet");
  return [
    heading(title),
    element("ol", { class: "path" }, proof.steps.map((step) => {
      const attempt = nodes[step.node].attempts[step.attempt];
      return element("li", {}, there(attempt, oneLine(strings[attempt.tactic])));
    })),
  ];
}

function about(search, attempts) {
  const { nodes, record } = search;
  const expanded = nodes.filter((node) => node.expansions.length);
  const dead = expanded.filter((node) => search.fate(node) === "dead").length;
  const known = [
    ["states", `${count.format(nodes.length)}: ${count.format(expanded.length)} expanded, ${count.format(nodes.length - expanded.length)} never; ${count.format(dead)} led nowhere`],
    ["time in Lean", seconds(attempts.reduce((sum, attempt) => sum + attempt.elapsed, 0))],
  ];
  if (record) {
    const { budget } = record;
    known.push(
      ["policy", element("span", { title: record.policy }, search.policy ?? record.policy)], ["environment", record.environment], ["seed", String(record.seed)],
      ["budget", `${plural(budget.expansions, "expansion", "expansions")} of ${plural(budget.candidates, "candidate", "candidates")}, effort ${budget.effort}${budget.tactic_effort ? ` (${budget.tactic_effort} a tactic)` : ""}, ${budget.timeout_s} s (${budget.tactic_timeout_s} s a tactic)`],
      ["prover", record.prover_version],
    );
  }
  return facts(...known);
}

function outcomeTable(attempts) {
  return element("table", { class: "tally" }, element("tbody", {}, STATUSES.map((status) => {
    const some = attempts.filter((attempt) => attempt.status === status);
    if (!some.length) return null;
    return element("tr", {},
      element("td", {}, glyph(status), ` ${WORDS[status]}`),
      element("td", { class: "number" }, count.format(some.length)),
      element("td", { class: "wide" }, element("i", { style: `width:${(100 * some.length) / attempts.length}%;background:var(--${status})` })),
      element("td", { class: "number muted" }, seconds(some.reduce((sum, attempt) => sum + attempt.elapsed, 0))));
  })));
}

export function sourceTable(strings, attempts) {
  const by = new Map();
  for (const attempt of attempts) {
    if (!by.has(attempt.source)) by.set(attempt.source, { tried: 0, led: 0, elapsed: 0 });
    const row = by.get(attempt.source);
    row.tried += 1;
    row.led += attempt.fresh || attempt.status === "closed" ? 1 : 0;
    row.elapsed += attempt.elapsed;
  }
  return element("table", { class: "tally" },
    element("thead", {}, element("tr", {}, ["source", "tried", "led on", "time"].map((title) => element("th", {}, title)))),
    element("tbody", {}, [...by].sort((a, b) => b[1].tried - a[1].tried).map(([source, row]) => element("tr", {},
      element("td", { class: "source", title: strings[source] }, strings[source]),
      element("td", { class: "number" }, count.format(row.tried)),
      element("td", { class: "number" }, `${count.format(row.led)} (${Math.round((100 * row.led) / row.tried)} %)`),
      element("td", { class: "number muted" }, seconds(row.elapsed))))));
}

// By first line, since the rest of a message shows the goal.
function commonest(strings, attempts) {
  const by = new Map();
  for (const attempt of attempts) {
    if (attempt.status === "advanced" || attempt.status === "closed") continue;
    const line = `${attempt.status} ${strings[attempt.message].split("\n")[0]}`;
    const row = by.get(line) || [attempt.message, 0, attempt.status];
    row[1] += 1;
    by.set(line, row);
  }
  return [...by.values()].sort((a, b) => b[1] - a[1]).slice(0, 8);
}
