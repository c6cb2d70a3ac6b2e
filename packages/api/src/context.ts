import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Acceptor, Broker, Timeline } from "@hubbub/broker";
import type { Logger, Metrics, SecurityLog, SigningKeys } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { Bearer } from "./auth/bearer.ts";
import type { LoginGuard } from "./auth/login-guard.ts";
import type { Passwords } from "./auth/passwords.ts";
import type { Sessions } from "./auth/sessions.ts";
import type { Limits } from "./limits.ts";
import type { LogOrStore } from "./log-or-store.ts";
import type { Membership } from "./membership.ts";
import type { PageTurns } from "./page-turns.ts";
import type { ApiSettings } from "./settings.ts";

/** What the composition root gives. */
export interface ApiOptions {
  readonly store: Store;
  readonly broker: Broker;
  readonly acceptor: Acceptor;
  readonly timeline: Timeline;
  readonly keys: SigningKeys;
  readonly settings: ApiSettings;
  /** A folder of static files to serve at `/`. */
  readonly publicDir?: string | undefined;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What the routes work with. */
export interface ApiContext extends Omit<ApiOptions, "keys" | "publicDir" | "log" | "metrics">, Bearer {
  readonly limits: Limits;
  readonly pageTurns: PageTurns;
  readonly loginGuard: LoginGuard;
  readonly securityLog: SecurityLog;
  readonly logOrStore: LogOrStore;
  readonly membership: Membership;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
}

/** What the http host knows of a request beside the request itself. */
export interface ApiEnv {
  Bindings: { readonly address: string };
}

export type ApiApp = OpenAPIHono<ApiEnv>;
