// Declarations as plain data, and the kernel that checks them.
//
// Whatever elaborated a proof may have run untrusted code, so its heap is not believed. `exportConstants`
// reads the new constants out of it as plain JavaScript data; `Checker.check` rebuilds them with Lean's own
// constructors in an instance that has never seen the user's text, and has the kernel type-check each.
import { writeAxioms } from './axioms.mjs';
import { Comparison } from './comparison.mjs';
import { CONST, parts, path } from './declarations.mjs';
import { box, unbox, isScalar } from './heap.mjs';

const CUT_OFF = new Map([['deterministic timeout', 'effort'], ['(deterministic) timeout', 'effort'], ['interrupted', 'time']]); // errors that say nothing of the proof
const BIGNUM = 250, MAX_NODES = 20_000_000, SHOWN_LIMIT = 2000;
export const STANDARD_AXIOMS = ['propext', 'Classical.choice', 'Quot.sound'];
// Not axioms themselves, but what the kernel makes of them rests on compiled code.
const NATIVE = new Set(['Lean.reduceBool', 'Lean.reduceNat', 'Lean.ofReduceBool', 'Lean.ofReduceNat', 'Lean.trustCompiler']);

export class UnreadableTerm extends Error {}

// ---- looking things up ---------------------------------------------------------------------------------
export class Constants {
  constructor(frontend) { this.frontend = frontend; this.heap = frontend.heap; }
  kernelView(env) { return this.heap.raw('lean_elab_environment_to_kernel_env')(this.heap.inc(env)); } // owned
  // ConstantInfo (owned) or 0; name borrowed
  find(kernelEnv, name) {
    const h = this.heap, found = h.raw('lean_environment_find')(h.inc(kernelEnv), h.inc(name));
    if (isScalar(found)) return 0;
    const info = h.inc(h.field(found, 0));
    h.dec(found);
    return info;
  }
  // The constant whose name in the text has these parts: it may be private to our module.
  resolve(env, kernelEnv, parts) {
    const h = this.heap, plain = this.frontend.nameFrom(parts), secret = h.call('Lean_mkPrivateName', h.inc(env), h.inc(plain));
    for (const name of [plain, secret]) {
      const info = this.find(kernelEnv, name);
      if (info) { h.dec(plain, secret); return info; }
    }
    h.dec(plain, secret);
    return 0;
  }
  value(info) { return this.heap.field(info, 0); } // TheoremVal, DefinitionVal, ...; borrowed
  signature(info) { return this.heap.field(this.value(info), 0); } // ConstantVal: name, level parameters, type; borrowed
  isUnsafe(info) { // or partial
    const h = this.heap, value = this.value(info);
    switch (h.tag(info)) {
      case CONST.def: return h.scalarByte(value, 0) !== 1; // DefinitionSafety: unsafe, safe, partial
      case CONST.axiom: case CONST.opaque: return h.scalarByte(value, 0) !== 0;
      case CONST.inductive: return h.scalarByte(value, 1) !== 0; // isRec, isUnsafe, isReflexive
      case CONST.constructor: return h.scalarByte(value, 0) !== 0;
      case CONST.recursor: return h.scalarByte(value, 1) !== 0; // k, isUnsafe
      default: return false;
    }
  }
  // Kind a library constant was declared with: exported theorems look like axioms to importers.
  isAxiom(env, name) {
    const h = this.heap, kind = h.call('Lean_getOriginalConstKind_x3f', h.inc(env), h.inc(name));
    if (isScalar(kind)) return false;
    const original = unbox(h.field(kind, 0));
    h.dec(kind);
    return original === ORIGINAL_AXIOM;
  }
  // Names (borrowed) that the environment added after its imports.
  added(kernelEnv) {
    const h = this.heap, names = [];
    const walk = node => {
      if (h.tag(node) === 1) { names.push(...h.array(h.field(node, 0))); return; }
      for (const entry of h.array(h.field(node, 0))) {
        if (isScalar(entry)) continue;
        if (h.tag(entry) === 0) names.push(h.field(entry, 0)); else walk(h.field(entry, 0));
      }
    };
    walk(h.field(h.field(kernelEnv, 0), 1)); // constants (SMap) . map₂
    return names;
  }
}
const ORIGINAL_AXIOM = 2; // Lean.ConstantKind: defn, thm, axiom, opaque, quot, induct, ctor, recursor

