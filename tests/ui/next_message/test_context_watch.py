"""The meter below the message field, and what is said of a message that is too long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.chat.context_use import ContextUse
from desktop.chat.documents.ground import Ground
from desktop.chat.events import AnswerFailed, DraftCounted
from desktop.chat.voice import Voice
from desktop.common.errors import MessageTooLongError
from desktop.engine.types import Counted, Finished, FinishReason, Sampling, Stats
from desktop.lifecycle.larger_context import LargerContext
from desktop.settings.options import Settings
from desktop.ui.next_message.context_meter import ContextMeter
from desktop.ui.next_message.context_watch import ContextWatch
from desktop.ui.widgets.banner import Notice
from tests.rigs.chat import Bench
from tests.support.longest_turn import longest_turn

WORDS = "one two three four five six seven eight nine ten "  # 49 characters, about 12 tokens


class WatchBench(Bench):
    """A chat window with its meter; the engine is played by the test."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        super().__init__(qtbot, folder)
        self.context = 2048
        self.offered: LargerContext | None = LargerContext(8192, 96_000_000)
        self.settings = Settings()
        self.voice = Voice("", Sampling(), None)
        self.watch = ContextWatch(
            self.window.pane, self.presenter.notices, lambda: self.settings, lambda: self.voice,
            lambda: self.context, lambda _needed: self.offered, self._enlarge,
        )  # fmt: skip
        self.presenter.trouble.describe_too_long(self.watch.describe)
        self.chat._notify.subscribe(self.watch.on_chat_event)  # type: ignore[attr-defined]

    def refuse_with_passages(self, question: str) -> None:
        """Has a question about a document be refused, beside one passage of it."""
        self.presenter.open(None)
        self.voice = replace(self.voice, ground=Ground(("document",)))
        self.watch.refresh()
        error = MessageTooLongError(620, 384)
        self.chat._notify(AnswerFailed("begun", error, question, conversation_gone=True, passages=1))
        self.settle()

    def _enlarge(self, tokens: int) -> None:
        self.context = tokens
        self.watch.refresh()

    @property
    def meter(self) -> ContextMeter:
        return self.window.pane.composer.meter

    def noticed(self) -> Notice:
        notice = self.window.pane.banner.current
        assert notice is not None
        return notice

    def write(self, text: str) -> None:
        self.window.pane.composer.set_text(text)
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.watch._turn.isActive())

    def talk_of(self, question: str, answer: str, prompt: int, generated: int) -> str:
        self.presenter.open(None)
        self.send(question)
        self.say(answer)
        stats = Stats(prompt_tokens=prompt, generated_tokens=generated)
        self.chat.on_engine_event(Finished(self.engine.last.request_id, FinishReason.COMPLETE, stats))
        self.settle()
        assert self.presenter.current is not None
        return self.presenter.current


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[WatchBench]:
    made = WatchBench(qtbot, tmp_path)
    yield made
    made.watch.deleteLater()
    made.history.close()


def test_without_a_model_there_is_no_meter(bench: WatchBench) -> None:
    bench.context = 0
    bench.watch.refresh()
    bench.write("Hello")
    assert not bench.meter.isVisible() and bench.meter.words == ""


def test_the_meter_says_what_is_used_and_what_the_message_costs(bench: WatchBench) -> None:
    bench.talk_of("When do cats sleep?", "By day.", 700, 300)
    bench.write("")
    assert bench.meter.isVisible()
    assert bench.meter.words == "About 1,000 of 2,048 tokens. About 1,000 are left for the answer."
    bench.write("And dogs?")
    assert "This message: about 9." in bench.meter.words
    # AND a screen reader hears it in the field
    assert bench.window.pane.composer.edit.accessibleDescription() == bench.meter.words
    assert "context" in bench.meter.toolTip()


def test_what_would_be_cut_is_said_before_it_is_sent(bench: WatchBench) -> None:
    bench.talk_of("When do cats sleep?", "By day.", 700, 300)
    bench.send("And dogs?")
    bench.say("By night.")
    bench.chat.on_engine_event(
        Finished(bench.engine.last.request_id, FinishReason.COMPLETE, Stats(prompt_tokens=1300, generated_tokens=100))
    )
    bench.write(WORDS * 40)
    assert "With it the oldest 2 messages will no longer be read." in bench.meter.words
    assert bench.meter._line.isVisible()
    bench.write("short")
    assert "no longer" not in bench.meter.words and not bench.meter._line.isVisible()


