"""Whole lives of a socket, drawn from seeds, in virtual time: the real driver, a simulated server
and network, a user who does what users do, and a judge who watches every turn of the loop.

The same lives run on CPython's asyncio and on MicroPython's, so all but `test_*.py`, `planted.py`,
`start.py` and `on_cpython.py` keeps to what MicroPython understands.

    run.py          the command, for lives of all kinds;  start.py: begins it, for the tests
    life.py         one seed: options, a time of faults, a healed world, the end
    network.py      what the dials meet;  peer.py: one connection, as its server plays it
    user.py         what the application does;  surroundings.py: what it hands over as options
    judge.py        what must hold, all along;  ledger.py: of the messages
    script.py       a life that follows a script:
    storm.py        ... while memory wants at chosen points, see weather.py
    odd_paths.py    ... while modules fail to load, see late.py
    clock.py        virtual time: on_cpython.py, on_micropython.py; other suites have it from here
    planted.py      bugs that the lives have to find
"""
