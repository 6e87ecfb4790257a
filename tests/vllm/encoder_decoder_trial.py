"""Run by the environment of vLLM, which has torch and transformers: a ByT5 of our own, loaded and asked."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import torch
from transformers import ByT5Tokenizer, T5Config, T5ForConditionalGeneration

from prover.core.proof_state import Goal, ProofState
from prover.errors import LanguageModelError
from prover.models.encoder_decoder import EncoderDecoderModel
from prover.models.model import Message, Sampling
from prover.policies.generator import TacticGenerator
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.steps import LlmPolicy

STATES = {"n : Nat\n⊢ n = n": "rfl", "p : Prop\nh : p\n⊢ p": "exact h"}


def taught(folder: Path) -> None:
    """Let a tiny ByT5 learn one tactic for each state."""
    torch.manual_seed(0)
    tokenizer = ByT5Tokenizer()
    model = T5ForConditionalGeneration(
        T5Config(
            vocab_size=len(tokenizer), d_model=64, d_kv=16, d_ff=128, num_layers=2, num_decoder_layers=2, num_heads=4,
            decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, dropout_rate=0.0,
        )
    )  # fmt: skip
    inputs = tokenizer(list(STATES), padding=True, return_tensors="pt")
    labels = tokenizer(list(STATES.values()), padding=True, return_tensors="pt").input_ids
    labels[labels == 0] = -100
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(200):
        loss = model(**inputs, labels=labels).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


async def main(folder: Path) -> None:
    taught(folder)
    model = EncoderDecoderModel(str(folder))
    options = LlmOptions(samples=4, normalised=False, beam=True, max_tokens=24)
    policy: TacticGenerator = LlmPolicy(model, FORMATS["reprover-byt5"], options)
    proposals = await policy.propose([ProofState((Goal(state),)) for state in STATES], n=4, seed=0)
    found = [[(c.tactic, c.logprob) for c in proposal.candidates] for proposal in proposals]
    refused = ""
    try:
        await model.complete([(Message("user", "hello"),)], Sampling(n=1))
    except LanguageModelError as error:
        refused = str(error)
    missing = ""
    try:
        await EncoderDecoderModel(str(folder / "nothing")).complete(["x"], Sampling(n=1))
    except LanguageModelError as error:
        missing = str(error)
    await model.close()
    print(json.dumps({"found": found, "refused": refused, "missing": missing}))


asyncio.run(main(Path(sys.argv[1])))
