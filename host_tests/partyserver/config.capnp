# The real PartyServer, straight from node_modules: /parties/main/ROOM and /parties/hib/ROOM.
# partyserver.py gives the port (--socket-addr) and the storage folder (--directory-path).
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .rooms),
    (name = "storage", disk = (path = "/nonexistent", writable = true)),
  ],
  sockets = [ (name = "http", address = "127.0.0.1:0", http = (), service = "main") ],
);

const rooms :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "server.js"),
    (name = "partyserver", esModule = embed "node_modules/partyserver/dist/index.js"),
    (name = "nanoid", esModule = embed "node_modules/nanoid/index.browser.js"),
    (name = "url-alphabet/index.js", esModule = embed "node_modules/nanoid/url-alphabet/index.js"),
  ],
  compatibilityDate = "2026-04-01",
  durableObjectNamespaces = [
    (className = "Main", uniqueKey = "main", enableSql = true),
    (className = "Hib", uniqueKey = "hib", enableSql = true),
  ],
  # On disk: in memory the rooms' storage would be lost after about 10 s without use.
  durableObjectStorage = (localDisk = "storage"),
  bindings = [
    (name = "Main", durableObjectNamespace = "Main"),
    (name = "Hib", durableObjectNamespace = "Hib"),
  ],
);
