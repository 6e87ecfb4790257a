// The service's states and figures in words, the same wherever they are shown.
import { element, seconds } from "../shared/dom.js";

export const ENDED = new Set(["completed", "failed", "cancelled"]);

export const TIERS = {
  E: "the whole proof elaborated afresh in an instance of its own, then checked by the embedded Lean kernel in another",
  A: "the whole proof checked afresh by a native Lean toolchain",
  B: "as A, and replayed by an independent checker",
  C: "as B, and compared with the statement by a comparator and a second kernel",
  toy: "a toy environment: this is no proof assistant",
};

const VERDICTS = { proved: ["proved", "good"], refuted: ["refuted", "bad"], unknown: ["not proved", "open"] };

// How a job stands, in one or two words and whether that is good.
export function standing(job) {
  if (job.status === "completed") return VERDICTS[job.verdict] || VERDICTS.unknown;
  if (job.status === "failed") return ["failed", "bad"];
  if (job.status === "cancelled") return ["cancelled", "plain"];
  if (job.cancelling) return ["is being cancelled", "plain"];
  return job.status === "running" ? ["running", "live"] : ["waiting", "plain"];
}

export function badge(job) {
  const [words, kind] = standing(job);
  return element("span", { class: `badge ${kind}` }, words);
}

export function verdictBadge(verdict) {
  const [words, kind] = VERDICTS[verdict];
  return element("span", { class: `badge ${kind}` }, words);
}

export function titleOf(job) {
  return job.name || job.record?.name || /\b(?:theorem|lemma)\s+([^\s:({[]+)/.exec(job.theorem)?.[1] || firstLine(job.theorem);
}

// The line that says most: that of the theorem.
export function firstLine(text) {
  const lines = text.trim().split("\n");
  const line = lines.find((some) => /^\s*(theorem|lemma|example)\b/.test(some)) || lines[0];
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

// Seconds that a job has taken; of a running one, so far.
export function took(job, now = Date.now()) {
  if (!job.started) return null;
  return Math.max(0, ((job.finished ? Date.parse(job.finished) : now) - Date.parse(job.started)) / 1000);
}

export function tookWords(job) {
  const value = took(job);
  return value === null ? "–" : seconds(value);
}

// When something happened: the time, with the day if that was another one.
export function when(text) {
  const date = new Date(text);
  const same = date.toDateString() === new Date().toDateString();
  const words = date.toLocaleString("en-GB", { ...(same ? {} : { day: "numeric", month: "short" }), hour: "2-digit", minute: "2-digit", second: same ? "2-digit" : undefined });
  return element("time", { datetime: text, title: date.toString() }, words);
}

// What proposed a tactic; tactics that were given are long enough to be named otherwise.
export function sourceWords(source) {
  return source.startsWith("scripted:") ? "the given tactics" : source;
}
