from openai import OpenAI

from .clients import default_client

_own = OpenAI(max_retries=2)


def ask(prompt, *, limit=None, **options):
    return _own.responses.create(model="gpt-5.5", input=prompt, max_output_tokens=limit, **options)  # call: output_bound=? timeout=? retries=2


def ask_politely(prompt, **options):
    return ask("please " + prompt, **options)  # via: output_bound=? retries=2


class Assistant:
    def __init__(self, client: OpenAI, limit: int = 64):
        self.client = client
        self.limit = limit

    def answer(self, prompt):
        return self.client.responses.create(model="gpt-5.5", input=prompt, max_output_tokens=self.limit)  # call: output_bound=? retries=0

    def chat(self, messages, max_tokens=100):
        return default_client.chat.completions.create(model="gpt-5.5", messages=messages, max_completion_tokens=max_tokens)  # call: output_bound=? retries=4 timeout=60


def keep_bound(prompt, max_output_tokens):
    return _own.responses.create(model="gpt-5.5", input=prompt, max_output_tokens=max_output_tokens)  # call: output_bound=?
