// Tactic states: open a theorem, run tactics on any of its states, keep or free the states they lead to.
//
// The statement is elaborated as `theorem ... := by <capture>`, where the syntax node <capture> has a kind of
// ours. A JavaScript function is registered as its elaborator: called by Lean, it keeps the eight objects of the
// TacticM context and aborts the command. Afterwards Lean's own evalTactic is called with them as often as
// needed. A saved state is the content of the four state references (Tactic, Term, Meta, Core); all of it is
// persistent data, so saving costs nothing and restoring is four writes.
import { box } from './heap.mjs';
import { KIND } from './elaborate.mjs';
import { Exporter, UnreadableTerm } from './kernel.mjs';
import { readPlainStatement, InvalidStatement } from './statement.mjs';
import { Terms } from './terms.mjs';

const CAPTURE = 'prover.capture';
export const CLOSURE_ARITY = 10; // syntax, Tactic ctx + ref, Term ctx + ref, Meta ctx + ref, Core ctx + ref, world
const MESSAGE_LIMIT = 4000;
const GIVES_UP = new Set(['Lean.Parser.Tactic.tacticSorry', 'Lean.Parser.Tactic.tacticAdmit', 'Lean.Parser.Tactic.tacticStop_', 'Lean.Parser.Term.sorry']);
const OUT_OF_EFFORT = /maximum number of heartbeats|deterministic\)? timeout/;
const INTERNAL_NAME = /(^|\.)(_|match_\d)/, INSTANCE_NAME = /(^|\.)inst[A-Z]/;
const CORE = { options: 2, heartbeats: 8, maxHeartbeats: 9, cancelToken: 12 }; // Core.Context
// A lemma that is not checked is taken as it is. But this tactic goes by what the kernel says of its own.
const UNCHECKED = 'debug.skipKernelTC', KERNEL_DECIDES = /\bdecide(\s+[+-]\w+)*\s+\+kernel\b(\s+[+-]\w+)*/g, ASKS_KERNEL = /kernel/;
const MOST_HEARTBEATS = 2 ** 31 - 1; // the largest number that needs no object

export const outOfEffort = heartbeats => ({ status: 'timed_out', limit: 'effort',
  message: `the maximum number of heartbeats (${Math.floor(heartbeats / 1000)}) has been reached` });

// What became of a tactic that closes all goals, by what the kernel says of the term.
export function ofVerdict({ accepted, cutOff, axiom, reason }) {
  if (accepted) return { status: 'closed' };
  if (cutOff) return { status: 'timed_out', limit: cutOff, message: reason };
  if (axiom === 'sorryAx') return { status: 'gave_up', message: 'the proof uses sorry' };
  return { status: 'rejected', message: reason };
}

export class Tactics {
  constructor(frontend, constants, nextId) {
    this.frontend = frontend;
    this.constants = constants;
    this.heap = frontend.heap;
    this.sessions = new Map();
    this.states = new Map();
    this.nextId = nextId;
  }
  // Must run before the imports: they copy the table of built-in elaborators.
  registerCapture(onCapture) {
    const h = this.heap, attribute = h.inc(h.constant('Lean_Elab_Tactic_tacticElabAttribute')), name = () => this.frontend.name(CAPTURE);
    h.io(h.call('Lean_KeyedDeclsAttribute_addBuiltin___redArg', attribute, name(), name(), h.closure(onCapture, CLOSURE_ARITY)));
  }
  onCapture = (...args) => {
    const h = this.heap;
    h.refreshViews(); // we are called from inside a call
    if (this.onHole) return this.onHole(args); // see holes.mjs
    this.captured = { args, contents: [2, 4, 6, 8].map(i => h.read(args[i])) }; // later elaboration changes the references
    const abort = h.constructor_(1, [h.inc(h.constant('Lean_Elab_abortCommandExceptionId')), box(0)]);
    return h.constructor_(1, [abort]); // throw
  };

