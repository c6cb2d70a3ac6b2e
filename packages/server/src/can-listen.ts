import { createServer } from "node:net";

/** The process cannot listen where HOST and PORT, or OPS_PORT, say. The message says why and what to do. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
}

/** Asked before anything is made or opened. `setting`: where the port comes from. @throws CannotListen */
export function assertCanListen(host: string, port: number, setting = "PORT"): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new CannotListen(reasonOf(error, host, port, setting))),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

function reasonOf(error: NodeJS.ErrnoException, host: string, port: number, setting: string): string {
  const at = `cannot listen on ${hostInUrl(host)}:${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return `${at}: another program has the port; stop it, or choose another port with ${setting}`;
    case "EADDRNOTAVAIL":
      return `${at}: this machine has no such address; set HOST to 127.0.0.1, or to 0.0.0.0 for all of its addresses`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${at}: no address is known for the name; set HOST to 127.0.0.1, or to 0.0.0.0 for all addresses`;
    case "EACCES":
      return `${at}: this account may not use the port; choose one from 1024 on with ${setting}`;
    case "EAFNOSUPPORT":
      return `${at}: this machine does not speak that kind of address; set HOST to 127.0.0.1`;
    default:
      return `${at}: ${error.message}`;
  }
}

/** A host as URLs write it: IPv6 in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
