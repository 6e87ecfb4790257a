"""The measured tactics: typical candidates on a dozen states of several theorems, half of which fail."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.parts.options import TACTIC_TIMEOUT_S
from prover.core.proof_state import Advanced, ProofState
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import TACTIC_HEARTBEATS
from prover.environments.lean_wasm.install import Installation
from prover.environments.lean_wasm.process import Answer, LeanProcess
from prover.environments.lean_wasm.session import LeanSession

# Statement, and the tactics that lead to each state; the empty path is the initial state.
STATES: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    (
        "theorem conjunction (p q r : Prop) (hp : p) (hq : q) (h : p → q → r) : (p ∧ q) ∧ r",
        ((), ("constructor",), ("constructor", "constructor")),
    ),
    (
        "theorem disjunction (p q r : Prop) (h : p ∧ (q ∨ r)) : (p ∧ q) ∨ (p ∧ r)",
        ((), ("cases h",), ("rcases h with ⟨hp, hq | hr⟩",)),
    ),
    (
        "theorem lists (a b : Nat) (xs ys : List Nat) (h : a ∣ b) : (xs ++ ys).length + a = ys.length + xs.length + a",
        ((), ("induction xs",), ("rcases h with ⟨c, hc⟩",)),
    ),
    (
        "theorem bounds (a b c : Nat) (h : a < b) (h' : b < c) : a + 1 < c ∧ ∃ n, n * n = a * a",
        ((), ("constructor",)),
    ),
    ("theorem implications (p q : Prop) : p → q → p ∧ q", ((), ("intro hp",))),
)  # 13 states
KINDS: tuple[str, ...] = (
    "rfl",
    "assumption",
    "contradiction",
    "constructor",
    "intro x",
    "left",
    "exact h",
    "exact ⟨hp, hq⟩",
    "exact undefined_name",
    "apply h",
    "cases h",
    "rw [Nat.add_comm]",
    "simp",
    "simp_all",
    "omega",
    "grind",
    "decide",
    "induction xs <;> simp",
    "refine ⟨?_, ?_⟩",
    "have h2 : 1 + 1 = 2 := rfl",
    "exfalso",
    "split <;> rfl",
)  # 22 kinds

# A batch as a search sends it. No tactic closes the theorem, whose last part is false; that would end the batch.
BATCH_STATEMENT = (
    "theorem batch (a b c : Nat) (p q : Prop) (h : a < b) (hp : p ∨ q) : (q ∨ p) ∧ a * c ≤ b * c ∧ a * b + 1 = a * b"
)
BATCH: tuple[str, ...] = (
    *("rfl", "assumption", "contradiction", "constructor", "intro x", "left", "right", "exact h"),
    *("exact hp", "exact undefined_name", "apply h", "cases hp", "cases h", "rw [Nat.add_comm]", "rw [Nat.mul_comm]"),
    *("simp", "simp_all", "omega", "decide", "exfalso", "split", "ext", "symm", "congr", "funext x"),
    *("refine ⟨?_, ?_⟩", "refine ⟨?_, ?_, ?_⟩", "refine ⟨hp.symm, ?_⟩", "induction c", "cases b"),
    *("have h2 : 1 + 1 = 2 := rfl", "exact ⟨hp.symm, Nat.mul_le_mul_right c (Nat.le_of_lt h), rfl⟩"),
)  # 32 tactics


class RecordingProcess(LeanProcess):
    """A process that keeps its last raw answer, which has Lean's own time."""

    last: Answer

    async def request(self, op: str, *, limit_s: float, **fields: object) -> Answer:
        """Send one request; see LeanProcess."""
        self.last = await super().request(op, limit_s=limit_s, **fields)
        return self.last


@dataclass(frozen=True, slots=True)
class Place:
    """A state at which tactics are tried. `kept`: this and other states of its theorem that are reused."""

    session: LeanSession
    state: ProofState
    kept: frozenset[ProofState]

    async def attempt(self, tactic: str) -> None:
        """Try one tactic, and release the resulting state, unless it is this or another kept state."""
        outcomes = await self.session.apply(self.state, [tactic], timeout_s=TACTIC_TIMEOUT_S)
        self.session.release({o.state for o in outcomes if isinstance(o, Advanced)} - self.kept)


async def search_process(installation: Installation, *, recording: bool = False) -> LeanProcess:
    """Start a search process for `import Init`, with no verifying process beside it."""
    kind = RecordingProcess if recording else LeanProcess
    return await kind.start(installation, "search", ("Init",))


async def opened(process: LeanProcess, statement: str) -> LeanSession:
    """Open a theorem in a given process (an environment would choose one itself)."""
    session = LeanSession(process, Theorem.from_text(statement), heartbeats=TACTIC_HEARTBEATS)
    await session.start()
    return session


async def advance(session: LeanSession, tactics: tuple[str, ...], *, timeout_s: float = 60.0) -> ProofState:
    """Return the state that these tactics lead to."""
    state = session.initial
    for tactic in tactics:
        (outcome,) = await session.apply(state, [tactic], timeout_s=timeout_s)
        if not isinstance(outcome, Advanced):
            raise RuntimeError(f"{tactic!r} should lead on, but: {outcome}")
        state = outcome.state
    return state


async def all_places(process: LeanProcess) -> list[Place]:
    """Open every theorem of `STATES` and go to its states."""
    places = []
    for statement, paths in STATES:
        session = await opened(process, statement)
        states = [await advance(session, path) for path in paths]
        places += [Place(session, state, frozenset(states)) for state in states]
    return places
