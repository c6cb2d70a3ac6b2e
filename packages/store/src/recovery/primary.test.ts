import { expect, test, vi } from "vitest";
import { isPostgresUrl, urlsOfHosts } from "../hosts.ts";
import { isUnavailable } from "../unavailable.ts";
import { NoPrimary, Primary } from "./primary.ts";

const [one, two] = ["postgres://one:5432/db", "postgres://two:5432/db"] as const;
const coded = (code: string) => Object.assign(new Error(code), { code });

/** `roles`: what each host answers. */
function openPrimary(roles: Record<string, "primary" | "standby" | Error>, urls: readonly [string, ...string[]]) {
  const dropped: string[] = [];
  const isStandby = vi.fn(async (url: string) => {
    const role = roles[url];
    if (role instanceof Error) throw role;
    return role === "standby";
  });
  const open = (url: string) => ({ url, drop: () => void dropped.push(url) });
  return { primary: new Primary({ urls, open, isStandby }), isStandby, dropped };
}

test("a URL may name several hosts, and each has the rest of it", () => {
  expect(urlsOfHosts("postgres://me:p%40ss@one:5432,[::1]:6,three/db?sslmode=require")).toEqual([
    "postgres://me:p%40ss@one:5432/db?sslmode=require",
    "postgres://me:p%40ss@[::1]:6/db?sslmode=require",
    "postgres://me:p%40ss@three/db?sslmode=require",
  ]);
  const single = "postgres://me@localhost/db?host=%2Ftmp%2Fa,b";
  expect(urlsOfHosts(single)).toEqual([single]);
  expect(["postgres://a:1,b:2/db", "postgresql://a/db"].map(isPostgresUrl)).toEqual([true, true]);
  expect(["postgres://a:x,b:2/db", "redis://a,b", "a,b"].map(isPostgresUrl)).toEqual([false, false, false]);
});

test("one host is asked nothing", async () => {
  const { primary, isStandby } = openPrimary({}, [one]);
  const host = await primary.host();
  expect(host.url).toBe(one);
  primary.failed(coded("25006"), host);
  expect((await primary.host()).url).toBe(one);
  expect(isStandby).not.toHaveBeenCalled();
});

test("calls share one search, and its host stays until a statement fails", async () => {
  const { primary, isStandby } = openPrimary({ [one]: "standby", [two]: "primary" }, [one, two]);
  const found = await Promise.all([primary.host(), primary.host()]);
  expect([...found, await primary.host()].map(({ url }) => url)).toEqual([two, two, two]);
  expect(isStandby).toHaveBeenCalledTimes(2);
});

test.each([
  ["25006", true, true],
  ["57P01", true, true],
  ["ECONNRESET", true, false],
  ["40P01", false, false],
  ["53300", false, false],
  ["23505", false, false],
])("after %s the primary is searched: %s, its connections are dropped: %s", async (code, isAsked, isDropped) => {
  const { primary, isStandby, dropped } = openPrimary({ [one]: "primary", [two]: "standby" }, [one, two]);
  const host = await primary.host();
  isStandby.mockClear();
  primary.failed(coded(code), host);
  expect((await primary.host()).url).toBe(one);
  expect(isStandby).toHaveBeenCalledTimes(isAsked ? 2 : 0);
  expect(dropped).toEqual(isDropped ? [one] : []);
});

test("a primary whose connections are all taken is not left", async () => {
  const roles: Record<string, "primary" | "standby" | Error> = { [one]: "primary", [two]: "standby" };
  const { primary, dropped } = openPrimary(roles, [one, two]);
  const host = await primary.host();
  roles[one] = coded("53300");
  primary.failed(coded("ECONNRESET"), host);
  expect(await primary.host()).toBe(host);
  expect(dropped).toEqual([]);
});

test("a search goes on until another host is the primary, and then ends the connections to the old one", async () => {
  const roles: Record<string, "primary" | "standby" | Error> = { [one]: "primary", [two]: "standby" };
  const { primary, isStandby, dropped } = openPrimary(roles, [one, two]);
  const first = await primary.host();
  roles[one] = coded("ECONNREFUSED");
  primary.failed(new Error("Query read timeout"), first);
  const next = primary.host();
  roles[two] = "primary";
  expect((await next).url).toBe(two);
  expect(dropped).toEqual([one]);

  // What a statement on the old one answers later leaves the new one alone.
  isStandby.mockClear();
  for (const code of ["57P01", "ECONNRESET"]) primary.failed(coded(code), first);
  expect((await primary.host()).url).toBe(two);
  expect(dropped).toEqual([one]);
  expect(isStandby).not.toHaveBeenCalled();
});

test("without a primary a call fails as unavailable, after a while, and says what each host is", async () => {
  vi.useFakeTimers();
  try {
    const { primary } = openPrimary({ [one]: "standby", [two]: coded("ECONNREFUSED") }, [one, two]);
    const failed = primary.host().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5_000);
    const error = await failed;
    expect(error).toBeInstanceOf(NoPrimary);
    expect(isUnavailable(error)).toBe(true);
    expect(error).toMatchObject({ codes: ["57P03", "ECONNREFUSED"] });
    expect(String(error)).toContain("one:5432 is a standby; two:5432 ECONNREFUSED): wait for the failover");
    primary.close();
  } finally {
    vi.useRealTimers();
  }
});

test("a fault of all hosts that does not pass is thrown at once", async () => {
  const { primary } = openPrimary({ [one]: coded("28P01"), [two]: coded("28P01") }, [one, two]);
  await expect(primary.host()).rejects.toMatchObject({ code: "28P01" });
});
