import { lazy, Suspense, useEffect, useRef } from "react";
import { useChat } from "../model.ts";
import type { Sheet } from "../overlay/overlays.ts";
import { useOverlay, useOverlays } from "../overlay/use-overlays.ts";
import { AuditSheet } from "./audit-sheet.tsx";
import { CreateSheet } from "./create-sheet.tsx";
import { DateSheet } from "./date-sheet.tsx";
import { DirectSheet } from "./direct-sheet.tsx";
import { InvitationsSheet } from "./invitations-sheet.tsx";
import { InvitesSheet } from "./invites-sheet.tsx";
import { MeSheet } from "./me-sheet.tsx";
import { MembersSheet } from "./members-sheet.tsx";
import { PersonSheet } from "./person-sheet.tsx";
import { RevisionsSheet } from "./revisions-sheet.tsx";
import { SettingsSheet } from "./settings-sheet.tsx";
import { ThreadsSheet } from "./threads-sheet.tsx";

/** The largest sheet, and one that is opened rarely: its script is loaded when it is. */
const AccountSheet = lazy(async () => ({ default: (await import("./account/account-sheet.tsx")).AccountSheet }));

/** The one sheet of the page. */
export function SheetHost() {
  const overlays = useOverlays();
  const sheet = useOverlay((state) => state.sheet);
  const open = useChat((chat) => chat.open?.id);
  const isOfRoom = sheet !== undefined && "room" in sheet;
  // A sheet of a room does not stay over another one.
  const before = useRef(open);
  useEffect(() => {
    if (before.current !== open && isOfRoom) overlays.closeSheet();
    before.current = open;
  }, [overlays, open, isOfRoom]);
  return sheet === undefined ? null : <OneSheet sheet={sheet} />;
}

function OneSheet({ sheet }: { sheet: Sheet }) {
  const overlays = useOverlays();
  const close = (): void => overlays.closeSheet();
  switch (sheet.kind) {
    case "audit":
      return <AuditSheet room={sheet.room} close={close} />;
    case "date":
      return <DateSheet room={sheet.room} close={close} />;
    case "members":
      return <MembersSheet room={sheet.room} close={close} />;
    case "invites":
      return <InvitesSheet room={sheet.room} close={close} />;
    case "settings":
      return <SettingsSheet room={sheet.room} close={close} />;
    case "person":
      return <PersonSheet user={sheet.user} close={close} />;
    case "revisions":
      return <RevisionsSheet room={sheet.room} message={sheet.message} close={close} />;
    case "me":
      return <MeSheet close={close} />;
    case "account":
      return (
        <Suspense fallback={null}>
          <AccountSheet close={close} />
        </Suspense>
      );
    case "direct":
      return <DirectSheet close={close} />;
    case "create":
      return <CreateSheet close={close} />;
    case "invitations":
      return <InvitationsSheet close={close} />;
    case "threads":
      return <ThreadsSheet close={close} />;
  }
}
