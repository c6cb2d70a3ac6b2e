export { fileOutbox } from "./outbox-file.ts";
