// The `sorry`s of a file: where they stand, what is to be shown there, and whether a replacement fits.
//
// A hole is a node of the syntax tree (never a word of the text). Each command with holes is elaborated twice: as it
// is, and with every hole replaced by a capture node (tactics.mjs) that keeps the TacticM context it finds and then
// runs the `sorry` that stood there. A term `sorry` becomes `by <capture>` for that. So one reading of the file gives
// the contexts of all holes, and a session can be opened on each as long as the file is kept (one file at a time).
import { box, isScalar } from './heap.mjs';
import { KIND } from './elaborate.mjs';
import { Checker, Exporter, UnreadableTerm } from './kernel.mjs';
import { InvalidStatement, moveBack, parse, run } from './statement.mjs';
import { ofVerdict } from './tactics.mjs';

const HOLES = new Map([[KIND.tacticSorry, 'tactic'], ['Lean.Parser.Tactic.tacticAdmit', 'tactic'], [KIND.termSorry, 'term']]);
const BODIES = new Set(['theorem', 'definition', 'abbrev', 'instance', 'example', 'opaque'].map(k => `Lean.Parser.Command.${k}`));
const QUOTATION = /\.(quot|quotSeq|dynamicQuot)$/i;
const NO_SOURCE = box(2); // SourceInfo.none
const CAPTURE = 'prover.capture', HOLE = '\u25a1';
const USES_SORRY = /^declaration uses .?sorry/;
const GOAL = { lctx: 1, type: 2, instances: 4 }, META = { lctx: 2, instances: 3 }; // MetavarDecl, Meta.Context
const AUXILIARY = 2, AXIOM = 0; // LocalDeclKind, ConstantInfo
const PROBLEM_LIMIT = 2000;

export class Holes {
  constructor(frontend, tactics) {
    this.frontend = frontend;
    this.tactics = tactics;
    this.heap = frontend.heap;
  }

  // ---- reading --------------------------------------------------------------------------------------------------
  // -> { holes: [{ line, column, kind, name, command, goals?, obstacle? }], sorries: per command how many of its
  //      declarations use `sorry`, messages } or throws InvalidStatement
  list(source, { token } = {}) {
    const { holes, commands, messages } = this.file(source, token);
    return {
      holes: holes.map(({ line, column, kind, name, command, goals, obstacle }) => ({ line, column, kind, name, command, goals, obstacle })),
      sorries: commands.map(c => c.sorries), messages,
    };
  }
  file(source, token) {
    if (this.kept?.key === source) return this.kept;
    this.forget();
    const h = this.heap, reader = this.frontend.read(source, this.frontend.environment, { token });
    const file = { key: source, holes: [], commands: [], messages: [] }, shifts = [];
    const invalid = list => new InvalidStatement(undefined, list.map(m => moveBack(m, shifts)));
    try {
      for (;;) {
        const parsed = parse(reader, shifts);
        if (parsed.errors.length) { h.dec(parsed.stx); throw invalid(parsed.errors); }
        if (parsed.kind === KIND.eoi) { h.dec(parsed.stx); break; }
        const found = this.find(parsed.stx, reader), index = file.commands.length, said = [];
        const command = { position: reader.position, next: parsed.next, before: 0, stx: 0, sorries: 0 };
        file.commands.push(command);
        for (const hole of found) file.holes.push(Object.assign(hole, { command: index }));
        if (found.length) { command.before = reader.snapshot(); command.stx = h.inc(parsed.stx); }
        run(reader, parsed, said); // takes the syntax
        file.messages.push(...said.map(m => moveBack(m, shifts)));
        if (said.some(m => m.severity === 'error')) throw invalid(said.filter(m => m.severity === 'error'));
        command.sorries = countSorries(said);
        if (found.length) this.captureAll(reader, command, found, token);
      }
      file.source = reader.source;
      this.place(file.holes, reader.bytes, shifts);
      for (const hole of file.holes) this.describe(hole);
      return this.kept = file;
    } catch (error) { this.free(file); throw error; } finally { reader.close(); }
  }
  forget() { if (this.kept) this.free(this.kept); this.kept = undefined; }
  free({ holes, commands }) {
    for (const { before, stx } of commands) this.heap.dec(before || box(0), stx || box(0));
    for (const hole of holes) this.drop(hole);
  }
  drop(hole) {
    if (hole.context) this.heap.dec(...hole.context.contents, ...hole.context.contexts);
    hole.context = undefined;
  }

