"""A fleet that comes back: the simulation, the table and the picture for tools/fleet.py."""
