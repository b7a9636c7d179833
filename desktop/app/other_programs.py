"""Whether other programs may ask the model, as the settings say. GUI thread.

Nothing of the API is imported before it is first switched on.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.api.conversations import OWNER
from desktop.api.state import ApiState
from desktop.common.events import Publisher
from desktop.engine.types import EngineEvent
from desktop.lifecycle.embedding import EmbeddingInUse
from desktop.lifecycle.supervisor import Supervisor
from desktop.models.choice import ModelChoice
from desktop.settings.checks import listed_origins
from desktop.settings.options import Settings
from desktop.settings.store import SettingsStore

if TYPE_CHECKING:
    from desktop.api.access import TokenFile
    from desktop.api.questions import ProgramQuestions
    from desktop.api.service import ApiService


class OtherPrograms:
    """See the module.

    Attributes:
        state: What there is to say.
    """

    def __init__(
        self,
        store: SettingsStore,
        choice: ModelChoice,
        supervisor: Supervisor,
        embedding: EmbeddingInUse,
        request_ids: itertools.count[int],
        token_file: Path,
    ) -> None:
        """
        Args:
            store: The settings.
            choice: The models.
            supervisor: Of the engine.
            embedding: Hands out the embedding model.
            request_ids: Source of ids that whoever asks the engine shares.
            token_file: What the token is told by.
        """
        self._store, self._choice, self._supervisor = store, choice, supervisor
        self._embedding, self._request_ids, self._token_file = embedding, request_ids, token_file
        self._changed = Publisher[ApiState]()
        self._service: ApiService | None = None
        self._questions: ProgramQuestions | None = None
        self._tokens: TokenFile | None = None
        self.state = ApiState()
        store.subscribe(self._on_settings)

    def subscribe(self, listener: Callable[[ApiState], None]) -> None:
        """Calls ``listener(state)`` at every change."""
        self._changed.subscribe(listener)

    def begin(self) -> None:
        """Switches it on if the settings say so; on a running asyncio loop.

        What an earlier run has kept of programs' conversations goes; before there was a token there was none.
        """
        if self._token_file.exists():
            self._supervisor.forget(OWNER)
        if self._store.current.api:
            self._start(self._store.current)

    @property
    def has_token(self) -> bool:
        """Whether a token was ever made."""
        return self._token_file.exists() and self.tokens.exists

    @property
    def tokens(self) -> TokenFile:
        """The token."""
        if self._tokens is None:
            from desktop.api.access import TokenFile

            self._tokens = TokenFile(self._token_file)
        return self._tokens

    def renew_token(self) -> str:
        """Makes another token, and returns it this once.

        Raises:
            UserFacingError: It cannot be kept.
        """
        return self.tokens.renew()

    def owns(self, request_id: int | None) -> bool:
        """Tells whether a request of the engine is a program's."""
        return self._questions is not None and self._questions.owns(request_id)

    def on_engine_event(self, event: EngineEvent) -> None:
        """Takes an event of the engine."""
        if self._questions is not None:
            self._questions.on_engine_event(event)

    def shut_down(self) -> None:
        """Ends it, with all answers."""
        if self._service is not None and self._questions is not None:
            self._service.stop()
            self._questions.end()

    def _on_settings(self, old: Settings, new: Settings) -> None:
        if (old.api, old.api_port, old.api_origins) == (new.api, new.api_port, new.api_origins):
            return
        if new.api:
            self._start(new)
        elif self._service is not None:
            self.shut_down()

    def _start(self, settings: Settings) -> None:
        if self._service is None:
            self._service = self._make()
        self.tokens.look_again()  # "catnap serve" may have made another
        self._service.start(settings.api_port, listed_origins(settings.api_origins))

    def _make(self) -> ApiService:
        from desktop.api.backstage import OwnBackstage, make_questions
        from desktop.api.service import ApiService

        loop = asyncio.get_running_loop()

        def call(work: Callable[[], None]) -> None:
            loop.call_soon_threadsafe(work)

        questions = make_questions(self._supervisor, self._choice, self._request_ids, loop.call_later)
        questions.subscribe(lambda is_busy: self._show(replace(self.state, is_busy=is_busy)))
        self._questions = questions
        backstage = OwnBackstage(self._choice, lambda: self._store.current, self._embedding, questions)
        service = ApiService(backstage, self.tokens.opens, call)
        service.subscribe(lambda state: self._show(replace(state, is_busy=questions.is_busy)))
        return service

    def _show(self, state: ApiState) -> None:
        if state != self.state:
            self.state = state
            self._changed(state)
