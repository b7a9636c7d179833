"""Adding a model from Hugging Face: paste a link, see what is there and what fits, download. Not modal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import UserFacingError
from desktop.engine.footprint import Fit
from desktop.gguf.header import GgufHeader
from desktop.gguf.kind import ModelKind, cannot_chat
from desktop.gguf.naming import plain_name
from desktop.lifecycle.memory_fit import Judgement
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.hub.listing import HubModel, HubRepo
from desktop.ui.models.entry import fit_words, languages_words
from desktop.ui.models.kind_words import base_words, context_words, kind_words
from desktop.ui.models.proxy_account import ProxyAccountPanel
from desktop.ui.models.row import ModelRow
from desktop.ui.theme.metrics import spacing, unit
from desktop.ui.widgets.banner import Banner, Notice, Severity
from desktop.ui.widgets.clear_button import add_clear_button
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import AccentButton, ElidedLabel, MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import SEPARATOR, error_detail, error_remedy, error_title, error_words

_SIZE_IN_UNITS: Final = QSize(92, 64)
_LOW: Final = 34
_ERROR: Final = "error"


class HubRow(ModelRow):
    """A model of a repository.

    Attributes:
        wanted: Its download is wanted.
    """

    wanted = Signal()

    def __init__(self, model: HubModel, fit: Judgement, *, is_gated: bool, parent: QWidget | None = None) -> None:
        """
        Args:
            model: What to show.
            fit: Whether it fits, as far as its size tells.
            is_gated: Its repository gives files only to people who have agreed to something.
            parent: Its list.
        """
        super().__init__(parent)
        self.model, self._fit, self._is_gated = model, fit, is_gated
        self._header: GgufHeader | None = None
        self._is_added = False
        self._name, self._state, self._button = ElidedLabel(), MutedLabel(), AccentButton()
        self._facts, self._details, self._note = MutedLabel(), MutedLabel(), WarningLabel()
        self._lay_out()
        self._show()

    @property
    def path(self) -> str:
        return self.model.path

    @property
    def is_addable(self) -> bool:
        """Whether it may be downloaded, as far as is known."""
        return self.is_usable and not self._is_added

    @property
    def is_usable(self) -> bool:
        """Whether it can be had and would be of use here, as far as is known: of others nothing more is read."""
        kind = self.model.kind
        return (
            self.model.is_complete
            and not self._is_gated
            and (kind is None or kind.is_useful)
            and self._fit.fit is not Fit.TOO_BIG
        )

    def set_selected(self, selected: bool) -> None:
        """Unfolds the row; only the selected one can be reached by Tab."""
        self._selected = selected
        policy = Qt.FocusPolicy.StrongFocus if selected else Qt.FocusPolicy.NoFocus
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if selected else Qt.FocusPolicy.ClickFocus)
        self._button.setFocusPolicy(policy)
        self._show()
        self.update()

    def show_reading(self) -> None:
        """Says that the beginning of the file is being read."""
        if self._header is None:
            self._details.setText(self.tr("Reading what the file says about itself…"))
            self._details.setVisible(self._selected)

    def show_reading_ended(self) -> None:
        """It was given up before anything was known."""
        if self._header is None:
            self._details.setText("")
            self._details.hide()

    def show_header(self, header: GgufHeader, kind: ModelKind, fit: Judgement, model: HubModel) -> None:
        """Shows what the file says about itself."""
        self._header, self._fit, self.model = header, fit, model
        del kind  # it is the model's now
        self._show()

    def show_header_failed(self, error: UserFacingError) -> None:
        """Says why the file's beginning could not be read; it may be downloaded all the same."""
        self._details.setText(error_words(error))
        self._details.setVisible(self._selected)

    def show_added(self) -> None:
        """Says that it is among the models now."""
        self._is_added = True
        self._show()

    def press(self) -> None:
        """Downloads it, if that is offered."""
        if self.is_addable:
            self.wanted.emit()

    def focus_button(self) -> None:
        """Puts the keyboard on the button, or on the row where there is none."""
        target: QWidget = self._button if self._button.isVisibleTo(self) else self
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        model = self.model
        self._name.say(model.name)
        parts = [format_bytes(model.size) if model.size else "", model.quantisation]
        if len(model.files) > 1 or model.missing:
            parts.append(self.tr("in {count} files").format(count=len(model.files) + len(model.missing)))
        parts.append(kind_words(model.kind) if model.kind is not None else "")
        if model.size and (model.kind is None or model.kind.is_useful):
            parts.append(fit_words(self._fit))
        self._facts.setText(SEPARATOR.join(part for part in parts if part))
        if self._header is not None:
            header = self._header
            told = [
                header.architecture,
                context_words(header.context_trained) if header.context_trained else "",
                plain_name(model.path),
            ]
            self._details.setText(SEPARATOR.join(part for part in told if part))
        self._details.setVisible(self._selected and bool(self._details.text()))
        self._note.say(self._words() if self._selected else "")
        self._state.setText(self.tr("Added") if self._is_added else "")
        self._state.setVisible(self._is_added)
        self._button.setText(self.tr("Download"))
        self._button.setVisible(self.is_addable)
        self._button.set_accented(self._selected and self.is_addable)
        name = SEPARATOR.join((model.name, self._facts.text()))
        self.setAccessibleName(name)
        self._button.setAccessibleName(SEPARATOR.join((self._button.text(), model.name)))

    def _words(self) -> str:
        kind = self.model.kind
        if self._is_added:
            return ""
        if kind is not None and not kind.is_useful:
            problem = cannot_chat(kind, plain_name(self.model.path))
            return f"{error_title(problem)} {error_remedy(problem)}"
        if self.model.missing:
            return self.tr("Parts of this model are missing in the repository: {names}").format(
                names=plain_name(", ".join(self.model.missing[:3]))
            )
        if not self.model.is_complete:
            return self.tr("The host does not say how to check this file, so it is not offered.")
        if kind is ModelKind.BASE:
            return base_words()
        if kind is ModelKind.EMBEDDING:
            return self.tr("It finds passages of documents by what they mean, and cannot chat.")
        return ""

    def _lay_out(self) -> None:
        gap = spacing(self)
        bold = self._name.font()
        bold.setBold(True)
        self._name.setFont(bold)
        self._state.setWordWrap(False)
        self._button.setAutoDefault(False)
        self._button.clicked.connect(self._pressed)
        self._button.installEventFilter(self)
        head = QHBoxLayout()
        head.setSpacing(gap.unit)
        head.addWidget(self._name, stretch=1)
        head.addWidget(self._state)
        head.addWidget(self._button)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap.unit + gap.half, gap.unit, gap.unit + gap.half, gap.unit)
        column.setSpacing(gap.half)
        add_layout(column, head)
        for part in (self._facts, self._details, self._note):
            column.addWidget(part)

    def _pressed(self) -> None:
        self.picked.emit()
        self.press()


