import { startAll, startTcpProxy, type TcpProxy, type WiredParts, type Wiring } from "@hubbub/testkit";

/** The links of one process, each through a proxy of its own. */
export interface ProcessLinks {
  readonly redis: TcpProxy;
  readonly postgres: TcpProxy;
  /** Between the front and the process; a writer has none. */
  readonly front: TcpProxy | null;
}

export interface Links extends Wiring {
  /** Of `gateway-1`, `writer-2` … @throws when no process has this name */
  of(name: string): ProcessLinks;
  /** Environment that a process has from its next start on. */
  setEnv(name: string, env: Readonly<Record<string, string>>): void;
}

interface Wires {
  readonly redis: TcpProxy;
  readonly postgres: TcpProxy;
  front: TcpProxy | null;
  env: Readonly<Record<string, string>>;
}

/** Puts a proxy into every link of every process: `startCluster({ wire: (parts) => startLinks(parts) })`. */
export function startLinks({ names, redisUrl, databaseUrl }: WiredParts): Promise<Links> {
  return startAll(async (owned) => {
    const wires = new Map<string, Wires>();
    for (const name of names) {
      const redis = owned.use(await startTcpProxy(portOf(redisUrl)));
      const postgres = owned.use(await startTcpProxy(portOf(databaseUrl)));
      wires.set(name, { redis, postgres, front: null, env: {} });
    }
    const wiresOf = (name: string): Wires => {
      const found = wires.get(name);
      if (found === undefined) throw new RangeError(`there is no process ${name}`);
      return found;
    };
    return {
      of: wiresOf,
      setEnv: (name, env) => {
        wiresOf(name).env = env;
      },
      envOf: (name) => {
        const { redis, postgres, env } = wiresOf(name);
        return {
          REDIS_URL: throughPort(redisUrl, redis.port),
          DATABASE_URL: throughPort(databaseUrl, postgres.port),
          ...env,
        };
      },
      frontPort: async (name, port) => {
        const own = wiresOf(name);
        own.front = owned.use(await startTcpProxy(port));
        return own.front.port;
      },
      [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
    };
  });
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function throughPort(url: string, port: number): string {
  const through = new URL(url);
  through.port = `${port}`;
  return through.href;
}
