import { connect, type SecureVersion } from "node:tls";
import { exchange } from "../hostile/exchange.ts";
import { upgradeRequest } from "../hostile/raw-ws.ts";
import { ask, broken, judge, type Outcome, type Probe, skipped, type Target } from "./probe.ts";

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const EVIL = "https://evil.example";
const HANDSHAKE_MS = 5_000;
const HTTPS_PORT = 443;

/** null: it was refused. */
function tlsVersion(url: URL, version: SecureVersion, isStrict: boolean): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host: url.hostname, port: Number(url.port || HTTPS_PORT), servername: url.hostname },
      ...{ minVersion: version, maxVersion: version, rejectUnauthorized: isStrict, ciphers: "DEFAULT@SECLEVEL=0" },
    });
    const end = (found: string | null) => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(HANDSHAKE_MS, () => end(null));
    socket.once("error", () => end(null));
    socket.once("secureConnect", () => end(socket.getProtocol()));
  });
}

async function versions({ url }: Target): Promise<Outcome> {
  if (url.protocol !== "https:") return skipped("the URL is http");
  const all = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;
  const taken = await Promise.all(all.map(async (version) => await tlsVersion(url, version, false)));
  const spoken = taken.filter((version) => version !== null);
  const isModern = spoken.includes("TLSv1.3") || spoken.includes("TLSv1.2");
  return judge(isModern && taken[0] === null && taken[1] === null, `it speaks ${spoken.join(", ") || "none"}`);
}

async function encrypted({ url }: Target): Promise<Outcome> {
  if (url.protocol === "https:") {
    const modern = (await tlsVersion(url, "TLSv1.3", true)) ?? (await tlsVersion(url, "TLSv1.2", true));
    return judge(modern !== null, modern === null ? "the certificate is not trusted here" : `${modern}, and trusted`);
  }
  return LOOPBACK.test(url.hostname) ? skipped("http on this machine") : broken("http across a network");
}

async function headers({ url }: Target): Promise<Outcome> {
  const answer = await ask(url);
  await answer.arrayBuffer();
  const wanted = ["content-security-policy", "x-content-type-options", "referrer-policy"];
  if (url.protocol === "https:") wanted.push("strict-transport-security");
  const missing = wanted.filter((name) => !answer.headers.has(name));
  return judge(
    missing.length === 0,
    missing.length === 0 ? `all of ${wanted.join(", ")}` : `without ${missing.join(", ")}`,
  );
}

async function socketOrigin({ url }: Target): Promise<Outcome> {
  const saw = await exchange(url, [upgradeRequest(new URL("/ws", url), { headers: { Origin: EVIL } })]);
  return judge(saw.startsWith("403"), saw);
}

async function crossOrigin({ url }: Target): Promise<Outcome> {
  const answer = await ask(new URL("/api/v1/me", url), {
    method: "OPTIONS",
    headers: { Origin: EVIL, "Access-Control-Request-Method": "GET" },
  });
  await answer.arrayBuffer();
  const allowed = answer.headers.get("access-control-allow-origin");
  return judge(
    allowed === null || (allowed !== "*" && allowed !== EVIL),
    `Access-Control-Allow-Origin: ${allowed ?? "none"}`,
  );
}

/** GET alone, also where only POST does something: 405 shows that a path is open, and starts nothing. */
const OPERATORS_PATHS = [
  ...["/metrics", "/statusz", "/trace", "/backup", "/hand-over", "/.git/config", "/.env"],
  ...["nodes", "users", "reports", "audit"].map((name) => `/api/v1/admin/${name}`),
];
const REFUSED = [401, 403, 404, 429];

async function operators({ url, people }: Target): Promise<Outcome> {
  const person = await people?.();
  const callers = [{}, ...(person === undefined ? [] : [{ authorization: `Bearer ${person.tokens.accessToken}` }])];
  const asked = await Promise.all(
    OPERATORS_PATHS.flatMap((path) =>
      callers.map(async (caller) => {
        const answer = await ask(new URL(path, url), { headers: { "X-Forwarded-For": "203.0.113.1", ...caller } });
        await answer.arrayBuffer();
        const isPage = answer.ok && answer.headers.get("content-type")?.startsWith("text/html") === true;
        return REFUSED.includes(answer.status) || isPage ? null : `${path} (${answer.status})`;
      }),
    ),
  );
  const open = new Set(asked.filter((path) => path !== null));
  return judge(open.size === 0, open.size === 0 ? "none answers" : `open: ${[...open].join(", ")}`);
}

async function version({ url }: Target): Promise<Outcome> {
  const answer = await ask(new URL("/api/v1/nothing", url));
  await answer.arrayBuffer();
  const told = ["server", "x-powered-by", "via"]
    .map((name) => answer.headers.get(name) ?? "")
    .filter((text) => /\d/.test(text));
  return judge(told.length === 0, told.length === 0 ? "no version" : told.join(", "));
}

export const transportProbes: readonly Probe[] = [
  { name: "TLS versions", ids: ["12.1.1"], expects: "TLS 1.2 and 1.3 alone", run: versions },
  {
    name: "encryption and certificate",
    ids: ["4.4.1", "12.2.1", "12.2.2"],
    expects: "https and wss, trusted",
    run: encrypted,
  },
  { name: "headers for browsers", ids: ["3.4.1", "3.4.3", "3.4.4", "3.4.5"], expects: "all of them", run: headers },
  { name: "a WebSocket of a foreign page", ids: ["4.4.2"], expects: "403", run: socketOrigin },
  { name: "a request of a foreign page", ids: ["3.4.2"], expects: "not allowed", run: crossOrigin },
  { name: "paths of operators and of the disk", ids: ["13.4.1", "13.4.5"], expects: "none answers", run: operators },
  { name: "versions in answers", ids: ["13.4.6"], expects: "none", run: version },
];
