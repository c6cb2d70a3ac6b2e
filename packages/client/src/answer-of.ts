import type { Problem } from "@hubbub/protocol";
import { errorOfProblem, HubbubError } from "./hubbub-error.ts";
import { parseJson } from "./parse-json.ts";

/** The JSON of a good answer. @throws HubbubError for a refusal, and for what is no JSON */
export function answerOf<Answer>(status: number, text: string): Answer {
  const json = parseJson(text);
  if (status < 200 || status > 299) throw errorOfProblem(status, asProblem(json));
  const isObject = typeof json === "object" && json !== null;
  if (!isObject && text !== "") throw new HubbubError("unexpected_answer", undefined, { status });
  return json as Answer;
}

/** The answer, if it has these lists: a proxy may answer with anything. @throws HubbubError unexpected_answer */
export function withLists<Answer>(answer: Answer, ...names: (keyof Answer)[]): Answer {
  const isGood = typeof answer === "object" && answer !== null && names.every((name) => Array.isArray(answer[name]));
  if (!isGood) throw new HubbubError("unexpected_answer");
  return answer;
}

/** Of a proxy it may be anything. */
function asProblem(json: unknown): Partial<Problem> {
  return typeof json === "object" && json !== null ? json : {};
}
