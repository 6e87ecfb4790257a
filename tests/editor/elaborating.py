"""The Lean package in the embedded Lean, with a user's file behind it.

In there Lean can start no `curl`, and all is one text: the tests give the package's tactics answers to use, and tell
them that their file begins where the user's does.
"""

from __future__ import annotations

import json
import re

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.errors import Message
from tests.conftest import ROOT

PACKAGE = ROOT / "servers" / "lean" / "editor"
PARTS = ("Request", "Answer", "Http", "Tactics")
_IMPORT = re.compile(r"^import .*\n", re.MULTILINE)
_MARK = "-- the user's file"
_AS_FILE = f"""
open Lean Elab Tactic in
def asFile (tactic : Syntax) (run : Syntax → TacticM Unit) : TacticM Unit := do
  let mut before := 0
  let mut file := ""
  for part in (← getFileMap).source.splitOn ("{_MARK[:3]}" ++ "{_MARK[3:]}\\n") do
    before := before + file.utf8ByteSize
    file := part
  before := before + {len(_MARK) + 1}
  let start : String.Pos.Raw := ⟨(tactic.getPos?.getD 0).byteIdx - before⟩
  let stop : String.Pos.Raw := ⟨(tactic.getTailPos?.getD 0).byteIdx - before⟩
  withTheReader Core.Context ({{ · with fileMap := file.toFileMap }}) (run (.atom (.synthetic start stop) ""))
"""


class Elaborated:
    """What Lean says, by the lines of the user's file: severity and text."""

    def __init__(self, messages: tuple[Message, ...], before: int) -> None:
        self.messages, self.before = messages, before

    def __getitem__(self, line: int) -> list[tuple[str, str]]:
        # What is offered stands at the line in the file, errors of Lean itself at that of the whole text.
        return [(m.severity, m.text) for m in self.messages if m.line in {line, self.before + line}]

    def only(self, line: int) -> tuple[str, str]:
        ((severity, text),) = self[line]
        return severity, text


async def elaborated(lean: LeanWasmEnvironment, definitions: str, file: str) -> Elaborated:
    """Elaborate the package, definitions for a test, and a user's file. Takes seconds."""
    parts = [_IMPORT.sub("", (PACKAGE / "Prover" / f"{part}.lean").read_text()) for part in PARTS]
    before = "\n".join(["import Lean", *parts, _AS_FILE, definitions, _MARK])
    verdict = await lean.check_file(Theorem.from_text(f"{before}\n{file}"), timeout_s=300)
    assert not verdict.timed_out
    return Elaborated(verdict.messages, before.count("\n") + 1)


def transport(name: str, *, expected: str | None = None, **answers: str) -> str:
    """Return tactics NAME_suggest, NAME_suggest_rw, NAME_prove and NAME_premises that get these answers of `/v1/...`.

    Where there is none, they fail with the request, as configuration of curl; also where it is to `/v1/proofs` and not
    as `expected`.
    """
    cases = "".join(
        f'  if r.path.startsWith "/v1/{route}" then return .ok {json.dumps(text, ensure_ascii=False)}\n'
        for route, text in answers.items()
    )
    if expected is not None:
        wanted = json.dumps(expected, ensure_ascii=False)
        other = f'r.path.startsWith "/v1/proofs" && r.configuration s != {wanted}'
        cases = f"  if {other} then return .error (r.configuration s)\n{cases}"
    return f"""
def {name} : Prover.Transport := fun s r => do
{cases}  return .error (r.configuration s)
elab t:"{name}_suggest" : tactic => asFile t (Prover.suggest {name} ·)
elab t:"{name}_suggest_rw" : tactic => asFile t (Prover.suggest {name} · "rw [")
elab t:"{name}_prove" : tactic => asFile t (Prover.prove {name} ·)
elab t:"{name}_premises" : tactic => asFile t (Prover.premises {name} ·)
"""
