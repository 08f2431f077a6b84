// The rooms for tests of clients: PartyServer unchanged, with a few test commands.
//
// Each connection first gets: {"type":"hello","id":...,"room":...,"connections":N,"messages":N}.
// text "close:4000"    the server closes with that code ("close:4000:why" gives the reason too)
// text "echo:..."      comes back to the sender unchanged
// text "abort"         the room drops every connection without a Close frame
// text "throw"         onMessage throws
// text "big:N"         comes back as N bytes, all 7
// binary               comes back to the sender
// any other text       goes to everyone else, and is stored: `last` survives a restart of the server
//
// In the query of a connection, `fail` makes onConnect throw, `hang` makes it never return, and
// `bye=4000` makes it close. `refuse=503` is the status with which onBeforeConnect refuses.
import { Server, routePartykitRequest } from "partyserver";

class Room extends Server {
  async onStart() {
    this.kept = (await this.ctx.storage.get("kept")) ?? { last: null, messages: 0 };
  }

  state() {
    const connections = [...this.getConnections()];
    return { room: this.name, connections: connections.length, ...this.kept };
  }

  async onConnect(connection, { request }) {
    const asked = new URL(request.url).searchParams;
    if (asked.has("fail")) throw new Error("asked to fail");
    if (asked.has("hang")) await scheduler.wait(60_000);
    if (asked.has("bye")) return connection.close(Number(asked.get("bye")), "asked to");
    const { room, connections, messages } = this.state();
    connection.send(JSON.stringify({ type: "hello", id: connection.id, room, connections, messages }));
  }

  async onMessage(connection, message) {
    if (typeof message !== "string") return connection.send(message);
    if (message.startsWith("echo:")) return connection.send(message);
    if (message.startsWith("close:")) {
      const [, code, reason] = message.split(":");
      return connection.close(Number(code), reason ?? "");
    }
    if (message === "abort") return this.ctx.abort("asked to");
    if (message === "throw") throw new Error("asked to throw");
    if (message.startsWith("big:")) return connection.send(new Uint8Array(message.slice(4)).fill(7));
    this.kept = { last: message, messages: this.kept.messages + 1 };
    // Store it first, because a client that gets it may kill the server then.
    await this.ctx.storage.put("kept", this.kept);
    this.broadcast(message, [connection.id]);
  }

  async onRequest(request) {
    const url = new URL(request.url);
    return Response.json({
      ...this.state(),
      method: request.method,
      path: url.pathname + url.search,
      body: await request.text(),
    });
  }
}

export class Main extends Room {
  static options = { hibernate: false };
}

export class Hib extends Room {
  static options = { hibernate: true };

  constructor(ctx, env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }
}

function onBeforeConnect(request) {
  const status = new URL(request.url).searchParams.get("refuse");
  const headers = { "Retry-After": "7", Location: "/login" };
  if (status) return new Response("no", { status: Number(status), headers });
}

export default {
  async fetch(request, env) {
    const answer = await routePartykitRequest(request, env, { onBeforeConnect });
    return answer ?? new Response("Not Found", { status: 404 });
  },
};
