"""Statements of theorems from Isabelle theory files, one theorem a file, as miniF2F has them.

A theory's own imports are left out: all theorems of a run have those of the server's theory. Proofs that some
files have are left out as well. See docs/how-to/isabelle.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.errors import InstallationError, InvalidTheoremError

SOLUTION = "### Solution"
"""What stands between a problem and its solution, for policies that sketch."""


def rows_of_theories(files: Mapping[str, str], pin: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    """Return problems in our form: `folders` and `words` of the pin say of which split a folder's files are.

    Raises:
        InstallationError: a file states no theorem of its own name.
    """
    words = {_stem(name): _in_words(text) for name, text in files.items() if _folder(name) in pin.get("words", {})}
    rows = []
    for name, text in sorted(files.items()):
        if _folder(name) in pin["folders"]:
            row = problem_of_theory(_stem(name), text) | {"split": pin["folders"][_folder(name)]}
            rows.append(row | ({"informal": words[row["name"]]} if row["name"] in words else {}))
    return rows


def problem_of_theory(name: str, text: str) -> dict[str, str]:
    """Return the last theorem of a theory, which is to have this name, with what is defined before it.

    Raises:
        InstallationError: there is none.
    """
    try:
        found = IsabelleStatement.read(text)
    except InvalidTheoremError as error:
        raise InstallationError(f"{name}.thy states no theorem: {error.reason}") from error
    if found.name != name:
        raise InstallationError(f"{name}.thy states {found.name}, not {name}")
    return {"name": name, "header": found.header, "statement": found.text}


def _in_words(text: str) -> str:
    """Return problem and solution of a file with both."""
    found = json.loads(text)
    return f"{found['informal_statement'].strip()}\n\n{SOLUTION}\n\n{found['informal_proof'].strip()}"


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _stem(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[0]
