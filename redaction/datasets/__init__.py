"""Whole files of rows: read, made safe or restored, and written, in constant memory.

| module | holds |
|---|---|
| `keyed` | which policies need a vault; one text of a row |
| `job` | what is done with a file, as one frozen value that travels to the worker processes |
| `chunks` | a file as a sequence of chunks that can be read from any point |
| `rows`, `json_rows` | one chunk in, one chunk out |
| `ledger` | one numbering for a whole file, in one SQLite vault |
| `pool` | chunks over several processes, answers in order |
| `journal` | what is done so far, so that a killed run goes on |
| `run` | all of it together |
"""
