/** What a task can do. Newer servers may have more. */
export const TASK_NAMES = ["stats", "search"] as const;
export type TaskName = (typeof TASK_NAMES)[number];
