import { randomUUID } from "node:crypto";
import type { Tokens } from "@hubbub/protocol";
import { type Person, tryPublish } from "@hubbub/testkit";
import { ask, connectPaced, JSON_TYPE, judge, type Outcome, type Probe, type Target, withPerson } from "./probe.ts";

const UNAUTHORIZED = 401;

async function status(target: Target, path: string, token: string): Promise<number> {
  const answer = await ask(new URL(`/api/v1${path}`, target.url), { headers: { authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  return answer.status;
}

/** What a gateway says to a hello with this token. */
async function greeting({ wsUrl }: Target, token: string): Promise<string> {
  const ws = await connectPaced(wsUrl);
  await ws.send({ type: "hello", ref: 0, token });
  const answer = await ws.nextJson();
  await ws.cut();
  return String(answer["code"] ?? answer.type);
}

async function refused(target: Target, token: string): Promise<Outcome> {
  const [http, socket] = [await status(target, "/me", token), await greeting(target, token)];
  return judge(http === UNAUTHORIZED && socket !== "ready", `HTTP ${http}, WebSocket ${socket}`);
}

const afterLogout = withPerson(async (target, person) => {
  await person.logout();
  return await refused(target, person.tokens.accessToken);
});

const forged = withPerson(async (target, { tokens }) => {
  const [head = "", body = "", signature = ""] = tokens.accessToken.split(".");
  const flipped = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
  return await refused(target, [head, body, flipped].join("."));
});

const unsigned = withPerson(async (target, { tokens }) => {
  const head = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
  return await refused(target, `${head}.${tokens.accessToken.split(".")[1]}.`);
});

async function refresh({ url }: Target, refreshToken: string): Promise<{ code: number; tokens: Tokens | null }> {
  const body = JSON.stringify({ refreshToken });
  const answer = await ask(new URL("/api/v1/auth/refresh", url), { method: "POST", headers: JSON_TYPE, body });
  const text = await answer.text();
  return { code: answer.status, tokens: answer.ok ? (JSON.parse(text) as Tokens) : null };
}

const reusedRefresh = withPerson(async (target, person) => {
  const first = await refresh(target, person.tokens.refreshToken);
  const second = first.tokens === null ? null : await refresh(target, first.tokens.refreshToken);
  if (second?.tokens === null || second === null)
    return judge(false, `a refresh was answered ${second?.code ?? first.code}`);
  const again = await refresh(target, person.tokens.refreshToken);
  return judge(again.tokens === null, `the first token, after two newer ones: ${again.code}`);
});

const replayed = withPerson(async (target, person) => {
  const { id: room } = await person.createRoom();
  const ws = await person.connect(target.wsUrl);
  const id = randomUUID();
  const [first, second] = [await tryPublish(ws, room, "once", id), await tryPublish(ws, room, "once", id)];
  await ws.close();
  const { messages } = await person.history(room);
  const count = messages.filter((event) => event.id === id).length;
  return judge(
    first["seq"] === second["seq"] && count === 1,
    `seq ${first["seq"]} and ${second["seq"]}, ${count} in the history`,
  );
});

/** A room that only its owner is in. */
const foreignRoom = withPerson(async (target, owner) => {
  const stranger = await (target.people as () => Promise<Person>)();
  const room = await owner.post<{ id: string }>("/rooms", { name: `private-${randomUUID()}`, visibility: "private" });
  const read = await status(target, `/rooms/${room.id}/messages?limit=1`, stranger.tokens.accessToken);
  const ws = await stranger.connect(target.wsUrl);
  const said = await tryPublish(ws, room.id, "let me in");
  ws.send({ type: "subscribe", ref: 1, room: room.id });
  const heard = await ws.nextWhere((frame) => frame["ref"] === 1, "the answer to a subscription");
  await ws.close();
  const isHeld = read >= 400 && said.type === "error" && heard.type === "error";
  return judge(
    isHeld,
    `reading ${read}, publishing ${said["code"] ?? said.type}, subscribing ${heard["code"] ?? heard.type}`,
  );
});

export const sessionProbes: readonly Probe[] = [
  {
    name: "an access token after the logout",
    ids: ["7.4.1"],
    expects: "refused by HTTP and WebSocket",
    run: afterLogout,
  },
  { name: "a token with another signature", ids: ["9.1.1"], expects: "refused by both", run: forged },
  { name: "a token without a signature", ids: ["9.1.2"], expects: "refused by both", run: unsigned },
  { name: "a refresh token that was replaced", ids: ["10.4.5"], expects: "refused", run: reusedRefresh },
  { name: "a message sent twice", ids: [], expects: "once, under one seq", run: replayed },
  { name: "a private room of somebody else", ids: ["8.2.2"], expects: "neither read nor written", run: foreignRoom },
];
