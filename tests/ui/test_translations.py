"""Every word of the interface is there in Chinese, and what is loaded is what was translated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import translations
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QMenu, QMenuBar
from pytestqt.qtbot import QtBot
from translations import SourceText

from desktop.common.errors import UserFacingError
from desktop.settings.options import OPTIONS
from desktop.settings.types import Apply, Group
from desktop.ui.chat.actions import ChatActions
from desktop.ui.language import install_translator, language_for
from desktop.ui.models.head import ModelsHead
from desktop.ui.settings.dialog import SettingsDialog
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.mnemonics import mnemonic_of
from desktop.ui.words import listed
from tests.support.widgets import children, letters_given_twice

HOW = "run .venv/bin/python packaging translations, translate what it lists, and run it again"


def translators(app: QApplication) -> list[QTranslator]:
    return cast(list[QTranslator], list(app.findChildren(QTranslator)))


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[QApplication]:
    before = translators(qapp)
    install_translator(qapp, "zh_CN")
    yield qapp
    for translator in set(translators(qapp)) - set(before):
        qapp.removeTranslator(translator)
        translator.deleteLater()


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_nothing_is_left_untranslated(language: str) -> None:
    assert [f"{text.context}: {text.text}" for text in translations.missing(language)] == [], HOW


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_every_option_is_explained_in_chinese(option: object) -> None:
    done = translations.translated("zh_CN")
    chosen = next(one for one in OPTIONS if one is option)
    texts = [chosen.label, chosen.help, chosen.suffix, chosen.special, chosen.apply.value, chosen.group.value]
    for text in filter(None, texts):
        assert SourceText("Options", text) in done
    named = [choice.label for choice in chosen.choices if not re.search(r"\.(co|com|cn)$", choice.label)]
    for text in named:
        assert SourceText("Options", text) in done or text in ("English", "简体中文")


def test_an_error_in_the_models_dialog_is_said_in_chinese_to_its_end(chinese: QApplication, qtbot: QtBot) -> None:
    del chinese
    problem = UserFacingError("The drive does not answer.", "{0}: it needs {1}, {2} are free.", values=("a", "b", "c"))
    head = ModelsHead()
    qtbot.addWidget(head)
    head.set_error(problem)
    banner = next(each for each in children(head, Banner) if each.current is not None)
    assert "a：需要 b，空闲 c。" in banner.accessibleName()


def test_pages_and_effects_are_translated() -> None:
    done = translations.translated("zh_CN")
    assert {SourceText("Options", one.value) for one in (*Group, *Apply)} <= done.keys()


def _sentences_of_errors(file: Path) -> Iterator[tuple[int, str]]:
    """Yields the titles and remedies written into a module, marked or not."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "UserFacingError":
            continue
        sentences = [*node.args[:1], *node.args[2:3]]
        sentences += [word.value for word in node.keywords if word.arg in ("title", "remedy")]
        for part in sentences:
            if isinstance(part, ast.Constant) and part.value:
                yield node.lineno, str(part.value)
            elif isinstance(part, ast.Call) and getattr(part.func, "id", "") == "QT_TRANSLATE_NOOP":
                yield node.lineno, ast.literal_eval(part.args[1])


