import { z } from "zod";
import { password } from "./http.ts";
import { publicUser, time } from "./schemas.ts";
import { SCOPES } from "./scopes.ts";
import { nameOf, rule } from "./strings.ts";

export { username } from "./schemas.ts";

/** Bodies and answers of docs/signing-in.md. */

const NAME_MAX_LENGTH = 64;
const TICKET_MAX_LENGTH = 128;
const PASSKEY_ANSWER_MAX_LENGTH = 16_384;
const TOKEN_DAYS_MAX = 366;
const TOKEN_DAYS_DEFAULT = 90;

const ticket = z.string().min(1).max(TICKET_MAX_LENGTH);
/** Six digits of an authenticator app, or a recovery code; spaces and hyphens do not count. */
const code = z
  .string()
  .max(64)
  .regex(/^[\w\s-]+$/, "must be a code of your authenticator app, or a recovery code");
const label = nameOf(NAME_MAX_LENGTH);

/** That it is the user: the password or a code. Neither is needed in the first ten minutes of a login. */
const proof = { password: password.optional(), code: code.optional() };
export const proofBody = z.strictObject(proof);
export type Proof = z.output<typeof proofBody>;

/** `mail`: a mail can reset a forgotten password. `name`: for people, of the login provider. */
export const signinMethods = z.object({
  password: z.literal(true),
  guest: z.boolean(),
  mail: z.boolean(),
  passkey: z.boolean(),
  totp: z.boolean(),
  provider: z.object({ name: z.string() }).optional(),
});
export type SigninMethods = z.output<typeof signinMethods>;

/** `secret`: base32, for apps that take no `uri`. Shown once. */
export const totpSecret = z.object({ uri: z.string(), secret: z.string() });
export const totpCodeBody = z.strictObject({ code });
export const recoveryCodeList = z.object({ codes: z.array(z.string()) });
/** `recoveryCodes`: how many are left. */
export const secondFactorStatus = z.object({ totp: z.boolean(), passkey: z.boolean(), recoveryCodes: z.int() });
export type SecondFactorStatus = z.output<typeof secondFactorStatus>;

/** JSON as browsers make it (`toJSON` of a `PublicKeyCredential`). The library that verifies it judges its parts. */
const passkeyAnswer = z
  .looseObject({
    id: z.string().max(2_048),
    rawId: z.string(),
    type: z.literal("public-key"),
    response: z.looseObject({}),
  })
  .refine((answer) => JSON.stringify(answer).length <= PASSKEY_ANSWER_MAX_LENGTH, "must be at most 16 KiB")
  .meta(rule("must be at most 16 KiB as JSON"));
/** `options`: for `navigator.credentials`, as JSON (`parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON`). */
export const passkeyOptions = z.object({ ticket, options: z.looseObject({}) });
/** One of `code` and `passkey`. The challenge of a passkey comes from `POST /auth/second-factor/passkey`. */
export const secondFactorBody = z
  .strictObject({
    ticket,
    code: code.optional(),
    passkey: z.strictObject({ ticket, answer: passkeyAnswer }).optional(),
  })
  .refine((body) => (body.code === undefined) !== (body.passkey === undefined), "give code or passkey, one of them")
  .meta({ oneOf: [{ required: ["code"] }, { required: ["passkey"] }] });
export const ticketBody = z.strictObject({ ticket });
export const passkeyLoginBody = z.strictObject({ ticket, answer: passkeyAnswer });
/** `secondFactor`: from then on a login with the password asks for a passkey too. */
export const addPasskeyBody = z.strictObject({
  ticket,
  name: label,
  secondFactor: z.boolean().default(false),
  answer: passkeyAnswer,
});
export const passkeyInfo = z.object({
  id: z.string(),
  name: z.string(),
  secondFactor: z.boolean(),
  createdAt: time,
  usedAt: time.optional(),
});
export type PasskeyInfo = z.output<typeof passkeyInfo>;
export const passkeyList = z.object({ passkeys: z.array(passkeyInfo) });

export const scope = z.enum(SCOPES);
export const createTokenBody = z.strictObject({
  ...proof,
  name: label,
  scopes: z
    .array(scope)
    .min(1)
    .max(SCOPES.length)
    .transform((scopes) => [...new Set(scopes)]),
  days: z.int().min(1).max(TOKEN_DAYS_MAX).default(TOKEN_DAYS_DEFAULT),
});
export const accessTokenInfo = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(scope),
  createdAt: time,
  expiresAt: time,
  usedAt: time.optional(),
});
export type AccessTokenInfo = z.output<typeof accessTokenInfo>;
/** `token`: shown once. */
export const newAccessToken = accessTokenInfo.extend({ token: z.string() });
export type NewAccessToken = z.output<typeof newAccessToken>;
export const accessTokenList = z.object({ tokens: z.array(accessTokenInfo) });
/** For the WebSocket: an access token with the scopes of a personal one. `expiresIn`: seconds. */
export const scopedAccess = z.object({
  user: publicUser,
  accessToken: z.string(),
  expiresIn: z.int(),
  scopes: z.array(scope),
});
export type ScopedAccess = z.output<typeof scopedAccess>;

/** For one handshake of the WebSocket. `expiresIn`: seconds. */
export const socketTicket = z.object({ ticket: z.string(), expiresIn: z.int() });
export type SocketTicket = z.output<typeof socketTicket>;

/** Of a login provider: where the page goes next. */
export const providerStart = z.object({ url: z.string() });
export const providerCallbackQuery = z.looseObject({});
export const identityInfo = z.object({
  id: z.string(),
  issuer: z.string(),
  subject: z.string(),
  createdAt: time,
  usedAt: time.optional(),
});
export type IdentityInfo = z.output<typeof identityInfo>;
export const identityList = z.object({ identities: z.array(identityInfo) });
