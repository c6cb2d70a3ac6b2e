import { OpenAPIHono } from "@hono/zod-openapi";
import { Changes, ReadMarks } from "@hubbub/chat";
import { BODY_MAX_BYTES, HTTP_PREFIX, ProtocolError } from "@hubbub/protocol";
import { faultOf, isTextTooLong } from "@hubbub/protocol/codec";
import { createSecurityLog, type HttpHandler, type SecurityLog } from "@hubbub/runtime";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createAccountMail } from "./account/account-mail.ts";
import { createBearer } from "./auth/bearer.ts";
import { FailedLogins } from "./auth/failed-logins.ts";
import { LoginGuard } from "./auth/login-guard.ts";
import { createPasswords } from "./auth/passwords.ts";
import { createRevocations, type Revocations } from "./auth/revocations.ts";
import { createSessions } from "./auth/sessions.ts";
import { ChainSealer } from "./chain/chain-sealer.ts";
import { Cleanup } from "./cleanup.ts";
import type { ApiApp, ApiContext, ApiEnv, ApiOptions } from "./context.ts";
import { routeDocumentation } from "./documentation.ts";
import { Eraser } from "./erasure/eraser.ts";
import { createExportService, type ExportService } from "./exports/export-service.ts";
import { FAMILIES } from "./families.ts";
import { createFileService, type FileService } from "./files/file-service.ts";
import { isUpload } from "./files/upload-path.ts";
import { crossOrigin, secure } from "./headers.ts";
import { createLimits } from "./limits.ts";
import { LogOrStore } from "./log-or-store.ts";
import { createMembership } from "./membership.ts";
import { PageTurns } from "./page-turns.ts";
import { answerPage, type Page, readPages } from "./pages.ts";
import { createErrorAnswers, problem } from "./problems.ts";
import { measureRequests } from "./request-metrics.ts";
import { Running } from "./running.ts";
import { createSignin } from "./signin/create-signin.ts";
import { routeKeys } from "./signin/jwks.ts";
import { type ApiSpikes, createSpikes } from "./spikes.ts";
import { UntoldRelay } from "./untold-relay.ts";
import { UserStates } from "./user-states.ts";

export interface Api {
  readonly handler: HttpHandler;
  /** Gives up the leases of work beside the requests, until `resume`. Requests are answered as before. */
  suspend(): Promise<void>;
  resume(): void;
  /** Resolves when the last request is answered: then store and broker can be closed. */
  close(): Promise<void>;
}

/** Requests in progress. Requests beyond this are refused with `overloaded`. */
const REQUESTS_AT_ONCE_MAX = 10_000;

export function createApi(options: ApiOptions): Api {
  const { publicDir, metrics, settings } = options;
  const securityLog = createSecurityLog(options.log);
  const revocations = createRevocations(options);
  const { storage, ...parts } = options;
  const files = storage === undefined ? undefined : createFileService({ ...parts, storage });
  const exports = storage === undefined ? undefined : createExportService({ ...parts, storage });
  const spikes = createSpikes(options, securityLog);
  const failedLogins = new FailedLogins(options.store.audit, options.log);
  const context = createContext(options, { revocations, securityLog, spikes, failedLogins, files, exports });
  const cleanup = new Cleanup(options.store, options.log, settings);
  const eraser = new Eraser({ ...parts, revocations });
  const chainSealer = new ChainSealer(options);
  const untoldRelay = new UntoldRelay(options);
  const running = new Running(REQUESTS_AT_ONCE_MAX);
  const root = new Hono<ApiEnv>();
  root.onError(createErrorAnswers(securityLog));
  root.notFound((c) => problem(c, "not_found", "there is nothing here"));
  root.use(measureRequests(metrics), secure, async (c, next) => {
    // Pre-flights and pages. Other requests are charged after the CORS headers are set, so that a page can read the
    // refusal.
    if (c.req.method === "OPTIONS" || !c.req.path.startsWith(HTTP_PREFIX)) context.limits.request(c.env.address);
    await next();
  });
  root.use(`${HTTP_PREFIX}/*`, crossOrigin(settings.ALLOWED_ORIGINS), async (c, next) => {
    running.admit(c.env.address);
    context.limits.request(c.env.address);
    await next();
  });
  root.route(HTTP_PREFIX, createRoutes(context));
  routeKeys(root, options.keys.publicKeys);
  if (publicDir !== undefined) routePages(root, readPages(publicDir));

  return {
    handler: (request, address) => running.track(Promise.resolve(root.fetch(request, { address })), address),
    async suspend() {
      await Promise.all([eraser.close(), exports?.close()]);
    },
    resume() {
      eraser.reopen();
      exports?.reopen();
    },
    async close() {
      await running.untilNone();
      await context.readMarks.close();
      context.limits.close();
      await eraser.close();
      await chainSealer.close();
      await exports?.close();
      await untoldRelay.close();
      const closing = [
        revocations.close(),
        cleanup.close(),
        failedLogins.close(),
        context.accountMail.close(),
        files?.close(),
      ];
      await Promise.all(closing);
    },
  };
}

