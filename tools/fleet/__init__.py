"""A fleet that comes back after its server: simulation, table and picture for tools/fleet.py."""
