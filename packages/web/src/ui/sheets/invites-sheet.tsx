import type { Room } from "@hubbub/protocol";
import { useState } from "react";
import { useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { FormPart, textIn } from "../parts/form-part.tsx";
import { Act, Field, Part, Row, Select } from "../parts/part.tsx";
import { ShownOnce } from "../parts/shown-once.tsx";
import { useLoaded } from "../parts/use-loaded.ts";

const ENDS = [
  ["3600", "An hour"],
  ["86400", "A day"],
  ["604800", "7 days"],
  ["2592000", "30 days"],
] as const;
const USES = [
  ["1", "One person"],
  ["10", "10 people"],
  ["100", "100 people"],
] as const;
const ROLES = [
  ["member", "Member"],
  ["guest", "Guest"],
] as const;

/** Ways into a room: somebody by name, or a link for anybody who has it. */
export function InvitesSheet({ room, close }: { room: Room; close: () => void }) {
  const { app } = useModel();
  const [links, again] = useLoaded(async () => app.chat?.do((http) => http.invites.links(room.id)));
  const revoke = async (id: string): Promise<void> => {
    await app.chat?.do((http) => http.invites.revokeLink(room.id, id));
    await again();
  };
  return (
    <Dialog id="sheet" title={`Invite to ${room.name}`} close={close}>
      <ByName room={room} />
      <LinkForm room={room} made={again} />
      <Part heading="Links that can be used">
        <ul className="sheet-list">
          {links?.length === 0 && <li className="muted">None.</li>}
          {links?.map(({ id, role, usesLeft, expiresAt }) => (
            <Row
              key={id}
              what={`${role === "guest" ? "Guests" : "Members"}, ${usesLeft} uses left`}
              hint={`until ${new Date(expiresAt).toLocaleDateString()}`}
            >
              <Act label="Revoke" work={() => revoke(id)} />
            </Row>
          ))}
        </ul>
      </Part>
    </Dialog>
  );
}

function ByName({ room }: { room: Room }) {
  const { app } = useModel();
  const invite = async (values: FormData, form: HTMLFormElement): Promise<void> => {
    const username = textIn(values, "username").trim();
    const isDone = await app.chat?.do(async (http) => http.invites.inviteUser(room.id, username).then(() => true));
    if (!isDone) return;
    app.chat?.notice(`${username} is invited.`);
    form.reset();
  };
  return (
    <FormPart heading="Somebody by name" submit="Invite" act={invite}>
      <input
        name="username"
        dir="auto"
        maxLength={32}
        required
        autoCapitalize="none"
        autoComplete="off"
        placeholder="Name"
        aria-label="Name"
      />
    </FormPart>
  );
}

function LinkForm({ room, made }: { room: Room; made: () => Promise<void> }) {
  const { app } = useModel();
  const [url, setUrl] = useState("");
  const create = async (values: FormData): Promise<void> => {
    const link = await app.chat?.do((http) =>
      http.invites.createLink(room.id, {
        seconds: Number(textIn(values, "seconds")),
        uses: Number(textIn(values, "uses")),
        ...(textIn(values, "role") === "guest" ? { role: "guest" as const } : {}),
      }),
    );
    if (link === undefined) return;
    setUrl(`${location.origin}${location.pathname}#invite=${link.code}`);
    await made();
  };
  return (
    <FormPart heading="A link" submit="Make a link" act={create}>
      <div className="field-row">
        <Field label="Ends after">
          <Select name="seconds" options={ENDS} chosen="604800" />
        </Field>
        <Field label="For">
          <Select name="uses" options={USES} chosen="10" />
        </Field>
        <Field label="As">
          <Select name="role" options={ROLES} chosen="member" />
        </Field>
      </div>
      {url !== "" && (
        <ShownOnce id="made-link" label="Link" text={url} copied="The link is copied. It is shown only now." />
      )}
    </FormPart>
  );
}
