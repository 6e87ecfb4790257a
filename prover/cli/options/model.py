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

POLICY_DEFAULT = "mixture with --model, else ranked, or closers without the embedded Lean"
MODEL_HELP = (
    "Language model: the URL of an OpenAI-compatible server such as vLLM (several with commas, if all serve the same "
    "model); transformers:NAME for an encoder-decoder model in this process; small or small:FOLDER for no "
    "model and the closers in a learned order, the shipped one or that of FOLDER; none.  [default: PROVER_MODEL__URL]"
)


MODEL_OPTIONS = {
    "model_url": "url",
    "model_name": "name",
    "prompt_format": "prompt",
    "prompt_file": "prompt_file",
    "samples": "samples",
    "temperature": "temperature",
    "beam": "beam",
    "model_log": "log",
}
"""Options, and the setting of the model that each replaces."""


def policy_options(command: Command, *, default: str = POLICY_DEFAULT) -> Command:
    """Add --policy (`policy_name`), and what `model_options` adds. `default`: which one is taken, in words."""
    words = f"How tactics are proposed: {described()}.  [default: {default}]"
    return click.option("--policy", "policy_name", metavar="POLICY", help=words)(model_options(command))


def model_options(command: Command) -> Command:
    """Add --model and the options of the model; the command gets `settings` with them applied."""

    @functools.wraps(command)
    def with_settings(*args: Any, **options: Any) -> Any:
        given = {name: options.pop(option) for option, name in MODEL_OPTIONS.items()}
        return command(*args, settings=_settings(given | {"beam": given["beam"] or None}), **options)

    decorated: Any = with_settings
    for option in reversed(
        (
            click.option("--model", "model_url", metavar="URL[,URL]", help=MODEL_HELP),
            click.option("--model-name", metavar="NAME", help="Model on the server.  [default: its first]"),
            click.option(
                "--prompt",
                "prompt_format",
                metavar="FORMAT",
                help="Prompt format.  [default: chosen by the model's name, see `prover models`]",
            ),
            click.option(
                "--prompt-file",
                type=click.Path(dir_okay=False),
                metavar="FILE",
                help="Words of the prompt, such as those that the model's authors publish, instead of those that ship; "
                "for a few-shot format an instruction and examples.",
            ),
            click.option(
                "--samples",
                type=click.IntRange(1),
                metavar="N",
                help="Answers to sample for a state in one request.  [default: as the model's authors do]",
            ),
            click.option(
                "--temperature",
                type=click.FloatRange(0),
                metavar="T",
                help="Sampling temperature.  [default: set by the prompt format]",
            ),
            click.option("--beam", is_flag=True, help="Use token-level beam search instead of sampling."),
            click.option(
                "--model-log",
                type=click.Path(dir_okay=False),
                metavar="FILE",
                help="Append each prompt and what the model answered to FILE, a line of JSON each.",
            ),
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
        problem = error.errors()[0]
        raise click.BadParameter(str(problem["msg"]), param_hint=f"the model's {problem['loc'][0]}") from error
