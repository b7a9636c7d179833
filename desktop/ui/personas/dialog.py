"""Personas: the list of all, and the one that is looked at. Changes apply as they are made; not modal."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.common.errors import UserFacingError
from desktop.personas.persona import Persona
from desktop.ui.personas.form import PersonaForm
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.widgets.layouts.side_list import fit_side_list
from desktop.ui.widgets.list_row import OneLine
from desktop.ui.widgets.window_size import fitting_size

_SIZE_IN_UNITS = QSize(100, 76)


class PersonasDialog(QDialog):
    """Made once and shown again.

    Signals:
        edited: (Persona) It reads like this now; the receiver answers with :meth:`set_personas` or :meth:`refuse`.
        newRequested: One shall be begun.
        copyRequested: (id) It shall be duplicated.
        resetRequested: (id) It shall be again what it was when it came.
        deleteRequested: (id) It shall go.
        talkRequested: (id) A new conversation with it shall begin.

    Attributes:
        banner: What was done, with a way back.
    """

    edited = Signal(object)
    newRequested = Signal()
    copyRequested = Signal(str)
    resetRequested = Signal(str)
    deleteRequested = Signal(str)
    talkRequested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Personas"))
        self._builtin: frozenset[str] = frozenset()
        self._changed: frozenset[str] = frozenset()
        self._personas: dict[str, Persona] = {}
        self.banner = Banner(self, inset=False)
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Personas"))
        self._list.setItemDelegate(OneLine(self._list))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.form = PersonaForm()
        self._new = QPushButton(self.tr("&New"))
        self._copy = QPushButton(self.tr("&Duplicate"))
        self._reset = QPushButton(self.tr("&Reset"))
        self._reset.setToolTip(self.tr("Makes this persona again what it was when it came"))
        self._delete = QPushButton(self.tr("D&elete"))
        self._talk = QPushButton(self.tr("&Talk with it"))
        self._talk.setToolTip(self.tr("Begins a new conversation with this persona"))
        self._close = QPushButton(self.tr("Close"))
        self._close.setToolTip(self.tr("Close this window (Esc)"))
        self._lay_out()
        self._connect()
        add_close_keys(self)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    @property
    def current(self) -> str:
        """Id of the persona that is looked at; empty: of none."""
        row = self._list.currentRow()
        return self._id_of(row) if row >= 0 else ""

    def set_personas(self, personas: Sequence[Persona], builtin: Collection[str], changed: Collection[str]) -> None:
        """Shows the personas as they are now.

        Args:
            personas: In the order in which they are offered.
            builtin: Ids of those that came with the program.
            changed: Ids of those among them that are not as they came.
        """
        self._builtin, self._changed = frozenset(builtin), frozenset(changed)
        current, row = self.current, self._list.currentRow()
        self._personas = {persona.id: persona for persona in personas}
        if [self._id_of(place) for place in range(self._list.count())] != list(self._personas):
            self._fill()
            there = list(self._personas)
            self._list.setCurrentRow(there.index(current) if current in there else max(0, min(row, len(there) - 1)))
        for place, persona in enumerate(personas):
            self._list.item(place).setText(persona.name)
        self._refresh()

    def select(self, identity: str) -> None:
        """Looks at a persona."""
        if identity in self._personas:
            self._list.setCurrentRow(list(self._personas).index(identity))

    def begin(self, identity: str) -> None:
        """Looks at a persona that is to be written."""
        self.select(identity)
        self.form.begin()

    def refuse(self, error: UserFacingError) -> None:
        """Says why what is written does not count."""
        self.form.say(error)

    def hideEvent(self, event: QHideEvent) -> None:
        self.form.flush()
        super().hideEvent(event)

    def sizeHint(self) -> QSize:
        return fitting_size(self, _SIZE_IN_UNITS)

    def _fill(self) -> None:
        self._list.blockSignals(True)
        self._list.clear()
        for persona in self._personas.values():
            item = QListWidgetItem(persona.name, self._list)
            item.setData(Qt.ItemDataRole.UserRole, persona.id)
        self._list.blockSignals(False)

    def _id_of(self, place: int) -> str:
        return str(self._list.item(place).data(Qt.ItemDataRole.UserRole))

    def _refresh(self) -> None:
        persona = self._personas.get(self.current)
        if persona is None:
            return
        self.form.show_persona(persona)
        is_builtin = persona.id in self._builtin
        self._reset.setVisible(is_builtin)
        self._reset.setEnabled(persona.id in self._changed)
        self._delete.setVisible(not is_builtin)

    def _turn(self) -> None:
        self.form.flush()
        self._refresh()

    def _connect(self) -> None:
        self._list.currentRowChanged.connect(lambda _row: self._turn())
        self.form.edited.connect(self.edited)
        self.banner.focusLeft.connect(self._list.setFocus)
        self._new.clicked.connect(self._on_new)
        for button, signal in (
            (self._copy, self.copyRequested),
            (self._reset, self.resetRequested),
            (self._delete, self.deleteRequested),
            (self._talk, self.talkRequested),
        ):
            button.clicked.connect(lambda _checked=False, signal=signal: self._pass_on(signal))
        self._close.clicked.connect(self.close)

    def _on_new(self) -> None:
        self.form.flush()
        self.newRequested.emit()

    def _pass_on(self, signal: object) -> None:
        self.form.flush()
        signal.emit(self.current)  # type: ignore[attr-defined]  # of a bound signal, which has no name in PySide

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fit_side_list(self._list, self)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_list"):
            fit_side_list(self._list, self)

    def _lay_out(self) -> None:
        gap = spacing(self)
        for button in (self._new, self._copy, self._reset, self._delete, self._talk, self._close):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(gap.unit)
        for button in (self._new, self._copy, self._reset, self._delete):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._talk)
        buttons.addWidget(self._close)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)  # of the largest letters
        area.setWidget(self.form)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QHBoxLayout()
        body.setSpacing(gap.double)
        body.addWidget(self._list)
        body.addWidget(area, stretch=1)
        column = QVBoxLayout(self)
        edge = gap.unit + gap.half
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(gap.unit)
        column.addWidget(self.banner)
        add_layout(column, body, stretch=1)
        add_layout(column, buttons)
