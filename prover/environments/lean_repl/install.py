"""What `prover setup --lean-project` and `--mathlib` do: build a REPL of the project's toolchain, and the project.

The REPL's sources for each toolchain, and building them, are the business of the library lean-interact (extra
`[lean]`); nothing is written into the project but what `lake build` writes.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from prover.environments.ending_with_us import ending_with_us
from prover.environments.lean_repl.project import REPL_BINARY, LeanProject, repl_note
from prover.errors import InstallationError, MissingExtraError

Report = Callable[[str], None]
"""Is given what is being done, and each line that a tool says."""

NO_LAKE = (
    "there is no program {lake}: install Lean's version manager elan first, see https://lean-lang.org/install "
    "(no root needed), or set PROVER_LEAN__LAKE"
)
OWN_REPL = (
    "A toolchain that lean-interact does not know yet needs a REPL of your own: git clone "
    "https://github.com/leanprover-community/repl, copy your project's lean-toolchain into it, `lake build` there, and "
    "PROVER_LEAN__REPL=FOLDER/.lake/build/bin/repl"
)
_VERSION = re.compile(r"v?\d+\.\d+\.\d+(-rc\d+)?")


def build_project(
    project: LeanProject,
    cache_dir: Path,
    *,
    lake: str,
    report: Report,
    given: str | None = None,
    source: str | None = None,
) -> Path:
    """Build the REPL for a project's toolchain, then the project. Returns the REPL.

    A second run does what has changed. A project that does not build as a whole is one at work, or one without default
    targets: that is reported, with the modules that cannot be imported, and all others can be used. `given`: a REPL
    that is built already; `source`: see `build_repl`.

    Raises:
        InstallationError: a tool is missing or fails; the text says which, and the end of what it said.
        MissingExtraError: the extra `[lean]` is not installed.
        EnvironmentUnavailableError: the folder is no Lean project.
    """
    project.require()
    require_lake(lake)
    if given is not None:
        repl = project.repl(given, cache_dir)
    else:
        repl = build_repl(project, cache_dir, lake=lake, report=report, source=source)
    if project.wants_packages:
        report("fetching the packages that the lakefile names")
        run([lake, "update"], project.folder, report)
    if project.uses_mathlib:
        report("fetching Mathlib's compiled files (some GB the first time)")
        run([lake, "exe", "cache", "get"], project.folder, report)
    report(f"building {project.folder}")
    said: list[str] = []

    def kept(line: str) -> None:
        said.append(line)
        report(line)

    try:
        run([lake, "build"], project.folder, kept)
    except InstallationError:
        broken = broken_modules(said)
        which = f"these modules cannot be imported: {', '.join(broken)}" if broken else "see what lake said"
        report(f"warning: `lake build` fails in {project.folder}; {which}. Whatever else is compiled can be used.")
    return repl


_BROKEN = re.compile(
    r"[✖✗×] \[[^\]]*\] (?:Building|Running) (?P<built>(?:«[^»]*»|\S)+)|^- (?P<listed>(?:«[^»]*»|[\w.'])+)$"
)


def broken_modules(said: Sequence[str]) -> list[str]:
    """Return the modules that `lake build` says to have failed: in the list at its end, or else along the way."""
    found = [match for line in said if (match := _BROKEN.search(line.strip()))]
    listed = [match["listed"] for match in found if match["listed"]]
    return list(dict.fromkeys(listed or [match["built"] for match in found]))


def build_repl(project: LeanProject, cache_dir: Path, *, lake: str, report: Report, source: str | None = None) -> Path:
    """Build the REPL for a project's toolchain, by lean-interact, and note where it is.

    `source`: another repository of the REPL that has a tag for each toolchain as lean-interact's own has.
    """
    lean_interact = _lean_interact()
    folder = cache_dir / "repl"
    folder.mkdir(parents=True, exist_ok=True)
    report(f"building the REPL for Lean {project.lean_version}")
    try:
        found = lean_interact.LeanREPLConfig(
            project=lean_interact.LocalProject(directory=str(project.folder), auto_build=False, lake_path=lake),
            cache_dir=str(folder),
            lake_path=lake,
            **({} if source is None else {"repl_git": source}),
        )
        built = Path(str(found.cache_repl_dir))
    except Exception as error:  # whatever git, the network or lake made of it
        raise InstallationError(
            f"the REPL for Lean {project.lean_version} cannot be built: {error}\n{OWN_REPL}"
        ) from error
    if not (built / REPL_BINARY).is_file():
        raise InstallationError(f"the REPL was built, but {built / REPL_BINARY} is not there")
    repl_note(cache_dir, project.lean_version).write_text(f"{built}\n", encoding="utf-8")
    return built / REPL_BINARY


def mathlib_project(cache_dir: Path, version: str, report: Report, *, lake: str) -> LeanProject:
    """Make a project that has Mathlib, at the release for a Lean version such as `v4.24.0`.

    Raises:
        InstallationError: the version is none, or a tool is missing or fails.
    """
    if not _VERSION.fullmatch(version):
        raise InstallationError(f"{version!r} is no version of Lean such as v4.24.0")
    tag = f"v{version.removeprefix('v')}"
    require_lake(lake)
    folder = cache_dir / "mathlib" / tag
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lean-toolchain").write_text(f"leanprover/lean4:{tag}\n", encoding="utf-8")
    (folder / "lakefile.toml").write_text(
        'name = "with_mathlib"\ndefaultTargets = ["WithMathlib"]\n\n'
        f'[[require]]\nname = "mathlib"\nscope = "leanprover-community"\nrev = "{tag}"\n\n'
        '[[lean_lib]]\nname = "WithMathlib"\n',
        encoding="utf-8",
    )
    (folder / "WithMathlib.lean").write_text("import Mathlib\n", encoding="utf-8")
    project = LeanProject(folder)
    if not (folder / "lake-manifest.json").is_file():
        report(f"fetching Mathlib {tag}")
        run([lake, "update"], folder, report)
    return project


def require_lake(lake: str) -> None:
    """Raise InstallationError if there is no lake."""
    if shutil.which(lake) is None:
        raise InstallationError(NO_LAKE.format(lake=lake))


def run(command: list[str], folder: Path, report: Report) -> None:
    """Run a tool and pass on what it says. Raises InstallationError with the end of it if it fails."""
    said: list[str] = []
    with subprocess.Popen(
        ending_with_us(command), cwd=folder, process_group=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace",
    ) as process:  # fmt: skip
        assert process.stdout is not None  # a pipe
        for line in process.stdout:
            said = [*said[-19:], line.rstrip()]
            report(line.rstrip())
    if process.returncode != 0:
        raise InstallationError(f"{' '.join(command)} fails in {folder}:\n" + "\n".join(said))


def _lean_interact() -> Any:
    try:
        import lean_interact
    except ImportError as error:
        raise MissingExtraError("lean", f"building a REPL ({error})") from error
    except OSError as error:  # it makes a folder beside itself
        raise InstallationError(
            f"lean-interact makes a folder in its own installation, which is read-only here ({error}). Install prover "
            "in an environment that you can write to, or set PROVER_LEAN__REPL to a REPL that is built already"
        ) from error
    return lean_interact
