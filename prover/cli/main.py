"""The `prover` command."""

from __future__ import annotations

import logging
import sys

import click
from pydantic import ValidationError

from prover._version import __version__
from prover.cli.bench.command import bench
from prover.cli.data.command import data
from prover.cli.doctor import doctor
from prover.cli.eval.command import evaluation
from prover.cli.exits import BAD_INPUT, CANCELLED, MACHINE_FAULT, OK
from prover.cli.fill import fill
from prover.cli.formalise import formalise
from prover.cli.grade import grade
from prover.cli.key import key
from prover.cli.mcp import mcp
from prover.cli.memorisation import memorisation
from prover.cli.mine.command import mine
from prover.cli.models import models
from prover.cli.overlap import overlap
from prover.cli.prove import prove
from prover.cli.refute import refute
from prover.cli.report import report
from prover.cli.reward import reward
from prover.cli.serve.command import serve
from prover.cli.serve_isabelle import serve_isabelle
from prover.cli.setup import setup
from prover.cli.show import console, show_error, show_invalid, show_usage
from prover.cli.signals import interruptible
from prover.cli.train import export, train
from prover.cli.verify import verify
from prover.cli.worker import worker
from prover.errors import (
    InvalidCorpusError,
    InvalidPolicyError,
    InvalidProblemSetError,
    InvalidPromptError,
    InvalidRecipeError,
    InvalidSettingError,
    InvalidTheoremError,
    MissingExtraError,
    ProverError,
    RunConflictError,
    SandboxUnavailableError,
)

logger = logging.getLogger(__name__)


SECTIONS = {
    "Prove": (prove, refute, verify, fill, formalise),
    "Serve": (serve, worker, key, mcp, serve_isabelle),
    "Measure": (bench, report, evaluation, grade, reward),
    "Train": (mine, data, overlap, memorisation, train, export),
    "Install": (setup, doctor, models),
}
"""Every command, under the heading where the help lists it."""


class Sections(click.Group):
    """A group whose help lists its commands under headings."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each heading."""
        width = formatter.width - 6 - max(map(len, self.commands))
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(str(each.name), each.get_short_help_str(width)) for each in commands])


@click.group(cls=Sections, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="prover")
@click.option("-v", "--verbose", is_flag=True, help="Log everything to standard error.")
def cli(verbose: bool) -> None:
    """Find proofs that Lean or Isabelle has checked.

    Results go to standard output, all else to standard error. PROVER_* environment variables change the defaults. Exit
    status: 0 proved or done, 1 not proved, 2 bad input, 3 machine fault, 130 interrupted.

    \b
      prover setup
      prover prove "theorem t (a b : Nat) : a + b = b + a"
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if verbose:
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(relativeCreated)7d %(name)s %(message)s")


for command in (command for commands in SECTIONS.values() for command in commands):
    cli.add_command(command)


def main() -> None:
    """Run the command line; every error becomes a sentence and an exit status."""
    try:
        with interruptible():
            status = cli(standalone_mode=False)  # click returns what a command gave to ctx.exit()
        sys.exit(status if isinstance(status, int) else OK)
    except click.ClickException as error:
        show_usage(error)
        sys.exit(BAD_INPUT)
    except (click.Abort, KeyboardInterrupt):
        console.print("interrupted")
        sys.exit(CANCELLED)
    except ValidationError as error:  # of settings or options
        for problem in error.errors():
            show_error(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']} (got {problem['input']!r})")
        sys.exit(BAD_INPUT)
    except InvalidTheoremError as error:
        show_invalid(error)
        sys.exit(BAD_INPUT)
    except (
        InvalidCorpusError,
        InvalidPolicyError,
        InvalidProblemSetError,
        InvalidPromptError,
        InvalidRecipeError,
        InvalidSettingError,
        MissingExtraError,
        RunConflictError,
        SandboxUnavailableError,
    ) as error:
        show_error(str(error))
        sys.exit(BAD_INPUT)
    except ProverError as error:
        show_error(str(error))
        sys.exit(MACHINE_FAULT)
    except BrokenPipeError:  # the reader of our output has left
        sys.stderr.close()
        sys.exit(MACHINE_FAULT)
    except OSError as error:  # a full disk, a file that may not be written
        logger.debug("where it came from", exc_info=True)
        show_error(f"{error.filename or 'a file or connection'}: {error.strerror or error}")
        sys.exit(MACHINE_FAULT)
