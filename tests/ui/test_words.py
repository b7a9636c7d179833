"""Figures and errors in words."""

from __future__ import annotations

import pytest

from desktop.common.errors import UserFacingError
from desktop.models.types import DownloadProgress, DownloadState
from desktop.ui.widgets.mnemonics import mnemonic_of, plain, with_mnemonics
from desktop.ui.words import (
    duration_words,
    error_words,
    memory_words,
    percent_words,
    progress_words,
    sentences,
    speed_words,
    time_left_words,
)


@pytest.mark.parametrize(
    ("speed", "words"), [(0, "0 bytes/s"), (85_400, "85.4 kB/s"), (2_300_000, "2.3 MB/s"), (999_999, "1 MB/s")]
)
def test_speed_is_said_in_the_unit_a_person_compares(speed: float, words: str) -> None:
    assert speed_words(speed) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "1 s"),
        (45.2, "45 s"),
        (59.7, "1 min"),
        (89, "1 min"),
        (182, "3 min"),
        (3599, "1 h"),
        (3900, "1 h 5 min"),
        (7200, "2 h"),
    ],
)
def test_time_is_said_as_roughly_as_it_is_known(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_percent_reaches_100_only_at_the_end() -> None:
    assert [percent_words(share) for share in (-1, 0, 0.999, 1, 2)] == ["0%", "0%", "99%", "100%", "100%"]


def test_progress_names_what_is_known_and_nothing_else() -> None:
    whole = DownloadProgress("m", DownloadState.RUNNING, 112_000_000, 398_000_000, 2.3e6, 124, "huggingface.co")
    assert progress_words(whole) == "112 MB of 398 MB · 2.3 MB/s · 2 min left · huggingface.co"
    assert progress_words(DownloadProgress("m", DownloadState.RUNNING, 0, 398_000_000)) == "0 bytes of 398 MB"


def test_time_left_and_memory_are_sentences() -> None:
    assert time_left_words(124) == "2 min left"
    assert memory_words(420_000_000, 25_000_000) == "about 420 MB, 25 MB of it for the conversation"


def test_an_error_without_detail_or_remedy_leaves_no_gap() -> None:
    assert error_words(UserFacingError("It failed.", "", "Try again.")) == "It failed. Try again."
    assert error_words(UserFacingError("It failed.")) == "It failed."


def test_mnemonics_are_unique_and_prefer_the_start_of_a_word() -> None:
    texts = [("Model", "model"), ("Model folder", "model_folder"), ("Threads", "threads"), ("Tokens & time", "n")]
    marked = with_mnemonics(texts, taken=["T"])
    assert marked == ["&Model", "Model &folder", "T&hreads", "T&okens && time"]


def test_a_text_without_letters_gets_one_in_brackets() -> None:
    assert with_mnemonics([("上下文长度", "n_ctx"), ("线程数", "threads")], taken=["N"]) == [
        "上下文长度(&C)",
        "线程数(&T)",
    ]


def test_a_text_keeps_no_mnemonic_when_the_letters_have_run_out() -> None:
    marked = with_mnemonics([("线程数", "")] * 27)
    assert marked[-1] == "线程数"
    assert len({mnemonic_of(text) for text in marked}) == 27


def test_the_letter_is_read_back_past_a_plain_ampersand() -> None:
    assert mnemonic_of("This && &that") == "T"
    assert mnemonic_of("This && that") is None


def test_sentences_are_joined_as_their_script_wants() -> None:
    assert sentences("It is full.", "", "Free some room.") == "It is full. Free some room."
    assert sentences("磁盘已满。", "请清理一些空间。") == "磁盘已满。请清理一些空间。"
    assert sentences("/home/x.gguf", "请重新下载。") == "/home/x.gguf 请重新下载。"
    assert sentences("", "") == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [("&Models…", "Models"), ("S&top answer", "Stop answer"), ("模型(&M)…", "模型"), ("A && &B", "A & B")],
)
def test_a_label_without_its_letter(text: str, words: str) -> None:
    assert plain(text) == words
