"""The options that choose what proposes tactics; the same for every command that searches."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click
from pydantic import ValidationError

from prover.policies.registry import described
from prover.settings import ModelSettings, Settings

Command = TypeVar("Command", bound=Callable[..., Any])

POLICY_HELP = f"What proposes tactics: {described()}.  [default: mixture with --model, else ranked]"
MODEL_HELP = (
    "Language model: an OpenAI-compatible server such as vLLM, or several that serve the same model; "
    "transformers:NAME for an encoder-decoder model in this process; small:FOLDER for a small Llama in this process "
    "(make small-model); none."
)


MODEL_OPTIONS = {
    "model_url": "url",
    "model_name": "name",
    "prompt_format": "prompt",
    "prompt_file": "prompt_file",
    "samples": "samples",
    "temperature": "temperature",
    "beam": "beam",
}
"""Our options, and the settings of the model that they replace."""


def policy_options(command: Command) -> Command:
    """Add --policy (`policy_name`), and what `model_options` adds."""
    return click.option("--policy", "policy_name", help=POLICY_HELP)(model_options(command))


def model_options(command: Command) -> Command:
    """Add --model with what goes with it; the command gets `settings` with these options put over them."""

    @functools.wraps(command)
    def with_settings(*args: Any, **options: Any) -> Any:
        given = {name: options.pop(option) for option, name in MODEL_OPTIONS.items()}
        return command(*args, settings=_settings(given | {"beam": given["beam"] or None}), **options)

    decorated: Any = with_settings
    for option in reversed(
        (
            click.option("--model", "model_url", metavar="URL[,URL]", help=MODEL_HELP),
            click.option("--model-name", help="Which of the server's models.  [default: its first]"),
            click.option("--prompt", "prompt_format", help="Prompt format.  [default: by the model's name]"),
            click.option("--prompt-file", type=click.Path(dir_okay=False), help="Your own few-shot examples."),
            click.option("--samples", type=click.IntRange(1), help="Tactics drawn for a state at once.  [default: 32]"),
            click.option("--temperature", type=click.FloatRange(0), help="Of sampling.  [default: the format's]"),
            click.option("--beam", is_flag=True, help="Token-level beam search instead of sampling."),
        )
    ):
        decorated = option(decorated)
    return cast(Command, decorated)


def _settings(given: dict[str, Any]) -> Settings:
    settings = Settings()
    changed = settings.model.model_dump() | {name: value for name, value in given.items() if value is not None}
    try:
        return settings.model_copy(update={"model": ModelSettings.model_validate(changed)})
    except ValidationError as error:
        raise click.BadParameter(str(error.errors()[0]["msg"]), param_hint="--model") from error
