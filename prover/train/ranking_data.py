"""What a ranking of candidates is trained on: mined outcomes, texts, and the table that they make without a model."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.ranking import ASK, BEGIN, END, FamilyTable
from prover.reserved import is_reserved
from prover.train.data.manifest import Manifest, SourceRecord

FEWEST = 20  # attempts of a family that is ranked
PLACES = 8


@dataclass(frozen=True, slots=True)
class State:
    """A goal, what was retrieved for it, and what became of candidates."""

    theorem: str
    goal: str
    premises: tuple[str, ...]
    attempts: tuple[tuple[str, int, bool, float], ...]


def read_states(folders: Sequence[Path]) -> list[State]:
    """Return the states of the runs. Nothing of a reserved theorem, whatever is in the files."""
    states = []
    for folder in folders:
        for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if is_reserved(row["problem"]):
                continue
            for state in row.get("states") or ():
                attempts = tuple(
                    (family, place, status == "closed", math.log(max(seconds, 1e-3)))
                    for family, place, _, status, seconds in state["attempts"]
                )
                if attempts:
                    goal = state["state"].split("\n\n")[0]
                    states.append(State(row["problem"], goal, tuple(state["premises"]), attempts))
    return states


def read_texts(paths: Sequence[Path]) -> dict[str, str]:
    """Return the statements in the files by name; what is reserved, and what says the same as that, is left out."""
    rows = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    texts = {row["name"]: " ".join(str(row.get("statement") or row["type"]).split()) for row in rows}
    kept_out = {text for name, text in texts.items() if is_reserved(name)}
    return {name: text for name, text in texts.items() if not is_reserved(name) and text not in kept_out}


def manifest_of(states: Sequence[State], statements: Mapping[str, str], texts: Sequence[Path]) -> Manifest:
    """Return what the model was trained on, with licences."""
    lean = {"origin": "theorems of Init, Lean 4.28", "licence": "Apache-2.0"}
    sources = {
        "outcomes": SourceRecord(
            **lean,
            made_by="prover mine outcomes library",
            documents=len(states),
            theorems=tuple(sorted({state.theorem for state in states})),
        )
    }
    if statements:
        made_by = f"statements as Lean prints them: {', '.join(path.name for path in texts)}"
        sources["statements"] = SourceRecord(
            **lean, made_by=made_by, documents=len(statements), theorems=tuple(sorted(statements))
        )
    return Manifest(sources=sources)


def static_table(states: Sequence[State], first_token: int) -> FamilyTable:
    """Return the table without a model: smoothed rates of closing, and mean logarithms of seconds."""
    tried: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    at_place = [[1.0, 10.0] for _ in range(PLACES)]
    for state in states:
        for family, _, won, log_seconds in state.attempts:
            tried[family] += 1
            closed[family] += won
            seconds[family].append(log_seconds)
    families = tuple(sorted(family for family in tried if tried[family] >= FEWEST))
    base = sum(closed.values()) / sum(tried.values())
    rates = {family: (closed[family] + 10 * base) / (tried[family] + 10) for family in families}
    for state in states:
        for family, place, won, _ in state.attempts:
            if family in rates:
                at_place[min(place, PLACES - 1)][0] += won
                at_place[min(place, PLACES - 1)][1] += rates[family]
    return FamilyTable(
        families,
        tuple(_odds(rates[family]) for family in families),
        tuple(math.log((won + 3) / (expected + 3)) for won, expected in at_place),
        tuple((sum(seconds[f]) + 10 * math.log(0.02)) / (len(seconds[f]) + 10) for f in families),
        first_token,
    )


def make_tokenizer(texts: Sequence[str], vocabulary: int) -> Any:
    """Return a byte-level BPE tokenizer: every text can be written."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[BEGIN, END, ASK],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _odds(rate: float) -> float:
    return math.log(rate / (1 - rate))
