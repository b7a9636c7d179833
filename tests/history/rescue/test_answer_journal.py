"""Growing answers on the disk: written by a thread, read back by the next start, erased when they are stored."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from desktop.history.rescue import answer_journal
from desktop.history.rescue.answer_journal import AnswerBegun, AnswerJournal, erase, unfinished_answers
from tests.support.patience import PATIENCE_S, wait_for
from tests.support.small_files import no_larger_files

BEGUN = AnswerBegun("abc", 3, "Why?", 3, "tiny")


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def written(folder: Path) -> str:
    """Returns what stands in the files, without the care of a start, which nobody takes while the journal is kept."""
    return b"".join(file.read_bytes() for file in files(folder)).decode("ascii")


def kept(folder: Path) -> list[tuple[str, str]]:
    return [(one.text, one.thought) for one in unfinished_answers(folder)]


def test_what_grows_is_on_the_disk_and_goes_when_it_is_stored(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    journal = AnswerJournal(folder, interval=0.01)
    journal.begin(1, BEGUN)
    assert files(folder) == [], "nothing has come yet"
    journal.grow(1, "", "hm")
    journal.grow(1, "Because 因为\ud83d", "")
    wait_for("the first words", lambda: "Because" in written(folder))
    assert kept(folder) == [("Because 因为\ud83d", "hm")]
    journal.grow(1, " so.\n", "")
    wait_for("the next words", lambda: "so." in written(folder))
    assert kept(folder) == [("Because 因为\ud83d so.\n", "hm")]
    (file,) = files(folder)
    (found,) = unfinished_answers(folder)
    assert (found.begun, found.file) == (BEGUN, file)
    if sys.platform != "win32":
        assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    journal.end(1)
    assert journal.wait_erased(PATIENCE_S)
    assert files(folder) == []
    journal.grow(1, "late", "")
    journal.close()
    journal.close()
    assert files(folder) == []


def test_what_is_left_when_the_program_ends_is_written(tmp_path: Path) -> None:
    journal = AnswerJournal(tmp_path, interval=1000)
    journal.begin(1, BEGUN)
    journal.begin(2, BEGUN)
    journal.grow(1, "Half", "")
    journal.close()
    assert kept(tmp_path) == [("Half", "")]


def test_two_answers_do_not_mix(tmp_path: Path) -> None:
    journal = AnswerJournal(tmp_path, interval=0.01)
    for key in (1, 2):
        journal.begin(key, BEGUN)
        journal.grow(key, f"answer {key}", "")
    wait_for("both", lambda: "answer 1" in written(tmp_path) and "answer 2" in written(tmp_path))
    journal.end(1)
    assert journal.wait_erased(PATIENCE_S)
    assert kept(tmp_path) == [("answer 2", "")]
    journal.close()


def test_an_answer_without_a_word_leaves_nothing(tmp_path: Path) -> None:
    journal = AnswerJournal(tmp_path / "answers", interval=0.01)
    journal.begin(1, BEGUN)
    journal.end(1)
    journal.end(1)
    journal.close()
    assert not (tmp_path / "answers").exists()


def test_a_folder_that_goes_away_is_made_again_with_all_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    journal = AnswerJournal(folder, interval=0.01)
    journal.begin(1, BEGUN)
    journal.grow(1, "One ", "")
    wait_for("it", lambda: "One" in written(folder))
    for file in files(folder):
        file.unlink()
    folder.rmdir()
    journal.grow(1, "two", "")
    wait_for("all of it", lambda: "One" in written(folder) and "two" in written(folder))
    assert kept(folder) == [("One two", "")]
    journal.close()


def test_a_disk_that_takes_nothing_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    folder.write_text("a file where the folder should be")
    journal = AnswerJournal(folder, interval=0.001)
    journal.begin(1, BEGUN)
    journal.grow(1, "One", "")
    journal.close()
    assert kept(folder) == []
    journal.end(1)


def test_erasing_overwrites(tmp_path: Path) -> None:
    journal = AnswerJournal(tmp_path, interval=1000)
    journal.begin(1, BEGUN)
    journal.grow(1, "secret", "")
    journal.close()
    (file,) = files(tmp_path)
    twin = tmp_path / "twin"
    os.link(file, twin)  # what an undelete would find
    erase(file)
    assert files(tmp_path) == [twin]
    assert not twin.read_bytes().strip(b"\0")


def test_what_is_written_is_there_before_the_disk_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a look at the file in the moment in which the system is asked to have it on the disk
    seen: list[bytes] = []
    name = "fdatasync" if hasattr(os, "fdatasync") else "fsync"
    monkeypatch.setattr(os, name, lambda _handle: seen.append(b"".join(file.read_bytes() for file in files(tmp_path))))
    journal = AnswerJournal(tmp_path, interval=1000)
    journal.begin(1, BEGUN)
    journal.grow(1, "secret", "")
    # WHEN it is written THEN the words are there, or a power cut would take those that came later
    journal.close()
    assert b"secret" in seen[0]
    # AND when it is erased, the zeros are
    (file,) = files(tmp_path)
    erase(file)
    assert not seen[1].strip(b"\0")


HEADER = b'{"conversation_id": "abc", "parent": 3, "question": "Why?", "after": 3, "model": "tiny"}'
WHOLE = HEADER + b'\n["One ", ""]\n["two", ""]\n'


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (WHOLE, "One two"),
        (WHOLE[:-5], "One "),
        (WHOLE[:-13], "One "),
        (WHOLE + b'["thr', "One two"),
        (WHOLE + b"\0" * 40, "One two"),
        (WHOLE + b"[" * 200_000 + b"\n", "One two"),
        (WHOLE + b'[1, 2]\n["more", ""]\n', "One two"),
    ],
)
def test_a_file_is_read_up_to_where_it_is_whole(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "a.answer").write_bytes(content)
    assert kept(tmp_path) == [(text, "")]


@pytest.mark.parametrize("content", [b"", b"\0" * 200], ids=["empty", "erased"])
def test_a_file_without_words_goes(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.answer").write_bytes(content)
    assert kept(tmp_path) == []
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b"\xff\xfe\x00garbage",
        b'{"conversation_id": "abc"}',
        b'"text"',
        WHOLE.replace(b": 3,", b": 1" + b"0" * 40 + b","),
        WHOLE.replace(b": 3,", b": -1,"),
        WHOLE.replace(b'"abc"', b"[1]"),
        WHOLE.replace(b'["', b'{"'),
        WHOLE.decode().encode("utf-16"),
    ],
    ids=["deep", "noise", "half", "another type", "huge", "negative", "wrong type", "no pieces", "another encoding"],
)
def test_what_makes_no_sense_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.answer").write_bytes(content)
    (tmp_path / "b.answer").write_bytes(WHOLE)
    assert kept(tmp_path) == [("One two", "")]
    assert [file.name for file in files(tmp_path)] == ["a.answer.bad-1", "b.answer"]


@pytest.mark.skipif(sys.platform == "win32", reason="FIFOs and links that need no permission")
def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.answer")
    (tmp_path / "b.answer").mkdir()
    (tmp_path / "c.answer").symlink_to(tmp_path / "nowhere")
    assert kept(tmp_path) == []


@pytest.mark.parametrize("room", [1, 5000])
def test_a_full_disk_keeps_what_is_there_and_takes_the_rest_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, room: int
) -> None:
    # GIVEN an answer of which the first words are on the disk
    journal = AnswerJournal(tmp_path, interval=0.01)
    journal.begin(1, BEGUN)
    journal.grow(1, "One ", "")
    wait_for("the first words", lambda: "One" in written(tmp_path))
    (file,) = files(tmp_path)
    # WHEN there is room for a part of the next ones only
    with no_larger_files(file.stat().st_size + room):
        journal.grow(1, "two " * 2000, "")
        wait_for("more than one try", lambda: caplog.text.count("growing answer not kept") > 1)
        # THEN the first are still there
        assert kept(tmp_path) == [("One ", "")]
    # AND the next come when there is room, though no further word comes
    wait_for("the next words", lambda: kept(tmp_path) == [("One " + "two " * 2000, "")])
    journal.end(1)
    assert journal.wait_erased(PATIENCE_S)
    journal.close()
    assert files(tmp_path) == []


def test_what_there_is_no_room_to_overwrite_goes_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = tmp_path / "one.answer"
    file.write_text("secret")
    monkeypatch.setattr(answer_journal, "_sync", full)
    erase(file)
    assert files(tmp_path) == []
