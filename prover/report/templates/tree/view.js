// The view of a search: tools, outline or map, details, and the keys that go with them.
import { count, element, plural } from "../dom.js";
import { Filter } from "./filter.js";
import { TreeMap } from "./map.js";
import { STATUSES, WORDS, glyph } from "./outcomes.js";
import { Outline } from "./outline.js";
import { Panel } from "./panel.js";

const KEYS = [
  [["↑", "↓"], "previous, next line"], [["→"], "unfold, or go to the first line below"], [["←"], "fold, or go up"],
  [["Enter"], "fold or unfold"], [["Home", "End"], "first, last line"], [["/"], "search"],
  [["n", "N"], "next, previous match (Enter, Shift Enter in the search box)"], [["p"], "the proof's path"],
  [["m"], "outline or map"], [["e", "c"], "unfold, fold everything"], [["o"], "the whole search"], [["Esc"], "leave the search"],
  [["+", "−", "0"], "on the map: zoom in, out, show all"],
];

export class TreeView {
  // `keys`: who has the focus for a key to count, the whole document or only what is in `container`.
  // `embedded`: the page around it scrolls, so the wheel zooms the map only when that has the focus.
  constructor(container, search, { keys = container, embedded = false } = {}) {
    this.search = search;
    this.embedded = embedded;
    this.selected = null; // key of a row
    this.following = false;
    this.touched = false;
    this.unfolded = new Set(); // states that were unfolded because the search came by
    this.filter = new Filter(search);
    this.outline = new Outline(this);
    this.map = new TreeMap(this);
    this.panel = new Panel(this);
    this.end = new AbortController();
    this.query = element("input", {
      id: "query", type: "search", placeholder: "Search tactics, goals, messages", "aria-label": "Search tactics, goals and messages",
      spellcheck: "false", autocomplete: "off",
    });
    this.matches = element("output", { id: "matches" });
    this.chips = {
      outcomes: element("div", { id: "outcomes", role: "group", "aria-label": "Outcomes shown" }),
      sources: element("div", { id: "sources", role: "group", "aria-label": "Sources shown" }),
    };
    this.buttons = {};
    this.divider = element("div", { id: "divider", role: "separator", "aria-orientation": "vertical", "aria-label": "Width of the details", tabindex: "0", "aria-valuenow": "34" });
    this.panes = element("div", { class: "panes" }, this.outline.element, this.map.element, this.divider, this.panel.element);
    this.help = element("dialog", { id: "help", "aria-label": "Keys" });
    container.classList.add("search-tree");
    container.replaceChildren(
      element("div", { id: "tools", role: "toolbar", "aria-label": "Search and filter" },
        element("div", { id: "find", role: "search" }, this.query, this.matches),
        this.#views(), this.chips.outcomes, this.chips.sources),
      this.panes, this.help);
    this.#wire(keys);
    this.#drawTools();
    this.filter.apply();
    this.map.lay();
    this.outline.unfoldProof();
    this.outline.relay();
    this.panel.show();
  }

  destroy() {
    this.end.abort();
  }

  // ---- while the search grows ---------------------------------------------------------------------------------
  // Shows what has changed. `again`: the search was begun afresh.
  refresh({ again = false } = {}) {
    if (again) {
      this.selected = null;
      this.unfolded.clear();
      this.filter.clear();
      this.outline.clear();
    }
    this.search.settle();
    this.#drawTools();
    this.filter.apply();
    this.map.lay();
    this.#unfoldNew();
    this.outline.relay();
    if (this.following && this.search.current !== null) {
      const at = this.outline.rows.findIndex((row) => row.key === `n${this.search.current}`);
      if (at >= 0) this.outline.bring(at);
    }
    this.outline.draw();
    this.map.draw();
    this.panel.refresh();
  }

  follow(wanted) {
    this.following = wanted;
    this.buttons.follow.hidden = false;
    this.buttons.follow.setAttribute("aria-pressed", String(wanted));
  }

  // The search has come to its end: whoever has not gone about in the tree is shown the proof.
  ended() {
    const leave = this.touched && !this.following;
    this.following = false;
    this.buttons.follow.hidden = true;
    if (leave || !this.search.proof) return;
    this.outline.unfoldProof();
    this.outline.relay();
    this.map.draw();
  }

  #unfoldNew() {
    for (const { id, expansions } of this.search.nodes) {
      if (!expansions.length || this.unfolded.has(id)) continue;
      this.unfolded.add(id);
      if (this.following && !this.filter.query) this.outline.open.add(`n${id}`);
    }
  }

