"""What this program is, which build, under which licence, and where to find more. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.ui.icons import app_icon
from desktop.ui.labels import MutedLabel
from desktop.ui.style import spacing

_TITLE_FACTOR = 1.6
_ICON_UNITS = 8
_WIDTH_UNITS = 58


@dataclass(frozen=True)
class AboutLink:
    """Something to open: the words for it, in the language of the interface, and an address."""

    text: str
    address: str


class AboutDialog(QDialog):
    """Made when it is asked for; not modal.

    Args:
        version: Version of Catnap.
        build: Lines about the build and this machine, as a report of a fault needs them; the button copies them.
        links: Shown one beside the other.
        open_url: Opens an address; None: the system's browser.
    """

    def __init__(
        self,
        version: str,
        build: Sequence[str],
        links: Sequence[AboutLink],
        open_url: Callable[[str], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Catnap"))
        self._open_url = open_url or (lambda address: QDesktopServices.openUrl(QUrl(address)))
        self._report = "\n".join((f"Catnap {version}", *build))
        gap = spacing(self)
        icon = QLabel()
        icon.setPixmap(app_icon().pixmap(_ICON_UNITS * gap.unit))
        words = QVBoxLayout()
        words.setSpacing(gap.unit)
        words.addWidget(self._title(version))
        purpose = QLabel(self.tr("A small language model in the tray of an old laptop, asleep until somebody asks."))
        purpose.setWordWrap(True)
        words.addWidget(purpose)
        licence = MutedLabel(self.tr("Free software under the MIT licence. Models have licences of their own."))
        words.addWidget(licence)
        self._build = MutedLabel("\n".join(build))
        self._build.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._build.setAccessibleName(self.tr("About this build"))
        self._build.setVisible(bool(build))
        words.addWidget(self._build)
        words.addStretch()
        body = QHBoxLayout()
        body.setSpacing(gap.double)
        body.addWidget(icon, alignment=Qt.AlignmentFlag.AlignTop)
        body.addLayout(words, stretch=1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(gap.triple, gap.triple, gap.triple, gap.double)
        whole.setSpacing(gap.double)
        whole.addLayout(body, stretch=1)
        whole.addLayout(self._footer(links))
        for key in QKeySequence.keyBindings(QKeySequence.StandardKey.Close) or [QKeySequence("Ctrl+W")]:
            QShortcut(key, self, self.close)
        self.setMinimumWidth(_WIDTH_UNITS * gap.unit)

    def _title(self, version: str) -> QLabel:
        title = QLabel(self.tr("Catnap {version}").format(version=version))
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * _TITLE_FACTOR)
        title.setFont(font)
        return title

    def _footer(self, links: Sequence[AboutLink]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(spacing(self).unit)
        for link in links:
            button = QPushButton(link.text)
            button.setToolTip(link.address)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, address=link.address: self._open_url(address))
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
        return row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
