"""A Llama on one core with numpy: for models of a few million parameters, where loading torch would cost more.

Reads a folder in transformers' format (config.json, model.safetensors, tokenizer.json). Shapes in names: T tokens, N
continuations of one prefix, D hidden size, H heads, E a head's size, V vocabulary.
"""

from __future__ import annotations

import json
import struct
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prover.errors import LanguageModelError

Floats = NDArray[np.float32]
_WIDTHS: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2")}
MASKED = np.float32(-1e30)


@dataclass(frozen=True, slots=True)
class Keys:
    """What attention remembers of a sequence of tokens: of each layer keys and values [K, T, E]."""

    tokens: tuple[int, ...]
    layers: tuple[tuple[Floats, Floats], ...]

    def first(self, count: int) -> Keys:
        """Return that of the first tokens."""
        return Keys(self.tokens[:count], tuple((k[:, :count], v[:, :count]) for k, v in self.layers))


@dataclass(slots=True)
class Continuations:
    """N continuations of one prefix, which is kept once. Of each layer keys and values [N, K, T, E]."""

    prefix: Keys
    layers: list[tuple[Floats, Floats]] = field(default_factory=list)

    def kept(self, rows: NDArray[np.int64]) -> Continuations:
        """Return some of them."""
        return Continuations(self.prefix, [(k[rows], v[rows]) for k, v in self.layers])


class NumpyLlama:
    """The decoder. All arithmetic is float32, whatever the file holds."""

    def __init__(self, folder: Path) -> None:
        """Raises LanguageModelError: the folder holds no Llama that this can read."""
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            weights = read_safetensors(folder / "model.safetensors")
        except (OSError, ValueError, KeyError, struct.error) as error:
            raise LanguageModelError(f"cannot read the model in {folder}: {error}") from error
        if config.get("model_type") != "llama" or config.get("attention_bias") or config.get("rope_scaling"):
            raise LanguageModelError(f"{folder} is no plain Llama (no biases, no RoPE scaling)")
        self.vocabulary = int(config["vocab_size"])
        self.context = int(config["max_position_embeddings"])
        self._heads = int(config["num_attention_heads"])
        self._key_heads = int(config.get("num_key_value_heads") or self._heads)
        self._size = int(config.get("head_dim") or config["hidden_size"] // self._heads)
        self._epsilon = np.float32(config["rms_norm_eps"])
        self._embedding = weights["model.embed_tokens.weight"]
        self._head = self._embedding if config.get("tie_word_embeddings") else weights["lm_head.weight"]
        self._norm = weights["model.norm.weight"]
        self._layers = [_layer(weights, number) for number in range(int(config["num_hidden_layers"]))]
        theta = (config.get("rope_parameters") or config).get("rope_theta", 10_000.0)
        angles = np.outer(np.arange(self.context), theta ** (-np.arange(0, self._size, 2) / self._size))
        angles = np.concatenate([angles, angles], axis=1)
        self._cosines, self._sines = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)

    def read(self, tokens: list[int], known: Keys | None = None) -> tuple[Floats, Keys]:
        """Return the hidden states [T, D] (behind the last norm) of the tokens after `known`, and the keys of all.

        Raises:
            LanguageModelError: the tokens do not fit the context, or there is none to read.
        """
        past = len(known.tokens) if known else 0
        if not past < len(tokens) <= self.context:
            raise LanguageModelError(f"{len(tokens)} tokens do not fit a context of {self.context}")
        x_TD = self._embedding[np.asarray(tokens[past:])]
        where = np.arange(past, len(tokens))
        hidden = where[:, None] < np.arange(len(tokens))[None]
        layers = []
        for number, layer in enumerate(self._layers):
            q_HTE, k_KTE, v_KTE = self._projected(layer, x_TD, where)
            if known:
                k_KTE = np.concatenate([known.layers[number][0], k_KTE], axis=1)
                v_KTE = np.concatenate([known.layers[number][1], v_KTE], axis=1)
            layers.append((k_KTE, v_KTE))
            scores = q_HTE @ self._shared(k_KTE).transpose(0, 2, 1)
            scores[:, hidden] = MASKED
            out_HTE = _softmax(scores) @ self._shared(v_KTE)
            x_TD = self._finished(layer, x_TD, out_HTE.transpose(1, 0, 2).reshape(len(where), -1))
        return self._normed(x_TD, self._norm), Keys(tuple(tokens), tuple(layers))

    def go_on(self, tokens_N: NDArray[np.int64], so_far: Continuations) -> tuple[Floats, Continuations]:
        """Return the hidden states [N, D] of one further token in each continuation, and the continuations with it."""
        done = so_far.layers[0][0].shape[2] if so_far.layers else 0
        position = len(so_far.prefix.tokens) + done
        if position >= self.context:
            raise LanguageModelError(f"the answer does not fit a context of {self.context}")
        x_ND = self._embedding[tokens_N]
        count, group = len(tokens_N), self._heads // self._key_heads
        layers = []
        for number, layer in enumerate(self._layers):
            # One token each: N stands where T stands elsewhere.
            q_HNE, k_KNE, v_KNE = self._projected(layer, x_ND, np.full(count, position))
            own_k, own_v = k_KNE.transpose(1, 0, 2)[:, :, None], v_KNE.transpose(1, 0, 2)[:, :, None]
            if so_far.layers:
                own_k = np.concatenate([so_far.layers[number][0], own_k], axis=2)
                own_v = np.concatenate([so_far.layers[number][1], own_v], axis=2)
            layers.append((own_k, own_v))
            prefix_k, prefix_v = so_far.prefix.layers[number]
            q_NHE = q_HNE.transpose(1, 0, 2)
            q_NKGE = q_NHE.reshape(count, self._key_heads, group, self._size)
            shared = (q_HNE @ self._shared(prefix_k).transpose(0, 2, 1)).transpose(1, 0, 2)
            own = (q_NKGE @ own_k.transpose(0, 1, 3, 2)).reshape(count, self._heads, -1)
            weights = _softmax(np.concatenate([shared, own], axis=2))
            length = shared.shape[2]
            out = (weights[:, :, :length].transpose(1, 0, 2) @ self._shared(prefix_v)).transpose(1, 0, 2)
            of_own = weights[:, :, length:].reshape(count, self._key_heads, group, -1) @ own_v
            out = out + of_own.reshape(count, self._heads, self._size)
            x_ND = self._finished(layer, x_ND, out.reshape(count, -1))
        return self._normed(x_ND, self._norm), Continuations(so_far.prefix, layers)

    def logits(self, hidden: Floats) -> Floats:
        """Return the logits of hidden states [..., D]."""
        return hidden @ self._head.T

    def _projected(self, layer: _Layer, x_TD: Floats, where: NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
        normed = self._normed(x_TD, layer.norm)
        heads, key_heads, size = self._heads, self._key_heads, self._size
        together = normed @ layer.q_k_v
        q = together[:, : heads * size].reshape(-1, heads, size).transpose(1, 0, 2)
        k = together[:, heads * size : (heads + key_heads) * size].reshape(-1, key_heads, size).transpose(1, 0, 2)
        v = together[:, (heads + key_heads) * size :].reshape(-1, key_heads, size).transpose(1, 0, 2)
        cosines, sines = self._cosines[where], self._sines[where]
        scale = np.float32(size**-0.5)
        return _rotated(q, cosines, sines) * scale, _rotated(k, cosines, sines), v

    def _shared(self, of_key_heads: Floats) -> Floats:
        group = self._heads // self._key_heads
        return of_key_heads if group == 1 else np.repeat(of_key_heads, group, axis=0)

    def _finished(self, layer: _Layer, x_TD: Floats, attended: Floats) -> Floats:
        x_TD = x_TD + attended @ layer.out
        gate, up = np.split(self._normed(x_TD, layer.second_norm) @ layer.gate_up, 2, axis=1)
        return x_TD + (gate / (1 + np.exp(-gate)) * up) @ layer.down  # type: ignore[no-any-return]

    def _normed(self, x: Floats, weight: Floats) -> Floats:
        return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + self._epsilon) * weight  # type: ignore[no-any-return]


