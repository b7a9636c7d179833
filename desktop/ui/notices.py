"""Where errors reach people: a sentence goes to the window and the tray, a bug to a dialog with a report to copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.common.errors import UserFacingError
from desktop.common.install_folder import moved_problem
from desktop.common.logs import Bug
from desktop.ui.theme.icons import app_icon
from desktop.ui.theme.metrics import mono_font, points_of, spacing
from desktop.ui.widgets.banner import Notice, Severity
from desktop.ui.widgets.plain_buttons import take_pictures_away
from desktop.ui.widgets.window_size import fitting_size
from desktop.ui.words import error_detail, error_remedy, error_title

_SIZE = QSize(82, 46)  # in units of style.unit
_LEAST_LINES = 2


class Notices(QObject):
    """Shows errors without ever being in the way.

    :meth:`report` and :meth:`report_bug` may be called from any thread; everything is shown on the GUI thread.
    Cancellations do not come here, and neither does a traceback that was reported before: see ``logs.BugReporter``.

    Attributes:
        bannerRequested: A :class:`Notice` for the window's banner. It is emitted also while no window is visible: the
            banner keeps it until somebody looks.
        bannerWithdrawn: The identity of a notice that is no longer true.
        messageRequested: Title and text for a message beside the tray, for whoever does not see the window.
    """

    bannerRequested = Signal(object)
    bannerWithdrawn = Signal(str)
    messageRequested = Signal(str, str)
    _reported = Signal(object)
    _bug_reported = Signal(object)

    def __init__(
        self,
        system_lines: Callable[[], Sequence[str]],
        log_lines: Callable[[], Sequence[str]],
        parent: QObject | None = None,
    ) -> None:
        """Makes it ready to report to.

        Args:
            system_lines: Version, build and machine, for the report.
            log_lines: The end of the log, which holds no conversation.
            parent: Owner.
        """
        super().__init__(parent)
        self._system_lines = system_lines
        self._log_lines = log_lines
        self._dialogs: list[BugDialog] = []
        self._reported.connect(self._show)
        self._bug_reported.connect(self._show_bug, Qt.ConnectionType.QueuedConnection)

    def report(self, error: UserFacingError) -> None:
        """Shows something a person can act on. Any thread."""
        self._reported.emit(error)

    def withdraw(self, error: UserFacingError) -> None:
        """Takes back what was reported: it is no longer true. GUI thread."""
        self.bannerWithdrawn.emit(_notice_of(error).identity)

    def report_bug(self, bug: Bug) -> None:
        """Shows a dialog about a bug. Any thread; the dialog opens once the event loop is back in control.

        It is no bug when the program's folder has gone from under it: then that is said instead.
        """
        moved = moved_problem()
        if moved is not None:
            self.report(moved)
        else:
            self._bug_reported.emit(bug)

    def show_report(self, error: UserFacingError) -> None:
        """Hands over a report about an error that a person has seen and wants to pass on. GUI thread."""
        what = "\n".join(part for part in (error.title, error.detail) if part)
        self._open(error_detail(error), what, heading=error_title(error))

    def show_log(self) -> None:
        """Shows what the program did lately, to be looked through and copied. GUI thread."""
        self._open("", "", heading=self.tr("What Catnap did lately"), at_end=True)

    def close(self) -> None:
        """Closes the dialogs that are open."""
        for dialog in tuple(self._dialogs):
            dialog.close()

    @Slot(object)
    def _show(self, error: UserFacingError) -> None:
        notice = _notice_of(error)
        self.bannerRequested.emit(notice)
        text = "\n".join(part for part in (notice.detail, notice.remedy) if part)
        self.messageRequested.emit(notice.title, text)

    @Slot(object)
    def _show_bug(self, bug: Bug) -> None:
        self._open(bug.summary, bug.traceback.rstrip())

    def _open(self, summary: str, what: str, heading: str = "", *, at_end: bool = False) -> None:
        parts = (what, "\n".join(self._system_lines()), "\n".join(self._log_lines()))
        dialog = BugDialog(summary, "\n\n".join(part for part in parts if part) + "\n", heading)
        self._dialogs.append(dialog)
        dialog.finished.connect(lambda _result: self._forget(dialog))
        dialog.show()
        if at_end:
            dialog.go_to_end()

    def _forget(self, dialog: BugDialog) -> None:
        self._dialogs.remove(dialog)
        dialog.deleteLater()


def _notice_of(error: UserFacingError) -> Notice:
    return Notice(error_title(error), error_detail(error), error_remedy(error), severity=Severity.PROBLEM)


class BugDialog(QDialog):
    """Says that Catnap made a mistake and hands over a report. Not modal: the program goes on."""

    def __init__(self, summary: str, report: str, heading: str = "", parent: QWidget | None = None) -> None:
        """
        Args:
            summary: The exception's last line; empty: there was none.
            report: What the button copies; shown in full, so that nobody passes on what they have not seen.
            heading: What it is about, translated; empty: a mistake of Catnap's.
            parent: Owner.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Report") if heading else self.tr("A fault in Catnap"))
        self.setWindowIcon(app_icon())
        # Closing it must not be what ends a program that lives in the tray.
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        gap = spacing(self)
        title = QLabel(
            heading
            or self.tr("Something went wrong inside Catnap. It goes on, but what you just did may not have worked.")
        )
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setWordWrap(True)
        what = QLabel(summary)
        what.setTextFormat(Qt.TextFormat.PlainText)
        what.setWordWrap(True)
        what.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        what.setVisible(bool(summary))
        self._report = QPlainTextEdit(report)
        self._report.setReadOnly(True)
        self._report.setTabChangesFocus(True)
        self._report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._report.setAccessibleName(self.tr("Report"))
        self._report.setFont(mono_font(points_of(self.font())))
        self._report.setMinimumHeight(self._report.fontMetrics().lineSpacing() * _LEAST_LINES)
        hint = QLabel(
            self.tr(
                "With this report the fault can be found. Your conversations are not part of it; look through it first."
            )
        )
        hint.setWordWrap(True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        # WORKAROUND(PySide 6.8): a button that addButton() makes of a text would stay in Python's memory for ever.
        self._copy = QPushButton(self.tr("&Copy report"))
        self._buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        take_pictures_away(self._buttons)
        self._copy.clicked.connect(self._copy_report)
        self._buttons.rejected.connect(self.reject)
        page = QVBoxLayout(self)
        page.setContentsMargins(gap.double, gap.double, gap.double, gap.double)
        page.setSpacing(gap.unit)
        for widget in (title, what, self._report, hint, self._buttons):
            page.addWidget(widget, stretch=1 if widget is self._report else 0)
        self.resize(fitting_size(self, _SIZE))

    def go_to_end(self) -> None:
        """Shows the newest lines; once it is shown itself, and knows its size."""
        self._report.moveCursor(QTextCursor.MoveOperation.End)
        self._report.verticalScrollBar().setValue(self._report.verticalScrollBar().maximum())

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._report.toPlainText())
        self._copy.setText(self.tr("Copied"))
