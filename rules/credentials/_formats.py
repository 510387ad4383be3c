"""The formats of credentials of AI providers: shape, issuer and the evidence that a match needs.

Read from the rule sets of gitleaks, betterleaks, kingfisher, titus, nosey parker, trufflehog, osv-scalibr,
CredSweeper and detect-secrets and from GitHub's list of patterns, 2026-11. Of the formats that no tool has,
Helicone's (a base32 key with dashes from `generate-api-key`) and LiteLLM's (`secrets.token_urlsafe(16)`) were read
from their issuers' code; those of Modal, Nomic, PromptLayer, Novita, Anyscale, DashScope, SiliconFlow, Braintrust
and DeepInfra are not verified. Weaviate and Portkey publish no shape: theirs are wide and need the name. The shapes
are written in the language of `_shapes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FormatKind = Literal["prefix", "struct", "ctx"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format of one issuer's credentials.

    `prefix` kinds are safe alone; `struct` kinds collide with other things and need a key-like name or the
    issuer's name near, unless `strict`; `ctx` kinds have no mark of their own and always need one of
    `names`, the ways in which the issuer is called, in lower case, with `=` before it where it counts only as a
    word of its own. `entropy` is the least in bits per
    character of the value without its prefix. `back` is how many characters the value begins before its
    longest run of letters, digits, `-` and `_`.
    """

    id: str
    provider: str
    kind: FormatKind
    shapes: tuple[str, ...]
    entropy: float = 3.0
    names: tuple[str, ...] = ()
    back: int = 0


def _prefix(
    name: str, provider: str, *shapes: str, entropy: float = 3.0, names: tuple[str, ...] = (), back: int = 0
) -> Format:
    return Format(name, provider, "prefix", shapes, entropy, names, back)


def _struct(name: str, provider: str, *shapes: str, names: tuple[str, ...], entropy: float = 3.0) -> Format:
    return Format(name, provider, "struct", shapes, entropy, names)


def _ctx(
    name: str, provider: str, *shapes: str, names: tuple[str, ...], entropy: float = 3.0, back: int = 0
) -> Format:
    return Format(name, provider, "ctx", shapes, entropy, names, back)


_UUID = "{h8}-{h4}-{h4}-{h4}-{h12}"
_MARK = "T3BlbkFJ"
"""base64 of "OpenAI": it stands in the middle of OpenAI's keys."""

