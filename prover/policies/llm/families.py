"""The models that are known, by their names: in which format each is asked, and how its authors sampled.

One table: `prover models` prints it, the documentation is generated from it. A number that the authors do not publish
says so in `note`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from prover.policies.llm.prompts.catalog import FORMATS
from prover.policies.llm.prompts.prompt import PromptFormat
from prover.policies.llm.prompts.proof_formats import DEEPSEEK_PLAN, DEEPSEEK_PROOF, GOEDEL, KIMINA, STEPFUN
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

Endpoint = Literal["completions", "chat", "transformers"]
STEP_ROUNDS, PROOF_ROUNDS = 2, 3


@dataclass(frozen=True, slots=True)
class Family:
    """Models that are asked alike.

    `names`: a regular expression for their names in lower case; a blank stands for `-`, `_`, `.` or nothing. `prompt`:
    their format, with the sampling that the authors publish. `context`: tokens of prompt and answer together.
    `normalised`: a tactic's score is its log-probability a token, else the sum. `rounds`: how often a state is asked.
    `corrections`: answers that are drawn for each proof that failed. `beam`: the authors searched with beams, and this
    does so too.
    """

    name: str
    names: str
    prompt: PromptFormat
    endpoint: Endpoint
    context: int
    source: str
    normalised: bool = True
    rounds: int = STEP_ROUNDS
    corrections: int = 0
    beam: bool = False
    note: str = ""


def _continued(samples: int) -> PromptFormat:
    """The open fence, with the lengths of models whose context is 4,096 tokens."""
    return replace(DEEPSEEK_PROOF, samples=samples, max_tokens=2048)


FAMILIES: tuple[Family, ...] = (
    Family(
        "Llemma, Code Llama",
        r"llemma|code llama",
        FORMATS["llemma"],
        "completions",
        4096,
        "Azerbayev et al. 2023; wellecks/llemma_formal2formal",
        note="the authors searched with 32 beams at temperature 0: `prover bench --protocol llemma-paper`",
    ),
    Family(
        "llmstep",
        r"llmstep",
        LLMSTEP,
        "completions",
        2048,
        "Welleck and Saha 2023; wellecks/llmstep",
    ),
    Family(
        "ReProver (ByT5)",
        r"byt5",
        FORMATS["reprover-byt5"],
        "transformers",
        2300,
        "Yang et al. 2023; lean-dojo/ReProver",
        normalised=False,
        beam=True,
    ),
    Family(
        "ReProver (decoders)",
        r"reprover",
        REPROVER,
        "completions",
        4096,
        "lean-dojo/ReProver, prover/tactic_generator.py",
        normalised=False,
        note="the authors searched with 64 beams; as many samples are drawn",
    ),
    Family(
        "ntp-toolkit, with context",
        r"(?<![a-z])ntp(?![a-z]).*(context|ctx)",
        NTP_CONTEXT,
        "completions",
        16_384,
        "Hu et al. 2024; cmu-l3/ntp-toolkit",
        note="temperature: ours",
    ),
    Family(
        "ntp-toolkit",
        r"(?<![a-z])ntp(?![a-z])",
        NTP_STATE,
        "completions",
        16_384,
        "Hu et al. 2024; cmu-l3/ntp-toolkit",
        note="temperature: ours",
    ),
    Family(
        "BFS-Prover-V2",
        r"bfs prover v2",
        BFS_PROVER_V2,
        "completions",
        4096,
        "Xin et al. 2025; model card, src/search of its repository",
    ),
    Family(
        "BFS-Prover",
        r"bfs prover",
        BFS_PROVER,
        "completions",
        4096,
        "Xin et al. 2025; model card",
    ),
    Family(
        "InternLM2.5-StepProver",
        r"internlm ?2 5.*step",
        INTERNLM_2_5,
        "completions",
        4096,
        "Wu et al. 2024, arXiv 2410.15700; model card",
        note="temperature: ours; without the critic model",
    ),
    Family(
        "InternLM2-StepProver",
        r"internlm.*step",
        INTERNLM,
        "chat",
        4096,
        "Wu et al. 2024, arXiv 2407.17227; InternLM/InternLM-Math, lean-github",
        note="temperature: ours",
    ),
    Family(
        "DeepSeek-Prover-V1, V1.5",
        r"deepseek prover v1",
        _continued(samples=32),
        "completions",
        4096,
        "Xin et al. 2024, arXiv 2408.08152; deepseek-ai/DeepSeek-Prover-V1.5",
        rounds=PROOF_ROUNDS,
        note="without the comments of its chain of thought, whose words are the authors'",
    ),
    Family(
        "DeepSeek-Prover-V2",
        r"deepseek prover",
        DEEPSEEK_PLAN,
        "chat",
        32_768,
        "Ren et al. 2025, arXiv 2504.21801; README of deepseek-ai/DeepSeek-Prover-V2",
        rounds=PROOF_ROUNDS,
        note="number of samples: ours",
    ),
    Family(
        "Goedel-Prover-V2",
        r"goedel prover v2",
        GOEDEL,
        "chat",
        40_960,
        "Lin et al. 2025; Goedel-LM/Goedel-Prover-V2, scripts/pipeline.sh",
        rounds=PROOF_ROUNDS,
        corrections=2,
    ),
    Family(
        "Goedel-Prover-SFT, -DPO",
        r"goedel prover",
        _continued(samples=32),
        "completions",
        4096,
        "Lin et al. 2025, arXiv 2502.07640; Goedel-LM/Goedel-Prover",
        rounds=PROOF_ROUNDS,
        note="without the comments of its chain of thought, whose words are the authors'",
    ),
    Family(
        "Kimina-Prover",
        r"kimina prover",
        KIMINA,
        "chat",
        40_960,
        "Wang et al. 2025, arXiv 2504.11354; model cards of AI-MO",
        rounds=2,
        corrections=1,
        note="number of samples: ours; one correction of each answer, as in the authors' report of July 2025",
    ),
    Family(
        "StepFun-Prover",
        r"step fun prover",
        STEPFUN,
        "chat",
        32_768,
        "Shang et al. 2025, arXiv 2507.20199; stepfun-ai/StepFun-Prover-Preview",
        rounds=4,
        corrections=1,
        note="temperature and number of samples: ours; a sketch ends an answer, the REPL's words begin a round",
    ),
    Family(
        "Leanabell-Prover-V2-KM",
        r"leanabell prover v2.*(km|kimina)",
        KIMINA,
        "chat",
        32_768,
        "Ji et al. 2025, arXiv 2507.08649: trained from Kimina-Prover",
        rounds=2,
        corrections=1,
        note="sampling: that of Kimina-Prover",
    ),
    Family(
        "Leanabell-Prover-V2",
        r"leanabell prover v2",
        DEEPSEEK_PLAN,
        "chat",
        32_768,
        "Ji et al. 2025, arXiv 2507.08649: trained from DeepSeek-Prover-V2",
        rounds=PROOF_ROUNDS,
        note="sampling: that of DeepSeek-Prover-V2",
    ),
    Family(
        "Leanabell-Prover",
        r"leanabell",
        _continued(samples=32),
        "completions",
        4096,
        "Zhang et al. 2025, arXiv 2504.06122: trained from DeepSeek-Prover-V1.5 and Goedel-Prover-SFT",
        rounds=PROOF_ROUNDS,
        note="sampling: that of DeepSeek-Prover-V1.5",
    ),
    Family(
        "STP",
        r"(?<![a-z])stp(?![a-z]).*lean",
        _continued(samples=32),
        "completions",
        4096,
        "Dong and Ma 2025, arXiv 2502.00212: trained from DeepSeek-Prover-V1.5",
        rounds=PROOF_ROUNDS,
        note="sampling: that of DeepSeek-Prover-V1.5",
    ),
)

NO_PROVERS = r"formali[sz]er|herald translator"
"""Names of models that state problems and do not prove."""
BASE = FAMILIES[0]
"""What is assumed of a model that is not known: examples teach the format."""

ISABELLE = replace(BASE, name="Llemma on Isabelle", prompt=FORMATS["llemma-isabelle"])
"""How any model is asked for steps in Isabelle: models are not told apart by their names there."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a model is asked: the family that gives the numbers, its format, and what was assumed for want of better."""

    family: Family
    notes: tuple[str, ...] = ()

    @property
    def prompt(self) -> PromptFormat:
        """The format."""
        return self.family.prompt


