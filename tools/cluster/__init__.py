"""The party server on several workerd processes: a cluster on one computer."""
