from .clients import default_client
from .wrappers import ask as ask_again
