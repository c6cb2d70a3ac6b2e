import { z } from "zod";

/**
 * A limit as clients are told of it: `count` in `seconds`, or, without `seconds`, at a time. The first word of its name says
 * for whom it counts: connection, address, site, user, account, recipient, room or cluster.
 */
export const limitInfo = z.object({ count: z.int(), seconds: z.int().optional() });
export type LimitInfo = z.output<typeof limitInfo>;

/** The limit that refused something. `left`: of `count`, at the time of the refusal. */
export const limitHit = z.object({ name: z.string(), ...limitInfo.shape, left: z.int().min(0) });
export type LimitHit = z.output<typeof limitHit>;

/** What a user who goes on against refusals has come to. The next step closes the connection. */
export const penalty = z.enum(["warned", "slowed", "muted"]);
export type Penalty = z.output<typeof penalty>;
