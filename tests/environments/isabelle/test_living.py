"""Our ML and our server with the Isabelle of this machine, if `isabelle` is on the PATH. Nothing here is recorded."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from prover.core.proof_state import Advanced, TimedOut
from prover.core.theorem import Theorem
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.environments.isabelle.verification import FreshProcess
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from tests.conftest import HUNG_S
from tests.environments.isabelle.relays import free_ports, living_tool, our_server, relaying

pytestmark = pytest.mark.skipif(living_tool() is None, reason="there is no program `isabelle` on the PATH")

PLUS = 'lemma t: "(x::nat) + 0 = x"'
HELPER = 'lemma helper: "x = x"\n  by (rule refl)'


@pytest.fixture(scope="module")
async def living() -> AsyncIterator[IsabelleEnvironment]:
    tool = living_tool()
    assert tool is not None
    with relaying(free_ports(8), *our_server(tool)) as relay:
        environment = relay.environment(provers=False)
        yield environment
        await environment.close()


BARREN = 'fun f :: "nat \\<Rightarrow> nat" where "f 0 = 0" | "f (Suc n) = f n"'
EV = (
    r'''inductive ev :: "nat \<Rightarrow> bool" where zero: "ev 0" | step: "ev n \<Longrightarrow> ev (Suc (Suc n))"'''
)
ENDLESS = r'lemma t: "\<not> (\<exists>m::nat. \<forall>n. n \<le> m)"'


@pytest.mark.parametrize(
    ("header", "statement", "tactic"),
    [
        ("datatype health = Well | Ill", ENDLESS, "by presburger"),
        (BARREN, 'lemma t: "f n = 0"', "by (induct n) auto"),
        (EV, 'lemma t: "ev n \\<Longrightarrow> even n"', "by (induct rule: ev.induct) auto"),
        (f"context\nbegin\nprivate {HELPER}\nend", PLUS, "by simp"),
        (f'locale l = fixes e :: nat\nbegin\n{HELPER}\nend', PLUS, "by simp"),
        (f"experiment\nbegin\n{HELPER}\nend", PLUS, "by simp"),
    ],
)  # fmt: skip
async def test_honest_proof_is_accepted(header: str, statement: str, tactic: str, living: IsabelleEnvironment) -> None:
    verification = await living.check(Theorem.from_text(f"{header}\n\n{statement}"), [tactic], timeout_s=HUNG_S)
    assert verification.accepted, verification.reason


@pytest.mark.parametrize(
    "proof",
    [
        "sorry",
        "oops",
        "proof - show ?thesis sorry qed",
        r"by (tactic \<open>ALLGOALS (Skip_Proof.cheat_tac @{context})\<close>)",
        'oops axiomatization where bad: "False"',
        'sorry lemma "False" using t by simp',
    ],
)
async def test_cheat_is_refused_by_isabelle_itself(proof: str, living: IsabelleEnvironment) -> None:
    """Without our look at the text: the guard and the kernel's answer decide alone."""
    checker = FreshProcess(living._pool, living.imports)
    statement = IsabelleStatement.read('lemma t: "(0::nat) = 1"')
    checked = await checker.check(statement, proof, names=("t",), timeout_s=HUNG_S)
    assert not checked.accepted
    assert checked.reason


@pytest.mark.parametrize(
    "statement", ['lemma t: "a - b + b = (a::nat)"', 'lemma t: "rev xs = xs"', r'lemma t: "P \<longrightarrow> Q"']
)
async def test_quickchecks_counterexample_becomes_a_theorem(statement: str, living: IsabelleEnvironment) -> None:
    findings = await living.counterexamples(Theorem.from_text(statement), tool_s=10)
    assert findings.suggestions
    assert findings.denial is not None
    denied = Theorem.from_text(findings.denial.text)
    verification = await living.check(denied, findings.denial.tactics, timeout_s=HUNG_S)
    assert verification.accepted, verification.reason


async def test_name_that_is_declared_nowhere_is_found(living: IsabelleEnvironment) -> None:
    async with living.open(Theorem.from_text('lemma t: "prime p \\<longrightarrow> prime (p::nat)"')) as session:
        assert session.theorem.auto_bound == ("prime",)
    async with living.open(Theorem.from_text('lemma t: "P xs \\<longrightarrow> P (rev (rev xs))"')) as session:
        assert session.theorem.auto_bound == ()


async def test_tactic_without_end_is_stopped_and_the_session_goes_on(living: IsabelleEnvironment) -> None:
    async with living.open(Theorem.from_text(PLUS)) as session:
        stopped, advanced = await session.apply(
            session.initial, ["apply (rule back_subst)+", "apply (rule trans)"], timeout_s=1.5
        )
    assert isinstance(stopped, TimedOut)
    assert isinstance(advanced, Advanced)
