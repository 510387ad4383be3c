"""A measurement as a picture (matplotlib): scores and leaks by entity."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from callsafe.redaction.evaluation.measure import ALL, Measured

_SCORES: Final = (("precision", "#9ecae1"), ("recall", "#4292c6"), ("f2", "#084594"))
_LEAKS: Final = (("full", "#a1d99b"), ("partly", "#fdae6b"), ("none", "#cb181d"))
SUFFIXES: Final = (".png", ".svg")


def plot(measured: Measured, path: Path) -> None:
    """Draw token scores and the coverage of labelled values; PNG or SVG by the name of the file.

    Raises `ValueError` for another name, `ModuleNotFoundError` without matplotlib.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: a plot is a .png or an .svg file")
    from matplotlib.figure import Figure

    labels = [label for label in measured.labels() if measured.agreement(label, "exact").labelled]
    rows = [ALL, *labels]
    figure = Figure(figsize=(11, 1.6 + 0.55 * len(rows)), layout="constrained")
    scores, leaks = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    for offset, (name, colour) in enumerate(_SCORES):
        drawn = [_score(measured, label, name) for label in rows]
        places = [place + (offset - 1) * 0.26 for place in range(len(rows))]
        bars = scores.barh(
            places, [score or 0.0 for score in drawn], height=0.25, color=colour, label=_said(name)
        )
        said = ["-" if score is None else f"{score:.2f}" for score in drawn]
        scores.bar_label(bars, labels=said, padding=2, fontsize=7)
    left = [0.0] * len(rows)
    for name, colour in _LEAKS:
        shares = []
        for label in rows:
            coverage = measured.coverage(label)
            shares.append(getattr(coverage, name) / coverage.total if coverage.total else 0.0)
        leaks.barh(range(len(rows)), shares, left=left, height=0.6, color=colour, label=_said(name))
        left = [so_far + share for so_far, share in zip(left, shares, strict=True)]
    spans = [measured.coverage(label).total for label in rows]
    scores.set_yticks(
        range(len(rows)), [f"{label}  ({count})" for label, count in zip(rows, spans, strict=True)]
    )
    scores.set_ylim(len(rows) - 0.4, -0.6)
    scores.set(xlim=(0, 1.08), title="Words (token level)", xlabel="score")
    leaks.set(xlim=(0, 1), title="Labelled values covered", xlabel="share of the spans")
    for axes in (scores, leaks):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="x", alpha=0.3)
        axes.set_axisbelow(True)
    handles = [*scores.get_legend_handles_labels()[0], *leaks.get_legend_handles_labels()[0]]
    figure.legend(handles=handles, loc="outside lower center", ncols=6, frameon=False)
    figure.savefig(path, dpi=150)


def _score(measured: Measured, label: str, name: str) -> float | None:
    """Give a score on words, None for one of nothing."""
    agreement = measured.agreement(label, "token")
    if name == "precision":
        return agreement.precision if agreement.found else None
    return agreement.recall if name == "recall" else agreement.f(2)


def _said(name: str) -> str:
    return {"full": "covered", "partly": "partly covered", "none": "leaked", "f2": "F2"}.get(name, name)
