from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QTextCursor, QTextFormat
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.history.records import MessageState
from desktop.ui.theme.palette import is_dark, make_palette
from desktop.ui.transcript.markdown.document import blocks_of
from desktop.ui.transcript.view import TranscriptView
from tests.rigs.conversations import STATS, answer, dialogue, question
from tests.rigs.windows import LONG, copied, transcript
from tests.support.event_loop import let_run


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    return transcript(qtbot)


def hrefs(view: TranscriptView) -> list[str]:
    found = []
    for block in blocks_of(view.document()):
        iterator = block.begin()
        while not iterator.atEnd():
            address = iterator.fragment().charFormat().anchorHref()
            if address:
                found.append(address)
            iterator += 1
    return found


def click(view: TranscriptView, address: str) -> None:
    assert address in hrefs(view)
    view.anchorClicked.emit(QUrl(address))


class TestPage:
    def test_no_font_is_smaller_than_fonts_can_be(self, view: TranscriptView) -> None:
        # Qt tries every font of the system for one of less than half a pixel, while the window stands still
        for messages in ([], dialogue(3)):
            view.show_messages(messages, 0)
            blocks = list(blocks_of(view.document()))
            assert blocks and all(block.charFormat().font().pointSizeF() >= 0.75 for block in blocks)

    def test_a_page_is_laid_out_anew_for_another_width_alone(self, view: TranscriptView) -> None:
        view.show_messages(dialogue(3), 0)
        laid_out: list[object] = []
        view.document().documentLayout().update.connect(lambda *part: laid_out.append(part))
        view.resize(view.width(), view.height() - 40)
        QApplication.processEvents()
        assert not laid_out
        view.resize(view.width() // 2, view.height())
        QApplication.processEvents()
        assert laid_out

    @pytest.mark.parametrize(("waited", "words"), [(0.008, "0.1 s"), (0.84, "0.8 s"), (9.94, "9.9 s"), (12.34, "12 s")])
    def test_a_short_wait_is_not_said_to_be_none(self, view: TranscriptView, waited: float, words: str) -> None:
        view.show_messages([question(1), answer(2, stats=replace(STATS, ttft_s=waited))], 0)
        assert f"first word after {words}" in view.toPlainText()

    def test_a_conversation_can_be_copied_across_messages_without_its_figures(self, view: TranscriptView) -> None:
        view.show_messages([question(1, "a <b>b</b>\n**c**"), answer(2, "Some *words*.")], 0)
        text = view.toPlainText()
        assert "about one word in 8 s · first word after 0.8 s" in text
        assert copied(view) == "a <b>b</b>\n**c**\nSome words."

    def test_only_the_last_answer_has_actions(self, view: TranscriptView) -> None:
        view.show_messages(dialogue(3), 0)
        assert hrefs(view) == ["catnap:copy", f"catnap:read/{view.messages[-1].id}", "catnap:regenerate"]
        view.append_message(question(7))
        assert hrefs(view) == []
        view.append_message(answer(8, "Last."))
        click(view, "catnap:copy")
        assert QGuiApplication.clipboard().text() == "Last."

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (MessageState.STOPPED, "Stopped"),
            (MessageState.INTERRUPTED, "Interrupted"),
            (MessageState.FAILED, "Failed before the end"),
        ],
    )
    def test_how_an_answer_ended(self, view: TranscriptView, state: MessageState, words: str) -> None:
        view.show_messages([question(1), answer(2, state=state, stats=None)], 0)
        assert words in view.toPlainText()
        assert words not in copied(view)

    @pytest.mark.parametrize("text", ["One paragraph, *in one piece*.", "One.\n\nTwo, in **two** pieces."])
    def test_an_answer_that_ends_is_laid_out_once(self, view: TranscriptView, text: str) -> None:
        # GIVEN an answer that grows
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "Waking")
        view.grow_answer(text[:-3], "")
        changes: list[tuple[int, int, int]] = []
        view.document().contentsChange.connect(lambda *change: changes.append(change))
        # WHEN it ends, its last letters coming at the same time
        view.grow_answer(text[-3:], "")
        view.finish_answer(answer(2, text))
        # THEN all of it is there by one change of the page, as if it had been there from the beginning
        assert len(changes) == 1
        shown = view.toHtml()
        view.show_messages([question(1), answer(2, text)], 0)
        assert view.toHtml() == shown

    def test_thoughts_are_folded(self, view: TranscriptView) -> None:
        messages = [question(1), answer(2, "Yes.", thinking="Hmm, 让我想想.\nWell."), question(3), answer(4)]
        view.show_messages(messages, 0)
        folded = view.toPlainText()
        assert "Thought for 6 words ▸" in folded
        assert "Hmm" not in folded
        click(view, "catnap:think/2")
        assert "Hmm" in copied(view)
        assert "▾" in view.toPlainText()
        click(view, "catnap:think/2")
        assert view.toPlainText() == folded

    def test_the_cut_is_drawn_and_moves(self, view: TranscriptView) -> None:
        view.show_messages(dialogue(4), 2)
        lines = view.toPlainText().split("\n")
        line = "The 2 messages above no longer fit into the model's context"
        assert lines.index(line) == lines.index("Question 3?") - 1
        view.mark_cut(4)
        lines = view.toPlainText().split("\n")
        assert line not in lines
        assert lines.index(line.replace("2", "4")) == lines.index("Question 5?") - 1
        view.mark_cut(0)
        assert "messages above" not in view.toPlainText()
        assert copied(view) == "\n".join(message.text.replace("*", "") for message in view.messages)

    def test_a_message_and_what_followed_can_be_removed(self, view: TranscriptView) -> None:
        view.show_messages(dialogue(3), 0)
        view.remove_from(3)
        assert copied(view) == "Question 1?\nAnswer 2."
        assert hrefs(view) == ["catnap:copy", f"catnap:read/{view.messages[-1].id}", "catnap:regenerate"]
        view.remove_from(1)
        assert copied(view) == ""

    def test_colours_follow_the_palette(self, view: TranscriptView, qapp: QApplication, qtbot: QtBot) -> None:
        view.show_messages([question(1), answer(2, "[web](https://a.org)")], 0)
        view.begin_answer(None, "")
        view.grow_answer("growing **on**", "")
        try:
            for dark in (True, False):
                palette = make_palette(dark)
                view.setPalette(palette)
                link = next(
                    block.begin().fragment().charFormat()
                    for block in blocks_of(view.document())
                    if block.text() == "web"
                )
                assert link.foreground().color() == palette.link().color()
                assert is_dark(view.viewport().palette()) is dark
            qtbot.waitUntil(lambda: "growing on" in view.toPlainText())
        finally:
            view.setPalette(qapp.palette())

    def test_nothing_is_loaded(self, view: TranscriptView) -> None:
        assert view.loadResource(2, QUrl("file:///etc/hosts")) is None
        view.show_messages([question(1), answer(2, "![x](file:///etc/hosts) <img src='http://a.org/x.png'>")], 0)
        assert not any(
            form.isImageFormat()
            for form in view.document().allFormats()
            if form.type() != QTextFormat.FormatType.InvalidFormat.value
        )

    def test_lines_keep_to_the_measure(self, view: TranscriptView) -> None:
        view.resize(1600, 400)
        view.show_messages([answer(1, "word " * 200)], 0)
        block = view.document().findBlockByNumber(1)
        lengths = [block.layout().lineAt(line).textLength() for line in range(block.layout().lineCount() - 1)]
        assert 60 <= max(lengths) <= 85
        assert view.viewport().x() > 100