// ---- heap -> data -------------------------------------------------------------------------------------------
// Tables of nodes, each referring to earlier entries of its own or another table by index (0 in `names` is
// the anonymous name). Binder names are dropped; they mean nothing to the kernel.
//   names:  [prefix, string | number]
//   levels: ['z'] | ['s', l] | ['m', l, l] | ['i', l, l] | ['p', name]
//   exprs:  ['b', i] | ['s', l] | ['c', name, levels] | ['a', f, x] | ['l'|'p', type, body, binderInfo]
//           | ['e', type, value, body] | ['n', decimal] | ['t', string] | ['j', typeName, i, e]
//   constants, in dependency order: { kind, name, levelParams, type, value?, ... }
export class Exporter {
  constructor(constants, kernelEnv, baseEnv) {
    this.constants = constants;
    this.heap = constants.heap;
    this.kernelEnv = kernelEnv; // final environment, borrowed
    this.baseEnv = baseEnv; // environment of the imports, borrowed
    this.names = [null];
    this.levels = [];
    this.exprs = [];
    this.out = [];
    this.nameAt = new Map();
    this.nameKey = new Map();
    this.levelAt = new Map();
    this.exprAt = new Map();
    this.state = new Map(); // name index -> 'base' | 'visiting' | 'done'
    this.held = []; // owned ConstantInfos, alive until close()
  }
  close() { this.heap.dec(...this.held); }

  name(ptr) {
    if (isScalar(ptr)) return 0;
    const known = this.nameAt.get(ptr);
    if (known !== undefined) return known;
    const h = this.heap, prefix = this.name(h.field(ptr, 0)), part = h.field(ptr, 1);
    const value = h.tag(ptr) === 1 ? h.string(part) : this.nameNumber(part), key = `${prefix}/${typeof value}/${value}`;
    if (!this.nameKey.has(key)) this.nameKey.set(key, this.names.push([prefix, value]) - 1);
    const index = this.nameKey.get(key);
    this.nameAt.set(ptr, index);
    return index;
  }
  nameNumber(o) {
    const n = Number(this.natural(o));
    if (!Number.isSafeInteger(n)) throw new UnreadableTerm('number in a name too large');
    return n;
  }
  small(o) { if (!isScalar(o)) throw new UnreadableTerm('index too large'); return o >>> 1; }
  natural(o) {
    const h = this.heap;
    if (isScalar(o)) return String(o >>> 1);
    if (h.tag(o) !== BIGNUM) throw new UnreadableTerm('not a number');
    return h.take(h.call('Nat_reprFast', h.inc(o)));
  }
  level(root) {
    const h = this.heap;
    return this.postorder(root, this.levelAt, this.levels, LEVEL_CHILDREN, (o, [a, b]) => {
      switch (isScalar(o) ? 0 : h.tag(o)) {
        case 0: return ['z'];
        case 1: return ['s', a];
        case 2: return ['m', a, b];
        case 3: return ['i', a, b];
        case 4: return ['p', this.name(h.field(o, 0))];
        default: return ['p', this.levelMetavariable(h.field(o, 0))];
      }
    });
  }
  expr(root) {
    const h = this.heap;
    return this.postorder(root, this.exprAt, this.exprs, EXPR_CHILDREN, (o, [a, b, c]) => {
      switch (h.tag(o)) {
        case 0: return ['b', this.small(h.field(o, 0))];
        case 1: throw new UnreadableTerm('stray variable');
        case 2: throw new UnreadableTerm('metavariable');
        case 3: return ['s', this.level(h.field(o, 0))];
        case 4: return ['c', this.name(h.field(o, 0)), h.list(h.field(o, 1)).map(l => this.level(l))];
        case 5: return ['a', a, b];
        case 6: return ['l', a, b, h.scalarByte(o, 8)];
        case 7: return ['p', a, b, h.scalarByte(o, 8)];
        case 8: return ['e', a, b, c];
        case 9: {
          const literal = h.field(o, 0);
          return h.tag(literal) === 0 ? ['n', this.natural(h.field(literal, 0))] : ['t', h.string(h.field(literal, 0))];
        }
        case 10: return a; // mdata: no meaning
        case 11: return ['j', this.name(h.field(o, 0)), this.small(h.field(o, 1)), a];
        default: throw new UnreadableTerm('not an expression');
      }
    });
  }
  levelMetavariable() { throw new UnreadableTerm('universe metavariable'); }
  // Memoised traversal with an explicit stack (terms are deep). `read(o, children)` returns the node of `o`
  // from its children's indices, or an index.
  postorder(root, memo, table, childFields, read) {
    const h = this.heap, stack = [root];
    while (stack.length) {
      const o = stack.at(-1), known = memo.get(o);
      if (known >= 0) { stack.pop(); continue; }
      const children = isScalar(o) ? [] : (childFields[h.tag(o)] ?? []).map(i => h.field(o, i));
      if (known === undefined) {
        memo.set(o, VISITING);
        let waiting = false;
        for (const child of children) {
          const state = memo.get(child);
          if (state === VISITING) throw new UnreadableTerm('cyclic term');
          if (state === undefined) { stack.push(child); waiting = true; }
        }
        if (waiting) continue;
      }
      const node = read(o, children.map(child => memo.get(child)));
      memo.set(o, typeof node === 'number' ? node : table.push(node) - 1);
      stack.pop();
      if (table.length > MAX_NODES || stack.length > MAX_NODES) throw new UnreadableTerm('term too large');
    }
    return memo.get(root);
  }

