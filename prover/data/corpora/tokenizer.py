"""Tokenizers: from a Hugging Face `tokenizer.json`, or plain bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from prover.data.corpora.tokenizer_files import adds_begin, digest_of, read_config
from prover.errors import InvalidCorpusError

BYTES = "bytes"
BEGIN, END = "<s>", "</s>"
_ENDS = (END, "<|endoftext|>", "<|end_of_text|>", "<eos>", "<|im_end|>")

Separator = Literal["tokenizer", "neox"]
"""What stands between documents. `tokenizer`: its begin token, if it adds one to every text, and its end token. `neox`:
as GPT-NeoX's sentencepiece tokenizer has it: no begin token, and `<|endoftext|>`, or `<unk>` where there is none."""
_NEOX = ("<|endoftext|>", "<unk>")


class Tokenizer(Protocol):
    """Turns text into token numbers."""

    @property
    def identity(self) -> str:
        """Name, and a digest of its file."""

    @property
    def digest(self) -> str:
        """Digest of its vocabulary and rules: the same for all copies that turn text into the same tokens."""

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
    digest = BYTES
    vocabulary = 257
    begin = None
    end = 256

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the bytes of each text."""
        return [list(text.encode("utf-8", "replace")) for text in texts]


class FileTokenizer:
    """A `tokenizer.json` of the Hugging Face tokenizers library, which uses all cores and needs no torch."""

    def __init__(self, path: Path, separator: Separator = "tokenizer") -> None:
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
        self.vocabulary = max(self._tokenizer.get_vocab(with_added_tokens=True).values(), default=-1) + 1
        config = read_config(file)
        self.begin = self._begin(config) if separator == "tokenizer" else None
        ends = (_content(config.get("eos_token")), *_ENDS) if separator == "tokenizer" else _NEOX
        end = next((number for token in ends if (number := self._number(token)) is not None), None)
        if end is None:
            raise InvalidCorpusError(
                f"{file} has no token for the end of a document; name it `eos_token` in "
                f"{file.with_name('tokenizer_config.json')}"
            )
        self.end = end
        self.identity = f"{file.parent.name}@{hashlib.sha256(content.encode()).hexdigest()[:12]}"
        self.digest = digest_of(content)

    def _begin(self, config: Mapping[str, Any]) -> int | None:
        """Return the token that transformers and vLLM put in front of every text."""
        wanted = adds_begin(config)
        if wanted is False:
            return None
        plain, whole = (self._tokenizer.encode("a", add_special_tokens=added).ids for added in (False, True))
        found = whole[0] if len(whole) > len(plain) and whole[1 : 1 + len(plain)] == plain else None
        return found if found is not None or not wanted else self._number(_content(config.get("bos_token")) or BEGIN)

    def _number(self, token: str | None) -> int | None:
        return None if token is None else self._tokenizer.token_to_id(token)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text."""
        return [found.ids for found in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def _content(token: object) -> str | None:
    found = token.get("content") if isinstance(token, dict) else token
    return found if isinstance(found, str) else None


def load_tokenizer(name: str, separator: Separator = "tokenizer") -> Tokenizer:
    """Return the tokenizer `bytes`, of a file or folder, or of a model of the Hugging Face hub.

    Raises:
        InvalidCorpusError: there is no such tokenizer.
    """
    if name == BYTES:
        return ByteTokenizer()
    if Path(name).exists():
        return FileTokenizer(Path(name), separator)
    from prover.data.corpora.hub import fetch_tokenizer

    return FileTokenizer(fetch_tokenizer(name), separator)


def learn_tokenizer(texts: Iterable[str], vocabulary: int, special: Sequence[str] = (BEGIN, END)) -> Any:
    """Train a byte-level BPE tokenizer (of the library `tokenizers`), which encodes every text."""
    from tokenizers import Tokenizer as Implementation
    from tokenizers import decoders, models, pre_tokenizers, processors, trainers

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
    if (begin := tokenizer.token_to_id(BEGIN)) is not None:  # in front of every prompt, as of every document
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{BEGIN} $A", pair=f"{BEGIN} $A $B", special_tokens=[(BEGIN, begin)]
        )
    return tokenizer


def write_tokenizer(tokenizer: Any, folder: Path) -> None:
    """Write a trained tokenizer in the form that transformers and vLLM read."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    begin = tokenizer.token_to_id(BEGIN) is not None
    config = {
        **{"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": END, "add_bos_token": begin},
        **({"bos_token": BEGIN} if begin else {}),
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
