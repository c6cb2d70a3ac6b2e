import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { type S3Server, startS3Server } from "@hubbub/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { objectsContract } from "../test/objects-contract.ts";
import { storageContract } from "../test/storage-contract.ts";
import type { Objects } from "./objects.ts";
import { createS3Objects } from "./s3-objects.ts";
import { createS3Storage } from "./s3-storage.ts";
import { type FileStorage, StorageUnavailable } from "./storage.ts";

let server: S3Server;
let storage: FileStorage;
let objects: Objects;
let operator: S3Client;
beforeAll(async () => {
  server = await startS3Server();
  storage = await createS3Storage(server.options);
  objects = await createS3Objects({ ...server.options, prefix: "backups/here/" });
  const { accessKeyId, secretAccessKey, bucket, ...rest } = server.options;
  operator = new S3Client({ ...rest, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true });
});
afterAll(async () => {
  operator.destroy();
  await objects[Symbol.asyncDispose]();
  await storage[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

storageContract(() => ({
  storage,
  async staged() {
    const list = new ListObjectsV2Command({ Bucket: server.options.bucket, Prefix: "staging/" });
    return (await operator.send(list)).KeyCount ?? 0;
  },
}));

objectsContract(() => objects);

test("an upload of many parts that fails is aborted: its parts do not stay", async () => {
  server.requests.length = 0;
  const broken = (async function* () {
    for (let part = 0; part < 3; part++) yield Buffer.alloc(8 * 1_024 * 1_024);
    throw new Error("the client left");
  })();
  await expect(storage.stage(broken)).rejects.toThrow("the client left");
  expect(server.requests.filter((request) => /^PUT .*partNumber=/.test(request)).length).toBeGreaterThan(0);
  expect(server.requests.filter((request) => /^DELETE .*uploadId=/.test(request))).toHaveLength(1);
});

test("a service that is away, and a bucket that is not there, are told as such", async () => {
  const away = { ...server.options, endpoint: "http://127.0.0.1:1" };
  await expect(createS3Storage(away)).rejects.toThrow(StorageUnavailable);
  await expect(createS3Storage({ ...server.options, bucket: "none" })).rejects.toThrow(/bucket none .* cannot be used/);
});
