import os

LIMIT = 256
RETRIES: int = 4
TIMEOUT = 2 * 30
FROM_ENVIRONMENT = int(os.environ["LIMIT"])
MODEL = "gpt-5.5"
EITHER = "gpt-5.5" if os.environ.get("BIG") else "gpt-5.4-mini"
BASE = {"model": MODEL, "max_output_tokens": LIMIT}


class Settings:
    model = "gpt-5.5"
    limit: int = 128

    @property
    def patience(self):
        return 45


settings = Settings()
