import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type SessionId } from "@hubbub/protocol";
import {
  addSigningKey,
  ensureSigningKeys,
  promoteSigningKey,
  readSigningKeys,
  removeSigningKey,
  type SigningKeys,
} from "@hubbub/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, startTestGateway, type TestGateway, type World } from "../test/test-gateway.ts";

let world: World;
let directory: string;
beforeAll(async () => {
  world = await createWorld();
  directory = await mkdtemp(join(tmpdir(), "gateway-keys-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  await world[Symbol.asyncDispose]();
});

/** Two gateways and the keys of two api processes, which sign. */
interface Cluster {
  readonly gateways: TestGateway[];
  readonly signers: SigningKeys[];
}

/** A client with a token of every api process, at every gateway. */
async function expectAllLetIn({ gateways, signers }: Cluster): Promise<void> {
  const user = await world.user();
  const claims = { sub: user.id, sid: newId<SessionId>(), name: user.username };
  for (const signer of signers) {
    for (const gateway of gateways) {
      const client = await gateway.client();
      await client.ask({ type: "hello", token: await signer.sign(claims, 60) }, "ready");
      client.close();
    }
  }
}

/** One process after the other, with clients that come in between. */
async function restartRolling(cluster: Cluster, file: string): Promise<void> {
  for (const at of [0, 1]) {
    cluster.signers[at] = await readSigningKeys(file);
    await expectAllLetIn(cluster);
    await cluster.gateways[at]?.[Symbol.asyncDispose]();
    cluster.gateways[at] = await startTestGateway({ ...world, keys: await readSigningKeys(file) });
    await expectAllLetIn(cluster);
  }
}

test("G10 a rotation of the signing keys with rolling restarts keeps nobody out", async () => {
  const file = join(directory, "keys.json");
  await ensureSigningKeys(file);
  const cluster: Cluster = { gateways: [], signers: [] };
  for (const at of [0, 1]) {
    const keys = await readSigningKeys(file);
    cluster.signers[at] = keys;
    cluster.gateways[at] = await startTestGateway({ ...world, keys });
  }
  try {
    for (const step of [addSigningKey, promoteSigningKey, removeSigningKey]) {
      await step(file);
      await restartRolling(cluster, file);
    }
    expect(cluster.gateways).toHaveLength(2);
  } finally {
    for (const gateway of cluster.gateways) await gateway[Symbol.asyncDispose]();
  }
});
