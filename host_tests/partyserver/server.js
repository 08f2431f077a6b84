// The rooms that clients are tested against: PartyServer as it is, with a handful of test commands.
//
// To each connection first: {"type":"hello","id":...,"room":...,"connections":N,"messages":N}.
// text "close:4000"    the server closes with that code ("close:4000:why" gives the reason too)
// text "echo:..."      comes back to the sender as it is
// text "abort"         the room drops every connection without a Close frame
// binary               comes back to the sender
// any other text       goes to everybody else, and is kept: `last` survives a restart of the server
import { Server, routePartykitRequest } from "partyserver";

class Room extends Server {
  async onStart() {
    this.kept = (await this.ctx.storage.get("kept")) ?? { last: null, messages: 0 };
  }

  state() {
    const connections = [...this.getConnections()];
    return { room: this.name, connections: connections.length, ...this.kept };
  }

  onConnect(connection) {
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
    this.kept = { last: message, messages: this.kept.messages + 1 };
    await this.ctx.storage.put("kept", this.kept); // first: who hears it may kill the server then
    this.broadcast(message, [connection.id]);
  }

  async onRequest(request) {
    const url = new URL(request.url);
    return Response.json({
      ...this.state(),
      ids: [...this.getConnections()].map((connection) => connection.id).sort(),
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

export default {
  async fetch(request, env) {
    return (await routePartykitRequest(request, env)) ?? new Response("Not Found", { status: 404 });
  },
};
