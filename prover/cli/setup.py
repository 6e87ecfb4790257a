"""`prover setup`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from prover.cli.extras import EXTRAS
from prover.cli.run import run
from prover.cli.show import console
from prover.core.distribution import install_line
from prover.core.theorem import split_imports
from prover.environments.lean_repl.install import build_project, mathlib_project
from prover.environments.lean_repl.project import LeanProject
from prover.environments.lean_wasm.install import DEFAULT_IMPORTS, Installation, folder_size
from prover.environments.lean_wasm.library import LeanLibrary
from prover.settings import Settings

MATHLIB = "v4.24.0"


@click.command()
@click.option("--force", is_flag=True, help="Download and install again, to repair a damaged installation.")
@click.option("--remove", is_flag=True, help="Delete the embedded Lean.")
@click.option(
    "--imports", metavar="MODULES", help="Also prepare a fast start for these modules, with commas: Std,Lean."
)
@click.option(
    "--lean-project",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Build this Lean project and a REPL for its toolchain instead (needs lake and the extra [lean]).",
)
@click.option(
    "--mathlib",
    "mathlib",
    is_flag=False,
    flag_value=MATHLIB,
    metavar="[VERSION]",
    help=f"Create and build a Lean project with Mathlib instead.  [default version: {MATHLIB}]",
)
@click.option("--isabelle", is_flag=True, help="Say how to get Isabelle, or what is missing, instead.")
def setup(
    force: bool, remove: bool, imports: str | None, lean_project: Path | None, mathlib: str | None, isabelle: bool
) -> None:
    """Install the embedded Lean.

    Downloads 120 MB, takes 0.6 GB on disk (in PROVER_CACHE_DIR) and about 25 seconds. Needs neither root nor a Lean of
    your own. Can be interrupted and run again; once installed, it does nothing.

    \b
      prover setup
      prover setup --imports Std,Lean
      prover setup --lean-project ~/my-project
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    if isabelle:
        for step in isabelle_steps(Settings().isabelle.tool):
            console.print(step, markup=False, soft_wrap=True)
        return
    if lean_project is not None or mathlib is not None:
        _native(Settings(), lean_project, mathlib)
        return
    installation = Installation.in_cache(Settings().cache_dir)
    if remove:
        console.print(f"removed {installation.home} ({installation.remove() / 1e6:,.0f} MB)")
        return
    columns = TextColumn("{task.description:<32}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, int] = {}

        def progress(step: str, fraction: float) -> None:
            if step not in tasks:
                if not console.is_terminal:
                    console.print(f"{step} ...")
                tasks[step] = bars.add_task(step, total=1.0)
            bars.update(tasks[step], completed=fraction)  # type: ignore[arg-type]  # TaskID is an int

        done = installation.install(force=force, progress=progress)
        modules = imports_of(imports) if imports else DEFAULT_IMPORTS
        if imports:
            done = installation.ensure_snapshot(modules, progress=progress) or done
        if not LeanLibrary(installation).listed(modules):
            progress("library", 0.0)
            run(lambda _: LeanLibrary(installation)(modules))
            progress("library", 1.0)
    size = folder_size(installation.folder) / 1e6
    console.print(
        f"the embedded Lean is {'ready' if done else 'already there'}: {installation.folder} ({size:,.0f} MB)",
        soft_wrap=True,
    )


def _native(settings: Settings, folder: Path | None, mathlib: str | None) -> None:
    def report(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    lake = settings.lean.lake
    if folder is not None:
        project = LeanProject(folder.expanduser().absolute())
    else:
        project = mathlib_project(settings.cache_dir, mathlib or MATHLIB, report, lake=lake)
    repl = build_project(project, settings.cache_dir, lake=lake, report=report, given=settings.lean.repl)
    if project.uses_mathlib:
        _list_library(settings, project, report)
    report(f"ready: {project.identity}, REPL {repl}")
    report(f"prover prove --environment lean-project --project {project.folder} --file STATEMENT.lean")


def _list_library(settings: Settings, project: LeanProject, report: Callable[[str], None]) -> None:
    """List Mathlib's theorems now: it takes minutes, and a container may have nowhere to keep the list later."""
    from prover.assembly.native_lean import project_library

    library = project_library(settings.lean.model_copy(update={"project": project.folder}), settings.cache_dir)
    report("listing Mathlib's theorems (minutes the first time)")
    found = run(lambda _: library(("Mathlib",)))
    report(f"{len(found.theorems):,} theorems of the library can be cited")


def imports_of(names: str) -> tuple[str, ...]:
    """Return the imports that a comma-separated list of modules stands for. Raises click.BadParameter."""
    modules = names.split(",")
    if not all(re.fullmatch(r"\w+(\.\w+)*", module) for module in modules):
        raise click.BadParameter(f"{names!r} is not a list of modules such as Std,Lean", param_hint="--imports")
    return split_imports("".join(f"import {module}\n" for module in modules))[0]


def isabelle_steps(tool: str) -> list[str]:
    """Return what is left to do until Isabelle can be used here."""
    found, missing = shutil.which(tool), EXTRAS["isabelle"].missing
    steps = []
    if found is None:
        steps.append(f"1. There is no program {tool}. Get Isabelle, 2022 or later, from https://isabelle.in.tum.de:")
        steps.append("   unpack it anywhere and put its bin folder on the PATH; it needs no root and about 4 GB.")
    else:
        steps.append(f"1. Isabelle is there: {found}")
    steps.append(f"2. {install_line('isabelle') if missing else 'The extra [isabelle] is installed.'}")
    steps.append("3. prover serve-isabelle &        # for HOL's own theories; --session for another image")
    steps.append("4. PROVER_ISABELLE__IMPORTS=Main prover doctor")
    return steps
