// How far a search without a verdict got: its most promising unfinished proofs, and what would help the statement.
import { element, plural } from "../shared/dom.js";
import { leanText } from "../editor/lean.js";
import { copyButton } from "./copy.js";

export function adviceOf({ advice }) {
  return advice ? element("p", {}, `What would help is ${advice.words}.`) : null;
}

// Records of older versions have none.
export function unfinishedProofs({ closest = [] }) {
  return closest.map((proof, at) => element("details", { class: "closest", open: at === 0 },
    element("summary", {}, `${at ? "Further off" : "Closest"}: ${plural(proof.goals.length, "goal is", "goals are")} open`),
    element("p", { class: "muted" }, "Lean accepts this text but for ", element("code", {}, "sorry"), ", which stands for what is not proved. ", copyButton(proof.source)),
    leanText(element("pre", { class: "code", tabindex: "0", "aria-label": `Unfinished proof ${at + 1}` }), proof.source.trim())));
}
