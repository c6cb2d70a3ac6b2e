import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { PICTURE } from "./picture.ts";
import { newAccount, type Stage } from "./stage.ts";
import type { Fields } from "./visitor.ts";

type Preparation = (stage: Stage) => Promise<void>;

const SCOPES = ["read", "write"];
/** An export is a file after a few seconds; without one the operation only refuses. */
const EXPORT_TRIES = 40;
const EXPORT_PAUSE_MS = 250;

const MODEL = { fields: { value: { type: "number" } } };

/** What must be there before an operation can succeed, beyond what every stage has. */
export const PREPARATIONS: Readonly<Record<string, Preparation>> = {
  "POST /auth/login": async (stage) => stage.know("username", stage.username),
  "POST /auth/second-factor": secondFactor,
  "POST /auth/token": async (stage) => {
    stage.token = String((await personalToken(stage))["token"]);
  },
  "DELETE /me/tokens/{token}": async (stage) => stage.know("tokens.token", (await personalToken(stage))["id"]),
  "DELETE /me/sessions/{session}": async (stage) => {
    await login(stage);
    const { sessions = [] } = (await stage.ask("GET", "/me/sessions")) as { sessions?: Fields[] };
    stage.know("sessions.session", sessions.find(({ current }) => current === false)?.["id"]);
  },
  "POST /me/totp/confirm": beginTotp,
  "POST /me/totp/remove": async (stage) => {
    await confirmTotp(stage);
    stage.include("password");
  },
  "POST /me/recovery-codes": async (stage) => void (await confirmTotp(stage)),
  "GET /me/exports/{id}": async (stage) => void (await requestExport(stage)),
  "DELETE /me/exports/{id}": async (stage) => void (await requestExport(stage)),
  "POST /me/exports/{id}/link": finishedExport,
  "GET /me/exports/{id}/content": finishedExport,
  "GET /users/{id}/avatar/{avatar}": async (stage) => {
    stage.know("users.id", stage.user);
    stage.know("avatar.avatar", (await stage.ask("PUT", "/me/avatar", PICTURE))["avatar"]);
  },
  "GET /rooms/{id}/files/{file}/thumbnail": async (stage) => {
    const picture = `${stage.room}/files?id=${randomUUID()}&name=fuzz.gif`;
    stage.know("files.file", (await stage.ask("PUT", picture, PICTURE))["id"]);
  },
  "POST /rooms/{id}/leave": async (stage) =>
    void (await stage.ask("PUT", `${stage.room}/members/${stage.other.user}`, { role: "owner" })),
  "GET /rooms/{id}/chain": async (stage) => void (await stage.ask("PUT", `${stage.room}/chain`)),
  "GET /rooms/{id}/model": async (stage) => void (await stage.ask("PUT", `${stage.room}/model`, MODEL)),
  "PUT /rooms/{id}/model": async (stage) => stage.know("fields", MODEL.fields),
  "POST /rooms/{id}/data": async (stage) => {
    await stage.ask("PUT", `${stage.room}/model`, MODEL);
    stage.know("rows", [{ value: 1 }]);
  },
  "DELETE /bots/{bot}": async (stage) => void (await bot(stage)),
  "POST /bots/{bot}/tokens": async (stage) => void (await bot(stage)),
  "GET /bots/{bot}/tokens": async (stage) => void (await bot(stage)),
  "DELETE /bots/{bot}/tokens/{token}": async (stage) => {
    const made = await stage.ask("POST", `/bots/${await bot(stage)}/tokens`, { name: "fuzz", scopes: SCOPES });
    stage.know("tokens.token", made["id"]);
  },
  "POST /rooms/{id}/hooks": async (stage) => stage.know("bot", await bot(stage)),
  "DELETE /rooms/{id}/hooks/{hook}": async (stage) => stage.know("hooks.hook", (await hook(stage))["id"]),
  "POST /hooks/in/{hook}/{secret}": async (stage) => {
    const made = await hook(stage);
    stage.know("in.hook", made["id"]);
    stage.know(".secret", String(made["path"]).split("/").at(-1));
  },
  "POST /rooms/{id}/tasks": async (stage) => {
    stage.know("id", randomUUID());
    stage.know("name", "stats");
  },
  "GET /rooms/{id}/tasks/{task}": task,
  "DELETE /rooms/{id}/tasks/{task}": task,
  "POST /rooms/{id}/watches": async (stage) => stage.know("where", "has(text)"),
  "POST /rooms/{id}/messages/{seq}/reports": async (stage) => void (await messageOfOther(stage)),
  "PATCH /rooms/{id}/reports/{report}": report,
  "PATCH /admin/reports/{report}": report,
  "PUT /admin/users/{id}/role": async (stage) => {
    const { user } = (await stage.ask("POST", "/auth/signup", newAccount())) as { user?: Fields };
    stage.know("users.id", user?.["id"]);
  },
  "POST /me/invitations/{id}/accept": async (stage) => {
    const room = await stage.other.ask("POST", "/rooms", { name: `fuzz ${randomUUID()}`, visibility: "private" });
    await stage.other.ask("POST", `/rooms/${room["id"]}/invites`, { username: stage.username });
    stage.know("invitations.id", room["id"]);
  },
};

