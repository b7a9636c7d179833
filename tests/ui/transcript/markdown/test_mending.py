"""Markdown as small models write it, and what a reader expects to see of it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextBlockFormat, QTextCursor
from pytestqt.qtbot import QtBot

from desktop.ui.transcript.markdown.document import CHROME, blocks_of
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import answer, question
from tests.rigs.windows import copied, transcript
from tests.support.written import shown

# What is written, and what is shown of it: see tests/support/written.py.
_LISTS = {
    "code at the margin between items": (
        "1. First:\n```sh\nls\n```\n2. Second",
        ["1. First:", "ls", "2. Second"],
    ),
    "code that is indented too little": (
        "1. foo\n   ```python\ndef f():\n    return 1\n   ```\n2. bar",
        ["1. foo", "    def f():", "        return 1", "2. bar"],
    ),
    "a fence that is indented too little": (
        "1. foo\n  ```\n  x\n    y\n  ```\n2. bar",
        ["1. foo", "    x", "      y", "2. bar"],
    ),
    "a fence that is indented too far": ("- a\n\n      ```\n      x\n      ```\n- b", ["- a", "    x", "- b"]),
    "code that ends with its item": ("1. Run:\n   ```\n   npm i\n2. Next", ["1. Run:", "    npm i", "2. Next"]),
    "code behind the marker": ("- ```py\n  x\n  ```\n- b", ["    x", "- b"]),
    "inner items that are indented too little": (
        "1. one\n  - a\n  - b\n2. two\n  1. c",
        ["1. one", "    - a", "    - b", "2. two", "    1. c"],
    ),
    "inner items that are indented too far": ("- a\n        - b\n- c", ["- a", "    - b", "- c"]),
    "items behind a text": ("Steps:\n    - a\n    - b", ["Steps:", "- a", "- b"]),
    "tabs": ("- a\n\t- b\n\t\t- c", ["- a", "    - b", "        - c"]),
    "a paragraph of an item": ("1. a\n\n  more\n2. b", ["1. a", "    more", "2. b"]),
    "the same number again and again": ("1. a\n1. b\n1. c", ["1. a", "2. b", "3. c"]),
    "stairs of one blank": ("- a\n - b\n  - c", ["- a", "- b", "- c"]),
    "a sign for each depth": ("* a\n  + b\n    - c", ["- a", "    - b", "        - c"]),
    "a minus in a displayed formula": ("$$\nx\n- y\n$$\nend", ["\ufffc", "end"]),
}
_REST = {
    "code that is never closed": ("Look:\n\n```py\nx = 1", ["Look:", "x = 1"]),
    "Markdown in Markdown": (
        "```markdown\n# T\n```py\nx\n```\nend\n```\nafter",
        ["# T", "```py", "x", "```", "end", "after"],
    ),
    "headings without a blank": ("##Two\n###标题\n#tag", ["## Two", "### 标题", "#tag"]),
    "a text above a rule": ("One\nTwo\n---\nThree", ["One/Two", "Three"]),
    "a title above a rule": ("One\n---\nTwo", ["## One", "Two"]),
    "a table without its second line": ("| a | b |\n| 1 | 2 |", ["a", "b", "1", "2"]),
    "a table without its first line": ("|---|---|\n| 1 | 2 |", ["1", "2"]),
    "a table with too short a second line": ("| a | b | c |\n|---|\n| 1 | 2 | 3 |", ["a", "b", "c", "1", "2", "3"]),
    "a table below a text, above another": ("See:\n| a |\n|---|\n| 1 |\nSo.", ["See:", "a", "1", "So."]),
    "a break in a cell": ("| a |\n|---|\n| 1<br>2 |", ["a", "1/2"]),
    "tags": (
        "<details>\n<summary>More</summary>\n\n*x*\n</details>",
        ["<details>/<summary>More</summary>", "x/</details>"],
    ),
    "sources that nothing refers to": (
        "See.\n\n[1]: https://a.org\n[2]: https://b.org",
        ["See.", "[1]: https://a.org/[2]: https://b.org"],
    ),
    "letters above and below": ("H<sub>2</sub>O, m<sup>2</sup>, <b>x</b>", ["H2O, m2, <b>x</b>"]),
}


@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(*case, id=name) for name, case in (_LISTS | _REST).items()]
)
def test_what_is_written_carelessly_is_shown_as_it_was_meant(qtbot: QtBot, text: str, expected: list[str]) -> None:
    # GIVEN such an answer WHEN it is opened, and when it comes in letter by letter
    view = transcript(qtbot)
    view.show_messages([question(1), answer(2, text)], 0)
    at_once = shown(view)
    view.show_messages([question(1)], 0)
    view.begin_answer(None, "")
    for letter in text:
        view.grow_answer(letter, "")
        view._flush()
    # THEN it looks as a reader expects
    assert at_once == expected
    assert shown(view) == expected


def test_an_address_that_something_refers_to_is_shown_there(qtbot: QtBot) -> None:
    view = transcript(qtbot)
    view.show_messages([question(1), answer(2, "See [One].\n\n[one]: https://a.org")], 0)
    assert shown(view) == ["See One."]
    assert 'href="https://a.org"' in view.toHtml()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**中文。**中文", "<b>中文。</b>中文"),
        ("他说**“你好”**。", "他说<b>“你好”</b>。"),
        ("**重点：**文字，*斜体*。", "<b>重点：</b>文字，<i>斜体</i>。"),
        ("**Note: **text", "<b>Note:</b>text"),
        ("** Note ** text", "<b>Note</b> text"),
        ("**Note **", "<b>Note</b>"),
        ("**A** and **B**", "<b>A</b> and <b>B</b>"),
        ("**H**yper **T**ext", "<b>H</b>yper <b>T</b>ext"),
        ("***both***", "<b><i>both</i></b>"),
        ("*a **b** c*", "<i>a </i><b><i>b</i></b><i> c</i>"),
        ("**kwargs and then **kwargs", "**kwargs and then **kwargs"),
        ("**kwargs, 2 ** 3 ** 4", "**kwargs, 2 ** 3 ** 4"),
        ("a ** b ** c", "a ** b ** c"),
        ("**open", "**open"),
        (r"\*not\* \[not\](x) \# a\_x C:\Users\_x", "*not* [not](x) # a_x C:\\Users\\_x"),
        ("π*r*h, x²*y²*z, (a)*(b)*(c), (a)*b*(c)", "π*r*h, x²*y²*z, (a)*(b)*(c), (a)*b*(c)"),
        ('"a"*"b"*"c"', '"a"*"b"*"c"'),
        ('"*word*", (*word*), *"word"*', '"<i>word</i>", (<i>word</i>), <i>"word"</i>'),
        ("面积=长*宽*高，这是*重点*内容", "面积=长*宽*高，这是<i>重点</i>内容"),
        ("*a*, *b*-*c*", "<i>a</i>, <i>b</i>-<i>c</i>"),
        ("__init__.py __Bold__", "__init__.py <b>Bold</b>"),
    ],
)
def test_emphasis_is_where_a_reader_expects_it(qtbot: QtBot, text: str, html: str) -> None:
    view = transcript(qtbot)
    view.show_messages([answer(1, text)], 0)
    assert _marked(view) == html


def _marked(view: TranscriptView) -> str:
    parts: list[str] = []
    for block in blocks_of(view.document()):
        iterator = block.begin()
        while not iterator.atEnd():
            form, words = iterator.fragment().charFormat(), iterator.fragment().text()
            words = f"<i>{words}</i>" if form.fontItalic() else words
            words = f"<b>{words}</b>" if form.fontWeight() >= 700 else words
            parts.append("" if form.property(CHROME) else words)
            iterator += 1
    return "".join(parts)


def test_bare_addresses_are_links_that_end_where_chinese_begins(qtbot: QtBot) -> None:
    view = transcript(qtbot)
    view.show_messages([answer(1, "看https://a.org/x_y(1)。见 www.b.org, me@c.org and [d](https://d.org/*x*).")], 0)
    html = view.toHtml()
    for address in ("https://a.org/x_y(1)", "http://www.b.org", "mailto:me@c.org", "https://d.org/*x*"):
        assert f'href="{address}"' in html


def test_tasks_are_ticked_and_copied_as_such(qtbot: QtBot) -> None:
    # GIVEN a list of tasks
    view = transcript(qtbot)
    # WHEN it is shown
    view.show_messages([answer(1, "- [x] done\n- [ ] open\n  - [X] inner\n- [y] none\n- plain")], 0)
    # THEN it has boxes instead of brackets
    marks = QTextBlockFormat.MarkerType
    items = [block for block in blocks_of(view.document()) if QTextCursor(block).currentList() is not None]
    found = {block.text(): block.blockFormat().marker() for block in items}
    assert found == {
        "done": marks.Checked,
        "open": marks.Unchecked,
        "inner": marks.Checked,
        "[y] none": marks.NoMarker,
        "plain": marks.NoMarker,
    }
    # AND what is copied has the brackets
    assert copied(view) == "- [x] done\n- [ ] open\n  - [x] inner\n- [y] none\n- plain"
    # AND the box of one that is done looks different from that of one that is not
    picture = view.viewport().grab().toImage()
    link = view.palette().link().color()
    rows = {name: _rows_of(view, name) for name in ("done", "open")}
    filled = {
        name: sum(picture.pixelColor(x, y) == link for y in rows[name] for x in range(picture.width())) for name in rows
    }
    assert filled["done"] > 20 > filled["open"]


def _rows_of(view: TranscriptView, text: str) -> range:
    block = next(each for each in blocks_of(view.document()) if each.text() == text)
    area = view.document().documentLayout().blockBoundingRect(block)
    return range(round(area.top()), round(area.bottom()))
