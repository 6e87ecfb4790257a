"""BFS-Prover (Xin et al. 2025), versions 1 and 2: the state, then `:::` and nothing else.

Version 1 has seen whole states, version 2 first goals without `case` line and without `this : True`
(`src/search/prover_manager.py` of its repository). Mixing them up loses proofs without any error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prover.policies.llm.prompts.answers import tactic
from prover.policies.llm.prompts.fitting import fitted
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.states import first_goal, normal, target

MARK = ":::"


@dataclass(frozen=True, slots=True)
class BfsProverFormat:
    """The state as in that version's training, and the mark; temperatures from the model card and the search script."""

    name: str
    normal: Callable[[str], str]
    stop: tuple[str, ...] = ()
    max_tokens: int = 2048
    temperature: float = 1.1
    top_p: float = 1.0
    samples: int = 4
    whole_proof: bool = False

    def render(self, query: Query, *, limit: int | None = None) -> str:
        """Return the prompt."""
        return fitted(self._write, query, limit)

    def parse(self, text: str, query: Query) -> str | None:
        """Return the whole answer; some servers echo the prompt in front of it."""
        before, mark, behind = text.partition(MARK)
        echoed = bool(mark) and target(query.state) in before
        return tactic(behind if echoed else before, query, stop=(MARK,))

    def _write(self, query: Query, _: int) -> str:
        return f"{self.normal(query.state)}{MARK}{query.prefix}"


BFS_PROVER = BfsProverFormat("bfs-prover", normal)
BFS_PROVER_V2 = BfsProverFormat("bfs-prover-v2", first_goal, temperature=1.3)
