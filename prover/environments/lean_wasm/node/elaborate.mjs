// Lean's front end on top of heap.mjs: imports, messages, syntax, and elaborating commands one by one.
import { box, unbox, isScalar } from './heap.mjs';

const MOST_MESSAGES = 100, MESSAGE_LIMIT = 10_000; // a command, bytes
const SEVERITY = ['info', 'warning', 'error'];
export const KIND = {
  declaration: 'Lean.Parser.Command.declaration', theorem: 'Lean.Parser.Command.theorem', example: 'Lean.Parser.Command.example',
  in: 'Lean.Parser.Command.in', end: 'Lean.Parser.Command.end', eoi: 'Lean.Parser.Command.eoi', simpleBody: 'Lean.Parser.Command.declValSimple',
  by: 'Lean.Parser.Term.byTactic', termSorry: 'Lean.Parser.Term.sorry', tacticSorry: 'Lean.Parser.Tactic.tacticSorry',
  skip: 'Lean.Parser.Tactic.skip',
};

export class Frontend {
  constructor(heap) { this.heap = heap; }

  importModules(modules) {
    const h = this.heap;
    // A word of its own, as with Mathlib: it ends the command before it. See statement.mjs.
    const tokens = h.constant('Lean_Parser_builtinTokenTable');
    h.write(tokens, h.call('Lean_Data_Trie_insert___redArg', h.read(tokens), h.str('lemma'), h.str('lemma')));
    // Import: module, importAll := false, isExported := true, isMeta := false
    const imports = modules.map(m => h.setScalarByte(h.constructor_(0, [this.name(m)], 3), 1, 1));
    // options, trust level 0, no plugins, leakEnv, loadExts, level exported (the package has no other), no artifacts
    const env = h.io(h.raw('l_Lean_importModules')(h.arr(imports), box(0), 0, h.arr([]), 1, 1, 0, box(1)));
    // Also enables realizing equation lemmas, induction principles, ... on demand.
    this.environment = h.call('Lean_Environment_setMainModule', env, this.name('Main'));
    return this.environment;
  }
  get version() { return this.heap.string(this.heap.constant('Lean_versionString')); }

  // ---- names ----------------------------------------------------------------------------------------
  name(dotted) {
    const h = this.heap;
    return dotted.split('.').reduce((prefix, part) => h.raw('l_Lean_Name_str___override')(prefix, h.str(part)), box(0));
  }
  // Components of a name, outermost first: strings and numbers.
  nameParts(name) {
    const h = this.heap, parts = [];
    for (; !isScalar(name); name = h.field(name, 0)) {
      const part = h.field(name, 1);
      parts.unshift(h.tag(name) === 1 ? h.string(part) : part >>> 1);
    }
    return parts;
  }
  nameFrom(parts) {
    const h = this.heap;
    return parts.reduce((prefix, part) => (typeof part === 'string' ? h.raw('l_Lean_Name_str___override')(prefix, h.str(part))
      : h.raw('l_Lean_Name_num___override')(prefix, box(part))), box(0));
  }
  nameText(name) { const h = this.heap; return h.take(h.call('Lean_Name_toString', h.inc(name), box(1))); } // borrowed

  // ---- syntax (all borrowed) ----------------------------------------------------------------------------
  isNode(stx) { return !isScalar(stx) && this.heap.tag(stx) === 1; }
  kind(stx) { return this.isNode(stx) ? this.nameText(this.heap.field(stx, 1)) : ''; }
  children(stx) { return this.isNode(stx) ? this.heap.array(this.heap.field(stx, 2)) : []; }
  child(stx, ...path) { return path.reduce((s, i) => this.children(s)[i] ?? box(0), stx); }
  find(stx, kind) { // first node of that kind, depth first
    if (this.kind(stx) === kind) return stx;
    for (const c of this.children(stx)) { const found = this.find(c, kind); if (found) return found; }
    return 0;
  }
  // [start, end) in bytes of the source, or undefined for synthetic syntax
  range(stx) {
    const h = this.heap;
    if (isScalar(stx)) return undefined;
    if (h.tag(stx) !== 1) {
      const info = h.field(stx, 0);
      return isScalar(info) || h.tag(info) !== 0 ? undefined : [unbox(h.field(info, 1)), unbox(h.field(info, 3))];
    }
    let all;
    for (const c of this.children(stx)) { const r = this.range(c); if (r) all = all ? [all[0], r[1]] : r; }
    return all;
  }

  // ---- messages --------------------------------------------------------------------------------------------
  emptyLog() { return this.heap.inc(this.heap.constant('Lean_MessageLog_empty')); }
  messages(log) { // consumed
    const h = this.heap, list = h.call('Lean_MessageLog_toList', log);
    const isError = m => SEVERITY[h.scalarByte(m, 1)] === 'error', all = h.list(list);
    const kept = new Set([...all.filter(isError), ...all].slice(0, MOST_MESSAGES)); // errors decide: they stay
    const out = all.filter(m => kept.has(m)).map(m => ({
      severity: SEVERITY[h.scalarByte(m, 1)],
      text: h.take(h.call('Lean_MessageData_toString', h.inc(h.field(m, 4))), MESSAGE_LIMIT).trimEnd(),
      line: unbox(h.field(h.field(m, 1), 0)), column: unbox(h.field(h.field(m, 1), 1)),
    }));
    h.dec(list);
    return out;
  }
  exceptionText(exception) { // consumed
    const h = this.heap;
    if (h.tag(exception) === 1) { h.dec(exception); return 'elaboration was aborted'; }
    return h.take(h.call('Lean_MessageData_toString', h.call('Lean_Exception_toMessageData', exception))).trimEnd();
  }

