from openai import OpenAI

import helpers

client = OpenAI()
client.chat.completions.create(model="gpt-5.5", messages=[], n=3)  # finds: multiple-completions
client.chat.completions.create(model="gpt-5.5", messages=[], n=1)
client.chat.completions.create(model="gpt-5.5", messages=[])
client.chat.completions.create(model="gpt-5.5", messages=[], n=helpers.NUMBER)
client.completions.create(model="gpt-3.5-turbo-instruct", prompt="x", best_of=4)  # finds: multiple-completions
client.images.generate(prompt="x", n=4)