def test_what_the_engine_has_counted_is_exact(bench: WatchBench) -> None:
    bench.write("And dogs?")
    request = bench.chat.preparation.request(None, " And dogs? ")
    assert request is not None
    bench.chat.on_engine_event(Counted(request.request_id, 41, 17, 0, 2048, 512))
    bench.settle()
    assert bench.meter.words == "58 of 2,048 tokens. This message: 17. 1,990 are left for the answer."
    # WHEN it goes on THEN that is about right again
    bench.write("And dogs? And")
    assert bench.meter.words.startswith("About ")
    # AND what was counted of another text, or elsewhere, is not taken for it
    bench.watch.on_chat_event(DraftCounted("elsewhere", "And dogs? And", Counted(1, 1000, 900, 0, 2048, 512)))
    bench.settle()
    assert "1,900" not in bench.meter.words


def test_a_count_says_how_the_model_cuts_text(bench: WatchBench) -> None:
    text = WORDS * 20
    bench.watch.on_chat_event(DraftCounted(None, text.strip(), Counted(1, 10, 1000, 0, 4096, 512)))
    bench.context = 4096
    bench.watch.refresh()
    bench.write(text + WORDS)
    assert "This message: about 1,000." in bench.meter.words or "This message: about 1,100." in bench.meter.words


def test_a_paste_beyond_the_context_is_said_at_once_with_ways_out(bench: WatchBench) -> None:
    # WHEN a text is pasted that is far longer than the context
    data = QMimeData()
    data.setText(WORDS * 400)
    bench.window.pane.composer.edit.insertFromMimeData(data)
    bench.settle()
    # THEN it is said before it is sent
    notice = bench.window.pane.banner.current
    assert notice is not None and notice.title == "This message is too long for the model."
    assert notice.detail == "It takes about 4,900 tokens; there is room for 1,536."
    assert [action.text for action in notice.actions] == ["Select what is too much", "Larger context (+96 MB)"]
    assert notice.remedy == "Shorten it, or give the model a context of 8,192 tokens: 96 MB more memory."
    assert bench.engine.requests == bench.engine.prepared == [], "the model is left in peace"
    # AND once: what was closed does not come back with the next key
    bench.window.pane.banner.close_current()
    bench.window.pane.composer.edit.insertPlainText("x")
    bench.settle()
    assert bench.banner() == ""


def test_what_stands_there_follows_what_is_written(bench: WatchBench) -> None:
    # GIVEN a notice that a message is too long
    bench.write(WORDS * 200)
    assert "about 2,500 tokens" in bench.noticed().detail
    # WHEN the message grows THEN it is true of that, and so is its button
    bench.offered = LargerContext(16384, 200_000_000)
    bench.write(WORDS * 900)
    notice = bench.noticed()
    assert notice.detail == "It takes about 11,000 tokens; there is room for 1,536."
    assert [action.text for action in notice.actions][1] == "Larger context (+200 MB)"
    # AND its figure is the one below the field
    bench.write("猫" * 17_930)
    assert "This message: about 13,000." in bench.meter.words and "about 13,000 tokens" in bench.noticed().detail
    # WHEN it is counted THEN no guess stands beside the count
    bench.watch.on_chat_event(DraftCounted(None, "猫" * 17_930, Counted(1, 0, 15_001, 0, 2048, 512)))
    bench.settle()
    assert "It takes 15,001 tokens" in bench.noticed().detail and "This message: 15,001." in bench.meter.words
    # WHEN answers may be short THEN there is as much more room
    bench.settings = replace(bench.settings, max_tokens=60)
    bench.watch.refresh()
    bench.settle()
    assert "there is room for 1,988" in bench.noticed().detail
    # WHEN it may fit by now THEN both say so
    bench.watch.model_changed()
    bench.write(WORDS * 170)
    assert bench.noticed().title == "This message may be too long for the model."
    assert bench.noticed().title in bench.meter.words
    # AND what was closed stays so, whatever is written
    bench.window.pane.banner.close_current()
    bench.write(WORDS * 900)
    assert bench.banner() == "" and "is too long" in bench.meter.words


def test_what_is_too_much_is_selected_and_can_be_taken_out(bench: WatchBench) -> None:
    bench.write(WORDS * 400)
    bench.press("Select what is too much")
    edit = bench.window.pane.composer.edit
    selected = edit.createMimeDataFromSelection().text()
    assert (WORDS * 400).endswith(selected) and selected.startswith(" "), "no word is cut"
    assert 5000 < len(WORDS) * 400 - len(selected) < 6200
    edit.textCursor().removeSelectedText()
    bench.settle()
    assert "too long" not in bench.meter.words and bench.banner() == ""
    assert bench.draft().startswith("one two")


