"""Connects the dialog for Hugging Face with the service that looks there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.common.errors import UserFacingError
from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.hub.listing import HubRepo
from desktop.models.hub.service import (
    HubAdded,
    HubEvent,
    HubFailed,
    HubFound,
    HubHeaderFailed,
    HubHeaderRead,
    HubLooking,
    HubService,
)
from desktop.models.network import NetworkService

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.models.hub_dialog import HubDialog


class HubPresenter(QObject):
    """Opens the dialog and keeps it up to date; the dialog is made when it is first needed.

    Attributes:
        added: (model id) A model was added, and its download has begun.
    """

    added = Signal(str)

    def __init__(
        self,
        make_dialog: Callable[[], HubDialog],
        make_service: Callable[[Callable[[HubEvent], None]], HubService],
        parent: QObject | None = None,
        network: NetworkService | None = None,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            make_service: Makes the service; is given who receives its events.
            parent: Owner.
            network: Takes the account of a proxy; None: it is not asked for.
        """
        super().__init__(parent)
        self._make_dialog, self._make_service = make_dialog, make_service
        self._dialog: HubDialog | None = None
        self._service: HubService | None = None
        self._network = network
        self._repo: HubRepo | None = None
        self._wanted = ""  # path of the model that is being added

    @property
    def dialog(self) -> HubDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    def show(self, text: str = "") -> None:
        """Opens the dialog.

        Args:
            text: A link to begin with; empty: none.
        """
        dialog = self._dialog or self._make()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        dialog.begin(text)

    def close(self) -> None:
        """Closes the dialog and gives up what is under way."""
        if self._dialog is not None:
            self._dialog.close()
        if self._service is not None:
            self._service.cancel()

    def _make(self) -> HubDialog:
        dialog = self._dialog = self._make_dialog()
        service = self._service = self._make_service(self._on_event)
        dialog.lookRequested.connect(service.look)
        dialog.headerRequested.connect(service.read_header)
        dialog.addRequested.connect(self._add)
        dialog.closed.connect(service.cancel)
        dialog.proxyAccountEntered.connect(self._enter_account)
        return dialog

    def _add(self, path: str) -> None:
        self._wanted = path
        if self._service is not None:
            self._service.add(path)

    def _ask_account(self, dialog: HubDialog, error: UserFacingError) -> bool:
        """Asks for what a proxy wants; False: it does not want anything."""
        if self._network is None or not isinstance(error, ProxyAccountNeededError):
            return False
        dialog.ask_proxy_account(error)
        return True

    def _enter_account(self, proxy: str, user: str, password: str, keep: bool) -> None:
        if self._network is not None and self._dialog is not None:
            self._network.enter_account(proxy, Account(user, password), keep=keep)
            self._dialog.look_again()

    def _on_event(self, event: HubEvent) -> None:
        dialog = self._dialog
        if dialog is None:
            return
        match event:
            case HubLooking():
                dialog.show_looking()
            case HubFailed(error):
                if not self._ask_account(dialog, error):
                    dialog.show_failed(error)
            case HubFound(repo, proposed, problem):
                self._repo = repo
                dialog.show_repo(repo, proposed, problem)
            case HubHeaderRead(path, header, kind):
                models = self._repo.models if self._repo is not None else ()
                for model in models:
                    if model.path == path:
                        dialog.show_header(path, header, replace(model, kind=kind))
            case HubHeaderFailed(path, error):
                dialog.show_header_failed(path, error)
                self._ask_account(dialog, error)
            case HubAdded(model_id):
                dialog.show_added(self._wanted)
                self.added.emit(model_id)
