// Does a proof's text state what a specification states?
//
// Constants are matched by name. Kind, universe levels, type, and all but a theorem's proof must be the same; of a
// definition that the specification leaves open (`:= sorry`), the type. Expressions must be the same as they stand, but
// for proofs inside of them: `xs[1]` holds a proof that there is such an element, and which one Lean puts there depends
// on the lemmas before it. Where two expressions differ in a place where a proof stands, any proof will do: all before
// it in the same application is the same, so it proves the same proposition.
import { CONST, parts, path } from './declarations.mjs';
import { box } from './heap.mjs';

const MOST_PAIRS = 1_000_000;
// What Lean makes on the way, and shares between declarations that need the same: lemmas (`t._proof_1`) and matchers.
const AUXILIARY = /^(_.*|match_\d+(_\d+)*)$/;

export class Comparison {
  // proof, specification: { tables, exprs (Lean's), targets }.
  constructor(heap, proof, specification) {
    this.heap = heap;
    this.proof = proof;
    this.specification = specification;
    this.open = []; // pairs of expressions that are not the same as they stand: [index, index, what it means]
    this.mine = byName(proof.tables);
    this.theirs = byName(specification.tables);
  }

  // Before the kernel has seen anything. -> why it is another statement, or undefined
  outline(text) {
    const { proof: { tables }, specification: { tables: wanted } } = this, { targets } = wanted;
    const goals = new Set(targets.map(i => key(wanted, i))), left = new Set(wanted.holes.map(i => key(wanted, i)));
    if (tables.targets.length !== targets.length || tables.targets.some((i, at) => key(tables, i) !== key(wanted, targets[at]))) return 'the proof proves a theorem of another name';
    const seen = new Set();
    for (const c of tables.constants) {
      const own = parts(c), names = own.map(part => key(tables, part.name)), first = names.find(name => this.theirs.has(name));
      names.forEach(name => seen.add(name));
      if (!first) continue; // a lemma of the proof's
      const other = this.theirs.get(first), theirs = parts(other);
      const what = left.has(first) ? `${text(c.name)} is not what the statement's file leaves open: another kind of declaration, or another type`
        : goals.has(first) ? (goals.size > 1 ? `the statement of ${text(c.name)} is not the one asked for` : 'the statement is not the one asked for')
        : `${text(own[names.indexOf(first)].name)} is not as the statement's file has it`;
      const levels = (t, x) => JSON.stringify(x.levelParams.map(i => path(t.names, i)));
      if (c.kind !== other.kind || own.length !== theirs.length || c.parameters !== other.parameters) return what;
      if (c.kind === CONST.theorem && !goals.has(first) && isAuxiliary(tables, c.name)) continue; // a proof, wherever it stands
      if (levels(tables, c) !== levels(wanted, other)) return what;
      if (c.kind === CONST.inductive && shape(c) !== shape(other)) return what;
      for (let i = 0; i < own.length; i++) {
        if (names[i] !== key(wanted, theirs[i].name)) return what;
        this.ask(own[i].type, theirs[i].type, what);
        if (c.kind !== CONST.theorem && c.value !== undefined && !left.has(first)) this.ask(c.value, other.value, what);
      }
    }
    const missing = targets.find(i => !seen.has(key(wanted, i)));
    return missing === undefined ? undefined : 'the proof does not contain the theorem';
  }
  ask(mine, theirs, what) { if (!this.asTheyStand(mine, theirs)) this.open.push([mine, theirs, what]); }
  asTheyStand(mine, theirs) { return (this.heap.raw('lean_expr_eqv')(this.proof.exprs[mine], this.specification.exprs[theirs]) & 1) === 1; }

