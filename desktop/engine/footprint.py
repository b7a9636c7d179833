"""What a model will take of the memory, said before it is loaded. Pure arithmetic; may be called from any thread.

The rules are llama.cpp's own (llama-kv-cache.cpp, llama-context.cpp of the release in ``setup/llama_wheel.py``),
the constants fitted to its "buffer size" log lines and to the process's memory for Qwen2.5 0.5B and 1.5B, Qwen3 0.6B,
Llama 3.2 1B and Gemma 3 1B, contexts of 512 to 8,192 and batches of 32 to 512: 3 % off at the most with flash
attention. Without it the whole buffer counts, though short conversations touch only a part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from desktop.engine.repacking import repacked_bytes
from desktop.engine.types import FlashAttention, KvType
from desktop.gguf.header import GgufHeader
from desktop.machine.memory import MemoryReading

# Bytes of one number of the cache: f16; blocks of 32 numbers and an f16 scale (ggml-common.h: block_q8_0, block_q4_0).
_KV_BYTES: Mapping[KvType, float] = MappingProxyType({KvType.F16: 2.0, KvType.Q8_0: 34 / 32, KvType.Q4_0: 18 / 32})
_FLOAT = 4
_CONTEXT_STEP = 256  # llama.cpp rounds the context up to a multiple of it
# Tokens evaluated in one graph (n_ubatch); a batch is split into as many. llama.cpp's own 512 take twice the compute
# buffer, 33 MB more for Qwen2.5 1.5B, and read 0 to 4 % faster.
UBATCH = 256
# A token's entry in the vocabulary: text, score and attributes, its map from text to id. Measured: llama-spm 150 bytes.
_BYTES_PER_TOKEN = 150
# A merge rule of a BPE vocabulary: two strings in a hash map. Measured: 125 (Llama 3) to 178 (Command R).
_BYTES_PER_MERGE = 150
# A piece of a vocabulary of SentencePiece unigrams (T5, XLM-RoBERTa), in the tree that texts are looked up in.
_BYTES_PER_PIECE = 300
# Logits (4 bytes) and the sampler's candidates (12 bytes: llama_token_data) for each token of the vocabulary.
_BYTES_PER_LOGIT = 16
# Scratch of the matrix multiplications, graph nodes, threads: 2 to 3 MB measured.
_WORKSPACE = 3_000_000
# Bytes of compute buffer for each token of a batch, as a multiple of the square root of the file's size: both grow with
# the width of the model. 3.6 (Qwen2.5 0.5B) to 4.5 (Llama 3.2 1B).
_COMPUTE_PER_ROOT = 4.2
# Vocabularies of the catalogue take 10 (SmolLM2) to 80 MB (Qwen3.5); most, Qwen's and Llama's, some 50.
_TYPICAL_VOCABULARY = 52_000_000
# Of a Q4_K_M file, what is of a type that is repacked: 63 % for Qwen2.5 1.5B.
_TYPICAL_REPACKED = 0.65

# Of the machine's memory: above the first share other programs are pushed out, above the second the model itself is.
_COMFORTABLE_SHARE = 0.6
TIGHT_SHARE = 0.9
# More than any machine has: what a file says of itself may amount to more than 64 bits.
_MOST = 1 << 60


@dataclass(frozen=True)
class Footprint:
    """What waking a model adds to the memory of the process, in bytes.

    Attributes:
        file_bytes: Weights, mapped from the file: the system may take their pages back, at the price of reading again.
            0: they are read.
        kv_bytes: KV cache (and recurrent state) for the whole context.
        compute_bytes: Intermediate results while a full batch is read.
        anonymous: Everything that cannot be taken back: cache, intermediate results, vocabulary, repacked weights.
        rss: Both kinds, when every page has been touched.
        device_bytes: Of a graphics processor's own memory; 0: none computes along.
    """

    file_bytes: int
    kv_bytes: int
    compute_bytes: int
    anonymous: int
    rss: int
    device_bytes: int = 0

    def on_gpu(self, share: float, *, kv: bool, own_memory: bool = True) -> Footprint:
        """Returns the footprint of the same model with layers on a graphics processor.

        Args:
            share: Of the layers, that lie there; their weights are read from the file and not kept.
            kv: So does their part of the cache.
            own_memory: The device has memory of its own; else it takes the computer's, for weights too, and nobody can
                take that back from a driver.
        """
        weights = round(self.file_bytes * share)
        cache = round(self.kv_bytes * share) if kv else 0
        if not own_memory:
            return replace(self, file_bytes=self.file_bytes - weights, anonymous=self.anonymous + weights)
        return replace(
            self,
            file_bytes=self.file_bytes - weights,
            kv_bytes=self.kv_bytes - cache,
            anonymous=self.anonymous - cache,
            rss=self.rss - weights - cache,
            device_bytes=weights + cache,
        )

    def with_weights_read(self) -> Footprint:
        """Returns the footprint of the same model with its weights read instead of mapped.

        Only of one that was predicted without repacking: where weights are read, the repacked ones take the place of
        the others, and not more.
        """
        return replace(self, file_bytes=0, anonymous=self.anonymous + self.file_bytes)


class Fit(Enum):
    """How a model and a machine go together."""

    COMFORTABLE = "comfortable"  # beside what runs now
    TIGHT = "tight"  # works, but other programs or part of the model are pushed out of memory
    TOO_BIG = "too big"


def predict(
    header: GgufHeader,
    *,
    n_ctx: int,
    n_batch: int,
    kv_type: KvType,
    repack: bool,
    flash_attention: FlashAttention = FlashAttention.AUTO,
    n_ubatch: int = UBATCH,
) -> Footprint:
    """Predicts the footprint of a file on disk.

    Args:
        header: Header of the file.
        n_ctx: Context in tokens, capped at what the model was trained for.
        n_batch: Tokens read at once.
        kv_type: Precision of the KV cache.
        repack: Weights are rewritten for this processor at load.
        flash_attention: AUTO counts as on: llama.cpp can use it on every processor.
        n_ubatch: Tokens evaluated in one graph at the most.
    """
    context = context_made(n_ctx, header.context_trained)
    ubatch = min(n_batch, context, n_ubatch)
    kv = round(_cells_per_token(header) * _KV_BYTES[kv_type] * context) + _recurrent_bytes(header)
    compute = _compute_bytes(header, context, ubatch, flash=flash_attention is not FlashAttention.OFF)
    tokens = header.lengths.get("tokenizer.ggml.tokens", 0)
    vocabulary = tokens * (_BYTES_PER_TOKEN + _BYTES_PER_LOGIT)
    vocabulary += header.lengths.get("tokenizer.ggml.merges", 0) * _BYTES_PER_MERGE
    repacked = repacked_bytes(header) if repack else 0
    return _sum(header.file_size, kv, compute, vocabulary + repacked)


def predict_for(
    size: int,
    kv_bytes_per_token: int,
    n_ctx: int,
    *,
    n_batch: int = 512,
    kv_type: KvType = KvType.F16,
    repack: bool = False,
    context_trained: int = 0,
    n_ubatch: int = UBATCH,
) -> Footprint:
    """Estimates the footprint of a model that is not downloaded yet; 10 % off, more for small vocabularies.

    With ``repack`` it is an upper bound: files whose rows do not suit the interleaved form are repacked less.

    Args:
        size: Bytes of the file.
        kv_bytes_per_token: Bytes of f16 KV cache for each token of context.
        n_ctx: Context in tokens.
        n_batch: Tokens read at once.
        kv_type: Precision of the KV cache.
        repack: Weights are rewritten for this processor at load.
        context_trained: Longest context of the model in tokens; 0: unknown.
        n_ubatch: Tokens evaluated in one graph at the most.
    """
    context = context_made(n_ctx, context_trained)
    ubatch = min(n_batch, context, n_ubatch)
    kv = round(kv_bytes_per_token * context * _KV_BYTES[kv_type] / _KV_BYTES[KvType.F16])
    compute = round(_COMPUTE_PER_ROOT * math.sqrt(size) * ubatch) + _mask_bytes(context, ubatch)
    repacked = round(size * _TYPICAL_REPACKED) if repack else 0
    return _sum(size, kv, compute, _TYPICAL_VOCABULARY + repacked)


def predict_embedding(header: GgufHeader) -> Footprint:
    """Predicts the footprint of an embedding model that reads one text at a time, in a process of its own.

    Fitted to multilingual-e5-small, whose vocabulary of 250,000 pieces takes most of it. It is what is taken for a
    moment, while the longest text so far is read; where pages can be given back, half of that stays.

    Args:
        header: Header of the file.
    """
    tokens = header.lengths.get("tokenizer.ggml.tokens", 0)
    compute = _compute_bytes(header, UBATCH, UBATCH, flash=False)
    vocabulary = tokens * _BYTES_PER_PIECE if header.metadata.get("tokenizer.ggml.model") == "t5" else 0
    vocabulary += tokens * _BYTES_PER_TOKEN
    # Room for the logits of all tokens of a text, which llama.cpp clears and an encoder never writes.
    return _sum(header.file_size, tokens * _FLOAT * UBATCH, compute, vocabulary)


def fits(footprint: Footprint, machine: MemoryReading) -> Fit:
    """Judges whether the machine can take the model beside what runs on it now.

    Args:
        footprint: What the model would add.
        machine: Read while the model is not loaded.
    """
    if footprint.rss > machine.machine_total * TIGHT_SHARE or footprint.anonymous > machine.machine_available:
        return Fit.TOO_BIG
    if footprint.rss > min(machine.machine_available, machine.machine_total * _COMFORTABLE_SHARE):
        return Fit.TIGHT
    return Fit.COMFORTABLE


def _sum(file_bytes: int, kv: int, compute: int, other: int) -> Footprint:
    kv, compute, other = min(kv, _MOST), min(compute, _MOST), min(other, _MOST)
    anonymous = min(kv + compute + other + _WORKSPACE, _MOST)
    return Footprint(file_bytes, kv, compute, anonymous, file_bytes + anonymous)


def context_made(n_ctx: int, trained: int) -> int:
    """Returns the tokens of the context that llama.cpp makes where one is asked for.

    Args:
        n_ctx: What is asked for.
        trained: Longest context that the model was trained for; 0: unknown.
    """
    capped = min(n_ctx, trained) if trained > 0 else n_ctx
    return -(-capped // _CONTEXT_STEP) * _CONTEXT_STEP


def _cells_per_token(header: GgufHeader) -> int:
    """Numbers that one token adds to the KV cache, over all layers that have one."""
    heads = header.n_head_kv
    interval = header.number_of("full_attention_interval") or 1  # every layer is one with attention
    # Not a list as long as the layers: what a file says may be any number.
    total = sum(heads[interval - 1 :: interval]) if isinstance(heads, tuple) else heads * (header.n_layers // interval)
    value_dim = header.number_of("attention.value_length") or header.head_dim
    return total * (header.head_dim + value_dim)


def _recurrent_bytes(header: GgufHeader) -> int:
    """State of the layers without attention (Qwen3.5, LFM2), in f32, whatever the length of the context."""
    heads = header.n_head_kv
    interval = header.number_of("full_attention_interval")
    if isinstance(heads, tuple):
        recurrent = heads.count(0)
    else:
        recurrent = header.n_layers - header.n_layers // interval if interval else 0
    convolution = max(header.number_of("shortconv.l_cache") - 1, 0) * header.n_embd
    inner, state = header.number_of("ssm.inner_size"), header.number_of("ssm.state_size")
    groups = header.number_of("ssm.group_count")
    convolution += max(header.number_of("ssm.conv_kernel") - 1, 0) * (inner + 2 * groups * state)
    return recurrent * (convolution + inner * state) * _FLOAT


def _compute_bytes(header: GgufHeader, context: int, ubatch: int, *, flash: bool) -> int:
    """The compute buffer: whichever is larger of what a feed-forward block and an attention block hold at a time."""
    experts = header.number_of("expert_used_count")
    feed_forward = max(
        header.number_of("feed_forward_length"), header.number_of("expert_feed_forward_length") * max(experts, 1)
    )
    residual = 4 * header.n_embd
    mask = _mask_bytes(context, ubatch) * (2 if header.number_of("attention.sliding_window") else 1)
    block = ubatch * _FLOAT * (3 * feed_forward + residual) + mask
    if flash:
        return block
    heads = header.n_head_kv
    heads_kv = max(heads, default=0) if isinstance(heads, tuple) else heads
    scores = header.n_head * context + context  # for each head, and the mask in f32
    attention = ubatch * _FLOAT * (scores + residual + (header.n_head + 2 * heads_kv) * header.head_dim)
    return max(block, attention)


def _mask_bytes(context: int, ubatch: int) -> int:
    return context * ubatch * 2  # f16
