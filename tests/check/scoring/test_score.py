"""Scorers: right, wrong, nearly right, and answers that cheat, for each way to expect something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from desktop.check.scoring.score import ExpectationError, check_expectation, score
from desktop.check.tasks import builtin_tasks
from desktop.check.types import Kind, Language, Task

TABLE = "| Name | Age |\n|---|---|\n| Ann | 31 |\n| Bob | 45 |"


def task(question: str, expect: dict[str, Any]) -> Task:
    made = Task("t", Kind.FACTS, Language.ENGLISH, question, expect)
    check_expectation(made)
    return made


def nobody_runs(_code: str, _function: str, _calls: Sequence[Sequence[Any]]) -> None:
    raise AssertionError("nothing is to be run here")


def is_right(question: str, expect: dict[str, Any], answer: str) -> bool:
    return score(task(question, expect), answer, nobody_runs)


WORDS = {"type": "any", "words": ["Tuesday"], "others": ["Monday", "Friday"], "room": 120}


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("Tuesday", True),
        ("The meeting is on **Tuesday**.", True),
        ("TUESDAY!", True),
        ("Monday", False),
        ("It is not on Tuesday.", False),
        ("It isn't Tuesday", False),
        ("Tuesdayish", False),
        ("When is the meeting?", False),
        ("Monday, Tuesday, Friday", False),
        ("", False),
        ("It is on Tuesday. " + "The hall is large and bright. " * 5, False),
    ],
)
def test_words_are_said_once_and_nothing_else_is(answer: str, right: bool) -> None:
    assert is_right("When is the meeting?", WORDS, answer) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [("周三", True), ("是周三。", True), ("不是周三", False), ("每周星期几朗读？", False), ("周一、周二、周三", False)],
)
def test_chinese_words_need_no_borders(answer: str, right: bool) -> None:
    expect = {"type": "any", "words": ["周三"], "others": ["周一", "周二"]}
    assert is_right("每周星期几朗读？", expect, answer) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [("35", True), ("35 goats.", True), ("135", False), ("35.5", False), ("3,500", False), ("350", False)],
)
def test_a_figure_is_not_part_of_another_one(answer: str, right: bool) -> None:
    assert is_right("How many goats are there?", {"type": "any", "words": ["35"]}, answer) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("42", True),
        ("14 * 3 = 42", True),
        ("Two cost 28, so three are 42 euros.", True),
        ("The answer is 42. Because 14 times 3 is 42.", True),
        ("42.0", True),
        ("4２", True),
        ("四十二", True),
        ("43", False),
        ("420", False),
        ("-42", False),
        ("14 * 3 = 41", False),
        ("A book costs 14 euros. How many euros do 3 such books cost?", False),
        ("39 40 41 42", False),
        ("It could be 40, 41 or 42.", False),
        ("14", False),
        ("forty", False),
        ("1" * 400, False),
    ],
)
def test_a_number_is_the_last_one_and_no_list_of_guesses(answer: str, right: bool) -> None:
    question = "A book costs 14 euros. How many euros do 3 such books cost?"
    assert is_right(question, {"type": "number", "value": 42}, answer) is right


def test_a_number_may_be_a_little_off_where_that_is_allowed() -> None:
    expect = {"type": "number", "value": 3.14, "tolerance": 0.01}
    assert is_right("What is pi?", expect, "It is 3.1416.")
    assert not is_right("What is pi?", expect, "It is 3.2.")


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (TABLE, True),
        (f"Here it is:\n\n{TABLE}\n", True),
        (f"```markdown\n{TABLE}\n```", True),
        ("| name | AGE |\n|:--|--:|\n| Bob | 45 |\n| Ann | 31 |", True),
        ("| Name | Age |\n| Ann | 31 |\n| Bob | 45 |", False),
        ("| Name | Age |\n|---|---|\n| Ann | 31 |", False),
        ("| Name | Age |\n|---|---|\n| Ann | 31 |\n| Bob | 54 |", False),
        ("| Name | Age | City |\n|---|---|---|\n| Ann | 31 | x |\n| Bob | 45 | y |", False),
        (f"{TABLE}\n\n{TABLE}", False),
        ("Ann is 31, Bob is 45.", False),
        ("", False),
    ],
)
def test_a_table_has_its_columns_and_rows(answer: str, right: bool) -> None:
    expect = {"type": "table", "columns": ["Name", "Age"], "rows": [["Ann", "31"], ["Bob", "45"]]}
    assert is_right("Make a table.", expect, answer) is right


def test_a_table_of_a_shape_has_something_in_every_row() -> None:
    expect = {"type": "table", "columns": 2, "rows": 2}
    assert is_right("Make a table.", expect, TABLE)
    assert not is_right("Make a table.", expect, "| a | b |\n|---|---|\n|  |  |\n|  |  |")
    assert not is_right("Make a table.", {"type": "table", "columns": 2, "rows": 3}, TABLE)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ('{"name": "Ann", "age": 31}', True),
        ('```json\n{"age": 31, "name": "ann"}\n```', True),
        ('{"name": "Ann", "age": "31"}', True),
        ('{"name": "Ann", "age": 32}', False),
        ('{"name": "Ann"}', False),
        ('{"name": "Ann", "age": 31, "city": "Oslo"}', False),
        ('{"Name": "Ann", "age": 31}', False),
        ('Sure: {"name": "Ann", "age": 31}', False),
        ('{"name": "Ann", "age": 31', False),
        ('{"name": "Ann", "name": "Bob", "age": 31}', False),
        ("[" * 5000, False),
        ("Ann is 31.", False),
    ],
)
def test_json_parses_and_is_the_value(answer: str, right: bool) -> None:
    expect = {"type": "json", "value": {"name": "Ann", "age": 31}}
    assert is_right("Give JSON.", expect, answer) is right


def test_true_is_not_one() -> None:
    assert not is_right("Give JSON.", {"type": "json", "value": {"ok": True}}, '{"ok": 1}')
    assert not is_right("Give JSON.", {"type": "json", "value": [1]}, "[true]")


@pytest.mark.parametrize(
    ("rules", "right", "wrong"),
    [
        ({"words": 3}, "fish and milk", "fish"),
        ({"words": [1, 3]}, "fish", "one two three four"),
        ({"characters": [1, 4]}, "月亮很亮", "月亮非常明亮"),
        ({"lines": 2}, "a\n\nb", "a\nb\nc"),
        ({"sentences": 2}, "One. Two!", "One."),
        ({"items": 3}, "cat, dog, hen", "cat, dog"),
        ({"items": 3}, "猫、狗、鸡", "猫、狗"),
        ({"bullets": 2}, "- a\n- b", "a\nb"),
        ({"numbered": 2}, "1. a\n2. b", "1. a\n3. b"),
        ({"starts": "Because"}, "Because it is light.", "It is light."),
        ({"ends": "!"}, "大海啊！", "The sea."),
        ({"ends": "THE END"}, "A king. THE END.", "A king. The end"),
        ({"case": "upper"}, "HELLO", "Hello"),
        ({"case": "lower"}, "rain falls", "Rain falls"),
        ({"language": "zh"}, "夏天很热。", "It is hot."),
        ({"language": "en"}, "It is hot.", "夏天 is hot."),
        ({"contains": ["river", "bridge"]}, "A bridge over a river", "A bridge"),
        ({"without": ["e"]}, "mango", "apple"),
        ({"says": ["moon", "light"]}, "A light.", "I do not know."),
    ],
)
def test_a_form_is_kept_or_not(rules: dict[str, Any], right: str, wrong: str) -> None:
    expect = {"type": "form", **rules}
    assert is_right("Do as I say, please.", expect, right)
    assert not is_right("Do as I say, please.", expect, wrong)
    assert not is_right("Do as I say, please.", expect, "Do as I say, please.")
    assert not is_right("Do as I say, please.", expect, "")


def test_an_answer_that_goes_on_and_on_has_no_form() -> None:
    assert not is_right("Name a fruit.", {"type": "form", "contains": ["mango"]}, "mango " * 400)


def test_exact_words_and_patterns() -> None:
    assert is_right("Yes or no?", {"type": "exact", "words": ["yes"]}, " Yes. ")
    assert not is_right("Yes or no?", {"type": "exact", "words": ["yes"]}, "Yes and no")
    assert is_right("A code?", {"type": "regex", "pattern": r"[A-Z]{2}\d{3}"}, "AB123\n")
    assert not is_right("A code?", {"type": "regex", "pattern": r"[A-Z]{2}\d{3}"}, "The code is AB123")


def test_what_was_marked_down_is_not_said_again() -> None:
    bad = "The capital of Italy is Siracù, a large town by the sea."
    expect = {"type": "not-again", "answers": [bad]}
    assert not is_right("What is the capital of Italy?", expect, bad)
    assert not is_right("What is the capital of Italy?", expect, "the capital of Italy is Siracù, a town by the sea")
    assert not is_right("What is the capital of Italy?", expect, " ")
    assert is_right("What is the capital of Italy?", expect, "Rome.")


@pytest.mark.parametrize(
    ("expect", "why"),
    [
        ({}, "type"),
        ({"type": "guess"}, "type"),
        ({"type": "any", "words": []}, "words"),
        ({"type": "any", "words": ["meeting"]}, "stands in the question"),
        ({"type": "any", "words": ["Friday"], "others": ["friday"]}, "forbids"),
        ({"type": "any", "words": ["x"], "room": True}, "room"),
        ({"type": "any", "words": ["..."]}, "signs"),
        ({"type": "any", "words": ["x"], "word": 1}, "knows no"),
        ({"type": "regex", "pattern": "("}, "no regular expression"),
        ({"type": "regex", "pattern": ".*"}, "fits the question"),
        ({"type": "number", "value": "4"}, "value"),
        ({"type": "number", "value": True}, "value"),
        ({"type": "number", "value": 4, "tolerance": -1}, "tolerance"),
        ({"type": "number", "value": 12}, "stands in the question"),
        ({"type": "table", "columns": 2, "rows": [["a"]]}, "2 cells"),
        ({"type": "table", "columns": "x", "rows": 1}, "columns"),
        ({"type": "json", "value": 3}, "value"),
        ({"type": "python", "function": "a b", "calls": [[[], 1]]}, "function"),
        ({"type": "python", "function": "f", "calls": [[1, 1]]}, "calls"),
        ({"type": "form"}, "needs one of"),
        ({"type": "form", "words": -1}, "words"),
        ({"type": "form", "case": "camel"}, "case"),
        ({"type": "form", "case": ["upper"]}, "case"),
        ({"type": ["any"]}, "type"),
    ],
)
def test_what_cannot_be_told_is_refused_with_its_reason(expect: dict[str, Any], why: str) -> None:
    with pytest.raises(ExpectationError, match=why):
        check_expectation(Task("t", Kind.FACTS, Language.ENGLISH, "Is the meeting at 12?", expect))


@pytest.mark.parametrize("each", builtin_tasks().tasks, ids=lambda each: each.id)
def test_no_task_of_ours_takes_its_own_question_or_text_for_an_answer(each: Task) -> None:
    for answer in (
        each.question,
        each.text,
        f"{each.question} {each.text}",
        "",
        "I don't know.",
        "我不知道。",
        "Sure!",
        "当然可以！",
    ):
        assert not score(each, answer, lambda *_: None)
