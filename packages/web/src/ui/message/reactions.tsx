import { Tooltip } from "radix-ui";
import { useState } from "react";
import { NAMED_MAX, reactionWords } from "../../model/reaction-words.ts";
import type { Message } from "../../model/timeline.ts";
import { useModel } from "../model.ts";
import { react, useTalk } from "./talk-context.ts";

export function Reactions({ message }: { message: Message }) {
  return (
    <div className="reactions">
      {[...message.state.reactions].map(([emoji, users]) => (
        <Chip key={emoji} message={message} emoji={emoji} users={users} />
      ))}
    </div>
  );
}

interface ChipProps {
  readonly message: Message;
  readonly emoji: string;
  readonly users: ReadonlySet<string>;
}

/** A click adds or removes the reaction of the user. On hover and focus a tooltip names the people who reacted. */
function Chip({ message, emoji, users }: ChipProps) {
  const { me, conversation } = useTalk();
  const [words, look] = useWords(users, me.id);
  return (
    <Tooltip.Root onOpenChange={(isOpen) => isOpen && look()}>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          className="chip"
          aria-pressed={users.has(me.id)}
          onClick={() => react(conversation, message, emoji)}
        >
          <span className="words">
            {emoji} {users.size}
          </span>
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" side="top" sideOffset={4} collisionPadding={8}>
          {words}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

/** The names are asked for when somebody looks. */
function useWords(users: ReadonlySet<string>, me: string): [string, () => void] {
  const { app } = useModel();
  const [words, setWords] = useState("…");
  const look = (): void => {
    const named = [...users].slice(0, NAMED_MAX);
    const nameOf = async (user: string): Promise<string | undefined> =>
      user === me ? "you" : (await app.chat?.own.avatars.of(user))?.username;
    Promise.all(named.map(nameOf)).then(
      (names) => setWords(reactionWords(names, users.size - named.length)),
      reportError,
    );
  };
  return [words, look];
}
