# The rooms of ../partyserver/config.capnp over https. The identity is in the import path.
using Workerd = import "/workerd/workerd.capnp";
using Plain = import "../partyserver/config.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = Plain.rooms),
    (name = "storage", disk = (path = "/nonexistent", writable = true)),
  ],
  # Called http, as partyserver.py names the socket whose port it gives.
  sockets = [
    ( name = "http", address = "127.0.0.1:0", service = "main",
      https = (
        options = (),
        tlsOptions = (
          keypair = (
            privateKey = embed "/key.pem",
            certificateChain = embed "/chain.pem",
          ),
        ),
      ),
    ),
  ],
);
