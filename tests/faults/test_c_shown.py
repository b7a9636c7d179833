"""Row for row what the table of faults says under C: what is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import translations
from PySide6.QtCore import QEvent, QLocale, QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from translations import SourceText

from desktop.chat.events import AnswerStored
from desktop.chat.quick_ask import QuickEnded
from desktop.common.errors import MessageTooLongError, UserFacingError
from desktop.common.paths import Paths
from desktop.engine.footprint import Fit
from desktop.gguf.kind import ModelKind
from desktop.gguf.naming import name_for
from desktop.lifecycle.memory_fit import Judgement
from desktop.machine.memory import MemoryReading
from desktop.models.remembered.facts import ModelFacts
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.types import InstalledModel
from desktop.settings.options import option_for
from desktop.ui.chat.composer import Composer
from desktop.ui.chat.status_bar import StatusBar
from desktop.ui.help import HelpDialog
from desktop.ui.models.card import ModelCard
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.settings.editors import ModelEditor, NumberEditor
from desktop.ui.widgets.banner import Notice
from tests.rigs.chat import Bench as ChatBench
from tests.rigs.conversations import answer, question
from tests.rigs.models import CATALOG, SMALL_HERE, fit
from tests.rigs.shell import running
from tests.rigs.windows import transcript
from tests.support.engine_harness import Harness, config_for, user
from tests.support.huge_texts import C6
from tests.support.longest_turn import longest_turn
from tests.support.own_models import use_own
from tests.support.parrot import PARROT_TEXT, make_parrot
from tests.support.patience import PATIENCE_MS
from tests.support.widgets import child, children

# 0.1 s on the machine of docs/ARCHITECTURE.md; before, 3.7 to 25 s. What is measured is time of the processor, of which
# a busy machine takes more for the same work.
_HELD_S = 0.4


@pytest.mark.parametrize("before", ["", "Good evening. "], ids=["at the beginning", "in the middle"])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("[THINK]", "[/THINK]"),
        ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
        ("<seed:think>", "</seed:think>"),
        ("<thought>", "</thought>"),
    ],
)
def test_c4_thoughts_are_told_by_the_tags_of_any_family(
    tmp_path: Path, opening: str, closing: str, before: str
) -> None:
    # GIVEN a model that thinks in the tags of its family
    said = f"{before}{opening}perhaps it wants a number{closing}It is 42."
    with Harness(config_for(make_parrot(tmp_path / "thinker.gguf", said))) as engine:
        # WHEN it answers
        request = engine.ask(user("What is it?")).request_id
        # THEN its thoughts are thoughts, and its answer is what remains
        assert engine.text(request, thinking=True) == "perhaps it wants a number"
        assert engine.text(request) == f"{before}It is 42."


def test_c4_an_answer_about_the_tags_stays_whole(tmp_path: Path) -> None:
    said = "Models write <think> or [THINK] first; in code `<thought>x`."
    with Harness(config_for(make_parrot(tmp_path / "teacher.gguf", said))) as engine:
        assert engine.text(engine.ask(user("How do models think?")).request_id) == said


@pytest.mark.parametrize("text", [pytest.param(make, id=name) for name, make in C6.items()])
class TestC6:
    def test_c6_a_huge_text_is_pasted_and_sent_whole(self, qtbot: QtBot, text: Callable[[], str]) -> None:
        # GIVEN a composer
        composer, sent = Composer(), list[str]()
        qtbot.addWidget(composer)
        with qtbot.waitExposed(composer):
            composer.show()
        composer.submitted.connect(sent.append)
        data = QMimeData()
        data.setText(text())
        # WHEN it is pasted, edited at its end, and sent
        with longest_turn(qtbot) as pasting:
            composer.edit.insertFromMimeData(data)
        with longest_turn(qtbot) as typing:
            composer.edit.insertPlainText("!")
        composer.submit()
        # THEN nothing waits for it, and all of it is sent
        assert max(pasting.seconds, typing.seconds) < _HELD_S
        assert sent == [f"{text()}!"]

    def test_c6_a_huge_text_is_shown_bit_by_bit(self, qtbot: QtBot, text: Callable[[], str]) -> None:
        # GIVEN a page that has shown something
        view = transcript(qtbot)
        view.show_messages([question(1), answer(2)], 0)
        # WHEN a conversation with such a question and such an answer is opened, and read on
        with longest_turn(qtbot) as opening:
            view.show_messages([question(1, text()), answer(2, text())], 0)
        length = view.document().characterCount()
        with longest_turn(qtbot) as reading:
            view.anchorClicked.emit(QUrl("catnap:rest/2"))
            qtbot.waitUntil(lambda: view.document().characterCount() > 2 * length)
            view.show_messages([question(1)], 0)
        # THEN the page comes at once, says that there is more, and shows it without keeping anybody waiting
        assert max(opening.seconds, reading.seconds) < _HELD_S
        # AND what is copied is all of it
        view.show_messages([question(1, text()), answer(2, text())], 0)
        assert "Show the rest (" in view.toPlainText()
        view.copy_last_answer()
        assert QGuiApplication.clipboard().text() == text()

    def test_c6_a_huge_answer_comes_in(self, qtbot: QtBot, text: Callable[[], str]) -> None:
        # GIVEN an answer that has begun
        view = transcript(qtbot)
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "")
        # WHEN it grows by a token, by a piece, and by all that follows
        whole = text()
        with longest_turn(qtbot) as growing:
            for piece in (whole[:10], whole[10:20_000], whole[20_000:40_000]):
                view.grow_answer(piece, "")
                qtbot.waitUntil(lambda: not view._pending_text and not view._page.is_behind)
            view.grow_answer(whole[40_000:], "")
            view.finish_answer(answer(2, whole))
        # THEN nothing waits for it
        assert growing.seconds < _HELD_S
        view.copy_last_answer()
        assert QGuiApplication.clipboard().text() == whole


@pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
def test_c13_the_conversation_that_was_open_is_open_after_a_restart(
    qapp: QApplication, qtbot: QtBot, data_dir: Paths
) -> None:
    # GIVEN three conversations, and the oldest of them open when Catnap ends
    with running(qapp, qtbot, data_dir) as bench:
        history = bench.services.history
        ids = []
        for number in range(3):
            ids.append(history.create(f"Conversation {number}").id)
            history.add_user_message(ids[-1], f"Question {number}?")
        bench.show()
        assert bench.shell.chat is not None
        bench.shell.chat.open(ids[0])
    # WHEN it starts again THEN that one is shown
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert bench.shell.chat is not None
        assert bench.shell.chat.current == ids[0]
        assert "Question 0?" in bench.page()
        # AND WHEN it is gone THEN the one talked in last is
        bench.services.history.delete_for_good(ids[0])
    with running(qapp, qtbot, data_dir) as bench:
        bench.show()
        assert bench.shell.chat is not None
        assert bench.shell.chat.current == ids[2]


class TestC12:
    def test_c12_enter_while_it_answers_lets_the_message_wait(self, qtbot: QtBot, tmp_path: Path) -> None:
        # GIVEN an answer on its way
        bench = ChatBench(qtbot, tmp_path)
        bench.send("When do cats sleep?")
        # WHEN the next question is written and Enter pressed
        bench.window.pane.composer.set_text("And dogs?")
        QTest.keyClick(bench.window.pane.composer.edit, Qt.Key.Key_Return)
        # THEN it is seen to wait, and asked when the answer has ended
        assert bench.draft() == "" and bench.banner() == ""
        assert bench.window.pane.queued_messages.isVisible()
        assert "And dogs?" in bench.window.pane.queued_messages.accessibleName()
        bench.say("By day.")
        bench.finish()
        qtbot.waitUntil(lambda: bench.engine.last.messages[-1].text == "And dogs?")
        assert not bench.window.pane.queued_messages.isVisible()
        bench.history.close()

    @pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
    def test_c12_the_quick_ask_says_that_the_chat_comes_first_and_is_answered_after_it(
        self, qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path
    ) -> None:
        with running(qapp, qtbot, data_dir) as bench:
            use_own(bench.services, parrot_model)
            # GIVEN an answer on its way in the chat
            bench.show()
            order: list[str] = []
            bench.services.chat_events.subscribe(
                lambda event: order.append("chat") if isinstance(event, AnswerStored) else None
            )
            bench.services.quick_events.subscribe(
                lambda event: order.append("quick") if isinstance(event, QuickEnded) else None
            )
            bench.send("When do cats sleep?")
            # WHEN something else is asked in the quick box
            bench.ask_quickly("And dogs?")
            box = bench.shell.quick.box
            assert box is not None
            # THEN it says that it comes next
            labels = [label.text() for label in children(box, QLabel, shown=True)]
            assert "The chat is being answered first; your question comes next." in labels
            # AND it does
            qtbot.waitUntil(lambda: order == ["chat", "quick"], timeout=PATIENCE_MS)
            assert box.answer == PARROT_TEXT

    def test_c12_a_banner_belongs_to_its_conversation(self, qtbot: QtBot, tmp_path: Path) -> None:
        # GIVEN a message that was too long in one conversation
        bench = ChatBench(qtbot, tmp_path)
        other = bench.talk("Other", "Something else")
        conversation = bench.talk("When do cats sleep?", "By day.")
        bench.send("Much too long")
        bench.fail(MessageTooLongError(900, 700))
        assert "too long" in bench.banner()
        # WHEN another is shown THEN it is not said there
        bench.presenter.open(other)
        assert bench.banner() == ""
        # AND it is still there with its conversation, unless it was closed
        bench.presenter.open(conversation)
        assert "too long" in bench.banner()
        bench.window.pane.banner.close_current()
        bench.presenter.open(other)
        bench.presenter.open(conversation)
        assert bench.banner() == ""
        # AND of one that is not shown it is said which, with a way there
        bench.send("Much too long again")
        bench.presenter.open(other)
        bench.fail(MessageTooLongError(900, 700))
        notice = bench.window.pane.banner.current
        assert notice is not None and notice.detail == "In “When do cats sleep?”."
        bench.press("Show it")
        assert bench.presenter.current == conversation
        notice = bench.window.pane.banner.current
        assert notice is not None and "900 tokens" in notice.detail
        assert bench.window.pane.banner.waiting == 0
        bench.history.close()

    @pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
    def test_c12_the_first_closing_says_once_that_catnap_goes_on_and_how_to_end_it(
        self, qapp: QApplication, qtbot: QtBot, data_dir: Paths
    ) -> None:
        # GIVEN a Catnap that was never closed
        with running(qapp, qtbot, data_dir) as bench:
            bench.show()
            # WHEN its window is closed
            bench.window.close()
            # THEN it goes, and it is said where Catnap is and how it ends
            assert not bench.shell.is_window_visible
            assert bench.messages == ["Catnap goes on beside the clock."] and "Quit" in bench.tray.texts[0]
            # AND never again
            bench.shell.show_window()
            bench.window.close()
            assert len(bench.messages) == 1
        with running(qapp, qtbot, data_dir) as bench:
            bench.show()
            bench.window.close()
            assert bench.messages == [] and not bench.shell.is_window_visible

    @pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
    def test_c12_where_the_tray_shows_no_messages_the_window_says_it_before_it_goes(
        self, qapp: QApplication, qtbot: QtBot, data_dir: Paths
    ) -> None:
        with running(qapp, qtbot, data_dir) as bench:
            bench.tray.can_show = False
            bench.show()
            bench.window.pane.banner.show_notice(Notice("Something else"))
            bench.window.close()
            assert bench.banner() == "Catnap goes on beside the clock." and bench.shell.is_window_visible
            bench.press("Close the window")
            assert not bench.shell.is_window_visible and bench.messages == []
            bench.shell.show_window()
            bench.window.close()
            assert not bench.shell.is_window_visible

    @pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")
    def test_c12_without_a_model_nothing_sleeps(
        self, qapp: QApplication, qtbot: QtBot, data_dir: Paths, parrot_model: Path
    ) -> None:
        with running(qapp, qtbot, data_dir) as bench:
            # GIVEN no model
            bench.show()

            def shown() -> str:
                return " | ".join(label.text() for label in children(bench.window, QLabel, shown=True))

            # THEN nobody says that it sleeps, in the window or in the tray
            assert "sleep" not in shown().lower()
            assert "No model is here yet." in shown() and "No model yet" in shown()
            assert "asleep" not in bench.tray.tooltip and "no model yet" in bench.tray.tooltip
            (button,) = [
                each for each in children(bench.window.pane.empty_page, QPushButton, shown=True)
                if each.text() == "Choose a model"
            ]  # fmt: skip
            bench.shell.models.close()
            button.click()
            assert bench.shell.models.is_open
            # WHEN one comes THEN it sleeps
            use_own(bench.services, parrot_model)
            assert "The model sleeps until you ask something." in shown() and "Asleep" in shown()
            assert not button.isVisible() and "asleep" in bench.tray.tooltip


@pytest.mark.parametrize(
    ("context", "english", "chinese"),
    [
        ("Readiness", "8-bit conversation memory", "8 位对话记忆"),
        ("Errors", "Choose another model, or a newer Catnap.", "请选择其他模型，或使用较新版本的 Catnap。"),
        (
            *("Options", "The model is loaded again with the next message; the conversation stays."),
            "发送下一条消息时重新载入模型，对话会保留。",
        ),
    ],
)
def test_c16_chinese_words_are_clear(context: str, english: str, chinese: str) -> None:
    assert translations.translated("zh_CN")[SourceText(context, english)] == [chinese]


@pytest.mark.parametrize("never", ["首词", "复用", "对话内存", "加载", "小睡", "更新的 Catnap", "会用您提问的语言回答"])
def test_c16_words_that_were_unclear_mixed_or_untrue_are_gone(never: str) -> None:
    assert [form for forms in translations.translated("zh_CN").values() for form in forms if never in form] == []


def test_c16_a_key_is_spelled_as_the_menus_spell_it(qtbot: QtBot) -> None:
    # GIVEN the help, which names keys in its sentences and in its table
    dialog = HelpDialog([])
    qtbot.addWidget(dialog)
    # THEN it is the spelling of the system both times
    native = QKeySequence("Ctrl+Up").toString(QKeySequence.SequenceFormat.NativeText)
    assert any(f"press {native}." in label.text() for label in children(dialog, QLabel))
    texts = [text.text for text in translations.translated("zh_CN") if text.context == "HelpDialog"]
    assert not [text for text in texts if "Ctrl+" in text], "no translator spells it"


_NAME = "x" * 122
_FOLDER = Path("/home/anna/Downloads") / ("y" * 90)
_FACTS = ModelFacts(_NAME, ModelKind.CHAT, "llama", 1_000_000, "Q4_K_M", 2048, ("en",), "mit", True, 105_000_000, 1)
_OWN = InstalledModel(
    f"file:{_FOLDER / _NAME}.gguf", _NAME, _FOLDER / f"{_NAME}.gguf", 105_000_000, facts=_FACTS, languages=("en",),
    verdict=Verdict.of(Outcome.REFUSED, UserFacingError("No.", f"{_FOLDER / _NAME}.gguf.", "Do this.")),
)  # fmt: skip
_WIDTH = 640


def test_c5_a_name_of_122_letters_leaves_every_button_on_the_screen(qtbot: QtBot) -> None:
    # GIVEN an own file whose name has 122 letters, which does not work, beside other models
    judgement = Judgement(Fit.COMFORTABLE, 116_000_000, 2_000_000_000)
    dialog = ModelsDialog(fit, locale=QLocale("en"), judge_own=lambda _model: judgement)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    # WHEN it is shown and selected in a small window
    dialog.set_models(CATALOG, (_OWN, SMALL_HERE), "small", "small", {})
    dialog.select(_OWN.id)
    dialog.resize(_WIDTH, 480)
    # THEN nothing asks for a wider window, and the buttons of every model can be seen
    assert dialog.minimumSizeHint().width() <= _WIDTH
    for card in children(dialog, ModelCard):
        assert card.width() <= _WIDTH
        for button in children(card, QPushButton):
            if button.isVisible():
                assert button.mapTo(dialog, button.rect().topRight()).x() <= _WIDTH
    # AND the name is cut, with the whole of it at hand, and it says whether it fits
    card = next(card for card in children(dialog, ModelCard) if card.entry.id == _OWN.id)
    (name,) = [label for label in children(card, QLabel) if label.toolTip() == _NAME]
    assert name.text().endswith("…")
    assert any("fits comfortably" in label.text() for label in children(card, QLabel))


def test_c5_the_settings_page_is_not_cut(qtbot: QtBot) -> None:
    editor = ModelEditor((_OWN, SMALL_HERE))
    qtbot.addWidget(editor)
    editor.set_value(_OWN.id)
    combo = child(editor, QComboBox)
    assert combo.minimumSizeHint().width() < 500
    assert combo.itemData(0, Qt.ItemDataRole.ToolTipRole) == _NAME
    assert len(combo.itemText(0)) < 60


def test_c5_the_status_bar_is_not_widened(qtbot: QtBot) -> None:
    bar = StatusBar(lambda: MemoryReading(0, 0, 8_000_000_000, 4_000_000_000))
    qtbot.addWidget(bar)
    bar.set_model("R&D " + _NAME, installed=True)
    button = next(button for button in children(bar, QAbstractButton) if "…" in button.text())
    assert len(button.text()) < 40 and "R&&D" in button.text()
    assert _NAME in button.toolTip()


def test_c5_the_name_of_the_file_is_preferred_to_a_worse_one_inside() -> None:
    inside = "Smollm2 135M 8k Lc100K Mix1 Ep2"
    assert name_for(inside, "SmolLM2-135M-Instruct-Q4_K_M.gguf") == "SmolLM2-135M-Instruct-Q4_K_M"


@pytest.mark.parametrize("language", ["de_DE", "en_US", "zh_CN", "ar_EG", "fr_FR", "de_CH", "fa_IR"])
@pytest.mark.parametrize("typed", ["0.9", "0,9"])
def test_c14_dot_and_comma_are_both_a_decimal_point(qtbot: QtBot, language: str, typed: str) -> None:
    # GIVEN the field of "Imagination" on a system of that language
    editor = NumberEditor(option_for("temperature"))
    qtbot.addWidget(editor)
    editor.setLocale(QLocale(language))
    editor.control.setLocale(QLocale(language))
    editor.set_value(0.0)
    # WHEN somebody types over what stands there
    _type_over(editor, typed)
    # THEN it is what he meant, and typed again as it is shown it is still that
    assert editor.value() == 0.9
    shown = editor.control.text()  # type: ignore[attr-defined]
    editor.set_value(0.0)
    _type_over(editor, shown)
    assert editor.value() == 0.9


@pytest.mark.parametrize(
    ("key", "language", "typed", "value"),
    [
        ("n_ctx", "de_DE", "4.096", 4096),
        ("n_ctx", "en_US", "4,096", 4096),
        ("n_ctx", "en_US", "4.096", 4096),
        ("n_ctx", "ar_EG", "٤٠٩٦", 4096),
        ("temperature", "de_DE", "1.234", 1.234),
        ("temperature", "en_US", "1,25", 1.25),
        ("temperature", "ar_EG", "٠٫٩", 0.9),
        ("threads", "de_DE", "3", 3),
    ],
)
def test_c14_thousands_are_taken_for_thousands_only_where_they_can_be(
    qtbot: QtBot, key: str, language: str, typed: str, value: float
) -> None:
    editor = NumberEditor(option_for(key))
    qtbot.addWidget(editor)
    editor.control.setLocale(QLocale(language))
    _type_over(editor, typed)
    assert editor.value() == value


def test_c14_letters_are_not_taken(qtbot: QtBot) -> None:
    editor = NumberEditor(option_for("temperature"))
    qtbot.addWidget(editor)
    editor.set_value(0.5)
    _type_over(editor, "1x")
    assert editor.value() == 1.0
    _type_over(editor, "99")
    assert editor.value() in (0.0, 1.0, 9.0), "what cannot be is not taken"


def _type_over(editor: NumberEditor, text: str) -> None:
    editor.show()
    editor.control.setFocus()
    editor.control.selectAll()  # type: ignore[attr-defined]
    QTest.keyClick(editor.control, Qt.Key.Key_Delete)
    for letter in text:  # keyClicks() knows ASCII only
        press = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
        QApplication.sendEvent(editor.control, press)
    QTest.keyClick(editor.control, Qt.Key.Key_Return)
