"""Attacks: whatever a text does, nothing unproved is accepted, and the service answers in time and lives.

`attacks.jsonl` holds statements with proofs (`verify`), `against.jsonl` whole files (`verify --against`). What a row
expects: `accept`; `reject`; `bounded` (any honest verdict, in time); `reject-or-disclose` (the user's own header
changes what the words mean: the record must show it). Rows named `exhaust-...` use up time or memory and get little
of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Coroutine
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

import pytest

from prover.core.axioms import STANDARD_AXIOMS
from prover.core.proof_state import Closed
from prover.core.record import Verification
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.environments.lean_wasm.install import Installation
from prover.errors import InvalidTheoremError
from prover.proving.verify import verify, verify_source
from tests.conftest import HUNG_S

Expected = Literal["accept", "reject", "bounded", "reject-or-disclose"]

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("PROVER_SHARED_DATA", HERE.parents[1].parent / "shared" / "data"))
PUBLIC = SHARED / "attacks_public.jsonl"
HARM_LIMIT_S = 10.0
EXHAUST_LIMIT_S = 1.0
SESSION_TACTIC_S = 1.0
HARMS = ("exhaust-", "io-exit", "unsafe-", "floods-", "loop", "simp-loop", "deep-decide")
"""These may be given up for lack of time, and after each of them an honest proof is verified at once."""


@dataclass(frozen=True)
class Attack:
    """A statement and a proof, as in `attacks.jsonl`."""

    id: str
    header: str
    statement: str
    proof: str
    expect: Expected

    @property
    def text(self) -> str:
        return f"{self.header}\n\n{self.statement}" if self.header else self.statement


@dataclass(frozen=True)
class FileAttack:
    """Two whole files, as in `against.jsonl`."""

    id: str
    statement_file: str
    proof_file: str
    expect: Expected


Row = TypeVar("Row", Attack, FileAttack)


def read(path: Path, kind: type[Row]) -> list[Row]:
    """Rows of a file; members that we have no use for are left out."""
    names = [field.name for field in fields(kind)]
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [kind(**{name: row[name] for name in names}) for row in rows]


ATTACKS = read(HERE / "attacks.jsonl", Attack)
FILE_ATTACKS = read(HERE / "against.jsonl", FileAttack)
PUBLIC_ATTACKS = read(PUBLIC, Attack) if PUBLIC.exists() else []


def limit_of(attack: str) -> float:
    """Seconds for verifying an attack: little for one that may take all of them."""
    if attack.startswith("exhaust-"):
        return EXHAUST_LIMIT_S
    return HARM_LIMIT_S if attack.startswith(HARMS) else HUNG_S


async def judge(verification: Coroutine[Any, Any, Verification], limit_s: float) -> Verification | None:
    """The verdict, within bounds; None: the text was refused as no statement."""
    try:
        async with asyncio.timeout(limit_s + HUNG_S):
            return await verification
    except InvalidTheoremError:
        return None


def require(expect: Expected, verdict: Verification | None, *, header: str = "", may_take_long: bool = False) -> None:
    if verdict is not None:
        assert (verdict.reason is None) == verdict.accepted, verdict
        assert set(verdict.axioms) <= STANDARD_AXIOMS or not verdict.accepted
    match expect:
        case "accept":
            assert verdict is not None
            assert verdict.accepted, (verdict.reason, verdict.messages)
            assert verdict.theorems
        case "reject":
            assert verdict is None or not verdict.accepted, verdict
            assert verdict is None or may_take_long or not verdict.timed_out, "given up, not judged"
        case "reject-or-disclose":
            if verdict is not None and verdict.accepted:
                assert verdict.source is not None
                assert header
                assert header in verdict.source
        case "bounded":
            pass


async def verify_honest_proof(lean: LeanWasmEnvironment) -> None:
    verdict = await verify(Theorem.from_text("theorem honest (n : Nat) : n ≤ n + 1"), ["omega"], lean, timeout_s=HUNG_S)
    assert verdict.accepted, verdict


async def attack_verification(lean: LeanWasmEnvironment, attack: Attack) -> None:
    limit_s = limit_of(attack.id)

    async def attempt() -> Verification:
        return await verify(Theorem.from_text(attack.text), [attack.proof], lean, timeout_s=limit_s)

    verdict = await judge(attempt(), limit_s)
    require(attack.expect, verdict, header=attack.header, may_take_long=attack.id.startswith(HARMS))
    if attack.id.startswith(HARMS):
        await verify_honest_proof(lean)


def test_files_hold_enough_of_each_kind() -> None:
    for rows, attacks, controls in ((ATTACKS, 80, 12), (FILE_ATTACKS, 40, 8)):
        assert len({row.id for row in rows}) == len(rows)
        honest = [row.id for row in rows if row.expect == "accept"]
        assert all(name.startswith("honest-") for name in honest)
        assert len(honest) >= controls
        assert len(rows) - len(honest) >= attacks


# ---- a proof for a statement
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
async def test_attack_by_a_proof(lean: LeanWasmEnvironment, attack: Attack) -> None:
    await attack_verification(lean, attack)


@pytest.mark.skipif(not PUBLIC_ATTACKS, reason=f"no shared data at {SHARED} (set PROVER_SHARED_DATA)")
@pytest.mark.parametrize("attack", PUBLIC_ATTACKS, ids=lambda attack: attack.id)
async def test_public_attack_by_a_proof(lean: LeanWasmEnvironment, attack: Attack) -> None:
    await attack_verification(lean, attack)


# ---- a file for a file
async def attack_by_a_file(lean: LeanWasmEnvironment, attack: FileAttack) -> None:
    async def attempt() -> Verification:
        statement, proof = Theorem.from_text(attack.statement_file), Theorem.from_text(attack.proof_file)
        return await verify_source(proof, lean, against=statement, timeout_s=limit_of(attack.id))

    require(attack.expect, await judge(attempt(), limit_of(attack.id)), may_take_long=attack.id.startswith(HARMS))
    if attack.id.startswith(HARMS):
        await verify_honest_proof(lean)


@pytest.mark.parametrize("attack", FILE_ATTACKS, ids=lambda attack: attack.id)
async def test_attack_by_a_file(lean: LeanWasmEnvironment, attack: FileAttack) -> None:
    await attack_by_a_file(lean, attack)


# ---- a file on its own
@pytest.mark.parametrize(
    ("text", "theorems"),
    [
        ("theorem a : 1 = 1 := rfl\ntheorem b : 2 = 2 := rfl", ("a", "b")),
        ("lemma a : 1 = 1 := rfl\nlemma b : 1 = 1 := a", ("a", "b")),
        ("example : 1 = 1 := rfl\n/-- twice -/\nexample : 2 = 2 := rfl", None),
        ("theorem example_1 : 1 = 1 := rfl\nexample : 2 = 2 := rfl", None),
        ("theorem inj : 1 = 1 := rfl", ("inj",)),
        ("theorem _start : 1 = 1 := rfl", ("_start",)),
        ("theorem «a b» : 1 = 1 := rfl", ("«a b»",)),
        ("inductive C where\n  | red | green | blue\ntheorem t (c : C) : c = c := rfl", ("t",)),
        (
            "inductive D where\n  | red | green\n  deriving DecidableEq, Repr\ntheorem t : D.red ≠ .green := by decide",
            ("t",),
        ),
        ("#eval 1 + 1\n#check Nat\nunsafe def x : Nat := unsafeCast 3\ntheorem t : 1 = 1 := rfl", ("t",)),
        ("theorem a : 1 = 1 := rfl\naxiom b : 1 = 2", ()),
        ("theorem a : 1 = 1 := rfl\ntheorem b : 1 = 2 := sorry", ()),
        ("theorem a : 1 = 1 := rfl\nexample : 1 = 2 := sorry", ()),
        ("theorem a : 1 = 1 := rfl\ndef b : 1 = 2 := sorry", ()),
        ("theorem a : 1 = 1 := rfl\ninstance : Inhabited (1 = 2) := ⟨sorry⟩", ()),
        ("theorem a : 1 = 1 := rfl\nset_option debug.skipKernelTC true in\nexample : 1 = 2 := by decide +kernel", ()),
        ("def a := 1\n#eval a", ()),
    ],
    ids=[
        "two-theorems",
        "two-lemmas",
        "examples",
        "theorem-named-like-an-example",
        "theorem-named-inj",
        "theorem-with-underscore",
        "theorem-in-guillemets",
        "enumeration",
        "enumeration-that-derives",
        "commands-around",
        "axiom-beside",
        "sorry-beside",
        "sorry-in-example",
        "sorry-in-definition",
        "sorry-in-instance",
        "kernel-skipped-in-example",
        "no-theorem",
    ],
)
async def test_file_on_its_own(lean: LeanWasmEnvironment, text: str, theorems: tuple[str, ...] | None) -> None:
    verdict = await verify_source(Theorem.from_text(text), lean, timeout_s=HUNG_S)
    assert verdict.accepted == (theorems != ()), (verdict.reason, verdict.messages)
    if theorems:
        assert {theorem.name for theorem in verdict.theorems} == set(theorems)


# ---- tactics in a session
def by_text(attacks: list[Attack]) -> dict[str, list[Attack]]:
    """Cheats grouped by statement, but for those with an endless header and those that only text rules refuse."""
    groups: dict[str, list[Attack]] = {}
    for attack in attacks:
        endless_header = attack.id.startswith("exhaust-") and "#eval" in attack.header
        if attack.expect == "reject" and not endless_header and not attack.id.startswith("character-"):
            groups.setdefault(attack.text, []).append(attack)
    return groups


CHEATS = list(by_text(ATTACKS + PUBLIC_ATTACKS).values())


@pytest.mark.parametrize("cheats", CHEATS, ids=lambda cheats: cheats[0].id)
async def test_no_cheat_closes_a_goal(lean: LeanWasmEnvironment, cheats: list[Attack]) -> None:
    try:
        async with lean.open(Theorem.from_text(cheats[0].text)) as session:
            tactics = [cheat.proof for cheat in cheats]
            outcomes = await session.apply(
                session.initial, tactics, timeout_s=SESSION_TACTIC_S, deadline_s=SESSION_TACTIC_S * len(tactics)
            )
    except InvalidTheoremError as error:
        outcomes = []
        refused = error.reason
    else:
        refused = ""
    closed = [cheat.id for cheat, outcome in zip(cheats, outcomes, strict=False) if isinstance(outcome, Closed)]
    assert not closed
    assert refused or len(outcomes) == len(cheats)
    assert not refused or cheats[0].text != "theorem cheat : 1 = 2", refused


async def test_session_still_closes_an_honest_goal(lean: LeanWasmEnvironment) -> None:
    async with lean.open(Theorem.from_text("theorem t (n : Nat) : n ≤ n + 1")) as session:
        (outcome,) = await session.apply(session.initial, ["omega"], timeout_s=HUNG_S)
    assert isinstance(outcome, Closed)


# ---- the host
async def test_text_neither_reads_nor_writes_files_of_the_host(lean: LeanWasmEnvironment, tmp_path: Path) -> None:
    secret, target = tmp_path / "secret.txt", tmp_path / "target.txt"
    secret.write_text("before")
    code = f"""def tried (action : IO Unit) : IO Unit := do
  let refused ← try action; pure false catch error => pure ((toString error).startsWith "no such file")
  unless refused do throw (IO.userError "not refused")