  // Once the kernel has accepted every constant of the proof, in `env` (borrowed). -> the same
  differs(env) {
    if (!this.open.length) return undefined;
    this.env = env;
    this.pairs = new Map();
    this.contexts = [];
    return this.open.find(([mine, theirs]) => !this.same(mine, theirs, undefined))?.[2];
  }
  same(mine, theirs, context) {
    const at = `${mine} ${theirs} ${context?.id ?? ''}`, known = this.pairs.get(at);
    if (known !== undefined) return known;
    if (this.pairs.size > MOST_PAIRS) return false;
    const answer = this.asTheyStand(mine, theirs) || this.sameParts(mine, theirs, context) || this.isProof(mine, context);
    this.pairs.set(at, answer);
    return answer;
  }
  sameParts(mine, theirs, context) {
    const { proof: { tables }, specification: { tables: wanted } } = this;
    const [kind, a, b, c] = tables.exprs[mine], [other, x, y, z] = wanted.exprs[theirs];
    if (kind !== other) return false;
    switch (kind) {
      case 'a': return this.same(a, x, context) && this.same(b, y, context);
      case 'l': case 'p': return this.same(a, x, context) && this.same(b, y, this.below(context, kind, a));
      case 'e': return this.same(a, x, context) && this.same(b, y, context) && this.same(c, z, this.below(context, kind, a, b));
      case 'j': return key(tables, a) === key(wanted, x) && b === y && this.same(c, z, context);
      case 'c': return this.sameMatcher(a, x) && b.length === y.length && b.every((l, i) => level(tables, l) === level(wanted, y[i]));
      default: return false;
    }
  }
  // Two definitions that Lean made, under whatever names, which say the same.
  sameMatcher(mine, theirs) {
    const { proof: { tables }, specification: { tables: wanted } } = this;
    const own = this.mine.get(key(tables, mine)), other = this.theirs.get(key(wanted, theirs));
    if (own?.kind !== CONST.def || other?.kind !== CONST.def || !isAuxiliary(tables, mine) || !isAuxiliary(wanted, theirs)) return false;
    if (own.levelParams.length !== other.levelParams.length || own.levelParams.some((l, i) => key(tables, l) !== key(wanted, other.levelParams[i]))) return false;
    return this.same(own.type, other.type, undefined) && this.same(own.value, other.value, undefined);
  }
  below(up, kind, type, value) { // the context of a binder's body
    const known = this.contexts.find(c => c.up === up && c.kind === kind && c.type === type && c.value === value);
    if (known) return known;
    const context = { up, kind, type, value, id: this.contexts.length };
    this.contexts.push(context);
    return context;
  }
  // Is what the expression stands for a proof? The kernel's word: the type of its type is Prop.
  isProof(index, context) {
    const h = this.heap, owned = [], own = o => { owned.push(o); return o; };
    const ask = (name, ...args) => {
      const result = own(h.call(`Lean_Kernel_${name}`, h.inc(this.env), h.inc(h.constant('Lean_LocalContext_empty')), ...args.map(o => h.inc(o))));
      return h.tag(result) === 1 ? h.field(result, 0) : undefined; // Except
    };
    try {
      let closed = h.inc(this.proof.exprs[index]);
      const e = i => h.inc(this.proof.exprs[i]), binder = () => h.raw('l_Lean_Name_str___override')(box(0), h.str('x'));
      for (let c = context; c; c = c.up) {
        closed = c.kind === 'e' ? h.raw('lean_expr_mk_let')(binder(), e(c.type), e(c.value), closed, 0) : h.raw('lean_expr_mk_lambda')(binder(), e(c.type), closed, 0);
      }
      own(closed);
      const type = ask('check', closed), sort = type && ask('check', type);
      if (!sort) return false;
      const prop = own(h.raw('lean_expr_mk_sort')(h.raw('lean_level_mk_zero')(box(0))));
      return ask('isDefEq', sort, prop) === box(1);
    } finally { h.dec(...owned); }
  }
}

const byName = tables => new Map(tables.constants.flatMap(c => parts(c).map(part => [key(tables, part.name), c])));
const key = (tables, name) => JSON.stringify(path(tables.names, name));
const isAuxiliary = (tables, name) => AUXILIARY.test(String(tables.names[name]?.[1]));
const shape = block => block.types.map(t => t.constructors.length).join();
function level(tables, i) {
  const [kind, a, b] = tables.levels[i];
  return kind === 'z' ? 'z' : kind === 'p' ? key(tables, a) : kind === 's' ? `s(${level(tables, a)})` : `${kind}(${level(tables, a)},${level(tables, b)})`;
}
