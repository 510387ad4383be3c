import openai
from openai import OpenAI

openai.ChatCompletion.create(model="gpt-4.1", messages=[])  # finds: legacy-sdk-call
openai.Completion.create(model="gpt-3.5-turbo-instruct", prompt="x")  # finds: legacy-sdk-call
openai.chat.completions.create(model="gpt-4.1", messages=[])
OpenAI().chat.completions.create(model="gpt-4.1", messages=[])
