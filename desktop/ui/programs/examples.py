"""What a person copies into a program so that it asks Catnap. Code, in no language of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# In the place of a token that is not shown any more.
NO_TOKEN: Final = "YOUR_TOKEN"


@dataclass(frozen=True)
class Example:
    """For one program.

    Attributes:
        program: Its name.
        text: With {address} and {token} to be filled in.
    """

    program: str
    text: str

    def filled(self, address: str, token: str) -> str:
        """Returns it for an address, and a token; empty: it is not known."""
        return self.text.replace("{address}", address).replace("{token}", token or NO_TOKEN)


EXAMPLES: Final = (
    Example(
        "curl",
        """curl {address}/chat/completions \\
  -H "Authorization: Bearer {token}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "catnap", "messages": [{"role": "user", "content": "Hello!"}]}'
""",
    ),
    Example(
        "Python (openai)",
        """from openai import OpenAI

client = OpenAI(base_url="{address}", api_key="{token}")
answer = client.chat.completions.create(
    model="catnap", messages=[{"role": "user", "content": "Hello!"}]
)
print(answer.choices[0].message.content)
""",
    ),
    Example(
        "VS Code (Continue)",
        """# ~/.continue/config.yaml
name: Catnap
version: 0.0.1
schema: v1
models:
  - name: Catnap
    provider: openai
    model: catnap
    apiBase: {address}
    apiKey: {token}
    roles: [chat, edit]
""",
    ),
)
