"""A training run as one typed recipe. Reading one needs no torch, so plans can be made anywhere.

A recipe is a TOML file with the sections below; the shipped ones are in `prover/train/recipes`. The model's
sizes have the names of a transformers `config.json`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from prover.errors import InvalidRecipeError


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelShape(_Section):
    """A Llama, with the names of its transformers configuration."""

    vocab_size: PositiveInt
    hidden_size: PositiveInt
    intermediate_size: PositiveInt
    num_hidden_layers: PositiveInt
    num_attention_heads: PositiveInt
    num_key_value_heads: PositiveInt
    head_dim: PositiveInt
    max_position_embeddings: PositiveInt
    rope_theta: float = Field(10_000.0, gt=0, description="RoPE base; Code Llama has 1e6, Llemma 7B 10,000")
    rms_norm_eps: float = Field(1e-5, gt=0)
    tie_word_embeddings: bool = False
    bos_token_id: int | None = 1
    eos_token_id: int | None = 2

    @model_validator(mode="after")
    def _heads(self) -> Self:
        if self.num_attention_heads % self.num_key_value_heads:
            raise ValueError("num_key_value_heads has to divide num_attention_heads")
        if self.head_dim % 2:
            raise ValueError("head_dim has to be even: rotary embeddings turn pairs")
        return self

    @property
    def layer_parameters(self) -> int:
        """Parameters of one layer."""
        heads = self.num_attention_heads * self.head_dim
        key_values = self.num_key_value_heads * self.head_dim
        attention = 2 * self.hidden_size * heads + 2 * self.hidden_size * key_values
        return attention + 3 * self.hidden_size * self.intermediate_size + 2 * self.hidden_size

    @property
    def parameters(self) -> int:
        """Parameters of the model; a tied embedding counts once."""
        embeddings = self.vocab_size * self.hidden_size * (1 if self.tie_word_embeddings else 2)
        return embeddings + self.num_hidden_layers * self.layer_parameters + self.hidden_size


class Start(_Section):
    """The weights before the first step."""

    weights: str | None = Field(None, description="folder or Hugging Face name of a Llama; none: random weights")
    revision: str | None = Field(None, description="revision of a Hugging Face name")
    tokenizer: str | None = Field(None, description="folder whose tokenizer goes with the model; default: of `weights`")
    standard_deviation: float = Field(0.02, gt=0, description="of random weights")


class Data(_Section):
    """The training data: a corpus of tokenised sources. Prompts in documents are not trained on."""

    corpus: Path | None = Field(None, description="folder of tokenised sources, as `prover data pack` makes it")
    mixture: str | None = Field(
        None,
        description="`llemma`, `proof-pile-2` (the same without general data), or SOURCE=WEIGHT,... of those to train "
        "on; none: the same weight for each",
    )
    context_length: PositiveInt
    separate: bool = Field(False, description="attention stays within a document; default: plain causal, as Llemma")
    seed: int = 0
    shuffle: Literal["sequences", "documents"] = Field(
        "sequences", description="in each epoch; `documents`, which runs before 0.3 did, keeps long ones in one stretch"
    )
    verify: bool = Field(True, description="read the corpus once before training, and compare its checksums")


class Lora(_Section):
    """Adapters of low rank: only they learn (arXiv 2106.09685). Needs the extra [lora]."""

    rank: PositiveInt = 16
    alpha: float = Field(32.0, gt=0, description="what the adapters add is scaled by alpha / rank")
    targets: tuple[Literal["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], ...] = (
        *("q_proj", "k_proj", "v_proj", "o_proj"),
        *("gate_proj", "up_proj", "down_proj"),
    )

    def parameters(self, shape: ModelShape) -> int:
        """Return the parameters of the adapters of a model."""
        hidden, inner = shape.hidden_size, shape.intermediate_size
        heads, values = (n * shape.head_dim for n in (shape.num_attention_heads, shape.num_key_value_heads))
        ends = {
            **{"q_proj": hidden + heads, "k_proj": hidden + values, "v_proj": hidden + values},
            **{"o_proj": heads + hidden, "gate_proj": hidden + inner, "up_proj": hidden + inner},
            "down_proj": inner + hidden,
        }
        return shape.num_hidden_layers * self.rank * sum(ends[name] for name in set(self.targets))


class Batch(_Section):
    """Sequences per step over all ranks, and per forward pass."""

    sequences: PositiveInt
    micro_sequences: PositiveInt


class Optimizer(_Section):
    """AdamW with a linear warm-up and a cosine decay to `min_learning_rate` at `decay_steps`."""

    learning_rate: float = Field(gt=0)
    min_learning_rate: float = Field(ge=0)
    warmup_steps: int = Field(ge=0)
    decay_steps: PositiveInt
    beta1: float = Field(0.9, gt=0, lt=1)
    beta2: float = Field(0.95, gt=0, lt=1)
    epsilon: float = Field(1e-8, gt=0)
    weight_decay: float = Field(0.1, ge=0, description="of matrices; norms have none")
    clip_norm: float = Field(1.0, gt=0, description="longest gradient over all parameters")


class Compute(_Section):
    """How a step is computed."""

    precision: Literal["bf16", "fp32"] = Field("bf16", description="bf16: with fp32 master weights and gradients")
    activation_checkpointing: Literal["none", "selective", "full"] = Field(
        "none", description="selective keeps what matrix products and attention put out; full keeps a layer's input"
    )
    document_attention: Literal["mask", "varlen"] = Field(
        "mask",
        description="with data.separate: a dense mask, or attention over variable lengths, flash attention on a GPU",
    )
    compile: bool = Field(False, description="torch.compile of every layer and the loss")


class Parallel(_Section):
    """How the ranks share the work. Those not used by `tensor` and `replicate` shard weights and data (FSDP)."""

    tensor: PositiveInt = Field(1, description="ranks that share every matrix")
    replicate: PositiveInt = Field(1, description="copies of the sharded model (HSDP), e.g. one per group of machines")
    reshard_after_forward: bool = Field(True, description="false: weights stay gathered until the backward pass")


class Checkpoints(_Section):
    """When checkpoints are written, and how many are kept."""

    every_steps: PositiveInt = 500
    keep: PositiveInt = Field(2, description="newest checkpoints kept")
    keep_every_steps: PositiveInt | None = Field(None, description="checkpoints at these multiples are never removed")
    asynchronous: bool = Field(True, description="written while training goes on")


class Recovery(_Section):
    """What to do about losses and gradients that are not finite, and about loss spikes.

    A spike is a loss above the median of the last `window` by `spike_deviations` (median absolute deviations, scaled
    to a standard deviation) and by `spike_margin` nats. A bad step changes no weights. After `patience` of them in a
    row, the last checkpoint before them is loaded and training continues with the data after them.
    """

    window: PositiveInt = 128
    least_losses: PositiveInt = Field(32, description="losses that have to be seen before any is called a spike")
    spike_deviations: float = Field(8.0, gt=0)
    spike_margin: float = Field(0.3, gt=0)
    patience: PositiveInt = 3
    most_rollbacks: int = Field(10, ge=0, description="with one more, training ends with an error")


class Published(_Section):
    """What the authors of a run that a recipe repeats say of theirs."""

    tokens: float = Field(gt=0)
    a100_hours: float = Field(gt=0)


class Recipe(_Section):
    """A whole training run."""

    name: str = Field(pattern=r"^[\w.-]+$")
    steps: PositiveInt
    seed: int = 0
    log_every: PositiveInt = 1
    validate_every: PositiveInt | None = None
    validation_sequences: PositiveInt = Field(256, description="at most, of each source")
    model: ModelShape
    start: Start = Start()
    data: Data
    batch: Batch
    lora: Lora | None = None
    optimizer: Optimizer
    compute: Compute = Compute()
    parallel: Parallel = Parallel()
    checkpoints: Checkpoints = Checkpoints()
    recovery: Recovery = Recovery()
    published: Published | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.data.context_length > self.model.max_position_embeddings:
            raise ValueError("data.context_length is longer than model.max_position_embeddings")
        if self.optimizer.min_learning_rate > self.optimizer.learning_rate:
            raise ValueError("optimizer.min_learning_rate is above optimizer.learning_rate")
        if self.optimizer.warmup_steps >= self.optimizer.decay_steps:
            raise ValueError("optimizer.warmup_steps has to be less than optimizer.decay_steps")
        if self.lora is not None and self.start.weights is None:
            raise ValueError("lora needs start.weights: adapters of random matrices learn nothing of use")
        if self.lora is not None and self.parallel.tensor > 1:
            raise ValueError("lora needs parallel.tensor = 1")
        self._fits_tensor_parallel(self.parallel.tensor)
        return self

    def _fits_tensor_parallel(self, ranks: int) -> None:
        if ranks == 1:
            return
        if self.model.tie_word_embeddings:
            raise ValueError("parallel.tensor needs model.tie_word_embeddings = false")
        for name in ("num_attention_heads", "num_key_value_heads", "intermediate_size", "vocab_size"):
            if getattr(self.model, name) % ranks:
                raise ValueError(f"parallel.tensor = {ranks} has to divide model.{name} = {getattr(self.model, name)}")
        if self.data.context_length % ranks:
            raise ValueError(f"parallel.tensor = {ranks} has to divide data.context_length")

    @property
    def trained_parameters(self) -> int:
        """Parameters that learn: the adapters', or all."""
        return self.model.parameters if self.lora is None else self.lora.parameters(self.model)

    @property
    def tokens_per_step(self) -> int:
        """Tokens of one step over all ranks."""
        return self.batch.sequences * self.data.context_length

    def data_ranks(self, ranks: int) -> int:
        """Return how many ranks have data of their own. Raises InvalidRecipeError if they do not fit."""
        shared = self.parallel.tensor * self.parallel.replicate
        if ranks % shared:
            raise InvalidRecipeError(
                f"{ranks} ranks cannot be split into parallel.tensor = {self.parallel.tensor} times "
                f"parallel.replicate = {self.parallel.replicate}"
            )
        return ranks // self.parallel.tensor

    def accumulation(self, ranks: int) -> int:
        """Return the micro-batches of a step on every rank. Raises InvalidRecipeError if they do not fit."""
        at_once = self.batch.micro_sequences * self.data_ranks(ranks)
        if self.batch.sequences % at_once:
            raise InvalidRecipeError(
                f"batch.sequences = {self.batch.sequences} is no multiple of {at_once}, which is "
                f"batch.micro_sequences = {self.batch.micro_sequences} on {self.data_ranks(ranks)} ranks with data"
            )
        return self.batch.sequences // at_once


