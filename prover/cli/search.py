"""The search of `prover prove`. What it imports takes long, so the command imports it while Lean starts."""

from __future__ import annotations

from prover.assembly.policies import open_policy
from prover.cli.progress import SearchProgress
from prover.cli.run import Stop
from prover.cli.trace import TraceFiles
from prover.core.budget import SearchBudget
from prover.core.record import ProofRecord
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.environments.lean_wasm.environment import LeanWasmEnvironment
from prover.policies.premises.retrieval import PremiseSource
from prover.proving.closest import CLOSEST
from prover.proving.prove import REFUTING, prove_theorem
from prover.settings import Settings


async def searched(
    theorem: Theorem,
    assistant: ProofEnvironment,
    *,
    policy: str | None,
    environment: str,
    settings: Settings,
    budget: SearchBudget,
    seed: int,
    refuting: bool,
    test_goals: bool,
    traces: TraceFiles,
    quiet: bool,
    cancel: Stop,
) -> ProofRecord:
    """Search with the policy of that name, show how it goes, and return the record."""
    library = None
    if isinstance(assistant, LeanWasmEnvironment):
        library = PremiseSource(assistant.library)
        if assistant.library.listed(theorem.imports):
            await library.for_theorem(theorem)  # read while Lean starts, and not after
    async with open_policy(policy, settings, without_model=True, environment=environment, library=library) as generator:
        with SearchProgress(budget, quiet=quiet) as progress, cancel.heeded():
            return await prove_theorem(
                theorem,
                environment=assistant,
                generator=generator,
                budget=budget,
                seed=seed,
                verify_timeout_s=settings.verify_timeout_s,
                listener=traces.with_listener(progress.update),
                cancel=cancel,
                refuting=REFUTING if refuting else 0.0,
                closest=CLOSEST,
                test_goals=test_goals,
            )
