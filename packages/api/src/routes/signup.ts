import { createHash } from "node:crypto";
import { createRoute } from "@hono/zod-openapi";
import { isReservedName, ProtocolError, usernameKey } from "@hubbub/protocol";
import { guestBody, signupBody } from "@hubbub/protocol/http";
import type { UserRecord } from "@hubbub/store";
import type { Requester } from "../auth/fair-semaphore.ts";
import { createGuest, GuestCount } from "../auth/guests.ts";
import { accountWords, assertStrongPassword, serverWords } from "../auth/password-rules.ts";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, json, refusals, tokensSchema } from "./shapes.ts";

const tags = ["accounts"];

export const contract = {
  signup: createRoute({
    method: "post",
    path: "/auth/signup",
    tags,
    summary: "Create an account and log in",
    request: { body: json(signupBody) },
    responses: {
      201: answer("the new user, logged in", tokensSchema),
      default: refusals("bad_request", "username_taken", "username_reserved", "weak_password", "overloaded"),
    },
  }),
  guest: createRoute({
    method: "post",
    path: "/auth/guest",
    tags,
    summary: "Create a guest",
    request: { body: { ...json(guestBody), required: false } },
    responses: {
      201: answer(
        "the guest, logged in; the name is guest- and the wish, with a random end when that was taken or none given",
        tokensSchema,
      ),
      default: refusals("bad_request", "guests_disabled", "account_suspended", "username_reserved", "overloaded"),
    },
  }),
};

export function route(app: ApiApp, context: ApiContext): void {
  const { store, settings, limits, sessions, securityLog, accountMail } = context;
  const guests = new GuestCount(store.users, settings.GUESTS_MAX);

  app.openapi(contract.signup, async (c) => {
    const { address } = c.env;
    limits.signup(address);
    const body = c.req.valid("json");
    const user = await createAccount(context, body, { address, signal: c.req.raw.signal });
    const client = { address, agent: c.req.header("user-agent"), passwordHash: user.passwordHash ?? undefined };
    const tokens = await sessions.start(user, client);
    if (body.email !== undefined) accountMail.greet(user, body.email, address);
    securityLog({ event: "signup", outcome: "success", address, user: user.id });
    return c.json(tokens, 201);
  });

  app.openapi(contract.guest, async (c) => {
    if (!settings.ALLOW_GUESTS) throw new ProtocolError("guests_disabled");
    const { address } = c.env;
    limits.signup(address);
    const { name, id } = c.req.valid("json");
    const creationKey = id === undefined ? undefined : toCreationKey("guest", id);
    const created = creationKey === undefined ? null : await store.users.findCreated(creationKey);
    if (created === null) await guests.admit();
    const guest = created ?? (await createGuest(store.users, name, creationKey, settings.RESERVED_NAMES));
    const client = { address, agent: c.req.header("user-agent") };
    return c.json(await sessions.start(guest, client, { isGuest: true }), 201);
  });
}

interface Wanted {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  readonly id?: string | undefined;
}

async function createAccount(context: ApiContext, wanted: Wanted, requester: Requester): Promise<UserRecord> {
  const { store, settings, passwords } = context;
  const { username, password, email, id } = wanted;
  if (isReservedName(username, settings.RESERVED_NAMES)) throw new ProtocolError("username_reserved");
  assertStrongPassword(password, [...serverWords(settings.ALLOWED_ORIGINS), ...accountWords(username, email)]);
  const creationKey = id === undefined ? undefined : toCreationKey("account", id);
  const created = await findOwnCreation(context, wanted, creationKey, requester);
  if (created !== null) return created;
  // Checked before the expensive hash; `create` decides between concurrent calls.
  if (await store.users.looksTaken(username)) throw new ProtocolError("username_taken");
  const passwordHash = await passwords.hash(password, requester);
  try {
    return { ...(await store.users.create({ username, email, passwordHash, creationKey })), passwordHash };
  } catch (error) {
    // A concurrent call with the same id was faster.
    const other = await findOwnCreation(context, wanted, creationKey, requester);
    if (other !== null) return other;
    throw error;
  }
}

/** The account that an earlier call with the same id, name and password made, and whose answer was lost. */
async function findOwnCreation(
  { store, passwords }: ApiContext,
  { username, password }: Wanted,
  creationKey: string | undefined,
  requester: Requester,
): Promise<UserRecord | null> {
  const created = creationKey === undefined ? null : await store.users.findCreated(creationKey);
  if (created === null) return null;
  const isSame =
    usernameKey(created.username) === usernameKey(username) &&
    (await passwords.verify(created.passwordHash, password, requester)) !== "wrong";
  if (!isSame) throw new ProtocolError("bad_request", "id: already used for another account; use a new one");
  return created;
}

/** A hash, so that the stored key does not reveal the id. */
function toCreationKey(kind: "account" | "guest", id: string): string {
  return createHash("sha256").update(`${kind} ${id}`).digest("base64url");
}
