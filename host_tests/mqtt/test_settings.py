"""The command line: what is refused, and where TLS is used."""

import pytest

from room_server.mqtt.settings import parse_arguments

HERE = ["--broker", "localhost", "--room", "home"]


def refusal(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        parse_arguments([str(each) for each in arguments], "bridge")
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("bridge: ") and said.count("\n") == 1
    return said


@pytest.mark.parametrize(
    "broker, host, port, has_tls",
    [
        ("localhost", "localhost", 1883, False),
        ("127.0.0.1:1999", "127.0.0.1", 1999, False),
        ("[::1]:1", "::1", 1, False),
        ("mqtts://localhost", "localhost", 8883, True),
        ("broker.lan", "broker.lan", 8883, True),
        ("mqtts://broker.lan:1", "broker.lan", 1, True),
    ],
)
def test_there_is_tls_unless_the_broker_is_on_this_computer(broker, host, port, has_tls):
    found = parse_arguments(["--broker", broker, "--room", "home"]).broker
    assert (found.host, found.port, found.has_tls) == (host, port, has_tls)


def test_without_tls_to_another_computer_it_must_be_said(capsys):
    plain = ["--broker", "mqtt://broker.lan", "--room", "home"]
    assert "another computer: give mqtts://, or --insecure" in refusal(capsys, *plain)
    assert not parse_arguments([*plain, "--insecure"]).broker.has_tls
    # `localhost.lan` is not this computer, and neither is 127.0.0.1.example.com.
    for host in ("localhost.lan", "127.0.0.1.example.com"):
        assert parse_arguments(["--broker", host, "--room", "home"]).broker.has_tls
    server = [*HERE, "--server", "http://example.com"]
    assert "is not at home: give https:// or --insecure" in refusal(capsys, *server)
    assert not parse_arguments([*server, "--insecure"]).server.has_tls
    assert not parse_arguments([*HERE, "--server", "http://pi.lan:1999"]).server.has_tls
    assert parse_arguments([*HERE, "--server", "https://example.com"]).server.has_tls


@pytest.mark.parametrize(
    "arguments, what",
    [
        (["--room", "home"], "the following arguments are required: --broker"),
        (["--broker", "localhost"], "the following arguments are required: --room"),
        (["--broker", "http://localhost", "--room", "x"], "--broker: give mqtt://HOST:PORT or"),
        (["--broker", "mqtt://localhost/x", "--room", "x"], "--broker: give mqtt://HOST:PORT or"),
        (["--broker", "localhost:99999", "--room", "x"], "--broker: give mqtt://HOST:PORT or"),
        (["--broker", "mqtt://", "--room", "x"], "--broker: give mqtt://HOST:PORT or"),
        ([*HERE, "--server", "localhost:1999"], "--server: give http://HOST:PORT or"),
        ([*HERE, "--room", "a/b/c"], "argument --room: 'a/b/c': give ROOM or PARTY/ROOM"),
        ([*HERE, "--id", "a b"], "argument --id: 'a b': give 1 to 32 letters, digits and -"),
        ([*HERE, "--prefix", "a/#"], "argument --prefix: 'a/#': give 1 to 4 levels"),
        ([*HERE, "--max-bytes", "5"], "argument --max-bytes: '5': give a whole number"),
        ([*HERE, "--token-file", "/nonexistent"], "--token-file: /nonexistent cannot be read"),
        ([*HERE, "--broker-ca", "/nonexistent"], "--broker-ca: /nonexistent cannot be read"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(capsys, arguments, what):
    assert what in refusal(capsys, *arguments)


def test_secrets_come_from_files_and_are_never_shown(capsys, tmp_path, monkeypatch):
    path = tmp_path / "secret"
    path.write_text("s3cret pass\n")
    path.chmod(0o600)
    told = refusal(capsys, "--broker", "mqtt://me:s3cret@localhost", "--room", "home")
    assert "give no name or password in the address" in told and "s3cret" not in told
    assert "give --user too" in refusal(capsys, *HERE, "--password-file", path)
    # A password may have spaces, and a token may not.
    told = refusal(capsys, *HERE, "--token-file", path)
    assert "the token: give 1 to 256" in told and "s3cret" not in told
    settings = parse_arguments([*HERE, "--user", "me", "--password-file", str(path)])
    assert settings.broker.password == "s3cret pass" and "s3cret" not in repr(settings)
    assert capsys.readouterr().err == ""
    path.chmod(0o644)
    parse_arguments([*HERE, "--user", "me", "--password-file", str(path)])
    assert f"others can read {path}: chmod 600" in capsys.readouterr().err
    monkeypatch.setenv("ROOM_SERVER_TOKEN", "t0ken")
    settings = parse_arguments(HERE)
    assert settings.server.token == "t0ken" and "t0ken" not in repr(settings)


def test_a_room_is_of_the_party_main_if_none_is_given():
    rooms = [*HERE, "--room", "lab/bench", "--room", "main/home"]
    assert parse_arguments(rooms).rooms == (("main", "home"), ("lab", "bench"))
