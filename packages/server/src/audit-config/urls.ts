import { isIP } from "node:net";

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;
const SENTINELS = /^redis\+sentinel:\/\/(?:[^@/]*@)?([^/]+)/;

/** Hosts of a URL of Redis, sentinels or Postgres; a Unix socket has none. */
function hostsOf(url: string): readonly string[] {
  const sentinels = SENTINELS.exec(url)?.[1];
  if (sentinels !== undefined) return sentinels.split(",").map((host) => host.replace(/:\d+$/, ""));
  if (!URL.canParse(url)) return [url];
  const { hostname, searchParams } = new URL(url);
  const host = searchParams.get("host") ?? decodeURIComponent(hostname);
  return host === "" || host.startsWith("/") ? [] : host.split(",");
}

/** Bytes to it leave this machine. */
export function isRemote(url: string): boolean {
  return hostsOf(url).some((host) => !LOOPBACK.test(host));
}

/** null: it has none. */
export function passwordOf(url: string): string | null {
  const found = /^[a-z0-9+]+:\/\/[^:@/]*:([^@/]*)@/i.exec(url)?.[1];
  return found === undefined || found === "" ? null : decodeURIComponent(found);
}

/** Whole ranges of the internet, in which anybody may be. */
export function isEverybody(range: string): boolean {
  const [address = "", bits = ""] = range.split("/");
  return isIP(address) !== 0 && /^\d$/.test(bits) && Number(bits) < 8;
}
