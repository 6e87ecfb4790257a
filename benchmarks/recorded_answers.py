"""Recorded answers through every family's path: what is sent, read, corrected and proved, without any weights.

    python -m benchmarks.recorded_answers

For each family of `prover models` a replayed model answers in that family's style. A prover of whole proofs says
nothing of use and something wrong in its first round, and the proof in its second; a prover of steps gives the steps of
the proof at every state. Then the tactics that the Llemma authors published are replayed on the statements that the
embedded Lean can read; most of them are Mathlib's, which it does not have. Writes
benchmarks/results/recorded-answers.json.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from benchmarks.report import Report, Row
from prover.assembly.environments import lean_environment
from prover.assembly.native_lean import NO_PREMISES
from prover.assembly.policies import policy
from prover.bench.conditions import hardware
from prover.core.budget import SearchBudget
from prover.core.theorem import Theorem, with_header
from prover.environments.environment import ProofEnvironment
from prover.models.logged import LoggedModel
from prover.models.model import Completion, LanguageModel, Prompt, Sampling, Usage
from prover.policies.llm.about import query_about
from prover.policies.llm.families import FAMILIES, Family
from prover.proving.prove import prove_theorem
from prover.settings import ModelSettings, Settings

BUDGET = SearchBudget(effort=60.0, expansions=50)
SHARED = Path(__file__).parents[2] / "shared" / "data"
REQUESTS = Path(__file__).parent / "results" / "recorded-requests.jsonl"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A theorem, a wrong proof and the steps of a right one; `lemma`: what a model may put in front."""

    statement: str
    wrong: str
    steps: tuple[str, ...]
    lemma: str = ""

    @property
    def theorem(self) -> Theorem:
        """What is to be proved, with the header that such models are given, as far as the embedded Lean has it."""
        return Theorem.from_text(f"import Init\n\nset_option maxHeartbeats 400000\n\nopen Nat\n\n{self.statement}")


RECORDED: tuple[Recorded, ...] = (
    Recorded("theorem swap (p q : Prop) (h : p ∧ q) : q ∧ p", "exact h", ("constructor", "exact h.2", "exact h.1")),
    Recorded("theorem order (a b c : Nat) (h : a < b) (g : b < c) : a + 1 < c", "simp", ("omega",)),
    Recorded(
        "theorem twice (xs : List Nat) : (xs ++ xs).length = 2 * xs.length",
        "rfl",
        ("rw [List.length_append]", "omega"),
        "lemma double (n : Nat) : n + n = 2 * n := by\n  omega\n\n",
    ),
    Recorded("theorem some_even : ∃ n : Nat, 10 < n ∧ n % 2 = 0", "exact ⟨11, by decide⟩", ("exact ⟨12, by decide⟩",)),
    Recorded("theorem cases (n : Nat) : n = 0 ∨ 0 < n", "simp", ("cases n <;> simp",)),
)
WITH_LEMMA = tuple(recorded for recorded in RECORDED if recorded.lemma)


def whole_proof(recorded: Recorded, body: str, family: Family, number: int) -> str:
    """Return a proof as this family's models write it; `number` varies what may vary."""
    lines = body.replace("\n", "\n  ")
    code = f"{recorded.statement} := by\n  {lines}"
    match family.prompt.name:
        case "deepseek-v2-noncot":
            return f"  {lines}\n```"
        case "kimina":
            thoughts = f"<think>\nMaybe:\n```tactics\n{body}\n```\nYes.\n</think>\n\n"
            return f"{thoughts}```lean4\nimport Mathlib\n\n{recorded.lemma}{code}\n```"
        case "stepfun":
            return f"Let us check this.\n<sketch>\n```lean4\n{recorded.lemma}{code}\n```\n"
        case _:
            plan = f"### Plan\n\n1. Do it.\n\n```lean4\n{recorded.statement} := by\n  sorry\n```\n\n### Proof\n\n"
            closing = "\n```" if number % 2 else ""
            return f"{plan}```lean4\nimport Mathlib\nimport Aesop\n\n{recorded.lemma}{code}{closing}"


def step(tactic: str, family: Family) -> str:
    """Return a tactic as this family's models write it."""
    match family.prompt.name:
        case "llemma":
            return f"\n{tactic}\n---\n\nTactic state:\n---\n"
        case "ntp-st" | "ntp-ctx":
            return f"{tactic}\n[/TAC]"
        case "llmstep":
            return f"{tactic}[GOAL]p : Prop"
        case "reprover-byt5":
            return tactic.replace("List.length_append", "<a>List.length_append</a>")
        case "internlm-step":
            return f"PROOFSTEP {tactic}"
        case _:
            return tactic


