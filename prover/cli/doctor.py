"""`prover doctor`."""

from __future__ import annotations

import difflib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from rich.text import Text

from prover._version import __version__
from prover.assembly.environments import open_environment, theorem_reader
from prover.assembly.models import language_model
from prover.cli.exits import MACHINE_FAULT
from prover.cli.extras import EXTRAS
from prover.cli.options.output import json_option
from prover.cli.run import Stop, run
from prover.cli.show import out, print_json
from prover.core.distribution import install_line, reinstall_line
from prover.core.proof_state import Closed
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.environments.lean_wasm.install import (
    DEFAULT_IMPORTS,
    NEEDED_BYTES,
    NODE_WHEEL,
    Installation,
    folder_size,
    node_program,
)
from prover.environments.machine_limits import share
from prover.errors import ProverError
from prover.models.model import Message, Prompt, Sampling
from prover.policies.llm.families import chosen_for
from prover.proving.verify import verify
from prover.settings import PREFIX, ModelSettings, Settings, setting_names, unclaimed_names

ENV_FILE, COMPOSE_FILE = Path(".env"), Path("docker-compose.yml")
NEEDED_MEMORY = 1.5e9
LEAN = ("theorem doctor : 2 + 2 = 4", "rfl")
QUESTION = "2 + 2 ="
ISABELLE = (
    "datatype doctor = Well | Ill\n\n" r'lemma doctor: "\<not> (\<exists>m::nat. \<forall>n. n \<le> m)"',
    "by presburger",
)
"""A theorem and a tactic that proves it; for Isabelle with a package and a procedure, which may rest on oracles."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `mend` is the command or change that helps."""

    name: str
    ok: bool
    text: str
    mend: str = ""

    @property
    def mark(self) -> tuple[str, str]:
        """What stands in front of the line, and its style."""
        if not self.ok:
            return "WRONG", "bold red"
        return ("note ", "yellow") if self.mend else ("ok   ", "green")


@click.command()
@click.option(
    "--model", "model_url", metavar="URL[,URL]", help="Also check this model server.  [default: PROVER_MODEL__URL]"
)
@json_option("the findings")
@click.pass_context
def doctor(ctx: click.Context, model_url: str | None, as_json: bool) -> None:
    """Check the installation and say how to fix it.

    Proves and verifies a small theorem with every proof assistant that is configured. Lists the optional extras of the
    package, with the command that installs each. Exit status: 0 all is well (extras may be missing), 3 something is
    wrong.

    \b
      prover doctor
      prover doctor --model http://localhost:8000
    """  # noqa: D301  # click's own mark for a block that is not re-wrapped
    settings = Settings()
    installation = Installation.in_cache(settings.cache_dir)
    checks: list[Callable[[], Finding]] = [
        lambda: Finding("prover", True, f"{__version__}, Python {platform.python_version()} ({sys.executable})"),
        _machine,
        _node,
        lambda: _disk(installation),
        lambda: _lean(settings.environment, installation),
        lambda: _snapshot(installation),
        lambda: _works(settings, installation),
        lambda: _lean_project(settings),
        lambda: _isabelle(settings),
        lambda: _model(settings.model.model_copy(update={"url": model_url} if model_url else {})),
        _names,
        *([_env_file] if ENV_FILE.exists() and COMPOSE_FILE.exists() else []),
    ]
    findings = [*(check() for check in checks), *map(_extra, EXTRAS)]
    if as_json:
        print_json({"findings": [{"name": f.name, "ok": f.ok, "text": f.text, "mend": f.mend} for f in findings]})
    else:
        for finding in findings:
            out.print(Text.assemble(finding.mark, f"  {finding.name:<12}{finding.text}"))
            if finding.mend:
                out.print(Text(f"       {'':<12}-> {finding.mend}"))
    ctx.exit(0 if all(finding.ok for finding in findings) else MACHINE_FAULT)


