import { expect, test } from "vitest";
import { Running } from "./running.ts";

const overloaded = expect.objectContaining({ code: "overloaded", retryAfterMs: 1_000 });

/** So many requests of an address, and what answers them all. */
function begin(running: Running, address: string, count: number): () => Promise<unknown> {
  let answer: (response: Response) => void = () => undefined;
  const first = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  const tracked = Array.from({ length: count }, () =>
    running.track(
      first.then((response) => response),
      address,
    ),
  );
  return () => {
    answer(new Response("done"));
    return Promise.all(tracked);
  };
}

test("G8 requests above the bound are refused with overloaded until one is answered", async () => {
  const running = new Running(4);
  const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
  const [end] = addresses.map((address) => begin(running, address, address.endsWith("3") ? 1 : 2));
  expect(() => running.admit("192.0.2.4")).toThrow(overloaded);
  await end?.();
  expect(() => running.admit("192.0.2.4")).not.toThrow();
});

test("G8 one address, or one IPv6 site, takes no more than half of the requests", async () => {
  const running = new Running(4);
  const end = begin(running, "2001:db8:1:2::/64", 3);
  expect(() => running.admit("2001:db8:1:3::/64")).toThrow(overloaded);
  expect(() => running.admit("2001:db8:2:2::/64")).not.toThrow();
  await end();
  expect(() => running.admit("2001:db8:1:3::/64")).not.toThrow();
});
