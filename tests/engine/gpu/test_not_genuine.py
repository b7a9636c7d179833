"""An engine's process that is told to use a file that is not the library: it loads none, and the processor answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desktop.engine.backends import GpuLibrary, GpuUse
from desktop.engine.types import Awake, GpuGivenUp
from tests.support.engine_harness import Harness, config_for, user
from tests.support.tiny import make_tiny


def test_the_processor_answers_instead_and_it_is_said_why(tmp_path: Path) -> None:
    file = tmp_path / "libggml-vulkan.so"
    file.write_bytes(b"\x7fELF and what somebody wants to have run")
    use = GpuUse(GpuLibrary(file, file.stat().st_size, "00" * 32), "Vulkan0", "driver", -1)
    with Harness(replace(config_for(make_tiny(tmp_path / "tiny.gguf")), gpu=use)) as engine:
        engine.ask(user("hello"))
    (given_up,) = engine.of(GpuGivenUp)
    assert "not the one that belongs to this Catnap" in given_up.problem.title
    assert given_up.is_lasting and not given_up.has_died
    awake = engine.of(Awake)[-1]
    assert awake.gpu == "" and awake.loaded_with.gpu is None