def chosen_for(model_name: str, prompt: str = "auto") -> Chosen:
    """Return how the model of this name is asked, in its own format or in the one called `prompt`.

    A format that was asked for comes with the numbers of the family that it is of.

    Raises:
        ValueError: there is no such format, or the model does not prove.
    """
    if prompt != "auto" and prompt not in FORMATS:
        raise ValueError(f"no prompt format is called {prompt!r}; there are: auto, {', '.join(FORMATS)}")
    known = family_of(model_name)
    if prompt != "auto":
        return Chosen(_asked_in(FORMATS[prompt], known))
    if re.search(NO_PROVERS, _plain(model_name)):
        raise ValueError(
            f"{model_name} states problems and does not prove them; use it for `prover formalise`, or say with "
            "--prompt in which format it is asked for proofs"
        )
    if known:
        return Chosen(known)
    note = (
        f"{model_name} is none of the models that `prover models` lists; it was asked as a base model is, with "
        f"examples in the prompt ({BASE.prompt.name}); --prompt chooses another format"
    )
    return Chosen(BASE, (note,))


def format_for(model_name: str, prompt: str = "auto") -> PromptFormat:
    """Return the format of `chosen_for`. Raises ValueError as it does."""
    return chosen_for(model_name, prompt).prompt


def family_of(model_name: str) -> Family | None:
    """Return the family of the model of this name, if it is known and a prover."""
    plain = _plain(model_name)
    if re.search(NO_PROVERS, plain):
        return None
    return next((family for family in FAMILIES if re.search(family.names.replace(" ", " ?"), plain)), None)


def _asked_in(prompt: PromptFormat, known: Family | None) -> Family:
    """Return the family that a format is of, or else the known one, asked in that format."""
    if known and known.prompt.name == prompt.name:
        return known
    if found := next((family for family in FAMILIES if family.prompt is prompt), None):
        return found
    rounds = PROOF_ROUNDS if prompt.whole_proof else STEP_ROUNDS
    return replace(known or BASE, prompt=prompt, endpoint="completions", rounds=rounds, corrections=0, beam=False)


def _plain(model_name: str) -> str:
    return re.sub(r"[-_ ./\\]+", " ", model_name.lower())
