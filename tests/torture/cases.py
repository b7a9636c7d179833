"""Models wrong in ways that somebody thought of, most since they have ended this or a neighbouring program once."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tests.torture import document
from tests.torture.bases import REAL, WHOLE, Bases
from tests.torture.document import Document, Entry, Kind

Change = Callable[[Document], Document | bytes]
_BLOCKS = "{arch}.block_count"
_TOKENS = "tokenizer.ggml.tokens"


@dataclass(frozen=True)
class Case:
    """A model wrong in one way.

    Attributes:
        base: The healthy model.
        always: It is tried in the short form too.
    """

    name: str
    base: str
    change: Change
    always: bool = False

    def write(self, bases: Bases, path: Path) -> None:
        """Writes it."""
        changed = self.change(bases.get(self.base))
        path.write_bytes(changed if isinstance(changed, bytes) else changed.write())


class Pipe(Case):
    """A pipe that has a model's name, and that nobody writes to."""

    def write(self, bases: Bases, path: Path) -> None:
        os.mkfifo(path)


class Folder(Case):
    """A folder that has a model's name."""

    def write(self, bases: Bases, path: Path) -> None:
        path.mkdir()


def _set(key: str, number: float, kind: Kind = Kind.U32) -> Change:
    """Sets a number; ``{arch}`` in the key stands for the architecture."""
    return lambda healthy: healthy.with_value(
        document.scalar(key.replace("{arch}", healthy.architecture), kind, number)
    )


def _say(key: str, content: bytes) -> Change:
    return lambda healthy: healthy.with_value(document.text(key.replace("{arch}", healthy.architecture), content))


def _drop(key: str) -> Change:
    return lambda healthy: healthy.without(key.replace("{arch}", healthy.architecture))


def _all(*changes: Change) -> Change:
    def change(healthy: Document) -> Document:
        for each in changes:
            changed = each(healthy)
            assert isinstance(changed, Document)
            healthy = changed
        return healthy

    return change


def _duplicate_tokens(healthy: Document) -> Document:
    tokens = healthy.get(_TOKENS).texts
    tokens[-50:] = [tokens[60]] * 50
    return healthy.with_value(document.texts(_TOKENS, tokens))


def _empty_token(healthy: Document) -> Document:
    tokens = healthy.get(_TOKENS).texts
    tokens[40] = b""
    return healthy.with_value(document.texts(_TOKENS, tokens))


def _fewer_tokens(healthy: Document) -> Document:
    return healthy.with_value(document.texts(_TOKENS, healthy.get(_TOKENS).texts[:-7]))


def _tokens_not_utf8(healthy: Document) -> Document:
    tokens = [
        b"\xff\xfe" + token if number % 3 == 0 else token for number, token in enumerate(healthy.get(_TOKENS).texts)
    ]
    return healthy.with_value(document.texts(_TOKENS, tokens))


def _long_token(healthy: Document) -> Document:
    tokens = healthy.get(_TOKENS).texts
    tokens[50] = b"long" * 300_000
    return healthy.with_value(document.texts(_TOKENS, tokens))


def _scores(length: int) -> Change:
    return lambda healthy: healthy.with_value(document.numbers("tokenizer.ggml.scores", Kind.F32, [0.5] * length))


def _types(of: int, length: int | None = None) -> Change:
    def change(healthy: Document) -> Document:
        count = len(healthy.get(_TOKENS).texts) if length is None else length
        return healthy.with_value(document.numbers("tokenizer.ggml.token_type", Kind.I32, [of] * count))

    return change


def _merges(*entries: bytes) -> Change:
    return lambda healthy: healthy.with_value(document.texts("tokenizer.ggml.merges", entries))


