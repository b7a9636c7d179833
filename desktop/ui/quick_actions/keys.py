"""Shows how a desktop is told which key does what: Catnap grabs none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.chat.quick_actions.actions import QuickAction
from desktop.common.errors import UserFacingError
from desktop.common.printable import one_line
from desktop.system.own_command import KeyDesktop
from desktop.ui.quick_actions.portal_keys import QUICK_ASK, PortalKeys
from desktop.ui.quick_actions.words import action_title
from desktop.ui.settings.editors import QuietCombo
from desktop.ui.theme.metrics import spacing
from desktop.ui.widgets.labels import MutedLabel, WarningLabel
from desktop.ui.widgets.layouts.nesting import add_layout
from desktop.ui.words import error_words

# Makes the command of the arguments given; raises a UserFacingError where there is none.
MakeCommand = Callable[[Sequence[str]], str]


class KeyHelp(QWidget):
    """What, on which desktop, the steps, and the command with a button that copies it."""

    def __init__(
        self,
        desktop: KeyDesktop,
        command: MakeCommand,
        portal: PortalKeys | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """
        Args:
            desktop: The one that this is.
            command: See :data:`MakeCommand`.
            portal: Keys through the desktop; None: there are none, as outside of Wayland.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_command, self._portal = command, portal
        self._through_desktop = QCheckBox(self.tr("Let the desktop &give keys to all of them"))
        self._given = MutedLabel()
        self._what = QuietCombo()
        self._what.currentIndexChanged.connect(self._show)
        what_label = QLabel(self.tr("A &key for"))
        what_label.setBuddy(self._what)
        self._desktop = QuietCombo()
        for each, name in self._names():
            self._desktop.addItem(name, each)
        self._desktop.setCurrentIndex(self._desktop.findData(desktop))
        self._desktop.currentIndexChanged.connect(self._show)
        desktop_label = QLabel(self.tr("&Desktop"))
        desktop_label.setBuddy(self._desktop)
        self._steps = QLabel()
        self._steps.setWordWrap(True)
        self._command = QLineEdit()
        self._command.setReadOnly(True)
        command_label = QLabel(self.tr("C&ommand"))
        command_label.setBuddy(self._command)
        self._copy = QPushButton(self.tr("Co&py"))
        self._copy.setAutoDefault(False)
        self._copy.clicked.connect(self._copy_command)
        self._error = WarningLabel()
        self._note = MutedLabel(self.tr("Catnap takes no key by itself: you choose a free one in your desktop."))
        self._lay_out((what_label, desktop_label, command_label))
        self._show_portal()
        if portal is not None:
            portal.changed.connect(self._show_portal)
            self._through_desktop.clicked.connect(portal.turn)
            portal.look()
        self.show_actions(())

    def _lay_out(self, labels: tuple[QLabel, QLabel, QLabel]) -> None:
        gap = spacing(self)
        grid = QGridLayout()
        grid.setSpacing(gap.unit)
        grid.setColumnStretch(1, 1)
        for row, (label, widget) in enumerate(((labels[0], self._what), (labels[1], self._desktop))):
            grid.addWidget(label, row, 0)
            grid.addWidget(widget, row, 1, 1, 2)
        grid.addWidget(self._steps, 2, 0, 1, 3)
        grid.addWidget(labels[2], 3, 0)
        grid.addWidget(self._command, 3, 1)
        grid.addWidget(self._copy, 3, 2)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(gap.unit)
        page.addWidget(self._note)
        add_layout(page, grid)
        page.addWidget(self._error)
        page.addWidget(self._through_desktop)
        page.addWidget(self._given)

    @property
    def command(self) -> str:
        """The command that is shown."""
        return self._command.text()

    def show_actions(self, actions: Sequence[QuickAction]) -> None:
        """Lists what a key may do; the quick ask always comes first."""
        chosen = self._what.currentData()
        self._what.blockSignals(True)
        self._what.clear()
        self._what.addItem(self.tr("Quick ask"), "")
        for action in actions:
            self._what.addItem(one_line(action_title(action)), action.id)
        self._names_by_id = {each.id: each.id if each.built_in is not None else each.name for each in actions}
        self._what.setCurrentIndex(max(0, self._what.findData(chosen)))
        self._what.blockSignals(False)
        self._show()

    def choose(self, action_id: str) -> None:
        """Shows the command of one of the actions; empty: of the quick ask."""
        self._what.setCurrentIndex(max(0, self._what.findData(action_id)))

    def _show(self) -> None:
        action_id: str = self._what.currentData() or ""
        arguments = ("--action", self._names_by_id[action_id]) if action_id else ("--quick-ask",)
        problem = ""
        try:
            command = self._make_command(arguments)
        except UserFacingError as error:
            command, problem = "", error_words(error)
        self._command.setText(command)
        self._command.setCursorPosition(0)
        self._copy.setEnabled(bool(command))
        self._copy.setText(self.tr("Co&py"))
        self._error.say(problem)
        self._steps.setText(self._words(self._desktop.currentData()))

    def _show_portal(self) -> None:
        portal = self._portal
        shown = portal is not None and (bool(portal.is_there) or portal.is_on)
        self._through_desktop.setVisible(shown)
        self._given.setVisible(shown)
        if portal is None or not shown:
            return
        self._through_desktop.setChecked(portal.is_on)
        keys = " · ".join(f"{self._what_is(name)}: {key}" for name, key in (portal.keys or {}).items())
        if not portal.is_on:
            words = self.tr("It shows a window in which you choose them, and tells Catnap when one is pressed.")
        elif portal.keys is None:
            words = self.tr("The desktop has given no keys yet. Choose them in the window that it shows.")
        else:
            words = keys or self.tr("No key is chosen yet: do so in the desktop's settings for keys.")
        self._given.setText(words)

    def _what_is(self, name: str) -> str:
        at = self._what.findData("" if name == QUICK_ASK else name)
        return self._what.itemText(at) if at >= 0 else one_line(name)

    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self.command)
        self._copy.setText(self.tr("Copied"))

    def _names(self) -> tuple[tuple[KeyDesktop, str], ...]:
        return (
            (KeyDesktop.GNOME, "GNOME"),
            (KeyDesktop.KDE, "KDE Plasma"),
            (KeyDesktop.XFCE, "Xfce"),
            (KeyDesktop.CINNAMON, "Cinnamon"),
            (KeyDesktop.MATE, "MATE"),
            (KeyDesktop.WINDOWS, "Windows"),
            (KeyDesktop.MACOS, "macOS"),
            (KeyDesktop.OTHER, self.tr("Another")),
        )

    def _words(self, desktop: KeyDesktop) -> str:
        match desktop:
            case KeyDesktop.GNOME:
                return self.tr("Settings → Keyboard → View and Customise Shortcuts → Custom Shortcuts → Add Shortcut.")
            case KeyDesktop.KDE:
                return self.tr("System Settings → Shortcuts → Add New → Command.")
            case KeyDesktop.XFCE:
                return self.tr("Settings → Keyboard → Application Shortcuts → Add.")
            case KeyDesktop.CINNAMON:
                return self.tr("System Settings → Keyboard → Shortcuts → Custom Shortcuts → Add custom shortcut.")
            case KeyDesktop.MATE:
                return self.tr("Control Centre → Keyboard Shortcuts → Add.")
            case KeyDesktop.WINDOWS:
                return self.tr(
                    "Right-click the desktop → New → Shortcut, paste the command; then in the shortcut's Properties "
                    "set the “Shortcut key”. Copy the text first: it is taken from the clipboard."
                )
            case KeyDesktop.MACOS:
                return self.tr(
                    "Shortcuts app → New Shortcut → Run Shell Script with the command; then Details → Add Keyboard "
                    "Shortcut. Copy the text first: it is taken from the clipboard."
                )
            case _:
                return self.tr("Give the command to a free key in your desktop's or window manager's settings.")
