"""What is asked for the README's pictures, and the older conversations in their list.

The questions are answered by the smallest model while the pictures are taken; it knows English only, so a Chinese
speaker learns English with it. Of the older conversations only the titles can be seen.
"""

from __future__ import annotations

# The conversations that the pictures show, each by its questions in turn; the one asked last is in the light picture.
_NAPS = ("Give me three tips for falling asleep.",)
_LETTER = ("Write a short note that thanks my neighbour for feeding my cat.",)
QUESTIONS = (_LETTER, _NAPS)

# The titles below them, from the newest on, and how many hours ago each was spoken in.
OLDER = {
    "en": ("What does ubiquitous mean?", "为什么天空是蓝色的？", "25 °C in Fahrenheit"),
    "zh_CN": ("为什么天空是蓝色的？", "番茄炒蛋怎么做", "What does ubiquitous mean?"),
}
HOURS_AGO = (27, 51, 99)

# What the quick-ask box is asked.
QUICK = "What is a cat nap?"