  // ---- sessions -------------------------------------------------------------------------------------
  // -> { session, state, goals, name, prefix, statement, suffix, autoBound?, messages } or throws InvalidStatement
  open(source, { token, forbid } = {}) { // forbid: constants that a proof may not use
    const h = this.heap, read = readPlainStatement(this.frontend, source, this.frontend.environment, { token });
    try {
      const kernelEnv = this.constants.kernelView(read.after), info = this.constants.resolve(read.after, kernelEnv, read.path);
      if (!info) throw new InvalidStatement(`Lean did not declare ${read.name}`);
      const signature = this.constants.signature(info);
      const theorem = { name: h.inc(h.field(signature, 0)), levels: h.inc(h.field(signature, 1)), type: h.inc(h.field(signature, 2)) };
      h.dec(info);
      this.refuseUnsoundStatement(kernelEnv, theorem);
      h.dec(kernelEnv);
      const context = this.capture(read);
      const id = this.nextId++;
      this.sessions.set(id, { theorem, forbid, hasHeader: read.prefix.trim() !== '', ...context });
      const state = this.save(id), goals = this.goals(this.sessions.get(id));
      return { session: id, state, goals, name: read.name, prefix: read.prefix, statement: read.statement, suffix: read.suffix, autoBound: read.autoBound, messages: read.messages };
    } finally { h.dec(read.before, read.after); }
  }
  // A statement that itself rests on an axiom or on `sorry` can only give a proof that does.
  refuseUnsoundStatement(kernelEnv, theorem) {
    const h = this.heap, exporter = new Exporter(this.constants, kernelEnv, this.baseKernelEnv());
    try {
      exporter.visitUsed(theorem.type);
      const axiom = exporter.out.find(c => c.kind === 0);
      if (axiom) throw new InvalidStatement(`the statement rests on the axiom ${this.frontend.nameText(this.nameOf(exporter, axiom))} of its header`);
      if (exporter.names.some(n => n?.[1] === 'sorryAx')) throw new InvalidStatement('the statement itself uses sorry');
    } catch (error) {
      if (error instanceof UnreadableTerm) throw new InvalidStatement(`the statement cannot be used: ${error.message}`);
      throw error;
    } finally { exporter.close(); }
  }
  nameOf(exporter, constant) { return [...exporter.nameAt].find(([, index]) => index === constant.name)[0]; }
  baseKernelEnv() { return this.baseView ??= this.constants.kernelView(this.frontend.environment); }

  capture({ before, prefix, statement }) {
    const h = this.heap;
    const reader = this.frontend.resume(`${prefix}${statement} := by\n  skip`, h.inc(before), Buffer.byteLength(prefix));
    this.captured = undefined;
    let problems;
    try {
      const parsed = reader.parse();
      reader.elaborate(this.replaceLast(parsed.stx, KIND.skip));
      problems = [...parsed.errors, ...reader.takeMessages()];
    } finally { reader.close(); }
    if (!this.captured) throw new InvalidStatement(problems[0]?.text ?? 'the proof of the theorem is never elaborated');
    const { args: [stx, tacticContext, tactic, termContext, term, metaContext, meta, coreContext, core], contents } = this.captured;
    h.dec(stx);
    this.captured = undefined;
    const refs = [tactic, term, meta, core];
    contents.forEach((content, i) => h.write(refs[i], content));
    h.write(core, this.withoutMessages(h.read(core)));
    const initial = h.read(tactic), goal = h.inc(h.field(initial, 0));
    h.dec(initial);
    return { refs, termContext, metaContext, coreContext, goal, tacticContext: h.update(tacticContext, {}, { 0: 0 }) }; // recover := false
  }
  replaceLast(stx, kind) { // consumed; the last node of that kind becomes the capture node
    const h = this.heap;
    let done = false;
    const copy = s => {
      if (done || !this.frontend.isNode(s)) return h.inc(s);
      if (this.frontend.kind(s) === kind) { done = true; return h.constructor_(1, [h.inc(h.field(s, 0)), this.frontend.name(CAPTURE), h.arr([])]); }
      const children = this.frontend.children(s), out = new Array(children.length);
      for (let i = children.length - 1; i >= 0; i--) out[i] = copy(children[i]);
      return h.constructor_(1, [h.inc(h.field(s, 0)), h.inc(h.field(s, 1)), h.arr(out)]);
    };
    const result = copy(stx);
    h.dec(stx);
    return result;
  }
  close(id) {
    const h = this.heap, s = this.sessions.get(id);
    if (!s) return;
    for (const [state, { session }] of this.states) if (session === id) this.release(state);
    h.dec(...s.refs, s.termContext, s.metaContext, s.coreContext, s.tacticContext, s.goal, s.theorem.name, s.theorem.levels, s.theorem.type, s.environment ?? box(0));
    this.sessions.delete(id);
  }

