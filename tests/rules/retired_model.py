import os

import anthropic
import litellm
from openai import AzureOpenAI, OpenAI

client = OpenAI()
MODEL = "gpt-3.5-turbo-0301"  # finds: retired-model
client.responses.create(model="o1-mini", input="x")  # finds: retired-model
client.responses.create(model="gpt-5.5", input="x")
client.responses.create(model="a-model-of-our-own", input="x")
client.responses.create(model=os.environ["MODEL"], input="x")
client.chat.completions.create(model=MODEL, messages=[])
AzureOpenAI(api_version="x").chat.completions.create(model="o1-mini", messages=[])  # a deployment's own name
anthropic.Anthropic().messages.create(model="claude-2.1", max_tokens=5, messages=[])  # finds: retired-model
litellm.completion("anthropic/claude-2.1", [])  # finds: retired-model
