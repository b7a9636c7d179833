"""Passages found by what a question means, with an embedding model, and by its words: chosen where both are known.

The figures were chosen with two thirds of the questions about a handbook and tried with the rest, and across languages:
see docs/adr/023-embedding-model.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from statistics import fmean, pstdev
from types import MappingProxyType
from typing import Final

from desktop.documents.passages.ranking import WordScores
from desktop.documents.passages.vectors import Likeness

# How far the best passage stands out by its words counts as so many standard deviations of likeness: names, numbers and
# commands are told by their words alone.
_WORDS: Final = 3.0
# Questions that no document answers are at the most so like one: their mean and so many standard deviations.
_ABOVE: Final = 1.5

# Questions about other things than those that documents of people and companies are about, in each of the languages.
FOREIGN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "en": (
            "How tall is the highest mountain in Africa?",
            "Which spices belong into a curry?",
            "When did the Roman Empire fall?",
            "How do bees make honey?",
            "What is the best way to train a puppy?",
            "How many players does a volleyball team have?",
            "Why do leaves turn red in autumn?",
            "Who painted the Mona Lisa?",
            "How long do I have to boil an egg?",
            "What does a kidney do?",
            "Which river flows through London?",
            "How do I write a poem about the sea?",
        ),
        "zh": (
            "非洲最高的山有多高？",
            "做咖喱要用哪些香料？",
            "罗马帝国是什么时候灭亡的？",
            "蜜蜂是怎样酿蜜的？",
            "怎样训练一只小狗？",
            "排球队有几名队员？",
            "秋天树叶为什么会变红？",
            "蒙娜丽莎是谁画的？",
            "煮鸡蛋要多长时间？",
            "肾脏有什么作用？",
            "流经伦敦的是哪条河？",
            "怎样写一首关于大海的诗？",
        ),
    }
)


def level_of(likest: Collection[float]) -> float:
    """Returns how like a question a passage must be to answer it.

    Args:
        likest: For each question about something else, how like it the likest passage of all is.
    """
    return fmean(likest) + _ABOVE * pstdev(likest)


def rank_by_meaning(
    words: WordScores, likeness: Mapping[int, Likeness], levels: Mapping[str, float]
) -> Sequence[tuple[int, float]]:
    """Returns the numbers of the passages that fit, with their scores, the best first.

    Args:
        words: How well they fit by their words.
        likeness: Of those that have vectors; the others are found by their words alone.
        levels: How like the question one must be, by its language; where that is not known, words alone tell.
    """
    above = {
        number: like.cosine - levels[like.language] for number, like in likeness.items() if like.language in levels
    }
    spread = pstdev(above.values()) if above else 0.0
    best = max(words.all.values(), default=0.0) or 1.0
    fitting = [number for number, margin in above.items() if margin >= 0]
    fitting += [number for number, _ in words.found if number not in above]
    scores = [
        (number, above.get(number, 0.0) / (spread or 1.0) + _WORDS * words.all.get(number, 0.0) / best)
        for number in fitting
    ]
    return sorted(scores, key=lambda each: -each[1])
