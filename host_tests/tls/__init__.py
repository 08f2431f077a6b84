"""Certificates, clocks and secrets: what a device must refuse, and what it must never show."""
