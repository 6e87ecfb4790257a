"""The folder that a command leaves its results in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click
import platformdirs

from prover.cli.exits import CANCELLED
from prover.cli.show import console


def run_folder(output: Path | None, kind: str, *, resume: bool = False) -> Path:
    """Return the folder that was given, else a new one by date in the user's data folder.

    Raises click.UsageError if a run is to be continued and none is given.
    """
    if output is not None:
        return output
    if resume:
        raise click.UsageError("--resume needs --output")
    return Path(platformdirs.user_data_dir("prover")) / kind / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def write_summary(folder: Path, summary: dict[str, Any]) -> None:
    """Write summary.json."""
    text = json.dumps(summary, ensure_ascii=False, indent=1) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8")


def stopped(ctx: click.Context, folder: Path) -> NoReturn:
    """Say how to continue a run that was interrupted, and exit."""
    console.print(f"stopped; continue with --resume --output {folder}", markup=False, soft_wrap=True)
    ctx.exit(CANCELLED)
