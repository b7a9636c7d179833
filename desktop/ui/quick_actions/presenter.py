"""What is done with a selected text in the quick box: which text, which action, what waits, what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Signal

from desktop.chat.quick_actions.actions import QuickAction, find_action
from desktop.chat.quick_actions.prompts import prompt_of, temperature_of
from desktop.chat.quick_actions.selected_text import first_words
from desktop.chat.quick_ask import QuickEnded, QuickFailed
from desktop.common.byte_sizes import format_bytes
from desktop.common.errors import MessageTooLongError
from desktop.common.printable import one_line
from desktop.ui.quick_actions.length import TextLimits, TooLong
from desktop.ui.quick_actions.selection import SelectedTexts, Source, TakenText
from desktop.ui.quick_actions.words import action_title, length_words
from desktop.ui.quick_ask.presenter import QuickPresenter, QuickTask
from desktop.ui.quick_ask.text_bar import ActionButton
from desktop.ui.widgets.banner import NoticeAction
from desktop.ui.words import listed, token_words

if TYPE_CHECKING:
    from desktop.ui.quick_actions.paste_back import PasteBack
    from desktop.ui.quick_ask.box import QuickAsk

_WORDS_OF_NEXT = 40  # characters of a text that waits


@dataclass(frozen=True)
class _Run:
    """An action with its text, and the question where it asks one."""

    action: QuickAction
    taken: TakenText
    question: str = ""

    @property
    def prompt(self) -> str:
        return prompt_of(self.action, self.taken.text, self.question)


class QuickActionsPresenter(QObject):
    """Reads the selected text when the quick box opens, offers what can be done with it, and does it. GUI thread.

    Attributes:
        settingsRequested: The user wants to see which actions there are.
    """

    settingsRequested = Signal()

    def __init__(
        self,
        quick: QuickPresenter,
        actions: Callable[[], tuple[QuickAction, ...]],
        texts: SelectedTexts,
        limits: TextLimits,
        paste_back: PasteBack,
        parent: QObject | None = None,
    ) -> None:
        """
        Args:
            quick: The quick box.
            actions: Returns the actions there are.
            texts: Where selected and copied texts are read.
            limits: What fits.
            paste_back: Puts an answer where the text came from.
            parent: Owner.
        """
        super().__init__(parent)
        self._quick, self._actions, self._texts = quick, actions, texts
        self._limits, self._paste_back = limits, paste_back
        self._wanted: QuickAction | str | None = None  # what the box was opened for; a name that nothing has
        self._followed: QuickAsk | None = None
        self._taken: TakenText | None = None
        self._asking: QuickAction | None = None  # waits for its question
        self._running: _Run | None = None  # is being answered, or was last
        self._next: _Run | None = None
        self._is_waiting_for_keyboard = False
        self._reading = QTimer(self, singleShot=True, interval=0)  # later: the box is to be seen first
        self._reading.timeout.connect(self._read)
        quick.opened.connect(self._on_opened)
        quick.ended.connect(self._on_ended)
        quick.closed.connect(self._forget)

    def remember_window(self) -> None:
        """Remembers which window is in front, for pasting back: the box is about to open."""
        self._paste_back.remember()

    def run(self, name: str, point: QPoint | None = None) -> None:
        """Opens the quick box and does something with the selected text.

        Args:
            name: The action, by any of its names.
            point: See :meth:`QuickPresenter.open_at`.
        """
        self._wanted = find_action(self._actions(), name) or name
        self._quick.open_at(point)

    def run_by_id(self, action_id: str, point: QPoint | None = None) -> None:
        """Does the same with the action of an id."""
        self._wanted = self._get(action_id) or action_id
        self._quick.open_at(point)

    def _on_opened(self) -> None:
        box = self._quick.box
        if box is None:
            return
        if self._followed is not box:
            self._followed = box
            box.activated.connect(self._on_activated)
            box.text_bar.chosen.connect(self._on_chosen)
            box.text_bar.dropped.connect(self._drop_text)
            box.text_bar.nextWanted.connect(self._start_next)
            box.pasteRequested.connect(self._paste)
        if self._texts.needs_focus and not box.isActiveWindow():
            self._is_waiting_for_keyboard = True
            if self._wanted is not None and not box.is_busy:
                box.say(self.tr("Click into this box: only then may it read what is selected."))
        else:
            self._reading.start()

    def _on_activated(self) -> None:
        if self._is_waiting_for_keyboard:
            self._is_waiting_for_keyboard = False
            self._reading.start()

    def _read(self) -> None:
        box, wanted, self._wanted = self._quick.box, self._wanted, None
        if box is None or not box.isVisible():
            return
        source = Source.SELECTION if self._texts.has_selection else Source.CLIPBOARD
        text = self._texts.read(source)
        taken = TakenText(text, source, len(text)) if text else None
        if wanted is None:
            if not box.is_busy and self._asking is None and (taken or not box.answer):
                self._offer(taken)
            return
        if isinstance(wanted, str):
            self._say_unknown(wanted)
        elif taken is None:
            self._say_nothing_selected(wanted, source)
        else:
            self._begin(_Run(wanted, taken))

    def _on_chosen(self, key: str) -> None:
        action = self._get(key)
        if action is not None and self._taken is not None:
            self._begin(_Run(action, self._taken))

    def _begin(self, run: _Run) -> None:
        """Does something now, or after what is being done."""
        box = self._quick.box
        if box is None:
            return
        if box.is_busy:
            if run != self._running:  # a key that was pressed twice asks for nothing more
                self._next = run
                words = self.tr("Next: {action} “{text}”").format(
                    action=one_line(action_title(run.action)), text=first_words(run.taken.text, _WORDS_OF_NEXT)
                )
                box.text_bar.show_next(words)
            return
        self._take_next()
        self._taken = run.taken
        if run.action.asks and not run.question:
            self._ask_about(run.action)
            return
        self._do(run)

    def _do(self, run: _Run) -> None:
        box = self._quick.box
        if box is None:
            return
        found = self._limits.problem(run.prompt)
        if found is not None:
            self._say_too_long(run, found)
            return
        self._running = run
        if not run.action.asks:
            self._stop_asking()
        box.show_error("", "", "")
        box.offer_paste(True)
        self._show_text(run.action)
        words = self.tr("{action}: {text}").format(
            action=one_line(action_title(run.action)), text=first_words(run.taken.text)
        )
        self._quick.perform(QuickTask(run.prompt, temperature_of(run.action), words, run.question))

    def _ask_about(self, action: QuickAction) -> None:
        box = self._quick.box
        if box is None:
            return
        self._asking = action
        self._quick.take_questions(self._on_question)
        box.show_error("", "", "")
        box.take_questions_about_text(True)
        self._show_text(action)

    def _on_question(self, question: str) -> None:
        if self._asking is not None and self._taken is not None:
            self._do(_Run(self._asking, self._taken, question))

    def _stop_asking(self) -> None:
        self._asking = None
        self._quick.take_questions(None)
        if (box := self._quick.box) is not None:
            box.take_questions_about_text(False)

    # --- what is shown

    def _offer(self, taken: TakenText | None) -> None:
        """Shows a text and everything that can be done with it."""
        self._taken = taken
        self._show_text(None)

    def _show_text(self, action: QuickAction | None) -> None:
        box = self._quick.box
        if box is None:
            return
        if self._taken is None:
            box.text_bar.show_text("", ())
            return
        taken = self._taken
        if action is not None:
            pattern = self.tr("{action} · “{text}” · {length}")
        elif taken.source is Source.SELECTION:
            pattern = self.tr("Selected: “{text}” · {length}")
        else:
            pattern = self.tr("Copied: “{text}” · {length}")
        length = length_words(len(taken.text))
        if len(taken.text) < taken.total:
            length = self.tr("the first {part} of {whole}").format(
                part=f"{len(taken.text):,}", whole=length_words(taken.total)
            )
        words = pattern.format(
            action=one_line(action_title(action)) if action is not None else "",
            text=first_words(taken.text),
            length=length,
        )
        box.text_bar.show_text(words, self._buttons() if action is None else ())

    def _get(self, action_id: str) -> QuickAction | None:
        return next((action for action in self._actions() if action.id == action_id), None)

    def _buttons(self) -> tuple[ActionButton, ...]:
        return tuple(ActionButton(each.id, one_line(action_title(each))) for each in self._actions())

    def _say_unknown(self, name: str) -> None:
        names = listed(one_line(action_title(each)) for each in self._actions())
        if (box := self._quick.box) is not None and not box.is_busy:
            box.show_error(
                self.tr("There is no action of this name."),
                first_words(name, _WORDS_OF_NEXT) + ".",
                self.tr("There are: {names}.").format(names=names),
                (NoticeAction(self.tr("Actions…"), self.settingsRequested.emit),),
            )

    def _say_nothing_selected(self, action: QuickAction, source: Source) -> None:
        box = self._quick.box
        if box is None or box.is_busy:
            return
        if source is Source.CLIPBOARD:
            remedy = self.tr("Copy some text in the other program, then try again.")
            box.show_error(self.tr("The clipboard holds no text."), "", remedy)
            return
        copied = self._texts.read(Source.CLIPBOARD)
        remedy = self.tr("Select some text in the other program, then try again.")
        if not copied:
            box.show_error(self.tr("No text is selected."), "", remedy)
            return
        remedy = self.tr("Select some, or take what was copied: “{text}”").format(text=first_words(copied))
        run = _Run(action, TakenText(copied, Source.CLIPBOARD, len(copied)))
        way = NoticeAction(self.tr("Take the copied text"), partial(self._begin, run))
        box.show_error(self.tr("No text is selected."), "", remedy, (way,))

    def _say_too_long(self, run: _Run, found: TooLong) -> None:
        """Says what does not fit before it is sent, or after the model has counted it."""
        box = self._quick.box
        if box is None:
            return
        self._show_text(run.action)
        start = self._limits.start_of(run.taken.text, run.prompt, found)
        ways = []
        if start:
            shorter = replace(run, taken=replace(run.taken, text=start))
            ways.append(NoticeAction(self.tr("Only the beginning"), partial(self._begin_again, shorter)))
        larger = self._limits.larger_for(found)
        if larger is not None:
            words = self.tr("Larger context (+{price})").format(price=format_bytes(larger.price))
            ways.append(NoticeAction(words, partial(self._enlarge, larger.tokens, partial(self._begin_again, run))))
            remedy = self.tr("Take its beginning, or give the model a context of {tokens} tokens.").format(
                tokens=f"{larger.tokens:,}"
            )
        else:
            remedy = self.tr("Take its beginning: a larger context is more than model or memory allow.")
        detail = self.tr("It takes {tokens} tokens; there is room for {room}.")
        if not found.is_exact:
            detail = self.tr("It takes about {tokens} tokens; there is room for {room}.")
        tokens = token_words(found.tokens, about=not found.is_exact)
        box.show_error(
            self.tr("This text is too long for the model."),
            detail.format(tokens=tokens, room=f"{found.room:,}"),
            remedy,
            ways,
        )

    def _say_question_too_long(self, event: QuickFailed, found: TooLong) -> None:
        """Offers a context with room for a question that was typed and refused."""
        box = self._quick.box
        # A server's context is not this computer's to change.
        larger = self._limits.larger_for(found) if event.model_file is None else None
        if larger is None or box is None:
            return
        price = format_bytes(larger.price)
        way = NoticeAction(
            self.tr("Larger context (+{price})").format(price=price),
            partial(self._enlarge, larger.tokens, partial(self._quick.ask_again, event.question)),
        )
        remedy = self.tr("Shorten it, or give the model a context of {tokens} tokens: {price} more memory.")
        box.show_error(
            self.tr("This question is too long for the model."),
            self.tr("It takes {tokens} tokens; there is room for {room}.").format(
                tokens=token_words(found.tokens, about=False), room=f"{found.room:,}"
            ),
            remedy.format(tokens=f"{larger.tokens:,}", price=price),
            (way,),
        )

    # --- what follows

    def _begin_again(self, run: _Run) -> None:
        self._taken = run.taken
        self._do(run)

    def _enlarge(self, tokens: int, then: Callable[[], None]) -> None:
        self._limits.enlarge(tokens)
        then()

    def _on_ended(self, event: QuickEnded | QuickFailed) -> None:
        if not isinstance(event, QuickFailed) or not isinstance(event.error, MessageTooLongError):
            return
        found = TooLong(event.error.tokens, event.error.room, is_exact=True)
        if self._quick.task is None:
            self._say_question_too_long(event, found)
        elif self._running is not None:
            self._say_too_long(self._running, found)

    def _start_next(self) -> None:
        """Does what waits; what is being answered is stopped for it."""
        run = self._next
        if run is None:
            return
        self._take_next()
        self._taken = run.taken
        if run.action.asks:
            self._ask_about(run.action)
        else:
            self._do(run)

    def _take_next(self) -> None:
        self._next = None
        if (box := self._quick.box) is not None:
            box.text_bar.show_next("")

    def _drop_text(self) -> None:
        self._taken = None
        self._stop_asking()
        if (box := self._quick.box) is not None:
            box.text_bar.show_text("", ())

    def _paste(self) -> None:
        box = self._quick.box
        if box is not None:
            self._paste_back.paste(box.answer, box)

    def _forget(self) -> None:
        self._wanted = self._taken = self._running = self._next = None
        self._is_waiting_for_keyboard = False
        self._reading.stop()
        self._stop_asking()
