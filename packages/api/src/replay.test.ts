import type { HistoryPage, Member, Room, RoomEvent, RoomSettings } from "@hubbub/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type Person, TestApi, type World } from "../test/test-api.ts";

let world: World;
let api: TestApi;
let owner: Person;
let people: readonly Person[];
beforeAll(async () => {
  world = await openWorld();
  const many = "100000";
  api = new TestApi(world, {
    ROOMS_PER_MINUTE_PER_USER: many,
    PUBLISHES_PER_SECOND_PER_USER: many,
    MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM: many,
    PAGE_BYTES_PER_SECOND_PER_USER: "100000000",
  });
  [owner, ...people] = (await Promise.all([0, 1, 2].map(() => api.guest()))) as [Person, ...Person[]];
});
afterAll(() => world[Symbol.asyncDispose]());

interface Rows {
  readonly name: string;
  readonly topic: string;
  readonly settings: RoomSettings | undefined;
  /** By user. A mute and the role of a guest outlive leaving. */
  readonly members: ReadonlyMap<string, { readonly role: string; readonly mutedUntil: number; readonly isIn: boolean }>;
}

/** What an event makes of a room, as a client folds it. */
function fold(rows: Rows, event: RoomEvent): Rows {
  const withMember = (user: string, change: Partial<{ role: string; mutedUntil: number; isIn: boolean }>): Rows => {
    const before = rows.members.get(user) ?? { role: "member", mutedUntil: 0, isIn: false };
    return { ...rows, members: new Map(rows.members).set(user, { ...before, ...change }) };
  };
  switch (event.kind) {
    case "join":
      return withMember(event.user, { isIn: true });
    case "leave": {
      const isGuest = rows.members.get(event.user)?.role === "guest";
      return withMember(event.user, { isIn: false, ...(isGuest ? {} : { role: "member" }) });
    }
    case "member": {
      const { role, mutedUntil } = event;
      return withMember(event.user, {
        ...(role === undefined ? {} : { role }),
        ...(mutedUntil === undefined ? {} : { mutedUntil }),
      });
    }
    case "room":
      return { ...rows, name: event.name, topic: event.topic, settings: event.settings };
    default:
      return rows;
  }
}

const WHAT = `join leave kick invite invite ban unban role role role role mute mute unmute room room`.split(" ");
const act = fc.record({
  what: fc.constantFrom(...WHAT),
  who: fc.nat(1),
  role: fc.constantFrom("guest", "member", "moderator", "admin"),
  room: fc.constantFrom("name", "topic", "slow", "none", "archive", "unarchive"),
});
type Act = typeof act extends fc.Arbitrary<infer Drawn> ? Drawn : never;

let serial = 0;

/** May be refused: then nothing is to have happened. */
async function perform({ id }: Room, { what, who, role, room }: Act): Promise<void> {
  const person = people[who] ?? owner;
  const call = (as: Person, method: string, path: string, body?: object) =>
    api.call(method, path, { token: as.token, ...(body === undefined ? {} : { body }) });
  const { user } = person;
  serial += 1;
  const changes = {
    name: () => call(owner, "PATCH", `/rooms/${id}`, { name: `room ${id} ${serial}`.slice(0, 64) }),
    topic: () => call(owner, "PATCH", `/rooms/${id}`, { topic: `topic ${serial}` }),
    slow: () => call(owner, "PATCH", `/rooms/${id}`, { settings: { slowModeSeconds: serial } }),
    none: () => call(owner, "PATCH", `/rooms/${id}`, { settings: {} }),
    archive: () => call(owner, "PUT", `/rooms/${id}/archive`),
    unarchive: () => call(owner, "DELETE", `/rooms/${id}/archive`),
  };
  const acts = {
    join: () => call(person, "POST", `/rooms/${id}/join`),
    leave: () => call(person, "POST", `/rooms/${id}/leave`),
    kick: () => call(owner, "DELETE", `/rooms/${id}/members/${user.id}`),
    invite: async () => {
      await call(owner, "POST", `/rooms/${id}/invites`, { username: user.username });
      return call(person, "POST", `/me/invitations/${id}/accept`);
    },
    ban: () => call(owner, "PUT", `/rooms/${id}/bans/${user.id}`, {}),
    unban: () => call(owner, "DELETE", `/rooms/${id}/bans/${user.id}`),
    role: () => call(owner, "PUT", `/rooms/${id}/members/${user.id}`, { role }),
    mute: () => call(owner, "PUT", `/rooms/${id}/mutes/${user.id}`, { seconds: 3_600 + serial }),
    unmute: () => call(owner, "DELETE", `/rooms/${id}/mutes/${user.id}`),
    room: changes[room],
  };
  expect((await acts[what as keyof typeof acts]()).status).toBeLessThan(500);
}

/** As they are stored. */
async function storedRows({ id }: Room) {
  const read = async <Body>(path: string) => (await api.call<Body>("GET", path, { token: owner.token })).body;
  const { name, topic, settings } = await read<Room>(`/rooms/${id}`);
  const { members } = await read<{ members: Member[] }>(`/rooms/${id}/members`);
  const standings = await world.store.members.standings(members.map(({ user }) => ({ room: id, user: user.id })));
  const mutes = standings.map((standing) => standing?.mutedUntil ?? 0);
  return {
    ...{ name, topic, settings },
    members: members.map(({ user, role }, at) => [user.id, role, mutes[at]] as const).sort(),
  };
}

function shown({ members, ...rest }: Rows) {
  const isIn = [...members].filter(([, member]) => member.isIn);
  return { ...rest, members: isIn.map(([user, { role, mutedUntil }]) => [user, role, mutedUntil] as const).sort() };
}

test("a fold of the events of a room gives its name, topic, settings, members, roles and mutes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 20 }), async (acts) => {
      const made = await api.room(owner);
      const { name, topic, settings } = made;
      const members = new Map([[owner.user.id as string, { role: "owner", mutedUntil: 0, isIn: true }]]);
      const joins = [0, 1].map((who) => ({ what: "join", who, role: "member", room: "none" }) as const);
      let rows: Rows = { name, topic, settings, members };
      let last = 0;
      for (const one of [...joins, ...acts]) {
        await perform(made, one);
        const path = `/rooms/${made.id}/messages?after=${last}&limit=200`;
        const { messages } = (await api.call<HistoryPage>("GET", path, { token: owner.token })).body;
        rows = messages.reduce(fold, rows);
        last = messages.at(-1)?.seq ?? last;
        expect(shown(rows)).toEqual(await storedRows(made));
      }
    }),
    { numRuns: 6, endOnFailure: true },
  );
}, 60_000);
