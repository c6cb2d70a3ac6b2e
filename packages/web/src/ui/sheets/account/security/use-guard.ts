import type { HubbubSignin, Proof } from "@hubbub/client";
import { useEffect, useRef, useState } from "react";
import { canProveAgain, isProofWanted } from "../../../../model/refusal.ts";
import { useModel } from "../../../model.ts";

/** A proof of identity that the server asks for. */
export interface AskedProof {
  /** Tries it with this proof. @throws HubbubError when the proof is wrong: it can be given again */
  prove(proof: Proof): Promise<void>;
  giveUp(): void;
}

type Work<Answer> = (signin: HubbubSignin, proof: Proof) => Promise<Answer>;

export interface Guard {
  /** undefined: nothing is asked. */
  readonly asked: AskedProof | undefined;
  /** Asks for a proof where the server wants one. undefined: the user gave up. @throws HubbubError */
  prove<Answer>(work: Work<Answer>): Promise<Answer | undefined>;
  /** As `prove`; a refusal is told, and answers undefined. */
  run<Answer>(work: Work<Answer>): Promise<Answer | undefined>;
}

/** What changes the logins of an account needs a new login, or the password. */
export function useGuard(): Guard {
  const { app } = useModel();
  const [asked, setAsked] = useState<AskedProof>();
  const waiting = useRef<AskedProof>(undefined);
  useEffect(() => () => waiting.current?.giveUp(), []);
  const ask = <Answer>(attempt: (proof: Proof) => Promise<Answer>): Promise<Answer | undefined> => {
    waiting.current?.giveUp();
    return new Promise((resolve, reject) => {
      const end = (): void => setAsked((now) => (now === mine ? undefined : now));
      const prove = async (proof: Proof): Promise<void> => {
        try {
          resolve(await attempt(proof));
        } catch (error) {
          if (canProveAgain(error)) throw error;
          reject(error);
        }
        end();
      };
      const giveUp = (): void => {
        resolve(undefined);
        end();
      };
      const mine: AskedProof = { prove, giveUp };
      waiting.current = mine;
      setAsked(mine);
    });
  };
  const prove: Guard["prove"] = async (work) => {
    const signin = app.chat?.own.signin;
    if (signin === undefined) return undefined;
    try {
      return await work(signin, {});
    } catch (error) {
      if (!isProofWanted(error)) throw error;
      return ask((proof) => work(signin, proof));
    }
  };
  const run: Guard["run"] = async (work) => app.chat?.do(() => prove(work));
  return { asked, prove, run };
}
