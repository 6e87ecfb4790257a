from __future__ import annotations

import pytest

from prover.policies.identities import policy_in_words


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ("closers@2", "the closers"),
        ("closers-without-premises@2", "the closers without library premises"),
        ("ranked(closers@2, 8 ahead, order@0f04aa, premises@77)", "the closers in a learned order"),
        ("isabelle-closers@3+hammer", "Isabelle's automation with Sledgehammer"),
        ("llm(qwen, bfs-prover, 32×1, T=1)", "the language model qwen"),
        ("whole-proof(kimina@3, kimina, 8×3)", "whole proofs by the language model kimina@3"),
        ("agent(gpt, 5 attempts)", "the language model gpt as an agent"),
        (
            "sketch(llemma, 4×2) + isabelle-closers@3",
            "proof sketches by the language model llemma, then Isabelle's automation",
        ),
        (
            "mathlib-closers@1[24] + closers@2[16] + llm(m, f, 32×1, T=1)[32] + closers@2[48][10000]",
            "Mathlib's automation, then the closers, then the language model m",
        ),
        ("scripted:simp + omega;;rfl", "fixed tactics: simp + omega;;rfl"),
        ("mine@7", "mine@7"),
    ],
)
def test_identity_in_words(identity: str, words: str) -> None:
    assert policy_in_words(identity) == words