/** Resolves to its seq. */
async function messageOfOther(stage: Stage): Promise<unknown> {
  const sent = await stage.other.ask("POST", `${stage.room}/messages`, { id: randomUUID(), text: "fuzz of another" });
  stage.know("messages.seq", sent["seq"]);
  return sent["seq"];
}

/** The author of a message closes no report of it. */
async function report(stage: Stage): Promise<void> {
  const seq = await messageOfOther(stage);
  const made = await stage.ask("POST", `${stage.room}/messages/${seq}/reports`, { reason: "spam" });
  stage.know("reports.report", made["id"]);
}

/** Resolves to its id. The name is the stage's own: it is made once. */
async function bot(stage: Stage): Promise<string> {
  const { user } = (await stage.ask("POST", "/bots", { username: `bot-${stage.username.slice(-20)}` })) as {
    user?: Fields;
  };
  stage.know("bots.bot", user?.["id"]);
  return String(user?.["id"]);
}

async function hook(stage: Stage): Promise<Fields> {
  return await stage.ask("POST", `${stage.room}/hooks`, { bot: await bot(stage) });
}

function login(stage: Stage): Promise<Fields> {
  return stage.ask("POST", "/auth/login", { username: stage.username, password: stage.password });
}

function personalToken(stage: Stage): Promise<Fields> {
  return stage.ask("POST", "/me/tokens", { name: "fuzz", scopes: SCOPES });
}

async function beginTotp(stage: Stage): Promise<void> {
  const { secret } = await stage.ask("POST", "/me/totp", {});
  stage.know("code", totp(String(secret)));
}

/** Resolves to the recovery codes. */
async function confirmTotp(stage: Stage): Promise<unknown> {
  const { secret } = await stage.ask("POST", "/me/totp", {});
  return (await stage.ask("POST", "/me/totp/confirm", { code: totp(String(secret)) }))["codes"];
}

async function secondFactor(stage: Stage): Promise<void> {
  const codes = await confirmTotp(stage);
  const { secondFactor: asked } = (await login(stage)) as { secondFactor?: { ticket?: string } };
  stage.know("ticket", asked?.ticket);
  stage.know("code", Array.isArray(codes) ? codes[0] : undefined);
  stage.include("code");
}

async function task(stage: Stage): Promise<void> {
  const asked = await stage.ask("POST", `${stage.room}/tasks`, { id: randomUUID(), name: "stats" });
  stage.know("tasks.task", asked["id"]);
}

async function requestExport(stage: Stage): Promise<string> {
  const { id } = await stage.ask("POST", "/me/exports", {});
  stage.know("exports.id", id);
  return String(id);
}

async function finishedExport(stage: Stage): Promise<void> {
  const id = await requestExport(stage);
  for (let tries = 0; tries < EXPORT_TRIES; tries += 1) {
    const { state } = await stage.ask("GET", `/me/exports/${id}`);
    if (state !== "queued" && state !== "running") return;
    await delay(EXPORT_PAUSE_MS);
  }
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const PERIOD_MS = 30_000;
const DIGITS = 6;

/** RFC 6238 of this moment, as authenticator apps compute it: SHA-1, six digits. */
function totp(secret: string): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / PERIOD_MS)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE((digest.at(-1) ?? 0) & 0xf) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, "0");
}