class PrefixCache:
    """The keys of what was read last, so that a prompt that begins like one of them is read from there on only."""

    def __init__(self, model: NumpyLlama, entries: int = 32) -> None:
        self._model = model
        self._entries = entries
        self._known: OrderedDict[tuple[int, ...], Keys] = OrderedDict()
        self.reused = 0

    def read(self, tokens: list[int]) -> tuple[Floats, Keys]:
        """Return the hidden state [D] of the last token, and the keys."""
        best, shared = None, 0
        for keys in reversed(self._known.values()):
            same = _common(keys.tokens, tokens)
            if same > shared:
                best, shared = keys, same
        shared = min(shared, len(tokens) - 1)
        self.reused += shared
        hidden, keys = self._model.read(tokens, best.first(shared) if best and shared else None)
        self._known[keys.tokens] = keys
        self._known.move_to_end(keys.tokens)
        if len(self._known) > self._entries:
            self._known.popitem(last=False)
        return hidden[-1], keys


@dataclass(frozen=True, slots=True)
class _Layer:
    norm: Floats
    q_k_v: Floats
    out: Floats
    second_norm: Floats
    gate_up: Floats
    down: Floats


def _layer(weights: dict[str, Floats], number: int) -> _Layer:
    def get(name: str) -> Floats:
        return weights[f"model.layers.{number}.{name}.weight"]

    def beside(*names: str) -> Floats:
        return np.ascontiguousarray(np.concatenate([get(name) for name in names]).T)

    return _Layer(
        get("input_layernorm"),
        beside("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
        beside("self_attn.o_proj"),
        get("post_attention_layernorm"),
        beside("mlp.gate_proj", "mlp.up_proj"),
        beside("mlp.down_proj"),
    )


def read_safetensors(path: Path) -> dict[str, Floats]:
    """Return the tensors of a file as float32. Format: huggingface/safetensors, README, "Format"."""
    content = path.read_bytes()
    (length,) = struct.unpack_from("<Q", content)
    header: dict[str, Any] = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors: dict[str, Floats] = {}
    for name, about in header.items():
        start, end = about["data_offsets"]
        width = _WIDTHS[about["dtype"]]
        raw: NDArray[Any] = np.frombuffer(content, width, (end - start) // width.itemsize, 8 + length + start)
        if about["dtype"] == "BF16":  # the upper half of a float32
            raw = (raw.astype(np.uint32) << 16).view(np.float32)
        tensors[name] = raw.astype(np.float32).reshape(about["shape"])
    return tensors


def _rotated(x: Floats, cosines: Floats, sines: Floats) -> Floats:
    half = x.shape[-1] // 2
    turned = np.concatenate([-x[..., half:], x[..., :half]], axis=-1)
    return np.asarray(x * cosines + turned * sines, dtype=np.float32)


def _softmax(scores: Floats) -> Floats:
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]


def _common(left: tuple[int, ...], right: list[int]) -> int:
    for count, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return count
    return min(len(left), len(right))
