"""The denial of a statement, pushed inwards, and the names that a goal gets by it."""

from __future__ import annotations

from prover.policies.automation.saturation import denied, saturation
from prover.policies.scope import inhabitants
from prover.policies.terms import Fact, GoalView, Term

ALPHA = Term("α", variable=True)
PROP = Term("Sort")


def variable(name: str) -> Term:
    return Term(name, variable=True)


def holds(predicate: str, *names: str) -> Term:
    return Term("apply", (variable(predicate), *map(variable, names)))


def function(*types: Term) -> Term:
    *arguments, result = types
    for argument in reversed(arguments):
        result = Term("→", (argument, result), name="a")
    return result


def test_a_denial_is_pushed_through_quantifiers_and_connectives() -> None:
    statement = Term(
        "∀", (ALPHA, Term("→", (holds("p", "x"), Term("∨", (holds("q", "x"), holds("r", "x")))))), name="x"
    )
    found = denied(statement)
    assert found.head == "∃"
    (_, body) = found.args
    assert body == Term(
        "∧", (holds("p", "x"), Term("∧", (Term.negation(holds("q", "x")), Term.negation(holds("r", "x")))))
    )
    assert denied(Term.negation(holds("p", "x"))) == holds("p", "x")


def test_existential_hypotheses_are_opened_at_the_names_that_there_are() -> None:
    serial = Term("∀", (ALPHA, Term("∃", (ALPHA, holds("r", "x", "y")), name="y")), name="x")
    view = GoalView(
        {"α": PROP, "r": function(ALPHA, ALPHA, PROP), "a": ALPHA}, (Fact("h", serial),), holds("r", "a", "a")
    )
    tactics = [tactic for tactic, _ in saturation(view)]
    assert tactics[0].splitlines()[:2] == ["obtain ⟨y, hw⟩ := h a", "obtain ⟨y1, hw1⟩ := h y"]


def test_premises_are_given_by_the_hypotheses_that_state_them() -> None:
    successor = Term("∃", (ALPHA, holds("r", "x", "y")), name="y")
    rule = Term("∀", (ALPHA, Term("→", (holds("p", "x"), successor))), name="x")
    variables = {"α": PROP, "p": function(ALPHA, PROP), "r": function(ALPHA, ALPHA, PROP), "a": ALPHA, "b": ALPHA}
    view = GoalView(variables, (Fact("h", rule), Fact("k", holds("p", "b"))), holds("p", "a"))
    assert next(iter(saturation(view)))[0].splitlines()[0] == "obtain ⟨y, hw⟩ := h b k"


def test_inhabitants_are_variables_applications_and_diagonals() -> None:
    types = {"α": PROP, "f": function(ALPHA, ALPHA), "a": ALPHA, "member": function(ALPHA, ALPHA, PROP), "a✝": ALPHA}
    view = GoalView(types, (), Term("=", (Term("apply", (variable("f"), variable("a"))), variable("a")), type="α"))
    assert inhabitants(view, ALPHA, 3) == ["a", "(f a)", "(f (f a))"]
    assert inhabitants(view, function(ALPHA, PROP), 1) == ["fun x => ¬ (member x x)"]
