import openai
from openai import OpenAI

client = OpenAI()


def unguarded():
    stream = client.responses.create(model="gpt-5.5", input="x", stream=True)  # finds: unguarded-stream
    for event in stream:
        print(event)


def guarded_at_the_call_only():
    try:
        stream = client.responses.create(model="gpt-5.5", input="x", stream=True)  # finds: unguarded-stream
    except openai.OpenAIError as error:
        print(error)
        return
    for event in stream:
        print(event)


def guarded():
    try:
        for event in client.responses.create(model="gpt-5.5", input="x", stream=True):
            print(event)
    except openai.OpenAIError as error:
        print(error)


def with_block():
    with client.responses.stream(model="gpt-5.5", input="x") as stream:  # finds: unguarded-stream
        for event in stream:
            print(event)


def handed_back():
    return client.responses.create(model="gpt-5.5", input="x", stream=True)


def not_streamed():
    for item in client.responses.create(model="gpt-5.5", input="x").output:
        print(item)


def maybe_streamed(stream):
    for item in client.responses.create(model="gpt-5.5", input="x", stream=stream):
        print(item)