  // Holes of a command: { start (byte), kind, name (of the declaration), inProof }.
  find(stx, reader) {
    const { frontend } = this, found = [], kinds = new Map();
    const visit = (s, place) => {
      if (!frontend.isNode(s)) return;
      const name = this.heap.field(s, 1);
      if (!kinds.has(name)) kinds.set(name, frontend.kind(s));
      const kind = kinds.get(name), hole = HOLES.get(kind);
      if (hole) { // an ambiguous text is there more than once
        const range = frontend.range(s);
        if (range && !found.some(f => f.start === range[0])) found.push({ start: range[0], end: range[1], kind: hole, ...place });
        return;
      }
      if (BODIES.has(kind)) place = { name: this.declared(s, reader), inProof: true };
      else if (QUOTATION.test(kind)) place = { ...place, inProof: false };
      for (const child of frontend.children(s)) visit(child, place);
    };
    visit(stx, { name: '', inProof: false });
    return found;
  }
  declared(stx, reader) {
    const id = this.frontend.find(stx, 'Lean.Parser.Command.declId');
    if (!id) return this.frontend.kind(stx).split('.').pop();
    const own = this.frontend.nameParts(this.heap.field(this.frontend.child(id, 0), 2));
    return (own[0] === '_root_' ? own.slice(1) : [...reader.namespace(), ...own]).join('.');
  }
  place(holes, bytes, shifts) { // lines from 1, columns in characters from 0, of the text as it was given
    for (const hole of holes) {
      const head = bytes.toString('utf8', 0, hole.start), lineStart = head.lastIndexOf('\n') + 1;
      const at = { line: head.split('\n').length, column: [...head.slice(lineStart)].length };
      Object.assign(hole, moveBack(at, shifts));
    }
  }

  // ---- capturing ----------------------------------------------------------------------------------------------------
  captureAll(reader, command, found, token) {
    const inProofs = found.filter(hole => hole.inProof);
    if (!inProofs.length) return;
    if (!this.captureSome(reader, command, inProofs, token) || inProofs.length === 1) return;
    for (const hole of inProofs) { // one of them is in a place where `by` cannot stand: the others are not
      this.drop(hole);
      hole.problem = this.captureSome(reader, command, [hole], token);
    }
  }
  captureSome(reader, { position, before, stx }, holes, token) { // -> what Lean says against it, or undefined
    const h = this.heap, byStart = new Map(holes.map(hole => [hole.start, hole]));
    const again = this.frontend.resume(reader.source, h.inc(before), position, { token });
    this.tactics.onHole = args => this.onHole(args, byStart);
    try {
      const uncaught = again.elaborate(this.instrument(stx, byStart));
      const problem = uncaught ?? again.takeMessages().find(m => m.severity === 'error')?.text;
      if (problem) for (const hole of holes) hole.problem = problem;
      return problem;
    } finally { this.tactics.onHole = undefined; again.close(); }
  }
  // Called by Lean where a hole stands: keep the context, then do what the `sorry` does.
  onHole(args, byStart) {
    const h = this.heap, [stx, ...context] = args, original = h.inc(this.frontend.child(stx, 0));
    const hole = byStart.get(this.frontend.range(original)?.[0]);
    if (hole) {
      this.drop(hole); // elaborated more than once: the last time counts
      hole.times = (hole.times ?? 0) + 1;
      hole.context = { contents: [1, 3, 5, 7].map(i => h.read(context[i])), contexts: [0, 2, 4, 6].map(i => h.inc(context[i])) };
    }
    h.dec(stx);
    return h.call('Lean_Elab_Tactic_evalTactic', original, ...context.slice(0, 8));
  }
  instrument(stx, byStart) { // owned copy; stx borrowed
    const h = this.heap, { frontend } = this, node = (kind, children) => h.constructor_(1, [NO_SOURCE, frontend.name(kind), h.arr(children)]);
    const copy = s => {
      if (!frontend.isNode(s)) return h.inc(s);
      const kind = HOLES.get(frontend.kind(s));
      if (kind && byStart.has(frontend.range(s)?.[0])) {
        if (kind === 'tactic') return node(CAPTURE, [h.inc(s)]);
        const atom = frontend.child(s, 0), by = h.constructor_(2, [h.inc(h.field(atom, 0)), h.str('by')]);
        const capture = node(CAPTURE, [node(KIND.tacticSorry, [h.inc(atom)])]);
        return node(KIND.by, [by, node('Lean.Parser.Tactic.tacticSeq', [node('Lean.Parser.Tactic.tacticSeq1Indented', [node('null', [capture])])])]);
      }
      return h.constructor_(1, [h.inc(h.field(s, 0)), h.inc(h.field(s, 1)), h.arr(frontend.children(s).map(copy))]);
    };
    return copy(stx);
  }
  // What is to be shown, or why the hole cannot be filled.
  describe(hole) {
    const h = this.heap;
    if (!hole.context) {
      hole.obstacle = !hole.inProof ? 'it is in no proof' : hole.problem ? `Lean needs a term here at once: ${hole.problem.slice(0, PROBLEM_LIMIT)}` : 'Lean never elaborates it';
      return;
    }
    const s = this.context(hole);
    if (!s) { hole.obstacle = 'there are no goals here'; return; }
    try {
      hole.goals = this.tactics.goals(s);
      const inGoal = this.goalContext(s), type = this.instantiated(s, inGoal.type);
      const { ok, value } = this.meta(s, inGoal, 'Lean_Meta_isProp', h.inc(type));
      if (!ok) h.dec(value);
      const isProof = ok && value === box(1), usesSorry = h.call('Lean_Expr_hasSorry', h.inc(type)) === box(1);
      h.dec(type);
      this.leave(inGoal);
      if (!isProof) hole.obstacle = 'it stands for data, not for a proof';
      else if (usesSorry) hole.obstacle = 'its goal mentions another `sorry`';
    } finally { this.discard(s); }
  }

