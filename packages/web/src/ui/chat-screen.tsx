import { Tooltip } from "radix-ui";
import { useEffect, useRef } from "react";
import { connectionWords } from "../model/offline-words.ts";
import { EmojiHost } from "./emoji/emoji-host.tsx";
import { SearchPanel } from "./finders/search-panel.tsx";
import { SwitcherHost } from "./finders/switcher-host.tsx";
import { useChat, useModel } from "./model.ts";
import { MenuHost } from "./overlay/menu-host.tsx";
import { Overlays } from "./overlay/overlays.ts";
import { PictureHost } from "./overlay/picture-viewer.tsx";
import { QuestionHost } from "./overlay/question-dialog.tsx";
import { ReportHost } from "./overlay/report-dialog.tsx";
import { RestrictHost } from "./overlay/restrict-dialog.tsx";
import { OverlayContext } from "./overlay/use-overlays.ts";
import { RoomArea } from "./room/room-area.tsx";
import { QueueHost } from "./sheets/queue-sheet.tsx";
import { SheetHost } from "./sheets/sheet-host.tsx";
import { SideBar } from "./side/side-bar.tsx";
import { useAddress } from "./use-address.ts";
import { useOnline } from "./use-online.ts";
import { useReadMarks } from "./use-read-marks.ts";
import { useTitle } from "./use-title.ts";

const TOOLTIP_MS = 500;

/** The rooms and the open one. Nothing of the user stays when it leaves the page. */
export function ChatScreen() {
  const { shown } = useModel();
  const overlays = useRef<Overlays>(undefined);
  overlays.current ??= new Overlays();
  const made = overlays.current;
  const open = useChat((chat) => chat.open?.id);
  useAddress(open);
  useTitle();
  useReadMarks();
  useEffect(
    () => () => {
      made.end();
      shown.forget();
    },
    [made, shown],
  );
  return (
    <OverlayContext value={made}>
      <Tooltip.Provider delayDuration={TOOLTIP_MS}>
        <div id="app" className={open === undefined ? "app" : "app in-room"}>
          <Banner />
          <SideBar />
          <RoomArea key={open ?? ""} />
          <SearchPanel />
        </div>
        <Notice />
        <SheetHost />
        <QueueHost />
        <ReportHost />
        <RestrictHost />
        <PictureHost />
        <SwitcherHost />
        <MenuHost />
        <EmojiHost />
        <QuestionHost />
        <Invited overlays={made} />
      </Tooltip.Provider>
    </OverlayContext>
  );
}

function Banner() {
  const isOnline = useOnline();
  const words = useChat((chat) => connectionWords(chat, isOnline));
  return (
    <p id="banner" className="banner" role="status">
      {words}
    </p>
  );
}

function Notice() {
  const notice = useChat((chat) => chat.notice);
  return (
    <div role="alert">
      {notice !== "" && (
        <p id="notice" className="notice">
          {notice}
        </p>
      )}
    </div>
  );
}

/** Asks about the room that a link leads into. */
function Invited({ overlays }: { overlays: Overlays }) {
  const { app } = useModel();
  const invite = useChat((chat) => chat.invite);
  const asked = useRef("");
  useEffect(() => {
    if (invite === undefined || invite.code === asked.current) return;
    const { code, name, members } = invite;
    asked.current = code;
    const text = `You are invited to “${name}” with ${members === 1 ? "one member" : `${members} members`}.`;
    overlays.ask(text, "Join", "primary").then((is) => app.chat?.invitations.answer(code, is), reportError);
  }, [app, overlays, invite]);
  return null;
}
