"""The whole matrix: installs every SDK of the catalogue and runs the comparison and the wire tests there.

`python -m tests.sdks.matrix [GROUP…] [--cache FOLDER]` makes one virtual environment for every group of
releases that fit together (Python's own `venv` and `pip`, from the package index that pip is set up for),
runs `test_installed.py` and `test_wire.py` in it and prints a table. Then it joins the groups: a spelling (an
alias, one of several keywords) that not one release has is a mistake in the catalogue, as is a group whose
releases cannot be installed together. Only where no index can be reached is a group skipped with that reason.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callsafe.rules import sdks

ROOT = Path(__file__).resolve().parents[2]

GROUPS: dict[str, tuple[str, ...]] = {
    "current": (
        "openai==3.52.0", "anthropic==2.11.0", "google-genai==3.4.0", "mistralai==3.7.0", "ollama==0.6.3",
        "cohere==7.3.1", "groq==1.7.0", "together==3.1.1", "fireworks-ai==1.2.28", "huggingface_hub==2.4.0",
        "replicate==1.0.7", "boto3==1.44.5", "xai-sdk==1.21.0", "azure-ai-inference==1.0.0b9",
        "azure-ai-projects==2.10.0", "azure-identity", "httpx==0.28.1", "httpx2==2.16.2",
        "requests==2.34.2", "aiohttp==3.14.5", "urllib3==2.8.0",
    ),
    "previous": (
        "openai==2.54.0", "anthropic==0.125.0", "google-genai==2.34.0", "mistralai==2.10.1",
        "cohere==6.1.0", "together==1.5.35", "fireworks-ai==0.19.20", "boto3==1.35.99",
        "huggingface_hub==1.0.0",
    ),
    "older": (
        "openai==1.109.1", "google-genai==1.75.0", "mistralai==1.12.4", "cohere==5.21.1", "langgraph==0.3.34",
        "instructor==0.6.8", "elevenlabs==1.59.0", "llama-index-core==0.12.52.post1",
        "llama-index-agent-openai==0.4.12",
    ),
    "before": (
        "anthropic==1.17.0", "azure-ai-projects==1.0.0", "dspy==2.6.27", "haystack-ai==2.31.0",
        "pydantic-ai==1.107.5",
    ),
    "legacy": (
        "openai==0.28.1", "anthropic==0.2.10", "mistralai==0.4.2", "cohere==4.57",
        "google-generativeai==0.8.6",
    ),
    "litellm": ("litellm==1.106.2", "tenacity"),
    "langchain": (
        "langchain==1.4.7", "langchain-openai==1.7.3", "langchain-anthropic==1.7.7",
        "langchain-google-genai==4.4.2", "langchain-mistralai==1.1.6", "langchain-groq==1.1.3", "groq==0.37.1",
        "langchain-ollama==1.1.0", "langchain-aws==1.9.1", "langchain-cohere==0.6.0",
        "langchain-classic==1.0.8", "langchain-community==0.4.2",
    ),
    "langchain0": (
        "langchain==0.1.20", "langchain-community==0.0.38", "langchain-openai==0.1.7", "openai<2",
        "anthropic<1", "llama-index==0.9.48",
    ),
    "langchain3": (
        "langchain==0.3.27", "langchain-community==0.3.31", "langchain-anthropic==0.3.22",
        "langchain-openai==0.3.35", "langchain-aws==0.2.35", "langchain-google-genai==2.1.12",
        "langchain-groq==0.3.8", "langchain-mistralai==0.2.12", "langchain-ollama==0.3.10",
    ),
    "vertexlc": ("langchain-google-vertexai==3.2.5", "langchain-upstage==0.7.7"),
    "llamaindex": (
        "llama-index-llms-openai==0.8.3", "llama-index-llms-anthropic==0.12.3",
        "llama-index-llms-ollama==0.11.0", "llama-index-llms-google-genai==0.11.3",
        "llama-index-embeddings-openai==0.7.0", "llama-index-llms-azure-openai",
        "llama-index-llms-openai-like",
    ),
    "agents": ("openai-agents==0.24.0", "pydantic-ai==2.62.0"),
    "instructor": ("instructor==1.17.0",),
    "agents2": (
        "dspy==3.4.1", "smolagents[openai,litellm]==1.26.0", "claude-agent-sdk==0.2.186",
        "claude-code-sdk==0.0.25",
    ),
    "clouds": ("google-cloud-aiplatform==2.7.0", "ibm-watsonx-ai==1.8.1"),
    "partners": (
        "langchain==1.4.7", "langchain-core==1.7.2", "langchain-community==0.4.2", "langchain-classic==1.0.8",
        "langchain-nvidia-ai-endpoints==1.5.0", "langchain-together==0.4.0", "langchain-fireworks==1.7.1",
        "langchain-deepseek==1.1.1", "langchain-xai==1.3.0", "langchain-perplexity==1.4.2",
        "langchain-huggingface==1.2.3", "langchain-voyageai==0.4.1", "langchain-ibm==1.1.2",
        "langchain-sambanova==1.1.1", "langchain-openrouter==0.2.9", "langchain-cerebras==0.8.2",
        "langchain-litellm==0.11.2", "langgraph==1.2.22",
    ),
    "providers": (
        "qianfan==0.4.12.3", "dashscope==2.0.2", "zai-sdk==0.2.3",
        "spark_ai_python==0.4.5", "volcengine-python-sdk[ark]==5.0.54", "deepgram-sdk==7.17.0",
        "assemblyai==1.8.2", "elevenlabs==2.78.0", "voyageai==0.5.0",
        "cerebras-cloud-sdk==1.91.0", "ai21==4.3.0", "writer-sdk==3.0.0", "portkey-ai==2.3.4",
        "openrouter==1.3.84", "perplexityai==0.46.1", "zeroentropy==0.1.0a11", "sambanova==1.13.0",
        "aleph-alpha-client==11.5.1", "text-generation==0.7.0", "xinference-client==4.1.0", "nomic==3.9.0",
        "chromadb==1.5.9",
    ),
    "dropins": ("openai", "langfuse==5.0.4", "posthog==7.91.1"),
    "frameworks": (
        "semantic-kernel==1.45.0", "autogen-agentchat==0.7.5", "autogen-ext[openai,anthropic]==0.7.5",
        "crewai==1.15.30", "agno==3.1.10", "haystack-ai==3.4.0",
    ),
    "llamaindex2": (
        "llama-index-core==0.14.25", "llama-index-llms-mistralai==0.11.0", "llama-index-llms-groq==0.6.1",
        "llama-index-llms-bedrock-converse==0.15.5", "llama-index-llms-deepseek==0.4.1",
        "llama-index-llms-together==0.6.1",
        "llama-index-llms-cohere==0.9.0", "llama-index-llms-huggingface-api==0.8.0",
        "llama-index-llms-dashscope==0.7.0", "dashscope==1.22.2", "llama-index-llms-litellm==0.8.0",
        "llama-index-llms-perplexity==0.6.1", "llama-index-llms-fireworks==0.6.0",
        "llama-index-llms-vertex==0.8.0", "llama-index-embeddings-cohere==0.9.0",
        "llama-index-embeddings-gemini==0.4.2", "llama-index-embeddings-google-genai==0.6.0",
        "llama-index-embeddings-azure-openai==0.6.1", "llama-index-embeddings-mistralai==0.6.0",
        "llama-index-embeddings-voyageai==0.7.0", "llama-index-embeddings-ollama==0.10.0",
        "llama-index-embeddings-huggingface-api==0.6.0",
    ),
    "agents3": ("agency-swarm==0.7.2", "langroid==0.69.16"),
    "agents4": ("browser-use==0.13.14", "mistral-haystack==3.0.0", "oci==2.189.0"),
    "agents5": (
        "strands-agents==1.62.0", "guardrails-ai==0.11.0", "trustcall==0.0.39", "graphrag-llm==3.3.0",
    ),
    "agents6": ("camel-ai==0.2.90", "mcp-agent[anthropic,google]==0.2.6", "mcp<2", "cohere-aws==0.8.18", "sagemaker<3"),
    "agents0": ("farm-haystack==1.26.4", "stability-sdk==0.8.6"),
    "apart": (  # each pins what one of the groups above cannot have
        "ag2==0.11.5", "clarifai==12.5.0", "deepgram-sdk==3.11.0", "google-adk==2.13.0",
        "llama-index-llms-openrouter==0.6.0", "zhipuai==2.1.5.20250825",
    ),
}  # fmt: skip
ELSEWHERE = (
    (r"^langchain\w*: method (a?predict(_messages)?|__call__|bind_functions)$", "langchain-core before 1"),
    (r"^instructor: alias instructor.from_\w+ of", "there when the provider's SDK is installed too"),
    (r"^llama_index: alias llama_index.(core.)?llms.\w+", "llama-index before 0.10"),
    (r"^smolagents: alias smolagents.HfApiModel", "smolagents before 1.20"),
    (r"^llama_index_core: alias llama_index.llms.base.LLM ", "llama-index 0.9.10, not 0.9.48"),
    (r"^agency_swarm: (alias agency_swarm.agent.core.Agent|method get_response)", "1, for Python 3.12"),
    (r"^cohere_aws: alias cohere_sagemaker", "cohere-sagemaker 0.8, the former name"),
    (r"^guardrails: (alias guardrails.Guard.from_|method use_many)", "guardrails-ai 0.5"),
    (r"^xinference_client: alias xinference.client", "xinference 1.5, the server"),
    (r"^langchain_core: alias langchain.schema.BaseLanguageModel ", "langchain 0.0.130"),
)
"""Spellings of the catalogue that older releases than those of the matrix have, and which."""
TESTS = ("tests/sdks/test_installed.py", "tests/sdks/test_wire.py")
COUNT = re.compile(r"(\d+) (passed|failed|skipped|error)")


OFFLINE = re.compile(r"connection broken by(?s:.*)No matching distribution found")
"""What pip says where it reaches no index. A conflict between releases is a defect of `GROUPS`."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a group came to: the numbers of its tests, the seconds, and what was said where it went wrong."""

    group: str
    counts: dict[str, int]
    seconds: float
    said: str = ""
    offline: bool = False

    @property
    def wrong(self) -> bool:
        """True where the catalogue and an SDK disagree, or the group cannot be installed."""
        return not self.offline and (
            not self.counts.get("passed") or bool(self.counts.get("failed") or self.counts.get("error"))
        )


