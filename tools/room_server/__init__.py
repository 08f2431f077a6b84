"""Rooms for devices and dashboards: aiohttp, SQLite, one process. Run `python -m room_server`."""
