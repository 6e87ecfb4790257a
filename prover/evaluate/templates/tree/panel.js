// The details beside the tree: of the whole search, or of what is selected.
const panel = document.getElementById("panel");
const MOST = 200; // attempts listed at once
let sorting = { by: "order", falling: false };

function probability(logprob) {
  const p = Math.exp(logprob);
  return p >= 0.001 ? `${(100 * p).toFixed(p >= 0.1 ? 0 : 1)} %` : logprob > -1e6 ? `e^${logprob.toFixed(1).replace("-", "−")}` : "0";
}

function nats(logprob) {
  return `${logprob.toFixed(2).replace("-", "−")} nats`;
}

function facts(...pairs) {
  return element("dl", { class: "facts-list" }, pairs.filter(Boolean).flatMap(([name, value]) =>
    [element("dt", {}, name), element("dd", {}, value)]));
}

function link(text, title, action) {
  return element("button", { class: "link", title, onclick: action }, text);
}

function showPanel() {
  const item = selected && rows.find((row) => row.key === selected);
  panel.replaceChildren(element("div", { class: "tabs" },
    element("button", { "aria-pressed": String(!item), onclick: () => { selected = null; drawRows(); drawMap(); showPanel(); } }, "Whole search"),
    element("button", { "aria-pressed": String(Boolean(item)), disabled: !item }, "Selected")));
  if (!item) showWhole();
  else if (item.kind === "node") showNode(nodes[item.node]);
  else if (item.kind === "group") showGroup(item);
  else if (item.kind === "failures") showFailures(item);
  else showAttempt(item.attempt);
  panel.scrollTop = 0;
}

function heading(text, more) {
  return element("h2", {}, text, more ? element("span", { class: "muted" }, ` ${more}`) : null);
}

function showPath(id) {
  const path = pathTo(id);
  return element("ol", { class: "path", start: 0 }, path.map((at) =>
    element("li", {}, link(at === root ? "the theorem" : oneLine(strings[nodes[at].tactic]), "go there", () => select(`n${at}`)))));
}

function showGoals(node) {
  return [
    heading(node.goals.length === 1 ? "Goal" : `${node.goals.length} goals`),
    ...node.goals.map((goal) => element("pre", { class: "goal lean" }, goalText(strings[goal]))),
  ];
}

// The target stands out from the hypotheses.
function goalText(text) {
  const at = text.lastIndexOf("⊢");
  const made = marked(element("span", {}), at < 0 ? text : text.slice(0, at));
  if (at >= 0) made.append(marked(element("strong", {}), text.slice(at)));
  return made;
}

function showNode(node) {
  const spent = node.attempts.reduce((sum, attempt) => sum + attempt.elapsed, 0);
  const orders = node.expansions.map((expansion) => `#${expansion.order}`).join(", ");
  const untried = node.expansions.reduce((sum, expansion) => sum + expansion.candidates, 0) - node.attempts.length;
  panel.append(
    node.parent === null
      ? heading("The theorem")
      : element("div", {}, heading("After"), element("pre", { class: "tactic-text lean" }, marked(element("span", {}), strings[node.tactic]))),
    ...showGoals(node),
    facts(
      ["depth", String(node.depth)],
      ["path's probability", `${probability(node.logprob)}  (${nats(node.logprob)})`],
      ["expanded", orders || "never: it was waiting when the search stopped"],
      node.attempts.length ? ["tactics tried", `${count.format(node.attempts.length)} in ${seconds(spent)}`] : null,
      untried > 0 && node.attempts.length ? ["not tried", `${count.format(untried)} (a proof was found first, or time ran out)`] : null,
      node.below ? ["states below", count.format(node.below)] : null,
    ),
  );
  if (node.depth > 0) panel.append(heading("Path"), showPath(node.id));
  if (node.attempts.length) panel.append(heading("Tactics tried here", tallied(node.attempts)), attemptTable(node.attempts));
}

function tallied(attempts) {
  return raw.statuses.map((status) => [status, attempts.filter((attempt) => attempt.status === status).length])
    .filter(([, many]) => many).map(([status, many]) => `${many} ${WORDS[status]}`).join(", ");
}

