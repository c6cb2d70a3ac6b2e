import { HubbubError, HubbubSignin, type Proof } from "@hubbub/client";
import { useEffect, useRef, useState } from "react";
import { useModel } from "../../model.ts";

type Answered = (password: string | undefined) => void;

export interface Guard {
  /** The server wants to know that it is the user; undefined: it does not ask. An answer without a password gives up. */
  readonly asked: Answered | undefined;
  /** Asks for the password where the server wants it. undefined: it was refused or given up. */
  run<Answer>(work: (signin: HubbubSignin, proof: Proof) => Promise<Answer>): Promise<Answer | undefined>;
}

/** What changes the logins of an account needs a new login, or the password. */
export function useGuard(): Guard {
  const { app } = useModel();
  const [asked, setAsked] = useState<Answered>();
  const waiting = useRef<Answered>(undefined);
  useEffect(() => () => waiting.current?.(undefined), []);
  const ask = async (): Promise<string | undefined> => {
    waiting.current?.(undefined);
    const password = await new Promise<string | undefined>((resolve) => {
      waiting.current = resolve;
      setAsked(() => resolve);
    });
    setAsked(undefined);
    return password;
  };
  const run: Guard["run"] = async (work) => {
    const attempt = (proof: Proof) => app.chat?.do((http) => proofOf(work(new HubbubSignin(http), proof)));
    const first = await attempt({});
    if (first !== "proof") return first?.answer;
    const password = await ask();
    const second = password === undefined ? undefined : await attempt({ password });
    return second === "proof" ? undefined : second?.answer;
  };
  return { asked, run };
}

async function proofOf<Answer>(work: Promise<Answer>): Promise<{ answer: Answer } | "proof"> {
  try {
    return { answer: await work };
  } catch (error) {
    if (error instanceof HubbubError && error.code === "proof_required") return "proof";
    throw error;
  }
}
