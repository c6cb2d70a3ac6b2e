import { randomUUID } from "node:crypto";
import { equal, holds, type Rule } from "../rule.ts";
import { publish, subscribe } from "../subject.ts";

export const roomRules: readonly Rule[] = [
  {
    id: "C-ROOM-001",
    title: "a room that is created again under the same id is the same room",
    async run(subject) {
      const [person] = await subject.people();
      const body = { id: randomUUID(), name: `conformance ${randomUUID()}`, visibility: "public" };
      const first = await person.expect(201, "POST", "/rooms", body);
      equal((await person.expect(200, "POST", "/rooms", body))["id"], first["id"], "the room");
    },
  },
  {
    id: "C-ROOM-002",
    title: "joining twice is joining once, and the room gets one join event",
    async run(subject) {
      const [owner, other] = await subject.people();
      const { id } = await owner.room();
      for (const _ of [1, 2]) await other.expect(200, "POST", `/rooms/${id}/join`, {});
      const joins = (await owner.history(id)).messages.filter(
        (event) => event.kind === "join" && event.user === other.tokens.user.id,
      );
      holds(joins.length <= 1, `${joins.length} join events`);
    },
  },
  {
    id: "C-ROOM-003",
    title: "a user that leaves gets removed, and nothing more of the room",
    async run(subject) {
      const [owner] = await subject.people();
      const other = await subject.guest();
      const { id } = await owner.room();
      await other.expect(200, "POST", `/rooms/${id}/join`, {});
      await using socket = await other.connect();
      await using sender = await owner.connect();
      await subscribe(socket, id);
      await other.expect(204, "POST", `/rooms/${id}/leave`);
      await socket.nextOf("removed");
      await publish(sender, id, "after the removal");
      await socket.ask({ type: "ping" });
      equal(socket.held("event").filter((event) => event["text"] === "after the removal").length, 0, "events");
    },
  },
  {
    id: "C-ROOM-004",
    title: "a private room does not exist for others: unknown_room over HTTP and on the WebSocket",
    async run(subject) {
      const [owner] = await subject.people();
      const other = await subject.guest();
      const body = { name: `conformance ${randomUUID()}`, visibility: "private" };
      const { id } = await owner.expect<{ id: string }>(201, "POST", "/rooms", body);
      equal((await other.call("GET", `/rooms/${id}`)).body["code"], "unknown_room", "GET of the room");
      await using socket = await other.connect();
      const answer = await socket.ask({ type: "subscribe", room: id });
      holds(
        ["unknown_room", "not_member"].includes(String(answer["code"])),
        `the refusal of subscribe: ${answer["code"]}`,
      );
    },
  },
  {
    id: "C-ROOM-005",
    title: "subscribe and publish of a user that is not in a public room are refused with not_member",
    async run(subject) {
      const [owner] = await subject.people();
      const other = await subject.guest();
      const { id: room } = await owner.room();
      await using socket = await other.connect();
      equal((await socket.ask({ type: "subscribe", room }))["code"], "not_member", "subscribe");
      equal((await socket.ask({ type: "publish", room, id: "a", text: "a" }))["code"], "not_member", "publish");
    },
  },
  {
    id: "C-ROOM-006",
    title: "pages of members and rooms end, and an invented cursor is refused with bad_request",
    async run(subject) {
      const [owner] = await subject.people();
      const { id } = await owner.room();
      const page = await owner.expect<{ members: unknown[] }>(200, "GET", `/rooms/${id}/members`);
      equal(page.members.length, 1, "members of a new room");
      equal((await owner.call("GET", `/rooms/${id}/members?cursor=invented`)).body["code"], "bad_request", "the code");
      equal((await owner.call("GET", "/rooms?cursor=invented")).body["code"], "bad_request", "the code");
    },
  },
];
