# The rooms on one of several machines: CLUSTER.md. It needs --experimental, and in the environment
# AWS_ENDPOINT_URL, AWS_REGION and the bucket's credentials.
using Workerd = import "/workerd/workerd.capnp";
using Alone = import "../config.capnp";

const config :Workerd.Config = (
  services = Alone.services,
  sockets = Alone.sockets,
  cluster = (bucket = .bucket, key = .key, address = "127.0.0.1:0"),
);

# Both are files in the folder that --import-path names, without a line end. The bucket is
# s3://NAME/PREFIX. The key is known to the machines of the cluster alone.
const bucket :Text = embed "/bucket";
const key :Text = embed "/key";
