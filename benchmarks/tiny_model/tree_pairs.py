"""Prompts with answers from whole searches: every tactic that led on from a state, whether or not a proof came of it.

    python -m benchmarks.tiny_model.tree_pairs RUN PAIRS.jsonl

RUN is the folder that `prover mine traces ... --trees --output RUN` wrote. A model trained on these proposes steps, as
a language model does, and not only what ends a proof: its searches are long. Prompts have the Llemma format.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import click
import zstandard
from rich.console import Console

from prover.policy.prompts.catalog import FORMATS
from prover.policy.prompts.prompt import Query
from prover.search.trace import AttemptStatus, SearchTree

LED_ON = {AttemptStatus.ADVANCED, AttemptStatus.CLOSED}


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("pairs", type=click.Path(path_type=Path))
@click.option("--of-a-state", default=6, show_default=True, help="At most so many tactics of one state.")
@click.option("--longest", default=80, show_default=True, help="Characters of a tactic; longer ones are left out.")
@click.option("--seed", default=0, show_default=True)
def main(run: Path, pairs: Path, of_a_state: int, longest: int, seed: int) -> None:
    """Write the pairs."""
    chance = random.Random(seed)
    render = FORMATS["llemma"].render
    rows: list[dict[str, str]] = []
    places = sorted((run / "trees").glob("*.json.zst"))
    for place in places:
        kept = json.loads(zstandard.ZstdDecompressor().stream_reader(place.open("rb")).read())
        tree = SearchTree.model_validate({name: kept[name] for name in SearchTree.model_fields if name in kept})
        for node in tree.nodes:
            led_on = [a.tactic for a in node.attempts if a.status in LED_ON and len(a.tactic) <= longest]
            prompt = render(Query(state="\n\n".join(node.goals)))
            for tactic in chance.sample(led_on, min(of_a_state, len(led_on))):
                rows.append({"problem": place.name, "prompt": prompt, "answer": f"\n{tactic}\n---"})
    chance.shuffle(rows)
    pairs.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    Console(stderr=True).print(f"{len(rows)} steps of {len(places)} searches, written to {pairs}")


if __name__ == "__main__":
    main()