@pytest.mark.parametrize("text", ["猫" * 200_000, "😀 " * 60_000, "x" * 300_000], ids=["Chinese", "emoji", "one word"])
def test_it_is_found_in_any_text_and_nobody_waits_for_it(bench: WatchBench, text: str) -> None:
    with longest_turn(bench.qtbot) as writing:
        bench.write(text)
    assert writing.seconds < 0.6
    bench.press("Select what is too much")
    caret = bench.window.pane.composer.edit.textCursor()
    assert caret.hasSelection()
    caret.removeSelectedText()
    bench.settle()
    assert "too long" not in bench.meter.words
    assert text.startswith(bench.draft()) and len(bench.draft()) > 500


def test_a_larger_context_is_put_in_force(bench: WatchBench) -> None:
    bench.write(WORDS * 400)
    bench.press("Larger context (+96 MB)")
    bench.settle()
    assert bench.context == 8192
    assert bench.banner() == "" and "of 8,192 tokens" in bench.meter.words
    assert bench.draft() == WORDS * 400


def test_what_was_said_of_a_smaller_context_is_not_left_standing(bench: WatchBench) -> None:
    # GIVEN a larger context in which the message, by a guess, does not quite fit: nobody knows, so nothing is said
    bench.write(WORDS * 400)
    bench.offered = LargerContext(5120, 50_000_000)
    bench.press("Larger context (+96 MB)")
    bench.context = 5120
    bench.watch.refresh()
    bench.settle()
    assert bench.banner() == ""
    # WHEN it certainly does not fit in another one THEN that is said, with what would do
    bench.context = 4096
    bench.watch.refresh()
    bench.settle()
    notice = bench.window.pane.banner.current
    assert notice is not None and notice.detail == "It takes about 4,900 tokens; there is room for 3,584."
    assert [action.text for action in notice.actions][1] == "Larger context (+50 MB)"


def test_a_context_that_has_room_by_the_models_count_is_not_doubted(bench: WatchBench) -> None:
    # GIVEN a message that was counted as too long, and a context offered that has room for just that
    bench.context, bench.offered = 512, LargerContext(2048, 33_000_000)
    bench.watch.refresh()
    bench.write(WORDS * 130)
    bench.watch.on_chat_event(DraftCounted(None, (WORDS * 130).strip(), Counted(1, 0, 1530, 0, 512, 128)))
    bench.settle()
    # WHEN that is taken THEN neither the notice nor the meter says that the message is too long
    bench.press("Larger context (+33 MB)")
    bench.settle()
    assert bench.banner() == "" and "too long" not in bench.meter.words
    # AND nothing is said by a guess of a text that is a little longer, which may fit
    bench.write(WORDS * 132)
    assert "This message may be too long for the model." in bench.meter.words and bench.banner() == ""


def test_what_was_counted_for_somebody_else_is_not_taken_for_exact(bench: WatchBench) -> None:
    bench.write("And dogs?")
    bench.watch.on_chat_event(DraftCounted(None, "And dogs?", Counted(1, 41, 17, 0, 2048, 512)))
    bench.settle()
    assert bench.meter.words.startswith("58 of 2,048")
    # WHEN a persona takes over that is told more THEN the count of the other is not shown as its own
    bench.voice = Voice(WORDS * 20, Sampling(), None)
    bench.watch.refresh()
    bench.settle()
    assert bench.meter.words.startswith("About ")


def test_a_longer_answer_takes_the_room_of_a_message_that_was_counted(bench: WatchBench) -> None:
    # GIVEN short answers, so that more may be asked
    bench.settings = replace(bench.settings, max_tokens=60)
    bench.watch.refresh()
    bench.write(WORDS * 150)
    bench.watch.on_chat_event(DraftCounted(None, (WORDS * 150).strip(), Counted(1, 20, 1900, 0, 2048, 60)))
    bench.settle()
    assert bench.banner() == "" and bench.meter.words.startswith("1,920 of 2,048")
    # WHEN answers may be longer THEN that message has no room any more, and it is said
    bench.settings = replace(bench.settings, max_tokens=0)
    bench.watch.refresh()
    bench.settle()
    assert "too long" in bench.banner()


def test_on_a_low_screen_nothing_lies_on_what_is_written(bench: WatchBench) -> None:
    """At 200 % on a laptop the line of the meter was painted over the text."""
    bench.window.resize(667, 321)
    bench.write(WORDS * 2000)
    assert "too long" in bench.banner() and bench.meter._line.isVisible()
    composer = bench.window.pane.composer

    def is_apart() -> bool:
        field, meter = composer.edit.geometry(), bench.meter.geometry()
        return field.bottom() < meter.top() and meter.bottom() <= composer.rect().bottom()

    bench.qtbot.waitUntil(is_apart)


def test_where_no_larger_context_can_be_had_that_is_said(bench: WatchBench) -> None:
    bench.offered = None
    bench.write(WORDS * 400)
    notice = bench.window.pane.banner.current
    assert notice is not None and len(notice.actions) == 1
    assert "larger context is more than this model" in notice.remedy


