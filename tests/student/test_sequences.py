"""The file of a teacher's answers: what goes in comes out, whatever cuts it off."""

from __future__ import annotations

import errno
import math
import struct
from pathlib import Path

import numpy as np
import pytest

from desktop.common.errors import UserFacingError, from_system
from desktop.student.sequences import Layout, TaughtSequence, open_for_more, read_layout, read_sequences

LAYOUT = Layout(vocabulary=300, kept=3, temperatures=(1.0, 2.0))


def sequence(number: int, length: int = 2, layout: Layout = LAYOUT) -> TaughtSequence:
    thoughts = b"".join(
        struct.pack("<f2f3I3e", 5.0, 5.5 + place, 6.0, number, 7, 8, 0.0, 0.5, 2.0) for place in range(length)
    )
    tokens = (1, 2, 3, *range(10, 10 + length))
    return TaughtSequence(f"{number:032x}", tokens, 3, number % 2 == 0, layout, thoughts)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "answers.kd"
    with open_for_more(path, LAYOUT) as appender:
        for number in range(3):
            appender.add(sequence(number))
    return path


def test_what_goes_in_comes_out(file: Path) -> None:
    assert list(read_sequences(file)) == [sequence(0), sequence(1), sequence(2)]
    assert read_layout(file) == LAYOUT
    thought = sequence(1).thought(1)
    assert thought.ids == (1, 7, 8) and thought.logits == (5.0, 4.5, 3.0) and thought.totals == (6.5, 6.0)
    assert thought.mass(0, 1.0, 2) == pytest.approx(math.exp(-1.5) + math.exp(-2))
    assert list(sequence(4, 3).ids(2)) == [4, 7] * 3
    # AND another program reads it by its description
    data = file.read_bytes()
    assert data[:8] == b"CATNAPKD" and np.frombuffer(data, "<f4", 2, 20).tolist() == [1.0, 2.0]
    record = np.dtype([("best", "<f4"), ("totals", "<f4", 2), ("ids", "<u4", 3), ("below", "<f2", 3)])
    assert record.itemsize == LAYOUT.token_bytes
    assert np.frombuffer(sequence(1).thoughts, record)["below"].tolist() == [[0.0, 0.5, 2.0]] * 2


def test_wherever_it_is_cut_off_the_whole_answers_stay(file: Path) -> None:
    data = file.read_bytes()
    ends = [len(data) - 2 * (size := (len(data) - 28) // 3), len(data) - size, len(data)]
    for cut in range(28, len(data)):
        file.write_bytes(data[:cut])
        whole = sum(end <= cut for end in ends)
        assert len(list(read_sequences(file))) == whole
        if cut % 17 == 0:
            with open_for_more(file, LAYOUT) as appender:
                assert len(appender.ids) == whole and appender.lost == cut - (28, *ends)[whole]
                for number in range(whole, 3):
                    appender.add(sequence(number))
            assert file.read_bytes() == data


def test_a_head_that_is_cut_off_is_written_anew(file: Path) -> None:
    data = file.read_bytes()
    for cut in range(28):
        file.write_bytes(data[:cut])
        with open_for_more(file, LAYOUT) as appender:
            assert appender.ids == []
            appender.add(sequence(0))
        assert file.read_bytes() == data[: 28 + (len(data) - 28) // 3]
    # BUT what is something else stays
    file.write_bytes(b"mine")
    with pytest.raises(UserFacingError, match="Put back a copy"):
        open_for_more(file, LAYOUT)
    assert file.read_bytes() == b"mine"


def test_a_damaged_answer_costs_none_of_those_behind_it(file: Path) -> None:
    data = file.read_bytes()
    size = (len(data) - 28) // 3
    for place in range(28 + size, 28 + 2 * size):
        damaged = bytearray(data)
        damaged[place] ^= 0x41
        file.write_bytes(damaged)
        assert [each.id for each in read_sequences(file)] == [sequence(0).id, sequence(2).id], place
    # WHEN more are added THEN it stays, and what was lost is asked for again
    with open_for_more(file, LAYOUT) as appender:
        assert appender.ids == [sequence(0).id, sequence(2).id] and appender.lost == size
        appender.add(sequence(1))
    assert [*read_sequences(file)] == [sequence(0), sequence(2), sequence(1)]
    # AND likewise where a disk has left a hole of megabytes
    file.write_bytes(data[: 28 + size] + bytes(3 << 20) + data[28 + size :])
    assert [*read_sequences(file)] == [sequence(0), sequence(1), sequence(2)]


def test_a_damaged_answer_at_the_end_is_taken_away(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with open_for_more(file, LAYOUT) as appender:
        assert len(appender.ids) == 2 and appender.lost > 0


def test_a_full_disk_names_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with open_for_more(file, LAYOUT) as appender:
        monkeypatch.setattr("desktop.student.sequences.os.fsync", full)
        with pytest.raises(OSError, match=r"answers\.kd") as failed:
            appender.add(sequence(3))
    assert "Make room on the disk" in from_system(failed.value).remedy


def test_what_was_collected_in_another_way_is_refused(file: Path, tmp_path: Path) -> None:
    for other in (Layout(300, 4, (1.0, 2.0)), Layout(300, 3, (1.0,)), Layout(301, 3, (1.0, 2.0))):
        with pytest.raises(UserFacingError, match="another way"):
            open_for_more(file, other)
    foreign = tmp_path / "foreign.kd"
    foreign.write_bytes(b"GGUF" + bytes(40))
    with pytest.raises(UserFacingError, match="no file of a teacher"):
        list(read_sequences(foreign))
    with pytest.raises(UserFacingError, match="cannot be read"):
        read_layout(tmp_path / "gone.kd")


def test_a_sequence_is_cut_to_a_length() -> None:
    assert sequence(2, 5).cut(9) == sequence(2, 5)
    part = sequence(2, 5).cut(2)
    assert part.length == 2 and part.tokens == sequence(2, 2).tokens and not part.is_whole
    assert part.thought(1) == sequence(2, 5).thought(1)
