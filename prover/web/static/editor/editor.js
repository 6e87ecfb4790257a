// A field for Lean text. It lives in a shadow root, since only there its styles come without a style element, which
// the content security policy forbids.
import {
  EditorState, EditorView, bracketMatching, closeBrackets, closeBracketsKeymap, defaultKeymap, drawSelection,
  highlightSpecialChars, history, historyKeymap, keymap, lineNumbers, placeholder, syntaxHighlighting,
} from "../libraries/libraries.js";
import { abbreviations, finishAbbreviation } from "./abbreviations.js";
import { colours, lean } from "./lean.js";

const look = EditorView.theme({
  "&": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "8px", fontSize: "14px" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", fontVariantLigatures: "none" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-placeholder": { color: "var(--faint)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--selected)" },
  ".cm-matchingBracket": { outline: "1px solid var(--faint)", backgroundColor: "transparent" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", border: "1px solid var(--line)", borderRadius: "6px", color: "var(--text)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "13em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 10px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--selected)", color: "var(--text)" },
  ".cm-completionDetail": { fontStyle: "normal", float: "right", marginLeft: "2em" },
});

export class LeanEditor {
  // `label`: its name for those who cannot see it; `lines`: its height, at least; `onSubmit`: on Ctrl Enter.
  constructor(host, { label, hint = "", lines = 3, text = "", onSubmit = null, onChange = null }) {
    this.view = new EditorView({
      parent: host.attachShadow({ mode: "open" }),
      root: host.shadowRoot,
      state: EditorState.create({
        doc: text,
        extensions: [
          abbreviations,
          keymap.of([{ key: "Mod-Enter", run: () => { onSubmit?.(); return Boolean(onSubmit); } }]),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap]),
          lineNumbers(), history(), drawSelection(), highlightSpecialChars(), bracketMatching(), closeBrackets(), placeholder(hint),
          lean, syntaxHighlighting(colours), look, EditorView.lineWrapping, EditorState.tabSize.of(2),
          EditorView.theme({ ".cm-content, .cm-gutter": { minHeight: `${lines * 1.55 + 1.2}em` }, ".cm-scroller": { maxHeight: "45vh" } }),
          EditorView.contentAttributes.of({ "aria-label": label, autocapitalize: "off", spellcheck: "false" }),
          EditorView.updateListener.of((update) => { if (update.docChanged) onChange?.(); }),
        ],
      }),
    });
  }

  get text() {
    finishAbbreviation(this.view);
    return this.view.state.doc.toString();
  }

  set text(value) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: value } });
  }

  focus() {
    this.view.focus();
  }

  destroy() {
    this.view.destroy();
  }
}
