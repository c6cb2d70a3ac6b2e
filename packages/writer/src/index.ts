export { type WriterSettings, writerSettings } from "./settings.ts";
export { createWriter, type Writer, type WriterOptions } from "./writer.ts";
