"""A Lean project on disk: its toolchain, its Mathlib, what identifies it, the REPL for it. Nothing is changed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prover.errors import EnvironmentUnavailableError

TOOLCHAIN, MANIFEST = "lean-toolchain", "lake-manifest.json"
LAKEFILES = ("lakefile.toml", "lakefile.lean")
REPL_BINARY = Path(".lake") / "build" / "bin" / "repl"
DIGEST_LENGTH = 12
_REQUIRES = re.compile(r"^\s*(\[\[require\]\]|require\s)", re.MULTILINE)
_OWN_NAME = re.compile(r"^\s*(?:package\s+«?(\w+)|name\s*=\s*\"([^\"]+)\")", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LeanProject:
    """A folder with a lakefile."""

    folder: Path

    @property
    def problem(self) -> str | None:
        """What is missing for it to be used, with what to do, or None."""
        if not any((self.folder / name).is_file() for name in LAKEFILES):
            return f"{self.folder} is no Lean project: it has no {' or '.join(LAKEFILES)}"
        if not (self.folder / TOOLCHAIN).is_file():
            return f"{self.folder} has no file {TOOLCHAIN}"
        return None

    def require(self) -> None:
        """Raise EnvironmentUnavailableError if it cannot be used."""
        if problem := self.problem:
            raise EnvironmentUnavailableError(problem)

    @property
    def lean_version(self) -> str:
        """The toolchain's version, such as `4.24.0`; as it is written where it is another."""
        text = (self.folder / TOOLCHAIN).read_text(encoding="utf-8").strip()
        return text.rpartition(":")[2].removeprefix("v")

    @property
    def identity(self) -> str:
        """Lean's version, Mathlib's commit if it is used, and the project with a digest of all its own sources."""
        self.require()
        parts = [f"lean4@{self.lean_version}"]
        packages = {package.get("name"): package for package in self._packages()}
        if mathlib := packages.get("mathlib"):
            parts.append(f"mathlib@{str(mathlib.get('rev', 'local'))[:DIGEST_LENGTH]}")
        return "+".join([*parts, f"{self.folder.resolve().name}@{self._digest()}"])

    @property
    def uses_mathlib(self) -> bool:
        """Is Mathlib among its dependencies, or the project itself?"""
        own = _OWN_NAME.search(self._lakefile())
        return any(package.get("name") == "mathlib" for package in self._packages()) or (
            own is not None and "mathlib" in own.groups()
        )

    @property
    def wants_packages(self) -> bool:
        """Does the lakefile name packages that nothing has been fetched for yet?"""
        return not (self.folder / MANIFEST).is_file() and _REQUIRES.search(self._lakefile()) is not None

    @property
    def toolchain_bin(self) -> Path | None:
        """The folder of the toolchain's own programs in elan's home, if it is there.

        elan's `lake` and `lean` choose the toolchain at each start, and write in elan's home as they do, which may be
        read-only. Those of the toolchain itself do not.
        """
        self.require()
        home = Path(os.environ.get("ELAN_HOME") or Path.home() / ".elan")
        text = (self.folder / TOOLCHAIN).read_text(encoding="utf-8").strip()
        name = text if "/" in text else f"leanprover/lean4:{text}"
        folder = home / "toolchains" / name.replace("/", "--").replace(":", "---") / "bin"
        return folder if (folder / "lake").is_file() and (folder / "lean").is_file() else None

    @property
    def packages_digest(self) -> str:
        """A digest of the manifest: which packages there are, at which commits."""
        place = self.folder / MANIFEST
        return hashlib.sha256(place.read_bytes() if place.is_file() else b"").hexdigest()[:DIGEST_LENGTH]

    def declares(self, module: str) -> bool:
        """Is it a module of the project itself, and not of a package?"""
        root = module.partition(".")[0].strip("«»")
        return (self.folder / f"{root}.lean").is_file() or (self.folder / root).is_dir()

    def repl(self, given: str | None, cache_dir: Path) -> Path:
        """Return the REPL for this toolchain: the given one, or what `prover setup --lean-project` built.

        Raises:
            EnvironmentUnavailableError: there is none; the text says what to do.
        """
        if given is not None:
            found = shutil.which(given)
            if found is None:
                raise EnvironmentUnavailableError(f"there is no program {given} (PROVER_LEAN__REPL)")
            return Path(found).absolute()
        note = repl_note(cache_dir, self.lean_version)
        built = Path(note.read_text(encoding="utf-8").strip()) if note.is_file() else None
        for folder in (built, self.folder / ".lake" / "packages" / "repl", self.folder / ".lake" / "packages" / "REPL"):
            if folder is not None and (folder / REPL_BINARY).is_file():
                return (folder / REPL_BINARY).absolute()
        raise EnvironmentUnavailableError(
            f"there is no REPL for Lean {self.lean_version} yet: prover setup --lean-project {self.folder}"
        )

    def _manifest(self) -> dict[str, Any]:
        try:
            found = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _packages(self) -> list[dict[str, Any]]:
        return [package for package in self._manifest().get("packages", []) if isinstance(package, dict)]

    def _lakefile(self) -> str:
        """The text of the lakefile; Lake reads the one in Lean if there are both."""
        places = (self.folder / name for name in reversed(LAKEFILES))
        return next((place.read_text(encoding="utf-8", errors="replace") for place in places if place.is_file()), "")

    def _digest(self) -> str:
        """Digest of the manifest, the lakefile and all sources of the project itself."""
        digest = hashlib.sha256()
        sources = [path for path in self.folder.rglob("*.lean") if ".lake" not in path.relative_to(self.folder).parts]
        for path in sorted({*sources, *(self.folder / name for name in (TOOLCHAIN, MANIFEST, *LAKEFILES))}):
            if path.is_file():
                content = path.read_bytes()
                digest.update(f"{path.relative_to(self.folder)}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()[:DIGEST_LENGTH]


def repl_note(cache_dir: Path, lean_version: str) -> Path:
    """Return the file that says in which folder the REPL for a toolchain has been built."""
    return cache_dir / "repl" / f"lean-{lean_version}.txt"
