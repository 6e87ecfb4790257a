// The whole tree at a glance, on a canvas: depth to the right, one line for every state that leads no further.
import { element } from "../dom.js";
import { tallied } from "./outcomes.js";
import { oneLine } from "./search.js";

const LABEL = "Map of the search tree. Arrow keys move between states, plus and minus zoom, 0 shows all.";
const KEY = [["proof", "proof"], ["open", "led on"], ["dead", "led nowhere"], ["waiting", "not expanded"]];

export class TreeMap {
  constructor(view) {
    this.view = view;
    this.search = view.search;
    this.filter = view.filter;
    this.window = { x: 0, y: 0, kx: 1, ky: 1, fitted: false, moved: false };
    this.place = [];
    this.leaves = 0;
    this.deepest = 0;
    this.hovered = null;
    this.canvas = element("canvas", { id: "canvas", tabindex: "0", role: "img", "aria-label": LABEL });
    this.tip = element("div", { id: "tip", hidden: true });
    const button = (text, title, action) => element("button", { type: "button", title, "aria-label": title, onclick: action }, text);
    this.element = element("section", { id: "map", "aria-label": "Map", hidden: true },
      this.canvas,
      element("div", { id: "zoom" },
        button("+", "zoom in", () => this.zoom(1.6)), button("−", "zoom out", () => this.zoom(1 / 1.6)),
        button("all", "show all", () => this.#showAll())),
      element("div", { id: "legend" }, KEY.map(([state, words]) =>
        element("span", {}, element("span", { class: `dot ${state}` }), words))),
      this.tip);
    this.#wire();
  }

  // Gives every state its place. Whoever has not moved the map sees all of a tree that grows.
  lay() {
    const { root, nodes } = this.search;
    this.place = nodes.map(() => ({ x: 0, y: 0 }));
    this.leaves = 0;
    this.deepest = 0;
    if (!this.window.moved) this.window.fitted = false;
    if (root === null) return;
    const { place } = this;
    const stack = [{ id: root, done: false }];
    while (stack.length) {
      const { id, done } = stack.pop();
      const { children, depth } = nodes[id];
      this.deepest = Math.max(this.deepest, depth);
      place[id].x = depth;
      if (!children.length) place[id].y = this.leaves++;
      else if (done) place[id].y = (place[children[0]].y + place[children[children.length - 1]].y) / 2;
      else {
        stack.push({ id, done: true });
        for (let at = children.length - 1; at >= 0; at -= 1) stack.push({ id: children[at], done: false });
      }
    }
  }

  fit() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const { window: view, leaves } = this;
    view.kx = Math.max(4, Math.min(230, (width - 190) / Math.max(1, this.deepest)));
    view.ky = Math.min(34, (height - 90) / Math.max(1, leaves - 1));
    view.x = 30;
    view.y = 30 + Math.max(0, (height - 90 - view.ky * (leaves - 1)) / 2);
    view.fitted = true;
  }

  #showAll() {
    this.window.moved = false;
    this.fit();
    this.draw();
  }

