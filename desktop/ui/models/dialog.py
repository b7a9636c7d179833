"""The models dialog: what can be had, what is here, how far a download has got. Not modal."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from PySide6.QtCore import QEvent, QLocale, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.common.errors import UserFacingError
from desktop.engine.footprint import Fit
from desktop.lifecycle.expected_speed import SpeedRange
from desktop.lifecycle.memory_fit import Judgement
from desktop.models.download.network_check import NetworkReport
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.size_classes import SizeClass
from desktop.models.types import Catalog, DownloadProgress, InstalledModel, ModelSpec
from desktop.ui.models.card import ModelCard
from desktop.ui.models.entry import CardAction, ModelEntry, licence_page, rank
from desktop.ui.models.head import ModelsHead
from desktop.ui.models.model_file import ModelFileChooser
from desktop.ui.models.network_panel import NetworkPanel
from desktop.ui.models.packs import PackHead, in_packs, pack_of, pack_words
from desktop.ui.models.proxy_account import ProxyAccountPanel
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.foot import foot
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.window_size import fitting_size

_SIZE_IN_UNITS = QSize(100, 70)
# In a window less high than this, what stands above the list says less: the models need the room.
_LOW = 46
# Cards that fill the window, and how long the others may be made at a stretch: each takes some 3 ms on an old laptop.
_AT_ONCE = 6
_SLICE_S = 0.008


class ModelsDialog(QDialog):
    """Shows all models and passes on what the user wants done with them. Made once and shown again.

    Attributes:
        downloadRequested: (model id)
        pauseRequested: (model id)
        resumeRequested: (model id)
        cancelRequested: (model id) The bytes already here may go; a trial is given up.
        useRequested: (model id)
        findRequested: (model id) It shall find passages of documents by what they mean.
        removeRequested: (model id) Asked and confirmed.
        verifyRequested: (model id)
        reportRequested: (model id) Of one that has brought the engine down.
        importRequested: (path: str) Of a GGUF file to be used where it lies.
        detailsRequested: (model id) What it is.
        abilitiesRequested: (model id) What it can do.
        smallerRequested: (model id) A smaller one shall be made of it.
        hubRequested: The user wants to add one from Hugging Face.
        serversRequested: The user wants one on another computer.
        talkRequested: The model that has come shall be asked something.
        networkCheckRequested: Which host answers is to be found out.
        proxyAccountEntered: (proxy, user, password, keep) The account that a proxy has asked for.
    """

    downloadRequested = Signal(str)
    pauseRequested = Signal(str)
    resumeRequested = Signal(str)
    cancelRequested = Signal(str)
    useRequested = Signal(str)
    findRequested = Signal(str)
    removeRequested = Signal(str)
    verifyRequested = Signal(str)
    reportRequested = Signal(str)
    importRequested = Signal(str)
    detailsRequested = Signal(str)
    abilitiesRequested = Signal(str)
    smallerRequested = Signal(str)
    hubRequested = Signal()
    serversRequested = Signal()
    talkRequested = Signal()
    networkCheckRequested = Signal()
    proxyAccountEntered = Signal(str, str, str, bool)

    def __init__(
        self,
        fit: Callable[[ModelSpec], Judgement],
        open_url: Callable[[str], object] | None = None,
        locale: QLocale | None = None,
        parent: QWidget | None = None,
        read_bytes: Callable[[InstalledModel | ModelSpec], int] = lambda _model: 0,
        judge_own: Callable[[InstalledModel], Judgement | None] = lambda _model: None,
        speed: Callable[[int], SpeedRange] | None = None,
    ) -> None:
        """
        Args:
            fit: Says whether a model fits this computer's memory; called once a model each time the list is filled.
            open_url: Opens an address; None: the system's browser.
            locale: Decides between English and Chinese sentences; None: the language of the interface.
            parent: Its window.
            read_bytes: Says how much of a model must be read into memory; called as ``fit`` is.
            judge_own: Says whether one of the user's own models fits; called as ``fit`` is.
            speed: Says how fast a file of so many bytes will answer here; None: that is not shown.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models"))
        self._fit = fit
        self._read_bytes = read_bytes
        self._judge_own, self._speed = judge_own, speed
        self._open_url = open_url or (lambda address: QDesktopServices.openUrl(QUrl(address)))
        # The one string whose translation tells which language the interface speaks.
        language = locale or QLocale(self.tr("en", "code of this language: en, zh_CN"))
        self._chinese = language.language() == QLocale.Language.Chinese
        self._cards: dict[str, ModelCard] = {}
        self._packs: dict[tuple[bool, SizeClass], PackHead] = {}  # headings, of what is here and what is not
        self._order: list[str] = []
        self._late: dict[str, ModelEntry] = {}  # those that have no card yet, in their order
        self._making = QTimer(self, singleShot=True, interval=0)
        self._making.timeout.connect(self._make_some)
        self._selected = ""
        self._left_at = -1  # where the list was scrolled to for the selected one
        self._file_chooser = ModelFileChooser()
        self._head = ModelsHead()
        self._head.filtersChanged.connect(self._filter)
        self._head.talkRequested.connect(self.talkRequested)
        self._nothing = MutedLabel()
        self._here = QLabel(self.tr("On this computer"))
        self._there = QLabel(self.tr("To download"))
        self._list, self._page = QVBoxLayout(), QVBoxLayout()
        self._area = QScrollArea()
        self._network, self._account = NetworkPanel(self._open_url), ProxyAccountPanel()
        self._own = QPushButton(self.tr("&Import a GGUF file…"))
        self._hub = QPushButton(self.tr("&Add from Hugging Face…"))
        self._servers = QPushButton(self.tr("On a ser&ver…"))
        self._check = QPushButton(self.tr("Check my &network"))
        self._close = QPushButton(self.tr("Close"))
        self._lay_out()
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    def set_models(
        self,
        catalog: Catalog,
        installed: Sequence[InstalledModel],
        in_use: str,
        recommended: str | None,
        partial: Mapping[str, int],
        marked: Collection[str] = (),
        trying: Collection[str] = (),
        abilities: Mapping[str, str] = MappingProxyType({}),
        finds: str = "",
    ) -> None:
        """Fills the list; downloads under way go on showing.

        Args:
            catalog: The models on offer.
            installed: What can be used now, own files among them.
            in_use: Id of the model that answers; empty: none.
            recommended: Id of the best model for this computer.
            partial: Bytes on disk of downloads that were begun, by model id.
            marked: Ids of models that have brought the engine down twice while loading.
            trying: Ids of the models that are being tried.
            abilities: What models can do, in words, by model id, as far as that was checked.
            finds: File of the model that finds passages by what they mean; empty: none does.
        """
        here = {model.id: model for model in installed}

        def entry(model_id: str, name: str, spec: ModelSpec | None, fit: Judgement | None) -> ModelEntry:
            model = here.get(model_id)
            return ModelEntry(
                *(model_id, name, spec, model),
                in_use=model_id == in_use,
                recommended=spec is not None and model_id == recommended,
                fit=fit if model is None or (model.kind.can_chat and not model.missing) else None,
                partial=partial.get(model_id, 0) if spec is not None else 0,
                marked=model_id in marked,
                trying=model_id in trying,
                ability=abilities.get(model_id, ""),
                finds=model is not None and str(model.path) == finds,
            )

        own = (model for model in installed if catalog.get(model.id) is None)
        entries = [entry(model.id, model.name, None, self._judge_own(model)) for model in own]
        for spec in catalog.models:
            name = here[spec.id].name if spec.id in here else spec.name
            entries.append(entry(spec.id, name, spec, self._fit(spec)))
        self._show_entries(in_packs(sorted(map(self._priced, entries), key=rank)))
        self._head.say_title(
            begun=any(model.kind.can_chat and not model.missing for model in installed), offers=bool(entries)
        )
        if self._selected not in self._cards:
            wanted = (in_use, recommended, *self._order)
            self._select(next((model_id for model_id in wanted if model_id in self._order), ""))

    def _priced(self, entry: ModelEntry) -> ModelEntry:
        model = entry.installed or entry.spec
        return entry if model is None else replace(entry, read_bytes=self._read_bytes(model))

    def set_progress(self, progress: DownloadProgress) -> None:
        """Shows how far a download has got."""
        if card := self._card(progress.model_id):
            card.show_progress(progress)

    def set_failed(self, model_id: str, error: UserFacingError) -> None:
        """Says on the model's row why its download failed and offers another try."""
        if card := self._card(model_id):
            card.show_failure(error)
        else:
            self.show_error(error)

    def set_verified(self, model_id: str, intact: bool) -> None:
        """Says what reading a model's file again has shown."""
        if card := self._card(model_id):
            card.show_verified(intact)

    def show_error(self, error: UserFacingError | None) -> None:
        """Says above the list what went wrong outside a download; None takes it away."""
        if error is None:
            self._head.set_error(None)
            return
        for card in self._cards.values():
            card.forget_check()
        self._head.set_error(error)

    def show_network(self, report: NetworkReport) -> None:
        """Shows at the top of the list what is known about the network so far."""
        self._network.show_report(report)

    def ask_proxy_account(self, error: ProxyAccountNeededError) -> None:
        """Asks at the top of the list for the account of a proxy."""
        self._account.ask(error)
        # After whatever else scrolls the list: who has chosen a model is asked before it can be fetched.
        QTimer.singleShot(0, self._account, lambda: self._area.verticalScrollBar().setValue(0))

    def say_arrived(self, model: str) -> None:
        """Says that a model can be asked now, and leads there; empty: takes it away."""
        self._head.say_arrived(model)

    def set_waiting_question(self, question: str | None) -> None:
        """Assures the user that a question typed before there was a model is kept; None: there is none."""
        self._head.set_waiting_question(question or "")

    def select(self, model_id: str) -> None:
        """Selects a model and brings it into view; an unknown id is ignored."""
        if model_id in self._order:
            self._select(model_id)
            self._reveal_soon()  # also where it was selected before, and scrolled away

    def focus_selected(self) -> None:
        """Puts the keyboard where Enter does the obvious thing: on the button of the selected model, if it has one."""
        card = self._cards.get(self._selected)
        if card is None or not card.focus_main():
            other = self._close if self._cards else self._own
            other.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_whole"):
            self._fit_height()

    def _fit_height(self) -> None:
        """Leaves the list as much room as can be on a low screen."""
        gap, low = spacing(self), self._is_low()
        self._head.set_brief(low)
        edge = gap.unit if low else gap.unit + gap.half
        self._whole.setContentsMargins(edge, edge, edge, edge)
        self._whole.setSpacing(gap.half if low else edge)

    def _is_low(self) -> bool:
        return self.height() < _LOW * unit(self)

    def _show_entries(self, entries: Sequence[ModelEntry]) -> None:
        wanted = {entry.id for entry in entries}
        for model_id in [model_id for model_id in self._cards if model_id not in wanted]:
            card = self._cards.pop(model_id)
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._order = [entry.id for entry in entries]
        for entry in entries:
            if entry.id in self._cards:
                self._cards[entry.id].show_entry(entry)
        new = [entry for entry in entries if entry.id not in self._cards]
        for entry in new[:_AT_ONCE]:
            self._make_card(entry)
        self._late = {entry.id: entry for entry in new[_AT_ONCE:]}
        self._place()
        if self._late:
            self._making.start()

    def _card(self, model_id: str) -> ModelCard | None:
        """Returns the card of a model, which is made if it is wanted before its turn; None: there is no such model."""
        if model_id in self._late:
            self._make_card(self._late.pop(model_id))
            self._place()
        return self._cards.get(model_id)

    def _make_some(self) -> None:
        """Makes cards that are not seen yet, the event loop having its turn in between."""
        end = time.perf_counter() + _SLICE_S
        while self._late and time.perf_counter() < end:
            self._make_card(self._late.pop(next(iter(self._late))))
        self._place()
        if self._late:
            self._making.start()
        elif self._area.verticalScrollBar().value() == self._left_at:
            self._reveal_soon()  # others were made above it, and nobody has scrolled since

    def _place(self) -> None:
        """Puts the cards in their order, below what they are."""
        cards = [self._cards[model_id] for model_id in self._order if model_id in self._cards]
        here = [card for card in cards if card.entry.installed is not None]
        there = [card for card in cards if card.entry.installed is None]
        widgets: list[QWidget] = [self._nothing, self._here, *self._in_packs(here), self._there, *self._in_packs(there)]
        for at, widget in enumerate(widgets):
            if self._list.indexOf(widget) != at:
                self._list.insertWidget(at, widget)
        self._filter()

    def _in_packs(self, cards: Sequence[ModelCard]) -> list[QWidget]:
        """Returns cards that are sorted by their class, each class below its heading."""
        found: list[QWidget] = []
        last: PackHead | None = None
        for card in cards:
            head = self._head_of(card.entry)
            if head is not last:
                found.append(head)
                last = head
            found.append(card)
        return found

    def _head_of(self, entry: ModelEntry) -> PackHead:
        key = entry.installed is not None, pack_of(entry)
        if key not in self._packs:
            self._packs[key] = PackHead(self)
        return self._packs[key]

    def _make_card(self, entry: ModelEntry) -> ModelCard:
        card = self._cards[entry.id] = ModelCard(entry, self._chinese)
        card.set_selected(False)
        card.acted.connect(lambda action: self._act(entry.id, action))
        card.picked.connect(lambda: self._select(entry.id))
        card.moved.connect(lambda steps: self._move(entry.id, steps))
        return card

    def _act(self, model_id: str, action: CardAction) -> None:
        if action is CardAction.LICENCE:
            if (spec := self._cards[model_id].entry.spec) is not None:
                self._open_url(licence_page(spec))
            return
        asked = {
            CardAction.DOWNLOAD: self.downloadRequested,
            CardAction.PAUSE: self.pauseRequested,
            CardAction.RESUME: self.resumeRequested,
            CardAction.CANCEL: self.cancelRequested,
            CardAction.USE: self.useRequested,
            CardAction.FIND: self.findRequested,
            CardAction.REMOVE: self.removeRequested,
            CardAction.VERIFY: self.verifyRequested,
            CardAction.DETAILS: self.detailsRequested,
            CardAction.ABILITIES: self.abilitiesRequested,
            CardAction.SMALLER: self.smallerRequested,
            CardAction.REPORT: self.reportRequested,
        }
        asked[action].emit(model_id)

    def _select(self, model_id: str) -> None:
        if model_id == self._selected:
            return
        if old := self._cards.get(self._selected):
            old.set_selected(False)
        self._selected = model_id
        if card := self._card(model_id):
            card.set_selected(True)
            self._reveal_soon()

    def _reveal_soon(self) -> None:
        # Its height changes with what it unfolds; before that there is nothing to scroll to.
        QTimer.singleShot(0, self._area, self._reveal)

    def _reveal(self) -> None:
        if (card := self._cards.get(self._selected)) is None:
            return
        if self._is_low():  # with the next one below it
            self._area.verticalScrollBar().setValue(card.y())
        else:
            self._area.ensureWidgetVisible(card, 0, spacing(self).unit)
        self._left_at = self._area.verticalScrollBar().value()

    def _move(self, model_id: str, steps: int) -> None:
        while self._late:
            self._make_some()
        shown = [other for other in self._order if not self._cards[other].isHidden()]
        at = min(max(shown.index(model_id) + steps, 0), len(shown) - 1)
        self._select(shown[at])
        self._cards[shown[at]].setFocus(Qt.FocusReason.OtherFocusReason)

    def _filter(self) -> None:
        here = there = 0
        packs: dict[PackHead, list[ModelEntry]] = {head: [] for head in self._packs.values()}
        for card in self._cards.values():
            entry = card.entry
            fits = entry.fit is None or entry.fit.fit is not Fit.TOO_BIG
            matches = (fits or not self._head.fits_only) and (entry.speaks_chinese or not self._head.chinese_only)
            # What is here or on its way is never out of sight.
            shown = matches or entry.installed is not None or card.under_way or entry.partial > 0
            card.setVisible(shown)
            if shown:
                packs[self._head_of(entry)].append(entry)
            here += shown and entry.installed is not None
            there += shown and entry.installed is None
        for head, entries in packs.items():
            head.setVisible(bool(entries))
            if entries:
                head.setText(pack_words(entries, self._speed, chinese=self._chinese))
        self._here.setVisible(here > 0)
        self._there.setVisible(here > 0 and there > 0)
        if self._cards:
            self._nothing.setText(self.tr("No model is both: take a filter away."))
        else:
            self._nothing.setText(
                self.tr(
                    "The list of models that comes with Catnap could not be read, so there is none to download. "
                    "You can use a model file that you already have: import it with the button below."
                )
            )
        self._nothing.setVisible(here + there == 0 and not self._late)

    def _start_check(self) -> None:
        self._area.verticalScrollBar().setValue(0)
        self.networkCheckRequested.emit()

    def _choose_file(self) -> None:
        if path := self._file_chooser.ask(self):
            self.importRequested.emit(path)

    def _lay_out(self) -> None:
        gap = spacing(self)
        for heading in (self._here, self._there):
            heading.setContentsMargins(gap.unit + gap.half, gap.unit + gap.half, 0, gap.half)
            heading.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setContentsMargins(gap.double, gap.double, gap.double, gap.double)
        self._list.setSpacing(0)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addStretch()
        content = QWidget()
        content.setBackgroundRole(QPalette.ColorRole.Base)
        self._page.setSpacing(0)
        self._page.setContentsMargins(0, 0, 0, 0)
        # They scroll with the list: on a low screen they would leave it no room, or have none themselves.
        for part in (self._head.question, self._account, self._network):
            self._page.addWidget(part)
        add_layout(self._page, self._list)
        content.setLayout(self._page)
        self._area.setWidget(content)
        self._area.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.StyledPanel)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._own.setToolTip(self.tr("Use a model file you already have, where it lies; nothing is copied"))
        self._own.setAutoDefault(False)
        self._own.clicked.connect(self._choose_file)
        self._hub.setToolTip(self.tr("Paste the link of a model's page and see which of its files fit this computer"))
        self._hub.setAutoDefault(False)
        self._hub.clicked.connect(self.hubRequested.emit)
        self._servers.setToolTip(self.tr("Use a model on another computer: your company's, or one in your own network"))
        self._servers.setAutoDefault(False)
        self._servers.clicked.connect(self.serversRequested.emit)
        self._check.setToolTip(self.tr("Find out which download host answers, how fast, and through which proxy"))
        self._check.setAutoDefault(False)
        self._check.clicked.connect(self._start_check)
        self._network.againRequested.connect(self.networkCheckRequested)
        self._account.entered.connect(self.proxyAccountEntered)
        self._close.setToolTip(self.tr("Close this window (Esc)"))
        self._close.setAutoDefault(False)
        self._close.clicked.connect(self.close)
        whole = self._whole = QVBoxLayout(self)
        self._fit_height()
        whole.addWidget(self._head)
        whole.addWidget(self._area, stretch=1)
        whole.addWidget(foot(self._own, self._hub, self._servers, self._check, close=self._close, gap=gap.unit))
