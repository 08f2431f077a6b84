# The rooms on workerd alone, without Cloudflare: tools/party_server.py gives the port
# (--socket-addr) and the folders (--directory-path). It runs the TypeScript as it is.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = .services,
  sockets = .sockets,
);

# cluster/cluster.capnp has these two as well.
const services :List(Workerd.Service) = [
  (name = "main", worker = .rooms),
  (name = "storage", disk = (path = "/nonexistent", writable = true)),
  (name = "dashboard", disk = (path = "/nonexistent")),
  # Where notifications go. Only the owner of the server names their targets, so they may be at home.
  (name = "internet", network = (
    allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
];

const sockets :List(Workerd.Socket) = [
  (name = "http", address = "127.0.0.1:0", http = (), service = "main"),
];

const rooms :Workerd.Worker = (
  modules = [
    (name = "worker.ts", esModule = embed "src/worker.ts"),
    (name = "acks.ts", esModule = embed "src/acks.ts"),
    (name = "alertChecks.ts", esModule = embed "src/alertChecks.ts"),
    (name = "alertRules.ts", esModule = embed "src/alertRules.ts"),
    (name = "alertStore.ts", esModule = embed "src/alertStore.ts"),
    (name = "alerts.ts", esModule = embed "src/alerts.ts"),
    (name = "answers.ts", esModule = embed "src/answers.ts"),
    (name = "asked.ts", esModule = embed "src/asked.ts"),
    (name = "bins.ts", esModule = embed "src/bins.ts"),
    (name = "body.ts", esModule = embed "src/body.ts"),
    (name = "changes.ts", esModule = embed "src/changes.ts"),
    (name = "checks.ts", esModule = embed "src/checks.ts"),
    (name = "chunks.ts", esModule = embed "src/chunks.ts"),
    (name = "clock.ts", esModule = embed "src/clock.ts"),
    (name = "commands.ts", esModule = embed "src/commands.ts"),
    (name = "courier.ts", esModule = embed "src/courier.ts"),
    (name = "deliver.ts", esModule = embed "src/deliver.ts"),
    (name = "device.ts", esModule = embed "src/device.ts"),
    (name = "devices.ts", esModule = embed "src/devices.ts"),
    (name = "export.ts", esModule = embed "src/export.ts"),
    (name = "hello.ts", esModule = embed "src/hello.ts"),
    (name = "history.ts", esModule = embed "src/history.ts"),
    (name = "intake.ts", esModule = embed "src/intake.ts"),
    (name = "join.ts", esModule = embed "src/join.ts"),
    (name = "layout.ts", esModule = embed "src/layout.ts"),
    (name = "links.ts", esModule = embed "src/links.ts"),
    (name = "members.ts", esModule = embed "src/members.ts"),
    (name = "messages.ts", esModule = embed "src/messages.ts"),
    (name = "moveRows.ts", esModule = embed "src/moveRows.ts"),
    (name = "moves.ts", esModule = embed "src/moves.ts"),
    (name = "notices.ts", esModule = embed "src/notices.ts"),
    (name = "numbered.ts", esModule = embed "src/numbered.ts"),
    (name = "page.ts", esModule = embed "src/page.ts"),
    (name = "presence.ts", esModule = embed "src/presence.ts"),
    (name = "range.ts", esModule = embed "src/range.ts"),
    (name = "rate.ts", esModule = embed "src/rate.ts"),
    (name = "readings.ts", esModule = embed "src/readings.ts"),
    (name = "room.ts", esModule = embed "src/room.ts"),
    (name = "rooms.ts", esModule = embed "src/rooms.ts"),
    (name = "series.ts", esModule = embed "src/series.ts"),
    (name = "settings.ts", esModule = embed "src/settings.ts"),
    (name = "shares.ts", esModule = embed "src/shares.ts"),
    (name = "shown.ts", esModule = embed "src/shown.ts"),
    (name = "states.ts", esModule = embed "src/states.ts"),
    (name = "status.ts", esModule = embed "src/status.ts"),
    (name = "stop.ts", esModule = embed "src/stop.ts"),
    (name = "store.ts", esModule = embed "src/store.ts"),
    (name = "sums.ts", esModule = embed "src/sums.ts"),
    (name = "targets.ts", esModule = embed "src/targets.ts"),
    (name = "telling.ts", esModule = embed "src/telling.ts"),
    (name = "tiers.ts", esModule = embed "src/tiers.ts"),
    (name = "tokens.ts", esModule = embed "src/tokens.ts"),
    (name = "wire.ts", esModule = embed "src/wire.ts"),
    (name = "writers.ts", esModule = embed "src/writers.ts"),
    (name = "partyserver", esModule = embed "node_modules/partyserver/dist/index.js"),
    (name = "nanoid", esModule = embed "node_modules/nanoid/index.browser.js"),
    (name = "url-alphabet/index.js", esModule = embed "node_modules/nanoid/url-alphabet/index.js"),
  ],
  compatibilityDate = "2026-04-01",
  compatibilityFlags = ["no_web_socket_compression", "typescript_strip_types"],
  durableObjectNamespaces = [
    (className = "Main", uniqueKey = "main", enableSql = true),
    (className = "Rooms", uniqueKey = "rooms", enableSql = true),
  ],
  # On disk: in memory a room's storage would be lost after about 10 s without use.
  durableObjectStorage = (localDisk = "storage"),
  bindings = [
    (name = "Main", durableObjectNamespace = "Main"),
    (name = "Rooms", durableObjectNamespace = "Rooms"),
    (name = "ASSETS", service = "dashboard"),
    (name = "TOKEN", fromEnvironment = "TOKEN"),
    (name = "READ_TOKEN", fromEnvironment = "READ_TOKEN"),
    (name = "ROOM_TOKENS", fromEnvironment = "ROOM_TOKENS"),
    (name = "ALERT_TARGETS", fromEnvironment = "ALERT_TARGETS"),
    (name = "IMPORT_TOKEN", fromEnvironment = "IMPORT_TOKEN"),
    (name = "ALLOW_ORIGINS", fromEnvironment = "ALLOW_ORIGINS"),
    (name = "MAX_MESSAGE_BYTES", fromEnvironment = "MAX_MESSAGE_BYTES"),
    (name = "MAX_CLIENTS", fromEnvironment = "MAX_CLIENTS"),
    (name = "MAX_DEVICES", fromEnvironment = "MAX_DEVICES"),
    (name = "MAX_DB_BYTES", fromEnvironment = "MAX_DB_BYTES"),
    (name = "KEEP_RAW", fromEnvironment = "KEEP_RAW"),
    (name = "KEEP_MINUTES", fromEnvironment = "KEEP_MINUTES"),
    (name = "KEEP_HOURS", fromEnvironment = "KEEP_HOURS"),
    (name = "HISTORY", fromEnvironment = "HISTORY"),
    (name = "RATE", fromEnvironment = "RATE"),
  ],
);
