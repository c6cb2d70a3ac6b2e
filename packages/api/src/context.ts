import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Acceptor, Broker, History } from "@hubbub/broker";
import type { Changes, ReadMarks } from "@hubbub/chat";
import type { FileStorage } from "@hubbub/files";
import type { Logger, Metrics, SecurityLog, SigningKeys } from "@hubbub/runtime";
import type { Store } from "@hubbub/store";
import type { AccountMail } from "./account/account-mail.ts";
import type { Bearer } from "./auth/bearer.ts";
import type { LoginGuard } from "./auth/login-guard.ts";
import type { Passwords } from "./auth/passwords.ts";
import type { Revocations } from "./auth/revocations.ts";
import type { Sessions } from "./auth/sessions.ts";
import type { ExportService } from "./exports/export-service.ts";
import type { FileService } from "./files/file-service.ts";
import type { Limits } from "./limits.ts";
import type { LogOrStore } from "./log-or-store.ts";
import type { Membership } from "./membership.ts";
import type { PageTurns } from "./page-turns.ts";
import type { ApiSettings } from "./settings.ts";
import type { SigninParts } from "./signin/create-signin.ts";
import type { UserStates } from "./user-states.ts";

/** Given by the composition root. */
export interface ApiOptions {
  readonly store: Store;
  readonly broker: Broker;
  readonly acceptor: Acceptor;
  readonly history: History;
  readonly keys: SigningKeys;
  readonly settings: ApiSettings;
  /** undefined: this server keeps no files. */
  readonly storage?: FileStorage | undefined;
  /** A folder of static files to serve at `/`. */
  readonly publicDir?: string | undefined;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** The dependencies of the routes. */
export interface ApiContext extends Omit<ApiOptions, "keys" | "publicDir" | "log" | "metrics" | "storage">, Bearer {
  readonly files: FileService | undefined;
  readonly exports: ExportService | undefined;
  readonly limits: Limits;
  readonly pageTurns: PageTurns;
  readonly loginGuard: LoginGuard;
  readonly securityLog: SecurityLog;
  readonly logOrStore: LogOrStore;
  readonly membership: Membership;
  readonly changes: Changes;
  readonly readMarks: ReadMarks;
  readonly userStates: UserStates;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly revocations: Revocations;
  readonly signin: SigninParts;
  readonly accountMail: AccountMail;
}

/** Data of a request that the HTTP host adds. */
export interface ApiEnv {
  Bindings: { readonly address: string };
}

export type ApiApp = OpenAPIHono<ApiEnv>;
