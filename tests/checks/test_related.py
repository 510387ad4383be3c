"""Files without any mention of an SDK are read where imports tie them to a model call."""

from callsafe.checks.related import related


def test_what_a_calling_file_imports_matters_at_any_depth() -> None:
    files = {
        "app/answer.py": b"from app.config import LIMIT\nimport openai\n",
        "app/config.py": b"from .constants import LIMIT\n",
        "app/constants.py": b"LIMIT = 64\n",
        "app/other.py": b"x = 1\n",
    }
    assert related(["app/answer.py"], files) == {"app/config.py", "app/constants.py"}


def test_who_imports_a_calling_file_matters_at_any_depth_and_what_that_imports_directly() -> None:
    files = {
        "src/app/llm/client.py": b"import openai\n",
        "src/app/llm/__init__.py": b"from .client import ask\n",
        "src/app/routes.py": b"from app.llm import ask\nfrom app.tools import retry\n",
        "src/app/main.py": b"if True:\n    from app import (\n        routes,\n        models)\n",
        "src/app/tools.py": b"from app.deep import x\n",
        "src/app/models.py": b"",
        "src/app/deep.py": b"",
    }
    tied = {
        "src/app/llm/__init__.py",
        "src/app/routes.py",
        "src/app/main.py",
        "src/app/tools.py",
        "src/app/models.py",
    }
    assert related(["src/app/llm/client.py"], files) == tied


def test_relative_imports_lead_to_the_folder_they_mean() -> None:
    files = {
        "app/a/call.py": b"from ..config import x\nfrom . import near\nimport openai\n",
        "app/config.py": b"",
        "app/a/near.py": b"",
        "app/a/config.py": b"",
        "near.py": b"",
    }
    assert related(["app/a/call.py"], files) == {"app/config.py", "app/a/near.py"}


def test_a_plain_name_means_a_neighbour_or_a_file_further_up_not_one_elsewhere() -> None:
    files = {
        "bot/call.py": b"import openai, utils\nimport json as settings\n",
        "bot/utils.py": b"",
        "settings.py": b"",
        "other/utils.py": b"",
    }
    assert related(["bot/call.py"], files) == {"bot/utils.py"}


def test_without_a_calling_file_nothing_matters() -> None:
    assert related([], {"a.py": b"import b\n", "b.py": b""}) == set()


def test_files_that_import_each_other_are_no_trap() -> None:
    files = {"a.py": b"import b\nimport openai\n", "b.py": b"import a\nimport c\n", "c.py": b"import b\n"}
    assert related(["a.py"], files) == {"b.py", "c.py"}
