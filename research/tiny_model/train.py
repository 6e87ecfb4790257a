"""Train a small Llama on prompts with answers, from nothing; what comes out loads in transformers and vLLM.

    python train.py PAIRS.jsonl OUT [--steps 300] [--hidden 256] [--layers 4] [--vocabulary 2048]

A line of PAIRS is {"prompt": ..., "answer": ...}; only the answers are learned. Needs torch, transformers and
tokenizers (vLLM's own environment has them) and nothing of prover.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

BEGIN, END = "<s>", "</s>"
HEAD = 64
CONTEXT = 4096


def tokenizer_for(texts: list[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Train a byte-level BPE tokenizer: every text can be written."""
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[BEGIN, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=bare, bos_token=BEGIN, eos_token=END, model_max_length=CONTEXT)


def main() -> None:
    """Read, train, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--vocabulary", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    chance = random.Random(options.seed)

    pairs = [json.loads(line) for line in options.pairs.read_text(encoding="utf-8").splitlines()]
    tokenizer = tokenizer_for([pair["prompt"] + pair["answer"] for pair in pairs], options.vocabulary)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=options.hidden,
            intermediate_size=options.hidden * 5 // 2,
            num_hidden_layers=options.layers,
            num_attention_heads=options.hidden // HEAD,
            num_key_value_heads=options.hidden // HEAD,
            head_dim=HEAD,
            max_position_embeddings=CONTEXT,
            rope_theta=10_000.0,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            tie_word_embeddings=True,
        )
    )
    examples = []
    for pair in pairs:
        prompt = [tokenizer.bos_token_id, *tokenizer.encode(pair["prompt"], add_special_tokens=False)]
        answer = [*tokenizer.encode(pair["answer"], add_special_tokens=False), tokenizer.eos_token_id]
        examples.append((prompt + answer, [-100] * len(prompt) + answer))

    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=2e-3, total_steps=options.steps, pct_start=0.1)
    started = time.monotonic()
    for step in range(options.steps):
        batch = sorted(chance.choices(examples, k=options.batch), key=lambda example: len(example[0]))
        longest = len(batch[-1][0])
        tokens = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in batch])
        labels = torch.tensor([wanted + [-100] * (longest - len(wanted)) for _, wanted in batch])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model(input_ids=tokens, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if step % 20 == 0 or step == options.steps - 1:
            print(f"step {step}: loss {loss.item():.3f}, {time.monotonic() - started:.0f} s", flush=True)
    model.save_pretrained(options.out)
    tokenizer.save_pretrained(options.out)
    size = sum(parameter.numel() for parameter in model.parameters())
    print(f"{size / 1e6:.1f} M parameters, {len(examples)} examples, saved to {options.out}")


if __name__ == "__main__":
    main()
