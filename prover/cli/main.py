"""The `prover` command."""

from __future__ import annotations

import errno
import logging
import sys

import click

from prover import errors
from prover._version import __version__
from prover.cli.commands import Commands
from prover.cli.exits import BAD_INPUT, CANCELLED, MACHINE_FAULT, OK
from prover.cli.signals import interruptible

logger = logging.getLogger(__name__)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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


BAD = (
    errors.InvalidCorpusError,
    errors.InvalidPolicyError,
    errors.InvalidProblemSetError,
    errors.InvalidPromptError,
    errors.InvalidRecipeError,
    errors.InvalidSettingError,
    errors.MissingExtraError,
    errors.RunConflictError,
    errors.SandboxUnavailableError,
)
"""The errors that say what is wrong with the input."""


def main() -> None:
    """Run the command line; every error becomes a sentence and an exit status."""
    try:
        with interruptible():
            status = cli(standalone_mode=False)  # click returns what a command gave to ctx.exit()
        sys.exit(status if isinstance(status, int) else OK)
    except (click.ClickException, click.Abort, KeyboardInterrupt, ValueError, errors.ProverError, OSError) as error:
        sys.exit(_told(error))


def _told(error: BaseException) -> int:
    """Say what went wrong and return the exit status. Raises what is a fault of ours again."""
    from pydantic import ValidationError  # here: both take longer than all else that `prover --help` imports

    from prover.cli.show import console, show_error, show_invalid, show_usage

    match error:
        case click.ClickException():
            show_usage(error)
            return BAD_INPUT
        case click.Abort() | KeyboardInterrupt():
            console.print("interrupted")
            return CANCELLED
        case ValidationError():  # of settings or options
            for problem in error.errors():
                show_error(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']} (got {problem['input']!r})")
            return BAD_INPUT
        case errors.InvalidTheoremError():
            show_invalid(error)
            return BAD_INPUT
        case errors.ProverError():
            show_error(str(error))
            return BAD_INPUT if isinstance(error, BAD) else MACHINE_FAULT
        case BrokenPipeError():  # the reader of our output has left
            sys.stderr.close()
            return MACHINE_FAULT
        case OSError():  # a full disk, a file that may not be written
            logger.debug("where it came from", exc_info=True)
            unnamed = "standard output, or a temporary file" if error.errno == errno.ENOSPC else "a file or connection"
            show_error(f"{error.filename or unnamed}: {error.strerror or error}")
            return MACHINE_FAULT
        case _:
            raise error
