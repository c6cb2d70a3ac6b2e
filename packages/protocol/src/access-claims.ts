import { z } from "zod";
import { sessionId, userId } from "./schemas.ts";
import { SCOPES, type Scope } from "./scopes.ts";

/** Separated by spaces. A scope of a newer server allows nothing here. */
const scope = z
  .string()
  .transform((text) => text.split(" "))
  .transform((names) => SCOPES.filter((known) => names.includes(known)) as readonly Scope[]);

/**
 * What an access token says: `sub` user, `sid` session, `name` username, `exp` Unix seconds. `scope`: of a personal access
 * token, what it may do; absent: everything. The api signs it, gateways read it.
 */
export const accessClaims = z.object({
  sub: userId,
  sid: sessionId,
  name: z.string(),
  exp: z.number(),
  scope: scope.optional(),
});
export type AccessClaims = z.output<typeof accessClaims>;
