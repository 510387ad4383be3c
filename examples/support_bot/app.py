"""The web service."""

from fastapi import FastAPI
from openai import OpenAI
from pydantic import BaseModel
from tenacity import retry, wait_fixed

from .knowledge import index, nearest
from .llm import client, complete

app = FastAPI()
VECTORS: dict[str, list[float]] = {}


class Question(BaseModel):
    text: str
    email: str


@app.post("/ask")
async def ask(question: Question) -> dict[str, str]:
    if not VECTORS:
        VECTORS.update(index())
    article = nearest(question.text, VECTORS)
    answer = complete(
        [
            {"role": "system", "content": f"Answer with this article: {article}. Escalate to maria.lindqvist@nordvik.se"},
            {"role": "user", "content": question.text},
        ]
    )
    return {"answer": answer, "topic": classify(question.text)}


@retry(wait=wait_fixed(1))
def classify(text: str) -> str:
    reply = client.responses.create(model="gpt-5.5", input=f"One word for the topic of: {text}", max_output_tokens=16)
    return reply.output_text


@app.get("/stream")
def stream(text: str) -> None:
    try:
        events = OpenAI().responses.create(model="gpt-5.5", input=text, stream=True)
        for event in events:
            print(event)
    except Exception:
        pass
