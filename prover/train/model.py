"""The Llama decoder (arXiv 2302.13971; GQA of arXiv 2305.13245) with the parameter names of transformers' Llama.

A state dict is therefore a transformers checkpoint, and vice versa. Shape suffixes: B sequences, T tokens, D hidden
size, H heads, K key-value heads, E head size, V vocabulary.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts

from prover.data.corpora.packing import IGNORED
from prover.train.document_attention import Documents, attend, documents_of
from prover.train.recipe import ModelShape

Checkpointing = Literal["none", "selective", "full"]
DocumentAttention = Literal["mask", "varlen"]

# cuDNN's attention is the fastest on Hopper; each falls through to the next where it cannot be used.
BACKENDS = [
    SDPBackend.CUDNN_ATTENTION,
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.MATH,
]

_EXPENSIVE = {
    torch.ops.aten.mm.default,
    torch.ops.aten._scaled_dot_product_cudnn_attention.default,
    torch.ops.aten._scaled_dot_product_flash_attention.default,
    torch.ops.aten._scaled_dot_product_efficient_attention.default,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default,
}


class Rotary(nn.Module):
    """Rotary position embeddings (arXiv 2104.09864); the halves of a head are paired, as in transformers."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.base = shape.rope_theta
        self.size = shape.head_dim

    def forward(self, positions_BT: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Return cosines and sines [B, 1, T, E]; computed in float32."""
        exponents = torch.arange(0, self.size, 2, dtype=torch.float32, device=positions_BT.device) / self.size
        angles = positions_BT[..., None].float() * (1.0 / self.base**exponents)
        angles = torch.cat((angles, angles), dim=-1)[:, None]
        return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Return x [B, H, T, E], rotated by its positions."""
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat((-second, first), dim=-1) * sines


class Attention(nn.Module):
    """Causal self-attention; key-value heads may be fewer than heads."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.head_dim = shape.head_dim
        heads, key_values = (n * shape.head_dim for n in (shape.num_attention_heads, shape.num_key_value_heads))
        self.q_proj = nn.Linear(shape.hidden_size, heads, bias=False)
        self.k_proj = nn.Linear(shape.hidden_size, key_values, bias=False)
        self.v_proj = nn.Linear(shape.hidden_size, key_values, bias=False)
        self.o_proj = nn.Linear(heads, shape.hidden_size, bias=False)

    def forward(self, x_BTD: Tensor, cosines: Tensor, sines: Tensor, within: Tensor | Documents | None) -> Tensor:
        """Return [B, T, D].

        `within`: the documents that attention stays within, or bool [B, 1, T, T], true where a token may attend; None:
        plain causal.
        """
        # With tensor parallelism a rank has only some heads, so their number is taken from the projection's output.
        q, k, v = (
            projection(x_BTD).unflatten(-1, (-1, self.head_dim)).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        q, k = rotate(q, cosines, sines), rotate(k, cosines, sines)
        if isinstance(within, Documents):
            out = attend(q, k, v, within)
        else:
            out = F.scaled_dot_product_attention(
                q, k, v, attn_mask=within, is_causal=within is None, enable_gqa=q.shape[1] != k.shape[1]
            )
        return self.o_proj(out.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    """SwiGLU (arXiv 2002.05202)."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.up_proj = nn.Linear(shape.hidden_size, shape.intermediate_size, bias=False)
        self.down_proj = nn.Linear(shape.intermediate_size, shape.hidden_size, bias=False)

    def forward(self, x_BTD: Tensor) -> Tensor:
        """Return [B, T, D]."""
        return self.down_proj(F.silu(self.gate_proj(x_BTD)) * self.up_proj(x_BTD))


class Layer(nn.Module):
    """One block: attention and feed-forward, each with a norm before and a residual around it."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.self_attn = Attention(shape)
        self.mlp = FeedForward(shape)
        self.input_layernorm = nn.RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        self.post_attention_layernorm = nn.RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        self.checkpointing: Checkpointing = "none"

    def forward(self, x_BTD: Tensor, cosines: Tensor, sines: Tensor, within: Tensor | Documents | None) -> Tensor:
        """Return [B, T, D]; arguments as of Attention."""
        if self.checkpointing == "none" or not torch.is_grad_enabled():
            return self._forward(x_BTD, cosines, sines, within)
        contexts = {"context_fn": _keep_products} if self.checkpointing == "selective" else {}
        return checkpoint(
            self._forward, x_BTD, cosines, sines, within, use_reentrant=False, preserve_rng_state=False, **contexts
        )

    def _forward(self, x_BTD: Tensor, cosines: Tensor, sines: Tensor, within: Tensor | Documents | None) -> Tensor:
        x_BTD = x_BTD + self.self_attn(self.input_layernorm(x_BTD), cosines, sines, within)
        return x_BTD + self.mlp(self.post_attention_layernorm(x_BTD))


def _keep_products() -> object:
    def policy(context: object, operation: object, *arguments: object, **options: object) -> CheckpointPolicy:
        return CheckpointPolicy.MUST_SAVE if operation in _EXPENSIVE else CheckpointPolicy.PREFER_RECOMPUTE

    return create_selective_checkpoint_contexts(policy)


class Decoder(nn.Module):
    """Everything but the head; the prefix `model.` in a checkpoint."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.num_hidden_layers))
        self.norm = nn.RMSNorm(shape.hidden_size, shape.rms_norm_eps)


class Llama(nn.Module):
    """A causal language model."""

    def __init__(self, shape: ModelShape) -> None:
        super().__init__()
        self.shape = shape
        self.model = Decoder(shape)
        self.rotary = Rotary(shape)
        self.document_attention: DocumentAttention = "mask"
        self.lm_head: nn.Module | None = None  # tied: the embedding is the head, and a checkpoint has it once
        if not shape.tie_word_embeddings:
            self.lm_head = nn.Linear(shape.hidden_size, shape.vocab_size, bias=False)

    def forward(
        self,
        tokens_BT: Tensor,
        positions_BT: Tensor | None = None,
        segments_BT: Tensor | None = None,
    ) -> Tensor:
        """Return logits [B, T, V].

        `positions_BT`: each token's position in its document; None: in the sequence. `segments_BT`: the number of each
        token's document, to which attention is restricted; None: plain causal.
        """
        if positions_BT is None:
            positions_BT = torch.arange(tokens_BT.shape[1], device=tokens_BT.device)[None]
        within: Tensor | Documents | None = None
        if segments_BT is not None:
            varying = self.document_attention == "varlen"
            within = documents_of(segments_BT) if varying else documents_mask(segments_BT)
        x_BTD = self.model.embed_tokens(tokens_BT)
        cosines, sines = self.rotary(positions_BT, x_BTD.dtype)
        with sdpa_kernel(BACKENDS, set_priority=True):
            for layer in self.model.layers:
                x_BTD = layer(x_BTD, cosines, sines, within)
        x_BTD = self.model.norm(x_BTD)
        if self.lm_head is None:
            return F.linear(x_BTD, self.model.embed_tokens.weight)
        return self.lm_head(x_BTD)


def documents_mask(segments_BT: Tensor) -> Tensor:
    """Return bool [B, 1, T, T]: true where the column's token is not later and of the row's document."""
    same = segments_BT[:, None, :, None] == segments_BT[:, None, None, :]
    return same.tril()


def sequence_losses(logits_BTV: Tensor, labels_BT: Tensor) -> Tensor:
    """Return the summed cross-entropy of each sequence in nats, float32 [B]; IGNORED labels do not count."""
    losses = F.cross_entropy(
        logits_BTV.flatten(0, 1).float(), labels_BT.flatten(), ignore_index=IGNORED, reduction="none"
    )
    return losses.unflatten(0, labels_BT.shape).sum(dim=1)
