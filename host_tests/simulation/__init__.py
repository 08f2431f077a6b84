"""Whole lives of a socket, drawn from seeds, in virtual time: the real driver, a simulated server
and network, a user who does what users do, and a judge who checks every turn of the loop.

The same lives run on CPython's asyncio and on MicroPython's. So all files except `test_*.py`,
`planted.py`, `start.py` and `on_cpython.py` only use what MicroPython understands.

    run.py          the command, for lives of all kinds;  start.py: starts it for the tests
    life.py         one seed: options, a time of faults, a world without faults, the end
    network.py      what the dials meet;  peer.py: one connection, from its server's side
    user.py         what the application does;  surroundings.py: what it passes as options
    judge.py        what must always hold;  ledger.py: the same for messages
    script.py       a life that follows a script:
    storm.py        ... without memory at chosen points, see weather.py
    odd_paths.py    ... while modules fail to load, see late.py
    clock.py        virtual time: on_cpython.py, on_micropython.py; other tests use it too
    planted.py      bugs that the lives must find
"""
