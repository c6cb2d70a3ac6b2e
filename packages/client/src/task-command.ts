import { TASK_NAMES, type TaskName } from "@hubbub/protocol";

/** `/task search tea`: what it starts. */
export interface TaskCommand {
  readonly name: TaskName;
  readonly args: string;
}

/** What `NAME ARGUMENTS` starts; undefined: there is no such task. */
export function parseTask(words: string): TaskCommand | undefined {
  const [, typed = "", args = ""] = /^(\S+)(?:\s+([\s\S]*))?$/.exec(words.trim()) ?? [];
  const name = TASK_NAMES.find((one) => one === typed.toLowerCase());
  return name === undefined ? undefined : { name, args };
}
