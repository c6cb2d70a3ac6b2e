export { createJobs, type JobsOptions } from "./jobs.ts";
