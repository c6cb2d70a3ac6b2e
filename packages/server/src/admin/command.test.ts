import type { ControlMessage } from "@hubbub/broker";
import type { RoomId, SessionId, UserId } from "@hubbub/protocol";
import { createEmbeddedStore, type Store } from "@hubbub/store";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { NoSuchUser } from "../sessions-command.ts";
import { parseAdminArguments } from "./arguments.ts";
import { adminCommand } from "./command.ts";
import { toEnd } from "./find.ts";
import type { Teller } from "./parts.ts";
import { AdminRefused } from "./refused.ts";

let store: Store;
let revoked: SessionId[];
let told: ControlMessage[];
let announced: string[];
let isRedisThere: boolean;
const teller: Teller = {
  connect: async () => isRedisThere,
  async revoked(sessions) {
    revoked.push(...sessions);
    return isRedisThere;
  },
  async announce(_by, text) {
    announced.push(text);
    return announced.length;
  },
  async tell(message) {
    told.push(message);
    return isRedisThere;
  },
};
beforeAll(async () => {
  store = await createEmbeddedStore({ image: inject("storeImage") });
  await store.migrate();
});
afterAll(() => store[Symbol.asyncDispose]());
beforeEach(() => {
  [revoked, told, announced, isRedisThere] = [[], [], [], true];
});

async function admin(...args: string[]): Promise<string> {
  const asked = parseAdminArguments(args);
  if (asked === null) throw new Error("usage");
  let printed = "";
  const parts = { store, teller, [Symbol.asyncDispose]: async () => undefined };
  await adminCommand(parts, asked, (text) => {
    printed += text;
  });
  return printed;
}

const json = async (...args: string[]) =>
  (await admin(...args, "--json")).split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));

async function login(user: UserId): Promise<SessionId> {
  const expiresAt = new Date(Date.now() + 60_000);
  return (await store.sessions.create(user, { refreshHash: crypto.randomUUID(), expiresAt, max: 10 })).session;
}

const create = (username: string) => store.users.create({ username, passwordHash: "hash" });

test("each act takes its names and its options, and nothing else", () => {
  expect(parseAdminArguments(["suspend", "ada", "--until", "7d", "--json"])).toEqual({
    ...{ act: "suspend", names: ["ada"], isJson: true, isMasked: true, options: { until: "7d" } },
  });
  expect(parseAdminArguments(["revoke-role", "ada"])).toMatchObject({ names: ["ada"] });
  for (const args of [[], ["nothing"], ["toString"], ["user"], ["user", "a", "b"], ["grant", "ada"], ["users", "ada"]])
    expect(parseAdminArguments(args), args.join(" ")).toBeNull();
  for (const args of [
    ["user", "ada", "--until", "7d"],
    ["grant", "ada", "admin", "--reason", "x"],
    ["rooms", "--all"],
  ])
    expect(parseAdminArguments(args), args.join(" ")).toBeNull();
});

test("an end is a time from now, a day or an instant, and lies ahead", () => {
  const now = Date.parse("2026-11-26T12:00:00Z");
  const ends = ["30m", "12h", "7d", "2026-12-01", "2026-12-01T10:00+02:00"].map((text) =>
    toEnd(text, now).toISOString(),
  );
  expect(ends).toEqual([
    "2026-11-26T12:30:00.000Z",
    "2026-11-27T00:00:00.000Z",
    "2026-12-03T12:00:00.000Z",
    "2026-12-01T00:00:00.000Z",
    "2026-12-01T08:00:00.000Z",
  ]);
  for (const text of ["", "7", "0d", "tomorrow", "2026-12-01T10:00", "2026-13-01", "2020-01-01", "1"])
    expect(() => toEnd(text, now), text).toThrow(AdminRefused);
});

test("an operator grants a server role and takes it away", async () => {
  const { id } = await create("ada");
  expect(await admin("grant", "ADA", "admin")).toBe("ada has the server role admin now.\n");
  expect(await store.admin.roleOf(id)).toBe("admin");
  expect(await admin("grant", "ada", "admin")).toBe("ada had this role before.\n");
  await expect(admin("grant", "ada", "owner")).rejects.toThrow("ROLE is one of: support, admin");
  await expect(admin("revoke-role", "ada", "support")).rejects.toThrow("ada has the server role admin");
  expect(await json("revoke-role", "ada")).toEqual([
    { kind: "done", user: { id, username: "ada" }, role: null, changed: true },
  ]);
  expect(await store.admin.roleOf(id)).toBeNull();
  await expect(admin("grant", "nobody-here", "admin")).rejects.toThrow(NoSuchUser);
});

