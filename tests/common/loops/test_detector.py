"""What is a loop, and what is repeated on purpose."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from desktop.common.loops.asked import things_asked, times_asked
from desktop.common.loops.detector import LoopDetector, without_loop
from tests.common.loops.on_purpose import ON_PURPOSE

# What SmolLM2 135M went on with to its limit, at a temperature of 0 and without a penalty for what was said.
_REAL = json.loads((Path(__file__).parent / "real_loops.json").read_text(encoding="utf-8"))

_SENTENCE = "The weather in the mountains is very nice in the summer and in the winter. "
_CHINESE = "学习的关键在于坚持和练习，所以每天都要花时间去复习。"
LOOPS = {
    "a sentence": "Cats are animals. " + _SENTENCE * 40,
    "a line": "Here it is:\n" + "Be kind to other people and listen to what they say.\n" * 40,
    "a word": "It is a very " + "very " * 300,
    "a token": "Well" + "!" * 2000,
    "a syllable": "ha" * 600,
    "a list whose numbers go on": "".join(
        f"{at}. Improve the quality of the product and the service.\n" for at in range(1, 60)
    ),
    "a list with stars": "Tips:\n" + "* Drink water and sleep well every night.\n" * 30,
    "sentences in turn": "One. "
    + "The dog barks at the cat. The cat runs from the dog. The man laughs at both of them. " * 20,
    "numbers that count for ever": ", ".join(map(str, range(1, 2000))),
    "years": "".join(f"In {year}, the population of the city was growing fast.\n" for year in range(1900, 2000)),
    "Chinese": "你好。" + _CHINESE * 30,
    "a Chinese word": "非常" * 200,
    "a Chinese list": "".join(f"{at}、坚持每天运动，保持良好的心情。\n" for at in range(1, 60)),
    "a question and its answer": "Question: What is it?\nAnswer: It is a small cat.\n" * 30,
    "blank lines": "The end." + "\n" * 2000,
    "code": "```python\n" + "    result = compute(result, value)\n" * 80,
    "rows of one table": "| a | b |\n| --- | --- |\n" + "| The quick brown fox | jumps over the dog |\n" * 30,
    "rows in turn that begin alike": "| Planet | Size |\n| --- | --- |\n"
    + "".join(
        f"| {('Uranus', 'Saturn', 'Neptune', 'Uranus', 'Jupiter', 'Neptune')[at % 6]} | {at} |\n" for at in range(150)
    ),
    "emoji": "Great " + "😀" * 1500,
    "Japanese": "はい。" + "これはとても大切なことです。" * 40,
}
_POEM = """The wind goes over the hill,
the sheep stand still in the rain,
and I shall be waiting, waiting still,
till you come home again.

The moon goes over the sea,
the boats go out on the main,
and I shall be waiting, waiting still,
till you come home again.

The year goes over the land,
the swallows fly over the grain,
and I shall be waiting, waiting still,
till you come home again.

"""
_SONG = """Row, row, row your boat,
Gently down the stream,
Merrily, merrily, merrily, merrily,
Life is but a dream.

Na na na nananana, nananana, hey hey
Na na na nananana, nananana, hey hey
Na na na nananana, nananana, hey hey
Na na na nananana, nananana, hey hey

