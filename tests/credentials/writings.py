"""Twenty formats, and the ways of writing a key down: the cases of test and benchmark."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.credentials.keys import key

from callsafe.checks.texts import texts
from callsafe.rules.credentials._scan import scan

ISSUERS = {
    "openai-proj": ("OPENAI_API_KEY", "OpenAI", "api.openai.com"),
    "openai-legacy": ("OPENAI_API_KEY", "OpenAI", "api.openai.com"),
    "anthropic": ("ANTHROPIC_API_KEY", "Anthropic", "api.anthropic.com"),
    "google-api-key": ("GEMINI_API_KEY", "genai.Client", "generativelanguage.googleapis.com"),
    "huggingface": ("HF_TOKEN", "InferenceClient", "api-inference.huggingface.co"),
    "groq": ("GROQ_API_KEY", "Groq", "api.groq.com"),
    "xai": ("XAI_API_KEY", "OpenAI", "api.x.ai"),
    "replicate": ("REPLICATE_API_TOKEN", "replicate.Client", "api.replicate.com"),
    "perplexity": ("PPLX_API_KEY", "OpenAI", "api.perplexity.ai"),
    "openrouter": ("OPENROUTER_API_KEY", "OpenAI", "openrouter.ai"),
    "together": ("TOGETHER_API_KEY", "Together", "api.together.xyz"),
    "nvidia": ("NVIDIA_API_KEY", "ChatNVIDIA", "integrate.api.nvidia.com"),
    "langsmith": ("LANGSMITH_API_KEY", "langsmith.Client", "api.smith.langchain.com"),
    "langfuse": ("LANGFUSE_SECRET_KEY", "Langfuse", "cloud.langfuse.com"),
    "pinecone": ("PINECONE_API_KEY", "Pinecone", "api.pinecone.io"),
    "cerebras": ("CEREBRAS_API_KEY", "Cerebras", "api.cerebras.ai"),
    "deepseek": ("DEEPSEEK_API_KEY", "OpenAI", "api.deepseek.com"),
    "elevenlabs": ("ELEVENLABS_API_KEY", "ElevenLabs", "api.elevenlabs.io"),
    "ctx:cohere": ("COHERE_API_KEY", "cohere.Client", "api.cohere.com"),
    "ctx:mistral": ("MISTRAL_API_KEY", "Mistral", "api.mistral.ai"),
}
KEYS = 5


@dataclass(frozen=True, slots=True)
class Case:
    """One key written down in one way."""

    format: str
    writing: str
    path: str
    text: str
    value: str


def _notebook(source: str, output: str = "") -> str:
    cell = {
        "cell_type": "code",
        "source": source.splitlines(keepends=True),
        "outputs": [{"output_type": "stream", "name": "stdout", "text": [output]}] if output else [],
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


Write = Callable[[str, str, str, str, Random], str]


def _halves(value: str, random: Random) -> tuple[str, str]:
    at = random.randrange(2, len(value) - 1)
    return value[:at], value[at:]


def _implicit(k: str, env: str, sdk: str, host: str, random: Random) -> str:
    first, second = _halves(k, random)
    return f'client = {sdk}(\n    api_key="{first}"\n    "{second}",\n)\n# {env}\n'


def _plus(k: str, env: str, sdk: str, host: str, random: Random) -> str:
    first, second = _halves(k, random)
    return f'{env} = "{first}" + "{second}"\n'


def _joined(template: str) -> Write:
    def write(k: str, env: str, sdk: str, host: str, random: Random) -> str:
        first, second = _halves(k, random)
        return template.format(name=env, first=first, second=second)

    return write


WRITINGS: dict[str, tuple[str, Write]] = {
    "argument": ("a.py", lambda k, e, s, h, r: f'client = {s}(api_key="{k}")\n'),
    "argument on its own line": (
        "a.py",
        lambda k, e, s, h, r: f"client = {s}(\n    api_key='{k}',\n    timeout=30,\n)\n",
    ),
    "constant": ("a.py", lambda k, e, s, h, r: f'import os\n\n{e} = "{k}"\n'),
    "default of getenv": ("a.py", lambda k, e, s, h, r: f'key = os.getenv("{e}", "{k}")\n'),
    "environ": ("a.py", lambda k, e, s, h, r: f'os.environ["{e}"] = "{k}"\n'),
    "default argument": ("a.py", lambda k, e, s, h, r: f'def ask(question, {e.lower()}="{k}"):\n    ...\n'),
    "bearer header": (
        "a.py",
        lambda k, e, s, h, r: f'requests.post("https://{h}/v1", headers={{"Authorization": "Bearer {k}"}})\n',
    ),
    "f-string": ("a.py", lambda k, e, s, h, r: f'headers = {{"x-api-key": f"{k}"}}  # {h}\n'),
    "bytes": ("a.py", lambda k, e, s, h, r: f'{e} = b"{k}".decode()\n'),
    "comment": ("a.py", lambda k, e, s, h, r: f"# {e}: {k}\nx = 1\n"),
    "dotenv": (".env", lambda k, e, s, h, r: f"{e}={k}\n"),
    "yaml": ("a.yaml", lambda k, e, s, h, r: f"env:\n  - name: {e}\n    value: {k}\n"),
    "toml": ("a.toml", lambda k, e, s, h, r: f'[keys]\n{e.lower()} = "{k}"\n'),
    "mcp configuration": (
        ".mcp.json",
        lambda k, e, s, h, r: json.dumps({"mcpServers": {"x": {"command": "npx", "env": {e: k}}}}),
    ),
    "curl in markdown": (
        "a.md",
        lambda k, e, s, h, r: f'```sh\ncurl https://{h}/v1 -H "Authorization: Bearer {k}"\n```\n',
    ),
    "dockerfile": ("Dockerfile", lambda k, e, s, h, r: f"FROM python:3.11\nENV {e}={k}\n"),
    "notebook cell": ("a.ipynb", lambda k, e, s, h, r: _notebook(f'client = {s}(api_key="{k}")\n')),
    "notebook output": ("a.ipynb", lambda k, e, s, h, r: _notebook("print(key)", f"{e}={k}\n")),
    "implicit concatenation": ("a.py", _implicit),
    "concatenation": ("a.py", _plus),
    "names": ("a.py", _joined('HEAD = "{first}"\nTAIL = "{second}"\n{name} = HEAD + TAIL\n')),
    "name in an f-string": ("a.py", _joined('head = "{first}"\n{name} = f"{{head}}{second}"\n')),
    "join": ("a.py", _joined('{name} = "".join(["{first}", "{second}"])\n')),
    "format": ("a.py", _joined('{name} = "{first}{{}}".format("{second}")\n')),
    "named field": ("a.py", _joined('{name} = "{{head}}{second}".format(head="{first}")\n')),
    "percent": ("a.py", _joined('{name} = "%s%s" % ("{first}", "{second}")\n')),
    "augmented": ("a.py", _joined('{name} = "{first}"\n{name} += "{second}"\n')),
}
SPLIT = set(list(WRITINGS)[18:])


def cases(keys: int = KEYS) -> Iterator[Case]:
    """Yield every format in every way of writing, each with several keys."""
    for form, (env, sdk, host) in ISSUERS.items():
        for writing, (path, write) in WRITINGS.items():
            for number in range(keys):
                value = key(form, number)
                random = Random(f"{form} {writing} {number}")
                yield Case(form, writing, path, write(value, env, sdk, host, random), value)


def values(path: str, text: str) -> list[str]:
    """Return what is found in a file, as values."""
    return [
        found.content[match.start : match.end]
        for found in texts(path, text.encode())
        for match in scan(found.content, names=found.names)
    ]
