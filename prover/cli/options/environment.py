"""The options that choose the proof assistant; the same for every command that has a choice."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from prover.assembly.environments import ENVIRONMENTS
from prover.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


def environment_options(command: Command) -> Command:
    """Add --environment (`environment`) and --project; the command gets `settings` with both in them."""

    @functools.wraps(command)
    def with_project(
        *args: Any, environment: str | None, project: Path | None, settings: Settings | None = None, **options: Any
    ) -> Any:
        settings = settings or Settings()
        if environment is not None:
            settings = settings.model_copy(update={"environment": environment})
        if project is not None:
            if settings.environment != "lean-project":
                raise click.UsageError("--project goes with --environment lean-project")
            settings = settings.model_copy(update={"lean": settings.lean.model_copy(update={"project": project})})
        return command(*args, environment=settings.environment, settings=settings, **options)

    decorated: Any = with_project
    for option in reversed(
        (
            click.option("--environment", type=click.Choice(ENVIRONMENTS),
                         help="Proof assistant.  [default: lean, or PROVER_ENVIRONMENT]"),
            click.option("--project", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
                         help="Folder of your Lean project, with --environment lean-project.  "
                         "[default: PROVER_LEAN__PROJECT]"),
        )
    ):  # fmt: skip
        decorated = option(decorated)
    return cast(Command, decorated)
