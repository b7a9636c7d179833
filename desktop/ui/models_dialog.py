"""The models dialog: what can be had, what is here, how far a download has got. Not modal. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QLocale, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.engine.footprint import Fit
from desktop.errors import UserFacingError
from desktop.memory_advice import Judgement
from desktop.models.types import Catalog, DownloadProgress, InstalledModel, ModelSpec
from desktop.ui.formats import error_words
from desktop.ui.inline_notice import InlineNotice
from desktop.ui.labels import MutedLabel
from desktop.ui.model_card import ModelCard
from desktop.ui.model_phase import CardAction
from desktop.ui.model_words import ModelEntry, licence_page, rank
from desktop.ui.style import spacing
from desktop.ui.window_size import fitting_size

_SIZE_IN_UNITS = QSize(100, 70)
_TITLE_FACTOR = 1.35
# A question waiting for a model is recalled, not repeated.
_QUESTION_CHARS = 120


class ModelsDialog(QDialog):
    """Shows all models and passes on what the user wants done with them. Made once and shown again.

    Args:
        fit: Says whether a model fits this computer's memory; called once a model each time the list is filled.
        open_url: Opens an address; None: the system's browser.
        locale: Decides between English and Chinese sentences; None: the language of the interface.

    Attributes:
        downloadRequested: (model id)
        pauseRequested: (model id)
        resumeRequested: (model id)
        cancelRequested: (model id) The bytes already here may go.
        useRequested: (model id)
        removeRequested: (model id) Asked and confirmed.
        verifyRequested: (model id)
        importRequested: (path: str) Of a GGUF file to be used where it lies.
    """

    downloadRequested = Signal(str)  # noqa: N815 (the way Qt names signals)
    pauseRequested = Signal(str)  # noqa: N815
    resumeRequested = Signal(str)  # noqa: N815
    cancelRequested = Signal(str)  # noqa: N815
    useRequested = Signal(str)  # noqa: N815
    removeRequested = Signal(str)  # noqa: N815
    verifyRequested = Signal(str)  # noqa: N815
    importRequested = Signal(str)  # noqa: N815

    def __init__(
        self,
        fit: Callable[[ModelSpec], Judgement],
        open_url: Callable[[str], object] | None = None,
        locale: QLocale | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models"))
        self._fit = fit
        self._open_url = open_url or (lambda address: QDesktopServices.openUrl(QUrl(address)))
        # The one string whose translation tells which language the interface speaks.
        language = locale or QLocale(self.tr("en", "code of this language: en, zh_CN"))
        self._chinese = language.language() == QLocale.Language.Chinese
        self._cards: dict[str, ModelCard] = {}
        self._order: list[str] = []
        self._selected = ""
        self._title, self._subtitle = QLabel(), MutedLabel()
        self._question, self._error = InlineNotice(), InlineNotice(warns=True)
        self._fits_only = self._make_filter(self.tr("&Fits this computer"))
        self._chinese_only = self._make_filter(self.tr("C&hinese"))
        self._nothing = MutedLabel(self.tr("No model is both: take a filter away."))
        self._here = QLabel(self.tr("On this computer"))
        self._there = QLabel(self.tr("To download"))
        self._list = QVBoxLayout()
        self._area = QScrollArea()
        self._close = QPushButton(self.tr("Close"))
        self._lay_out()
        for key in QKeySequence.keyBindings(QKeySequence.StandardKey.Close) or [QKeySequence("Ctrl+W")]:
            QShortcut(key, self, self.close)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    def set_models(
        self,
        catalog: Catalog,
        installed: Sequence[InstalledModel],
        in_use: str,
        recommended: str | None,
        partial: Mapping[str, int],
    ) -> None:
        """Fills the list; downloads under way go on showing.

        Args:
            catalog: The models on offer.
            installed: What can be used now, own files among them.
            in_use: Id of the model that answers; empty: none.
            recommended: Id of the best model for this computer.
            partial: Bytes on disk of downloads that were begun, by model id.
        """
        here = {model.id: model for model in installed}
        entries = [
            ModelEntry(model.id, model.name, None, model, in_use=model.id == in_use)
            for model in installed
            if catalog.get(model.id) is None
        ]
        for spec in catalog.models:
            entries.append(
                ModelEntry(
                    spec.id,
                    spec.name,
                    spec,
                    here.get(spec.id),
                    in_use=spec.id == in_use,
                    recommended=spec.id == recommended,
                    fit=self._fit(spec),
                    partial=partial.get(spec.id, 0),
                )
            )
        self._show_entries(sorted(entries, key=rank))
        self._say_title(begun=any(not model.missing for model in installed))
        if self._selected not in self._cards:
            wanted = (in_use, recommended, *self._order)
            self._select(next((model_id for model_id in wanted if model_id in self._cards), ""))

    def set_progress(self, progress: DownloadProgress) -> None:
        """Shows how far a download has got."""
        if card := self._cards.get(progress.model_id):
            card.show_progress(progress)

    def set_failed(self, model_id: str, error: UserFacingError) -> None:
        """Says on the model's row why its download failed and offers another try."""
        if card := self._cards.get(model_id):
            card.show_failure(error)
        else:
            self.show_error(error)

    def set_verified(self, model_id: str, intact: bool) -> None:
        """Says what reading a model's file again has shown."""
        if card := self._cards.get(model_id):
            card.show_verified(intact)

    def show_error(self, error: UserFacingError | None) -> None:
        """Says above the list what went wrong outside a download; None takes it away."""
        if error is None:
            self._error.say("")
            return
        for card in self._cards.values():
            card.forget_check()
        self._error.say(error_words(error))

    def set_waiting_question(self, question: str | None) -> None:
        """Assures the user that a question typed before there was a model is kept; None: there is none."""
        if not question:
            self._question.say("")
            return
        line = " ".join(question.split())
        short = line if len(line) <= _QUESTION_CHARS else line[: _QUESTION_CHARS - 1] + "…"
        text = self.tr("Your question is kept and will be asked when the model is ready: “{question}”")
        self._question.say(text.format(question=short))

    def select(self, model_id: str) -> None:
        """Selects a model and brings it into view; an unknown id is ignored."""
        if model_id in self._cards:
            self._select(model_id)

    def focus_selected(self) -> None:
        """Puts the keyboard where Enter does the obvious thing: on the button of the selected model, if it has one."""
        card = self._cards.get(self._selected)
        if card is None or not card.focus_main():
            self._close.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def _show_entries(self, entries: Sequence[ModelEntry]) -> None:
        wanted = {entry.id for entry in entries}
        for model_id in [model_id for model_id in self._cards if model_id not in wanted]:
            card = self._cards.pop(model_id)
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        for entry in entries:
            if entry.id in self._cards:
                self._cards[entry.id].show_entry(entry)
            else:
                self._cards[entry.id] = self._make_card(entry)
        self._order = [entry.id for entry in entries]
        here = [self._cards[entry.id] for entry in entries if entry.installed is not None]
        there = [self._cards[entry.id] for entry in entries if entry.installed is None]
        widgets: list[QWidget] = [self._nothing, self._here, *here, self._there, *there]
        for at, widget in enumerate(widgets):
            if self._list.indexOf(widget) != at:
                self._list.insertWidget(at, widget)
        self._filter()

    def _make_card(self, entry: ModelEntry) -> ModelCard:
        card = ModelCard(entry, self._chinese)
        card.set_selected(False)
        card.acted.connect(lambda action: self._act(entry.id, action))
        card.picked.connect(lambda: self._select(entry.id))
        card.moved.connect(lambda steps: self._move(entry.id, steps))
        return card

    def _act(self, model_id: str, action: CardAction) -> None:
        match action:
            case CardAction.DOWNLOAD:
                self.downloadRequested.emit(model_id)
            case CardAction.PAUSE:
                self.pauseRequested.emit(model_id)
            case CardAction.RESUME:
                self.resumeRequested.emit(model_id)
            case CardAction.CANCEL:
                self.cancelRequested.emit(model_id)
            case CardAction.USE:
                self.useRequested.emit(model_id)
            case CardAction.REMOVE:
                self.removeRequested.emit(model_id)
            case CardAction.VERIFY:
                self.verifyRequested.emit(model_id)
            case CardAction.LICENCE:
                spec = self._cards[model_id].entry.spec
                if spec is not None:
                    self._open_url(licence_page(spec))

    def _select(self, model_id: str) -> None:
        if model_id == self._selected:
            return
        if old := self._cards.get(self._selected):
            old.set_selected(False)
        self._selected = model_id
        if card := self._cards.get(model_id):
            card.set_selected(True)
            # Its height changes with what it unfolds; before that there is nothing to scroll to.
            QTimer.singleShot(0, card, lambda: self._area.ensureWidgetVisible(card, 0, spacing(self).unit))

    def _move(self, model_id: str, steps: int) -> None:
        shown = [other for other in self._order if not self._cards[other].isHidden()]
        at = min(max(shown.index(model_id) + steps, 0), len(shown) - 1)
        self._select(shown[at])
        self._cards[shown[at]].setFocus(Qt.FocusReason.OtherFocusReason)

    def _filter(self) -> None:
        here = there = 0
        for card in self._cards.values():
            entry = card.entry
            fits = entry.fit is None or entry.fit.fit is not Fit.TOO_BIG
            matches = (fits or not self._fits_only.isChecked()) and (
                entry.speaks_chinese or not self._chinese_only.isChecked()
            )
            # What is here or on its way is never out of sight.
            shown = matches or entry.installed is not None or card.under_way or entry.partial > 0
            card.setVisible(shown)
            here += shown and entry.installed is not None
            there += shown and entry.installed is None
        self._here.setVisible(here > 0)
        self._there.setVisible(here > 0 and there > 0)
        self._nothing.setVisible(here + there == 0)

    def _say_title(self, begun: bool) -> None:
        if begun:
            self._title.setText(self.tr("Models"))
            self._subtitle.setText(
                self.tr("Catnap uses one at a time. They answer on this computer, without a network.")
            )
        else:
            self._title.setText(self.tr("Choose a model to begin"))
            self._subtitle.setText(
                self.tr("It is downloaded once. After that Catnap needs no network, and what you write stays here.")
            )

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, self.tr("Import a model"), "", self.tr("Models (*.gguf);;All files (*)")
        )
        if path:
            self.importRequested.emit(path)

    def _make_filter(self, text: str) -> QPushButton:
        chip = QPushButton(text)
        chip.setCheckable(True)
        chip.setAutoDefault(False)
        chip.toggled.connect(lambda _on: self._filter())
        return chip

    def _lay_out(self) -> None:
        gap = spacing(self)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * _TITLE_FACTOR)
        self._title.setFont(font)
        for heading in (self._here, self._there):
            heading.setContentsMargins(gap.unit, gap.unit, 0, gap.half)
            heading.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setContentsMargins(gap.double, gap.double, gap.double, gap.double)
        words = QVBoxLayout()
        words.setSpacing(gap.half)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        head = QHBoxLayout()
        head.setSpacing(gap.unit)
        head.addLayout(words, stretch=1)
        for chip in (self._fits_only, self._chinese_only):
            head.addWidget(chip, alignment=Qt.AlignmentFlag.AlignBottom)
        self._list.setSpacing(0)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addStretch()
        content = QWidget()
        content.setBackgroundRole(QPalette.ColorRole.Base)
        content.setLayout(self._list)
        self._area.setWidget(content)
        self._area.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.StyledPanel)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        own = QPushButton(self.tr("&Import a GGUF file…"))
        own.setToolTip(self.tr("Use a model file you already have, where it lies; nothing is copied"))
        own.setAutoDefault(False)
        own.clicked.connect(self._choose_file)
        self._close.setToolTip(self.tr("Close this window (Esc)"))
        self._close.setAutoDefault(False)
        self._close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addWidget(own)
        foot.addStretch()
        foot.addWidget(self._close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(gap.double, gap.double, gap.double, gap.double)
        whole.setSpacing(gap.unit + gap.half)
        whole.addLayout(head)
        whole.addWidget(self._question)
        whole.addWidget(self._error)
        whole.addWidget(self._area, stretch=1)
        whole.addLayout(foot)
