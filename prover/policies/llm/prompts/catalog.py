"""All prompt formats by name, and the one for a model's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from prover.policies.llm.prompts.bfs_prover import BFS_PROVER, BFS_PROVER_V2
from prover.policies.llm.prompts.deepseek import DeepseekPlanFormat, DeepseekProofFormat
from prover.policies.llm.prompts.goedel import GoedelFormat
from prover.policies.llm.prompts.isabelle_dsp import IsabelleDspFormat
from prover.policies.llm.prompts.kimina import KiminaFormat
from prover.policies.llm.prompts.llemma import llemma_format
from prover.policies.llm.prompts.llemma_isabelle import llemma_isabelle_format
from prover.policies.llm.prompts.llmstep import LlmstepFormat
from prover.policies.llm.prompts.ntp import NTP_CONTEXT, NTP_STATE
from prover.policies.llm.prompts.prompt import PromptFormat
from prover.policies.llm.prompts.raw_context import RawContextFormat
from prover.policies.llm.prompts.reprover import ReproverByt5Format, ReproverVllmFormat

_ALL: tuple[PromptFormat, ...] = (
    llemma_format(),
    llemma_isabelle_format(),
    IsabelleDspFormat(),
    RawContextFormat(),
    LlmstepFormat(),
    ReproverVllmFormat(),
    ReproverByt5Format(),
    NTP_STATE,
    NTP_CONTEXT,
    BFS_PROVER,
    BFS_PROVER_V2,
    DeepseekPlanFormat(),
    DeepseekProofFormat(),
    GoedelFormat(),
    KiminaFormat(),
)
FORMATS: Mapping[str, PromptFormat] = MappingProxyType({known.name: known for known in _ALL})

# The first match decides; `_`, `-` and space in models' names are equivalent.
_BY_MODEL = (
    (r"llemma|code-?llama", "llemma"),
    (r"llmstep", "llmstep"),
    (r"byt5", "reprover-byt5"),
    (r"reprover", "reprover-vllm"),
    (r"\bntp\b.*\b(context|ctx)\b", "ntp-ctx"),
    (r"\bntp\b", "ntp-st"),
    (r"bfs-prover-v2", "bfs-prover-v2"),
    (r"bfs-prover", "bfs-prover"),
    (r"deepseek-prover-v2", "deepseek-v2-cot"),
    (r"goedel-prover-v2", "goedel-v2"),
    (r"kimina", "kimina"),
)
DEFAULT = "llemma"  # examples teach the format to models that have not seen it


def format_for(model_name: str, chosen: str = "auto") -> PromptFormat:
    """Return the format called `chosen`, or for `auto` the one that the model of this name was trained on.

    Raises:
        ValueError: no format is called `chosen`.
    """
    if chosen != "auto":
        if chosen not in FORMATS:
            raise ValueError(f"no prompt format is called {chosen!r}; there are: auto, {', '.join(FORMATS)}")
        return FORMATS[chosen]
    model = re.sub(r"[_ ]", "-", model_name.lower())
    return FORMATS[next((name for pattern, name in _BY_MODEL if re.search(pattern, model)), DEFAULT)]
