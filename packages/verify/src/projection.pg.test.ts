import type { PublicUser, RoomId } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { openWorld } from "../test/world.ts";
import { verify } from "./verify.ts";

type World = Awaited<ReturnType<typeof openWorld>>;

/** In `changeRoom`. */
const DELETED = 3;

/** A room where each kind of change has happened: 1 is edited and pinned, 2 has reactions and replies, 3 is deleted. */
async function changeRoom(world: World) {
  const { room, owner } = await world.settledRoom(3);
  await world.tell(owner, room, [
    { kind: "edit", target: 1, text: "edited" },
    { kind: "pin", target: 1 },
    { kind: "react", target: 2, emoji: "👍" },
    { kind: "react", target: 2, emoji: "🎉" },
    { kind: "react", target: 2, emoji: "🎉", remove: true },
    { kind: "message", thread: 2, text: "a reply to @room", mentions: { room: true } },
    { kind: "edit", target: 3, text: "a secret" },
    { kind: "delete", target: 3 },
  ]);
  await world.commit(room);
  return room;
}

test("a room with changes as the writer leaves them is clean, also while the log has the deleted texts", async () => {
  const world = await openWorld();
  await changeRoom(world);
  await world.settledRoom(5);
  const { faults, notes, looked } = await verify(world.sources);
  expect({ faults, notes }).toEqual({ faults: {}, notes: {} });
  expect(looked).toMatchObject({ rooms: 2, rows: 16, states: 3 });
});

test("more changes of one message, and more changed messages, than one read has are folded whole", async () => {
  const world = await openWorld();
  const { room, owner } = await world.settledRoom(450);
  const replies = Array.from({ length: 1_100 }, () => ({ kind: "message", thread: 200, text: "reply" }) as const);
  const edits = Array.from({ length: 450 }, (_none, at) => ({ kind: "edit", target: at + 1, text: "edited" }) as const);
  await world.tell(owner, room, [...edits, ...replies]);
  await world.commit(room);
  const { faults, looked } = await verify(world.sources);
  expect({ faults, states: looked.states }).toEqual({ faults: {}, states: 450 });
  await world.ask("update hubbub.message_state set reply_count = 1 where room_id = $1 and seq = 450", room);
  expect(Object.keys((await verify(world.sources)).faults)).toEqual(["state-replies"]);
});

const state = (change: string, seq: number) => (world: World, room: string) =>
  world.ask(`update hubbub.message_state set ${change} where room_id = $1 and seq = ${seq}`, room);
const run = (text: string) => (world: World, room: string) => world.ask(text, room);

const BROKEN: readonly [
  what: string,
  code: string,
  seq: number,
  seed: (world: World, room: string) => Promise<unknown>,
][] = [
  ["an edited text", "state-text", 1, state("text = 'other'", 1)],
  ["an edit that is not counted", "state-text", 1, state("edits = 2", 1)],
  ["a state that is gone", "state-replies", 2, run("delete from hubbub.message_state where room_id = $1 and seq = 2")],
  ["a state of a message without changes", "state-pin", 9, run(insertInto("message_state", "9, 0, 0, 4"))],
  ["a pin that is gone", "state-pin", 1, state("pinned_seq = null", 1)],
  ["a wrong number of replies", "state-replies", 2, state("reply_count = 2", 2)],
  ["a deletion that is gone", "state-deleted", 3, state("deleted_seq = null", 3)],
  ["a missing reaction", "state-reactions", 2, run("delete from hubbub.reactions where room_id = $1")],
  ["a reaction of nobody", "state-reactions", 2, run(insertInto("reactions", "2, '👍', gen_random_uuid(), 6"))],
  [
    "a reaction to an unchanged message",
    "state-reactions",
    9,
    run(insertInto("reactions", "9, '👍', gen_random_uuid(), 6")),
  ],
  [
    "a reaction that another user has",
    "state-reactions",
    2,
    run("update hubbub.reactions set user_id = gen_random_uuid() where room_id = $1"),
  ],
  ["a deleted text in its row", "text-left", 3, run(setText(3, "text 3"))],
  ["a deleted text in the row of its edit", "text-left", 3, run(setText(10, "a secret"))],
  ["a text that is gone", "text-gone", 2, run("update hubbub.events set text = null where room_id = $1 and seq = 2")],
  ["a mention that is gone", "mentions", 9, run("delete from hubbub.mentions where room_id = $1")],
  ["a mention of nobody", "mentions", 2, run(insertInto("mentions", "2, gen_random_uuid(), gen_random_uuid()"))],
];

test("each broken row of a projection is reported with room and seq, and nothing else is; the advice repairs it", async () => {
  const world = await openWorld();
  const owner = await world.createUser();
  for (const [what, code, seq, seed] of BROKEN) {
    const room = await changeRoom(world);
    await seed(world, room);
    const { faults } = await verify(world.sources, room);
    const examples = [expect.stringContaining(`room ${room}: seq ${seq}: `)];
    expect.soft(faults, what).toEqual({ [code]: { count: 1, examples } });
    if (!/^state-|^text-left$/.test(code)) continue;
    await repair(world, owner, { room, seq });
    expect.soft((await verify(world.sources, room)).faults, `${what}, repaired`).toEqual({});
  }
});

/** As `ADVICE` says. */
async function repair(world: World, owner: PublicUser, { room, seq }: { room: string; seq: number }): Promise<void> {
  for (const table of ["message_state", "reactions"])
    await world.ask(`delete from hubbub.${table} where room_id = $1 and seq = $2`, room, seq);
  const reaction = { kind: "react", target: seq, emoji: "🔧" } as const;
  const changes =
    seq === DELETED ? [{ kind: "delete", target: seq } as const] : [reaction, { ...reaction, remove: true }];
  await world.tell(owner, room as RoomId, changes);
  await world.commit(room as RoomId);
}

function insertInto(table: string, values: string): string {
  const columns = {
    message_state: "seq, edits, reply_count, pinned_seq",
    reactions: "seq, emoji, user_id, added_seq",
    mentions: "seq, user_id, by_id",
  }[table];
  return `insert into hubbub.${table} (room_id, ${columns}) values ($1, ${values})`;
}

function setText(seq: number, text: string): string {
  return `update hubbub.events set text = '${text}' where room_id = $1 and seq = ${seq}`;
}
