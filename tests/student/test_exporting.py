"""Students in other number formats: what is protected, what counts, and what a format undoes."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import gguf
import numpy as np
import pytest

from desktop.common.errors import UserFacingError
from desktop.gguf.header import read_header
from desktop.student.exporting import (
    PLAIN,
    Format,
    collected_importance,
    export,
    format_of,
    plain_formats,
    refuse_own_grid,
    student_file,
)
from desktop.student.project import Project
from desktop.student.sequences import read_sequences


def _types(path: Path) -> Counter[tuple[str, str]]:
    return Counter((tensor.name.split(".")[-2], tensor.type) for tensor in read_header(path).tensors)


def test_what_loses_most_keeps_eight_bits(teacher: Path, tmp_path: Path) -> None:
    export(teacher, tmp_path / "p.gguf", format_of("q4_0", plain=False), 1)
    found = _types(tmp_path / "p.gguf")
    assert found["ffn_down", "Q8_0"] == found["attn_v", "Q8_0"] == found["ffn_up", "Q4_0"] == 6
    assert found["token_embd", "Q8_0"] == 1
    export(teacher, tmp_path / "plain.gguf", format_of("Q4_0", plain=True), 1)
    assert _types(tmp_path / "plain.gguf")["ffn_down", "Q4_0"] == 6
    assert (tmp_path / "plain.gguf").stat().st_size < (tmp_path / "p.gguf").stat().st_size
    with pytest.raises(UserFacingError, match="already"):
        export(teacher, tmp_path / "p.gguf", Format("Q8_0"), 1)


def test_more_threads_write_the_same_bytes(teacher: Path, tmp_path: Path) -> None:
    for threads in (1, 3):
        export(teacher, tmp_path / f"{threads}.gguf", Format("Q4_0"), threads)
    assert (tmp_path / "1.gguf").read_bytes() == (tmp_path / "3.gguf").read_bytes()


def test_an_importance_matrix_changes_what_is_written(collected: Project, tmp_path: Path) -> None:
    importance, used = collected_importance(collected, collected.teacher, 1)
    assert used == tuple(answer.id for answer in read_sequences(collected.collected))
    assert set(importance) == {
        f"blk.{layer}.{name}.weight"
        for layer in range(6)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
    }
    widths = {name: len(values) // 4 for name, values in importance.items()}
    assert widths["blk.0.ffn_down.weight"] == 128 and widths["blk.0.ffn_up.weight"] == 64
    export(collected.teacher, tmp_path / "weighed.gguf", Format("Q4_0"), 1, importance)
    export(collected.teacher, tmp_path / "plain.gguf", Format("Q4_0"), 1)
    assert (tmp_path / "weighed.gguf").read_bytes() != (tmp_path / "plain.gguf").read_bytes()


def test_the_formats_to_compare_with_can_be_chosen() -> None:
    assert plain_formats([]) == PLAIN
    # THEN a name is one format, and a kind that is no name all of that kind, in their usual order
    assert [each.name for each in plain_formats(["q4_0"])] == ["Q4_0"]
    found = [each.name for each in plain_formats(["IQ4_NL", "Q8_0", "q8_0"])]
    assert found == ["Q8_0", "IQ4_NL-embedding-Q5_0", "IQ4_NL-embedding-IQ4_NL"]
    assert [each.name for each in plain_formats(["IQ4_NL-embedding-Q5_0"])] == ["IQ4_NL-embedding-Q5_0"]
    with pytest.raises(UserFacingError, match="Q6_X") as refused:
        plain_formats(["Q4_0", "Q6_X"])
    assert "IQ4_NL-embedding-IQ4_NL" in refused.value.remedy


def test_an_unknown_format_is_a_sentence(teacher: Path) -> None:
    with pytest.raises(UserFacingError, match="no such number format"):
        format_of("Q3_X", plain=False)
    assert format_of("f16", plain=False) == Format("F16")
    assert format_of("q4_0", plain=False).name == "Q4_0-protected"


def test_the_teachers_own_format_undoes_what_moves_weights_by_less_than_half_a_step(
    teacher: Path, tmp_path: Path
) -> None:
    # GIVEN a teacher in Q4_1, and a student whose weights were moved from it by a tenth of a step
    own, student = tmp_path / "own.gguf", tmp_path / "student.gguf"
    export(teacher, own, Format("Q4_1", "Q8_0"), 1)
    export(own, student, Format("F32"), 1)
    written = gguf.GGUFReader(student, "r+")
    random = np.random.default_rng(1)
    for tensor in written.tensors:
        if tensor.name.startswith("blk") and tensor.data.ndim == 2:
            blocks = tensor.data.reshape(-1, 32)
            step = (blocks.max(1, keepdims=True) - blocks.min(1, keepdims=True)) / 15
            blocks += 0.1 * step * random.standard_normal(blocks.shape).astype(np.float32)
    del written, blocks
    # THEN the teacher's format brings nearly all of its codes back
    export(student, tmp_path / "back.gguf", Format("Q4_1", "Q8_0"), 1)
    assert _same_codes(own, tmp_path / "back.gguf") > 0.95
    # AND so it is refused for what was moved, not for a copy of the teacher, nor in another format
    with pytest.raises(UserFacingError, match="undo what the student has learnt"):
        refuse_own_grid(read_header(own), read_header(student), Format("Q4_1"))
    refuse_own_grid(read_header(own), read_header(own), Format("Q4_1"))
    refuse_own_grid(read_header(own), read_header(student), Format("Q4_0"))


def _same_codes(one: Path, other: Path) -> float:
    theirs = {tensor.name: tensor.data for tensor in gguf.GGUFReader(other).tensors}
    same = total = 0
    for tensor in gguf.GGUFReader(one).tensors:
        if tensor.tensor_type == gguf.GGMLQuantizationType.Q4_1:
            mine, back = (data.reshape(-1, 20)[:, 4:] for data in (tensor.data, theirs[tensor.name]))
            same += int(((mine & 15) == (back & 15)).sum() + ((mine >> 4) == (back >> 4)).sum())
            total += 2 * mine.size
    return same / total


def test_a_student_is_found_by_its_name(project: Project, teacher: Path) -> None:
    project.models.mkdir()
    shutil.copy(teacher, project.models / "small.gguf")
    assert student_file(project, "small") == student_file(project, "small.gguf") == project.models / "small.gguf"
    assert student_file(project, str(teacher)) == teacher
    with pytest.raises(UserFacingError, match="no such student"):
        student_file(project, "large")
