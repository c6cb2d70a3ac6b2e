import {
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
  EmojiPicker as Picker,
} from "frimousse";
import { loadEmoji } from "./emoji-data.ts";

const COLUMNS = 8;

/** Tones are named, because the picker asks for them; it offers none. */
const NO_TONES = { light: "", "medium-light": "", medium: "", "medium-dark": "", dark: "" };

async function resolve(locale: string) {
  const { categories, emojis } = await loadEmoji();
  const found = emojis.map(({ tags, codes, ...one }) => ({ ...one, tags: [...tags, ...codes] }));
  return { locale, categories: [...categories], emojis: found, skinTones: NO_TONES };
}

/** All emoji, by category, with a search. Keys: letters search, arrows move, Enter takes. */
export function EmojiPicker({ choose }: { choose: (emoji: string) => void }) {
  return (
    <Picker.Root
      className="emoji-picker"
      columns={COLUMNS}
      resolveEmojiData={resolve}
      onEmojiSelect={({ emoji }) => choose(emoji)}
    >
      <Picker.Search id="emoji-search" autoFocus aria-label="Search emoji" placeholder="Search emoji" />
      <Picker.Viewport className="emoji-viewport">
        <Picker.Loading className="emoji-hint muted">Loading…</Picker.Loading>
        <Picker.Empty className="emoji-hint muted">No emoji has this name.</Picker.Empty>
        <Picker.List className="emoji-list" components={{ CategoryHeader, Row, Emoji }} />
      </Picker.Viewport>
      <p className="emoji-name muted">
        <Picker.ActiveEmoji>{({ emoji }) => emoji?.label ?? ""}</Picker.ActiveEmoji>
      </p>
    </Picker.Root>
  );
}

function CategoryHeader({ category, ...props }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div className="emoji-category" {...props}>
      {category.label}
    </div>
  );
}

/** The picker counts rows and columns from 0; for screen readers they count from 1. */
function counted(index: number | undefined): number {
  return (index ?? 0) + 1;
}

function Row({ "aria-rowindex": row, ...props }: EmojiPickerListRowProps) {
  const counting = { ...props, "aria-rowindex": counted(row) };
  return <div {...counting} />;
}

function Emoji({ emoji, "aria-colindex": column, ...props }: EmojiPickerListEmojiProps) {
  const counting = { ...props, "aria-colindex": counted(column) };
  return (
    <button type="button" className={emoji.isActive ? "emoji active" : "emoji"} {...counting}>
      {emoji.emoji}
    </button>
  );
}
