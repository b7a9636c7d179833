"""A person at the window, by a script that is drawn from a seed, and all that the window shows to the person.

Runs in the process of the program, on its loop, and uses nothing but widgets, menus and signals, except where a dialog
of the system would have to be gone through.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit

from desktop.app.run import Program
from desktop.chat.events import AnswerBegan, AnswerDropped, AnswerFailed, AnswerGrew, AnswerStored, MessageStored
from desktop.chat.quick_ask import QuickEnded
from desktop.history.records import StoredMessage
from desktop.ui.chat.presenter import ChatPresenter
from desktop.ui.chat.window import ChatWindow
from desktop.ui.conversations.conversation_rows import key_of
from desktop.ui.exchange.extent_dialog import ExtentDialog
from desktop.ui.exchange.presenter import ExchangePresenter
from tests.e2e.demo_hands import Ear, press, settle, type_text, until
from tests.support.widgets import children

# How often each thing is done; what cannot be done at a moment is left out.
_WEIGHTS: Final = {
    "send": 10, "wait": 5, "stop": 2, "draft": 4, "edit": 4, "regenerate": 4, "page": 4, "delete": 3, "undo": 4,
    "redo": 2, "rename": 2, "switch": 4, "new": 3, "zoom": 2, "model": 1, "quick": 1, "restore": 1, "erase": 1,
    "copy": 1, "sleep": 1, "export": 1,
}  # fmt: skip
IMPORTED: Final = "imp-"  # what was imported is left as it is, so that it can be counted
_PASTED: Final = "第二段:今天的猫在窗台上睡觉。🐱\nIt said: “meow”, twice.\n"
_LOOK_AGAIN_S: Final = 0.02
_LONG_S: Final = 6.0
_MOST_S: Final = 2.5  # of an answer, before the person goes on


class Reporter:
    """Writes what the window shows to the one who will kill the program, line by line, the moment it is shown."""

    def __init__(self, descriptor: int) -> None:
        """
        Args:
            descriptor: Of a pipe.
        """
        self._descriptor = descriptor

    def tell(self, what: str, **facts: Any) -> None:
        line = json.dumps({"what": what, "at": time.monotonic(), **facts}) + "\n"
        data = line.encode()
        while data:
            data = data[os.write(self._descriptor, data) :]


class User:
    """Does one thing after the other, until the program is killed."""

    def __init__(self, program: Program, reporter: Reporter, rng: random.Random, exchange: Path) -> None:
        """
        Args:
            program: Shown already.
            reporter: Is told everything.
            rng: Draws what is done.
            exchange: A folder with files to import, and for exports.
        """
        window, chat = program.shell.window, program.shell.chat
        assert window is not None and chat is not None
        self._program, self._tell, self._rng, self._exchange = program, reporter.tell, rng, exchange
        self._window: ChatWindow = window
        self._chat: ChatPresenter = chat
        self._pane, self._menu, self._history = window.pane, window.menu, program.services.history
        (self._files,) = cast("list[ExchangePresenter]", program.shell.findChildren(ExchangePresenter))
        self._heard: Ear[object] = Ear(program.services.chat_events)  # type: ignore[arg-type]
        self._quick_heard: Ear[object] = Ear(program.services.quick_events)  # type: ignore[arg-type]
        self._imports: list[str] = []
        self._files.imported.connect(self._imports.append)
        self._count = 0
        program.services.chat_events.subscribe(self._report)

    async def live(self, first: Sequence[str]) -> None:
        """Does what is to be done first, and goes on for ever."""
        self.see()
        for action in first:
            await self._act(action)
        while True:
            names = list(_WEIGHTS)
            (action,) = self._rng.choices(names, [_WEIGHTS[name] for name in names])
            await self._act(action)

    def see(self) -> None:
        """Tells all that can be seen now."""
        rows = self._window.list.rows
        items = [rows.item(number) for number in range(rows.count())]
        shown = [(key_of(item)[0], item.data(Qt.ItemDataRole.DisplayRole)) for item in items]
        page = self._pane.transcript.messages
        current = self._program.services.store.current
        self._tell(
            "sees",
            list=[(each, title) for each, title in shown if each],
            deleted=[one.conversation.id for one in self._history.deleted()],
            current=self._chat.current,
            busy=self._pane.is_busy,
            path=[one.id for one in page],
            page=[_facts(one) for one in page[-4:]],
            drafts=dict(self._pane.drafts()),
            settings={"font_size": current.font_size, "model": current.model},
        )

    async def _act(self, action: str) -> None:
        self._count += 1
        step: Callable[[], Any] = getattr(self, f"_{action}")
        await step()
        await settle()
        self.see()
        await asyncio.sleep(self._rng.choice((0, 0, 0.05, 0.3)))

    def _does(self, action: str, *conversations: str, **facts: Any) -> None:
        self._tell("does", action=action, conversations=[one for one in conversations if one], **facts)

    def _report(self, event: object) -> None:
        """Tells what has just been put on the page: the window has taken the event before."""
        match event:
            case MessageStored(message, instead_of):
                self._tell("message", instead_of=instead_of, **_facts(message))
            case AnswerBegan(conversation, replaces):
                self._tell("began", conversation=conversation, replaces=replaces)
            case AnswerGrew(conversation, text, _thought):
                self._tell("grew", conversation=conversation, text=text)
            case AnswerStored(message, _replaced):
                self._tell("answer", **_facts(message))
            case AnswerDropped(conversation) | AnswerFailed(conversation, _, _, _):
                self._tell("over", conversation=conversation)

    # What the person does.

    async def _send(self) -> None:
        await self._leave_imported()
        if self._pane.is_busy or self._pane.composer.is_editing:
            return
        composer, draft = self._pane.composer, self._pane.composer.text()
        text = self._words()
        self._does("send", self._chat.current or "", text=draft + text)
        type_text(composer.edit, text.replace(_PASTED, ""))
        if _PASTED in text:
            composer.edit.insertPlainText(_PASTED)
        mark = self._heard.mark()
        press(composer.edit, Qt.Key.Key_Return)
        if not self._heard.since(mark, MessageStored):
            raise AssertionError(f"not sent: {self._pane.banner.current}")
        if self._rng.random() < 0.7:
            await self._wait()

    async def _wait(self) -> None:
        """Reads along until the answer is there, or for some seconds."""
        await self._watch(lambda: not self._pane.is_busy)

    async def _stay(self) -> None:
        """Reads a long answer, over several writes of its journal."""
        await self._watch(lambda: not self._pane.is_busy, at_least=_LONG_S)

    async def _stop(self) -> None:
        if self._pane.is_busy:
            self._menu.stop.trigger()
            await until("the end of the answer", lambda: not self._pane.is_busy)

    async def _draft(self) -> None:
        if self._pane.composer.is_editing:
            return
        self._does("draft", self._chat.current or "")
        type_text(self._pane.composer.edit, f"not sent {self._count} ")
        self._tell("wrote", conversation=self._chat.current or "", text=self._pane.composer.text())
        if self._rng.random() < 0.3:
            await asyncio.sleep(2.0)  # a person looks up

    async def _edit(self) -> None:
        questions = [one for one in self._pane.transcript.messages if one.role.value == "user"]
        if self._pane.is_busy or not questions or self._is_imported():
            return
        message, current = self._rng.choice(questions), self._chat.current
        text = f"edited {self._words()}"
        self._does("edit", current or "", text=text)
        self._pane.transcript.requests.editRequested.emit(message.id)
        self._pane.composer.set_text(text)
        press(self._pane.composer.edit, Qt.Key.Key_Return)
        await self._wait()

    async def _regenerate(self) -> None:
        if self._pane.is_busy or not self._menu.regenerate.isEnabled() or self._is_imported():
            return
        self._does("regenerate", self._chat.current or "")
        self._menu.regenerate.trigger()
        await self._wait()

    async def _page(self) -> None:
        several = [one for one in self._pane.transcript.messages if one.versions > 1]
        if self._pane.is_busy or not several:
            return
        self._does("page", self._chat.current or "")
        self._pane.transcript.requests.versionRequested.emit(self._rng.choice(several).id, self._rng.choice((-1, 1)))

    async def _delete(self) -> None:
        if self._chat.current is None or self._is_imported():
            return
        self._does("delete", self._chat.current)
        self._menu.delete.trigger()

    async def _undo(self) -> None:
        if self._menu.undo.isEnabled():
            self._does("undo")
            self._menu.undo.trigger()

    async def _redo(self) -> None:
        if self._menu.redo.isEnabled():
            self._does("redo")
            self._menu.redo.trigger()

    async def _rename(self) -> None:
        if self._chat.current is None or self._is_imported():
            return
        self._does("rename", self._chat.current)
        self._window.list.renameRequested.emit(self._chat.current, f"title {self._count} {self._rng.random():.4f}")

    async def _switch(self) -> None:
        there = [one.id for one in self._history.conversations() if not one.title.startswith(IMPORTED)]
        if there:
            self._window.list.conversationSelected.emit(self._rng.choice(there))

    async def _new(self) -> None:
        self._menu.new.trigger()

    async def _zoom(self) -> None:
        self._does("zoom", setting="font_size")
        self._rng.choice((self._menu.larger, self._menu.smaller, self._menu.normal)).trigger()

    async def _model(self) -> None:
        is_endless = self._program.services.store.current.model == "endless"
        self._use("parrot" if is_endless else "endless")

    async def _endless(self) -> None:
        self._use("endless")

    def _use(self, model: str) -> None:
        self._does("model", setting="model")
        self._program.services.models.use(model)

    async def _quick(self) -> None:
        shell, text = self._program.shell, self._words().replace(_PASTED, "").strip()
        shell.open_quick_ask()
        box = shell.quick.box
        assert box is not None
        line = children(box, QLineEdit)[0]
        mark = self._quick_heard.mark()
        type_text(line, text)
        press(line, Qt.Key.Key_Return)
        await self._watch(lambda: bool(self._quick_heard.since(mark, QuickEnded)))
        box.stopRequested.emit()
        if (await self._quick_heard.hear("the end of it", mark, QuickEnded)).event.text:
            self._does("quick", text=text)
            box.continueRequested.emit()
        box.hide()

    async def _restore(self) -> None:
        await self._in_deleted("restore")

    async def _erase(self) -> None:
        await self._in_deleted("erase")

    async def _in_deleted(self, action: str) -> None:
        deleted = [one.conversation.id for one in self._history.deleted()]
        if not deleted:
            return
        self._menu.deleted.trigger()
        assert self._program.shell.main is not None
        dialog = self._program.shell.main.deleted.dialog
        assert dialog is not None
        chosen = self._rng.choice(deleted)
        self._does(action, chosen)
        (dialog.restoreRequested if action == "restore" else dialog.eraseRequested).emit([chosen])
        dialog.close()

    async def _copy(self) -> None:
        """Has today's copy made, as the program does it some seconds after its start."""
        self._history.back_up()

    async def _sleep(self) -> None:
        if not self._pane.is_busy:
            self._menu.sleep.trigger()

    async def _export(self) -> None:
        if self._files.is_busy:
            return
        self._menu.exchange.exportAllRequested.emit()
        await settle()
        next(one for one in children(self._window, ExtentDialog) if one.isVisible()).accept()
        await settle()
        await self._choose(self._exchange / f"export{self._rng.choice(('.json', '.md', '.txt'))}")
        await until("the export", lambda: not self._files.is_busy)

    async def _import(self) -> None:
        files = sorted(self._exchange.glob("import*.json"))
        if not files:
            return
        file = self._rng.choice(files)
        self._does("import", file=file.name, messages=_messages_of(file))
        before = len(self._imports)
        self._menu.exchange.importRequested.emit()
        await self._choose(file)
        await until("the import", lambda: len(self._imports) > before)
        self._tell("imported", file=file.name)

    async def _choose(self, file: Path) -> None:
        """Chooses a file in the dialog that is open."""
        dialog = next(one for one in children(self._window, QFileDialog) if one.isVisible())
        dialog.close()
        dialog.fileSelected.emit(str(file))
        await settle()

    async def _watch(self, is_over: Callable[[], bool], at_least: float = 0.1) -> None:
        """Looks on until something is over, or for as long as a person has patience."""
        end = time.monotonic() + self._rng.uniform(at_least, max(at_least, _MOST_S))
        while not is_over():
            if time.monotonic() > end:
                return
            await asyncio.sleep(_LOOK_AGAIN_S)

    # How things are.

    def _words(self) -> str:
        text = f"question {self._count} of {self._rng.getrandbits(32):08x} "
        return text + (_PASTED * self._rng.randrange(1, 3) if self._rng.random() < 0.3 else "")

    def _is_imported(self) -> bool:
        messages = self._pane.transcript.messages
        return bool(messages) and messages[0].text.startswith(IMPORTED)

    async def _leave_imported(self) -> None:
        if self._is_imported():
            self._menu.new.trigger()
            await settle()
            self.see()


def _facts(message: StoredMessage) -> dict[str, Any]:
    return {
        "conversation": message.conversation_id,
        "id": message.id,
        "parent": message.parent,
        "role": message.role.value,
        "text": message.text,
        "state": message.state.value,
    }


def _messages_of(file: Path) -> Mapping[str, int]:
    """Returns the first words of each conversation of a file to import, and how many messages it has."""
    count: Mapping[str, int] = json.loads(file.with_suffix(".count").read_text(encoding="utf-8"))
    return count
