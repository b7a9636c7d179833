"""Lines of the page beside the conversation's own text: thoughts, figures, actions, the cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont, QTextBlockFormat, QTextCharFormat, QTextCursor

from desktop.engine.types import Role
from desktop.history.records import MessageState, StoredMessage
from desktop.history.sources import MOST_UNSUPPORTED, Source
from desktop.ui.transcript.figures import count_words, person_words, technical_words
from desktop.ui.transcript.markdown.document import CHROME, KIND, Joint, Kind, insert_markdown, insert_plain
from desktop.ui.transcript.pieces import Piece
from desktop.ui.transcript.typography import Typography
from desktop.ui.words import SEPARATOR, listed, plain_tip

if TYPE_CHECKING:  # only an answer in another language has it imported
    from desktop.chat.answer_language import OtherLanguage

_HEIGHTS = QTextBlockFormat.LineHeightTypes
# Characters of thoughts that are shown: once they are complete, and written anew with each piece.
_THOUGHT, _GROWING_THOUGHT = 20_000, 4_000
_NARROW = "\u00a0"  # belongs to the link that it stands in
# Units: room for the row of signs below an answer, and for what the box around the next question has above its text.
_BELOW_ANSWER = 4
_GAP = "\u2003"  # an em space: wide enough to tell figures apart without a sign between them

_LINE_END = "\u2028"  # the foot stays one block
_MOST_WORDS = 3  # named of what an answer says and its document does not

# Returns what is said of the places that an answer was taken from; of one that is gone, or needs no word, empty.
DescribeSources = Callable[[Sequence[Source]], Sequence[str]]
# Returns in which language the last answer came that should have come in another; None: it is no fault.
FindLanguage = Callable[[StoredMessage], "OtherLanguage | None"]

# Words of a line of the page, with how they look.
_Part = tuple[tuple[str, QTextCharFormat], ...]


class MessageLines(QObject):
    """Writes them at a cursor that stands in an empty block."""

    def __init__(self, style: Typography, parent: QObject | None = None) -> None:
        """
        Args:
            style: Fonts and colours.
            parent: Owner.
        """
        super().__init__(parent)
        self.style = style
        self.read: int | None = None  # the message that is read aloud
        self.describe_sources: DescribeSources = lambda _sources: ()
        self.find_language: FindLanguage = lambda _message: None

    def text_block(self) -> QTextBlockFormat:
        """Returns the format of a line of an answer."""
        form = QTextBlockFormat()
        form.setLineHeight(self.style.line_height, _HEIGHTS.MinimumHeight.value)
        return form

    def user_block(self, *, with_versions: bool = False) -> QTextBlockFormat:
        """Returns the format of a user's message; the tint behind it is painted by the view.

        Args:
            with_versions: :meth:`write_versions` follows.
        """
        form = self.text_block()
        form.setProperty(KIND, Kind.USER)
        form.setTopMargin(self.style.unit * 2)
        form.setBottomMargin(self.style.unit * (1.5 if with_versions else 3))
        return form

    def write_thought(self, cursor: QTextCursor, thought: str, key: str, *, unfolded: bool, growing: bool) -> None:
        """Writes the line that folds the thoughts, and the thoughts; leaves the cursor in a fresh block."""
        count = count_words(thought)
        if growing:
            words = self.tr("Thinking, {count} words so far").format(count=f"{count:,}")
        elif count == 1:
            words = self.tr("Thought for one word")
        else:
            words = self.tr("Thought for {count} words").format(count=f"{count:,}")
        form = QTextBlockFormat()
        form.setProperty(KIND, Kind.THOUGHT_LINE)
        form.setBottomMargin(self.style.unit * 0.75)
        cursor.setBlockFormat(form)
        arrow = "\u25be" if unfolded else "\u25b8"
        tip = self.tr("Fold the thoughts") if unfolded else self.tr("Show the thoughts")
        cursor.insertText(f"{words} {arrow}", self._link(f"catnap:think/{key}", tip))
        if unfolded:
            form = self.text_block()
            form.setProperty(KIND, Kind.THOUGHT)
            form.setLeftMargin(self.style.unit * 2)
            form.setBottomMargin(self.style.unit * 1.5)
            tone = QTextCharFormat()
            tone.setForeground(self.style.muted)
            cursor.insertBlock(form, tone)
            insert_plain(cursor, _shown_thought(thought, growing=growing), form, tone)
        cursor.insertBlock(self.text_block(), QTextCharFormat())

    def write_piece(self, cursor: QTextCursor, piece: Piece, key: str) -> None:
        """Writes a piece of an answer; leaves the cursor in its last block.

        Args:
            cursor: Stands in an empty block.
            piece: The piece.
            key: Goes into the addresses of its copy links; must be unique in the page.
        """
        if piece.is_plain:
            form = self.text_block()
            if piece.begins_plain:
                cursor.setBlockFormat(form)
                cursor.insertText(self.tr("Too large to be laid out, so this is shown as plain text:"), self._label())
                cursor.insertBlock(form, QTextCharFormat())
            form.setBottomMargin(self.style.unit)
            insert_plain(cursor, piece.text, form, QTextCharFormat(), Joint.IN_LINE if piece.goes_on else None)
        else:
            insert_markdown(
                cursor,
                piece.text,
                self.style,
                key,
                begins_in=piece.fence,
                ends_in=piece.ends_in,
                head=piece.head,
                number=piece.number,
                goes_on=piece.goes_on,
            )

    def write_question(self, cursor: QTextCursor, message: StoredMessage, start: int, end: int) -> None:
        """Writes the part of a user's message between two positions.

        Args:
            cursor: Stands in an empty block.
            message: The message.
            start: Where the part begins.
            end: Where it ends.
        """
        text = message.text
        form = self.user_block(with_versions=message.versions > 1)
        if end < len(text):
            form.setBottomMargin(0)
        joint = None
        if start:
            joint = Joint.AT_LINE if text[start - 1] == "\n" else Joint.IN_LINE
        insert_plain(cursor, text[start:end], form, QTextCharFormat(), joint)

    def write_rest(self, cursor: QTextCursor, key: str, characters: int) -> None:
        """Writes the link that shows what follows of a long message."""
        form = QTextBlockFormat()
        form.setProperty(KIND, Kind.REST)
        form.setTopMargin(self.style.unit * 2)
        form.setBottomMargin(self.style.unit * 2)
        cursor.setBlockFormat(form)
        words = self.tr("Show the rest ({count} more characters)").format(count=f"{characters:,}")
        cursor.insertText(words, self._link(f"catnap:rest/{key}", self.tr("Show all of this message")))

    def write_waiting(self, cursor: QTextCursor, words: str) -> None:
        """Writes what an answer without text waits for."""
        cursor.insertText(words, self._label())

    def write_foot(self, cursor: QTextCursor, message: StoredMessage, *, with_actions: bool) -> None:
        """Writes what an answer rests on, how it ended, what can be done with it and its figures.

        Replaces the text of the block that the cursor stands in.
        """
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        if cursor.selectedText().startswith("\u2029"):  # the separator before the block belongs to the other side
            cursor.setPosition(cursor.selectionStart() + 1)
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        notes = self._notes(message, with_actions=with_actions)
        parts = self._foot_parts(message, with_actions=with_actions)
        form = QTextBlockFormat()
        form.setProperty(KIND, Kind.FOOT)
        form.setBottomMargin(self.style.unit * _BELOW_ANSWER)
        if notes and (parts or len(notes) > 1):
            form.setLineHeight(self.style.line_height, _HEIGHTS.MinimumHeight.value)
        elif not notes and not parts:
            form.setLineHeight(1, _HEIGHTS.FixedHeight.value)
        if notes or parts:
            form.setTopMargin(self.style.unit)  # the larger of two margins counts: below a list as below a paragraph
        cursor.setBlockFormat(form)
        for number, note in enumerate(notes):
            if number:
                cursor.insertText(_LINE_END, self._label())
            for words, character in note:
                cursor.insertText(words, character)
        if notes and parts:
            cursor.insertText(_LINE_END, self._label())
        for number, part in enumerate(parts):
            if number:
                cursor.insertText(_GAP, self._label())
            for words, character in part:
                # A line ends between links, not within one.
                whole = words.replace(" ", _NARROW) if character.isAnchor() else words
                cursor.insertText(whole, character)

    def write_versions(self, cursor: QTextCursor, message: StoredMessage) -> None:
        """Writes a line below a question that leads to its other versions; the cursor stands in an empty block."""
        form = QTextBlockFormat()
        form.setProperty(KIND, Kind.FOOT)
        form.setBottomMargin(self.style.unit * 3)
        cursor.setBlockFormat(form)
        for words, character in self._pager(message):
            cursor.insertText(words, character)

    def write_cut(self, cursor: QTextCursor, count: int) -> None:
        """Writes the line between what the model no longer reads and what it does."""
        form = QTextBlockFormat()
        form.setProperty(KIND, Kind.CUT)
        form.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        form.setTopMargin(self.style.unit)
        form.setBottomMargin(self.style.unit * 3.5)
        cursor.setBlockFormat(form)
        words = self.tr("The {count} messages above no longer fit into the model's context").format(count=f"{count:,}")
        label = self._label()
        label.setToolTip(
            self.tr("The model no longer reads them. A larger context in the settings holds more (n_ctx).")
        )
        cursor.insertText(words, label)

    def write_day(self, cursor: QTextCursor, words: str, *, is_first: bool) -> None:
        """Writes the day on which what follows was said; ``is_first``: nothing is above it."""
        form = QTextBlockFormat()
        form.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        form.setTopMargin(0 if is_first else self.style.unit)
        form.setBottomMargin(self.style.unit * 2)
        cursor.setBlockFormat(form)
        cursor.insertText(words, self._label())

    def _foot_parts(self, message: StoredMessage, *, with_actions: bool) -> list[_Part]:
        parts: list[_Part] = []
        state = self._state_words(message)
        if state:
            mark = self._label()
            parts.append(((state, mark),))
        if message.is_calculated:
            mark = self._label()
            mark.setToolTip(plain_tip(self.tr("Computed by Catnap itself; no model was asked")))
            parts.append(((self.tr("Calculated"), mark),))
        if message.place:
            mark = self._label()
            mark.setForeground(self.style.elsewhere)
            mark.setToolTip(plain_tip(self.tr("This answer was given by {model}").format(model=message.model)))
            parts.append(((self.tr("From {host}").format(host=message.place), mark),))
        if message.versions > 1:
            parts.append(self._pager(message))
        if with_actions and message.is_cut_off:
            go_on = self._link("catnap:continue", self.tr("Go on with the answer where it stopped"))
            words = self.tr("Go on anyway") if message.repeated else self.tr("Continue")
            parts.append(((words, go_on),))
        if with_actions:
            parts.append(((self.tr("Copy"), self._link("catnap:copy", self.tr("Copy the answer (Ctrl+Shift+C)"))),))
            if message.text.strip():
                parts.append((self._read_link(message),))
            again = self._link("catnap:regenerate", self.tr("Answer once more (Ctrl+R)"))
            words = self.tr("Ask the model anyway") if message.is_calculated else self.tr("Regenerate")
            if message.repeated:
                again.setToolTip(self.tr("Answer once more, at a higher temperature (Ctrl+R)"))
                words = self.tr("Try again more freely")
            parts.append(((words, again),))
        if message.stats is not None:
            figures = self._label()
            figures.setToolTip(plain_tip(technical_words(message.stats, message.model)))
            words = person_words(message.stats, message.thinking, message.text)
            if words:
                parts.append(((_broken_between(words), figures),))
        return parts

    def note_words(self, message: StoredMessage, *, with_actions: bool) -> str:
        """Returns the lines that say what an answer rests on, see :meth:`write_foot`; empty: there is none."""
        notes = self._notes(message, with_actions=with_actions)
        return "\n".join("".join(words for words, _look in note) for note in notes)

    def _notes(self, message: StoredMessage, *, with_actions: bool) -> list[_Part]:
        """Returns what is said of an answer beside its figures, a line each."""
        other = self.find_language(message) if with_actions else None
        language = self._language(other) if other is not None else ()
        return [note for note in (language, self._sources(message), self._unsupported(message)) if note]

    def _language(self, other: OtherLanguage) -> _Part:
        """Returns the line that says that an answer came in another language than its question."""
        from desktop.common.text.language import CHINESE, ENGLISH

        answered = {CHINESE: self.tr("Answered in Chinese."), ENGLISH: self.tr("Answered in English.")}
        again = {CHINESE: self.tr("Answer again in Chinese"), ENGLISH: self.tr("Answer again in English")}
        tip = self.tr("Answer once more in the language of the question; so will the next ones in this conversation be")
        words = answered.get(other.answered, self.tr("Answered in another language."))
        link = self._link(f"catnap:language/{other.asked}", plain_tip(tip))
        return ((f"{words}{_GAP}", self._label()), (again[other.asked], link))

    def _unsupported(self, message: StoredMessage) -> _Part:
        """Returns the line that names what stands nowhere in the documents; empty: nothing, or none is known."""
        words, more = message.not_in_the_text[:_MOST_WORDS], len(message.not_in_the_text) - _MOST_WORDS
        if not words:
            return ()
        named = listed(words)
        if len(message.not_in_the_text) >= MOST_UNSUPPORTED:  # nobody has counted further
            named = self.tr("{words} and more").format(words=named)
        elif more > 0:
            named = self.tr("{words} and {count} more").format(words=named, count=more)
        note = self._label()
        note.setToolTip(
            plain_tip(
                self.tr(
                    "These figures and names of the answer stand neither in the document nor in your question. "
                    "The model may have made them up."
                )
            )
        )
        return ((self.tr("Not in the text: {words}").format(words=named), note),)

    def _sources(self, message: StoredMessage) -> _Part:
        """Returns the line that says what an answer was taken from; empty: nothing."""
        described = self.describe_sources(message.sources) if message.sources else ()
        links = [(words, number) for number, words in enumerate(described) if words]
        if not links:
            return ()
        # The words around the places differ between languages, and are no links.
        before, _, after = self.tr("From {places}").partition("{places}")
        parts = [(before, self._label())]
        for place, (words, number) in enumerate(links):
            if place:
                parts.append((self.tr(", "), self._label()))
            tip = self.tr("Show this passage in the document")
            parts.append((words, self._link(f"catnap:source/{message.id}/{number}", tip)))
        return (*parts, (after, self._label()))

    def _read_link(self, message: StoredMessage) -> tuple[str, QTextCharFormat]:
        address = f"catnap:read/{message.id}"
        if message.id == self.read:
            return self.tr("Stop reading"), self._link(address, self.tr("Read no further (Esc)"))
        return self.tr("Read aloud"), self._link(address, self.tr("Read the answer aloud (Ctrl+Shift+L)"))

    def _pager(self, message: StoredMessage) -> _Part:
        place = f"{message.version}/{message.versions}"
        before = self._step(message, -1, self.tr("The version before"))
        after = self._step(message, 1, self.tr("The version after"))
        tip = self._label()
        if message.role is Role.USER:
            tip.setToolTip(self.tr("Versions of this question, each with what followed it"))
        else:
            tip.setToolTip(self.tr("Versions of this answer, each with what followed it"))
        return ((f"{_NARROW}\u2039{_NARROW}", before), (place, tip), (f"{_NARROW}\u203a{_NARROW}", after))

    def _step(self, message: StoredMessage, step: int, tip: str) -> QTextCharFormat:
        if 1 <= message.version + step <= message.versions:
            form = self._link(f"catnap:version/{message.id}/{step}", tip)
        else:
            form = self._label()
            form.setForeground(self.style.rule)
        form.setFontPointSize(self.style.font.pointSizeF() * 1.2)  # a sign this small is hard to see, and to hit
        form.setFontWeight(QFont.Weight.Bold)
        return form

    def _label(self) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setProperty(CHROME, True)
        form.setFontPointSize(self.style.small)
        form.setForeground(self.style.muted)
        return form

    def _link(self, address: str, tip: str) -> QTextCharFormat:
        form = self._label()
        form.setAnchor(True)
        form.setAnchorHref(address)
        form.setForeground(self.style.link)
        form.setToolTip(tip)
        return form

    def _state_words(self, message: StoredMessage) -> str:
        words = {
            MessageState.STOPPED: self.tr("Stopped"),
            MessageState.INTERRUPTED: self.tr("Interrupted"),
            MessageState.FAILED: self.tr("Failed before the end"),
        }
        if message.repeated and message.state is MessageState.COMPLETE:
            return self.tr("It began to repeat itself and was stopped")
        if message.is_cut_off and message.state is MessageState.COMPLETE:
            return self.tr("Cut off: as long as an answer may be")
        return words.get(message.state, "")


def _shown_thought(thought: str, *, growing: bool) -> str:
    """Returns what is shown of thoughts: not all of very long ones, of which what is written now matters most."""
    thought = thought.strip()
    most = _GROWING_THOUGHT if growing else _THOUGHT
    if len(thought) <= most:
        return thought
    return f"\u2026{thought[-most:]}" if growing else f"{thought[:most]}\u2026"


def _broken_between(figures: str) -> str:
    """Returns figures that a line may end between, not within: no "0.8 s" alone in the next one."""
    return _GAP.join(part.replace(" ", "\u00a0") for part in figures.split(SEPARATOR))
