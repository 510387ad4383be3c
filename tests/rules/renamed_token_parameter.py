from openai import OpenAI

import helpers

client = OpenAI()
client.chat.completions.create(model="gpt-5.5", messages=[], max_tokens=3)  # finds: renamed-token-parameter
client.chat.completions.create(model="o4-mini", messages=[], max_tokens=3)  # finds: renamed-token-parameter
client.chat.completions.create(model="gpt-4.1", messages=[], max_tokens=3)
client.chat.completions.create(model=helpers.MODEL, messages=[], max_tokens=3)
client.chat.completions.create(model="gpt-5.5", messages=[], max_completion_tokens=3)
client.chat.completions.create(model="o3", messages=[], temperature=0.2)  # finds: renamed-token-parameter
client.responses.create(model="gpt-5-mini", input="x", temperature=0)  # finds: renamed-token-parameter
client.responses.create(model="gpt-5-mini", input="x", temperature=1.0)
client.responses.create(model="gpt-5-mini", input="x", temperature=helpers.TEMPERATURE)
client.responses.create(model="gpt-5.5", input="x", temperature=0)
client.chat.completions.create(model="gpt-4.1", messages=[], functions=[])  # finds: renamed-token-parameter


def perhaps(limit=None):
    given = {}
    if limit is not None:
        given["max_tokens"] = limit
    client.chat.completions.create(model="gpt-5.5", messages=[], **given)