def _machine() -> Finding:
    here = share()
    whose = "this container" if here.limited else "this machine"
    text = f"{here.cores:g} cores, {here.free / 1e9:.1f} of {here.memory / 1e9:.1f} GB memory free, of {whose}"
    mend = "" if here.free > NEEDED_MEMORY else "two Lean processes need about 1.1 GB: "
    if mend:
        mend += "give the container more memory" if here.limited else "close other programs"
    return Finding("machine", not mend, text, mend)


def _node() -> Finding:
    try:
        program = node_program()
        version = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (ProverError, ImportError, OSError, subprocess.CalledProcessError) as error:
        return Finding("node", False, str(error), reinstall_line(NODE_WHEEL))
    return Finding("node", True, f"{version} ({program})")


def _disk(installation: Installation) -> Finding:
    place = installation.cache
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    text = f"{installation.cache}: {folder_size(installation.cache) / 1e6:,.0f} MB used, {free / 1e9:,.1f} GB free"
    installed = installation.manifest.exists()
    return Finding("cache", installed or free > NEEDED_BYTES, text, "" if free > NEEDED_BYTES else "free some space")


def _lean(environment: str, installation: Installation) -> Finding:
    if not installation.manifest.exists():
        if environment != "lean":
            return Finding("lean", True, f"the embedded Lean is not installed; {environment} works without")
        return Finding("lean", False, "the embedded Lean is not installed", "prover setup")
    if problem := installation.problem(deep=True):
        return Finding("lean", False, f"the embedded Lean is damaged: {problem}", "prover setup --force")
    return Finding("lean", True, f"complete and unchanged ({installation.folder})")


def _snapshot(installation: Installation) -> Finding:
    if not installation.snapshot(DEFAULT_IMPORTS).usable:
        return Finding("snapshot", not installation.manifest.exists(), "no fast start", "prover setup")
    return Finding("snapshot", True, "fast start for `import Init`")


def _works(settings: Settings, installation: Installation) -> Finding:
    if not installation.manifest.exists():
        needed = settings.environment == "lean"
        return Finding("proof", not needed, "not tried", "prover setup" if needed else "")
    return _verified("proof", "lean", settings, "prover setup --force")


def _lean_project(settings: Settings) -> Finding:
    if settings.lean.project is None:
        return Finding("project", True, "no Lean project is configured (optional: PROVER_LEAN__PROJECT)")
    mend = f"prover setup --lean-project {settings.lean.project}"
    return _verified("project", "lean-project", settings, mend)


def _isabelle(settings: Settings) -> Finding:
    if not settings.isabelle.model_fields_set:
        return Finding("isabelle", True, "Isabelle is not configured (optional: PROVER_ISABELLE__ADDRESSES)")
    mend = "start the server (prover serve-isabelle), or correct the setting that is named (PROVER_ISABELLE__...)"
    return _verified("isabelle", "isabelle", settings, mend)


def _verified(name: str, environment: str, settings: Settings, mend: str) -> Finding:
    """Prove a small theorem with a proof assistant, and verify it."""
    statement, tactic = ISABELLE if environment == "isabelle" else LEAN

    async def work(_: Stop) -> str:
        assistant = open_environment(environment, settings)
        try:
            started = time.monotonic()
            theorem = theorem_reader(environment, settings)(statement)
            if environment == "isabelle":  # what verifies may be another program than what searches
                await _searched(theorem, tactic, assistant)
            verification = await verify(theorem, [tactic], assistant, timeout_s=60)
            if not verification.accepted:
                raise ProverError(verification.reason)
            took = f"{time.monotonic() - started:.1f} s, tier {verification.tier} ({assistant.identity})"
            stated = statement.rpartition("\n")[2]
            return "; ".join([f"`{stated}` verified in {took}", *(m.text for m in verification.messages)])
        finally:
            await assistant.close()

    try:
        return Finding(name, True, run(work))
    except ProverError as error:
        return Finding(name, False, str(error), mend)