  #toScreen(id) {
    return [this.place[id].x * this.window.kx + this.window.x, this.place[id].y * this.window.ky + this.window.y];
  }

  draw() {
    if (this.element.hidden) return;
    const { search, filter, canvas, window: view } = this;
    const { nodes, proofNodes } = search;
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!view.fitted) this.fit();
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const ink = inks();
    const radius = Math.max(1.6, Math.min(6, view.ky * 0.32, view.kx * 0.2));
    const dim = (id) => (filter.shown && !filter.shown[id] && !filter.nodeHit(nodes[id]) ? 0.12 : 1);
    const seen = (a, b) => Math.max(a[1], b[1]) > -20 && Math.min(a[1], b[1]) < height + 20 && Math.max(a[0], b[0]) > -20 && Math.min(a[0], b[0]) < width + 300;

    const edges = (wanted, stroke, thick) => {
      context.beginPath();
      for (const node of nodes) {
        if (node.parent === null || !wanted(node)) continue;
        const [from, to] = [this.#toScreen(node.parent), this.#toScreen(node.id)];
        if (!seen(from, to)) continue;
        const middle = from[0] + (to[0] - from[0]) * 0.5;
        context.moveTo(...from);
        context.bezierCurveTo(middle, from[1], middle, to[1], ...to);
      }
      context.strokeStyle = stroke;
      context.lineWidth = thick;
      context.stroke();
    };
    const onProof = (node) => proofNodes.has(node.id) && proofNodes.has(node.parent);
    context.globalAlpha = view.ky < 3 ? 0.6 : 1;
    edges((node) => !onProof(node) && dim(node.id) < 1, ink.line, 0.5);
    edges((node) => !onProof(node) && dim(node.id) === 1, view.ky < 3 ? ink.line : ink.faint, view.ky < 3 ? 0.7 : 1);
    context.globalAlpha = 1;
    edges(onProof, ink.proof, 3);

    context.font = `12px ${getComputedStyle(canvas).getPropertyValue("--mono") || "monospace"}`;
    context.textBaseline = "middle";
    const labels = view.ky >= 13 && view.kx >= 60;
    const order = [...nodes.keys()].sort((a, b) => proofNodes.has(a) - proofNodes.has(b));
    for (const id of order) {
      const [x, y] = this.#toScreen(id);
      if (y < -20 || y > height + 20 || x < -300 || x > width + 20) continue;
      const state = search.fate(nodes[id]);
      const size = state === "proof" ? Math.max(4, radius) : radius;
      context.globalAlpha = dim(id);
      if (filter.query && filter.nodeHit(nodes[id])) disc(context, x, y, size + 4, { fill: ink.mark });
      if (state === "waiting") disc(context, x, y, size, { fill: ink.page, stroke: ink.faint, thick: 1 });
      else disc(context, x, y, size, { fill: { proof: ink.proof, open: ink.advanced, dead: ink.rejected }[state] });
      if (this.view.selected === `n${id}` || this.hovered === id) disc(context, x, y, size + 4, { stroke: ink.focus, thick: 2 });
      else if (search.current === id) disc(context, x, y, size + 4, { stroke: ink.advanced, thick: 2 });
      if (id !== search.root && (labels || (state === "proof" && view.kx >= 60))) this.#label(context, id, x + size + 5, y, state, ink);
    }
    context.globalAlpha = 1;
    this.#proofEnd(context, ink);
  }

  #label(context, id, x, y, state, ink) {
    const { nodes, strings } = this.search;
    const room = Math.min(nodes[id].children.length ? this.window.kx - 24 : 320, Math.max(90, this.element.clientWidth - x - 6));
    const most = Math.max(4, Math.floor(room / 7.3));
    const text = oneLine(strings[nodes[id].tactic]);
    const lift = nodes[id].children.length ? -9 : 0;
    const colour = state === "proof" ? ink.proof : state === "waiting" ? ink.muted : ink.text;
    write(context, text.length > most ? `${text.slice(0, most - 1)}…` : text, x, y + lift, colour, ink.page);
  }

  // The tactic that closes is no state; it is drawn after the last one.
  #proofEnd(context, ink) {
    const { proof, nodes, strings } = this.search;
    if (!proof || !proof.steps.length) return;
    const step = proof.steps[proof.steps.length - 1];
    const [x, y] = this.#toScreen(step.node);
    context.font = `bold ${context.font}`;
    write(context, `✓ ${oneLine(strings[nodes[step.node].attempts[step.attempt].tactic])}`, x + 12, y + 14, ink.proof, ink.page);
  }

  #nearest(x, y) {
    let best = null;
    let least = 14 * 14;
    for (const node of this.search.nodes) {
      const [at, height] = this.#toScreen(node.id);
      const distance = (at - x) ** 2 + (height - y) ** 2;
      if (distance < least) [best, least] = [node.id, distance];
    }
    return best;
  }

  zoom(factor, x = this.element.clientWidth / 2, y = this.element.clientHeight / 2) {
    const { window: view } = this;
    const kx = Math.max(4, Math.min(260, view.kx * factor));
    const ky = Math.max(0.02, Math.min(40, view.ky * factor));
    view.x = x - ((x - view.x) * kx) / view.kx;
    view.y = y - ((y - view.y) * ky) / view.ky;
    Object.assign(view, { kx, ky, moved: true });
    this.draw();
  }

  centre(id) {
    const { window: view } = this;
    if (this.element.hidden || !view.fitted) return;
    const [x, y] = this.#toScreen(id);
    const { clientWidth: width, clientHeight: height } = this.element;
    if (x < 20 || x > width - 60) view.x += width / 2 - x;
    if (y < 20 || y > height - 60) view.y += height / 2 - y;
  }

  #neighbour(id, key) {
    const { nodes, proofNodes } = this.search;
    const { place } = this;
    const node = nodes[id];
    if (key === "ArrowLeft") return node.parent;
    if (key === "ArrowRight") return node.children.find((child) => proofNodes.has(child)) ?? node.children[0] ?? null;
    const column = nodes.filter((other) => other.depth === node.depth && (key === "ArrowUp" ? place[other.id].y < place[id].y : place[other.id].y > place[id].y));
    return column.reduce((best, other) =>
      best === null || Math.abs(place[other.id].y - place[id].y) < Math.abs(place[best].y - place[id].y) ? other.id : best, null);
  }

  #wire() {
    const { canvas, tip, window: view } = this;
    let held = null;
    const fingers = new Map(); // two of them zoom
    const spread = () => {
      const [a, b] = fingers.values();
      return { distance: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    };
    const release = (event) => {
      fingers.delete(event.pointerId);
      held = null;
    };
    canvas.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      held = fingers.size === 1 ? { x: event.offsetX, y: event.offsetY, moved: false } : null;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (fingers.size === 2 && fingers.has(event.pointerId)) {
        const before = spread();
        fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
        const now = spread();
        this.zoom(now.distance / Math.max(1, before.distance), now.x, now.y);
        return;
      }
      if (held) {
        const [dx, dy] = [event.offsetX - held.x, event.offsetY - held.y];
        if (!held.moved && Math.hypot(dx, dy) < 4) return;
        Object.assign(held, { x: event.offsetX, y: event.offsetY, moved: true });
        view.x += dx;
        view.y += dy;
        view.moved = true;
        tip.hidden = true;
        this.draw();
        return;
      }
      const under = this.#nearest(event.offsetX, event.offsetY);
      canvas.style.cursor = under === null ? "grab" : "pointer";
      if (under !== this.hovered) {
        this.hovered = under;
        this.draw();
      }
      this.#showTip(event.offsetX, event.offsetY);
    });
    canvas.addEventListener("pointerup", (event) => {
      const under = held && !held.moved ? this.#nearest(event.offsetX, event.offsetY) : null;
      release(event);
      if (under !== null) this.view.select(`n${under}`);
    });
    canvas.addEventListener("pointercancel", release);
    canvas.addEventListener("pointerleave", () => {
      this.hovered = null;
      tip.hidden = true;
      this.draw();
    });
    canvas.addEventListener("wheel", (event) => {
      if (this.view.embedded && !event.ctrlKey && document.activeElement !== canvas) return; // the page scrolls
      event.preventDefault();
      tip.hidden = true;
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener("dblclick", (event) => this.zoom(2.5, event.offsetX, event.offsetY));
    canvas.addEventListener("keydown", (event) => {
      const { selected } = this.view;
      const id = selected && selected.startsWith("n") ? Number(selected.slice(1)) : this.search.root;
      if (event.key.startsWith("Arrow")) {
        const next = id === null ? null : this.#neighbour(id, event.key);
        if (next !== null) this.view.select(`n${next}`);
      } else if (event.key === "+" || event.key === "=") this.zoom(1.4);
      else if (event.key === "-") this.zoom(1 / 1.4);
      else if (event.key === "0") this.#showAll();
      else return;
      event.preventDefault();
    });
  }

  #showTip(x, y) {
    const { tip, search, hovered } = this;
    tip.hidden = hovered === null;
    if (hovered === null) return;
    const node = search.nodes[hovered];
    const tried = node.attempts.length ? tallied(node.attempts) : "not expanded";
    tip.replaceChildren(
      element("div", { class: "lean" }, node.tactic === null ? "the theorem" : search.strings[node.tactic]),
      element("div", { class: "lean muted" }, search.gist(node)),
      element("div", { class: "muted" }, tried));
    tip.style.left = `${Math.min(x + 14, this.element.clientWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${Math.min(y + 14, this.element.clientHeight - tip.offsetHeight - 8)}px`;
  }
}

// The page's colours, as a canvas takes them.
function inks() {
  const probe = element("span", { hidden: true });
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["line", "muted", "text", "proof", "advanced", "rejected", "page", "focus", "mark", "faint"];
  const found = Object.fromEntries(names.map((name) => [name, colour(name)]));
  probe.remove();
  return found;
}

function disc(context, x, y, radius, { fill, stroke, thick }) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  if (fill) {
    context.fillStyle = fill;
    context.fill();
  }
  if (stroke) {
    context.strokeStyle = stroke;
    context.lineWidth = thick;
    context.stroke();
  }
}

function write(context, text, x, y, colour, around) {
  context.lineWidth = 4;
  context.strokeStyle = around;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}
