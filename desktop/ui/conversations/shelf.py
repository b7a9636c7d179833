"""What of the conversations the list shows: all, those of a folder, or the archive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QSizePolicy, QWidget

from desktop.history.records import Conversation
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.accessible import ChoiceBox
from desktop.ui.widgets.glyphs import Glyph, GlyphButton
from desktop.ui.widgets.menus import add_action


class Kind(Enum):
    """What kind of place conversations are in."""

    LIST = "list"
    FOLDER = "folder"
    ARCHIVE = "archive"


@dataclass(frozen=True)
class Place:
    """A part of the conversations.

    Attributes:
        folder: Its name, if it is one.
    """

    kind: Kind = Kind.LIST
    folder: str = ""

    def holds(self, conversation: Conversation) -> bool:
        """Whether a conversation is shown here: what is archived is nowhere but in the archive."""
        if self.kind is Kind.ARCHIVE or conversation.archived is not None:
            return self.kind is Kind.ARCHIVE and conversation.archived is not None
        return self.kind is Kind.LIST or conversation.folder == self.folder


LIST = Place()
ARCHIVE = Place(Kind.ARCHIVE)


def folders_of(conversations: Iterable[Conversation]) -> list[str]:
    """Returns the names of all folders, sorted as people sort them."""
    names = {one.folder for one in conversations if one.folder and one.archived is None}
    return sorted(names, key=lambda name: (name.casefold(), name))


class Shelf(QWidget):
    """Chooses the part; not there while there is only one.

    Signals:
        chosen: Another part is to be shown.
        renameRequested: (folder) It shall have another name.
        dissolveRequested: (folder) What is in it shall be in no folder.
    """

    chosen = Signal()
    renameRequested = Signal(str)
    dissolveRequested = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, arranges: bool = True) -> None:
        """
        Args:
            parent: Owner.
            arranges: A folder can be renamed and dissolved here, too.
        """
        super().__init__(parent)
        self._arranges = arranges
        self._box = ChoiceBox()
        self._box.addItem(self.tr("All conversations"), LIST)
        self._box.setAccessibleName(self.tr("Which conversations are listed"))
        self._box.setToolTip(self.tr("All conversations, those of a folder, or the archive"))
        self._box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._more = GlyphButton(Glyph.MORE, self.tr("Rename or dissolve the folder"), self)
        gap = spacing(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(*((gap.unit, 0, gap.half, gap.half) if arranges else (0, 0, 0, 0)))
        row.setSpacing(gap.half)
        row.addWidget(self._box, stretch=1)
        row.addWidget(self._more)
        self._box.activated.connect(self._on_activated)
        self._more.clicked.connect(self._show_menu)
        self.hide()
        self._more.hide()

    @property
    def box(self) -> QComboBox:
        """Where one of them is chosen."""
        return self._box

    @property
    def place(self) -> Place:
        """What is shown."""
        chosen = self._box.currentData()
        return chosen if isinstance(chosen, Place) else LIST

    def set_conversations(self, conversations: Sequence[Conversation]) -> None:
        """Offers the folders that there are, and the archive if there is anything in it."""
        places = [LIST, *(Place(Kind.FOLDER, folder) for folder in folders_of(conversations))]
        if any(one.archived is not None for one in conversations):
            places.append(ARCHIVE)
        if places != list(self._offered()):
            before = self.place
            self._box.clear()
            for place in places:
                if place == ARCHIVE:
                    self._box.insertSeparator(self._box.count())
                self._box.addItem(self._words(place), place)
            self._show(before if before in places else LIST)
        self.setVisible(len(places) > 1)

    def show_place(self, place: Place) -> None:
        """Turns to a part, if there is such."""
        if place in self._offered() and place != self.place:
            self._show(place)
            self.chosen.emit()

    def show_folder(self, folder: str) -> None:
        """Turns to a folder, if there is such."""
        self.show_place(Place(Kind.FOLDER, folder))

    def _offered(self) -> Iterator[Place]:
        for at in range(self._box.count()):
            place = self._box.itemData(at)
            if isinstance(place, Place):  # and not the line
                yield place

    def _show(self, place: Place) -> None:
        offered = (self._box.itemData(at) for at in range(self._box.count()))
        self._box.setCurrentIndex(next(at for at, one in enumerate(offered) if one == place))
        self._offer_more()

    def _words(self, place: Place) -> str:
        if place.kind is Kind.LIST:
            return self.tr("All conversations")
        return self.tr("Archive") if place.kind is Kind.ARCHIVE else place.folder

    def _on_activated(self) -> None:
        self._offer_more()
        self.chosen.emit()

    def _offer_more(self) -> None:
        self._more.setVisible(self._arranges and self.place.kind is Kind.FOLDER)

    def _show_menu(self) -> None:
        folder = self.place.folder
        menu = QMenu(self)
        add_action(menu, self.tr("&Rename folder…"), lambda: self.renameRequested.emit(folder))
        add_action(menu, self.tr("&Dissolve folder"), lambda: self.dissolveRequested.emit(folder))
        menu.exec(self._more.mapToGlobal(self._more.rect().bottomLeft()))
        menu.deleteLater()
