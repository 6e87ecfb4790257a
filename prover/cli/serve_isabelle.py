"""`prover serve-isabelle`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

import prover
from prover.cli.extras import require
from prover.errors import EnvironmentUnavailableError

PORTS = "8100-8199"


@click.command("serve-isabelle")
@click.option("--listen", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT", help="Where to serve.")
@click.option("--most", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes at once.")
@click.option("--session", default="HOL", show_default=True, metavar="NAME", help="Session whose image is loaded.")
@click.option(
    "--imports", default="Main", show_default=True, metavar="THEORIES", help="Theories to load first, with commas."
)
@click.option("--memory-mb", type=click.IntRange(0), default=0, help="Kill a process with more.  [default: no limit]")
@click.option("--tool", default="isabelle", show_default=True, metavar="PROGRAM", help="Program or path of Isabelle.")
def serve_isabelle(listen: str, most: int, session: str, imports: str, memory_mb: int, tool: str) -> None:
    """Serve an installed Isabelle to searches, here and to other PISA clients.

    Needs Isabelle 2022 or later (https://isabelle.in.tum.de) with `isabelle` on the PATH, and the image of the session
    (`isabelle build -b HOL`; distributions bring that of HOL). Each connection gets a process of its own.

    \b
      prover serve-isabelle &
      PROVER_ISABELLE__IMPORTS=Main prover prove --environment isabelle 'lemma t: "rev (rev xs) = xs"'
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    require("isabelle", "the Isabelle server")
    if shutil.which(tool) is None:
        raise EnvironmentUnavailableError(
            f"there is no program {tool}: install Isabelle (https://isabelle.in.tum.de) and put its bin folder on the "
            "PATH, or name the program by --tool"
        )
    folder = server_folder()
    command = [sys.executable, str(folder / "relay.py"), "--listen", listen, "--most", str(most), "--ports", PORTS]
    server = [sys.executable, str(folder / "server.py"), "--port", "{port}", "--tool", tool]
    options = ["--session", session, "--imports", imports]
    # In place of this process, so that no signal can end one and leave the other.
    os.execv(sys.executable, [*command, "--memory-mb", str(memory_mb), "--", *server, *options])


def server_folder() -> Path:
    """Return the folder of the server's programs: inside the installed package, or beside it in a checkout."""
    package = Path(prover.__file__).parent
    for folder in (package / "environments" / "isabelle" / "serving", package.parent / "servers" / "isabelle"):
        if (folder / "server.py").exists():
            return folder
    raise EnvironmentUnavailableError("the Isabelle server's files are missing: install prover again")
