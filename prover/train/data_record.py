"""What a run is trained on: RUN/data.json, and `prover_data.json` beside a model that is exported from it. No torch."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from prover.data.corpora.corpus import PackedCorpus
from prover.data.corpora.tokenizer import Separator
from prover.data.corpora.tokenizer_files import TOKENIZER
from prover.errors import InvalidRecipeError, RunConflictError, TrainingError

DATA = "data.json"
MODEL_DATA = "prover_data.json"


class DataRecord(BaseModel):
    """A tokenizer, and the checksums of the training shards by `SOURCE/SPLIT/NAME`; see PackedCorpus."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokenizer: str
    tokenizer_digest: str | None
    separator: Separator
    begin: int | None
    end: int
    shards: Mapping[str, str | None]

    @classmethod
    def of(cls, corpus: PackedCorpus, sources: Collection[str]) -> DataRecord:
        """Return the record of what is trained on: these sources of a corpus, which may get others later."""
        return cls(
            **{name: getattr(corpus, name) for name in cls.model_fields if name != "shards"},
            shards={
                key: shard.checksum
                for key, shard in corpus.shards.items()
                if shard.split == "train" and shard.source in sources
            },
        )

    def has_tokenizer(self, other: DataRecord) -> bool:
        """Return whether both are of one tokenizer. Without a digest of its rules, that of its file decides."""
        if self.tokenizer_digest and other.tokenizer_digest:
            return self.tokenizer_digest == other.tokenizer_digest
        return self.tokenizer.rpartition("@")[2] == other.tokenizer.rpartition("@")[2]


def read_record(path: Path) -> DataRecord | None:
    """Return the record in a file, None if there is none. Raises TrainingError if it cannot be read."""
    if not path.exists():
        return None
    try:
        return DataRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise TrainingError(f"cannot read {path}: {str(error).splitlines()[0]}") from error


def write_record(record: DataRecord, path: Path) -> None:
    """Write a record."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(record.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def keep_record(run: Path, record: DataRecord | None) -> None:
    """Write a run's record, or compare it with the one that the run began with.

    Raises:
        RunConflictError: the data is not what it was.
    """
    before = read_record(run / DATA)
    if record is None:
        return
    if before is None:  # a new run, or one of an earlier version
        write_record(record, run / DATA)
        return
    if not before.has_tokenizer(record) or (before.begin, before.end) != (record.begin, record.end):
        raise RunConflictError(
            f"the run in {run} began with the tokenizer {before.tokenizer} (documents between {before.begin} and "
            f"{before.end}); the corpus is now of {record.tokenizer} ({record.begin} and {record.end})"
        )
    changed = [
        key
        for key in sorted(before.shards.keys() | record.shards.keys())
        if (key in before.shards) != (key in record.shards)
        or (None not in (before.shards[key], record.shards[key]) and before.shards[key] != record.shards[key])
    ]
    if changed:
        raise RunConflictError(
            f"the data of the run in {run} has changed: {', '.join(changed[:3])}{' ...' if changed[3:] else ''}. "
            "Bring back what it began with, or start another run from its exported model"
        )


def record_of_model(folder: Path) -> DataRecord | None:
    """Return what is known of the tokenizer of a model: of its tokenizer.json, or of the run that it was exported from.

    Raises:
        InvalidCorpusError: the tokenizer cannot be read.
    """
    if not (folder / TOKENIZER).exists():
        return read_record(folder / MODEL_DATA)
    from prover.data.corpora.tokenizer import FileTokenizer

    found = FileTokenizer(folder)
    return DataRecord(
        tokenizer=found.identity,
        tokenizer_digest=found.digest,
        separator="tokenizer",
        begin=found.begin,
        end=found.end,
        shards={},
    )


def check_tokenizer(record: DataRecord, folder: Path, name: str) -> None:
    """Compare a corpus's tokenizer with that of a model or tokenizer in `folder`, which the recipe calls `name`.

    Raises:
        InvalidRecipeError: it is another one, or there is none to compare with.
    """
    there = record_of_model(folder)
    if there is None:
        raise InvalidRecipeError(
            f"{name} has no {TOKENIZER}, so nothing says that its tokens are those of the corpus, which was packed "
            f"with {record.tokenizer}; name the tokenizer that it was trained with: start.tokenizer=FOLDER"
        )
    if not record.has_tokenizer(there):
        raise InvalidRecipeError(
            f"the corpus was packed with the tokenizer {record.tokenizer}, and {name} has {there.tokenizer}: the same "
            f"numbers are other tokens. Pack the documents with `--tokenizer {name}`"
        )
