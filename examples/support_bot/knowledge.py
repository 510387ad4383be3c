"""Help articles and the search for the ones that fit a question."""

from .llm import embed

ARTICLES = {
    "reset": "To reset your password open Settings, then Security, then Reset password.",
    "refund": "Refunds are paid to the original card within five working days.",
}


def index() -> dict[str, list[float]]:
    vectors = {}
    for name, text in ARTICLES.items():
        vectors[name] = embed(text)
    return vectors


def nearest(question: str, vectors: dict[str, list[float]]) -> str:
    wanted = embed(question)
    return ARTICLES[max(vectors, key=lambda name: sum(a * b for a, b in zip(vectors[name], wanted, strict=True)))]
