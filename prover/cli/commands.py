"""Every command: where it is and what it does. A command is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

SECTIONS = {
    "Prove": {
        "prove": ("prove:prove", "Search for a proof of a theorem and verify it."),
        "refute": ("refute:refute", "Look for a counterexample of a statement and verify that the statement is false."),
        "verify": ("verify:verify", "Verify a file of proofs."),
        "fill": ("fill:fill", "Replace each `sorry` in a Lean file by a proof."),
        "formalise": ("formalise:formalise", "State a problem in words formally."),
    },
    "Serve": {
        "serve": ("serve.command:serve", "Serve the REST API and the web page."),
        "worker": ("worker:worker", "Prove the jobs that wait in Redis."),
        "key": ("key:key", "Make an API key for `prover serve`."),
        "mcp": ("mcp:mcp", "Serve the prover's tools over the Model Context Protocol."),
        "serve-isabelle": (
            "serve_isabelle:serve_isabelle",
            "Serve an installed Isabelle to searches, here and to other PISA clients.",
        ),
    },
    "Measure": {
        "bench": ("bench.command:bench", "Prove every problem of a problem set."),
        "report": ("report:report", "Write the report of a run, its tables and its figures."),
        "eval": ("eval.command:evaluation", "Measure a language model on mathematics in words."),
        "grade": ("grade:grade", "Judge one answer as `prover eval` does, and say what was compared."),
        "reward": ("reward:reward", "Print the reward of a model's answer: 1 if it proves the statement, 0 if not."),
    },
    "Train": {
        "mine": ("mine.command:mine", "Mine training data with the embedded Lean."),
        "data": ("data.command:data", "Prepare training data: documents, packed corpora, mixtures."),
        "overlap": ("overlap:overlap", "Find test problems in training data."),
        "memorisation": ("memorisation:memorisation", "Compare accuracy on problems inside and outside training data."),
        "train": ("train:train", "Train a language model."),
        "export": ("train:export", "Export a checkpoint as a model."),
    },
    "Install": {
        "setup": ("setup:setup", "Install the embedded Lean."),
        "doctor": ("doctor:doctor", "Check the installation and say how to fix it."),
        "models": ("models:models", "List the language models that are known, and how each is asked."),
    },
}
"""Module and name of each command below `prover.cli`, and its line in the help, under the heading that lists it."""

_WHERE = {name: where for commands in SECTIONS.values() for name, (where, _) in commands.items()}


class Commands(click.Group):
    """A group whose help lists its commands under headings, without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(_WHERE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        where = _WHERE.get(cmd_name)
        return None if where is None else load(where)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each heading."""
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, line) for name, (_, line) in commands.items()])


def load(where: str) -> click.Command:
    """Import a command by its module and name."""
    module, name = where.split(":")
    command = getattr(import_module(f"prover.cli.{module}"), name)
    assert isinstance(command, click.Command)
    return command
