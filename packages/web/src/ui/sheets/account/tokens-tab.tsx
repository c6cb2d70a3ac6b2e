import type { AccessTokenInfo, NewAccessToken } from "@hubbub/client";
import { useState } from "react";
import { useModel } from "../../model.ts";
import { useOverlays } from "../../overlay/use-overlays.ts";
import { Act, Part, Row } from "../../parts/part.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { dateOf } from "../../words.ts";
import { Guarded } from "./security/guarded.tsx";
import type { Guard } from "./security/use-guard.ts";
import { TokenForm } from "./token-form.tsx";

/** Personal access tokens: programs act for the user with them. */
export function TokensTab() {
  return <Guarded>{(guard) => <Tokens guard={guard} />}</Guarded>;
}

function Tokens({ guard }: { guard: Guard }) {
  const [tokens, again] = useLoaded(() => guard.run((signin) => signin.tokens()));
  const [made, setMade] = useState<NewAccessToken>();
  const show = async (token: NewAccessToken): Promise<void> => {
    setMade(token);
    await again();
  };
  return (
    <>
      {made !== undefined && <Made key={made.id} token={made} />}
      <TokenForm guard={guard} made={show} />
      <Part heading="Your tokens">
        <ul id="tokens" className="sheet-list">
          {tokens?.length === 0 && <li className="muted">None yet.</li>}
          {tokens?.map((token) => (
            <TokenRow key={token.id} token={token} guard={guard} again={again} />
          ))}
        </ul>
      </Part>
    </>
  );
}

function Made({ token: { name, token } }: { token: NewAccessToken }) {
  return (
    <div className="shown-once" role="status">
      <p dir="auto">The token “{name}” is made. Copy it now: it is not shown again.</p>
      <ShownOnce id="token-made" label="Token" text={token} copied="The token is copied. Keep it like a password." />
    </div>
  );
}

function TokenRow({ token, guard, again }: { token: AccessTokenInfo; guard: Guard; again: () => Promise<void> }) {
  const { app } = useModel();
  const overlays = useOverlays();
  const { id, name, scopes, expiresAt, usedAt } = token;
  const revoke = async (): Promise<void> => {
    const question = `Revoke the token “${name}”? Programs that use it are cut off at once.`;
    if (!(await overlays.ask(question, "Revoke"))) return;
    const isDone = await guard.run((signin) => signin.revokeToken(id).then(() => true));
    if (isDone === true) app.chat?.notice("The token is revoked.");
    await again();
  };
  const used = usedAt === undefined ? "never used" : `used on ${dateOf(usedAt)}`;
  return (
    <Row what={name} hint={`${scopes.join(", ")} · until ${dateOf(expiresAt)} · ${used}`}>
      <Act label="Revoke" work={revoke} />
    </Row>
  );
}
