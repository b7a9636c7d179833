"""The menus of the chat window: every command with its shortcut."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from desktop.history.records import Conversation
from desktop.ui.chat.pane import ConversationPane
from desktop.ui.exchange.actions import ExchangeActions
from desktop.ui.widgets.mnemonics import plain


class ChatActions(QObject):
    """The commands; whoever makes them connects them."""

    def __init__(self, bar: QMenuBar, parent: QObject) -> None:
        """
        Args:
            bar: Where the menus go.
            parent: Owner.
        """
        super().__init__(parent)
        self._bare: dict[QAction, str] = {}
        self._menus = (
            self._add_chat(bar),
            self._add_edit(bar),
            self._add_model(bar),
            self._add_view(bar),
            self._add_help(bar),
        )
        for menu in self._menus:
            menu.setToolTipsVisible(True)

    def _add_chat(self, bar: QMenuBar) -> QMenu:
        chat = bar.addMenu(self.tr("&Chat"))
        self.new = self._add(chat, self.tr("&New conversation"), "Ctrl+N")
        self.ask = self._add(chat, self.tr("Quick &ask"), "Ctrl+Shift+A")
        self.open_document = self._add(chat, self.tr("Op&en document…"), "Ctrl+O")
        self.rename = self._add(chat, self.tr("&Rename conversation"), "Ctrl+Shift+R")
        self.delete = self._add(chat, self.tr("&Delete conversation"), "Ctrl+Shift+Del")
        self.deleted = self._add(chat, self.tr("Recently de&leted…"))
        chat.addSeparator()
        self.pin = self._add(chat, self.tr("Pin &to the top"), "Ctrl+Shift+T")
        self.move = self._add(chat, self.tr("&Move to folder…"), "Ctrl+Shift+O")
        self.archive = self._add(chat, self.tr("Arc&hive"), "Ctrl+Shift+E")
        chat.addSeparator()
        self.exchange = ExchangeActions(self)
        self.exchange.add_to_bar(chat)
        chat.addSeparator()
        self.close = self._add(chat, self.tr("&Close window"), "Ctrl+W")
        self.quit = self._add(chat, self.tr("&Quit Catnap"), "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        return chat

    def _add_edit(self, bar: QMenuBar) -> QMenu:
        edit = self._edit = bar.addMenu(self.tr("&Edit"))
        self.undo = self._add(edit, self.tr("&Undo"), "Ctrl+Z")
        self.redo = self._add(edit, self.tr("Re&do"), "Ctrl+Shift+Z", "Ctrl+Y")
        edit.addSeparator()
        self.find = self._add(edit, self.tr("&Find in this conversation"), "Ctrl+F")
        self.find_next = self._add(edit, self.tr("Find &next"), "F3")
        self.find_previous = self._add(edit, self.tr("Find pre&vious"), "Shift+F3")
        self.search = self._add(edit, self.tr("&Search conversations"), "Ctrl+Shift+F")
        edit.addSeparator()
        self.edit_last = self._add(edit, self.tr("&Edit last message"), "Ctrl+Up")
        self.copy_answer = self._add(edit, self.tr("&Copy last answer"), "Ctrl+Shift+C")
        self.copy_message = self._add(edit, self.tr("Copy messa&ge"))
        self.read_aloud = self._add(edit, "", "Ctrl+Shift+L")
        self.good = self._add(edit, self.tr("Good answe&r"), "Ctrl+Shift+G")
        self.bad = self._add(edit, self.tr("Bad ans&wer"), "Ctrl+Shift+B")
        self.delete_message = self._add(edit, self.tr("De&lete message"))
        edit.addSeparator()
        self.version_before = self._add(edit, self.tr("Version &before"), *_keys(QKeySequence.StandardKey.Back))
        self.version_after = self._add(edit, self.tr("Version &after"), *_keys(QKeySequence.StandardKey.Forward))
        for action in (self.undo, self.redo):
            action.setAutoRepeat(False)  # a key that is held shall not empty the history
        self._bare = {one: plain(one.text()) for one in (self.undo, self.redo, self.pin, self.archive)}
        self._read_words = self.tr("Read message al&oud"), self.tr("Stop read&ing")
        self._bare[self.read_aloud] = plain(self._read_words[0])
        self.read_aloud.setText(self._read_words[0])
        self.follow_changes("", "")
        return edit

    def _add_model(self, bar: QMenuBar) -> QMenu:
        model = bar.addMenu(self.tr("&Model"))
        self.regenerate = self._add(model, self.tr("&Regenerate answer"), "Ctrl+R")
        self.go_on = self._add(model, self.tr("&Continue answer"), "Ctrl+Shift+Return")
        self.answer_as = self._add(model, self.tr("Answer as a ta&ble or form…"), "Ctrl+Shift+J")
        self.read_answers = self._add(model, self.tr("Read answers to me &aloud"))
        self.read_answers.setCheckable(True)
        self.stop = self._add(model, self.tr("S&top answer"), "Esc", "Ctrl+.")
        self.sleep = self._add(model, self.tr("&Sleep now"), "Ctrl+Shift+S")
        self.sleep.setToolTip(
            self.tr("Ends the engine's process, with the model in it; the conversation stays (unload)")
        )
        model.addSeparator()
        self.choices = model.addMenu(self.tr("&For this conversation"))
        self.models = self._add(model, self.tr("&Models…"), "Ctrl+M")
        self.servers = self._add(model, self.tr("Ser&vers…"))
        self.personas = self._add(model, self.tr("&Personas…"), "Ctrl+Shift+P")
        self.libraries = self._add(model, self.tr("&Libraries…"))
        self.tables = self._add(model, self.tr("Make a table from &documents…"))
        return model

    def _add_view(self, bar: QMenuBar) -> QMenu:
        view = bar.addMenu(self.tr("&View"))
        self.list = self._add(view, self.tr("&Conversation list"), "F9")
        self.list.setCheckable(True)
        # Here, since the menu of a single conversation is as high as a small screen.
        self.tidy = self._add(view, self.tr("Tid&y up conversations…"))
        view.addSeparator()
        self.newest = self._add(view, self.tr("Newest te&xt"), "Alt+End")
        view.addSeparator()
        self.larger = self._add(view, self.tr("&Larger text"), "Ctrl++", "Ctrl+=")
        self.smaller = self._add(view, self.tr("&Smaller text"), "Ctrl+-")
        self.normal = self._add(view, self.tr("&Normal text"), "Ctrl+0")
        view.addSeparator()
        self.memory = self._add(view, self.tr("&Memory"), "Ctrl+Shift+M")
        self.settings = self._add(view, self.tr("S&ettings…"), "Ctrl+,")
        self.settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        return view

    def _add_help(self, bar: QMenuBar) -> QMenu:
        about = bar.addMenu(self.tr("&Help"))
        self.help = self._add(about, self.tr("&Tips and keys"), "F1")
        self.slowness = self._add(about, self.tr("&Why is it slow?"))
        self.log = self._add(about, self.tr("Show the &log"))
        self.about = self._add(about, self.tr("&About Catnap"))
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        return about

    def follow(self, pane: ConversationPane) -> None:
        """Offers what can be done with the conversation that a pane shows."""
        self.stop.setEnabled(pane.is_busy)
        self.regenerate.setEnabled(pane.can_regenerate)
        self.go_on.setEnabled(pane.can_go_on)
        self.copy_answer.setEnabled(pane.has_answer)
        self.edit_last.setEnabled(pane.can_edit)
        for action in (self.find, self.find_next, self.find_previous, self.newest):
            action.setEnabled(bool(pane.transcript.messages))
        for action in (self.rename, self.delete):
            action.setEnabled(pane.current is not None)
        self.copy_message.setEnabled(bool(pane.transcript.messages))
        self.delete_message.setEnabled(bool(pane.transcript.messages) and not pane.is_busy)
        for action in (self.good, self.bad):
            action.setEnabled(pane.has_answer and not pane.is_busy)
        self.exchange.set_has_conversation(pane.current is not None)

        self._offer_versions(pane, exactly=False)

    def follow_arrangement(self, conversation: Conversation | None) -> None:
        """Offers what can be done with where a conversation stands in the list; None: it is not there yet."""
        pinned = conversation is not None and conversation.pinned is not None
        archived = conversation is not None and conversation.archived is not None
        self.pin.setText(self.tr("&Unpin") if pinned else self.tr("Pin &to the top"))
        self.archive.setText(self.tr("Back from t&he archive") if archived else self.tr("Arc&hive"))
        self.archive.setEnabled(conversation is not None)
        for action in (self.pin, self.move):
            action.setEnabled(conversation is not None and not archived)

    def follow_reading(self, pane: ConversationPane, *, is_reading: bool) -> None:
        """Offers to read a message, or to stop reading, which Esc does too unless it stops an answer that comes."""
        self.read_aloud.setText(self._read_words[is_reading])
        self.read_aloud.setEnabled(is_reading or bool(pane.transcript.messages))
        keys = ["Ctrl+Shift+L", *(["Esc"] if is_reading and not pane.is_busy else [])]
        self.read_aloud.setShortcuts([QKeySequence(key) for key in keys])

    def follow_changes(self, undo: str, redo: str) -> None:
        """Says what would be undone and done again; empty: nothing."""
        self.undo.setText(self.tr("&Undo {change}").format(change=_literal(undo)) if undo else self.tr("&Undo"))
        self.redo.setText(self.tr("Re&do {change}").format(change=_literal(redo)) if redo else self.tr("Re&do"))
        self.undo.setEnabled(bool(undo))
        self.redo.setEnabled(bool(redo))

    def follow_versions(self, pane: ConversationPane) -> None:
        """Offers in the menu only the versions that there are of the message that has the caret.

        The keys stay on the whole time: to follow the caret with every key would cost more than one that does nothing.
        """
        self._edit.aboutToShow.connect(lambda: self._offer_versions(pane, exactly=True))
        self._edit.aboutToHide.connect(lambda: self._offer_versions(pane, exactly=False))

    def keys(self) -> list[tuple[str, str]]:
        """Returns every command that has a key: the words for it and the key, as this platform writes it."""
        return [
            (
                self._bare.get(action, plain(action.text())),
                action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
            )
            for menu in self._menus
            for action in menu.actions()
            if not action.shortcut().isEmpty()
        ]

    def _offer_versions(self, pane: ConversationPane, *, exactly: bool) -> None:
        message = None if pane.is_busy else pane.transcript.reach.with_versions()
        self.version_before.setEnabled(message is not None and (not exactly or message.version > 1))
        self.version_after.setEnabled(message is not None and (not exactly or message.version < message.versions))

    def _add(self, menu: QMenu, text: str, *shortcuts: str) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(shortcut) for shortcut in shortcuts])
        menu.addAction(action)
        return action


def _keys(standard: QKeySequence.StandardKey) -> list[str]:
    """Returns the keys that this platform has for something; on a Mac the arrows with Alt move through words."""
    return [key.toString() for key in QKeySequence.keyBindings(standard) if not key.toString().endswith("Back")][:1]


def _literal(words: str) -> str:
    """Returns words for a menu in which a title may have an ampersand of its own."""
    return words.replace("&", "&&")
