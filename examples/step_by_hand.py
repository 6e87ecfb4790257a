"""Step through a proof by hand, and verify it at the end.

python examples/step_by_hand.py
"""

from __future__ import annotations

from prover import Advanced, Closed, Lean, Session

STATEMENT = "theorem and_swap (p q : Prop) (h : p ∧ q) : q ∧ p"


def proof_by(session: Session, *tactics: str) -> tuple[str, ...] | None:
    """Run the tactics one after the other; return them if they close the theorem."""
    state = session.initial
    for tactic in tactics:
        match session.run(state, tactic):
            case Advanced(after):
                print(f"{tactic}: {len(after.goals)} left, the first is {after.goals[0].text.splitlines()[-1]}")
                state = after
            case Closed():
                print(f"{tactic}: closed")
                return (*session.tactics_to(state), tactic)
            case failed:  # Rejected, GaveUp, TimedOut
                print(f"{tactic}: {failed.message.splitlines()[0]}")
    return None


def main() -> None:
    """Go wrong once, then prove it."""
    with Lean() as lean, lean.open(STATEMENT) as session:
        print(session.initial.text)
        proof = proof_by(session, "constructor", "exact h.1", "exact h.2", "exact h.1")
        print(proof is not None and session.verify(proof).accepted)


if __name__ == "__main__":
    main()
