"""Ways in which a model file can be wrong, drawn by a seed: each takes a healthy model and says what it did to it."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from tests.torture import document, words
from tests.torture.document import Document, Entry, Kind, Value

Change = Callable[[random.Random, Document], tuple[str, bytes]]


@dataclass(frozen=True)
class Mutant:
    """A file made wrong.

    Attributes:
        what: What is wrong with it.
        content: The whole of it.
    """

    what: str
    content: bytes


def mutate(draw: random.Random, kind: str, healthy: Document) -> Mutant:
    """Returns a file made wrong in one of the ways of :data:`KINDS`; the same for the same state of ``draw``."""
    what, content = KINDS[kind](draw, healthy)
    return Mutant(what, content)


def _number_value(draw: random.Random, value: Value) -> Value:
    key = value.key.decode("utf-8", "replace")
    kind = Kind(value.kind)
    if kind in (Kind.F32, Kind.F64):
        number = draw.choice(words.FLOATS)
        return document.scalar(key, kind, min(max(number, -3.4e38), 3.4e38) if abs(number) == 1e308 else number)
    return document.scalar(key, kind, draw.choice(words.NUMBERS))


def _scalars(healthy: Document) -> list[Value]:
    return [value for value in healthy.values if value.is_scalar]


def _bits(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    content = bytearray(healthy.write())
    places = [_place(draw, healthy) for _ in range(draw.choice((1, 1, 2, 4, 16)))]
    for place in places:
        content[place] ^= 1 << draw.randrange(8)
    return f"bits of the header flipped at {places}", bytes(content)


def _bytes(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    content = bytearray(healthy.write())
    place, count = _place(draw, healthy), draw.choice((1, 2, 4, 8, 8, 64))
    new = draw.choice((b"\x00" * count, b"\xff" * count, draw.randbytes(count)))
    content[place : place + count] = new
    return f"{count} bytes at {place} overwritten with {new.hex()}", bytes(
        content[: len(healthy.header() + healthy.data)]
    )


def _place(draw: random.Random, healthy: Document) -> int:
    if draw.random() < 0.2:
        return draw.randrange(len(healthy.header()))
    start, end = draw.choice(list(document.spans(healthy)))
    if draw.random() < 0.3:  # the tensors' lines
        start, end = list(document.spans(healthy))[-1]
    return draw.randrange(start, end)


def _splice(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    content = healthy.write()
    place, count = _place(draw, healthy), draw.choice((1, 4, 8, 32, 100))
    if draw.random() < 0.5:
        return f"{count} bytes missing at {place}", content[:place] + content[place + count :]
    return f"{count} bytes too many at {place}", content[:place] + draw.randbytes(count) + content[place:]


def _number(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    new = _number_value(draw, draw.choice(_scalars(healthy)))
    return f"{new.key.decode()} = {new.number}", healthy.with_value(new).write()


def _kind(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    value = draw.choice(healthy.values)
    key = value.key.decode()
    if value.is_scalar and draw.random() < 0.6:
        others = (Kind.U8, Kind.I8, Kind.U16, Kind.I32, Kind.U64, Kind.F32, Kind.BOOL, Kind.F64)
        other = draw.choice([kind for kind in others if kind != value.kind])
        return f"{key} as {other.name}", healthy.with_value(document.scalar(key, other, value.number)).write()
    if draw.random() < 0.5:
        new = draw.choice(
            (
                document.text(key, b"12"),
                document.texts(key, [b"a", b"b"]),
                document.numbers(key, Kind.I32, [3, -1, 7]),
                document.scalar(key, Kind.U32, 3),
                Value(value.key, Kind.ARRAY, struct.pack("<IQ", Kind.U32, 0)),
                Value(value.key, Kind.ARRAY, struct.pack("<IQ", Kind.ARRAY, 1) + struct.pack("<IQI", Kind.U32, 1, 7)),
            )
        )
        return f"{key} of another type: {new.kind} {new.data[:12].hex()}", healthy.with_value(new).write()
    number = draw.choice((*range(15), 255, 1 << 31, -1))
    return f"{key} announced as type {number}", healthy.with_value(replace(value, kind=number)).write()


def _counts(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    numbers = (*words.LENGTHS, -1, 2, 1_000_000)
    if draw.random() < 0.5:
        count = draw.choice((len(healthy.tensors) - 1, len(healthy.tensors) + 1, draw.choice(numbers)))
        return f"{count} tensors announced", replace(healthy, tensor_count=count).write()
    count = draw.choice((len(healthy.values) - 1, len(healthy.values) + 1, draw.choice(numbers)))
    return f"{count} values announced", replace(healthy, value_count=count).write()


def _lengths(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    """Lengths of texts and arrays that are not those of what follows."""
    value = draw.choice([each for each in healthy.values if each.kind in (Kind.STRING, Kind.ARRAY)])
    at = 0 if value.kind == Kind.STRING else 4
    (right,) = struct.unpack_from("<Q", value.data, at)
    wrong = draw.choice((right - 1, right + 1, right * 2, draw.choice(words.LENGTHS))) & 0xFFFFFFFFFFFFFFFF
    data = value.data[:at] + struct.pack("<Q", wrong) + value.data[at + 8 :]
    return f"{value.key.decode()} of length {wrong}", healthy.with_value(replace(value, data=data)).write()


def _vocabulary(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    tokens = healthy.get("tokenizer.ggml.tokens").texts
    count = draw.choice((1, 1, 2, 50, len(tokens) // 2))
    which = draw.choice(("empty", "duplicate", "junk", "dropped", "added", "shuffled", "all empty", "one", "none"))
    places = [draw.randrange(len(tokens)) for _ in range(count)]
    match which:
        case "empty":
            for place in places:
                tokens[place] = b""
        case "duplicate":
            same = draw.choice(tokens)
            for place in places:
                tokens[place] = same
        case "junk":
            for place in places:
                tokens[place] = draw.choice(words.JUNK)
        case "dropped":
            del tokens[-count:]
        case "added":
            tokens += [b"extra%d" % number for number in range(count)]
        case "shuffled":
            draw.shuffle(tokens)
        case "all empty":
            tokens = [b""] * len(tokens)
        case "one":
            del tokens[1:]
        case _:
            tokens = []
    changed = healthy.with_value(document.texts("tokenizer.ggml.tokens", tokens))
    if which in ("dropped", "added") and draw.random() < 0.5:
        changed = changed.with_value(document.scalar(f"{healthy.architecture}.vocab_size", Kind.U32, len(tokens)))
        which += ", vocab_size with it"
    return f"tokens: {count} {which}", changed.write()


def _token_types(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    size = len(healthy.get("tokenizer.ggml.tokens").texts)
    length = draw.choice((size, size, 0, 1, size - 1, size + 1, size * 2))
    which = draw.choice(("random", "all control", "all unused", "all byte", "huge", "floats", "scores", "nan scores"))
    if which.endswith("scores"):
        number = float("nan") if which.startswith("nan") else 1.5
        new = document.numbers("tokenizer.ggml.scores", Kind.F32, [number] * length)
    elif which == "floats":
        new = document.numbers("tokenizer.ggml.token_type", Kind.F32, [1.0] * length)
    else:
        entries = {
            "random": [draw.randrange(8) for _ in range(length)],
            "all control": [3] * length,
            "all unused": [5] * length,
            "all byte": [6] * length,
            "huge": [draw.choice((-1, 1 << 30, 77, -(1 << 31))) for _ in range(length)],
        }[which]
        new = document.numbers("tokenizer.ggml.token_type", Kind.I32, entries)
    return f"token types: {which}, {length} of {size}", healthy.with_value(new).write()


def _merges(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    merges = healthy.get("tokenizer.ggml.merges").texts
    which = draw.choice(("none", "no space", "spaces", "unknown", "junk", "shuffled", "duplicate", "missing"))
    match which:
        case "none":
            merges = []
        case "no space":
            merges = [merge.replace(b" ", b"") for merge in merges]
        case "spaces":
            merges = [b" " * draw.randrange(1, 9) for _ in merges]
        case "unknown":
            merges = [b"nobody %d" % number for number in range(len(merges))]
        case "junk":
            merges = [draw.choice(words.JUNK[:4]) + b" " + draw.choice(words.JUNK[:4]) for _ in merges]
        case "shuffled":
            draw.shuffle(merges)
        case "duplicate":
            merges = [merges[0]] * len(merges)
        case _:
            return "merges: missing", healthy.without("tokenizer.ggml.merges").write()
    return f"merges: {which}", healthy.with_value(document.texts("tokenizer.ggml.merges", merges)).write()


def _special_tokens(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    size = len(healthy.get("tokenizer.ggml.tokens").texts)
    numbers = (0, 1, size - 1, size, size + 1, 1 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
    said = []
    for name in draw.sample(words.SPECIAL, draw.choice((1, 1, 2, 5, len(words.SPECIAL)))):
        new = document.scalar(f"tokenizer.ggml.{name}_token_id", Kind.U32, draw.choice(numbers))
        said.append(f"{name} {new.number}")
        healthy = healthy.with_value(new)
    for name in ("add_bos_token", "add_eos_token", "add_space_prefix", "remove_extra_whitespaces", "add_sep_token"):
        if draw.random() < 0.3:
            healthy = healthy.with_value(document.scalar(f"tokenizer.ggml.{name}", Kind.BOOL, 1))
            said.append(name)
    return f"special tokens: {', '.join(said)}", healthy.write()


def _names(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    """Another architecture, tokenizer or pre-tokenizer than the rest of the file is for."""
    which = draw.choice(("architecture", "architecture", "model", "pre", "name", "type"))
    if which == "architecture":
        old, new = healthy.architecture, draw.choice(words.ARCHITECTURES)
        changed = healthy.with_value(document.text("general.architecture", new.encode()))
        if draw.random() < 0.7:  # its keys with it, as a file of that kind has them
            values = [
                replace(value, key=new.encode() + value.key[len(old) :])
                if value.key.startswith(old.encode())
                else value
                for value in changed.values
            ]
            changed = replace(changed, values=tuple(values))
        return f"architecture {new!r}", changed.write()
    key = {"model": "tokenizer.ggml.model", "pre": "tokenizer.ggml.pre", "name": "general.name", "type": "general.type"}
    word = draw.choice(
        {
            "model": [each.encode() for each in words.TOKENIZERS],
            "pre": [each.encode() for each in words.PRE],
            "name": [*words.JUNK, b"\x1b]0;gone\x07", b"%s%n%s"],
        }.get(which, [b"adapter", b"imatrix", b"mmproj", b"vocab", b""])
    )
    return f"{key[which]} = {word[:20]!r}", healthy.with_value(document.text(key[which], word)).write()


def _parameters(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    """Keys of the architecture, there before or not, with numbers that make no sense together."""
    said = []
    for _ in range(draw.choice((1, 1, 2, 3))):
        pick = draw.random()
        if pick < 0.7:
            key = f"{healthy.architecture}.{draw.choice(words.NUMBER_KEYS)}"
            new = document.scalar(
                key, draw.choice((Kind.U32, Kind.U32, Kind.U32, Kind.I32, Kind.U64)), draw.choice(words.NUMBERS)
            )
            if draw.random() < 0.15:
                layers = int(healthy.get(f"{healthy.architecture}.block_count").number)
                entries = [
                    draw.choice((0, 1, 2, 3, 9, 64, 65535)) for _ in range(draw.choice((layers, layers, 1, layers + 1)))
                ]
                new = document.numbers(key, Kind.U32, entries)
        elif pick < 0.9:
            key = f"{healthy.architecture}.{draw.choice(words.FLOAT_KEYS)}"
            new = document.scalar(key, Kind.F32, draw.choice(words.FLOATS[:-1]))
        elif pick < 0.95:
            new = document.scalar(
                f"{healthy.architecture}.{draw.choice(words.BOOL_KEYS)}", Kind.BOOL, draw.randrange(2)
            )
        else:
            word = draw.choice((b"none", b"linear", b"yarn", b"longrope", b"su", b"", b"?"))
            new = document.text(f"{healthy.architecture}.rope.scaling.type", word)
        healthy = healthy.with_value(new)
        said.append(f"{new.key.decode()} = {new.number if new.is_scalar else new.data[:24].hex()}")
    return "; ".join(said), healthy.write()


def _keys(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    value = draw.choice(healthy.values)
    key = value.key.decode()
    which = draw.choice(("missing", "missing", "twice", "renamed", "junk", "many"))
    match which:
        case "missing":
            changed = healthy.without(key)
        case "twice":
            changed = replace(healthy, values=(*healthy.values, value))
        case "renamed":
            other = draw.choice(healthy.values).key
            changed = replace(healthy, values=tuple(replace(v, key=other) if v is value else v for v in healthy.values))
        case "junk":
            junk = draw.choice(words.JUNK)
            changed = replace(healthy, values=tuple(replace(v, key=junk) if v is value else v for v in healthy.values))
        case _:
            more = tuple(document.scalar(f"x.{number}", Kind.U8, 1) for number in range(100_000))
            changed = replace(healthy, values=(*healthy.values, *more))
    return f"key {key}: {which}", changed.write()


def _shapes(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    index = draw.randrange(len(healthy.tensors))
    old = healthy.tensors[index]
    new = old
    which = draw.choice(("number", "turned", "flat", "more", "dimensions", "all"))
    if which == "turned":
        new = replace(old, shape=old.shape[::-1])
    elif which == "flat":
        new = replace(old, shape=(_product(old.shape),))
    elif which == "more":
        new = replace(old, shape=(*old.shape, draw.choice((1, 2, 1 << 32))))
    elif which == "dimensions":
        new = replace(old, dimensions=draw.choice((0, 1, 2, 3, 4, 5, 1 << 31, -1)))
    elif which == "number":
        place = draw.randrange(len(old.shape))
        extent = draw.choice((*words.NUMBERS, old.shape[place] * 2, old.shape[place] // 2, old.shape[place] - 1))
        new = replace(old, shape=(*old.shape[:place], extent, *old.shape[place + 1 :]))
    else:
        new = replace(old, shape=tuple(draw.choice(words.NUMBERS) for _ in old.shape))
    return f"{old.name.decode()}: {which}, {old.shape} is {new.shape} {new.dimensions}", healthy.with_tensor(
        index, new
    ).write()


def _product(shape: tuple[int, ...]) -> int:
    total = 1
    for extent in shape:
        total *= extent
    return total


def _formats(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    number = draw.choice((*range(45), 100, 1 << 31, -1))
    if draw.random() < 0.2:
        changed = replace(healthy, tensors=tuple(replace(each, kind=number) for each in healthy.tensors))
        return f"all tensors of format {number}", changed.write()
    index = draw.randrange(len(healthy.tensors))
    old = healthy.tensors[index]
    return f"{old.name.decode()} of format {number}", healthy.with_tensor(index, replace(old, kind=number)).write()


def _offsets(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    index = draw.randrange(len(healthy.tensors))
    old = healthy.tensors[index]
    other = draw.choice(healthy.tensors).offset
    size = len(healthy.data)
    offset = draw.choice((1, 4, 31, old.offset + 1, old.offset + 32, other, size, size - 32, 1 << 40, 1 << 63, -32, 0))
    return f"{old.name.decode()} at {offset}", healthy.with_tensor(index, replace(old, offset=offset)).write()


def _tensors(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    index, other = draw.randrange(len(healthy.tensors)), draw.randrange(len(healthy.tensors))
    one, two = healthy.tensors[index], healthy.tensors[other]
    name = one.name.decode()
    which = draw.choice(("missing", "missing", "swapped", "twice", "renamed", "junk", "extra", "none", "reversed"))
    rest = (*healthy.tensors[:index], *healthy.tensors[index + 1 :])
    match which:
        case "missing":
            changed = replace(healthy, tensors=rest)
        case "swapped":
            swapped = healthy.with_tensor(index, replace(two, name=one.name))
            changed = swapped.with_tensor(other, replace(one, name=two.name))
            name = f"{name} and {two.name.decode()}"
        case "twice":
            changed = replace(healthy, tensors=(*healthy.tensors, one))
        case "renamed":
            changed = healthy.with_tensor(index, replace(one, name=two.name + b"x"))
        case "junk":
            changed = healthy.with_tensor(index, replace(one, name=draw.choice((*words.JUNK, b"y" * 64, b"y" * 63))))
        case "extra":
            extra = b"blk.%d.attn_q.bias" % draw.choice((0, 1, 99))
            changed = replace(healthy, tensors=(*healthy.tensors, Entry(extra, (64,), 0, 0)))
        case "none":
            changed = replace(healthy, tensors=())
        case _:
            changed = replace(healthy, tensors=healthy.tensors[::-1])
    return f"tensor {name}: {which}", changed.write()


def _alignment(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    number = draw.choice((0, 1, 2, 3, 8, 16, 31, 33, 64, 4096, 1 << 20, 1 << 31, (1 << 32) - 1))
    kind = draw.choice((Kind.U32, Kind.U32, Kind.U32, Kind.I32, Kind.U64, Kind.F32))
    pads = number <= 4096 and draw.random() < 0.5
    changed = healthy.with_value(document.scalar("general.alignment", kind, number))
    return f"alignment {number} as {kind.name}, {'kept' if pads else 'not kept'}", replace(
        changed, alignment=number if pads else 32
    ).write()


def _cut(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    content, header = healthy.write(), len(healthy.header())
    places = (draw.randrange(header), _place(draw, healthy), draw.randrange(len(content)), len(content) - 1, header)
    place = draw.choice(places)
    return f"cut off at {place} of {len(content)}", content[:place]


def _weights(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    data = bytearray(healthy.data)
    index = draw.randrange(len(healthy.tensors))
    start = healthy.tensors[index].offset
    after = [each.offset for each in healthy.tensors if each.offset > start]
    end = min(after, default=len(data))
    which = draw.choice(("nan", "inf", "zero", "noise", "ones", "all noise", "all ones"))
    if which.startswith("all"):
        start, end = 0, len(data)
    fill = {"nan": b"\x00\x00\xc0\x7f", "inf": b"\x00\x00\x80\x7f", "zero": bytes(4)}.get(which, b"\xff" * 4)
    count = end - start
    data[start:end] = draw.randbytes(count) if which.endswith("noise") else (fill * (count // 4 + 1))[:count]
    return f"weights of {healthy.tensors[index].name.decode()}: {which}", replace(healthy, data=bytes(data)).write()


def _template(draw: random.Random, healthy: Document) -> tuple[str, bytes]:
    sources = (
        *(
            b"",
            b"{{",
            b"{% for m in messages %}",
            b"\xff\xfe\x00",
            b"{{ messages[0].content }}" * 20_000,
            b"x" * 3_000_000,
        ),
        *(b"{{ raise_exception('no') }}", b"{{ nothing.at.all }}", b"{{ messages[5].content }}", b"{% include 'x' %}"),
        *(
            b"{{ bos_token * 3 }}",
            b"{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}",
            b"\x00",
            b"(" * 9999,
        ),
        *(b"{{ " + b"(" * 5000 + b")" * 5000 + b" }}", b"{% if " * 3000, b"{{ '<|im_end|>' * 3000 }}"),
    )
    source = draw.choice(sources)
    changed = healthy.with_value(document.text("tokenizer.chat_template", source))
    return f"template {source[:30]!r} of {len(source)} bytes", changed.write()


# By name; the order is the one in which they take turns.
KINDS: Final[Mapping[str, Change]] = {
    "bits": _bits,
    "bytes": _bytes,
    "splice": _splice,
    "number": _number,
    "kind": _kind,
    "counts": _counts,
    "lengths": _lengths,
    "vocabulary": _vocabulary,
    "token types": _token_types,
    "merges": _merges,
    "special tokens": _special_tokens,
    "names": _names,
    "parameters": _parameters,
    "keys": _keys,
    "shapes": _shapes,
    "formats": _formats,
    "offsets": _offsets,
    "tensors": _tensors,
    "alignment": _alignment,
    "cut": _cut,
    "weights": _weights,
    "template": _template,
}
