import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import type { TestProject } from "vitest/node";

/**
 * Gives turns to the workers that `one-cluster.ts` connects: each has its turn until its process ends, which closes its
 * connection.
 */
export async function setup(project: TestProject): Promise<() => void> {
  const waiting = new Set<Socket>();
  const next = () => void [...waiting].at(0)?.write("go");
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    waiting.add(socket);
    socket.once("close", () => {
      const hadTurn = [...waiting].at(0) === socket;
      waiting.delete(socket);
      if (hadTurn) next();
    });
    socket.resume();
    if (waiting.size === 1) next();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  project.provide("clusterTurns", (server.address() as AddressInfo).port);
  return () => {
    server.close();
    for (const socket of waiting) socket.destroy();
  };
}