  // ---- sessions ---------------------------------------------------------------------------------------------------
  // What tactics.mjs keeps of a session, on the first goal that is left at the hole; undefined if none is.
  context(hole) {
    const h = this.heap, { contents, contexts: [tacticContext, termContext, metaContext, coreContext] } = hole.context;
    const s = {
      refs: contents.map(content => h.ref(h.inc(content))), hasHeader: true, isHole: true,
      termContext: h.inc(termContext), metaContext: h.inc(metaContext), coreContext: h.inc(coreContext),
      tacticContext: h.update(h.inc(tacticContext), {}, { 0: 0 }), // recover := false
      theorem: { name: box(0), levels: box(0), type: box(0) }, goal: box(0),
    };
    h.write(s.refs[3], this.tactics.withoutMessages(h.read(s.refs[3])));
    const all = [s.tacticContext, s.refs[0], s.termContext, s.refs[1], s.metaContext, s.refs[2], s.coreContext, s.refs[3]].map(o => h.inc(o));
    const { ok, value } = h.result(h.call('Lean_Elab_Tactic_getUnsolvedGoals', ...all));
    const goal = ok && !isScalar(value) ? h.inc(h.field(value, 0)) : undefined;
    h.dec(value);
    if (goal === undefined) { this.discard(s); return undefined; }
    s.goal = goal;
    h.write(s.refs[0], h.listOf([h.inc(goal)]));
    const core = h.read(s.refs[3]);
    s.environment = h.inc(h.field(core, 0));
    h.dec(core);
    return s;
  }
  discard(s) { this.heap.dec(...s.refs, s.termContext, s.metaContext, s.coreContext, s.tacticContext, s.goal, ...(s.environment ? [s.environment] : [])); }

