from shop import ask_again
from shop.wrappers import Assistant, ask, ask_politely, keep_bound
from openai import OpenAI

ask("x")  # via: output_bound=- timeout=600 retries=2
ask("x", limit=32)  # via: output_bound=32
ask("x", limit=32, timeout=5)  # via: output_bound=32 timeout=5
ask_again("x", limit=33)  # via: output_bound=33
ask_politely("x", limit=16)  # via: output_bound=16 timeout=600
assistant = Assistant(OpenAI(max_retries=0))
assistant.chat([], max_tokens=12)  # via: output_bound=12
assistant.chat([])  # via: output_bound=100
keep_bound("x", 9)  # via: output_bound=9
options = {"limit": 20}
ask("x", **options)  # via: output_bound=20
ask("x", **unknown)  # via: output_bound=? timeout=?


class Asks:
    def __init__(self, wait):
        self.client = OpenAI(timeout=wait)

    def __call__(self, text, **options):
        return self.client.responses.create(model="gpt-5.5", input=text, **options)  # call: output_bound=?


ask_it = Asks(11)
ask_it("x", max_output_tokens=9)  # via: output_bound=9 timeout=11