def install(group: str, cache: Path) -> tuple[Path, str]:
    """Make the environment of a group, or find it made; return its Python and, where that failed, why."""
    folder = cache / group
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = folder / "installed.json"
    wanted = json.dumps(GROUPS[group])
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python, ""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "pytest", "packaging", *GROUPS[group]]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        return python, done.stderr.strip() or "pip failed"
    stamp.write_text(wanted, encoding="utf-8")
    return python, ""


def run(group: str, cache: Path, claims: Path) -> Result:
    """Install a group and run its tests."""
    began = time.perf_counter()
    python, reason = install(group, cache)
    if reason:
        offline = OFFLINE.search(reason) is not None
        return Result(group, {}, time.perf_counter() - began, reason, offline)
    claims = claims / group
    claims.mkdir()
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    environment = {**os.environ, "PYTHONPATH": paths, "CALLSAFE_SDK_CLAIMS": str(claims)}
    options = [
        "-q",
        "-rf",
        "--noconftest",
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
    ]
    command = [str(python), "-W", "ignore", "-m", "pytest", *options, "--rootdir", str(ROOT), *TESTS]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    tail = done.stdout.strip().splitlines()[-1:] or [""]
    counts = {word: int(number) for number, word in COUNT.findall(tail[0])}
    if done.returncode not in (0, 1) or not counts:
        counts = {"error": 1}
    said = done.stdout + done.stderr if done.returncode else ""
    return Result(group, counts, time.perf_counter() - began, said)


