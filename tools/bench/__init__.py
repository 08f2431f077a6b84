"""Measures this library beside others: sizes, memory, speed. Nothing here asserts anything."""
