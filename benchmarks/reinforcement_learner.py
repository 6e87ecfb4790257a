"""A Llama of a hundred thousand weights for `benchmarks.reinforcement`, made on the spot.

It is trained (with TRL's SFTTrainer) on which tactics there are, not on which of them proves what.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prover.errors import MissingExtraError

CONTEXT = 256
HIDDEN, LAYERS, HEADS = 64, 2, 4


def learner(prompts: Sequence[str], tactics: Sequence[str], folder: Path, *, epochs: int, seed: int) -> tuple[Any, Any]:
    """Return a model and its tokenizer: after any of the prompts it gives each of the tactics about equally often.

    Raises:
        MissingExtraError: TRL is not installed.
    """
    try:
        import torch
        from transformers import LlamaConfig, LlamaForCausalLM, set_seed
        from trl import SFTConfig, SFTTrainer
    except ImportError as error:
        raise MissingExtraError("trl", f"learning ({error.name} missing)") from error
    from datasets import Dataset

    torch.set_num_threads(1)  # more are slower for a model of this size
    set_seed(seed)
    tokenizer = _tokenizer([*prompts, *tactics])
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=HIDDEN,
            intermediate_size=2 * HIDDEN,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            max_position_embeddings=CONTEXT,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    rows = [
        {"prompt": prompt, "completion": f"{tactic}{tokenizer.eos_token}"} for prompt in prompts for tactic in tactics
    ]
    SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(folder / "reading"),
            num_train_epochs=epochs,
            per_device_train_batch_size=64,
            learning_rate=1e-2,
            max_length=CONTEXT,
            seed=seed,
            **quiet_on_the_cpu(),
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    ).train()
    return model, tokenizer


def quiet_on_the_cpu() -> dict[str, Any]:
    """Return the arguments that all trainers share: no GPU, no half precision, nothing saved or reported."""
    return {
        "use_cpu": True, "bf16": False, "save_strategy": "no", "report_to": "none", "disable_tqdm": True,
        "gradient_checkpointing": False,
    }  # fmt: skip


def _tokenizer(texts: Sequence[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<s>", "</s>", "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bare, bos_token="<s>", eos_token="</s>", pad_token="<pad>", model_max_length=CONTEXT
    )
