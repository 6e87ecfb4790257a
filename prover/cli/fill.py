"""`prover fill`."""

from __future__ import annotations

import os
import tempfile
from contextlib import nullcontext
from pathlib import Path

import click
from rich.text import Text

from prover.assembly.environments import open_environment
from prover.assembly.policies import open_policy
from prover.cli.exits import BAD_INPUT, CANCELLED, NOT_PROVED, OK
from prover.cli.options.budget import budget_options
from prover.cli.options.environment import environment_options
from prover.cli.options.model import policy_options
from prover.cli.options.output import json_option
from prover.cli.read import unreadable
from prover.cli.run import Stop, run
from prover.cli.show import console, invalid_as_json, print_json, show_invalid
from prover.core.budget import SearchBudget
from prover.core.plurals import counted
from prover.environments.holes import FileEnvironment
from prover.errors import InvalidTheoremError
from prover.proving.fill import HOLE_EFFORT, FillReport, HoleReport, fill_source
from prover.settings import Settings


@click.command()
@click.argument("path", metavar="F.lean")
@click.option("--check", is_flag=True, help="List the holes with their goals, and change nothing.")
@click.option("--output", metavar="OUT.lean", help="Write the result to this file.  [default: F.lean itself]")
@json_option("the report")
@policy_options
@environment_options
@budget_options(SearchBudget(effort=HOLE_EFFORT), each="hole")
@click.pass_context
def fill(
    ctx: click.Context,
    path: str,
    check: bool,
    output: str | None,
    as_json: bool,
    policy_name: str | None,
    environment: str,
    settings: Settings,
    budget: SearchBudget,
) -> None:
    """Replace each `sorry` in a Lean file by a proof.

    A hole may be a whole proof, a step of one, or a term. Holes without a proof stay; no other byte changes. The file
    is written once, at the end, after the whole of it has been checked again. Exit status: 0 no `sorry` is left, 1 some
    are, or the file is not verified, 2 bad input, 3 machine fault.

    \b
      prover fill draft.lean
      prover fill draft.lean --check
      prover fill draft.lean --output filled.lean --timeout 60
      prover fill ~/my-project/Mine/Draft.lean --environment lean-project --project ~/my-project
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if check and output:
        raise click.UsageError("--check writes nothing; leave out --output")
    data = _read(path)
    text = data.decode()

    async def work(cancel: Stop) -> FillReport:
        lean = open_environment(environment, settings)
        try:
            if not isinstance(lean, FileEnvironment):
                raise click.UsageError("files are filled with --environment lean or lean-project")
            async with open_policy(policy_name, settings, without_model=True, environment=environment) as generator:
                quiet = as_json or not console.is_terminal
                with nullcontext() if quiet else console.status("filling ..."), cancel.heeded():
                    return await fill_source(
                        text,
                        environment=lean,
                        generator=generator,
                        budget=budget,
                        look_only=check,
                        verify_timeout_s=settings.verify_timeout_s,
                        listener=None if as_json else _show_hole,
                        cancel=cancel,
                    )
        finally:
            await lean.close()

    try:
        report = run(work)
    except InvalidTheoremError as error:
        if as_json:
            print_json(invalid_as_json(error))
        else:
            show_invalid(error, text)
        ctx.exit(BAD_INPUT)
    written = None
    if not check and not report.cancelled and (output or report.filled):
        if output is None and Path(path).read_bytes() != data:
            raise click.ClickException(f"{path} has changed meanwhile; nothing was written")
        written = output or path
        write_at_once(Path(written), report.source.encode())
    if as_json:
        print_json({"written": written, **report.model_dump(mode="json", exclude={"source"})})
    else:
        _show(report, path, written)
    if report.cancelled:
        ctx.exit(CANCELLED)
    ctx.exit(OK if report.complete else NOT_PROVED)


def _read(path: str) -> bytes:
    try:
        data = Path(path).read_bytes()
        data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error
    return data


def write_at_once(path: Path, data: bytes) -> None:
    """Put `data` in a file's place in one step, with the file's mode. Raises click.ClickException if that fails."""
    place = path.resolve()  # a link stays a link
    part: str | None = None
    try:
        handle, part = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, place.stat().st_mode & 0o7777 if place.exists() else 0o666 & ~_umask())
        os.replace(part, place)
    except OSError as error:
        if part is not None:
            Path(part).unlink(missing_ok=True)
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _show_hole(hole: HoleReport) -> None:
    place = f"{hole.line}:{hole.column}"
    goal = hole.goal.splitlines()[-1].strip() if hole.goal else hole.declaration
    if hole.filled:
        result = ("filled", "green"), f"   {_on_one_line('; '.join(hole.tactics))}   {hole.elapsed_s:.1f} s"
    else:
        word = ("false", "red") if hole.refutation else ("left", "yellow")
        result = word, f"   {_on_one_line(hole.reason or '')}"
    console.print(Text.assemble(f"{place:<8} {goal}   ", *result), soft_wrap=True)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _show(report: FillReport, path: str, written: str | None) -> None:
    total, left = len(report.holes), len(report.holes) - report.filled
    for hole in report.holes if left else ():
        if not hole.filled and hole.goal:
            goal = "\n".join(f"  {line}" for line in hole.goal.splitlines())
            console.print(Text(f"{hole.line}:{hole.column} in {hole.declaration}:\n{goal}"), soft_wrap=True)
    if not total:
        without = "no `sorry` is written" if report.sorries else "there is no `sorry`"
        hidden = f", yet one is behind {counted(report.sorries, 'declaration')}" if report.sorries else ""
        console.print(f"{without} in {path}{hidden}", soft_wrap=True)
        return
    seconds = f"{report.elapsed_s:.1f} s"
    head = ("cancelled: ", "bold yellow") if report.cancelled else ""
    console.print(Text.assemble(head, f"{report.filled} of {total} filled, {left} left, in {seconds}"), soft_wrap=True)
    if report.cancelled:
        console.print(f"{path} is as it was", soft_wrap=True)
    elif written:
        console.print(f"written to {written}", soft_wrap=True)
    verification = report.verification
    if verification is not None and not left:
        if verification.accepted:
            tier = f"{verification.environment}   tier {verification.tier}"
            console.print(Text.assemble(("verified", "bold green"), f"   {tier}"), soft_wrap=True)
        else:
            console.print(Text.assemble(("not verified", "bold red"), f"   {verification.reason}"), soft_wrap=True)
