import type { Settings } from "./settings.ts";

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|)$/i;
/** User and password before the last `@`, then hosts with ports, separated by commas. `URL` reads one host only. */
const AUTHORITY = /^[a-z+]+:\/\/(?:[^/?#]*@)?(?<hosts>[^/?#]*)/i;
const POSTGRES_TLS = /[?&](sslmode=(prefer|require|verify-ca|verify-full|no-verify)|ssl=(true|1))(&|$)/;

/**
 * Whether bytes to one of the hosts of this URL leave this machine. Drivers use `host` of the query in place of the host before it. A
 * path is a socket.
 */
export function leavesMachine(url: string): boolean {
  const asked = new URLSearchParams(url.split("?")[1]).getAll("host");
  const named = decodeURIComponent(AUTHORITY.exec(url)?.groups?.["hosts"] ?? "");
  const hosts = (asked.length > 0 ? asked : [named]).flatMap((text) => text.split(","));
  return hosts.some((host) => !(host.startsWith("/") || LOOPBACK.test(host.replace(/:\d+$/, ""))));
}

/** One sentence for each connection that leaves this machine without encryption, with what to do. */
export function plainConnections(settings: Pick<Settings, "REDIS_URL" | "DATABASE_URL">): string[] {
  const { REDIS_URL: redis = "", DATABASE_URL: postgres = "" } = settings;
  const advice = "or set PLAIN_CONNECTIONS=allow where nobody else is on the network";
  const sentences: string[] = [];
  if (!redis.startsWith("rediss") && leavesMachine(redis))
    sentences.push(
      `REDIS_URL: messages and the password cross the network in plain; use rediss://…?ca=FILE, ${advice}`,
    );
  if (!POSTGRES_TLS.test(postgres) && leavesMachine(postgres))
    sentences.push(
      `DATABASE_URL: messages and accounts cross the network in plain; add sslmode=verify-full&sslrootcert=FILE, ${advice}`,
    );
  return sentences;
}
