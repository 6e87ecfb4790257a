// The whole tree at a glance, on a canvas: depth to the right, one line for every state that leads no further.
const mapPane = document.getElementById("map");
const canvas = document.getElementById("canvas");
const tip = document.getElementById("tip");
const view = { x: 0, y: 0, kx: 1, ky: 1, fitted: false };
const place = nodes.map(() => ({ x: 0, y: 0 }));
let leaves = 0;
let deepest = 0;
let hovered = null;

function layMap() {
  if (root === null) return;
  const stack = [{ id: root, done: false }];
  while (stack.length) {
    const { id, done } = stack.pop();
    const { children, depth } = nodes[id];
    deepest = Math.max(deepest, depth);
    place[id].x = depth;
    if (!children.length) place[id].y = leaves++;
    else if (done) place[id].y = (place[children[0]].y + place[children[children.length - 1]].y) / 2;
    else {
      stack.push({ id, done: true });
      for (let at = children.length - 1; at >= 0; at -= 1) stack.push({ id: children[at], done: false });
    }
  }
}

function fitMap() {
  const { clientWidth: width, clientHeight: height } = mapPane;
  view.kx = Math.min(230, (width - 190) / Math.max(1, deepest));
  view.ky = Math.min(34, (height - 90) / Math.max(1, leaves - 1));
  view.x = 30;
  view.y = 30 + Math.max(0, (height - 90 - view.ky * (leaves - 1)) / 2);
  view.fitted = true;
}

function toScreen(id) {
  return [place[id].x * view.kx + view.x, place[id].y * view.ky + view.y];
}