PREFIXED = (
    _prefix(
        "openai",
        "OpenAI",
        *(
            f"sk-{kind}{{b{n}}}{_MARK}{{b{n}}}"
            for kind, n in (
                ("proj-", 74),
                ("svcacct-", 74),
                ("admin-", 58),
                ("service-", 74),
                ("proj-", 58),
                ("svcacct-", 58),
                ("admin-", 74),
                ("None-", 74),
                ("None-", 58),
            )
        ),
        *(f"sk-{kind}{{a20}}{_MARK}{{a20}}" for kind in ("", "proj-", "svcacct-", "admin-", "None-")),
        f"sk-{{b16-200}}{_MARK}{{b16-200}}",
    ),
    _prefix("openai-none", "OpenAI", "sk-None-{a48}"),
    _prefix(
        "openai-proj-nomark",
        "OpenAI",
        "sk-proj-{b95-180}",
        "sk-svcacct-{b95-180}",
        "sk-admin-{b95-180}",
        "sk-proj-{b40-94}",
        entropy=3.5,
    ),
    _prefix(
        "azure-openai-84",
        "Azure OpenAI",
        "{a52}JQQJ99{a6-10}AAAB{a4}ACOG{a4-5}",
        "{a52}JQQJ99{a20-28}",
        entropy=4.0,
    ),
    _prefix(
        "anthropic",
        "Anthropic",
        "sk-ant-api03-{b93}AA",
        "sk-ant-admin01-{b93}AA",
        "sk-ant-oat01-{b93}AA",
        "sk-ant-ort01-{b93}AA",
        "sk-ant-{l3-8}-{b40-140}",
        "sk-ant-{b32-160}",
        entropy=3.5,
    ),
    _prefix(
        "google-api-key", "Google", "AIza{b35}", entropy=3.6, names=("gemini", "google", "genai", "vertex")
    ),
    _prefix("google-aq", "Google", "AQ.Ab8R{b40-60}", entropy=3.6, back=3),
    _prefix("huggingface", "Hugging Face", "hf_{a34}", "api_org_{a34}", "hf_{a30-40}", entropy=3.0),
    _prefix("bedrock-long", "Amazon Bedrock", "ABSK{c100-300}"),
    _prefix(
        "bedrock-short", "Amazon Bedrock", "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t{c8-3000}", entropy=0
    ),
    _prefix("groq", "Groq", "gsk_{a52}", "gsk_{a48-56}", entropy=3.5),
    _prefix("xai", "xAI", "xai-{a80}", "xai-token-{a80}", "xai-{a70-120}", entropy=3.5),
    _prefix("replicate", "Replicate", "r8_{b37}"),
    _prefix("perplexity", "Perplexity", "pplx-{a48}", "pplx-{a40-64}", entropy=3.5),
    _prefix("openrouter", "OpenRouter", "sk-or-v1-{h64}", "sk-or-v{d1-2}-{b40-120}", "sk-or-{b40-120}"),
    _prefix("together", "Together AI", "tgp_v1_{b43}", "tgp_v{d1-2}_{b40-60}"),
    _prefix("fireworks", "Fireworks AI", "fw_{a24}", entropy=3.3),
    _prefix("cerebras", "Cerebras", "csk-{l48}"),
    _prefix("nvidia", "NVIDIA", "nvapi-{b64}", "nvapi-{b60-70}", entropy=3.5),
    _prefix(
        "langsmith",
        "LangSmith",
        "lsv2_pt_{h32}_{h10}",
        "lsv2_sk_{h32}_{h10}",
        "lsv2_{l2}_{h32}_{h10}",
        "ls__{h32}",
    ),
    _prefix("langfuse", "Langfuse", f"sk-lf-{_UUID}", f"pk-lf-{_UUID}", entropy=2.6),
    _prefix("pinecone", "Pinecone", "pcsk_{a5-6}_{a63}", "pcsk_{b60-75}", entropy=3.5),
    _prefix("voyage", "Voyage AI", "pa-{b43}", "al-{b43}", entropy=3.8),
    _prefix("jina", "Jina AI", "jina_{a60}", entropy=3.5),
    _prefix(
        "tavily",
        "Tavily",
        "tvly-{a32}",
        "tvly-dev-{a32}",
        "tvly-prod-{a32}",
        "tvly-dev-{b24-60}",
        "tvly-prod-{b24-60}",
    ),
    _struct(
        "elevenlabs",
        "ElevenLabs",
        "sk_{h48}",
        names=("elevenlabs", "eleven_labs", "xi-api-key", "xi_api_key"),
        entropy=3.2,
    ),
    _prefix("databricks", "Databricks", "dapi{h32}", "dapi{h32}-{d1}"),
    _prefix(
        "vercel-ai",
        "Vercel AI Gateway",
        "vck_{a56}",
        "vcp_{a56}",
        "vci_{a56}",
        "vca_{a56}",
        "vcr_{a56}",
        "vck_{b56}",
        entropy=3.5,
    ),
    _prefix("llamacloud", "LlamaCloud", "llx-{a48}", "llx-{a44-52}"),
    _prefix("wandb-v1", "Weights & Biases", "wandb_v1_{b77}", "wandb_v1_{b70-84}", entropy=3.5),
    _prefix("firecrawl", "Firecrawl", "fc-{h32}"),
    _prefix("friendli", "FriendliAI", "flp_{a46}"),
    _prefix("coderabbit", "CodeRabbit", "cr-{h58}"),
    _struct("cursor", "Cursor", "key_{h64}", names=("cursor",), entropy=3.2),
    _struct("runway", "Runway", "key_{h128}", names=("runway",), entropy=3.4),
    _struct("retell", "Retell AI", "key_{h28}", names=("retell",), entropy=2.8),
    _prefix("coze", "Coze", "pat_{a64}", entropy=4.0),
    _prefix("minimax", "MiniMax", "sk-api-{b119}", "sk-api-{b100-140}", entropy=3.5),
    _prefix("devin", "Devin", "apk_user_{c110-180}", "apk_{c78-108}", "cog_{z52}", entropy=3.5),
    _struct("brave-search", "Brave Search", "BSA{b24-40}", names=("brave",), entropy=3.2),
    _prefix("runpod", "RunPod", "rpa_{u40}{a6}", entropy=3.3),
    _prefix("cartesia", "Cartesia", "sk_car_{a20-24}", entropy=2.8),
    _prefix("cody", "Sourcegraph Cody", "slk_{h64}"),
    _prefix("salad", "SaladCloud", "salad_cloud_{a1-20}_{a20-60}", "salad_cloud_{b20-90}"),
    _prefix("photoroom", "Photoroom", "sk_pr_{a1-40}_{h40}", "sk_pr_{b1-40}_{h40}"),
    _struct("mem0", "Mem0", "m0-{a24-44}", names=("mem0", "mem_0"), entropy=3.2),
    _struct("scale", "Scale AI", "live_{h32}", names=("scale",), entropy=2.8),
    _struct("openai-48", "OpenAI", "sk-{a48}", names=("openai", "gpt"), entropy=3.5),
    _struct(
        "stability", "Stability AI", "sk-{a48}", names=("stability", "stable", "dreamstudio"), entropy=3.5
    ),
    _struct("moonshot", "Moonshot AI (Kimi)", "sk-{b48}", names=("kimi", "moonshot"), entropy=3.5),
    _struct("braintrust", "Braintrust", "sk-{a48}", names=("braintrust",), entropy=3.5),
    _struct("deepseek", "DeepSeek", "sk-{h32}", names=("deepseek",), entropy=2.8),
    _struct(
        "dashscope",
        "Alibaba DashScope",
        "sk-{h32}",
        names=("dashscope", "qwen", "tongyi", "aliyun", "alibaba", "bailian"),
        entropy=2.8,
    ),
    _struct("siliconflow", "SiliconFlow", "sk-{l48}", names=("siliconflow",), entropy=3.3),
    _prefix(
        "helicone",
        "Helicone",
        *(
            f"{half}-helicone-{kind}{{l7}}-{{l7}}-{{l7}}-{{l7}}"
            for half in ("sk", "pk")
            for kind in ("", "eu-", "cp-")
        ),
        f"sk-helicone-proxy-{{l7}}-{{l7}}-{{l7}}-{{l7}}-{_UUID}",
    ),
    _struct("litellm", "LiteLLM", "sk-{b22}", names=("litellm",), entropy=3.3),
    _struct(
        "sk-other",
        "an issuer of `sk-` keys",
        "sk-{b32-200}",
        "sk-{a20-31}",
        names=("newapi", "new_api", "oneapi", "one_api", "gateway"),
        entropy=3.4,
    ),
    _struct("modal", "Modal", "ak-{a22}", "as-{a22}", "wk-{a22}", "ws-{a22}", names=("modal",), entropy=3.2),
    _struct("nomic", "Nomic", "nk-{b43}", names=("nomic",), entropy=3.6),
    _struct("promptlayer", "PromptLayer", "pl_{h32}", names=("promptlayer",), entropy=2.8),
    _struct("novita", "Novita AI", "sk_{b43}", names=("novita",), entropy=3.6),
    _prefix("anyscale", "Anyscale", "esecret_{l26}"),
)
"""Formats with a mark of their own at the beginning, or in the middle (Azure OpenAI)."""

