"""What `tools/deploy.py` consists of."""
