import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { OVERRIDABLE, PERMISSIONS, type Permission, permits, ROLES, type Role } from "@hubbub/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster.ts";
import { repositoryRoot } from "../paths.ts";
import { Person } from "../people.ts";
import type { WsClient } from "../ws-client.ts";

/** Who may do what in a room, over WebSocket and HTTP, on two gateways with a real Redis and Postgres. */
const DOCUMENT = `${repositoryRoot}/docs/permissions.md`;
/** What members are told of a change, and gateways obey it. */
const CONTROL_MS = 200;
const MANY = "100000";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({
    gateways: 2,
    writers: 1,
    env: {
      PUBLISHES_PER_SECOND_PER_USER: MANY,
      PUBLISHES_PER_SECOND_PER_ADDRESS: MANY,
      MEMBERSHIP_CHANGES_PER_SECOND_PER_ROOM: MANY,
      ROOMS_PER_MINUTE_PER_USER: MANY,
    },
  });
});
afterAll(() => cluster?.stop());

const who = [...ROLES, "no member", "banned"] as const;
type Who = (typeof who)[number];
/** What an act was answered: nothing, or the code of its refusal. */
type Outcome = "done" | string;

interface Stage {
  readonly room: string;
  readonly owner: Person;
  readonly actor: Person;
  readonly ws: WsClient;
  /** Seqs of messages of the owner that no act has used. */
  readonly messages: number[];
  /** Members that no act has used. */
  readonly members: Person[];
}

