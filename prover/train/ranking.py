"""Train the small model that ranks candidates.

    python -m prover.train.ranking OUTCOMES... --output FOLDER

OUTCOMES are folders of `prover mine outcomes`. Two stages: first the model learns to continue the texts (`--texts`:
JSON Lines with `statement` or `type`; and the states), then what becomes of candidates. What comes out is a Llama in
transformers' format with a table beside it (prover/ranking.py).
"""

from __future__ import annotations

import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import torch
import torch.nn.functional as F  # noqa: N812  # its usual name
from torch import Tensor

from prover.ranking import ASK, BEGIN, END, OVERHEAD_S, FamilyTable, family_token, question, value
from prover.train.model import Llama
from prover.train.ranking_data import (
    PLACES,
    State,
    make_tokenizer,
    manifest_of,
    read_states,
    read_texts,
    static_table,
)
from prover.train.recipe import ModelShape
from prover.train.weights import initialise, write_model

LONGEST_TEXT = 192
WITHIN_S = 0.1
COST_WEIGHT, TEXT_WEIGHT = 0.1, 0.1


@dataclass(frozen=True, slots=True)
class Attempt:
    """A candidate that was tried."""

    family: int
    place: int
    closed: bool
    log_seconds: float


class Ranking(torch.nn.Module):
    """A Llama, and what of it ranks."""

    def __init__(self, shape: ModelShape, table: FamilyTable, ask: int) -> None:
        super().__init__()
        self.llama = Llama(shape)
        self.ask = ask
        self.count = len(table.families)
        self.first = table.first_token
        self.register_buffer("odds", torch.tensor(table.odds))
        self.register_buffer("places", torch.tensor(table.places))
        self.register_buffer("log_seconds", torch.tensor(table.log_seconds))

    def losses(self, tokens: Tensor, lengths: Tensor, tried: Sequence[Sequence[Attempt]]) -> tuple[Tensor, ...]:
        """Return the mean losses of closing, of seconds, and of the text, in nats; and what was predicted.

        `tokens` [B, T], of which `lengths` [B] count; the last of them asks. `tried`: what was tried at each.
        """
        logits = self.llama(tokens)
        rows = torch.arange(len(tokens))
        at_ask = logits[rows, lengths - 1]
        which = [(row, attempt) for row, attempts in enumerate(tried) for attempt in attempts]
        row = torch.tensor([row for row, _ in which])
        family = torch.tensor([attempt.family for _, attempt in which])
        place = torch.tensor([min(attempt.place, PLACES - 1) for _, attempt in which])
        closed = torch.tensor([float(attempt.closed) for _, attempt in which])
        seconds = torch.tensor([attempt.log_seconds for _, attempt in which])
        odds = at_ask[row, self.first + family] + self.odds[family] + self.places[place]
        cost = at_ask[row, self.first + self.count + family] + self.log_seconds[family]
        inside = torch.arange(tokens.shape[1])[None] < lengths[:, None] - 1
        wanted = tokens.roll(-1, 1).masked_fill(~inside | (tokens.roll(-1, 1) == self.ask), -100)
        text = text_loss(logits[..., : self.first], wanted)
        closing = F.binary_cross_entropy_with_logits(odds.float(), closed)
        return closing, F.huber_loss(cost.float(), seconds), text, odds.float(), cost.float()


def text_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean cross-entropy of [B, T, V] in nats. V is without the families' tokens: they are no text."""
    return F.cross_entropy(logits.flatten(0, 1).float(), wanted.flatten(), ignore_index=-100)


@dataclass(frozen=True, slots=True)
class _Example:
    tokens: list[int]
    attempts: list[Attempt]


