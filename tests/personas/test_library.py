"""The personas there are: built-in, changed, own; and the file that keeps them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.common.background_writer import write_at_once
from desktop.common.errors import UserFacingError
from desktop.common.json_file import Fault
from desktop.personas.builtin import builtin_personas
from desktop.personas.library import MOST_PERSONAS, PersonaLibrary
from desktop.personas.persona import (
    GENERAL,
    MOST_NAME,
    MOST_PROMPT,
    MOST_STARTER,
    MOST_STARTERS,
    Persona,
    is_begun,
    persona_of,
)
from desktop.settings.store import SettingsStore

BUILT_IN = ["general", "child", "homework", "companion", "english", "python", "summary", "translator"]


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.json")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "personas.json"


@pytest.fixture
def library(file: Path, store: SettingsStore) -> PersonaLibrary:
    return PersonaLibrary(file, store, "en")


def again(library: PersonaLibrary, file: Path, store: SettingsStore) -> PersonaLibrary:
    """Returns what the next start of the program finds."""
    found = PersonaLibrary(file, SettingsStore(file.with_name("settings.json")), "en")
    assert found.all() == library.all()
    return found


def written(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def test_a_tutor_gives_no_solution_by_calculating_either(
    library: PersonaLibrary, file: Path, store: SettingsStore
) -> None:
    assert [one.id for one in library.all() if not one.calculates] == ["homework"]
    # AND so does its copy, after the next start as well
    copy = library.duplicate("homework", "{name} (copy)")
    assert not copy.calculates
    assert not again(library, file, store).get(copy.id).calculates
    # WHEN it is allowed to THEN that is kept
    library.save(replace(library.get("homework"), calculates=True))
    assert again(library, file, store).get("homework").calculates


@pytest.mark.parametrize("value", [1, "yes", None])
def test_whether_it_calculates_is_yes_or_no(value: object) -> None:
    with pytest.raises(TypeError):
        persona_of({"name": "Cook", "calculates": value}, "cook")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_all_eight_come_in_both_languages(language: str) -> None:
    personas = builtin_personas(language)
    assert [persona.id for persona in personas] == BUILT_IN
    for persona in personas:
        assert persona.starters, persona.id
        assert bool(persona.prompt) == (persona.id != GENERAL)
        assert (persona.temperature is None) == (persona.id == GENERAL)
        is_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in persona.name)
        assert is_chinese == (language == "zh_CN"), persona.name
    assert [persona.id for persona in personas if persona.has_large_type] == ["companion"]


def test_small_models_are_told_few_words() -> None:
    for language, most in (("en", 170), ("zh_CN", 60)):
        assert max(len(persona.prompt) for persona in builtin_personas(language)) <= most


def test_the_chinese_texts_have_no_english_marks() -> None:
    for persona in builtin_personas("zh_CN"):
        for text in (persona.prompt, *persona.starters):
            if any("\u4e00" <= letter <= "\u9fff" for letter in text):
                assert not set(text) & set(",;!?"), text


def test_another_language_is_spoken_at_once_but_for_what_was_changed(library: PersonaLibrary) -> None:
    told: list[str] = []
    library.subscribe(told.append)
    library.save(replace(library.get("child"), name="For Anna"))
    library.speak("zh_CN")
    assert [one.name for one in library.all() if one.id != "child"] == [
        one.name for one in builtin_personas("zh_CN") if one.id != "child"
    ]
    assert library.get("child").name == "For Anna"
    assert set(told) == set(BUILT_IN)


def test_instructions_in_the_settings_are_those_of_the_general_persona(
    library: PersonaLibrary, store: SettingsStore, file: Path
) -> None:
    # GIVEN somebody who has told the model something in the settings
    store.change(system_prompt="Answer like a pirate.", temperature=0.9)
    # THEN the general persona says that, and nothing is written a second time
    general = library.get(None)
    assert (general.prompt, general.temperature) == ("Answer like a pirate.", 0.9)
    assert not file.exists()
    # WHEN it is changed as a persona
    library.save(replace(general, prompt="Answer like a sailor.", temperature=0.4, name="Sailor"))
    # THEN the settings have its words, and the file the rest
    assert (store.current.system_prompt, store.current.temperature) == ("Answer like a sailor.", 0.4)
    assert written(file)["personas"][0]["prompt"] == ""
    assert again(library, file, store).get(GENERAL).name == "Sailor"
    # WHEN it is reset
    library.reset(GENERAL)
    assert (store.current.system_prompt, store.current.temperature) == ("", 0.7)
    assert library.get(GENERAL) == replace(builtin_personas("en")[0], temperature=0.7)
    assert not library.is_changed(GENERAL)


def test_a_changed_one_is_kept_and_can_be_reset(library: PersonaLibrary, file: Path, store: SettingsStore) -> None:
    before = library.get("child")
    library.save(replace(before, prompt="You talk to a child of four.", starters=("What is rain?", " ")))
    assert library.is_changed("child")
    found = again(library, file, store).get("child")
    assert (found.prompt, found.starters) == ("You talk to a child of four.", ("What is rain?",))
    library.reset("child")
    assert library.get("child") == before
    assert not library.is_changed("child")
    assert again(library, file, store).get("child") == before


def test_own_ones_are_written_copied_deleted_and_come_back(
    library: PersonaLibrary, file: Path, store: SettingsStore
) -> None:
    copy = library.duplicate("python", "{name} (copy)")
    assert (copy.name, copy.prompt) == ("Python helper (copy)", library.get("python").prompt)
    one = library.save(
        Persona("own-1", "Cook", "You cook.", 1.2, ("What can I make of eggs?",), 1.4, (("Soup?", "Boil\nit."),))
    )
    other = library.duplicate(one.id, "{name} (copy)")
    third = library.duplicate(one.id, "{name} (copy)")
    assert len({one.name, other.name, third.name}) == 3
    before = again(library, file, store).all()
    assert [persona.id for persona in before] == [*BUILT_IN, copy.id, one.id, other.id, third.id]
    # WHEN one is deleted and the deletion is undone
    library.delete(one.id)
    assert not library.has(one.id)
    assert library.get(one.id).id == GENERAL  # conversations with it go on with the general one
    library.restore(one, before.index(one))
    # THEN all is as it was, also where it stands
    assert library.all() == before
    assert again(library, file, store).all() == before


def test_built_in_ones_cannot_be_deleted(library: PersonaLibrary) -> None:
    library.delete("child")
    assert library.has("child")


def test_whoever_listens_hears_which_one_has_changed(library: PersonaLibrary, store: SettingsStore) -> None:
    heard: list[str] = []
    library.subscribe(heard.append)
    library.save(replace(library.get("child"), prompt="Short."))
    library.reset("child")
    store.change(theme="dark")
    store.change(temperature=0.1)
    own = library.add("Mine")
    library.delete(own.id)
    assert heard == ["child", "child", GENERAL, own.id, own.id]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"name": "  "},
        {"name": "x" * (MOST_NAME + 1)},
        {"prompt": "x" * (MOST_PROMPT + 1)},
        {"starters": ("x",) * (MOST_STARTERS + 1)},
        {"starters": ("x" * (MOST_STARTER + 1),)},
        {"temperature": 2.1},
        {"examples": (("What?", ""),)},
        {"examples": (("What?", "That."),) * 7},
        {"examples": (("What?", "x" * 2001),)},
        {"temperature": -0.1},
        {"temperature": float("nan")},
    ],
)
def test_what_will_not_do_is_refused_and_changes_nothing(
    library: PersonaLibrary, file: Path, spoilt: dict[str, Any]
) -> None:
    before = library.all()
    with pytest.raises(UserFacingError):
        library.save(replace(library.get("child"), **spoilt))
    assert library.all() == before
    assert not file.exists()


def test_pasted_rubbish_is_made_writable(library: PersonaLibrary, file: Path, store: SettingsStore) -> None:
    saved = library.save(Persona("own-1", "a\nb\u202ec", "half \ud83d a pair\0", None, ("one\ntwo",)))
    assert saved.name == "a b\ufffdc"
    assert saved.starters == ("one two",)
    assert again(library, file, store).get("own-1") == saved


def test_there_is_an_end_to_them(library: PersonaLibrary) -> None:
    for number in range(MOST_PERSONAS):
        library.save(Persona(f"own-{number}", f"No. {number}"))
    with pytest.raises(UserFacingError):
        library.add("One more")
    library.save(replace(library.get("own-0"), name="Changed all the same"))


def test_what_another_version_wrote_stays(file: Path, store: SettingsStore) -> None:
    # GIVEN a file with keys and entries that this Catnap does not know
    odd = [{"id": "own-2", "name": 5}, "text", {"id": "own-1", "name": "twice"}, {"id": "a b", "name": "x"}]
    entry = {"id": "own-1", "name": "Cook", "prompt": "You cook.", "tools": ["oven"]}
    huge = {"id": "own-3", "name": "Hot", "temperature": 10**400}
    odd.append({"id": "own-4", "name": "Odd", "examples": [["one"], 5]})
    file.write_text(json.dumps({"version": 1, "later": True, "personas": [entry, *odd, huge]}), encoding="utf-8")
    library = PersonaLibrary(file, store, "en")
    assert library.load_problem is None
    assert [persona.id for persona in library.all()][len(BUILT_IN) :] == ["own-1"]
    # WHEN something is changed
    library.save(replace(library.get("own-1"), prompt="You bake."))
    # THEN all of it is there
    document = written(file)
    assert document["later"] is True
    assert document["personas"][0] == {**entry, "prompt": "You bake."}
    assert document["personas"][1:] == [*odd, huge]


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"version": 1, "personas": {}}', b'{"version": 1}', b"\xff\xfe\0", b""]
)
def test_a_damaged_file_is_kept_aside_and_said(file: Path, store: SettingsStore, content: bytes) -> None:
    file.write_bytes(content)
    library = PersonaLibrary(file, store, "en")
    assert [persona.id for persona in library.all()] == BUILT_IN
    assert library.load_problem is not None
    aside = library.load_problem.kept_aside
    assert aside is not None
    assert aside.read_bytes() == content
    library.add("Mine")
    assert aside.read_bytes() == content


def test_the_file_of_a_newer_catnap_is_kept(file: Path, store: SettingsStore) -> None:
    file.write_text('{"version": 2, "personas": []}', encoding="utf-8")
    library = PersonaLibrary(file, store, "en")
    assert library.load_problem is not None
    assert library.load_problem.fault is Fault.NEWER
    library.add("Mine")
    assert any('"version": 2' in each.read_text(encoding="utf-8") for each in file.parent.glob("personas.*"))


def test_a_file_that_would_be_too_large_is_refused_in_a_sentence(library: PersonaLibrary, file: Path) -> None:
    for number in range(45):
        library.save(Persona(f"own-{number}", f"No. {number}", "x" * MOST_PROMPT))
    before = file.read_bytes()
    with pytest.raises(UserFacingError, match="could not be saved"):
        for number in range(45, 60):
            library.save(Persona(f"own-{number}", f"No. {number}", "x" * MOST_PROMPT))
    assert len(file.read_bytes()) >= len(before)
    assert len(library.all()) == len(BUILT_IN) + len(written(file)["personas"])


def test_a_disk_that_takes_nothing_changes_nothing(library: PersonaLibrary, file: Path) -> None:
    file.mkdir()
    (file / "in the way").touch()
    before = library.all()
    with pytest.raises(UserFacingError, match="could not be saved"):
        library.add("Mine")
    assert library.all() == before


def test_written_elsewhere_the_trouble_is_told(file: Path, store: SettingsStore) -> None:
    told: list[UserFacingError] = []
    library = PersonaLibrary(file, store, "en")
    library.write_with(write_at_once, told.append)
    file.mkdir()
    (file / "in the way").touch()
    mine = library.add("Mine")
    assert library.has(mine.id)  # it is in force all the same
    assert len(told) == 1


@pytest.mark.parametrize(
    ("starter", "begun"), [("Summarise this text:", True), ("概括这段文字：", True), ("Why?", False), ("a: b", False)]
)
def test_a_starter_with_a_colon_at_its_end_waits_for_more(starter: str, begun: bool) -> None:
    assert is_begun(starter) is begun
