import { readFile } from "node:fs/promises";
import { infraFile } from "../paths.ts";
import { run } from "./run.ts";

export interface NginxTargets {
  /** Loopback ports. */
  readonly gateways: readonly number[];
  readonly apis: readonly number[];
  /** Limits per address, as in production. Off for tests and drills: all their clients share one address. */
  readonly limits: boolean;
  /** Instead of the plain listener. */
  readonly listen?: string | undefined;
}

const placeholder = /\$\{(HUBBUB_[A-Z_]+)\}/g;
const wantedDescriptors = 65_536;

/** The production template with everything on the loopback interface, in a form that nginx 1.22 reads. */
export async function renderNginxConfig(directory: string, port: number, targets: NginxTargets): Promise<string> {
  const template = await readFile(infraFile("nginx/nginx.conf.template"), "utf8");
  return fillTemplate(template, {
    HUBBUB_DIRECTORY: directory,
    HUBBUB_DESCRIPTORS: `${await descriptors()}`,
    HUBBUB_ACCESS_LOG: `${directory}/access.log`,
    HUBBUB_ERROR_LOG: `${directory}/error.log`,
    HUBBUB_SHUTDOWN_TIMEOUT: "60s",
    HUBBUB_REAL_IP: "",
    HUBBUB_LISTEN: targets.listen ?? `listen 127.0.0.1:${port};`,
    HUBBUB_GATEWAYS: `hash $sticky_key consistent; ${serverLines(targets.gateways)}`,
    HUBBUB_APIS: serverLines(targets.apis),
    HUBBUB_STICKY: "hash",
    HUBBUB_LIMITS: targets.limits ? "on" : "off",
  });
}

/** @throws on a placeholder without a value */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(placeholder, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the template wants ${name}, which has no value`);
    return value;
  });
}

/** The names a template wants. */
export function placeholdersOf(template: string): Set<string> {
  return new Set([...template.matchAll(placeholder)].map(([, name = ""]) => name));
}

/**
 * None is ever marked as failed: a dead one costs a refused connect, and the next is asked. A marked one is left out for
 * seconds after it is back, so that a rolling restart of two can leave nobody; and of a gateway nginx takes the mark back
 * only when a connection to it ends in good order, which for WebSockets may take days.
 */
function serverLines(ports: readonly number[]): string {
  // An upstream must have a server, even before there are any.
  if (ports.length === 0) return "server 127.0.0.1:9 down;";
  return ports.map((port) => `server 127.0.0.1:${port} max_fails=0;`).join(" ");
}

async function descriptors(): Promise<number> {
  const hard = (await run("sh", ["-c", "ulimit -Hn"])).trim();
  return hard === "unlimited" ? wantedDescriptors : Math.min(wantedDescriptors, Number(hard));
}
