import { randomUUID } from "node:crypto";
import { equal, holds, type Rule } from "../rule.ts";
import type { Frame, Socket } from "../socket.ts";
import { publish, type Subject, subscribe } from "../subject.ts";

/** A room of two, and a connection of each that has subscribed. */
async function conversation(subject: Subject) {
  const [owner, other] = await subject.people();
  const { id: room } = await owner.room();
  await other.expect(200, "POST", `/rooms/${room}/join`, {});
  const sockets = await Promise.all([owner.connect(), other.connect()]);
  for (const socket of sockets) await subscribe(socket, room);
  const [sender, receiver] = sockets;
  const dispose = async () => {
    await Promise.all(sockets.map((socket) => socket[Symbol.asyncDispose]()));
  };
  return { owner, other, room, sender, receiver, [Symbol.asyncDispose]: dispose };
}

async function messages(socket: Socket, count: number): Promise<Frame[]> {
  const found: Frame[] = [];
  while (found.length < count) found.push(await socket.nextOf("event", "message"));
  return found;
}

const MANY = 20;

export const deliveryRules: readonly Rule[] = [
  {
    id: "C-PUB-001",
    title: "a publish is acked with seq, epoch and time, and all members get the event with the same numbers",
    async run(subject) {
      await using it = await conversation(subject);
      const ack = await publish(it.sender, it.room, "hello");
      for (const socket of [it.sender, it.receiver]) {
        const [event] = await messages(socket, 1);
        for (const field of ["seq", "epoch", "at"]) equal(event?.[field], ack[field], field);
        equal([event?.["text"], event?.["by"]], ["hello", it.owner.tokens.user], "text and author");
      }
    },
  },
  {
    id: "C-PUB-002",
    title: "the same event id again is acked with the same seq as a duplicate, and is delivered once",
    async run(subject) {
      await using it = await conversation(subject);
      const id = randomUUID();
      const first = await publish(it.sender, it.room, "once", id);
      const again = await publish(it.sender, it.room, "once", id);
      equal([again["seq"], again["duplicate"]], [first["seq"], true], "seq and duplicate");
      await publish(it.sender, it.room, "end");
      equal(
        (await messages(it.receiver, 2)).map((event) => event["text"]),
        ["once", "end"],
        "what is delivered",
      );
    },
  },
  {
    id: "C-PUB-003",
    title: "the same event id over HTTP answers 200 with the seq of the WebSocket",
    async run(subject) {
      await using it = await conversation(subject);
      const id = randomUUID();
      const ack = await publish(it.sender, it.room, "twice", id);
      const body = await it.owner.expect(200, "POST", `/rooms/${it.room}/messages`, { id, text: "twice" });
      equal([body["seq"], body["duplicate"]], [ack["seq"], true], "seq and duplicate");
    },
  },
  {
    id: "C-PUB-004",
    title: "all members see one order: that of the publishes of a connection, seq rising by one",
    async run(subject) {
      await using it = await conversation(subject);
      const texts = Array.from({ length: MANY }, (_, at) => `message ${at}`);
      const acks = await Promise.all(texts.map((text) => publish(it.sender, it.room, text)));
      const seen = await Promise.all([it.sender, it.receiver].map((socket) => messages(socket, MANY)));
      for (const events of seen) {
        equal(
          events.map((event) => event["text"]),
          texts,
          "the order",
        );
        equal(
          events.map((event) => event["seq"]),
          acks.map((ack) => ack["seq"]),
          "the seqs",
        );
        const [first = 0] = events.map((event) => Number(event["seq"]));
        equal(
          events.map((event) => event["seq"]),
          texts.map((_, at) => first + at),
          "seq rises by one",
        );
      }
    },
  },
  {
    id: "C-PUB-005",
    title: "durable follows an acked event",
    async run(subject) {
      await using it = await conversation(subject);
      const seq = Number((await publish(it.sender, it.room, "kept"))["seq"]);
      await it.receiver.next((frame) => frame.type === "durable" && Number(frame["seq"]) >= seq, "durable");
    },
  },
  {
    id: "C-PUB-006",
    title: "an empty message without files is refused, and one without a subscription is accepted",
    async run(subject) {
      const [person] = await subject.people();
      const { id: room } = await person.room();
      await using socket = await person.connect();
      equal((await socket.ask({ type: "publish", room, id: "e", text: "" }))["code"], "bad_frame", "the code");
      await publish(socket, room, "not subscribed");
    },
  },
  {
    id: "C-PUB-007",
    title: "a typing signal reaches the others of the room",
    async run(subject) {
      await using it = await conversation(subject);
      it.sender.send({ type: "typing", room: it.room });
      equal((await it.receiver.nextOf("signal", "typing"))["by"], it.owner.tokens.user, "by");
    },
  },
  {
    id: "C-SUB-001",
    title: "subscribe without since gives no earlier events, and the head and epoch of the room",
    async run(subject) {
      await using it = await conversation(subject);
      const ack = await publish(it.sender, it.room, "before");
      await using later = await it.other.connect();
      const subscribed = await subscribe(later, it.room);
      equal([subscribed["head"], subscribed["epoch"]], [ack["seq"], ack["epoch"]], "head and epoch");
      equal(later.held("event").length, 0, "events before subscribed");
    },
  },
  {
    id: "C-SUB-002",
    title: "subscribe with since gives what was missed, in order and whole, before subscribed, and then live events",
    async run(subject) {
      await using it = await conversation(subject);
      const first = await publish(it.sender, it.room, "seen");
      const missed = await Promise.all(["a", "b", "c"].map((text) => publish(it.sender, it.room, text)));
      await using later = await it.other.connect();
      const since = { seq: Number(first["seq"]), epoch: Number(first["epoch"]) };
      const subscribed = await subscribe(later, it.room, since);
      equal(
        later.held("event").map((event) => event["seq"]),
        missed.map((ack) => ack["seq"]),
        "what was missed",
      );
      equal(subscribed["recovered"], true, "recovered");
      await publish(it.sender, it.room, "live");
      equal((await messages(later, 4)).at(-1)?.["text"], "live", "the live event");
    },
  },
  {
    id: "C-SUB-003",
    title: "a position of an epoch that the room never had is not taken as recovered without a gap",
    async run(subject) {
      await using it = await conversation(subject);
      await publish(it.sender, it.room, "one");
      await using later = await it.other.connect();
      const subscribed = await subscribe(later, it.room, { seq: 1, epoch: 999_999 });
      holds(
        subscribed["recovered"] === true || later.held("gap").length + later.held("epoch").length > 0,
        "a gap or epoch",
      );
      equal(subscribed["epoch"] === 999_999, false, "the epoch is that of the room");
    },
  },
  {
    id: "C-SUB-004",
    title: "after unsubscribe nothing more of the room comes",
    async run(subject) {
      await using it = await conversation(subject);
      equal((await it.receiver.ask({ type: "unsubscribe", room: it.room })).type, "unsubscribed", "the answer");
      await publish(it.sender, it.room, "unheard");
      await it.receiver.ask({ type: "ping" });
      equal(it.receiver.held("event").filter((event) => event["text"] === "unheard").length, 0, "events");
    },
  },
  {
    id: "C-SUB-005",
    title: "subscribe to a list gives an answer for each room",
    async run(subject) {
      const [person] = await subject.people();
      const rooms = [await person.room(), await person.room()];
      await using socket = await person.connect();
      socket.send({ type: "subscribe", ref: 7, rooms: rooms.map(({ id }) => ({ room: id })) });
      const answers = [await socket.nextOf("subscribed"), await socket.nextOf("subscribed")];
      equal(answers.map((one) => one["room"]).sort(), rooms.map(({ id }) => String(id)).sort(), "the rooms");
      equal(
        answers.map((one) => one["ref"]),
        [7, 7],
        "ref",
      );
    },
  },
  {
    id: "C-SUB-006",
    title: "head mode gives head frames in place of events",
    async run(subject) {
      await using it = await conversation(subject);
      await using later = await it.other.connect();
      const answer = await later.ask({ type: "subscribe", room: it.room, mode: "head" });
      equal([answer.type, answer["mode"]], ["subscribed", "head"], "the answer");
      const ack = await publish(it.sender, it.room, "news");
      await later.next((frame) => frame.type === "head" && frame["seq"] === ack["seq"], "the head");
      equal(later.held("event").length, 0, "events");
    },
  },
];
