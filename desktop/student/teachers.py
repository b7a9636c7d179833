"""Teachers who think in other tokens than the student: a model of another family, or one on a server.

Both answer as a model on this computer does, in the student's tokens: what they thought goes to the student's token of
the same text, see :mod:`desktop.student.translation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from desktop.common.errors import QT_TRANSLATE_NOOP, MessageTooLongError, UserFacingError
from desktop.engine.distillation.client import AskedModel
from desktop.engine.distillation.messages import Answer, Answered
from desktop.engine.types import Sampling
from desktop.gguf.copying import read_values
from desktop.student.alignment import Alignment, TokenTexts
from desktop.student.sequences import Layout, TaughtSequence
from desktop.student.translation import Said, merged, said_by, translated

if TYPE_CHECKING:
    from desktop.servers.log_probabilities import ChancesOfServer, LikelyToken, ToldAnswer

# What ends a turn or a text in the families that servers have.
_ENDS: Final = frozenset(
    {
        *(b"<|im_end|>", b"<|endoftext|>", b"<|eot_id|>", b"<|end_of_text|>", b"<|end|>", b"<|return|>"),
        *(b"</s>", b"<end_of_turn>", b"<eos>", b"[EOS]", b"<|eom_id|>", b"<|END_OF_TURN_TOKEN|>"),
    }
)


class _InTokensOf:
    """The student, whose tokens an answer is written in. One thread."""

    def __init__(self, student: AskedModel) -> None:
        """
        Args:
            student: It outlives this.

        Raises:
            UserFacingError: The bytes of its tokens are not known.
        """
        self._student = student
        self.texts = TokenTexts.of(read_values(student.path)).ended_by(student)
        self.vocabulary = student.vocabulary

    def write(self, order: Answer, answer: str, said: Sequence[Said], *, is_whole: bool) -> Answered:
        prompt, tokens = self._student.lay_out(order.text, answer, is_whole=is_whole)
        if len(prompt) + len(tokens) > self._student.n_ctx:
            raise MessageTooLongError(len(prompt) + len(tokens), self._student.n_ctx)
        if not tokens:
            raise UserFacingError(
                QT_TRANSLATE_NOOP("Errors", "The teacher has answered without a word."), order.text[:200]
            )
        texts = [self.texts.said(token) for token in tokens]
        logits = translated(
            said,
            answer.encode(),
            tokens,
            texts,
            vocabulary=self.vocabulary,
            kept=order.kept,
            temperatures=order.temperatures,
        )
        return Answered(prompt, tokens, is_whole, logits)


class TranslatedTeacher(_InTokensOf):
    """A model on this computer with another vocabulary than the student's."""

    def __init__(self, teacher: AskedModel, student: AskedModel) -> None:
        """
        Args:
            teacher: Who answers; it outlives this.
            student: In whose tokens; likewise.

        Raises:
            UserFacingError: The bytes of the tokens of one of them are not known.
        """
        super().__init__(student)
        self._teacher = teacher
        self._theirs = TokenTexts.of(read_values(teacher.path))
        self._alignment = Alignment.of(self._theirs, self.texts)
        self.most_kept = min(teacher.most_kept, self.vocabulary)

    def answer(self, order: Answer) -> Answered:
        """Answers a question in the student's tokens; raises as the teacher does."""
        count = min(order.kept, self._teacher.vocabulary)
        told = self._teacher.answer(replace(order, kept=count))
        layout = Layout(self._teacher.vocabulary, count, order.temperatures)
        theirs = TaughtSequence("0" * 32, (*told.prompt, *told.answer), len(told.prompt), True, layout, told.logits)
        thoughts = [theirs.thought(place) for place in range(theirs.length)]
        words = [self._theirs.said(token) for token in told.answer]
        said = said_by(
            [(each.ids, each.logits, each.totals) for each in thoughts],
            told.answer,
            words,
            self._alignment,
            order.temperatures,
        )
        # An answer that was cut off may end within a character.
        answer = b"".join(words).decode("utf-8", "ignore")
        return self.write(order, answer, said, is_whole=told.is_whole)


class ServedTeacher(_InTokensOf):
    """A model on a server, which tells of each token only the likeliest."""

    def __init__(self, server: ChancesOfServer, student: AskedModel) -> None:
        """
        Args:
            server: Who answers; it outlives this.
            student: In whose tokens; likewise.

        Raises:
            UserFacingError: The bytes of the student's tokens are not known.
        """
        super().__init__(student)
        self._server = server
        self._ordinary, self._named = self.texts.by_text, self.texts.by_name
        self.most_kept = min(server.count, self.vocabulary)

    def answer(self, order: Answer) -> Answered:
        """Answers a question in the student's tokens; raises as the server does.

        Where what the server tells depends on the temperature of the answer, it answers at 1.
        """
        warmth = 1.0 if self._server.depends_on_temperature else order.sampling_temperature
        sampling = Sampling(temperature=warmth, repeat_penalty=1.0, seed=order.seed, max_tokens=order.max_tokens)
        told = self._server.ask(order.text, sampling)
        said = self._said(told)
        return self.write(order, told.text, said, is_whole=told.is_whole)

    def _said(self, told: ToldAnswer) -> list[Said]:
        found = []
        for place, token in enumerate(told.tokens):
            is_last = place == len(told.tokens) - 1
            text = token.said.text
            if text is not None and self._ends(text):
                # Nothing is also what some say of a part of a character.
                text = b"" if is_last and told.is_whole else None
            chances = merged((self._partner(each), each.chance) for each in token.likely)
            partner = self._partner(token.said)
            if partner is not None:
                chances.setdefault(partner, token.said.chance)
            found.append(Said(text, partner, token.said.chance, chances))
        return found

    def _partner(self, token: LikelyToken) -> int | None:
        if token.text is None:
            return None
        if self._ends(token.text):
            # llama.cpp's server does not spell out what ends an answer; elsewhere nothing is part of a character.
            is_end = token.text or self._server.kind == "llama.cpp"
            return self._named.get(token.text, self.texts.ends[0] if self.texts.ends and is_end else None)
        return self._ordinary.get(token.text, self._named.get(token.text))

    def _ends(self, text: bytes) -> bool:
        return not text or text in _ENDS