test("a suspension ends sessions, tells gateways, is listed, and ends", async () => {
  const { id } = await create("mallory");
  const session = await login(id);
  const said = await admin("suspend", "mallory", "--until", "7d", "--reason", "spam");
  expect(said).toMatch(/^mallory is suspended until 20.*Z; 1 sessions ended\.\n$/);
  expect(revoked).toEqual([session]);
  await expect(login(id)).rejects.toMatchObject({ code: "account_suspended" });
  expect(await admin("users", "--suspended")).toMatch(/^users\n {2}NAME .*\n {2}mallory .* spam /);
  expect(await json("users", "--suspended")).toMatchObject([{ kind: "users", name: "mallory", reason: "spam" }]);
  expect(await admin("unsuspend", "mallory")).toBe("mallory can log in again.\n");
  expect(await admin("unsuspend", "mallory")).toBe("mallory was not suspended.\n");
  expect(await login(id)).toEqual(expect.any(String));
  expect(await admin("users", "--suspended")).toBe("users: none\n");
  await expect(admin("suspend", "mallory", "--reason", "two\nlines")).rejects.toThrow(AdminRefused);
});

test("without Redis the suspension is a fact, and the operator reads who learns of it later", async () => {
  const { id } = await create("eve");
  await login(id);
  isRedisThere = false;
  expect(await admin("suspend", "eve")).toContain("Redis cannot be reached: gateways learn of it when it is back");
  expect(await store.admin.suspensionOf(id)).toMatchObject({ reason: "", until: null });
});

test("a user is shown with sessions, tokens, factors and rooms", async () => {
  const { id } = await create("bob");
  const session = await login(id);
  await store.rooms.create({ name: "bobs", visibility: "private", topic: "", createdBy: id });
  const rows = await json("user", "bob");
  expect(rows).toContainEqual(expect.objectContaining({ kind: "user", name: "bob", id, role: null }));
  expect(rows).toContainEqual(expect.objectContaining({ kind: "sessions", id: session }));
  expect(rows).toContainEqual(expect.objectContaining({ kind: "rooms", name: "bobs", role: "owner" }));
  expect(await admin("user", "bob")).toContain("personal tokens: none\n");
});

test("a room is found by name or id, shown with its members and bans, and several of one name are told apart", async () => {
  const [owner, other] = [await create("owner1"), await create("other1")];
  const make = () => store.rooms.create({ name: "twins", visibility: "private", topic: "", createdBy: owner.id });
  const one = await make();
  await store.bans.add(one.id, other.id, { by: owner.id, reason: "spam", until: null });
  const rows = await json("room", "Twins");
  expect(rows).toContainEqual(expect.objectContaining({ kind: "room", id: one.id, visibility: "private" }));
  expect(rows).toContainEqual({ kind: "members", name: "owner1", id: owner.id, role: "owner" });
  expect(rows).toContainEqual(expect.objectContaining({ kind: "bans", name: "other1", reason: "spam" }));
  const two = await make();
  await expect(admin("room", "twins")).rejects.toThrow(new RegExp(`repeat the command with the id.*${two.id}`, "s"));
  expect(await json("rooms", "--search", "twin")).toHaveLength(2);
  expect(await admin("unban", one.id, "other1")).toContain("is not banned any more");
  await expect(admin("room", "nowhere")).rejects.toThrow("hubbub admin rooms --search");
});

test("a lost owner is replaced, and a room is archived, deleted and brought back", async () => {
  const [owner, heir] = [await create("owner2"), await create("heir2")];
  const { id } = await store.rooms.create({ name: "throne", visibility: "public", topic: "", createdBy: owner.id });
  await expect(admin("room-role", "throne", "heir2", "owner")).rejects.toThrow("is not in this room");
  await store.members.add(id, heir.id, "member");
  expect(await admin("room-role", "throne", "heir2", "owner")).toBe('heir2 is owner of "throne" now.\n');
  expect(told).toEqual([{ type: "member-changed", room: id, user: heir.id }]);
  expect(await store.members.roles([{ room: id, user: heir.id }])).toEqual(["owner"]);
  await admin("room-archive", "throne");
  expect((await store.rooms.find(id))?.settings).toEqual({ archived: true });
  await admin("room-unarchive", "throne");
  expect(await admin("room-delete", "throne")).toContain(`hubbub admin room-restore ${id}`);
  expect(await store.rooms.find(id)).toBeNull();
  await expect(admin("room-archive", "throne")).rejects.toThrow("bring it back first");
  expect(await admin("room-restore", "throne")).toBe('"throne" is back.\n');
  expect(told.map(({ type }) => type).slice(1)).toEqual([
    "room-changed",
    "room-changed",
    "room-closed",
    "room-changed",
  ]);
});

