// Read a source text: the commands before its theorem, the theorem, what follows.
import { KIND } from './elaborate.mjs';

const MOST_MESSAGES = 1000; // of a text

export class InvalidStatement extends Error {
  constructor(reason, messages = []) { super(reason); this.messages = messages; }
}

// `source` holds any header and one theorem, lemma or example without a proof (`:= by sorry`, `:= sorry`,
// `:= by`, `:=` or nothing at its end), then at most `end` commands. Elaborates the header and the theorem (with
// `sorry`) starting in `env`.
// -> { before: command state ahead of the theorem (owned), after: environment with the theorem (owned),
//      name, path: its parts, prefix, statement, suffix, commands: how many there are, messages }
// prefix + statement + ' := by ...' + suffix is the whole file again. Throws InvalidStatement.
export function readStatement(frontend, source, env, options = {}) {
  const { heap: h } = frontend;
  const { text: theoremsOnly, shifts } = withoutLemmas(source), reader = frontend.read(theoremsOnly, env, options);
  const messages = [];
  let commands = 1;
  const errors = () => messages.filter(m => m.severity === 'error');
  const invalid = (reason, list = []) => new InvalidStatement(reason, list.map(m => moveBack(m, shifts)));
  let parsed;
  try {
    for (;;) {
      const shift = nameExample(reader);
      if (shift) shifts.push(shift);
      parsed = parseOrComplete(reader);
      if (parsed.errors.length) throw invalid(undefined, parsed.errors);
      if (parsed.kind === KIND.eoi) throw invalid('there is no theorem in the text');
      const theorem = theoremIn(frontend, parsed.stx);
      if (theorem?.body === 'sorry') break;
      if (theorem && !laterTheorem(reader, parsed)) throw invalid('the statement already has a proof; give it with `sorry`, or use `prover verify`');
      run(reader, parsed, messages); // takes the syntax
      parsed = undefined;
      commands++;
      if (errors().length) throw invalid(undefined, errors());
    }
    const theorem = theoremIn(frontend, parsed.stx), [start] = frontend.range(parsed.stx);
    const bytes = reader.bytes, before = reader.snapshot();
    const path = fullName(reader, theorem);
    try {
      run(reader, parsed, messages);
      parsed = undefined;
      if (errors().length) throw invalid(undefined, errors());
      const end = reader.position;
      commands += finish(reader, messages, invalid);
      const text = (from, to) => bytes.toString('utf8', from, to), signatureEnd = theorem.signatureEnd;
      return {
        before, after: reader.environment(), path, name: nameText(frontend, path), commands, prefix: text(0, start), statement: text(start, signatureEnd),
        suffix: text(end, bytes.length).trim() ? text(end, bytes.length) : '', messages: messages.map(m => moveBack(m, shifts)),
      };
    } catch (error) { h.dec(before); throw error; }
  } finally {
    if (parsed) h.dec(parsed.stx);
    reader.close();
  }
}

// The file in which `tactics` (lines without common indentation) prove the statement.
export function withProof({ prefix, statement, suffix }, tactics) {
  const ending = suffix.trim() ? `\n${suffix.replace(/^\n/, '').trimEnd()}\n` : '\n';
  return `${prefix}${statement} := by\n  ${tactics.replaceAll('\n', '\n  ')}${ending}`;
}

// Elaborate every command of `source`. Returns { environment (owned), kinds, theorems (name parts), messages }.
export function readAll(frontend, source, env, options = {}) {
  const { heap: h } = frontend, { text: theoremsOnly, shifts } = withoutLemmas(source);
  const reader = frontend.read(theoremsOnly, env, options), messages = [], kinds = [], theorems = [];
  try {
    for (;;) {
      const original = reader.source, before = reader.snapshot(), said = messages.length, shift = nameExample(reader);
      let parsed = reader.parse();
      kinds.push(parsed.kind);
      const theorem = theoremIn(frontend, parsed.stx);
      if (theorem) theorems.push(fullName(reader, theorem));
      const last = parsed.kind === KIND.eoi || parsed.errors.length > 0;
      if (last) {
        messages.push(...parsed.errors);
        h.dec(parsed.stx, before);
        break;
      }
      run(reader, parsed, messages);
      if (shift && messages.slice(said).some(m => /is not a proposition/.test(m.text))) { // an `example` of data
        messages.length = said;
        reader.setSource(original);
        reader.rewind(before);
        parsed = reader.parse();
        run(reader, parsed, messages);
      } else {
        if (shift) shifts.push(shift);
        h.dec(before);
      }
    }
    kinds.pop(); // the end of the input
    return { environment: reader.environment(), kinds, theorems, messages: messages.map(m => moveBack(m, shifts)) };
  } finally { reader.close(); }
}

const fullName = (reader, { id }) => (id[0] === '_root_' ? id.slice(1) : [...reader.namespace(), ...id]);

function nameText(frontend, path) {
  const name = frontend.nameFrom(path), text = frontend.nameText(name);
  frontend.heap.dec(name);
  return text;
}

function run(reader, parsed, messages) {
  reader.position = parsed.next;
  const uncaught = reader.elaborate(parsed.stx);
  messages.push(...reader.takeMessages().slice(0, Math.max(1, MOST_MESSAGES - messages.length)));
  if (uncaught) messages.push({ severity: 'error', text: uncaught, line: 0, column: 0 });
}

