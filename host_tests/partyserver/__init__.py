"""The real npm PartyServer on workerd, as a fixture."""

from partyserver.partyserver import PartyServer, find_workerd

__all__ = ["PartyServer", "find_workerd"]
