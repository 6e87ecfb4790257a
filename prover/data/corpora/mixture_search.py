"""Choosing a mixture by short training runs: the candidate with the lowest held-out perplexity wins.

The Llemma paper chose arXiv:web:code = 2:4:1 in this way, by perplexity on MATH's training problems (section 2.2).
"""

from __future__ import annotations

import importlib
import itertools
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from prover.data.corpora.mixture import Mixture
from prover.errors import InvalidCorpusError

DEFAULT_TRAINER = "prover.train.short_run:short_run"


class TrainAndScore(Protocol):
    """Trains a model briefly on a mixture and returns its perplexity on held-out text."""

    def __call__(self, mixture: Mixture) -> float:
        """Train from the same weights and with the same seed for every mixture; return a perplexity, at least 1."""


class ShortRuns(Protocol):
    """What `--trainer MODULE:FUNCTION` names: makes a TrainAndScore for one corpus."""

    def __call__(self, corpus: Path, *, held_out: str, tokens: int, seed: int) -> TrainAndScore:
        """Prepare runs of so many tokens on a packed corpus; `held_out` is the SOURCE/SPLIT that is scored."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A mixture and the perplexity that its run reached; infinite if the run diverged."""

    mixture: Mixture
    perplexity: float


def load_trainer(name: str) -> ShortRuns:
    """Return the function `MODULE:FUNCTION`. Raises InvalidCorpusError if there is none."""
    module, _, function = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidCorpusError(
            f"there is no function {name} to train with ({error}); give one as --trainer MODULE:FUNCTION"
        ) from error
    return cast(ShortRuns, found)


def shares(text: str | None) -> dict[str, float]:
    """Read `SOURCE=SHARE,SOURCE=SHARE`, shares of all tokens. Raises InvalidCorpusError."""
    if not text:
        return {}
    try:
        found = {name.strip(): float(share) for name, share in (part.split("=") for part in text.split(","))}
    except ValueError as error:
        raise InvalidCorpusError(f"{text!r} are no shares; write SOURCE=SHARE,SOURCE=SHARE") from error
    if not all(share > 0 for share in found.values()) or sum(found.values()) >= 1:
        raise InvalidCorpusError(f"{text!r}: shares are positive and together less than 1")
    return found


def candidates(sources: Sequence[str], ratios: Sequence[str], fixed: Mapping[str, float]) -> list[Mixture]:
    """Return the mixtures of `ratios` such as `2:4:1`, in the order of `sources`.

    `fixed`: shares of other sources in all tokens (in the paper 2 % Pile and 3 % GitHub). The ratios divide the rest.

    Raises:
        InvalidCorpusError: a ratio is invalid or has not one part for each source.
    """
    found = []
    free = 1 - sum(fixed.values())
    for ratio in ratios:
        try:
            parts = [float(part) for part in ratio.split(":")]
        except ValueError:
            parts = []
        if len(parts) != len(sources) or not all(part > 0 and math.isfinite(part) for part in parts):
            raise InvalidCorpusError(
                f"{ratio!r} is no ratio of {len(sources)} sources ({':'.join(sources)}); for example "
                f"{':'.join('1' for _ in sources)}"
            )
        mixed = {name: free * part / sum(parts) for name, part in zip(sources, parts, strict=True)}
        found.append(Mixture(weights={**mixed, **fixed}))
    return found


def grid(sources: int, steps: Sequence[int] = (1, 2, 4)) -> list[str]:
    """Return all ratios of these numbers, each once: 1:1 and 2:2 are the same."""
    ratios: dict[tuple[int, ...], str] = {}
    for parts in itertools.product(steps, repeat=sources):
        divisor = math.gcd(*parts)
        reduced = tuple(part // divisor for part in parts)
        ratios.setdefault(reduced, ":".join(map(str, reduced)))
    return list(ratios.values())


def search(
    mixtures: Sequence[Mixture],
    train_and_score: TrainAndScore,
    results: Path,
    *,
    about: dict[str, Any],
    progress: Callable[[Scored], None] = lambda scored: None,
) -> list[Scored]:
    """Score every mixture; return them, best first.

    `results`: a JSON Lines file; mixtures already in it are not run again. `about`: must match that of the file.

    Raises:
        InvalidCorpusError: the file belongs to another search.
    """
    done = dict(_read(results, about))
    with results.open("a", encoding="utf-8") as file:
        if not done and not results.stat().st_size:
            file.write(json.dumps({"about": about}) + "\n")
        for mixture in mixtures:
            key = str(mixture)
            if key not in done:
                perplexity = float(train_and_score(mixture))
                usable = perplexity >= 1 and math.isfinite(perplexity)  # else the run diverged
                done[key] = Scored(mixture, perplexity if usable else math.inf)
                row = {"mixture": dict(mixture.weights), "perplexity": perplexity if usable else None}
                file.write(json.dumps(row) + "\n")
                file.flush()
            progress(done[key])
    return sorted((done[str(mixture)] for mixture in mixtures), key=lambda scored: scored.perplexity)


def _read(results: Path, about: dict[str, Any]) -> Iterator[tuple[str, Scored]]:
    if not results.exists():
        return
    lines = results.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    if len(whole) != len(lines):  # truncated by a crash
        results.write_text("".join(whole), encoding="utf-8")
    for number, line in enumerate(whole):
        row = json.loads(line)
        if number == 0:
            if row != {"about": about}:
                raise InvalidCorpusError(f"{results} is of another search; give another file")
            continue
        mixture = Mixture(weights=row["mixture"])
        yield str(mixture), Scored(mixture, math.inf if row["perplexity"] is None else row["perplexity"])
