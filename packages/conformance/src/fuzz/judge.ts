import type { Documented, Operation } from "./document.ts";
import { type Answer, codeOf, isRateLimited, parse } from "./exchange.ts";
import type { Attempt } from "./requests.ts";
import { misfit } from "./schema.ts";

const FORM_REFUSED = [400, 413, 415, 422];
const UNAUTHORIZED = [401, 403, 404];
const NOT_ALLOWED = 405;
/** Of these the document may speak: not implemented, and no space left. */
const PERMITTED_FAILURES = [501, 507];
/** The codes of a refused form. */
const FORM_CODES = ["bad_request", "too_large", undefined];

const isSuccess = (status: number): boolean => status >= 200 && status < 400;

/** What is wrong with the answer. */
export function faultsOf(operation: Operation, { wanted, request }: Attempt, answer: Answer): string[] {
  const { status } = answer;
  const faults: string[] = [];
  if (status >= 500 && !PERMITTED_FAILURES.includes(status)) faults.push(`the server failed with ${status}`);
  if (isRateLimited(answer) && answer.headers["retry-after"] === undefined) faults.push("429 without Retry-After");
  if (wanted === "not allowed") return [...faults, ...notAllowed(operation, answer)];
  if (wanted === "taken" && FORM_REFUSED.includes(status) && FORM_CODES.includes(codeOf(answer.body) as undefined)) {
    faults.push(`the document permits this request, and it was refused with ${status}: ${detailOf(answer)}`);
  }
  if (wanted === "refused" && isSuccess(status)) {
    faults.push(`the document does not permit this request, and it was answered with ${status}`);
  }
  if (wanted === "unauthorized" && !UNAUTHORIZED.includes(status)) {
    faults.push(`without a valid token the request was answered with ${status}`);
  }
  const documented = operation.responses[status] ?? operation.responses["default"];
  if (documented === undefined) faults.push(`the document has no answer ${status} here: ${detailOf(answer)}`);
  else if (request.method !== "HEAD") faults.push(...contentFaults(documented, answer));
  return faults;
}

function notAllowed({ path, method }: Operation, { status, headers }: Answer): string[] {
  if (status !== NOT_ALLOWED) return [`a method that ${path} does not have was answered with ${status}, not 405`];
  if (headers.allow === undefined) return ["405 without Allow"];
  const isNamed = headers.allow.split(",").some((one) => one.trim() === method);
  return isNamed ? [] : [`Allow says ${headers.allow} and not ${method}, which ${path} has`];
}

function contentFaults({ content = {} }: Documented, answer: Answer): string[] {
  const { status, headers, body } = answer;
  const type = headers["content-type"]?.split(";", 1)[0]?.trim();
  const types = Object.keys(content);
  if (types.length === 0)
    return body.length === 0 ? [] : [`${status} has no content in the document, but came with some`];
  const known = types.find(
    (one) => one === type || one === "*/*" || (one.endsWith("/*") && type?.startsWith(one.slice(0, -1))),
  );
  if (known === undefined && body.length === 0 && type === undefined) return [`${status} came without content`];
  if (known === undefined) return [`${status} came as ${type}, which the document does not have`];
  const schema = content[known]?.schema;
  if (schema === undefined || !/[/+]json$/.test(known)) return [];
  const value = parse(body);
  if (value === undefined) return [`the content of ${status} is no JSON`];
  const fault = misfit(schema, value);
  const own = (value as { status?: unknown }).status;
  return [
    ...(fault === undefined ? [] : [`the content of ${status} does not fit its schema: ${fault}`]),
    ...(known === "application/problem+json" && own !== status
      ? [`the problem says ${own}, the answer ${status}`]
      : []),
  ];
}

function detailOf({ body }: Answer): string {
  const { code, detail } = (parse(body) ?? {}) as { code?: unknown; detail?: unknown };
  return code === undefined ? JSON.stringify(body.toString().slice(0, 100)) : `${code}: ${detail}`;
}
