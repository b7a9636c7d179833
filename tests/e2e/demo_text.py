"""The parrot of the demo: what it says, under which name it is offered, and what it takes."""

from __future__ import annotations

MODEL_ID = "parrot"

# Layers make the KV cache, and with it what a doze gives back, large enough to be seen.
LAYERS = 120
KV_BYTES_PER_TOKEN = LAYERS * 2 * 64 * 2  # keys and values of one head of 64, in f16
# Before a rest is asked for, the machine may be as slow as it likes.
PATIENT_MINUTES = 60.0

# Tokens of context at first, and those that the settings step types.
N_CTX, SMALL_N_CTX = 4096, 2048

# Latin, Chinese, an emoji, a list and code: what an answer of a real model is made of.
TEXT = """\
**Good day!** I am a parrot in the house of a cat: whatever you ask, these are my words. \
你好，我是一只住在猫家里的鹦鹉 🦜。

- While nobody speaks, *the cat sleeps* and its memory belongs to your other programs.
- 有人提问，猫就醒来 🐱，不到一秒钟。
- What was said before that is not forgotten.

```python
def purr(seconds: int) -> str:
    return "rrr" + "r" * 2 * seconds
```

And 6 x 7 = 42, as ever."""

# Pieces that must be on the page as they stand, whatever Markdown makes of the rest.
ON_THE_PAGE = ("你好，我是一只住在猫家里的鹦鹉 🦜。", 'return "rrr" + "r" * 2 * seconds', "6 x 7 = 42")
