"""Arguments of the command line that nobody means."""

from __future__ import annotations

import os

import pytest

from desktop.arguments.parsing import VERBS, parse


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data-dir", ""],
        ["--data-dir", " ", "models", "list"],
        ["models", "list", "--data-dir="],
        ["--catalog", ""],
        ["chats", "export", "-o", ""],
        ["chats", "import", ""],
        ["models", "info", ""],
        ["models", "import", " "],
        ["models", "verify", ""],
        ["ask", "hi", "--model", ""],
        ["check", ""],
    ],
)
def test_a_variable_that_is_not_set_does_not_mean_the_working_directory(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert "it is empty" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "hi", "--x\x1b]0;title\x07"],
        ["\x1b[2J"],
        ["ask", "hi", "--temperature", "\x9b2J\u202e"],
        ["ask", "hi", "--seed", "1\r2"],
        ["models", "list", "extra\x1b[2J"],
    ],
)
def test_what_is_quoted_says_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--ctx=5", "at least 256 tokens"),
        ("--threads=-1", "-1; allowed: 0 - 64"),
        ("--seed=1e999", "inf; allowed: -1 - 2147483647"),
        ("--max-tokens=1.5", "1.5; allowed: 0 - 32768"),
    ],
)
def test_a_number_that_cannot_be_is_told_with_those_that_can(
    capsys: pytest.CaptureFixture[str], argument: str, said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["ask", "hi", argument])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_an_action_is_told_by_any_name() -> None:
    parsed = parse(["--action", "Mach es kürzer, 变短"])
    assert (parsed.app_verb, parsed.quick_action) == ("action", "Mach es kürzer, 变短")
    assert parse(["--quick-ask"]).quick_action is None


@pytest.mark.parametrize(
    "arguments",
    [["--action"], ["--action", " "], ["--action", "explain", "--quick-ask"], ["--action", "explain", "ask", "Who?"]],
)
def test_an_action_without_a_name_or_beside_another_verb_is_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2


@pytest.mark.parametrize(
    "arguments", [["servers", "discover"], ["gpu"], ["gpu", "status"], ["serve"], ["serve", "--port", "0"], ["doctor"]]
)
def test_what_may_be_left_out_may_be_left_out(arguments: list[str]) -> None:
    assert parse(arguments).verb == arguments[0]


@pytest.mark.parametrize("arguments", [["gpu", "--json"], ["gpu", "--json", "status"], ["gpu", "status", "--json"]])
def test_an_action_that_is_left_out_takes_its_options_with_it(arguments: list[str]) -> None:
    parsed = parse(arguments)
    assert (parsed.action, parsed.json) == ("status", True)
    assert parse(["gpu"]).json is False and parse(["gpu", "test"]).json is False


@pytest.mark.parametrize("verb", [name for name, _ in VERBS])
def test_every_verb_that_is_listed_is_described(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([verb, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "--json" in said or "ACTION" in said


def test_a_student_is_made_by_as_many_threads_as_there_are_processors() -> None:
    assert parse(["student", "train", "x", "--threads", "100000"]).threads == os.cpu_count()
    assert parse(["student", "run", "x", "--threads", "1"]).threads == 1
