"""The header reader against files of the gguf package, and against files that lie."""

from __future__ import annotations

import os
import struct
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.header import read_header
from desktop.gguf.tables import TENSOR_TYPES
from tests.support.gguf_files import write_gguf


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "small.gguf")


def _failure(path: Path) -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        read_header(path)
    assert str(path) in caught.value.detail
    assert caught.value.remedy
    return caught.value


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def _raw(tmp_path: Path, *, tensors: int = 0, values: int = 0, body: bytes = b"", version: int = 3) -> Path:
    path = tmp_path / "raw.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", version, tensors, values) + body)
    return path


def test_header_of_a_written_file(model: Path) -> None:
    header = read_header(model)
    assert (header.version, header.architecture, header.name) == (3, "qwen2", "Small one")
    assert (header.n_layers, header.n_embd, header.n_head, header.n_head_kv) == (2, 64, 4, 2)
    assert (header.head_dim, header.context_trained, header.quantisation) == (16, 512, "Q4_K_M")
    assert header.chat_template == "{{ messages }}"
    assert header.tensor_count == 2
    assert header.parameters == 8 * 64 + 64
    tensor = header.tensors[0]
    assert (tensor.name, tensor.shape, tensor.type, tensor.size) == ("token_embd.weight", (64, 8), "F32", 2048)
    assert header.file_size == model.stat().st_size >= header.expected_size > header.data_offset


def test_agrees_with_the_gguf_package(model: Path) -> None:
    header, reference = read_header(model), gguf.GGUFReader(model)
    assert header.data_offset == reference.data_offset
    for tensor, other in zip(header.tensors, reference.tensors, strict=True):
        assert header.data_offset + tensor.offset == other.data_offset
        assert tensor.size == other.n_bytes
    for key, value in header.metadata.items():
        assert reference.fields[key].contents() == value


def test_vocabulary_is_skipped_but_counted(model: Path) -> None:
    header = read_header(model)
    assert "tokenizer.ggml.tokens" not in header.metadata
    assert header.lengths["tokenizer.ggml.tokens"] == 1000


def test_short_arrays_are_kept_and_may_differ_by_layer(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "hybrid.gguf", "lfm2")
    writer.add_head_count([32, 32, 32])
    writer.add_head_count_kv([0, 8, 0])
    writer.add_array("general.languages", ["en", "zh"])
    writer.add_embedding_length(2048)
    writer.add_key_length(48)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_header(tmp_path / "hybrid.gguf")
    assert header.n_head_kv == (0, 8, 0)
    assert header.n_head == 32
    assert header.head_dim == 48
    assert header.metadata["general.languages"] == ("en", "zh")
    assert header.chat_template is None
    assert header.name == "hybrid"
    assert header.quantisation == ""


def test_long_text_is_left_out_but_counted(tmp_path: Path) -> None:
    body = _text("a") + struct.pack("<I", 8) + _text("x" * 2_000_000) + _text("b") + struct.pack("<IB", 7, 1)
    header = read_header(_raw(tmp_path, values=2, body=body))
    assert header.lengths["a"] == 2_000_000
    assert header.metadata == {"b": True}