  // Export the constant `name` (borrowed) and everything it uses that is not in the imported library.
  visit(name) {
    const index = this.name(name), state = this.state.get(index);
    if (state === 'done' || state === 'base') return index;
    if (state === 'visiting') return index; // its inductive block is being exported
    const h = this.heap, C = this.constants;
    const base = C.find(this.baseEnv, name);
    if (base) { h.dec(base); this.state.set(index, 'base'); return index; }
    const info = C.find(this.kernelEnv, name);
    if (!info) throw new UnreadableTerm(`unknown constant ${C.frontend.nameText(name)}`);
    this.held.push(info);
    this.state.set(index, 'visiting');
    const kind = h.tag(info), value = C.value(info), signature = C.signature(info);
    const common = { name: index, levelParams: h.list(h.field(signature, 1)).map(n => this.name(n)) };
    if (kind === CONST.constructor) this.visit(h.field(value, 1)); // ConstructorVal.induct
    else if (kind === CONST.recursor) for (const n of h.list(h.field(value, 1))) this.visit(n); // RecursorVal.all
    else if (kind === CONST.inductive) this.block(value, common);
    else {
      const type = this.expr(h.field(signature, 2)), body = kind === CONST.axiom || kind === CONST.quot ? undefined : this.expr(h.field(value, 1));
      this.visitUsed(h.field(signature, 2));
      if (body !== undefined) this.visitUsed(h.field(value, 1));
      if (C.isUnsafe(info)) throw new UnreadableTerm(`${C.frontend.nameText(name)} is unsafe or partial`);
      this.out.push({ kind, ...common, type, value: body, hints: kind === CONST.def ? this.hints(h.field(value, 2)) : undefined });
    }
    this.state.set(index, 'done');
    return index;
  }
  hints(o) { return isScalar(o) ? ['opaque', 'abbrev'][o >>> 1] : this.heap.U32[(o + 8) >> 2]; } // or the height
  visitUsed(expr) {
    const h = this.heap, used = h.call('Lean_Expr_getUsedConstants', h.inc(expr));
    for (const n of h.array(used)) this.visit(n);
    this.held.push(used);
  }
  block(inductiveVal, common) {
    // InductiveVal: signature, numParams, numIndices, all, ctors, numNested, isRec, isUnsafe, isReflexive
    const h = this.heap, C = this.constants, members = h.list(h.field(inductiveVal, 3)), types = [];
    for (const member of members) this.state.set(this.name(member), 'visiting');
    for (const member of members) {
      const info = C.find(this.kernelEnv, member);
      if (!info) throw new UnreadableTerm('unknown inductive type');
      this.held.push(info);
      const value = C.value(info), type = h.field(C.signature(info), 2);
      this.visitUsed(type);
      const constructors = h.list(h.field(value, 4)).map(name => {
        const constructor = C.find(this.kernelEnv, name);
        if (!constructor) throw new UnreadableTerm('unknown constructor');
        this.held.push(constructor);
        this.state.set(this.name(name), 'visiting');
        return { name, type: h.field(C.signature(constructor), 2) };
      });
      for (const c of constructors) this.visitUsed(c.type);
      types.push({ name: this.name(member), type: this.expr(type), constructors: constructors.map(c => ({ name: this.name(c.name), type: this.expr(c.type) })) });
    }
    this.out.push({ kind: CONST.inductive, ...common, parameters: this.small(h.field(inductiveVal, 1)), types });
    for (const t of types) { this.state.set(t.name, 'done'); for (const c of t.constructors) this.state.set(c.name, 'done'); }
  }
  data() { return { names: this.names, levels: this.levels, exprs: this.exprs, constants: this.out }; }
}
const VISITING = -1;
const LEVEL_CHILDREN = { 1: [0], 2: [0, 1], 3: [0, 1] };
const EXPR_CHILDREN = { 5: [0, 1], 6: [1, 2], 7: [1, 2], 8: [1, 2, 3], 10: [1], 11: [2] };

