"""Estimates of what a run takes: GPU memory, disk, hours. Needs neither torch nor a GPU."""

from __future__ import annotations

from dataclasses import dataclass

from prover.data.corpora.named_mixtures import LLEMMA, PROOF_PILE_2
from prover.train.flops import Processor, operations_6n, operations_with_attention
from prover.train.recipe import Recipe

_OVERHEAD_GB = 2.5  # CUDA context, communication buffers, workspaces
_FRAGMENTS = 1.03
_TIGHT = 0.95  # of a GPU's memory: above it, an estimate does not tell whether a run fits


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one GPU, in GB (10^9 bytes)."""

    weights: float
    gradients: float
    optimizer: float
    gathered: float
    activations: float
    logits: float
    overhead: float

    @property
    def total(self) -> float:
        """The sum, with the allocator's overhead."""
        parts = self.weights + self.gradients + self.optimizer + self.gathered + self.activations + self.logits
        return parts * _FRAGMENTS + self.overhead


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of a run on `ranks` GPUs."""

    recipe: Recipe
    ranks: int
    accumulation: int
    memory: Memory
    checkpoint_gb: float
    tokens: int

    def tokens_per_s(self, processor: Processor, mfu: float) -> float:
        """Return the tokens per second of all ranks at this MFU (6 N)."""
        return processor.peak * mfu * self.ranks / operations_6n(self.recipe.model)

    def mfu(self, processor: Processor, tokens_per_s: float) -> float:
        """Return the MFU (6 N) of a speed of all ranks together."""
        return tokens_per_s / self.tokens_per_s(processor, 1.0)

    def hours(self, tokens_per_s: float) -> float:
        """Return the wall time at this speed of all ranks together."""
        return self.tokens / tokens_per_s / 3600

    def fit(self, processor: Processor) -> str:
        """Return whether the run fits into the processor's memory, as far as an estimate tells."""
        share = self.memory.total / processor.memory_gb
        return "fits" if share <= _TIGHT else "tight" if share <= 1 else "DOES NOT FIT"


def plan(recipe: Recipe, ranks: int) -> Plan:
    """Return the sizes of a run. Raises InvalidRecipeError if the recipe does not fit the ranks."""
    return Plan(
        recipe=recipe,
        ranks=ranks,
        accumulation=recipe.accumulation(ranks),
        memory=_memory(recipe, ranks),
        checkpoint_gb=_checkpoint_bytes(recipe) / 1e9,
        tokens=recipe.steps * recipe.tokens_per_step,
    )


def as_rows(made: Plan, processor: Processor, tokens_per_s: float) -> list[tuple[str, str]]:
    """Return the plan at a speed of all ranks together, as pairs of label and text."""
    recipe, memory = made.recipe, made.memory
    shape, parallel = recipe.model, recipe.parallel
    attention = operations_with_attention(shape, recipe.data.context_length) / operations_6n(shape)
    shard = made.ranks // (parallel.tensor * parallel.replicate)
    parts = (
        f"weights {memory.weights:.1f}, gradients {memory.gradients:.1f}, optimizer {memory.optimizer:.1f}, "
        f"gathered weights {memory.gathered:.1f}, activations {memory.activations:.1f}, logits {memory.logits:.1f}"
    )
    optimizer = recipe.optimizer
    mfu, hours = made.mfu(processor, tokens_per_s), made.hours(tokens_per_s)
    return [
        ("recipe", f"{recipe.name}: {recipe.steps:,} steps, {made.tokens / 1e9:,.2f} billion tokens"),
        *_published(recipe),
        (
            "model",
            f"Llama, {shape.parameters / 1e6:,.1f} M parameters, from {recipe.start.weights or 'random weights'}"
            + (f", LoRA of {recipe.trained_parameters / 1e6:,.1f} M" if recipe.lora else ""),
        ),
        ("data", _data(recipe)),
        ("context", f"{recipe.data.context_length:,} tokens, RoPE base {shape.rope_theta:,.0f}"),
        (
            "step",
            f"{recipe.batch.sequences:,} sequences, {recipe.tokens_per_step:,} tokens: {made.accumulation} x "
            f"{recipe.batch.micro_sequences} on {recipe.data_ranks(made.ranks)} ranks with data",
        ),
        (
            "learning rate",
            f"{optimizer.learning_rate:g}, warm-up {optimizer.warmup_steps} steps, cosine to "
            f"{optimizer.min_learning_rate:g} at step {optimizer.decay_steps:,}",
        ),
        ("ranks", f"{made.ranks}: shard {shard} x tensor {parallel.tensor} x replicate {parallel.replicate}"),
        (
            "compute",
            f"{recipe.compute.precision}, activation checkpointing {recipe.compute.activation_checkpointing}"
            + (", compiled" if recipe.compute.compile else ""),
        ),
        (
            "memory a GPU",
            f"{memory.total:.1f} GB of {processor.memory_gb:.0f} ({processor.name}), {made.fit(processor)} (estimate)",
        ),
        ("", parts),
        (
            "disk",
            f"{made.checkpoint_gb:.2f} GB a checkpoint every {recipe.checkpoints.every_steps} steps, "
            f"{recipe.checkpoints.keep + 1} at once at most",
        ),
        ("speed", f"{tokens_per_s:,.0f} tokens/s, assumed: MFU {mfu:.1%} (6 N), {mfu * attention:.1%} with attention"),
        ("time", f"{hours:,.1f} hours, {hours * made.ranks:,.0f} GPU-hours"),
    ]


