"""Detection at run time: text in, spans of personal data and credentials out."""

from callsafe.redaction.detect.detector import DEFAULT_THRESHOLD, Detector
from callsafe.redaction.detect.errors import DetectionError
from callsafe.redaction.detect.labels import known_labels

__all__ = ["DEFAULT_THRESHOLD", "DetectionError", "Detector", "known_labels"]
