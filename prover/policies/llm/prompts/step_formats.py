"""Formats that ask for the next tactic of a state, of models that were trained for it."""

from __future__ import annotations

from dataclasses import replace

from prover.policies.llm.prompts.answers import tactic
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.states import target
from prover.policies.llm.prompts.template import TemplateFormat
from prover.policies.llm.prompts.wording import Wording

CONTEXT_CHARACTERS = 3_000  # about the 1,024 tokens of the ntp models' training
BFS_MARK = ":::"
_STATE = """\
The proof of a Lean 4 theorem has come to the state inside [STATE]...[/STATE].
Write the next tactic of the proof inside [TAC]...[/TAC]. -/
"""
_FILE = "/- The file up to the next tactic stands inside [CTX]...[/CTX].\n"
_ASKED = "[STATE]\n{state}\n[/STATE]\n[TAC]\n{prefix}"


def without_marks(text: str) -> str:
    """Return an answer without the marks around premise names."""
    return text.replace("<a>", "").replace("</a>", "")


def _llmstep(text: str, query: Query) -> str | None:
    return tactic(text, query, stop=("[GOAL]",))


def _reprover(text: str, query: Query) -> str | None:
    return tactic(without_marks(text), query, first_line=True)


def _ntp(text: str, query: Query) -> str | None:
    return tactic(text, query, stop=("[/TAC]",))


def _bfs(text: str, query: Query) -> str | None:
    """Read the whole answer; some servers echo the prompt in front of it."""
    before, mark, behind = text.partition(BFS_MARK)
    echoed = bool(mark) and target(query.state) in before
    return tactic(behind if echoed else before, query, stop=(BFS_MARK,))


def _internlm(text: str, query: Query) -> str | None:
    return tactic(text.removeprefix("TACTIC:"), query, stop=("---",))


def _internlm_chat(text: str, query: Query) -> str | None:
    """Read a message, which cannot go on with what the user typed."""
    return tactic(text.strip().removeprefix("PROOFSTEP"), replace(query, prefix=""), stop=("PROOFSTEP",))


LLMSTEP = TemplateFormat(
    name="llmstep",
    wording=Wording(text="[GOAL]{state}[PROOFSTEP]{prefix}"),
    read=_llmstep,
    max_tokens=128,
    temperature=0.5,
    samples=10,
)
"""llmstep's model, Pythia 2.8b fine-tuned on Mathlib: `server.py` of `wellecks/llmstep` @88f4107."""

REPROVER = TemplateFormat(
    name="reprover-vllm",
    wording=Wording(text="[GOAL]\n{state}\n[PROOFSTEP]\n{prefix}"),
    read=_reprover,
    stop=("\n",),
    max_tokens=256,
    temperature=0.7,
    samples=64,
)
"""ReProver's decoder models, whose format differs from llmstep's in its newlines; `prover/tactic_generator.py` of
`lean-dojo/ReProver`. The authors searched with 64 beams; servers support beams poorly, so we sample as many."""

NTP_STATE = TemplateFormat(
    name="ntp-st",
    wording=Wording(text=f"/- {_STATE}{_ASKED}"),
    read=_ntp,
    stop=("[/TAC]",),
    max_tokens=256,
    temperature=0.7,
    samples=32,
    own_words=True,
)
"""The ntp-toolkit's models (miniCTX, Hu et al. 2024): `scripts/instruction_tuning.py` of `cmu-l3/ntp-toolkit`."""

NTP_CONTEXT = TemplateFormat(
    name="ntp-ctx",
    wording=Wording(text=f"{_FILE}{_STATE}[CTX]\n{{context}}\n[/CTX]\n{_ASKED}"),
    read=_ntp,
    stop=("[/TAC]",),
    max_tokens=256,
    temperature=0.7,
    samples=32,
    own_words=True,
    longest_context=CONTEXT_CHARACTERS,
)
"""Those that read the text before the cursor as well."""

BFS_PROVER = TemplateFormat(
    name="bfs-prover",
    wording=Wording(text=f"{{state}}{BFS_MARK}{{prefix}}"),
    read=_bfs,
    max_tokens=2048,
    temperature=1.1,
    samples=4,
)
"""BFS-Prover (Xin et al. 2025), version 1, has seen whole states. Mixing it up with version 2 loses proofs without any
error."""

BFS_PROVER_V2 = TemplateFormat(
    name="bfs-prover-v2",
    wording=Wording(text=f"{{goal}}{BFS_MARK}{{prefix}}"),
    read=_bfs,
    max_tokens=2048,
    temperature=1.3,
    samples=4,
)
"""Version 2 has seen first goals without `case` line and without `this : True` (`src/search/prover_manager.py`)."""

INTERNLM = TemplateFormat(
    name="internlm-step",
    wording=Wording(user="DECL {name}\nGOAL {state}"),
    read=_internlm_chat,
    max_tokens=256,
    temperature=0.7,
    samples=32,
)
"""InternLM2-StepProver (Wu et al. 2024): a chat of one message; `lean-github/README.md` of `InternLM/InternLM-Math`."""

INTERNLM_2_5 = TemplateFormat(
    name="internlm2.5-step",
    wording=Wording(
        text="---\nNAME: {name}\n\n---\nPROOF_BEFORE: {before}\n\n---\nSTATE_BEFORE: {state}\n\n---\nTACTIC: {prefix}"
    ),
    read=_internlm,
    stop=("---",),
    max_tokens=256,
    temperature=0.7,
    samples=32,
)
"""InternLM2.5-StepProver (Wu et al. 2024), which also reads the proof so far; its model card."""
