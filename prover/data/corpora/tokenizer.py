"""Tokenizers: from a Hugging Face `tokenizer.json`, or plain bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from prover.errors import InvalidCorpusError

BYTES = "bytes"
BEGIN, END = "<s>", "</s>"
_ENDS = (END, "<|endoftext|>", "<|end_of_text|>", "<eos>", "<|im_end|>")


class Tokenizer(Protocol):
    """Turns text into token numbers."""

    @property
    def identity(self) -> str:
        """Name, and a digest of its content."""

    @property
    def vocabulary(self) -> int:
        """Number of token numbers."""

    @property
    def begin(self) -> int | None:
        """The token put in front of each document, if there is one."""

    @property
    def end(self) -> int:
        """The token put after each document."""

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, without `begin` and `end`."""


class ByteTokenizer:
    """UTF-8 bytes, and 256 as the end of a document."""

    identity = BYTES
    vocabulary = 257
    begin = None
    end = 256

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the bytes of each text."""
        return [list(text.encode("utf-8", "replace")) for text in texts]


class FileTokenizer:
    """A `tokenizer.json` of the Hugging Face tokenizers library, which uses all cores and needs no torch."""

    def __init__(self, path: Path) -> None:
        """`path`: the file, or a folder with it; a `tokenizer_config.json` beside it names the special tokens.

        Raises:
            InvalidCorpusError: it cannot be read, or has no token for the end of a document.
        """
        from tokenizers import Tokenizer as Implementation

        file = path / "tokenizer.json" if path.is_dir() else path
        try:
            content = file.read_text(encoding="utf-8")
            self._tokenizer = Implementation.from_str(content)
        except Exception as error:  # the library raises bare Exception
            raise InvalidCorpusError(f"cannot read the tokenizer {file}: {error}") from error
        self._tokenizer.encode_special_tokens = True  # `</s>` in a text is text, not the end of a document
        special: dict[str, object] = {}
        config = file.with_name("tokenizer_config.json")
        if config.exists():
            special = json.loads(config.read_text(encoding="utf-8"))
        self.vocabulary = int(self._tokenizer.get_vocab_size(with_added_tokens=True))
        end = next(
            (n for t in (_content(special.get("eos_token")), *_ENDS) if (n := self._number(t)) is not None), None
        )
        if end is None:
            raise InvalidCorpusError(f"{file} has no token for the end of a document; name it `eos_token` in {config}")
        self.end = end
        self.begin = self._number(_content(special.get("bos_token")) or BEGIN)
        if self.begin == self.end:  # GPT-style: one token between documents
            self.begin = None
        self.identity = f"{file.parent.name}@{hashlib.sha256(content.encode()).hexdigest()[:12]}"

    def _number(self, token: str | None) -> int | None:
        return None if token is None else self._tokenizer.token_to_id(token)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text."""
        return [found.ids for found in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def _content(token: object) -> str | None:
    found = token.get("content") if isinstance(token, dict) else token
    return found if isinstance(found, str) else None


def load_tokenizer(name: str) -> Tokenizer:
    """Return the tokenizer `bytes`, of a file or folder, or of a model of the Hugging Face hub.

    Raises:
        InvalidCorpusError: there is no such tokenizer.
    """
    if name == BYTES:
        return ByteTokenizer()
    if Path(name).exists():
        return FileTokenizer(Path(name))
    from prover.data.corpora.hub import fetch_tokenizer

    return FileTokenizer(fetch_tokenizer(name))


def learn_tokenizer(texts: Iterable[str], vocabulary: int, special: Sequence[str] = (BEGIN, END)) -> Any:
    """Train a byte-level BPE tokenizer (of the library `tokenizers`), which encodes every text."""
    from tokenizers import Tokenizer as Implementation
    from tokenizers import decoders, models, pre_tokenizers, trainers

    tokenizer = Implementation(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def write_tokenizer(tokenizer: Any, folder: Path) -> None:
    """Write a trained tokenizer in the form that transformers and vLLM read."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": BEGIN, "eos_token": END}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
