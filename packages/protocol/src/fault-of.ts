import type { z } from "zod";

/** A fault repeats what was sent: a refusal must not be larger than a person reads. */
const FAULT_MAX_LENGTH = 200;

/** The first fault, as one line that names the field and what is allowed: `text: must not contain U+0000`. */
export function faultOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "does not fit its schema";
  const path = issue.path.join(".");
  const words = inWords(issue);
  const line = path === "" ? words : `${path}: ${words}`;
  return line.length <= FAULT_MAX_LENGTH ? line : `${line.slice(0, FAULT_MAX_LENGTH)}…`;
}

/** Messages of our own schemas begin with "must" and stay; those of the validator are put into words. */
function inWords(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith("must ")) return issue.message;
  switch (issue.code) {
    case "too_small":
      return issue.minimum === 1 ? "must not be empty" : `must have at least ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `must have at most ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_type":
      return `must be ${issue.message.endsWith("received undefined") ? "given, as " : ""}${nounOf(issue.expected)}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    case "unrecognized_keys":
      return `${issue.keys.map((key) => JSON.stringify(key)).join(", ")} is not known here`;
    case "invalid_format":
      return issue.format === "email" ? "must be an e-mail address" : issue.message;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  return origin === "string" ? " characters" : "";
}

function nounOf(type: string): string {
  if (type === "int") return "an integer";
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