// The theorem a command declares: { id (name parts), signatureEnd (byte), body: 'sorry' | 'proof' }.
function theoremIn(frontend, stx) {
  while (frontend.kind(stx) === KIND.in) stx = frontend.child(stx, 2); // set_option ... in, open ... in
  if (frontend.kind(stx) !== KIND.declaration) return undefined;
  const theorem = frontend.child(stx, 1);
  if (frontend.kind(theorem) !== KIND.theorem) return undefined;
  const id = frontend.nameParts(frontend.heap.field(frontend.child(theorem, 1, 0), 2)), value = frontend.child(theorem, 3);
  let body = 'proof';
  if (frontend.kind(value) === KIND.simpleBody) {
    const term = frontend.child(value, 1);
    if (frontend.kind(term) === KIND.termSorry) body = 'sorry';
    if (frontend.kind(term) === KIND.by) {
      let steps = frontend.child(term, 1); // tacticSeq > tacticSeq1Indented > sepByIndent
      while (frontend.isNode(steps) && frontend.children(steps).length === 1 && frontend.kind(steps) !== KIND.tacticSorry) steps = frontend.child(steps, 0);
      if (frontend.kind(steps) === KIND.tacticSorry) body = 'sorry';
    }
  }
  return { id, body, signatureEnd: frontend.range(frontend.child(theorem, 2))?.[1] };
}

// A theorem may end where its proof should begin: complete it there.
function parseOrComplete(reader) {
  const parsed = reader.parse();
  if (!parsed.errors.length || reader.completed) return parsed;
  const source = reader.source, at = indexOf(source, parsed.errors[0]);
  for (const ending of ['\n:= sorry\n', '\n  sorry\n']) {
    reader.setSource(source.slice(0, at) + ending + source.slice(at));
    const again = reader.parse();
    if (!again.errors.length && theoremIn(reader.frontend, again.stx)?.body === 'sorry') {
      reader.completed = true;
      reader.heap.dec(parsed.stx);
      return again;
    }
    reader.heap.dec(again.stx);
  }
  reader.setSource(source);
  return parsed;
}

// Where in `source` a message points, as an index of the JavaScript string.
function indexOf(source, { line, column }) {
  const before = source.split('\n').slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0);
  return before + [...source.slice(before)].slice(0, column).join('').length;
}

// Is there another declaration after this one (so that this one is a lemma of the header)?
function laterTheorem(reader, parsed) {
  return /(^|\n)\s*(@\[[^\]]*\]\s*|private\s+|protected\s+)*(theorem|lemma|example)\b/.test(reader.bytes.toString('utf8', parsed.next));
}

const DECLARATION = /^(?:@\[[^\]]*\]\s*|private\s+|protected\s+)*(theorem|lemma|example)\b[^\n]{0,40}/;
function finish(reader, messages, invalid) {
  for (let ends = 0; ; ends++) {
    const parsed = reader.parse();
    if (parsed.kind === KIND.eoi && !parsed.errors.length) { reader.heap.dec(parsed.stx); return ends; }
    if (parsed.kind !== KIND.end || parsed.errors.length) {
      reader.heap.dec(parsed.stx);
      const text = reader.bytes.toString('utf8', reader.position), second = DECLARATION.exec(text.slice(skipBlank(text)));
      if (second) throw invalid(`there are two theorems in the text; give one (the second begins: ${second[0].trim()})`);
      if (parsed.errors.length) throw invalid(undefined, parsed.errors);
      throw invalid('there are commands after the theorem; put them in front of it');
    }
    run(reader, parsed, messages);
  }
}

// `lemma` and `example` are read as `theorem` (the k-th example as `example_k`), so that what they prove can be checked.
// Core Lean does not know the word `lemma`, and would read it as part of the line above: all are replaced at once.
// Both return what moved on which line, for messages.
const LEMMA = /^((?:@\[[^\]\n]*\]\s*|private\s+|protected\s+)*)lemma(?=\s)/gm;
function withoutLemmas(source) {
  const shifts = [];
  const text = source.replace(LEMMA, (found, modifiers, at) => {
    const head = source.slice(0, at) + modifiers;
    shifts.push({ line: head.split('\n').length, column: [...head.slice(head.lastIndexOf('\n') + 1)].length, by: 2 });
    return `${modifiers}theorem`;
  });
  return { text, shifts };
}
function nameExample(reader) {
  const text = reader.bytes.toString('utf8', reader.position), start = skipBlank(text);
  const found = /^((?:(?:set_option\s+\S+\s+\S+|open\s[^\n]*?)\s+in\s+)*(?:@\[[^\]]*\]\s*|private\s+|protected\s+)*)example(?=[\s:({[⦃.])/.exec(text.slice(start));
  if (!found) return undefined;
  reader.examples = (reader.examples ?? 0) + 1;
  const name = reader.source.includes('example_') && !reader.namedExamples ? `«example ${reader.examples}»` : `example_${reader.examples}`;
  reader.namedExamples ??= !reader.source.includes('example_');
  const at = start + found[1].length, head = reader.bytes.toString('utf8', 0, reader.position) + text.slice(0, at);
  reader.setSource(`${head}theorem ${name}${text.slice(at + 'example'.length)}`);
  const lines = head.split('\n');
  return { line: lines.length, column: [...lines.at(-1)].length, by: `theorem ${name}`.length - 'example'.length };
}

function skipBlank(text) {
  let i = 0;
  for (;;) {
    const rest = text.slice(i), blank = /^(\s+|--[^\n]*)/.exec(rest);
    if (blank) { i += blank[0].length; continue; }
    if (!rest.startsWith('/-')) return i;
    let depth = 0, j = i;
    do {
      if (text.startsWith('/-', j)) { depth++; j += 2; } else if (text.startsWith('-/', j)) { depth--; j += 2; } else j++;
    } while (depth && j < text.length);
    i = j;
  }
}

const moveBack = (message, shifts) => {
  const shift = shifts.find(s => s.line === message.line && message.column > s.column);
  return shift ? { ...message, column: Math.max(shift.column, message.column - shift.by) } : message;
};
