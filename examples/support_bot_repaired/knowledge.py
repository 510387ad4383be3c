"""Help articles and the search for the ones that fit a question."""

from .llm import embed

ARTICLES = {
    "reset": "To reset your password open Settings, then Security, then Reset password.",
    "refund": "Refunds are paid to the original card within five working days.",
}


async def index() -> dict[str, list[float]]:
    return dict(zip(ARTICLES, await embed(list(ARTICLES.values())), strict=True))


async def nearest(question: str, vectors: dict[str, list[float]]) -> str:
    (wanted,) = await embed([question])
    return ARTICLES[max(vectors, key=lambda name: _likeness(vectors[name], wanted))]


def _likeness(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
