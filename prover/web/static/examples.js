// Statements to begin with; the first three end with a verdict each.
export const EXAMPLES = [
  { words: "a conjunction turned round", verdict: "proved", theorem: "theorem swap (p q : Prop) : p ∧ q → q ∧ p" },
  { words: "something false: for which values", verdict: "refuted", theorem: "theorem too_good (a b : Nat) : a - b + b = a" },
  {
    words: "out of reach: how far it got", verdict: "unknown", effort: 5,
    theorem: "theorem larger_prime (n : Nat) : ∃ p, n < p ∧ 1 < p ∧ ∀ d, d ∣ p → d = 1 ∨ d = p",
  },
  { words: "arithmetic", theorem: "theorem add_swap (a b c : Nat) : a + b + c = c + b + a" },
  { words: "a case distinction", theorem: "theorem or_turn (p q r : Prop) : p ∨ (q ∨ r) → (r ∨ p) ∨ q" },
  { words: "lists", theorem: "theorem reverse_twice (xs : List Nat) : xs.reverse.reverse = xs" },
  {
    words: "a definition in the header", header: "def twice (n : Nat) := n + n",
    theorem: "theorem twice_eq (n : Nat) : twice n = 2 * n",
  },
  {
    words: "an inductive type of one's own",
    header: "inductive Tree where\n  | leaf\n  | node (left right : Tree)\n\ndef Tree.mirror : Tree → Tree\n  | leaf => leaf\n  | node l r => node r.mirror l.mirror",
    theorem: "theorem mirror_mirror (t : Tree) : t.mirror.mirror = t",
  },
  {
    words: "tactics of your own: a proof of seven steps",
    theorem: "theorem turn (p q r s : Prop) (h : p ∧ q ∧ r ∧ s) : s ∧ (r ∧ q) ∧ p",
    policy: "scripted", tactics: "constructor;; rfl;; exact h.1;; exact h.2.1;; exact h.2.2.1;; exact h.2.2.2;; omega",
  },
];
