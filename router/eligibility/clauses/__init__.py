"""The clauses, one function each, by part of the law."""
