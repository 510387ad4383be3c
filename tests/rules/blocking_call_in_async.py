import asyncio

import asyncer
import chainlit
from agents import Agent, Runner
from openai import AsyncOpenAI, OpenAI

client = OpenAI()
asynchronous = AsyncOpenAI()


async def blocks():
    return client.responses.create(model="gpt-5.5", input="x")  # finds: blocking-call-in-async


async def awaited():
    return await asynchronous.responses.create(model="gpt-5.5", input="x")


async def in_a_thread():
    return await asyncio.to_thread(client.responses.create, model="gpt-5.5", input="x")


async def in_an_executor():
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: client.responses.create(model="gpt-5.5", input="x"))


async def from_outside(service):
    return await service.chat.completions.create(model="gpt-5.5", messages=[])


def synchronous():
    return client.responses.create(model="gpt-5.5", input="x")


async def task():
    return asyncio.create_task(asynchronous.responses.create(model="gpt-5.5", input="x"))


async def handed_to_a_thread_by_a_framework():
    await chainlit.make_async(client.responses.create)(model="gpt-5.5", input="x")
    await asyncer.asyncify(client.responses.create)(model="gpt-5.5", input="x")


async def started():
    return Runner.run_streamed(Agent(name="x"), "x")
