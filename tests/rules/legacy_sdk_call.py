import anthropic
import google.generativeai as old_genai
import openai
from google import genai
from openai import OpenAI

openai.ChatCompletion.create(model="gpt-4.1", messages=[])  # finds: legacy-sdk-call
openai.Completion.create(model="gpt-3.5-turbo-instruct", prompt="x")  # finds: legacy-sdk-call
openai.chat.completions.create(model="gpt-4.1", messages=[])
OpenAI().chat.completions.create(model="gpt-4.1", messages=[])
anthropic.Client("x").completion(model="claude-2.1", prompt="x", max_tokens_to_sample=5)  # finds: legacy-sdk-call
anthropic.Client().messages.create(model="claude-opus-4-8", max_tokens=5, messages=[])
old_genai.GenerativeModel("gemini-3-pro").generate_content("x")  # finds: legacy-sdk-call
genai.Client().models.generate_content(model="gemini-3-pro", contents="x")
