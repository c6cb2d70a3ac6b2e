import { z } from "zod";
import { sessionId, userId } from "./schemas.ts";

/** What an access token says: `sub` user, `sid` session, `name` username, `exp` Unix seconds. The api signs it, gateways read it. */
export const accessClaims = z.object({ sub: userId, sid: sessionId, name: z.string(), exp: z.number() });
export type AccessClaims = z.output<typeof accessClaims>;
