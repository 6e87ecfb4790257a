// Batch runs, and a form for another one.
import { count, element } from "../shared/dom.js";
import { every, json, withQuery } from "../api.js";
import { showProblem } from "../parts/problem.js";
import { progressBar } from "../parts/progress.js";
import { when } from "../parts/words.js";

const LIMIT = 20;

export async function batchesView(main, _, signal) {
  const cursors = [null];
  let next = null;
  const body = element("tbody");
  const none = element("p", { class: "muted" });
  const newer = element("button", { type: "button", onclick: () => { cursors.pop(); load(); } }, "← newer");
  const older = element("button", { type: "button", onclick: () => { cursors.push(next); load(); } }, "older →");
  const pages = element("div", { class: "pages", hidden: true }, newer, older);
  const load = async () => {
    const page = await json(withQuery("v1/batches", { limit: LIMIT, cursor: cursors[cursors.length - 1] }), { signal });
    next = page.next;
    const focused = document.activeElement?.getAttribute("href");
    body.replaceChildren(...page.items.map(row));
    if (focused) [...body.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
    none.textContent = page.items.length ? "" : "No batch yet. The form below takes many theorems at once.";
    newer.disabled = cursors.length === 1;
    older.disabled = !next;
    pages.hidden = newer.disabled && older.disabled;
    return page;
  };
  main.append(
    element("h1", { tabindex: "-1" }, "Batches"),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Batches" }, element("table", { class: "list-table batches-table" },
      element("caption", { class: "outside" }, "Batches, the newest first"),
      element("thead", {}, element("tr", {}, ["batch", "progress", "proved", "refuted", "theorems", "submitted"].map((name, at) =>
        element("th", { scope: "col", class: at > 1 && at < 5 ? "number" : null }, name)))),
      body)),
    none,
    pages,
    form(signal));
  await load();
  every(3000, signal, () => (cursors.length === 1 ? load() : true));
}

function row(batch) {
  return element("tr", {},
    element("th", { scope: "row" }, element("a", { href: `#/batches/${batch.id}` }, batch.name || batch.id.slice(0, 12))),
    element("td", {}, progressBar(batch)),
    element("td", { class: "number", "data-unit": "proved" }, count.format(batch.proved)),
    element("td", { class: "number", "data-unit": "refuted" }, count.format(batch.refuted)),
    element("td", { class: "number", "data-unit": batch.total === 1 ? "theorem" : "theorems" }, count.format(batch.total)),
    element("td", { class: "muted" }, when(batch.created)));
}

function form(signal) {
  const trouble = element("div");
  const text = element("textarea", {
    id: "batch-text", rows: "6", class: "lean", spellcheck: "false", autocomplete: "off",
    placeholder: '{"name": "a", "statement": "theorem a : 1 + 1 = 2"}\n{"name": "b", "statement": "theorem b (p : Prop) : p → p"}',
  });
  const file = element("input", { id: "batch-file", type: "file", accept: ".jsonl,.ndjson,.json" });
  const name = element("input", { id: "batch-name", maxlength: "200", autocomplete: "off" });
  const effort = element("input", { id: "batch-effort", type: "number", min: "0.1", step: "any", placeholder: "60" });
  const record = element("input", { id: "batch-record", type: "checkbox" });
  const submit = element("button", { class: "primary", type: "submit" }, "Submit the batch");
  file.addEventListener("change", () => { if (file.files[0] && !name.value) name.value = file.files[0].name; });
  const made = element("form", { class: "batch-form", "aria-label": "Submit a batch" },
    element("h2", {}, "A new batch"),
    element("p", { class: "field wide" }, element("label", { for: "batch-text" }, "Theorems"), text,
      element("small", { class: "muted" }, "JSON Lines as in a problem set (", element("code", {}, "statement"), "; ", element("code", {}, "name"), ", ",
        element("code", {}, "header"), ", ", element("code", {}, "forbid"), " if you like), or one Lean statement a line")),
    element("div", { class: "fields" },
      element("p", { class: "field" }, element("label", { for: "batch-file" }, "or a file"), file),
      element("p", { class: "field" }, element("label", { for: "batch-name" }, "Label"), name),
      element("p", { class: "field" }, element("label", { for: "batch-effort" }, "Effort for a theorem"), effort),
      element("p", { class: "field check" }, record, element("label", { for: "batch-record" }, "Record every search"),
        element("small", { class: "muted" }, "for its trees and samples; takes memory"))),
    element("div", { class: "bar-of-tools" }, submit), trouble);
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.replaceChildren();
    submit.disabled = true;
    try {
      const lines = file.files[0] ? file.files[0] : jsonLines(text.value);
      const query = { name: name.value, effort: effort.value, record: record.checked ? "true" : null };
      const batch = await json(withQuery("v1/batches", query), {
        method: "POST", body: lines, headers: { "Content-Type": "application/x-ndjson" }, signal,
      });
      location.hash = `#/batches/${batch.id}`;
    } catch (error) {
      if (error.name !== "AbortError") showProblem(trouble, error);
    } finally {
      submit.disabled = false;
    }
  });
  return made;
}

// A line that is no JSON object is a statement.
function jsonLines(text) {
  return text.split("\n").filter((line) => line.trim()).map((line) =>
    `${line.trimStart().startsWith("{") ? line : JSON.stringify({ statement: line })}\n`).join("");
}

