"""Honest proofs that a real Isabelle made us refuse, and statements that it let us misread."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prover.core.theorem import Theorem
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.environments.isabelle.undeclared import undeclared
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.environments.syntax.isabelle.symbols import written_out
from prover.errors import InvalidTheoremError
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from tests.environments.isabelle.relays import free_ports, relaying, standin
from tests.environments.isabelle.terms_ml import NAT, applied, constant, equal, function, holds, variable

DATATYPE = "datatype colour = Red | Green"
REV = 'lemma t: "rev (rev xs) = xs"'
HELPER = 'lemma helper: "rev (rev xs) = xs"\n  by simp'


async def test_procedures_and_packages_need_no_oracle(isabelle: IsabelleEnvironment) -> None:
    """PISA's Isabelle is quick and dirty: without a word against it, both would rest on oracles."""
    theorem = Theorem.from_text(f"{DATATYPE}\n\n{REV}")
    record = await prove_theorem(theorem, environment=isabelle, generator=ScriptedPolicy(["by simp"]))
    assert record.proved, record.verification


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (HELPER, "helper"),
        (f"context\nbegin\n\n{HELPER}\n\nend", "helper"),
        (f"locale monoid =\n  fixes e :: nat\nbegin\n\n{HELPER}\n\nend", "helper"),
    ],
)
async def test_helper_lemma_may_stand_in_a_context(header: str, name: str, isabelle: IsabelleEnvironment) -> None:
    verification = await isabelle.check(Theorem.from_text(f"{header}\n\n{REV}"), ["by simp"], timeout_s=60)
    assert verification.accepted, verification.reason
    assert [theorem.name for theorem in verification.theorems] == [name, "t"]


@pytest.mark.parametrize("imports", ["Main", "HOL.List", "Main HOL.Nat", "Pure"])
async def test_text_may_import_less_than_there_is(imports: str, isabelle: IsabelleEnvironment) -> None:
    text = "\n".join(["theory T", f"  imports {imports}", "begin", REV, "  by simp", "end"])
    verification = await isabelle.check_source(Theorem.from_text(text), against=None, timeout_s=60)
    assert verification.accepted, verification.reason


@pytest.mark.parametrize("imports", ["Complex_Main", "Main HOL.Real", "HOL-Library.Multiset"])
async def test_text_may_not_import_more_than_there_is(imports: str, isabelle: IsabelleEnvironment) -> None:
    text = "\n".join(["theory T", f"  imports {imports}", "begin", REV, "  by simp", "end"])
    with pytest.raises(InvalidTheoremError, match="imports"):
        async with isabelle.open(Theorem.from_text(text)):
            pass


@pytest.mark.parametrize(
    ("text", "variables", "unknown"),
    [
        ('lemma t: "prime p"', {"prime": function(NAT, NAT), "p": NAT}, ("prime",)),
        ('lemma t: "P n"', {"P": function(NAT, NAT), "n": NAT}, ()),
        ('lemma t: fixes weight :: "nat => nat" shows "weight n = 0"', {"weight": function(NAT, NAT), "n": NAT}, ()),
        ('lemma t: "xs = ys"', {"xs": NAT, "ys": NAT}, ()),
        ('lemma t: "x1 = (y\' :: nat)"', {"x1": NAT, "y'": NAT}, ()),
        ('lemma t: "length = total"', {"total": NAT}, ("total",)),
        ('lemma t: "gcd a b"', {"gcd": function(NAT, NAT, NAT), "a": NAT, "b": NAT}, ("gcd",)),
        ('lemma t: assumes "n = m" obtains k where "n = k"', {"n": NAT, "m": NAT, "thesis": NAT}, ()),
        ('lemma t: obtains (a) k where "n = k" | (b) "prime n"', {"prime": function(NAT, NAT), "thesis": NAT},
         ("prime",)),
        ('lemma t: "thesis = thesis"', {"thesis": NAT}, ("thesis",)),
    ],
)  # fmt: skip
def test_names_that_are_declared_nowhere_are_found(
    text: str, variables: dict[str, str], unknown: tuple[str, ...]
) -> None:
    term = applied(constant("c", NAT), *(variable(name, of) for name, of in variables.items()))
    assert undeclared(IsabelleStatement.read(text), [holds(term)]) == unknown
    assert undeclared(IsabelleStatement.read(text), ["not a term"]) == ()


PRIME = 'lemma t: "prime p \\<longrightarrow> p = p"'


@pytest.fixture
def prime_recorded(tmp_path: Path) -> Path:
    """What a real Isabelle says of a predicate that Main does not have."""
    file = tmp_path / "prime.jsonl"
    goal = "proof (prove)\ngoal (1 subgoal):\n 1. prime p \\<longrightarrow> p = p"
    first = {
        "theorem": "prime", "script": 0, "step_index": 0, "command": PRIME, "state_before": "", "mode_before": "theory",
        "status": "ok", "state_after": goal, "mode_after": "proof", "level_after": 1,
    }  # fmt: skip
    then = first | {"step_index": 1, "command": "by simp", "state_before": goal, "mode_before": "proof",
                    "state_after": "", "mode_after": "theory", "level_after": 0}  # fmt: skip
    p = variable("p", NAT)
    term = holds(applied(variable("prime", function(NAT, NAT)), equal(NAT, p, p)))
    told = {"statement": '"prime p \\<longrightarrow> p = p"', "term": term}
    file.write_text("\n".join(map(json.dumps, (first, then, told))))
    return file


async def test_name_that_is_declared_nowhere_is_said(prime_recorded: Path) -> None:
    with relaying(free_ports(4), *standin(str(prime_recorded))) as relay:
        environment = relay.environment()
        async with environment.open(Theorem.from_text(PRIME)) as session:
            assert session.theorem.auto_bound == ("prime",)
        record = await prove_theorem(
            Theorem.from_text(PRIME), environment=environment, generator=ScriptedPolicy(["by simp"])
        )
    assert record.proved
    assert [note for note in record.notes if "prime" in note]
    assert record.verification is not None
    assert [m.text for m in record.verification.messages if m.severity == "warning" and "prime" in m.text]


@pytest.mark.parametrize(("shown", "written"), [("x⇧2", r"x\<^sup>2"), ("x⇩1", r"x\<^sub>1"), ("x²", r"x\<^sup>2")])
def test_marks_of_isabelles_editors_are_read(shown: str, written: str) -> None:
    assert written_out(shown) == written
