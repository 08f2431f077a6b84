"""The real npm PartyServer on workerd, as a fixture."""

from partyserver.partyserver import PartyServer, Workerd, find_workerd

__all__ = ["PartyServer", "Workerd", "find_workerd"]
