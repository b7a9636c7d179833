"""Answers that were marked down become a file of tasks that the check reads again."""

from __future__ import annotations

from pathlib import Path

from desktop.check.ratings import ABOUT, tasks_of
from desktop.check.scoring.score import score
from desktop.check.tasks import document_of, load_tasks
from desktop.check.types import Language
from desktop.common.json_file import write_json
from desktop.engine.types import Message, Role

ASK, SAY = Role.USER, Role.ASSISTANT


def test_a_file_of_them_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    # GIVEN two answers that were marked down, one of them in the middle of a conversation, and what is none
    marked = [
        (3, (Message(ASK, "What is the capital of Italy?"), Message(SAY, "Siracù."))),
        (9, (Message(ASK, "你好"), Message(SAY, "你好！"), Message(ASK, "法国的首都是哪里？"), Message(SAY, "伦敦。"))),
        (11, (Message(SAY, "An answer to nothing."),)),
        (12, (Message(ASK, "And?"), Message(SAY, "  "))),
    ]
    # WHEN they are written and read
    file = tmp_path / "marked.json"
    write_json(file, document_of(tasks_of(marked).tasks, ABOUT))
    tasks = load_tasks(file).tasks
    # THEN each asks its question, with what was said before, and the same answer is wrong again
    assert [task.id for task in tasks] == ["rated-3", "rated-9"]
    assert [task.language for task in tasks] == [Language.ENGLISH, Language.CHINESE]
    assert tasks[0].question == "What is the capital of Italy?"
    assert tasks[1].question.split("\n\n") == ["问: 你好", "答: 你好！", "问: 法国的首都是哪里？"]
    assert not score(tasks[0], "siracù", lambda *_: None)
    assert score(tasks[0], "Rome.", lambda *_: None)
    assert not score(tasks[1], "伦敦", lambda *_: None)


def test_a_long_conversation_loses_its_beginning_and_never_its_question() -> None:
    turns = tuple(Message((ASK, SAY)[at % 2], f"{at} " + "x" * 3_000) for at in range(20))
    (task,) = tasks_of([(1, turns)]).tasks
    assert len(task.question) <= 20_000
    assert task.question.rpartition("\n\n")[2].startswith("Question: 18 ")
