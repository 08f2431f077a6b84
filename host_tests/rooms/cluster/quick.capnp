# examples/party_server/cluster/cluster.capnp, with a lease of 10 s instead of 20.
using Workerd = import "/workerd/workerd.capnp";
using Alone = import "../../../examples/party_server/config.capnp";
using Rooms = import "../../../examples/party_server/cluster/cluster.capnp";

const config :Workerd.Config = (
  services = Alone.services,
  sockets = Alone.sockets,
  cluster = (
    bucket = Rooms.bucket,
    key = Rooms.key,
    address = "127.0.0.1:0",
    unsafeTimeDivisor = 2,
  ),
);