async def _searched(theorem: Theorem, tactic: str, assistant: ProofEnvironment) -> None:
    """Try the tactic in a session, as a search does. Raises ProverError unless it closes the goal."""
    async with assistant.open(theorem) as session:
        (outcome,) = await session.apply(session.initial, [tactic], timeout_s=60)
        if not isinstance(outcome, Closed):
            raise ProverError(f"`{tactic}` does not prove `{theorem.body}` in a search: {outcome}")


def _model(settings: ModelSettings) -> Finding:
    async def work(_: Stop) -> str:
        model = language_model(settings)
        if model is None:
            return "no language model is configured (optional: --model URL, PROVER_MODEL__URL)"
        try:
            started = time.monotonic()
            name = await model.identify()
            family = chosen_for(name, settings.prompt).family
            question: Prompt = (Message("user", QUESTION),) if family.endpoint == "chat" else QUESTION
            ((completion,),) = await model.complete([question], Sampling(n=1, temperature=0.0, max_tokens=4))
            elapsed_s = time.monotonic() - started
        finally:
            await model.close()
        scored = "with" if completion.logprob is not None else "without"
        format_name = family.prompt.name
        return f"{name} answers in {elapsed_s:.1f} s, {scored} log-probabilities; prompt format {format_name}"

    try:
        return Finding("model", True, run(work))
    except (ProverError, ValueError) as error:
        return Finding("model", False, str(error), "start the server, or correct PROVER_MODEL__URL")


def _names() -> Finding:
    unclaimed = unclaimed_names()
    text = f"unknown settings: {', '.join(unclaimed)}" if unclaimed else "all PROVER_* variables are known settings"
    return Finding("settings", not unclaimed, text, "correct the name or unset it" if unclaimed else "")


def _env_file() -> Finding:
    """Check the names in `.env` beside docker-compose.yml: Compose ignores those that nothing reads."""
    text = ENV_FILE.read_text(encoding="utf-8")
    given = dict(re.findall(r"(?m)^\s*(?:export\s+)?(\w+)\s*=[ \t]*(.*)$", text))
    compose = COMPOSE_FILE.read_text(encoding="utf-8")
    read = set(re.findall(r"\$\{(\w+)", compose))
    unread = sorted(given.keys() - read)
    if unread:
        what = f"docker-compose.yml does not read {', '.join(_misspelt(name, read) for name in unread)} of {ENV_FILE}"
        return Finding(".env", False, what, "correct the names, or add them to docker-compose.yml")
    # Two names of one setting: Compose would write both values, one after the other. It reads the environment, too.
    values = given | {name: value for name, value in os.environ.items() if name in read}
    pairs = sorted(set(re.findall(r"\$\{(\w+):-\}\$\{(\w+):-\}", compose)))
    both = [f"{one} and {other}" for one, other in pairs if values.get(one) and values.get(other)]
    if both:
        return Finding(".env", False, f"two names of one setting have values: {', '.join(both)}", "unset one of them")
    return Finding(".env", True, f"docker-compose.yml reads all of {ENV_FILE}")


def _misspelt(name: str, read: set[str]) -> str:
    """Return a name that docker-compose.yml does not read, and what is meant, unless it is a setting as it stands."""
    if name.removeprefix(PREFIX).lower() in setting_names():
        return name
    near = difflib.get_close_matches(name, read, n=1)
    return f"{name} (is {near[0]} meant?)" if near else name


def _extra(name: str) -> Finding:
    """Say whether an extra is installed. A missing one is no fault: nothing else needs it."""
    extra = EXTRAS[name]
    if not extra.missing:
        return Finding(f"[{name}]", True, f"installed: {extra.purpose}")
    if not extra.available:
        newest = ".".join(map(str, extra.python_below or ()))
        return Finding(f"[{name}]", True, f"not available for this Python, needs one below {newest}: {extra.purpose}")
    return Finding(f"[{name}]", True, f"not installed: {extra.purpose}", install_line(name))
