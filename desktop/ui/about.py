"""What this program is, which build, under which licence, and where to find more."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.system.build_info import AboutFacts
from desktop.ui.theme.icons import app_icon
from desktop.ui.theme.metrics import room_on_screen, spacing
from desktop.ui.widgets.close_keys import add_close_keys
from desktop.ui.widgets.labels import MutedLabel
from desktop.ui.widgets.layouts.nesting import add_layout

_TITLE_FACTOR = 1.6
_ICON_UNITS = 8
_WIDTH_UNITS = 58


class AboutDialog(QDialog):
    """Made when it is asked for; not modal."""

    def __init__(
        self,
        facts: AboutFacts,
        open_url: Callable[[str], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            facts: What there is to say; a button copies it for a report of a fault, another opens the project's page.
            open_url: Opens an address; None: the system's browser.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Catnap"))
        self._open_url = open_url or (lambda address: QDesktopServices.openUrl(QUrl(address)))
        self._report = "\n".join((f"Catnap {facts.version}", *facts.lines))
        gap = spacing(self)
        self._icon = QLabel()
        self._icon.setAccessibleName("Catnap")
        self._draw()
        words = QVBoxLayout()
        words.setSpacing(gap.unit)
        words.addWidget(self._title(facts.version))
        purpose = QLabel(self.tr("A small language model in the tray of an old laptop, asleep until somebody asks."))
        purpose.setWordWrap(True)
        words.addWidget(purpose)
        licence = MutedLabel(self.tr("Free software under the MIT licence. Models have licences of their own."))
        words.addWidget(licence)
        words.addWidget(MutedLabel(self._updates()))
        self._build = MutedLabel("\n".join(facts.lines))
        self._build.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._build.setAccessibleName(self.tr("About this build"))
        self._build.setVisible(bool(facts.lines))
        words.addWidget(self._build)
        words.addStretch()
        page = QWidget()
        body = QHBoxLayout(page)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(gap.double)
        body.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        add_layout(body, words, stretch=1)
        area = QScrollArea()
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(gap.triple, gap.triple, gap.triple, gap.double)
        whole.setSpacing(gap.double)
        whole.addWidget(area, stretch=1)
        add_layout(whole, self._footer(facts.page))
        self._close.setFocus()  # not what leads out of the program; only here it has a window to have it in
        add_close_keys(self)
        room = room_on_screen(self)
        wide = min(_WIDTH_UNITS * gap.unit, room.width())
        inside = wide - 2 * gap.triple
        around = whole.minimumSize().height() - area.minimumSizeHint().height()
        self.resize(wide, min(page.heightForWidth(inside) + around, room.height()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_icon"):
            self._draw()

    def _draw(self) -> None:
        self._icon.setPixmap(app_icon().pixmap(_ICON_UNITS * spacing(self).unit))

    def _title(self, version: str) -> QLabel:
        title = QLabel(self.tr("Catnap {version}").format(version=version))
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * _TITLE_FACTOR)
        title.setFont(font)
        return title

    def _updates(self) -> str:
        return self.tr("Catnap never looks for updates by itself; look for a newer one where you got this one.")

    def _footer(self, page: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(spacing(self).unit)
        if page:
            button = QPushButton(self.tr("&Project page"))
            button.setToolTip(page)
            button.setAutoDefault(False)
            button.clicked.connect(lambda: self._open_url(page))
            row.addWidget(button)
        copy = QPushButton(self.tr("&Copy details"))
        copy.setToolTip(self.tr("Copies the lines above, for a report of a fault"))
        copy.setAutoDefault(False)
        copy.clicked.connect(self._copy)
        row.addWidget(copy)
        row.addStretch()
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.close)
        row.addWidget(close)
        self._close = close
        return row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
