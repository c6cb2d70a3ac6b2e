import { expect, test } from "vitest";
import type { Cluster } from "./cluster.ts";
import { welcome } from "./cluster-messages.ts";

test("what the cluster prints holds no password", () => {
  const running = { pid: 1, url: "http://127.0.0.1:1" };
  const cluster = {
    url: "http://127.0.0.1:8080",
    directory: "/data",
    gateways: [{ ...running, name: "gateway-1" }],
    apis: [],
    writers: [],
    redis: { ...running, url: "redis://:secret@127.0.0.1:2" },
    postgres: running,
    nginx: running,
    databaseUrl: "postgres://hubbub:secret@127.0.0.1:3/hubbub",
  };
  const text = welcome(cluster as unknown as Cluster, true);
  expect(text).not.toContain("secret");
  expect(text).toContain("postgres://hubbub@127.0.0.1:3/hubbub");
  expect(text).toContain(". /data/urls.env; npx hubbub verify");
});