  // ---- states ------------------------------------------------------------------------------------------
  save(session) {
    const id = this.nextId++;
    this.states.set(id, { session, contents: this.sessions.get(session).refs.map(r => this.heap.read(r)) });
    return id;
  }
  release(id) {
    const state = this.states.get(id);
    if (!state) return;
    this.heap.dec(...state.contents);
    this.states.delete(id);
  }
  withoutMessages(core) { // consumed; also no info trees
    const h = this.heap;
    return h.update(core, { 6: this.frontend.emptyLog(), 7: h.update(h.inc(h.field(core, 7)), {}, { 0: 0 }) });
  }

  // Run one tactic (lines without common indentation) on a saved state.
  // -> { status: advanced, state, goals } | { status: closed } | { status: rejected | gave_up, message }
  //    | { status: timed_out, limit: effort | time, message }
  // `heartbeats`: the most it may allocate, counted from parsing it to printing what it leads to. The same state, tactic
  // and limit give the same answer and the same count.
  // `lemmas`: when the kernel checks those that tactics make on the way, which takes longer than to make them. 'made': then;
  // 'again': and once more when the theorem is closed, as a text of this session may have got round that; 'later': in
  // verification, which follows. What is shown without a lemma is checked whenever a tactic closes the theorem.
  apply(id, text, { token, heartbeats: most, lemmas }) {
    const h = this.heap, heartbeats = Math.min(most, MOST_HEARTBEATS), { session, contents } = this.states.get(id), s = this.sessions.get(session);
    contents.forEach((content, i) => h.write(s.refs[i], h.inc(content)));
    const [tactic, term, meta, core] = s.refs, limits = { token, heartbeats };
    h.write(core, this.withoutMessages(h.read(core)));
    this.frontend.resetHeartbeats();
    const later = lemmas === 'later' && !ASKS_KERNEL.test(text.replaceAll(KERNEL_DECIDES, ''));
    const parsed = this.parse(h.field(contents[3], 0), later ? text.replaceAll(KERNEL_DECIDES, `(set_option ${UNCHECKED} false in $&)`) : text);
    if (parsed.error) return { status: 'rejected', message: parsed.error };
    if (this.givesUp(parsed.stx)) { h.dec(parsed.stx); return { status: 'gave_up', message: 'the tactic uses sorry' }; }
    const coreContext = this.limited(s.coreContext, heartbeats, token, later);
    const meta4 = () => [s.metaContext, meta, coreContext, core].map(o => h.inc(o));
    const term6 = () => [s.termContext, term].map(o => h.inc(o)).concat(meta4());
    const tactic8 = () => [s.tacticContext, tactic].map(o => h.inc(o)).concat(term6());
    try {
      for (const step of [
        () => h.call('Lean_Elab_Tactic_evalTactic', parsed.stx, ...tactic8()),
        () => h.call('Lean_Elab_Term_synthesizeSyntheticMVarsNoPostponing', box(0), ...term6()),
        () => h.call('Lean_Elab_Tactic_getUnsolvedGoals', ...tactic8()), // prunes goals that are solved
      ]) {
        const { ok, value } = h.result(step());
        if (this.frontend.heartbeats() > heartbeats) { h.dec(value); return outOfEffort(heartbeats); } // its message may cost as much again
        const error = ok ? undefined : this.frontend.exceptionText(value);
        if (ok) h.dec(value);
        else return this.failure(this.firstError(core) ?? error); // an abort tells nothing, what was logged before does
      }
      const error = this.firstError(core);
      if (error) return this.failure(error);
      const goals = this.goals(s, coreContext);
      if (!goals.length) return s.isHole ? this.holes.closed(s, limits, lemmas !== 'again') : this.closed(s, limits, lemmas !== 'again');
      return { status: 'advanced', state: this.save(session), goals };
    } finally { h.dec(coreContext); }
  }
  // The kernel goes by the option, the elaborator by the context.
  limited(coreContext, heartbeats, token, unchecked) { // borrowed; owned
    const h = this.heap, thousands = box(Math.max(1, Math.floor(heartbeats / 1000)));
    const options = h.call('Lean_KVMap_setNat', h.inc(h.field(coreContext, CORE.options)), this.frontend.name('maxHeartbeats'), thousands);
    return h.update(h.inc(coreContext), {
      [CORE.options]: unchecked ? h.call('Lean_KVMap_setBool', options, this.frontend.name(UNCHECKED), box(1)) : options,
      [CORE.heartbeats]: box(0), [CORE.maxHeartbeats]: box(heartbeats), [CORE.cancelToken]: h.some(h.inc(token)),
    });
  }
  firstError(core) { // that was logged
    const h = this.heap, state = h.read(core), messages = this.frontend.messages(h.inc(h.field(state, 6)));
    h.dec(state);
    return messages.find(m => m.severity === 'error')?.text;
  }
  failure(message) {
    const limit = OUT_OF_EFFORT.test(message) ? 'effort' : /interrupted/.test(message) ? 'time' : undefined;
    return { status: limit ? 'timed_out' : 'rejected', limit, message: message.slice(0, MESSAGE_LIMIT) };
  }
  parse(env, text) { // as it will stand in the file, so that it means the same there
    const h = this.heap;
    const result = h.call('Lean_Parser_runParserCategory', h.inc(env), this.frontend.name('term'),
      h.str(`by\n  ${text.replaceAll('\n', '\n  ')}`), h.str('<tactic>'));
    const ok = h.tag(result) === 1, value = h.inc(h.field(result, 0));
    h.dec(result);
    if (!ok) return { error: h.take(value).replaceAll(/<tactic>:\d+:\d+: /g, '').trim().slice(0, MESSAGE_LIMIT) };
    if (this.frontend.kind(value) !== KIND.by) { h.dec(value); return { error: 'not a tactic' }; }
    const stx = h.inc(this.frontend.child(value, 1));
    h.dec(value);
    return { stx };
  }
  givesUp(stx) { return GIVES_UP.has(this.frontend.kind(stx)) || this.frontend.children(stx).some(c => this.givesUp(c)); }

