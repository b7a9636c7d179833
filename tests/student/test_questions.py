"""Which questions of a teacher's own are new, and how a template frames them: without PyTorch."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.student.prompts import Prompt, builtin_prompts
from desktop.student.training.questions import (
    Frame,
    Questions,
    gist,
    id_of,
    is_made,
    read_texts,
    write_texts,
)

# A token for each letter, and two of the template.
BEGIN, END = 256, 257
TEXTS: list[bytes | None] = [*(bytes([byte]) for byte in range(256)), None, None]


def tokens(text: str) -> tuple[int, ...]:
    return tuple(text.encode())


def test_the_template_is_what_all_prompts_begin_and_end_with() -> None:
    prompts = [(BEGIN, 9, *tokens(text), END, 10, BEGIN) for text in ("Why?", "Hello.", "x")]
    frame = Frame.of(prompts)
    assert frame == Frame((BEGIN, 9), (END, 10, BEGIN))
    assert [frame.around(frame.inside(prompt)) for prompt in prompts] == prompts
    assert frame.inside(prompts[1]) == tokens("Hello.")


@pytest.mark.parametrize("prompts", [[], [(1, 2, 3)], [(1, 2, 3), (1, 2, 3)], [(1, 2, 3), (4, 2, 3)]], ids=str)
def test_prompts_that_do_not_tell_the_template_are_refused(prompts: list[tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="chat template"):
        Frame.of(prompts)


def test_each_question_is_taken_once_and_none_that_is_known() -> None:
    book = Questions(TEXTS, ["What is the capital of Spain?"])
    assert book.take(tokens("Why is the sky blue?")) == "Why is the sky blue?"
    # What says the same is not new, and neither is a prompt of the project, by itself or in a longer question
    said = ["why is the sky BLUE", "  Why is - the sky blue?!", "what is the capital of spain"]
    said += ["Tell me: what is the capital of Spain? Be brief.", "", "?!", "\n"]
    assert [book.take(tokens(text)) for text in said] == [""] * len(said)
    # AND what is only like one is
    assert book.take(tokens("What is the capital of Spaniards?"))


def test_what_nobody_would_write_is_no_question() -> None:
    book = Questions(TEXTS, [])
    assert not book.take((*tokens("Why"), END, *tokens("not?")))
    assert not book.take((*tokens("caf"), 0xC3))
    assert book.take(tokens("什么是光？")) == "什么是光？"
    assert not book.take(tokens("什么是光"))


def test_no_prompt_of_the_program_comes_among_the_questions() -> None:
    prompts = builtin_prompts()
    book = Questions(TEXTS, [prompt.text for prompt in prompts])
    assert not any(book.take(tokens(prompt.text.upper())) for prompt in prompts)


def test_the_id_of_a_question_tells_that_it_was_made() -> None:
    assert is_made(id_of("Why?")) and len(id_of("Why?")) == 32 == len(Prompt("Why?").id)
    assert id_of("Why?") != id_of("Why not?") and not is_made(Prompt("Why?").id)


def test_texts_of_tokens_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_texts(tmp_path / "texts", TEXTS)
    assert read_texts(tmp_path / "texts") == TEXTS


def test_the_gist_of_a_text_is_its_letters_and_digits() -> None:
    assert gist(" Hello,\n WORLD_2 ") == "hello world 2" and gist("...") == ""
