"""With the real lean_dojo (make test-leandojo); only the traced repository is a stand-in, see traced.py."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from prover.core.distribution import install_line
from prover.core.proof_state import Advanced, Closed, GaveUp, Rejected, TimedOut
from prover.core.theorem import Theorem
from prover.environments.lean_dojo.checking import with_audit
from prover.environments.lean_dojo.environment import LeanDojoEnvironment
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import InvalidTheoremError, MissingExtraError
from prover.proving.verify import verify, verify_source
from tests.contract.test_environments import TOO_SLOW_FOR_LEAN
from tests.environments.lean_dojo.traced import FILE, PANIC, traced_repository


@pytest.fixture(scope="module")
async def dojo(lean: LeanWasmEnvironment) -> AsyncIterator[LeanDojoEnvironment]:
    pytest.importorskip("lean_dojo", reason="needs the extra: make test-leandojo")
    async with traced_repository(lean) as environment:
        yield environment


def named(name: str) -> Theorem:
    return Theorem.from_text(f"{FILE}::{name}")


@pytest.mark.leandojo
async def test_results_of_lean_dojo_are_our_outcomes(dojo: LeanDojoEnvironment) -> None:
    async with dojo.open(named("t")) as session:
        assert session.initial.goals[0].target == "And"
        split, wrong, gap, closed = await session.apply(
            session.initial, ["constructor", "exact hr", "have : p := by sorry", "constructor\n· exact hp\n· exact hq"],
            timeout_s=300,
        )  # fmt: skip
        assert [type(o) for o in (split, wrong, gap, closed)] == [Advanced, Rejected, GaveUp, Closed]
        assert isinstance(split, Advanced)
        assert [goal.text for goal in split.state.goals] == [
            "case left\np q : Prop\nhp : p\nhq : q\n⊢ p",
            "case right\np q : Prop\nhp : p\nhq : q\n⊢ q",
        ]


@pytest.mark.leandojo
async def test_dojo_is_entered_again_after_a_time_out_and_a_crash(dojo: LeanDojoEnvironment) -> None:
    async with dojo.open(named("t")) as session:
        (split,) = await session.apply(session.initial, ["constructor"], timeout_s=300)
        assert isinstance(split, Advanced)
        slow, crash, left = await session.apply(
            split.state, [TOO_SLOW_FOR_LEAN, f"exact {PANIC}", "exact hp"], timeout_s=1
        )
        assert isinstance(slow, TimedOut)
        assert isinstance(crash, Rejected)
        assert isinstance(left, Advanced)
        long = "exact " + "(" * 2000 + "hq" + ")" * 2000
        assert isinstance((await session.apply(left.state, [long], timeout_s=300))[0], Rejected)


@pytest.mark.leandojo
async def test_verification_is_more_than_check_proof(dojo: LeanDojoEnvironment) -> None:
    good = await verify(named("classical"), ["exact Classical.em p"], dojo, timeout_s=300)
    assert good.accepted, good.reason
    assert good.source == f"{FILE}::classical := by\n  exact Classical.em p\n"
    source = Theorem.from_text(good.source)
    assert (await verify_source(source, dojo, against=named("classical"), timeout_s=300)).accepted
    assert not (await verify_source(source, dojo, against=named("t"), timeout_s=300)).accepted
    for cheat in ("native_decide", "sorry", "exact foo\n\naxiom foo : p", "exact nothing"):
        assert not (await verify(named("classical"), [cheat], dojo, timeout_s=300)).accepted


@pytest.mark.leandojo
async def test_theorem_that_is_not_traced_is_refused_with_advice(dojo: LeanDojoEnvironment) -> None:
    with pytest.raises(InvalidTheoremError, match="Failed to locate") as error:
        async with dojo.open(named("unknown")):
            pass
    assert "lean-project" in (error.value.hint or "")


@pytest.mark.native
async def test_audit_is_lean_that_lean_reads(lean: LeanWasmEnvironment) -> None:
    text = f"import Lean\ntheorem t : 1 = 1 := {with_audit('rfl', 't')}"
    verification = await lean.check_file(Theorem.from_text(text), timeout_s=300)
    assert verification.accepted, verification.messages


# ---- what needs no lean_dojo
async def test_theorem_has_to_be_named() -> None:
    environment = LeanDojoEnvironment("https://example.org/mine", "0" * 40)
    assert environment.identity == "leandojo@4+mine@000000000000"
    with pytest.raises(InvalidTheoremError, match="named, not stated"):
        async with environment.open(Theorem.from_text("theorem t : 1 = 1")):
            pass
    refused = await environment.check_source(Theorem.from_text("theorem t : 1 = 1"), against=None, timeout_s=1)
    assert not refused.accepted


async def test_missing_extra_says_how_to_install_it() -> None:
    try:
        import lean_dojo  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtraError, match=re.escape(install_line("leandojo"))):
            async with LeanDojoEnvironment("https://example.org/mine", "0" * 40).open(named("t")):
                pass
    else:
        pytest.skip("lean_dojo is installed")