  // ---- commands --------------------------------------------------------------------------------------------------
  // A reader elaborates `source` from `env` (borrowed) command by command; close() frees what it holds.
  // strict: unknown names are errors instead of becoming implicit arguments (autoImplicit, Lean's default).
  read(source, env, { maxHeartbeats = 0, strict = false, token } = {}) {
    const h = this.heap;
    let options = h.call('Lean_KVMap_setNat', box(0), this.name('maxHeartbeats'), box(maxHeartbeats));
    if (strict) options = h.call('Lean_KVMap_setBool', options, this.name('autoImplicit'), box(0));
    const state = h.call('Lean_Elab_Command_mkState', h.inc(env), this.emptyLog(), options);
    const noInfoTrees = h.update(h.inc(h.field(state, 8)), {}, { 0: 0 });
    // As in a `noncomputable section`: definitions need not compile. The package lacks the compiled form of many
    // library functions, and proofs do not need it.
    const scope = h.update(h.inc(h.field(h.field(state, 2), 0)), {}, { 0: 1 });
    return new Reader(this, source, h.update(state, { 2: h.listOf([scope]), 8: noInfoTrees }), 0, token);
  }
  // A reader that goes on at byte `position` of `source` with the command state `state` (consumed).
  resume(source, state, position, { token } = {}) { return new Reader(this, source, state, position, token); }

  resetHeartbeats() { this.heap.raw('lean_io_set_heartbeats')(box(0)); }
  heartbeats() { const h = this.heap, n = h.raw('lean_io_get_num_heartbeats')(); return isScalar(n) ? n >>> 1 : 2 ** 31; }
}

class Reader {
  constructor(frontend, source, state, position, token) {
    this.heap = frontend.heap;
    this.frontend = frontend;
    this.token = token;
    this.state = this.heap.ref(state);
    this.position = position; // bytes
    this.setSource(source);
  }
  setSource(source) { // may be called again with more text after the current position
    const h = this.heap;
    if (this.input) h.dec(this.input, this.fileMap);
    this.source = source;
    this.bytes = Buffer.from(source, 'utf8');
    this.input = h.call('Lean_Parser_mkInputContext___redArg', h.str(source), h.str('<input>'), box(1), box(this.bytes.length));
    this.fileMap = h.call('Lean_FileMap_ofString', h.str(source));
  }
  snapshot() { return this.heap.read(this.state); } // the whole command state: environment, scopes, ...; owned
  rewind(state) { this.heap.write(this.state, state); this.position = this.commandStart; } // to before the last command; consumed
  environment() { // owned
    const h = this.heap, state = this.snapshot(), env = h.inc(h.field(state, 0));
    h.dec(state);
    return env;
  }
  namespace() { // of the innermost scope, as name parts
    const h = this.heap, state = h.read(this.state);
    const parts = this.frontend.nameParts(h.field(h.field(h.field(state, 2), 0), 2));
    h.dec(state);
    return parts;
  }
  // Parse the next command -> { stx (owned), kind, errors, next }; next is where parsing stopped.
  parse() {
    this.commandStart = this.position;
    const h = this.heap, state = h.read(this.state), scope = h.field(h.field(state, 2), 0);
    const context = h.constructor_(0, [h.inc(h.field(state, 0)), h.inc(h.field(scope, 1)), h.inc(h.field(scope, 2)), h.inc(h.field(scope, 3))]);
    h.dec(state);
    const at = h.constructor_(0, [box(this.position)], 4);
    const result = h.call('Lean_Parser_parseCommand', h.inc(this.input), context, at, this.frontend.emptyLog());
    const stx = h.inc(h.field(result, 0)), rest = h.field(result, 1);
    const next = unbox(h.field(h.field(rest, 0), 0));
    const errors = this.frontend.messages(h.inc(h.field(rest, 1))).filter(m => m.severity === 'error');
    h.dec(result);
    return { stx, kind: this.frontend.kind(stx), errors, next };
  }
  // Elaborate a parsed command (consumed). Returns the text of an uncaught exception, or undefined.
  elaborate(stx) {
    const h = this.heap;
    const token = this.token ? h.some(h.inc(this.token)) : box(0);
    const context = h.constructor_(0, [h.str('<input>'), h.inc(this.fileMap), box(0), box(this.position), box(0), box(0), box(1),
      h.inc(stx), box(0), token], 4);
    this.frontend.resetHeartbeats();
    const { ok, value } = h.result(h.call('Lean_Elab_Command_elabCommandTopLevel', stx, context, h.inc(this.state)));
    if (ok) { h.dec(value); return undefined; }
    return this.frontend.exceptionText(value);
  }
  takeMessages() { // what the last command said
    const h = this.heap, state = h.read(this.state), out = this.frontend.messages(h.inc(h.field(state, 1)));
    h.write(this.state, h.update(state, { 1: this.frontend.emptyLog() }));
    return out;
  }
  close() { this.heap.dec(this.state, this.input, this.fileMap); }
}
