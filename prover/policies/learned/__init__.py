"""What is learned from mined outcomes: an order of the closers' candidates, and one of the premises that they cite."""

from pathlib import Path

SHIPPED = Path(__file__).parent
"""The folder of the orders that ship: order.json and premises.json."""
