"""Third-party statements and results at one commit each: fetched once, believed only with the right digest.

Nothing of theirs is in this package but names and digests (pinned.json). Versions of miniF2F differ in what they state;
results on one say nothing about another.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from prover.bench.theories import rows_of_theories
from prover.errors import InstallationError, InvalidProblemSetError

PINS = Path(__file__).parent / "pinned.json"
DEFECTS = Path(__file__).parent / "defects.json"
FILES = "https://raw.githubusercontent.com"
ARCHIVES = "https://codeload.github.com"
TIMEOUT_S = 60.0
MOST_BYTES = 100_000_000

Pins = dict[str, Any]


def pins() -> Pins:
    """Return what is pinned."""
    return dict(json.loads(PINS.read_text(encoding="utf-8")))


def pinned_name(name: str, environment: str) -> str | None:
    """Return the pinned set that a name refers to in an environment, None if there is none.

    Raises:
        InvalidProblemSetError: its statements are for another environment.
    """
    found = "minif2f-isabelle" if (name, environment) == ("minif2f", "isabelle") else name
    if found == "published" or (pin := pins().get(found)) is None or pin.get("informal"):
        return None
    if environment != pin["environment"]:
        raise InvalidProblemSetError(f"the statements of {name} are for --environment {pin['environment']}")
    return found


def defects(name: str) -> dict[str, str]:
    """Return what is known to be wrong with statements of a pinned set: theorem and reason.

    Found by comparing versions and by reading, not by proof; what is not listed may be wrong all the same.
    """
    return dict(json.loads(DEFECTS.read_text(encoding="utf-8")).get(name, {}))


def problem_set(name: str, cache_dir: Path, *, known: Pins | None = None, files: str = FILES,
                archives: str = ARCHIVES) -> Path:  # fmt: skip
    """Return a pinned problem set as a file in our form, fetched if it is not there. `name`: as in pinned.json.

    Raises:
        InstallationError: it cannot be fetched, or is not what was pinned.
    """
    pin = (known or pins())[name]
    path = cache_dir / "problems" / f"{name}-{pin['commit'][:12]}.jsonl"
    if not path.exists():
        if "file" in pin:
            text = _fetched(f"{files}/{pin['repository']}/{pin['commit']}/{pin['file']}", pin["sha256"])
            rows = _informal_rows(text) if pin.get("informal") else _named_rows(text)
        else:
            contents = _folders(f"{archives}/{pin['repository']}/tar.gz/{pin['commit']}", pin)
            isabelle = pin.get("environment") == "isabelle"
            rows = rows_of_theories(contents, pin) if isabelle else _lean_rows(contents, pin["folders"])
        _write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def located(name: str, cache_dir: Path, known_names: Collection[str]) -> str:
    """Return `NAME` or `NAME:SPLIT` of a pinned set, one of these, with its file for NAME; any other as it is."""
    pinned, colon, split = name.partition(":")
    return f"{problem_set(pinned, cache_dir)}{colon}{split}" if pinned in known_names else name


def published(model: str, cache_dir: Path, *, known: Pins | None = None, files: str = FILES) -> dict[str, bool]:
    """Return, for each theorem of miniF2F's test split, whether a published model proved it.

    Raises:
        InstallationError: it cannot be fetched, or is not what was pinned.
    """
    pin = (known or pins())["published"]
    path = cache_dir / "published" / f"{model}-{pin['commit'][:12]}.json"
    if not path.exists():
        texts = [
            _fetched(f"{files}/{pin['repository']}/{pin['commit']}/{file}", sha256)
            for file, sha256 in pin["models"][model].items()
        ]
        _write(path, json.dumps(outcomes([json.loads(text) for text in texts]), indent=1))
    return {str(name): bool(proved) for name, proved in json.loads(path.read_text(encoding="utf-8")).items()}


def pinned_files(pin: Pins, folder: Path, *, files: str = FILES) -> dict[str, str]:
    """Return the pinned files by their name, kept in `folder` and fetched if they are not there.

    Raises:
        InstallationError: one cannot be fetched, or is not what was pinned.
    """
    found: dict[str, str] = {}
    for file, sha256 in pin["files"].items():
        path = folder / f"{pin['commit'][:12]}" / Path(file).name
        if path.exists():
            _require(str(path), hashlib.sha256(path.read_bytes()).hexdigest(), sha256)
        else:
            _write(path, _fetched(f"{files}/{pin['repository']}/{pin['commit']}/{file}", sha256).decode())
        found[path.stem] = path.read_text(encoding="utf-8")
    return found


def outcomes(files: list[Any]) -> dict[str, bool]:
    """Read the published files' form: whether any attempt at a theorem succeeded. Helper lemmas are left out."""
    found: dict[str, bool] = {}
    for result in (result for file in files for result in file["results"]):
        name = result["example"]["full_name"]
        if name != "sum_pairs":  # a lemma of the file, which their figures leave out too
            found[name] = found.get(name, False) or any(a["success"] for a in result["attempt_results"])
    return found


