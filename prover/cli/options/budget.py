"""The options that limit a search; the same for every command that searches."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import click
from click.core import ParameterSource

from prover.cli.options.numbers import positive
from prover.core.budget import SearchBudget

Command = TypeVar("Command", bound=Callable[..., Any])

BUDGET_OPTIONS = {
    "expansions": "expansions",
    "candidates": "candidates",
    "effort": "effort",
    "tactic_effort": "tactic_effort",
    "timeout": "timeout_s",
    "tactic_timeout": "tactic_timeout_s",
}
"""Options, and the limit of the budget that each sets."""


def budget_options(default: SearchBudget, *, each: str = "") -> Callable[[Command], Command]:
    """Add --effort and the other limits; the command gets `budget`. `each`: what the limits hold for, if several."""
    of_each = f" for each {each}" if each else ""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_budget(*args: Any, **options: Any) -> Any:
            values = {option: options.pop(option) for option in BUDGET_OPTIONS}
            given = {BUDGET_OPTIONS[option]: value for option, value in values.items() if _was_given(option)}
            return command(*args, budget=default.changed(given), **options)

        decorated: Any = with_budget
        for option in reversed(
            (
                click.option("--effort", type=positive("units"), metavar="UNITS", default=default.effort,
                             show_default=True, help=f"Work that the proof assistant may do{of_each}. A unit is about "
                             "a second of an idle core, and the same on every machine."),
                click.option("--tactic-effort", type=positive("units"), metavar="UNITS", default=default.tactic_effort,
                             help="Work that one tactic may do.  [default: set by the policy]"),
                click.option("--timeout", type=positive("seconds"), metavar="SECONDS", default=default.timeout_s,
                             show_default=True, help=f"Wall-clock limit of the search{of_each}. Without --effort, a "
                             "larger value raises the effort to match."),
                click.option("--tactic-timeout", type=positive("seconds"), metavar="SECONDS",
                             default=default.tactic_timeout_s, show_default=True,
                             help="Wall-clock limit of one tactic."),
                click.option("--expansions", type=click.IntRange(1), metavar="N", default=default.expansions,
                             show_default=True, help=f"Proof states to expand{of_each}."),
                click.option("--candidates", type=click.IntRange(1), metavar="N", default=default.candidates,
                             show_default=True, help="Tactics to try at a state before other states get their turn."),
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
