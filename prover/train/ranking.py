"""Train the small model that ranks candidates.

    python -m prover.train.ranking OUTCOMES... --output FOLDER

OUTCOMES are folders of `prover mine outcomes`. Three stages: what became of candidates gives the kinds of goals and
what closes each (a table); the model learns to continue the texts (`--texts`: JSON Lines with `statement` or `type`;
and the goals); then to tell a goal's kind, by the likelihood of what became of the candidates there. What comes out is
a Llama in transformers' format with the table beside it (prover/ranking.py).
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import torch

from prover.ranking import ASK, BEGIN, END, FamilyTable, kind_token, question
from prover.train.data.tokenizer import learn_tokenizer, write_tokenizer
from prover.train.ranking_data import Attempt, State, manifest_of, ranked_families, read_states, read_texts
from prover.train.ranking_model import Kinds, Reader, Tried
from prover.train.ranking_score import Order, by_prior, score
from prover.train.ranking_stages import Examples, Stages, added
from prover.train.recipe import ModelShape
from prover.train.weights import initialise, write_model

LONGEST_TEXT = 192
HEAD = 64


@click.command()
@click.argument("outcomes", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--texts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--fewest", default=20, show_default=True, help="Attempts of a family that is ranked.")
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
@click.option("--held-out", default=0.1, show_default=True, help="Share of the theorems.")
@click.option("--threads", default=1, show_default=True, help="More wait for each other on a busy machine.")
@click.option("--seed", default=0, show_default=True)
def main(outcomes: tuple[Path, ...], texts: tuple[Path, ...], output: Path, **options: Any) -> None:
    """Train and write the model."""
    torch.set_num_threads(options["threads"])
    torch.manual_seed(options["seed"])
    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{text}, {time.monotonic() - began:.0f} s", err=True)

    states = read_states(outcomes)
    families = ranked_families(states, options["fewest"])
    states = [state for state in states if any(attempt.family in families for attempt in state.attempts)]
    training, scored = _split(states, options["held_out"], options["seed"])
    if not training or not scored:
        raise click.UsageError("too few attempts to train on: mine more with `prover mine outcomes`")
    statements = read_texts(texts)

    goals = [f"{state.goal}\n{' '.join(state.premises)}" for state in training]
    tokenizer = learn_tokenizer([*statements.values(), *goals], options["vocabulary"], (BEGIN, END, ASK))
    first_token = tokenizer.get_vocab_size()
    tokenizer.add_special_tokens([kind_token(number) for number in range(options["kinds"])])
    begin, ask = tokenizer.token_to_id(BEGIN), tokenizer.token_to_id(ASK)

    def encode(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    def examples(states: list[State]) -> Examples:
        asked = [question(encode, begin, ask, state.goal, state.premises) for state in states]
        return Examples(states, asked, Tried.of(states, families))

    learned, held = examples(training), examples(scored)
    one, kinds = (Kinds(learned.tried, len(families), count, options["seed"]) for count in (1, options["kinds"]))
    for table in (one, kinds):
        table.fit(learned.tried, options["table_steps"])
        table.requires_grad_(False)
    shape = ModelShape(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=options["hidden"],
        intermediate_size=options["hidden"] * 8 // 3 // 32 * 32,
        num_hidden_layers=options["layers"],
        num_attention_heads=options["hidden"] // HEAD,
        num_key_value_heads=options["hidden"] // HEAD,
        head_dim=HEAD,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=begin,
        eos_token_id=tokenizer.token_to_id(END),
    )
    reader = Reader(shape, first_token, ask)
    initialise(reader.llama, 0.02, options["seed"])
    with torch.no_grad():
        reader.llama.model.embed_tokens.weight[first_token:] = 0  # at first the table alone decides
    say(
        f"{shape.parameters / 1e6:.2f} M parameters; {len(training)} states with {int(learned.tried.counts.sum())} "
        f"attempts, {len(scored)} held out; {len(families)} families; {len(statements)} statements"
    )
    stages = Stages(reader, rate=options["rate"], batch=options["batch"], seed=options["seed"], say=say)
    documents = [[begin, *encode(statement)[: LONGEST_TEXT - 1]] for statement in statements.values()]
    stages.continue_texts([*documents, *(asked[:-1] for asked in learned.questions)], options["text_steps"])
    looks = stages.tell_kinds(kinds, learned, held, options["steps"], options["dropout"])

    ranking = kinds.table(learned.tried, families, first_token)
    quality = _quality(held, families, {
        "rates alone": (one.table(learned.tried, families, 0), [[0.0]] * len(scored)),
        "kinds": (ranking, [[0.0] * options["kinds"]] * len(scored)),
        "model": (ranking, added(reader, held.questions).tolist()),
    })  # fmt: skip
    for name, row in quality.items():
        say(f"{name}: " + ", ".join(f"{what} {value:g}" for what, value in row.items()))
    weights = reader.llama.state_dict()
    write_model(output, shape, iter(weights.items()), dtype=torch.float16, file_gb=5.0)
    write_tokenizer(tokenizer, output)
    ranking.write(output)
    losses = {"rates alone": one.loss(held.tried).item(), "kinds": kinds.loss(held.tried).item(),
              "model": min(loss for _, loss in looks)}  # fmt: skip
    about = {
        "outcomes": [folder.name for folder in outcomes],
        "theorems": len({state.theorem for state in states}),
        "states": len(states),
        "attempts": sum(len(state.attempts) for state in states),
        "held_out_theorems": len({state.theorem for state in scored}),
        "parameters": shape.parameters,
        "seed": options["seed"],
        "options": options,
        "nats an attempt, held out": {name: round(loss, 5) for name, loss in losses.items()},
        "held-out states": quality,
        "figures": [{"step": step, "held out": loss} for step, loss in looks],
        "trained_s": round(time.monotonic() - began),
    }
    (output / "training.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    (output / "manifests").mkdir(exist_ok=True)
    manifest_of(states, statements, texts).write(output / "manifests")
    say(f"held out, nats an attempt: {about['nats an attempt, held out']}; {output}")


def _split(states: list[State], share: float, seed: int) -> tuple[list[State], list[State]]:
    """Return the states to learn from, and those of the theorems that are held out."""
    theorems = sorted({state.theorem for state in states})
    count = min(len(theorems), 1 + round(len(theorems) * share))
    held_out = set(random.Random(f"held out {seed}").sample(theorems, count))
    return [s for s in states if s.theorem not in held_out], [s for s in states if s.theorem in held_out]


def _quality(
    held: Examples, families: Sequence[str], tables: Mapping[str, tuple[FamilyTable, Sequence[Sequence[float]]]]
) -> dict[str, dict[str, float]]:
    """Score orders on what is held out: by tables and what is added to their kinds at each state; the closers' own.

    States of which the closers' order was not kept are left out, unless that is so of all.
    """
    with_prior = [state for state in held.states if all(attempt.prior is not None for attempt in state.attempts)]
    orders: dict[str, Order] = {"closers": by_prior} if with_prior else {}
    for name, (table, told) in tables.items():
        rows = {id(state): row for state, row in zip(held.states, told, strict=True)}
        orders[name] = _by(table, rows)
    return score(with_prior or held.states, orders, families)


def _by(table: FamilyTable, told: Mapping[int, Sequence[float]]) -> Order:
    def order(state: State, attempts: Sequence[Attempt]) -> list[int]:
        return table.order(told[id(state)], [a.family for a in attempts], [a.place for a in attempts])

    return order


if __name__ == "__main__":
    main()
