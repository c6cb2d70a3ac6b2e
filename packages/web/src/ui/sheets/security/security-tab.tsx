import { isGuestName } from "@hubbub/protocol";
import { hasPasskeys } from "../../../model/passkey.ts";
import { useChat } from "../../model.ts";
import { useLoaded } from "../../parts/use-loaded.ts";
import { LoginsPart } from "./logins-part.tsx";
import { PasskeysPart } from "./passkeys-part.tsx";
import { PasswordPart } from "./password-part.tsx";
import { ProofDialog } from "./proof-dialog.tsx";
import { TwoStepPart } from "./two-step-part.tsx";
import { useGuard } from "./use-guard.ts";

/** How the user logs in, and where they are. */
export function SecurityTab() {
  const me = useChat((chat) => chat.me);
  if (isGuestName(me.username))
    return <p className="muted">You are here as a guest. Make this an account first: press your name.</p>;
  return <AccountSecurity />;
}

function AccountSecurity() {
  const guard = useGuard();
  const [offers] = useLoaded(() => guard.run((signin) => signin.methods()));
  return (
    <>
      {guard.asked !== undefined && <ProofDialog answer={guard.asked} />}
      <PasswordPart />
      {offers?.totp === true && <TwoStepPart guard={guard} />}
      {offers?.passkey === true && hasPasskeys() && <PasskeysPart guard={guard} />}
      <LoginsPart />
    </>
  );
}
