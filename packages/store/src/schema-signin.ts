import { bigint, boolean, index, integer, primaryKey, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { hubbub, sessions, users } from "./schema.ts";

/** Tables of the ways to sign in besides a password. */

const instant = (name: string) => timestamp(name, { withTimezone: true });
const createdAt = () => instant("created_at").notNull().defaultNow();
const userId = () =>
  uuid("user_id")
    .notNull()
    .references(() => users.id, { onDelete: "cascade" });

export const totps = hubbub.table("totps", {
  userId: userId().primaryKey(),
  /** Encrypted by the api; the store never sees it. */
  secret: text("secret").notNull(),
  createdAt: createdAt(),
  /** null: no code was entered yet, and logins do not ask for one. */
  confirmedAt: instant("confirmed_at"),
  /** The time step of the last accepted code: codes of this step and before are used. */
  lastStep: bigint("last_step", { mode: "number" }).notNull().default(0),
});

export const recoveryCodes = hubbub.table(
  "recovery_codes",
  { userId: userId(), hash: text("hash").notNull(), usedAt: instant("used_at") },
  (table) => [primaryKey({ columns: [table.userId, table.hash] })],
);

export const passkeys = hubbub.table(
  "passkeys",
  {
    /** The credential id of the authenticator, base64url. */
    id: text("id").primaryKey(),
    userId: userId(),
    name: text("name").notNull(),
    /** COSE, base64url. */
    publicKey: text("public_key").notNull(),
    counter: bigint("counter", { mode: "number" }).notNull(),
    transports: text("transports").array().notNull(),
    /** A login with the password asks for this passkey or another second factor. */
    isSecondFactor: boolean("is_second_factor").notNull(),
    createdAt: createdAt(),
    usedAt: instant("used_at"),
  },
  (table) => [index("passkeys_user_idx").on(table.userId)],
);

export const accessTokens = hubbub.table(
  "access_tokens",
  {
    id: uuid("id").primaryKey(),
    userId: userId(),
    hash: text("hash").notNull().unique("access_tokens_hash_key"),
    name: text("name").notNull(),
    scopes: text("scopes").array().notNull(),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (table) => [index("access_tokens_user_idx").on(table.userId), index("access_tokens_expiry_idx").on(table.expiresAt)],
);

/** Sessions that began with a personal access token. They count and end apart from the logins of the user. */
export const tokenSessions = hubbub.table(
  "token_sessions",
  {
    sessionId: uuid("session_id")
      .primaryKey()
      .references(() => sessions.id, { onDelete: "cascade" }),
    tokenId: uuid("token_id")
      .notNull()
      .references(() => accessTokens.id, { onDelete: "cascade" }),
  },
  (table) => [index("token_sessions_token_idx").on(table.tokenId)],
);

/** Accounts of login providers, and the users that they sign in. */
export const identities = hubbub.table(
  "identities",
  {
    id: uuid("id").primaryKey(),
    userId: userId(),
    issuer: text("issuer").notNull(),
    subject: text("subject").notNull(),
    createdAt: createdAt(),
    usedAt: instant("used_at"),
  },
  (table) => [
    index("identities_user_idx").on(table.userId),
    uniqueIndex("identities_subject_key").on(table.issuer, table.subject),
  ],
);

/** Sign-ins in progress: what the server must remember between two requests. Read once, then deleted. */
export const signinSteps = hubbub.table(
  "signin_steps",
  {
    /** Hash of the ticket that the client holds. */
    hash: text("hash").primaryKey(),
    kind: text("kind").notNull(),
    address: text("address").notNull(),
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    data: text("data").notNull(),
    /** Wrong answers so far. */
    attempts: integer("attempts").notNull().default(0),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    index("signin_steps_address_idx").on(table.address),
    index("signin_steps_user_idx").on(table.userId),
    index("signin_steps_expiry_idx").on(table.expiresAt),
  ],
);
