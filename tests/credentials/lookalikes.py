"""Texts that look like credentials and hold none."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from random import Random
from uuid import UUID

from callsafe.rules.credentials._shapes import ALPHABETS

_STAND_INS = """
YOUR_API_KEY|your-api-key|your_openai_key_here|<your key>|sk-...|sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sk-XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX|sk-proj-your-key-here
sk-your-openai-api-key-goes-here|sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sk-ant-...|sk-ant-api03-your-key-here|EMPTY|sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sk-1234567890|sk-1234567890abcdef1234567890abcdef|sk-00000000000000000000000000000000|sk-test|sk-fake-key
sk-no-key-required|sk-dummy-key-for-testing-purposes|none
sk-abcdefghijklmnopqrstuvwxyz0123456789abcdefghijkl|hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
hf_your_token_here|hf_abcdefghijklmnopqrstuvwxyzabcdefgh
gsk_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|gsk_your_groq_key
AIzaXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX|AIzaSyYourGoogleApiKeyGoesHere000000000|xai-your-api-key
lm-studio|ollama|xai-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
pplx-xxxxxxxxxxxxxxxxxxxx|r8_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|tvly-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
tvly-YOUR_API_KEY|not-needed|nvapi-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
csk-your-cerebras-key|pk-lf-...|dapi...|sk-lf-00000000-0000-0000-0000-000000000000
pcsk_xxxxx_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|r8_your_token|test|dummy
sk-or-v1-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|fw_xxxxxxxxxxxxxxxxxxxxxxxx
changeme|sk-or-v1-0000000000000000000000000000000000000000000000000000000000000000
dapi00000000000000000000000000000000|AKIAIOSFODNN7EXAMPLE|wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|secret|ghp_000000000000000000000000000000000000
xoxb-your-token-here|sk_live_xxxxxxxxxxxxxxxxxxxxxxxx|SG.xxx.xxx|my-key|${OPENAI_API_KEY}|$OPENAI_API_KEY
{{ openai_api_key }}|%OPENAI_API_KEY%|$(cat key)|os.environ["OPENAI_API_KEY"]|settings.openai_api_key
secrets.OPENAI_API_KEY|process.env.OPENAI_API_KEY|vault:secret/data/openai#key|${{ secrets.KEY }}
OPENAI_API_KEY|AZURE_OPENAI_API_KEY_FOR_PRODUCTION_US_EAST|redacted|********************************
[REDACTED]|0123456789abcdef0123456789abcdef|abcdefabcdefabcdefabcdefabcdefab
11111111-2222-3333-4444-555555555555|placeholder"""
STAND_INS = tuple(_STAND_INS.strip().replace("\n", "|").split("|"))
_NAMES = (
    "sk-learn-compatible-estimator-version-2024",
    "sk_buff_head_init_with_locking_primitive",
    "key_value_store_configuration_2024_production",
    "fw_upgrade_controller_state_machine_v2",
    "hf_hub_download_with_retry_and_resume_2",
    "pa-training-data-pipeline-orchestrator-service",
    "fc-network-configuration-abcdef-switch-module",
    "cr-production-deployment-cluster-east-2-nodes",
    "live_streaming_session_controller_2024",
    "risk-assessment-questionnaire-2024-final-v2",
    "task-sk-management-dashboard-component-12",
    "text-embedding-3-large-deployment-eastus2",
    "claude-sonnet-4-5-20250929-v1-context-long",
    "ft:gpt-4o-mini-2024-07-18:acme::AbCdEfGh",
    "modal-dialog-container-wrapper-12345-primary",
    "ExternalKeysPostRequestGcpConfigurationV2",
)


def _ids(random: Random) -> Iterator[str]:
    """Yield lines with random values that are identifiers or digests."""

    def draw(alphabet: str, count: int) -> str:
        return "".join(random.choice(ALPHABETS[alphabet]) for _ in range(count))

    for _ in range(8):
        yield f'tool_call_id = "call_{draw("a", 24)}"'
        yield f'"id": "toolu_{draw("a", 24)}"'
        yield f'"id": "chatcmpl-{draw("a", 29)}"'
        yield f'response_id = "resp_{draw("h", 48)}"'
        yield f'"id": "msg_{draw("a", 24)}", "model": "mistral-large"'
        yield f'thread_id="thread_{draw("a", 24)}"'
        yield f'assistant = "asst_{draw("a", 24)}"  # openai'
        yield f'commit = "{draw("h", 40)}"'
        yield f"wandb artifact digest: {draw('h', 32)}"
        yield f'mistral_revision = "{draw("h", 40)}"'
        yield f"sha256:{draw('h', 64)}"
        yield f'"integrity": "sha512-{b64encode(random.randbytes(64)).decode()}"'
        yield f'uuid = "{UUID(int=random.getrandbits(128))}"'
        yield f"pinecone_index_id: {UUID(int=random.getrandbits(128))}"
        yield f'cohere_model_md5 = "{hashlib.md5(random.randbytes(8), usedforsecurity=False).hexdigest()}"'
        yield f"https://wandb.ai/team/project/runs/{draw('l', 8)}?hash={draw('h', 40)}"
        yield f"![image](data:image/png;base64,{b64encode(random.randbytes(300)).decode()})"
        yield f"together/{draw('h', 64)}/model.safetensors"


def lookalikes() -> list[str]:
    """Return lines that look like credentials and hold none, always the same."""
    lines = [f'client = OpenAI(api_key="{value}")' for value in STAND_INS]
    lines += [f"OPENAI_API_KEY={value}" for value in STAND_INS[::2]]
    lines += [f'name = "{name}"' for name in _NAMES]
    return lines + list(_ids(Random("look-alikes")))
