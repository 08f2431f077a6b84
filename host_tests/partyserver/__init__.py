"""The real npm PartyServer on workerd, for tests."""

from partyserver.partyserver import PartyServer, Workerd, find_workerd

__all__ = ["PartyServer", "Workerd", "find_workerd"]
