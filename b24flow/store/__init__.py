"""The database: tables and plain functions over a unit of work; knows no HTTP and no process.

Truth lives here (architecture §1.2). Every function takes the `Unit` of a running transaction first,
so that whatever belongs together is committed together.
"""
