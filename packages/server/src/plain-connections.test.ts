import { expect, test } from "vitest";
import { plainConnections } from "./plain-connections.ts";

test.each([
  ["redis://127.0.0.1:6379", "postgres://u:p@localhost/db"],
  ["redis://[::1]:6379/0", "postgres://u@/db?host=/var/run/postgresql"],
  ["rediss://redis:6379", "postgres://u:p@pg1:5432,pg2:5432/db?sslmode=verify-full"],
  ["rediss+sentinel://s1,s2/main", "postgres://pg/db?a=b&sslmode=no-verify"],
  ["redis://127.0.0.1", "postgres://u:p@db/x?host=::1"],
])("%s and %s are encrypted or stay on this machine", (redis, postgres) => {
  expect(plainConnections({ REDIS_URL: redis, DATABASE_URL: postgres })).toEqual([]);
});

test.each([
  ["redis://redis:6379", "postgres://u:p@pg/db"],
  ["redis+sentinel://127.0.0.1:1,other:2/main", "postgres://u:p@localhost,pg2:5432/db"],
  ["redis://u:p%40@10.0.0.1", "postgres://u:p@pg/db?sslmode=disable&ssl=true"],
  ["redis:///?host=10.0.0.1", "postgres://u:p@localhost/db?host=/tmp&host=10.0.0.1"],
])("%s and %s are told, each with what to do", (redis, postgres) => {
  const sentences = plainConnections({ REDIS_URL: redis, DATABASE_URL: postgres });
  expect(sentences).toEqual([
    expect.stringMatching(/^REDIS_URL: .*rediss/),
    expect.stringMatching(/^DATABASE_URL: .*verify-full/),
  ]);
});
