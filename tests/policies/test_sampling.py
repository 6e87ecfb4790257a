"""What every policy that asks a model does about prompts that are too long, and how it draws."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from prover.errors import ContextOverflowError, Message
from prover.models.model import Completion, Prompt, Sampling
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.prompt import Failure, Query, characters
from prover.policies.llm.sampling import SHORTER, Heard, LlmOptions, complete_first_that_fits, sample
from tests.policies.models import SpeakingModel, says

QUERY = Query(
    state="\n".join([*(f"h{i} : a{i} = b{i}" for i in range(300)), "⊢ p"]),
    theorem="theorem t : p := by",
    failures=tuple(Failure(f"simp [h{i}]", "", (Message("error", "unsolved goals\n" * 20),)) for i in range(6)),
)


class NarrowModel(SpeakingModel):
    """Its context has room for so many characters."""

    def __init__(self, room: int) -> None:
        super().__init__(self._speak)
        self.room = room

    def _speak(self, prompt: Prompt, sampling: Sampling) -> list[Completion]:
        if characters(prompt) > self.room:
            raise ContextOverflowError("maximum context length")
        return [Completion("omega", -1.0, 1)] * sampling.n


@pytest.mark.parametrize("name", ["llemma", "goedel-v2", "isabelle-dsp"])
async def test_prompt_is_shortened_by_its_characters_until_it_fits(name: str) -> None:
    whole = characters(FORMATS[name].render(QUERY))
    model = NarrowModel(int(whole * 0.7))
    assert await sample(model, FORMATS[name], QUERY, LlmOptions(samples=1), seed=0)
    lengths = [characters(prompt) for prompt, _ in model.asked]
    assert lengths[0] == whole
    assert len(lengths) > 1
    assert all(second <= first * SHORTER for first, second in itertools.pairwise(lengths))


async def test_goal_that_never_fits_has_no_answers() -> None:
    assert await sample(NarrowModel(0), FORMATS["llemma"], QUERY, LlmOptions(), seed=0) == []
    assert await complete_first_that_fits(NarrowModel(3), ["too long", "still", "yes", "no"], Sampling(n=1))


async def test_shortened_prompts_are_counted_and_said() -> None:
    heard = Heard()
    whole = characters(FORMATS["llemma"].render(QUERY))
    for room in (whole, int(whole * 0.7), int(whole * 0.7)):
        await sample(NarrowModel(room), FORMATS["llemma"], QUERY, LlmOptions(samples=1), seed=0, heard=heard)
    assert heard.notes == ("2 prompts had to be shortened to fit into the model's context",)


async def drawn_from(*batches: Sequence[str], temperature: float = 0.7) -> tuple[str, ...]:
    """What is said after these answers."""
    heard = Heard()
    for batch in batches:
        model = SpeakingModel(says(*batch))
        options = LlmOptions(samples=len(batch), temperature=temperature)
        await sample(model, FORMATS["llemma"], QUERY, options, seed=0, heard=heard)
    return heard.notes


async def test_samples_that_are_always_alike_are_said() -> None:
    same = ["omega"] * 4
    assert await drawn_from(same, ["simp"] * 4, same) == (
        "samples were always alike: the server may take no temperature",
    )
    assert await drawn_from(same, same) == ()  # a model may be sure of a state
    assert await drawn_from(same, ["simp", "omega"], same, same) == ()
    assert await drawn_from(*[["omega"]] * 9) == ()
    assert await drawn_from(same, same, same, temperature=0.0) == ()


@pytest.mark.parametrize(
    ("options", "n", "temperature"),
    [
        (LlmOptions(samples=8, temperature=0.0), 1, 0.0),
        (LlmOptions(samples=8, temperature=0.0, beam=True), 8, 0.0),
        (LlmOptions(samples=8, temperature=0.5), 8, 0.5),
        (LlmOptions(samples=8), 8, FORMATS["goedel-v2"].temperature),
    ],
)
def test_greedy_decoding_gives_one_answer(options: LlmOptions, n: int, temperature: float) -> None:
    sampling = options.sampling(FORMATS["goedel-v2"], seed=3)
    assert (sampling.n, sampling.temperature, sampling.beam, sampling.seed) == (n, temperature, options.beam, 3)
