import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "ws:": 80, "https:": 443, "wss:": 443 };

/** A connection to the host of a URL, with TLS for https and wss. What is written before it is open is sent then. */
export function dial({ protocol, hostname, port }: URL): Socket {
  const host = hostname.replace(/^\[|\]$/g, "");
  const to = { host, port: Number(port || PORTS[protocol]) };
  const isTls = protocol === "https:" || protocol === "wss:";
  const socket = isTls ? connectTls({ ...to, servername: isIP(host) === 0 ? host : "" }) : connect(to);
  return socket.setNoDelay();
}

/** The same, when it is open. */
export async function dialled(url: URL): Promise<Socket> {
  const socket = dial(url);
  await once(socket, /^(https|wss):$/.test(url.protocol) ? "secureConnect" : "connect");
  return socket;
}

/** A port of this machine, or the host of a URL. */
export const toUrl = (at: number | URL): URL => (typeof at === "number" ? new URL(`http://127.0.0.1:${at}`) : at);
