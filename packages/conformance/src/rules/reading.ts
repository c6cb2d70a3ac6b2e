import { randomUUID } from "node:crypto";
import { equal, holds, type Rule, Skipped } from "../rule.ts";
import { type Person, publish, type Subject } from "../subject.ts";

interface State {
  readonly rooms: readonly { room: string; read: number; unread: number; head: number; mentions: number }[];
}

/** A room with so many messages of the first user, and the second in it. */
async function filled(subject: Subject, count: number) {
  const [owner, other] = await subject.people();
  const { id: room } = await owner.room();
  await other.expect(200, "POST", `/rooms/${room}/join`, {});
  await using socket = await owner.connect();
  const seqs: number[] = [];
  for (let at = 0; at < count; at += 1) seqs.push(Number((await publish(socket, room, `text ${at}`))["seq"]));
  return { owner, other, room, seqs };
}

const stateOf = async (person: Person, room: string) =>
  (await person.expect<State>(200, "GET", "/me/state")).rooms.find((one) => one.room === room);

/** What is stored or indexed behind the log is there soon. */
async function soon<Value>(
  read: () => Promise<Value>,
  isThere: (value: Value) => boolean,
  what: string,
): Promise<Value> {
  const deadline = Date.now() + 8_000;
  for (;;) {
    const value = await read();
    if (isThere(value)) return value;
    if (Date.now() > deadline) throw new Error(`${what}: ${JSON.stringify(value)} after 8 s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export const readingRules: readonly Rule[] = [
  {
    id: "C-HIST-001",
    title: "pages backwards and forwards give every event once, by rising seq",
    async run(subject) {
      const { owner, room } = await filled(subject, 5);
      const all = (await owner.history(room, "?limit=200")).messages.map(({ seq }) => seq);
      const forwards: number[] = [];
      for (let after: number | undefined = 0; after !== undefined; ) {
        const page = await owner.history(room, `?limit=2&after=${after}`);
        forwards.push(...page.messages.map(({ seq }) => seq));
        after = page.cursor;
      }
      equal(forwards, all, "the pages after");
      const backwards: number[] = [];
      for (let query: string | undefined = ""; query !== undefined; ) {
        const page = await owner.history(room, `?limit=2${query}`);
        backwards.unshift(...page.messages.map(({ seq }) => seq));
        query = page.cursor === undefined ? undefined : `&before=${page.cursor}`;
      }
      equal(backwards, all, "the pages before");
    },
  },
  {
    id: "C-HIST-002",
    title: "before and after together give what is between them",
    async run(subject) {
      const { owner, room, seqs } = await filled(subject, 4);
      const [first = 0, , third = 0] = seqs;
      const page = await owner.history(room, `?after=${first}&before=${third}`);
      equal(
        page.messages.map(({ seq }) => seq),
        seqs.slice(1, 2),
        "the events",
      );
    },
  },
  {
    id: "C-HIST-003",
    title: "an acked event is in history at once, with the numbers of its ack",
    async run(subject) {
      const { owner, room, seqs } = await filled(subject, 1);
      const page = await owner.history(room);
      equal([page.messages.at(-1)?.seq, page.head], [seqs[0], seqs[0]], "the last event and head");
    },
  },
  {
    id: "C-READ-001",
    title: "messages of others count as unread until the mark passes them, and the mark moves forwards only",
    async run(subject) {
      const { owner, other, room, seqs } = await filled(subject, 3);
      if (owner.tokens.user.id === other.tokens.user.id) throw new Skipped("needs two users");
      await soon(
        () => stateOf(other, room),
        (state) => state?.unread === 3,
        "unread messages",
      );
      const [first, second] = seqs;
      await other.expect(204, "PUT", `/rooms/${room}/read`, { seq: second });
      await other.expect(204, "PUT", `/rooms/${room}/read`, { seq: first });
      const state = await soon(
        () => stateOf(other, room),
        (found) => found?.unread === 1,
        "unread after the mark",
      );
      equal(state?.read, second, "the mark");
    },
  },
  {
    id: "C-READ-002",
    title: "a read mark is told to the other connections of the user that asked for personal frames",
    async run(subject) {
      const { other, room, seqs } = await filled(subject, 1);
      await using first = await other.connect();
      await using second = await other.connect({ personal: true });
      first.send({ type: "read", room, seq: seqs[0] });
      const news = await second.next((frame) => frame["kind"] === "read" && frame["room"] === room, "personal read");
      equal(news["seq"], seqs[0], "seq");
    },
  },
  {
    id: "C-FIND-001",
    title: "a message is found by a part of its text, by members alone",
    async run(subject) {
      const { owner, room } = await filled(subject, 0);
      const word = `zq${randomUUID().slice(0, 8)}`;
      await owner.expect(201, "POST", `/rooms/${room}/messages`, { id: word, text: `the word ${word} is rare` });
      const search = async (person: Person) => {
        const { status, body } = await person.call<{ results: { room: string }[] }>("GET", `/search?q=${word}`);
        if (status === 501) throw new Skipped("the server has no search");
        return body.results;
      };
      const [found] = await soon(
        () => search(owner),
        (results) => results.length === 1,
        "results",
      );
      equal(found?.room, room, "the room");
      equal(await search(await subject.guest()), [], "results of a stranger");
    },
  },
  {
    id: "C-FILE-001",
    title: "a file is uploaded, named by a message, downloaded whole and by range, and refused to strangers",
    async run(subject) {
      const [owner] = await subject.people();
      const { id: room } = await owner.room();
      const authorization = `Bearer ${owner.tokens.accessToken}`;
      const upload = { method: "PUT", headers: { authorization }, body: "0123456789" };
      const path = `/api/v1/rooms/${room}/files`;
      const answer = await subject.request(`${path}?id=${randomUUID()}&name=digits.txt`, upload);
      if (answer.status === 501) throw new Skipped("the server keeps no files");
      equal(answer.status, 201, "the upload");
      const { id: file } = (await answer.json()) as { id: string };
      const message = { id: randomUUID(), text: "", files: [file] };
      await owner.expect(201, "POST", `/rooms/${room}/messages`, message);
      const whole = await subject.request(`${path}/${file}`, { headers: { authorization } });
      equal(await whole.text(), "0123456789", "the content");
      const part = await subject.request(`${path}/${file}`, { headers: { authorization, range: "bytes=2-4" } });
      equal([part.status, await part.text()], [206, "234"], "the range");
      const stranger = await subject.guest();
      holds([403, 404].includes((await stranger.call("GET", `/rooms/${room}/files/${file}`)).status), "refused");
    },
  },
];
