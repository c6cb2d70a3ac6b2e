import type { Message } from "../../model/timeline.ts";
import { useModel } from "../model.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { Icon, type IconName } from "../parts/icon.tsx";
import { openMessageMenu, openReactions, permissionsOn } from "./message-choices.ts";
import { useTalk } from "./talk-context.ts";

/** Beside a message that is pointed at or has the focus: the things that are done most, and the menu of all. */
export function MessageTools({ message }: { message: Message }) {
  const { app } = useModel();
  const talk = useTalk();
  const overlays = useOverlays();
  const may = permissionsOn(message, talk);
  const parts = { talk, overlays, chat: app.chat };
  const { seq, event } = message;
  return (
    <div className="tools">
      {may.react && <Tool icon="smile" label="React" act={(anchor) => openReactions(message, anchor, parts)} />}
      {may.post && <Tool icon="reply" label="Reply" act={() => talk.reply(message)} />}
      {may.post && <Tool icon="thread" label="Reply in thread" act={() => talk.openThread(event.thread ?? seq)} />}
      <button
        type="button"
        className="tool menu-button"
        aria-label={`Actions for the message of ${event.by.username}`}
        aria-haspopup="menu"
        onClick={({ currentTarget }) => openMessageMenu(message, currentTarget, parts)}
      >
        <Icon name="more" />
      </button>
    </div>
  );
}

/** A shortcut with the pointer: the keyboard has the same in the menu. */
interface ToolProps {
  readonly icon: IconName;
  readonly label: string;
  act(anchor: HTMLElement): void;
}

function Tool({ icon, label, act }: ToolProps) {
  return (
    <button
      type="button"
      className="tool"
      title={label}
      tabIndex={-1}
      aria-label={label}
      onClick={({ currentTarget }) => act(currentTarget)}
    >
      <Icon name={icon} />
    </button>
  );
}