  // ---- selecting ----------------------------------------------------------------------------------------------
  select(key) {
    this.selected = key;
    if (!this.map.element.hidden && key.startsWith("n")) this.map.centre(Number(key.slice(1)));
    this.outline.reveal(key);
    this.map.draw();
    this.panel.show();
  }

  deselect() {
    this.selected = null;
    this.outline.draw();
    this.map.draw();
    this.panel.show();
  }

  find(text) {
    this.query.value = text;
    this.#refilter();
    this.query.focus();
  }

  showProof() {
    this.outline.unfoldProof();
    const { proof } = this.search;
    if (proof) {
      const last = proof.steps[proof.steps.length - 1];
      this.select(`a${last.node}.${last.attempt}`);
    } else this.outline.relay();
  }

  show(name) {
    this.outline.element.hidden = name !== "outline";
    this.map.element.hidden = name !== "map";
    for (const other of ["outline", "map"]) this.buttons[other].setAttribute("aria-pressed", String(other === name));
    if (name === "map") {
      if (this.selected) this.map.centre(Number(this.selected.slice(1).split(".")[0]));
      this.map.draw();
    } else if (this.selected) this.outline.reveal(this.selected, { centre: true });
    else this.outline.relay();
  }

  #go(name) {
    this.show(name);
    (name === "map" ? this.map.canvas : this.outline.element).focus();
  }

  #foldAll() {
    this.outline.open.clear();
    this.outline.element.scrollTop = 0;
    this.selected = this.search.root === null ? null : `n${this.search.root}`;
    this.outline.relay();
    this.panel.show();
  }

  #refilter() {
    this.filter.query = this.query.value.trim();
    this.filter.apply();
    this.outline.unfoldMatches();
    if (this.selected && !this.filter.query) this.outline.reveal(this.selected, { centre: true });
    else {
      this.outline.element.scrollTop = 0;
      this.outline.relay();
    }
    this.matches.textContent = this.filter.query ? plural(this.filter.found, "match", "matches") : "";
    this.map.draw();
    if (this.selected) this.panel.show();
  }

  #stepToMatch(direction) {
    const key = this.outline.nextMatch(direction);
    if (key) this.select(key);
  }

  // ---- tools --------------------------------------------------------------------------------------------------
  #views() {
    const button = (name, words, action, title, properties = {}) => {
      this.buttons[name] = element("button", { type: "button", title, onclick: action, ...properties }, words);
      return this.buttons[name];
    };
    return element("div", { id: "views", role: "group", "aria-label": "View" },
      button("outline", "Outline", () => this.#go("outline"), null, { "aria-pressed": "true" }),
      button("map", "Map", () => this.#go("map"), null, { "aria-pressed": "false" }),
      button("follow", "Follow", () => this.follow(!this.following), "keep what is being tried in sight", { "aria-pressed": "false", hidden: true }),
      button("proof", "Proof", () => this.showProof(), "fold all but the proof (p)", { hidden: true }),
      button("unfold", "Unfold", () => this.outline.unfoldAll(), "unfold every state (e)"),
      button("fold", "Fold", () => this.#foldAll(), "fold everything (c)"),
      button("help", "Keys", () => this.showHelp(), "what keys do (?)"));
  }

  #drawTools() {
    this.buttons.proof.hidden = !this.search.proof;
    const outcomes = new Map();
    const sources = new Map();
    for (const attempt of this.search.everyAttempt()) {
      outcomes.set(attempt.status, (outcomes.get(attempt.status) || 0) + 1);
      sources.set(attempt.source, (sources.get(attempt.source) || 0) + 1);
    }
    this.#drawChips(this.chips.outcomes, STATUSES.filter((status) => outcomes.has(status)), outcomes,
      (status) => [glyph(status), ` ${WORDS[status]} `]);
    this.#drawChips(this.chips.sources, sources.size > 1 ? [...sources.keys()] : [], sources,
      (source) => [element("span", { class: "source" }, this.search.strings[source]), " "]);
  }

  // One chip a value; those that are there stay, so that whoever is on one stays there.
  #drawChips(group, values, counts, words) {
    const { hidden } = this.filter;
    const pressed = () => {
      for (const chip of group.children) chip.setAttribute("aria-pressed", String(!hidden.has(chip.value_)));
    };
    const there = [...group.children].map((chip) => chip.value_);
    if (there.some((value) => !values.includes(value))) group.replaceChildren();
    for (const value of values) {
      let chip = [...group.children].find((other) => other.value_ === value);
      if (!chip) {
        chip = element("button", {
          type: "button", class: "chip", title: "show or hide; with Alt: only this",
          onclick: (event) => {
            if (event.altKey) for (const other of group.children) hidden.add(other.value_);
            if (hidden.has(value)) hidden.delete(value);
            else hidden.add(value);
            pressed();
            this.#refilter();
          },
        }, ...words(value), element("small", {}));
        chip.value_ = value;
        group.append(chip);
      }
      chip.querySelector("small").textContent = count.format(counts.get(value));
    }
    pressed();
  }

  showHelp() {
    this.help.replaceChildren(
      element("h2", {}, "Keys"),
      element("dl", {}, KEYS.flatMap(([names, words]) => [element("dt", {}, names.map((name) => element("kbd", {}, name))), element("dd", {}, words)])),
      element("form", { method: "dialog" }, element("button", {}, "Close")));
    this.help.showModal();
  }

  // ---- keys, the width of the details -------------------------------------------------------------------------
  #anywhereKey(event) {
    switch (event.key) {
      case "/": this.query.focus(); this.query.select(); return true;
      case "n": this.#stepToMatch(1); return true;
      case "N": this.#stepToMatch(-1); return true;
      case "p": this.showProof(); return true;
      case "m": this.#go(this.map.element.hidden ? "map" : "outline"); return true;
      case "e": this.outline.unfoldAll(); return true;
      case "c": this.#foldAll(); return true;
      case "o": this.deselect(); return true;
      case "?": this.showHelp(); return true;
      default: return false;
    }
  }

  #wire(keys) {
    const { signal } = this.end;
    let timer = 0;
    this.query.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#refilter(), 120);
    });
    this.query.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        clearTimeout(timer);
        if (this.filter.query !== this.query.value.trim()) this.#refilter();
        this.#stepToMatch(event.shiftKey ? -1 : 1);
      } else if (event.key === "Escape") {
        this.query.value = "";
        this.#refilter();
        this.outline.element.focus();
      }
    });
    keys.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest("input, dialog")) return;
      if (this.#anywhereKey(event)) event.preventDefault();
    }, { signal });
    // Whoever goes about in the tree is not to be taken elsewhere.
    for (const kind of ["wheel", "pointerdown", "keydown"]) {
      this.panes.addEventListener(kind, () => {
        this.touched = true;
        if (this.following) this.follow(false);
      }, { passive: true });
    }
    const redraw = () => { this.outline.draw(); this.map.draw(); };
    this.#wireDivider(redraw);
    const observer = new ResizeObserver(redraw);
    observer.observe(this.panes);
    signal.addEventListener("abort", () => observer.disconnect());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.map.draw(), { signal });
    document.addEventListener("theme", () => this.map.draw(), { signal });
  }

  #wireDivider(redraw) {
    const { divider, panes } = this;
    const widen = (width) => {
      const pixels = Math.max(220, Math.min(panes.clientWidth - 300, width));
      panes.style.setProperty("--panel", `${pixels}px`);
      divider.setAttribute("aria-valuenow", String(Math.round((100 * pixels) / panes.clientWidth)));
      redraw();
    };
    divider.addEventListener("pointerdown", (event) => {
      divider.setPointerCapture(event.pointerId);
      const move = (to) => widen(panes.getBoundingClientRect().right - to.clientX);
      divider.addEventListener("pointermove", move);
      divider.addEventListener("pointerup", () => divider.removeEventListener("pointermove", move), { once: true });
    });
    divider.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") widen(this.panel.element.offsetWidth + 40);
      else if (event.key === "ArrowRight") widen(this.panel.element.offsetWidth - 40);
      else return;
      event.preventDefault();
    });
  }
}
