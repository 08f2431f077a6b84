"""The protocol rules. Bytes, ticks and random numbers come in; bytes and deadlines go out."""
