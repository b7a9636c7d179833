"""What the check of the network has found: a panel above the list, with a text that can be copied."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.models.download.network_check import HostReport, NetworkReport
from desktop.models.download.proxy.proxies import ENVIRONMENT
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import MutedLabel, small_font
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.words import SEPARATOR, error_title, speed_words

# Any page without encryption will do: a network that wants a sign-in answers in its place. This one is made for it.
_PAGE = "http://neverssl.com"


class NetworkPanel(QFrame):
    """Shows it; hidden while there is nothing to show.

    Attributes:
        againRequested: The network shall be checked again.
    """

    againRequested = Signal()

    def __init__(self, open_url: Callable[[str], object], parent: QWidget | None = None) -> None:
        """
        Args:
            open_url: Opens an address.
            parent: Owner.
        """
        super().__init__(parent)
        self._open_url = open_url
        self._title, self._text = QLabel(), QLabel()
        self._hint = MutedLabel()
        self._again = self._button(self.tr("Check again"), self.againRequested.emit)
        self._copy = self._button(self.tr("Copy"), self._copy_text)
        self._page = self._button(self.tr("Open the network's page"), lambda: self._open_url(_PAGE))
        self._close = self._button(self.tr("Hide"), self.hide)
        self._lay_out()
        self.hide()

    def show_report(self, report: NetworkReport) -> None:
        """Shows what is known so far."""
        self._title.setText(self.tr("Your network") if report.is_done else self.tr("Checking your network…"))
        self._text.setText("\n".join(report_lines(report)))
        nobody = report.is_done and all(host.problem is not None for host in report.hosts)
        self._hint.setText(
            self.tr("No host answers. If this network wants you to sign in first, its page says so.") if nobody else ""
        )
        self._hint.setVisible(nobody)
        self._page.setVisible(nobody)
        for button in (self._again, self._copy):
            button.setEnabled(report.is_done)
        self.show()

    def _copy_text(self) -> None:
        QGuiApplication.clipboard().setText(self._text.text())

    def _button(self, text: str, pressed: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked: pressed())
        return button

    def _lay_out(self) -> None:
        gap = spacing(self)
        self.setFrameShape(QFrame.Shape.NoFrame)  # the list has one, and it stands out by its colour
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setFont(small_font(self._text.font()))
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setAccessibleName(self.tr("What was found out about the network"))
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        buttons = QHBoxLayout()
        buttons.setSpacing(gap.unit)
        for button in (self._again, self._copy, self._page):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self._close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(gap.unit + gap.half, gap.unit, gap.unit + gap.half, gap.unit)
        whole.setSpacing(gap.unit)
        for part in (self._title, self._text, self._hint):
            whole.addWidget(part)
        add_layout(whole, buttons)


def report_lines(report: NetworkReport) -> list[str]:
    """Returns the report in the language of the interface, a line for each host and for what is odd."""
    lines = [_host_line(host) for host in report.hosts]
    if report.place:
        text = QCoreApplication.translate("Network", "The proxy is set in: {place}")
        place = report.place if report.place != ENVIRONMENT else _environment()
        lines.append(text.format(place=place))
    for what, _why in report.skipped:
        text = QCoreApplication.translate("Network", "Not used, since Catnap cannot use its kind or address: {proxy}")
        lines.append(text.format(proxy=what))
    if report.script:
        lines.append(
            QCoreApplication.translate(
                "Network", "This system finds its proxy by a script (PAC), which Catnap cannot run."
            )
        )
    return lines


def _host_line(host: HostReport) -> str:
    way = (
        QCoreApplication.translate("Network", "through {proxy}").format(proxy=host.way)
        if host.way
        else QCoreApplication.translate("Network", "directly")
    )
    if host.problem is not None and host.problem.pattern.startswith("{0}: "):
        # Why, which says more than that it does not answer.
        asked = QCoreApplication.translate("Network", "{host} ({way})").format(host=host.host, way=way)
        return QCoreApplication.translate("Errors", host.problem.pattern).format(asked)
    if host.problem is not None:
        text = QCoreApplication.translate("Network", "{host} ({way}): {problem}")
        return text.format(host=host.host, way=way, problem=error_title(host.problem))
    if host.seconds is None:
        return QCoreApplication.translate("Network", "{host} ({way}): asking…").format(host=host.host, way=way)
    text = QCoreApplication.translate("Network", "{host} ({way}): answers after {seconds} s")
    line = text.format(host=host.host, way=way, seconds=f"{host.seconds:.1f}")
    return SEPARATOR.join((line, speed_words(host.speed))) if host.speed else line


def _environment() -> str:
    return QCoreApplication.translate("Network", "environment variables")