test("every act is in the audit as the operator's, and the audit is filtered", async () => {
  const [owner, carl] = [await create("owner3"), await create("carl")];
  const { id } = await store.rooms.create({ name: "watched", visibility: "public", topic: "", createdBy: owner.id });
  await store.members.add(id, carl.id, "member");
  await store.bans.add(id, carl.id, { by: owner.id, reason: "flood", until: null });
  await admin("unban", "watched", "carl");
  await admin("grant", "carl", "support");
  await admin("suspend", "carl", "--reason", "spam");
  await admin("unsuspend", "carl");
  await admin("revoke-role", "carl");
  const rows = await json("audit", "--subject", "carl");
  // Entries of one millisecond have no order.
  expect(rows.map(({ act, by }) => `${act} ${by}`).sort()).toEqual([
    "account_suspend operator",
    "account_unsuspend operator",
    "member_ban owner3",
    "member_unban operator",
    "server_role_set operator",
    "server_role_set operator",
  ]);
  const suspended = { kind: "audit", act: "account_suspend", whom: "carl", note: "spam", outcome: "done" };
  expect(rows).toContainEqual(expect.objectContaining(suspended));
  expect(await json("audit", "--room", "watched", "--act", "member_ban")).toHaveLength(1);
  expect(await json("audit", "--actor", "owner3", "--since", "1h")).toHaveLength(1);
  expect(await json("audit", "--actor", "operator", "--subject", "carl", "--until", "1h")).toEqual([]);
  await expect(admin("audit", "--actor", "nobody-here")).rejects.toThrow(NoSuchUser);
  await expect(admin("audit", "--since", "yesterday")).rejects.toThrow(AdminRefused);
});

test("reports are listed with and without a room, those of direct rooms too, and closed", async () => {
  const [owner, author] = [await create("owner4"), await create("author4")];
  const { id: room } = await store.rooms.create({
    name: "noisy",
    visibility: "public",
    topic: "",
    createdBy: owner.id,
  });
  const direct = await store.rooms.direct([owner.id, author.id]);
  const about = { by: owner.id, author: author.id, reason: "spam" as const, messageAt: 5, seq: 1 };
  const add = (of: RoomId, isDirect: boolean, message: string) =>
    store.reports.add({ ...about, room: of, isDirect, message }, { ofRoom: 9, ofUser: 9 });
  await add(room, false, "buy\u009b2J");
  await add(direct.id, true, "secret");
  const rows = await json("reports");
  expect(rows).toMatchObject([
    { kind: "reports", room, by: "owner4", author: "author4", message: "buy\u009b2J", state: "open", context: [] },
    { kind: "reports of direct rooms", room: direct.id, message: "secret" },
  ]);
  expect(await admin("reports")).not.toMatch(/[^\P{Cc}\n]/u);
  expect(await admin("reports", "--room", "noisy")).toContain("author4");
  const [{ id }] = rows;
  expect(await admin("report-close", id, "acted", "--reason", "deleted")).toBe("the report is closed: acted.\n");
  expect(await admin("reports", "--room", "noisy")).toBe("reports: none\n");
  expect(await json("reports", "--room", "noisy", "--closed")).toMatchObject([
    { id, state: "acted", closedBy: "operator", note: "deleted" },
  ]);
  await expect(admin("report-close", id, "open")).rejects.toThrow("STATE is one of: dismissed, acted");
  await expect(admin("report-close", room, "acted")).rejects.toThrow("hubbub admin reports");
});

test("what users chose cannot drive the terminal, and a list is printed a page at a time", async () => {
  const owner = await create("oscar");
  const name = "app\u009b2J";
  await store.rooms.create({ name, visibility: "private", topic: "", createdBy: owner.id });
  expect(await admin("rooms", "--search", "app")).not.toMatch(/[^\P{Cc}\n]/u);
  for (let at = 0; at < 401; at += 1) await create(`many-${at}`);
  const found = await json("users", "--search", "MANY-");
  expect(found.map((row) => row.name)).toEqual(Array.from({ length: 401 }, (_, at) => `many-${at}`));
});

test("e-mail addresses and addresses of clients are masked in every list, unless asked for", async () => {
  const { id } = await create("masked");
  const expiresAt = new Date(Date.now() + 60_000);
  await store.sessions.create(id, { refreshHash: crypto.randomUUID(), expiresAt, max: 10, address: "192.0.2.17" });
  const identity = { issuer: "https://login.example.org", subject: "masked@example.org" };
  await store.signin.identities.link(id, identity, 10, { by: "unknown", address: "192.0.2.18" });
  for (const form of [[], ["--json"]]) {
    const [user, audit] = [await admin("user", "masked", ...form), await admin("audit", ...form)];
    expect(user + audit).not.toMatch(/192\.0\.2|masked@/);
    expect(user).toMatch(/192\.0\.x\.x.*m\*\*\*@\*\*\*\.org/s);
    expect(audit).toContain("192.0.x.x");
  }
  expect(await admin("user", "masked", "--unmasked")).toMatch(/192\.0\.2\.17.*masked@example\.org/s);
  expect(await admin("audit", "--unmasked")).toContain("192.0.2.18");
  await admin("suspend", "masked", "--reason", "wrote to eve@example.org");
  expect(await admin("users", "--search", "masked")).toContain("wrote to e***@***.org");
});

test("only in the name of an admin is something announced", async () => {
  await create("herald");
  await expect(admin("announce", "herald", "hear ye")).rejects.toThrow("herald is no admin: hubbub admin grant herald");
  await admin("grant", "herald", "admin");
  expect(await admin("announce", "herald", "hear ye")).toBe("everybody is told, as herald.\n");
  for (const text of [" ", "x".repeat(8_193)])
    await expect(admin("announce", "herald", text)).rejects.toThrow("TEXT has 1 to 8192 bytes");
  expect(announced).toEqual(["hear ye"]);
});
