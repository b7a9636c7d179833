"""A GGUF file copied: all of it, with other values, with some rows of a tensor."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.copying import Cut, copy_with, number_value, read_values, texts_value
from desktop.gguf.header import read_header
from tests.support.tiny import make_tiny


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("models") / "tiny.gguf")


def test_a_copy_says_and_holds_the_same(model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy_with(model, copy, read_values(model), {})
    one, other = gguf.GGUFReader(model), gguf.GGUFReader(copy)
    assert [*one.fields] == [*other.fields]
    for key, field in one.fields.items():
        if not key.startswith("GGUF."):
            assert field.contents() == other.fields[key].contents(), key
    assert [tensor.name for tensor in one.tensors] == [tensor.name for tensor in other.tensors]
    assert all(np.array_equal(mine.data, theirs.data) for mine, theirs in zip(one.tensors, other.tensors, strict=True))
    assert read_header(copy).expected_size <= copy.stat().st_size


def test_values_and_rows_are_others(model: Path, tmp_path: Path) -> None:
    values = read_values(model)
    rows = [3, 7, 250]
    values["tokenizer.ggml.tokens"] = values["tokenizer.ggml.tokens"].picked(rows)
    values["tokenizer.ggml.token_type"] = values["tokenizer.ggml.token_type"].picked(rows)
    values["tokenizer.ggml.merges"] = texts_value([b"a b", "é ü".encode()])
    values["qwen2.vocab_size"] = number_value(3)
    copy = tmp_path / "copy.gguf"
    copy_with(model, copy, values, {"token_embd.weight": Cut(rows)})
    one, other = gguf.GGUFReader(model), gguf.GGUFReader(copy)
    assert other.fields["tokenizer.ggml.merges"].contents() == ["a b", "é ü"]
    assert other.fields["qwen2.vocab_size"].contents() == 3
    tokens = one.fields["tokenizer.ggml.tokens"].contents()
    assert other.fields["tokenizer.ggml.tokens"].contents() == [tokens[row] for row in rows]
    whole = {tensor.name: tensor.data for tensor in one.tensors}
    for tensor in other.tensors:
        wanted = whole[tensor.name][rows] if tensor.name == "token_embd.weight" else whole[tensor.name]
        assert np.array_equal(tensor.data, wanted)


def test_a_damaged_file_is_a_sentence_and_nothing_is_left(model: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gguf"
    content = model.read_bytes()
    for cut in (0, 10, 200, 3000, len(content) - 10):
        damaged.write_bytes(content[:cut])
        with pytest.raises(UserFacingError):
            read_values(damaged)
        with pytest.raises(UserFacingError):
            copy_with(damaged, tmp_path / "copy.gguf", {}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["damaged.gguf"]
