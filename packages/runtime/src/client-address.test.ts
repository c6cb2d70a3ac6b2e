import { expect, test } from "vitest";
import { clientAddress, siteOf } from "./client-address.ts";

const from = (text: string) => ({ getRemoteAddressAsText: () => new TextEncoder().encode(text).buffer });

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["0000:0000:0000:0000:0000:ffff:7f00:0001", "127.0.0.1"],
  ["::ffff:10.1.2.3", "10.1.2.3"],
  ["2001:0db8:0001:0002:0003:0004:0005:0006", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::9", "2001:db8:0:0::/64"],
])("%s counts as %s", (peer, counted) => {
  expect(clientAddress(from(peer), null, [])).toBe(counted);
});

test("X-Real-IP is believed of a trusted proxy alone", () => {
  expect(clientAddress(from("127.0.0.1"), "10.9.9.9", ["127.0.0.1"])).toBe("10.9.9.9");
  expect(clientAddress(from("127.0.0.1"), "2001:db8:1:2::9", ["127.0.0.1"])).toBe("2001:db8:1:2::/64");
  expect(clientAddress(from("10.0.0.1"), "10.9.9.9", ["127.0.0.1"])).toBe("10.0.0.1");
  expect(clientAddress(from("10.0.0.1"), null, ["10.0.0.1"])).toBe("10.0.0.1");
});

test.each([
  ["2001:db8:1:2::/64", "2001:db8:1::/48"],
  ["192.0.2.1", "192.0.2.1"],
  ["::1", "::1"],
])("%s belongs to the site %s", (address, site) => {
  expect(siteOf(address)).toBe(site);
});
