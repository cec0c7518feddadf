"""A gateway between a telephone exchange and 接援, to start from: docs/cti.md describes it.

journal.py and gateway.py can stay; exchange.py plays the exchange and is to be replaced.
"""