function showAttempt(attempt) {
  panel.append(
    heading("Tactic"),
    element("pre", { class: "tactic-text lean" }, marked(element("span", {}), strings[attempt.tactic])),
    element("p", { class: "outcome" }, glyph(attempt.status), ` ${WORDS[attempt.status]}`,
      attempt.child !== null ? element("span", {}, " to ", link("a state that was known", "go there", () => select(`n${attempt.child}`))) : null),
  );
  if (strings[attempt.message]) {
    panel.append(heading("Lean's answer"), element("pre", { class: "message lean" }, marked(element("span", {}), strings[attempt.message])));
  }
  panel.append(
    facts(
      ["proposed by", strings[attempt.source]],
      ["probability", `${probability(attempt.logprob)}  (${nats(attempt.logprob)})`],
      ["time", seconds(attempt.elapsed)],
      ["during expansion", `#${attempt.expansion}`],
    ),
    element("p", {}, link("the state it was tried on", "go there", () => select(`n${attempt.node}`))),
    ...showGoals(nodes[attempt.node]),
  );
}

function showGroup(item) {
  const { status, message } = item.attempts[0];
  panel.append(
    heading(`${count.format(item.attempts.length)} tactics, one answer`),
    element("p", { class: "outcome" }, glyph(status), ` ${WORDS[status]}`),
    element("pre", { class: "message lean" }, marked(element("span", {}), strings[message])),
    element("p", {}, link("the state they were tried on", "go there", () => select(`n${item.node}`))),
    attemptTable(item.attempts),
  );
}

function showFailures(item) {
  panel.append(
    heading(`${count.format(item.attempts.length)} tactics failed here`, tallied(item.attempts)),
    element("p", {}, link("the state they were tried on", "go there", () => select(`n${item.node}`))),
    attemptTable(item.attempts),
  );
}

const COLUMNS = [
  ["outcome", "", (a) => raw.statuses.indexOf(a.status)],
  ["tactic", "tactic", (a) => strings[a.tactic]],
  ["source", "from", (a) => strings[a.source]],
  ["logprob", "prob.", (a) => -a.logprob],
  ["time", "time", (a) => -a.elapsed],
];

function attemptTable(attempts, most = MOST) {
  const column = COLUMNS.find(([name]) => name === sorting.by);
  const order = column ? (a, b) => {
    const [x, y] = [column[2](a), column[2](b)];
    return (x < y ? -1 : x > y ? 1 : a.place - b.place) * (sorting.falling ? -1 : 1);
  } : (a, b) => a.place - b.place;
  const sorted = [...attempts].sort(order);
  const table = element("table", { class: "attempts" },
    element("thead", {}, element("tr", {}, COLUMNS.map(([name, title]) =>
      element("th", { "aria-sort": sorting.by === name ? (sorting.falling ? "descending" : "ascending") : null },
        element("button", {
          class: "sort", title: `sort by ${name}`,
          onclick: () => {
            sorting = sorting.by === name ? (sorting.falling ? { by: "order", falling: false } : { by: name, falling: true }) : { by: name, falling: false };
            table.replaceWith(attemptTable(attempts, most));
          },
        }, title || "·", sorting.by === name ? (sorting.falling ? " ↑" : " ↓") : ""))))),
    element("tbody", {}, sorted.slice(0, most).map((attempt) => element("tr", {},
      element("td", {}, glyph(attempt.status)),
      element("td", { class: "lean" },
        marked(link("", "go there", () => select(attempt.owns ? `n${attempt.child}` : `a${attempt.node}.${attempt.place}`)), oneLine(strings[attempt.tactic])),
        strings[attempt.message] ? marked(element("div", { class: "why muted" }), brief(strings[attempt.message]).slice(0, 200)) : null),
      element("td", { class: "source", title: strings[attempt.source] }, strings[attempt.source]),
      element("td", { class: "number" }, probability(attempt.logprob)),
      element("td", { class: "number" }, seconds(attempt.elapsed))))));
  if (sorted.length > most) {
    table.append(element("tfoot", {}, element("tr", {}, element("td", { colspan: 5 },
      link(`${count.format(sorted.length - most)} more`, "show them", () => table.replaceWith(attemptTable(attempts, most + 1000)))))));
  }
  return table;
}