@dataclass(slots=True)
class Replaying:
    """A model that says what was recorded. `unread`: answers in which its format finds nothing."""

    family: Family
    recorded: Recorded
    requests: list[tuple[Prompt, Sampling]] = field(default_factory=list)
    unread: int = 0
    usage: Usage = field(default_factory=Usage)

    @property
    def identity(self) -> str:
        """A name of the family."""
        return NAMES.get(self.family.name, self.family.name)

    async def identify(self) -> str:
        """Return it."""
        return self.identity

    async def complete(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """Answer as recorded."""
        self.requests += [(prompt, sampling) for prompt in prompts]
        answers, about = self._answers()[: sampling.n], query_about(self.recorded.theorem)
        self.unread += len(prompts) * sum(self.family.prompt.parse(text, about) is None for text in answers)
        return [[Completion(text, -1.0, 5) for text in answers] for _ in prompts]

    async def close(self) -> None:
        """Do nothing."""

    def _answers(self) -> list[str]:
        recorded, family = self.recorded, self.family
        if not family.prompt.whole_proof:
            return [step(tactic, family) for tactic in recorded.steps]
        if len(self.requests) == 1:
            return [whole_proof(recorded, recorded.wrong, family, 1), "I do not see how."]
        return [whole_proof(recorded, "\n".join(recorded.steps), family, len(self.requests))]


NAMES = {
    "Llemma, Code Llama": "llemma_7b",
    "ReProver (ByT5)": "tacgen-byt5-small",
    "ReProver (decoders)": "reprover",
    "ntp-toolkit, with context": "ntp-mathlib-context",
    "ntp-toolkit": "ntp-mathlib-st",
    "DeepSeek-Prover-V1, V1.5": "DeepSeek-Prover-V1.5-RL",
    "Goedel-Prover-SFT, -DPO": "Goedel-Prover-SFT",
    "STP": "STP_model_Lean",
}
"""A model's name where the family's is none."""


async def replay(
    family: Family,
    environment: ProofEnvironment,
    theorems: Sequence[Recorded] = RECORDED,
    *,
    log: Path | None = None,
) -> Counter[str]:
    """Return what came of recorded theorems with one family. `log`: where the requests are written."""
    found: Counter[str] = Counter()
    for recorded in theorems:
        model = Replaying(family, recorded)
        asked: LanguageModel = LoggedModel(model, log) if log else model
        generator = await policy("model", ModelSettings(), asked, library=NO_PREMISES)
        record = await prove_theorem(recorded.theorem, environment=environment, generator=generator, budget=BUDGET)
        sent = {(str(prompt), sampling.seed) for prompt, sampling in model.requests}
        found["theorems"] += 1
        found["proved"] += record.proved
        found["corrected"] += record.proved and family.prompt.corrects and len(model.requests) > 1
        found["afresh"] += record.proved and not family.prompt.corrects and family.prompt.whole_proof
        found["unread"] += model.unread
        found["requests twice"] += len(model.requests) - len(sent)
        found["header missing"] += family.prompt.whole_proof and "open Nat" not in str(model.requests[0][0])
    return found


async def published(environment: ProofEnvironment, shared: Path) -> Counter[str]:
    """Replay the tactics that the Llemma authors published, at the theorems whose statements Lean can read."""
    rows = [json.loads(line) for line in (shared / "minif2f_core_public.jsonl").read_text().splitlines()]
    tactics: dict[str, dict[str, None]] = defaultdict(dict)
    for line in (shared / "llemma_traces.jsonl").read_text().splitlines():
        trace = json.loads(line)
        tactics[trace["theorem"]][trace["tactic"]] = None
    found: Counter[str] = Counter()
    for row in rows:
        if row["name"] not in tactics:
            continue
        recorded = Recorded(row["statement"], "", tuple(tactics[row["name"]]))
        generator = await policy("model", ModelSettings(), Replaying(FAMILIES[0], recorded), library=NO_PREMISES)
        theorem = Theorem.from_text(with_header(row["header"], row["statement"]))
        record = await prove_theorem(theorem, environment=environment, generator=generator, budget=BUDGET)
        found["theorems"] += 1
        found["proved"] += record.proved
    return found


def rows_of(family: Family, found: Counter[str]) -> list[Row]:
    """Return the figures of a family."""
    of = f"of {found['theorems']}"
    rows = [Row(f"{family.name}: proved", (found["proved"],), of, found["theorems"], "higher", 0)]
    words = {"corrected": "of these in round 2, corrected", "afresh": "of these in round 2, drawn afresh"}
    rows += [Row(f"{family.name}: {words[what]}", (found[what],), of, digits=0) for what in words if found[what]]
    if found["unread"]:
        rows.append(Row(f"{family.name}: answers in which nothing was read", (found["unread"],), "", digits=0))
    return rows


async def record_requests(environment: ProofEnvironment) -> None:
    """Write what every family is sent about the theorems with a lemma, and what comes back."""
    for family in FAMILIES:
        await replay(family, environment, WITH_LEMMA, log=REQUESTS)


@click.command()
@click.option("--shared", type=click.Path(path_type=Path), default=SHARED, help="Folder of the published traces.")
def main(shared: Path) -> None:
    """Measure."""
    machine = hardware()
    REQUESTS.unlink(missing_ok=True)

    async def work() -> tuple[list[Row], list[str]]:
        environment = lean_environment(Settings())
        try:
            await record_requests(environment)
            rows, wrong = [], Counter[str]()
            for family in FAMILIES:
                found = await replay(family, environment)
                rows += rows_of(family, found)
                wrong += Counter({key: found[key] for key in ("requests twice", "header missing")})
            for what in ("requests twice", "header missing"):
                rows.append(Row(what, (wrong[what],), "", 0, digits=0))
            if not (shared / "llemma_traces.jsonl").exists():
                return rows, [f"no published traces at {shared}"]
            traces = await published(environment, shared)
            rows.append(
                Row("Llemma's published tactics: proved", (traces["proved"],), f"of {traces['theorems']}", digits=0)
            )
            return rows, []
        finally:
            await environment.close()

    rows, notes = asyncio.run(work())
    command, budget = "python -m benchmarks.recorded_answers", {"effort": BUDGET.effort}
    report = Report("recorded-answers", command, 0, budget, machine, rows, notes)
    report.save()
    click.echo(report.markdown())


if __name__ == "__main__":
    main()