#eval tried (IO.FS.createDirAll "{tmp_path}")
#eval tried (IO.FS.writeFile "{secret}" "after")
#eval tried (IO.FS.writeFile "{target}" "after")
#eval tried (discard (IO.FS.readFile "{secret}"))
theorem t : True := trivial"""
    verdict = await verify_source(Theorem.from_text(code), lean, timeout_s=HUNG_S)
    assert verdict.accepted, verdict
    assert secret.read_text() == "before"
    assert not target.exists()


# ---- the command line
def prover(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "prover", "verify", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert "Traceback" not in result.stderr
    return result


@pytest.fixture
def statement(tmp_path: Path) -> Path:
    path = tmp_path / "statement.lean"
    path.write_text("theorem t (a b : Nat) : a + b = b + a := sorry\n")
    return path


@pytest.mark.parametrize(
    ("proof", "status"),
    [
        (b"theorem t (a b : Nat) : a + b = b + a := Nat.add_comm a b\n", 0),
        (b"theorem t (a b : Nat) : a + b = a + b := rfl\n", 1),
        (b"theorem t (a b : Nat) : a + b = b + a := rfl\x00\n", 1),
        (b"theorem t (a b : Nat) : a + b = b + a := \xff\xfe\n", 2),
        (b"theorem t (a b : Nat) : a + b = b + a := \xed\xa0\x80\n", 2),
        (b"", 1),
    ],
    ids=["honest", "other-statement", "nul", "not-utf8", "surrogate-in-utf8", "empty"],
)
@pytest.mark.usefixtures("installation")
def test_command_line_judges_a_file(tmp_path: Path, statement: Path, proof: bytes, status: int) -> None:
    path = tmp_path / "proof.lean"
    path.write_bytes(proof)
    result = prover(path, "--against", statement, "--json")
    assert result.returncode == status, result
    if status < 2:
        assert json.loads(result.stdout)["accepted"] is (status == 0)


def test_command_line_refuses_what_is_no_file(tmp_path: Path, statement: Path, installation: Installation) -> None:
    bad = tmp_path / "bad.lean"
    bad.write_bytes(b"\x80")
    for arguments in ([tmp_path / "missing.lean"], [tmp_path], [statement, "--against", tmp_path], [bad]):
        result = prover(*arguments)
        assert result.returncode == 2, result
        assert result.stdout == ""
        assert len(result.stderr.splitlines()) == 1


def test_command_line_refuses_a_statement_that_has_a_proof(tmp_path: Path, installation: Installation) -> None:
    proved = tmp_path / "proved.lean"
    proved.write_text("theorem t : 1 = 1 := rfl\n")
    assert prover(proved, "--against", proved).returncode == 2


# ---- last
async def test_environment_still_accepts_and_rejects(lean: LeanWasmEnvironment) -> None:
    await verify_honest_proof(lean)
    verdict = await verify(Theorem.from_text("theorem canary : 1 = 2"), ["omega"], lean, timeout_s=HUNG_S)
    assert not verdict.accepted
