"""What turns words into statements."""

from __future__ import annotations

from prover.assembly.environments import theorem_reader
from prover.environments.environment import ProofEnvironment
from prover.models.model import LanguageModel
from prover.proving.formalise import Formaliser
from prover.settings import Settings


def formaliser(settings: Settings, environment: ProofEnvironment, model: LanguageModel | None) -> Formaliser:
    """Return what turns words into statements with the assistant of the settings, and that model if there is one."""
    return Formaliser(
        environment,
        model,
        language="isabelle" if settings.environment == "isabelle" else "lean",
        read=theorem_reader(settings.environment, settings),
        temperature=settings.model.temperature,
    )