def test_near_the_edge_the_model_counts(bench: WatchBench) -> None:
    bench.write(WORDS * 130)  # about 1,590 tokens, room for 1,536
    assert bench.banner() == ""
    bench.watch.on_chat_event(DraftCounted(None, (WORDS * 130).strip(), Counted(1, 0, 1600, 0, 2048, 512)))
    bench.settle()
    assert "too long" in bench.banner()


def test_a_refused_message_has_the_same_ways_out(bench: WatchBench) -> None:
    bench.send("Too long in this model's tokens")
    bench.fail(MessageTooLongError(1900, 1536))
    bench.settle()
    notice = bench.window.pane.banner.current
    assert notice is not None and notice.detail == "It takes 1,900 tokens; there is room for 1,536."
    assert len(notice.actions) == 2 and bench.window.pane.banner.waiting == 0
    assert bench.draft() == "Too long in this model's tokens"
    bench.press("Select what is too much")
    assert bench.window.pane.composer.edit.textCursor().hasSelection()
    # WHEN it is written anew THEN nothing is said any more
    bench.write("Short")
    assert bench.banner() == ""


def test_passages_that_do_not_fit_are_not_the_messages_fault(bench: WatchBench) -> None:
    question = "How high is the tower, and who was the first who lit the lamp in it, in which year?"
    bench.refuse_with_passages(question)
    notice = bench.noticed()
    assert "Not even one passage" in notice.title
    assert notice.detail == "Together they take 620 tokens; there is room for 384."
    assert [action.text for action in notice.actions] == ["Larger context (+96 MB)"]
    # AND what is written is still told by its own length
    assert bench.draft() == question and "620" not in bench.meter.words and "too long" not in bench.meter.words
    # WHEN there is a larger context THEN nothing is said any more
    bench.press("Larger context (+96 MB)")
    bench.settle()
    assert bench.banner() == "" and bench.context == 8192


@pytest.mark.parametrize("change", ["another question", "no document"])
def test_what_was_said_of_passages_goes_with_what_it_was_said_of(bench: WatchBench, change: str) -> None:
    bench.refuse_with_passages("How high is the tower?")
    assert "Not even one passage" in bench.banner()
    if change == "another question":
        bench.write("And how old?")
    else:
        bench.voice = replace(bench.voice, ground=None)
        bench.watch.refresh()
        bench.settle()
    assert bench.banner() == ""


def test_where_passages_do_not_fit_and_no_context_does_another_model_may(bench: WatchBench) -> None:
    bench.offered = None
    bench.refuse_with_passages("How high is the tower?")
    assert bench.noticed().actions == () and "another model" in bench.noticed().remedy


def test_a_question_that_is_too_long_alone_is_to_blame_beside_passages_too(bench: WatchBench) -> None:
    bench.refuse_with_passages(WORDS * 400)
    assert "This message is too long" in bench.banner()
    bench.press("Select what is too much")
    assert bench.window.pane.composer.edit.textCursor().hasSelection()


def test_an_edit_is_counted_from_its_place(bench: WatchBench) -> None:
    bench.talk_of("When do cats sleep?", "By day.", 700, 300)
    bench.window.pane.edit_last()
    bench.settle()
    assert "About 1,000" not in bench.meter.words


def test_a_refused_edit_is_told_by_the_models_count(bench: WatchBench) -> None:
    # GIVEN a message that was edited and is too long in the model's tokens, which no guess knows
    bench.talk_of("When do cats sleep?", "By day.", 700, 300)
    bench.edit_last(WORDS * 100)
    # WHEN it is refused
    bench.fail(MessageTooLongError(1900, 1536))
    bench.settle()
    # THEN it is being edited again, and what the model has counted is said in both places
    assert bench.window.pane.edited_message is not None
    assert bench.noticed().detail == "It takes 1,900 tokens; there is room for 1,536."
    assert "This message: 1,900." in bench.meter.words
    # AND it is no longer taken for counted when it stands at the end
    QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Escape)
    bench.write(WORDS * 100)
    assert bench.window.pane.edited_message is None and bench.meter.words.startswith("About")


@pytest.mark.parametrize("dark", [False, True])
def test_every_state_can_be_painted(qtbot: QtBot, dark: bool) -> None:
    meter = ContextMeter()
    qtbot.addWidget(meter)
    meter.resize(400, 40)
    use = ContextUse(2048, 1536, 700, 100, 2, is_exact=False)
    seen = set()
    for each in (use, replace(use, message=0), replace(use, message=3000), replace(use, context=0)):
        meter.show_use(each)
        seen.add(bytes(meter.grab().toImage().constBits()))
    assert len(seen) == 4
    meter.show_use(None)
    assert meter.isHidden()
