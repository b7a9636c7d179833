"""Hostile chat templates, each in the metadata of a tiny model, and some in the real one's.

Survived: as in the part of the models; a request that takes too long is stopped, and must end within 5 s then.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from desktop.engine.types import EngineConfig
from tests.support.hostile_templates import HOSTILE_TEMPLATES
from tests.torture import document
from tests.torture.bases import REAL, Bases
from tests.torture.judge import Asker, LostError, Overseer
from tests.torture.models_part import MEMORY, Manner, judge_engine
from tests.torture.results import Outcome, Run

# Every so many is tried in the real model too.
_REAL_EVERY: Final = 8
_SHORT_STEP: Final = 4


def run(run: Run) -> Iterator[Outcome]:
    """Tries every template."""
    bases = Bases(run.folder)
    tries = [(each, "tiny") for each in HOSTILE_TEMPLATES] + [(each, REAL) for each in HOSTILE_TEMPLATES[::_REAL_EVERY]]
    with Asker() as asker:
        for number, (template, base) in enumerate(tries):
            if (run.only and number not in run.only) or (run.is_short and not run.only and number % _SHORT_STEP):
                continue
            path = run.folder / f"hostile-{number}.gguf"
            source = template.source.encode("utf-8", "surrogatepass")
            path.write_bytes(bases.get(base).with_value(document.text("tokenizer.chat_template", source)).write())
            config = EngineConfig(
                path, n_ctx=512, threads=1, idle_seconds=None, sleep_seconds=None, memory_limit=MEMORY
            )
            began = time.monotonic()
            ending, lost = "", ""
            with Overseer() as overseer:
                try:
                    ending = judge_engine(asker, config, Manner.ASK)
                except LostError as problem:
                    ending, lost = "lost", str(problem)
                    asker.recover()
            if overseer.heard and not lost:
                ending, lost = "lost", "; ".join(overseer.heard)
            kept = run.keep(path, f"template-{number}.gguf") if lost else None
            path.unlink()
            again, seconds = f"--part templates --only {number}", time.monotonic() - began
            yield Outcome("templates", base, f"{template.kind}: {template.name}", ending, lost, again, kept, seconds)
