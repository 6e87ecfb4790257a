// Lean 4 as far as colours go: words, literals, comments, what is not done.
import { HighlightStyle, StreamLanguage, StringStream, tags } from "../libraries/libraries.js";

const COMMANDS = new Set(("theorem lemma example def abbrev instance structure inductive class axiom opaque mutual namespace section end " +
  "open variable universe import export set_option attribute notation infix infixl infixr prefix postfix macro macro_rules syntax elab " +
  "deriving extends noncomputable private protected partial unsafe scoped local where").split(" "));
const WORDS = new Set("by fun let have show from match with if then else do return at in using calc termination_by decreasing_by".split(" "));
const SORTS = new Set(["Prop", "Type", "Sort"]);
const UNFINISHED = new Set(["sorry", "admit", "sorryAx"]);
const NAME = /^[\p{L}_][\p{L}\p{N}\p{M}_'!?₀-₉]*(\.([\p{L}_«][\p{L}\p{N}\p{M}_'!?₀-₉»]*|\d+))*/u;

// `state.depth`: block comments inside each other; `state.text`: inside a string.
function token(stream, state) {
  if (state.depth > 0) return blockComment(stream, state);
  if (state.text) return string(stream, state);
  if (stream.eatSpace()) return null;
  if (stream.match("--")) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match("/-")) {
    state.depth = 1;
    return blockComment(stream, state);
  }
  if (stream.eat('"')) {
    state.text = true;
    return string(stream, state);
  }
  if (stream.match(/^'(\\.|[^\\'])'/) || stream.match(/^`[^\s()]+/)) return "string";
  if (stream.match(/^@\[[^\]]*\]?/)) return "meta";
  if (stream.match(/^#[a-z_]+/)) return "keyword";
  if (stream.match(/^(0x[\da-fA-F]+|\d+(\.\d+)?)/)) return "number";
  const name = stream.match(NAME);
  if (name) {
    if (UNFINISHED.has(name[0])) return "invalid";
    if (COMMANDS.has(name[0])) return "keyword";
    if (WORDS.has(name[0])) return "controlKeyword";
    return SORTS.has(name[0]) ? "typeName" : "variableName";
  }
  if (stream.match(/^[()[\]{}⟨⟩⟦⟧«»,;]/)) return "bracket";
  stream.next();
  return "operator";
}

function blockComment(stream, state) {
  while (!stream.eol()) {
    if (stream.match("-/")) {
      state.depth -= 1;
      if (state.depth === 0) break;
    } else if (stream.match("/-")) state.depth += 1;
    else stream.next();
  }
  return "comment";
}

function string(stream, state) {
  while (!stream.eol()) {
    const letter = stream.next();
    if (letter === "\\") stream.next();
    else if (letter === '"') {
      state.text = false;
      break;
    }
  }
  return "string";
}

const startState = () => ({ depth: 0, text: false });

export const lean = StreamLanguage.define({
  name: "lean", token, startState, copyState: (state) => ({ ...state }),
  languageData: { commentTokens: { line: "--", block: { open: "/-", close: "-/" } }, closeBrackets: { brackets: ["(", "[", "{", "⟨", '"'] } },
});

export const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.meta], color: "var(--keyword)" },
  { tag: tags.controlKeyword, color: "var(--keyword)" },
  { tag: tags.typeName, color: "var(--type)" },
  { tag: [tags.number, tags.string], color: "var(--literal)" },
  { tag: tags.operator, color: "var(--operator)" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--rejected)", fontWeight: "bold" },
]);

// Writes Lean text with its colours into `parent`, outside of an editor.
export function leanText(parent, text) {
  const state = startState();
  text.split("\n").forEach((line, number) => {
    if (number) parent.append("\n");
    const stream = new StringStream(line, 2, 2);
    while (!stream.eol()) {
      stream.start = stream.pos;
      const kind = token(stream, state);
      const span = document.createElement("span");
      if (kind) span.className = `lean-${kind}`;
      span.textContent = stream.current();
      parent.append(kind && kind !== "variableName" && kind !== "bracket" ? span : stream.current());
    }
  });
  return parent;
}
