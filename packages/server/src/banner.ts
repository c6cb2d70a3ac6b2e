import { networkInterfaces } from "node:os";
import { hostInUrl } from "./can-listen.ts";
import type { Settings } from "./settings.ts";

const OPEN_HOSTS = ["0.0.0.0", "::"];

/** What a person who typed `npm start` reads. `others`: addresses of this machine that other computers can reach. */
export function welcome(
  settings: Pick<Settings, "HOST" | "DATA_DIR" | "TLS_CERT_FILE">,
  port: number,
  others: readonly string[] = reachableAddresses(),
): string {
  const isOpen = OPEN_HOSTS.includes(settings.HOST);
  const scheme = settings.TLS_CERT_FILE === undefined ? "http" : "https";
  const urlOf = (host: string) => `${scheme}://${hostInUrl(host)}:${port}`;
  const url = urlOf(isOpen ? "localhost" : settings.HOST);
  const elsewhere = isOpen ? others.map((host) => `\n  from elsewhere  ${urlOf(host)}`).join("") : "";
  return `
  Hubbub is ready.

  in a browser    ${url}${elsewhere}
  in a terminal   npx hubbub chat lobby --create --guest --server ${url}
  the API         ${url}/api/v1/docs

  Everything is kept in ${settings.DATA_DIR}. Ctrl-C stops.

`;
}

function reachableAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}
