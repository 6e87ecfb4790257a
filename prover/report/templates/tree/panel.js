// The details beside the tree: of the whole search, or of what is selected.
import { count, element, seconds } from "../dom.js";
import { attemptTable, link, nats, probability } from "./attempts.js";
import { WORDS, glyph, tallied } from "./outcomes.js";
import { oneLine } from "./search.js";
import { facts, heading, wholeSearch } from "./whole.js";

export class Panel {
  constructor(view) {
    this.view = view;
    this.search = view.search;
    this.filter = view.filter;
    this.element = element("aside", { id: "panel", "aria-label": "Details", tabindex: "-1" });
  }

  // While a search runs what is shown changes; not under the hand of who reads or copies it.
  refresh() {
    if (this.element.contains(document.activeElement)) return;
    const selection = document.getSelection();
    if (!selection.isCollapsed && this.element.contains(selection.anchorNode)) return;
    const { scrollTop } = this.element;
    this.show();
    this.element.scrollTop = scrollTop;
  }

  show() {
    const { view } = this;
    const item = view.selected && view.outline.rows.find((row) => row.key === view.selected);
    this.element.replaceChildren(element("div", { class: "tabs" },
      element("button", { type: "button", "aria-pressed": String(!item), onclick: () => view.deselect() }, "Whole search"),
      element("button", { type: "button", "aria-pressed": String(Boolean(item)), disabled: !item }, "Selected")));
    this.element.append(...(item ? this.#selected(item) : wholeSearch(view)).filter(Boolean));
    this.element.scrollTop = 0;
  }

  #selected(item) {
    if (item.kind === "node") return this.#node(this.search.nodes[item.node]);
    if (item.kind === "group") return this.#group(item);
    if (item.kind === "failures") return this.#failures(item);
    return this.#attempt(item.attempt);
  }

  #node(node) {
    const { search, filter } = this;
    const spent = node.attempts.reduce((sum, attempt) => sum + attempt.elapsed, 0);
    const orders = node.expansions.map((expansion) => `#${expansion.order}`).join(", ");
    const untried = node.expansions.reduce((sum, expansion) => sum + expansion.candidates, 0) - node.attempts.length;
    const never = search.record ? "never: it was waiting when the search stopped" : "not yet";
    return [
      node.parent === null
        ? heading("The theorem")
        : element("div", {}, heading("After"), element("pre", { class: "tactic-text lean" }, filter.marked(element("span", {}), search.strings[node.tactic]))),
      ...this.#goals(node),
      ...(node.via && search.strings[node.via.message] ? [element("p", { class: "outcome" }, `${search.strings[node.via.message]}: it waits until nothing else is left`)] : []),
      facts(
        ["depth", String(node.depth)],
        ["path's probability", `${probability(node.logprob)}  (${nats(node.logprob)})`],
        ["expanded", orders || never],
        node.attempts.length ? ["tactics tried", `${count.format(node.attempts.length)} in ${seconds(spent)}`] : null,
        untried > 0 && node.attempts.length ? ["not tried", `${count.format(untried)} (a proof was found first, or time ran out)`] : null,
        node.below ? ["states below", count.format(node.below)] : null,
      ),
      ...(node.depth > 0 ? [heading("Path"), this.#path(node.id)] : []),
      ...(node.attempts.length ? [heading("Tactics tried here", tallied(node.attempts)), attemptTable(this.view, node.attempts)] : []),
    ];
  }

  #path(id) {
    const { root, nodes, strings } = this.search;
    return element("ol", { class: "path", start: 0 }, this.search.pathTo(id).map((at) =>
      element("li", {}, this.#there(`n${at}`, at === root ? "the theorem" : oneLine(strings[nodes[at].tactic])))));
  }

  #goals(node) {
    return [
      heading(node.goals.length === 1 ? "Goal" : `${node.goals.length} goals`),
      ...node.goals.map((goal) => element("pre", { class: "goal lean" }, goalText(this.filter, this.search.strings[goal]))),
    ];
  }

  #attempt(attempt) {
    const { strings, nodes } = this.search;
    return [
      heading("Tactic"),
      element("pre", { class: "tactic-text lean" }, this.filter.marked(element("span", {}), strings[attempt.tactic])),
      element("p", { class: "outcome" }, glyph(attempt.status), ` ${WORDS[attempt.status]}`,
        attempt.child !== null ? element("span", {}, " to ", this.#there(`n${attempt.child}`, "a state that was known")) : null),
      ...(strings[attempt.message] ? [heading("Lean's answer"), this.#message(attempt.message)] : []),
      facts(
        ["proposed by", strings[attempt.source]],
        ["probability", `${probability(attempt.logprob)}  (${nats(attempt.logprob)})`],
        ["time", seconds(attempt.elapsed)],
        ["during expansion", `#${attempt.expansion}`],
      ),
      element("p", {}, this.#there(`n${attempt.node}`, "the state it was tried on")),
      ...this.#goals(nodes[attempt.node]),
    ];
  }

  #group(item) {
    const { status, message } = item.attempts[0];
    return [
      heading(`${count.format(item.attempts.length)} tactics, one answer`),
      element("p", { class: "outcome" }, glyph(status), ` ${WORDS[status]}`),
      this.#message(message),
      element("p", {}, this.#there(`n${item.node}`, "the state they were tried on")),
      attemptTable(this.view, item.attempts),
    ];
  }

  #failures(item) {
    return [
      heading(`${count.format(item.attempts.length)} tactics failed here`, tallied(item.attempts)),
      element("p", {}, this.#there(`n${item.node}`, "the state they were tried on")),
      attemptTable(this.view, item.attempts),
    ];
  }

  #message(message) {
    return element("pre", { class: "message lean" }, this.filter.marked(element("span", {}), this.search.strings[message]));
  }

  #there(key, words) {
    return link(words, "go there", () => this.view.select(key));
  }
}

// The target stands out from the hypotheses.
export function goalText(filter, text) {
  const at = text.lastIndexOf("⊢");
  const made = filter.marked(element("span", {}), at < 0 ? text : text.slice(0, at));
  if (at >= 0) made.append(filter.marked(element("strong", {}), text.slice(at)));
  return made;
}
