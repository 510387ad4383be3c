"""One plain call per SDK, with nothing set but address and key: what the wire tests send."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Call = Callable[[str, float | None], Any]

MESSAGES: Any = [{"role": "user", "content": "hello"}]
ALL = ("429", "500", "503", "reset", "hang")
BY_STATUS = ("429", "500", "503")


@dataclass(frozen=True, slots=True)
class Case:
    """A call of a catalogue file's operation on one of its types (empty for functions).

    `faults` are those after which the SDK tries again as often as the catalogue's `retries` says, `single`
    those after which it never does. `own_errors` marks an operation with an error hierarchy of its own, which
    the format cannot say. `generations` are those that speak HTTP, where the others do not.
    """

    sdk: str
    type: str
    operation: str
    call: Call
    faults: tuple[str, ...] = ALL
    model: str = ""
    stream: Call | None = None
    single: tuple[str, ...] = ()
    own_errors: bool = False
    generations: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.sdk}-{self.type.rpartition('.')[2]}-{self.operation}" + (
            f"-{self.model.partition('/')[0]}" if self.model else ""
        )


def _module(name: str) -> Any:
    """Import what may not be installed."""
    return importlib.import_module(name)


def _set(timeout: float | None, keyword: str = "timeout", factor: float = 1) -> dict[str, Any]:
    return {} if timeout is None else {keyword: type(factor)(timeout * factor)}


def _openai(url: str, timeout: float | None, **more: Any) -> Any:
    import openai

    client = openai.OpenAI(api_key="test", base_url=url, **_set(timeout, factor=1.0))
    return client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, **more)


def _openai_stream(url: str, timeout: float | None) -> object:
    return list(_openai(url, timeout, stream=True))


def _anthropic(url: str, timeout: float | None, **more: Any) -> Any:
    import anthropic

    client = anthropic.Anthropic(api_key="test", base_url=url, **_set(timeout, factor=1.0))
    return client.messages.create(model="claude-opus-4-8", max_tokens=16, messages=MESSAGES, **more)


def _anthropic_stream(url: str, timeout: float | None) -> object:
    return list(_anthropic(url, timeout, stream=True))


def _genai(url: str, timeout: float | None) -> Any:
    genai = _module("google.genai")

    options: Any = {"base_url": url, **_set(timeout, factor=1000)}
    return genai.Client(api_key="test", http_options=options)


def _google(url: str, timeout: float | None) -> object:
    client = _genai(url, timeout)
    return client.models.generate_content(model="gemini-2.5-pro", contents="hello")


def _google_stream(url: str, timeout: float | None) -> object:
    client = _genai(url, timeout)
    return list(client.models.generate_content_stream(model="gemini-2.5-pro", contents="hello"))


def _interactions(url: str, timeout: float | None) -> object:
    client = _genai(url, timeout)
    return client.interactions.create(model="gemini-2.5-pro", input="hello")


def _mistral_client(url: str, timeout: float | None) -> Any:
    mistral = getattr(_module("mistralai.client"), "Mistral", None) or _module("mistralai").Mistral
    return mistral(api_key="test", server_url=url, **_set(timeout, "timeout_ms", 1000))


def _mistral(url: str, timeout: float | None) -> object:
    return _mistral_client(url, timeout).chat.complete(model="mistral-small-latest", messages=MESSAGES)


def _mistral_stream(url: str, timeout: float | None) -> object:
    return list(_mistral_client(url, timeout).chat.stream(model="mistral-small-latest", messages=MESSAGES))


def _ollama(url: str, timeout: float | None, **more: Any) -> Any:
    client = _module("ollama").Client(host=url, **_set(timeout, factor=1.0))
    return client.chat(model="llama3.2", messages=MESSAGES, **more)


def _ollama_stream(url: str, timeout: float | None) -> object:
    return list(_ollama(url, timeout, stream=True))


def _litellm(model: str, **more: Any) -> Call:
    def call(url: str, timeout: float | None) -> object:
        given = {**_set(timeout, factor=1.0), **more}
        return _module("litellm").completion(
            model=model, messages=MESSAGES, api_base=url, api_key="test", **given
        )

    return call


def _litellm_stream(model: str) -> Call:
    def call(url: str, timeout: float | None) -> object:
        return list(_litellm(model, stream=True)(url, timeout))

    return call


def _router(url: str, timeout: float | None) -> object:
    litellm = _module("litellm")

    parameters = {"model": "openai/gpt-4o-mini", "api_base": url, "api_key": "test"}
    router = litellm.Router(model_list=[{"model_name": "m", "litellm_params": parameters}])
    return router.completion(model="m", messages=MESSAGES, **_set(timeout, factor=1.0))


def _stainless(module: str, name: str) -> Call:
    def call(url: str, timeout: float | None) -> object:
        client = getattr(_module(module), name)(api_key="test", base_url=url, **_set(timeout, factor=1.0))
        return client.chat.completions.create(model="llama-3.3", messages=MESSAGES)

    return call


def _cohere(url: str, timeout: float | None) -> object:
    cohere = _module("cohere")

    client = cohere.ClientV2(api_key="test", base_url=url, **_set(timeout, factor=1.0))
    return client.chat(model="command-a", messages=MESSAGES)


def _cohere_stream(url: str, timeout: float | None) -> object:
    cohere = _module("cohere")

    client = cohere.ClientV2(api_key="test", base_url=url, **_set(timeout, factor=1.0))
    return list(client.chat_stream(model="command-a", messages=MESSAGES))


def _hugging(url: str, timeout: float | None) -> object:
    huggingface_hub = _module("huggingface_hub")

    client = huggingface_hub.InferenceClient(base_url=url, api_key="test", **_set(timeout, factor=1.0))
    return client.chat_completion(messages=MESSAGES)


def _replicate(url: str, timeout: float | None) -> object:
    replicate = _module("replicate")

    client = replicate.Client(api_token="test", base_url=url, **_set(timeout, factor=1.0))
    return client.predictions.create(version="0" * 64, input={"prompt": "hello"})


def _boto(url: str, timeout: float | None) -> object:
    boto3 = _module("boto3")
    config = _module("botocore.config").Config(read_timeout=timeout) if timeout else None
    client = boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        endpoint_url=url,
        config=config,
    )
    return client.converse(
        modelId="anthropic.claude-3-haiku", messages=[{"role": "user", "content": [{"text": "hello"}]}]
    )


def _langchain(module: str, name: str, **more: Any) -> Call:
    def call(url: str, timeout: float | None) -> object:
        model = getattr(_module(module), name)
        return model(base_url=url, **more, **_set(timeout, factor=1.0)).invoke("hello")

    return call


def _chat_ollama(url: str, timeout: float | None) -> object:
    return (
        _module("langchain_ollama")
        .ChatOllama(model="llama3.2", base_url=url, client_kwargs=_set(timeout, factor=1.0))
        .invoke("hello")
    )


def _llama_index(url: str, timeout: float | None) -> object:
    return (
        _module("llama_index.llms.openai")
        .OpenAI(model="gpt-4o-mini", api_key="test", api_base=url, **_set(timeout, factor=1.0))
        .complete("hello")
    )


def _llama_index_like(url: str, timeout: float | None) -> object:
    make = _module("llama_index.llms.openai_like").OpenAILike
    return make(model="m", api_key="test", api_base=url, **_set(timeout, factor=1.0)).complete("hello")


def _openai_legacy(url: str, timeout: float | None) -> object:
    import openai

    create: Any = getattr(openai, "ChatCompletion").create  # noqa: B009 - gone since 1.0
    return create(
        model="m", messages=MESSAGES, api_key="test", api_base=url, **_set(timeout, "request_timeout", 1.0)
    )


def _raw(module: str) -> Call:
    def call(url: str, timeout: float | None) -> object:
        answer = _module(module).post(
            f"{url}/v1/chat/completions", json={"model": "m"}, **_set(timeout, factor=1.0)
        )
        return answer.raise_for_status()

    return call


CASES = [
    Case("openai", "openai.OpenAI", "chat.completions.create", _openai, stream=_openai_stream),
    Case("anthropic", "anthropic.Anthropic", "messages.create", _anthropic, stream=_anthropic_stream),
    Case("google_genai", "google.genai.Client", "models.generate_content", _google, stream=_google_stream),
    Case(
        "google_genai",
        "google.genai.Client",
        "interactions.create",
        _interactions,
        faults=BY_STATUS,
        own_errors=True,
    ),
    Case("mistralai", "mistralai.client.Mistral", "chat.complete", _mistral, stream=_mistral_stream),
    Case("ollama", "ollama.Client", "chat", _ollama, stream=_ollama_stream),
    Case(
        "litellm",
        "",
        "litellm.completion",
        _litellm("openai/gpt-4o-mini"),
        model="openai/gpt-4o-mini",
        stream=_litellm_stream("openai/gpt-4o-mini"),
    ),
    Case(
        "litellm",
        "",
        "litellm.completion",
        _litellm("anthropic/claude-opus-4-8"),
        model="anthropic/claude-opus-4-8",
        stream=_litellm_stream("anthropic/claude-opus-4-8"),
    ),
    Case(
        "litellm",
        "",
        "litellm.completion",
        _litellm("mistral/mistral-small"),
        model="mistral/mistral-small",
        stream=_litellm_stream("mistral/mistral-small"),
    ),
    Case("litellm", "litellm.Router", "completion", _router, faults=("429", "500")),
    Case("groq", "groq.Groq", "chat.completions.create", _stainless("groq", "Groq")),
    Case("together", "together.Together", "chat.completions.create", _stainless("together", "Together")),
    Case("fireworks", "fireworks.Fireworks", "chat.completions.create", _stainless("fireworks", "Fireworks")),
    Case("cohere", "cohere.ClientV2", "chat", _cohere, faults=BY_STATUS, single=("reset", "hang")),
    Case("cohere", "cohere.ClientV2", "chat_stream", _cohere_stream, faults=BY_STATUS),
    Case("huggingface_hub", "huggingface_hub.InferenceClient", "chat_completion", _hugging),
    Case("replicate", "replicate.Client", "predictions.create", _replicate, faults=(*BY_STATUS, "reset")),
    Case("bedrock", "boto3.client", "converse", _boto),
    Case("openai_legacy", "", "openai.ChatCompletion.create", _openai_legacy),
    Case(
        "langchain_openai",
        "langchain_openai.ChatOpenAI",
        "invoke",
        _langchain("langchain_openai", "ChatOpenAI", api_key="test", model="gpt-4o-mini"),
    ),
    Case(
        "langchain_anthropic",
        "langchain_anthropic.ChatAnthropic",
        "invoke",
        _langchain("langchain_anthropic", "ChatAnthropic", api_key="test", model="claude-opus-4-8"),
    ),
    Case(
        "langchain_groq",
        "langchain_groq.ChatGroq",
        "invoke",
        _langchain("langchain_groq", "ChatGroq", api_key="test", model="llama-3.3"),
    ),
    Case(
        "langchain_mistralai",
        "langchain_mistralai.ChatMistralAI",
        "invoke",
        _langchain("langchain_mistralai", "ChatMistralAI", api_key="test", model="mistral-small"),
        faults=BY_STATUS,
    ),
    Case("langchain_ollama", "langchain_ollama.ChatOllama", "invoke", _chat_ollama),
    Case(
        "langchain_google_genai",
        "langchain_google_genai.ChatGoogleGenerativeAI",
        "invoke",
        _langchain(
            "langchain_google_genai", "ChatGoogleGenerativeAI", api_key="test", model="gemini-2.5-pro"
        ),
        faults=("429",),
        generations=("4",),
    ),
    Case(
        "llama_index",
        "llama_index.llms.openai.OpenAI",
        "complete",
        _llama_index,
        faults=("429", "503", "reset"),
    ),
    Case(
        "llama_index",
        "llama_index.llms.openai_like.OpenAILike",
        "complete",
        _llama_index_like,
        faults=("429", "503"),
    ),
    Case("requests", "", "requests.post", _raw("requests")),
    Case("httpx", "", "httpx.post", _raw("httpx")),
    Case("httpx2", "", "httpx2.post", _raw("httpx2")),
]
