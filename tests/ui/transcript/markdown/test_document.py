from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QPalette, QTextCursor, QTextDocument

from desktop.ui.transcript.markdown.document import KIND, Kind, blocks_of, insert_markdown
from desktop.ui.transcript.markdown.source import FinalPart, final_part
from desktop.ui.transcript.plain_text import code_below, plain_text
from desktop.ui.transcript.typography import typography

ANSWER = """Intro with `code`.

1. one
2. two
   - nested

```python
def f():

    return 1
```

| a | 猫 |
|---|---|
| 1 | 2 |

第一行，
第二行。

Last words"""


def render(text: str) -> QTextDocument:
    document = QTextDocument()
    insert_markdown(QTextCursor(document), text, typography(QFont(), QPalette(), "Copy"), "7")
    return document


def links(document: QTextDocument) -> dict[str, str]:
    """Returns text and address of every link."""
    found: dict[str, str] = {}
    for block in blocks_of(document):
        iterator = block.begin()
        while not iterator.atEnd():
            form = iterator.fragment().charFormat()
            assert not form.isImageFormat()
            if form.isAnchor():
                found[iterator.fragment().text()] = form.anchorHref()
            iterator += 1
    return found


def copied(document: QTextDocument) -> str:
    cursor = QTextCursor(document)
    cursor.select(QTextCursor.SelectionType.Document)
    return plain_text(cursor)


@pytest.mark.usefixtures("qapp")
class TestSafety:
    def test_only_addresses_of_web_and_mail_stay_links(self) -> None:
        document = render(
            "[web](https://a.org/x) [mail](mailto:a@b.org) [own](catnap:regenerate) [file](file:///etc/passwd) "
            "[script](javascript:alert) [rel](../secret) [odd](CATNAP:copy)"
        )
        assert links(document) == {"web": "https://a.org/x", "mail": "mailto:a@b.org"}
        assert "own" in document.toPlainText()

    def test_images_become_links_and_nothing_is_loaded(self) -> None:
        document = render("![a cat](https://a.org/cat.png) ![disk](file:///etc/hosts) ![](data:image/png;base64,AA)")
        assert links(document) == {"[a cat]": "https://a.org/cat.png"}
        assert "[disk]" in document.toPlainText()

    def test_html_stays_text(self) -> None:
        text = '<img src="http://a.org/x.png"><b>bold</b> <script>alert(1)</script>'
        document = render(f"before {text} after")
        assert document.toPlainText() == f"before {text} after"
        block = render("<div>\n<b>x</b>\n</div>")
        assert "<b>x</b>" in block.toPlainText()


@pytest.mark.usefixtures("qapp")
class TestLooks:
    def test_code_is_a_block_of_its_own_that_can_be_copied(self) -> None:
        document = render(ANSWER)
        assert code_below(document, "catnap:code/7/0") == "def f():\n\n    return 1"
        assert code_below(document, "catnap:code/7/1") == ""
        kinds = [block.blockFormat().property(KIND) for block in blocks_of(document)]
        assert kinds.count(Kind.CODE_HEAD) == 1
        assert kinds.count(Kind.CODE) == 3

    def test_code_comes_first(self) -> None:
        document = render("```\nx = 1\n```")
        assert code_below(document, "catnap:code/7/0") == "x = 1"

    def test_plain_text_has_neither_links_nor_empty_lines_of_the_page(self) -> None:
        assert copied(render(ANSWER)) == (
            "Intro with code.\n1. one\n2. two\n  - nested\ndef f():\n\n    return 1\na\t猫\n1\t2\n"
            "第一行，\n第二行。\nLast words"
        )

    def test_a_part_of_a_line_with_characters_beyond_the_first_plane(self) -> None:
        document = render("a 🐱 cat")
        cursor = QTextCursor(document)
        cursor.setPosition(2)
        cursor.setPosition(6, QTextCursor.MoveMode.KeepAnchor)
        assert plain_text(cursor) == "🐱 c"

    def test_the_head_of_a_table_is_bold_and_has_one_line(self) -> None:
        document = render("| one | two |\n|---|---|\n| 1 | 2 |")
        blocks = {block.text(): block for block in blocks_of(document)}
        for head in ("one", "two"):
            assert blocks[head].begin().fragment().charFormat().fontWeight() == QFont.Weight.DemiBold
        assert [block.text() for block in blocks_of(document)] == ["", "one", "two", "1", "2", ""]

    def test_two_pieces_of_code_in_a_row_stay_two(self) -> None:
        document = render("```python\na\n```\n\n```sh\nb\n```")
        assert [code_below(document, f"catnap:code/7/{number}") for number in (0, 1)] == ["a", "b"]


