// What came of a job: the certified proof and what stands behind it, or why there is none.
import { element, plural, seconds } from "../shared/dom.js";
import { whyNotProved } from "../shared/stopped.js";
import { facts, heading } from "../shared/tree/whole.js";
import { leanText } from "../editor/lean.js";
import { adviceOf, unfinishedProofs } from "./closest.js";
import { copyButton, saveButton } from "./copy.js";
import { TIERS, sourceWords, titleOf } from "./words.js";

export function resultOf(job) {
  if (job.proof && job.record) return proved(job, job.record);
  if (job.failure) return failed(job);
  if (job.record?.refutation) return refuted(job, job.record);
  if (job.record) return notProved(job, job.record);
  return element("section", { class: "card" }, element("h2", {}, "Cancelled"), element("p", {}, "It was cancelled before it had begun."), source(job));
}

function proved(job, record) {
  const { verification } = record;
  const name = `${titleOf(job).replace(/[^\p{L}\p{N}_.'-]/gu, "_").slice(0, 80)}.lean`;
  return element("section", { class: "card good", "aria-label": "The certified proof" },
    element("div", { class: "card-head" },
      element("h2", {}, "Proved and verified"),
      element("span", { class: "corner" }, copyButton(job.proof, "Copy the proof"), saveButton(name, job.proof))),
    record.contradiction ? element("p", {}, element("strong", {}, "Vacuous: "), "the hypotheses are contradictory; the theorem holds for no reason you want.") : null,
    leanText(element("pre", { class: "code", tabindex: "0", "aria-label": "Proof" }), job.proof.trim()),
    facts(
      ["tier", element("span", {}, element("strong", {}, verification.tier), ` – ${TIERS[verification.tier] || "unknown"}`)],
      ["axioms", axioms(verification)],
      ["checked by", `${verification.environment} in ${seconds(verification.elapsed_s)}`],
      ["search", spent(record)],
      ["proposed by", [...new Set(record.search.sources.map(sourceWords))].join(", ") || "–"],
      job.cached ? ["from", "the cache: this statement was proved before"] : null,
      ["statement", element("code", { title: "SHA-256 of the statement's source" }, record.digest.slice(0, 16))],
    ));
}

function axioms({ theorems }) {
  const names = [...new Set(theorems.flatMap((theorem) => theorem.axioms))].sort();
  const library = theorems.some((theorem) => theorem.rests_on_library);
  const listed = names.length ? names.map((name, at) => [at ? ", " : "", element("code", {}, name)]).flat() : ["none of its own"];
  return element("span", {}, listed, library ? " (and those of the standard library's theorems that it uses)" : "");
}

function spent(record) {
  const { expansions, tactics, effort, elapsed_s } = record.search.statistics;
  return `${plural(expansions, "expansion", "expansions")}, ${plural(tactics, "tactic", "tactics")}, effort ${effort.toFixed(2)}, ${seconds(elapsed_s)}${record.search.reproducible ? ", the same on every machine" : ""}; policy: ${sourceWords(record.policy)}`;
}

// The statement is false: for which values, and the verified proof of that.
function refuted(job, record) {
  const { counterexample, verification } = record.refutation;
  const values = Object.entries(counterexample || {}).map(([name, value]) => `${name} = ${value}`).join(", ");
  return element("section", { class: "card bad", "aria-label": "The refutation" },
    element("div", { class: "card-head" },
      element("h2", {}, values ? `False: ${values}` : "False"),
      element("span", { class: "corner" }, copyButton(verification.source, "Copy the refutation"))),
    leanText(element("pre", { class: "code", tabindex: "0", "aria-label": "Refutation" }), verification.source.trim()),
    facts(
      ["tier", element("span", {}, element("strong", {}, verification.tier), ` – ${TIERS[verification.tier] || "unknown"}`)],
      ["axioms", axioms(verification)],
      ["checked by", `${verification.environment} in ${seconds(verification.elapsed_s)}`],
      job.cached ? ["from", "the cache: this statement was refuted before"] : null),
    source(job));
}

function notProved(job, record) {
  return element("section", { class: "card" },
    element("h2", {}, job.status === "cancelled" ? "Cancelled" : "Not proved"),
    job.status === "cancelled" ? null : element("p", {}, `The search ended: ${whyNotProved(record.search)}. Whether the statement is true is open.`),
    adviceOf(record),
    ...unfinishedProofs(record),
    ...record.refused.map((refused) => element("pre", { class: "message lean" }, `refused by verification: ${refused}`)),
    ...record.notes.map((note) => element("p", { class: "muted" }, note)),
    facts(["search", spent(record)], job.cached ? ["from", "the cache: the same search was run before"] : null),
    source(job));
}

function failed(job) {
  const { failure } = job;
  const titles = {
    invalid_theorem: "Lean does not accept the statement", invalid_policy: "There is no such policy",
    machine: "A machine failed", worker_lost: "Workers were lost", internal: "The service has a fault",
  };
  return element("section", { class: "card bad" },
    element("h2", {}, titles[failure.kind] || failure.kind),
    element("p", {}, failure.reason),
    failure.hint ? element("p", {}, `Hint: ${failure.hint}`) : null,
    failure.messages.length ? heading("Lean's messages") : null,
    ...failure.messages.map((message) => element("pre", { class: "message lean" },
      message.line ? element("strong", {}, `line ${message.line}, column ${message.column + 1}: `) : null, message.text)),
    source(job, failure.messages.filter((message) => message.severity === "error").map((message) => message.line)));
}

// The text as it was given, with its lines numbered and those with errors marked.
function source(job, wrong = []) {
  const lines = job.theorem.replace(/\n+$/, "").split("\n");
  return element("details", { open: wrong.length > 0 || lines.length < 6 },
    element("summary", {}, "The text as given"),
    element("ol", { class: "code lines" }, lines.map((line, at) =>
      element("li", { class: wrong.includes(at + 1) ? "wrong" : null }, leanText(element("code", {}), line)))));
}