def test_every_error_says_in_chinese_what_happened_and_what_to_do() -> None:
    done = translations.translated("zh_CN")
    # The command line speaks English only, and its own sentences never reach a window.
    files = [file for file in translations.sources() if "cli" not in file.parts]
    found = [(file, line, text) for file in files for line, text in _sentences_of_errors(file)]
    assert len(found) > 50
    lacking = [f"{file.name}:{line}: {text}" for file, line, text in found if SourceText("Errors", text) not in done]
    assert lacking == [], HOW


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_what_is_loaded_is_what_was_translated(language: str, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.qm"
    translations.compile_to(language, fresh)
    assert fresh.read_bytes() == translations.qm_file(language).read_bytes(), HOW


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_variable_parts_survive_translation(language: str) -> None:
    for text, forms in translations.translated(language).items():
        wanted = sorted(re.findall(r"\{\w*[^}]*\}|%[n1-9]|%p%", text.text))
        for form in forms:
            assert sorted(re.findall(r"\{\w*[^}]*\}|%[n1-9]|%p%", form)) == wanted, text


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_letters_and_tabs_survive_translation(language: str) -> None:
    for text, forms in translations.translated(language).items():
        if text.context == "Options":
            continue  # these get their letters when a page is made
        for form in forms:
            assert (mnemonic_of(form) is None) == (mnemonic_of(text.text) is None), text
            assert form.count("\t") == text.text.count("\t"), text


def test_a_text_that_no_tool_can_find_is_refused(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('class A:\n    def f(self, n): return self.tr(f"{n} models")\n', "utf-8")
    with pytest.raises(ValueError, match="only a plain string"):
        translations.texts_of(module)
    module.write_text('def f(widget): return widget.tr("Models")\n', "utf-8")
    with pytest.raises(ValueError, match="only a plain string"):
        translations.texts_of(module)


def test_texts_are_found_wherever_they_are_marked(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        'X = QT_TRANSLATE_NOOP("Errors", "It "\n  "failed.")\n_t("Model")\n'
        'class A:\n    def f(self, p):\n        p.translate(1, 2)\n        Q.translate("Errors", p.title)\n'
        '        return self.tr("Hello"), Q.translate("Formats", "left")\n',
        "utf-8",
    )
    pairs = {("Errors", "It failed."), ("Options", "Model"), ("A", "Hello"), ("Formats", "left")}
    assert translations.texts_of(module) == {SourceText(*pair) for pair in pairs}


@pytest.mark.parametrize(
    ("setting", "system", "language"),
    [
        ("system", "zh_CN", "zh_CN"),
        ("system", "zh_TW", "zh_CN"),
        ("system", "de_DE", "en"),
        ("en", "zh_CN", "en"),
        ("zh_CN", "de_DE", "zh_CN"),
    ],
)
def test_the_language_is_chosen_or_the_systems(setting: str, system: str, language: str) -> None:
    assert language_for(setting, QLocale(system)) == language


def test_installing_translates_catnap_and_qts_own_buttons(chinese: QApplication, qtbot: QtBot) -> None:
    assert QCoreApplication.translate("SettingsDialog", "Settings") == "设置"
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    assert "取消" in box.button(QDialogButtonBox.StandardButton.Cancel).text()


def test_english_installs_nothing(qapp: QApplication) -> None:
    before = translators(qapp)
    install_translator(qapp, "en")
    assert translators(qapp) == before


def test_a_translation_that_is_not_there_leaves_english(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def nowhere(name: str) -> Path:
        raise FileNotFoundError(name)

    monkeypatch.setattr("desktop.ui.language.resource_path", nowhere)
    install_translator(qapp, "zh_CN")
    assert QCoreApplication.translate("SettingsDialog", "Settings") == "Settings"
    assert "no translation" in caplog.text


def test_a_chinese_dialog_is_made_without_complaint(chinese: QApplication, qtbot: QtBot) -> None:
    from desktop.settings.options import Settings

    dialog = SettingsDialog(Settings(), (), lambda _settings: None)
    qtbot.addWidget(dialog)
    assert dialog.windowTitle() == "设置"


def test_names_in_a_row_are_separated_as_in_chinese(chinese: QApplication) -> None:
    assert listed(("租约.pdf", "附件.pdf")) == "租约.pdf、附件.pdf"


def test_no_letter_leads_to_two_entries_of_a_chinese_menu(chinese: QApplication, qtbot: QtBot) -> None:
    bar = QMenuBar()
    qtbot.addWidget(bar)
    ChatActions(bar, bar)
    assert len(children(bar, QMenu)) == len(bar.actions()) + 1  # what is chosen for a conversation is a menu in one
    assert bar.actions()[0].text().startswith("对话")
    assert letters_given_twice(bar) == []
