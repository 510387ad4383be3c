import re
import subprocess
from pathlib import Path

import pytest
from tests.credentials.keys import fill, key

from callsafe.checks.environments import environments, is_environment_file, stage_of, tracked_files
from callsafe.rules.credentials import shared_staging_credentials, tracked_env_file
from callsafe.rules.facts import Project
from callsafe.rules.model import Problem


def shared(files: dict[str, str], root: str = "/") -> list[Problem]:
    made = environments(root, {path: fill(text).encode() for path, text in files.items()})
    return list(shared_staging_credentials.find(Project(root, (), environments=made)))


OWN = "OPENAI_API_KEY=@@openai-proj@@\n"


@pytest.mark.parametrize(
    ("path", "stage"),
    [
        (".env.production", "production"),
        (".env.staging.local", "staging"),
        ("deploy/prod/.env", "production"),
        ("config/settings.dev.yaml", "development"),
        ("qa.env", "staging"),
        (".env", ""),
        ("app/latest/.env", ""),
        ("products/.env", ""),
    ],
)
def test_the_stage_of_a_file_is_read_from_its_name_then_its_folders(path: str, stage: str) -> None:
    assert stage_of(path) == stage


def test_a_key_that_staging_shares_with_production_is_reported_in_staging() -> None:
    (found,) = shared({".env.staging": "A=1\n" + OWN, ".env.production": OWN})
    assert (found.place.path, found.place.line) == (".env.staging", 2)
    assert found.message == "staging uses the same credential of OpenAI as production"
    assert found.in_force == "production has it in .env.production:1"
    assert key("openai-proj")[8:20] not in str(found)


def test_keys_of_their_own_are_not_reported() -> None:
    assert not shared({".env.staging": OWN, ".env.production": OWN.replace("proj@", "proj#1@")})


def test_files_of_one_stage_or_of_none_may_share() -> None:
    assert not shared({".env.local": OWN, ".env.development": OWN, ".env": OWN})


def test_an_organization_that_stages_share_is_reported() -> None:
    organization = "org-" + key("google-api-key")[4:28].replace("-", "x").replace("_", "y")
    text = f"OPENAI_ORG_ID={organization}\n"
    (found,) = shared({".env.test": text, ".env.prod": text})
    assert "organization" in found.message


def test_a_value_without_a_known_format_is_compared_too() -> None:
    text = "ACME_API_KEY=@@ctx:mistral@@\n"
    (found,) = shared({".env.test": text, ".env.prod": text})
    assert "credential" in found.message


def test_placeholders_are_not_compared() -> None:
    text = "OPENAI_API_KEY=your-openai-api-key-here\nACME_API_KEY=${SHARED_ACME_API_KEY}\n"
    assert not shared({".env.test": text, ".env.prod": text})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.toml", '[staging]\nkey = "@@groq@@"\n[production]\nkey = "@@groq@@"\n'),
        ("a.ini", "[env.dev]\nkey = @@groq@@\n[env.prod]\nkey = @@groq@@\n"),
        ("a.yaml", "staging:\n  llm:\n    key: @@groq@@\nproduction:\n  llm:\n    key: @@groq@@\n"),
        (
            "a.json",
            '{\n  "dev": {\n    "key": "@@groq@@"\n  },\n  "prod": {\n    "key": "@@groq@@"\n  }\n}\n',
        ),
        (".env", "GROQ_API_KEY_DEV=@@groq@@\nGROQ_API_KEY_PROD=@@groq@@\n"),
    ],
)
def test_sections_and_variables_that_are_named_for_stages_are_compared(path: str, text: str) -> None:
    (found,) = shared({path: text})
    assert "as production" in found.message


def test_digests_of_two_runs_differ() -> None:
    files = {".env.prod": fill(OWN).encode()}
    first, second = (environments("/", files)[0].values[0].digest for _ in range(2))
    assert first != second


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for arguments in (
        ["init", "-q"],
        ["config", "user.email", "a@example.com"],
        ["config", "user.name", "a"],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


def tracked(root: Path, files: dict[str, str], add: list[str]) -> list[Problem]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(fill(text), "utf-8")
    subprocess.run(["git", "add", "-f", *add], cwd=root, check=True)
    made = environments(str(root), {name: (root / name).read_bytes() for name in files})
    return list(tracked_env_file.find(Project(str(root), (), environments=made)))


def test_a_tracked_dotenv_file_with_a_credential_is_reported(repository: Path) -> None:
    (found,) = tracked(repository, {"app/.env": "A=1\n" + OWN, "b.env": OWN}, ["app/.env"])
    assert (found.place.path, found.place.line) == ("app/.env", 2)


def test_an_untracked_or_empty_dotenv_file_or_a_sample_is_not_reported(repository: Path) -> None:
    files = {".env": OWN, "b.env": "DEBUG=1\n", ".env.example": OWN}
    assert not tracked(repository, files, ["b.env", ".env.example"])


def test_absolute_paths_are_understood(repository: Path) -> None:
    (repository / ".env").write_text(fill(OWN), "utf-8")
    subprocess.run(["git", "add", "-f", ".env"], cwd=repository, check=True)
    path = str(repository / ".env")
    assert tracked_files(str(repository), [path]) == {path}


def test_without_a_repository_nothing_is_tracked(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1", "utf-8")
    assert tracked_files(str(tmp_path), [".env"]) == frozenset()


def test_source_is_no_environment_file() -> None:
    assert is_environment_file("config/prod.yaml")
    assert not is_environment_file("app/env.py")


def documented(docs: str | None, kind: str) -> dict[str, str]:
    """Return the files of an example in a rule's documentation: each begins with a comment that names it."""
    (block,) = re.findall(rf"^{kind}:\n\n((?:    .*\n|\n)+)", docs or "", re.MULTILINE)
    parts = re.split(r"^    # ([\w.]+).*\n", block, flags=re.MULTILINE)
    return {
        name: re.sub(r"^    ", "", text, flags=re.MULTILINE)
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_the_examples_of_shared_staging_credentials_are_true() -> None:
    assert len(shared(documented(shared_staging_credentials.__doc__, "Bad"))) == 1
    good = documented(shared_staging_credentials.__doc__, "Good")
    assert set(good) == {".env.staging", ".env.production"}
    assert not shared(good)


def test_the_examples_of_tracked_env_file_are_true(repository: Path) -> None:
    bad = documented(tracked_env_file.__doc__, "Bad")
    assert len(tracked(repository, bad, list(bad))) == 1
    good = documented(tracked_env_file.__doc__, "Good")
    subprocess.run(["git", "rm", "-q", "--cached", ".env"], cwd=repository, check=True)
    (repository / ".gitignore").write_text(good[".gitignore"], "utf-8")
    subprocess.run(["git", "add", "--all"], cwd=repository, check=True)
    made = environments(str(repository), {".env": (repository / ".env").read_bytes()})
    assert made
    assert not list(tracked_env_file.find(Project(str(repository), (), environments=made)))


def test_a_made_up_organization_is_not_shared() -> None:
    made_up = "OPENAI_ORG_ID=org-" + "x" * 24 + "\n"
    assert not shared({".env.staging": made_up, ".env.production": made_up})
