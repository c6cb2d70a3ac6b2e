import { type Attack, tally, times } from "./attack.ts";
import { exchange } from "./exchange.ts";

/** The limits that these attacks run into. */
export const HTTP_LIMITS = {
  SIGNUPS_PER_SECOND_PER_ADDRESS: "5",
  LOGINS_PER_MINUTE_PER_ACCOUNT: "5",
  REQUESTS_PER_SECOND_PER_ADDRESS: "60",
  PASSWORD_QUEUE_MAX: "16",
};

const from = (address: string) => ({ "content-type": "application/json", "x-real-ip": address });

async function statuses(count: number, ask: (at: number) => Promise<Response>): Promise<string[]> {
  return Promise.all(
    times(count, async (at) => {
      const answer = await ask(at);
      await answer.arrayBuffer();
      return `${answer.status}`;
    }),
  );
}

const signup = (apiUrl: string, address: string, username: string) =>
  fetch(`${apiUrl}/api/v1/auth/signup`, {
    method: "POST",
    headers: from(address),
    body: JSON.stringify({ username, password: "correct horse" }),
  });

const login = (apiUrl: string, address: string, username = "nobody-there") =>
  fetch(`${apiUrl}/api/v1/auth/login`, {
    method: "POST",
    headers: from(address),
    body: JSON.stringify({ username, password: "wrong horse" }),
  });

const megabyte = [
  "POST /api/v1/auth/guest HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n",
  "x".repeat(1_048_576),
];

export const httpAttacks: readonly Attack[] = [
  {
    name: "40 sign-ups of one address",
    run: async ({ apiUrl }) => tally(await statuses(40, (at) => signup(apiUrl, "203.0.113.1", `visitor-${at}`))),
    expect: { "201": [5, 20], "429": [20, 35] },
  },
  {
    name: "40 logins to one account",
    run: async ({ apiUrl }) => tally(await statuses(40, () => login(apiUrl, "203.0.113.2"))),
    expect: { "401": [5, 8], "429": [32, 35] },
  },
  {
    name: "80 logins from 80 addresses",
    run: async ({ apiUrl }) => tally(await statuses(80, (at) => login(apiUrl, `203.0.113.${at + 10}`, `nobody-${at}`))),
    expect: { "401": [16, 79], "503": [1, 64] },
  },
  {
    name: "800 requests of one address",
    run: async ({ apiUrl }) =>
      tally(await statuses(800, () => fetch(`${apiUrl}/api/v1/rooms`, { headers: from("203.0.113.3") }))),
    expect: { "401": [60, 790], "429": [10, 740] },
  },
  {
    name: "20 bodies of 1 MiB",
    run: async ({ apiUrl }) =>
      tally(await Promise.all(times(20, () => exchange(Number(new URL(apiUrl).port), megabyte)))),
    expect: { "413 too_large cut": 20 },
  },
  {
    name: "200 requests to nginx with its limits on",
    run: async ({ strictUrl }) => tally(await statuses(200, () => fetch(`${strictUrl}/api/v1/me`))),
    // 50 transfers of one address at a time, and a burst of 60: how many get in depends on how fast they are answered.
    expect: { "401": [40, 190], "429": [10, 160] },
  },
];
