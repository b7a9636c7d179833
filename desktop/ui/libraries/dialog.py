"""Libraries: the folders of documents that can be asked, how far they are read, and what cannot be. Not modal."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.common.printable import one_line
from desktop.documents.library.libraries import LibraryState, VectorState
from desktop.ui.theme.metrics import room_on_screen, spacing, unit
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.foot import foot
from desktop.ui.widgets.layouts.nesting import holding
from desktop.ui.widgets.layouts.wrapping_row import WrappingRow
from desktop.ui.widgets.list_row import OneLine
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import error_detail, error_remedy, error_title

_SIZE_IN_UNITS = QSize(80, 58)
_ID = Qt.ItemDataRole.UserRole
_LEAST_LINES = 18


class LibrariesDialog(QDialog):
    """Made once and shown again.

    Signals:
        addRequested: A folder shall become one.
        askRequested: (id) A new conversation about it shall begin.
        againRequested: (id) It shall be looked at now, also what could not be read.
        tableRequested: (id) A table shall be made of its documents.
        removeRequested: (id) It shall be none any more.
        modelsAsked: Which embedding models there are is to be shown; :meth:`set_known_models` answers.
        modelRequested: The file of another embedding model shall be chosen.
        knownModelRequested: (file) An embedding model that is installed shall be in force.
        hubRequested: One shall be added from Hugging Face.
        offRequested: None shall be in force.

    Attributes:
        banner: What went wrong, or was done, with a way back.
    """

    addRequested = Signal()
    askRequested = Signal(str)
    againRequested = Signal(str)
    tableRequested = Signal(str)
    removeRequested = Signal(str)
    modelsAsked = Signal()
    modelRequested = Signal()
    knownModelRequested = Signal(str)
    hubRequested = Signal()
    offRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Libraries"))
        self._states: dict[str, LibraryState] = {}
        self.banner = Banner(self, inset=False)
        self._head = MutedLabel(
            self.tr(
                "Folders of documents that you can ask about. They are read on this computer, and read again when "
                "they change."
            )
        )
        self._head.setWordWrap(True)
        self.list = self._make_list(self.tr("Libraries"))
        self._nothing = MutedLabel(self.tr("No library yet. Add a folder that has documents in it."))
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._details = QLabel()
        self._details.setWordWrap(True)
        self._details.setTextFormat(Qt.TextFormat.PlainText)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._refused_title = QLabel(self.tr("Files that cannot be read"))
        self.refused = self._make_list(self._refused_title.text())
        self.add = QPushButton(self.tr("&Add folder…"))
        self.ask = QPushButton(self.tr("A&sk"))
        self.ask.setToolTip(self.tr("Begins a conversation that is answered from these documents"))
        self.table = QPushButton(self.tr("Make a &table…"))
        self.table.setToolTip(self.tr("Looks for the same fields in each of these documents"))
        self.again = QPushButton(self.tr("&Look again now"))
        self.remove = QPushButton(self.tr("&Remove"))
        self.remove.setToolTip(self.tr("The folder and its files stay as they are"))
        self.meaning = MutedLabel()
        self.meaning.setWordWrap(True)
        self.choose_model = QPushButton(self.tr("Choose &model…"))
        self.models = QMenu(self.choose_model)
        self.choose_model.setMenu(self.models)
        self.switch_off = QPushButton(self.tr("Switch &off"))
        self.switch_off.setToolTip(self.tr("What the model has read is erased; its file stays"))
        self._close = QPushButton(self.tr("Close"))
        self._lay_out()
        self.list.currentItemChanged.connect(lambda _now, _before: self._show_current())
        self.list.itemActivated.connect(lambda _item: self._emit(self.askRequested))
        self.add.clicked.connect(lambda _checked: self.addRequested.emit())
        self.ask.clicked.connect(lambda: self._emit(self.askRequested))
        self.table.clicked.connect(lambda: self._emit(self.tableRequested))
        self.again.clicked.connect(lambda: self._emit(self.againRequested))
        self.remove.clicked.connect(lambda: self._emit(self.removeRequested))
        self.models.aboutToShow.connect(self.modelsAsked)
        self.switch_off.clicked.connect(lambda _checked: self.offRequested.emit())
        self._close.clicked.connect(self.close)
        self.banner.focusLeft.connect(self.list.setFocus)
        add_close_keys(self)
        self.set_meaning("", None)
        self.resize(fitting_size(self, _SIZE_IN_UNITS))

    def set_states(self, states: Sequence[LibraryState]) -> None:
        """Shows how the libraries are; the one that is looked at stays so."""
        current = self._current()
        self._states = {state.library.id: state for state in states}
        if [self.list.item(place).data(_ID) for place in range(self.list.count())] != list(self._states):
            self.list.clear()
            for identity in self._states:
                item = QListWidgetItem(self.list)
                item.setData(_ID, identity)
            self.select(current if current in self._states else next(iter(self._states), ""))
        for place, state in enumerate(states):
            self.list.item(place).setText(f"{one_line(state.library.name)} · {self._counted(state)}")
        self._head.setVisible(not states)  # whoever has libraries knows it, and may have a low screen
        self.list.setVisible(bool(states))
        self._nothing.setVisible(not states)
        self._show_current()

    def set_meaning(self, model: str, state: VectorState | None) -> None:
        """Shows whether passages are found by what they mean.

        Args:
            model: Name of the file of the embedding model; empty: none is in force.
            state: How far it has read; None: it has not begun.
        """
        words = self._meaning_words(model, state or VectorState())
        self.meaning.setText(words)
        # On a low screen with large type there is no room for it beside the lists; whoever points at the button has it.
        self.meaning.setVisible(room_on_screen(self).height() >= _LEAST_LINES * self.fontMetrics().height())
        self.choose_model.setToolTip(words)
        self.switch_off.setVisible(bool(model))

    def set_known_models(self, known: Sequence[tuple[str, str]], in_force: str) -> None:
        """Offers embedding models.

        Args:
            known: Names and files of those that are installed.
            in_force: File of the one that is in force; empty: none is.
        """
        self.models.clear()
        for name, file in known:
            action = self.models.addAction(one_line(name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(file == in_force)
            action.triggered.connect(lambda _checked, file=file: self.knownModelRequested.emit(file))
        if known:
            self.models.addSeparator()
        self.models.addAction(self.tr("Choose a &file…")).triggered.connect(self.modelRequested)
        self.models.addAction(self.tr("Add from &Hugging Face…")).triggered.connect(self.hubRequested)

    def select(self, identity: str) -> None:
        """Looks at a library."""
        for place in range(self.list.count()):
            if self.list.item(place).data(_ID) == identity:
                self.list.setCurrentRow(place)

    def _current(self) -> str:
        place = self.list.currentRow()
        return str(self.list.item(place).data(_ID)) if place >= 0 else ""

    def _emit(self, signal: SignalInstance) -> None:
        if self._current():
            signal.emit(self._current())

    def _counted(self, state: LibraryState) -> str:
        if state.progress is not None:
            words = self.tr("reading {done} of {total}")
            return words.format(done=f"{state.progress.done + 1:,}", total=f"{state.progress.total:,}")
        if not state.is_known:
            return self.tr("not looked at yet")
        if state.documents == 1:
            return self.tr("one document")
        return self.tr("{count} documents").format(count=f"{state.documents:,}")

    def _show_current(self) -> None:
        state = self._states.get(self._current())
        self._details.setText("\n".join(self._lines(state)) if state is not None else "")
        self._details.setVisible(state is not None)
        refused = state.refused if state is not None else {}
        lines = [f"{one_line(path)} · {error_title(problem)}" for path, problem in refused.items()]
        if lines != [self.refused.item(place).text() for place in range(self.refused.count())]:
            self.refused.clear()
            for line, problem in zip(lines, refused.values(), strict=True):
                item = QListWidgetItem(line, self.refused)
                item.setToolTip(f"{line}\n{error_remedy(problem)}".strip())
                item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, error_remedy(problem))
        for part in (self._refused_title, self.refused):
            part.setVisible(bool(lines))
        self.ask.setEnabled(state is not None and state.documents > 0)
        for button in (self.table, self.again, self.remove):
            button.setEnabled(state is not None)
        for button in (self.ask, self.table, self.again, self.remove):
            button.setVisible(bool(self._states))

    def _meaning_words(self, model: str, state: VectorState) -> str:
        if not model:
            return self.tr(
                "Find by meaning: off. An embedding model also finds other words and languages; it takes up to 500 MB."
            )
        if state.problem is not None:
            problem = " ".join(filter(None, (error_title(state.problem), error_remedy(state.problem))))
            return self.tr("Find by meaning: {model}. {problem}").format(model=one_line(model), problem=problem)
        if state.done >= state.total:
            return self.tr("Find by meaning: {model}.").format(model=one_line(model))
        if state.is_waiting:
            words = self.tr("Find by meaning: {model}. {done} of {total} read; goes on when plugged in and idle.")
        else:
            words = self.tr("Find by meaning: {model}. {done} of {total} passages read.")
        return words.format(model=one_line(model), done=f"{state.done:,}", total=f"{state.total:,}")

    def _lines(self, state: LibraryState) -> list[str]:
        lines = [one_line(str(state.library.folder))]
        if state.progress is not None:
            lines.append(self.tr("Now: {file}").format(file=one_line(state.progress.file)))
        if state.problem is not None:
            problem = state.problem
            lines += filter(None, (error_title(problem), error_detail(problem), error_remedy(problem)))
        if not state.is_whole:
            lines.append(self.tr("There are more documents than are read of one folder; the others are left out."))
        return lines

    def _make_list(self, name: str) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(name)
        made.setItemDelegate(OneLine(made))
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setMinimumHeight(unit(made) * 4)  # a line, where the screen is low
        return made

    def _lay_out(self) -> None:
        gap = spacing(self)
        buttons = (self.ask, self.table, self.add, self.again, self.remove)
        for button in (*buttons, self.choose_model, self.switch_off, self._close):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        edge = gap.unit + gap.half
        column.setContentsMargins(edge, edge, edge, edge)
        column.setSpacing(gap.unit)
        column.addWidget(self._head)
        column.addWidget(self.banner)
        column.addWidget(self._nothing, stretch=1)
        column.addWidget(self.list, stretch=2)
        column.addWidget(self._details)
        column.addWidget(self._refused_title)
        column.addWidget(self.refused, stretch=1)
        column.addWidget(holding(WrappingRow(), *buttons, gap=gap.unit))
        column.addWidget(self.meaning)
        column.addWidget(foot(self.choose_model, self.switch_off, close=self._close, gap=gap.unit))
