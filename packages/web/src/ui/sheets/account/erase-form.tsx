import { isGuestName } from "@hubbub/protocol";
import { useChat, useModel } from "../../model.ts";
import { useOverlays } from "../../overlay/use-overlays.ts";
import { FormPart } from "../../parts/form-part.tsx";
import { ProofField, proofIn } from "./security/proof-field.tsx";
import { useOffers } from "./use-offers.ts";

const ERASED: readonly (readonly [when: string, what: string])[] = [
  [
    "At once",
    "You are logged out everywhere. Your name becomes “deleted-…”. Password, e-mail address, picture, profile, status, drafts, two-step login, passkeys, tokens, linked logins, exports, invitations, links into rooms and blocks are removed.",
  ],
  [
    "Within minutes",
    "Each of your messages is deleted in every room, with its earlier texts and its files. You leave all rooms. Where you are the only owner, the longest member becomes one; a room without another member is closed.",
  ],
  [
    "What stays",
    "What others wrote, also about you. That somebody wrote, reacted or joined, without name and content. Names and topics that you gave rooms. Notes of moderation and of the audit, without texts. Direct rooms stay for the other person.",
  ],
];

/** The end of the account. */
export function EraseForm() {
  const { app } = useModel();
  const overlays = useOverlays();
  const me = useChat((chat) => chat.me);
  const isGuest = isGuestName(me.username);
  const provider = useOffers()?.provider;
  const erase = async (values: FormData): Promise<void> => {
    const question = `Erase ${me.username} and all messages and files of this account? This cannot be undone.`;
    if (await overlays.ask(question, "Erase it all")) await app.erase(proofIn(values));
  };
  const hint = provider ? `Without a password: log in at ${provider.name} anew, and leave this empty.` : "";
  return (
    <FormPart heading="Erase your account" submit="Erase my account" submitId="erase" kind="danger" act={erase}>
      <p className="muted">Nobody can undo this. Export your data first if you want to keep it.</p>
      <dl id="erased" className="facts">
        {ERASED.map(([when, what]) => (
          <div key={when}>
            <dt>{when}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      {!isGuest && <ProofField id="erase-password" hint={hint} />}
    </FormPart>
  );
}