class TestOpening:
    def test_links_open_only_when_clicked_and_only_the_web(
        self, view: TranscriptView, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[str] = []
        monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
        view.show_messages([answer(1, "[web](https://a.org/) [file](file:///etc/passwd)")], 0)
        assert opened == []
        click(view, "https://a.org/")
        view.anchorClicked.emit(QUrl("file:///etc/passwd"))
        assert opened == ["https://a.org/"]
        assert "web" in view.toPlainText()

    def test_code_is_copied_by_its_link(self, view: TranscriptView) -> None:
        view.show_messages([answer(1, "```\nfirst\n```\n\ntext\n\n```sh\necho 🐱\n```")], 0)
        click(view, "catnap:code/1/1")
        assert QGuiApplication.clipboard().text() == "echo 🐱"

    def test_regenerate_is_a_link(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(1), 0)
        with qtbot.waitSignal(view.requests.regenerateRequested):
            click(view, "catnap:regenerate")


class TestMenu:
    @staticmethod
    def entries(view: TranscriptView, words: str) -> dict[str, QAction]:
        menu = view._menu_at(view.toPlainText().index(words), "")
        return {action.text(): action for action in menu.actions()}

    def test_a_question_can_be_edited(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages(dialogue(2), 0)
        with qtbot.waitSignal(view.requests.editRequested) as signal:
            self.entries(view, "Question 3?")["Edit and ask again"].trigger()
        assert signal.args == [3]
        self.entries(view, "Answer 2.")["Copy message"].trigger()
        assert QGuiApplication.clipboard().text() == "Answer **2**."
        assert "Regenerate" in self.entries(view, "Answer 4.")
        assert "Regenerate" not in self.entries(view, "Answer 2.")

    def test_a_question_without_an_answer_can_be_answered(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages([*dialogue(1), question(3)], 0)
        assert "Have it answered" not in self.entries(view, "Question 1?")
        with qtbot.waitSignal(view.requests.regenerateRequested):
            self.entries(view, "Question 3?")["Have it answered"].trigger()

    def test_not_while_an_answer_grows(self, view: TranscriptView) -> None:
        view.show_messages(dialogue(1), 0)
        view.begin_answer(None, "")
        assert "Edit and ask again" not in self.entries(view, "Question 1?")


class TestGrowing:
    def test_pieces_arrive_in_order_and_markdown_is_shown_meanwhile(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "Waking")
        assert copied(view) == "Question 1?"
        assert "Waking" in view.toPlainText()
        view.set_waiting("Reading 1 of 2 tokens")
        assert "Waking" not in view.toPlainText()
        whole = "A **bold** start.\n\n- one\n- two\n\n```\ncode\n```\n\nThe end 🐱。"
        for character in whole[:-1]:
            view.grow_answer(character, "")
            view._flush()
        view.grow_answer(whole[-1], "")
        qtbot.waitUntil(lambda: "The end 🐱。" in view.toPlainText())
        assert copied(view) == "Question 1?\nA bold start.\n- one\n- two\ncode\nThe end 🐱。"
        assert "Reading" not in view.toPlainText()
        assert not any(address in ("catnap:copy", "catnap:regenerate") for address in hrefs(view))
        view.finish_answer(answer(2, whole))
        assert copied(view) == "Question 1?\nA bold start.\n- one\n- two\ncode\nThe end 🐱。"
        assert "catnap:regenerate" in hrefs(view)

    def test_what_is_settled_is_not_written_again(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.begin_answer(None, "")
        view.grow_answer("First paragraph.\n\nSecond paragraph", "")
        qtbot.waitUntil(lambda: "Second" in view.toPlainText())
        changes: list[int] = []
        view.document().contentsChange.connect(lambda position, _removed, _added: changes.append(position))
        view.grow_answer(" goes on", "")
        qtbot.waitUntil(lambda: "goes on" in view.toPlainText())
        assert min(changes) >= view.toPlainText().index("Second") - 1  # the separator of the blocks

    @pytest.mark.parametrize(
        "text",
        ["```py\n" + "call()\n" * 400, "words " * 20 + "\n\n", "- item\n", "Look:\n```\n" + "\nx\n" * 200 + "```\n\n"],
        ids=["one long code", "paragraphs", "list", "many codes"],
    )
    def test_a_long_answer_costs_no_more_per_piece_than_a_short_one(
        self, view: TranscriptView, qtbot: QtBot, text: str
    ) -> None:
        whole = (text * (6_000 // len(text) + 1))[:6_000]
        view.begin_answer(None, "")
        view.grow_answer(whole, "")
        qtbot.waitUntil(lambda: view.document().characterCount() > 1_000)
        written: list[int] = []

        def count(position: int, _removed: int, added: int) -> None:
            document = view.document()
            first, last = document.findBlock(position), document.findBlock(position + max(0, added - 1))
            written.append((last if last.isValid() else document.lastBlock()).blockNumber() - first.blockNumber() + 1)

        view.grow_answer("pass", "")
        qtbot.waitUntil(lambda: view.toPlainText().rstrip().endswith("pass"))
        view.document().contentsChange.connect(count)
        for piece in ("\nmore", " and", "\n", "still\n", "more"):
            written.clear()
            before = view.toPlainText()
            view.grow_answer(piece, "")
            qtbot.waitUntil(lambda: bool(written))
            assert sum(written) <= 24, (piece, before[-40:])

    def test_a_long_answer_is_not_written_once_more_when_it_has_ended(self, view: TranscriptView, qtbot: QtBot) -> None:
        code = "".join(f"line({number})\n" for number in range(900))
        whole = f"Look:\n```py\n{code}```\n\nThat was **it**."
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "")
        for begin in range(0, len(whole), 2_000):
            view.grow_answer(whole[begin : begin + 2_000], "")
            view._flush()
        qtbot.waitUntil(lambda: "line(899)" in view.toPlainText())
        changes: list[int] = []
        view.document().contentsChange.connect(lambda position, _removed, _added: changes.append(position))
        view.finish_answer(answer(2, whole))
        assert min(changes) > view.toPlainText().index("line(890)")
        grown, links = copied(view), hrefs(view)
        assert {"catnap:copy", "catnap:regenerate"} <= set(links)
        click(view, next(address for address in links if address.startswith("catnap:code/")))
        assert QGuiApplication.clipboard().text() == code.rstrip("\n")
        # WHEN it is shown again, written at once THEN it reads the same
        view.show_messages([answer(2, whole)], 0)
        assert grown == f"Question 1?\n{copied(view)}"
        # AND the next one has addresses of its own
        view.begin_answer(None, "")
        view.grow_answer("```\nother\n```\n", "")
        qtbot.waitUntil(lambda: "other" in view.toPlainText())
        assert len(set(hrefs(view))) == len(hrefs(view))

    def test_what_has_come_last_is_there_when_a_long_answer_ends(self, view: TranscriptView, qtbot: QtBot) -> None:
        whole = LONG * 5
        view.begin_answer(None, "")
        view.grow_answer(whole, "")
        view.finish_answer(answer(2, whole))
        qtbot.waitUntil(lambda: copied(view).count("Paragraph 59 ") == 5)

    def test_a_selection_above_stays(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages([question(1, "select me")], 0)
        view.begin_answer(None, "")
        cursor = view.textCursor()
        cursor.setPosition(view.toPlainText().index("select"))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfWord, QTextCursor.MoveMode.KeepAnchor)
        view.setTextCursor(cursor)
        view.grow_answer("text", "")
        qtbot.waitUntil(lambda: "text" in view.toPlainText())
        assert view.textCursor().selectedText() == "select"

    def test_thoughts_grow_folded_and_can_be_unfolded_meanwhile(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "Thinking")
        view.grow_answer("", "one two")
        qtbot.waitUntil(lambda: "Thinking, 2 words so far ▸" in view.toPlainText())
        click(view, "catnap:think/now")
        view.grow_answer("", " three")
        qtbot.waitUntil(lambda: "one two three" in view.toPlainText())
        view.grow_answer("Said.\n\nMore", "")
        qtbot.waitUntil(lambda: "More" in view.toPlainText())
        assert view.toPlainText().count("Thought for 3 words ▾") == 1
        view.finish_answer(answer(2, "Said.\n\nMore", thinking="one two three"))
        assert "one two three" in view.toPlainText()

    def test_an_answer_leaves_the_page_while_another_is_given_in_its_place(self, view: TranscriptView) -> None:
        view.show_messages(dialogue(2), 0)
        view.begin_answer(4, "Waking")
        assert "Answer 4." not in view.toPlainText()
        view.grow_answer("half", "")
        view.finish_answer(answer(5, "New."))
        assert [message.id for message in view.messages] == [1, 2, 3, 5]
        assert copied(view).endswith("Question 3?\nNew.")

    def test_a_hidden_view_shows_all_when_it_comes_back(self, view: TranscriptView, qtbot: QtBot) -> None:
        view.hide()
        view.begin_answer(None, "")
        view.grow_answer("unseen", "")
        let_run(qtbot)
        assert not view._pacing.is_waiting
        assert "unseen" not in view.toPlainText()
        view.show()
        qtbot.waitUntil(lambda: "unseen" in view.toPlainText())
