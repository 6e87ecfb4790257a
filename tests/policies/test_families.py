"""The table of models: which name is which family, in which format it is asked, and what is assumed of others."""

from __future__ import annotations

import re

import pytest

from prover.policies.llm.families import FAMILIES, Family, chosen_for, family_of, format_for
from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.prompt import Query

NAMES = {
    "EleutherAI/llemma_7b": "llemma",
    "codellama/CodeLlama-34b-hf": "llemma",
    "wellecks/llmstep-mathlib4-pythia2.8b": "llmstep",
    "kaiyuy/leandojo-lean4-retriever-tacgen-byt5-small": "reprover-byt5",
    "my/reprover-decoder": "reprover-vllm",
    "l3lab/ntp-mathlib-context-deepseek-coder-1.3b": "ntp-ctx",
    "l3lab/ntp-mathlib-st-deepseek-coder-1.3b": "ntp-st",
    "ByteDance-Seed/BFS-Prover-V2-7B": "bfs-prover-v2",
    "ByteDance-Seed/BFS-Prover-V1-7B": "bfs-prover",
    "bytedance-research/BFS-Prover": "bfs-prover",
    "internlm/internlm2_5-step-prover": "internlm2.5-step",
    "internlm/internlm2-step-prover": "internlm-step",
    "InternLM2.5-StepProver": "internlm2.5-step",
    "deepseek-ai/DeepSeek-Prover-V1": "deepseek-v2-noncot",
    "deepseek-ai/DeepSeek-Prover-V1.5-RL": "deepseek-v2-noncot",
    "deepseek-ai/DeepSeek-Prover-V2-7B": "deepseek-v2-cot",
    "deepseekproverv2": "deepseek-v2-cot",
    "deepseek_prover_v1.5_sft": "deepseek-v2-noncot",
    "Goedel-LM/Goedel-Prover-V2-8B": "goedel-v2",
    "Goedel-LM/Goedel-Prover-SFT": "deepseek-v2-noncot",
    "Goedel-LM/Goedel-Prover-DPO": "deepseek-v2-noncot",
    "GoedelProverV2-32B.Q4_K_M.gguf": "goedel-v2",
    "AI-MO/Kimina-Prover-72B": "kimina",
    "AI-MO/Kimina-Prover-Preview-Distill-7B": "kimina",
    "KiminaProver": "kimina",
    "stepfun-ai/StepFun-Prover-Preview-7B": "stepfun",
    "stoney0062/Leanabell-Prover-GD-RL": "deepseek-v2-noncot",
    "Leanabell-LM/Leanabell-Prover-V2-KM": "kimina",
    "Leanabell-LM/Leanabell-Prover-V2-DS": "deepseek-v2-cot",
    "kfdong/STP_model_Lean": "deepseek-v2-noncot",
}


@pytest.mark.parametrize("model", NAMES)
def test_format_follows_the_models_name(model: str) -> None:
    assert format_for(model).name == NAMES[model]
    assert chosen_for(model).notes == ()


@pytest.mark.parametrize("model", ["/models/something", "Qwen/Qwen3-8B", "gpt2", "contemplative-ntpx"])
def test_of_an_unknown_model_it_is_said_what_was_assumed(model: str) -> None:
    chosen = chosen_for(model)
    assert chosen.prompt.name == "llemma"
    assert model in chosen.notes[0]
    assert "asked as a base model" in chosen.notes[0]


@pytest.mark.parametrize(
    "model",
    ["AI-MO/Kimina-Autoformalizer-7B", "Goedel-LM/Goedel-Formalizer-V2-8B", "FrenzyMath/Herald_translator"],
)
def test_model_that_states_problems_is_no_prover(model: str) -> None:
    assert family_of(model) is None
    with pytest.raises(ValueError, match="states problems and does not prove them; use it for `prover formalise`"):
        chosen_for(model)
    assert chosen_for(model, "kimina").prompt.name == "kimina"


@pytest.mark.parametrize("name", FORMATS)
def test_chosen_format_wins(name: str) -> None:
    chosen = chosen_for("unheard-of", name)
    assert chosen.prompt is FORMATS[name]
    assert chosen.notes == ()


def test_chosen_format_of_a_known_model_has_the_models_numbers() -> None:
    assert chosen_for("Goedel-Prover-SFT", "deepseek-v2-noncot").prompt.max_tokens == 2048
    assert chosen_for("DeepSeek-Prover-V2-7B", "deepseek-v2-noncot").prompt.max_tokens == 8192


def test_unknown_format_is_refused_with_all_names() -> None:
    with pytest.raises(ValueError, match="there are: auto, llemma, ") as caught:
        chosen_for("llemma", "lemma")
    assert all(name in str(caught.value) for name in FORMATS)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_family_makes_sense(family: Family) -> None:
    re.compile(family.names)
    rendered = family.prompt.render(Query(state="⊢ p", theorem="theorem t : p := by"))
    chat = not isinstance(rendered, str)
    assert chat == (family.endpoint == "chat")
    assert family.prompt.max_tokens < family.context
    assert family.prompt.corrects == (family.corrections > 0)
    assert family.rounds > 1 or not family.prompt.corrects
    assert family.source


def test_every_format_that_models_were_trained_on_has_a_family() -> None:
    asked = {family.prompt.name for family in FAMILIES}
    assert set(FORMATS) - asked == {"llemma-isabelle", "isabelle-dsp", "raw-context", "deepseek-v2-noncot"} - asked