// ---- data -> heap -------------------------------------------------------------------------------------------------
// Rebuilds exported tables. Everything built is owned by the tables and freed by close().
class Importer {
  constructor(heap, { names, levels, exprs }) {
    this.heap = heap;
    this.names = [];
    this.levels = [];
    this.exprs = [];
    const h = heap, f = name => h.raw(name), own = (table, i) => {
      if (!(Number.isInteger(i) && i >= 0 && i < table.length)) throw new UnreadableTerm('dangling reference');
      return h.inc(table[i]);
    };
    this.own = own;
    for (const row of names) {
      if (row === null) { this.names.push(box(0)); continue; }
      const prefix = own(this.names, row[0]);
      this.names.push(typeof row[1] === 'string' ? f('l_Lean_Name_str___override')(prefix, h.str(row[1]))
        : f('l_Lean_Name_num___override')(prefix, row[1] < 2 ** 31 ? box(row[1]) : this.natural(String(row[1]))));
    }
    for (const row of levels) {
      const [kind, a, b] = row;
      this.levels.push(
        kind === 'z' ? f('lean_level_mk_zero')(box(0))
        : kind === 's' ? f('lean_level_mk_succ')(own(this.levels, a))
        : kind === 'm' ? f('lean_level_mk_max')(own(this.levels, a), own(this.levels, b))
        : kind === 'i' ? f('lean_level_mk_imax')(own(this.levels, a), own(this.levels, b))
        : f('lean_level_mk_param')(own(this.names, a)));
    }
    const e = i => own(this.exprs, i);
    for (const row of exprs) {
      const [kind, a, b, c] = row;
      this.exprs.push(
        kind === 'b' ? f('lean_expr_mk_bvar')(box(a))
        : kind === 's' ? f('lean_expr_mk_sort')(own(this.levels, a))
        : kind === 'c' ? f('lean_expr_mk_const')(own(this.names, a), h.listOf(b.map(l => own(this.levels, l))))
        : kind === 'a' ? f('lean_expr_mk_app')(e(a), e(b))
        : kind === 'l' ? f('lean_expr_mk_lambda')(this.binder(), e(a), e(b), c & 3)
        : kind === 'p' ? f('lean_expr_mk_forall')(this.binder(), e(a), e(b), c & 3)
        : kind === 'e' ? f('lean_expr_mk_let')(this.binder(), e(a), e(b), e(c), 0)
        : kind === 'n' ? f('lean_expr_mk_lit')(h.constructor_(0, [this.natural(a)]))
        : kind === 't' ? f('lean_expr_mk_lit')(h.constructor_(1, [h.str(a)]))
        : f('lean_expr_mk_proj')(own(this.names, a), box(b), e(c)));
    }
  }
  binder() { return this.binderName = this.heap.inc(this.binderName ??= this.heap.raw('l_Lean_Name_str___override')(box(0), this.heap.str('x'))); }
  natural(decimal) {
    const h = this.heap, text = h.str(decimal), number = h.call('String_toNat_x3f', text);
    if (isScalar(number)) throw new UnreadableTerm('not a number');
    const n = h.inc(h.field(number, 0));
    h.dec(number);
    return n;
  }
  name(i) { return this.own(this.names, i); }
  expr(i) { return this.own(this.exprs, i); }
  nameList(indices) { return this.heap.listOf(indices.map(i => this.name(i))); }
  close() { this.heap.dec(...this.exprs, ...this.levels, ...this.names, ...(this.binderName ? [this.binderName] : [])); }
}

