"""Train the small model that ranks candidates.

    python -m prover.train.ranking OUTCOMES... --output FOLDER

OUTCOMES are folders of `prover mine outcomes`. Three stages: what became of candidates gives the kinds of goals and what
closes each (a table); the model learns to continue the texts (`--texts`: JSON Lines with `statement` or `type`; and the
goals); then to tell a goal's kind, by the likelihood of what became of the candidates there. What comes out is a Llama
in transformers' format with the table beside it (prover/ranking.py).
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import torch
from torch import Tensor

from prover.ranking import ASK, BEGIN, END, FamilyTable, kind_token, question
from prover.train.data.tokenizer import learn_tokenizer, write_tokenizer
from prover.train.ranking_data import Attempt, State, manifest_of, ranked_families, read_states, read_texts
from prover.train.ranking_model import Kinds, Reader, Tried, text_loss
from prover.train.ranking_score import Order, by_prior, score
from prover.train.recipe import ModelShape
from prover.train.weights import initialise, write_model

LONGEST_TEXT = 192
TEXT_WEIGHT = 0.1
EVERY = 25  # steps between looks at what is held out


def _batches(lengths: Sequence[int], size: int, chance: random.Random) -> Iterator[list[int]]:
    """Yield batches without end: the numbers of examples of about the same length."""
    while True:
        order = sorted(range(len(lengths)), key=lambda number: (lengths[number] // 16, chance.random()))
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


@torch.inference_mode()
def _added(reader: Reader, questions: Sequence[list[int]]) -> Tensor:
    """Return what the model adds for each kind [B, K]."""
    return torch.cat([reader(*_padded(questions[i : i + 32]))[0] for i in range(0, len(questions), 32)])


def _by(table: FamilyTable, added: dict[int, list[float]]) -> Order:
    """Return the order by the table and what a model adds at each state (by its identity)."""

    def order(state: State, attempts: Sequence[Attempt]) -> list[int]:
        return table.order(added[id(state)], [a.family for a in attempts], [a.place for a in attempts])

    return order


@click.command()
@click.argument("outcomes", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--texts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--kinds", default=16, show_default=True)
@click.option("--table-steps", default=300, show_default=True)
@click.option("--vocabulary", default=1024, show_default=True)
@click.option("--hidden", default=128, show_default=True)
@click.option("--layers", default=2, show_default=True)
@click.option("--text-steps", default=400, show_default=True)
@click.option("--steps", default=400, show_default=True)
@click.option("--batch", default=32, show_default=True)
@click.option("--rate", default=1e-3, show_default=True)
@click.option("--dropout", default=0.1, show_default=True, help="Share of input tokens that are replaced at random.")
@click.option("--held-out", "held_out_share", default=0.1, show_default=True, help="Share of the theorems.")
@click.option("--threads", default=2, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(
    outcomes: tuple[Path, ...],
    texts: tuple[Path, ...],
    output: Path,
    kinds: int,
    table_steps: int,
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
    began = time.monotonic()
    say = lambda text: click.echo(f"{text}, {time.monotonic() - began:.0f} s", err=True)  # noqa: E731
    states = read_states(outcomes)
    families = ranked_families(states)
    states = [state for state in states if any(attempt.family in families for attempt in state.attempts)]
    theorems = sorted({state.theorem for state in states})
    held_out_count = min(len(theorems), 1 + round(len(theorems) * held_out_share))
    held_out = set(random.Random(f"held out {seed}").sample(theorems, held_out_count))
    training = [state for state in states if state.theorem not in held_out]
    scored = [state for state in states if state.theorem in held_out]
    if not training or not scored:
        raise click.UsageError("too few attempts to train on: mine more with `prover mine outcomes`")
    statements = read_texts(texts)

    goals = [f"{state.goal}\n{' '.join(state.premises)}" for state in training]
    tokenizer = learn_tokenizer([*statements.values(), *goals], vocabulary, (BEGIN, END, ASK))
    first_token = tokenizer.get_vocab_size()
    tokenizer.add_special_tokens([kind_token(number) for number in range(kinds)])
    begin, ask = tokenizer.token_to_id(BEGIN), tokenizer.token_to_id(ASK)
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
    learned_questions = [question(encode, begin, ask, state.goal, state.premises) for state in training]
    scored_questions = [question(encode, begin, ask, state.goal, state.premises) for state in scored]
    learned, held = Tried.of(training, families), Tried.of(scored, families)

    everything = Kinds(learned, len(families), kinds, seed)
    one = Kinds(learned, len(families), 1, seed)
    one.fit(learned, table_steps)
    everything.fit(learned, table_steps)
    everything.requires_grad_(False)
    table = everything.table(learned, families, first_token)
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
    reader = Reader(shape, first_token, ask)
    initialise(reader.llama, 0.02, seed)
    with torch.no_grad():
        reader.llama.model.embed_tokens.weight[first_token:] = 0  # at first the table alone decides
    say(
        f"{shape.parameters / 1e6:.2f} M parameters; {len(training)} states with {int(learned.counts.sum())} attempts, "
        f"{len(scored)} held out; {len(families)} families, {kinds} kinds; {len(statements)} statements"
    )
    matrices = [p for p in reader.parameters() if p.ndim > 1]
    norms = [p for p in reader.parameters() if p.ndim == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": norms, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95))

    def update(loss: Tensor, now: float) -> None:
        loss.backward()
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = now
        optimizer.step()
        optimizer.zero_grad()

    documents = [[begin, *found.ids[: LONGEST_TEXT - 1]] for found in tokenizer.encode_batch([*statements.values()])]
    documents += [asked[:-1] for asked in learned_questions]
    some = _batches([len(document) for document in documents], batch, chance)
    for step in range(text_steps):
        tokens, lengths = _padded([documents[number] for number in next(some)])
        logits = reader.llama(tokens[:, :-1])
        wanted = tokens[:, 1:].masked_fill(torch.arange(1, tokens.shape[1])[None] >= lengths[:, None], -100)
        loss = text_loss(logits[..., :first_token], wanted)
        update(loss, _rate(step, text_steps, 2 * rate))
        if step % 50 == 0:
            say(f"text {step}: {loss.item():.3f} nats a token")

    figures: list[dict[str, float]] = []
    best, weights = math.inf, {}
    many = _batches([len(asked) for asked in learned_questions], batch, chance)
    for step in range(steps + 1):
        if step % EVERY == 0 or step == steps:
            now = everything.loss(held, _added(reader, scored_questions)).item()
            figures.append({"step": step, "held out": round(now, 5)})
            say(f"step {step}: {now:.4f} nats an attempt held out")
            if now < best:
                best, weights = now, {n: tensor.clone() for n, tensor in reader.llama.state_dict().items()}
        if step == steps:
            break
        numbers = next(many)
        tokens, lengths = _padded([learned_questions[number] for number in numbers])
        if dropout:
            replaced = (torch.rand(tokens.shape) < dropout) & (tokens != ask)
            tokens = tokens.where(~replaced, torch.randint(3, first_token, tokens.shape))
        added, text = reader(tokens, lengths)
        update(everything.loss(learned[numbers], added) + TEXT_WEIGHT * text, _rate(step, steps, rate))

    reader.llama.load_state_dict(weights)
    read = {id(s): row for s, row in zip(scored, _added(reader, scored_questions).tolist(), strict=True)}
    orders = {
        "rates alone": _by(one.table(learned, families, 0), {id(state): [0.0] for state in scored}),
        "kinds": _by(table, {id(state): [0.0] * kinds for state in scored}),
        "model": _by(table, read),
    }
    if all(attempt.prior is not None for state in scored for attempt in state.attempts):
        orders = {"closers": by_prior, **orders}
    quality = score(scored, orders, families)
    for name, row in quality.items():
        say(f"{name}: " + ", ".join(f"{what} {value:g}" for what, value in row.items()))
    write_model(output, shape, iter(weights.items()), dtype=torch.float16, file_gb=5.0)
    write_tokenizer(tokenizer, output)
    table.write(output)
    about: dict[str, Any] = {
        "outcomes": [folder.name for folder in outcomes],
        "theorems": len(theorems),
        "states": len(states),
        "attempts": sum(len(state.attempts) for state in states),
        "held_out_theorems": len(held_out),
        "parameters": shape.parameters,
        "seed": seed,
        "options": {"kinds": kinds, "table_steps": table_steps, "vocabulary": vocabulary, "hidden": hidden,
                    "layers": layers, "text_steps": text_steps, "steps": steps, "batch": batch, "rate": rate,
                    "dropout": dropout},
        "nats an attempt, held out": {"rates alone": round(one.loss(held).item(), 5),
                                      "kinds": round(everything.loss(held).item(), 5), "model": round(best, 5)},
        "held-out states": quality,
        "figures": figures,
        "trained_s": round(time.monotonic() - began),
    }  # fmt: skip
    (output / "training.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    (output / "manifests").mkdir(exist_ok=True)
    manifest_of(states, statements, texts).write(output / "manifests")
    say(f"held out, nats an attempt: {about['nats an attempt, held out']}; {output}")


if __name__ == "__main__":
    main()
