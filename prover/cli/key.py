"""`prover key`."""

from __future__ import annotations

import re

import click

from prover.cli.extras import require
from prover.cli.show import console
from prover.settings import Settings


@click.command()
@click.argument("name")
@click.option(
    "--per-minute",
    type=click.IntRange(1),
    default=600,
    show_default=True,
    metavar="N",
    help="Requests allowed in a minute.",
)
@click.option(
    "--unfinished",
    type=click.IntRange(1),
    default=20_000,
    show_default=True,
    metavar="N",
    help="Unfinished jobs allowed at once.",
)
@click.option("--admin", is_flag=True, help="Let this key see the jobs of all keys.")
@click.option("--replace", is_flag=True, help="Replace the key of a name that has one; the old key stops working.")
@click.option("--remove", is_flag=True, help="Remove the key of that name.")
def key(name: str, per_minute: int, unfinished: int, admin: bool, replace: bool, remove: bool) -> None:
    """Make an API key for `prover serve`.

    Prints the key once; the file keeps only its hash. NAME has letters, digits and hyphens, and one key. Keys are kept
    in PROVER_SERVE__KEYS_FILE; a running server notices a change at once.

    \b
      prover key alice --per-minute 60
      prover key alice --replace
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    require("serve", "the service")
    from prover.web.keys import new_key, read_keys, write_keys

    settings = Settings()
    path = settings.serve.keys_file
    if path is None:
        path = settings.serve.data_dir / "keys.json"
        console.print(f"start the server with PROVER_SERVE__KEYS_FILE={path}", soft_wrap=True)
    if not re.fullmatch(r"[a-zA-Z0-9-]{1,50}", name):
        raise click.BadParameter("letters, digits and hyphens only", param_hint="NAME")
    known = read_keys(path)
    others = [one for one in known if one.name != name]
    if remove:
        if len(others) == len(known):
            raise click.ClickException(f"{name} has no key in {path}")
        write_keys(path, others)
        console.print(f"removed {name} from {path}", soft_wrap=True)
        return
    if len(others) < len(known) and not replace:
        raise click.ClickException(f"{name} has a key already: --replace makes a new one, --remove removes it")
    text, line = new_key(name)
    limits = {"per_minute": per_minute, "unfinished": unfinished, "admin": admin}
    write_keys(path, [*others, line.model_copy(update=limits)])
    click.echo(text)
