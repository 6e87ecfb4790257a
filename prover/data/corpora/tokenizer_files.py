"""The files of a tokenizer: what makes two of them the same, and what they put in front of a text.

`tokenizer.json` has the vocabulary and the rules, `tokenizer_config.json` the special tokens and how transformers, and
with it vLLM, use them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TOKENIZER, CONFIG = "tokenizer.json", "tokenizer_config.json"
_ADDING = ("LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer", "CodeLlamaTokenizerFast")
"""Classes of transformers that add the begin token unless told otherwise."""


def digest_of(content: str) -> str:
    """Return a digest of what decides about the tokens of a text: vocabulary, merges, added tokens, how text is split.

    Spelling of the file, name of the folder, decoder and post-processor do not count: copies that a library wrote again
    are the same tokenizer.
    """
    parsed = json.loads(content)
    model = {name: value for name, value in parsed["model"].items() if value not in (None, False, "")}
    if "merges" in model:  # "a b" until tokenizers 0.20, then ["a", "b"]
        model["merges"] = [pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"]]
    added = sorted(parsed.get("added_tokens") or (), key=lambda token: int(token["id"]))
    about = [model, added, parsed.get("normalizer"), parsed.get("pre_tokenizer")]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]


def read_config(file: Path) -> dict[str, Any]:
    """Return the `tokenizer_config.json` beside a `tokenizer.json`; without one, nothing."""
    config = file.with_name(CONFIG)
    return json.loads(config.read_text(encoding="utf-8")) if config.exists() else {}


def adds_begin(config: Mapping[str, Any]) -> bool | None:
    """Return whether a configuration has the begin token added; None: the `tokenizer.json` decides."""
    if isinstance(config.get("add_bos_token"), bool):
        return bool(config["add_bos_token"])
    return True if config.get("tokenizer_class") in _ADDING else None


def _words(content: Mapping[str, Any]) -> dict[int, str]:
    vocabulary = content["model"]["vocab"]  # a mapping, or a list of words with their scores
    numbered = vocabulary.items() if isinstance(vocabulary, dict) else ((v[0], i) for i, v in enumerate(vocabulary))
    words = {number: word for word, number in numbered}
    return words | {added["id"]: added["content"] for added in content.get("added_tokens") or ()}


def write_begin(folder: Path, begin: int | None) -> None:
    """Make a tokenizer add this token, or none, in front of every text, for transformers and vLLM alike."""
    file = folder / TOKENIZER
    content = json.loads(file.read_text(encoding="utf-8"))
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    template: dict[str, Any] = {"type": "TemplateProcessing", "special_tokens": {}}
    front: list[dict[str, Any]] = []
    if begin is not None:
        name = _words(content)[begin]
        front = [{"SpecialToken": {"id": name, "type_id": 0}}]
        template["special_tokens"] = {name: {"id": name, "ids": [begin], "tokens": [name]}}
    content["post_processor"] = template | {"single": [*front, first], "pair": [*front, first, second]}
    config = read_config(file) | {"add_bos_token": begin is not None, "add_eos_token": False}
    if begin is not None:
        config["bos_token"] = name
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    (folder / CONFIG).write_text(json.dumps(config, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