NAMED = (
    _ctx("zhipu", "Zhipu (Z.ai)", "{h32}.{a16}", names=("zhipu", "=zai", "z.ai", "glm", "bigmodel")),
    _ctx("ngc", "NVIDIA NGC", f"{{a26}}:{_UUID}", "{a84}", names=("nvidia", "ngc"), back=27),
    _ctx(
        "ctx:azure-openai",
        "Azure OpenAI",
        "{h32}",
        names=(
            "azure_openai",
            "azureopenai",
            "azure-openai",
            "azure openai",
            "openai_azure",
            "openai.azure.com",
            "azurechatopenai",
            "azure_ai",
            "azureai",
            "azure_oai",
        ),
    ),
    _ctx("ctx:cohere", "Cohere", "{a40}", names=("cohere", "co_api_key"), entropy=3.5),
    _ctx("ctx:mistral", "Mistral AI", "{a32}", names=("mistral",)),
    _ctx("ctx:codestral", "Mistral AI (Codestral)", "{a32}", names=("codestral",)),
    _ctx("ctx:assemblyai", "AssemblyAI", "{l32}", names=("assemblyai", "assembly_ai", "=aai")),
    _ctx("ctx:deepgram", "Deepgram", "{l40}", names=("deepgram", "dg_api_key", "dg_key")),
    _ctx(
        "ctx:wandb",
        "Weights & Biases",
        "{h40}",
        names=("wandb", "weightsandbiases", "weights_and_biases"),
        entropy=3.2,
    ),
    _ctx("ctx:pinecone", "Pinecone", _UUID, names=("pinecone",), entropy=2.8),
    _ctx("ctx:ai21", "AI21", _UUID, "{a32}", names=("ai21",), entropy=2.8),
    _ctx("ctx:clarifai", "Clarifai", "{a32-36}", names=("clarifai",)),
    _ctx("ctx:baseten", "Baseten", "{a8}.{a32}", names=("baseten",), entropy=3.4, back=9),
    _ctx("ctx:ollama", "Ollama", "{h32}.{b24}", names=("ollama",), entropy=3.3),
    _ctx("ctx:kagi", "Kagi", "{b11}.{b43}", names=("kagi",), entropy=3.5, back=12),
    _ctx(
        "ctx:ibm",
        "IBM watsonx",
        "{b42-44}",
        names=("=ibm", "ibmcloud", "watson", "bluemix", "=bx"),
        entropy=3.5,
    ),
    _ctx("ctx:greptile", "Greptile", "{c48}", names=("greptile",), entropy=3.5),
    _ctx("ctx:upstage", "Upstage", "{a40-50}", "up_{a29-40}", names=("upstage",), entropy=3.3),
    _ctx("ctx:lighton", "LightOn", "{b40-80}", names=("lighton", "paradigm"), entropy=3.5),
    _ctx("ctx:private-ai", "Private AI", "{l32}", names=("private_ai", "private-ai", "privateai")),
    _ctx(
        "ctx:vastai",
        "Vast.ai",
        "{h64}",
        names=("=vast", "vastai"),
        entropy=3.2,
    ),
    _ctx("ctx:fal", "fal", f"{_UUID}:{{h32}}", names=("=fal", "falai", "falapi"), entropy=3.0),
    _ctx("ctx:deepai", "DeepAI", _UUID, "{l36}", names=("deepai",), entropy=2.8),
    _ctx(
        "ctx:elevenlabs",
        "ElevenLabs",
        "{h32}",
        names=("elevenlabs", "eleven_labs", "xi-api-key", "xi_api_key"),
    ),
    _ctx("ctx:together", "Together AI", "{h64}", names=("together",), entropy=3.2),
    _ctx("ctx:monkeylearn", "MonkeyLearn", "{h40}", names=("monkeylearn",)),
    _ctx("ctx:speechtextai", "SpeechText.AI", "{h32}", names=("speechtext",)),
    _ctx("ctx:aylien", "AYLIEN", "{l32}", names=("aylien",)),
    _ctx("ctx:wit.ai", "Wit.ai", "{u32}", names=("=wit", "witai"), entropy=3.0),
    _ctx("ctx:portkey", "Portkey", "{a28}", "{c27}=", "{a32}", names=("portkey",), entropy=3.3),
    _ctx(
        "ctx:weaviate",
        "Weaviate",
        "{a36}",
        "{a40-80}",
        "{c80-120}",
        names=("weaviate", "=wcd", "=wcs", "authapikey"),
        entropy=3.5,
    ),
    _ctx("ctx:deepinfra", "DeepInfra", "{a32}", names=("deepinfra",), entropy=3.3),
    _ctx("ctx:exa", "Exa", _UUID, names=("=exa", "exaapi", "x-api-key"), entropy=2.8),
    _ctx("ctx:voyage", "Voyage AI", "{b46}", names=("voyageai", "voyage_api"), entropy=3.8),
)
"""Formats without a mark of their own: their issuer must be named near."""
