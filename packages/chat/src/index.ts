export { type ChangeRequest, Changes, type ChangesOptions } from "./changes.ts";
export { encodeMessage, type NewMessage } from "./new-message.ts";
export { chatSettings } from "./settings.ts";
