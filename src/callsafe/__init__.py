"""callsafe makes code that calls language models fit for production.

`callsafe check` reads source; `callsafe.redaction` guards requests at run time. Both take their rules from
`callsafe.rules`.
"""

__version__ = "0.1.0"
