"""`∃ x, P x`: witnesses from what is in scope.

A hypothesis may give the witness by unification; else it is a term of the right type: a variable, an application, a
diagonal function, a choice function. Where none is known beforehand, the claim is denied and used at all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from prover.policies.scope import bare, fresh, function_variables, inhabitants
from prover.policies.terms import GoalView, Term, Weighted
from prover.policies.texts import accessible, listed
from prover.policies.typed_functions import typed_functions

MOST_FACTS = 8
MOST_WITNESSES = 6
MOST_PAIRS = 9
MOST_TYPED = 3
MOST_DENIED = 16
MOST_COMBINED = 3
COMBINED = ("{0} + {1}", "{0} - {1}", "{1} - {0}", "-{0} - {1}")
FINISH = "first | grind | (simp_all; done)"
OF_NUMBERS = (
    "fun n => n + 1",
    "fun n => if n % 2 = 0 then n + 1 else n - 1",
    "fun n => 2 * n",
    "fun n => n / 2",
    "fun n => n - 1",
    "fun n => n * n",
    "fun _ => 0",
)
"""Functions of numbers that statements without any other function are about."""
AT_A_POINT = "intro x hx\nhave hd := congrFun hx x\ngrind"
INVERSE = """\
have k : ∀ y, ∃ x, (∃ z, {f} z = y) → {f} x = y := fun y =>
  (Classical.em (∃ z, {f} z = y)).elim (fun ⟨z, hz⟩ => ⟨z, fun _ => hz⟩) (fun no => ⟨{a}, fun yes => absurd yes no⟩)
obtain ⟨g, hg⟩ := Classical.axiomOfChoice k
refine ⟨g, ?_⟩
first | funext x | intro x
first | grind | (have := hg ({f} x) ⟨x, rfl⟩; grind{rules})"""
FIXED_POINT = """\
have up : ∀ x, (∃ s, (∀ y, s y → {f} s y) ∧ s x) → {f} (fun x => ∃ s, (∀ y, s y → {f} s y) ∧ s x) x := by
  rintro x ⟨s, hs, hx⟩
  exact {h} s _ (fun y hy => ⟨s, hs, hy⟩) x (hs x hx)
have fixed : {f} (fun x => ∃ s, (∀ y, s y → {f} s y) ∧ s x) = fun x => ∃ s, (∀ y, s y → {f} s y) ∧ s x :=
  funext fun x => propext ⟨fun k => ⟨_, fun y hy => {h} _ _ up y hy, k⟩, up x⟩
first | exact ⟨_, fixed⟩ | exact ⟨_, fixed, fun s hs x hx => ⟨s, fun y hy => by grind, hx⟩⟩"""
LEAST_FIXED_POINT = """\
have down : ∀ x, {f} (fun x => ∀ s, (∀ y, {f} s y → s y) → s x) x → ∀ s, (∀ y, {f} s y → s y) → s x :=
  fun x hx s hs => hs x ({h} _ s (fun y hy => hy s hs) x hx)
have fixed : {f} (fun x => ∀ s, (∀ y, {f} s y → s y) → s x) = fun x => ∀ s, (∀ y, {f} s y → s y) → s x :=
  funext fun x => propext ⟨down x, fun hx => hx _ (fun y hy => {h} _ _ down y hy)⟩
