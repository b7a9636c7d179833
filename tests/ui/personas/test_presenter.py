"""Choosing and writing personas, with everything but the desktop: real services, the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.common.paths import Paths
from desktop.personas.library import PersonaLibrary
from desktop.ui.personas.dialog import PersonasDialog
from desktop.ui.widgets.mnemonics import mnemonic_of
from tests.rigs.shell import Bench, running
from tests.support.own_models import use_own
from tests.support.weights import smollm2
from tests.support.widgets import child, children

pytestmark = pytest.mark.qt_log_ignore("No such signal QPlatformNativeInterface::systemTrayWindowChanged")


class PersonaBench:
    """The interface, and what is looked at here."""

    def __init__(self, bench: Bench) -> None:
        self.shell = bench.shell
        self.bench = bench
        self.library: PersonaLibrary = bench.services.personas
        bench.show()
        dialog = bench.shell.models.dialog
        if dialog is not None:
            dialog.close()
        self.window = bench.window

    @property
    def dialog(self) -> PersonasDialog:
        dialog = self.shell.personas.dialog
        assert dialog is not None
        return dialog

    def menu(self) -> list[QAction]:
        menu = self.window.persona.menu()
        menu.aboutToShow.emit()
        return list(menu.actions())

    def choose(self, name: str) -> None:
        next(action for action in self.menu() if action.text() == name).trigger()

    def open(self, name: str) -> PersonasDialog:
        self.window.menu.personas.trigger()
        self.look_at(name)
        return self.dialog

    def look_at(self, name: str) -> None:
        names = child(self.dialog, QListWidget)
        found = names.findItems(name, Qt.MatchFlag.MatchExactly)
        names.setCurrentItem(found[0])

    def names(self) -> list[str]:
        names = child(self.dialog, QListWidget)
        return [names.item(place).text() for place in range(names.count())]

    def line(self) -> QLineEdit:
        return next(line for line in children(self.dialog, QLineEdit) if line.accessibleName() == "Name")

    def text(self, name: str) -> QPlainTextEdit:
        return next(one for one in children(self.dialog, QPlainTextEdit) if one.accessibleName() == name)

    def complaints(self) -> str:
        return " ".join(label.text() for label in children(self.dialog, QLabel, shown=True))


@pytest.fixture
def there(qapp: QApplication, qtbot: QtBot, data_dir: Paths) -> Iterator[PersonaBench]:
    with running(qapp, qtbot, data_dir) as bench:
        made = PersonaBench(bench)
        yield made
        if made.shell.personas.dialog is not None:
            made.shell.personas.dialog.close()
            made.shell.personas.dialog.deleteLater()


def test_the_window_says_who_answers_and_offers_the_questions(there: PersonaBench) -> None:
    assert there.window.persona.text() == "General"
    assert there.window.pane.empty_page.starters == there.library.get("general").starters
    assert [action.text() for action in there.menu() if action.isCheckable()] == [
        persona.name for persona in there.library.all()
    ]
    there.choose("Explain to a child")
    assert there.window.persona.text() == "Explain to a child"
    assert there.window.persona.accessibleName() == "Persona: Explain to a child"
    assert there.window.pane.empty_page.starters == there.library.get("child").starters
    checked = [action.text() for action in there.menu() if action.isChecked()]
    assert checked == ["Explain to a child"]


def test_f3_the_general_personas_questions_are_those_of_the_model(there: PersonaBench) -> None:
    page, general = there.window.pane.empty_page, there.library.get("general")
    # GIVEN a model that the catalogue has questions for, under the name of another quantisation
    use_own(there.bench.services, smollm2())
    own = there.bench.services.models.catalog.get("smollm2-135m")
    # THEN these are offered; a persona keeps its own
    assert own is not None and own.starters is not None
    assert page.starters == own.starters.en
    there.choose("Explain to a child")
    assert page.starters == there.library.get("child").starters
    there.choose("General")
    assert page.starters == own.starters.en
    # AND the interface's language is theirs
    there.library.speak("zh_CN")
    assert page.starters == own.starters.zh
    there.library.speak("en")
    # BUT what somebody has written himself goes first
    there.library.save(replace(general, starters=("What shall I cook?",)))
    assert page.starters == ("What shall I cook?",)


def test_each_conversation_has_its_own_and_large_type_is_the_companions(
    there: PersonaBench, parrot_model: Path
) -> None:
    use_own(there.bench.services, parrot_model)
    usual = there.window.pane.transcript.font().pointSizeF()
    there.choose("Patient companion")
    assert there.window.pane.transcript.font().pointSizeF() > usual * 1.3
    there.bench.send("Hello")
    there.bench.wait_for_answer()
    first = there.shell.chat.current if there.shell.chat else None
    assert there.window.persona.text() == "Patient companion"
    # WHEN another one is begun THEN that is as usual
    there.window.menu.new.trigger()
    assert there.window.persona.text() == "General"
    assert there.window.pane.transcript.font().pointSizeF() == usual
    # AND the first one is as it was
    assert there.shell.chat is not None
    there.shell.chat.open(first)
    assert there.window.persona.text() == "Patient companion"
    assert there.window.pane.transcript.font().pointSizeF() > usual * 1.3


def test_changing_it_in_a_running_conversation_says_from_when_and_the_price(
    there: PersonaBench, parrot_model: Path
) -> None:
    use_own(there.bench.services, parrot_model)
    there.bench.send("Hello")
    there.bench.wait_for_answer()
    there.choose("Summary")
    notice = there.window.pane.banner.current
    assert notice is not None
    assert notice.title == "“Summary” answers from the next message on."
    assert "is read again" in notice.remedy
    assert any(figure.isdigit() for figure in notice.remedy)
    there.bench.press("Undo")
    assert there.window.persona.text() == "General"
    chat = there.shell.chat
    assert chat is not None
    assert there.bench.services.history.conversation(str(chat.current)).choices.persona is None


def test_choosing_one_for_a_new_conversation_has_its_words_read_at_once(
    there: PersonaBench, parrot_model: Path
) -> None:
    # GIVEN a model that sleeps
    use_own(there.bench.services, parrot_model)
    there.choose("Translator Chinese–English")
    # THEN it wakes, and the state of the persona's words is kept before anything is written
    states = there.bench.paths.snapshots_dir
    there.bench.qtbot.waitUntil(lambda: len(list(states.glob("*.json"))) == 1)
    # WHEN its words are changed
    dialog = there.open("Translator Chinese–English")
    there.text("Instructions to the model").setPlainText("You translate.")
    dialog.form.flush()
    # THEN they are forgotten
    there.bench.qtbot.waitUntil(lambda: not list(states.glob("*.json")))


def test_one_is_written_in_the_dialog(there: PersonaBench) -> None:
    there.open("General")
    push_button(there.dialog, "&New").click()
    assert there.line().text() == "New persona"
    assert there.dialog.focusWidget() is there.line()
    QTest.keyClicks(there.line(), "Cook")
    there.text("Instructions to the model").setPlainText("You cook.")
    there.text("Questions to begin with").setPlainText("Eggs?\n\nSoup?")
    there.text("Examples").setPlainText("Rice?\nBoil it.↵Then eat it.\n\nSoup?")
    large, calculates = children(there.dialog.form, QCheckBox)
    large.setChecked(True)
    assert calculates.isChecked(), "as usual"
    calculates.setChecked(False)
    there.dialog.form.flush()
    assert "not complete" in there.complaints()
    there.text("Examples").appendPlainText("Boil it too.")
    there.bench.qtbot.waitUntil(lambda: there.library.all()[-1].prompt == "You cook.")
    cook = there.library.all()[-1]
    assert (cook.name, cook.starters, cook.has_large_type) == ("Cook", ("Eggs?", "Soup?"), True)
    assert cook.temperature is None
    assert not cook.calculates
    assert cook.examples == (("Rice?", "Boil it.\nThen eat it."), ("Soup?", "Boil it too."))
    assert there.names()[-1] == "Cook"
    # AND it can be talked with
    push_button(there.dialog, "&Talk with it").click()
    assert there.window.persona.text() == "Cook"
    assert there.window.pane.empty_page.starters == ("Eggs?", "Soup?")
    # AND nothing lies over the conversation
    assert not there.dialog.isVisible()


def test_typing_is_not_disturbed_by_its_own_saving(there: PersonaBench) -> None:
    there.open("Summary")
    field = there.text("Instructions to the model")
    field.setFocus()
    field.moveCursor(field.textCursor().MoveOperation.End)
    QTest.keyClicks(field, " Be kind. ")
    place = field.textCursor().position()
    there.dialog.form.flush()
    assert there.library.get("summary").prompt.endswith("Be kind.")
    assert field.toPlainText().endswith("Be kind. ")
    assert field.textCursor().position() == place


def test_what_is_being_written_is_not_lost_by_looking_at_another_or_closing(there: PersonaBench) -> None:
    there.open("Summary")
    there.text("Instructions to the model").setPlainText("One.")
    there.look_at("General")
    assert there.library.get("summary").prompt == "One."
    assert there.text("Instructions to the model").toPlainText() == ""
    there.text("Instructions to the model").setPlainText("Two.")
    there.dialog.close()
    assert there.bench.services.store.current.system_prompt == "Two."


def test_a_changed_one_is_reset_and_the_reset_undone(there: PersonaBench) -> None:
    dialog = there.open("Summary")
    reset = push_button(dialog, "&Reset")
    assert not reset.isEnabled()
    before = there.library.get("summary").prompt
    there.text("Instructions to the model").setPlainText("Mine.")
    dialog.form.flush()
    assert reset.isEnabled()
    reset.click()
    assert there.text("Instructions to the model").toPlainText() == before
    assert not reset.isEnabled()
    push_button(dialog.banner, "Undo").click()
    assert there.library.get("summary").prompt == "Mine."
    assert there.text("Instructions to the model").toPlainText() == "Mine."


def test_one_is_duplicated_deleted_and_comes_back(there: PersonaBench) -> None:
    dialog = there.open("Python helper")
    assert not push_button(dialog, "D&elete").isVisible()
    push_button(dialog, "&Duplicate").click()
    assert there.names()[-1] == "Python helper (copy)"
    assert there.line().text() == "Python helper (copy)"
    assert not push_button(dialog, "&Reset").isVisible()
    copy = there.library.all()[-1]
    push_button(dialog, "D&elete").click()
    assert there.names()[-1] == "Translator Chinese–English"
    assert dialog.banner.current is not None
    assert dialog.banner.current.title == "“Python helper (copy)” was deleted."
    push_button(dialog.banner, "Undo").click()
    assert there.library.all()[-1] == copy
    assert there.line().text() == "Python helper (copy)"


def test_what_will_not_do_is_said_and_the_old_one_stays(there: PersonaBench) -> None:
    dialog = there.open("Summary")
    there.line().clear()
    QTest.keyClicks(there.line(), "  ")
    dialog.form.flush()
    assert "needs a name" in there.complaints()
    assert there.library.get("summary").name == "Summary"
    QTest.keyClicks(there.line(), "Short")
    dialog.form.flush()
    assert "needs a name" not in there.complaints()
    assert there.library.get("summary").name == "Short"


def test_it_opens_from_the_settings_and_these_know_them_all(there: PersonaBench) -> None:
    there.library.add("Mine")
    there.shell.settings.show("persona")
    dialog = there.shell.settings.dialog
    assert dialog is not None
    editor = dialog._rows["persona"].editor
    combo = editor.control
    texts = [combo.itemText(place) for place in range(combo.count())]  # type: ignore[attr-defined]
    assert texts[0] == "General" and "Mine" in texts and texts[-1] == "Personas…"
    combo.activated.emit(texts.index("Mine"))  # type: ignore[attr-defined]
    there.bench.qtbot.waitUntil(lambda: there.library.get(there.bench.services.store.current.persona).name == "Mine")
    assert there.window.persona.text() == "Mine"
    combo.activated.emit(len(texts) - 1)  # type: ignore[attr-defined]
    assert there.dialog.isVisible()
    dialog.close()


def test_no_letter_leads_to_two_places(there: PersonaBench) -> None:
    dialog = there.open("General")
    words: list[QPushButton | QLabel | QCheckBox] = [*children(dialog, QPushButton, shown=True)]
    words += [*children(dialog, QLabel, shown=True), *children(dialog, QCheckBox, shown=True)]
    letters = [letter for letter in (mnemonic_of(widget.text()) for widget in words) if letter]
    assert len(letters) >= 9
    assert len(set(letters)) == len(letters)


def push_button(parent: QWidget, text: str) -> QPushButton:
    return next(button for button in children(parent, QPushButton) if button.text() == text)
