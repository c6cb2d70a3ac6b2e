import { X509Certificate } from "node:crypto";
import { readFile, statfs } from "node:fs/promises";
import { isIP } from "node:net";
import { connect } from "node:tls";
import type { Settings } from "../settings.ts";
import { check, type Finding, notSeen } from "./finding.ts";
import { bytes, percent } from "./units.ts";

const FREE_WARNING = 0.2;
const FREE_FAULT = 0.05;
/** Files, connections to Redis and Postgres, and requests beside the WebSockets of a gateway. */
const OTHER_DESCRIPTORS = 1_000;
const DAY_MS = 86_400_000;
const DAYS_WARNING = 21;
const DAYS_FAULT = 3;
const HANDSHAKE_MS = 5_000;
const HTTPS_PORT = 443;

/** Of the file systems that this process would write to. */
export async function diskFindings(directories: readonly string[]): Promise<Finding[]> {
  return await Promise.all(
    directories.map(async (directory) => {
      const shouldBe = `more than ${percent(FREE_WARNING)} free`;
      const name = "disk";
      try {
        const { bavail, blocks, bsize } = await statfs(directory);
        const share = bavail / blocks;
        return check(share > FREE_WARNING, share > FREE_FAULT ? "warning" : "fault", {
          name,
          is: `${directory}: ${bytes(bavail * bsize)} free (${percent(share)})`,
          shouldBe,
          todo: "make room, or use a larger disk",
        });
      } catch (error) {
        return notSeen(name, `${directory}: ${error instanceof Error ? error.message : error}`, shouldBe);
      }
    }),
  );
}

/** `limits`: the text of `/proc/self/limits`; null: there is none. */
export function descriptorFinding(limits: string | null, { ROLES, CONNECTIONS_PER_NODE }: Settings): Finding {
  const wanted = (ROLES.includes("gateway") ? CONNECTIONS_PER_NODE : 0) + OTHER_DESCRIPTORS;
  const shouldBe = `${wanted} or more: CONNECTIONS_PER_NODE, and ${OTHER_DESCRIPTORS} for all else`;
  const name = "descriptors";
  const found = /^Max open files\s+(\d+|unlimited)/m.exec(limits ?? "")?.[1];
  if (found === undefined) return notSeen(name, "this system does not say", shouldBe);
  const limit = found === "unlimited" ? Number.POSITIVE_INFINITY : Number(found);
  return check(limit >= wanted, "warning", {
    name,
    is: `${found} open files for a process of this account`,
    shouldBe,
    todo: "set LimitNOFILE= of the unit, or nofile of the container, or lower CONNECTIONS_PER_NODE",
  });
}

/** Of a configuration of nginx as nginx reads it; `nginx -T` prints one. */
export function nginxFinding(text: string, { IDLE_TIMEOUT_SECONDS }: Settings): Finding {
  const block = /location\s*=?\s*\/ws\s*\{([^}]*)\}/.exec(text)?.[1];
  const [, number = "60", unit = "s"] = /proxy_read_timeout\s+(\d+)(ms|s|m|h)?\s*;/.exec(block ?? text) ?? [];
  const seconds = Number(number) * ({ ms: 0.001, s: 1, m: 60, h: 3_600 }[unit] ?? 1);
  return check(seconds > IDLE_TIMEOUT_SECONDS, "fault", {
    name: "nginx-timeout",
    is: `proxy_read_timeout ${seconds} s, IDLE_TIMEOUT_SECONDS=${IDLE_TIMEOUT_SECONDS}`,
    shouldBe: "proxy_read_timeout over IDLE_TIMEOUT_SECONDS: nginx cuts silent connections before they are pinged",
    todo: `set proxy_read_timeout ${IDLE_TIMEOUT_SECONDS + 15}s in the location of /ws, or lower IDLE_TIMEOUT_SECONDS`,
  });
}

function daysFinding(name: string, what: string, validTo: string, now: number): Finding {
  const days = Math.floor((Date.parse(validTo) - now) / DAY_MS);
  return check(days >= DAYS_WARNING, days >= DAYS_FAULT ? "warning" : "fault", {
    name,
    is: `${what} is valid for ${days} more days`,
    shouldBe: `${DAYS_WARNING} days or more`,
    todo: "renew it; a process reads TLS_CERT_FILE at its start",
  });
}

export async function certificateFindings({ TLS_CERT_FILE, PUBLIC_URL }: Settings, now: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (TLS_CERT_FILE !== undefined) {
    const { validTo } = new X509Certificate(await readFile(TLS_CERT_FILE));
    findings.push(daysFinding("certificate-file", "TLS_CERT_FILE", validTo, now));
  }
  if (PUBLIC_URL?.startsWith("https:") === true) findings.push(await publicFinding(new URL(PUBLIC_URL), now));
  return findings;
}

/** With the authorities that browsers of this system would have. */
async function publicFinding({ hostname, port }: URL, now: number): Promise<Finding> {
  const name = "certificate-public";
  const shouldBe = "a certificate for that name, of an authority that browsers know";
  const socket = connect({
    host: hostname,
    port: Number(port || HTTPS_PORT),
    servername: isIP(hostname) === 0 ? hostname : "",
  });
  socket.setTimeout(HANDSHAKE_MS, () => socket.destroy(new Error("no answer")));
  try {
    await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
    return daysFinding(name, `the certificate of ${hostname}`, socket.getPeerCertificate().valid_to, now);
  } catch (error) {
    const is = `${hostname}: ${error instanceof Error ? error.message : error}`;
    const todo = "see that PUBLIC_URL is reached from here, and renew or replace the certificate";
    return check(false, "fault", { name, is, shouldBe, todo });
  } finally {
    socket.destroy();
  }
}
