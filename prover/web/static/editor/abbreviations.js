// Lean's Unicode input: \forall becomes ∀ as soon as no other abbreviation begins so, else with the next letter that
// belongs to none, or on leaving the field. A list shows what begins with what is typed.
import { AbbreviationProvider, EditorView, Prec, autocompletion, keymap } from "../libraries/libraries.js";

const LEADER = "\\";
const TYPED = /\\([^\s\\]*)$/;
const provider = new AbbreviationProvider({ abbreviationCharacter: LEADER, customTranslations: {}, eagerReplacementEnabled: true });
const symbols = provider.getSymbolsByAbbreviation();
const names = Object.keys(symbols);

function begins(abbreviation) {
  return names.filter((name) => name.startsWith(abbreviation));
}

// The abbreviation just before `at`: where it begins, and its letters without the leader.
function before(state, at) {
  const line = state.doc.lineAt(at);
  const found = TYPED.exec(line.text.slice(0, at - line.from));
  return found && found[1] ? { from: at - found[0].length, to: at, name: found[1] } : null;
}

// The change that puts `symbol` in place, with the cursor where it says.
function change(from, to, symbol, after = "") {
  const cursor = symbol.indexOf("$CURSOR");
  const text = symbol.replace("$CURSOR", "");
  return {
    changes: { from, to, insert: text + after },
    selection: { anchor: from + (cursor >= 0 && !after ? cursor : text.length + after.length) },
    userEvent: "input.complete",
    scrollIntoView: true,
  };
}

// Replaces the abbreviation before the cursor, if there is one that may end here.
export function finishAbbreviation(view) {
  const { main } = view.state.selection;
  const typed = main.empty ? before(view.state, main.head) : null;
  const symbol = typed && provider.getReplacementText(typed.name);
  if (symbol) view.dispatch(change(typed.from, typed.to, symbol));
  return Boolean(symbol);
}

const onInput = EditorView.inputHandler.of((view, from, to, text) => {
  if (from !== to || [...text].length !== 1) return false;
  const line = view.state.doc.lineAt(from);
  const found = TYPED.exec(line.text.slice(0, from - line.from));
  if (!found) return false;
  const start = from - found[0].length;
  const longer = begins(found[1] + text);
  if (longer.length === 1 && longer[0] === found[1] + text) {
    view.dispatch(change(start, to, symbols[longer[0]]));
    return true;
  }
  if (longer.length || !found[1]) return false;
  const symbol = provider.getReplacementText(found[1]);
  if (!symbol) return false;
  view.dispatch(change(start, to, symbol, text));
  return true;
});

// Names that Lean's own editors would pick for what is typed come first: the shortest.
function complete(context) {
  const typed = context.matchBefore(/\\[^\s\\]+/);
  if (!typed) return null;
  const options = begins(typed.text.slice(1)).sort((a, b) => a.length - b.length).slice(0, 40).map((name) => ({
    label: LEADER + name,
    detail: symbols[name].replace("$CURSOR", ""),
    apply: (view, _, from, to) => view.dispatch(change(from, to, symbols[name])),
  }));
  return options.length ? { from: typed.from, options, filter: false } : null;
}

export const abbreviations = [
  onInput,
  autocompletion({ override: [complete], icons: false, activateOnTypingDelay: 150 }),
  // Below the list's own keys: Enter takes from the list while it is open.
  Prec.low(keymap.of([
    { key: "Tab", run: finishAbbreviation },
    { key: "Enter", run: (view) => { finishAbbreviation(view); return false; } },
  ])),
  EditorView.domEventHandlers({ blur: (_, view) => { finishAbbreviation(view); } }),
];