// ---- the verdict -----------------------------------------------------------------------------------------------------
export class Checker {
  constructor(constants, baseEnv, known) {
    this.constants = constants;
    this.heap = constants.heap;
    this.known = known; // name of a constant of the library -> its axioms, if they are known; see axioms.mjs
    this.env = baseEnv; // elaborator environment of the imports, borrowed; never changed
    this.kernelEnv = constants.kernelView(baseEnv);
    this.reset();
  }
  reset() { this.axiomsOf = new Map(); } // library constant -> { axioms, restsOnLibrary }
  // exported: what Exporter.data() gave for the elaborated proof. targets: name indices of the theorems.
  // specification: the same for the statements alone, with `targets` and `holes` (those of the targets that are
  // definitions which it leaves open), or undefined.
  // limits: { token, heartbeats? }, which cut the kernel off. forbid: names of constants that may not be used.
  // believed: the theorems that it rests on were checked when they were made, by a kernel that nobody touched; only what
  // the targets themselves say is checked. That is for a search: verification believes nothing.
  // -> { accepted, reason?, cutOff?: effort | time, theorems: [{ name, axioms, restsOnLibrary }], definitions? }
  check(exported, targets, specification, limits, forbid, { believed } = {}) {
    const h = this.heap;
    let proof, spec, comparison, env = h.inc(this.env);
    try {
      proof = new Importer(h, exported);
      if (specification) {
        spec = new Importer(h, specification);
        comparison = new Comparison(h, { tables: exported, exprs: proof.exprs }, { tables: specification, exprs: spec.exprs });
        const why = comparison.outline(i => this.text(proof.names[i]));
        if (why) return { accepted: false, reason: why, theorems: [] };
      }
      const holes = targets.filter((_, i) => specification?.holes.includes(specification.targets[i]));
      // Before the kernel sees anything: it would evaluate `Lean.reduceBool` by running code.
      const theorems = targets.filter(t => !holes.includes(t)).map(t => ({ name: this.text(proof.names[t]), ...this.axioms(exported, proof, [t]) }));
      const everything = this.axioms(exported, proof, exported.constants.flatMap(parts).map(part => part.name));
      const bad = everything.axioms.filter(a => !STANDARD_AXIOMS.includes(a));
      if (bad.length) return { accepted: false, reason: restsOn(bad), theorems, axiom: bad[0] };
      const native = exported.names.map((_, i) => path(exported.names, i).join('.')).find(n => NATIVE.has(n));
      if (native) return { accepted: false, reason: restsOn([native]), theorems, axiom: native };
      const forbidden = forbid?.length ? usedNames(exported).find(isForbidden(forbid, statedNames(exported, targets))) : undefined;
      if (forbidden) return { accepted: false, reason: `the proof uses ${forbidden}, which is forbidden here`, theorems };
      // The kernel makes types of such names itself, and does not expect to meet them (Lean issue 14616).
      if (exported.names.some(name => String(name?.[1]).startsWith('_nested'))) return { accepted: false, reason: 'a name in the proof is one of the kernel\'s own', theorems };
      for (const c of exported.constants) {
        const where = this.text(proof.names[c.name]), refuse = why => ({ accepted: false, reason: why, theorems });
        if (c.kind === CONST.inductive && !c.types.every(t => endsInPlainSort(exported, t.type))) return refuse(`${where} lives in a sort that is not written plainly`);
        const declaration = this.declaration(c, proof);
        if (!declaration) return refuse(`${where} is a kind of declaration that a proof may not add`);
        const added = this.add(env, declaration, limits, believed && c.kind === CONST.theorem && !targets.includes(c.name));
        env = added.env;
        const error = added.error ?? (c.kind === CONST.inductive ? this.unsoundBlock(c, proof, env, limits) : undefined);
        const cutOff = CUT_OFF.get(error);
        if (cutOff) return { ...refuse(`ran out of ${cutOff} while the kernel checked ${where}`), cutOff };
        if (error) return refuse(`the kernel refuses ${where}: ${error}`);
      }
      const why = comparison?.differs(env);
      if (why) return { accepted: false, reason: why, theorems };
      return { accepted: true, theorems, definitions: holes.map(t => this.shown(exported.constants.find(c => c.name === t), proof, env)) };
    } catch (error) {
      if (error instanceof UnreadableTerm) return { accepted: false, reason: `the proof term is not well formed: ${error.message}`, theorems: [] };
      throw error;
    } finally {
      proof?.close();
      spec?.close();
      if (env) h.dec(env);
    }
  }
  // What a definition is, in the library's own notation: the text's may say something else.
  shown(c, proof, env) {
    const h = this.heap, [nothing, noLocals] = ['Lean_instInhabitedMetavarContext', 'Lean_LocalContext_empty'].map(name => h.inc(h.constant(name)));
    const { ok, value } = h.result(h.call('Lean_PrettyPrinter_ppExprLegacy', h.inc(env), nothing, noLocals, box(0), proof.expr(c.value)));
    if (!ok) h.dec(value);
    return { name: this.text(proof.names[c.name]), value: ok ? h.take(h.call('Std_Format_pretty', value, box(100), box(0), box(0)), SHOWN_LIMIT) : '?' };
  }
  text(name) { return this.constants.frontend.nameText(name).replace(/^_private\.Main\.0\./, ''); }

