import type { IdentityInfo } from "@hubbub/client";
import { useModel } from "../../../model.ts";
import { useOverlays } from "../../../overlay/use-overlays.ts";
import { Act, Part, Row } from "../../../parts/part.tsx";
import { useLoaded } from "../../../parts/use-loaded.ts";
import { dateOf } from "../../../words.ts";
import type { Guard } from "./use-guard.ts";

/** Logins elsewhere that open this account. `provider`: where one more can be linked. */
export function IdentitiesPart({ guard, provider }: { guard: Guard; provider: string | undefined }) {
  const { app } = useModel();
  const overlays = useOverlays();
  const [identities, again] = useLoaded(() => guard.run((signin) => signin.identities()));
  if (identities === undefined || (provider === undefined && identities.length === 0)) return null;
  const link = async (): Promise<void> => {
    const begun = await guard.run((signin, proof) => signin.linkIdentity(proof));
    if (begun !== undefined) location.assign(begun.url);
  };
  const unlink = async (identity: IdentityInfo): Promise<void> => {
    const question = `Unlink ${nameOf(identity)}? It opens this account no more: know your password, or have a passkey.`;
    if (!(await overlays.ask(question, "Unlink"))) return;
    const isDone = await guard.run((signin, proof) => signin.unlinkIdentity(identity.id, proof).then(() => true));
    if (isDone === true) app.chat?.notice("The login is unlinked.");
    await again();
  };
  return (
    <Part heading="Linked logins">
      <ul id="identities" className="sheet-list">
        {identities.length === 0 && <li className="muted">None yet.</li>}
        {identities.map((identity) => (
          <Row key={identity.id} what={nameOf(identity)} hint={`since ${dateOf(identity.createdAt)}`}>
            <Act label="Unlink" work={() => unlink(identity)} />
          </Row>
        ))}
      </ul>
      {provider !== undefined && <Act label={`Link a login at ${provider}`} className="" work={link} />}
    </Part>
  );
}

/** Who it is there. */
function nameOf({ issuer, subject }: IdentityInfo): string {
  return `${subject} at ${URL.canParse(issuer) ? new URL(issuer).host : issuer}`;
}
