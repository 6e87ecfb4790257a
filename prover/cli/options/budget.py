"""The options that limit a search; the same for every command that searches."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click
from click.core import ParameterSource

from prover.core.budget import WEEK_S, SearchBudget

Command = TypeVar("Command", bound=Callable[..., Any])

BUDGET_OPTIONS = {
    "expansions": "expansions",
    "candidates": "candidates",
    "effort": "effort",
    "tactic_effort": "tactic_effort",
    "timeout": "timeout_s",
    "tactic_timeout": "tactic_timeout_s",
}
"""Our options, and the members of the budget that they set."""


def budget_options(default: SearchBudget, *, each: str = "") -> Callable[[Command], Command]:
    """Add --effort and the other limits; the command gets `budget`. `each`: what is searched for, if several are."""
    of_each = f", for each {each}" if each else ""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_budget(*args: Any, **options: Any) -> Any:
            values = {option: options.pop(option) for option in BUDGET_OPTIONS}
            given = {BUDGET_OPTIONS[option]: value for option, value in values.items() if _was_given(option)}
            return command(*args, budget=default.changed(given), **options)

        decorated: Any = with_budget
        for option in reversed(
            (
                click.option("--effort", type=_UNITS, default=default.effort, show_default=True,
                             help="Work that the proof assistant may do; a unit is about a second of an idle core, and "
                             f"the same on every machine{of_each}."),
                click.option("--tactic-effort", type=_UNITS, default=default.tactic_effort,
                             help="The same for one tactic.  [default: what its policy thinks it worth]"),
                click.option("--timeout", type=_SECONDS, default=default.timeout_s, show_default=True,
                             help=f"Seconds by the clock for the search{of_each}; raises --effort to as much if that "
                             "is not given."),
                click.option("--tactic-timeout", type=_SECONDS, default=default.tactic_timeout_s, show_default=True,
                             help="Seconds by the clock, for one tactic."),
                click.option("--expansions", type=click.IntRange(1), default=default.expansions, show_default=True,
                             help=f"States whose candidates are tried{of_each}."),
                click.option("--candidates", type=click.IntRange(1), default=default.candidates, show_default=True,
                             help="Tactics tried at a state before others get their turn."),
            )
        ):  # fmt: skip
            decorated = option(decorated)
        return cast(Command, decorated)

    return decorate


def _was_given(option: str) -> bool:
    """Was this option typed, rather than left at its default? A command may run another with its own options."""
    context: click.Context | None = click.get_current_context()
    while context is not None:
        if source := context.get_parameter_source(option):
            return source is not ParameterSource.DEFAULT
        context = context.parent
    return True


_UNITS = click.FloatRange(0, WEEK_S, min_open=True)
_SECONDS = click.FloatRange(0, WEEK_S, min_open=True)
