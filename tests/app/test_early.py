"""What is asked for before there is anybody to do it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Signal

from desktop.app.early import EarlyRequests


class Sender(QObject):
    """Three kinds of requests."""

    clicked = Signal(QPoint)
    asked = Signal(str, str)
    quit = Signal()


class Receiver:
    """Notes what it hears."""

    def __init__(self, sender: Sender) -> None:
        self.heard: list[object] = []
        sender.clicked.connect(self.heard.append)
        sender.asked.connect(lambda verb, token: self.heard.append((verb, token)))
        sender.quit.connect(lambda: self.heard.append("quit"))


def test_what_was_asked_for_is_heard_once_somebody_listens() -> None:
    sender, early = Sender(), EarlyRequests()
    early.keep(sender.clicked, sender.asked)
    early.keep(sender.quit)

    sender.asked.emit("show", "token")
    sender.clicked.emit(QPoint(3, 4))
    sender.quit.emit()
    sender.asked.emit("quick-ask", "")
    receiver = Receiver(sender)
    assert receiver.heard == []

    early.release()
    assert receiver.heard == [("show", "token"), QPoint(3, 4), "quit", ("quick-ask", "")]


def test_afterwards_nothing_is_kept_and_nothing_heard_twice() -> None:
    sender, early = Sender(), EarlyRequests()
    early.keep(sender.asked)
    receiver = Receiver(sender)
    early.release()

    sender.asked.emit("show", "")
    early.release()

    assert receiver.heard == [("show", "")]
