"""Headers with anything wrong in them: each ends in a result or in a sentence, and costs no more than a good one.

What is wrong is drawn from a fixed seed, so that a failure comes again; its number stands in the assertion.
"""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.engine.footprint import predict
from desktop.engine.types import KvType
from desktop.gguf.header import GgufHeader, parse_header
from tests.support.gguf_files import write_gguf

SEED = 20_260_101
MUTATIONS = 4000
WATCHED = 8  # of these, every so manyth
# Numbers that stand for a length, a count, a type or an offset where a length, a count ... is expected.
EDGES = (0, 1, 2, 7, 8, 9, 24, 63, 64, 65, 255, 511, 512, 513, 65_535, 2**20, 2**21 + 1, 2**31 - 1, 2**31, 2**32 - 1)
HUGE = (*EDGES, 2**32, 2**40, 2**44, 2**62, 2**63 - 1, 2**63, 2**64 - 1)


class CountingFile(io.BytesIO):
    """Knows how much of it was read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.bytes_read += len(found)
        return found


def flip(content: bytearray, end: int, dice: random.Random) -> None:
    for _ in range(dice.choice((1, 1, 2, 8))):
        content[dice.randrange(4, end)] ^= 1 << dice.randrange(8)


def overwrite(content: bytearray, end: int, dice: random.Random) -> None:
    at = dice.randrange(4, end - 8)
    code, values = dice.choice((("<I", EDGES), ("<Q", HUGE)))
    struct.pack_into(code, content, at, dice.choice(values))


def cut(content: bytearray, end: int, dice: random.Random) -> None:
    del content[dice.randrange(end) :]


def leave_out(content: bytearray, end: int, dice: random.Random) -> None:
    at = dice.randrange(4, end)
    del content[at : at + dice.choice((1, 4, 8, 100))]


def repeat(content: bytearray, end: int, dice: random.Random) -> None:
    at = dice.randrange(24, end)
    content[at:at] = content[at : at + dice.choice((1, 8, 60, 400))] * dice.choice((1, 3, 50))


def spoil(content: bytearray, end: int, dice: random.Random) -> None:
    at = dice.randrange(24, end)
    piece = dice.randbytes(dice.choice((1, 8, 64)))
    content[at : at + len(piece)] = piece


WAYS: tuple[Callable[[bytearray, int, random.Random], None], ...] = (flip, overwrite, cut, leave_out, repeat, spoil)


def mutated(whole: bytes, header: int, dice: random.Random) -> bytes:
    content = bytearray(whole)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        dice.choice(WAYS)(content, min(header, max(40, len(content) - 1)), dice)
        content.extend(bytes(max(0, 64 - len(content))))
    return bytes(content)


def spots(whole: bytes) -> Iterator[bytes]:
    """Every number of the first 400 bytes, where the counts, the first keys and their types are, made extreme."""
    for at in range(4, 400):
        for value in HUGE:
            yield whole[:at] + struct.pack("<Q", value) + whole[at + 8 :]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_gguf(tmp_path_factory.mktemp("whole") / "small.gguf").read_bytes()


def read(content: bytes) -> GgufHeader | None:
    """Reads a header; None: it was refused with a sentence. What else is raised fails the test."""
    stream = CountingFile(content)
    try:
        header = parse_header(stream, len(content), Path("some.gguf"))
    except UserFacingError as refused:
        assert refused.title and refused.remedy and "some.gguf" in refused.detail
        header = None
    # A window of 1 MiB for each time that something does not fit into the rest of the last one, and the first bytes.
    assert stream.bytes_read <= 2 * len(content) + 1024, "the same bytes were read over and over"
    return header


def use(header: GgufHeader) -> None:
    """Asks for all that the program asks for."""
    answers = (
        *(header.n_layers, header.n_embd, header.n_head, header.n_head_kv, header.head_dim, header.context_trained),
        *(header.quantisation, header.parameters, header.chat_template, header.architecture, header.name),
    )
    assert len(answers) == 11
    footprint = predict(header, n_ctx=2048, n_batch=512, kv_type=KvType.F16, repack=True)
    assert 0 < footprint.anonymous <= footprint.rss < 2**62


def tried(content: bytes) -> GgufHeader | None:
    """Reads a header and uses it; None: it was refused."""
    header = read(content)
    if header is not None:
        use(header)
    return header


def watched(content: bytes) -> tuple[GgufHeader | None, int]:
    """Does the same, and returns the bytes that it took at the most as well; ten times slower."""
    tracemalloc.start()
    try:
        return tried(content), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_whatever_is_wrong_with_a_header_ends_in_a_result_or_a_sentence(whole: bytes) -> None:
    # GIVEN a good header, and dice
    good = parse_header(io.BytesIO(whole), len(whole), Path("good.gguf"))
    dice = random.Random(SEED)
    read_well = refused = 0
    for number in range(MUTATIONS):
        content = mutated(whole, good.data_offset, dice)
        # WHEN something is wrong with it
        try:
            header, peak = watched(content) if number % WATCHED == 0 else (tried(content), 0)
        except BaseException as problem:
            problem.add_note(f"mutation {number} of seed {SEED}")
            raise
        # THEN it took no more memory than a few copies of the file
        assert peak < 4 * len(content) + 200_000, f"{peak:,} bytes in mutation {number} of seed {SEED}"
        read_well, refused = read_well + (header is not None), refused + (header is None)
    # AND both happened often: the dice are worth throwing
    assert min(read_well, refused) > MUTATIONS // 20, (read_well, refused)


def test_every_number_at_the_beginning_may_be_extreme(whole: bytes) -> None:
    for content in spots(whole):
        tried(content)
