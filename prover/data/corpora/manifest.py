"""The manifest of training data: for each source its origin, licence, removed documents and theorems.

`manifest.json` accompanies the data, the packed corpus, and every model trained on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from prover.core.held_out import is_held_out
from prover.errors import InvalidCorpusError

MANIFEST = "manifest.json"
MANIFEST_VERSION = 1


class Removed(BaseModel):
    """How many documents were left out, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    held_out: int = Field(
        default=0,
        validation_alias=AliasChoices("held_out", "reserved"),  # "reserved" until 0.2
        description="of theorems that are held out for evaluation, or naming one",
    )
    exact: int = Field(default=0, description="the same text as an earlier document, up to white space")
    near: int = Field(default=0, description="almost the text of an earlier document")


class SourceRecord(BaseModel):
    """One source of training data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: str = Field(min_length=1, description="where it is from: an address, a version, what made it")
    licence: str = Field(min_length=1, description="SPDX expression, or what is known")
    made_by: str = Field(default="", description="the command")
    documents: int | None = Field(default=None, ge=0)
    removed: Removed = Removed()
    theorems: tuple[str, ...] = Field(
        default=(), description="full names of all theorems whose statements or proofs are in it"
    )


class Manifest(BaseModel):
    """All sources of a data folder by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = MANIFEST_VERSION
    sources: Mapping[str, SourceRecord] = {}

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest, or that of a folder; a folder without one has an empty manifest.

        Raises:
            InvalidCorpusError: it is not a manifest.
        """
        file = path / MANIFEST if path.is_dir() else path
        if not file.exists():
            return cls()
        try:
            return cls.model_validate_json(file.read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
            raise InvalidCorpusError(f"{file} is no manifest of data: {reason}") from error

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        text = json.dumps(self.model_dump(mode="json", exclude_defaults=True) | {"version": self.version}, indent=1)
        part = folder / f"{MANIFEST}.part"
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(folder / MANIFEST)

    def with_source(self, name: str, record: SourceRecord) -> Manifest:
        """Return the manifest with a source added or replaced."""
        return Manifest(sources={**self.sources, name: record})

    def completed(self, names: list[str]) -> Manifest:
        """Return the manifest, completed by what is known of published sources among `names`."""
        known = {name: PUBLISHED[name] for name in names if name in PUBLISHED and name not in self.sources}
        return Manifest(sources={**self.sources, **known})

    def problems(self, names: list[str]) -> list[str]:
        """Return objections to training on these sources, a sentence each."""
        found = [
            f"{name}: neither licence nor origin is known; say so in {MANIFEST}"
            for name in names
            if name not in self.sources
        ]
        for name, record in self.sources.items():
            held_out = [theorem for theorem in record.theorems if is_held_out(theorem)]
            if held_out:
                found.append(
                    f"{name}: {len(held_out)} theorems are held out for evaluation, among them {held_out[0]}; "
                    "make the source again with `prover data build`"
                )
        return found


_PROOF_PILE_2 = "https://huggingface.co/datasets/EleutherAI/proof-pile-2"
PUBLISHED: Mapping[str, SourceRecord] = {
    "arxiv": SourceRecord(
        origin=f"{_PROOF_PILE_2} (arXiv of RedPajama)",
        licence="each paper's own; many allow arXiv alone to distribute them",
    ),
    "open-web-math": SourceRecord(
        origin=f"{_PROOF_PILE_2} (OpenWebMath)", licence="ODC-By-1.0, and Common Crawl's terms of use for the pages"
    ),
    "algebraic-stack": SourceRecord(
        origin=f"{_PROOF_PILE_2} (The Stack, GitHub, Lean and Isabelle proof steps)",
        licence="permissive, each repository's own (in `meta` of its documents)",
    ),
    "pile": SourceRecord(origin="The Pile (arXiv 2101.00027)", licence="mixed; parts of it were withdrawn"),
    "github": SourceRecord(
        origin="GitHub of RedPajama (togethercomputer/RedPajama-Data-1T)",
        licence="MIT, BSD or Apache-2.0, by repository",
    ),
}
"""What is known of the sources of the Llemma paper's mixture."""
