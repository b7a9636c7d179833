"""Connects the models dialog with the model service."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from desktop.common.errors import QT_TRANSLATE_NOOP, UserFacingError
from desktop.lifecycle.crash_marks import CrashMarks
from desktop.machine.cpu import read_features
from desktop.models.choice import ModelChoice
from desktop.models.download.network_check import NetworkReport
from desktop.models.download.proxy.proxies import Account
from desktop.models.download.proxy.proxy_errors import ProxyAccountNeededError
from desktop.models.events import (
    DownloadBroke,
    DownloadMoved,
    LibraryChanged,
    ModelArrived,
    ModelEvent,
    ModelTrouble,
    NetworkChecked,
    TrialBegan,
    TrialEnded,
    VerifyEnded,
)
from desktop.models.network import NetworkService
from desktop.models.service import ModelService
from desktop.models.types import DownloadState, InstalledModel
from desktop.ui.words import short_name

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.ui.models.dialog import ModelsDialog


class ModelsPresenter(QObject):
    """Opens the dialog and keeps it up to date; the dialog is made when it is first needed.

    Attributes:
        troubled: Something went wrong that the dialog, not being open, could not show: a UserFacingError.
        reportRequested: The user wants to report a model that has brought the engine down: a UserFacingError.
        hubRequested: The user wants to add a model from Hugging Face.
        serversRequested: The user wants a model on another computer.
        talkRequested: The model that has come shall be asked something.
        abilitiesRequested: What a model can do is to be seen: an InstalledModel.
        smallerRequested: A smaller one shall be made of a model: an InstalledModel.
        findRequested: A model shall find passages of documents by what they mean: its file.
    """

    troubled = Signal(object)
    reportRequested = Signal(object)
    hubRequested = Signal()
    serversRequested = Signal()
    talkRequested = Signal()
    abilitiesRequested = Signal(object)
    smallerRequested = Signal(object)
    findRequested = Signal(str)

    def __init__(
        self,
        make_dialog: Callable[[], ModelsDialog],
        service: ModelService,
        choice: ModelChoice,
        recommended: Callable[[], str | None],
        marks: CrashMarks,
        features: Callable[[], Collection[str]] = read_features,
        parent: QObject | None = None,
        network: NetworkService | None = None,
        ability: Callable[[InstalledModel], str] = lambda _model: "",
        finds: Callable[[], str] = lambda: "",
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            service: Does what the user asks for.
            choice: What is installed and chosen.
            recommended: Returns the id of the best model for this machine.
            marks: Know which models have brought the engine down.
            features: Returns what its processor is known to have.
            parent: Owner.
            network: Checks the network, and takes the account of a proxy; None: neither is asked for.
            ability: Returns what a model can do, in words; empty: it was not checked.
            finds: Returns the file of the model that finds passages by what they mean; empty: none does.
        """
        super().__init__(parent)
        self._make_dialog = make_dialog
        self._service = service
        self._choice = choice
        self._recommended = recommended
        self._marks = marks
        self._features = features
        self._known_features: Collection[str] | None = None
        self._dialog: ModelsDialog | None = None
        self._question: str | None = None
        self._network = network
        self._ability, self._finds = ability, finds
        self._locked_out: dict[str, ProxyAccountNeededError] = {}  # downloads that wait for an account, by model id
        marks.subscribe(lambda: self._fill() if self.is_open else None)

    @property
    def dialog(self) -> ModelsDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    @property
    def is_open(self) -> bool:
        return self._dialog is not None and self._dialog.isVisible()

    def show(self, problem: UserFacingError | None = None, begin_with: str = "") -> None:
        """Opens the dialog with the keyboard on what to do next.

        Where no model is in use that is going on with a download that was begun, else getting the one again that is
        chosen and was lost, else the recommended one.

        Args:
            problem: Why it opens, if that is not plain.
            begin_with: Id of the model that is wanted most likely; empty: see above.
        """
        dialog = self._dialog or self._make()
        if not dialog.isVisible():
            self._choice.refresh()
            self._fill()
            dialog.show_error(problem)
            dialog.say_arrived("")
            if self._choice.in_use() is None:
                begun = next(iter(self._service.partials()), "")
                dialog.select(begun or self._choice.lost_download() or self._recommended() or "")
        elif problem is not None:
            dialog.show_error(problem)
        if begin_with:
            dialog.select(begin_with)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        dialog.focus_selected()
        if wanted_account := next(iter(self._locked_out.values()), None):
            dialog.ask_proxy_account(wanted_account)

    def close(self) -> None:
        """Closes the dialog; downloads go on."""
        if self._dialog is not None:
            self._dialog.close()

    def set_waiting_question(self, question: str | None) -> None:
        """Says that a question waits for a model; None: none does."""
        self._question = question
        if self._dialog is not None:
            self._dialog.set_waiting_question(question)

    def on_event(self, event: ModelEvent, *, is_shown: bool = False) -> None:
        """Takes an event of the model service.

        Args:
            event: What has happened.
            is_shown: Another window shows what went wrong.
        """
        is_shown = is_shown or self.is_open
        if isinstance(event, ModelTrouble | DownloadBroke) and not is_shown:
            self.troubled.emit(event.error)
        if isinstance(event, TrialEnded) and not is_shown and (problem := event.verdict.problem) is not None:
            self.troubled.emit(problem)
        self._note_lock(event)
        if self._dialog is None:
            return
        if isinstance(event, DownloadMoved):
            self._dialog.set_progress(event.progress)
        elif isinstance(event, NetworkChecked):
            self._show_network(event.report)
        elif isinstance(event, DownloadBroke):
            self._dialog.set_failed(event.model_id, event.error)
            if isinstance(event.error, ProxyAccountNeededError) and self._network is not None:
                self._dialog.ask_proxy_account(event.error)
        elif isinstance(event, VerifyEnded):
            self._dialog.set_verified(event.model_id, event.intact)
        elif isinstance(event, ModelTrouble):
            self._dialog.show_error(event.error)
        elif isinstance(event, LibraryChanged) and self.is_open:
            self._fill()
        elif isinstance(event, ModelArrived):
            self._say_arrived(event.model_id)
        elif isinstance(event, TrialBegan) and self.is_open:
            self._fill()
            self._dialog.select(event.model_id)

    def _say_arrived(self, model_id: str) -> None:
        """Leads who has fetched a first model on; a question that waited for it is asked by itself."""
        model = self._choice.in_use()
        if self._dialog is not None and self.is_open and self._question is None and model and model.id == model_id:
            self._dialog.say_arrived(short_name(model.name))

    def _talk(self) -> None:
        self.close()
        self.talkRequested.emit()

    def _make(self) -> ModelsDialog:
        dialog = self._dialog = self._make_dialog()
        service = self._service
        for asked in (
            dialog.downloadRequested,
            dialog.resumeRequested,
            dialog.useRequested,
            dialog.findRequested,
            dialog.removeRequested,
            dialog.verifyRequested,
            dialog.importRequested,
        ):
            asked.connect(lambda _what: dialog.show_error(None))  # it was about what was asked for before
        dialog.downloadRequested.connect(service.download)
        dialog.resumeRequested.connect(service.download)
        dialog.pauseRequested.connect(service.pause)
        dialog.cancelRequested.connect(service.cancel)
        dialog.useRequested.connect(service.use)
        dialog.removeRequested.connect(service.remove)
        dialog.verifyRequested.connect(service.verify)
        dialog.importRequested.connect(lambda path: service.import_file(Path(path)))
        dialog.reportRequested.connect(self._report)
        dialog.detailsRequested.connect(self._show_details)
        dialog.abilitiesRequested.connect(self._ask_abilities)
        dialog.smallerRequested.connect(self._ask_smaller)
        dialog.findRequested.connect(self._ask_finding)
        dialog.hubRequested.connect(self.hubRequested.emit)
        dialog.serversRequested.connect(self.serversRequested.emit)
        dialog.talkRequested.connect(self._talk)
        if self._network is not None:
            dialog.networkCheckRequested.connect(self._network.check)
            dialog.proxyAccountEntered.connect(self._enter_account)
        dialog.set_waiting_question(self._question)
        return dialog

    def select(self, model_id: str) -> None:
        """Selects a model where the dialog is open."""
        if self._dialog is not None and self.is_open:
            self._fill()
            self._dialog.select(model_id)

    def _show_details(self, model_id: str) -> None:
        from desktop.ui.models.details import DetailsDialog

        model = next((one for one in self._choice.installed() if one.id == model_id), None)
        if model is None:
            return
        details = DetailsDialog(model, parent=self._dialog)
        details.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        details.renamed.connect(lambda name, languages: self._service.rename(model, name, languages))
        details.show()

    def refresh(self) -> None:
        """Shows what is known of the models now, where the dialog is open."""
        if self.is_open:
            self._fill()

    def _ask_abilities(self, model_id: str) -> None:
        model = next((one for one in self._choice.installed() if one.id == model_id), None)
        if model is not None:
            self.abilitiesRequested.emit(model)

    def _ask_smaller(self, model_id: str) -> None:
        model = next((one for one in self._choice.installed() if one.id == model_id), None)
        if model is not None:
            self.smallerRequested.emit(model)

    def _ask_finding(self, model_id: str) -> None:
        model = next((one for one in self._choice.for_meaning() if one.id == model_id), None)
        if model is not None:
            self.findRequested.emit(str(model.path))

    def _note_lock(self, event: ModelEvent) -> None:
        """Remembers which downloads wait for an account, until they get anywhere without."""
        if isinstance(event, DownloadBroke):
            self._locked_out.pop(event.model_id, None)
            if isinstance(event.error, ProxyAccountNeededError):
                self._locked_out[event.model_id] = event.error
        elif isinstance(event, DownloadMoved) and event.progress.state in (DownloadState.RUNNING, DownloadState.DONE):
            self._locked_out.pop(event.progress.model_id, None)

    def _show_network(self, report: NetworkReport) -> None:
        if self._dialog is None:
            return
        self._dialog.show_network(report)
        asking = [host.problem for host in report.hosts if isinstance(host.problem, ProxyAccountNeededError)]
        if report.is_done and asking:
            self._dialog.ask_proxy_account(asking[0])

    def _enter_account(self, proxy: str, user: str, password: str, keep: bool) -> None:
        """Goes on with every download that has waited for this account; where none has, checks the network again."""
        if self._network is None:
            return
        self._network.enter_account(proxy, Account(user, password), keep=keep)
        waiting = [model_id for model_id, error in self._locked_out.items() if error.proxy == proxy]
        for model_id in waiting:
            del self._locked_out[model_id]
            self._service.download(model_id)
        if not waiting:
            self._network.check()

    def _report(self, model_id: str) -> None:
        model = next((one for one in self._choice.installed() if one.id == model_id), None)
        if model is not None:
            self.reportRequested.emit(
                UserFacingError(
                    QT_TRANSLATE_NOOP("Errors", "This model has brought the engine down twice while loading."),
                    f"{model.name}: {model.path.name}, {model.size:,} bytes.",
                )
            )

    def _fill(self) -> None:
        if self._dialog is None:
            return
        in_use, installed = self._choice.in_use(), self._choice.installed()
        if self._known_features is None:  # looked up when the models are first shown
            self._known_features = self._features()
        self._dialog.set_models(
            self._service.catalog.offered(self._known_features, [model.id for model in installed]),
            installed,
            in_use.id if in_use else "",
            self._recommended(),
            self._service.partials(),
            {model.id for model in installed if self._marks.is_marked(model.path)},
            self._service.trying,
            {model.id: self._ability(model) for model in installed if model.kind.can_chat and not model.missing},
            self._finds(),
        )
