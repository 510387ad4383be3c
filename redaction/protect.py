"""Where `callsafe.redaction` finds `protect`; import it from there, as this module has the same name."""

from callsafe.redaction.clients import protect as protect