def nowhere(claims: Path) -> Iterator[str]:
    """Yield the generations that no group compares and the spellings that no release of the matrix has."""
    held: dict[str, bool] = defaultdict(bool)
    for file in sorted(claims.glob("*/*.json")):
        name = file.name.partition(".")[0]
        for says, holds in json.loads(file.read_text(encoding="utf-8")):
            held[f"{name}: {says}"] |= holds
    for sdk in map(sdks.load, sorted(sdks.heads())):
        for entry in sdk.generations:
            if sdk.distribution and not list(claims.glob(f"*/{sdk.name}.{entry.name}.json")):
                yield f"in no group: {sdk.name} {entry.versions}"
    for line, holds in held.items():
        if not holds and not any(re.search(pattern, line) for pattern, _ in ELSEWHERE):
            yield f"in no release: {line}"


def main() -> int:
    """Run the groups named on the command line, or all."""
    parser = argparse.ArgumentParser(description="compare the SDK catalogue with the real SDKs")
    parser.add_argument(
        "groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all where none is named"
    )
    parser.add_argument(
        "--cache", type=Path, default=_cache(), help="folder of the environments (default: %(default)s)"
    )
    given = parser.parse_args()
    unknown = set(given.groups) - set(GROUPS)
    if unknown:
        parser.error(f"no group {', '.join(sorted(unknown))}, choose from {', '.join(GROUPS)}")
    given.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        claims = Path(folder)
        results = []
        _say(f"{'group':12} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}")
        for group in given.groups or GROUPS:
            result = run(group, given.cache, claims)
            results.append(result)
            numbers = [result.counts.get(word, 0) for word in ("passed", "failed", "skipped")]
            reason = "" if result.counts else "skipped: no index" if result.offline else "not installed"
            _say(f"{group:12} {numbers[0]:7} {numbers[1]:7} {numbers[2]:8} {result.seconds:8.1f}  {reason}")
        for result in results:
            if result.wrong:
                _say(f"\n{result.group}\n{result.said}")
        whole = not given.groups and all(result.counts for result in results)
        missing = list(nowhere(claims)) if whole else []
        for line in missing:
            _say(line)
    return 1 if missing or any(result.wrong for result in results) else 0


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".cache")
    return Path(home) / "callsafe" / "sdks"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
