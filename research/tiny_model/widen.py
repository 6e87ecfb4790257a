"""Make a small Llama wider by what changes nothing: it writes what it wrote, and costs what a larger one costs.

    python widen.py MODEL OUT --times 2

What is new of every vector between the layers stays zero; new heads and hidden units are computed and then multiplied
by zero. A larger model that has learned as much would take hours of two cores to train. Needs torch and transformers
(vLLM's own environment has them) and nothing of prover.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

INTO_THE_STREAM = ("self_attn.o_proj.weight", "mlp.down_proj.weight", "embed_tokens.weight", "lm_head.weight")
"""What is new in these is zero: so nothing new gets into the stream between the layers, whatever other weights are."""
SIZES = ("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads")


def main() -> None:
    """Read, widen, check, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    small = LlamaForCausalLM.from_pretrained(options.model)
    about = small.config.to_dict()
    sizes = {size: options.times * about[size] for size in SIZES} | {
        "rms_norm_eps": about["rms_norm_eps"] / options.times
    }
    large = LlamaForCausalLM(LlamaConfig.from_dict({**about, **sizes}))
    known = dict(small.named_parameters())
    with torch.no_grad():
        for name, weights in large.named_parameters():
            if name.endswith(INTO_THE_STREAM):
                weights.zero_()
            old = known[name]
            # The mean square of a vector falls as zeros are added to it, and its norm divides by that.
            weights[tuple(map(slice, old.shape))] = old * options.times**-0.5 if old.ndim == 1 else old
    tokens = torch.arange(32)[None] % small.config.vocab_size
    with torch.inference_mode():
        torch.testing.assert_close(large(tokens).logits, small(tokens).logits, atol=1e-3, rtol=1e-3)
    large.save_pretrained(options.out)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(options.model / file, options.out)
    print(f"{sum(p.numel() for p in large.parameters()) / 1e6:.0f} M parameters; {options.out}")


if __name__ == "__main__":
    main()
