from dataclasses import dataclass, field
from typing import Annotated, Optional

import httpx
from fastapi import Depends, FastAPI
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel, Field

app = FastAPI()


def provide():
    return OpenAI(max_retries=1)


@app.post("/a")
def by_default(service=Depends(provide)):
    service.responses.create(model="gpt-5.5", input="x")  # call: retries=1


@app.post("/b")
def by_annotation(service: Annotated[OpenAI, Depends(provide)]):
    service.responses.create(model="gpt-5.5", input="x")  # call: retries=1


Provided = Annotated[OpenAI, Depends(provide)]
Itself = Optional["Itself"]


@app.post("/d")
def by_named_annotation(service: Provided, other: Itself):
    service.responses.create(model="gpt-5.5", input="x")  # call: retries=1
    other.responses.create(model="gpt-5.5", input="x")  # call: retries=?


@dataclass
class Worker:
    client: AsyncOpenAI
    limit: int = 40
    spare: OpenAI = field(default_factory=OpenAI)

    async def run(self):
        await self.client.responses.create(model="gpt-5.5", input="x", max_output_tokens=self.limit)  # call: retries=? awaits=True
        self.spare.responses.create(model="gpt-5.5", input="x")  # call: retries=?


class Model(BaseModel):
    limit: int = Field(default=41)
    timeout: Optional[float] = 12.5

    def run(self):
        OpenAI(timeout=self.timeout).responses.create(model="gpt-5.5", input="x", max_output_tokens=self.limit)  # call: timeout=? output_bound=?


def constructed():
    made = Model(timeout=13)
    OpenAI(timeout=made.timeout).responses.create(model="gpt-5.5", input="x", max_output_tokens=made.limit)  # call: timeout=13 output_bound=41


class Base:
    client = OpenAI(max_retries=2, timeout=42)


class Derived(Base):
    def run(self):
        self.client.responses.create(model="gpt-5.5", input="x")  # call: timeout=42

    @classmethod
    def make(cls):
        return cls.client.responses.create(model="gpt-5.5", input="x")  # call: timeout=42


def use(service, prompt):
    return service.responses.create(model="gpt-5.5", input=prompt)  # call: retries=3


use(OpenAI(max_retries=3), "x")


@app.on_event("startup")
def startup():
    app.state.llm = OpenAI(max_retries=4)


@app.get("/c")
def from_state(request):
    request.app.state.llm.responses.create(model="gpt-5.5", input="x")  # call: retries=4


def wait():
    with OpenAI(timeout=httpx.Timeout(60.0, read=5.0)) as client:
        client.responses.create(model="gpt-5.5", input="x")  # call: timeout=5.0
