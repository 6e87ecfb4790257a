"""Tiers B and C by the tools of Lean's own world, each in a process of its own, on compiled files.

B: both texts are compiled; our comparison (compare.lean) reads the two files as data and `leanchecker` has the kernel
replay what the proof declares. C: `comparator` builds both again in its sandbox, compares, and asks a second kernel.
What a tool rejects is not proved, whatever tier A said. A tool that is not installed, or does not get to a verdict, is
skipped, the record says why, and the tier is that of the checks that were made.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from prover.core.axioms import STANDARD_AXIOMS
from prover.environments.ending_with_us import Run, run_to_end
from prover.environments.lean_repl.process import NEEDED, variables
from prover.environments.lean_repl.project import LAKEFILES, MANIFEST, TOOLCHAIN
from prover.environments.lean_repl.tiers import Further
from prover.environments.lean_repl.verdicts import comparator, comparison, end_of, replay
from prover.errors import EnvironmentUnavailableError

TARGET, SUBMISSION = "ProverTarget", "ProverSubmission"
COMPARE = Path(__file__).parent / "compare.lean"
CHECKERS = ("leanchecker", "lean4checker")
SECOND_KERNEL = "nanoda_bin"
COMPARATOR_NEEDS = ("landrun", "lean4export")
COMPARATOR_VARIABLES = {
    "landrun": "COMPARATOR_LANDRUN",
    "lean4export": "COMPARATOR_LEAN4EXPORT",
    SECOND_KERNEL: "COMPARATOR_NANODA",
}
"""The variables that name the programs which comparator starts; without one, the program is looked for on PATH."""
EXTRA_S = 300.0
"""Allowed to each tool beyond the limit of a verification: they load the imports again, a build checks its inputs."""
_WITH_FOLDER = 'LEAN_PATH="$LEAN_PATH:$1"; export LEAN_PATH; shift; exec "$@"'


class LakeTools:
    """The tools that are installed for a project."""

    def __init__(
        self,
        project: Path,
        *,
        lake: str = "lake",
        leanchecker: str | None = None,
        comparator: str = "comparator",
        highest: str = "C",
        programs: Path | None = None,
    ) -> None:
        """Prepare; programs are looked for when they are needed, `programs` before PATH."""
        self._project = project
        self._lake = lake
        self._given_checker = leanchecker
        self._comparator = comparator
        self._highest = highest
        self._programs = programs

    async def check(self, target: str, submission: str, name: str, *, timeout_s: float) -> Further:
        """See Tiers."""
        if self._highest == "A":
            return Further(skipped=("B and C, by PROVER_LEAN__TIERS",))
        checker = await self.leanchecker()
        if checker is None:
            return Further(skipped=(f"B and C: there is no {' or '.join(CHECKERS)} for this toolchain",))
        end = time.monotonic() + timeout_s + EXTRA_S
        with tempfile.TemporaryDirectory(prefix="prover-lean-") as place:
            folder = Path(place)
            found = await self._compiled(folder, target, submission, name, checker, end)
            if found.tier != "B" or self._highest == "B":
                return found
            program = shutil.which(self._comparator)
            if program is None or (obstacle := comparator_obstacle()) is not None:
                return replace(found, skipped=(f"C: {obstacle if program else f'there is no {self._comparator}'}",))
            return await self._compared(folder, found, program, target, submission, name, end)

    async def leanchecker(self) -> Path | None:
        """Return the program that replays compiled files: the given one, the toolchain's, or the project's package."""
        if self._given_checker is not None:
            given = shutil.which(self._given_checker)
            if given is None:
                raise EnvironmentUnavailableError(
                    f"there is no program {self._given_checker} (PROVER_LEAN__LEANCHECKER)"
                )
            return Path(given)
        prefix = await self._in_project("lean", "--print-prefix", limit_s=60.0)
        places = [Path(prefix.output.strip()) / "bin"] if prefix.status == 0 else []
        packages = self._project / ".lake" / "packages"
        places += [packages / name / ".lake" / "build" / "bin" for name in CHECKERS]
        return next((p / name for p in places for name in CHECKERS if (p / name).is_file()), None)

    async def _compiled(
        self, folder: Path, target: str, submission: str, name: str, checker: Path, end: float
    ) -> Further:
        for module, text in ((TARGET, target), (SUBMISSION, submission)):
            source = folder / f"{module}.lean"
            source.write_text(text, encoding="utf-8")
            run = await self._in_project("lean", "-o", str(folder / f"{module}.olean"), str(source), limit_s=_left(end))
            if run.status != 0:
                what = "our own statement" if module == TARGET else "the text with the proof"
                return _not_run("B and C", f"{what} does not compile as a file: {end_of(run)}")
        files = [str(folder / f"{module}.olean") for module in (TARGET, SUBMISSION)]
        compared = comparison(await self._in_project("lean", "--run", str(COMPARE), *files, name, limit_s=_left(end)))
        if compared.accepts is None:
            return _not_run("B and C", f"the compiled files cannot be compared: {compared.reason}")
        if not compared.accepts:
            return Further(reason=f"tier B: {compared.reason}")
        in_folder = ("sh", "-c", _WITH_FOLDER, "sh", str(folder), str(checker), SUBMISSION)
        replayed = replay(await self._in_project(*in_folder, limit_s=_left(end)))
        if replayed.accepts is None:
            return _not_run("B and C", f"{checker.name} did not run: {replayed.reason}")
        if not replayed.accepts:
            return Further(reason=f"tier B: {checker.name} rejects the proof: {replayed.reason}")
        return Further("B", checked=(f"B: compiled theorem compared with our statement; replayed by {checker.name}",))

    async def _compared(
        self, folder: Path, found: Further, program: str, target: str, submission: str, name: str, end: float
    ) -> Further:
        second = _program(SECOND_KERNEL) is not None
        place = folder / "comparison"
        self._write_project(place, target, submission, name, second_kernel=second)
        run = comparator(await self._run((self._lake, "env", program, "config.json"), place, _left(end)))
        if run.accepts is None:
            return replace(found, skipped=(f"C: comparator did not run: {run.reason}",))
        if not run.accepts:
            return Further(reason=f"tier C: comparator rejects the proof: {run.reason}")
        how = "C: comparator" + (f" with {SECOND_KERNEL} as second kernel" if second else "")
        skipped = () if second else (f"the second kernel: there is no {SECOND_KERNEL}",)
        return Further("C" if second else "B", checked=(*found.checked, how), skipped=skipped)

    def _write_project(self, place: Path, target: str, submission: str, name: str, *, second_kernel: bool) -> None:
        """Write a project that requires the user's as it is, with its packages where they are."""
        place.mkdir()
        (place / "Challenge.lean").write_text(target, encoding="utf-8")
        (place / "Solution.lean").write_text(submission, encoding="utf-8")
        shutil.copy(self._project / TOOLCHAIN, place / TOOLCHAIN)
        try:
            manifest = json.loads((self._project / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            manifest = {"version": "1.1.0", "packages": []}
        required = str(manifest.get("name") or self._project.name).strip("«»")
        lakefile = next((file for file in LAKEFILES if (self._project / file).is_file()), LAKEFILES[0])
        packages = self._project / ".lake" / "packages"
        own = {
            "type": "path", "scope": "", "name": required, "manifestFile": MANIFEST, "inherited": False,
            "dir": str(self._project), "configFile": lakefile,
        }  # fmt: skip
        inherited = [package | {"inherited": True} for package in manifest.get("packages", [])]
        manifest |= {"name": "prover_check", "packagesDir": str(packages), "packages": [own, *inherited]}
        (place / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        (place / "lakefile.toml").write_text(
            f'name = "prover_check"\npackagesDir = {json.dumps(str(packages))}\n\n'
            f"[[require]]\nname = {json.dumps(required)}\npath = {json.dumps(str(self._project))}\n\n"
            '[[lean_lib]]\nname = "Challenge"\n\n[[lean_lib]]\nname = "Solution"\n',
            encoding="utf-8",
        )
        config = {
            "challenge_module": "Challenge",
            "solution_module": "Solution",
            "theorem_names": [name],
            "permitted_axioms": sorted(STANDARD_AXIOMS),
            "enable_nanoda": second_kernel,
        }
        (place / "config.json").write_text(json.dumps(config), encoding="utf-8")

    async def _in_project(self, *command: str, limit_s: float) -> Run:
        return await self._run((self._lake, "env", *command), self._project, limit_s)

    async def _run(self, command: tuple[str, ...], folder: Path, limit_s: float) -> Run:
        environment = variables((*NEEDED, *COMPARATOR_VARIABLES.values()), self._programs)
        return await run_to_end(command, limit_s=limit_s, folder=folder, environment=environment)


def comparator_obstacle() -> str | None:
    """Return why comparator would not run, or would check nothing, or None."""
    for name in COMPARATOR_NEEDS:
        if _program(name) is None:
            return f"comparator needs {name}, which is neither on PATH nor named by {COMPARATOR_VARIABLES[name]}"
    if os.geteuid() == 0:
        return "comparator's sandbox holds nobody who is root; run as another user"
    return None


def _program(name: str) -> str | None:
    """Return a program that comparator starts: the one that its variable names, or the one on PATH."""
    return shutil.which(os.environ.get(COMPARATOR_VARIABLES[name]) or name)


def _not_run(tiers: str, reason: str) -> Further:
    return Further(skipped=(f"{tiers}: {reason}",))


def _left(end: float) -> float:
    return max(0.001, end - time.monotonic())
