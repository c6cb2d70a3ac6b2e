import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { ERRORS, HTTP_PREFIX, isUuid, newId } from "@hubbub/protocol";
import { equal, holds, type Rule } from "../rule.ts";
import type { Answer, Subject } from "../subject.ts";

/** @throws unless the answer is this refusal */
export function refused({ status, headers, body }: Answer, code: keyof typeof ERRORS): void {
  equal([status, body["code"]], [ERRORS[code].status, code], `the refusal (${JSON.stringify(body)})`);
  holds(headers.get("content-type")?.startsWith("application/problem+json") === true, "a refusal is problem+json");
  equal(body["status"], status, "status in the problem");
}

/** fetch knows no TRACE. */
function rawStatus(url: string, method: string): Promise<{ status: number; allow: string | undefined }> {
  const ask = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = ask(url, { method, timeout: 5_000 }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, allow: response.headers.allow });
    });
    request.on("error", reject);
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.end();
  });
}

const BAD_BODIES = ["{", "[]", '{"zzz":1}'];

export const httpRules: readonly Rule[] = [
  {
    id: "C-HTTP-001",
    title: "the server serves its OpenAPI document, and the document has no answer without a status",
    async run(subject) {
      const { status, body } = await subject.call<{ openapi: string; paths: object }>("GET", "/openapi.json");
      equal(status, 200, "GET /openapi.json");
      holds(body.openapi.startsWith("3.1"), "the document is OpenAPI 3.1");
      holds(!JSON.stringify(body.paths).includes('"responses":{"default"'), "an operation has a default answer");
      holds(Object.keys(body.paths).includes("/rooms/{id}/messages"), "the document has the path of messages");
    },
  },
  {
    id: "C-HTTP-002",
    title: "the server serves its AsyncAPI document",
    async run(subject) {
      const { status, body } = await subject.call<{ asyncapi: string }>("GET", "/asyncapi.json");
      equal([status, body.asyncapi], [200, "3.0.0"], "GET /asyncapi.json");
    },
  },
  {
    id: "C-HTTP-003",
    title: "a path that is none is refused with not_found",
    run: async (subject) => refused(await subject.call("GET", "/no-such-path"), "not_found"),
  },
  {
    id: "C-HTTP-004",
    title: "a method that a path does not have is a 405 that names the others, TRACE too",
    async run(subject) {
      for (const method of ["TRACE", "PATCH", "DELETE"]) {
        const { status, allow } = await rawStatus(`${subject.url}${HTTP_PREFIX}/auth/guest`, method);
        equal([status, allow], [405, "POST"], `${method} /auth/guest`);
      }
    },
  },
  {
    id: "C-HTTP-005",
    title: "a body that is no JSON, or does not match its schema, is refused with bad_request",
    async run(subject) {
      const headers = { "content-type": "application/json" };
      for (const body of BAD_BODIES) {
        const response = await subject.request(`${HTTP_PREFIX}/auth/guest`, { method: "POST", headers, body });
        equal([response.status, ((await response.json()) as { code: string }).code], [400, "bad_request"], body);
      }
    },
  },
  {
    id: "C-HTTP-006",
    title: "a body of another type is a 415",
    async run(subject) {
      const init = { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" };
      equal((await subject.request(`${HTTP_PREFIX}/auth/login`, init)).status, 415, "POST /auth/login with text/plain");
    },
  },
  {
    id: "C-HTTP-007",
    title: "a body over the limit is refused with too_large",
    async run(subject) {
      const body = { username: "x", password: "x".repeat(100_000) };
      const { status, body: problem } = await subject.call("POST", "/auth/login", { body });
      equal([status, problem["code"]], [413, "too_large"], "a body of 100,000 bytes");
    },
  },
  {
    id: "C-HTTP-008",
    title: "a request without a token, or with an invented one, is refused with bad_token",
    async run(subject) {
      refused(await subject.call("GET", "/me"), "bad_token");
      refused(await subject.call("GET", "/me", { token: "invented" }), "bad_token");
    },
  },
  {
    id: "C-HTTP-009",
    title: "answers of the API are not stored by caches, and no content is sniffed",
    async run(subject: Subject) {
      const { headers } = await subject.call("GET", "/me");
      equal(headers.get("cache-control"), "no-store", "cache-control");
      equal(headers.get("x-content-type-options"), "nosniff", "x-content-type-options");
    },
  },
  {
    id: "C-HTTP-010",
    title: "ids of users and rooms are UUIDs, and an unknown room is refused with unknown_room",
    async run(subject) {
      const [person] = await subject.people();
      holds(isUuid(person.tokens.user.id) && isUuid((await person.room()).id), "the ids are UUIDs");
      refused(await person.call("GET", `/rooms/${newId()}`), "unknown_room");
    },
  },
];
