"""All prompt formats by name. Which model is asked in which: `prover/policies/llm/families.py`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from prover.policies.llm.prompts.isabelle_dsp import IsabelleDspFormat
from prover.policies.llm.prompts.llemma import llemma_format
from prover.policies.llm.prompts.llemma_isabelle import llemma_isabelle_format
from prover.policies.llm.prompts.prompt import PromptFormat
from prover.policies.llm.prompts.proof_formats import DEEPSEEK_PLAN, DEEPSEEK_PROOF, GOEDEL, KIMINA, STEPFUN
from prover.policies.llm.prompts.raw_context import RawContextFormat
from prover.policies.llm.prompts.reprover import ReproverByt5Format
from prover.policies.llm.prompts.step_formats import (
    BFS_PROVER,
    BFS_PROVER_V2,
    INTERNLM,
    INTERNLM_2_5,
    LLMSTEP,
    NTP_CONTEXT,
    NTP_STATE,
    REPROVER,
)

_ALL: tuple[PromptFormat, ...] = (
    llemma_format(),
    llemma_isabelle_format(),
    IsabelleDspFormat(),
    RawContextFormat(),
    LLMSTEP,
    REPROVER,
    ReproverByt5Format(),
    NTP_STATE,
    NTP_CONTEXT,
    BFS_PROVER,
    BFS_PROVER_V2,
    INTERNLM,
    INTERNLM_2_5,
    DEEPSEEK_PLAN,
    DEEPSEEK_PROOF,
    GOEDEL,
    KIMINA,
    STEPFUN,
)
FORMATS: Mapping[str, PromptFormat] = MappingProxyType({known.name: known for known in _ALL})
