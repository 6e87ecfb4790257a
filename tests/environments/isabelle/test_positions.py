"""Errors speak of the lines that the user wrote, by every way of verification."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.core.theorem import Theorem
from prover.environments.isabelle.build import LONGEST_ERROR, BatchBuild, errors_of
from prover.environments.isabelle.environment import IsabelleEnvironment
from prover.environments.isabelle.pool import ServerPool
from prover.environments.isabelle.positions import in_users_lines
from prover.environments.isabelle.theories import CLAIM, PROOF, Reports, theories
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError
from prover.proving.verify import verify, verify_source
from tests.conftest import HUNG_S
from tests.environments.isabelle.relays import IMPORTS, PATHS, Relay

HEAD = "theory T imports Main\nbegin\n\n"
HEADER = '(* a comment\n   of two lines *)\ndefinition one :: nat where\n  "one = 1"\n\n'
STATED = 'lemma t:\n  fixes n :: nat\n  shows "n + one = n"\n'
PROVED = "proof (induct n)\n  (* base *)\n  case 0\n  then show ?case by blast\nqed"
SOURCE = f"{HEAD}{HEADER}{STATED}{PROVED}\nend\n"

BUILD = """#!/bin/sh
# Says what a build says of the line that holds MARK, in the first of its theories that has it.
folder=$3
[ {claimed} = yes ] && : >"$folder/claim"
file=$folder/{theory}.thy
line=$(grep -n -- '{mark}' "$file" | head -n 1 | cut -d: -f1)
if [ {claimed} = no ] && [ {theory} = Prover_Claim ]; then
    also=$folder/Prover_Proof.thy
    cat <<END