  declaration(c, t) { // Lean.Declaration (owned), or undefined
    const h = this.heap;
    switch (c.kind) {
      case CONST.theorem: {
        const all = t.nameList([c.name]);
        return h.constructor_(CONST.theorem, [h.raw('lean_mk_theorem_val')(t.name(c.name), t.nameList(c.levelParams), t.expr(c.type), t.expr(c.value), all)]);
      }
      case CONST.def:
        return h.constructor_(CONST.def, [this.definition(c, t)]);
      case CONST.opaque:
        return h.constructor_(CONST.opaque, [h.raw('lean_mk_opaque_val')(t.name(c.name), t.nameList(c.levelParams), t.expr(c.type), t.expr(c.value), 0, t.nameList([c.name]))]);
      case CONST.inductive: {
        const types = h.listOf(c.types.map(type => h.constructor_(0, [t.name(type.name), t.expr(type.type),
          h.listOf(type.constructors.map(k => h.constructor_(0, [t.name(k.name), t.expr(k.type)])))])));
        return h.constructor_(6, [t.nameList(c.levelParams), box(c.parameters), types], 1); // Declaration.inductDecl, isUnsafe := false
      }
      default: return undefined;
    }
  }
  definition(c, t) {
    const h = this.heap;
    // DefinitionVal: signature, value, hints, all; safety (u8): 1 = safe
    const signature = h.constructor_(0, [t.name(c.name), t.nameList(c.levelParams), t.expr(c.type)]);
    let hints = box(c.hints === 'abbrev' ? 1 : 0);
    if (typeof c.hints === 'number') { hints = h.constructor_(2, [], 4); h.U32[(hints + 8) >> 2] = c.hints; }
    return h.setScalarByte(h.constructor_(0, [signature, t.expr(c.value), hints, t.nameList([c.name])], 1), 0, 1);
  }
  add(env, declaration, { token, heartbeats = 0 }, unchecked = false) { // env consumed
    const h = this.heap;
    const result = h.call('Lean_Environment_addDeclCore', env, h.usize(heartbeats), declaration, token ? h.some(h.inc(token)) : box(0), box(unchecked ? 0 : 1));
    const ok = h.tag(result) === 1, value = h.inc(h.field(result, 0)); // Except: error 0, ok 1
    h.dec(result);
    if (ok) return { env: value };
    return { env: 0, error: this.kernelError(value) };
  }
  // This kernel takes the arguments of nested occurrences in constructors unchecked (mended later, Lean issue 14576).
  // Have it check each constructor's whole type: as that of an axiom, in an environment that is thrown away.
  unsoundBlock(c, t, env, limits) {
    const h = this.heap;
    for (const constructor of c.types.flatMap(type => type.constructors)) {
      const name = h.raw('l_Lean_Name_str___override')(box(0), h.str('prover check'));
      const axiom = h.raw('lean_mk_axiom_val')(name, t.nameList(c.levelParams), t.expr(constructor.type), 0);
      const checked = this.add(h.inc(env), h.constructor_(CONST.axiom, [axiom]), limits);
      if (checked.error) return checked.error;
      h.dec(checked.env);
    }
    return undefined;
  }
  kernelError(exception) { // consumed
    const h = this.heap;
    const message = h.call('Lean_Kernel_Exception_toMessageData', exception, box(0));
    return h.take(h.call('Lean_MessageData_toString', message)).trim().replace(/^\(kernel\) /, '');
  }

