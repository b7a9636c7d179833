"""Connects the list of servers with its dialog: what waits for a keyring or a network is done on other threads."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from desktop.common import detached
from desktop.common.errors import UserFacingError
from desktop.engine.routing import ServerModel, server_model
from desktop.models.download.proxy.proxy_accounts import ProxyAccounts
from desktop.ui.widgets.banner import Notice, NoticeAction, Severity
from desktop.ui.words import SEPARATOR, error_detail, error_remedy, error_title, error_words, sentences

if TYPE_CHECKING:  # the window itself is imported when it is first opened
    from desktop.servers.discovery import Found
    from desktop.servers.editing import SavedServer, ServerEntry
    from desktop.servers.keys import ServerKeys
    from desktop.servers.probe import Probe
    from desktop.servers.registry import Server, ServerList
    from desktop.ui.servers.dialog import ServersDialog, ShownServer

_REMOVED_KEY = "server-removed"
_TROUBLE_KEY = "server-trouble"
_UNDO_SECONDS = 12.0


@dataclass(frozen=True)
class ServerBook:
    """The servers, as the window needs them.

    Attributes:
        all: Returns them.
        listed: Returns the list that they are in; what changes it may take a moment.
        keys: Returns their keys, which must not be asked for one on the thread of the windows.
        accounts: For proxies that want one.
        changed: Called when the list has become another.
        discover: Looks for servers on a computer, or, given none, in this network; called on another thread.
        uses: Returns which models on servers the settings name, by the names of these settings.
        use: Puts a model on a server in force for a setting, or, given an empty text, this computer; raises
            UserFacingError.
    """

    all: Callable[[], tuple[Server, ...]]
    listed: Callable[[], ServerList]
    keys: Callable[[], ServerKeys]
    accounts: ProxyAccounts
    changed: Callable[[], None]
    discover: Callable[[str], Sequence[Found]]
    uses: Callable[[], Mapping[str, str]] = dict
    use: Callable[[str, str], None] = lambda _setting, _choice: None


class ServersPresenter(QObject):
    """Opens the dialog, which is made when it is first needed.

    Signals:
        troubled: Something could not be read or written: a UserFacingError.
    """

    troubled = Signal(object)
    _done = Signal(object, object)  # (take, future): emitted by another thread, received by that of the windows

    def __init__(
        self,
        make_dialog: Callable[[], ServersDialog],
        servers: ServerBook,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            make_dialog: Makes the dialog.
            servers: The servers.
            parent: Owner.
        """
        super().__init__(parent)
        self._make_dialog, self._servers = make_dialog, servers
        self._dialog: ServersDialog | None = None
        self._standing: dict[str, str] = {}  # what the last test of a server has shown, by its name
        self._turn = 0  # of what was begun last; what came of anything before is not waited for any more
        self._done.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def dialog(self) -> ServersDialog | None:
        """The dialog, once it has been opened."""
        return self._dialog

    def show(self, name: str = "") -> None:
        """Opens the dialog.

        Args:
            name: The server to look at; empty: the one that was.
        """
        dialog = self._dialog or self._make()
        self._fill()
        if name:
            dialog.select(name)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _make(self) -> ServersDialog:
        dialog = self._dialog = self._make_dialog()
        dialog.saveRequested.connect(self._save)
        dialog.testRequested.connect(self._test)
        dialog.removeRequested.connect(self._remove)
        dialog.keyRemovalRequested.connect(self._forget_key)
        dialog.searchRequested.connect(self._search)
        dialog.useRequested.connect(self._use)
        dialog.finished.connect(lambda _result: self._give_up())
        return dialog

    def _fill(self) -> None:
        if self._dialog is not None:
            self._dialog.set_servers([self._shown(one) for one in self._servers.all()])

    def _shown(self, server: Server) -> ShownServer:
        from desktop.ui.servers.dialog import ShownServer

        standing = self._standing.get(server.name, "")
        return ShownServer(server, self._key_note(server), standing, frozenset(self._uses_of(server.name)))

    def _uses_of(self, name: str) -> Mapping[str, str]:
        """Returns the settings that name a server, with the model."""
        chosen = {key: (choice, server_model(choice)) for key, choice in self._servers.uses().items()}
        wanted = name.casefold()
        return {key: one for key, (one, model) in chosen.items() if model and model.server.casefold() == wanted}

    def _key_note(self, server: Server) -> str:
        if not server.has_key:
            return self.tr("None is kept. It would go into this system's keyring.")
        if self._servers.keys().is_in_file(server.address):
            words = self.tr("Kept in a file that only you can read: this system has no keyring that would keep it.")
        else:
            words = self.tr("Kept in this system's keyring.")
        way = self.tr("It is not encrypted on its way.")
        return sentences(words, way) if server.address.is_open else words

    # --- what is asked for

    def _save(self, entry: ServerEntry) -> None:
        from desktop.servers.editing import save_server

        work = partial(save_server, self._servers.listed(), self._servers.keys(), entry)
        self._begin(self.tr("Saving…"), work, self._on_saved)

    def _on_saved(self, saved: SavedServer) -> None:
        assert self._dialog is not None
        self._standing.pop(saved.server.name, None)
        self._servers.changed()
        self._dialog.form.begin()  # nothing is written there any more that is not kept
        self._fill()
        self._dialog.select(saved.server.name)
        self._dialog.banner.withdraw(_TROUBLE_KEY)

    def _use(self, name: str, setting: str, on: bool) -> None:
        self._put_in_force(setting, ServerModel(name).choice if on else "")
        self._fill()

    def _forget_key(self, entry: ServerEntry) -> None:
        self._save(replace(entry, key="", without_key=True))

    def _test(self, entry: ServerEntry) -> None:
        from desktop.servers.addresses import parse_address
        from desktop.servers.registry import Findings, Server

        assert self._dialog is not None
        try:
            address = parse_address(entry.address)
        except UserFacingError as problem:
            self._dialog.refuse(problem)
            return
        kept = next((one for one in self._servers.all() if one.name == self._dialog.current), None)
        same = kept is not None and kept.address == address
        found = kept.found if kept is not None and same else Findings()
        server = Server(
            entry.name, address, through_proxy=entry.through_proxy, model=entry.model, found=found,
            has_key=kept is not None and same and kept.has_key,
        )  # fmt: skip

        def work() -> Probe:
            from desktop.servers.keys import checked_key
            from desktop.servers.probe import probe

            key = checked_key(entry.key) if entry.key.strip() else None
            if key is None and server.has_key:
                key = self._servers.keys().find(address)
            return probe(server, key, self._servers.accounts)

        words = self.tr("Asking {host}…").format(host=address.place)
        self._begin(words, work, partial(self._on_tested, server, kept.name if kept is not None and same else ""))

    def _on_tested(self, server: Server, kept: str, result: Probe) -> None:
        assert self._dialog is not None
        words = self._probe_words(result)
        if kept:
            self._servers.listed().note(kept, server.address, result.found)
            self._standing[kept] = words
            self._servers.changed()
            self._fill()
        self._dialog.form.offer_models(result.found.models)
        self._dialog.show_result(words)

    def _probe_words(self, result: Probe) -> str:
        kinds = {
            "llama.cpp": "llama.cpp", "vllm": "vLLM", "ollama": "Ollama", "sglang": "SGLang",
            "llama-cpp-python": "llama-cpp-python",
        }  # fmt: skip
        kind = kinds.get(result.found.kind, "")
        answers = self.tr("{program} answers after {seconds} s") if kind else self.tr("It answers after {seconds} s")
        lines = [answers.format(program=kind, seconds=f"{result.seconds:.2f}")]
        count = len(result.found.models)
        if count == 1:
            context = result.found.contexts.get(result.found.models[0])
            line = self.tr("One model: {name}").format(name=result.found.models[0])
            room = self.tr("context of {tokens} tokens").format(tokens=f"{context:,}") if context else ""
            lines.append(SEPARATOR.join(part for part in (line, room) if part))
        else:
            lines.append(self.tr("{count} models").format(count=f"{count:,}"))
        if result.problem is not None:
            lines.append(error_words(result.problem))
        elif result.stats is not None:
            parts = [self.tr("{model}: first word after {seconds} s")]
            if result.stats.gen_tps > 0:
                parts.append(self.tr("{speed} tokens/s"))
            seconds, speed = f"{result.stats.ttft_s:.2f}", f"{result.stats.gen_tps:.1f}"
            lines.append(SEPARATOR.join(parts).format(model=result.model, seconds=seconds, speed=speed))
        return "\n".join(lines)

    def _remove(self, name: str) -> None:
        from desktop.servers.editing import remove_server

        work = partial(remove_server, self._servers.listed(), self._servers.keys(), name)
        self._begin(self.tr("Removing…"), work, self._on_removed)

    def _on_removed(self, gone: Server) -> None:
        assert self._dialog is not None
        uses = self._uses_of(gone.name)
        for setting in uses:  # nothing goes there any more, so this computer answers
            self._put_in_force(setting, "")
        self._standing.pop(gone.name, None)
        self._servers.changed()
        self._dialog.form.begin()
        self._fill()
        words = self.tr("“{name}” is removed, with its key.") if gone.has_key else self.tr("“{name}” is removed.")
        back = NoticeAction(self.tr("Undo"), partial(self._take_back, gone, uses))
        notice = Notice(words.format(name=gone.name), actions=(back,), key=_REMOVED_KEY, seconds=_UNDO_SECONDS)
        self._dialog.banner.show_notice(notice)

    def _put_in_force(self, setting: str, choice: str) -> None:
        try:
            self._servers.use(setting, choice)
        except UserFacingError as problem:
            self._say(problem)

    def _take_back(self, gone: Server, uses: Mapping[str, str]) -> None:
        try:
            self._servers.listed().put(replace(gone, has_key=False))  # the key itself is gone
        except UserFacingError as problem:
            self._say(problem)
            return
        self._servers.changed()
        for setting, choice in uses.items():
            self._put_in_force(setting, choice)
        self._fill()
        if self._dialog is not None:
            self._dialog.select(gone.name)

    def _search(self, computer: str) -> None:
        words = self.tr("Looking for servers in this network…")
        if computer:
            words = self.tr("Asking {host}…").format(host=computer)
        self._begin(words, partial(self._servers.discover, computer), self._on_found)

    def _on_found(self, found: Sequence[Found]) -> None:
        assert self._dialog is not None
        known = {one.address for one in self._servers.all()}
        new = [one for one in found if one.address not in known]
        if not new:
            self._dialog.show_result(
                self.tr("No other server was found. Few announce themselves: write the address of the computer.")
            )
            return
        actions = tuple(
            NoticeAction(f"{one.name} ({one.address.place})", partial(self._dialog.begin, one.name, one.address.url))
            for one in new
        )
        words = self.tr("Found in this network; anybody in it can offer such a server:")
        self._dialog.show_standing("")
        self._dialog.banner.show_notice(Notice(words, actions=actions, key=_REMOVED_KEY))

    # --- on other threads

    def _begin(self, words: str, work: Callable[[], object], take: Callable[..., None]) -> None:
        """Does what may take long elsewhere, and ``take`` with what came of it here, unless somebody gave it up."""
        assert self._dialog is not None
        self._turn += 1
        self._dialog.set_busy(words)
        turn = self._turn

        def tell(done: Future[object]) -> None:
            with contextlib.suppress(RuntimeError):  # the windows are gone
                self._done.emit((turn, take), done)

        detached.start(work, "servers window").add_done_callback(tell)

    def _take(self, begun: tuple[int, Callable[..., None]], done: Future[object]) -> None:
        turn, take = begun
        if turn != self._turn or self._dialog is None:
            return
        self._dialog.set_busy("")
        problem = done.exception()
        if problem is None:
            take(done.result())
        elif isinstance(problem, UserFacingError):
            self._dialog.refuse(problem)
        else:
            from desktop.servers.answers import unexpected

            self._dialog.refuse(unexpected(problem))

    def _give_up(self) -> None:
        """Waits no longer for what was begun: the window was closed."""
        self._turn += 1
        if self._dialog is not None:
            self._dialog.set_busy("")
            self._dialog.show_standing("")

    def _say(self, problem: UserFacingError) -> None:
        if self._dialog is None:
            self.troubled.emit(problem)
            return
        words = error_title(problem), error_detail(problem), error_remedy(problem)
        self._dialog.banner.show_notice(Notice(*words, severity=Severity.PROBLEM, key=_TROUBLE_KEY))
