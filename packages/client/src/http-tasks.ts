import { newId, type TaskBody, type TaskInfo } from "@hubbub/protocol";
import { withLists } from "./answer-of.ts";

type Call = <Answer>(method: string, path: string, body?: object) => Promise<Answer>;

/** Work in the background for a room: docs/tasks.md. Its progress is a signal of the room, its end an event. */
export class HttpTasks {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /** The same `id` again starts nothing more. @throws HubbubError overloaded at a bound, not_member, muted */
  start(room: string, { id = newId(), ...task }: Partial<TaskBody> & Pick<TaskBody, "name">): Promise<TaskInfo> {
    return this.#call("POST", pathOf(room), { id, ...task });
  }

  /** A task of the room, with its result once it is done. @throws HubbubError unknown_task */
  get(room: string, task: string): Promise<TaskInfo> {
    return this.#call("GET", pathOf(room, task));
  }

  /** Own tasks, and those of others for moderators. What has ended stays as it is. @throws HubbubError unknown_task */
  cancel(room: string, task: string): Promise<void> {
    return this.#call("DELETE", pathOf(room, task));
  }

  /** The own tasks of all rooms, the newest first. */
  async list(): Promise<readonly TaskInfo[]> {
    return withLists(await this.#call<{ tasks: TaskInfo[] }>("GET", "/me/tasks"), "tasks").tasks;
  }
}

function pathOf(room: string, task?: string): string {
  const tasks = `/rooms/${encodeURIComponent(room)}/tasks`;
  return task === undefined ? tasks : `${tasks}/${encodeURIComponent(task)}`;
}
