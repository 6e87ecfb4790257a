"""Learning from the verifier with TRL, small enough for two cores: GRPO rewarded by verification, DPO on searches.

    make setup EXTRAS=trl
    python -m benchmarks.reinforcement grpo [--steps 40]
    python -m benchmarks.reinforcement dpo [--steps 40]

Real Lean, real TRL, and a tiny Llama made on the spot; nothing is downloaded. It shows how the parts fit together. The
model learns which of eight tactics proves which of eight theorems; that says nothing about larger models.
"""

from __future__ import annotations

import asyncio
import copy
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks.reinforcement_learner import learner, quiet_on_the_cpu
from prover.assembly.environments import lean_environment
from prover.core.budget import SearchBudget
from prover.core.theorem import Theorem
from prover.policies.scripted import ScriptedPolicy
from prover.proving.prove import prove_theorem
from prover.rewards.traces import preference_pairs
from prover.rewards.trl import TrlReward
from prover.rewards.verifier import ProofRewards
from prover.search.trace import SearchTrace
from prover.settings import Settings

TACTICS = ("omega", "rfl", "decide", "simp", "exact h", "exact h.symm", "exact ⟨h₁, h₂⟩", "constructor")
THEOREMS = (
    "theorem t1 (a b c : Nat) : a + (b + c) = c + b + a",
    "theorem t2 (x : Int) (h : 2 * x + 3 = 11) : x = 4",
    "theorem t3 (xs : List Nat) : xs ++ [] = xs",
    "theorem t4 (xs ys : List Nat) : (xs ++ ys).length = ys.length + xs.length",
    "theorem t5 (p q : Prop) (h₁ : p) (h₂ : q) : p ∧ q",
    "theorem t6 (p : Prop) (h : p) : p",
    "theorem t7 (f : Nat → Nat) (h : f 1 = f 2) : f 2 = f 1",
    "theorem t8 : 2 ^ 10 % 7 = 2",
)
SAMPLES = 8  # per theorem, for one comparison


def prompt_of(text: str) -> str:
    """Return the prompt for a theorem or a proof state."""
    return f"{text}\n"


def grpo(folder: Path, *, steps: int, epochs: int, seed: int) -> dict[str, Any]:
    """Reward verified proofs. Return the mean reward of each step, and the number of verifications."""
    model, tokenizer = learner([prompt_of(text) for text in THEOREMS], TACTICS, folder, epochs=epochs, seed=seed)
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    verifier: list[ProofRewards] = []

    def rewards() -> ProofRewards:
        verifier.append(ProofRewards(lean_environment(Settings()), timeout_s=10))
        return verifier[0]

    with TrlReward(rewards) as reward:
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=[reward],
            args=GRPOConfig(
                output_dir=str(folder / "grpo"),
                max_steps=steps,
                per_device_train_batch_size=len(THEOREMS) * SAMPLES,
                num_generations=SAMPLES,
                max_completion_length=12,
                temperature=1.0,
                learning_rate=1e-3,
                beta=0.0,
                logging_steps=1,
                seed=seed,
                **quiet_on_the_cpu(),
            ),
            train_dataset=Dataset.from_list([{"prompt": prompt_of(text), "theorem": text} for text in THEOREMS]),
            processing_class=tokenizer,
        )
        trainer.train()
    logged = [float(entry["reward"]) for entry in trainer.state.log_history if "reward" in entry]
    return {"rewards": [round(value, 3) for value in logged], "verified": verifier[0].verified}


def dpo(folder: Path, *, steps: int, epochs: int, seed: int) -> dict[str, Any]:
    """Prefer tactics of proofs to tactics that failed. Return margins and accuracies of each step."""
    pairs = [
        {"prompt": prompt_of(pair["prompt"]), "chosen": pair["chosen"], "rejected": pair["rejected"]}
        for pair in asyncio.run(searched_pairs())
    ]
    states = list(dict.fromkeys(pair["prompt"] for pair in pairs))
    model, tokenizer = learner(states, TACTICS, folder, epochs=epochs, seed=seed)
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    trainer = DPOTrainer(
        model=model,
        ref_model=copy.deepcopy(model),  # it was made here, so it has no name to load it by
        args=DPOConfig(
            output_dir=str(folder / "dpo"),
            max_steps=steps,
            per_device_train_batch_size=len(pairs),
            per_device_eval_batch_size=len(pairs),
            learning_rate=5e-4,
            beta=0.1,
            logging_steps=1,
            seed=seed,
            **quiet_on_the_cpu(),
        ),
        train_dataset=Dataset.from_list(pairs),
        processing_class=tokenizer,
    )
    trainer.train()
    logged = [entry for entry in trainer.state.log_history if "rewards/margins" in entry]
    return {
        "pairs": len(pairs),
        "margins": [round(float(entry["rewards/margins"]), 3) for entry in logged],
        "accuracies": [round(float(entry["rewards/accuracies"]), 3) for entry in logged],
    }


async def searched_pairs() -> list[dict[str, Any]]:
    """Search for a proof of each theorem with the tactics; return the preference pairs."""
    lean = lean_environment(Settings())
    found: list[dict[str, Any]] = []
    try:
        for text in THEOREMS:
            trace = SearchTrace(text)
            record = await prove_theorem(
                Theorem.from_text(text),
                environment=lean,
                generator=ScriptedPolicy(tuple(reversed(TACTICS))),
                budget=SearchBudget(expansions=4, effort=20, tactic_effort=5),
                listener=trace,
                seed=0,
            )
            found += preference_pairs(trace.tree(record))
    finally:
        await lean.close()
    return found


LEARN: dict[str, Callable[..., dict[str, Any]]] = {"grpo": grpo, "dpo": dpo}


@click.command()
@click.argument("method", type=click.Choice(list(LEARN)))
@click.option("--steps", type=click.IntRange(1), default=40, show_default=True, help="Of learning from the verifier.")
@click.option("--epochs", type=click.IntRange(1), default=40, show_default=True, help="Of reading the tactics first.")
@click.option("--seed", type=int, default=0, show_default=True)
def main(method: str, steps: int, epochs: int, seed: int) -> None:
    """Learn, and print the result as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(LEARN[method](Path(folder), steps=steps, epochs=epochs, seed=seed), indent=1))


if __name__ == "__main__":
    main()
