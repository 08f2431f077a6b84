"""Measures this library and others: sizes, memory, speed. Nothing here asserts anything."""
