import { expect, test } from "vitest";
import { addresses } from "./address-list.ts";
import { ConfigError, parseEnv } from "./env.ts";

const read = (text: string) => parseEnv({ PROXIES: addresses() }, { PROXIES: text }).PROXIES;

test.each([
  ["127.0.0.0/8", "127.9.9.9", "128.0.0.1"],
  ["10.1.2.3/8", "10.200.0.1", "11.0.0.1"],
  ["10.0.0.1", "10.0.0.1", "10.0.0.2"],
  ["::1", "0000:0000:0000:0000:0000:0000:0000:0001", "::2"],
  ["2001:DB8::/32", "2001:0db8:0001:0002:0003:0004:0005:0006", "2001:db9::1"],
  ["2001:db8:0:0:0:0:0:9", "2001:db8::9", "2001:db8::8"],
  ["::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2"],
  ["::ffff:7f00:1", "127.0.0.1", "127.0.0.2"],
  ["::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.1"],
  [" 10.0.0.1 , 10.0.0.2,", "10.0.0.2", "10.0.0.3"],
])("%s has %s and not %s", (text, inside, outside) => {
  expect([inside, outside].map((address) => read(text).includes(address))).toEqual([true, false]);
});

test("without a value the set is empty, and what is no address is in no set", () => {
  expect(read("").includes("127.0.0.1")).toBe(false);
  expect(read("0.0.0.0/0,::/0").includes("nonsense")).toBe(false);
});

test.each(["localhost", "10.0.0.0/33", "10.0.0", "10.0.0.1/", "::1/129", "fe80::1%eth0", "::ffff:10.0.0.1/8", "*"])(
  "%s can match nothing and is refused by name",
  (text) => {
    expect(() => read(`10.0.0.1,${text}`)).toThrow(ConfigError);
    expect(() => read(`10.0.0.1,${text}`)).toThrow(`${text} is no IP address and no range`);
  },
);
