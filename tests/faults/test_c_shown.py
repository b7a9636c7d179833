"""Row for row what the table of faults says under C: what is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QLocale, QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.common.errors import UserFacingError
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
from desktop.ui.models.card import ModelCard
from desktop.ui.models.dialog import ModelsDialog
from desktop.ui.settings.editors import ModelEditor, NumberEditor
from desktop.ui.transcript.markdown import blocks_of
from tests.rigs.conversations import answer, question
from tests.rigs.models import CATALOG, SMALL_HERE, fit
from tests.rigs.shell import running
from tests.rigs.windows import copied, transcript
from tests.support.engine_harness import Harness, config_for, user
from tests.support.huge_texts import C6
from tests.support.longest_turn import longest_turn
from tests.support.parrot import make_parrot
from tests.support.widgets import child, children
from tests.support.written import formats, is_inked, shown

# 0.1 s on the machine of docs/ARCHITECTURE.md; before, 3.7 to 25 s. What is measured is time of the processor, of which
# a busy machine takes more for the same work.
_HELD_S = 0.4


@pytest.mark.usefixtures("qapp")
class TestC1:
    @pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["in a row", "with empty lines"])
    def test_c1_code_in_numbered_items_stays_in_its_item(self, qtbot: QtBot, between: str) -> None:
        # GIVEN a numbered list whose items hold fenced code
        code = "   import sys\n\n   for name in sys.argv:\n       print(name)"
        text = "".join(
            f"{number}. Step {number}:{between}   ```python\n{code}\n   ```{between}" for number in (1, 2, 3)
        )
        view = transcript(qtbot)
        # WHEN it is shown at once, and letter by letter
        view.show_messages([question(1), answer(2, text)], 0)
        at_once = shown(view)
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "")
        for letter in text:
            view.grow_answer(letter, "")
            view._flush()
        growing = shown(view)
        # THEN there are three items, each followed by its code, and nothing else
        lines = ["import sys", "", "for name in sys.argv:", "    print(name)"]
        expected = [part for n in (1, 2, 3) for part in (f"{n}. Step {n}:", *(f"    {line}" for line in lines))]
        assert at_once == growing == expected

    def test_c1_copy_copies_exactly_the_code(self, qtbot: QtBot) -> None:
        code = "if x:\n\ty = 1\u00a0\n\n    # three\n  two"
        indented = "\n".join(f"   {line}" if line else "" for line in code.split("\n"))
        view = transcript(qtbot)
        view.show_messages([answer(2, f"1. Do:\n   ```sh\n{indented}\n   ```\n2. Then:\n   ```\n   b\n   ```")], 0)
        for number, expected in enumerate((code, "b")):
            view.anchorClicked.emit(QUrl(f"catnap:code/2/{number}"))
            assert QGuiApplication.clipboard().text() == expected


@pytest.mark.parametrize(
    "text",
    [
        "3*d-4*b", "x_1 * x_2 * y_3", "2*3*4 = 24", "a*b*c", "x**2 + y**2", "f(x)*g(y)*h(z)", "(a+b)*(c-d)*e",
        "5 * 3 * 2", "snake_case_name and other_name_", "__init__ and __name__", "*args, **kwargs",
        "2 ** 3 ** 4", "~5 or ~10",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["{}", "因此 {}。", "- {}", "# {}", "| {} |\n|---|\n| b |"])
def test_c2_sums_and_names_keep_their_signs(qtbot: QtBot, text: str, around: str) -> None:
    view = transcript(qtbot)
    view.show_messages([answer(1, around.format(text))], 0)
    assert text in copied(view)
    for block in blocks_of(view.document()):
        assert not any(form.fontItalic() for form in formats(block))


_FORMULAS = (r"\(a \neq 0\)", r"\[E = mc^2\]", r"$$x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}$$")


class TestC3:
    def test_c3_formulas_are_readable(self, qtbot: QtBot) -> None:
        # GIVEN the formulas of the table, and a break of a line within one
        view = transcript(qtbot)
        text = "\n\n".join((*_FORMULAS, "$$\n\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}\n$$"))
        # WHEN they are shown
        view.show_messages([answer(1, text)], 0)
        # THEN the simple one is words, the others are drawn, and no sign of LaTeX is left
        written = view.toPlainText()
        assert "a ≠ 0" in written
        assert written.count("\ufffc") == 3
        assert "\\" not in written and "$" not in written
        for block in blocks_of(view.document()):
            if block.text() == "\ufffc":
                assert is_inked(view, block)
        # AND what is copied is how it was written
        assert copied(view) == "\n".join(text.split("\n\n"))
        view.copy_last_answer()
        assert QGuiApplication.clipboard().text() == text

    @pytest.mark.parametrize("text", [r"\[ x = \undefinedcommand{a} \]", r"\( \frac{a \)", "$$ \\begin{matrix} a $$"])
    def test_c3_what_cannot_be_understood_is_shown_as_it_is_written(self, qtbot: QtBot, text: str) -> None:
        view = transcript(qtbot)
        view.show_messages([answer(1, f"So {text} holds.")], 0)
        assert f"So {text} holds." in view.toPlainText()

    def test_c3_a_formula_that_is_not_closed_yet_is_shown_as_it_is_written(self, qtbot: QtBot) -> None:
        view = transcript(qtbot)
        view.show_messages([question(1)], 0)
        view.begin_answer(None, "")
        for piece in ("So\n\n\\[\n", "x_1 = ", "\\frac{a}{b} ", "- *c*\n"):
            view.grow_answer(piece, "")
            view._flush()
        assert "\\[\u2028x_1 = \\frac{a}{b} - *c*" in view.toPlainText().replace("\n", "\u2028")
        view.grow_answer("\\]\n\nDone", "")
        view._flush()
        assert "\ufffc" in view.toPlainText() and "frac" not in view.toPlainText()

    @pytest.mark.parametrize(
        "text", ["It costs $5 and $6.", "$HOME/$USER", "US$ 5 and A$ 6", "from $5-$10", "I have $20 (or 20$)"]
    )
    def test_c3_prices_are_no_formulas(self, qtbot: QtBot, text: str) -> None:
        view = transcript(qtbot)
        view.show_messages([answer(1, text)], 0)
        assert text in view.toPlainText()


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
