"""What follows when a link of the page is pressed: those of answers lead into the browser, our own do something here.

Ours are written by ``message_lines.py`` and, above code, by ``markdown/document.py``.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from desktop.ui.transcript.markdown.links import is_web_address
from desktop.ui.transcript.message_requests import MessageRequests
from desktop.ui.transcript.navigation.scrolling import PageScroll
from desktop.ui.transcript.page import TranscriptPage
from desktop.ui.transcript.plain_text import code_below
from desktop.ui.transcript.streaming.rest import RestOfMessage


class PageLinks:
    """Follows them."""

    def __init__(
        self,
        page: TranscriptPage,
        scroll: PageScroll,
        rest: RestOfMessage,
        requests: MessageRequests,
        copy_answer: Callable[[], None],
    ) -> None:
        """
        Args:
            page: Folds and unfolds thoughts, and has the code that is copied.
            scroll: Stays where somebody reads.
            rest: Writes the rest of a long message.
            requests: Gets what others have to do.
            copy_answer: Copies the last answer.
        """
        self._page, self._scroll, self._rest, self._requests = page, scroll, rest, requests
        self._copy_answer = copy_answer

    def follow(self, url: QUrl) -> None:
        """Does what a link is for; an address that is none of these is ignored."""
        address, requests = url.toString(), self._requests
        if is_web_address(address):
            QDesktopServices.openUrl(url)
        elif address == "catnap:copy":
            self._copy_answer()
        elif address == "catnap:regenerate":
            requests.regenerateRequested.emit()
        elif address == "catnap:continue":
            requests.continueRequested.emit()
        elif address.startswith("catnap:language/"):
            requests.languageRequested.emit(address.removeprefix("catnap:language/"))
        elif address.startswith("catnap:read/"):
            requests.readRequested.emit(int(address.removeprefix("catnap:read/")))
        elif address.startswith("catnap:think/"):
            self._toggle_thought(address.removeprefix("catnap:think/"))
        elif address.startswith("catnap:rest/"):
            self._scroll.following = False  # whoever wants to read on does so here
            self._rest.write(address.removeprefix("catnap:rest/"))
        elif address.startswith("catnap:version/"):
            message, step = address.removeprefix("catnap:version/").split("/")
            requests.versionRequested.emit(int(message), int(step))
        elif address.startswith("catnap:source/"):
            message, number = address.removeprefix("catnap:source/").split("/")
            requests.sourceRequested.emit(int(message), int(number))
        elif address.startswith("catnap:code/"):
            QGuiApplication.clipboard().setText(code_below(self._page.document, address))

    def _toggle_thought(self, key: str) -> None:
        with_end = self._scroll.following
        self._scroll.following = False
        self._page.toggle_thought(key)
        self._scroll.following = with_end and self._page.is_growing