def _checkpoint_bytes(recipe: Recipe) -> float:
    """The float32 weight of every parameter, and two moments of each that learns."""
    adapters = recipe.trained_parameters if recipe.lora else 0
    return 4 * (recipe.model.parameters + adapters) + 8 * recipe.trained_parameters


def _published(recipe: Recipe) -> list[tuple[str, str]]:
    if recipe.published is None:
        return []
    text = f"{recipe.published.tokens / 1e9:,.0f} billion tokens, {recipe.published.a100_hours:,.0f} A100 hours"
    return [("published", f"{text}, as its authors say")]


def _data(recipe: Recipe) -> str:
    said = {
        None: "every source of the corpus, with the same weight",
        LLEMMA: "mixture llemma: Proof-Pile-2, and 5 % of general data, which is fetched apart",
        PROOF_PILE_2: "mixture proof-pile-2: without the paper's 5 % of general data",
    }
    return said.get(recipe.data.mixture, f"mixture {recipe.data.mixture}")


def _memory(recipe: Recipe, ranks: int) -> Memory:
    shape, parallel, compute = recipe.model, recipe.parallel, recipe.compute
    learning = recipe.trained_parameters
    held = shape.parameters + (learning if recipe.lora else 0)
    shared = ranks // parallel.replicate  # ranks that hold one copy of the state
    width = 2 if compute.precision == "bf16" else 4
    layer = shape.layer_parameters / parallel.tensor
    ends = (shape.parameters - shape.num_hidden_layers * shape.layer_parameters) / parallel.tensor
    if parallel.reshard_after_forward:
        gathered = (2 * layer + ends) * width  # the next layer is fetched during this one
    else:
        gathered = shape.parameters / parallel.tensor * width
    gathered += (layer + ends) * (width + 4)  # a layer's gradient, and its float32 copy for the reduction
    tokens = recipe.batch.micro_sequences * recipe.data.context_length
    return Memory(
        weights=4 * held / shared / 1e9,
        gradients=4 * learning / shared / 1e9,
        optimizer=8 * learning / shared / 1e9,
        gathered=gathered / 1e9,
        activations=_activations(recipe) * width * tokens / parallel.tensor / 1e9,
        logits=tokens * shape.vocab_size * (width + 8) / parallel.tensor / 1e9,
        overhead=_OVERHEAD_GB,
    )


def _activations(recipe: Recipe) -> float:
    """Return how many numbers per token are kept for the backward pass, over all layers."""
    shape = recipe.model
    heads = shape.num_attention_heads * shape.head_dim
    key_values = shape.num_key_value_heads * shape.head_dim
    products = 2 * heads + 2 * key_values + 2 * shape.hidden_size + 2 * shape.intermediate_size
    between = 3 * shape.hidden_size + heads + key_values + 2 * shape.intermediate_size
    one_layer = shape.hidden_size + products + between  # while it runs, whatever is kept of it
    kept = {"full": 0, "selective": products, "none": products + between}[recipe.compute.activation_checkpointing]
    return shape.num_hidden_layers * (shape.hidden_size + kept) + one_layer
