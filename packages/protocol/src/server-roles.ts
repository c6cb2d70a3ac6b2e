/** Roles of an account on the whole server. `support` looks, suspends and works on reports; `admin` may do everything. */
export const SERVER_ROLES = ["support", "admin"] as const;
export type ServerRole = (typeof SERVER_ROLES)[number];