def _named_rows(text: bytes) -> list[dict[str, str]]:
    rows = [json.loads(line) for line in text.decode().splitlines() if line.strip()]
    return [
        {"name": row["full_name"], "split": row["split"], "statement": f"{row['file_path']}::{row['full_name']}"}
        for row in rows
    ]


def _informal_rows(text: bytes) -> list[dict[str, str]]:
    """Read statements with their words in a doc comment. Repeated names, as in ProofNet, get a number."""
    seen: Counter[str] = Counter()
    rows = []
    for row in map(json.loads, filter(str.strip, text.decode().splitlines())):
        seen[row["name"]] += 1
        name = row["name"] if seen[row["name"]] == 1 else f"{row['name']}__{seen[row['name']]}"
        informal = row["informal_prefix"].strip().removeprefix("/--").removesuffix("-/").strip()
        rows.append({"name": name, "split": row["split"], "informal": informal, "header": row["header"],
                     "statement": row["formal_statement"].strip()})  # fmt: skip
    return rows


def _lean_rows(files: dict[str, str], folders: dict[str, str]) -> list[dict[str, str]]:
    rows = []
    for name, text in sorted(files.items()):
        folder, _, file = name.rpartition("/")
        header, mark, statement = text.partition("\ntheorem ")
        if not mark:
            raise InstallationError(f"{name} states no theorem")
        stated = f"theorem {statement.strip()}"
        row = {"name": file.removesuffix(".lean"), "split": folders[folder], "header": header, "statement": stated}
        rows.append(row)
    return rows


def _folders(url: str, pin: Pins) -> dict[str, str]:
    """Return the files of the pinned folders by name. Their names and contents make the digest: archives differ."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(_download(url)), mode="r:gz") as archive:
        for member in archive:
            name = member.name.partition("/")[2]
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None and name.rpartition("/")[0] in {**pin["folders"], **pin.get("words", {})}:
                found[name] = file.read()
    digest = hashlib.sha256()
    for name, content in sorted(found.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    _require(url, digest.hexdigest(), pin["sha256"])
    return {name: content.decode() for name, content in found.items()}


def _fetched(url: str, sha256: str) -> bytes:
    content = _download(url)
    _require(url, hashlib.sha256(content).hexdigest(), sha256)
    return content


def _require(url: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise InstallationError(f"{url} is not what was pinned (SHA-256 {found[:16]}..., not {wanted[:16]}...)")


@retry(
    retry=retry_if_exception_type(httpx.TransportError),
    stop=stop_after_attempt(3),
    wait=wait_exponential(multiplier=0.5),
    reraise=True,
)
def _content(url: str) -> bytes:
    with httpx.stream("GET", url, timeout=TIMEOUT_S, follow_redirects=True) as response:
        response.raise_for_status()
        content = bytearray()
        for part in response.iter_bytes():
            content += part
            if len(content) > MOST_BYTES:
                raise InstallationError(f"{url} is larger than {MOST_BYTES:,} bytes")
    return bytes(content)


def _download(url: str) -> bytes:
    try:
        return _content(url)
    except httpx.HTTPError as error:
        raise InstallationError(f"cannot fetch {url}: {error}") from error


def _write(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise InstallationError(f"cannot write {path}: {error.strerror}") from error
