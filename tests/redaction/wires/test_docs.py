"""Every snippet of docs/redaction.md runs, against a local server, and leaks nothing."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.redaction.wires import anthropic_server, openai_server, other_servers
from tests.redaction.wires.server import Recorded, Reply, Responder, Server

DOCS = Path(__file__).parents[3] / "docs" / "redaction.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
PRIVATE = ("jane.roe@example.net", "Jane Roe")


def respond(request: Recorded) -> Reply:
    path = request.path.partition("?")[0]
    if path.endswith("/messages"):
        return anthropic_server.respond(request)
    if "enerateContent" in path:
        return other_servers.gemini(request)
    if path.startswith("/v2/"):
        return other_servers.cohere(request)
    if path.startswith("/api/"):
        return other_servers.ollama(request)
    if path.startswith("/model/"):
        return other_servers.bedrock(request)
    return openai_server.respond(request)


def package(snippet: str) -> str:
    found = re.search(r"^(?:from|import) ([\w.]+)", snippet, re.MULTILINE)
    assert found
    return "google.genai" if found[1] == "google" else found[1].partition(".")[0]


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[f"{package(s)}-{i}" for i, s in enumerate(SNIPPETS)])
def test_a_snippet_of_the_documentation_runs_and_leaks_nothing(
    serve: Callable[[Responder], Server], monkeypatch: pytest.MonkeyPatch, snippet: str
) -> None:
    name = package(snippet)
    pytest.importorskip(name, reason=f"{name} is not installed")
    pytest.importorskip("presidio_analyzer", reason="the snippets use the detector of callsafe[redaction]")
    server = serve(respond)
    snippet = snippet.replace("https://api.openai.com", server.url).replace('api_key="..."', 'api_key="none"')
    if name == "mistralai" and not hasattr(importlib.import_module("mistralai.client"), "Mistral"):
        snippet = snippet.replace("from mistralai.client", "from mistralai")  # before 2.0
    snippet = snippet.replace("Mistral(", f'Mistral(server_url="{server.url}", ')
    snippet = snippet.replace("genai.Client()", f'genai.Client(http_options={{"base_url": "{server.url}"}})')
    snippet = snippet.replace("cohere.ClientV2()", f'cohere.ClientV2(base_url="{server.url}")')
    snippet = snippet.replace("InferenceClient()", f'InferenceClient(base_url="{server.url}/v1")')
    snippet = snippet.replace(
        '.chat_completion(\n    model="openai/gpt-oss-120b",', ".chat_completion("
    )  # a model and a base URL exclude each other
    for provider in ("OPENAI", "ANTHROPIC", "GROQ", "TOGETHER", "GEMINI", "AWS_ENDPOINT"):
        monkeypatch.setenv(f"{provider}_API_KEY", "none")
        monkeypatch.setenv(f"{provider}_BASE_URL", server.url)
    for variable, value in {
        "CO_API_KEY": "none", "HF_TOKEN": "none", "OLLAMA_HOST": server.url, "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(variable, value)
    if name == "litellm":  # it is protected for the whole process
        done = subprocess.run(
            [sys.executable, "-c", snippet], capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stderr
        printed = done.stdout
    else:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(snippet, "docs/redaction.md", "exec"), {"__name__": "__snippet__"})
        printed = output.getvalue()
    if "create" in snippet or "chat" in snippet or "invoke" in snippet or "post" in snippet:
        assert server.received
    assert not any(server.saw(private) for private in PRIVATE)
    assert "<PERSON_1>" not in printed
    assert "<EMAIL_ADDRESS_1>" not in printed
    if "print" in snippet:
        assert any(private in printed for private in PRIVATE)


def test_every_sdk_has_a_start() -> None:
    assert {package(snippet) for snippet in SNIPPETS} >= {
        "openai", "anthropic", "google.genai", "mistralai", "cohere", "groq", "together", "ollama",
        "huggingface_hub", "boto3", "litellm", "langchain_openai", "httpx", "requests",
    }  # fmt: skip
