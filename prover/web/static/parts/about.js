// What this server proves with, and so what it can and cannot prove.
import { element } from "../shared/dom.js";

const CORE = "Init, Std and Lean: numbers (Nat, Int, Rat, BitVec), lists, strings, logic, and your own definitions";

export function aboutServer({ environment, identity }) {
  const [what, can, cannot] = words(environment, identity);
  return element("p", { class: "about" }, "This server proves with ", element("strong", { title: identity }, what), `: ${can}. `, ...[cannot].flat());
}

function words(environment, identity) {
  const version = /@v?(\d+\.\d+\.\d+)/.exec(identity)?.[1] || "";
  const mathlib = /mathlib/i.test(identity);
  if (environment === "isabelle") return ["Isabelle/HOL", identity, "It reads Isabelle's statements, not Lean's."];
  if (environment === "lean") {
    return [`Lean ${version} and its core library`, CORE, ["It does not have Mathlib: no real numbers, sets, groups or topology. For those, serve a Lean project: ", element("code", {}, "prover serve --environment lean-project"), "."]];
  }
  return [`Lean ${version} in a project`, `everything that the project imports${mathlib ? ", Mathlib among it" : ""}`, mathlib ? "" : "What it can import decides what can be stated; Mathlib only if the project has it."];
}