def _fill(pattern: bytes) -> Change:
    """Fills all weights, or the scales of their blocks, with one pattern of bits."""
    return lambda healthy: replace(
        healthy, data=(pattern * (len(healthy.data) // len(pattern) + 1))[: len(healthy.data)]
    )


def _without_tensor(name: str) -> Change:
    return lambda healthy: replace(healthy, tensors=tuple(t for t in healthy.tensors if t.name != name.encode()))


def _with_tensor(**changes: object) -> Change:
    """Changes the first tensor's line."""
    return lambda healthy: healthy.with_tensor(0, replace(healthy.tensors[0], **changes))  # type: ignore[arg-type]


def _swapped(healthy: Document) -> Document:
    one, two = healthy.tensors[1], healthy.tensors[-1]
    swapped = healthy.with_tensor(1, replace(two, name=one.name))
    return swapped.with_tensor(len(healthy.tensors) - 1, replace(one, name=two.name))


def _counts(tensors: int | None = None, values: int | None = None) -> Change:
    return lambda healthy: replace(healthy, tensor_count=tensors, value_count=values)


def _announced(key: str, length: int) -> Change:
    """Announces a length of a text or an array that is not there."""

    def change(healthy: Document) -> Document:
        value = healthy.get(key)
        at = 0 if value.kind == Kind.STRING else 4
        data = value.data[:at] + struct.pack("<Q", length & 0xFFFFFFFFFFFFFFFF) + value.data[at + 8 :]
        return healthy.with_value(replace(value, data=data))

    return change


def _alignment(number: int, kept: int = 32) -> Change:
    return lambda healthy: replace(
        healthy.with_value(document.scalar("general.alignment", Kind.U32, number)), alignment=kept
    )


def _four_million_tensors(healthy: Document) -> bytes:
    """The least line of a tensor is 24 bytes: 91 MB of them."""
    count = 4_000_000
    return replace(healthy, tensors=(), data=b"", tensor_count=count, alignment=1).header() + bytes(24 * count)


def _many_values(healthy: Document) -> Document:
    more = tuple(document.scalar(f"key.{number}", Kind.U8, 1) for number in range(1_500_000))
    return replace(healthy, values=(*healthy.values, *more))


def _many_layers(healthy: Document) -> Document:
    """Says 512 layers and has the tensors of all, each the first one's."""
    first = [each for each in healthy.tensors if each.name.startswith(b"blk.0.")]
    rest = tuple(each for each in healthy.tensors if not each.name.startswith(b"blk."))
    layers: tuple[Entry, ...] = tuple(
        replace(each, name=each.name.replace(b"blk.0.", b"blk.%d." % number)) for number in range(512) for each in first
    )
    healthy = healthy.with_value(document.scalar(f"{healthy.architecture}.block_count", Kind.U32, 512))
    return replace(healthy, tensors=(*rest, *layers))


def _cut(share: float) -> Change:
    return lambda healthy: healthy.write()[: int(len(healthy.write()) * share)]


def _on_each(name: str, change: Change, *bases: str, always: bool = False) -> Iterator[Case]:
    for base in bases or (REAL, "tiny"):
        yield Case(name, base, change, always)


def _cases() -> Iterator[Case]:
    yield from _numbers()
    yield from _vocabulary()
    yield from _tensors()
    yield from _form()


def _numbers() -> Iterator[Case]:
    yield from _on_each("expert_used_count = 1", _set("{arch}.expert_used_count", 1), WHOLE, REAL, "tiny", always=True)
    yield from _on_each("expert_count = 8", _set("{arch}.expert_count", 8))
    yield from _on_each("both expert counts", _all(_set("{arch}.expert_count", 4), _set("{arch}.expert_used_count", 9)))
    for number in (0, 513, 1 << 31, 1, 3, (1 << 32) - 1):
        yield Case(f"block_count = {number}", REAL, _set(_BLOCKS, number), always=number % 512 < 2)
        yield Case(f"block_count = {number}", "tiny", _set(_BLOCKS, number))
    for key in ("head_count", "head_count_kv"):
        for number in (0, 5, 1 << 31):
            yield from _on_each(f"{key} = {number}", _set(f"{{arch}}.attention.{key}", number), always=number < 9)
    for key in ("key_length", "value_length"):
        for number in (0, 1, 63, 1 << 20):
            yield from _on_each(f"{key} = {number}", _set(f"{{arch}}.attention.{key}", number))
    for number in (0, 1, 8, 1 << 31, (1 << 32) - 1):
        yield from _on_each(f"context_length = {number}", _set("{arch}.context_length", number), always=number == 0)
    for number in (0, 1, 100, 1 << 31):
        yield from _on_each(f"embedding_length = {number}", _set("{arch}.embedding_length", number))
        yield from _on_each(f"rope.dimension_count = {number}", _set("{arch}.rope.dimension_count", number))
    for number in (0, 7, 1 << 31):
        yield from _on_each(f"feed_forward_length = {number}", _set("{arch}.feed_forward_length", number), REAL)
        yield from _on_each(
            f"sliding_window = {number}", _set("{arch}.attention.sliding_window", number), "tiny-gemma3"
        )
    for key in ("attention.layer_norm_rms_epsilon", "rope.freq_base", "rope.scaling.factor"):
        for amount in (0.0, -1.0, float("nan"), float("inf")):
            yield Case(f"{key} = {amount}", REAL, _set(f"{{arch}}.{key}", amount, Kind.F32))
    yield Case("vocab_size = 9", REAL, _set("{arch}.vocab_size", 9))
    yield Case("vocab_size = 2^31", "tiny", _set("{arch}.vocab_size", 1 << 31))
    yield Case("l_cache = 0", "tiny-lfm2", _set("{arch}.shortconv.l_cache", 0))
    yield Case("l_cache = 2^31", "tiny-lfm2", _set("{arch}.shortconv.l_cache", 1 << 31))


def _vocabulary() -> Iterator[Case]:
    for name in ("no_vocab", "llama", "bert", "t5", "rwkv", "nobody"):
        change = _say("tokenizer.ggml.model", name.encode())
        yield from _on_each(f"tokenizer {name}", change, always=name == "no_vocab")
    yield from _on_each("50 duplicate tokens", _duplicate_tokens, "parrot", REAL, always=True)
    yield from _on_each("an empty token", _empty_token, "parrot", REAL, always=True)
    yield from _on_each("7 tokens too few", _fewer_tokens)
    yield from _on_each("tokens that are not UTF-8", _tokens_not_utf8)
    yield from _on_each("a token of 1.2 MB", _long_token)
    yield from _on_each("no tokens", lambda healthy: healthy.with_value(document.texts(_TOKENS, [])))
    yield from _on_each("tokens missing", _drop(_TOKENS))
    for name in ("bos", "eos", "unknown", "padding", "eot"):
        for number in (1 << 20, (1 << 32) - 1):
            yield Case(f"{name} = {number}", REAL, _set(f"tokenizer.ggml.{name}_token_id", number))
    yield from _on_each("no end of a turn", _drop("tokenizer.ggml.eos_token_id"))
    yield from _on_each("adds a bos that is not there", _all(
        _set("tokenizer.ggml.add_bos_token", 1, Kind.BOOL), _set("tokenizer.ggml.bos_token_id", (1 << 32) - 1)
    ))  # fmt: skip
    for length in (0, 1, 100_000):
        yield Case(f"{length} scores", REAL, _scores(length))
        yield Case(f"{length} token types", "parrot", _types(1, length))
    yield Case(
        "scores of a SentencePiece vocabulary too few", REAL, _all(_say("tokenizer.ggml.model", b"llama"), _scores(3))
    )
    for kind in (0, 3, 5, 6, 99, -1):
        yield Case(f"all token types {kind}", REAL, _types(kind))
    yield from _on_each("merges without a space", _merges(b"ab", b"cd", b""))
    yield from _on_each("merges of nobody", _merges(b"nobody knows", b" ", b"  ", b"\xff \xfe"))
    yield from _on_each("no merges", _drop("tokenizer.ggml.merges"))
    yield from _on_each("pre-tokenizer unknown", _say("tokenizer.ggml.pre", b"nobody"))
    yield from _on_each("no pre-tokenizer", _drop("tokenizer.ggml.pre"))


def _tensors() -> Iterator[Case]:
    for name, pattern in (("NaN", b"\x00\x7e"), ("Inf", b"\x00\x7c"), ("ones", b"\xff"), ("zeros", b"\x00")):
        yield from _on_each(f"weights all {name}", _fill(pattern), always=name == "NaN")
    yield Case("weights all NaN", WHOLE, _fill(b"\x00\x7e"))
    for name in ("token_embd.weight", "output_norm.weight", "blk.0.attn_q.weight", "blk.1.ffn_down.weight"):
        yield from _on_each(f"without {name}", _without_tensor(name))
    yield from _on_each("two tensors swapped", _swapped)
    for shape in ((0, 0), (1, 1), (1 << 31, 1 << 31), (1 << 63, 2), (576, 1 << 40), (), (32, 1, 1, 1)):
        yield Case(f"first tensor of shape {shape}", REAL, _with_tensor(shape=shape))
    for offset in (1, -32, 1 << 40, (1 << 64) - 32):
        yield from _on_each(f"first tensor at {offset}", _with_tensor(offset=offset))
    for kind in (4, 12, 24, 30, 99, (1 << 32) - 1):
        yield from _on_each(f"first tensor of format {kind}", _with_tensor(kind=kind))
    for dimensions in (0, 5, (1 << 32) - 1):
        yield Case(f"first tensor of {dimensions} dimensions", REAL, _with_tensor(dimensions=dimensions))
    yield Case("512 layers of the same weights", "tiny", _many_layers)


def _form() -> Iterator[Case]:
    for number in (0, 1, 3, 64, 1 << 31):
        yield from _on_each(f"alignment {number}", _alignment(number), always=number == 1)
    yield Case("alignment 1, and kept", REAL, _alignment(1, kept=1))
    for count in (0, 1, 1 << 31, 1 << 40, (1 << 64) - 1):
        yield Case(f"{count} tensors announced", REAL, _counts(tensors=count))
        yield Case(f"{count} values announced", REAL, _counts(values=count))
    for key in ("general.name", "tokenizer.chat_template", _TOKENS, "tokenizer.ggml.token_type"):
        for length in (1 << 31, 1 << 62, -1):
            yield Case(f"{key} of length {length}", REAL, _announced(key, length))
    for version in (0, 1, 2, 4, 0x03000000):
        yield Case(f"version {version}", REAL, lambda healthy, version=version: replace(healthy, version=version))  # type: ignore[misc]
    for share in (0.0, 0.0000005, 0.01, 0.1, 0.5, 0.999):
        yield Case(f"cut off at {share:.5%}", REAL, _cut(share))
    yield Case("cut off at half", WHOLE, _cut(0.5))
    yield Case(
        "a template of 40 MB", REAL, _say("tokenizer.chat_template", b"{{ messages[0]['content'] }}" * 1_500_000)
    )
    yield Case("a template that is not UTF-8", REAL, _say("tokenizer.chat_template", b"\xff\xfe{{ messages }}"))
    yield Case("a name that is not UTF-8", REAL, _say("general.name", b"\xff\xfe\xed\xa0\x80 \x1b]0;x\x07"))
    yield Case("an architecture that is not UTF-8", REAL, _say("general.architecture", b"\xff\xfe"))
    yield Case("4 million tensors of 24 bytes", "tiny", _four_million_tensors)
    yield Case("1.5 million values", "tiny", _many_values)
    yield Case("a part of a model", "tiny", _all(_set("split.count", 3, Kind.U16), _set("split.no", 0, Kind.U16)))
    yield Case("an adapter", "tiny", _say("general.type", b"adapter"))
    yield Pipe("a pipe", "tiny", lambda healthy: healthy, always=True)
    yield Folder("a folder", "tiny", lambda healthy: healthy, always=True)


CASES: Final = tuple(_cases())
