"""Why is it slow? What costs speed on this computer, in a person's words, each with the button that changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import QT_TRANSLATE_NOOP
from desktop.engine.types import Stats
from desktop.lifecycle.slowness import Cause, Finding
from desktop.settings.types import OptionValue
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.page_dialog import PageDialog
from desktop.ui.words import short_name

_SIZE_IN_UNITS = QSize(68, 56)


# What to say of each: a headline, and what it means and what helps. {0} and {1} are the values of the finding.
_TEXTS: Mapping[Cause, tuple[str, str]] = MappingProxyType(
    {
        Cause.SHORT_OF_MEMORY: (
            QT_TRANSLATE_NOOP("Slowness", "The computer is short of memory"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "Parts of the model are read from the disk again and again. Close what you do not need, "
                "or take a smaller model.",
            ),
        ),
        Cause.TIGHT: (
            QT_TRANSLATE_NOOP("Slowness", "The model hardly fits into the memory"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "It takes about {0}, and about {1} can be had. Close what you do not need, choose a "
                "smaller context, or take a smaller model.",
            ),
        ),
        Cause.OTHER_PROGRAMS: (
            QT_TRANSLATE_NOOP("Slowness", "Other programs are busy"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "They take {0}% of the processor just now, and Catnap lets them go first.",
            ),
        ),
        Cause.BATTERY: (
            QT_TRANSLATE_NOOP("Slowness", "The computer runs on its battery ({0}%)"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "To spare it, half of the processor cores answer at the most. Plugged in, it is faster by itself.",
            ),
        ),
        Cause.FEW_THREADS: (
            QT_TRANSLATE_NOOP("Slowness", "Only {0} of {1} processor cores answer"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "The settings say so. By itself Catnap finds the quickest number while it answers.",
            ),
        ),
        Cause.MANY_THREADS: (
            QT_TRANSLATE_NOOP("Slowness", "More threads than the processor has cores"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "The settings say {0} threads, for {1} cores: they get into each other's way. By itself "
                "Catnap finds the quickest number.",
            ),
        ),
        Cause.THINKING: (
            QT_TRANSLATE_NOOP("Slowness", "The model thinks before it answers"),
            QT_TRANSLATE_NOOP("Slowness", "That makes it better at puzzles, and several times slower."),
        ),
        Cause.FORGETS: (
            QT_TRANSLATE_NOOP("Slowness", "Conversations are read anew after each rest"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "Where they stopped is not kept, or hardly any room is left for it, so that a long "
                "conversation takes a long time to wake.",
            ),
        ),
        Cause.SHORT_REST: (
            QT_TRANSLATE_NOOP("Slowness", "The model sleeps after {0} minutes already"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "Then it has to be loaded anew for the next question. Dozing takes little memory, and wakes at once.",
            ),
        ),
        Cause.DRIVE: (
            QT_TRANSLATE_NOOP("Slowness", "The model lies on a drive that may be pulled out"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "From {0} it is read as a whole, which takes longer and more memory. Keep models on the "
                "computer's own disk.",
            ),
        ),
        Cause.FASTER_ANSWERS: (
            QT_TRANSLATE_NOOP("Slowness", "“Faster answers” is switched off"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "With this model on this processor it was measured to pay. It takes more memory, and "
                "waking takes longer.",
            ),
        ),
        Cause.SMALLER_MODEL: (
            QT_TRANSLATE_NOOP("Slowness", "The model is large for this computer"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "For each word all of {0} is read. {1} is smaller, and answers at reading speed here.",
            ),
        ),
        Cause.OLD_PROCESSOR: (
            QT_TRANSLATE_NOOP("Slowness", "The processor is of an old kind"),
            QT_TRANSLATE_NOOP(
                "Slowness",
                "It lacks the instructions (AVX2) that models are computed with since 2013. A small model "
                "suits it best.",
            ),
        ),
    }
)


def finding_words(finding: Finding) -> tuple[str, str]:
    """Returns what makes it slow, and what that means and what helps, translated."""
    title, text = (QCoreApplication.translate("Slowness", words) for words in _TEXTS[finding.cause])
    values = [_shown(finding.cause, value) for value in finding.values]
    return title.format(*values), text.format(*values)


def _shown(cause: Cause, value: str | float) -> str:
    if cause is Cause.TIGHT:
        return format_bytes(int(value))
    return short_name(value) if isinstance(value, str) else f"{value:g}"


class SlownessDialog(PageDialog):
    """It shows that it looks until :meth:`show_findings` is called.

    Signals:
        settingChosen: (key, value) The setting shall have that value.
        settingRequested: (key) The person wants to see to that setting.
        modelsRequested: The models shall be shown.
    """

    settingChosen = Signal(str, object)
    settingRequested = Signal(str)
    modelsRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Why is it slow?"), _SIZE_IN_UNITS, parent)
        self.column.setSpacing(spacing(self).double)
        self.column.addWidget(QLabel(self.tr("Looking at the computer for a moment…")))
        self.column.addStretch()

    def show_findings(self, findings: Sequence[Finding], last: Stats | None) -> None:
        """Shows what was found.

        Args:
            findings: The worst first.
            last: The figures of the last answer; None: there was none.
        """
        while (item := self.column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if last is not None and last.gen_tps > 0:
            self.column.addWidget(MutedLabel(self._last_words(last)))
        if not findings:
            self.column.addWidget(
                _wrapped(
                    self.tr(
                        "Nothing out of the ordinary slows Catnap down. How fast it is depends on the size of the "
                        "model: the smaller, the faster. The first words after a rest always take a moment."
                    )
                )
            )
            self.column.addWidget(
                self._button(self.tr("&Models…"), self.modelsRequested.emit), 0, Qt.AlignmentFlag.AlignLeft
            )
        for finding in findings:
            self.column.addWidget(self._card(finding))
        self.column.addStretch()

    def _last_words(self, stats: Stats) -> str:
        if stats.load_s > 0:
            words = self.tr(
                "The last answer came at {speed} tokens a second; its first word after {seconds} s, {waking} s of them "
                "for waking."
            )
        else:
            words = self.tr("The last answer came at {speed} tokens a second; its first word after {seconds} s.")
        return words.format(speed=f"{stats.gen_tps:.1f}", seconds=f"{stats.ttft_s:.1f}", waking=f"{stats.load_s:.1f}")

    def _card(self, finding: Finding) -> QWidget:
        title, text = finding_words(finding)
        card = QWidget()
        rows = QVBoxLayout(card)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(spacing(self).half)
        head = _wrapped(title)
        font = head.font()
        font.setBold(True)
        head.setFont(font)
        rows.addWidget(head)
        rows.addWidget(MutedLabel(text))
        rows.addWidget(Gap(spacing(self).half))
        buttons = QHBoxLayout()
        buttons.setSpacing(spacing(self).unit)
        if finding.value is not None:
            value, key = finding.value, finding.setting
            buttons.addWidget(self._button(self._change_words(finding), lambda: self._choose(key, value, card)))
        elif finding.setting:
            key = finding.setting
            buttons.addWidget(self._button(self.tr("&Settings…"), lambda: self.settingRequested.emit(key)))
        if finding.model:
            buttons.addWidget(self._button(self.tr("&Models…"), self.modelsRequested.emit))
        buttons.addStretch()
        add_layout(rows, buttons)
        return card

    def _choose(self, key: str, value: OptionValue, card: QWidget) -> None:
        self.settingChosen.emit(key, value)
        card.setEnabled(False)

    def _change_words(self, finding: Finding) -> str:
        if finding.value is True:
            return self.tr("Switch it on")
        if finding.value is False:
            return self.tr("Use all cores on battery") if finding.cause is Cause.BATTERY else self.tr("Switch it off")
        if finding.value == 0:
            return self.tr("Let Catnap choose")
        return self.tr("Let it sleep after {minutes} minutes").format(minutes=f"{finding.value:g}")

    def _button(self, words: str, does: Callable[[], object]) -> QPushButton:
        button = QPushButton(words)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: does())
        return button


def _wrapped(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
