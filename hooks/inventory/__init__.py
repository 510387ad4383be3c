"""The inventory of model calls as a table, JSON, CSV, Markdown, and one HTML page: a module per format.

Each has `write(page: rows.Page, out)`.
"""
