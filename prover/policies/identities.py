"""Identities of policies in plain words.

An identity such as `ranked(closers@2, 8 ahead, order@0f04…, premises@a1b2…)` names a policy exactly: it is part of
records and cache keys. People who read a result want to know what kind of policy it was.
"""

from __future__ import annotations

import re

_TURNS = re.compile(r"(\[\d+\])+$")
_CALL = re.compile(r"(?P<kind>ranked|llm|whole-proof|agent|sketch)\((?P<model>[^,()]*)")
_MODEL = re.compile(r"\b(llm|whole-proof|agent|sketch)\(")
_AUTOMATION = {
    "closers": "the closers",
    "closers-without-premises": "the closers without library premises",
    "mathlib-closers": "Mathlib's automation",
    "isabelle-closers": "Isabelle's automation",
    "isabelle-closers+hammer": "Isabelle's automation with Sledgehammer",
}
_VERSION = re.compile(r"@\d+")


def policy_in_words(identity: str) -> str:
    """Return what kind of policy has this identity; an unknown identity is returned as it is.

    >>> policy_in_words("ranked(closers@2, 8 ahead, order@0f04, premises)")
    'the closers in a learned order'
    >>> policy_in_words("closers@2[16] + llm(qwen, bfs-prover, 32×1, T=1)[32] + closers@2[48]")
    'the closers, then the language model qwen'
    """
    if identity.startswith("scripted:"):
        return f"fixed tactics: {identity.removeprefix('scripted:')}"
    parts = dict.fromkeys(_part(_TURNS.sub("", part)) for part in identity.split(" + "))
    return ", then ".join(parts)


def asks_a_model(identity: str) -> bool:
    """Does the policy of this identity ask a language model?

    >>> asks_a_model("closers@2[16] + llm(qwen, bfs-prover, 32×1, T=1)[32]"), asks_a_model("closers@2")
    (True, False)
    """
    return not identity.startswith("scripted:") and _MODEL.search(identity) is not None


def _part(identity: str) -> str:
    if words := _AUTOMATION.get(_VERSION.sub("", identity)):
        return words
    if not (call := _CALL.match(identity)):
        return identity
    model = f"the language model {call['model']}"
    match call["kind"]:
        case "ranked":
            return f"{_part(call['model'])} in a learned order"
        case "llm":
            return model
        case "whole-proof":
            return f"whole proofs by {model}"
        case "agent":
            return f"{model} as an agent"
        case _:
            return f"proof sketches by {model}"
