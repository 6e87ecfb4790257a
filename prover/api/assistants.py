"""The proof assistants that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prover.api.assistant import Policy, shipped
from prover.api.prover import Prover
from prover.assembly.environments import open_environment, parallel_lean_environment
from prover.settings import Settings


class Lean(Prover):
    """The embedded Lean, as `prover setup` installs it."""

    def __init__(
        self,
        *,
        model: str | None = None,
        policy: Policy | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Prepare; nothing is started.

        `model`: the address of a language model, as for `prover prove --model`; `policy`: what searches use unless
        they are told otherwise; `settings`: instead of those of the process environment (`PROVER_...`).
        """
        chosen = _with_model(settings, model)
        self._prepare(shipped("lean", lambda: parallel_lean_environment(chosen), policy, chosen))


class LeanProject(Prover):
    """A Lean project of your own, with its toolchain and its dependencies; see docs/how-to/lean-projects.md."""

    def __init__(
        self,
        folder: str | Path | None = None,
        *,
        model: str | None = None,
        policy: Policy | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Prepare; nothing is started. `folder`: otherwise the project of the settings. The others: see `Lean`.

        Raises:
            EnvironmentUnavailableError: there is no such project, or no REPL for it.
        """
        chosen = _with_model(settings, model)
        if folder is not None:
            chosen = _changed(chosen, "lean", project=Path(folder))
        self._prepare(shipped("lean-project", lambda: open_environment("lean-project", chosen), policy, chosen))


class Isabelle(Prover):
    """Isabelle/HOL behind PISA servers; see docs/how-to/isabelle.md."""

    def __init__(
        self,
        addresses: str | None = None,
        *,
        model: str | None = None,
        policy: Policy | None = None,
        settings: Settings | None = None,
    ) -> None:
        """Prepare; nothing is started or connected.

        `addresses`: `host:port`, several with commas; otherwise those of the settings. The others: see `Lean`.
        """
        chosen = _with_model(settings, model)
        if addresses is not None:
            chosen = _changed(chosen, "isabelle", addresses=addresses)
        self._prepare(shipped("isabelle", lambda: open_environment("isabelle", chosen), policy, chosen))


def _with_model(settings: Settings | None, url: str | None) -> Settings:
    chosen = settings or Settings()
    return chosen if url is None else _changed(chosen, "model", url=url)


def _changed(settings: Settings, section: str, **values: Any) -> Settings:
    changed = getattr(settings, section).model_copy(update=values)
    return settings.model_copy(update={section: changed})