  // No goals are left: build the term, and let the kernel check it against the statement.
  closed(s, limits, believed) {
    const h = this.heap, C = this.constants;
    const meta = h.read(s.refs[2]), mctx = h.inc(h.field(meta, 0));
    h.dec(meta);
    const pair = h.raw('lean_instantiate_expr_mvars')(mctx, h.raw('lean_expr_mk_mvar')(h.inc(s.goal))), body = h.inc(h.field(pair, 1));
    h.dec(pair);
    const lctx = this.localContext(s, s.goal);
    const binders = h.call('Lean_LocalContext_getFVars', h.inc(lctx));
    const visible = h.array(binders).filter(x => !this.isAuxiliary(lctx, x)).map(x => h.inc(x));
    h.dec(binders);
    const value = h.call('Lean_LocalContext_mkLambda', lctx, h.arr(visible), body, box(1), box(1));
    const core = h.read(s.refs[3]), env = h.inc(h.field(core, 0)), kernelEnv = C.kernelView(env);
    h.dec(core);
    const exporter = new Exporter(C, kernelEnv, this.baseKernelEnv());
    try {
      exporter.visitUsed(s.theorem.type);
      exporter.visitUsed(value);
      const target = exporter.name(s.theorem.name);
      exporter.out.push({ kind: 2, name: target, levelParams: h.list(s.theorem.levels).map(n => exporter.name(n)),
        type: exporter.expr(s.theorem.type), value: exporter.expr(value) });
      return ofVerdict(this.checker.check(exporter.data(), [target], undefined, limits, s.forbid, { believed }));
    } catch (error) {
      if (error instanceof UnreadableTerm) return { status: 'rejected', message: `the proof term is not complete: ${error.message}` };
      throw error;
    } finally { exporter.close(); h.dec(value, env, kernelEnv); }
  }
  metaCall(s, name, coreContext, ...args) {
    const h = this.heap;
    return h.result(h.call(name, ...args, h.inc(s.metaContext), h.inc(s.refs[2]), h.inc(coreContext), h.inc(s.refs[3])));
  }
  localContext(s, goal) { // owned
    const h = this.heap, { ok, value } = this.metaCall(s, 'Lean_MVarId_getDecl', s.coreContext, h.inc(goal));
    if (!ok) throw new UnreadableTerm(this.frontend.exceptionText(value));
    const lctx = h.inc(h.field(value, 1));
    h.dec(value);
    return lctx;
  }
  localDecl(lctx, fvar) { // owned LocalDecl; fvar: Expr, borrowed
    const h = this.heap, found = h.raw('lean_local_ctx_find')(h.inc(lctx), h.inc(h.field(fvar, 0))), decl = h.inc(h.field(found, 0));
    h.dec(found);
    return decl;
  }
  isAuxiliary(lctx, fvar) {
    const h = this.heap, decl = this.localDecl(lctx, fvar), kind = h.scalarByte(decl, 1); // binderInfo or nondep, kind
    h.dec(decl);
    return kind !== 0;
  }

