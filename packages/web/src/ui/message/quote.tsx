import { plainLine } from "../../model/markdown.ts";
import { type Message, textOf } from "../../model/timeline.ts";
import { Icon } from "../parts/icon.tsx";
import { useTalk } from "./talk-context.ts";

const QUOTE_LENGTH = 120;

/** The message that a reply answers. */
export function Quote({ seq, quoted }: { seq: number; quoted: Message | undefined }) {
  const { jump } = useTalk();
  return (
    <button type="button" className="quote" onClick={() => jump(seq)}>
      <Icon name="reply" />
      <span dir="auto">{quoteOf(quoted)}</span>
    </button>
  );
}

export function quoteOf(quoted: Message | undefined): string {
  if (quoted === undefined) return "an earlier message";
  const name = quoted.event.by.username;
  if (quoted.state.isDeleted) return `${name}: deleted`;
  const text =
    plainLine(textOf(quoted).slice(0, 2 * QUOTE_LENGTH)) ||
    quoted.event.files?.map((file) => file.name).join(", ") ||
    "";
  return `${name}: ${[...text].slice(0, QUOTE_LENGTH).join("")}`;
}
