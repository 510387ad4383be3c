"""The subcommands of `callsafe`, one module each, imported only when used."""
