"""The theories that a verification is: a guard, our claim, and the proof, to be built by an Isabelle of its own."""

from __future__ import annotations

from dataclasses import dataclass

from prover.environments.isabelle.witness import guard_ml, witness_ml
from prover.environments.syntax.isabelle.statement import IsabelleStatement, imports_text, indented
from prover.errors import EnvironmentUnavailableError

GUARD, CLAIM, PROOF = "Prover_Guard", "Prover_Claim", "Prover_Proof"
THEORIES = (GUARD, CLAIM, PROOF)


@dataclass(frozen=True, slots=True)
class Reports:
    """ML functions that take the two witnesses' texts."""

    claim: str
    proof: str


def theories(
    statement: IsabelleStatement,
    proof: str,
    *,
    imports: tuple[str, ...],
    names: tuple[str, ...],
    mark: str,
    reports: Reports,
) -> dict[str, str]:
    """Return the theories by name. The proof's theory imports the guard: nothing of it runs before that has passed."""
    header = statement.header
    return {
        GUARD: _theory(GUARD, imports, guard_ml(proof, mark)),
        CLAIM: _theory(
            CLAIM,
            imports,
            header,
            "declare [[quick_and_dirty = true]]",
            f"{statement.text}\n  sorry",
            witness_ml(names, mark, report=reports.claim),
        ),
        PROOF: _theory(
            PROOF,
            (*imports, GUARD),
            header,
            f"{statement.text}\n{indented(proof)}",
            witness_ml(names, mark, report=reports.proof),
        ),
    }


def root(session: str, parent: str, imports: tuple[str, ...], *, timeout_s: float) -> str:
    """Return the ROOT file of a session with these theories."""
    others = sorted({name.rpartition(".")[0] for name in imports if "." in name} - {parent})
    sessions = "  sessions\n" + "".join(f'    "{name}"\n' for name in others) if others else ""
    return (
        f'session "{session}" = "{parent}" +\n'
        f"  options [quick_and_dirty = false, skip_proofs = false, document = false, browser_info = false,\n"
        f"    threads = 1, timeout = {max(1, round(timeout_s))}]\n"
        f"{sessions}  theories\n" + "".join(f"    {name}\n" for name in THEORIES)
    )


def imports_error(imports: tuple[str, ...], said: str) -> EnvironmentUnavailableError:
    """Return the error that the imports of the settings cannot be loaded: no statement is to blame."""
    return EnvironmentUnavailableError(
        f"Isabelle cannot load PROVER_ISABELLE__IMPORTS={','.join(imports)}; correct it, or name a session that has "
        f"these theories: {said}"
    )


def _theory(name: str, imports: tuple[str, ...], *parts: str) -> str:
    body = "\n\n".join(part for part in parts if part.strip())
    return f"theory {name}\n  imports {imports_text(imports)}\nbegin\n\n{body}\n\nend\n"
