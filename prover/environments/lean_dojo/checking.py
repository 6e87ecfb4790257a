"""A process that lets LeanDojo compile a theorem with a proof: `check_proof`, and an audit of the axioms after it.

python -m prover.environments.lean_dojo.checking REPO COMMIT FILE NAME < PROOF

`check_proof` alone would accept `native_decide` and axioms that a proof brings. So the text goes on, after the proof,
with a command that fails unless the theorem rests on Lean's three axioms only; a failing command fails the check.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from prover.core.axioms import STANDARD_AXIOMS
from prover.environments.lean_dojo.library import lean_dojo


def with_audit(proof: str, name: str) -> str:
    """Return a term for the theorem, and the command that fails if it rests on too much."""
    allowed = ", ".join(f"`{axiom}" for axiom in sorted(STANDARD_AXIOMS))
    return (
        f"by\n{textwrap.indent(proof, '  ')}\n\n"
        "#eval show Lean.Elab.Command.CommandElabM Unit from do\n"
        f"  let (_, found) := ((Lean.CollectAxioms.collect `{name}).run (← Lean.getEnv)).run {{}}\n"
        f"  unless found.axioms.all ([{allowed}].contains ·) do\n"
        '    throwError "the proof rests on more than the standard axioms"\n'
    )


def main(api: Any | None = None) -> None:
    """Read a proof from standard input and print the verdict as JSON."""
    repo, commit, file, name = sys.argv[1:]
    try:
        library = api or lean_dojo()
        theorem = library.Theorem(library.LeanGitRepo(repo, commit), Path(file), name)
        accepted = library.check_proof(theorem, with_audit(sys.stdin.read(), name))
        verdict: dict[str, object] = {"accepted": bool(accepted)}
    except Exception as error:  # a trace that is missing, a network that is down, an assertion of the library
        verdict = {"fault": f"{type(error).__name__}: {error}"}
    print(json.dumps(verdict))


if __name__ == "__main__":
    main()
