"""Chats with provers that write whole proofs: DeepSeek-Prover-V2, Goedel-Prover-V2, Kimina-Prover, StepFun-Prover.

The layouts are published: the models' READMEs and cards, the papers' appendices, `src/utils.py` and
`scripts/pipeline.sh` of Goedel-Prover-V2. The wording of the requests is ours.
"""

from __future__ import annotations

from prover.policies.llm.prompts.lean_code import continued_proof, proof_in_answer
from prover.policies.llm.prompts.template import TemplateFormat
from prover.policies.llm.prompts.wording import Wording

OPENING = "Complete the following Lean 4 code:\n\n```lean4\n"
PLAN = """\
First work out a detailed plan: the main steps of the proof, its key ideas, and the lemmas on the way.
Then write the complete Lean 4 code that follows this plan."""
ERROR = """\
Error {number}:

{?code}Code:
{?code}```lean4
{?code}{code}
{?code}```
{?code}
Error message: {message}"""

DEEPSEEK_PLAN = TemplateFormat(
    name="deepseek-v2-cot",
    wording=Wording(user=f"{OPENING}{{sorry}}\n```\n\n{PLAN}"),
    read=proof_in_answer,
    max_tokens=8192,
    temperature=1.0,
    top_p=0.95,
    samples=8,
    whole_proof=True,
    own_words=True,
)
"""One user message: the theorem with `sorry` in a fence, and the request for a plan before the code."""

DEEPSEEK_PROOF = TemplateFormat(
    name="deepseek-v2-noncot",
    wording=Wording(text=f"{OPENING}{{commented}}\n"),
    read=continued_proof,
    stop=("```",),
    max_tokens=8192,
    temperature=1.0,
    top_p=0.95,
    samples=8,
    whole_proof=True,
)
"""Raw text: an open fence with the theorem up to `:= by`; the model continues."""

GOEDEL = TemplateFormat(
    name="goedel-v2",
    wording=Wording(
        user=f"{OPENING}{{sorry}}```\n\n{PLAN}",
        correction="""\
Lean does not accept the proof of round {round}. Its errors, with the places marked by <error></error>:

{errors}

Say what each error means and how to mend it, then write the complete Lean 4 code again, corrected.""",
        error=ERROR,
    ),
    read=proof_in_answer,
    max_tokens=32_768,
    temperature=1.0,
    top_p=0.95,
    samples=8,
    whole_proof=True,
    own_words=True,
)
"""The message of DeepSeek-Prover-V2 without a line break before the closing fence. For each failure follow the whole
answer and a user message with its errors."""

KIMINA = TemplateFormat(
    name="kimina",
    wording=Wording(
        system="You are an expert in mathematics and in proving theorems with Lean 4.",
        user="""\
Think about the following problem step by step, and solve it in Lean 4.
{?problem}# Problem: {problem}
# Formal statement:
```lean4
{theorem}
```
""",
        correction="""\
Lean does not accept this proof. Its errors:

{errors}

Correct the proof and write the complete Lean 4 code again.
""",
        error=ERROR,
    ),
    read=proof_in_answer,
    max_tokens=8192,
    temperature=0.6,
    top_p=0.95,
    samples=8,
    whole_proof=True,
    own_words=True,
)
"""System message, the problem in words, the theorem in a fence; the answer holds thoughts up to `</think>`."""

STEPFUN = TemplateFormat(
    name="stepfun",
    wording=Wording(
        system="""\
You are given a Lean 4 problem to solve. Think carefully and work towards a solution. You may have a partial \
solution checked by the Lean 4 REPL: put it between <sketch> and </sketch>, and what the REPL says comes back between \
<REPL> and </REPL>. Go on until the solution is complete.""",
        user="```lean4\n{theorem}\n```\n",
        correction="<REPL>{errors}</REPL>",
        error="{message}",
    ),
    read=proof_in_answer,
    stop=("</sketch>",),
    closing="</sketch>",
    max_tokens=20_480,
    temperature=1.0,
    top_p=0.95,
    samples=8,
    whole_proof=True,
    own_words=True,
)
"""The theorem in a fence; a sketch that was checked is answered by what the REPL said of it."""
