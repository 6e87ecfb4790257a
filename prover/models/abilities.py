"""What a server cannot do of what is asked of it, found out when it refuses or ignores it, and said once.

vLLM does all of it. Others do less: llama.cpp gives one answer to a conversation, or refuses to give several; Ollama
and LM Studio give one whatever was asked, some know no seeds or no log-probabilities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_SEVERAL = re.compile(
    r"\bn\b|\bn_cmpl|choices?\b|completions? (?:per|at once)|one completion|best_of|multiple", re.IGNORECASE
)
_ONE_PROMPT = re.compile(r"\bprompts?\b.*\b(?:string|str|one|single|multiple)\b", re.IGNORECASE | re.DOTALL)
UNSCORED = "the server gives no log-probabilities: tactics are ranked by how often they were drawn"
_OPTIONAL = {
    "logprobs": ("logprob", UNSCORED),
    "seed": ("seed", "the server takes no seed: another run draws other answers"),
}


MOST_ALTERNATIVES = 20
"""To a token, that vLLM tells unless it is started with --max-logprobs."""

LONG_PROMPT, MOST_BYTES_A_TOKEN = 2_000, 8
"""Bytes of a prompt from which on its tokens are compared with them; text with Lean in it has 2 to 5 a token."""


@dataclass(slots=True)
class Abilities:
    """What a server has shown that it cannot do. `notes` says it in words.

    `several`: does it give several answers to a prompt? `lists`: does it take several prompts in a request?
    `most_alternatives`: how many likely tokens it tells.
    """

    several: bool = True
    lists: bool = True
    most_alternatives: int = 1_000
    without: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Say this once."""
        if text not in self.notes:
            self.notes.append(text)

    def one_at_a_time(self) -> None:
        """The server gives one answer to a request."""
        self.several = False
        self.note("the server gives one answer to a request: it is asked once for each sample")

    def in_turns(self) -> None:
        """The server has too little context for several answers at once."""
        self.several = False
        self.note("answers at once do not fit into the server's context together: one is asked for after the other")

    def fewer_alternatives(self, count: int) -> bool:
        """The server does not tell so many alternatives to a token. Returns whether it may tell fewer."""
        if count <= MOST_ALTERNATIVES:
            return False
        self.most_alternatives = MOST_ALTERNATIVES
        self.note(f"the server tells {MOST_ALTERNATIVES} alternatives to a token: beams have no more to choose from")
        return True

    def compare(self, length: int, tokens: int) -> None:
        """Compare the bytes of a prompt with the tokens that the server counts in it."""
        if length > LONG_PROMPT and 0 < tokens * MOST_BYTES_A_TOKEN < length:
            self.note(
                f"the server counted {tokens:,} tokens in a prompt of {length:,} bytes: it may cut what is too long "
                "for its context (Ollama: set num_ctx)"
            )

    def learn(self, reason: str, body: dict[str, Any]) -> bool:
        """Take in why a request was refused. Returns whether another one may be answered."""
        for name, (word, note) in _OPTIONAL.items():
            if name in body and word in reason.lower():
                self.without.add(name)
                self.note(note)
                return True
        if isinstance(body.get("prompt"), list) and _ONE_PROMPT.search(reason):
            self.lists = False  # nothing is lost by that
            return True
        if body.get("n", 1) > 1 and _SEVERAL.search(reason):
            self.one_at_a_time()
            return True
        return False

    def allowed(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a request without what the server refuses."""
        return {name: value for name, value in body.items() if name not in self.without}