@pytest.mark.usefixtures("qapp")
class TestLineBreaks:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("床前明月光，\n疑是地上霜。\n\nNext", "床前明月光，\n疑是地上霜。\nNext"),
            ("a  \nb\\\nc", "a\nb\nc"),
            ("- a\n  goes on", "- a\ngoes on"),
            ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ],
    )
    def test_breaks_that_are_meant_stay(self, text: str, shown: str) -> None:
        assert copied(render(text)) == shown


LONG_CODE = """Here it is:
```python
first = 1

third = 3
``
~~~ not the end
``` nor this
````
And so on.

- item
  ```
  code of the item
  ```

Between

~~~text

after an empty line
~~~
Last words"""


class TestSettled:
    @pytest.mark.parametrize("text", [ANSWER, LONG_CODE])
    def test_what_is_settled_never_changes_and_never_shrinks(self, text: str) -> None:
        final = FinalPart()
        for end in range(len(text) + 1):
            now = final_part(text[:end], final)
            assert final.length <= now.length <= end
            final = now
        assert text[final.length :].endswith("Last words")
        assert len(text) - final.length < 40

    def test_not_before_the_line_is_decided(self) -> None:
        assert final_part("Text.\n\n1", FinalPart()) == FinalPart()
        assert final_part("Text.\n\n-", FinalPart()) == FinalPart()
        assert final_part("Text.\n\n- a", FinalPart()) == FinalPart(len("Text.\n\n"))

    def test_code_settles_line_by_line_but_for_its_last(self) -> None:
        code = "Text.\n```python\na\n\nb\nc"
        final = final_part(code, FinalPart())
        assert final == FinalPart(code.index("b"), "```python")
        assert final_part(code[:-1], final) == final
        ended = f"{code}\n```\n\nText"
        assert final_part(ended, final) == FinalPart(ended.rindex("Text"))

    def test_code_of_a_list_item_settles_with_the_item(self) -> None:
        assert final_part("- a\n  ```\n  x\n  y\n  z\n", FinalPart()) == FinalPart()

    @pytest.mark.usefixtures("qapp")
    @pytest.mark.parametrize("text", [ANSWER, LONG_CODE])
    @pytest.mark.parametrize("step", [1, 7])
    def test_written_in_pieces_it_is_as_written_at_once(self, text: str, step: int) -> None:
        document, final = QTextDocument(), FinalPart()
        cursor = QTextCursor(document)
        style = typography(QFont(), QPalette(), "Copy")
        for end in range(0, len(text) + 1, step):
            now = final_part(text[:end], final)
            if now.length > final.length:
                piece = text[final.length : now.length]
                key = str(now.length)
                insert_markdown(cursor, piece, style, key, begins_in=final.fence, ends_in=now.fence)
                cursor.insertBlock()
                final = now
        insert_markdown(cursor, text[final.length :], style, "end", begins_in=final.fence)
        at_once = render(text)
        assert _visible(copied(document)) == _visible(copied(at_once))
        assert _code(document) == _code(at_once)


def _visible(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def _code(document: QTextDocument) -> list[tuple[str, float]]:
    """Returns all lines of code with the room below them."""
    return [
        (block.text(), block.blockFormat().bottomMargin())
        for block in blocks_of(document)
        if block.blockFormat().property(KIND) == Kind.CODE
    ]
