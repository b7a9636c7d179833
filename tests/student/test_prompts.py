"""What a teacher is asked: our own prompts, files of people, what is held out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from desktop.common.errors import UserFacingError
from desktop.student.prompts import Prompt, builtin_prompts, load_prompts, of_languages, parse_prompts, split


def test_our_own_are_many_in_two_languages_and_five_groups() -> None:
    prompts = builtin_prompts()
    assert len(prompts) >= 400
    strata = Counter((prompt.group, prompt.language) for prompt in prompts)
    assert set(strata) == {
        (group, language) for group in ("daily", "office", "code", "facts", "json") for language in ("en", "zh")
    }
    assert min(strata.values()) >= 40
    # AND none comes twice, nor is one in the wrong language
    assert len({prompt.id for prompt in prompts}) == len(prompts)
    for prompt in prompts:
        has_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in prompt.text)
        assert has_chinese == (prompt.language == "zh"), prompt.text


def test_a_text_of_prompts_is_read_line_by_line() -> None:
    text = "A?\n\n# code zh\n写代码\n  写代码 \nText: x.\\nQuestion: y?\n#notes: nothing\n# office\nB?\na?\n"
    assert parse_prompts(text) == (
        Prompt("A?"),
        Prompt("写代码", "code", "zh"),
        Prompt("Text: x.\nQuestion: y?", "code", "zh"),
        Prompt("B?", "office"),
    )


@pytest.mark.parametrize("content", [b"", b"# office en\n", b"\xff\xfe\xfa", b"x" * 20_001])
def test_what_is_no_file_of_prompts_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "prompts.txt"
    file.write_bytes(content)
    with pytest.raises(UserFacingError, match=r"cannot be used.* in UTF-8 with one prompt a line"):
        load_prompts(file)
    with pytest.raises(UserFacingError, match=r"cannot be read.*No such file"):
        load_prompts(tmp_path / "gone.txt")
    with pytest.raises(UserFacingError, match=r"cannot be read.*it is no file"):
        load_prompts(tmp_path)


def test_of_every_group_as_large_a_share_is_held_out_and_always_the_same() -> None:
    prompts = builtin_prompts()
    training, held_out = split(prompts, 40, 1)
    assert len(held_out) == 40 and not {*training} & {*held_out} and {*training, *held_out} == {*prompts}
    assert {*Counter((prompt.group, prompt.language) for prompt in held_out).values()} == {4}
    # THEN the order of the file does not matter, and another seed holds out others
    assert split(tuple(reversed(prompts)), 40, 1) == (training, held_out)
    assert split(prompts, 40, 2)[1] != held_out
    # AND there is always something to learn from
    assert len(split(prompts[:5], 40, 1)[0]) == 3


def test_languages_choose_and_leave_what_nobody_knows() -> None:
    prompts = (Prompt("a", "x", "en"), Prompt("b", "x", "zh"), Prompt("c"))
    assert of_languages(prompts, ["en"]) == (prompts[0], prompts[2])
    assert of_languages(prompts, ()) == prompts
