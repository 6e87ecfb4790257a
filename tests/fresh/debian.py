"""A clean Debian below a folder: what a newcomer's machine has, and commands there as root or as an ordinary user.

It reaches the network as this machine does: the machine's own mirror, and its settings for pip, npm and certificates.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

PACKAGES = ("ca-certificates", "make", "python3")
USER = "ada"
SETTINGS = ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf", "/etc/xdg/pip")
PASSED_ON = re.compile(r"PIP_|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|npm_config_|\w+_proxy", re.IGNORECASE)
ALONE = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
"""Processes and mounts end with the command."""
ENTER = """
root=$1 user=$2; shift 2
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
exec chroot --userspec="$user:$user" "$root" "$@"
"""


def missing() -> str | None:
    """Return why there can be none here."""
    if os.geteuid() != 0:
        return "a clean Debian needs root"
    absent = [name for name in ("debootstrap", "apt-get", "unshare") if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


def mirror() -> str:
    """Return where this machine has its Debian packages from."""
    command = ["apt-get", "indextargets", "--format", "$(SITE) $(COMPONENT) $(CODENAME)", "Created-By: Packages"]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        site, component, suite = line.split()
        if component == "main" and "security" not in suite:
            return site
    raise LookupError("apt has no source of Debian's packages")


@dataclass(frozen=True)
class Debian:
    """One system."""

    root: Path

    @classmethod
    def create(cls, suite: str, folder: Path) -> Debian:
        """Make one with a user and this checkout in the user's home."""
        root = folder / suite
        command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", suite, str(root), mirror()]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"debootstrap: {done.stdout[-1000:]}{done.stderr[-1000:]}")
        for path in map(Path, SETTINGS):
            _copy_settings(path, root / path.relative_to("/"))
        (root / "etc/apt/apt.conf.d/00-as-outside").write_text(_how_apt_fetches())
        system = cls(root)
        system.root_runs("useradd", "--create-home", USER)
        _copy_checkout(root / "home" / USER / "prover")
        system.root_runs("chown", "-R", f"{USER}:{USER}", f"/home/{USER}")
        return system

    def runs(self, *command: str, timeout_s: float = 900, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run as the user, in the checkout."""
        return self._run(command, USER, f"/home/{USER}", timeout_s, environment)

    def root_runs(self, *command: str) -> None:
        """Run as root; it must succeed."""
        done = self._run(command, "root", "/root", 600, {"DEBIAN_FRONTEND": "noninteractive"})
        assert done.returncode == 0, done.stdout

    def _run(
        self, command: tuple[str, ...], user: str, home: str, timeout_s: float, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        words = {name: value for name, value in os.environ.items() if PASSED_ON.match(name)}
        words |= {"HOME": home, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"} | environment
        inside = ["/bin/sh", "-c", 'cd "$HOME/prover" 2>/dev/null || cd /; exec "$@"', "sh", *command]
        return subprocess.run(
            [*ALONE, "sh", "-ec", ENTER, "sh", str(self.root), user, *inside],
            env=words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
            check=False,
        )


def _how_apt_fetches() -> str:
    told = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True).stdout
    return "".join(line for line in told.splitlines(keepends=True) if "IndexTargets" not in line)


def _copy_settings(path: Path, copy: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, copy)
    elif path.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _copy_checkout(target: Path) -> None:
    """Copy what git has or would take: no environment, nothing built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