  // ---- goals -----------------------------------------------------------------------------------------------
  // Each as { text, target, term, hypotheses: [[name, head, term]], definitions, instances }: what Lean prints; of the
  // target and of each accessible hypothesis' type the head symbol and the term (see terms.mjs); the header's
  // definitions that occur, and its instances without a name of their own.
  goals(s, coreContext = s.coreContext) {
    const h = this.heap, list = h.read(s.refs[0]);
    const out = h.list(list).map(goal => {
      const { ok, value } = this.metaCall(s, 'Lean_Meta_ppGoal', coreContext, h.inc(goal));
      const text = ok ? h.take(h.call('Std_Format_pretty', value, box(120), box(0), box(0))) : `⊢ ${this.frontend.exceptionText(value)}`;
      return { text, ...this.shape(s, goal) };
    });
    h.dec(list);
    return out;
  }
  shape(s, goal) {
    const h = this.heap, { value: decl } = this.metaCall(s, 'Lean_MVarId_getDecl', s.coreContext, h.inc(goal));
    const meta = h.read(s.refs[2]), mctx = h.field(meta, 0), lctx = h.field(decl, 1), hypotheses = [];
    const ofHeader = s.hasHeader ? new Set() : undefined;
    const all = h.call('Lean_LocalContext_getFVars', h.inc(lctx)), locals = h.array(all).map(fvar => this.localDecl(lctx, fvar));
    const terms = new Terms(this.frontend, locals);
    for (const local of locals) {
      const name = this.frontend.nameText(h.field(local, 2));
      if (h.scalarByte(local, 1) === 0 && !name.includes('_@') && !name.includes('✝')) hypotheses.push([name, ...this.typeShape(mctx, h.field(local, 3), terms, ofHeader)]);
    }
    const [target, term] = this.typeShape(mctx, h.field(decl, 2), terms, ofHeader);
    h.dec(all, decl, meta, ...locals);
    const names = [...ofHeader ?? []], isInstance = name => INSTANCE_NAME.test(name);
    return { target, term, hypotheses, definitions: names.filter(n => !isInstance(n)), instances: names.filter(isInstance) };
  }
  typeShape(mctx, type, terms, ofHeader) { // borrowed; adds to `ofHeader` -> [head symbol, term]
    const h = this.heap, pair = h.raw('lean_instantiate_expr_mvars')(h.inc(mctx), h.inc(type)), e = h.field(pair, 1);
    if (ofHeader) this.addOfHeader(e, ofHeader);
    const shape = [terms.head(e), terms.read(e)];
    h.dec(pair);
    return shape;
  }
  addOfHeader(e, ofHeader) {
    const h = this.heap, used = h.call('Lean_Expr_getUsedConstants', h.inc(e));
    for (const name of h.array(used)) {
      const text = this.frontend.nameText(name);
      if (ofHeader.has(text) || INTERNAL_NAME.test(text)) continue;
      const info = this.constants.find(this.baseKernelEnv(), name);
      if (info) h.dec(info); else ofHeader.add(text);
    }
    h.dec(used);
  }
}