  // -> { session, state, goals, name, statement, prefix } as Tactics.open
  open(source, number, { token } = {}) {
    const hole = this.file(source, token).holes[number];
    if (!hole?.context) throw new InvalidStatement(`there is no hole ${number}${hole ? `: ${hole.obstacle}` : ''}`);
    const { tactics } = this, id = tactics.nextId++, s = this.context(hole);
    tactics.sessions.set(id, s);
    const state = tactics.save(id), goals = tactics.goals(s);
    return { session: id, state, goals, name: hole.name, statement: goals[0].text, prefix: '', suffix: '', messages: [] };
  }
  // No goals are left in a session on a hole: have the kernel check what was found for it. The hole's own declarations
  // may stand on other `sorry`s of the file; what the tactics made may not.
  closed(s, limits, believed) {
    const h = this.heap, inGoal = this.goalContext(s), owned = [];
    const own = o => { owned.push(o); return o; };
    let exporter;
    try {
      const kernelEnv = own(this.tactics.constants.kernelView(own(this.environment(s)))), given = own(this.tactics.constants.kernelView(s.environment));
      const body = h.raw('lean_expr_mk_mvar')(h.inc(s.goal));
      const id = h.raw('lean_expr_mk_const')(this.frontend.name('id'), h.listOf([h.raw('lean_level_mk_zero')(box(0))]));
      const claim = h.raw('lean_expr_mk_app')(h.raw('lean_expr_mk_app')(id, h.inc(inGoal.type)), body); // its type is the goal's
      const fvars = own(this.binders(s, inGoal));
      const usedOnly = box(1), usedLetOnly = box(1), etaReduce = box(0), generalizeNondepLet = box(1), binderInfo = box(1);
      const whole = this.instantiated(s, claim);
      h.dec(claim);
      const lambda = this.ok(this.meta(s, inGoal, 'Lean_Meta_mkLambdaFVars', h.inc(fvars), whole, usedOnly, usedLetOnly, etaReduce, generalizeNondepLet, binderInfo), own);
      const value = own(this.instantiated(s, lambda)); // the values of `let`s, which came with their variables, as well
      const type = own(this.instantiated(s, this.ok(this.meta(s, inGoal, 'Lean_Meta_inferType', h.inc(value)), own)));
      exporter = new HoleExporter(this.tactics.constants, kernelEnv, given);
      exporter.visitUsed(type);
      exporter.visitUsed(value);
      const target = exporter.name(own(this.freeName(kernelEnv))), typeAt = exporter.expr(type), valueAt = exporter.expr(value);
      const levelParams = [...new Set(exporter.levels.filter(l => l[0] === 'p').map(l => l[1]))];
      exporter.out.push({ kind: 2, name: target, levelParams, type: typeAt, value: valueAt });
      const checker = new HoleChecker(this.tactics.constants, s.environment, given, this.tactics.checker);
      return ofVerdict(checker.check(exporter.data(), [target], undefined, limits, undefined, { believed }));
    } catch (error) {
      if (error instanceof UnreadableTerm) return { status: 'rejected', message: `the proof term is not complete: ${error.message}` };
      throw error;
    } finally { exporter?.close(); this.leave(inGoal); h.dec(...owned); }
  }
  // What a proof may use: all of the context but the theorem itself, which stands there as a recursive call would.
  binders(s, inGoal) { // owned array
    const h = this.heap, { tactics } = this, all = h.call('Lean_LocalContext_getFVars', h.inc(inGoal.lctx)), kept = [];
    for (const fvar of h.array(all)) {
      const decl = tactics.localDecl(inGoal.lctx, fvar);
      let usable = h.scalarByte(decl, 1) !== AUXILIARY;
      if (!usable) { // a local function may be part of what is to be shown
        const { ok, value } = this.meta(s, inGoal, 'Lean_Meta_isProp', h.inc(h.field(decl, 3)));
        usable = ok && value === box(0);
        h.dec(value);
      }
      if (usable) kept.push(h.inc(fvar));
      h.dec(decl);
    }
    h.dec(all);
    return h.arr(kept);
  }
  freeName(kernelEnv) { // owned; whatever the file calls its own
    for (let number = 1; ; number++) {
      const name = this.frontend.nameFrom(['prover hole', number]), taken = this.tactics.constants.find(kernelEnv, name);
      if (!taken) return name;
      this.heap.dec(name, taken);
    }
  }
  environment(s) { const h = this.heap, core = h.read(s.refs[3]), env = h.inc(h.field(core, 0)); h.dec(core); return env; }
  // The goal's type and local context, and a Meta.Context in which that is the current one.
  goalContext(s) {
    const h = this.heap, { ok, value: decl } = this.tactics.metaCall(s, 'Lean_MVarId_getDecl', s.coreContext, h.inc(s.goal));
    if (!ok) throw new UnreadableTerm(this.frontend.exceptionText(decl));
    const [lctx, type, instances] = [GOAL.lctx, GOAL.type, GOAL.instances].map(i => h.field(decl, i));
    const context = h.update(h.inc(s.metaContext), { [META.lctx]: h.inc(lctx), [META.instances]: h.inc(instances) });
    return { decl, lctx, type, context };
  }
  leave({ decl, context }) { this.heap.dec(decl, context); }
  meta(s, { context }, name, ...args) {
    const h = this.heap;
    return h.result(h.call(name, ...args, h.inc(context), h.inc(s.refs[2]), h.inc(s.coreContext), h.inc(s.refs[3])));
  }
  ok({ ok, value }, own) {
    if (!ok) throw new UnreadableTerm(this.frontend.exceptionText(value));
    return own(value);
  }
  instantiated(s, expr) { // owned; expr borrowed
    const h = this.heap, meta = h.read(s.refs[2]), pair = h.raw('lean_instantiate_expr_mvars')(h.inc(h.field(meta, 0)), h.inc(expr));
    const result = h.inc(h.field(pair, 1));
    h.dec(meta, pair);
    return result;
  }

