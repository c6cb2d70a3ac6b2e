import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Stack } from "./stack.ts";
import type { Step } from "./step.ts";

/** More than SIGNUPS_PER_SECOND_PER_ADDRESS allows at once on two apis. */
const signups = 12;

/** Whom a client is taken for, with the strict limits that hold for an address. */
export const addressSteps: readonly Step[] = [
  {
    name: "the strict flavour limits an address, and says when to try again",
    async run(stack) {
      const answers = await signUp(stack, () => ({
        "x-forwarded-for": `203.0.113.${Math.ceil(Math.random() * 200)}`,
        "x-real-ip": "203.0.113.9",
      }));
      const refused = answers.filter(({ status }) => status === 429);
      assert.ok(refused.length > 0, "an address that claims to be many is still one");
      for (const { body } of refused) assert.ok(Number(body["retryAfterMs"]) > 0);
      return `${refused.length} of ${signups} sign-ups at once are told to wait`;
    },
  },
  {
    name: "behind another proxy every client has its own address",
    async run(stack) {
      const gateway = (
        await stack.docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "hubbub_front")
      ).trim();
      const outside = gateway === "" ? "172.30.250.0/24" : `${gateway}/32`;
      await stack.up({
        FRONT_REAL_IP: `set_real_ip_from ${outside}; real_ip_header X-Forwarded-For; real_ip_recursive on;`,
      });
      const answers = await signUp(stack, (index) => ({ "x-forwarded-for": `198.51.100.${index + 1}` }));
      assert.deepEqual(
        answers.map(({ status }) => status).filter((status) => status === 429),
        [],
      );
      const logs = await stack.compose("logs", "--no-log-prefix", "--tail", "100", "nginx");
      assert.match(logs, /"client":"198\.51\.100\.7"/);
      await stack.up({ FRONT_REAL_IP: "" });
      return `${signups} sign-ups of ${signups} addresses pass, and are logged with them`;
    },
  },
];

async function signUp({ url }: Stack, headersOf: (index: number) => Readonly<Record<string, string>>) {
  return await Promise.all(
    Array.from({ length: signups }, async (_, index) => {
      const body = JSON.stringify({
        username: `u${randomUUID().slice(0, 12)}`,
        password: "a long enough phrase 1 of 2",
      });
      const headers = { "content-type": "application/json", ...headersOf(index) };
      const response = await fetch(`${url}/api/v1/auth/signup`, { method: "POST", headers, body });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    }),
  );
}
