import { hasPasskeys } from "../../../../model/passkey.ts";
import { useOffers } from "../use-offers.ts";
import { Guarded } from "./guarded.tsx";
import { IdentitiesPart } from "./identities-part.tsx";
import { LoginsPart } from "./logins-part.tsx";
import { PasskeysPart } from "./passkeys-part.tsx";
import { PasswordPart } from "./password-part.tsx";
import { TwoStepPart } from "./two-step-part.tsx";

/** How the user logs in, and where they are. */
export function SecurityTab() {
  const offers = useOffers();
  return (
    <Guarded>
      {(guard) => (
        <>
          <PasswordPart />
          {offers?.totp === true && <TwoStepPart guard={guard} />}
          {offers?.passkey === true && hasPasskeys() && <PasskeysPart guard={guard} />}
          {offers !== undefined && <IdentitiesPart guard={guard} provider={offers.provider?.name} />}
          <LoginsPart />
        </>
      )}
    </Guarded>
  );
}