function drawMap() {
  if (mapPane.hidden) return;
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = mapPane;
  if (!view.fitted) fitMap();
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const style = getComputedStyle(canvas);
  const probe = element("span", { hidden: true });
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const ink = Object.fromEntries(["line", "muted", "text", "proof", "advanced", "rejected", "page", "focus", "mark", "faint"].map((name) => [name, colour(name)]));
  probe.remove();
  const radius = Math.max(1.6, Math.min(6, view.ky * 0.32, view.kx * 0.2));
  const dim = (id) => (filter.shown && !filter.shown[id] && !nodeHit(nodes[id]) ? 0.12 : 1);
  const curve = (from, to) => {
    const middle = from[0] + (to[0] - from[0]) * 0.5;
    context.moveTo(...from);
    context.bezierCurveTo(middle, from[1], middle, to[1], ...to);
  };
  const seen = (a, b) => Math.max(a[1], b[1]) > -20 && Math.min(a[1], b[1]) < height + 20 && Math.max(a[0], b[0]) > -20 && Math.min(a[0], b[0]) < width + 300;

  const edges = (wanted, stroke, thick) => {
    context.beginPath();
    for (const node of nodes) {
      if (node.parent === null || !wanted(node)) continue;
      const [from, to] = [toScreen(node.parent), toScreen(node.id)];
      if (seen(from, to)) curve(from, to);
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

  context.font = `12px ${style.getPropertyValue("--mono") || "monospace"}`;
  context.textBaseline = "middle";
  const labels = view.ky >= 13 && view.kx >= 60;
  const inks = { proof: ink.proof, open: ink.advanced, dead: ink.rejected, waiting: ink.faint };
  const order = [...nodes.keys()].sort((a, b) => proofNodes.has(a) - proofNodes.has(b));
  for (const id of order) {
    const [x, y] = toScreen(id);
    if (y < -20 || y > height + 20 || x < -300 || x > width + 20) continue;
    const state = fate(nodes[id]);
    const size = state === "proof" ? Math.max(4, radius) : radius;
    context.globalAlpha = dim(id);
    if (filter.query && nodeHit(nodes[id])) {
      context.beginPath();
      context.arc(x, y, size + 4, 0, 2 * Math.PI);
      context.fillStyle = ink.mark;
      context.fill();
    }
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    if (state === "waiting") {
      context.fillStyle = ink.page;
      context.fill();
      context.strokeStyle = inks.waiting;
      context.lineWidth = 1;
      context.stroke();
    } else {
      context.fillStyle = inks[state];
      context.fill();
    }
    if (selected === `n${id}` || hovered === id) {
      context.beginPath();
      context.arc(x, y, size + 4, 0, 2 * Math.PI);
      context.strokeStyle = ink.focus;
      context.lineWidth = 2;
      context.stroke();
    }
    if (id !== root && (labels || (state === "proof" && view.kx >= 60))) drawLabel(context, id, x + size + 5, y, state, ink);
  }
  context.globalAlpha = 1;
  proofEnd(context, ink);
}

function drawLabel(context, id, x, y, state, ink) {
  const room = nodes[id].children.length ? view.kx - 24 : 320;
  const most = Math.max(4, Math.floor(room / 7.3));
  const text = oneLine(strings[nodes[id].tactic]);
  const shown = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  const lift = nodes[id].children.length ? -9 : 0;
  context.lineWidth = 4;
  context.strokeStyle = ink.page;
  context.strokeText(shown, x, y + lift);
  context.fillStyle = state === "proof" ? ink.proof : state === "waiting" ? ink.muted : ink.text;
  context.fillText(shown, x, y + lift);
}

// The tactic that closes is no state; it is drawn after the last one.
function proofEnd(context, ink) {
  if (!proof || !proof.steps.length) return;
  const step = proof.steps[proof.steps.length - 1];
  const [x, y] = toScreen(step.node);
  const text = `✓ ${oneLine(strings[nodes[step.node].attempts[step.attempt].tactic])}`;
  context.font = `bold ${context.font}`;
  context.lineWidth = 4;
  context.strokeStyle = ink.page;
  context.strokeText(text, x + 12, y + 14);
  context.fillStyle = ink.proof;
  context.fillText(text, x + 12, y + 14);
}

function nearest(x, y) {
  let best = null;
  let least = 14 * 14;
  for (const node of nodes) {
    const [at, height] = toScreen(node.id);
    const distance = (at - x) ** 2 + (height - y) ** 2;
    if (distance < least) [best, least] = [node.id, distance];
  }
  return best;
}

function zoomMap(factor, x = mapPane.clientWidth / 2, y = mapPane.clientHeight / 2) {
  const kx = Math.max(4, Math.min(260, view.kx * factor));
  const ky = Math.max(0.02, Math.min(40, view.ky * factor));
  view.x = x - ((x - view.x) * kx) / view.kx;
  view.y = y - ((y - view.y) * ky) / view.ky;
  view.kx = kx;
  view.ky = ky;
  drawMap();
}

function centreMap(id) {
  if (mapPane.hidden || !view.fitted) return;
  const [x, y] = toScreen(id);
  const { clientWidth: width, clientHeight: height } = mapPane;
  if (x < 20 || x > width - 60) view.x += width / 2 - x;
  if (y < 20 || y > height - 60) view.y += height / 2 - y;
}

function neighbour(id, key) {
  const node = nodes[id];
  if (key === "ArrowLeft") return node.parent;
  if (key === "ArrowRight") return node.children.find((child) => proofNodes.has(child)) ?? node.children[0] ?? null;
  const column = nodes.filter((other) => other.depth === node.depth && (key === "ArrowUp" ? place[other.id].y < place[id].y : place[other.id].y > place[id].y));
  return column.reduce((best, other) =>
    best === null || Math.abs(place[other.id].y - place[id].y) < Math.abs(place[best].y - place[id].y) ? other.id : best, null);
}

function wireMap() {
  layMap();
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.offsetX, y: event.offsetY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held) {
      const [dx, dy] = [event.offsetX - held.x, event.offsetY - held.y];
      if (!held.moved && Math.hypot(dx, dy) < 4) return;
      Object.assign(held, { x: event.offsetX, y: event.offsetY, moved: true });
      view.x += dx;
      view.y += dy;
      tip.hidden = true;
      drawMap();
      return;
    }
    const under = nearest(event.offsetX, event.offsetY);
    canvas.style.cursor = under === null ? "grab" : "pointer";
    if (under !== hovered) {
      hovered = under;
      drawMap();
    }
    showTip(event.offsetX, event.offsetY);
  });
  canvas.addEventListener("pointerup", (event) => {
    const under = held && !held.moved ? nearest(event.offsetX, event.offsetY) : null;
    held = null;
    if (under !== null) select(`n${under}`);
  });
  canvas.addEventListener("pointerleave", () => {
    hovered = null;
    tip.hidden = true;
    drawMap();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    tip.hidden = true;
    zoomMap(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.offsetX, event.offsetY);
  }, { passive: false });
  canvas.addEventListener("dblclick", (event) => zoomMap(2.5, event.offsetX, event.offsetY));
  canvas.addEventListener("keydown", (event) => {
    const id = selected && selected.startsWith("n") ? Number(selected.slice(1)) : root;
    if (event.key.startsWith("Arrow")) {
      const next = neighbour(id, event.key);
      if (next !== null) select(`n${next}`);
    } else if (event.key === "+" || event.key === "=") zoomMap(1.4);
    else if (event.key === "-") zoomMap(1 / 1.4);
    else if (event.key === "0") { fitMap(); drawMap(); } else return;
    event.preventDefault();
  });
  const button = (text, title, action) => element("button", { title, "aria-label": title, onclick: action }, text);
  document.getElementById("zoom").append(
    button("+", "zoom in", () => zoomMap(1.6)), button("−", "zoom out", () => zoomMap(1 / 1.6)),
    button("all", "show all", () => { fitMap(); drawMap(); }));
  document.getElementById("legend").append(...[["proof", "proof"], ["open", "led on"], ["dead", "led nowhere"], ["waiting", "not expanded"]].map(([state, words]) =>
    element("span", {}, element("span", { class: `dot ${state}` }), words)));
}

function showTip(x, y) {
  tip.hidden = hovered === null;
  if (hovered === null) return;
  const node = nodes[hovered];
  const tried = node.attempts.length ? tallied(node.attempts) : "not expanded";
  tip.replaceChildren(
    element("div", { class: "lean" }, node.tactic === null ? "the theorem" : strings[node.tactic]),
    element("div", { class: "lean muted" }, gist(node)),
    element("div", { class: "muted" }, tried));
  tip.style.left = `${Math.min(x + 14, mapPane.clientWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(y + 14, mapPane.clientHeight - tip.offsetHeight - 8)}px`;
}
