import { isGuestName } from "@hubbub/protocol";
import type { ReactNode } from "react";
import { useChat } from "../../../model.ts";
import { ProofDialog } from "./proof-dialog.tsx";
import { type Guard, useGuard } from "./use-guard.ts";

const GUEST = "You are here as a guest. Make this an account first: press your name.";

/** What only an account has, and what asks for a proof that it is the user. `guest`: what stands there for guests. */
export function Guarded(props: { guest?: ReactNode; children: (guard: Guard) => ReactNode }) {
  const { guest = <p className="muted">{GUEST}</p>, children } = props;
  const me = useChat((chat) => chat.me);
  const guard = useGuard();
  if (isGuestName(me.username)) return guest;
  return (
    <>
      {guard.asked !== undefined && <ProofDialog asked={guard.asked} />}
      {children(guard)}
    </>
  );
}
