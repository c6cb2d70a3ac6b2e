import { appendFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { serverMainOf } from "./cluster-env.ts";
import type { Disposal } from "./disposal.ts";
import { eventually } from "./eventually.ts";
import { repositoryRoot } from "./paths.ts";
import { type Service, startService } from "./services/service.ts";
import { type ClusterProcess, type SupervisionEvent, supervise } from "./supervised.ts";

export interface RoleOptions {
  readonly role: string;
  readonly count: number;
  readonly env: NodeJS.ProcessEnv;
  readonly zones?: readonly string[] | undefined;
  /** What one process has beyond `env`, asked at each of its starts. */
  readonly envOf?: ((name: string) => Readonly<Record<string, string>>) | undefined;
  /** See `ClusterOptions`. */
  readonly checkoutOf?: ((name: string) => string) | undefined;
  /** Logs go to `logs/` in here. */
  readonly directory: string;
  readonly owned: Disposal;
  readonly onEvent: (event: SupervisionEvent) => void;
}

/** A little over the server's own deadline for a drain. */
const stopDeadlineMs = 25_000;
const probeTimeoutMs = 2_000;
/** Each on a connection of its own. */
const frontVisits = 8;

/** Starts the processes of one role, supervised: `gateway-1`, `gateway-2` … */
export async function startRole(options: RoleOptions): Promise<readonly ClusterProcess[]> {
  await mkdir(join(options.directory, "logs"), { recursive: true });
  const names = Array.from({ length: options.count }, (_, index) => `${options.role}-${index + 1}`);
  return Promise.all(
    names.map(async (name, index) => {
      const zone = options.zones?.[index % options.zones.length];
      return options.owned.use(supervise(await startServer(name, zone, options), options.onEvent));
    }),
  );
}

function startServer(
  name: string,
  zone: string | undefined,
  { role, env, envOf, checkoutOf, directory }: RoleOptions,
): Promise<Service> {
  const own = zone === undefined ? {} : { ZONE: zone };
  const logFile = join(directory, "logs", `${name}.log`);
  const checkout = () => checkoutOf?.(name) ?? repositoryRoot;
  return startService({
    name,
    launch: (port) => ({
      name,
      command: process.execPath,
      args: ["--enable-source-maps", serverMainOf(checkout())],
      cwd: checkout(),
      // As in docker-compose.yml.
      env: {
        ...env,
        ROLES: role === "api" ? "api,flows,jobs" : role,
        PORT: `${port}`,
        NODE_NAME: name,
        ...own,
        ...envOf?.(name),
      },
      stopDeadlineMs,
      // Synchronous: what a process says last is what matters most.
      onOutput: (chunk) => appendFileSync(logFile, chunk),
    }),
    probe: (port) => expectOk(`http://127.0.0.1:${port}/livez`),
  });
}

/** @throws naming the process that is not ready, with its reasons and the end of its output */
export async function waitUntilReady(
  processes: readonly ClusterProcess[],
  frontUrl: string,
  timeoutMs: number,
): Promise<void> {
  await Promise.all(
    processes.map((process) =>
      eventually(() => expectOk(`${process.url}/readyz`), { timeoutMs }).catch((cause: unknown) => {
        throw new Error(`${process.name} is not ready after ${timeoutMs} ms:\n${process.output}`, { cause });
      }),
    ),
  );
  // Through the front to an api process. An old worker of nginx takes connections for a moment longer, and has the old list.
  await eventually(
    async () => {
      for (let visits = 0; visits < frontVisits; visits += 1) await expectOk(`${frontUrl}/readyz`);
    },
    { timeoutMs },
  );
}

async function expectOk(url: string): Promise<void> {
  const answer = await fetch(url, { headers: { connection: "close" }, signal: AbortSignal.timeout(probeTimeoutMs) });
  const body = await answer.text();
  if (!answer.ok) throw new Error(`${url} answers ${answer.status} ${body}`);
}