function showWhole() {
  const attempts = everyAttempt();
  const expanded = nodes.filter((node) => node.expansions.length);
  const text = (record && record.verification && record.verification.accepted && record.verification.source) || raw.theorem;
  panel.append(
    heading(record && record.proved ? "Proof" : "Statement"),
    element("pre", { class: "goal lean" }, text.trim()),
  );
  if (proof) {
    panel.append(
      heading(proof.accepted ? "Its steps" : proof.accepted === false ? "Found, but refused by verification" : "Found, but not verified"),
      element("ol", { class: "path" }, proof.steps.map((step) => {
        const attempt = nodes[step.node].attempts[step.attempt];
        return element("li", {}, link(oneLine(strings[attempt.tactic]), "go there", () => select(attempt.owns ? `n${attempt.child}` : `a${attempt.node}.${attempt.place}`)));
      })),
    );
  }
  for (const refused of (record && record.refused) || []) panel.append(element("pre", { class: "message lean" }, `refused by verification: ${refused}`));
  panel.append(heading("Outcomes", plural(attempts.length, "tactic", "tactics")), outcomeTable(attempts));
  panel.append(heading("By source"), sourceTable(attempts));
  const failures = commonest(attempts);
  if (failures.length) {
    panel.append(heading("Why tactics failed"), element("ul", { class: "list" }, failures.map(([message, many, status]) =>
      element("li", {}, element("span", { class: "number" }, count.format(many)), glyph(status),
        link(brief(strings[message]).slice(0, 160), "search for this message", () => search(strings[message].split("\n")[0].slice(0, 80)))))));
  }
  const slow = [...attempts].sort((a, b) => b.elapsed - a.elapsed).slice(0, 6).filter((attempt) => attempt.elapsed > 0);
  if (slow.length) {
    panel.append(heading("Took longest"), element("ul", { class: "list" }, slow.map((attempt) =>
      element("li", {}, element("span", { class: "number" }, seconds(attempt.elapsed)), glyph(attempt.status),
        element("span", { class: "lean" }, link(oneLine(strings[attempt.tactic]), "go there",
          () => select(attempt.owns ? `n${attempt.child}` : `a${attempt.node}.${attempt.place}`)))))));
  }
  const dead = expanded.filter((node) => fate(node) === "dead").length;
  const about = [
    ["states", `${count.format(nodes.length)}: ${count.format(expanded.length)} expanded, ${count.format(nodes.length - expanded.length)} never; ${count.format(dead)} led nowhere`],
    ["time in Lean", seconds(attempts.reduce((sum, attempt) => sum + attempt.elapsed, 0))],
  ];
  if (record) {
    const budget = record.budget;
    about.push(
      ["policy", record.policy], ["environment", record.environment], ["seed", String(record.seed)],
      ["budget", `${count.format(budget.expansions)} expansions of ${budget.candidates} candidates, ${budget.timeout_s} s, ${budget.tactic_timeout_s} s a tactic`],
      ["prover", record.prover_version],
    );
  }
  panel.append(heading("About"), facts(...about));
}

function outcomeTable(attempts) {
  return element("table", { class: "tally" }, element("tbody", {}, raw.statuses.map((status) => {
    const some = attempts.filter((attempt) => attempt.status === status);
    if (!some.length) return null;
    return element("tr", {},
      element("td", {}, glyph(status), ` ${WORDS[status]}`),
      element("td", { class: "number" }, count.format(some.length)),
      element("td", { class: "wide" }, element("i", { style: `width:${(100 * some.length) / attempts.length}%;background:var(--${status})` })),
      element("td", { class: "number muted" }, seconds(some.reduce((sum, attempt) => sum + attempt.elapsed, 0))));
  })));
}

function sourceTable(attempts) {
  const by = new Map();
  for (const attempt of attempts) {
    if (!by.has(attempt.source)) by.set(attempt.source, { tried: 0, led: 0, elapsed: 0 });
    const row = by.get(attempt.source);
    row.tried += 1;
    row.led += attempt.fresh || attempt.status === "closed" ? 1 : 0;
    row.elapsed += attempt.elapsed;
  }
  return element("table", { class: "tally" },
    element("thead", {}, element("tr", {}, ["", "tried", "led on", "time"].map((title) => element("th", {}, title)))),
    element("tbody", {}, [...by].sort((a, b) => b[1].tried - a[1].tried).map(([source, row]) => element("tr", {},
      element("td", { class: "source", title: strings[source] }, strings[source]),
      element("td", { class: "number" }, count.format(row.tried)),
      element("td", { class: "number" }, `${count.format(row.led)} (${Math.round((100 * row.led) / row.tried)} %)`),
      element("td", { class: "number muted" }, seconds(row.elapsed))))));
}

// By first line, since the rest of a message shows the goal.
function commonest(attempts) {
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
