"""Causal attention within documents of any lengths that share sequences, without a T x T mask.

On a GPU flash attention over variable lengths, elsewhere one document after the other; the work is the sum of their
squared lengths. Shape suffixes as in model.py; the documents of all sequences stand in one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Documents:
    """Where the documents of B sequences of T tokens start, and B * T, int32 [D + 1]; tokens of the longest."""

    starts: Tensor
    longest: int


def documents_of(segments_BT: Tensor) -> Documents:
    """Return the documents of sequences, given the number of each token's document. A sequence starts a new one."""
    first = torch.ones_like(segments_BT, dtype=torch.bool)
    first[:, 1:] = segments_BT[:, 1:] != segments_BT[:, :-1]
    ends = first.new_tensor([first.numel()], dtype=torch.int64)
    starts = torch.cat((first.flatten().nonzero().flatten(), ends)).to(torch.int32)
    return Documents(starts, int(starts.diff().max()))


@torch.compiler.disable
def attend(q_BHTE: Tensor, k_BHTE: Tensor, v_BHTE: Tensor, documents: Documents) -> Tensor:
    """Return [B, H, T, E]: each token attends to itself and the earlier tokens of its document."""
    sequences, _, length, _ = q_BHTE.shape
    grouped = q_BHTE.shape[1] != k_BHTE.shape[1]
    if q_BHTE.is_cuda and q_BHTE.dtype in (torch.bfloat16, torch.float16):
        from torch.nn.attention.varlen import varlen_attn

        rows = (x.transpose(1, 2).flatten(0, 1) for x in (q_BHTE, k_BHTE, v_BHTE))
        starts, longest = documents.starts, documents.longest
        out = varlen_attn(*rows, starts, starts, longest, longest, window_size=(-1, 0), enable_gqa=grouped)
        return out.unflatten(0, (sequences, length)).transpose(1, 2)
    q, k, v = (x.transpose(0, 1).flatten(1, 2)[None] for x in (q_BHTE, k_BHTE, v_BHTE))
    bounds = documents.starts.tolist()
    parts = [
        F.scaled_dot_product_attention(q[:, :, a:b], k[:, :, a:b], v[:, :, a:b], is_causal=True, enable_gqa=grouped)
        for a, b in pairwise(bounds)
    ]
    return torch.cat(parts, dim=2)[0].unflatten(1, (sequences, length)).transpose(0, 1)