class HubDialog(QDialog):
    """The dialog. Made once and shown again.

    Attributes:
        lookRequested: (text) Look for what was pasted.
        headerRequested: (path) A row was opened: read what its file says.
        addRequested: (path) Download a model.
        proxyAccountEntered: (proxy, user, password, keep) The account that a proxy has asked for.
        closed: The dialog was closed: whatever is under way is not wanted any more.
    """

    lookRequested = Signal(str)
    headerRequested = Signal(str)
    addRequested = Signal(str)
    proxyAccountEntered = Signal(str, str, str, bool)
    closed = Signal()

    def __init__(
        self,
        judge_size: Callable[[int], Judgement],
        judge_header: Callable[[GgufHeader], Judgement],
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            judge_size: Says whether a model of so many bytes fits.
            judge_header: Says whether a model fits of which the header was read.
            parent: Its window.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Add from Hugging Face"))
        self._judge_size, self._judge_header = judge_size, judge_header
        self._rows: list[HubRow] = []
        self._opened: set[str] = set()
        self._selected: HubRow | None = None
        self._reading: HubRow | None = None  # of which the beginning is on its way
        self._link, self._look = QLineEdit(), AccentButton(self.tr("&Look"))
        self._about, self._banner = MutedLabel(), Banner(inset=False)
        self._account: ProxyAccountPanel | None = None  # made when a proxy wants one
        self._area, self._list = QScrollArea(), QVBoxLayout()
        self._empty = MutedLabel()
        self._close = QPushButton(self.tr("Close"))
        self._lay_out()
        self._say_nothing_yet()
        add_close_keys(self)
        self.finished.connect(self._on_closed)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    def begin(self, text: str = "") -> None:
        """Gets ready for another link; what the clipboard has may be offered.

        Args:
            text: A link to begin with.
        """
        if text:
            self._link.setText(text)
        self._link.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        self._link.selectAll()
        if self._selected is not None:  # what closing has given up
            self._read(self._selected)

    def show_looking(self) -> None:
        """Says that the repository is being asked."""
        self._clear()
        self._banner.withdraw(_ERROR)
        self._about.setVisible(False)
        self._say_instead(self.tr("Asking what the repository has…"))
        self._look.setEnabled(False)

    def show_failed(self, error: UserFacingError) -> None:
        """Says why there is no list, or why a model cannot be had."""
        self._look.setEnabled(True)
        if not self._rows:
            self._say_nothing_yet()
        notice = Notice(
            error_title(error), error_detail(error), error_remedy(error), severity=Severity.PROBLEM, key=_ERROR
        )
        self._banner.show_notice(notice)

    def ask_proxy_account(self, error: ProxyAccountNeededError) -> None:
        """Asks in the place of an error for the account of a proxy."""
        self._look.setEnabled(True)
        if not self._rows:
            self._say_nothing_yet()
        if self._account is None:
            self._account = ProxyAccountPanel()
            self._account.entered.connect(self.proxyAccountEntered)
            self._list.insertWidget(0, self._account)  # it scrolls with the list: a low screen has no room for both
        self._account.ask(error)

    def look_again(self) -> None:
        """Asks again for what could not be had: the list, or what the selected file says about itself."""
        row = self._selected
        if row is None:
            self._ask()
        else:
            self._opened.discard(row.path)
            self._read(row)

    def show_repo(self, repo: HubRepo, proposed: str, problem: UserFacingError | None) -> None:
        """Shows what a repository has.

        Args:
            repo: It has one model at the least.
            proposed: Path of the model to begin with; empty: the first.
            problem: What is wrong with what was asked for; None: nothing.
        """
        self._clear()
        self._look.setEnabled(True)
        self._banner.withdraw(_ERROR)
        self._say_instead("")
        parts = [repo.repo, repo.licence, languages_words(repo.languages)]
        self._about.setText(SEPARATOR.join(part for part in parts if part))
        self._about.setVisible(True)
        for model in repo.models:
            row = HubRow(model, self._judge_size(model.size), is_gated=repo.is_gated)
            row.set_selected(False)
            row.picked.connect(lambda row=row: self._select(row))
            row.wanted.connect(lambda row=row: self.addRequested.emit(row.path))
            row.moved.connect(lambda steps, row=row: self._move(row, steps))
            self._rows.append(row)
            self._list.insertWidget(self._list.count() - 1, row)
            row.show()  # now, since one of them gets the keyboard
        if problem is not None:
            self.show_failed(problem)
        elif repo.is_gated:
            self._say_gated()
        first = next((row for row in self._rows if row.path == proposed), self._rows[0])
        self._select(first)
        first.focus_button()

    def show_header(self, path: str, header: GgufHeader, model: HubModel) -> None:
        """Shows what a file says about itself."""
        self._end_reading(path)
        row = next((row for row in self._rows if row.path == path), None)
        if row is not None and model.kind is not None:
            row.show_header(header, model.kind, self._judge_header(header), model)
            self._reveal_later(row)

    def show_header_failed(self, path: str, error: UserFacingError) -> None:
        """Says why the beginning of a file could not be read."""
        self._end_reading(path)
        for row in self._rows:
            if row.path == path:
                row.show_header_failed(error)

    def show_added(self, path: str) -> None:
        """Says that a model is among those of the library now."""
        self._banner.withdraw(_ERROR)
        for row in self._rows:
            if row.path == path:
                row.show_added()
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves the models as much room as can be on a low screen: the window's title says the same as the heading."""
        super().resizeEvent(event)
        self._heading.setVisible(self.height() >= _LOW * unit(self))

    def _say_instead(self, text: str) -> None:
        """Says something in the place of a list; empty: there is one."""
        self._empty.setText(text)
        self._empty.setVisible(bool(text))
        self._look.set_accented(bool(text))

    def _say_nothing_yet(self) -> None:
        self._say_instead(
            self.tr(
                "Paste the link of a model's page, or write owner/name. Models in the GGUF format can be used; "
                "files of about 0.3 to 1.5 GB suit an old computer."
            )
        )

    def _say_gated(self) -> None:
        text = self.tr(
            "The owner gives these files only to people who have signed in on the page of the model and agreed there. "
            "Download one in a browser and import it, or look for the same model by somebody else."
        )
        self._banner.show_notice(Notice("", text, key=_ERROR))

    def _select(self, row: HubRow) -> None:
        if row is not self._selected:
            if self._selected is not None:
                self._selected.set_selected(False)
            self._selected = row
            row.set_selected(True)
        self._read(row)
        self._reveal_later(row)

    def _read(self, row: HubRow) -> None:
        """Has the beginning of a row's file read, once; what is read of another one's is given up for it."""
        if row.path in self._opened or not row.is_usable:
            return
        self._give_up_reading()
        self._opened.add(row.path)
        self._reading = row
        row.show_reading()
        self.headerRequested.emit(row.path)

    def _give_up_reading(self) -> None:
        row, self._reading = self._reading, None
        if row is not None:
            self._opened.discard(row.path)
            row.show_reading_ended()

    def _end_reading(self, path: str) -> None:
        if self._reading is not None and self._reading.path == path:
            self._reading = None

    def _on_closed(self) -> None:
        self._give_up_reading()
        self.closed.emit()

    def _reveal_later(self, row: HubRow) -> None:
        # Its height changes with what it unfolds; before that there is nothing to scroll to.
        QTimer.singleShot(0, row, lambda: self._area.ensureWidgetVisible(row, 0, spacing(self).unit))

    def _move(self, row: HubRow, steps: int) -> None:
        at = min(max(self._rows.index(row) + steps, 0), len(self._rows) - 1)
        self._select(self._rows[at])
        self._rows[at].setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear(self) -> None:
        for row in self._rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows.clear()
        self._opened.clear()
        self._selected = self._reading = None

    def _ask(self) -> None:
        if text := self._link.text().strip():
            self.lookRequested.emit(text)

    def _lay_out(self) -> None:
        gap = spacing(self)
        self._link.setPlaceholderText("https://huggingface.co/owner/name")
        self._link.setAccessibleName(self.tr("Link or name of a repository"))
        self._link.setMaxLength(4000)
        add_clear_button(self._link)
        self._link.returnPressed.connect(self._ask)
        self._look.setAutoDefault(False)
        self._look.clicked.connect(self._ask)
        self._close.setAutoDefault(False)
        self._close.clicked.connect(self.close)
        top = QHBoxLayout()
        top.setSpacing(gap.unit)
        top.addWidget(self._link, stretch=1)
        top.addWidget(self._look)
        self._empty.setContentsMargins(gap.double, gap.double, gap.double, gap.double)
        self._list.setSpacing(0)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addWidget(self._empty)
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
        heading = self._heading = QLabel(self.tr("Add a model from Hugging Face"))
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.35)
        heading.setFont(font)
        self._about.setVisible(False)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self._close)
        whole = QVBoxLayout(self)
        edge = gap.unit + gap.half
        whole.setContentsMargins(edge, edge, edge, edge)
        whole.setSpacing(gap.unit)
        whole.addWidget(heading)
        add_layout(whole, top)
        whole.addWidget(self._banner)
        whole.addWidget(self._about)
        whole.addWidget(self._area, stretch=1)
        add_layout(whole, foot)
