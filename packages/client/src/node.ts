export { fileOutbox } from "./outbox-file.ts";
export { folderOutbox } from "./outbox-folder.ts";
