"""`prover mine project`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from prover.assembly.environments import lean_environments, lean_library
from prover.cli.extras import needs
from prover.cli.mine.run import MiningRun, finished, run_mining, run_options
from prover.cli.run import Stop
from prover.cli.show import console, out
from prover.settings import Settings


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path))
@run_options
@click.pass_context
@needs("data")
def project(ctx: click.Context, files: tuple[Path, ...], run: MiningRun) -> None:
    """Extract proof steps from Lean files.

    FILEs are Lean files, or folders of them, that the embedded Lean can read. Proofs are replayed tactic by tactic;
    proofs that cannot be replayed, and terms, are left out.

    \b
      prover mine project MyProject/ --output runs/project
    """  # noqa: D301
    from prover.data.mining.project import ProjectFile, mine_file

    settings = Settings()
    tasks = [
        ProjectFile(str(path.relative_to(given)) if path != given else path.name, path)
        for given in files
        for path in ([given] if given.is_file() else sorted(given.rglob("*.lean")))
    ]
    if len({task.name for task in tasks}) < len(tasks):
        tasks = [ProjectFile(str(task.path), task.path) for task in tasks]

    async def work(cancel: Stop) -> list[dict[str, Any]]:
        library = await lean_library(settings)(("Init",))
        known = {theorem.name: number for number, theorem in enumerate(library.theorems)}
        return await run_mining(
            tasks,
            partial(mine_file, known=known),
            environment=lean_environments(settings),
            about={"what": "project", "files": [task.name for task in tasks]},
            word="files",
            good=lambda row: row["error"] is None,
            into=run,
            cancel=cancel,
        )

    done = finished(ctx, work, run.output)
    theorems = [theorem for row in done for theorem in row.get("theorems", ())]
    followed = [theorem for theorem in theorems if theorem["steps"]]
    out.print(
        f"followed {len(followed)} of {len(theorems)} proofs in {len(done)} files: "
        f"{sum(len(theorem['steps']) for theorem in followed)} steps; {run.output}",
        markup=False,
    )
    for row in done:
        if row["error"]:
            console.print(f"{row['problem']}: {row['error']}", markup=False)
