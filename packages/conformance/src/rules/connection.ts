import { SUBPROTOCOL } from "@hubbub/protocol";
import { equal, holds, type Rule } from "../rule.ts";
import { Socket } from "../socket.ts";

const LIMITS = ["frameMaxBytes", "textMaxBytes", "framesPerSecond", "publishesPerSecond", "subscriptions"];

export const connectionRules: readonly Rule[] = [
  {
    id: "C-WS-001",
    title: "hello is answered with ready: user, connection, node, heartbeat and limits",
    async run(subject) {
      const [person] = await subject.people();
      await using socket = await Socket.open(subject.url);
      const ready = await socket.ask({ type: "hello", token: person.tokens.accessToken });
      equal([ready.type, ready["user"]], ["ready", person.tokens.user], "the answer to hello");
      const limits = ready["limits"] as Record<string, number>;
      for (const name of LIMITS) holds((limits[name] ?? 0) > 0, `limits.${name} is a positive number`);
      for (const name of ["connection", "node"]) holds(typeof ready[name] === "string", `${name} is a string`);
      holds(Number(ready["heartbeatMs"]) > 0, "heartbeatMs is positive");
    },
  },
  {
    id: "C-WS-002",
    title: "a handshake without the subprotocol of a version that the server has does not become a connection of it",
    async run(subject) {
      const outcome = await Socket.open(subject.url, "hubbub.v999").catch((error: Error) => error);
      if (outcome instanceof Socket) await outcome[Symbol.asyncDispose]();
      const words = outcome instanceof Error ? outcome.message : `the server took hubbub.v999; it has ${SUBPROTOCOL}`;
      // Of the library: a handshake that was answered with another status, or without the subprotocol.
      holds(/response: 4\d\d|subprotocol/.test(words), words);
    },
  },
  {
    id: "C-WS-003",
    title: "another frame before hello is refused with hello_required",
    async run(subject) {
      await using socket = await Socket.open(subject.url);
      equal((await socket.ask({ type: "ping" }))["code"], "hello_required", "the code");
    },
  },
  {
    id: "C-WS-004",
    title: "hello with an invented token is refused with bad_token, and the connection closes with 4500",
    async run(subject) {
      await using socket = await Socket.open(subject.url);
      equal((await socket.ask({ type: "hello", token: "invented" }))["code"], "bad_token", "the code");
      equal(await socket.closedWith(), 4500, "the close code");
    },
  },
  {
    id: "C-WS-005",
    title: "hello of another user on the same connection is refused with hello_repeated",
    async run(subject) {
      const [person] = await subject.people();
      const other = await subject.guest();
      await using socket = await person.connect();
      const answer = await socket.ask({ type: "hello", token: other.tokens.accessToken });
      equal(answer["code"], "hello_repeated", "the code");
    },
  },
  {
    id: "C-WS-006",
    title: "ping is answered with pong, which repeats its ref and tells the time",
    async run(subject) {
      const [person] = await subject.people();
      await using socket = await person.connect();
      const pong = await socket.ask({ type: "ping" });
      equal(pong.type, "pong", "the answer");
      holds(Math.abs(Number(pong["at"]) - Date.now()) < 3_600_000, "at is the time in milliseconds");
    },
  },
  {
    id: "C-WS-007",
    title: "text that is no JSON, an unknown type and an unknown field are refused with bad_frame",
    async run(subject) {
      const [person] = await subject.people();
      for (const frame of ["{", '{"type":"sing","ref":1}', '{"type":"ping","ref":1,"zzz":1}']) {
        await using socket = await person.connect();
        socket.send(frame);
        equal((await socket.nextOf("error"))["code"], "bad_frame", frame);
      }
    },
  },
  {
    id: "C-WS-008",
    title: "a binary frame is refused with binary_frame",
    async run(subject) {
      const [person] = await subject.people();
      await using socket = await person.connect();
      socket.send(new Uint8Array([1, 2, 3]));
      equal((await socket.nextOf("error"))["code"], "binary_frame", "the code");
    },
  },
  {
    id: "C-WS-009",
    title: "a frame and a text over the limits of ready are refused with too_large, under their ref",
    async run(subject) {
      const [person] = await subject.people();
      const { id: room } = await person.room();
      await using socket = await Socket.open(subject.url);
      const { limits } = (await socket.ask({ type: "hello", token: person.tokens.accessToken })) as unknown as {
        limits: { textMaxBytes: number; frameMaxBytes: number };
      };
      const publish = { type: "publish", room, id: "too-large" };
      const long = await socket.ask({ ...publish, text: "x".repeat(limits.textMaxBytes + 1) });
      equal(long["code"], "too_large", "a text over textMaxBytes");
      const huge = await socket.ask({ ...publish, text: "x".repeat(limits.frameMaxBytes + 1) });
      equal(huge["code"], "too_large", "a frame over frameMaxBytes");
    },
  },
  {
    id: "C-WS-010",
    title: "bye closes the connection with 1000",
    async run(subject) {
      const [person] = await subject.people();
      await using socket = await person.connect();
      socket.send({ type: "bye" });
      equal(await socket.closedWith(), 1000, "the close code");
    },
  },
];
