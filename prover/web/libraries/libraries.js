// Everything that the page uses of others, and nothing else of theirs.
export { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export { HighlightStyle, StreamLanguage, StringStream, bracketMatching, syntaxHighlighting } from "@codemirror/language";
export { EditorState } from "@codemirror/state";
export {
  EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers, placeholder,
} from "@codemirror/view";
export { AbbreviationProvider } from "@leanprover/unicode-input";
export { tags } from "@lezer/highlight";
export { createParser } from "eventsource-parser";
