// The outcomes of a tactic, in words and signs.
import { element, plural } from "../dom.js";

const GLYPHS = { advanced: "→", closed: "✓", rejected: "✕", gave_up: "∅", out_of_effort: "◑", timed_out: "◔" };
export const WORDS = {
  advanced: "advanced", closed: "closed", rejected: "rejected", gave_up: "gave up", out_of_effort: "out of effort",
  timed_out: "out of time",
};
export const STATUSES = Object.keys(WORDS);

export function glyph(status) {
  return element("span", { class: "glyph", title: WORDS[status], style: `color:var(--${status})` }, GLYPHS[status]);
}

function tally(attempts) {
  const counts = {};
  for (const attempt of attempts) counts[attempt.status] = (counts[attempt.status] || 0) + 1;
  return STATUSES.filter((status) => counts[status]).map((status) => [status, counts[status]]);
}

export function tallied(attempts) {
  return tally(attempts).map(([status, many]) => `${many} ${WORDS[status]}`).join(", ");
}

export function outcomeBar(attempts) {
  return element("span", { class: "bar", title: `${plural(attempts.length, "tactic", "tactics")}: ${tallied(attempts)}` },
    tally(attempts).map(([status, many]) => element("i", { style: `flex:${many} 1 0;background:var(--${status})` })));
}
