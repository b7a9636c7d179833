"""How a question about a text is put to a model."""

from __future__ import annotations

import pytest

from desktop.documents.question import nothing_found, question_about, question_about_passages, task_for
from desktop.documents.types import Document, DocumentKind, Part, PartKind

_NOTE = "The library opens at 9. A card costs 12 euros.\n\n图书馆星期天休息。"
_TOLD = 'What does a card cost?\n\nAnswer from this sentence: "A card costs 12 euros."\n\nWhat does a card cost?'


def test_the_sentence_that_may_answer_it_stands_below_the_question() -> None:
    assert task_for(" What does a card cost? ", _NOTE) == _TOLD
    assert task_for("图书馆星期几休息？", _NOTE) == "图书馆星期几休息？\n\n请根据这句话回答：“图书馆星期天休息。”"


def test_where_nothing_is_close_the_model_may_say_so() -> None:
    # GIVEN a question of which the text has no word, and one about a price without any
    for question in ("Who is Bartholomew?", "What does the library cost?"):
        assert task_for(question, "The library is old.") == (
            f'{question}\n\nIf the text does not say it, answer: "{nothing_found(question)}"'
        )
    assert nothing_found("馆长是谁？") in task_for("馆长是谁？", "The library is old.")


@pytest.mark.parametrize(
    "request_",
    [
        "Summarise this text in two sentences:",
        "Give me a summary of the card rules",
        "What is this about?",
        "List all prices of cards.",
        "Translate it into German",
        "用两句话概括这段文字：",
        "图书馆的主要内容",
    ],
)
def test_what_is_asked_of_the_whole_text_is_put_as_it_is(request_: str) -> None:
    assert task_for(request_, _NOTE) == request_


def test_the_text_stands_before_it_in_every_way() -> None:
    document = Document("note.txt", DocumentKind.TEXT, (Part(PartKind.PAGE, 3, "", _NOTE),))
    assert question_about(document, "What does a card cost?") == f"```\n[page 3]\n{_NOTE}\n```\n\n{_TOLD}"
    assert question_about_passages([_NOTE], "What does a card cost?") == f"```\n{_NOTE}\n```\n\n{_TOLD}"
    assert "nothing about it was found" in question_about_passages([], "What does a card cost?")
    assert question_about_passages([_NOTE], "What does a card cost?", "Fill in.").endswith("```\n\nFill in.")