  // ---- axioms -------------------------------------------------------------------------------------------------------
  axioms(exported, proof, roots) { // -> { axioms, restsOnLibrary }
    const byName = new Map();
    for (const c of exported.constants) for (const part of parts(c)) byName.set(part.name, c);
    const axioms = new Set(), seen = new Set(), stack = [...roots];
    let restsOnLibrary = false;
    while (stack.length) {
      const index = stack.pop();
      if (seen.has(index)) continue;
      seen.add(index);
      const own = byName.get(index);
      if (!own) {
        const library = this.libraryAxioms(proof.names[index]);
        library.axioms.forEach(a => axioms.add(a));
        restsOnLibrary ||= library.restsOnLibrary;
        continue;
      }
      if (own.kind === CONST.axiom) axioms.add(this.text(proof.names[index]));
      for (const part of parts(own)) for (const e of [part.type, part.value]) if (e !== undefined) stack.push(...constantsIn(exported.exprs, e));
    }
    return { axioms: [...axioms].sort(), restsOnLibrary };
  }
  // Axioms a library constant uses, as far as the library's own files tell: bodies of its theorems are not shipped.
  libraryAxioms(name) {
    const h = this.heap, text = name => this.constants.frontend.nameText(name), root = text(name);
    const known = this.axiomsOf.get(root) ?? this.known?.(root);
    if (known) { this.axiomsOf.set(root, known); return known; }
    const axioms = new Set(), seen = new Set([root]), stack = [h.inc(name)];
    let restsOnLibrary = false;
    while (stack.length) {
      const n = stack.pop(), known = this.axiomsOf.get(text(n));
      if (known) { known.axioms.forEach(a => axioms.add(a)); restsOnLibrary ||= known.restsOnLibrary; h.dec(n); continue; }
      const info = this.constants.find(this.kernelEnv, n), own = this.ownAxioms(n, info);
      if (own.axiom) axioms.add(text(n));
      restsOnLibrary ||= own.restsOnLibrary;
      for (const used of own.uses) {
        for (const u of h.array(used)) {
          const t = text(u);
          if (!seen.has(t)) { seen.add(t); stack.push(h.inc(u)); }
        }
        h.dec(used);
      }
      h.dec(info || box(0), n);
    }
    const result = { axioms: [...axioms], restsOnLibrary };
    this.axiomsOf.set(root, result);
    return result;
  }
  // Of a constant alone: is it an axiom, is it a theorem without a body, and which constants it uses (owned arrays).
  // name, info: borrowed; info 0: there is no such constant.
  ownAxioms(name, info) {
    const h = this.heap, C = this.constants, native = NATIVE.has(C.frontend.nameText(name)), kind = info ? h.tag(info) : undefined;
    const axiom = native || (kind === CONST.axiom && C.isAxiom(this.env, name)), restsOnLibrary = kind === CONST.axiom && !axiom;
    if (axiom || !info) return { axiom, restsOnLibrary, uses: [] };
    const bodies = [h.field(C.signature(info), 2)];
    if (kind === CONST.def || kind === CONST.theorem || kind === CONST.opaque) bodies.push(h.field(C.value(info), 1));
    return { axiom, restsOnLibrary, uses: bodies.map(e => h.call('Lean_Expr_getUsedConstants', h.inc(e))) };
  }
  // Write for all constants of the library what libraryAxioms says of each; see axioms.mjs. library: [name, info] of each.
  writeLibraryAxioms(file, library) {
    const h = this.heap, texts = new Map(), text = name => texts.get(name) ?? texts.set(name, this.constants.frontend.nameText(name)).get(name);
    const names = new Map(), held = [];
    for (const [name, info] of library) names.set(text(name), [name, info]);
    const axioms = writeAxioms(file, [...names].map(([name, [, info]]) => [name, info]), (name, info) => {
      const own = this.ownAxioms(names.get(name)[0], info);
      held.push(...own.uses);
      return { ...own, uses: new Set(own.uses.flatMap(used => h.array(used).map(text))) };
    });
    h.dec(...held);
    return axioms;
  }
}