  // ---- filling --------------------------------------------------------------------------------------------------------
  // Elaborate the command of the last filling with these fillings ([number, text], other commands' are left out).
  // -> { problem?, sorries: how many declarations of the command still use `sorry` }
  fill(source, fillings, { token } = {}) {
    const h = this.heap, file = this.file(source, token), index = file.holes[fillings.at(-1)[0]].command, command = file.commands[index];
    const mine = fillings.map(([number, text]) => ({ ...file.holes[number], text })).filter(f => f.command === index).sort((a, b) => a.start - b.start);
    const bytes = Buffer.from(file.source, 'utf8'), parts = [], ranges = [];
    let at = 0, moved = 0;
    for (const { start, end, text } of mine) {
      const length = Buffer.byteLength(text);
      parts.push(bytes.subarray(at, start), Buffer.from(text));
      ranges.push([start + moved, start + moved + length]);
      moved += length - (end - start);
      at = end;
    }
    const text = Buffer.concat([...parts, bytes.subarray(at)]).toString('utf8');
    const reader = this.frontend.resume(text, h.inc(command.before), command.position, { token });
    try {
      const parsed = reader.parse(), refuse = problem => { h.dec(parsed.stx); return { problem, sorries: command.sorries }; };
      if (parsed.errors.length) return refuse(parsed.errors[0].text);
      const before = this.skeleton(command.stx, mine.map(f => [f.start, f.end]), file.source), after = this.skeleton(parsed.stx, ranges, text);
      if (parsed.next !== command.next + moved || before.join('\n') !== after.join('\n')) return refuse('what stands around it would be read in another way');
      const said = [];
      run(reader, parsed, said);
      return { problem: said.find(m => m.severity === 'error')?.text.slice(0, PROBLEM_LIMIT), sorries: countSorries(said) };
    } finally { reader.close(); }
  }
  // Brackets and words of a syntax tree, with all that lies in `ranges` made one mark each.
  skeleton(stx, ranges, source) {
    const h = this.heap, { frontend } = this, bytes = Buffer.from(source, 'utf8'), kinds = new Map();
    const read = s => { // -> { range, out }
      if (isScalar(s)) return { out: [] };
      const node = frontend.isNode(s);
      let range, out = [];
      if (!node) {
        range = frontend.range(s);
        if (range) out = [JSON.stringify(bytes.toString('utf8', ...range))];
      } else {
        for (const child of frontend.children(s)) {
          const part = read(child);
          if (part.range) range = range ? [range[0], part.range[1]] : part.range;
          for (const word of part.out) if (word[0] !== HOLE || out.at(-1) !== word) out.push(word);
        }
      }
      if (!range) return { out: [] };
      const hole = ranges.findIndex(([start, end]) => start <= range[0] && range[1] <= end);
      if (hole >= 0) return { range, out: [`${HOLE}${hole}`] };
      if (!node || (out.length === 1 && out[0][0] === HOLE)) return { range, out };
      const name = h.field(s, 1);
      if (!kinds.has(name)) kinds.set(name, frontend.kind(s));
      return { range, out: [`(${kinds.get(name)}`, ...out, ')'] };
    };
    return read(stx).out;
  }
}

const countSorries = messages => messages.filter(m => m.severity === 'warning' && USES_SORRY.test(m.text)).length;

// Universe metavariables of a hole, which the rest of its declaration will determine, can be anything.
class HoleExporter extends Exporter {
  levelMetavariable(name) { return this.name(name); }
}

// Takes the constants that the file declared before the hole as they are.
class HoleChecker extends Checker {
  constructor(constants, env, given, library) {
    super(constants, env);
    this.library = library; // Checker of the imports
    this.given = given;
  }
  libraryAxioms(name) {
    const info = this.constants.find(this.library.kernelEnv, name);
    if (info) { this.heap.dec(info); return this.library.libraryAxioms(name); }
    const own = this.constants.find(this.given, name), isAxiom = own && this.heap.tag(own) === AXIOM;
    if (own) this.heap.dec(own);
    return { axioms: isAxiom ? [this.constants.frontend.nameText(name)] : [], restsOnLibrary: false };
  }
}
