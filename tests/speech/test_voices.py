"""Which voice reads a language: by what the system says of it, and else by its name."""

from __future__ import annotations

import pytest

from desktop.speech.voices import Voice, best_voice, speaks

# What Qt tells of speech-dispatcher with espeak-ng: Mandarin is under "C", Cantonese is not Mandarin.
ESPEAK = [
    *(Voice("English (America)+Robert", "en_US"), Voice("English (America)", "en_US"), Voice("Cantonese", "yue_HK")),
    *(Voice("English (Great Britain)", "en_GB"), Voice("Chinese (Mandarin, latin as English)+Adam", "C")),
    *(Voice("Chinese (Mandarin, latin as English)", "C"), Voice("Chinese (Mandarin, latin as Pinyin)", "C")),
    *(Voice("Bishnupriya Manipuri", "C"), Voice("Hakka Chinese", "C"), Voice("German", "de_DE")),
]
WINDOWS = [Voice("Microsoft Zira", "en_US"), Voice("Microsoft Huihui", "zh_CN"), Voice("Microsoft Tracy", "zh_HK")]


@pytest.mark.parametrize(
    ("voices", "language", "system", "name"),
    [
        (ESPEAK, "zh", "en_US", "Chinese (Mandarin, latin as English)"),
        (ESPEAK, "en", "zh_CN", "English (America)"),
        (ESPEAK, "en", "en_GB", "English (Great Britain)"),
        (ESPEAK, "de", "", "German"),
        (WINDOWS, "zh", "zh_HK", "Microsoft Huihui"),
        (WINDOWS, "en", "", "Microsoft Zira"),
    ],
)
def test_the_voice_of_a_language(voices: list[Voice], language: str, system: str, name: str) -> None:
    found = best_voice(voices, language, system)
    assert found is not None
    assert found.name == name


def test_no_voice_is_better_than_one_of_another_language() -> None:
    assert best_voice([Voice("Cantonese", "yue_HK"), Voice("English", "en_US")], "zh") is None
    assert best_voice(ESPEAK, "ja") is None
    assert speaks("zh-CN", "zh")
    assert not speaks("yue_HK", "zh")
