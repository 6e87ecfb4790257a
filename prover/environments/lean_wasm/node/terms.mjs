// Terms as plain data, for policies that read goals: enough to understand arithmetic, not enough to rebuild a term.
//
//   "x"                     a local or bound variable, by the name that Lean would print or a fresh one
//   7, "#123...9"           a number; too large for JavaScript: its digits
//   ["f", a, ...]           a constant applied to arguments; instances are left out as "_"
//   ["@", f, a, ...]        any other application
//   ["∀" | "λ", "x", A, b]  binders; "→" instead of "∀" where x does not occur
//   ["let", "x", A, v, b]   ["Sort"]   ["proj", structure, index, e]   ["text", "..."]   ["?"] metavariable
//   ["…"]                   cut off: the term is too large
import { isScalar } from './heap.mjs';

const MOST_NODES = 400;
const HEADS = { 1: 'variable', 2: 'metavariable', 3: 'Sort', 7: '→', 8: 'let' };

export class Terms {
  // locals: LocalDecls (borrowed), to name the free variables.
  constructor(frontend, locals) {
    this.frontend = frontend;
    this.heap = frontend.heap;
    this.names = new Map(); // text of the free variable's identifier -> name
    for (const local of locals) this.names.set(this.id(this.heap.field(local, 1)), frontend.nameText(this.heap.field(local, 2)));
    this.taken = new Set(this.names.values());
  }
  id(fvarId) { return this.frontend.nameText(fvarId); }
  head(e) {
    const h = this.heap;
    for (;;) {
      const tag = h.tag(e);
      if (tag === 5) e = h.field(e, 0);
      else if (tag === 10) e = h.field(e, 1);
      else break;
    }
    return HEADS[h.tag(e)] ?? (h.tag(e) === 4 ? this.frontend.nameText(h.field(e, 0)) : 'term');
  }
  read(e) { // borrowed
    this.left = MOST_NODES;
    return this.term(e, []);
  }
  term(e, bound) {
    const h = this.heap;
    if (this.left-- <= 0) return ['…'];
    switch (h.tag(e)) {
      case 0: return bound.at(-1 - (h.field(e, 0) >>> 1)) ?? ['?'];
      case 1: return this.names.get(this.id(h.field(e, 0))) ?? ['?'];
      case 3: return ['Sort'];
      case 4: return [this.frontend.nameText(h.field(e, 0))];
      case 5: return this.application(e, bound);
      case 6: case 7: {
        const [name, domain, body] = [0, 1, 2].map(i => h.field(e, i)), fresh = this.fresh(this.frontend.nameText(name), bound);
        const kind = h.tag(e) === 6 ? 'λ' : this.occurs(body) ? '∀' : '→';
        return [kind, fresh, this.term(domain, bound), this.term(body, [...bound, fresh])];
      }
      case 8: {
        const fresh = this.fresh(this.frontend.nameText(h.field(e, 0)), bound);
        return ['let', fresh, this.term(h.field(e, 1), bound), this.term(h.field(e, 2), bound), this.term(h.field(e, 3), [...bound, fresh])];
      }
      case 9: return this.literal(e);
      case 10: return this.term(h.field(e, 1), bound);
      case 11: return ['proj', this.frontend.nameText(h.field(e, 0)), h.field(e, 1) >>> 1, this.term(h.field(e, 2), bound)];
      default: return ['?'];
    }
  }
  application(e, bound) {
    const h = this.heap, args = [];
    let f = e;
    for (; h.tag(f) === 5; f = h.field(f, 0)) args.unshift(h.field(f, 1));
    if (h.tag(f) !== 4) return ['@', this.term(f, bound), ...args.map(a => this.argument(a, bound))];
    const name = this.frontend.nameText(h.field(f, 0));
    if (name === 'OfNat.ofNat' && args.length === 3 && h.tag(args[1]) === 9) return this.literal(args[1]);
    return [name, ...args.map(a => this.argument(a, bound))];
  }
  argument(e, bound) {
    const h = this.heap;
    let f = e;
    while (h.tag(f) === 5) f = h.field(f, 0);
    if (h.tag(f) === 4 && /(^|\.)_?inst[A-Z]/.test(this.frontend.nameText(h.field(f, 0)))) return '_';
    return this.term(e, bound);
  }
  literal(e) {
    const h = this.heap, literal = h.field(e, 0), value = h.field(literal, 0);
    if (h.tag(literal) !== 0) return ['text', h.string(value, 200)];
    if (isScalar(value)) return value >>> 1;
    const digits = h.take(h.call('Nat_reprFast', h.inc(value)));
    return digits.length < 16 ? Number(digits) : digits.length < 2000 ? `#${digits}` : ['…'];
  }
  fresh(name, bound) {
    let fresh = name.replace(/✝.*|._@.*/, '') || 'x';
    while (bound.includes(fresh) || this.taken.has(fresh)) fresh += "'";
    return fresh;
  }
  // Does the bound variable of the binder around `body` occur? (looseBVarRange is part of the expression's data.)
  occurs(body) { return this.heap.raw('lean_expr_has_loose_bvar')(body, 1) !== 0; }
}