interface Made {
  readonly revocations: Revocations;
  readonly securityLog: SecurityLog;
  readonly spikes: ApiSpikes;
  readonly failedLogins: FailedLogins;
  readonly files: FileService | undefined;
  readonly exports: ExportService | undefined;
}

function createContext(
  { keys, metrics, log, ...given }: ApiOptions,
  { revocations, securityLog, spikes, failedLogins, files, exports }: Made,
): ApiContext {
  const { store, broker, acceptor, history, settings } = given;
  const logOrStore = new LogOrStore();
  const limits = createLimits(settings, broker.spending, () => spikes.count("membership_changes"));
  const loginGuard = new LoginGuard(settings, securityLog, {
    note(user, address) {
      spikes.count("login_failures");
      failedLogins.note(user, address);
    },
  });
  const passwords = createPasswords(settings.PASSWORD_QUEUE_MAX, metrics);
  const attempt = (write: () => Promise<void>) =>
    write().catch((error: unknown) => log.warn({ err: error }, "read marks could not be written"));
  return {
    store,
    broker,
    acceptor,
    history,
    settings,
    files,
    exports,
    logOrStore,
    revocations,
    limits,
    pageTurns: new PageTurns(limits),
    loginGuard,
    securityLog,
    changes: new Changes({
      log: broker,
      timeline: history,
      store,
      editWindowMs: settings.EDIT_WINDOW_MS,
      mentionAllMaxMembers: settings.MENTION_ALL_MAX_MEMBERS,
    }),
    readMarks: new ReadMarks({ log: broker, store, attempt }),
    userStates: new UserStates({ store, broker, logOrStore }),
    accountMail: createAccountMail({ store, settings, log, metrics }),
    membership: createMembership({ store, broker, acceptor }),
    passwords,
    sessions: createSessions({ store, revocations, keys, settings, securityLog }),
    signin: createSignin({ store, settings, passwords, loginGuard }),
    ...createBearer({ keys, broker, store, logOrStore, revocations }),
  };
}

function createRoutes(context: ApiContext): ApiApp {
  const app: ApiApp = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const code = result.error.issues.some(isTextTooLong) ? "too_large" : "bad_request";
      throw new ProtocolError(code, faultOf(result.error));
    },
  });
  const limitBody = bodyLimit({
    maxSize: BODY_MAX_BYTES,
    onError: () => {
      throw new ProtocolError("too_large", `a body has at most ${BODY_MAX_BYTES} bytes`);
    },
  });
  app.use((c, next) => (isUpload(c.req.method, c.req.path) ? next() : limitBody(c, next)));
  for (const { route } of FAMILIES) route(app, context);
  routeDocumentation(app);
  refuseOtherMethods(app);
  return app;
}

/** Registered after the routes, so that it gets only the methods that a path does not have. */
function refuseOtherMethods(app: ApiApp): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method !== "ALL") methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  // A path with fewer parameters is asked first, as `/files/links` is a `/files/:file` too.
  const parameters = ([path]: readonly [string, unknown]): number => path.split(":").length;
  for (const [path, known] of [...methods].sort((one, other) => parameters(one) - parameters(other))) {
    const allow = [...known].join(", ");
    app.all(path, (c) => {
      c.header("allow", allow);
      return problem(c, "bad_request", `${c.req.method} is not allowed here, ${allow} is`, { status: 405 });
    });
  }
}

function routePages(app: Hono<ApiEnv>, pages: ReadonlyMap<string, Page>): void {
  app.get("*", (c) => {
    const page = pages.get(c.req.path);
    return page === undefined ? c.notFound() : answerPage(c, page);
  });
}
