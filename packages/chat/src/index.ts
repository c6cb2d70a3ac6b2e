export { admitMessage } from "./admit-message.ts";
export { type ChangeRequest, Changes, type ChangesOptions } from "./changes.ts";
export { isPlain } from "./mention-all.ts";
export { type MovedMessage, readMessageStates } from "./message-states.ts";
export { encodeMessage, type NewMessage } from "./new-message.ts";
export { type PresentMessage, readMessage } from "./present-message.ts";
export { ReadMarks, tellUser } from "./read-marks.ts";
export { chatSettings } from "./settings.ts";