exact ⟨_, fixed, fun s hs x hx => hx s (fun y hy => by grind)⟩"""
LEAST = """\
have least : ∀ q : Nat → Prop, (∃ n, q n) → ∃ n, q n ∧ ∀ m, q m → n ≤ m := by
  rintro q ⟨n, hn⟩
  induction n using Nat.strongRecOn with
  | ind n ih =>
    by_cases hs : ∃ m, m < n ∧ q m
    · obtain ⟨m, hm, hp⟩ := hs
      exact ih m hm hp
    · exact ⟨n, hn, fun m hp => Nat.le_of_not_lt fun hlt => hs ⟨m, hlt, hp⟩⟩"""


def existence(view: GoalView) -> Iterator[Weighted]:
    """Witnesses for the target, choice functions and least numbers from the hypotheses."""
    yield from _choices(view)
    yield from _least(view)
    match view.target:
        case Term("∃", (domain, body)):
            yield from _by_unification(view)
            yield from _with_witnesses(view, domain, body)
            yield from _by_type(view, domain, body)
            yield from _denied(view, domain, body)
            yield from _inverses(view, domain)
            yield from _fixed_points(view, domain)
            yield from _from_quotients(view, domain)
            yield from _of_numbers(view, domain)
            yield from _combined(view, domain)


def _combined(view: GoalView, domain: Term) -> Iterator[Weighted]:
    """Sums, differences and opposites of integers that equations in the hypotheses are about, and the target is not."""
    about = {name for fact in view.facts if fact.term.head == "=" for name in fact.term.variables}
    names = [x for x, kind in view.numbers.items() if kind == "Int" and x in about - view.target.variables]
    if domain.head == "Int" and 0 < len(names) <= MOST_COMBINED and all(map(accessible, names)):
        witnesses = [f"-{x}" for x in names]
        witnesses += [form.format(x, y) for x, y in itertools.combinations(names, 2) for form in COMBINED]
        yield "first | " + " | ".join(f"exact ⟨{witness}, by grind⟩" for witness in witnesses), 0.12


def _by_unification(view: GoalView) -> Iterator[Weighted]:
    """The hypotheses as they are, and at arguments that unification finds."""
    facts = [fact for fact in reversed(view.facts) if accessible(fact.name)][:MOST_FACTS]
    ways = [f"exact ⟨_, {fact.name}⟩" for fact in facts]
    ways += [f"exact ⟨_, {fact.name} {blanks}⟩" for fact in facts for blanks in _blanks(fact.term)]
    ways += [f"exact ⟨_, _, {fact.name}⟩" for fact in facts]
    if ways:
        yield "first | " + " | ".join(dict.fromkeys(ways)), 0.10


def _blanks(term: Term) -> Iterator[str]:
    blanks = ""
    while term.head in {"∀", "→"}:
        blanks = f"{blanks} _".strip()
        yield blanks
        term = term.args[1]


def _with_witnesses(view: GoalView, domain: Term, body: Term) -> Iterator[Weighted]:
    witnesses = inhabitants(view, domain, MOST_WITNESSES)
    match body:
        case Term("∃", (second, _)):
            pairs = itertools.product(witnesses, inhabitants(view, second, MOST_WITNESSES))
            witnesses = [f"{a}, {b}" for a, b in itertools.islice(pairs, MOST_PAIRS)]
    for place, witness in enumerate(witnesses):
        weight = 0.8**place
        if domain.head == "→":
            yield f"refine ⟨{witness}, ?_⟩\n{AT_A_POINT}", 0.05 * weight
        yield f"refine ⟨{witness}, ?_⟩\n{FINISH}", 0.05 * weight
        yield f"refine ⟨{witness}, ?_⟩", 0.012 * weight


def _by_type(view: GoalView, domain: Term, body: Term) -> Iterator[Weighted]:
    """Functions that their types determine."""
    functions = typed_functions(view, domain, MOST_TYPED)
    match body:
        case Term("∃", (second, _)) if functions:
            pairs = itertools.product(functions, typed_functions(view, second, MOST_TYPED))
            functions = [f"{a}, {b}" for a, b in pairs]
    for place, function in enumerate(functions):
        yield f"refine ⟨{function}, ?_⟩\n{FINISH}", 0.05 * 0.7**place


def _denied(view: GoalView, domain: Term, body: Term) -> Iterator[Weighted]:
    """Suppose that there is none: then it is not this one, nor that one."""
    witnesses = [_atom(witness) for witness in inhabitants(view, domain, MOST_WITNESSES)]
    lines = ["refine Classical.byContradiction fun hc => ?_"]
    if not witnesses and domain.variable:  # `[Nonempty α]` and the like
        lines.append(f"have ⟨w⟩ : Nonempty {domain.head} := inferInstance")
        witnesses = ["w"]
    singles = witnesses
    match body:
        case Term("∃", (second, _)):
            seconds = [_atom(witness) for witness in inhabitants(view, second, MOST_WITNESSES)]
            pairs = itertools.product(witnesses, seconds)
            witnesses = [f"{a} {b}" for a, b in itertools.islice(((a, b) for a, b in pairs if a != b), MOST_DENIED)]
    if not witnesses:
        return
    lines.append("simp only [not_exists] at hc")
    known = [f.name for f in view.facts if f.term.head == "→" and f.term.args[0].head == "∃" and accessible(f.name)]
    lines += [f"simp only [exists_imp] at {name}" for name in known]  # what automation does not use is `(∃ x, p x) → q`
    lines += [f"have := hc {witness}" for witness in witnesses]
    lines += list(_two_valued(view, domain, singles))[:MOST_PAIRS]
    yield "\n".join([*lines, "grind"]), 0.04
    yield "\n".join([*lines, "simp at *", "grind"]), 0.01


def _two_valued(view: GoalView, domain: Term, witnesses: Sequence[str]) -> Iterator[str]:
    """State that `f x` is true or false, for functions to Bool at the witnesses: too few values for all of them."""
    for function, arguments, result in function_variables(view):
        if arguments == [bare(domain)] and result.head == "Bool":
            for witness in witnesses:
                yield f"have := Bool.eq_false_or_eq_true ({function} {witness})"


def _atom(text: str) -> str:
    return text if text.isidentifier() or text.isdigit() or text.startswith("(") else f"({text})"


def _inverses(view: GoalView, domain: Term) -> Iterator[Weighted]:
    """`∃ g : β → α, …` where some `f : α → β` is in scope: what f maps there, and any value where it maps nothing."""
    if domain.head != "→":
        return
    b, a = (bare(part) for part in domain.args)
    for function, arguments, result in function_variables(view):
        if arguments == [a] and result == b:
            value = next(iter(inhabitants(view, a, 1)), "Classical.choice inferInstance")
            rules = f" [{listed(view.cited)}]" if view.cited else ""
            yield INVERSE.format(f=function, a=value, rules=rules), 0.06


def _fixed_points(view: GoalView, domain: Term) -> Iterator[Weighted]:
    """`∃ s, f s = s` for a monotone operator on sets: the union of all s that f makes larger (Knaster and Tarski)."""
    wanted = bare(domain)
    if wanted.head != "→":
        return
    for function, arguments, result in function_variables(view):
        if arguments == [wanted, wanted.args[0]] and result == wanted.args[1]:
            for fact in view.facts:
                if fact.term.head == "∀" and accessible(fact.name):
                    yield FIXED_POINT.format(f=function, h=fact.name), 0.05
                    yield LEAST_FIXED_POINT.format(f=function, h=fact.name), 0.05


def _from_quotients(view: GoalView, domain: Term) -> Iterator[Weighted]:
    """`∃ g : Quot r → β, …`: functions on the elements that respect the relation."""
    match bare(domain):
        case Term("→", (Term("Quot" | "Quotient" as quotient, (elements, _)), result)):
            for function, arguments, value in function_variables(view):
                if arguments == [elements] and value == result:
                    lifted = f"{quotient}.lift {function} (by first | assumption | (intros; grind))"
                    yield f"exact ⟨{lifted}, by intros; rfl⟩", 0.20
        case _:
            return


def _of_numbers(view: GoalView, domain: Term) -> Iterator[Weighted]:
    """`∃ f : Nat → Nat, …` where no function is in scope."""
    if (
        domain.head == "→"
        and {part.head for part in domain.args} <= {"Nat", "Int"}
        and not any(function_variables(view))
    ):
        for place, function in enumerate(OF_NUMBERS):
            finish = "first | grind | (simp; done) | (simp; grind) | (simp; omega)"
            yield f"refine ⟨{function}, ?_⟩\n{finish}", 0.06 * 0.9**place


def _choices(view: GoalView) -> Iterator[Weighted]:
    """`∀ x, ∃ y, …` has a choice function; stated once, automation uses it at any x."""
    for fact in view.facts:
        match fact.term:
            case Term("∀", (_, Term("∃"))) if accessible(fact.name):
                yield f"exact Classical.axiomOfChoice {fact.name}", 0.03
                choice = fresh(f"choice_{fact.name}".replace(".", "_"), view.variables)
                chosen = f"obtain ⟨{choice}, h_{choice}⟩ := Classical.axiomOfChoice {fact.name}"
                yield f"{chosen}\ngrind", 0.02
                asked = view.target.head == "∃" and view.target.args[0].head == "→"
                yield f"{chosen}\nexact ⟨{choice}, by first | grind | (funext; grind)⟩", 0.10 if asked else 0.02
                yield chosen, 0.004


def _least(view: GoalView) -> Iterator[Weighted]:
    """A property that some number has, a least one has."""
    for fact in view.facts:
        match fact.term:
            case Term("∃", (Term("Nat"), _)) if accessible(fact.name):
                yield f"{LEAST}\nexact least _ {fact.name}", 0.03
                name = fresh("least_one", view.variables)
                obtained = f"{LEAST}\nobtain ⟨{name}, h_{name}, {name}_is_least⟩ := least _ {fact.name}\nclear least"
                yield f"{obtained}\ngrind", 0.02
                yield obtained, 0.003
            case Term("∀", (_, Term("∃", (Term("Nat"), _)))) if accessible(fact.name) and view.target.head == "∃":
                chosen = f"Classical.axiomOfChoice fun x => least _ ({fact.name} x)"
                yield f"{LEAST}\nfirst | exact {chosen} | (obtain ⟨c, hc⟩ := {chosen}; exact ⟨c, by grind⟩)", 0.05
            case Term("apply", (_, Term(variable=True, head=n))) if n in view.numbers and accessible(fact.name):
                if view.target.head == "∃":
                    yield f"{LEAST}\nexact least _ ⟨_, {fact.name}⟩", 0.06
