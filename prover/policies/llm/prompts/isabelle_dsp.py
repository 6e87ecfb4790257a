r"""Whole Isabelle proofs from informal proofs, in the layout of Draft, Sketch and Prove (Jiang et al. 2023).

Layout: `lm_eval/tasks/minif2f_isabelle.py` of `wellecks/lm-evaluation-harness`. The examples are our own.
"""

from __future__ import annotations

from dataclasses import dataclass

from prover.policies.llm.prompts.answers import cut, dedented, is_attempt
from prover.policies.llm.prompts.fitting import fitted
from prover.policies.llm.prompts.prompt import Query

END = "\n\n\n"


@dataclass(frozen=True, slots=True)
class WorkedProblem:
    """A problem and its solution in words, the statement, and its proof."""

    problem: str
    solution: str
    statement: str
    proof: str


PROBLEMS = (
    WorkedProblem(
        "Show that the product of two consecutive natural numbers is even.",
        "One of $n$ and $n + 1$ is even. If $n$ is even, so is $n(n + 1)$. Otherwise $n + 1$ is even, and so is "
        "$n(n + 1)$.",
        'theorem product_of_neighbours_is_even:\n  fixes n :: nat\n  shows "even (n * (n + 1))"',
        """\
proof (cases "even n")
  case True
  (* $n$ is even. *)
  then show ?thesis by simp
next
  case False
  (* Otherwise $n + 1$ is even. *)
  then have "even (n + 1)" by simp
  then show ?thesis by simp
qed""",
    ),
    WorkedProblem(
        "The sum of two real numbers is 10 and their difference is 4. Show that the larger is 7.",
        "Adding $x + y = 10$ and $x - y = 4$ gives $2x = 14$, hence $x = 7$.",
        'theorem larger_of_two:\n  fixes x y :: real\n  assumes h0: "x + y = 10"\n    and h1: "x - y = 4"\n'
        '  shows "x = 7"',
        """\
proof -
  (* Add the two equations. *)
  have "2 * x = 14" using h0 h1 by linarith
  (* Divide by two. *)
  then show ?thesis by linarith
qed""",
    ),
    WorkedProblem(
        "Show that $2ab \\leq a^2 + b^2$ for real $a$ and $b$.",
        "A square is never negative, so $0 \\leq (a - b)^2 = a^2 - 2ab + b^2$. Adding $2ab$ proves the claim.",
        'theorem twice_product:\n  fixes a b :: real\n  shows "2 * a * b \\<le> a^2 + b^2"',
        """\
proof -
  (* A square is never negative. *)
  have "0 \\<le> (a - b)^2" by simp
  (* Multiply out. *)
  then show ?thesis by (simp add: power2_diff)
qed""",
    ),
)


def _block(informal: str, formal: str) -> str:
    words = informal.strip().replace("(*", "( *").replace("*)", "* )")
    words = f"\n{words}" if words else ""
    return f"Informal:\n(*### Problem\n{words}\n*)\n\nFormal:\n{formal}"


EXAMPLES = tuple(
    _block(f"{shot.problem}\n\n### Solution\n\n{shot.solution}", f"{shot.statement}\n{shot.proof}") for shot in PROBLEMS
)


def read_blocks(text: str) -> tuple[str, ...]:
    """Return the examples of a user's file, with blank lines between them. Raises ValueError if one is none."""
    blocks = tuple(block.strip() for block in text.replace("\r\n", "\n").split(END) if block.strip())
    for number, block in enumerate(blocks, start=1):
        if not block.startswith("Informal:") or "\nFormal:\n" not in block:
            raise ValueError(f"example {number} should begin with `Informal:` and have a line `Formal:`")
    if not blocks:
        raise ValueError("there is no example in it")
    return blocks


@dataclass(frozen=True, slots=True)
class IsabelleDspFormat:
    """Blocks `Informal:` with a comment and `Formal:` with statement and proof, three newlines between them.

    `blocks`: the examples, as they stand in the prompt.

    The query's `informal` goes under `### Problem` and may contain a heading `### Solution`. The proof is what follows
    the statement.
    """

    name: str = "isabelle-dsp"
    blocks: tuple[str, ...] = EXAMPLES
    stop: tuple[str, ...] = (END,)
    max_tokens: int = 1024
    temperature: float = 0.0
    top_p: float = 1.0
    samples: int = 1
    whole_proof: bool = True
    corrects: bool = False
    own_words: bool = False

    def render(self, query: Query, *, limit: int | None = None) -> str:
        """Return the prompt; if it is too long, the first examples are dropped first."""
        return fitted(self._write, query, limit, shots=len(self.blocks))

    def parse(self, text: str, query: Query) -> str | None:
        """Return the proof up to the next block."""
        text = cut(text.replace("\r\n", "\n"), (END, "Informal:"))
        proof = dedented(text.strip("\n").removeprefix(query.statement))
        return proof if is_attempt(proof) else None

    def _write(self, query: Query, shots: int) -> str:
        blocks = self.blocks[len(self.blocks) - shots :]
        return END.join([*blocks, _block(query.informal, query.statement)]) + "\n"
