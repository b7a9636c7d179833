"""What a screen reader is told besides what Qt tells it: what a widget of our own is, and what has just happened."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface, QWheelEvent
from PySide6.QtWidgets import QAccessibleWidget, QComboBox, QLabel, QWidget

Factory = Callable[[str, QObject], QAccessibleInterface | None]


def announce(source: QObject, words: str, *, urgent: bool = False) -> None:
    """Has a screen reader say something, whatever it is at.

    Args:
        source: What it is about.
        words: Translated.
        urgent: It does not wait for the end of what is being said.
    """
    if not QAccessible.isActive():
        return
    event = QAccessibleAnnouncementEvent(source, words)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)


def install_once(app: QCoreApplication, name: str, factory: Factory) -> None:
    """Asks ``factory`` for what a screen reader finds in the place of a widget, from now on; once for an application.

    What it returns has to be of a class written here, in Python: only of these is Python told when Qt deletes them.

    Args:
        app: The application.
        name: Tells it from others.
        factory: Called with the name of a class and an object of it; None: what Qt has for it.
    """
    if not app.property(name):
        app.setProperty(name, True)
        QAccessible.installFactory(factory)


def say_roles(app: QCoreApplication) -> None:
    """Has widgets with an attribute ``accessible_role`` be what that says, and not a frame or an area."""
    install_once(app, "catnapSaysRoles", _with_role)


class ChoiceBox(QComboBox):
    """A box of choices that says what it is for, and not only what is chosen in it; it leaves the wheel to the page.

    Only with the keyboard in it the wheel turns its choices: who scrolls a page chooses nothing with that.

    WORKAROUND(Qt 6.8): on Linux the name of such a box is what is chosen, whatever name it was given. What it is for, a
    screen reader takes from its label, and Qt finds that only among what lies in the same widget.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._label = QLabel(parent)
        self._label.hide()

    def setAccessibleName(self, name: str) -> None:
        """Says what it is for."""
        super().setAccessibleName(name)
        self._label.setText(name)
        self._label.setBuddy(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Has the label lie where the box does."""
        if event.type() is QEvent.Type.ParentChange and hasattr(self, "_label"):
            self._label.setParent(self.parentWidget())
        return super().event(event)


class _WithRole(QAccessibleWidget):
    """A widget that is not what its base class is."""

    def __init__(self, widget: QWidget, role: QAccessible.Role) -> None:
        super().__init__(widget, role)


def _with_role(_kind: str, about: QObject) -> QAccessibleInterface | None:
    role = getattr(about, "accessible_role", None)
    return _WithRole(about, role) if isinstance(about, QWidget) and isinstance(role, QAccessible.Role) else None
