"""Verification by `isabelle build`, where Isabelle is installed: a batch process that knows no `sorry`."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from prover.environments.ending_with_us import run_to_end
from prover.environments.isabelle.positions import in_users_lines
from prover.environments.isabelle.theories import CLAIM, PROOF, Reports, imports_error, root, theories
from prover.environments.isabelle.verification import CheckResult
from prover.environments.isabelle.witness import Witness, new_mark, refusal
from prover.environments.syntax.isabelle.statement import IsabelleStatement
from prover.errors import EnvironmentUnavailableError, InvalidTheoremError, ProverError

START_S = 120.0
"""Allowed for Isabelle itself (Java, and loading the parent session's image) beyond the limit of a verification."""
LONGEST_ERROR = 40  # lines of a failed build that are shown
_BEFORE_TEXT = re.compile(r'\(line ([123]) of "[^"]*Prover_\w+\.thy"\)|\(line \d+ of "(?:[^"]*/)?ROOT"\)')
"""Positions in what stands before a theory's text, which is ours: with the imports of the settings."""
_ONE_ERROR = re.compile(r".*?(?:^At command [^\n]*|\Z)", re.DOTALL | re.MULTILINE)


class BatchBuild:
    """`isabelle build` of a session made for one proof."""

    def __init__(self, tool: str, *, session: str, imports: tuple[str, ...]) -> None:
        self._tool = tool
        self._session = session
        self._imports = imports
        self.how = "by isabelle build, quick_and_dirty off"

    async def check(
        self, statement: IsabelleStatement, proof: str, *, names: tuple[str, ...], timeout_s: float
    ) -> CheckResult:
        """Check a proof.

        Raises:
            InvalidTheoremError: the statement itself cannot be read.
            EnvironmentUnavailableError: the tool does not start, or the imports of the settings cannot be loaded.
        """
        mark = new_mark()
        with tempfile.TemporaryDirectory(prefix="prover-isabelle-") as name:
            folder = Path(name)
            reports = Reports(claim=_to_file(folder / "claim"), proof=_to_file(folder / "proof"))
            written = theories(statement, proof, imports=self._imports, names=names, mark=mark, reports=reports)
            for theory, text in written.items():
                (folder / f"{theory}.thy").write_text(text, encoding="ascii")
            session = f"Prover_{mark}"
            (folder / "ROOT").write_text(root(session, self._session, self._imports, timeout_s=timeout_s), "ascii")
            command = (self._tool, "build", "-d", str(folder), "-o", "quick_and_dirty=false", session)
            run = await run_to_end(command, limit_s=timeout_s + START_S)
            if run.status is None:
                return CheckResult(False, self.how, f"not verified within {timeout_s:.3g} s", timed_out=True)
            log = run.output.replace(f"{folder}/", "").replace(f'"{session}.', '"')
            result = self._judge(folder, run.status, log, mark)
            if result is None:
                raise self._unclaimed(errors_of(log), written, statement)
            told = in_users_lines(result.reason or "", written[PROOF], statement, proof, file=f"{PROOF}.thy")
            return replace(result, reason=told or None)

    def _unclaimed(self, errors: str, written: Mapping[str, str], statement: IsabelleStatement) -> ProverError:
        """Say why not even the statement was read. The theory of the proof then fails as well, for the same reason."""
        if _BEFORE_TEXT.search(errors):
            return imports_error(self._imports, errors)
        if "(line " not in errors:
            return EnvironmentUnavailableError(f"isabelle build fails: {errors}")
        for theory in (CLAIM, PROOF):
            errors = in_users_lines(errors, written[theory], statement, file=f"{theory}.thy")
        different = dict.fromkeys(found[0].strip("\n") for found in _ONE_ERROR.finditer(errors))
        told = "\n".join(filter(None, different))
        return InvalidTheoremError(f"Isabelle cannot read the statement: {told}")

    def _judge(self, folder: Path, status: int, log: str, mark: str) -> CheckResult | None:
        """Say what came of the proof; None if the statement was not read."""
        claim, proof = folder / "claim", folder / "proof"
        refused = log.split(f"*** {mark}")
        if len(refused) > 1:
            return CheckResult(False, self.how, f"`{refused[1].partition(mark)[0][:200]}` may not stand in a proof")
        if "*** Timeout" in log:
            return CheckResult(False, self.how, "the build reached its limit of time", timed_out=True)
        if not claim.exists():
            return None
        if status != 0 or not proof.exists():
            return CheckResult(False, self.how, errors_of(log))
        claimed = Witness.read(claim.read_text("utf-8"), mark)
        proved = Witness.read(proof.read_text("utf-8"), mark)
        reason = refusal(claimed, proved.in_theory(PROOF, CLAIM))
        return CheckResult(reason is None, self.how, reason, claimed=claimed.propositions)


def errors_of(log: str) -> str:
    """Return the errors in the log of a build; if there are none, its last lines."""
    lines = log.strip().split("\n")
    errors = [line[len("***") :].removeprefix(" ") for line in lines if line.startswith("***")]
    if not errors:
        return "\n".join(lines[-LONGEST_ERROR:]) or "it says nothing"
    more = ["..."] if len(errors) > LONGEST_ERROR else []
    return "\n".join([*errors[:LONGEST_ERROR], *more]).strip()


def _to_file(path: Path) -> str:
    return f'File.write (Path.explode "{path}")'
