"""Files of tasks: those of the program, and what an expert may have written."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from desktop.check.tasks import builtin_tasks, digest_of, document_of, load_tasks, message_of
from desktop.check.types import Kind, Language
from desktop.common.errors import UserFacingError

GOOD: dict[str, Any] = {
    "id": "my-1",
    "kind": "facts",
    "language": "en",
    "text": "note",
    "question": "When is the meeting?",
    "expect": {"type": "any", "words": ["Tuesday"]},
}


def written(tmp_path: Path, *tasks: Any, **rest: Any) -> Path:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"version": 1, "texts": {"note": "We meet on Tuesday."}, "tasks": tasks, **rest}))
    return file


def test_there_are_twenty_of_each_kind_in_both_languages() -> None:
    counted = Counter((task.kind, task.language) for task in builtin_tasks().tasks)
    kinds = [kind for kind in Kind if kind not in (Kind.QUESTIONS, Kind.RATED)]
    expected = {(kind, language): 20 for kind in kinds for language in Language}
    assert counted == expected | {(Kind.QUESTIONS, Language.CHINESE): 20}


def test_tasks_about_one_text_come_after_each_other_so_that_it_is_read_once() -> None:
    texts = [task.text for task in builtin_tasks().tasks if task.kind is Kind.LONG_TEXT]
    assert texts == sorted(texts, key=texts.index)
    assert len(set(texts)) == 2


def test_long_texts_are_longer_than_the_context_that_chats_have() -> None:
    # 4,444 and 5,147 tokens of the vocabulary of Qwen2.5, whose tokens are long.
    assert {len(task.text) for task in builtin_tasks().tasks if task.kind is Kind.LONG_TEXT} == {19_273, 6_457}


def test_a_file_of_ones_own_is_read_with_its_texts(tmp_path: Path) -> None:
    (task,) = load_tasks(written(tmp_path, GOOD)).tasks
    assert task.text == "We meet on Tuesday."
    assert "We meet on Tuesday." in message_of(task)
    assert message_of(task).endswith("When is the meeting?")
    assert task.max_tokens == 64


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    whole = builtin_tasks().tasks
    file = tmp_path / "all.json"
    file.write_text(json.dumps(document_of(whole, "")))
    assert [digest_of(task) for task in load_tasks(file).tasks] == [digest_of(task) for task in whole]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "a b"}, 'task 2 (a b): "id"'),
        ({"id": "my-1"}, "task 2 (my-1): its id comes twice"),
        ({"id": 3}, 'task 2: "id"'),
        ({"kind": "poems"}, '"kind" must be one of'),
        ({"kind": []}, '"kind" must be one of'),
        ({"language": "fr"}, '"language" must be one of'),
        ({"question": " "}, '"question"'),
        ({"text": 3}, '"text"'),
        ({"text": "notice"}, '"texts" has no "notice"'),
        ({"max_tokens": 0}, '"max_tokens"'),
        ({"max_tokens": True}, '"max_tokens"'),
        ({"expect": None}, '"expect"'),
        ({"expect": {"type": "any", "words": ["meeting"]}}, "the answer stands in the question: meeting"),
        ({"answer": "x"}, 'nobody knows "answer"'),
    ],
)
def test_what_will_not_do_is_refused_with_the_entry_and_the_reason(
    change: dict[str, Any], says: str, tmp_path: Path
) -> None:
    with pytest.raises(UserFacingError) as refused:
        load_tasks(written(tmp_path, GOOD, {**GOOD, "id": "my-2", **change}))
    assert says in refused.value.detail
    assert "mine.json" in refused.value.detail
    assert "docs/TASKS.md" in refused.value.remedy


@pytest.mark.parametrize("content", ["", "[]", "{", '{"version": 1, "tasks": []}', '{"version": 2, "tasks": [1]}', "3"])
def test_what_is_no_such_file_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(content)
    with pytest.raises(UserFacingError):
        load_tasks(file)
    with pytest.raises(UserFacingError):
        load_tasks(tmp_path / "gone.json")
