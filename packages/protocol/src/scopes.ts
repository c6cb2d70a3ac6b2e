import type { ClientFrame } from "./client-frame.ts";

/** Of personal access tokens. Nothing of an account itself can be changed with one, whatever its scopes. */
export const SCOPES = ["read", "write", "manage-rooms", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** In front of every personal access token, so that scanners of published code find one. */
export const ACCESS_TOKEN_PREFIX = "hub_";

/** `path`: as the router spells it. `/*` at its end: this path and what is below it. */
interface RouteScope {
  readonly methods: readonly string[];
  readonly path: string;
  readonly scope: Scope;
}

const CHANGES = ["POST", "PUT", "PATCH", "DELETE"];

/** What a route needs of a personal access token. The first that matches decides; a route that none matches is refused. */
export const ROUTE_SCOPES: readonly RouteScope[] = [
  { methods: ["GET"], path: "/me", scope: "read" },
  { methods: ["GET"], path: "/me/threads", scope: "read" },
  { methods: ["GET"], path: "/me/state", scope: "read" },
  { methods: ["GET"], path: "/me/tasks", scope: "read" },
  { methods: ["GET"], path: "/me/invitations", scope: "read" },
  { methods: CHANGES, path: "/me/invitations/*", scope: "write" },
  { methods: CHANGES, path: "/me/drafts/*", scope: "write" },
  { methods: ["GET"], path: "/me/blocks", scope: "read" },
  { methods: ["GET"], path: "/invites/*", scope: "read" },
  { methods: ["POST"], path: "/invites/:code/join", scope: "write" },
  { methods: ["POST"], path: "/ws-tickets", scope: "read" },
  { methods: ["POST"], path: "/direct", scope: "write" },
  { methods: ["GET"], path: "/search", scope: "read" },
  { methods: ["GET"], path: "/users/*", scope: "read" },
  { methods: ["GET"], path: "/rooms/*", scope: "read" },
  { methods: CHANGES, path: "/rooms/:id/messages/*", scope: "write" },
  { methods: CHANGES, path: "/rooms/:id/threads/*", scope: "write" },
  { methods: ["POST"], path: "/rooms/:id/files/links", scope: "read" },
  { methods: CHANGES, path: "/rooms/:id/files/*", scope: "write" },
  { methods: ["PUT"], path: "/rooms/:id/read", scope: "write" },
  { methods: ["POST"], path: "/rooms/:id/data", scope: "write" },
  { methods: ["PUT"], path: "/rooms/:id/model", scope: "manage-rooms" },
  { methods: ["POST"], path: "/rooms/:id/watches", scope: "read" },
  { methods: CHANGES, path: "/rooms/:id/tasks/*", scope: "write" },
  { methods: ["POST"], path: "/rooms/:id/filters/check", scope: "read" },
  { methods: ["POST"], path: "/rooms/:id/join", scope: "write" },
  { methods: ["POST"], path: "/rooms/:id/leave", scope: "write" },
  { methods: ["POST"], path: "/rooms", scope: "manage-rooms" },
  { methods: ["PATCH"], path: "/rooms/:id", scope: "manage-rooms" },
  { methods: CHANGES, path: "/rooms/:id/archive", scope: "manage-rooms" },
  { methods: CHANGES, path: "/rooms/:id/members/*", scope: "manage-rooms" },
  { methods: CHANGES, path: "/rooms/:id/mutes/*", scope: "manage-rooms" },
  { methods: CHANGES, path: "/rooms/:id/bans/*", scope: "manage-rooms" },
  { methods: ["PATCH"], path: "/rooms/:id/reports/*", scope: "manage-rooms" },
  { methods: CHANGES, path: "/rooms/:id/invites/*", scope: "manage-rooms" },
  { methods: CHANGES, path: "/rooms/:id/hooks/*", scope: "manage-rooms" },
  // And a server role.
  { methods: ["GET", ...CHANGES], path: "/admin/*", scope: "admin" },
];

/** `path`: the pattern of the route below `/api/v1`, for example `/rooms/:id`. undefined: refused with any scope. */
export function scopeOfRoute(method: string, path: string): Scope | undefined {
  return ROUTE_SCOPES.find((rule) => rule.methods.includes(method) && isUnder(rule.path, path))?.scope;
}

function isUnder(rule: string, path: string): boolean {
  if (!rule.endsWith("/*")) return rule === path;
  const top = rule.slice(0, -"/*".length);
  return path === top || path.startsWith(`${top}/`);
}

/** What a frame needs; null: nothing. */
export const FRAME_SCOPES: Readonly<Record<ClientFrame["type"], Scope | null>> = {
  hello: null,
  ping: null,
  bye: null,
  subscribe: "read",
  unsubscribe: "read",
  publish: "write",
  edit: "write",
  delete: "write",
  react: "write",
  pin: "write",
  typing: "write",
  read: "write",
};

/** `granted` undefined: a login, which may do everything. */
export function isAllowed(granted: readonly Scope[] | undefined, needed: Scope | null | undefined): boolean {
  if (granted === undefined || needed === null) return true;
  return needed !== undefined && granted.includes(needed);
}
