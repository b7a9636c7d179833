"""What is remembered of models, with any value in any place: it is used, or set aside, and never a traceback later."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.common.byte_sizes import format_bytes
from desktop.engine.footprint import Fit
from desktop.lifecycle.memory_fit import MemoryFit
from desktop.machine.memory import MemoryReader
from desktop.models.library import Library
from desktop.models.remembered.verdicts import Outcome, Verdict
from desktop.models.types import Catalog
from desktop.settings.options import Settings
from tests.support.gguf_files import write_gguf
from tests.support.properties import PROPERTY, damaged
from tests.torture.state_files import FILES

_PROPERTY = settings(PROPERTY, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
_EMPTY = Catalog((), "")
_HEALTHY = {file.path: file.healthy for file in FILES}


def _use(folder: Path, state: Path) -> list[str]:
    """Does what the list of models does; returns the names."""
    library = Library(folder, state, _EMPTY)
    fit = MemoryFit(_EMPTY, Settings, MemoryReader(), 2)
    names = []
    for model in library.installed():
        names.append(f"{model.name} {format_bytes(model.size)} {model.path}")
        if model.facts is not None:
            names.append(f"{model.facts.parameters / 1e9:.1f} {format_bytes(model.facts.size)} {model.facts.context:,}")
        assert fit.judge_load(Settings(), model).fit in Fit
    for spec in library.added():
        assert fit.judge(spec).fit in Fit
        assert "/" not in spec.file and format_bytes(spec.size)
    for problem in library.load_problems:
        assert problem.title.endswith(".")
    return names


@_PROPERTY
@given(damaged(_HEALTHY["imports.json"]), damaged(_HEALTHY["additions.json"]))
def test_lists_of_models_with_any_value(imports: Any, additions: Any) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "models").mkdir()
        (folder / "imports.json").write_text(json.dumps(imports))
        (folder / "additions.json").write_text(json.dumps(additions))
        _use(folder / "models", folder)
        # THEN what could not be used lies beside it, and another model can be imported
        library = Library(folder / "models", folder, _EMPTY)
        model = library.import_file(write_gguf(folder / "own.gguf"))
        assert model.id in [each.id for each in Library(folder / "models", folder, _EMPTY).installed()]


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    """A folder with a model, and what the program has written about it: facts and a verdict."""
    folder = tmp_path_factory.mktemp("remembered")
    (folder / "models").mkdir()
    write_gguf(folder / "models" / "own.gguf")
    library = Library(folder / "models", folder, _EMPTY)
    (model,) = library.installed()
    candidate = library.examine(model.path)
    verdict = Verdict(Outcome.REFUSED, "It is {0}.", "{0}: {1}.", "Get another.", ("a", "b"))
    library.remember_verdict(candidate.file, verdict)
    facts, verdicts = folder / "facts.json", folder / "verdicts.json"
    return folder, json.loads(facts.read_bytes()), json.loads(verdicts.read_bytes())


@_PROPERTY
@given(data=st.data())
def test_facts_and_verdicts_with_any_value(remembered: tuple[Path, Any, Any], data: st.DataObject) -> None:
    folder, facts, verdicts = remembered
    (folder / "facts.json").write_text(json.dumps(data.draw(damaged(facts))))
    (folder / "verdicts.json").write_text(json.dumps(data.draw(damaged(verdicts))))
    # THEN the model is there all the same
    assert any("own" in name for name in _use(folder / "models", folder))
    for model in Library(folder / "models", folder, _EMPTY).installed():
        if model.verdict is not None and model.verdict.problem is not None:
            assert str(model.verdict.problem)


def test_a_number_that_nobody_can_count_with_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for file, key in (
        ("imports.json", "size"),
        ("additions.json", "context"),
        ("additions.json", "kv_bytes_per_token"),
    ):
        document = json.loads(json.dumps(_HEALTHY[file]))
        document["files" if file == "imports.json" else "models"][0][key] = 10**400
        (tmp_path / file).write_text(json.dumps(document))
        assert _use(tmp_path / "models", tmp_path) == []
        (aside,) = tmp_path.glob(f"{Path(file).stem}.broken-*.json")
        assert json.loads(aside.read_text()) == document
        aside.unlink()


@pytest.mark.parametrize("path", ["a\0b.gguf", "\ud83d.gguf", ""])
def test_a_path_that_no_system_has_is_set_aside(tmp_path: Path, path: str) -> None:
    (tmp_path / "models").mkdir()
    document = {"version": 1, "files": [{"path": path, "name": "a", "size": 1, "sha256": ""}]}
    (tmp_path / "imports.json").write_text(json.dumps(document))
    assert _use(tmp_path / "models", tmp_path) == []
    assert list(tmp_path.glob("imports.broken-*.json"))


def test_the_healthy_ones_are_read(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for file in ("imports.json", "additions.json"):
        (tmp_path / file).write_text(json.dumps(_HEALTHY[file]))
    assert len(_use(tmp_path / "models", tmp_path)) == 1
    assert len(Library(tmp_path / "models", tmp_path, _EMPTY).added()) == 1
