import { randomUUID } from "node:crypto";
import { equal, holds, type Rule } from "../rule.ts";
import type { Socket } from "../socket.ts";
import { type Person, publish, type Subject, subscribe } from "../subject.ts";

interface Message {
  readonly owner: Person;
  readonly other: Person;
  readonly room: string;
  readonly seq: number;
  readonly socket: Socket;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** A message of the owner in a room of two. */
async function message(subject: Subject): Promise<Message> {
  const [owner, other] = await subject.people();
  const { id: room } = await owner.room();
  await other.expect(200, "POST", `/rooms/${room}/join`, {});
  const socket = await owner.connect();
  await subscribe(socket, room);
  const seq = Number((await publish(socket, room, "first text"))["seq"]);
  return { owner, other, room, seq, socket, [Symbol.asyncDispose]: () => socket[Symbol.asyncDispose]() };
}

const change = ({ room, seq }: Message, type: string, more: object = {}) => ({
  ...{ type, room, id: randomUUID(), target: seq },
  ...more,
});

async function accepted(it: Message, type: string, more: object = {}): Promise<number> {
  const ack = await it.socket.ask(change(it, type, more));
  equal(ack.type, "ack", `the answer to ${type} (${JSON.stringify(ack)})`);
  await it.socket.nextOf("event", type);
  return Number(ack["seq"]);
}

const stateOf = async (it: Message) => (await it.owner.history(it.room)).states?.find(({ seq }) => seq === it.seq);

export const changeRules: readonly Rule[] = [
  {
    id: "C-CHG-001",
    title: "an edit is an event, and history shows the new text",
    async run(subject) {
      await using it = await message(subject);
      const seq = await accepted(it, "edit", { text: "second text" });
      const state = await stateOf(it);
      equal([state?.text, state?.edited?.seq], ["second text", seq], "text and edit in history");
    },
  },
  {
    id: "C-CHG-002",
    title: "an edit of an outdated text is refused with conflict, which has the present text",
    async run(subject) {
      await using it = await message(subject);
      const seq = await accepted(it, "edit", { text: "second text", baseSeq: it.seq });
      const refusal = await it.socket.ask(change(it, "edit", { text: "third text", baseSeq: it.seq }));
      equal([refusal["code"], refusal["current"]], ["conflict", { seq, text: "second text" }], "code and current");
    },
  },
  {
    id: "C-CHG-003",
    title: "nobody edits a message of somebody else",
    async run(subject) {
      await using it = await message(subject);
      await using socket = await it.other.connect();
      const answer = await socket.ask(change(it, "edit", { text: "not mine" }));
      if (it.other.tokens.user.id !== it.owner.tokens.user.id) equal(answer["code"], "forbidden", "the code");
    },
  },
  {
    id: "C-CHG-004",
    title: "a deleted message has no text any more, and cannot be edited",
    async run(subject) {
      await using it = await message(subject);
      await accepted(it, "delete");
      const page = await it.owner.history(it.room);
      holds(!JSON.stringify(page).includes("first text"), "the text is gone from history");
      equal((await stateOf(it))?.deleted, true, "deleted in history");
      const answer = await it.socket.ask(change(it, "edit", { text: "again" }));
      equal(answer["code"], "unknown_message", "the code of an edit");
    },
  },
  {
    id: "C-CHG-005",
    title: "a reaction shows with its user, counts once, and can be taken back",
    async run(subject) {
      await using it = await message(subject);
      await accepted(it, "react", { emoji: "👍" });
      await accepted(it, "react", { emoji: "👍" });
      const [one] = (await stateOf(it))?.reactions ?? [];
      equal(one, { emoji: "👍", count: 1, users: [it.owner.tokens.user.id] }, "the reaction");
      await accepted(it, "react", { emoji: "👍", remove: true });
      equal((await stateOf(it))?.reactions ?? [], [], "reactions after the removal");
    },
  },
  {
    id: "C-CHG-006",
    title: "a pinned message is in the list of pins, and not after it is unpinned",
    async run(subject) {
      await using it = await message(subject);
      await accepted(it, "pin");
      await it.socket.next((frame) => frame.type === "durable" && Number(frame["seq"]) > it.seq, "durable");
      const pins = async () =>
        (await it.owner.expect<{ messages: { seq: number }[] }>(200, "GET", `/rooms/${it.room}/pins`)).messages;
      equal(
        (await pins()).map(({ seq }) => seq),
        [it.seq],
        "the pins",
      );
      const seq = await accepted(it, "pin", { remove: true });
      await it.socket.next((frame) => frame.type === "durable" && Number(frame["seq"]) >= seq, "durable");
      equal(await pins(), [], "the pins after the removal");
    },
  },
  {
    id: "C-CHG-007",
    title: "a reply in a thread is in the thread, and the first message counts it",
    async run(subject) {
      await using it = await message(subject);
      const reply = { type: "publish", room: it.room, id: randomUUID(), text: "a reply", thread: it.seq };
      const ack = await it.socket.ask(reply);
      const seq = Number(ack["seq"]);
      await it.socket.next((frame) => frame.type === "durable" && Number(frame["seq"]) >= seq, "durable");
      const path = `/rooms/${it.room}/threads/${it.seq}`;
      const thread = await it.owner.expect<{ messages: { seq: number }[] }>(200, "GET", path);
      equal(
        thread.messages.map((one) => one.seq),
        [seq],
        "the thread",
      );
      equal((await stateOf(it))?.replies, { count: 1, last: seq }, "replies of the first message");
    },
  },
  {
    id: "C-CHG-008",
    title: "a mention by name is in the event",
    async run(subject) {
      await using it = await message(subject);
      const name = it.other.tokens.user.username;
      await publish(it.socket, it.room, `hello @${name}`);
      const event = await it.socket.next((frame) => String(frame["text"]).startsWith("hello @"), "the message");
      const { names = [] } = (event["mentions"] ?? {}) as { names?: string[] };
      equal(
        names.map((one) => one.toLowerCase()),
        [name.toLowerCase()],
        "mentions.names",
      );
    },
  },
];
