"""What a table is to be made of: documents, and the fields that are looked for in each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.common.printable import one_line
from desktop.documents.library.libraries import DocumentLibrary
from desktop.ui.structured.form_editor import FormEditor
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.accessible import ChoiceBox
from desktop.ui.widgets.labels import AccentButton, ElidedLabel, MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.foot import foot
from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.words import short_name


class SetupPage(QWidget):
    """The page of the dialog on which a table is begun.

    Signals:
        folderRequested: A folder shall be chosen.
        filesRequested: Files shall be chosen.
        startRequested: The table shall be made.
        backRequested: The table that is there shall be shown again.

    Attributes:
        editor: The fields.
        close_button: Closes the window.
    """

    folderRequested = Signal()
    filesRequested = Signal()
    startRequested = Signal()
    backRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: tuple[Path, ...] = ()
        self._libraries: tuple[DocumentLibrary, ...] = ()
        self.editor = FormEditor()
        self._chosen = ElidedLabel()
        self._folder = QPushButton(self.tr("Choose &folder…"))
        self._files = QPushButton(self.tr("Choose fi&les…"))
        self._library = ChoiceBox()
        self._library.setAccessibleName(self.tr("Libraries"))
        self._recursive = QCheckBox(self.tr("Folders &within it, too"))
        self._complaint = WarningLabel()
        self.start = AccentButton(self.tr("&Start"))
        self.start.set_accented(True)
        self.start.setDefault(True)
        self._back = QPushButton(self.tr("&Back to the table"))
        self.close_button = QPushButton(self.tr("Close"))
        self._lay_out()
        self._folder.clicked.connect(self.folderRequested)
        self._files.clicked.connect(self.filesRequested)
        self._library.activated.connect(self._on_library)
        self.start.clicked.connect(self.startRequested)
        self._back.clicked.connect(self.backRequested)
        self.set_libraries(())
        self.set_places(())
        self.offer_back(False)

    @property
    def places(self) -> tuple[Path, ...]:
        """The files or the folder that were chosen; none where it is a library, or nothing."""
        return self._places

    @property
    def library(self) -> DocumentLibrary | None:
        """The library that was chosen; None: none was."""
        place = self._library.currentIndex()
        return self._libraries[place - 1] if place > 0 else None

    @property
    def is_recursive(self) -> bool:
        """Whether folders within the folder are meant, too."""
        return self._recursive.isChecked()

    def set_libraries(self, libraries: Sequence[DocumentLibrary], chosen: str = "") -> None:
        """Offers libraries.

        Args:
            libraries: All of them.
            chosen: The id of the one that is meant; empty: none is.
        """
        self._libraries = tuple(libraries)
        self._library.clear()
        self._library.addItem(self.tr("Choose a library"))
        self._library.addItems([short_name(one_line(library.name)) for library in libraries])
        self._library.setVisible(bool(libraries))
        places = [at for at, library in enumerate(libraries, 1) if library.id == chosen]
        if places:
            self._library.setCurrentIndex(places[0])
            self._on_library(places[0])

    def set_places(self, places: Sequence[Path]) -> None:
        """Takes files, or a folder; what was chosen before is not meant any more."""
        self._places = tuple(places)
        self._library.setCurrentIndex(0)
        self._say_chosen()

    def complain(self, words: str) -> None:
        """Says why no table can be made of this; empty: it can."""
        self._complaint.say(words)

    def set_busy(self, is_busy: bool) -> None:
        """Shows that documents are being looked for."""
        self.start.setEnabled(not is_busy)
        self.start.setText(self.tr("Looking for documents…") if is_busy else self.tr("&Start"))

    def offer_back(self, is_there: bool) -> None:
        """Offers to go back to the table that is there."""
        self._back.setVisible(is_there)

    def _on_library(self, place: int) -> None:
        if place > 0:
            self._places = ()
        self._say_chosen()

    def _say_chosen(self) -> None:
        library, places = self.library, self._places
        is_folder = len(places) == 1 and places[0].is_dir()
        if library is not None:
            words = one_line(str(library.folder))
        elif len(places) > 1:
            words = self.tr("{count} files").format(count=f"{len(places):,}")
        else:
            words = one_line(str(places[0])) if places else self.tr("Nothing is chosen yet.")
        self._chosen.say(words)
        self._recursive.setVisible(is_folder)
        self._complaint.say("")

    def _lay_out(self) -> None:
        gap = spacing(self)
        inner = QWidget()
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(0, 0, gap.unit, 0)
        outer.setSpacing(gap.unit + gap.half)
        explain = self.tr(
            "The model looks for these fields in each document, and makes a row of what it finds. Your own questions "
            "always come first."
        )
        outer.addWidget(MutedLabel(explain))
        ways = holding(WrappingRow(), self._folder, self._files, self._library, gap=gap.unit)
        parts = (QLabel(self.tr("Documents")), self._chosen, ways, self._recursive)
        outer.addWidget(holding(QVBoxLayout(), *parts, gap=gap.half))
        outer.addWidget(self.editor)
        outer.addStretch(1)
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        for button in (self._folder, self._files, self._back, self.close_button):
            button.setAutoDefault(False)
        self.close_button.setToolTip(self.tr("Close this window (Esc)"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap.unit)
        column.addWidget(area, 1)
        column.addWidget(self._complaint)
        column.addWidget(foot(self.start, self._back, close=self.close_button, gap=gap.unit))
