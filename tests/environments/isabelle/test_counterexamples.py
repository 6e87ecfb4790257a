"""What Isabelle's tools claim is read; it refutes only with a theorem about the statement's own term."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prover.environments.isabelle.counterexamples import Suggestion, model_values, read_suggestion, tool_ml
from prover.environments.isabelle.terms import denies, read_proposition
from prover.environments.syntax.isabelle.negation import at_values, refutation_text
from prover.environments.syntax.isabelle.screening import proof_problem
from prover.environments.syntax.isabelle.statement import IsabelleStatement, isabelle_theorem
from prover.errors import EnvironmentProtocolError
from prover.proving.refute_isabelle import Claims, refute_in_isabelle
from tests.environments.isabelle import terms_ml as ml
from tests.environments.isabelle.relays import IMPORTS, Relay, free_ports, relaying, standin
from tests.environments.isabelle.test_command_line import prover

CANCEL = 'lemma t: "a - b + b = (a::nat)"'
OTHER = 'lemma t: "b - a + a = (b::nat)"'
ANY = 'lemma t: "a - b + b = a"'
LOOSE = 'lemma t: "x = (y::nat)"'
MARK = "WITNESS0"
PROOF = 'using statement[where a = "0" and b = "1"] by simp'
FALSE_GOAL = "proof (prove)\ngoal (1 subgoal):\n 1. False"
A, B = ml.variable("a", ml.NAT), ml.variable("b", ml.NAT)
STATED = ml.cancelled(ml.NAT, A, B)
DENIED = ml.implies(ml.forall(ml.NAT, ml.forall(ml.NAT, ml.cancelled(ml.NAT, ml.bound(1), ml.bound(0)))), ml.FALSE)
OF_ONE = ml.implies(ml.forall(ml.NAT, ml.cancelled(ml.NAT, ml.bound(0), ml.bound(0))), ml.FALSE)
GROUP = ml.schematic_type("'a", "Groups.plus", "Groups.minus")
OF_INT = ml.cancelled(ml.INT, ml.variable("a", ml.INT), ml.variable("b", ml.INT))
FOUND = ml.quickcheck({"a": (ml.NAT, "0"), "b": (ml.NAT, "1")})


def negation(statement: str, names: tuple[str, ...], **types: str) -> str | None:
    return refutation_text(IsabelleStatement.read(statement), names, types, {})


def row(command: str, before: str, after: str, *, opening: bool) -> dict[str, Any]:
    modes = (
        {"mode_before": "theory", "mode_after": "proof"}
        if opening
        else {"mode_before": "proof", "mode_after": "theory"}
    )
    return {
        "theorem": command if opening else "", "script": 0, "step_index": int(not opening), "command": command,
        "state_before": before, "state_after": after, "level_after": int(opening), "status": "ok", **modes,
    }  # fmt: skip


def told() -> list[dict[str, Any]]:
    """What the stand-in knows beyond the recordings. Of `OTHER` it takes the refutation for another statement."""
    rows: list[dict[str, Any]] = [
        {"statement": CANCEL, "term": STATED, "quickcheck": FOUND},
        {"statement": OTHER, "term": ml.holds(ml.equal(ml.NAT, B, A)), "quickcheck": FOUND},
        {"statement": ANY, "term": ml.cancelled(GROUP, ml.variable("a", GROUP), ml.variable("b", GROUP)),
         "instance": OF_INT, "where": "'a = \"int\"",
         "quickcheck": ml.quickcheck({"a": (ml.INT, "0"), "b": (ml.INT, "1")})},
        {"statement": LOOSE, "quickcheck": ml.quickcheck({}, "none"),
         "nitpick": ml.nitpick("Nitpick found a counterexample:\n\n  Free variables:\n    x = 0\n    y = 1")},
        {"statement": 'lemma t: "True"', "quickcheck": ml.quickcheck({}, "none"),
         "nitpick": ml.nitpick(outcome="none")},
    ]  # fmt: skip
    for statement, term, types in (
        (CANCEL, DENIED, {}),
        (OTHER, DENIED, {}),
        (ANY, DENIED.replace("Nat.nat", "Int.int"), {"a": "int", "b": "int"}),
    ):
        text = negation(statement, ("a", "b"), **types)
        assert text is not None
        opening = row(text, "", FALSE_GOAL, opening=True)
        rows += [
            opening,
            row(PROOF, FALSE_GOAL, "", opening=False) | {"theorem": text},
            {"statement": text, "term": term},
        ]
    return rows


@pytest.fixture(scope="module")
def knowing(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    more = tmp_path_factory.mktemp("told") / "more.jsonl"
    more.write_text("".join(f"{json.dumps(each)}\n" for each in told()))
    with relaying(free_ports(8), *standin(str(recordings), str(more))) as running:
        yield running


async def claims(relay: Relay, statement: str) -> Claims:
    environment = relay.environment()
    theorem = isabelle_theorem(statement, IMPORTS)
    return await refute_in_isabelle(theorem, environment, effort=5, verify_timeout_s=60)


async def test_claim_that_is_shown_refutes(knowing: Relay) -> None:
    found = await claims(knowing, CANCEL)
    assert found.refutation is not None
    assert found.refutation.counterexample == {"a": "0", "b": "1"}
    assert found.refutation.tactics == (PROOF,)
    assert found.refutation.verification.accepted
    assert r'assumes statement: "\<And>a b. a - b + b = (a::nat)"' in found.refutation.proof
    assert found.unchecked == ()


async def test_statement_about_all_types_is_refuted_at_one(knowing: Relay) -> None:
    found = await claims(knowing, ANY)
    assert found.refutation is not None
    assert r"\<And>(a::int) (b::int). a - b + b = a" in found.refutation.proof


async def test_theorem_about_another_statement_refutes_nothing(knowing: Relay) -> None:
    found = await claims(knowing, OTHER)
    assert found.refutation is None
    assert [claim.in_words for claim in found.unchecked][:1] == ["quickcheck says false for a = 0, b = 1: unchecked"]


async def test_claim_that_is_not_shown_is_unchecked(knowing: Relay) -> None:
    printed = await prover(knowing, "refute", "--environment", "isabelle", LOOSE)
    assert printed.returncode == 1
    assert "nitpick says false for x = 0, y = 1: unchecked" in printed.stderr
    assert printed.stdout == ""
    data = json.loads((await prover(knowing, "refute", "--environment", "isabelle", LOOSE, "--json")).stdout)
    assert data["refutation"] is None
    assert data["unchecked"] == [{"by": "nitpick", "counterexample": {"x": "0", "y": "1"}}]


async def test_refutation_on_the_command_line(knowing: Relay, tmp_path: Path) -> None:
    output = tmp_path / "Refuted.thy"
    printed = await prover(knowing, "refute", "--environment", "isabelle", CANCEL, "--output", str(output))
    assert printed.returncode == 0, printed.stderr
    assert printed.stderr.startswith("refuted   false for a = 0, b = 1   isabelle@")
    assert printed.stdout == output.read_text()


async def test_no_claim_and_a_tool_that_does_not_run(knowing: Relay) -> None:
    found = await claims(knowing, 'lemma t: "True"')
    assert (found.refutation, found.unchecked, found.silent) == (None, (), ())
    found = await claims(knowing, 'lemma t: "True \\<and> True"')
    assert found.unchecked == ()
    assert [reason.split()[0] for reason in found.silent] == ["quickcheck", "nitpick"]


@pytest.mark.parametrize(
    ("claim", "refuted"),
    [
        (DENIED, True),
        (ml.implies(ml.cancelled(ml.NAT, A, B), ml.FALSE), False),  # of some a and b, not of all
        (OF_ONE, True),  # an instance of the statement
        (DENIED.replace("Nat.nat", "Int.int"), False),
        (STATED, False),
        (ml.implies(STATED, STATED), False),
        (ml.implies(ml.FALSE, ml.FALSE), False),
        (ml.implies(ml.cancelled(ml.NAT, ml.free("a", ml.NAT), ml.free("a", ml.NAT)), ml.FALSE), False),
        (ml.implies(ml.implies(ml.FALSE, STATED), ml.FALSE), False),
        (DENIED.replace("9:HOL.False", "8:HOL.True"), False),
    ],
)
def test_only_a_theorem_that_follows_from_the_statement_denies_it(claim: str, refuted: bool) -> None:
    assert denies(read_proposition(claim), read_proposition(STATED)) is refuted


def test_statement_about_one_thing_is_not_denied_by_one_about_two() -> None:
    same = ml.cancelled(ml.NAT, A, A)
    assert denies(read_proposition(OF_ONE), read_proposition(same))
    assert not denies(read_proposition(DENIED), read_proposition(same))


def test_variables_below_binders_are_those_outside() -> None:
    def exists(body: str) -> str:
        of = ml.function(ml.function(ml.NAT, ml.BOOL), ml.BOOL)
        return ml.holds(ml.applied(ml.constant("HOL.Ex", of), f"L{ml.NAT}{body}"))

    stated = exists(ml.equal(ml.NAT, ml.bound(0), A))
    for outer, refuted in ((1, True), (0, False)):
        body = exists(ml.equal(ml.NAT, ml.bound(0), ml.bound(outer)))
        claim = ml.implies(ml.forall(ml.NAT, body), ml.FALSE)
        assert denies(read_proposition(claim), read_proposition(stated)) is refuted


def test_no_type_is_left_open() -> None:
    """There may be no type of a class at all: what holds for all of them is then no contradiction."""
    group = ml.schematic_type("'a", "Groups.group_add")
    stated = ml.cancelled(group, ml.variable("a", group), ml.variable("b", group))
    claim = ml.implies(ml.forall(group, ml.forall(group, ml.cancelled(group, ml.bound(1), ml.bound(0)))), ml.FALSE)
    assert not denies(read_proposition(claim), read_proposition(stated))
    assert not denies(read_proposition(DENIED), read_proposition(stated))


@pytest.mark.parametrize(
    ("statement", "names", "written"),
    [
        (CANCEL, ("a", "b"), r"\<And>a b. a - b + b = (a::nat)"),
        ('theorem t: fixes n :: nat assumes big: "n > 2" and "even n" shows "n > 4"', ("n",),
         r"\<And>(n::nat). (n > 2) \<Longrightarrow> (even n) \<Longrightarrow> (n > 4)"),
        ('lemma t [simp]: "1 = (2::nat)"', (), "1 = (2::nat)"),
        ('lemma "f x = x"', ("f", "x"), r"\<And>f x. f x = x"),
    ],
)  # fmt: skip
def test_statement_is_negated(statement: str, names: tuple[str, ...], written: str) -> None:
    assert negation(statement, names) == f'theorem refutation:\n  assumes statement: "{written}"\n  shows False'


@pytest.mark.parametrize(
    "statement",
    [
        'theorem t: assumes "x > 0" obtains y where "y > x"',
        'theorem t: shows "x = y" and "y = x"',
        'theorem t: assumes "x > 0" (is "?P") shows "x > 1"',
        'lemma t: "x > 0" if "x > 1" for x',
        'theorem t: fixes f (infix "+++" 50) shows "x +++ y = y"',
    ],
)
def test_other_statements_are_left_alone(statement: str) -> None:
    assert negation(statement, ("x",)) is None


def test_type_variables_are_replaced_where_they_stand() -> None:
    stated = IsabelleStatement.read("lemma t: \"rev xs = (xs :: 'a::linorder list) \\<and> a' = (a' :: 'ab)\"")
    text = refutation_text(stated, ("xs",), {"xs": "int list"}, {"'a": "int"})
    assert text is not None
    assert r"\<And>(xs::int list). rev xs = (xs :: int list) \<and> a' = (a' :: 'ab)" in text


def test_values_are_given_by_name() -> None:
    fact = at_values({"x": "[0, 1]", "x1": "(\\<lambda>x. 0)"})
    assert fact == 'statement[where x = "[0, 1]" and ?x1.0 = "(\\<lambda>x. 0)"]'
    assert proof_problem(f"using {fact} by simp") is None


def test_quickcheck_is_read() -> None:
    told = ml.quickcheck({"xs": (ml.type_("List.list", ml.INT), "[0,\n  1]")})
    found = read_suggestion("quickcheck", f'{MARK}{told}{MARK}\nAt command "ML_val"', MARK)
    assert found is not None
    assert found.values == {"xs": "[0, 1]"}
    assert found.types == {"xs": ("T", "List.list", ("T", "Int.int"))}
    for outcome in ("none", "potential"):
        assert read_suggestion("quickcheck", f"{MARK}{ml.quickcheck({}, outcome)}{MARK}", MARK) is None
    with pytest.raises(EnvironmentProtocolError, match="quickcheck does not run here"):
        read_suggestion("quickcheck", "ML error: no such structure", MARK)


@pytest.mark.parametrize(
    ("message", "values"),
    [
        ("Auto Nitpick found a counterexample for card 'a = 3:\n\n  Free variables:\n    xs = [a\\<^sub>1]\n    y = 2\n"
         "  Skolem constant:\n    z = 4", {"xs": "[a\\<^sub>1]", "y": "2"}),
        ("Nitpick found a counterexample:\n  Free variable:\n    f =\n      (\\<lambda>x. _)\n      (0 := 1)\n"
         "  Types:\n    nat = {0}",
         {"f": "(\\<lambda>x. _) (0 := 1)"}),
        ("Nitpick found a counterexample:\n\n  Empty assignment", {}),
    ],
)  # fmt: skip
def test_nitpick_is_read(message: str, values: dict[str, str]) -> None:
    found = read_suggestion("nitpick", f"{MARK}{ml.nitpick(message)}{MARK}", MARK)
    assert found == Suggestion("nitpick", values)
    assert model_values(message) == values


def test_value_that_is_no_term_is_not_stated() -> None:
    assert Suggestion("nitpick", {"x_1": "0", "f": "f_2"}).can_be_stated
    assert not Suggestion("nitpick", {"f": "(\\<lambda>x. _)(0 := 1)"}).can_be_stated
    assert not Suggestion("nitpick", {"xs": "{0, 1, \\<dots>}"}).can_be_stated
    assert not Suggestion("nitpick", {"x": '0" by simp'}).can_be_stated


@pytest.mark.parametrize("tool", ["quickcheck", "nitpick"])
def test_commands_are_whole(tool: str) -> None:
    text = tool_ml(tool, MARK, seconds=7)
    assert "@TERMS@" not in text
    assert "@SECONDS@" not in text
    assert text.count(MARK) == 2
    assert '"7"' in text
