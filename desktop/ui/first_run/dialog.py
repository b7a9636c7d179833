"""The first steps in one small dialog: language, a model that fits this computer, start at login. Not modal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.common.errors import UserFacingError
from desktop.lifecycle.first_choice import FirstChoice, Lack
from desktop.models.types import DownloadProgress, InstalledModel
from desktop.settings.options import START_AT_LOGIN, option_for
from desktop.ui.first_run.words import computer_words, lack_words, offer_words
from desktop.ui.models.card import ModelCard
from desktop.ui.models.entry import PHASES, UNDER_WAY, CardAction, ModelEntry, licence_page
from desktop.ui.models.model_file import ModelFileChooser
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import AccentButton, MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.banner_layout import BannerLayout
from desktop.ui.widgets.layouts.gap import Gap
from desktop.ui.widgets.layouts.nesting import add_layout, holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.widgets.window_size import grow_to_show, open_in_the_middle
from desktop.ui.words import error_words, option_words, short_name

_SIZE_IN_UNITS = QSize(80, 66)
_TITLE_FACTOR = 1.35
# In a window less high than this what is around the page takes less room.
_LOW = 46


@dataclass(frozen=True)
class FirstRunState:
    """What the dialog shows beside what is chosen in it.

    Attributes:
        choice: What is offered.
        installed: What is here, own files among it.
        in_use: Id of the model that answers; empty: none yet.
        partial: Bytes on disk of downloads that were begun, by model id.
        trying: Ids of the models that are being tried.
    """

    choice: FirstChoice
    installed: Sequence[InstalledModel] = ()
    in_use: str = ""
    partial: Mapping[str, int] = field(default_factory=dict)
    trying: Collection[str] = ()


class FirstRunDialog(QDialog):
    """Shows it and passes on what is wanted. Made once, gone when it is closed.

    Attributes:
        acted: (model id, CardAction) A button of a model was pressed.
        languageChosen: (value of the option ``language``)
        loginChosen: (bool) Whether Catnap shall start at login.
        importRequested: (path: str) Of a GGUF file to be used where it lies.
        modelsRequested: All models are wanted.
        folderRequested: Models shall lie elsewhere.
        lookRequested: This computer shall be looked at again.
    """

    acted = Signal(str, CardAction)
    languageChosen = Signal(str)
    loginChosen = Signal(bool)
    importRequested = Signal(str)
    modelsRequested = Signal()
    folderRequested = Signal()
    lookRequested = Signal()

    def __init__(
        self,
        language: str,
        *,
        starts_at_login: bool,
        open_url: Callable[[str], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            language: The one in force, ``"en"`` or ``"zh_CN"``.
            starts_at_login: Whether Catnap does.
            open_url: Opens an address; None: the system's browser.
            parent: Its window.
        """
        super().__init__(parent)
        self._open_url = open_url or (lambda address: QDesktopServices.openUrl(QUrl(address)))
        self._state: FirstRunState | None = None
        self._cards: dict[str, ModelCard] = {}
        self._selected = ""
        self._progress: dict[str, DownloadProgress] = {}
        self._file_chooser = ModelFileChooser()
        self._title, self._intro, self._computer = QLabel(), QLabel(), QLabel()
        self._language_label, self._language = QLabel(), QComboBox()
        self._trouble, self._lack, self._ready = WarningLabel(), QLabel(), QLabel()
        self._again, self._folder = QPushButton(), QPushButton()
        self._list = QVBoxLayout()
        self._area = QScrollArea()
        self._login, self._login_help, self._background = QCheckBox(), MutedLabel(), MutedLabel()
        self._own, self._all, self._skip, self._begin = QPushButton(), QPushButton(), QPushButton(), AccentButton()
        self._login.setChecked(starts_at_login)
        self._fill_languages(language)
        self._lay_out()
        self._connect()
        self._say()
        add_close_keys(self)
        open_in_the_middle(self, _SIZE_IN_UNITS)

    def show_state(self, state: FirstRunState) -> None:
        """Shows what is known now; a download under way goes on showing."""
        self._state = state
        entries = self._entries(state)
        for model_id in [model_id for model_id in self._cards if model_id not in {entry.id for entry in entries}]:
            self._drop(model_id)
        for at, entry in enumerate(entries):
            if entry.id in self._cards:
                self._cards[entry.id].show_entry(entry)
            else:
                card = self._make_card(entry)
                self._list.insertWidget(at, card)
                card.show()  # a layout would do that a turn of the loop later
        wanted = (state.in_use, *state.trying, self._selected, *(entry.id for entry in entries))
        self._select(next((model_id for model_id in wanted if model_id in self._cards), ""))
        self._order_tabs()
        self._computer.setText(computer_words(state.choice.computer))
        self._lack.setText(lack_words(state.choice))
        self._show_what_fits()

    def show_progress(self, progress: DownloadProgress) -> None:
        """Shows how far a download has got."""
        self._progress[progress.model_id] = progress
        if card := self._cards.get(progress.model_id):
            card.show_progress(progress)
        self._show_what_fits()

    def show_failure(self, model_id: str, error: UserFacingError) -> None:
        """Says at the model why its download failed; it can be tried again."""
        self._progress.pop(model_id, None)
        if card := self._cards.get(model_id):
            card.show_failure(error)
            self._reveal(card)
        self._show_what_fits()

    def show_error(self, error: UserFacingError | None) -> None:
        """Says what else went wrong; None takes it away."""
        self._trouble.say(error_words(error) if error is not None else "")
        if error is not None:
            QTimer.singleShot(0, self._trouble, lambda: self._area.ensureWidgetVisible(self._trouble))

    def set_login(self, on: bool) -> None:
        """Shows whether Catnap starts at login, as the system says."""
        self._login.blockSignals(True)
        self._login.setChecked(on)
        self._login.blockSignals(False)

    def say_again(self) -> None:
        """Says everything in the language that is in force now."""
        for model_id in list(self._cards):
            self._drop(model_id)
        self._say()
        if self._state is not None:
            self.show_state(self._state)
            for progress in self._progress.values():
                self.show_progress(progress)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            QTimer.singleShot(0, self._language, self._begin_at_the_top)  # by then the page has its height

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _begin_at_the_top(self) -> None:
        """Puts the keyboard where Enter does the obvious thing, unless that is out of sight on a low screen."""
        grow_to_show(self, self._area)
        self._area.verticalScrollBar().setValue(0)
        card = self._cards.get(self._selected)
        if self._begin.isVisibleTo(self):
            self._begin.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        elif card is None:
            other = self._again if self._again.isVisibleTo(self) else self._skip
            other.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        elif card.mapTo(self._area, card.rect().bottomLeft()).y() > self._area.height() or not card.focus_main():
            self._language.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def _fit_height(self) -> None:
        """Leaves the page as much room as can be on a low screen."""
        gap = spacing(self)
        edge = gap.unit if self.height() < _LOW * unit(self) else gap.unit + gap.half
        self._whole.setContentsMargins(edge, edge, edge, edge)
        self._whole.setSpacing(edge)

    @property
    def _chinese(self) -> bool:
        return str(self._language.currentData()) == "zh_CN"

    @property
    def _is_under_way(self) -> bool:
        return any(PHASES[each.state] in UNDER_WAY for each in self._progress.values())

    def _entries(self, state: FirstRunState) -> list[ModelEntry]:
        here = {model.id: model for model in state.installed}
        offered = {offer.spec.id: offer for offer in state.choice.offers}
        entries = [
            ModelEntry(
                model.id,
                model.name,
                model.spec,
                model,
                in_use=model.id == state.in_use,
                trying=model.id in state.trying,
                why=self.tr("A model file that you have already."),
            )
            for model in state.installed
            if model.id not in offered
        ]
        for at, (model_id, offer) in enumerate(offered.items()):
            entries.append(
                ModelEntry(
                    model_id,
                    offer.spec.name,
                    offer.spec,
                    here.get(model_id),
                    in_use=model_id == state.in_use,
                    recommended=at == 0,
                    fit=offer.judgement,
                    partial=state.partial.get(model_id, 0),
                    trying=model_id in state.trying,
                    why=offer_words(offer, chinese=self._chinese),
                )
            )
        return entries

    def _show_what_fits(self) -> None:
        """Shows the buttons and lines that go with how things stand."""
        state = self._state
        lack = state.choice.lack if state is not None else None
        in_use = self._cards.get(state.in_use) if state is not None else None
        is_ready = in_use is not None
        self._lack.setVisible(lack is not None and not is_ready)
        self._again.setVisible(lack in (Lack.MEMORY, Lack.DISK) and not is_ready)
        self._folder.setVisible(lack is Lack.DISK and not is_ready)
        self._remedies.setVisible(not self._again.isHidden())
        if in_use is not None:
            words = self.tr("{model} is ready. Ask it anything: what you write stays on this computer.")
            self._ready.setText(words.format(model=short_name(in_use.entry.name)))
        self._ready.setVisible(is_ready)
        self._intro.setVisible(not is_ready)
        self._begin.setVisible(is_ready)
        for button in (self._own, self._all, self._skip):
            button.setVisible(not is_ready)
        self._background.setVisible(self._is_under_way and not is_ready)
        under_way = self.tr("Go on in the &background")
        self._skip.setText(under_way if self._is_under_way else self.tr("&Skip"))
        if is_ready and not self._begin.hasFocus():
            self._begin.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_card(self, entry: ModelEntry) -> ModelCard:
        card = self._cards[entry.id] = ModelCard(entry, self._chinese)
        card.set_selected(entry.id == self._selected)
        card.acted.connect(lambda action: self._act(entry.id, action))
        card.picked.connect(lambda: self._select(entry.id))
        card.moved.connect(lambda steps: self._move(entry.id, steps))
        return card

    def _order_tabs(self) -> None:
        """Lets Tab go from top to bottom: whatever is made later, as cards are, would come at the end."""
        for card in sorted(self._cards.values(), key=self._list.indexOf):
            inside: QWidget = card
            while (following := inside.nextInFocusChain()) is not None and card.isAncestorOf(following):
                inside = following
            for below in (self._own, self._all, self._login, self._skip, self._begin):
                QWidget.setTabOrder(inside, below)
                inside = below

    def _drop(self, model_id: str) -> None:
        card = self._cards.pop(model_id)
        self._list.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _act(self, model_id: str, action: CardAction) -> None:
        self.show_error(None)
        spec = self._cards[model_id].entry.spec
        if action is CardAction.LICENCE and spec is not None:
            self._open_url(licence_page(spec))
        else:
            self.acted.emit(model_id, action)

    def _select(self, model_id: str) -> None:
        if model_id == self._selected and model_id in self._cards:
            self._cards[model_id].set_selected(True)
            return
        if old := self._cards.get(self._selected):
            old.set_selected(False)
        self._selected = model_id
        if card := self._cards.get(model_id):
            card.set_selected(True)
            QTimer.singleShot(0, card, lambda: self._reveal(card))  # its height changes with what it unfolds

    def _reveal(self, card: ModelCard) -> None:
        self._area.ensureWidgetVisible(card, 0, spacing(self).unit)

    def _move(self, model_id: str, steps: int) -> None:
        order = sorted(self._cards, key=lambda one: self._list.indexOf(self._cards[one]))
        at = min(max(order.index(model_id) + steps, 0), len(order) - 1)
        self._select(order[at])
        self._cards[order[at]].setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose_file(self) -> None:
        if path := self._file_chooser.ask(self):
            self.show_error(None)
            self.importRequested.emit(path)

    def _fill_languages(self, language: str) -> None:
        for choice in option_for("language").choices:
            if choice.value != "system":
                self._language.addItem(choice.label, choice.value)
        self._language.setCurrentIndex(max(0, self._language.findData(language)))

    def _say(self) -> None:
        self.setWindowTitle(self.tr("Welcome to Catnap"))
        self._title.setText(self.tr("Welcome to Catnap"))
        self._intro.setText(
            self.tr(
                "Catnap answers questions with a small language model, on this computer alone. "
                "The model is downloaded once; after that no network is needed."
            )
        )
        self._language_label.setText(self.tr("&Language"))
        self._language.setAccessibleName(self.tr("Language"))
        self._again.setText(self.tr("Look &again"))
        self._folder.setText(self.tr("Another &folder…"))
        self._login.setText(option_words(START_AT_LOGIN.label))
        self._login_help.setText(option_words(START_AT_LOGIN.help))
        self._background.setText(
            self.tr("You may close this window: the download goes on, and you find it again under Models.")
        )
        self._own.setText(self.tr("&I have a file…"))
        self._own.setToolTip(self.tr("Use a model file you already have, where it lies; nothing is copied"))
        self._all.setText(self.tr("All &models…"))
        self._all.setToolTip(self.tr("Every model on offer, what each is good for, and help with the network"))
        self._skip.setToolTip(self.tr("Close this window (Esc); it does not come back, and models are in the menu"))
        self._begin.setText(self.tr("&Begin"))

    def _connect(self) -> None:
        self._language.activated.connect(lambda _at: self.languageChosen.emit(self._language.currentData()))
        self._login.toggled.connect(self.loginChosen)
        self._again.clicked.connect(self.lookRequested)
        self._folder.clicked.connect(self.folderRequested)
        self._own.clicked.connect(self._choose_file)
        self._all.clicked.connect(self.modelsRequested)
        self._skip.clicked.connect(self.close)
        self._begin.clicked.connect(self.close)
        for button in (self._again, self._folder, self._own, self._all, self._skip):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        gap = spacing(self)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * _TITLE_FACTOR)
        for heading in (self._title, self._ready):
            heading.setFont(font)
        for words in (self._intro, self._computer, self._lack, self._ready):
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
        self._language_label.setBuddy(self._language)
        self._begin.set_accented(True)
        page = QWidget()
        page.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(page)
        column.setContentsMargins(gap.double, gap.double, gap.double, gap.double)
        column.setSpacing(gap.unit)
        column.addWidget(self._head())
        for words in (self._intro, self._ready, self._computer, self._lack):
            column.addWidget(words)
        self._remedies = holding(WrappingRow(), self._again, self._folder, gap=gap.unit)
        column.addWidget(self._remedies)
        column.addWidget(self._trouble)
        self._list.setSpacing(0)
        add_layout(column, self._list)
        column.addWidget(self._background)
        column.addWidget(holding(WrappingRow(), self._own, self._all, gap=gap.unit))
        column.addWidget(Gap(gap.half))
        column.addWidget(self._login)
        column.addWidget(self._login_help)
        column.addStretch()
        self._area.setWidget(page)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.StyledPanel)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self._skip)
        foot.addWidget(self._begin)
        whole = self._whole = QVBoxLayout(self)
        whole.addWidget(self._area, stretch=1)
        add_layout(whole, foot)
        self._fit_height()

    def _head(self) -> QWidget:
        gap = spacing(self)
        language = holding(QHBoxLayout(), self._language_label, self._language, gap=gap.unit)
        line = BannerLayout(self._title, language, QWidget(), self._title.minimumSizeHint().width)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(gap.double)
        head = QWidget()
        head.setLayout(line)
        return head