*** Failed to finish proof (line $(grep -n -- '{mark}' "$also" | cut -d: -f1) of "$also"):
*** goal (1 subgoal):
***  1. False
*** exception THM raised (line 311 of "drule.ML")
*** At command "by" (line $(grep -n -- '{mark}' "$also" | cut -d: -f1) of "$also")
END
fi
cat <<END
Building Prover_X ...
Prover_X FAILED (see also "isabelle build_log -H Error Prover_X")
Loading theory "Draft.{theory}"
### theory "Draft.{theory}"
### Rule already declared as introduction
*** Failed to finish proof (line $line of "$file"):
*** goal (1 subgoal):
***  1. False
*** exception THM raised (line 311 of "drule.ML")
*** At command "by" (line $line of "$file")
Unfinished session(s): Prover_X
END
exit 1
"""


def building(folder: Path, *, theory: str, mark: str, claimed: bool) -> IsabelleEnvironment:
    program = folder / "isabelle"
    program.write_text(BUILD.format(theory=theory, mark=mark, claimed="yes" if claimed else "no"))
    program.chmod(0o755)
    pool = ServerPool(["127.0.0.1:1"], places=1, paths=PATHS, boot_timeout_s=1)
    checker = BatchBuild(str(program), session="HOL", imports=IMPORTS)
    return IsabelleEnvironment(pool, version="recorded", imports=IMPORTS, checker=checker)


def line_of(mark: str, source: str = SOURCE) -> int:
    return next(number for number, line in enumerate(source.split("\n"), 1) if mark in line)


async def test_build_that_fails_shows_its_errors_at_the_lines_of_the_file(tmp_path: Path) -> None:
    environment = building(tmp_path, theory=PROOF, mark="by blast", claimed=True)
    verdict = await verify_source(Theorem.from_text(SOURCE), environment, against=None, timeout_s=HUNG_S)
    line = line_of("by blast")
    assert verdict.reason == (
        f"Failed to finish proof (line {line}):\ngoal (1 subgoal):\n 1. False\n"
        f'exception THM raised (line 311 of "drule.ML")\nAt command "by" (line {line})'
    )


async def test_proof_that_is_no_file_has_lines_of_its_own(tmp_path: Path) -> None:
    environment = building(tmp_path, theory=PROOF, mark="by blast", claimed=True)
    verdict = await verify(Theorem.from_text(HEADER + STATED), [PROVED], environment, timeout_s=HUNG_S)
    assert f"(line {line_of('by blast', PROVED)} of the proof)" in (verdict.reason or "")


@pytest.mark.parametrize("mark", ['"one = 1"', 'shows "n'])
async def test_statement_that_cannot_be_built_has_the_lines_of_its_file(tmp_path: Path, mark: str) -> None:
    environment = building(tmp_path, theory=CLAIM, mark=mark, claimed=False)
    with pytest.raises(InvalidTheoremError) as error:
        await verify_source(Theorem.from_text(SOURCE), environment, against=None, timeout_s=HUNG_S)
    assert f"Failed to finish proof (line {line_of(mark)}):" in error.value.reason
    assert "Loading" not in error.value.reason
    assert error.value.reason.count("At command") == 1  # both theories say it
    assert str(tmp_path) not in error.value.reason


async def test_imports_that_cannot_be_built_are_the_settings_fault(tmp_path: Path) -> None:
    environment = building(tmp_path, theory="Prover_Guard", mark="imports", claimed=False)
    with pytest.raises(EnvironmentUnavailableError, match=r'IMPORTS=Main(.|\n)*line 2 of "Prover_Guard'):
        await verify(Theorem.from_text(STATED), ["by simp"], environment, timeout_s=HUNG_S)


async def test_server_speaks_of_the_lines_of_the_file_too(relay: Relay) -> None:
    source = f'{HEAD}{HEADER}lemma t: "(0::nat)\n  = 1"\n  by simp\nend'
    verdict = await verify_source(Theorem.from_text(source), relay.environment(), against=None, timeout_s=HUNG_S)
    assert not verdict.accepted
    first = line_of("lemma t", source)  # the recorded Isabelle says line 1, wherever it was
    assert f"(line {first})" in (verdict.reason or "")
    bad = Theorem.from_text(f'{HEAD}nonsense f where "f = 1"\n\nlemma t: "True" by simp end')
    with pytest.raises(InvalidTheoremError, match=rf"\(line {line_of('nonsense', bad.source)}\)"):
        await verify_source(bad, relay.environment(), against=None, timeout_s=HUNG_S)


def test_every_line_of_the_theories_is_found_again() -> None:
    statement = IsabelleStatement.read(SOURCE)
    written = theories(
        statement, statement.proof, imports=IMPORTS, names=("t",), mark="M", reports=Reports("writeln", "writeln")
    )
    for theory in (CLAIM, PROOF):
        file = f"{theory}.thy"
        for number, line in enumerate(written[theory].split("\n"), 1):
            said = in_users_lines(
                f'here (line {number} of "/x/{file}")', written[theory], statement, statement.proof, file=file
            )
            if " (line " in said and line.strip():
                own = SOURCE.split("\n")[int(said.split("line ")[1].rstrip(")")) - 1]
                assert own.strip() == line.strip()
            elif line.strip() and line.strip() in SOURCE.split("begin\n")[1].removesuffix("end\n"):
                raise AssertionError(line)


def test_statement_without_a_name_keeps_its_lines() -> None:
    source = 'lemma\n\n  "True \\<and>\n   False"\n  by simp'
    statement = IsabelleStatement.read(source)
    sent = f"{statement.text}\n{statement.proof}"
    line = sent.split("\n").index("by simp") + 1
    assert in_users_lines(f"x (line {line})", sent, statement, statement.proof) != ""
    assert in_users_lines("x (line 2)", sent, statement, statement.proof) == "x (line 4)"


def test_long_errors_end_with_a_line() -> None:
    log = "\n".join(f"*** error {number} " + "x" * 200 for number in range(500))
    lines = errors_of(log).split("\n")
    assert len(lines) == LONGEST_ERROR + 1
    assert all(line.endswith("x") for line in lines[:-1])
    assert errors_of("disk full\n") == "disk full"