We all sail out on the deep blue sea, deep blue sea, deep blue sea,
We all sail out on the deep blue sea, deep blue sea, deep blue sea.
"""
FINE = {
    "a poem with a refrain": _POEM * 2,
    "a song": _SONG,
    "a villanelle": "\n".join(
        f"The night is {word} and I must go alone,\nI hear the {word} sea upon the stone."
        for word in ["cold", "dark", "long", "deep", "wide", "still"]
    ),
    "a multiplication table": "".join(f"{a} x {b} = {a * b}\n" for a in range(1, 13) for b in range(1, 13)),
    "one row of it": "\n".join(f"7 × {b} = {7 * b}" for b in range(1, 41)),
    "a table": "| Day | Open | Closed |\n| --- | --- | --- |\n"
    + "".join(
        f"| {day} | 9:00 | 18:00 |\n"
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    ),
    "a matrix": "```\n" + "[0, 0, 0, 0, 0, 0, 0, 0],\n" * 10 + "```",
    "code with similar lines": "```python\n"
    + "".join(
        f"    parser.add_argument('--{name}', type=str, default='')\n"
        for name in ("one", "two", "three", "four", "five", "six")
    )
    + "    print('hello')\n" * 6
    + "```\nIt prints hello.",
    "HTML": "```html\n<table>\n" + "  <tr><td></td><td></td></tr>\n" * 10 + "</table>\n```",
    "JSON": json.dumps([{"name": "", "value": 0}] * 10, indent=1),
    "a drawing": "\n".join(["#" * 60] + ["#" + " " * 58 + "#"] * 10 + ["#" * 60]),
    "a rule": "Title\n" + "=" * 200 + "\nText.",
    "numbers": "The first primes are "
    + ", ".join(str(n) for n in range(2, 700) if all(n % d for d in range(2, n)))
    + ".",
    "thirty numbers": ", ".join(map(str, range(1, 51))),
    "laughter": "Ha" + "ha" * 30 + "! That is funny.",
    "a list that begins alike": "".join(
        f"{at}. You can {verb} with your friends in the park.\n"
        for at, verb in enumerate(
            ["walk", "run", "sing", "dance", "read", "write", "draw", "paint", "cook", "swim", "climb", "play"], 1
        )
    ),
    "a ladder": "".join("*" * width + "\n" for width in range(1, 30)),
    "Chinese verse": "床前明月光，疑是地上霜。举头望明月，低头思故乡。" * 2,
    "a Chinese list": "".join(
        f"{at}、{word}可以让身体更健康。\n"
        for at, word in enumerate(["跑步", "游泳", "散步", "登山", "骑车", "跳舞", "打球", "瑜伽"], 1)
    ),
    "a dialogue": "".join(
        f"A: {line}\nB: Yes.\n"
        for line in ("Are you well?", "Is it late?", "Shall we go?", "Is it far?", "Will it rain?")
    ),
    "a counting rhyme": "".join(
        f"{word} little ducks went out to play, over the hills and far away.\n"
        for word in ["Five", "Four", "Three", "Two", "One"]
    ),
    "dates": "".join(f"- 2024-{month:02}-01: rent {500 + month * month}\n" for month in range(1, 13)),
    "a chess board": "\n".join("abcdefgh"[row % 2 :] + " . # . # . # . #" for row in range(8)),
    "bottles": "".join(
        f"{n} bottles of milk on the wall, {n} bottles of milk.\nTake one down, pass it round, "
        f"{n - 1} bottles of milk on the wall.\n"
        for n in range(10, 0, -1)
    ),
}


def heard(text: str, asked: int = 0, size: int = 4) -> int | None:
    """Returns after how many characters a detector has had enough; None: it has not."""
    detector = LoopDetector(asked)
    for at in range(0, len(text), size):
        if detector.accept(text[at : at + size]):
            return at + size
    return None


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("size", [1, 3, 50])
def test_a_loop_is_noticed(name: str, size: int) -> None:
    stopped = heard(LOOPS[name], size=size)
    assert stopped is not None
    assert stopped <= 1_400


@pytest.mark.parametrize("name", FINE)
def test_what_is_repeated_on_purpose_is_none(name: str) -> None:
    assert heard(FINE[name]) is None
    assert without_loop(FINE[name]) == FINE[name]


@pytest.mark.parametrize("name", ON_PURPOSE)
@pytest.mark.parametrize("size", [1, 4, 9])
def test_what_was_wanted_with_its_question_is_none(name: str, size: int) -> None:
    question, text = ON_PURPOSE[name]
    detector = LoopDetector(times_asked(question), things_asked(question))
    assert not any(detector.accept(text[at : at + size]) for at in range(0, len(text), size))


@pytest.mark.parametrize("spoken", _REAL, ids=lambda spoken: spoken["question"][:40])
def test_a_loop_of_a_real_model_is_noticed(spoken: dict[str, str]) -> None:
    question, text = spoken["question"], spoken["answer"]
    detector = LoopDetector(times_asked(question), things_asked(question))
    stopped = next(at for at in range(0, len(text), 4) if detector.accept(text[at : at + 4])) + 4
    assert heard(without_loop(text[:stopped])) is None


def test_there_are_enough_of_both() -> None:
    assert len(ON_PURPOSE) >= 30
    assert len(_REAL) >= 15


def test_a_long_sentence_is_stopped_after_three_times() -> None:
    text = "Cats are animals. " + _SENTENCE * 40
    stopped = heard(text)
    assert stopped is not None
    assert stopped <= len("Cats are animals. ") + 3.6 * len(_SENTENCE)


@pytest.mark.parametrize("name", LOOPS)
def test_what_is_kept_has_it_once(name: str) -> None:
    text = LOOPS[name]
    stopped = heard(text)
    assert stopped is not None
    kept = without_loop(text[:stopped])
    assert text.startswith(kept)
    assert len(kept) < stopped
    assert heard(kept) is None


def test_what_is_kept_of_a_sentence() -> None:
    text = "Cats are animals. " + _SENTENCE * 5
    assert without_loop(text[: heard(text)]) == ("Cats are animals. " + _SENTENCE).strip()


@pytest.mark.parametrize(
    ("question", "times"),
    [
        ("Write 100 times: I must not talk in class", 100),
        ("Count from 1 to 500", 500),
        ("Repeat after me: hello", 100),
        ("List the numbers from 1 to 1,000", 1000),
        ("抄写一百遍：我不该说话", 100),
        ("把“我爱你”写50遍", 50),
        ("从1数到300", 300),
        ("What is the capital of France?", 0),
        ("Write a poem about the sea", 0),
        ("", 0),
        ("x" * 100_000, 0),
    ],
)
def test_what_a_question_asks_for(question: str, times: int) -> None:
    assert times_asked(question) == times


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("A training plan for two weeks", 14),
        ("Make me a 30-day challenge", 30),
        ("Plan a month of dinners", 31),
        ("Write 30 insert statements", 30),
        ("两周的锻炼计划", 14),
        ("写一个月的计划", 31),
        ("十二道题", 12),
        ("二十条建议", 20),
        ("列出30天的菜单", 30),
        ("Write a story of 500 words", 1),
        ("What happened in 1990?", 0),
        ("In 100 years, what will be?", 0),
        ("", 0),
        ("x" * 100_000, 0),
    ],
)
def test_of_how_many_things_a_question_asks(question: str, things: int) -> None:
    assert things_asked(question) == things


def test_what_was_asked_for_is_written_and_not_for_ever() -> None:
    line = "I must not talk in class while others read.\n"
    assert heard(line * 100, asked=times_asked(f"Write 100 times: {line}")) is None
    stopped = heard(line * 400, asked=100)
    assert stopped is not None
    assert stopped < len(line) * 104
    assert heard("".join(f"{at}, " for at in range(1, 501)), asked=times_asked("Count to 500")) is None


def test_a_refrain_between_other_lines_for_an_hour_takes_no_time() -> None:
    text = "".join(
        f"Line {at * at} is about the {at * 7919 % 1013} of {at * 104729 % 997} things.\n"
        for at in itertools.islice(itertools.count(), 2_000)
    )
    assert heard(text) is None
