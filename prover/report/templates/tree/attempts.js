// The table of tactics that were tried, with Lean's answers; its headings sort it.
import { count, element, seconds } from "../dom.js";
import { STATUSES, glyph } from "./outcomes.js";
import { brief, oneLine } from "./search.js";

const MOST = 200; // listed at once
let sorting = { by: "order", falling: false };

export function probability(logprob) {
  const p = Math.exp(logprob);
  return p >= 0.001 ? `${(100 * p).toFixed(p >= 0.1 ? 0 : 1)} %` : logprob > -1e6 ? `e^${logprob.toFixed(1).replace("-", "−")}` : "0";
}

export function nats(logprob) {
  return `${logprob.toFixed(2).replace("-", "−")} nats`;
}

export function link(text, title, action) {
  return element("button", { type: "button", class: "link", title, onclick: action }, text);
}

// Where a tactic is in the tree: the state it led to, or its own row.
export function keyOf(attempt) {
  return attempt.owns ? `n${attempt.child}` : `a${attempt.node}.${attempt.place}`;
}

export function attemptTable(view, attempts, most = MOST) {
  const { search: { strings }, filter } = view;
  const columns = [
    ["outcome", "", (a) => STATUSES.indexOf(a.status)],
    ["tactic", "tactic", (a) => strings[a.tactic]],
    ["source", "from", (a) => strings[a.source]],
    ["logprob", "prob.", (a) => -a.logprob],
    ["time", "time", (a) => -a.elapsed],
  ];
  const column = columns.find(([name]) => name === sorting.by);
  const sorted = [...attempts].sort((a, b) => {
    const [x, y] = column ? [column[2](a), column[2](b)] : [0, 0];
    return (x < y ? -1 : x > y ? 1 : a.place - b.place) * (sorting.falling ? -1 : 1);
  });
  const again = (shown) => table.replaceWith(attemptTable(view, attempts, shown));
  const sort = (name) => {
    const same = sorting.by === name;
    sorting = same && sorting.falling ? { by: "order", falling: false } : { by: name, falling: same };
    again(most);
  };
  const head = ([name, title]) => {
    const ours = sorting.by === name;
    return element("th", { "aria-sort": ours ? (sorting.falling ? "descending" : "ascending") : null },
      element("button", { type: "button", class: "sort", title: `sort by ${name}`, "aria-label": `sort by ${name}`, onclick: () => sort(name) },
        title || "·", ours ? (sorting.falling ? " ↑" : " ↓") : ""));
  };
  const row = (attempt) => element("tr", {},
    element("td", {}, glyph(attempt.status)),
    element("td", { class: "lean" },
      filter.marked(link("", "go there", () => view.select(keyOf(attempt))), oneLine(strings[attempt.tactic])),
      strings[attempt.message] ? filter.marked(element("div", { class: "why muted" }), brief(strings[attempt.message]).slice(0, 200)) : null),
    element("td", { class: "source", title: strings[attempt.source] }, strings[attempt.source]),
    element("td", { class: "number" }, probability(attempt.logprob)),
    element("td", { class: "number" }, seconds(attempt.elapsed)));
  const table = element("table", { class: "attempts" },
    element("thead", {}, element("tr", {}, columns.map(head))),
    element("tbody", {}, sorted.slice(0, most).map(row)));
  if (sorted.length > most) {
    table.append(element("tfoot", {}, element("tr", {}, element("td", { colspan: 5 },
      link(`${count.format(sorted.length - most)} more`, "show them", () => again(most + 1000))))));
  }
  return table;
}
