// Read a source text: the commands before its theorem, the theorem, what follows.
import { KIND } from './elaborate.mjs';
import { box } from './heap.mjs';

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
function readStatement(frontend, source, env, options = {}) {
  const { heap: h } = frontend;
  const reader = frontend.read(source, env, options), messages = [], shifts = [];
  let commands = 1, proved = false;
  const errors = () => messages.filter(m => m.severity === 'error');
  const invalid = (reason, list = []) => new InvalidStatement(reason, list.map(m => moveBack(m, shifts)));
  let parsed;
  try {
    for (;;) {
      parsed = parseOrComplete(reader, shifts);
      if (parsed.errors.length) throw invalid(undefined, parsed.errors);
      if (parsed.kind === KIND.eoi) throw invalid(proved ? PROVED : NO_THEOREM);
      const theorem = theoremIn(frontend, parsed.stx);
      if (theorem?.gap) {
        if (theorem.example) parsed = nameExample(reader, parsed, theorem, shifts);
        break;
      }
      if (theorem?.example) countExample(reader);
      proved ||= theorem !== undefined;
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
      commands += finish(reader, messages, shifts, invalid);
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

// Read it with Lean's rule for names that are declared nowhere (autoImplicit): `α` in `(xs : List α)` is a variable. Only
// letters are, as without relaxedAutoImplicit: a longer name is a slip of the pen, which must not become a variable.
// A statement that needs the rule comes with its variables, as `autoBound`.
export function readPlainStatement(frontend, source, env, options = {}) {
  try {
    return readStatement(frontend, source, env, { ...options, strict: true });
  } catch (error) {
    if (!(error instanceof InvalidStatement)) throw error;
    const unknown = error.messages.map(unknownIn).filter(name => name !== undefined);
    if (unknown.length && unknown.every(name => VARIABLE.test(name))) {
      try {
        return { ...readStatement(frontend, source, env, options), autoBound: [...new Set(unknown)] };
      } catch (again) { // a function that is declared nowhere is no variable
        if (!(again instanceof InvalidStatement && again.messages.some(m => m.text.startsWith('Function expected')))) throw again;
      }
    }
    const slips = error.messages.filter(m => !VARIABLE.test(unknownIn(m) ?? '')), shown = slips.length ? slips : error.messages;
    throw new InvalidStatement(error.message.replace(NOTE, ''), shown.map(m => ({ ...m, text: m.text.replace(NOTE, '') })));
  }
}
const UNKNOWN = /^unknown (?:identifier|constant) `(.+?)`/i, VARIABLE = /^[a-z\u0391-\u03dd][\d_'₀-₉]*$/;
const NOTE = /\n\nNote: It is not possible to treat [^\n]* as an implicitly bound variable[^\n]*/g; // we have that option set to say more
const unknownIn = m => UNKNOWN.exec(m.text)?.[1];

// What a whole text is to prove: every theorem that it states without a proof, and every definition that it leaves open
// (`abbrev answer : Nat := sorry`).
// -> { environment (owned), targets: name parts, holes: those of them that are definitions }. Throws InvalidStatement.
export function readSpecification(frontend, source, env, options = {}) {
  const read = readAll(frontend, source, env, { ...options, complete: true });
  const errors = read.messages.filter(m => m.severity === 'error'), open = read.theorems.filter(t => t.gap);
  const reason = errors.length ? undefined : open.length ? '' : read.theorems.length ? PROVED : NO_THEOREM;
  if (reason === '') return { environment: read.environment, targets: [...open, ...read.definitions].map(t => t.path), holes: read.definitions.map(t => t.path) };
  frontend.heap.dec(read.environment);
  throw new InvalidStatement(reason, errors);
}
const PROVED = 'the statement already has a proof; give it with `sorry`, or use `prover verify`', NO_THEOREM = 'there is no theorem in the text';

// Elaborate every command of `source`. Returns { environment (owned), kinds, theorems, definitions, messages }: of each
// theorem its `path` (name parts) and whether its proof is a `gap`, of definitions those that are one.
// complete: the last theorem may end where its proof should begin.
export function readAll(frontend, source, env, { complete = false, ...options } = {}) {
  const { heap: h } = frontend, reader = frontend.read(source, env, options), messages = [], kinds = [], theorems = [], definitions = [], shifts = [];
  try {
    for (;;) {
      let parsed = complete ? parseOrComplete(reader, shifts) : parse(reader, shifts);
      kinds.push(parsed.kind);
      const theorem = theoremIn(frontend, parsed.stx);
      if (parsed.kind === KIND.eoi || parsed.errors.length) {
        messages.push(...parsed.errors);
        h.dec(parsed.stx);
        break;
      }
      const open = openDefinition(frontend, parsed.stx);
      if (open) definitions.push({ path: fullName(reader, open) });
      if (!theorem?.example) {
        if (theorem) theorems.push({ path: fullName(reader, theorem), gap: theorem.gap });
        run(reader, parsed, messages);
        continue;
      }
      const original = reader.source, before = reader.snapshot(), said = messages.length, moved = shifts.length;
      parsed = nameExample(reader, parsed, theorem, shifts);
      const path = fullName(reader, theoremIn(frontend, parsed.stx));
      run(reader, parsed, messages);
      if (messages.slice(said).some(m => /is not a proposition/.test(m.text))) { // an `example` of data: as it was
        messages.length = said;
        shifts.length = moved;
        reader.setSource(original);
        reader.rewind(before);
        run(reader, reader.parse(), messages);
      } else {
        theorems.push({ path, gap: theorem.gap });
        h.dec(before);
      }
    }
    kinds.pop(); // the end of the input
    return { environment: reader.environment(), kinds, theorems, definitions, messages: messages.map(m => moveBack(m, shifts)) };
  } finally { reader.close(); }
}

const fullName = (reader, { id }) => (id[0] === '_root_' ? id.slice(1) : [...reader.namespace(), ...id]);

function nameText(frontend, path) {
  const name = frontend.nameFrom(path), text = frontend.nameText(name);
  frontend.heap.dec(name);
  return text;
}

export function run(reader, parsed, messages) {
  reader.position = parsed.next;
  const uncaught = reader.elaborate(parsed.stx);
  const said = reader.takeMessages(), error = said.find(m => m.severity === 'error');
  const room = MOST_MESSAGES - messages.length;
  messages.push(...room > 0 ? said.slice(0, room) : []);
  if (error && !messages.includes(error)) messages.push(error); // never to be lost: it decides
  if (uncaught) messages.push({ severity: 'error', text: uncaught, line: 0, column: 0 });
}

// The theorem a command declares: { id (name parts), signatureEnd (byte), gap (it has no proof), example (its word's bytes) }.
function theoremIn(frontend, stx) {
  const declaration = declarationIn(frontend, stx), kind = frontend.kind(declaration), example = kind === KIND.example;
  if (kind !== KIND.theorem && !example) return undefined;
  const [signature, value] = frontend.children(declaration).slice(example ? 1 : 2); // word, name if it has one, signature, value
  const id = example ? undefined : frontend.nameParts(frontend.heap.field(frontend.child(declaration, 1, 0), 2));
  return { id, gap: isOpen(frontend, value), signatureEnd: frontend.range(signature)?.[1], example: example ? frontend.range(frontend.child(declaration, 0)) : undefined };
}
// The definition that a command leaves open: { id }.
function openDefinition(frontend, stx) {
  const declaration = declarationIn(frontend, stx);
  if (!DEFINITIONS.has(frontend.kind(declaration)) || !isOpen(frontend, frontend.children(declaration)[3])) return undefined;
  return { id: frontend.nameParts(frontend.heap.field(frontend.child(declaration, 1, 0), 2)) };
}
function declarationIn(frontend, stx) {
  while (frontend.kind(stx) === KIND.in) stx = frontend.child(stx, 2); // set_option ... in, open ... in
  return frontend.kind(stx) === KIND.declaration ? frontend.child(stx, 1) : box(0);
}
const DEFINITIONS = new Set(['Lean.Parser.Command.definition', 'Lean.Parser.Command.abbrev']);
const isOpen = (frontend, value) => frontend.kind(value) === KIND.simpleBody && isGap(frontend, frontend.child(value, 1));

// `sorry`, in whatever dress: `by admit`, `by (sorry)`, `by exact sorry;`, ...
const GAPS = new Set([KIND.termSorry, KIND.tacticSorry, 'Lean.Parser.Tactic.tacticAdmit']);
const DRESS = new Set(['null', KIND.by, 'Lean.cdot', ...['paren', 'exact', 'refine', 'tacticSeq', 'tacticSeq1Indented', 'tacticSeqBracketed'].map(k => `Lean.Parser.Tactic.${k}`),
  'Lean.Parser.Term.paren']), OPENING = new Set(['Lean.cdotTk', 'Lean.Parser.Term.hygienicLParen']);
function isGap(frontend, stx) {
  const kind = frontend.kind(stx);
  if (GAPS.has(kind)) return true;
  const inside = DRESS.has(kind) ? frontend.children(stx).filter(s => frontend.isNode(s) && frontend.range(s) && !OPENING.has(frontend.kind(s))) : [];
  return inside.length > 0 && inside.every(s => isGap(frontend, s));
}

// Parse the next command; `lemma`, which core Lean does not know, is read as `theorem` where Lean cannot go on. (It is
// a word of its own in our parser, see Frontend.importModules, so that it ends the command before it.)
export function parse(reader, shifts) {
  let parsed = reader.parse();
  while (parsed.errors.length) {
    const { source } = reader, at = wordAt(source, parsed.errors[0]);
    if (!/^lemma\s/.test(source.slice(at, at + 6))) break;
    replace(reader, at, 'lemma', 'theorem', shifts);
    const again = reader.parse();
    if (again.errors.length && wordAt(reader.source, again.errors[0]) <= at) { // nor can it with `theorem`
      reader.heap.dec(again.stx);
      reader.setSource(source);
      shifts.pop();
      break;
    }
    reader.heap.dec(parsed.stx);
    parsed = again;
  }
  return parsed;
}
const wordAt = (source, message) => { const at = indexOf(source, message); return at + skipBlank(source.slice(at)); };

// A theorem may end where its proof should begin: complete it there.
function parseOrComplete(reader, shifts) {
  const parsed = parse(reader, shifts);
  if (!parsed.errors.length || reader.completed) return parsed;
  const source = reader.source, at = indexOf(source, parsed.errors[0]);
  for (const ending of ['\n:= sorry\n', '\n  sorry\n']) {
    reader.setSource(source.slice(0, at) + ending + source.slice(at));
    const again = reader.parse();
    if (!again.errors.length && theoremIn(reader.frontend, again.stx)?.gap) {
      reader.completed = true;
      reader.heap.dec(parsed.stx);
      return again;
    }
    reader.heap.dec(again.stx);
  }
  reader.setSource(source);
  return parsed;
}

// The k-th `example` is read as a theorem of the name `example_k`, so that what it proves can be checked. Returns the
// command parsed again; `parsed` is consumed.
function nameExample(reader, parsed, { example: [start] }, shifts) {
  const number = countExample(reader);
  reader.heap.dec(parsed.stx);
  const name = reader.source.includes('example_') && !reader.namedExamples ? `«example ${number}»` : `example_${number}`;
  reader.namedExamples ??= !reader.source.includes('example_');
  replace(reader, reader.bytes.toString('utf8', 0, start).length, 'example', `theorem ${name}`, shifts);
  return reader.parse();
}
const countExample = reader => (reader.examples = (reader.examples ?? 0) + 1);

// Write `by` instead of `word` at index `at` of the reader's source, and note what moved on which line, for messages.
function replace(reader, at, word, by, shifts) {
  const head = reader.source.slice(0, at), line = head.split('\n').length;
  shifts.push({ line, column: [...head.slice(head.lastIndexOf('\n') + 1)].length, by: by.length - word.length });
  reader.setSource(head + by + reader.source.slice(at + word.length));
}

// Where in `source` a message points, as an index of the JavaScript string.
function indexOf(source, { line, column }) {
  const before = source.split('\n').slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0);
  return before + [...source.slice(before)].slice(0, column).join('').length;
}

const DECLARATION = /^(?:@\[[^\]]*\]\s*|private\s+|protected\s+)*(theorem|lemma|example)\b[^\n]{0,40}/;
function finish(reader, messages, shifts, invalid) {
  for (let ends = 0; ; ends++) {
    const parsed = parse(reader, shifts);
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

export const moveBack = (message, shifts) => {
  const shift = shifts.find(s => s.line === message.line && message.column > s.column);
  return shift ? { ...message, column: Math.max(shift.column, message.column - shift.by) } : message;
};