def test_quantisation_from_the_tensors_where_the_file_does_not_say(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "q.gguf", "llama")
    writer.add_tensor("a", np.zeros((64, 34), dtype=np.uint8), raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("b", np.zeros(32, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_header(tmp_path / "q.gguf")
    assert header.quantisation == "Q8_0"
    assert header.tensors[0].size == 64 * 34


def test_tensor_types_agree_with_the_gguf_package() -> None:
    for kind, (values, size) in gguf.GGML_QUANT_SIZES.items():
        if kind is gguf.GGMLQuantizationType.Q8_1:
            continue  # 40 bytes there, 36 in ggml-common.h; an intermediate type that no file holds
        ours = TENSOR_TYPES[int(kind)]
        assert (ours.name, ours.block_values, ours.block_bytes) == (kind.name, values, size)


def test_every_truncation_is_noticed(model: Path, tmp_path: Path) -> None:
    whole, expected = model.read_bytes(), read_header(model).expected_size
    short = tmp_path / "short.gguf"
    for length in [*range(4, 400, 7), *range(400, expected, 997), expected - 1]:
        short.write_bytes(whole[:length])
        assert _failure(short).title == "The model file is incomplete.", length
    short.write_bytes(whole[:expected])
    assert read_header(short).expected_size == expected


def test_truncation_names_both_sizes(model: Path) -> None:
    expected = read_header(model).expected_size
    with model.open("r+b") as stream:
        stream.truncate(expected - 1000)
    assert " of " in _failure(model).detail


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (b"", "The model file is empty."),
        (b"<!DOCTYPE html><html>", "This is a web page, not a model."),
        (b"\xef\xbb\xbf\n\n  <HTML>", "This is a web page, not a model."),
        (b"PK\x03\x04rest", "This is a zip archive, not a model."),
        (b"\x1f\x8b\x08rest", "This is a compressed archive, not a model."),
        (b"version https://git-lfs.github.com/spec/v1\n", "This is only a pointer to a model, not the model itself."),
        (b"tjgg\x03\x00\x00\x00", "This model is in a format that came before GGUF."),
        (struct.pack("<Q", 300) + b'{"__metadata__"', "This is a safetensors file, not a GGUF model."),
        (b"hello", "This is not a GGUF model file."),
        (b"GG", "This is not a GGUF model file."),
    ],
)
def test_other_files_are_named(tmp_path: Path, content: bytes, title: str) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(content)
    assert _failure(path).title == title


@pytest.mark.parametrize(
    ("version", "title"),
    [
        (4, "This model file was written for a newer program."),
        (1, "This model file is of an outdated version of GGUF."),
        (0x03000000, "This model file is for big-endian computers."),
    ],
)
def test_other_versions(tmp_path: Path, version: int, title: str) -> None:
    assert _failure(_raw(tmp_path, version=version)).title == title


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert _failure(tmp_path / "none.gguf").title == "The model file cannot be read."
    assert _failure(tmp_path).title == "This is not a file."


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_pipe_that_is_called_a_model_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.gguf"
    os.mkfifo(path)
    assert _failure(path).title == "This is not a file."


HUGE = 2**62
LIES = {
    "count of tensors": {"tensors": HUGE},
    "count of values": {"values": HUGE},
    "length of a key": {"values": 1, "body": struct.pack("<Q", HUGE) + bytes(64)},
    "length of a text": {"values": 1, "body": _text("k") + struct.pack("<IQ", 8, HUGE)},
    "length of a text array": {"values": 1, "body": _text("k") + struct.pack("<IIQ", 9, 8, HUGE) + bytes(64)},
    "length of a text in an array": {
        "values": 1,
        "body": _text("k") + struct.pack("<IIQQ", 9, 8, 1000, HUGE) + bytes(8000),
    },
    "length of a number array": {"values": 1, "body": _text("k") + struct.pack("<IIQ", 9, 10, HUGE) + bytes(64)},
    "type of a value": {"values": 1, "body": _text("k") + struct.pack("<I", 77) + bytes(64)},
    "nested arrays": {"values": 1, "body": _text("k") + struct.pack("<IIQ", 9, 9, 1) + bytes(64)},
    "tensor name": {"tensors": 1, "body": struct.pack("<Q", 65) + bytes(100)},
    "dimensions": {"tensors": 1, "body": _text("t") + struct.pack("<I", 5) + bytes(100)},
    "extent": {"tensors": 1, "body": _text("t") + struct.pack("<IQQIQ", 2, HUGE, HUGE, 0, 0) + bytes(64)},
    "offset": {"tensors": 1, "body": _text("t") + struct.pack("<IQIQ", 1, 32, 0, HUGE) + bytes(64)},
    "row of a quantised tensor": {"tensors": 1, "body": _text("t") + struct.pack("<IQIQ", 1, 33, 2, 0) + bytes(64)},
    "alignment of 3": {"values": 1, "body": _text("general.alignment") + struct.pack("<II", 4, 3)},
    "alignment of 0": {"values": 1, "body": _text("general.alignment") + struct.pack("<II", 4, 0)},
    "alignment as text": {"values": 1, "body": _text("general.alignment") + struct.pack("<I", 8) + _text("32")},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_costs_a_sentence_and_no_memory(tmp_path: Path, lie: str) -> None:
    arguments = LIES[lie]
    path = _raw(tmp_path, **arguments)  # type: ignore[arg-type]
    tracemalloc.start()
    try:
        assert _failure(path).title == "The model file is damaged."
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


def _value(key: str, kind: int, rest: bytes) -> bytes:
    return _text(key) + struct.pack("<I", kind) + rest


def _empty_texts(count: int) -> bytes:
    return struct.pack("<IQ", 8, count) + bytes(8 * count)


EXCESS: dict[str, Callable[[], dict[str, Any]]] = {
    "4 million tensors": lambda: {"tensors": 4_000_000, "body": bytes(96_000_000)},
    "tensors": lambda: {"tensors": 512 * 32 + 1, "body": bytes(24 * (512 * 32 + 1))},
    "values": lambda: {"values": 1025, "body": _value("k", 7, b"\1") * 1025},
    "texts in one array": lambda: {"values": 1, "body": _value("k", 9, _empty_texts((1 << 21) + 1))},
    "texts in several": lambda: {
        "values": 2,
        "body": _value("a", 9, _empty_texts(1)) + _value("b", 9, _empty_texts(1 << 21)),
    },
    "texts in short arrays": lambda: {
        "values": 9,
        "body": b"".join(_value(str(at), 9, struct.pack("<IQ", 8, 1) + _text("x" * 999_999)) for at in range(9)),
    },
    "texts": lambda: {"values": 9, "body": b"".join(_value(str(at), 8, _text("x" * 999_999)) for at in range(9))},
    "keys": lambda: {"values": 130, "body": b"".join(_value(f"{at:065535}", 7, b"\1") for at in range(130))},
    "bytes": lambda: {"values": 1, "body": _value("k", 8, struct.pack("<Q", 128 << 20)), "hole": 129 << 20},
    "bytes of numbers": lambda: {"values": 1, "body": _value("k", 9, struct.pack("<IQ", 10, 1 << 24)), "hole": 1 << 28},
}


@pytest.mark.parametrize("excess", EXCESS)
def test_more_than_any_model_has_is_refused_by_name(tmp_path: Path, excess: str) -> None:
    # GIVEN a file that has all that it claims
    arguments = EXCESS[excess]()
    hole = arguments.pop("hole", 0)
    path = _raw(tmp_path, **arguments)
    if hole:
        with path.open("r+b") as stream:
            stream.truncate(hole)
    tracemalloc.start()
    try:
        # WHEN it is read
        failure = _failure(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # THEN nothing of it is kept
    assert failure.title == "This file claims to have more in it than any model has."
    assert peak < 24_000_000


def test_what_the_largest_models_have_is_read(tmp_path: Path) -> None:
    # GIVEN the vocabulary of Gemma 4 three times over, and more tensors than any model has
    body = _value("tokenizer.ggml.tokens", 9, _empty_texts(786_432))
    body += _value("tokenizer.ggml.merges", 9, _empty_texts(1_300_000))
    body += _value("tokenizer.ggml.scores", 9, struct.pack("<IQ", 6, 786_432) + bytes(4 * 786_432))
    body += b"".join(_text(f"blk.{at}") + struct.pack("<IQIQ", 1, 32, 0, 0) for at in range(4096)) + bytes(256)
    # WHEN it is read
    header = read_header(_raw(tmp_path, values=3, tensors=4096, body=body))
    # THEN everything is counted
    assert header.lengths["tokenizer.ggml.merges"] == 1_300_000
    assert header.tensor_count == 4096


def test_numbers_that_describe_no_model_count_as_unknown(tmp_path: Path) -> None:
    body = _value("general.architecture", 8, _text("llama"))
    body += _value("llama.block_count", 4, struct.pack("<I", 1 << 31))
    body += _value("llama.embedding_length", 11, struct.pack("<q", -64))
    body += _value("llama.context_length", 6, struct.pack("<f", 512.0))
    body += _value("llama.attention.head_count", 9, struct.pack("<IQqq", 11, 2, -1, 8))
    header = read_header(_raw(tmp_path, values=5, body=body))
    assert (header.n_layers, header.n_embd, header.context_trained, header.n_head) == (0, 0, 0, 8)


@pytest.mark.parametrize(
    ("number", "title"),
    [
        (4, "This model file uses a quantisation that is no longer supported."),
        (99, "This model file uses a quantisation that this version does not know."),
    ],
)
def test_unknown_quantisation(tmp_path: Path, number: int, title: str) -> None:
    path = _raw(tmp_path, tensors=1, body=_text("t") + struct.pack("<IQIQ", 1, 32, number, 0) + bytes(64))
    assert _failure(path).title == title


def test_invalid_utf8_does_not_stop_it(tmp_path: Path) -> None:
    body = _text("general.name") + struct.pack("<IQ", 8, 3) + b"a\xffb"
    assert read_header(_raw(tmp_path, values=1, body=body)).name == "a\ufffdb"
