r"""The few-shot layout for Isabelle: states as `Toplevel.string_of_state` prints them, and the next Isar command.

Symbols are written as in Isabelle's files, `\<forall>`. The examples are our own.
"""

from __future__ import annotations

from prover.policies.llm.prompts.few_shot import FewShotFormat
from prover.policies.llm.prompts.shots import Shot
from prover.policies.llm.prompts.states import shorter_isabelle

INSTRUCTION = (
    "Each Isabelle/HOL proof state below is followed by a good next command.\nSome examples, then a new state:"
)
SHOTS = (
    Shot(
        "proof (prove)\ngoal (1 subgoal):\n 1. \\<lbrakk>x < 2 * y; Suc y < 5\\<rbrakk> \\<Longrightarrow> x < 7",
        "by linarith",
    ),
    Shot(
        "proof (prove)\ngoal (1 subgoal):\n 1. length (concat (map (\\<lambda>x. [x, x]) xs)) = 2 * length xs",
        "by (induction xs) simp_all",
    ),
    Shot(
        "proof (prove)\ngoal (1 subgoal):\n 1. xs \\<noteq> [] \\<Longrightarrow> hd xs # tl xs = xs",
        "apply (cases xs)",
    ),
)


def llemma_isabelle_format() -> FewShotFormat:
    """Return the format with our examples."""
    return FewShotFormat(
        name="llemma-isabelle",
        instruction=INSTRUCTION,
        labels=("Proof state:", "Next command:"),
        shots=SHOTS,
        normal=str.strip,
        shorter=shorter_isabelle,
    )
