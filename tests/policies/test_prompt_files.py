"""A user's own words in the prompt: for every format that has words, with their digest in the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from prover.assembly.asking import asking
from prover.assembly.native_lean import NO_PREMISES
from prover.assembly.policies import policy
from prover.errors import InvalidPolicyError, InvalidPromptError
from prover.models.model import Message
from prover.policies.automation.isabelle_closers import IsabelleClosersPolicy
from prover.policies.generator import notes_of
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.few_shot import FewShotFormat
from prover.policies.llm.prompts.prompt import Query
from prover.policies.llm.prompts.prompt_files import digest_of, read_wording, with_words_of
from prover.policies.llm.prompts.template import TemplateFormat
from prover.policies.llm.sampling import LlmOptions
from prover.policies.llm.sketch import SketchPolicy
from prover.settings import ModelSettings
from tests.policies.models import SpeakingModel, says

QUERY = Query(
    state="⊢ p", theorem="open Nat\n\ntheorem t : p := by", header="open Nat", informal="Show p.", prefix="si"
)
WORDED = [name for name, known in FORMATS.items() if isinstance(known, TemplateFormat)]
FEW_SHOT = [name for name, known in FORMATS.items() if isinstance(known, FewShotFormat)]


def written(folder: Path, text: str) -> Path:
    path = folder / "words.txt"
    path.write_text(text, encoding="utf-8")
    return path


class Named(SpeakingModel):
    def __init__(self, name: str, context: int | None = None) -> None:
        super().__init__(says("rfl"))
        self.identity = name
        self.context = context
        self.notes = ()


@pytest.mark.parametrize("name", WORDED)
def test_words_of_a_file_take_the_place_of_ours(name: str, tmp_path: Path) -> None:
    known = with_words_of(FORMATS[name], written(tmp_path, "Prove {theorem}\nfrom {state}\n"))
    prompt = known.render(QUERY)
    text = prompt if isinstance(prompt, str) else prompt[0].content
    assert text == "Prove open Nat\n\ntheorem t : p := by\nfrom ⊢ p"
    assert isinstance(prompt, str) == isinstance(FORMATS[name].render(QUERY), str)
    assert not known.own_words
    assert known.parse("```lean4\ntheorem t : p := by\n  simp\n```", QUERY) or not known.whole_proof


@pytest.mark.parametrize("name", FEW_SHOT)
def test_few_shot_formats_take_instruction_and_examples(name: str, tmp_path: Path) -> None:
    known = FORMATS[name]
    assert isinstance(known, FewShotFormat)
    state, step = known.labels
    path = written(tmp_path, f"Go on.\n\n{state}\n---\n⊢ q\n---\n{step}\n---\nsimp\n---\n")
    assert str(with_words_of(known, path).render(QUERY)).startswith(f"Go on.\n\n{state}\n---\n⊢ q\n")


@pytest.mark.parametrize("name", ["raw-context", "reprover-byt5"])
def test_format_without_words_takes_no_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidPromptError, match="has no words"):
        with_words_of(FORMATS[name], written(tmp_path, "{state}"))


def test_sketches_take_examples_as_they_stand(tmp_path: Path) -> None:
    block = 'Informal:\n(*### Problem\n\nShow q.\n*)\n\nFormal:\ntheorem q: "q"\nproof -\n\n  show q by simp\nqed'
    path = written(tmp_path, f"{block}\n\n\n{block}\n")
    prompt = str(with_words_of(FORMATS["isabelle-dsp"], path).render(QUERY))
    assert prompt.startswith(f"{block}\n\n\n{block}\n\n\nInformal:\n(*### Problem\n\nShow p.")
    assert prompt.count("Formal:") == 3
    policy = SketchPolicy(Named("m"), IsabelleClosersPolicy(hammer=False), LlmOptions(words=digest_of(path)))
    assert policy.identity.startswith(f"sketch(m, isabelle-dsp@{digest_of(path)}, ")
    for text, message in (("", "no example"), ("Informal:\nx", "example 1 should begin with")):
        with pytest.raises(InvalidPromptError, match=message):
            with_words_of(FORMATS["isabelle-dsp"], written(tmp_path, text))


def test_sections_make_a_chat(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "[system]\nBe exact.\n[user]\n{?problem}Problem: {problem}\n{?before}After: {before}\n{sorry}\n\n"
        "[correction]\nRound {round}:\n{errors}\n[error]\n{number}: {message}\n",
    )
    known = with_words_of(FORMATS["goedel-v2"], path)
    assert known.corrects
    assert known.render(QUERY) == (
        Message("system", "Be exact."),
        Message("user", "Problem: Show p.\nopen Nat\n\n/-- Show p. -/\ntheorem t : p := by\n  sorry\n"),
    )


def test_what_is_filled_in_is_not_read_again(tmp_path: Path) -> None:
    known = with_words_of(FORMATS["goedel-v2"], written(tmp_path, "{problem} {theorem}"))
    prompt = known.render(Query(state="", theorem="theorem t : {state} := by", informal="{theorem} {unknown}"))
    assert isinstance(prompt, tuple)
    assert prompt[0].content == "{theorem} {unknown} theorem t : {state} := by"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "either a section"),
        ("Prove it.", "does not show what is to be proved"),
        ("[users]\n{theorem}", r"\[users\] is no section; there are: text, system, user"),
        ("[user]\n{theorem}\n[text]\n{theorem}", "either a section"),
        ("Words\n[user]\n{theorem}", "line 1: the name of a section"),
        ("[system]\n{theorem}", "either a section"),
    ],
)
def test_file_that_is_no_prompt_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidPromptError, match=message):
        read_wording(written(tmp_path, text), raw=False)


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidPromptError, match="cannot be read"):
        read_wording(tmp_path / "none.txt", raw=False)
    with pytest.raises(InvalidPromptError, match="cannot be read"):
        digest_of(tmp_path / "none.txt")


# ---- in the record --------------------------------------------------------------------------------------------------


async def test_record_has_the_digest_of_the_words(tmp_path: Path) -> None:
    path = written(tmp_path, "Prove {theorem}")
    found = await policy("model", ModelSettings(prompt_file=path), Named("Goedel-Prover-V2-8B"), library=NO_PREMISES)
    assert found.identity.startswith(f"whole-proof(Goedel-Prover-V2-8B, goedel-v2@{digest_of(path)}, 8×3")
    assert notes_of(found) == ()


@pytest.mark.parametrize("name", ["Goedel-Prover-V2-8B", "Kimina-Prover-8B", "DeepSeek-Prover-V2-7B", "ntp-mathlib"])
async def test_our_words_for_a_model_of_others_are_noted(name: str) -> None:
    found = await policy("model", ModelSettings(), Named(name), library=NO_PREMISES)
    assert any("the words around the theorem are ours" in note for note in notes_of(found))


@pytest.mark.parametrize("name", ["llemma_7b", "BFS-Prover-V2-7B", "Goedel-Prover-SFT", "llmstep"])
async def test_words_that_are_published_or_none_need_no_note(name: str) -> None:
    assert notes_of(await policy("model", ModelSettings(), Named(name), library=NO_PREMISES)) == ()


async def test_assumption_about_an_unknown_model_is_in_the_record() -> None:
    found = await policy("mixture", ModelSettings(), Named("my-model"), library=NO_PREMISES)
    assert any("my-model is none of the models" in note for note in notes_of(found))


async def test_short_context_is_noted() -> None:
    found = await policy("model", ModelSettings(), Named("Goedel-Prover-V2-8B", context=4096), library=NO_PREMISES)
    assert any("context of 4,096 tokens, and its answers may have 32,768" in note for note in notes_of(found))


# ---- the published numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "samples", "rounds", "normalised", "beam"),
    [
        ("Goedel-Prover-V2-8B", 8, 3, True, False),
        ("BFS-Prover-V2-7B", 4, 2, True, False),
        ("llmstep", 10, 2, True, False),
        ("my-reprover", 64, 2, False, False),
        ("tacgen-byt5-small", 64, 2, False, True),
        ("llemma_7b", 32, 2, True, False),
    ],
)
def test_numbers_are_those_of_the_authors(name: str, samples: int, rounds: int, normalised: bool, beam: bool) -> None:
    _, options = asking(Named(name), ModelSettings())
    assert (options.samples, options.batches, options.normalised, options.beam) == (samples, rounds, normalised, beam)


def test_settings_win_over_the_authors() -> None:
    prompt, options = asking(Named("Goedel-Prover-V2-8B"), ModelSettings(samples=3, rounds=1, max_tokens=99))
    sampling = options.sampling(prompt, seed=0)
    assert (sampling.n, options.batches, sampling.max_tokens, sampling.temperature) == (3, 1, 99, 1.0)


def test_encoder_decoder_behind_an_address_is_told_what_to_do() -> None:
    with pytest.raises(InvalidPolicyError, match="--model transformers:NAME"):
        asking(Named("tacgen-byt5-small"), ModelSettings(url="http://localhost:8000"))
    asking(Named("tacgen-byt5-small"), ModelSettings(url="transformers:tacgen-byt5-small"))


def test_model_that_states_problems_is_told_what_to_do() -> None:
    with pytest.raises(InvalidPolicyError, match="prover formalise"):
        asking(Named("Kimina-Autoformalizer-7B"), ModelSettings())
