import { HubbubError, type HubbubErrorCode } from "@hubbub/client";
import { explain, sentence } from "./explain.ts";

/** Why a form was not taken, and the name of the field that it is about; "" for the form as a whole. */
export interface Refusal {
  readonly field: string;
  readonly text: string;
}

/** By the code of the server: the field, and what to do where the usual words do not say it. */
export type RefusalRules = Partial<Record<HubbubErrorCode, { readonly field: string; readonly text?: string }>>;

/** The page itself refuses a form. */
export class FormRefused extends Error {
  override readonly name = "FormRefused";
  readonly field: string;

  constructor(field: string, text: string) {
    super(text);
    this.field = field;
  }
}

const USUAL: RefusalRules = {
  bad_credentials: { field: "password", text: "This password is wrong. Try again." },
  proof_required: { field: "password", text: "Your login is older than ten minutes. Enter your password, or a code." },
  weak_password: { field: "password" },
  bad_code: { field: "code" },
};

/** The server names the field in front of what is wrong with it. */
const FAULT = /^(\w+): (.+)$/s;

/** `rules` go before the usual ones. What is no refusal is a bug, and travels. */
export function refusalOf(error: unknown, rules: RefusalRules = {}): Refusal {
  if (error instanceof FormRefused) return { field: error.field, text: error.message };
  const text = explain(error);
  const { code, message } = error as HubbubError;
  const rule = rules[code] ?? USUAL[code];
  if (rule !== undefined) return { field: rule.field, text: rule.text ?? text };
  const [, field = "", fault = ""] = (code === "bad_request" && FAULT.exec(message)) || [];
  return field === "" ? { field, text } : { field, text: sentence(`this ${fault}`) };
}

/** The server wants to know that it is the user. */
export function isProofWanted(error: unknown): boolean {
  return error instanceof HubbubError && error.code === "proof_required";
}

/** The given proof is wrong, or could not be judged: it can be given again. */
export function canProveAgain(error: unknown): boolean {
  if (!(error instanceof HubbubError)) return false;
  return ["proof_required", "bad_credentials", "bad_code"].includes(error.code) || error.shouldRetry();
}