def shipped_recipes() -> list[str]:
    """Return the names of the recipes that come with the package."""
    return sorted(path.name.removesuffix(".toml") for path in _shipped().iterdir() if path.name.endswith(".toml"))


def read_recipe(name: str, changes: Sequence[str] = ()) -> Recipe:
    """Return a shipped recipe, or that of a TOML file, with `changes` such as `optimizer.learning_rate=1e-4`.

    Raises:
        InvalidRecipeError: there is no such recipe, or a value in it or in the changes is invalid.
    """
    if name in shipped_recipes():
        text = (_shipped() / f"{name}.toml").read_text(encoding="utf-8")
    elif Path(name).is_file():
        text = Path(name).read_text(encoding="utf-8")
    else:
        raise InvalidRecipeError(
            f"there is no recipe {name!r}; give a TOML file or one of {', '.join(shipped_recipes())}"
        )
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidRecipeError(f"{name}: {error}") from error
    for change in changes:
        _change(content, change)
    return recipe_of(content, name)


def recipe_of(content: Mapping[str, Any], name: str) -> Recipe:
    """Return the recipe of data that was read from `name`. Raises InvalidRecipeError."""
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'recipe'}: {problem['msg']}" for problem in error.errors()
        )
        raise InvalidRecipeError(f"{name}: {problems}") from error


def _shipped() -> Any:
    return resources.files("prover.train") / "recipes"


def _change(content: dict[str, Any], change: str) -> None:
    path, separator, text = change.partition("=")
    names = path.strip().split(".")
    if not separator or not all(names):
        raise InvalidRecipeError(f"{change!r} is no change of a recipe; write SECTION.NAME=VALUE")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()  # a bare word, such as a path
    for name in names[:-1]:
        content = content.setdefault(name, {})
        if not isinstance(content, dict):
            raise InvalidRecipeError(f"{change!r}: {name} is a value, not a section")
    content[names[-1]] = value
