"""`prover doctor`."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import click
import psutil
from rich.text import Text

from prover._version import __version__
from prover.assembly.environments import lean_environment, open_environment, theorem_reader
from prover.assembly.models import language_model, small_writer
from prover.cli.exits import MACHINE_FAULT
from prover.cli.run import Stop, run
from prover.cli.show import out, print_json
from prover.core.distribution import reinstall_line
from prover.core.theorem import Theorem
from prover.environments.lean_wasm.install import (
    DEFAULT_IMPORTS,
    NEEDED_BYTES,
    NODE_WHEEL,
    Installation,
    folder_size,
    node_program,
)
from prover.errors import ProverError
from prover.models.model import Sampling
from prover.policies.llm.prompts.catalog import format_for
from prover.proving.verify import verify
from prover.settings import ModelSettings, Settings, unclaimed_names


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `mend` is the command or change that helps."""

    name: str
    ok: bool
    text: str
    mend: str = ""


@click.command()
@click.option("--model", "model_url", metavar="URL[,URL]", help="Also ask this model server.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, model_url: str | None, as_json: bool) -> None:
    """Say what is installed, what is missing, and the line that mends it. Exit status 3 if something is wrong."""
    settings = Settings()
    installation = Installation.in_cache(settings.cache_dir)
    checks: list[Callable[[], Finding]] = [
        lambda: Finding("prover", True, f"{__version__}, Python {platform.python_version()} ({sys.executable})"),
        _machine,
        _node,
        lambda: _disk(installation),
        lambda: _lean(settings, installation),
        lambda: _snapshot(installation),
        lambda: _works(settings, installation),
        lambda: _lean_project(settings),
        lambda: _isabelle(settings),
        lambda: _model(settings.model.model_copy(update={"url": model_url} if model_url else {})),
        _names,
    ]
    findings = [check() for check in checks]
    if as_json:
        print_json({"findings": [{"name": f.name, "ok": f.ok, "text": f.text, "mend": f.mend} for f in findings]})
    else:
        for finding in findings:
            mark = ("ok   ", "green") if finding.ok else ("WRONG", "bold red")
            out.print(Text.assemble(mark, f"  {finding.name:<12}{finding.text}"))
            if finding.mend:
                out.print(Text(f"       {'':<12}-> {finding.mend}"))
    ctx.exit(0 if all(finding.ok for finding in findings) else MACHINE_FAULT)


def _machine() -> Finding:
    memory = psutil.virtual_memory()
    text = f"{psutil.cpu_count()} cores, {memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB memory free"
    enough = memory.available > 1.5e9
    return Finding("machine", enough, text, "" if enough else "two Lean processes need about 1.2 GB; close something")


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


def _lean(settings: Settings, installation: Installation) -> Finding:
    if not installation.manifest.exists():
        if settings.environment != "lean":
            return Finding("lean", True, f"the embedded Lean is not installed; {settings.environment} works without")
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

    async def work(_: Stop) -> str:
        lean = lean_environment(settings)
        try:
            theorem = Theorem.from_text("theorem doctor : 2 + 2 = 4")
            started = time.monotonic()
            verification = await verify(theorem, ["rfl"], lean, timeout_s=60)
            if not verification.accepted:
                raise ProverError(verification.reason)
            return f"2 + 2 = 4 verified in {time.monotonic() - started:.1f} s ({lean.identity})"
        finally:
            await lean.close()

    try:
        return Finding("proof", True, run(work))
    except ProverError as error:
        return Finding("proof", False, str(error), "prover setup --force")


def _lean_project(settings: Settings) -> Finding:
    if settings.lean.project is None:
        return Finding("project", True, "no Lean project is configured (PROVER_LEAN__PROJECT); Lean works without")

    async def work(_: Stop) -> str:
        project = open_environment("lean-project", settings)
        try:
            started = time.monotonic()
            verification = await verify(Theorem.from_text("theorem doctor : 2 + 2 = 4"), ["rfl"], project, timeout_s=60)
            if not verification.accepted:
                raise ProverError(verification.reason)
            told = "; ".join(message.text for message in verification.messages)
            took = f"{time.monotonic() - started:.1f} s, tier {verification.tier} ({project.identity})"
            return f"2 + 2 = 4 verified in {took}; {told}"
        finally:
            await project.close()

    try:
        return Finding("project", True, run(work))
    except ProverError as error:
        return Finding("project", False, str(error), "see docs/how-to/lean-projects.md")


def _isabelle(settings: Settings) -> Finding:
    if not settings.isabelle.model_fields_set:
        return Finding("isabelle", True, "none is configured (PROVER_ISABELLE__ADDRESSES); Lean works without")

    async def work(_: Stop) -> str:
        isabelle = open_environment("isabelle", settings)
        try:
            started = time.monotonic()
            theorem = theorem_reader("isabelle", settings)('lemma doctor: "rev (rev xs) = xs"')
            verification = await verify(theorem, ["by simp"], isabelle, timeout_s=60)
            if not verification.accepted:
                raise ProverError(verification.reason)
            how = "; ".join(message.text for message in verification.messages)
            return f"rev (rev xs) = xs verified in {time.monotonic() - started:.1f} s ({isabelle.identity}), {how}"
        finally:
            await isabelle.close()

    try:
        return Finding("isabelle", True, run(work))
    except ProverError as error:
        return Finding("isabelle", False, str(error), "see docs/how-to/isabelle.md and servers/isabelle/README.md")


def _model(settings: ModelSettings) -> Finding:
    async def work(_: Stop) -> str:
        model = language_model(settings) or small_writer(settings)
        if model is None:
            return "none is configured (--model URL, PROVER_MODEL__URL); the closers work without one"
        try:
            started = time.monotonic()
            name = await model.identify()
            ((completion,),) = await model.complete(["2 + 2 ="], Sampling(n=1, temperature=0.0, max_tokens=4))
            elapsed_s = time.monotonic() - started
        finally:
            await model.close()
        scored = "with" if completion.logprob is not None else "without"
        chosen = format_for(name, settings.prompt).name
        return f"{name} answers in {elapsed_s:.1f} s, {scored} log-probabilities; prompt format {chosen}"

    try:
        return Finding("model", True, run(work))
    except (ProverError, ValueError) as error:
        return Finding("model", False, str(error), "start one (servers/vllm/serve.sh), or mend PROVER_MODEL__URL")


def _names() -> Finding:
    unclaimed = unclaimed_names()
    text = f"no setting is called {', '.join(unclaimed)}" if unclaimed else "all PROVER_* names are known"
    return Finding("settings", not unclaimed, text, "see docs/reference/settings.md" if unclaimed else "")
