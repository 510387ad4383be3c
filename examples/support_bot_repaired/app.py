"""The web service."""

import hashlib

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

from .knowledge import index, nearest
from .llm import Unavailable, answer

app = FastAPI()
VECTORS: dict[str, list[float]] = {}
INSTRUCTIONS = "Answer the question with the article that stands under it. If it does not fit, say so."


class Question(BaseModel):
    text: str = Field(max_length=2000)
    account: str


@app.post("/ask")
async def ask(question: Question) -> dict[str, str]:
    user = hashlib.sha256(question.account.encode()).hexdigest()
    try:
        if not VECTORS:
            VECTORS.update(await index())
        article = await nearest(question.text, VECTORS)
        text = await answer(INSTRUCTIONS, f"{question.text}\n\nArticle: {article}", user)
    except Unavailable as error:
        raise HTTPException(503, "the assistant is not available, please try again later") from error
    return {"answer": text}