async function call(person: Person, method: string, path: string, body?: object) {
  const response = await fetch(`${cluster.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${person.tokens.accessToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

async function must(person: Person, method: string, path: string, body?: object) {
  const answer = await call(person, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const connect = (person: Person, gateway: number) =>
  person.connect(`ws://127.0.0.1:${cluster.gateways[gateway]?.port}/ws`, "");

async function prepare(as: Who): Promise<Stage> {
  const people = await Promise.all(Array.from({ length: 6 }, () => Person.arrive(cluster.url)));
  const [owner, actor, ...members] = people as [Person, Person, ...Person[]];
  const { id: room } = await owner.createRoom();
  for (const member of members) await member.join(room);
  if (as !== "no member") await actor.join(room);
  if (as === "banned") await must(owner, "PUT", `/rooms/${room}/bans/${actor.tokens.user.id}`, {});
  else if (as !== "no member") await must(owner, "PUT", `/rooms/${room}/members/${actor.tokens.user.id}`, { role: as });
  const messages: number[] = [];
  for (let at = 0; at < 8; at += 1) {
    messages.push((await owner.post<{ seq: number }>(`/rooms/${room}/messages`, { id: randomUUID(), text: "x" })).seq);
  }
  return { room, owner, actor, ws: await connect(actor, 1), messages, members };
}

let ref = 1_000;
async function frame({ ws, room }: Stage, rest: object): Promise<Outcome> {
  ref += 1;
  const asked = ref;
  ws.send({ ref: asked, room, id: randomUUID(), ...rest } as never);
  const answer = await ws.nextWhere((got) => got["ref"] === asked, "the answer");
  return answer.type === "error" ? String(answer["code"]) : "done";
}

async function request({ actor, room }: Stage, method: string, path: string, body?: object): Promise<Outcome> {
  const { status, body: answer } = await call(actor, method, `/rooms/${room}${path}`, body);
  return status < 300 ? "done" : String(answer.code);
}

const id = () => randomUUID();
const take = <Item>(items: Item[]): Item => {
  const item = items.shift();
  if (item === undefined) throw new Error("the stage has too few of these");
  return item;
};
const target = (stage: Stage) => take(stage.members).tokens.user.id;

/** Whether `@room` of the actor mentions everybody; a refusal is told as it is. */
async function mentionsAll(stage: Stage, post: (text: string) => Promise<Outcome>): Promise<Outcome> {
  const outcome = await post("@room hello");
  if (outcome !== "done") return outcome;
  const { messages } = await stage.owner.history(stage.room, "limit=1");
  return messages.some((event) => event.kind === "message" && event.mentions?.room) ? "done" : "forbidden";
}

const OVER_HTTP: Record<Permission, (stage: Stage) => Promise<Outcome>> = {
  post: (stage) => request(stage, "POST", "/messages", { id: id(), text: "x" }),
  react: (stage) => request(stage, "PUT", `/messages/${stage.messages[0]}/reactions/%F0%9F%91%8D?id=${id()}`),
  "mention-all": (stage) => mentionsAll(stage, (text) => request(stage, "POST", "/messages", { id: id(), text })),
  pin: (stage) => request(stage, "PUT", `/messages/${stage.messages[0]}/pin?id=${id()}`),
  invite: (stage) => request(stage, "POST", "/invites", {}),
  "delete-any": (stage) => request(stage, "DELETE", `/messages/${take(stage.messages)}?id=${id()}`),
  kick: (stage) => request(stage, "DELETE", `/members/${target(stage)}`),
  mute: (stage) => request(stage, "PUT", `/mutes/${target(stage)}`, { seconds: 60 }),
  audit: (stage) => request(stage, "GET", "/audit"),
  ban: (stage) => request(stage, "PUT", `/bans/${target(stage)}`, {}),
  "read-revisions": (stage) => request(stage, "GET", `/messages/${stage.messages.at(-1)}/revisions`),
  reports: (stage) => request(stage, "GET", "/reports"),
  "change-room": (stage) => request(stage, "PATCH", "", { topic: "new" }),
  "set-role": (stage) => request(stage, "PUT", `/members/${target(stage)}`, { role: "guest" }),
  own: async (stage) => {
    const outcome = await request(stage, "PUT", "/archive");
    if (outcome === "done") await must(stage.owner, "DELETE", `/rooms/${stage.room}/archive`);
    return outcome;
  },
};

const OVER_WEBSOCKET: Partial<typeof OVER_HTTP> = {
  post: (stage) => frame(stage, { type: "publish", text: "x" }),
  react: (stage) => frame(stage, { type: "react", target: stage.messages[1], emoji: "👍" }),
  "mention-all": (stage) => mentionsAll(stage, (text) => frame(stage, { type: "publish", text })),
  pin: (stage) => frame(stage, { type: "pin", target: stage.messages[1] }),
  "delete-any": (stage) => frame(stage, { type: "delete", target: take(stage.messages) }),
};

const permissions = Object.keys(PERMISSIONS) as Permission[];

function expected(as: Who, permission: Permission): Outcome {
  if (as === "no member" || as === "banned") return "not_member";
  return permits(as, permission) ? "done" : "forbidden";
}

const observed = new Map<string, Outcome>();

test.each(who)("each permission of somebody who is %s holds over HTTP and over the WebSocket", async (as) => {
  const stage = await prepare(as);
  for (const permission of permissions) {
    const overHttp = await OVER_HTTP[permission](stage);
    const overWebSocket = await OVER_WEBSOCKET[permission]?.(stage);
    expect({ permission, overHttp }).toEqual({ permission, overHttp: expected(as, permission) });
    if (overWebSocket !== undefined)
      expect({ permission, overWebSocket }).toEqual({ permission, overWebSocket: overHttp });
    observed.set(`${as} ${permission}`, overHttp);
  }
  const reads = [await request(stage, "GET", "/messages"), await frame(stage, { type: "subscribe", id: undefined })];
  const outcome = as === "no member" || as === "banned" ? "not_member" : "done";
  expect(reads).toEqual([outcome, outcome]);
  await stage.ws.close();
});

test("docs/permissions.md shows what these tests observed", async () => {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const table = [
    line(["permission", ...ROLES, "over"]),
    line(["permission", ...ROLES, "over"].map(() => "---")),
    ...permissions.map((permission) => {
      const cells = ROLES.map((role: Role) => (observed.get(`${role} ${permission}`) === "done" ? "yes" : ""));
      return line([`\`${permission}\``, ...cells, permission in OVER_WEBSOCKET ? "HTTP, WebSocket" : "HTTP"]);
    }),
  ].join("");
  const text = await readFile(DOCUMENT, "utf8");
  const shown = text.replace(
    /(<!-- table.*?-->\n)[\s\S]*?(<!-- \/table -->)/,
    (_all, begin, end) => begin + table + end,
  );
  if (process.env["UPDATE_DOCS"] === "1") await writeFile(DOCUMENT, shown);
  else expect(text).toBe(shown);
});

/** Repeats an act until its outcome is another one. Returns the ms that took. */
async function msUntil(outcome: Outcome, act: () => Promise<Outcome>): Promise<number> {
  const began = performance.now();
  while ((await act()) !== outcome) {
    if (performance.now() - began > 5_000) throw new Error(`never ${outcome}`);
  }
  return performance.now() - began;
}

/** A member may do none of the others of itself. Who acts on a member must be stronger: the targets are guests. */
const OF_MEMBERS: readonly Permission[] = ["post", "react", "invite"];

test("a member may do what the room permits to members and no more, for each permission that a room may choose", async () => {
  const stage = await prepare("member");
  const { owner, room } = stage;
  const overrides = OVERRIDABLE.map((one) => [one, OF_MEMBERS.includes(one) ? "moderator" : "member"]);
  await must(owner, "PATCH", `/rooms/${room}`, { settings: { permissions: Object.fromEntries(overrides) } });
  for (const member of stage.members) {
    await must(owner, "PUT", `/rooms/${room}/members/${member.tokens.user.id}`, { role: "guest" });
  }
  // Who may not write posts no mention either.
  for (const permission of OVERRIDABLE.filter((one) => one !== "mention-all")) {
    const outcomes = [await OVER_HTTP[permission](stage), await OVER_WEBSOCKET[permission]?.(stage)];
    const outcome = OF_MEMBERS.includes(permission) ? "forbidden" : "done";
    expect({ permission, outcomes }).toEqual({
      permission,
      outcomes: [outcome, permission in OVER_WEBSOCKET ? outcome : undefined],
    });
  }
  await must(owner, "PATCH", `/rooms/${room}`, { settings: { permissions: { "mention-all": "member" } } });
  expect([await OVER_HTTP["mention-all"](stage), await OVER_WEBSOCKET["mention-all"]?.(stage)]).toEqual([
    "done",
    "done",
  ]);
  await stage.ws.close();
});

const choose =
  (post: Role) =>
  ({ owner, room }: Stage) =>
    must(owner, "PATCH", `/rooms/${room}`, { settings: { permissions: { post } } });
const giveRole =
  (role: Role) =>
  ({ owner, room }: Stage, user: string) =>
    must(owner, "PUT", `/rooms/${room}/members/${user}`, { role });
const mute = ({ owner, room }: Stage, user: string) =>
  must(owner, "PUT", `/rooms/${room}/mutes/${user}`, { seconds: 60 });
const unmute = ({ owner, room }: Stage, user: string) => must(owner, "DELETE", `/rooms/${room}/mutes/${user}`);

interface Change {
  /** What a publish of the actor is answered before and behind it. */
  readonly outcomes: readonly [Outcome, Outcome];
  readonly before?: (stage: Stage, user: string) => Promise<unknown>;
  readonly act: (stage: Stage, user: string) => Promise<unknown>;
}

test.each<[string, Change]>([
  ["a mute", { outcomes: ["done", "muted"], act: mute }],
  ["the end of a mute", { outcomes: ["muted", "done"], before: mute, act: unmute }],
  ["a weaker role", { outcomes: ["done", "forbidden"], before: choose("member"), act: giveRole("guest") }],
  ["a stronger role", { outcomes: ["forbidden", "done"], before: choose("moderator"), act: giveRole("moderator") }],
  [
    "a ban",
    {
      outcomes: ["done", "not_member"],
      act: ({ owner, room }, user) => must(owner, "PUT", `/rooms/${room}/bans/${user}`, {}),
    },
  ],
  [
    "a removal",
    {
      outcomes: ["done", "not_member"],
      act: ({ owner, room }, user) => must(owner, "DELETE", `/rooms/${room}/members/${user}`),
    },
  ],
  ["a new permission", { outcomes: ["done", "forbidden"], act: choose("moderator") }],
  [
    "the archive",
    { outcomes: ["done", "room_archived"], act: ({ owner, room }) => must(owner, "PUT", `/rooms/${room}/archive`) },
  ],
  [
    "the deletion of the room",
    { outcomes: ["done", "not_member"], act: ({ owner, room }) => must(owner, "DELETE", `/rooms/${room}`) },
  ],
])("%s reaches every gateway within 200 ms", async (_what, { outcomes: [first, then], before, act }) => {
  const stage = await prepare("member");
  const user = stage.actor.tokens.user.id;
  const far = await connect(stage.actor, 0);
  const say = [stage.ws, far].map((ws) => () => frame({ ...stage, ws }, { type: "publish", text: "x" }));
  await before?.(stage, user);
  // Each gateway knows the actor before the change.
  for (const one of say) await msUntil(first, one);
  await act(stage, user);
  const took = await Promise.all(say.map((one) => msUntil(then, one)));
  for (const ms of took) expect(ms).toBeLessThan(CONTROL_MS);
  for (const ws of [stage.ws, far]) await ws.close();
});
