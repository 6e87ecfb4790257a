// Lean's Unicode input: \forall becomes ∀ as soon as no other abbreviation begins so, else with the next letter that
// belongs to none, or on leaving the field. A list shows what begins with what is typed.
import { AbbreviationProvider, EditorView, autocompletion, keymap } from "../libraries/libraries.js";

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
function change(from, to, symbol) {
  const cursor = symbol.indexOf("$CURSOR");
  const insert = symbol.replace("$CURSOR", "");
  return {
    changes: { from, to, insert },
    selection: { anchor: from + (cursor >= 0 ? cursor : insert.length) },
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

function input(view, from, to, text) {
  if (from !== to || [...text].length !== 1) return false;
  const line = view.state.doc.lineAt(from);
  const found = TYPED.exec(line.text.slice(0, from - line.from));
  if (!found) return false;
  const longer = begins(found[1] + text);
  if (longer.length === 1 && longer[0] === found[1] + text) {
    view.dispatch(change(from - found[0].length, to, symbols[longer[0]]));
    return true;
  }
  if (longer.length || !finishAbbreviation(view)) return false;
  type(view, text, input);
  return true;
}

// Writes `text` over what is selected, by way of all who mind what is typed (brackets) but `except`.
function type(view, text, except = null) {
  const { from, to } = view.state.selection.main;
  const handlers = view.state.facet(EditorView.inputHandler).filter((handler) => handler !== except);
  if (handlers.some((handler) => handler(view, from, to, text))) return;
  view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: "input.type", scrollIntoView: true });
}

// Chromium gives what is typed over coloured text the colour in a style attribute, which the content security policy
// refuses with a complaint.
function typeOver(event, view) {
  if (event.inputType !== "insertText" || !event.data || view.composing || view.state.selection.main.empty) return false;
  type(view, event.data);
  return true;
}

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
  EditorView.inputHandler.of(input),
  autocompletion({ override: [complete], icons: false, activateOnTypingDelay: 150 }),
  keymap.of([ // the list's own keys go before these: Enter takes from it while it is open
    { key: "Tab", run: finishAbbreviation },
    { key: "Enter", run: (view) => { finishAbbreviation(view); return false; } },
  ]),
  EditorView.domEventHandlers({ beforeinput: typeOver, blur: (_, view) => { finishAbbreviation(view); } }),
];