def _batches(examples: Sequence[Any], size: int, length: Any, chance: random.Random) -> Iterator[list[Any]]:
    """Yield batches without end, of examples of about the same length."""
    while True:
        order = sorted(examples, key=lambda example: (length(example) // 16, chance.random()))
        batches = [order[i : i + size] for i in range(0, len(order), size)]
        chance.shuffle(batches)
        yield from batches


def _padded(sequences: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    longest = max(map(len, sequences))
    tokens = torch.tensor([sequence + [0] * (longest - len(sequence)) for sequence in sequences])
    return tokens, torch.tensor([len(sequence) for sequence in sequences])


def _rate(step: int, steps: int, peak: float) -> float:
    warm = max(1, steps // 20)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))))


def seconds_to_close(attempts: Sequence[Attempt], odds: Sequence[float], log_seconds: Sequence[float]) -> float:
    """Return the seconds until one closes, if those that were tried were tried in the order of their value."""
    values = [value(*each) for each in zip(odds, log_seconds, strict=True)]
    taken_s = 0.0
    for _, number in sorted(zip(values, range(len(attempts)), strict=True), reverse=True):
        taken_s += math.exp(attempts[number].log_seconds) + OVERHEAD_S
        if attempts[number].closed:
            break
    return taken_s


def in_order(attempts: Sequence[Attempt], odds: Sequence[float]) -> float:
    """Return the share of pairs of one that closed and one that did not in which the former has the larger odds."""
    good = [o for attempt, o in zip(attempts, odds, strict=True) if attempt.closed]
    bad = [o for attempt, o in zip(attempts, odds, strict=True) if not attempt.closed]
    return sum((g > b) + 0.5 * (g == b) for g in good for b in bad) / max(1, len(good) * len(bad))


@torch.inference_mode()
def _score(model: Ranking, examples: Sequence[_Example]) -> dict[str, float]:
    """Return the loss of closing with and without what the model adds, nats an attempt, and of the seconds."""
    model.eval()
    sums: Counter[str] = Counter()
    for start in range(0, len(examples), 32):
        batch = examples[start : start + 32]
        tokens, lengths = _padded([example.tokens for example in batch])
        closing, cost, text, odds, log_seconds = model.losses(tokens, lengths, [e.attempts for e in batch])
        attempts = [attempt for example in batch for attempt in example.attempts]
        family = torch.tensor([attempt.family for attempt in attempts])
        place = torch.tensor([min(attempt.place, PLACES - 1) for attempt in attempts])
        closed = torch.tensor([float(attempt.closed) for attempt in attempts])
        static_odds = model.odds[family] + model.places[place]
        plain = F.binary_cross_entropy_with_logits(static_odds, closed)
        begun = 0
        for example in batch:
            end = begun + len(example.attempts)
            if any(attempt.closed for attempt in example.attempts):
                sums["closable"] += 1
                for name, by_odds, by_seconds in (
                    ("model", odds, log_seconds),
                    ("odds", odds, model.log_seconds[family]),
                    ("static", static_odds, model.log_seconds[family]),
                ):
                    taken_s = seconds_to_close(
                        example.attempts, by_odds[begun:end].tolist(), by_seconds[begun:end].tolist()
                    )
                    sums[f"{name} log to close"] += math.log(taken_s)  # type: ignore[assignment]
                    sums[f"{name} within"] += taken_s <= WITHIN_S
                    in_order_now = in_order(example.attempts, by_odds[begun:end].tolist())
                    sums[f"{name} pairs in order, close"] += in_order_now  # type: ignore[assignment]
            begun = end
        seconds = F.huber_loss(model.log_seconds[family], torch.tensor([a.log_seconds for a in attempts]))
        count = len(attempts)
        sums.update({"n": count, "model": closing.item() * count, "static": plain.item() * count})
        sums.update({"model seconds": cost.item() * count, "static seconds": seconds.item() * count})
        sums.update({"text": text.item() * count})
    model.train()
    closable = sums.pop("closable", 0)
    return {
        name: total / (max(1, closable) if "close" in name or "within" in name else sums["n"])
        for name, total in sums.items()
        if name != "n"
    }


@click.command()
@click.argument("outcomes", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--texts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--vocabulary", default=1024, show_default=True)
@click.option("--hidden", default=192, show_default=True)
@click.option("--layers", default=4, show_default=True)
@click.option("--text-steps", default=600, show_default=True)
@click.option("--steps", default=600, show_default=True)
@click.option("--batch", default=32, show_default=True)
@click.option("--rate", default=1e-3, show_default=True)
@click.option("--dropout", default=0.0, show_default=True, help="Share of input tokens that are replaced at random.")
@click.option("--held-out", "held_out_share", default=0.1, show_default=True, help="Share of the theorems.")
@click.option("--threads", default=2, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(
    outcomes: tuple[Path, ...],
    texts: tuple[Path, ...],
    output: Path,
    vocabulary: int,
    hidden: int,
    layers: int,
    text_steps: int,
    steps: int,
    batch: int,
    rate: float,
    dropout: float,
    held_out_share: float,
    threads: int,
    seed: int,
) -> None:
    """Train and write the model."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    chance = random.Random(seed)
    states = read_states(outcomes)
    theorems = sorted({state.theorem for state in states})
    held_out = set(random.Random(f"held out {seed}").sample(theorems, max(1, round(len(theorems) * held_out_share))))
    training = [state for state in states if state.theorem not in held_out]
    statements = read_texts(texts)
    tokenizer = make_tokenizer(
        [*statements.values(), *(f"{s.goal}\n{' '.join(s.premises)}" for s in training)], vocabulary
    )
    table = static_table(training, tokenizer.get_vocab_size())
    count = len(table.families)
    tokenizer.add_special_tokens(
        [family_token(n) for n in range(count)] + [family_token(n, seconds=True) for n in range(count)]
    )
    begin, ask = tokenizer.token_to_id(BEGIN), tokenizer.token_to_id(ASK)
    number = {family: n for n, family in enumerate(table.families)}

    def example(state: State) -> _Example:
        encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
        tried = [Attempt(number[f], place, won, s) for f, place, won, s in state.attempts if f in number]
        return _Example(question(encode, begin, ask, state.goal, state.premises), tried)

    learned = [e for e in map(example, training) if e.attempts]
    scored = [e for e in map(example, (s for s in states if s.theorem in held_out)) if e.attempts]
    if not learned or not scored:
        raise click.UsageError("too few attempts to train on: mine more with `prover mine outcomes`")
    shape = ModelShape(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=hidden,
        intermediate_size=hidden * 8 // 3 // 32 * 32,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 64,
        num_key_value_heads=hidden // 64,
        head_dim=64,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=begin,
        eos_token_id=tokenizer.token_to_id(END),
    )
    model = Ranking(shape, table, ask)
    initialise(model.llama, 0.02, seed)
    with torch.no_grad():
        model.llama.model.embed_tokens.weight[table.first_token :] = 0  # at first the table alone decides
    say = lambda text: click.echo(text, err=True)  # noqa: E731
    say(
        f"{shape.parameters / 1e6:.2f} M parameters; {len(learned)} states with "
        f"{sum(len(e.attempts) for e in learned)} attempts, {len(scored)} held out; {count} families; "
        f"{len(statements)} statements"
    )
    began = time.monotonic()
    matrices = [p for p in model.llama.parameters() if p.ndim > 1]
    norms = [p for p in model.llama.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": norms, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95))

    def update(loss: Tensor, now: float) -> None:
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = now
        optimizer.step()
        optimizer.zero_grad()

    documents = [[begin, *found.ids[: LONGEST_TEXT - 1]] for found in tokenizer.encode_batch([*statements.values()])]
    documents += [e.tokens[:-1] for e in learned]
    some = _batches(documents, batch, len, chance)
    for step in range(text_steps):
        tokens, lengths = _padded(next(some))
        logits = model.llama(tokens[:, :-1])
        wanted = tokens[:, 1:].masked_fill(torch.arange(1, tokens.shape[1])[None] >= lengths[:, None], -100)
        loss = text_loss(logits[..., : table.first_token], wanted)
        update(loss, _rate(step, text_steps, 2 * rate))
        if step % 50 == 0:
            say(f"text {step}: {loss.item():.3f} nats a token, {time.monotonic() - began:.0f} s")
    figures: list[dict[str, Any]] = [{"step": 0, **_score(model, scored)}]
    best, weights = math.inf, {}
    many = _batches(learned, batch, lambda e: len(e.tokens), chance)
    for step in range(1, steps + 1):
        examples = next(many)
        tokens, lengths = _padded([e.tokens for e in examples])
        if dropout:
            replaced = (torch.rand(tokens.shape) < dropout) & (tokens != ask)
            tokens = tokens.where(~replaced, torch.randint(3, table.first_token, tokens.shape))
        closing, cost, text, *_ = model.losses(tokens, lengths, [e.attempts for e in examples])
        update(closing + COST_WEIGHT * cost + TEXT_WEIGHT * text, _rate(step, steps, rate))
        if step % 50 == 0 or step == steps:
            figures.append({"step": step, "training": closing.item(), **_score(model, scored)})
            say(" ".join(f"{k} {v:.4g}" for k, v in figures[-1].items()) + f", {time.monotonic() - began:.0f} s")
            if figures[-1]["model"] < best:
                best = figures[-1]["model"]
                weights = {name: tensor.clone() for name, tensor in model.llama.state_dict().items()}
    write_model(output, shape, iter(weights.items()), dtype=torch.float16, file_gb=5.0)
    tokenizer.save(str(output / "tokenizer.json"))
    table.write(output)
    about = {
        "outcomes": [folder.name for folder in outcomes],
        "theorems": len(theorems),
        "states": len(states),
        "attempts": sum(len(state.attempts) for state in states),
        "held_out_theorems": len(held_out),
        "parameters": shape.parameters,
        "seed": seed,
        "options": {"vocabulary": vocabulary, "hidden": hidden, "layers": layers, "text_steps": text_steps,
                    "steps": steps, "batch": batch, "rate": rate, "dropout": dropout},
        "figures": figures,
        "trained_s": round(time.monotonic() - began),
    }  # fmt: skip
    (output / "training.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    (output / "manifests").mkdir(exist_ok=True)
    manifest_of(states, statements, texts).write(output / "manifests")
    say(f"best held-out loss {best:.4f} (static {figures[0]['static']:.4f}); {output}")


if __name__ == "__main__":
    main()
