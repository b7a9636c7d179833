"""Texts in which much is the same, as people want them: what a question asks for, and the answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_BELLS: Final = "\nRing out, ring out, you bells of the town,\nring out till the sun goes down.\n\n"
_WIND: Final = "\n风啊风，轻轻吹，\n吹到家乡我跟随。\n\n"
_VERSES: Final = (
    *("The baker is up before the day,\nhis ovens are warm and red.", "The smith has a fire of his own."),
    *("The child is asleep in the upper room.", "The river is slow beneath the bridge.", "The night has stars."),
)
_SEASONS: Final = ("春天来了花儿开，", "夏天来了荷叶圆，", "秋天来了稻谷黄，", "冬天来了雪花飘，", "一年过去又一年，")
_NAMES: Final = [
    "Anna",
    "Ben",
    "Cara",
    "Dora",
    "Emil",
    "Finn",
    "Gina",
    "Hugo",
    "Ines",
    "Jan",
    "Kira",
    "Leo",
    "Mona",
    "Nils",
]
_BYTES: Final = base64.b64encode(bytes(range(256)) * 3).decode()
_PICTURE: Final = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAA"
_INSERTS: Final = "".join(f"INSERT INTO users (id, name, on) VALUES ({at}, 'user{at}', 1);\n" for at in range(1, 31))
_CARD: Final = "| B | I | N | G | O |\n|---|---|---|---|---|\n"
_STAVE: Final = "e|---0---0---0---0---|\nB|---1---1---1---1---|\nG|---0---0---0---0---|\nD|---2---2---2---2---|\n"

ON_PURPOSE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "a poem": ("Write a poem", "".join(verse + _BELLS for verse in _VERSES)),
        "a Chinese poem": ("写一首诗", "".join(season + _WIND for season in _SEASONS)),
        "two tigers": (
            "唱两只老虎",
            "两只老虎，两只老虎，\n跑得快，跑得快，\n一只没有耳朵，一只没有尾巴，\n真奇怪，真奇怪。\n\n" * 2,
        ),
        "Brother John": (
            "Write the song",
            "Are you sleeping, are you sleeping,\nBrother John, Brother John?\nDing dang dong, ding dang dong.\n\n" * 2,
        ),
        "bottles": (
            "Write the song",
            "".join(f"{at} bottles on the wall,\nif one falls,\n{at - 1} are on it.\n\n" for at in range(10, 0, -1)),
        ),
        "a birthday": ("Sing", "Happy birthday to you,\nhappy birthday to you,\nhappy birthday, dear Anna!\n" * 2),
        "a chorus": ("Sing", "We sing all night, we sing all day,\nwe sing our troubles away.\n" * 2 + "\nMorning.\n"),
        "la la": ("Sing", "La la la, la la la,\nla la la la la la,\nLa la la, la la la,\nla la la la la la.\n"),
        "a litany": ("Write a litany", "".join(f"{name},\npray for us.\n" for name in _NAMES)),
        "a lullaby": ("唱摇篮曲", ("睡吧，睡吧，我亲爱的宝贝，\n" * 2 + "妈妈的双手轻轻摇着你。\n") * 2),
        "a free week": (
            "Make an empty timetable",
            "| Time | Monday |\n|---|---|\n" + "".join(f"| {hour:02}:00 | free |\n" for hour in range(8, 19)),
        ),
        "equal rows": (
            "Who has paid?",
            "| Name | Paid | Note |\n|---|---|---|\n" + "".join(f"| {name} | yes | - |\n" for name in _NAMES),
        ),
        "an empty table": ("A table to fill in", "| Item | Price | Done |\n|---|---|---|\n" + "|  |  |  |\n" * 12),
        "a tree": ("Draw", "```\n" + "".join(" " * (20 - at) + "*" * (2 * at + 1) + "\n" for at in range(20)) + "```"),
        "a box": ("Draw", f"+{'-' * 28}+\n" + f"|{' ' * 28}|\n" * 10 + f"+{'-' * 28}+\n"),
        "cats": ("Draw", " /\\_/\\  /\\_/\\  /\\_/\\\n( o.o )( o.o )( o.o )\n > ^ <  > ^ <  > ^ <\n" * 4),
        "numbers": ("Count to 100", "\n".join(map(str, range(1, 101)))),
        "even numbers": ("List the even numbers", ", ".join(map(str, range(2, 101, 2)))),
        "base64": ("Encode it", "```\n" + "\n".join(_BYTES[at : at + 76] for at in range(0, 1000, 76)) + "\n```"),
        "base64 without a fence": ("Encode it", f"Here it is:\n\n{_PICTURE}{'A' * 200}ElFTkSuQmCC\n"),
        "base64 in a fence": ("Encode it", f"```\n{_PICTURE}{'A' * 300}ElFTkSuQmCC\n```"),
        "lines of code": ("Show it", "```html\n<p>Hello</p>\n" + "<br>\n" * 15 + "<p>Bye</p>\n```"),
        "a menu": ("A menu", "```html\n<ul>\n" + '  <li><a href="#">Link</a></li>\n' * 10 + "</ul>\n```"),
        "inserts": ("Write 30 insert statements", f"```sql\n{_INSERTS}```"),
        "inserts without a fence": ("Write insert statements", _INSERTS),
        "laughter": ("Laugh", "Ha ha ha ha ha ha ha ha ha ha ha ha! That is funny. " + "ha" * 60),
        "Chinese laughter": ("讲个笑话", "哈" * 40 + "，太好笑了。"),
        "seven times": ("The table of 7", "".join(f"{at} x 7 = {at * 7}\n" for at in range(1, 21))),
        "nine times": ("9的乘法表", "".join(f"{at}乘以9等于{at * 9}。\n" for at in range(1, 13))),
        "a grid": (
            "Multiply", "".join("".join(f"{one * other:4}" for other in range(1, 11)) + "\n" for one in range(1, 11)),
        ),
        "bingo": ("Make 4 empty bingo cards", (_CARD + "|   |   |   |   |   |\n" * 5 + "\n") * 4),
        "an array": ("An array of 200 zeros", json.dumps([0] * 200)),
        "an array in lines": ("An array of zeros", "```json\n[\n" + "  0,\n" * 60 + "  0\n]\n```"),
        "a matrix": ("A matrix of zeros", "The matrix is:\n\n" + "0 0 0 0 0 0 0 0 0 0\n" * 10 + "\nIt is empty."),
        "a dump": (
            "Show it",
            "```\n" + "".join(f"{at:08x}  00 00 00 00 00 00 00 00  |........|\n" for at in range(0, 320, 16)),
        ),
        "tablature": ("The tabs", _STAVE * 4),
        "chords": ("The chords", "| C | G | Am | F |\n" * 8),
        "knitting": (
            "A pattern for a scarf",
            "".join(f"Row {at}: Knit 2, purl 2, repeat to the end.\n" for at in range(1, 12)),
        ),
        "sudoku": ("An empty sudoku", ("| . . . | . . . | . . . |\n" * 3 + "+-------+-------+-------+\n") * 3),
        "a form": ("A form", "".join(f"{name}: ______________________________\n" for name in _NAMES)),
        "contents": ("A book", "".join(f"Chapter {at} {'.' * 40} {at * 12}\n" for at in range(1, 13))),
        "two weeks": (
            "A training plan for two weeks",
            "".join(f"Day {at}: 20 push-ups, 20 squats and a walk of thirty minutes.\n" for at in range(1, 15)),
        ),
        "Chinese weeks": (
            "两周的锻炼计划", "".join(f"第{at}天：早上跑步三十分钟，晚上拉伸十分钟。\n" for at in range(1, 15)),
        ),
        "a log": (
            "Show it",
            "```\n" + "".join(f"2026-11-29 12:00:{at:02} INFO done status=200\n" for at in range(30)) + "```",
        ),
        "genes": ("Show it", "ATG" + "CAG" * 25 + "TAA"),
        "rulers": ("Show it", f"Part one\n{'=' * 80}\nPart two\n{'-' * 80}\n" + "🎉" * 30),
        "labels": ("12 address labels", "Anna Miller\n12 High Street\nOxford\n\n" * 3),
        "figures of many years": (
            "How did it grow?",
            "".join(f"In {1990 + at} there were {3_000 + at * at * 7 % 911} people here.\n" for at in range(20)),
        ),
    }
)  # fmt: skip