const restsOn = axioms => (axioms.some(a => NATIVE.has(a)) ? `the proof trusts compiled code (${axioms.join(', ')})`
  : axioms.includes('sorryAx') ? 'the proof uses sorry' : `the proof rests on ${axioms.length > 1 ? 'the axioms' : 'the axiom'} ${axioms.join(', ')}`);
// Does an inductive type's type end in a sort as it stands, that is `Prop` or surely not `Prop` in disguise? This
// kernel mistakes sorts that are Prop only after normalisation (mended later, Lean issue 14613).
function endsInPlainSort({ exprs, levels }, type) {
  while (exprs[type][0] === 'p') type = exprs[type][2];
  return exprs[type][0] === 's' && (levels[exprs[type][1]][0] === 'z' || !isZero(levels, exprs[type][1]));
}
const isZero = (levels, i) => {
  const [kind, a, b] = levels[i];
  return kind === 'z' || (kind === 'm' && isZero(levels, a) && isZero(levels, b)) || (kind === 'i' && isZero(levels, b));
};
const usedNames = ({ exprs, names }) => [...new Set(exprs.filter(e => e[0] === 'c').map(e => e[1]))].map(i => path(names, i).join('.'));
const statedNames = ({ constants, exprs, names }, targets) => new Set(constants.flatMap(parts).filter(part => targets.includes(part.name))
  .flatMap(part => [...constantsIn(exprs, part.type)]).map(i => path(names, i).join('.')));
// With a theorem its auxiliary lemmas are forbidden; but a side condition that the statement itself proves with one is no help.
const isForbidden = (forbid, stated) => name => forbid.some(f => name === f || (name.startsWith(`${f}._`) && !stated.has(name)));
function constantsIn(exprs, root) {
  const found = new Set(), seen = new Set(), stack = [root];
  while (stack.length) {
    const i = stack.pop();
    if (seen.has(i)) continue;
    seen.add(i);
    const [kind, a, b, c] = exprs[i];
    if (kind === 'c') found.add(a);
    else if (kind === 'a') stack.push(a, b);
    else if (kind === 'l' || kind === 'p') stack.push(a, b);
    else if (kind === 'e') stack.push(a, b, c);
    else if (kind === 'j') { found.add(a); stack.push(c); }
  }
  return found;
}
